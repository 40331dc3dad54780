//! What a page of the documentation says, however it is read: published HTML, its flattened text, or a file of facts.
//!
//! Each form has its reader below; all of them give the same rows. What a form cannot tell is `None`, so that nothing is
//! compared with a guess. Not here: what it means that a page and the spec differ (`drift`).

mod facts;
mod heads;
mod html;
mod marks;
mod sample;
mod text;

pub(super) use facts::read as read_facts;
pub(super) use heads::{Column, Language, text as head};
pub(super) use marks::Marks;

use crate::codegen::model::Model;

/// What the page says.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) form: Form,
    pub(super) method: String,
    pub(super) language: Language,
    /// Whose keys may call it, in the words of the page.
    pub(super) audience: Option<String>,
    pub(super) params: Option<Vec<ParamRow>>,
    /// The columns of marks in the table of fields.
    pub(super) columns: Vec<Column>,
    /// In the order of the page, nested ones behind what they are part of.
    pub(super) fields: Vec<FieldRow>,
    pub(super) reasons: Option<Vec<ReasonRow>>,
}

/// How the page was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A file of facts: an empty cell says nothing.
    Facts,
    Html,
    /// Flattened: the empty cells are gone.
    Text,
}

#[derive(Debug)]
pub(super) struct ParamRow {
    pub(super) name: String,
    pub(super) kind: String,
    /// `None`: the cell is empty.
    pub(super) required: Option<bool>,
}

#[derive(Debug)]
pub(super) struct FieldRow {
    pub(super) name: String,
    pub(super) kind: String,
    /// The words of an enum, or the form of a time; `None` where the page says nothing of them.
    pub(super) values: Option<Vec<String>>,
    pub(super) marks: Marks,
    pub(super) deprecated: Option<bool>,
    pub(super) parent: Parent,
    /// What the sample of an answer has as the items of an array.
    pub(super) items: Option<String>,
}

/// What a field is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// The page does not tell.
    Unknown,
    Row,
    /// The field at this place.
    Field(usize),
}

#[derive(Debug)]
pub(super) struct ReasonRow {
    pub(super) word: String,
    /// Empty where the page has none.
    pub(super) label: String,
}

impl Page {
    fn new(form: Form, method: String) -> Self {
        Self {
            form,
            method,
            language: Language::Russian,
            audience: None,
            params: None,
            columns: Vec::new(),
            fields: Vec::new(),
            reasons: None,
        }
    }

    /// `coach.coach_id`: the name of a field with what it is part of, as far as the page tells.
    pub(super) fn path(&self, field: usize) -> String {
        let Some(row) = self.fields.get(field) else { return String::new() };
        match row.parent {
            Parent::Field(parent) if parent < field => format!("{}.{}", self.path(parent), row.name),
            Parent::Field(_) | Parent::Row | Parent::Unknown => row.name.clone(),
        }
    }
}

/// Reads a page of either form; `Err` says what cannot be read, and where.
pub(super) fn read(model: &Model, text: &str) -> Result<Page, String> {
    let text = text.trim_start_matches('\u{feff}');
    let page = if text.trim_start().starts_with('<') { html::read(text)? } else { text::read(model, text)? };
    for (rows, what) in [
        (page.params.as_ref().map(Vec::len), "request parameters"),
        (page.reasons.as_ref().map(Vec::len), "reasons"),
    ] {
        if rows == Some(0) {
            return Err(format!("the table of {what} has no rows"));
        }
    }
    Ok(page)
}

/// The method that a page is about, if it is about one.
pub(super) fn method_of(text: &str) -> Option<String> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        html::method_of(text)
    } else {
        text.lines().find_map(text::method)
    }
}

/// How the pages write the form of times.
pub(super) const TIME_PATTERN: &str = "YYYY-MM-DD hh:mm:ss";

fn mark(word: &str) -> Option<bool> {
    match &*word.to_lowercase() {
        "да" | "yes" => Some(true),
        "нет" | "no" => Some(false),
        _ => None,
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The method, if the words are a heading and its name.
fn method_name(heading: &str, name: &str) -> Option<String> {
    if !matches!(heading.trim_matches('-'), "Метод" | "Method") {
        return None;
    }
    let name = name.trim_matches('`');
    let (verb, object) = name.split_once('.')?;
    (is_name(verb) && is_name(object)).then(|| name.to_owned())
}

fn says_deprecated(text: &str) -> bool {
    let text = text.to_lowercase();
    ["deprecated", "устарел", "будет удал"].iter().any(|word| text.contains(word))
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
