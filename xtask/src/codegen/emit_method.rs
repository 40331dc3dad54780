//! Emits one file per method: its parameters, its fields and, for a listing, the typed constants and the record.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    HEADER, doc,
    model::{ColumnKind, Exception, Field, Flags, Kind, ListingNames, Method, Model, variant},
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
    schema.extend(names_of_fields(method));
    let mut text = format!("{HEADER}\n");
    _ = writeln!(text, "use crate::schema::{{{}}};\n", joined(&schema));
    summary(&mut text, method);
    _ = writeln!(text, "pub static {}: MethodInfo = {};\n", method.module().to_uppercase(), info(method));
    fields(&mut text, model, method);
    params(&mut text, method);
    text
}

fn listing_file(model: &Model, method: &Method, listing: &ListingNames) -> String {
    let ListingNames { name, row, each } = listing;
    let mut text = format!("{HEADER}\n");
    imports(&mut text, method);
    summary(&mut text, method);
    _ = writeln!(text, "#[derive(Clone, Copy, Debug)]\n#[non_exhaustive]\npub enum {name} {{}}\n");
    _ = writeln!(text, "impl {name} {{");
    for (index, field) in method.fields.iter().enumerate() {
        doc(&mut text, 4, &[&field.doc, &remarks(field)]);
        let [filter, sort] = marks(field.flags);
        let constant = field.name.to_uppercase();
        _ = writeln!(
            text,
            "    pub const {constant}: Field<Self, {}, {filter}, {sort}> = Field::generated(&FIELDS[{index}]);",
            rust_type(field)
        );
    }
    text.push_str("}\n\n");
    fields(&mut text, model, method);
    _ = writeln!(text, "static METHOD: MethodInfo = {};\n", info(method));
    params(&mut text, method);
    _ = writeln!(
        text,
        "impl Listing for {name} {{\n    type Row = {row};\n    const METHOD: &'static MethodInfo = &METHOD;\n}}\n"
    );
    if method.is_report() {
        _ = writeln!(text, "impl Report for {name} {{}}\n");
    }
    text.push_str("record! {\n");
    doc(&mut text, 4, &[each]);
    _ = writeln!(text, "    {row} of {name} {{");
    for field in &method.fields {
        doc(&mut text, 8, &[&field.doc]);
        _ = writeln!(text, "        {}: {},", field.name, rust_type(field));
    }
    text.push_str("    }\n}\n");
    text
}

fn imports(text: &mut String, method: &Method) {
    if method.fields.iter().any(|field| field.kind == Kind::Iso8601) {
        text.push_str("use chrono::NaiveDateTime;\n\n");
    }
    let of = |wanted: fn(Kind) -> bool| -> BTreeSet<&str> {
        let fields = method.fields.iter().filter(|field| wanted(field.kind));
        fields.filter_map(|field| field.of.as_ref()).map(|of| &*of.text).collect()
    };
    let (enums, ids) = (of(|kind| kind == Kind::Enum), of(|kind| kind != Kind::Enum));
    for (module, names) in [("enums", enums), ("ids", ids)] {
        if !names.is_empty() {
            _ = writeln!(text, "use crate::generated::{module}::{{{}}};", joined(&names));
        }
    }
    let mut schema = BTreeSet::from(["Audience", "Field", "Listing", "MethodInfo", "record"]);
    if !method.params.is_empty() {
        schema.extend(["Kind", "ParamInfo"]);
    }
    if method.is_report() {
        schema.insert("Report");
    }
    for field in &method.fields {
        schema.extend(marks(field.flags));
    }
    schema.extend(names_of_fields(method));
    _ = writeln!(text, "use crate::schema::{{{}}};\n", joined(&schema));
}

/// What the table of fields names.
fn names_of_fields(method: &Method) -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for field in &method.fields {
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
    format!("MethodInfo::new({name:?}, {cost}, Audience::{audience}, {params}, {fields})")
}

fn params(text: &mut String, method: &Method) {
    if method.params.is_empty() {
        return;
    }
    _ = writeln!(text, "static PARAMS: [ParamInfo; {}] = [", method.params.len());
    for param in &method.params {
        let (name, kind, required) = (&param.name, param.kind.variant(), param.required);
        _ = writeln!(text, "    ParamInfo::new({name:?}, Kind::{kind}, {required}),");
    }
    text.push_str("];\n\n");
}

fn fields(text: &mut String, model: &Model, method: &Method) {
    if method.fields.is_empty() {
        return;
    }
    _ = writeln!(text, "static FIELDS: [FieldInfo; {}] = [", method.fields.len());
    for (index, field) in method.fields.iter().enumerate() {
        let Field { name, kind, flags, doc, .. } = field;
        let flags = flag_names(*flags).join(" | ");
        let flags = if flags.is_empty() { "0" } else { &flags };
        _ = write!(text, "    FieldInfo::new({index}, {name:?}, Kind::{}, {flags}, {doc:?})", kind.variant());
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

fn rust_type(field: &Field) -> &str {
    if let Some(of) = &field.of {
        return &of.text;
    }
    match field.kind {
        Kind::Array => "Vec<Box<str>>",
        Kind::Boolean => "bool",
        Kind::Iso8601 => "NaiveDateTime",
        Kind::Number if field.column == Some(ColumnKind::Double) => "f64",
        Kind::Number => "i64",
        Kind::String => "Box<str>",
        // The model lets none of these through.
        Kind::Enum | Kind::Id | Kind::Object => "()",
    }
}

/// The line on what one may do with a field, and where it is different.
fn remarks(field: &Field) -> String {
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
