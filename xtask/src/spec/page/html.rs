//! Reads a published page: HTML as `MkDocs` writes it, and as people who write tables by hand leave it.
//!
//! A table is known by the heading above it and by its header cells; what is nested comes from the sample of an answer. A
//! row that lacks cells, or has a cell of marks that is none, tells less than others, and says so.

use std::fmt::Write as _;

use scraper::{ElementRef, Html, Node};

use super::{
    FieldRow, Form, Marks, Page, ParamRow, Parent, ReasonRow,
    heads::{self, Head, Language},
    is_name, mark, method_name, sample, says_deprecated, squeeze,
};

/// Reads the page; `Err` says what is missing or unknown.
pub(super) fn read(text: &str) -> Result<Page, String> {
    let document = Html::parse_document(text);
    let method = name(&document).ok_or("neither a table nor a sample names the method")?;
    let mut page = Page::new(Form::Html, method);
    let (mut heading, mut section) = (String::new(), Section::Other);
    let (mut answer, mut has_fields) = (None, false);
    for element in elements(&document) {
        match element.value().name() {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                heading = text_of(element);
                section = Section::of(&heading);
            }
            "pre" => answer = answer.or_else(|| sample::row(&element.text().collect::<String>())),
            "p" => page.audience = page.audience.or_else(|| available(&text_of(element))),
            "table" => {
                let rows = rows(element);
                let Some(table) = Table::of(&rows, section).map_err(|why| under(&heading, &why))? else {
                    continue;
                };
                let second = match table.section {
                    Section::Params => page.params.is_some(),
                    Section::Fields => has_fields,
                    Section::Reasons => page.reasons.is_some(),
                    Section::Method | Section::Other => false,
                };
                if second {
                    return Err(under(&heading, "a second table of this kind"));
                }
                match table.section {
                    Section::Method => page.audience = page.audience.or_else(|| audience(&rows)),
                    Section::Params => page.params = Some(params(&table)),
                    Section::Reasons => page.reasons = Some(reasons(&table)),
                    Section::Fields => {
                        has_fields = true;
                        page.columns = heads::columns(&table.heads);
                        page.fields = fields(&table);
                    }
                    Section::Other => {}
                }
                if matches!(table.section, Section::Params | Section::Fields) {
                    page.language = table.language;
                }
            }
            _ => {}
        }
    }
    nest(&mut page, answer.as_ref());
    if page.fields.is_empty() {
        return Err("no table of response fields with rows is found, and no sample of an answer".to_owned());
    }
    Ok(page)
}

/// The method that the page is about.
pub(super) fn method_of(text: &str) -> Option<String> {
    name(&Html::parse_document(text))
}

fn name(document: &Html) -> Option<String> {
    let in_table = |element: ElementRef<'_>| {
        let rows = rows(element);
        let [heading, name, ..] = rows.first()?.as_slice() else { return None };
        method_name(&text_of(*heading), &text_of(*name))
    };
    let in_sample = |element: ElementRef<'_>| {
        let text: String = element.text().collect();
        let (_, after) = text.split_once("\"method\"")?;
        let name = after.split('"').nth(1)?;
        method_name("Method", name.trim())
    };
    let of = |kind: &'static str| elements(document).filter(move |element| element.value().name() == kind);
    // A page on the API in general has samples too.
    let is_of_method = || {
        elements(document).any(|element| {
            element.value().name().starts_with('h') && Section::of(&text_of(element)) != Section::Other
        })
    };
    of("table").find_map(in_table).or_else(|| of("pre").find_map(in_sample).filter(|_| is_of_method()))
}

/// What a table is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Method,
    Params,
    Fields,
    Reasons,
    Other,
}

impl Section {
    /// What the tables below a heading are about.
    fn of(heading: &str) -> Self {
        let heading = heading.to_lowercase();
        let says = |words: [&str; 2]| words.iter().any(|word| heading.starts_with(word));
        if says(["параметры запроса", "request parameters"]) {
            Self::Params
        } else if says(["параметры ответа", "response parameters"]) {
            Self::Fields
        } else {
            Self::Other
        }
    }
}

type Row<'a> = Vec<ElementRef<'a>>;

struct Table<'a> {
    section: Section,
    heads: Vec<Head>,
    language: Language,
    rows: &'a [Row<'a>],
}

impl<'a> Table<'a> {
    /// The table, if it says anything of the method.
    fn of(rows: &'a [Row<'a>], below: Section) -> Result<Option<Self>, String> {
        let Some((first, rows)) = rows.split_first() else { return Ok(None) };
        // What spans columns in the row of heads is the caption of the rows below.
        let cells: Vec<_> = first.iter().filter(|cell| !spans(**cell)).map(|cell| text_of(*cell)).collect();
        if let [one, other] = cells.as_slice() {
            let section = match (&*one.to_lowercase(), &*other.to_lowercase()) {
                ("мнемоника", "описание") | ("mnemonics" | "mnemonic", "description") => {
                    Section::Reasons
                }
                _ if method_name(one, other).is_some() => Section::Method,
                _ => return Ok(None),
            };
            let russian = one.to_lowercase() == "мнемоника";
            let language = if russian { Language::Russian } else { Language::English };
            return Ok(Some(Self { section, heads: Vec::new(), language, rows }));
        }
        let known = |at: usize, head: Head| {
            cells.get(at).and_then(|cell| heads::of(cell)).is_some_and(|of| of.0 == head)
        };
        if below == Section::Other && !(known(0, Head::Name) && known(1, Head::Kind)) {
            return Ok(None);
        }
        let (heads, language) = heads::all(&cells)?;
        let section = match below {
            Section::Params | Section::Fields => below,
            Section::Method | Section::Reasons | Section::Other if heads.contains(&Head::Required) => {
                Section::Params
            }
            Section::Method | Section::Reasons | Section::Other => Section::Fields,
        };
        if section == Section::Params && !heads.contains(&Head::Required) {
            return Err(format!("no header cell says which are required, only `{}`", cells.join("`, `")));
        }
        Ok(Some(Self { section, heads, language, rows }))
    }

    /// The rows in their cells: those that forgot to end are two, captions are none.
    fn lines(&self) -> impl Iterator<Item = Line<'a>> {
        let width = self.heads.len();
        self.rows
            .iter()
            .flat_map(move |row| split(row, width))
            .filter_map(move |cells| Line::of(cells, width))
    }

    fn cell<'b>(&self, line: &'b Line<'a>, head: Head) -> Option<&'b ElementRef<'a>> {
        let at = self.heads.iter().position(|known| *known == head)?;
        line.cells.get(at).filter(|_| line.is_whole)
    }
}

/// A row of a name and what is said of it.
struct Line<'a> {
    name: String,
    kind: String,
    cells: Row<'a>,
    /// Whether it has a cell for each head, so that each cell is what its head says.
    is_whole: bool,
}

impl<'a> Line<'a> {
    fn of(mut cells: Row<'a>, width: usize) -> Option<Self> {
        let named = |cells: &Row<'_>| cells.first().is_some_and(|cell| is_name(&plain(*cell)));
        if cells.len() > width && !named(&cells) {
            // A caption that forgot to end its row.
            cells.remove(0);
        }
        if cells.len() == width + 1 && cells.last().is_some_and(|cell| spans(*cell)) {
            cells.pop();
        }
        if !named(&cells) || cells.len() < 2 {
            return None;
        }
        let (name, kind) = (plain(*cells.first()?), plain(*cells.get(1)?));
        Some(Self { name, kind, is_whole: cells.len() == width, cells })
    }
}

/// Two rows where the end of one is missing.
fn split<'a>(row: &Row<'a>, width: usize) -> Vec<Row<'a>> {
    match row.split_at_checked(width) {
        Some((one, other)) if width > 0 && other.len() == width => vec![one.to_vec(), other.to_vec()],
        _ => vec![row.clone()],
    }
}

fn params(table: &Table<'_>) -> Vec<ParamRow> {
    let row = |line: Line<'_>| {
        let required = table.cell(&line, Head::Required).and_then(|cell| mark(&text_of(*cell)));
        ParamRow { required, name: line.name, kind: line.kind }
    };
    table.lines().map(row).collect()
}

fn fields(table: &Table<'_>) -> Vec<FieldRow> {
    let columns = heads::columns(&table.heads);
    let row = |line: Line<'_>| {
        let says = |column: &heads::Column| {
            let cell = text_of(*table.cell(&line, Head::Mark(*column))?);
            if matches!(&*cell, "" | "-" | "–" | "—") { Some(false) } else { mark(&cell) }
        };
        let marks: Vec<_> = columns.iter().map(says).collect();
        let values = table.cell(&line, Head::Values).map(|cell| words(*cell, &line.kind));
        let description = table.cell(&line, Head::Description).or_else(|| line.cells.last());
        FieldRow {
            marks: Marks::partly(&marks),
            values,
            deprecated: Some(description.is_some_and(|cell| says_deprecated(&text_of(*cell)))),
            parent: Parent::Unknown,
            items: None,
            name: line.name,
            kind: line.kind,
        }
    };
    table.lines().map(row).collect()
}

fn reasons(table: &Table<'_>) -> Vec<ReasonRow> {
    let row = |row: &Row<'_>| {
        let [word, label, ..] = row.as_slice() else { return None };
        Some(ReasonRow { word: plain(*word), label: text_of(*label) }).filter(|row| !row.word.is_empty())
    };
    let mut rows: Vec<_> = table.rows.iter().filter_map(row).collect();
    // One label for all of them is no label.
    if rows.len() > 1
        && rows
            .windows(2)
            .all(|pair| pair.iter().all(|row| Some(&row.label) == pair.first().map(|first| &first.label)))
    {
        for row in &mut rows {
            row.label.clear();
        }
    }
    rows
}

/// Puts the fields where the sample has them. A page without a table has the fields of its sample.
fn nest(page: &mut Page, answer: Option<&sample::Member>) {
    if page.fields.is_empty() {
        let sampled = answer.into_iter().flat_map(sample::Member::flat);
        page.fields.extend(sampled.map(|(name, kind)| FieldRow {
            name,
            kind,
            values: None,
            marks: Marks::exact(Vec::new()),
            deprecated: None,
            parent: Parent::Unknown,
            items: None,
        }));
    }
    let structure = |kind: &str| !matches!(kind, "string" | "number" | "boolean" | "iso8601" | "enum");
    let names: Vec<_> = page.fields.iter().map(|row| (&*row.name, structure(&row.kind))).collect();
    let places = sample::places(&names, answer);
    for (row, (parent, items)) in page.fields.iter_mut().zip(places) {
        (row.parent, row.items) = (parent, items);
    }
}

fn audience(rows: &[Row<'_>]) -> Option<String> {
    rows.iter().find_map(|row| {
        let [what, who, ..] = row.as_slice() else { return None };
        matches!(&*text_of(*what).to_lowercase(), "кому доступен" | "available to").then(|| text_of(*who))
    })
}

fn available(paragraph: &str) -> Option<String> {
    paragraph.strip_prefix("Available to:").map(|who| who.trim().to_owned())
}

/// The words of a cell of permitted values: a list of plain words, each with its meaning behind it or without one, or the
/// form of a time. A sentence has none.
fn words(cell: ElementRef<'_>, kind: &str) -> Vec<String> {
    let text = squeeze(&text_of(cell).replace('`', ""));
    if kind == "iso8601" {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    let inside =
        |kind: &'static str| -> Vec<_> { elements_in(cell).filter(|e| e.value().name() == kind).collect() };
    let (codes, items) = (inside("code"), inside("li"));
    let found: Vec<String> = if items.is_empty() && codes.is_empty() {
        text.split([',', ';']).map(|part| head(part, text.contains(" - "))).collect()
    } else if items.is_empty() || codes.len() > items.len() {
        codes.into_iter().map(plain).collect()
    } else {
        let item = |item: ElementRef<'_>| {
            let code = elements_in(item).find(|e| e.value().name() == "code");
            code.map_or_else(|| head(&text_of(item), true), plain)
        };
        items.into_iter().map(item).collect()
    };
    let found: Vec<String> = found.into_iter().filter(|word| !word.is_empty()).collect();
    let is_word = |word: &String| word.chars().all(|c| c.is_ascii_alphanumeric() || "_.-=~!<>".contains(c));
    if found.iter().all(is_word) { found } else { Vec::new() }
}

/// What stands before the meaning of a word.
fn head(text: &str, has_meaning: bool) -> String {
    let text = text.trim().trim_matches('"');
    let head = if has_meaning { text.split([' ', ';']).next().unwrap_or_default() } else { text };
    head.trim_end_matches([',', ';', '-']).to_owned()
}

/// The text under a heading that an error is about.
fn under(heading: &str, why: &str) -> String {
    let mut text = "the table".to_owned();
    if !heading.is_empty() {
        _ = write!(text, " under `{heading}`");
    }
    _ = write!(text, ": {why}");
    text
}

fn elements(document: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    document.tree.root().descendants().filter_map(ElementRef::wrap)
}

fn elements_in(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.descendants().skip(1).filter_map(ElementRef::wrap)
}

/// The rows of a table, without those that have no cells.
fn rows(table: ElementRef<'_>) -> Vec<Row<'_>> {
    let is_cell = |element: &ElementRef<'_>| matches!(element.value().name(), "td" | "th");
    let rows = elements_in(table).filter(|element| element.value().name() == "tr");
    let rows =
        rows.map(|row| row.children().filter_map(ElementRef::wrap).filter(is_cell).collect::<Vec<_>>());
    rows.filter(|row| !row.is_empty()).collect()
}

fn spans(cell: ElementRef<'_>) -> bool {
    cell.attr("colspan").is_some_and(|columns| columns != "1")
}

/// The text of a name or a word, without the marks that were meant to make it one.
fn plain(cell: ElementRef<'_>) -> String {
    text_of(cell).trim_matches('`').trim().to_owned()
}

/// The text in one line: where a line or a block ends, words end.
fn text_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        if let Node::Text(part) = node.value() {
            text.push_str(part);
        }
        let ends_words = |part: ElementRef<'_>| {
            matches!(part.value().name(), "br" | "li" | "p" | "div" | "ul" | "blockquote")
        };
        if ElementRef::wrap(node).is_some_and(ends_words) {
            text.push(' ');
        }
    }
    squeeze(&text)
}
