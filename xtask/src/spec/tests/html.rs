//! Published pages, whole and as people leave them: each oddity is read, or refused with what it is.

use std::{fmt::Write as _, fs, path::Path};

use super::*;

const SPEC: &str = "\
brand callgear \"https://callgear.example\"
brand comagic \"https://comagic.example\"
id VisitId \"A visit.\"
id GuestId \"A guest.\"
enum Door \"Which.\"
value front \"F.\"
value back \"B.\"
method get.visits listing=Visits row=Visit cost=1 audience=client each=\"A visit.\" \"visits\"
on callgear marks=filter,sort
param access_token string required
param filter object
param filters array in=filter
field id number as=VisitId filter default \"A.\"
field came_at iso8601 sort default \"A.\"
field door enum as=Door filter sort default deprecated \"A.\"
field guests array filter \"A.\"
field id number in=guests as=GuestId \"A.\"
field name string in=guests \"A.\"
field name string sort \"A.\"
";

const QUIRKS: &str = "\
[[quirk]]
target = \"kind number\"
alias = \"numeric\"
reason = \"A number all the same.\"
date = 2026-01-02
";

const HEADS: [&str; 7] =
    ["Название", "Тип", "Допустимые значения", "Фильтрация", "Сортировка", "Ответ по умолчанию", "Описание"];

const ROWS: [[&str; 7]; 7] = [
    ["<code>id</code>", "number", "", "да", "", "да", "."],
    ["came_at", "iso8601", "YYYY-MM-DD hh:mm:ss", "нет", "да", "да", "."],
    ["door", "enum", "<ul><li><code>front</code> - В</li><li>back</li></ul>", "да", "да", "да", "Устарел"],
    ["guests", "array", "", "да", "-", "", "."],
    ["id", "number", "", "", "", "", "."],
    ["name", "string", "<br>", "", "", "", "."],
    ["name", "string", "", "", "да", "", "."],
];

const SAMPLE: &str = "<pre><code>{ \"result\": { \"data\": [ { \"id\": 1 \"name\": \"string\", \"guests\": [ {
    \"id\": \"number\", \"name\": \"string\" }, ... ], \"door\": \"front\", \"came_at\": null } ] }</code></pre>";

fn row(cells: &[&str], cell: &str) -> String {
    let mut row = "<tr>".to_owned();
    for text in cells {
        _ = writeln!(row, "<{cell} align=\"left\">{text}</{cell}>");
    }
    row + "</tr>\n"
}

fn page_of(heads: &[&str], rows: &[Vec<&str>]) -> String {
    let mut page =
        String::from("<!doctype html><html><body><nav><a href='#'>Параметры ответа</a></nav><article>");
    page.push_str("<h2>Визиты</h2><table><tr><th>Метод</th><th><code>get.visits</code></th></tr></table>");
    page.push_str("<h3>Параметры запроса</h3><table><tr><th>Название</th><th>Тип</th><th>Обязательный</th>");
    page.push_str("<th>Описание</th></tr><tr><td>access_token</td><td>string</td><td>да</td><td>.</td></tr>");
    page.push_str(
        "<tr><td colspan=\"4\">Фильтры</td></tr><td>filter</td><td>object</td><td>нет</td><td>.</td></tr>",
    );
    page.push_str("<tr><td>filters</td><td>array</td><td></td><td>.</td></tr></table>");
    let rows: String = rows.iter().map(|cells| row(cells, "td")).collect();
    _ = write!(page, "<h3>Параметры ответа</h3><table>{}{rows}</table>{SAMPLE}", row(heads, "th"));
    page
}

fn page() -> String {
    page_of(&HEADS, &ROWS.map(|cells| cells.to_vec()))
}

fn model() -> Model {
    codegen::load_texts(SPEC, QUIRKS).unwrap()
}

fn imported(brand: &str, page: &str) -> Result<Value, String> {
    let (text, _) = import_text(&model(), page, brand, true)?;
    Ok(serde_json::from_str(&text).unwrap())
}

fn differences(page: &str) -> Value {
    imported("comagic", page).unwrap()["differences"].take()
}

/// The page with one cell of the table of fields changed.
fn with(at: usize, column: usize, text: &'static str) -> String {
    let mut rows = ROWS;
    *rows.get_mut(at).unwrap().get_mut(column).unwrap() = text;
    page_of(&HEADS, &rows.map(|cells| cells.to_vec()))
}

#[test]
fn a_page_is_read_exactly() {
    let answer = imported("comagic", &page()).unwrap();
    assert_eq!((&answer["differences"], &answer["ambiguous"]), (&json!([]), &json!([])));
}

#[test]
fn the_sample_page_has_what_was_planted_in_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let model = codegen::load(root).unwrap();
    let reply = import_text(&model, include_str!("legs.html"), "comagic", true).unwrap().0;
    let answer: Value = serde_json::from_str(&reply).unwrap();
    let flag = |name: &str, flag: &str, spec: bool| json!({ "kind": "flag_changed", "name": name, "flag": flag, "spec": spec, "page": !spec });
    let expected = json!([
        { "kind": "field_removed", "name": "wav_call_records" },
        flag("employee_rating", "sortable", true),
        flag("is_talked", "default", false),
        { "kind": "type_changed", "name": "contact_id", "spec": "id", "page": "number" },
        { "kind": "field_added", "name": "hold_duration", "type": "number",
          "filterable": true, "sortable": true, "default": true },
        { "kind": "reason_removed", "name": "no_money" },
        { "kind": "reason_added", "name": "robot_detected", "label": "" },
    ]);
    assert_eq!(answer["differences"], expected);
}

#[test]
fn nested_fields_are_named_with_what_they_are_part_of() {
    let flag = |name: &str, flag: &str| json!([{ "kind": "flag_changed", "name": name, "flag": flag, "spec": false, "page": true }]);
    assert_eq!(differences(&with(4, 3, "да")), flag("guests.id", "filterable"));
    assert_eq!(differences(&with(6, 3, "да")), flag("name", "filterable"));
    let outside = page().replace("\"guests\": [", "\"guests\": [], \"x\": [");
    let expected =
        json!({ "kind": "nesting_changed", "name": "guests.name", "spec": "guests.name", "page": "name" });
    assert!(differences(&outside).as_array().unwrap().contains(&expected));
    let mut rows = ROWS.map(|cells| cells.to_vec()).to_vec();
    rows.remove(4);
    let removed = json!([{ "kind": "field_removed", "name": "guests.id" }]);
    assert_eq!(differences(&page_of(&HEADS, &rows)), removed);
}

#[test]
fn a_column_of_marks_that_was_renamed_moved_or_dropped_is_refused() {
    let refused =
        |heads: &[&str], rows: &[Vec<&str>]| imported("comagic", &page_of(heads, rows)).unwrap_err();
    let rows = ROWS.map(|cells| cells.to_vec()).to_vec();
    let mut heads = HEADS;
    heads[4] = "Можно сортировать";
    assert!(
        refused(&heads, &rows)
            .contains("under `Параметры ответа`: the header cell `Можно сортировать` is not known")
    );
    let mut heads = HEADS;
    heads.swap(3, 4);
    assert!(refused(&heads, &rows).contains("`Фильтрация` stands behind `Сортировка`"));
    let mut heads = HEADS;
    heads[4] = "Фильтрация";
    assert!(refused(&heads, &rows).contains("`Фильтрация` stands there twice"));
    for column in 3..6 {
        let without = |cells: &[&'static str]| {
            let mut cells = cells.to_vec();
            cells.remove(column);
            cells
        };
        let rows: Vec<_> = ROWS.iter().map(|cells| without(cells)).collect();
        let error = refused(&without(&HEADS), &rows);
        let gone = HEADS.get(column).unwrap().to_lowercase();
        assert!(
            error.contains(&format!("no header cell `{gone}`, which the spec knows on this page")),
            "{error}"
        );
    }
    let mut heads = HEADS;
    heads[0] = "Имя";
    assert!(refused(&heads, &rows).contains("`Имя` is not known"));
}

#[test]
fn english_pages_and_their_own_columns_are_read() {
    let heads = ["Title", "Type", "Allowed values", "Filtering", "Sorting", "Description"];
    let rows = ROWS.map(|cells| {
        let mut cells = cells
            .map(|cell| match cell {
                "да" => "yes",
                "нет" => "No",
                "Устарел" => "( deprecated )",
                cell => cell,
            })
            .to_vec();
        cells.remove(5);
        cells
    });
    let english =
        page_of(&heads, &rows).replace("Параметры ответа", "Response parameters").replace("Метод", "Method");
    assert_eq!(imported("callgear", &english).unwrap()["differences"], json!([]));
    assert!(
        imported("callgear", &page())
            .unwrap_err()
            .contains("`ответ по умолчанию`, which the spec does not know")
    );
}

#[test]
fn types_are_compared_as_they_are_spelt() {
    assert_eq!(
        differences(&with(0, 1, "nustringmber")),
        json!([{ "kind": "type_changed", "name": "id", "spec": "number", "page": "nustringmber" }])
    );
    assert_eq!(
        differences(&with(0, 1, "")),
        json!([{ "kind": "type_changed", "name": "id", "spec": "number", "page": "" }])
    );
    assert_eq!(differences(&with(0, 1, "numeric")), json!([]));
    assert_eq!(
        differences(&with(1, 2, "YYYY-MM-DD")),
        json!([{ "kind": "values_changed", "name": "came_at", "spec": ["YYYY-MM-DD hh:mm:ss"], "page": ["YYYY-MM-DD"] }])
    );
}

#[test]
fn lists_of_words_are_read_as_they_are_written() {
    for list in [
        "<code>front</code>, <code>back</code>",
        "front, back",
        "`front`, `back`",
        "\"back\", \"front\"",
        "front - the one; back - the other.",
        "<ul><code>front</code> <code>back</code></ul>",
        "<li>front</li><li>back - сзади;</li>",
    ] {
        assert_eq!(differences(&with(2, 2, list)), json!([]), "{list}");
    }
    let more = differences(&with(2, 2, "front, back, roof"));
    assert_eq!(more[0]["page"], json!(["front", "back", "roof"]));
}

#[test]
fn rows_that_lack_cells_tell_less_and_say_so() {
    let mut rows = ROWS.map(|cells| cells.to_vec()).to_vec();
    *rows.get_mut(0).unwrap() = vec!["id", "number", "да", "."];
    let answer = imported("comagic", &page_of(&HEADS, &rows)).unwrap();
    assert_eq!(answer["differences"], json!([]));
    let unknown = json!(["filterable", "sortable", "default"]);
    let ambiguous = json!([{ "name": "id", "marks": [], "columns": 3, "unknown": unknown }]);
    assert_eq!(answer["ambiguous"], ambiguous);
    let answer = imported("comagic", &with(0, 3, "number")).unwrap();
    assert_eq!(
        (&answer["differences"], &answer["ambiguous"][0]["unknown"]),
        (&json!([]), &json!(["filterable"]))
    );
}

#[test]
fn rows_that_forgot_to_end_are_two() {
    let glued = page().replace("</tr>\n<tr><td align=\"left\">came_at", "<td align=\"left\">came_at");
    assert_eq!(differences(&glued), json!([]));
    let captioned =
        page().replace("<tr><td align=\"left\">guests", "<tr><td colspan=\"7\">Гости</td><td>guests");
    assert_eq!(differences(&captioned), json!([]));
}

#[test]
fn the_method_can_stand_in_the_sample_alone() {
    let method = "<table><tr><th>Метод</th><th><code>get.visits</code></th></tr></table>";
    let sample = "<pre>{ \"method\":\"get.visits\" }</pre>";
    assert_eq!(differences(&page().replace(method, sample)), json!([]));
    assert!(imported("comagic", &page().replace(method, "")).unwrap_err().contains("names the method"));
    let on_the_api = format!("<h1>API</h1>{sample}");
    assert!(imported("comagic", &on_the_api).unwrap_err().contains("names the method"));
}

const FACTS: &str = "\
method,kind,name,type,required,values,filter,sort,default,deprecated
get.visits,param,access_token,string,yes,,,,,
get.visits,param,filter,object,no,,,,,
get.visits,param,filters,array,,,,,,
get.visits,field,id,number,,,yes,no,,
get.visits,field,came_at,iso8601,,,no,yes,,
get.visits,field,door,enum,,frontback,yes,yes,,yes
get.visits,field,guests,array,,,yes,no,,
get.visits,field,Guests,,,,no,no,,
get.visits,field,id,numeric,,,no,no,,
get.visits,field,name,string,,,no,no,,
get.visits,field,name,string,,,no,yes,,
getobj.visit,field,id,number,,,,,,
";

fn all(paths: &[(&str, &str)], request: Request) -> (Value, Verdict) {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in paths {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let paths = request.paths.iter().map(|path| folder.path().join(path)).collect();
    let also = request.also.iter().map(|(brand, path)| (brand.clone(), folder.path().join(path))).collect();
    let json = request.json;
    let (text, verdict) = answer(&model(), &Request { paths, also, ..request }).unwrap();
    (if json { serde_json::from_str(&text).unwrap() } else { Value::from(text) }, verdict)
}

fn facts(text: &str) -> (Value, Verdict) {
    all(
        &[("comagic.csv", text)],
        Request { paths: vec!["comagic.csv".into()], json: true, ..Request::default() },
    )
}

#[test]
fn facts_are_read_by_the_same_rules() {
    let (answer, verdict) = facts(FACTS);
    assert_eq!((&answer["methods"][0]["fate"], verdict), (&json!("same"), Verdict::NoDrift), "{answer:#}");
    let (answer, verdict) = facts(&FACTS.replace("came_at,iso8601,,,no,yes", "came_at,iso8601,,,no,no"));
    let flag =
        json!({ "kind": "flag_changed", "name": "came_at", "flag": "sortable", "spec": true, "page": false });
    assert_eq!((&answer["methods"][0]["method"], verdict), (&json!("get.visits"), Verdict::Drift));
    assert_eq!(answer["methods"][0]["differences"], json!([flag]));
}

#[test]
fn a_folder_becomes_a_table_over_every_method() {
    let other = page().replace("get.visits", "get.doors");
    let broken =
        page().replace("get.visits", "get.walls").replace("<th align=\"left\">Сортировка", "<th>Порядок");
    let index = "<h1>API</h1>";
    let files = [("a/index.html", &*other), ("b/index.html", &*broken), ("index.html", index)];
    let folder = || Request { paths: vec![".".into()], all: true, json: true, ..Request::default() };
    let (answer, verdict) = all(&files, folder());
    assert_eq!(verdict, Verdict::Unreadable);
    let fates: Vec<_> =
        answer["methods"].as_array().unwrap().iter().map(|row| (&row["method"], &row["fate"])).collect();
    assert_eq!(fates, [(&json!("get.doors"), &json!("new")), (&json!("get.visits"), &json!("gone"))]);
    assert_eq!(answer["unreadable"][0]["page"], "b/index.html");
    assert!(answer["unreadable"][0]["reason"].as_str().unwrap().contains("`Порядок` is not known"));
    assert_eq!(answer["other_pages"], 1);
    let (text, verdict) = all(&[("a.html", &*page())], Request { json: false, ..folder() });
    assert_eq!(verdict, Verdict::NoDrift);
    let text = text.as_str().unwrap().to_owned();
    assert_eq!(
        text,
        "comagic: 1 same, 0 drifted, 0 new, 0 gone, 0 unreadable; 0 pages of other things\nsame       get.visits\n"
    );
}

#[test]
fn what_is_emitted_is_a_spec_and_has_no_drift() {
    let page =
        page().replace("get.visits", "get.doors").replace("\"id\": 1", "\"id\": 1, \"photos\": [\"string\"]");
    let page = page.replace("</table><pre>", "<tr><td>photos</td><td>array</td><td></td><td></td><td>wrong</td><td></td><td>.</td></tr></table><pre>");
    let other = page.replace("<td align=\"left\">door</td>", "<td align=\"left\">gate</td>");
    let files = [("page.html", &*page), ("other.html", &*other)];
    let request = Request {
        paths: vec!["page.html".into()],
        also: vec![("callgear".to_owned(), "other.html".into())],
        emit: true,
        ..Request::default()
    };
    let (text, verdict) = all(&files, request);
    let text = text.as_str().unwrap().to_owned();
    assert_eq!(verdict, Verdict::NoDrift);
    for line in [
        "method get.doors listing=Doors row=DoorsRow cost=1 audience=everybody subject=other each=\"One row of doors.\" \"the doors\"",
        "param filters array in=filter\n",
        "field gate enum as=Door filter sort default deprecated\non comagic absent\nfield door enum as=Door",
        "field id number in=guests as=GuestId\n",
        "# ? photos: the row lacks cells or marks, so its flags cannot be known\nfield photos array\n",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let documents = [
        ("core".to_owned(), SPEC.to_owned(), codegen::model::Home::Core),
        ("report".to_owned(), text, codegen::model::Home::Reports),
    ];
    let model = codegen::load_documents(&documents, QUIRKS).unwrap();
    for (brand, page) in [("comagic", page), ("callgear", other)] {
        let (text, verdict) = import_text(&model, &page, brand, false).unwrap();
        assert_eq!(verdict, Verdict::NoDrift, "{text}");
    }
}

#[test]
fn what_tells_rows_apart_is_asked_and_a_safe_line_is_written() {
    let param = |name: &str, required: &str| {
        format!("<tr><td>{name}</td><td>string</td><td>{required}</td><td>.</td></tr>")
    };
    let emitted = |names: &[&str], page: &str| {
        let params: String = names.iter().map(|name| param(name, "да")).collect();
        let page = page.replace("get.visits", "get.doors").replacen(
            "<tr><td>filters",
            &format!("{params}<tr><td>filters"),
            1,
        );
        let request = Request { paths: vec!["page.html".into()], emit: true, ..Request::default() };
        all(&[("page.html", &*page)], request).0.as_str().unwrap().to_owned()
    };
    let paged = ["limit", "offset", "date_from", "date_till"];
    let text = emitted(&paged, &page());
    for line in ["# ? identity: does `id` alone", "identity id\n", "# ? order: which moment (came_at)"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    let of_another = emitted(
        &paged[..2],
        &page().replacen("<code>id</code>", "room_id", 1).replace("\"id\": 1", "\"room_id\": 1"),
    );
    assert!(of_another.contains("known (is it room_id?)\nidentity none\n"), "{of_another}");
    // One answer needs neither.
    assert!(!emitted(&[], &page()).contains("identity"));
}
