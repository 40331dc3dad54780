//! The committed tables are fresh, and a small made-up spec shows what each line of a spec does.

use super::*;

const SMALL: &str = include_str!("../../golden/small.spec");
const SMALL_QUIRKS: &str = include_str!("../../golden/small.quirks.toml");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn small(spec: &str) -> Files {
    format_all(&root(), emit(&load_texts(spec, SMALL_QUIRKS).unwrap())).unwrap()
}

/// The lines that only the first has and those that only the second has, by file.
fn changed_lines(before: &Files, after: &Files) -> Vec<(String, Vec<String>, Vec<String>)> {
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    let only = |text: &str, other: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !other.lines().any(|o| o == *line))
            .map(|line| line.trim().to_owned())
            .collect()
    };
    let pairs = before.iter().zip(after.values()).filter(|((_, before), after)| before != after);
    pairs
        .map(|((path, before), after)| (path.display().to_string(), only(before, after), only(after, before)))
        .collect()
}

#[test]
fn generated_files_are_fresh() {
    if let Err(message) = run(&root(), true) {
        panic!("{message}");
    }
}

#[test]
fn generation_is_deterministic() {
    assert_eq!(generate(&root()).unwrap(), generate(&root()).unwrap());
}

/// After a deliberate change of an emitter: `GOLDEN=write cargo test -p xtask golden`, then review the difference.
#[test]
fn golden_report_from_a_small_spec() {
    let small_root = root().join("xtask/golden/small");
    let fresh = small(SMALL);
    if std::env::var_os("GOLDEN").is_some() {
        for (path, text) in &fresh {
            let target = small_root.join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, text).unwrap();
        }
    }
    let golden = read_generated(&small_root).unwrap();
    assert_eq!(fresh.keys().collect::<Vec<_>>(), golden.keys().collect::<Vec<_>>());
    for (path, text) in &fresh {
        assert_eq!(Some(text), golden.get(path), "{}", path.display());
    }
}

#[test]
fn a_flag_changes_its_own_lines_only() {
    let line = "field id number as=VisitId filter default";
    let after = small(&SMALL.replace(line, "field id number as=VisitId filter sort default"));
    let before = small(SMALL);
    let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        changed_lines(&before, &after),
        [
            (
                format!("{CORE}/FIELDS.md"),
                own(&["| `id` | number | yes | no | yes | Identifier of the visit. |"]),
                own(&["| `id` | number | yes | yes | yes | Identifier of the visit. |"]),
            ),
            (
                format!("{CORE}/reports/visits.rs"),
                own(&[
                    "/// `id`: number; filterable; in the default answer.",
                    "pub const ID: Field<Self, VisitId, Filterable, NotSortable> = Field::generated(&FIELDS[0]);",
                    "FieldInfo::new(0, \"id\", Kind::Number, FILTER | DEFAULT, \"Identifier of the visit.\"),",
                ]),
                own(&[
                    "/// `id`: number; filterable, sortable; in the default answer.",
                    "pub const ID: Field<Self, VisitId, Filterable, Sortable> = Field::generated(&FIELDS[0]);",
                    "FieldInfo::new(0, \"id\", Kind::Number, FILTER | SORT | DEFAULT, \"Identifier of the visit.\"),",
                ]),
            ),
        ]
    );
}

#[test]
fn a_new_report_is_a_file_and_a_line() {
    let line = "\nmethod get.keys listing=Keys row=Key cost=1 audience=client each=\"One key.\" \"the keys\"\n\
        field name string filter default \"What it opens.\"\n";
    let (before, after) = (small(SMALL), small(&format!("{SMALL}{line}")));
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert_eq!(new, [&Path::new(CORE).join("reports/keys.rs")]);
    let changed: Vec<_> =
        before.iter().filter(|(path, text)| after.get(*path) != Some(text)).map(|(path, _)| path).collect();
    assert_eq!(changed, ["FIELDS.md", "reports/mod.rs"].map(|file| Path::new(CORE).join(file)).each_ref());
}

#[test]
fn the_type_of_a_column_changes_its_own_lines_only() {
    let before = small(SMALL);
    let after = small(&SMALL.replace("column=int32", "column=double"));
    let own = |line: &str| vec![line.to_owned()];
    assert_eq!(
        changed_lines(&before, &after),
        [
            (
                format!("{ARROW}/COLUMNS.md"),
                own("| `guests` | Int32 | INT32 | How many came along. |"),
                own("| `guests` | Float64 | DOUBLE | How many came along. |"),
            ),
            (
                format!("{ARROW}/visits.rs"),
                own(
                    "Column::new(\"guests\", ColumnKind::Int32, Source::Field(4), \"How many came along.\"),"
                ),
                own(
                    "Column::new(\"guests\", ColumnKind::Double, Source::Field(4), \"How many came along.\"),"
                ),
            ),
            // What has a fraction in a column has one in a record too.
            (
                format!("{CORE}/reports/visits.rs"),
                vec![
                    "pub const GUESTS: Field<Self, i64, Filterable, Sortable> = Field::generated(&FIELDS[4]);".to_owned(),
                    "guests: i64,".to_owned(),
                ],
                vec![
                    "pub const GUESTS: Field<Self, f64, Filterable, Sortable> = Field::generated(&FIELDS[4]);".to_owned(),
                    ".decimal()".to_owned(),
                    "guests: f64,".to_owned(),
                ],
            ),
        ]
    );
}

#[test]
fn a_report_has_a_file_of_its_own_with_records_of_what_is_nested() {
    let report = "enum Lock \"How it is locked.\"\nvalue 5-lever variant=Lever\n\
        method get.keys listing=Keys row=Key cost=1 audience=client subject=doors marks=filter each=\"A key.\" \"the keys\"\n\
        on callgear marks=none\nparam filter object\nparam filters array in=filter\n\
        field type enum as=Lock filter\nfield made_at iso8601 form=date\nfield rooms array\n\
        field id number in=rooms as=VisitId\nfield doors object in=rooms\nfield sort enum in=rooms.doors\nfield tags array json\n";
    let documents = [
        (SPEC.to_owned(), SMALL.to_owned(), Home::Core),
        ("report".to_owned(), report.to_owned(), Home::Reports),
    ];
    let files = format_all(&root(), emit(&load_documents(&documents, SMALL_QUIRKS).unwrap())).unwrap();
    let keys = files.get(&Path::new(REPORTS).join("keys.rs")).unwrap();
    for line in [
        "pub const TYPE: Field<Self, Lock, Filterable, NotSortable> = Field::generated(&FIELDS[0]);",
        "r#type = \"type\": Lock,",
        "made_at: NaiveDate,",
        "rooms: Nested<Vec<Room>>,",
        "doors: Nested<Doors>,",
        "sort: Word,",
        "tags: Nested<Value>,",
        "static PARAMS: [ParamInfo; 1] = [ParamInfo::new(\"filter\", Kind::Object, false)];",
        "//! | `rooms.doors.sort` | enum | no | no | no |  |",
    ] {
        assert!(keys.contains(line), "{line}\n{keys}");
    }
    let page = files.get(&Path::new(REPORTS).join("METHODS.md")).unwrap();
    assert!(
        page.contains("## Doors")
            && page.contains(
                "| [`get.keys`](keys) | the keys | 4 fields, 1 of them structures; a listing; single |"
            )
            && page.contains("| [`get.visits_report`](calllegs_core::Visits) |"),
        "{page}"
    );
    let root = files.get(&Path::new(REPORTS).join("mod.rs")).unwrap();
    assert!(root.contains("(\"doors\", &[keys::Keys::METHOD"), "{root}");
    let core: Vec<_> = files.iter().filter(|(path, _)| path.starts_with(CORE)).collect();
    let small = small(SMALL);
    assert_eq!(core, small.iter().filter(|(path, _)| path.starts_with(CORE)).collect::<Vec<_>>());
}

/// What tells rows apart, and places them, is said where it is known: a wrong line would merge rows.
#[test]
fn an_identity_and_an_order_that_cannot_be_meant_are_refused() {
    let complaint = |from: &str, to: &str| {
        let error = load_texts(&SMALL.replace(from, to), SMALL_QUIRKS).unwrap_err();
        error.split_once(": ").unwrap().1.split_once(": ").unwrap().1.to_owned()
    };
    let missing = complaint("identity id\n", "identity number\n");
    assert_eq!(missing, "`get.visits_report` has no field `number`");
    assert_eq!(complaint("order came_at", "order ending"), "`ending` is no moment");
    assert_eq!(complaint("order came_at", "order came_at names"), "`names` is no number");
    let alone = "rows are read by their starts where there is a period, and one number tells them apart";
    assert_eq!(complaint("identity id\n", "identity none\n"), alone);
    assert_eq!(complaint("identity id\n", "identity id ending\n"), alone);
}

#[test]
fn an_unused_quirk_fails() {
    let quirk = "[[quirk]]\ntarget = \"error gone\"\nnote = \"x\"\nreason = \"r\"\ndate = 2026-01-02\n";
    let error = load_texts(SMALL, quirk).unwrap_err();
    assert_eq!(error, format!("{QUIRKS}: quirk 1 (error gone): matches nothing; correct it or remove it"));
}

#[test]
fn a_mistake_in_the_spec_is_named_with_its_place() {
    let error = load_texts("\nid X", "").unwrap_err();
    assert_eq!(error, format!("{SPEC}: line 2, column 1: `id` needs a description in quotes"));
}

#[test]
fn the_check_names_files_and_the_command_and_writing_mends_them() {
    let sandbox = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let target = sandbox.path().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, text).unwrap();
    };
    write(SPEC, SMALL);
    write(QUIRKS, SMALL_QUIRKS);
    write(".rustfmt.toml", "max_width = 110\n");
    run(sandbox.path(), false).unwrap();
    assert_eq!(run(sandbox.path(), true), Ok(()));
    write(&format!("{CORE}/ids.rs"), "edited");
    write(&format!("{CORE}/reports/old.rs"), "left");
    write(&format!("{ARROW}/COLUMNS.md"), "edited");
    write(&format!("{ARROW}/old.rs"), "left");
    let message = run(sandbox.path(), true).unwrap_err();
    assert_eq!(
        message,
        format!(
            "{ARROW}/COLUMNS.md is stale\n{ARROW}/old.rs is not generated any more\n{CORE}/ids.rs is stale\n\
             {CORE}/reports/old.rs is not generated any more\nrun `cargo xtask codegen`"
        )
    );
    run(sandbox.path(), false).unwrap();
    assert_eq!(run(sandbox.path(), true), Ok(()));
    // What was emitted is a report before it is answered, and not committed.
    let report = "# ? subject=\nmethod get.keys listing=Keys row=Key cost=1 audience=client subject=doors each=\"A key.\" \"keys\"\nfield name string\n";
    write(&format!("{REPORT_SPECS}/keys.spec"), report);
    run(sandbox.path(), false).unwrap();
    let message = run(sandbox.path(), true).unwrap_err();
    assert!(message.starts_with(&format!("{REPORT_SPECS}/keys.spec: line 1: a question")), "{message}");
}

#[test]
fn stale_missing_and_surplus_files_are_told_apart() {
    let files = |names: &[(&str, &str)]| -> Files {
        names.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect()
    };
    let stale =
        compare(&files(&[("a", "1"), ("b", "1"), ("c", "1")]), &files(&[("a", "1"), ("b", "2"), ("d", "1")]));
    let stale: Vec<_> = stale.iter().map(|(path, what)| format!("{} {what}", path.display())).collect();
    assert_eq!(stale, ["b is stale", "c is missing", "d is not generated any more"]);
}

#[test]
fn the_committed_spec_has_what_the_api_documents() {
    let model = load(&root()).unwrap();
    let legs = model.method("get.call_legs_report").unwrap();
    let count = |table: &str, flag: fn(model::Flags) -> bool| {
        legs.fields.iter().filter_map(|field| field.on(table)).filter(|(_, flags)| flag(*flags)).count()
    };
    for table in ["comagic", "novofon"] {
        let counts = [
            count(table, |_| true),
            count(table, |f| f.filter),
            count(table, |f| f.sort),
            count(table, |f| f.default),
        ];
        assert_eq!(counts, [34, 27, 23, 26], "{table}");
    }
    assert_eq!(count("callgear", |_| true), 30);
    let reasons = model.enums.iter().find(|declared| declared.name == "FinishReason").unwrap();
    assert_eq!(reasons.values.len(), 64);
    assert_eq!(reasons.values.iter().map(|value| value.aliases.len()).sum::<usize>(), 5);
    let on =
        |brand: &str| reasons.values.iter().filter(|value| value.brands.iter().any(|b| b == brand)).count();
    assert_eq!([on("comagic"), on("novofon"), on("callgear")], [64, 64, 61]);
    assert_eq!(model.operators.len(), 18);
    assert_eq!(model.operators.iter().filter(|operator| operator.brands.len() == 3).count(), 10);
}
