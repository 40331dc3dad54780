//! Emits one file per method: its parameters, its fields and, for a listing, the typed constants and the record.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    HEADER, brand_list, doc, emit_reports,
    model::{
        ColumnKind, Exception, Field, Flags, Home, Kind, ListingNames, Method, Model, TimeForm, variant,
    },
};

pub(super) fn file(model: &Model, method: &Method) -> String {
    match &method.listing {
        Some(listing) => listing_file(model, method, listing),
        None => call_file(model, method),
    }
}

fn call_file(model: &Model, method: &Method) -> String {
    let mut schema = BTreeSet::from(["Audience", "MethodInfo"]);
    if !method.params.is_empty() {
        schema.extend(["Kind", "ParamInfo"]);
    }
    schema.extend(names_of_fields(&method.fields.iter().collect::<Vec<_>>()));
    let mut text = format!("{HEADER}\n");
    _ = writeln!(text, "use crate::schema::{{{}}};\n", joined(&schema));
    summary(&mut text, method);
    _ = writeln!(text, "pub static {}: MethodInfo = {};\n", method.module().to_uppercase(), info(method));
    table(&mut text, model, "FIELDS", &method.fields, &[]);
    params(&mut text, method);
    text
}

fn listing_file(model: &Model, method: &Method, listing: &ListingNames) -> String {
    let ListingNames { name, row, each } = listing;
    let parts = parts_of(method, listing);
    let is_core = method.home == Home::Core;
    let mut text = if is_core { format!("{HEADER}\n") } else { emit_reports::opening(model, method) };
    imports(&mut text, method);
    summary(&mut text, method);
    _ = writeln!(text, "#[derive(Clone, Copy, Debug)]\n#[non_exhaustive]\npub enum {name} {{}}\n");
    _ = writeln!(text, "impl {name} {{");
    for (index, field) in method.fields.iter().enumerate() {
        doc(&mut text, 4, &super::emit_enum::paragraphs(&field.doc, &remarks(field)));
        let [filter, sort] = marks(field.flags);
        let constant = field.name.to_uppercase();
        _ = writeln!(
            text,
            "    pub const {constant}: Field<Self, {}, {filter}, {sort}> = Field::generated(&FIELDS[{index}]);",
            rust_type(field, &parts)
        );
    }
    text.push_str("}\n\n");
    table(&mut text, model, "FIELDS", &method.fields, &parts);
    _ = writeln!(text, "static METHOD: MethodInfo = {};\n", info(method));
    params(&mut text, method);
    _ = writeln!(
        text,
        "impl Listing for {name} {{\n    type Row = {row};\n    const METHOD: &'static MethodInfo = &METHOD;\n}}\n"
    );
    if method.is_report() {
        _ = writeln!(text, "impl Report for {name} {{}}\n");
    }
    record(&mut text, row, "FIELDS", each, &method.fields, &parts);
    for part in &parts {
        let what = format!("One of `{}` of a [`{row}`].", part.path);
        text.push('\n');
        table(&mut text, model, &part.table(), &part.field.members, &parts);
        record(&mut text, &part.name, &part.table(), &what, &part.field.members, &parts);
    }
    text
}

/// The record inside a row that a field is made of.
pub(super) struct Part<'a> {
    pub(super) field: &'a Field,
    pub(super) path: String,
    pub(super) name: String,
}

impl Part<'_> {
    /// `CoachId` -> `COACH_ID_FIELDS`.
    fn table(&self) -> String {
        let mut table = String::new();
        for letter in self.name.chars() {
            if letter.is_ascii_uppercase() && !table.is_empty() {
                table.push('_');
            }
            table.push(letter.to_ascii_uppercase());
        }
        table + "_FIELDS"
    }
}

/// The records inside the rows of a method. Each has the name of its field, and of those around it where that is taken.
pub(super) fn parts_of<'a>(method: &'a Method, listing: &ListingNames) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (path, field) in method.all_fields() {
        if field.members.is_empty() {
            continue;
        }
        let one = |word: &str| {
            let is_list = field.kind == Kind::Array && !word.ends_with("ss");
            let stem = |ending: &str| word.strip_suffix(ending).filter(|_| is_list);
            match (stem("ies"), stem("sses"), stem("xes"), stem("s")) {
                (Some(stem), ..) => variant(&format!("{stem}y")),
                (_, Some(stem), ..) => variant(&format!("{stem}ss")),
                (_, _, Some(stem), _) => variant(&format!("{stem}x")),
                (.., Some(stem)) => variant(stem),
                (None, None, None, None) => variant(word),
            }
        };
        let words: Vec<_> = path.split('.').collect();
        let is_taken = |name: &String| {
            TAKEN.contains(&&**name)
                || [&listing.name, &listing.row].contains(&name)
                || parts.iter().any(|part| part.name == *name)
        };
        let names = (0..words.len()).rev().map(|from| {
            let around: String = words
                .get(from..words.len() - 1)
                .unwrap_or_default()
                .iter()
                .map(|word| variant(word))
                .collect();
            around + &one(words.last().copied().unwrap_or_default())
        });
        let name = names.into_iter().find(|name| !is_taken(name));
        let name = name.unwrap_or_else(|| format!("{}{}", listing.row, variant(&path.replace('.', "_"))));
        parts.push(Part { field, path, name });
    }
    parts
}

/// Names that the files of reports import.
const TAKEN: [&str; 13] = [
    "Audience",
    "Box",
    "Brand",
    "Direction",
    "Field",
    "Kind",
    "Listing",
    "Nested",
    "Report",
    "Self",
    "Value",
    "Vec",
    "Word",
];

fn record(text: &mut String, name: &str, table: &str, each: &str, fields: &[Field], parts: &[Part<'_>]) {
    text.push_str("record! {\n");
    doc(text, 4, &[each]);
    _ = writeln!(text, "    {name} of {table} {{");
    for field in fields {
        let facts = remarks(field);
        doc(text, 8, &[if field.doc.is_empty() { &facts } else { &field.doc }]);
        let called = if KEYWORDS.contains(&&*field.name) {
            format!("r#{0} = {0:?}", field.name)
        } else {
            field.name.clone()
        };
        _ = writeln!(text, "        {called}: {},", rust_type(field, parts));
    }
    text.push_str("    }\n}\n");
}

fn imports(text: &mut String, method: &Method) {
    let is_core = method.home == Home::Core;
    let all: Vec<_> = method.all_fields().into_iter().map(|(_, field)| field).collect();
    let root = if is_core { "crate" } else { "calllegs_core" };
    let has = |wanted: fn(&Field) -> bool| all.iter().any(|field| wanted(field));
    let chrono = if is_core { "chrono" } else { "calllegs_core::chrono" };
    let is_time = |field: &&&Field| field.kind == Kind::Iso8601;
    let times: BTreeSet<_> = all
        .iter()
        .filter(is_time)
        .filter_map(|field| match field.form {
            TimeForm::Moment => Some("NaiveDateTime"),
            TimeForm::Date => Some("NaiveDate"),
            TimeForm::Clock => None,
        })
        .collect();
    if !times.is_empty() {
        _ = writeln!(text, "use {chrono}::{{{}}};", joined(&times));
    }
    if has(is_raw) {
        text.push_str("use serde_json::Value;\n");
    }
    if is_core && !times.is_empty() {
        text.push('\n');
    }
    let of = |wanted: fn(Kind) -> bool| -> BTreeSet<&str> {
        let fields = all.iter().filter(|field| wanted(field.kind));
        fields.filter_map(|field| field.of.as_ref()).map(|of| &*of.text).collect()
    };
    let (mut enums, ids) = (of(|kind| kind == Kind::Enum), of(|kind| kind != Kind::Enum));
    if has(|field| field.kind == Kind::Enum && field.of.is_none()) {
        enums.insert("Word");
    }
    for (module, names) in [("enums", enums), ("ids", ids)] {
        if !names.is_empty() {
            let place = if is_core { "crate::generated" } else { "crate" };
            _ = writeln!(text, "use {place}::{module}::{{{}}};", joined(&names));
        }
    }
    let mut schema = BTreeSet::from(["Audience", "Field", "Listing", "MethodInfo"]);
    if is_core {
        schema.insert("record");
    } else {
        _ = writeln!(text, "use {root}::record;");
        if has(|field| !field.members.is_empty() || is_raw(field)) {
            schema.insert("Nested");
        }
        if method.brands.len() < 3 {
            schema.insert("Brand");
        }
    }
    if !method.params.is_empty() {
        schema.extend(["Kind", "ParamInfo"]);
    }
    if method.is_report() {
        schema.insert("Report");
    }
    for field in &method.fields {
        schema.extend(marks(field.flags));
    }
    schema.extend(names_of_fields(&all));
    _ = writeln!(text, "use {root}::schema::{{{}}};\n", joined(&schema));
}

/// What the table of fields names.
fn names_of_fields(fields: &[&Field]) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for field in fields {
        names.extend(["FieldInfo", "Kind"]);
        names.extend(flag_names(field.flags));
        for exception in field.exceptions.values() {
            match exception {
                Exception::Absent => _ = names.insert("Brand"),
                Exception::Other { flags: Some(flags), .. } => {
                    names.insert("Brand");
                    names.extend(if *flags == Flags::default() {
                        vec!["DOCUMENTED"]
                    } else {
                        flag_names(*flags)
                    });
                }
                Exception::Other { flags: None, .. } => {}
            }
        }
    }
    names
}

fn joined(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}

fn summary(text: &mut String, method: &Method) {
    let line = format!("`{}`: {}.", method.name, method.summary);
    let notes = method.notes.join(" ");
    doc(text, 0, &super::emit_enum::paragraphs(&line, &notes));
}

fn info(method: &Method) -> String {
    let params = if method.params.is_empty() { "&[]" } else { "&PARAMS" };
    let fields = if method.fields.is_empty() { "&[]" } else { "&FIELDS" };
    let Method { name, cost, audience, .. } = method;
    let mut info = format!("MethodInfo::new({name:?}, {cost}, Audience::{audience}, {params}, {fields})");
    if method.home == Home::Reports && method.brands.len() < 3 {
        _ = write!(info, ".only_on({})", brand_list(&method.brands));
    }
    let order = method.order.iter().map(|word| &*word.text).collect();
    for (said, fields) in [("identified_by", method.identity()), ("ordered_by", order)] {
        if !fields.is_empty() {
            _ = write!(info, ".{said}(&{fields:?})");
        }
    }
    info
}

fn params(text: &mut String, method: &Method) {
    if method.params.is_empty() {
        return;
    }
    // What is part of another one is said in it.
    let outer: Vec<_> = method.params.iter().filter(|param| param.part_of.is_none()).collect();
    _ = writeln!(text, "static PARAMS: [ParamInfo; {}] = [", outer.len());
    for param in outer {
        let (name, kind, required) = (&param.name, param.kind.variant(), param.required);
        _ = writeln!(text, "    ParamInfo::new({name:?}, Kind::{kind}, {required}),");
    }
    text.push_str("];\n\n");
}

fn table(text: &mut String, model: &Model, name: &str, fields: &[Field], parts: &[Part<'_>]) {
    if fields.is_empty() {
        return;
    }
    _ = writeln!(text, "static {name}: [FieldInfo; {}] = [", fields.len());
    for (index, field) in fields.iter().enumerate() {
        let Field { name, flags, doc, .. } = field;
        let flags = flag_names(*flags).join(" | ");
        let flags = if flags.is_empty() { "0" } else { &flags };
        // What filters would take for a moment is none.
        let is_clock = field.kind == Kind::Iso8601 && field.form == TimeForm::Clock;
        let kind = if is_clock { Kind::String } else { field.kind };
        _ = write!(text, "    FieldInfo::new({index}, {name:?}, Kind::{}, {flags}, {doc:?})", kind.variant());
        if let Some(part) = part(field, parts) {
            _ = write!(text, "\n        .members(&{})", part.table());
        } else if field.is_json {
            text.push_str("\n        .json()");
        }
        if field.column == Some(ColumnKind::Double) {
            text.push_str("\n        .decimal()");
        }
        for (brand, exception) in &field.exceptions {
            let flags = match exception {
                Exception::Absent => "0".to_owned(),
                Exception::Other { flags: Some(flags), .. } if *flags == Flags::default() => {
                    "DOCUMENTED".to_owned()
                }
                Exception::Other { flags: Some(flags), .. } => flag_names(*flags).join(" | "),
                Exception::Other { flags: None, .. } => continue,
            };
            _ = write!(text, "\n        .on(Brand::{}, {flags})", variant(brand));
        }
        if field.deprecated {
            text.push_str("\n        .deprecated()");
        }
        if let Some(words) = model.words_of(field) {
            _ = write!(text, "\n        .words_of({0}::WORDS, {0}::ALIASES)", words.name);
        }
        text.push_str(",\n");
    }
    text.push_str("];\n\n");
}

fn flag_names(flags: Flags) -> Vec<&'static str> {
    let Flags { filter, sort, default } = flags;
    [(filter, "FILTER"), (sort, "SORT"), (default, "DEFAULT")]
        .into_iter()
        .filter_map(|(set, name)| set.then_some(name))
        .collect()
}

/// The types that tell whether a field may stand in filters and in sorts.
fn marks(flags: Flags) -> [&'static str; 2] {
    [
        if flags.filter { "Filterable" } else { "NotFilterable" },
        if flags.sort { "Sortable" } else { "NotSortable" },
    ]
}

fn part<'a, 'b>(field: &Field, parts: &'b [Part<'a>]) -> Option<&'b Part<'a>> {
    parts.iter().find(|part| std::ptr::eq(part.field, field))
}

/// Whether its values stay JSON.
fn is_raw(field: &Field) -> bool {
    field.members.is_empty() && (field.kind == Kind::Object || field.is_json)
}

fn rust_type(field: &Field, parts: &[Part<'_>]) -> String {
    if let Some(of) = &field.of {
        return of.text.clone();
    }
    let plain = match field.kind {
        Kind::Array | Kind::Object if is_raw(field) => "Nested<Value>",
        Kind::Array | Kind::Object => match part(field, parts) {
            Some(part) if field.kind == Kind::Array => return format!("Nested<Vec<{}>>", part.name),
            Some(part) => return format!("Nested<{}>", part.name),
            None => "Vec<Box<str>>",
        },
        Kind::Boolean => "bool",
        Kind::Iso8601 => match field.form {
            TimeForm::Moment => "NaiveDateTime",
            TimeForm::Date => "NaiveDate",
            TimeForm::Clock => "Box<str>",
        },
        Kind::Number if field.column == Some(ColumnKind::Double) => "f64",
        Kind::Number => "i64",
        Kind::String => "Box<str>",
        Kind::Enum => "Word",
        // The model lets none through.
        Kind::Id => "()",
    };
    plain.to_owned()
}

/// Names that a member of a struct has with `r#` before them.
const KEYWORDS: [&str; 37] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else",
    "enum", "extern", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "match", "mod", "move",
    "mut", "pub", "ref", "return", "static", "struct", "trait", "type", "use", "where", "while",
];

/// The line on what one may do with a field, and where it is different.
pub(super) fn remarks(field: &Field) -> String {
    let Field { name, kind, flags, .. } = field;
    let usable = match (flags.filter, flags.sort) {
        (true, true) => "filterable, sortable",
        (true, false) => "filterable",
        (false, true) => "sortable",
        (false, false) => "neither filterable nor sortable",
    };
    let default = if flags.default { "in the default answer" } else { "only when asked for" };
    let mut text = format!("`{name}`: {}; {usable}; {default}.", kind.word());
    if field.deprecated {
        text.push_str(" Deprecated: announced to disappear, so a server may refuse it.");
    }
    for (brand, exception) in &field.exceptions {
        match exception {
            Exception::Absent => _ = write!(text, " The page of `{brand}` does not list it."),
            Exception::Other { kind, flags } => {
                if let Some(kind) = kind {
                    _ = write!(text, " On `{brand}` its type is `{}`.", kind.word());
                }
                if let Some(flags) = flags {
                    let names = flag_names(*flags).join(", ").to_lowercase();
                    let names = if names.is_empty() { "none" } else { &names };
                    _ = write!(text, " On `{brand}` its flags are: {names}.");
                }
            }
        }
    }
    for note in &field.notes {
        _ = write!(text, " {note}");
    }
    text
}
