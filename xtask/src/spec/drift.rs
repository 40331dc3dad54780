//! Compares a page with the spec of its brand: what differs, and what the page no longer tells.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::page::{Column, FieldRow, Language, Page, TIME_PATTERN};
use crate::codegen::model::{Enum, EnumValue, Exception, Field, Flags, Kind, Method, Model};

/// The answer of `spec import`.
#[derive(Debug)]
pub(super) struct Drift {
    brand: String,
    method: String,
    pub(super) differences: Vec<Difference>,
    ambiguous: Vec<Ambiguous>,
    /// Differences that quirks explain, with the reasons.
    known: Vec<(Difference, String)>,
    /// Quirks that explain a difference which the page does not have any more.
    idle: Vec<String>,
}

/// One difference: its kind, what it is of, and both sides.
#[derive(Debug)]
pub(super) struct Difference {
    kind: &'static str,
    name: String,
    sides: Vec<(&'static str, Value)>,
}

/// A row with fewer marks than columns that the spec's flags fit, as others do.
#[derive(Debug)]
struct Ambiguous {
    name: String,
    marks: Vec<bool>,
    columns: usize,
    /// The flags that cannot be known from the row.
    unknown: Vec<&'static str>,
}

/// Compares; `Err` when the page lacks a table that the spec has, or is of a method that the spec does not have.
pub(super) fn compare(model: &Model, brand: &str, table: &str, page: &Page) -> Result<Drift, String> {
    let method =
        model.method(&page.method).ok_or_else(|| format!("the spec has no method `{}`", page.method))?;
    let labelled = labelled(model, method);
    if page.params.is_none() && !method.params.is_empty() {
        return Err("the table of request parameters is not found".to_owned());
    }
    if page.reasons.is_none() && labelled.is_some() {
        return Err("the table of reasons is not found".to_owned());
    }
    let mut differences = Vec::new();
    params(&mut differences, method, table, page);
    let ambiguous = fields(&mut differences, model, method, table, page);
    if let Some(labelled) = labelled {
        reasons(&mut differences, labelled, table, page);
    }
    let mut drift = Drift {
        brand: brand.to_owned(),
        method: method.name.clone(),
        differences: Vec::new(),
        ambiguous,
        known: Vec::new(),
        idle: Vec::new(),
    };
    for difference in differences {
        let explained = model.explained.iter().find(|explained| {
            explained.brand == table
                && explained.difference == difference.kind
                && explained.name == difference.name
                && explained.method.as_ref().is_none_or(|name| *name == method.name)
        });
        match explained {
            Some(explained) => drift.known.push((difference, explained.reason.clone())),
            None => drift.differences.push(difference),
        }
    }
    for explained in &model.explained {
        let relevant = match &explained.method {
            Some(name) => *name == method.name,
            None => {
                labelled.is_some_and(|known| known.values.iter().any(|value| value.word == explained.name))
            }
        };
        let used = drift
            .known
            .iter()
            .any(|(known, _)| known.kind == explained.difference && known.name == explained.name);
        if explained.brand == table && relevant && !used {
            drift.idle.push(format!("{} {}", explained.difference, explained.name));
        }
    }
    Ok(drift)
}

fn labelled<'a>(model: &'a Model, method: &Method) -> Option<&'a Enum> {
    method.fields.iter().filter_map(|field| model.words_of(field)).find(|words| words.labels.is_some())
}

fn params(differences: &mut Vec<Difference>, method: &Method, table: &str, page: &Page) {
    let rows = page.params.as_deref().unwrap_or_default();
    let absent = |exception: Option<&Exception>| matches!(exception, Some(Exception::Absent));
    let documented = || method.params.iter().filter(|param| !absent(param.exceptions.get(table)));
    for param in documented() {
        let Some(row) = rows.iter().find(|row| row.name == param.name) else {
            differences.push(Difference::new("param_removed", &param.name, vec![]));
            continue;
        };
        let kind = match param.exceptions.get(table) {
            Some(Exception::Other { kind: Some(kind), .. }) => *kind,
            _ => param.kind,
        };
        let required = row.required.unwrap_or(false);
        if row.kind != kind.word() || required != param.required {
            let spec = json!({ "type": kind.word(), "required": param.required });
            let page = json!({ "type": row.kind, "required": required });
            differences.push(Difference::new(
                "param_changed",
                &param.name,
                vec![("spec", spec), ("page", page)],
            ));
        }
    }
    for row in rows.iter().filter(|row| !documented().any(|param| param.name == row.name)) {
        let sides = vec![("type", json!(row.kind)), ("required", json!(row.required.unwrap_or(false)))];
        differences.push(Difference::new("param_added", &row.name, sides));
    }
}

fn fields(
    differences: &mut Vec<Difference>,
    model: &Model,
    method: &Method,
    table: &str,
    page: &Page,
) -> Vec<Ambiguous> {
    let mut ambiguous = Vec::new();
    for field in &method.fields {
        let Some((kind, flags)) = field.on(table) else { continue };
        let Some(row) = page.fields.iter().find(|row| row.name == field.name) else {
            differences.push(Difference::new("field_removed", &field.name, vec![]));
            continue;
        };
        if row.kind != kind.word() {
            differences.push(Difference::changed("type_changed", &field.name, kind.word(), &*row.kind));
        }
        let expected = permitted_values(model, field, kind);
        if row.kind == kind.word() && sorted(&expected) != sorted(&row.values) {
            differences.push(Difference::changed(
                "values_changed",
                &field.name,
                expected,
                row.values.clone(),
            ));
        }
        if row.deprecated != field.deprecated {
            differences.push(Difference::flag(&field.name, "deprecated", field.deprecated, row.deprecated));
        }
        ambiguous.extend(marks(differences, field, flags, row, &page.columns));
    }
    for row in &page.fields {
        if method.fields.iter().any(|field| field.name == row.name && field.on(table).is_some()) {
            continue;
        }
        let readings = Reading::all(&row.marks, &page.columns);
        let mut sides = vec![("type", json!(row.kind))];
        if !row.values.is_empty() {
            sides.push(("values", json!(row.values)));
        }
        let flags = page.columns.iter().enumerate();
        sides.extend(flags.map(|(index, column)| (name(*column), json!(agreed(&readings, index)))));
        differences.push(Difference::new("field_added", &row.name, sides));
        ambiguous.extend(Ambiguous::of(row, &page.columns, &readings));
    }
    ambiguous
}

/// Compares the marks of a row as far as they can be known.
fn marks(
    differences: &mut Vec<Difference>,
    field: &Field,
    flags: Flags,
    row: &FieldRow,
    columns: &[Column],
) -> Option<Ambiguous> {
    let readings = Reading::all(&row.marks, columns);
    let spec: Vec<bool> = columns.iter().map(|column| flag(flags, *column)).collect();
    if readings.iter().any(|reading| reading.flags() == spec) {
        return Ambiguous::of(row, columns, &readings);
    }
    let mut certain = 0;
    for (index, (column, spec)) in columns.iter().zip(&spec).enumerate() {
        if let Some(page) = agreed(&readings, index).filter(|page| page != spec) {
            differences.push(Difference::flag(&field.name, name(*column), *spec, page));
            certain += 1;
        }
    }
    if certain == 0 {
        // The number of marks proves that a flag changed, and does not tell which.
        let set = |flags: &[bool]| -> Vec<&str> {
            columns.iter().zip(flags).filter_map(|(column, set)| set.then_some(name(*column))).collect()
        };
        let possible: Vec<_> = readings.iter().map(|reading| set(&reading.flags())).collect();
        let sides =
            vec![("flag", Value::Null), ("spec", json!(set(&spec))), ("page_one_of", json!(possible))];
        differences.push(Difference::new("flag_changed", &field.name, sides));
    }
    Ambiguous::of(row, columns, &readings)
}

fn reasons(differences: &mut Vec<Difference>, known: &Enum, table: &str, page: &Page) {
    let rows = page.reasons.as_deref().unwrap_or_default();
    let listed = |value: &EnumValue| value.brands.iter().any(|brand| brand == table);
    let is_alias = |value: &EnumValue, word: &str| {
        let mut aliases = value.aliases.iter().filter(|alias| alias.spelling == word);
        aliases.any(|alias| alias.brand.as_ref().is_none_or(|brand| brand == table))
    };
    for value in known.values.iter().filter(|value| listed(value)) {
        let Some(row) = rows.iter().find(|row| row.word == value.word || is_alias(value, &row.word)) else {
            differences.push(Difference::new("reason_removed", &value.word, vec![]));
            continue;
        };
        let Some(labels) = &value.labels else { continue };
        let label = match page.language {
            Language::Russian => &labels.ru,
            Language::English => &labels.en,
        };
        // Another spelling has another label; both are the quirk's business.
        let same = row.label.trim_end_matches('.') == label.trim_end_matches('.');
        if row.word == value.word && !same {
            differences.push(Difference::changed("reason_changed", &value.word, &**label, &*row.label));
        }
    }
    for row in rows {
        let of = |value: &&EnumValue| value.word == row.word || is_alias(value, &row.word);
        if !known.values.iter().filter(|value| listed(value)).any(|value| of(&value)) {
            differences.push(Difference::new("reason_added", &row.word, vec![("label", json!(row.label))]));
        }
    }
}

/// One way in which the marks of a row may stand in the columns. An empty cell means no.
struct Reading(Vec<Option<bool>>);

impl Reading {
    fn all(marks: &[bool], columns: &[Column]) -> Vec<Self> {
        let Some((first, rest)) = marks.split_first() else {
            return vec![Self(vec![None; columns.len()])];
        };
        let mut readings = Vec::new();
        for empty in 0..=columns.len().saturating_sub(marks.len()) {
            let Some(after) = columns.get(empty + 1..) else { continue };
            for reading in Self::all(rest, after) {
                let mut cells = vec![None; empty];
                cells.push(Some(*first));
                cells.extend(reading.0);
                readings.push(Self(cells));
            }
        }
        readings
    }

    fn flags(&self) -> Vec<bool> {
        self.0.iter().map(|cell| cell.unwrap_or(false)).collect()
    }
}

/// The flag in a column, if every reading has the same.
fn agreed(readings: &[Reading], column: usize) -> Option<bool> {
    let mut flags = readings.iter().map(|reading| reading.flags().get(column).copied());
    let first = flags.next()??;
    flags.all(|flag| flag == Some(first)).then_some(first)
}

impl Ambiguous {
    fn of(row: &FieldRow, columns: &[Column], readings: &[Reading]) -> Option<Self> {
        let unknown = columns.iter().enumerate().filter(|(index, _)| agreed(readings, *index).is_none());
        let unknown: Vec<_> = unknown.map(|(_, column)| name(*column)).collect();
        let (name, marks) = (row.name.clone(), row.marks.clone());
        (!unknown.is_empty()).then_some(Self { name, marks, columns: columns.len(), unknown })
    }

    fn marks(&self) -> Vec<&'static str> {
        self.marks.iter().map(|mark| if *mark { "yes" } else { "no" }).collect()
    }
}

impl Difference {
    fn new(kind: &'static str, name: &str, sides: Vec<(&'static str, Value)>) -> Self {
        Self { kind, name: name.to_owned(), sides }
    }

    fn changed(kind: &'static str, name: &str, spec: impl Into<Value>, page: impl Into<Value>) -> Self {
        Self::new(kind, name, vec![("spec", spec.into()), ("page", page.into())])
    }

    fn flag(name: &str, flag: &str, spec: bool, page: bool) -> Self {
        Self::new(
            "flag_changed",
            name,
            vec![("flag", json!(flag)), ("spec", json!(spec)), ("page", json!(page))],
        )
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("kind".to_owned(), json!(self.kind));
        object.insert("name".to_owned(), json!(self.name));
        object.extend(self.sides.iter().map(|(side, value)| ((*side).to_owned(), value.clone())));
        Value::Object(object)
    }

    fn to_text(&self) -> String {
        let mut text = format!("{} {}", self.kind, self.name);
        for (side, value) in &self.sides {
            _ = write!(text, "  {side} {value}");
        }
        text
    }
}

impl Drift {
    pub(super) fn to_json(&self) -> String {
        let ambiguous = self.ambiguous.iter().map(|row| {
            json!({ "name": row.name, "marks": row.marks(), "columns": row.columns, "unknown": row.unknown })
        });
        let known = self.known.iter().map(|(difference, reason)| {
            let mut known = difference.to_json();
            if let Some(known) = known.as_object_mut() {
                known.insert("reason".to_owned(), json!(reason));
            }
            known
        });
        let answer = json!({
            "brand": self.brand,
            "method": self.method,
            "differences": self.differences.iter().map(Difference::to_json).collect::<Vec<_>>(),
            "ambiguous": ambiguous.collect::<Vec<_>>(),
            "known": known.collect::<Vec<_>>(),
            "idle_quirks": self.idle,
        });
        format!("{answer:#}\n")
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{} on {}: ", self.method, self.brand);
        match self.differences.len() {
            0 => text.push_str("no drift\n"),
            count => _ = writeln!(text, "{count} differences"),
        }
        for difference in &self.differences {
            _ = writeln!(text, "  {}", difference.to_text());
        }
        for (difference, reason) in &self.known {
            _ = writeln!(text, "known: {} ({reason})", difference.to_text());
        }
        for idle in &self.idle {
            _ = writeln!(text, "quirk no longer needed by this page: {idle}");
        }
        if !self.ambiguous.is_empty() {
            let count = self.ambiguous.len();
            _ = writeln!(text, "{count} ambiguous rows: fewer marks than columns, and empty cells are gone");
        }
        for row in &self.ambiguous {
            let (marks, unknown) = (row.marks().join(" "), row.unknown.join(", "));
            _ = writeln!(
                text,
                "  {}: {} of {} marks ({marks}); cannot be known: {unknown}",
                row.name,
                row.marks.len(),
                row.columns
            );
        }
        text
    }
}

/// What the page writes into the cell of permitted values.
fn permitted_values(model: &Model, field: &Field, kind: Kind) -> Vec<String> {
    match kind {
        Kind::Boolean => vec!["true".to_owned(), "false".to_owned()],
        Kind::Enum => match model.words_of(field) {
            Some(words) if words.labels.is_none() => {
                words.values.iter().map(|value| value.word.clone()).collect()
            }
            _ => Vec::new(),
        },
        Kind::Iso8601 => vec![TIME_PATTERN.to_owned()],
        Kind::Array | Kind::Id | Kind::Number | Kind::Object | Kind::String => Vec::new(),
    }
}

fn sorted(values: &[String]) -> Vec<&String> {
    let mut values: Vec<_> = values.iter().collect();
    values.sort();
    values
}

const fn flag(flags: Flags, column: Column) -> bool {
    match column {
        Column::Filterable => flags.filter,
        Column::Sortable => flags.sort,
        Column::Default => flags.default,
    }
}

const fn name(column: Column) -> &'static str {
    match column {
        Column::Filterable => "filterable",
        Column::Sortable => "sortable",
        Column::Default => "default",
    }
}
