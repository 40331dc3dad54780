//! Compares a page with the spec of its brand: what differs, and what the page no longer tells.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::align::align;
use super::page::{self, Column, FieldRow, Form, Language, Page, Parent};
use crate::codegen::model::{Enum, EnumValue, Exception, Field, Flags, Kind, Method, Model, Param};

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

/// A row whose cells or marks are fewer than the columns, and which the spec's flags fit, as others do.
#[derive(Debug)]
struct Ambiguous {
    name: String,
    marks: Vec<&'static str>,
    columns: usize,
    /// The flags that cannot be known from the row.
    unknown: Vec<&'static str>,
}

/// Compares; `Err` when the page lacks a table or a column that the spec has, or is of a method that the spec does not
/// have.
pub(super) fn compare(model: &Model, brand: &str, table: &str, page: &Page) -> Result<Drift, String> {
    let method =
        model.method(&page.method).ok_or_else(|| format!("the spec has no method `{}`", page.method))?;
    if !method.brands.iter().any(|brand| brand == table) {
        return Err(format!("the spec has no `{}` on {brand}", page.method));
    }
    let labelled = labelled(model, method);
    if page.form != Form::Facts {
        if page.params.is_none() && !method.params.is_empty() {
            return Err("the table of request parameters is not found".to_owned());
        }
        if page.reasons.is_none() && labelled.is_some() {
            return Err("the table of reasons is not found".to_owned());
        }
        same_columns(method, table, page)?;
    }
    let mut differences = Vec::new();
    params(&mut differences, model, method, table, page);
    let ambiguous = fields(&mut differences, model, method, table, page);
    if let Some(labelled) = labelled.filter(|_| page.reasons.is_some()) {
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
                && (!explained.facts || page.form == Form::Facts)
                && difference.is_of(&explained.difference)
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
            .any(|(known, _)| known.is_of(&explained.difference) && known.name == explained.name);
        let here = explained.brand == table && explained.facts == (page.form == Form::Facts);
        if here && relevant && !used {
            drift.idle.push(format!("{} {}", explained.difference, explained.name));
        }
    }
    Ok(drift)
}

/// A page whose columns are others than those of the spec is not read: which mark is which is known by them alone.
fn same_columns(method: &Method, table: &str, page: &Page) -> Result<(), String> {
    let marks = method.marks_on(table);
    for column in Column::ALL {
        let text = page::head(column, page.language);
        match (flag(marks, column), page.columns.contains(&column)) {
            (true, false) => {
                return Err(format!(
                    "the table of fields has no header cell `{text}`, which the spec knows on this page"
                ));
            }
            (false, true) => {
                return Err(format!(
                    "the table of fields has the header cell `{text}`, which the spec does not know on this page"
                ));
            }
            (true, true) | (false, false) => {}
        }
    }
    Ok(())
}

fn labelled<'a>(model: &'a Model, method: &Method) -> Option<&'a Enum> {
    method.fields.iter().filter_map(|field| model.words_of(field)).find(|words| words.labels.is_some())
}

fn params(differences: &mut Vec<Difference>, model: &Model, method: &Method, table: &str, page: &Page) {
    let Some(rows) = page.params.as_deref() else { return };
    let absent = |param: &&Param| matches!(param.exceptions.get(table), Some(Exception::Absent));
    let documented: Vec<_> = method.params.iter().filter(|param| !absent(param)).collect();
    let of_spec: Vec<_> = documented.iter().map(|param| &*param.name).collect();
    let of_page: Vec<_> = rows.iter().map(|row| &*row.name).collect();
    let pairs = align(&of_spec, &of_page);
    for (at, param) in documented.iter().enumerate() {
        let Some(row) = pairs.iter().find(|pair| pair.0 == at).and_then(|pair| rows.get(pair.1)) else {
            differences.push(Difference::new("param_removed", &param.name, vec![]));
            continue;
        };
        let kind = match param.exceptions.get(table) {
            Some(Exception::Other { kind: Some(kind), .. }) => *kind,
            _ => param.kind,
        };
        let required = row.required.unwrap_or(false);
        if model.kind_of(&row.kind) != Some(kind) || required != param.required {
            let spec = json!({ "type": kind.word(), "required": param.required });
            let page = json!({ "type": row.kind, "required": required });
            differences.push(Difference::new(
                "param_changed",
                &param.name,
                vec![("spec", spec), ("page", page)],
            ));
        }
    }
    for (_, row) in rows.iter().enumerate().filter(|(at, _)| !pairs.iter().any(|pair| pair.1 == *at)) {
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
    let all = method.all_fields();
    let documented: Vec<_> =
        all.iter().filter_map(|(path, field)| Some((path, *field, field.on(table)?))).collect();
    let of_spec: Vec<_> = documented.iter().map(|(_, field, _)| &*field.name).collect();
    let of_page: Vec<_> = page.fields.iter().map(|row| &*row.name).collect();
    let pairs = align(&of_spec, &of_page);
    for (at, (path, field, (kind, flags))) in documented.iter().enumerate() {
        let place = pairs.iter().find(|pair| pair.0 == at).map(|pair| pair.1);
        let Some((place, row)) = place.and_then(|place| Some((place, page.fields.get(place)?))) else {
            // A file of facts that has no fields of the method says nothing of them.
            if page.form != Form::Facts || !page.fields.is_empty() {
                differences.push(Difference::new("field_removed", path, vec![]));
            }
            continue;
        };
        if row.parent != Parent::Unknown && page.path(place) != **path {
            differences.push(Difference::changed("nesting_changed", path, &***path, page.path(place)));
        }
        let same_kind = model.kind_of(&row.kind) == Some(*kind);
        if !same_kind {
            differences.push(Difference::changed("type_changed", path, kind.word(), &*row.kind));
        }
        if let Some(values) = &row.values
            && let Some(expected) = permitted_values(model, field, *kind).filter(|_| same_kind)
            && !same_values(page.form, &expected, values)
        {
            differences.push(Difference::changed("values_changed", path, expected, values.clone()));
        }
        if let Some(deprecated) = row.deprecated.filter(|deprecated| *deprecated != field.deprecated) {
            differences.push(Difference::flag(path, "deprecated", field.deprecated, deprecated));
        }
        ambiguous.extend(marks(differences, path, *flags, row, &page.columns));
    }
    for (place, row) in page.fields.iter().enumerate() {
        if pairs.iter().any(|pair| pair.1 == place) {
            continue;
        }
        let path = page.path(place);
        let mut sides = vec![("type", json!(row.kind))];
        if let Some(values) = row.values.as_ref().filter(|values| !values.is_empty()) {
            sides.push(("values", json!(values)));
        }
        let flags = page.columns.iter().enumerate();
        sides.extend(flags.map(|(index, column)| (column.name(), json!(row.marks.agreed(index)))));
        differences.push(Difference::new("field_added", &path, sides));
        ambiguous.extend(Ambiguous::of(&path, row, &page.columns));
    }
    ambiguous
}

/// Compares the marks of a row as far as they can be known.
fn marks(
    differences: &mut Vec<Difference>,
    path: &str,
    flags: Flags,
    row: &FieldRow,
    columns: &[Column],
) -> Option<Ambiguous> {
    let spec: Vec<bool> = columns.iter().map(|column| flag(flags, *column)).collect();
    if row.marks.readings().contains(&spec) {
        return Ambiguous::of(path, row, columns);
    }
    let mut certain = 0;
    for (index, (column, spec)) in columns.iter().zip(&spec).enumerate() {
        if let Some(page) = row.marks.agreed(index).filter(|page| page != spec) {
            differences.push(Difference::flag(path, column.name(), *spec, page));
            certain += 1;
        }
    }
    if certain == 0 {
        // The number of marks proves that a flag changed, and does not tell which.
        let set = |flags: &[bool]| -> Vec<&str> {
            columns.iter().zip(flags).filter_map(|(column, set)| set.then_some(column.name())).collect()
        };
        let possible: Vec<_> = row.marks.readings().iter().map(|reading| set(reading)).collect();
        let sides =
            vec![("flag", Value::Null), ("spec", json!(set(&spec))), ("page_one_of", json!(possible))];
        differences.push(Difference::new("flag_changed", path, sides));
    }
    Ambiguous::of(path, row, columns)
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
        let same = row.label.is_empty() || row.label.trim_end_matches('.') == label.trim_end_matches('.');
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

impl Ambiguous {
    fn of(path: &str, row: &FieldRow, columns: &[Column]) -> Option<Self> {
        let unknown = columns.iter().enumerate().filter(|(index, _)| row.marks.agreed(*index).is_none());
        let unknown: Vec<_> = unknown.map(|(_, column)| column.name()).collect();
        let (name, marks) = (path.to_owned(), row.marks.seen());
        (!unknown.is_empty()).then_some(Self { name, marks, columns: columns.len(), unknown })
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

    /// Whether it is of the kind that a quirk explains: `flag_changed sortable` is of one flag only.
    fn is_of(&self, explained: &str) -> bool {
        let (kind, flag) =
            explained.split_once(' ').map_or((explained, None), |(kind, flag)| (kind, Some(flag)));
        let changed = self.sides.iter().find(|(side, _)| *side == "flag").and_then(|(_, flag)| flag.as_str());
        self.kind == kind && flag.is_none_or(|flag| changed == Some(flag))
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
        format!("{:#}\n", self.to_value())
    }

    pub(super) fn to_value(&self) -> Value {
        let ambiguous = self.ambiguous.iter().map(|row| {
            json!({ "name": row.name, "marks": row.marks, "columns": row.columns, "unknown": row.unknown })
        });
        let known = self.known.iter().map(|(difference, reason)| {
            let mut known = difference.to_json();
            if let Some(known) = known.as_object_mut() {
                known.insert("reason".to_owned(), json!(reason));
            }
            known
        });
        json!({
            "brand": self.brand,
            "method": self.method,
            "differences": self.differences.iter().map(Difference::to_json).collect::<Vec<_>>(),
            "ambiguous": ambiguous.collect::<Vec<_>>(),
            "known": known.collect::<Vec<_>>(),
            "idle_quirks": self.idle,
        })
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = format!("{} on {}: ", self.method, self.brand);
        match self.differences.len() {
            0 => text.push_str("no drift\n"),
            count => _ = writeln!(text, "{count} differences"),
        }
        text.push_str(&self.lines("  "));
        text
    }

    /// What differs, what is known, and what cannot be known.
    pub(super) fn lines(&self, indent: &str) -> String {
        let mut text = String::new();
        for difference in &self.differences {
            _ = writeln!(text, "{indent}{}", difference.to_text());
        }
        for (difference, reason) in &self.known {
            _ = writeln!(text, "{indent}known: {} ({reason})", difference.to_text());
        }
        for idle in &self.idle {
            _ = writeln!(text, "{indent}quirk no longer needed by this page: {idle}");
        }
        if !self.ambiguous.is_empty() {
            let count = self.ambiguous.len();
            _ = writeln!(text, "{indent}{count} ambiguous rows: fewer marks than columns");
        }
        for row in &self.ambiguous {
            let (marks, unknown) = (row.marks.join(" "), row.unknown.join(", "));
            _ = writeln!(
                text,
                "{indent}  {}: {} of {} marks ({marks}); cannot be known: {unknown}",
                row.name,
                row.marks.len(),
                row.columns
            );
        }
        text
    }
}

/// What the page writes into the cell of permitted values; `None` where the spec lists none.
fn permitted_values(model: &Model, field: &Field, kind: Kind) -> Option<Vec<String>> {
    match kind {
        Kind::Enum => match model.words_of(field) {
            Some(words) if words.labels.is_none() => {
                Some(words.values.iter().map(|value| value.word.clone()).collect())
            }
            Some(_) | None => Some(Vec::new()),
        },
        Kind::Iso8601 => Some(vec![field.form.pattern().to_owned()]),
        Kind::Array | Kind::Boolean | Kind::Id | Kind::Number | Kind::Object | Kind::String => None,
    }
}

/// Whether the cell lists what the spec lists, in whatever order. Files of facts have the first word of a form and the
/// plain words of a list alone, and have lost the spaces of some lists.
fn same_values(form: Form, expected: &[String], values: &[String]) -> bool {
    let sorted = |values: &[String]| {
        let mut values = values.to_vec();
        values.sort();
        values
    };
    if sorted(expected) == sorted(values) {
        return true;
    }
    let is_plain = |word: &&String| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let plain: Vec<_> = expected.iter().filter(is_plain).cloned().collect();
    let begins = |pattern: &String| [pattern.split(' ').next().unwrap_or_default()] == *values;
    form == Form::Facts
        && (sorted(&plain) == sorted(values)
            || plain.concat() == values.concat()
            || expected.iter().any(begins))
}

const fn flag(flags: Flags, column: Column) -> bool {
    match column {
        Column::Filterable => flags.filter,
        Column::Sortable => flags.sort,
        Column::Default => flags.default,
    }
}
