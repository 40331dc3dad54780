//! The cells that stand above the tables of a page, in Russian and in English. A cell that is not here is an error with
//! its text: a column that nobody knows could be any.

use super::squeeze;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::spec) enum Language {
    English,
    Russian,
}

/// A column of marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::spec) enum Column {
    Filterable,
    Sortable,
    Default,
}

impl Column {
    pub(in crate::spec) const ALL: [Self; 3] = [Self::Filterable, Self::Sortable, Self::Default];

    /// As answers and the spec call it.
    pub(in crate::spec) const fn name(self) -> &'static str {
        match self {
            Self::Filterable => "filterable",
            Self::Sortable => "sortable",
            Self::Default => "default",
        }
    }
}

/// What a column holds. The order is that of every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Head {
    Name,
    Kind,
    Required,
    Values,
    Mark(Column),
    Description,
}

/// Lower case; the first of each is the usual one.
const HEADS: [(Head, Language, &[&str]); 16] = [
    (Head::Name, Language::Russian, &["название", "названия"]),
    (Head::Name, Language::English, &["name", "title"]),
    (Head::Kind, Language::Russian, &["тип"]),
    (Head::Kind, Language::English, &["type"]),
    (Head::Required, Language::Russian, &["обязательный"]),
    (Head::Required, Language::English, &["required"]),
    (Head::Values, Language::Russian, &["допустимые значения"]),
    (Head::Values, Language::English, &["valid values", "allowed values", "valid value"]),
    (Head::Mark(Column::Filterable), Language::Russian, &["фильтрация"]),
    (Head::Mark(Column::Filterable), Language::English, &["filtering"]),
    (Head::Mark(Column::Sortable), Language::Russian, &["сортировка"]),
    (Head::Mark(Column::Sortable), Language::English, &["sorting"]),
    (Head::Mark(Column::Default), Language::Russian, &["ответ по умолчанию"]),
    (
        Head::Mark(Column::Default),
        Language::English,
        &["default response", "answer by default", "returned by default"],
    ),
    (Head::Description, Language::Russian, &["описание", "описани"]),
    (Head::Description, Language::English, &["description"]),
];

/// The head of this text.
pub(super) fn of(cell: &str) -> Option<(Head, Language)> {
    let text: String = cell.chars().filter(|c| *c != '\u{200b}').collect();
    let text = squeeze(&text.to_lowercase());
    let found = HEADS.iter().find(|(_, _, texts)| texts.contains(&&*text));
    found.map(|(head, language, _)| (*head, *language))
}

/// The heads of a table; `Err` names the cell that is unknown or not where it stands on every page.
pub(super) fn all(cells: &[String]) -> Result<(Vec<Head>, Language), String> {
    let mut heads: Vec<Head> = Vec::new();
    let mut language = None;
    for cell in cells {
        let Some((head, of)) = of(cell) else {
            return Err(format!("the header cell `{cell}` is not known"));
        };
        if heads.contains(&head) {
            return Err(format!("the header cell `{cell}` stands there twice"));
        }
        if let Some((last, before)) = heads.last().zip(cells.get(heads.len().wrapping_sub(1)))
            && *last > head
        {
            return Err(format!(
                "the header cell `{cell}` stands behind `{before}`, as on no page that is known: its marks may be others"
            ));
        }
        heads.push(head);
        language = language.or(Some(of));
    }
    for (needed, name) in [(Head::Name, "the name"), (Head::Kind, "the type")] {
        if !heads.contains(&needed) {
            return Err(format!("no header cell of {}, only {}", name, quoted(cells)));
        }
    }
    Ok((heads, language.unwrap_or(Language::Russian)))
}

/// The columns of marks among the heads.
pub(super) fn columns(heads: &[Head]) -> Vec<Column> {
    Column::ALL.into_iter().filter(|column| heads.contains(&Head::Mark(*column))).collect()
}

/// The usual text of a column of marks.
pub(in crate::spec) fn text(column: Column, language: Language) -> &'static str {
    let found = HEADS.iter().find(|(head, of, _)| *head == Head::Mark(column) && *of == language);
    found.and_then(|(_, _, texts)| texts.first()).copied().unwrap_or_default()
}

fn quoted(cells: &[String]) -> String {
    cells.iter().map(|cell| format!("`{cell}`")).collect::<Vec<_>>().join(", ")
}
