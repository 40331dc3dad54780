//! Emits the columns of files: a table per listing that has any, and `COLUMNS.md`, the same for people.

use std::fmt::Write as _;

use super::{
    HEADER, doc,
    emit_docs::{PAGE_HEADER, cell},
    model::{Column, ColumnKind, Method, Model, variant},
};

pub(super) fn file(method: &Method) -> String {
    let mut text = format!("{HEADER}\nuse crate::schema::{{Column, ColumnKind, Source}};\n\n");
    let line = format!("The columns of `{}`, in the order in which files have them.", method.name);
    doc(&mut text, 0, &[&line]);
    _ = writeln!(text, "pub(crate) static COLUMNS: [Column; {}] = [", method.columns.len());
    for Column { name, kind, field, doc } in &method.columns {
        let source = match field {
            Some(place) => format!("Field({place})"),
            None => variant(name),
        };
        _ = writeln!(
            text,
            "    Column::new({name:?}, ColumnKind::{}, Source::{source}, {doc:?}),",
            kind.variant()
        );
    }
    text.push_str("];\n");
    text
}

pub(super) fn page(model: &Model) -> String {
    let mut text = PAGE_HEADER.to_owned();
    for method in model.methods.iter().filter(|method| !method.columns.is_empty()) {
        let head = "| column | Arrow | Parquet | meaning |\n|---|---|---|---|";
        _ = writeln!(text, "\n# `{}`\n\n{head}", method.name);
        for Column { name, kind, doc, .. } in &method.columns {
            let (arrow, parquet) = words(*kind);
            _ = writeln!(text, "| `{name}` | {arrow} | {parquet} | {} |", cell(doc));
        }
    }
    text
}

/// What Arrow and Parquet call the type.
fn words(kind: ColumnKind) -> (&'static str, &'static str) {
    match kind {
        ColumnKind::Boolean => ("Boolean", "BOOLEAN"),
        ColumnKind::Double => ("Float64", "DOUBLE"),
        ColumnKind::Instant => ("Timestamp(µs, UTC)", "TIMESTAMP(µs), UTC"),
        ColumnKind::Int32 => ("Int32", "INT32"),
        ColumnKind::Int64 => ("Int64", "INT64"),
        ColumnKind::Text => ("Utf8", "STRING"),
        ColumnKind::TextList => ("List of Utf8", "LIST of STRING"),
        ColumnKind::WallTime => ("Timestamp(µs)", "TIMESTAMP(µs), local"),
    }
}
