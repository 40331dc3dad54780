//! Emits the enums, their tables of labels, and the identifier types.

use std::fmt::Write as _;

use super::{
    HEADER, REPORTS_HEADER, brand_list, doc,
    model::{Alias, Enum, Home, Model},
};

pub(super) fn enums(model: &Model, home: Home) -> String {
    let enums: Vec<_> = model.enums.iter().filter(|declared| declared.home == home).collect();
    let is_labelled = enums.iter().any(|declared| declared.labels.is_some());
    let mut text = match home {
        Home::Core => format!("{HEADER}\n"),
        Home::Reports => format!(
            "{REPORTS_HEADER}//!\n//! Words of the reports. All enums are open: the server may use others.\n\n"
        ),
    };
    let mut names: Vec<_> = enums.iter().map(|declared| &*declared.name).collect();
    match home {
        Home::Core if enums.is_empty() => {}
        Home::Core => {
            let schema = if is_labelled { "{Brand, ReasonInfo, enum_values}" } else { "enum_values" };
            _ = writeln!(text, "use crate::schema::{schema};");
            text.push_str("use crate::value::open_enum::open_enum;\n");
        }
        Home::Reports => {
            if is_labelled {
                text.push_str("use calllegs_core::schema::{Brand, ReasonInfo};\n");
            }
            text.push_str("use calllegs_core::{enum_values, open_enum};\n");
            // The words of other crates beside them, so that reports find all in one place.
            let core = model.enums.iter().filter(|declared| declared.home == Home::Core);
            let core: Vec<_> = core.map(|declared| &*declared.name).collect();
            if !core.is_empty() {
                _ = writeln!(text, "pub use calllegs_core::{{{}}};", core.join(", "));
            }
            text.push_str("\nopen_enum! {\n    /// A word where no page lists the words.\n    Word {}\n}\n");
            names.push("Word");
        }
    }
    for declared in enums {
        enumeration(&mut text, declared);
    }
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
        let wire = format!("`{}`.", value.word);
        let description = if value.doc.is_empty() { &wire } else { &value.doc };
        doc(text, 8, &paragraphs(description, &notes));
        word(text, &value.variant, &value.word, &value.aliases);
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
pub(super) fn word(text: &mut String, variant: &str, word: &str, aliases: &[Alias]) {
    _ = write!(text, "        {variant} = {word:?}");
    for alias in aliases {
        _ = write!(text, " | {:?}", alias.spelling);
    }
    text.push_str(",\n");
}

/// A description, and notes when there are any.
pub(super) fn paragraphs<'a>(description: &'a str, notes: &'a str) -> Vec<&'a str> {
    [description, notes].into_iter().filter(|paragraph| !paragraph.is_empty()).collect()
}

pub(super) fn ids(model: &Model, home: Home) -> String {
    let ids: Vec<_> = model.ids.iter().filter(|id| id.home == home).collect();
    let mut text = match home {
        Home::Core => format!("{HEADER}\n"),
        Home::Reports => {
            format!("{REPORTS_HEADER}//!\n//! Identifiers in reports, those of the core among them.\n\n")
        }
    };
    if ids.is_empty() {
        return text;
    }
    match home {
        Home::Core => text.push_str("use crate::schema::id_values;\nuse crate::value::id::id_type;\n"),
        Home::Reports => {
            text.push_str("use calllegs_core::{id_type, id_values};\n");
            let core = model.ids.iter().filter(|id| id.home == Home::Core);
            let core: Vec<_> = core.map(|id| &*id.name).collect();
            _ = writeln!(text, "pub use calllegs_core::{{{}}};", core.join(", "));
        }
    }
    text.push_str("\nid_type! {\n");
    for id in &ids {
        doc(&mut text, 4, &[&id.doc]);
        _ = writeln!(text, "    {}", id.name);
    }
    let names: Vec<_> = ids.iter().map(|id| &*id.name).collect();
    _ = writeln!(text, "}}\n\nid_values!({});", names.join(", "));
    text
}
