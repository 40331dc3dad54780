//! Reads a file of facts: the rows of all methods of a brand in one CSV, read off the pages by somebody else.
//!
//! An empty cell says nothing: of a mark, that the page has no such column or that it was not understood.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Column, FieldRow, Form, Marks, Page, ParamRow, Parent, is_name, mark};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fact {
    method: String,
    kind: String,
    name: String,
    r#type: String,
    required: String,
    values: String,
    filter: String,
    sort: String,
    default: String,
    deprecated: String,
}

impl Fact {
    fn mark(&self, column: Column) -> Option<bool> {
        mark(match column {
            Column::Filterable => &self.filter,
            Column::Sortable => &self.sort,
            Column::Default => &self.default,
        })
    }
}

/// Reads the file: the pages of each method. A second key of the session begins a second page.
pub(in crate::spec) fn read(text: &str) -> Result<BTreeMap<String, Vec<Page>>, String> {
    let mut methods: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
    for fact in csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes()).deserialize::<Fact>()
    {
        let fact = fact.map_err(|error| error.to_string())?;
        if !matches!(&*fact.kind, "param" | "field") {
            return Err(format!(
                "`{}` of `{}`: the kind `{}` is neither param nor field",
                fact.name, fact.method, fact.kind
            ));
        }
        methods.entry(fact.method.clone()).or_default().push(fact);
    }
    let pages = |method: &str, facts: &[Fact]| -> Vec<_> {
        let is_same = |_: &Fact, next: &Fact| next.kind != "param" || next.name != "access_token";
        facts.chunk_by(is_same).map(|facts| page(method.to_owned(), facts)).collect()
    };
    Ok(methods.iter().map(|(method, facts)| (method.clone(), pages(method, facts))).collect())
}

fn page(method: String, facts: &[Fact]) -> Page {
    let mut page = Page::new(Form::Facts, method);
    // Captions of groups of rows stand among them.
    let rows = |kind: &'static str| facts.iter().filter(move |fact| fact.kind == kind && is_name(&fact.name));
    let param = |fact: &Fact| ParamRow {
        name: fact.name.clone(),
        kind: fact.r#type.clone(),
        required: mark(&fact.required),
    };
    // None of a method's parameters means that their table was not understood.
    page.params = Some(rows("param").map(param).collect()).filter(|rows: &Vec<_>| !rows.is_empty());
    let told = |column: &Column| rows("field").any(|fact| fact.mark(*column).is_some());
    page.columns = Column::ALL.into_iter().filter(told).collect();
    let field = |fact: &Fact| FieldRow {
        name: fact.name.clone(),
        kind: fact.r#type.clone(),
        values: (!fact.values.is_empty())
            .then(|| fact.values.split_whitespace().map(str::to_owned).collect()),
        marks: Marks::partly(&page.columns.iter().map(|column| fact.mark(*column)).collect::<Vec<_>>()),
        deprecated: mark(&fact.deprecated),
        parent: Parent::Unknown,
        items: None,
    };
    page.fields = rows("field").map(field).collect();
    page
}
