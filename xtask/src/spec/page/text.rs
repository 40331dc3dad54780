//! Reads the flattened text of a documentation page: rows of tables whose empty cells are gone.
//!
//! A row is `name type [values] marks description`; the description may go on in further lines. What cannot be told
//! apart any more (which columns the marks stood in) is left as it is: `drift` knows what follows from it.

use super::{
    Column, FieldRow, Form, Language, Marks, Page, ParamRow, Parent, ReasonRow, TIME_PATTERN, is_name, mark,
    method_name, says_deprecated, squeeze,
};
use crate::codegen::model::{EnumValue, Kind, Model};

/// Reads the text; `Err` says what is missing.
pub(super) fn read(model: &Model, text: &str) -> Result<Page, String> {
    let mut reader = Reader { model, page: None, part: Part::Nothing, open: false };
    for line in text.lines() {
        reader.line(line.trim())?;
    }
    let page = reader.page.ok_or("no line `Метод get...` or `Method get...` names the method")?;
    if page.fields.is_empty() {
        return Err("no table of response fields with rows is found".to_owned());
    }
    Ok(page)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    Params,
    Fields,
    Reasons,
}

struct Reader<'a> {
    model: &'a Model,
    page: Option<Page>,
    part: Part,
    /// Whether the next line may go on with the description above it.
    open: bool,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() {
            self.open = false;
            return Ok(());
        }
        let Some(page) = &mut self.page else {
            self.page = method(line).map(|method| Page::new(Form::Text, method));
            return Ok(());
        };
        if let Some((part, language)) = heading(line) {
            let seen = match part {
                Part::Nothing => false,
                Part::Params => page.params.replace(Vec::new()).is_some(),
                Part::Fields => !page.columns.is_empty() || !page.fields.is_empty(),
                Part::Reasons => page.reasons.replace(Vec::new()).is_some(),
            };
            if seen {
                return Err(format!("a second table with the heading `{line}`"));
            }
            if part == Part::Fields {
                page.columns = columns(line);
            }
            page.language = language;
            (self.part, self.open) = (part, false);
            return Ok(());
        }
        if line.starts_with("JSON ") || line.starts_with('{') {
            self.part = Part::Nothing;
        }
        let taken = match self.part {
            Part::Nothing => return Ok(()),
            Part::Params => param(self.model, page, line),
            Part::Fields => field(self.model, page, line),
            Part::Reasons => reason(self.model, page, line),
        };
        if taken {
            self.open = true;
        } else if self.open {
            go_on(page, self.part, line);
        }
        Ok(())
    }
}

/// The method, if the line names it.
pub(super) fn method(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    method_name(words.next()?, words.next()?)
}

/// The table that begins with this line.
fn heading(line: &str) -> Option<(Part, Language)> {
    let line = line.to_lowercase();
    let words: Vec<_> = line.split_whitespace().collect();
    let (first, second) = (words.first()?, words.get(1)?);
    match (*first, *second) {
        ("название", "тип") if line.contains("обязательный") => {
            Some((Part::Params, Language::Russian))
        }
        ("название", "тип") => Some((Part::Fields, Language::Russian)),
        ("мнемоника", "описание") => Some((Part::Reasons, Language::Russian)),
        ("name", "type") if line.contains("required") => Some((Part::Params, Language::English)),
        ("name", "type") => Some((Part::Fields, Language::English)),
        ("mnemonics" | "mnemonic", "description") => Some((Part::Reasons, Language::English)),
        _ => None,
    }
}

fn columns(heading: &str) -> Vec<Column> {
    let heading = heading.to_lowercase();
    [
        (Column::Filterable, ["фильтрация", "filtering"]),
        (Column::Sortable, ["сортировка", "sorting"]),
        (Column::Default, ["по умолчанию", "default"]),
    ]
    .into_iter()
    .filter_map(|(column, names)| names.iter().any(|name| heading.contains(name)).then_some(column))
    .collect()
}

fn param(model: &Model, page: &mut Page, line: &str) -> bool {
    let known = |name: &str| {
        model.method(&page.method).is_some_and(|method| method.params.iter().any(|param| param.name == name))
    };
    let Some((name, kind, rest)) = row_head(line) else { return false };
    let required = rest.split_whitespace().next().and_then(mark);
    let is_row = (known(name) && (is_kind(kind) || required.is_some()))
        || (is_kind(kind) && (required.is_some() || begins_description(rest)))
        || required.is_some();
    let rows = page.params.get_or_insert_default();
    if !is_row || rows.iter().any(|row| row.name == name) {
        return false;
    }
    rows.push(ParamRow { name: name.to_owned(), kind: kind.to_owned(), required });
    true
}

fn field(model: &Model, page: &mut Page, line: &str) -> bool {
    let known = |name: &str| {
        model.method(&page.method).is_some_and(|method| method.fields.iter().any(|field| field.name == name))
    };
    let Some((name, kind, rest)) = row_head(line) else { return false };
    let Cells { values, marks, text } = Cells::read(rest, page.columns.len());
    let known = known(name);
    let is_row = !marks.is_empty()
        || (is_kind(kind) && (known || !values.is_empty() || begins_description(text)))
        || (known && begins_description(text));
    if !is_row || page.fields.iter().any(|row| row.name == name) {
        return false;
    }
    let deprecated = says_deprecated(text);
    page.fields.push(FieldRow {
        name: name.to_owned(),
        kind: kind.to_owned(),
        values: Some(values),
        marks: Marks::loose(&marks, page.columns.len()),
        deprecated: Some(deprecated),
        parent: Parent::Unknown,
        items: None,
    });
    true
}

fn reason(model: &Model, page: &mut Page, line: &str) -> bool {
    let Some((word, label)) = line.split_once(char::is_whitespace) else { return false };
    let label = label.trim();
    let known = || {
        let values = model.enums.iter().filter(|declared| declared.labels.is_some()).flat_map(|d| &d.values);
        values.flat_map(EnumValue::spellings).any(|spelling| spelling == word)
    };
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_row = is_word && (known() || word.contains('_') || (is_name(word) && begins_description(label)));
    let rows = page.reasons.get_or_insert_default();
    if !is_row || rows.iter().any(|row| row.word == word) {
        return false;
    }
    rows.push(ReasonRow { word: word.to_owned(), label: squeeze(label) });
    true
}

/// A further line of the description above.
fn go_on(page: &mut Page, part: Part, line: &str) {
    match part {
        Part::Fields => {
            if let Some(row) = page.fields.last_mut() {
                row.deprecated = row.deprecated.map(|already| already || says_deprecated(line));
            }
        }
        Part::Reasons => {
            if let Some(row) = page.reasons.as_mut().and_then(|rows| rows.last_mut()) {
                row.label = squeeze(&format!("{} {line}", row.label));
            }
        }
        Part::Nothing | Part::Params => {}
    }
}

fn row_head(line: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = line.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let (kind, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (is_name(name) && is_name(kind)).then(|| (name, kind, rest.trim_start()))
}

/// What follows the type in a row of a field.
struct Cells<'a> {
    values: Vec<String>,
    marks: Vec<bool>,
    text: &'a str,
}

impl<'a> Cells<'a> {
    fn read(rest: &'a str, columns: usize) -> Self {
        let (values, rest) = values(rest);
        let (mut marks, mut text) = (Vec::new(), rest);
        while marks.len() < columns {
            let (word, tail) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let Some(mark) = mark(word) else { break };
            marks.push(mark);
            text = tail.trim_start();
        }
        Self { values, marks, text }
    }
}

/// The cell of permitted values, and the rest of the row: a list with commas, the pattern of times, or whatever
/// plain words stand before the first mark.
fn values(rest: &str) -> (Vec<String>, &str) {
    if let Some(tail) = rest.strip_prefix(TIME_PATTERN) {
        return (vec![TIME_PATTERN.to_owned()], tail.trim_start());
    }
    let mut end = 0;
    let mut listed = false;
    let mut at = 0;
    let mut wants_more = true;
    for word in rest.split_whitespace() {
        let begin = at + rest.get(at..).and_then(|tail| tail.find(word)).unwrap_or_default();
        at = begin + word.len();
        if mark(word).is_some() {
            // Marks follow: what stands before them is the cell.
            return (
                split_values(rest.get(..begin).unwrap_or_default()),
                rest.get(begin..).unwrap_or_default(),
            );
        }
        if !word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-,".contains(c)) {
            break;
        }
        listed |= word.contains(',');
        if wants_more || word.starts_with(',') {
            end = at;
        }
        wants_more = word.ends_with(',');
    }
    if listed && rest.get(..end).is_some_and(|cell| cell.contains(',')) {
        let (cell, tail) = rest.split_at(end);
        return (split_values(cell), tail.trim_start());
    }
    (Vec::new(), rest)
}

fn split_values(cell: &str) -> Vec<String> {
    cell.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_kind(word: &str) -> bool {
    Kind::from_word(word).is_some()
}

/// Whether prose begins here, which has a capital or is not English.
fn begins_description(text: &str) -> bool {
    text.starts_with(|c: char| c.is_uppercase() || !c.is_ascii())
}
