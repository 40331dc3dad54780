//! Emits the enums, their tables of labels, and the identifier types.

use std::fmt::Write as _;

use super::{
    HEADER, brand_list, doc,
    model::{Alias, Enum, Model, variant},
};

pub(super) fn enums(model: &Model) -> String {
    let mut text = format!("{HEADER}\n");
    if !model.enums.is_empty() {
        let is_labelled = model.enums.iter().any(|declared| declared.labels.is_some());
        let schema = if is_labelled { "{Brand, ReasonInfo, enum_values}" } else { "enum_values" };
        _ = writeln!(text, "use crate::schema::{schema};");
        text.push_str("use crate::value::open_enum::open_enum;\n");
    }
    for declared in &model.enums {
        enumeration(&mut text, declared);
    }
    let names: Vec<_> = model.enums.iter().map(|declared| &*declared.name).collect();
    if !names.is_empty() {
        _ = writeln!(text, "\nenum_values!({});", names.join(", "));
    }
    text
}

fn enumeration(text: &mut String, declared: &Enum) {
    let name = &declared.name;
    text.push_str("\nopen_enum! {\n");
    doc(text, 4, &[&declared.doc]);
    _ = writeln!(text, "    {name} {{");
    for value in &declared.values {
        let notes = value.notes.join(" ");
        doc(text, 8, &paragraphs(&value.doc, &notes));
        word(text, &value.word, &value.aliases);
    }
    text.push_str("    }\n}\n");
    let Some(labels) = &declared.labels else { return };
    text.push('\n');
    doc(text, 0, &[&format!("The labels of [`{name}`], in the order of [`{name}::ALL`].")]);
    _ = writeln!(text, "pub static {labels}: [ReasonInfo<{name}>; {}] = [", declared.values.len());
    for value in &declared.values {
        if let Some(labels) = &value.labels {
            let (variant, brands) = (&value.variant, brand_list(&value.brands));
            _ = writeln!(
                text,
                "    ReasonInfo::new({name}::{variant}, {:?}, {:?}, {brands}),",
                labels.ru, labels.en
            );
        }
    }
    text.push_str("];\n");
}

/// One line of `open_enum!`.
pub(super) fn word(text: &mut String, word: &str, aliases: &[Alias]) {
    _ = write!(text, "        {} = {word:?}", variant(word));
    for alias in aliases {
        _ = write!(text, " | {:?}", alias.spelling);
    }
    text.push_str(",\n");
}

/// A description, and notes when there are any.
pub(super) fn paragraphs<'a>(description: &'a str, notes: &'a str) -> Vec<&'a str> {
    [description, notes].into_iter().filter(|paragraph| !paragraph.is_empty()).collect()
}

pub(super) fn ids(model: &Model) -> String {
    let mut text = format!("{HEADER}\n");
    if model.ids.is_empty() {
        return text;
    }
    text.push_str("use crate::schema::id_values;\nuse crate::value::id::id_type;\n\nid_type! {\n");
    for id in &model.ids {
        doc(&mut text, 4, &[&id.doc]);
        _ = writeln!(text, "    {}", id.name);
    }
    let names: Vec<_> = model.ids.iter().map(|id| &*id.name).collect();
    _ = writeln!(text, "}}\n\nid_values!({});", names.join(", "));
    text
}
