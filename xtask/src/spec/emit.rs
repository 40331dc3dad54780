//! Writes the lines of a method that the spec does not have yet. They are a document that `cargo xtask codegen` reads as it
//! is; what the page does not say is marked with `# ?`, for a person to look at.

use std::fmt::Write as _;

use super::{
    align::align,
    page::{Column, FieldRow, Page, Parent},
};
use crate::codegen::{
    QUESTION,
    model::{Kind, Model, TimeForm, variant},
};

/// A brand's page of the method.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) table: &'a str,
    pub(super) page: &'a Page,
}

/// The document of a method: the first page decides, the others say what differs on their brands.
pub(super) fn document(model: &Model, pages: &[Said<'_>]) -> String {
    let Some(first) = pages.first() else { return String::new() };
    let mut emitter = Emitter { model, pages, enums: String::new(), named: Vec::new(), text: String::new() };
    emitter.method(first);
    emitter.params(first);
    emitter.fields();
    let tables: Vec<_> = pages.iter().map(|said| said.table).collect();
    let Emitter { enums, text, .. } = emitter;
    let head = format!("# {}, by the pages of {}.\n\n", first.page.method, tables.join(", "));
    if enums.is_empty() { format!("{head}{text}") } else { format!("{head}{enums}\n{text}") }
}

struct Emitter<'a> {
    model: &'a Model,
    pages: &'a [Said<'a>],
    enums: String,
    /// The names of the enums above, with their words.
    named: Vec<(String, Vec<String>)>,
    text: String,
}

/// A field as one of the pages has it, and the row of it on each page.
struct Line<'a> {
    row: &'a FieldRow,
    on: Vec<Option<&'a FieldRow>>,
    /// What it is part of: the place of that line.
    parent: Option<usize>,
    is_nesting_known: bool,
}

impl<'a> Emitter<'a> {
    fn method(&mut self, first: &Said<'_>) {
        let page = first.page;
        let object = page.method.split_once('.').map_or(&*page.method, |(_, object)| object);
        let name = variant(object);
        let (audience, sure) = audience(page.audience.as_deref());
        if !sure {
            self.ask("audience=: the page does not say whose keys may call it");
        }
        self.ask("subject=, each= and the summary are no words of the page");
        _ = write!(
            self.text,
            "method {} listing={name} row={name}Row cost=1 audience={audience} subject=other",
            page.method
        );
        if self.pages.len() < self.model.tables().count() {
            let mut tables: Vec<_> = self.pages.iter().map(|said| said.table).collect();
            tables.sort_unstable();
            _ = write!(self.text, " brands={}", tables.join(","));
        }
        if page.columns.len() < Column::ALL.len() {
            _ = write!(self.text, " marks={}", marks(&page.columns));
        }
        let words = object.replace('_', " ");
        _ = writeln!(self.text, " each=\"One row of {words}.\" \"the {words}\"");
        for said in self.pages.iter().filter(|said| said.page.columns != page.columns) {
            _ = writeln!(self.text, "on {} marks={}", said.table, marks(&said.page.columns));
        }
        self.identity(page);
    }

    /// What tells rows apart and places them is no cell of a page, and a wrong line would merge rows. So the safe lines are
    /// written, and what may be meant stands beside them for a person.
    fn identity(&mut self, page: &Page) {
        let params = page.params.as_deref().unwrap_or_default();
        let takes =
            |names: [&str; 2]| names.iter().all(|name| params.iter().any(|param| param.name == *name));
        if !takes(["limit", "offset"]) {
            return;
        }
        let lines = self.lines();
        let own = || lines.iter().filter(|line| line.parent.is_none()).map(|line| line.row);
        let is_number = |field: &&'a FieldRow| matches!(self.kind(&field.kind).0, Kind::Id | Kind::Number);
        let number = own().filter(is_number).find(|field| field.name == "id");
        let other = own().filter(is_number).find(|field| field.name.ends_with("_id"));
        let other = other.map(|field| format!(" (is it {}?)", field.name)).unwrap_or_default();
        let moments = own().filter(|field| self.kind(&field.kind).0 == Kind::Iso8601);
        let moments: Vec<_> = moments.map(|field| &*field.name).collect();
        if number.is_some() {
            self.ask("identity: does `id` alone tell the rows apart? If it does not, name the fields, or say `none`");
            _ = writeln!(self.text, "identity id");
        } else {
            self.ask(&format!(
                "identity: name the fields that tell the rows apart, where they are known{other}"
            ));
            _ = writeln!(self.text, "identity none");
        }
        if takes(["date_from", "date_till"]) && number.is_some() && !moments.is_empty() {
            let moments = moments.join(", ");
            self.ask(&format!(
                "order: which moment ({moments}) is the one that the period chooses by? Without `order FIELD` the period is not cut"
            ));
        }
    }

    fn ask(&mut self, what: &str) {
        _ = writeln!(self.text, "{QUESTION}{what}");
    }

    fn params(&mut self, first: &Said<'_>) {
        let rows = |said: &Said<'a>| said.page.params.as_deref().unwrap_or_default();
        let mut names: Vec<&str> = Vec::new();
        let mut lines: Vec<(&str, &str, bool, Vec<bool>)> = Vec::new();
        for said in self.pages {
            for row in rows(said) {
                if names.contains(&&*row.name) {
                    continue;
                }
                names.push(&row.name);
                let on = self.pages.iter().map(|said| rows(said).iter().any(|other| other.name == row.name));
                lines.push((&row.name, &row.kind, row.required.unwrap_or(false), on.collect()));
            }
        }
        for (name, kind, required, on) in lines {
            let (word, known) = self.kind(kind);
            if !known {
                self.ask(&format!("{name}: the page has the type `{kind}`"));
            }
            _ = write!(self.text, "param {name} {}", word.word());
            let parent = match name {
                "filters" | "field" | "operator" | "value" => {
                    ["filter", "filters"].into_iter().find(|of| *of != name && names.contains(of))
                }
                "order" => Some("sort").filter(|sort| names.contains(sort)),
                _ => None,
            };
            if let Some(parent) = parent {
                _ = write!(self.text, " in={parent}");
            }
            self.text.push_str(if required { " required\n" } else { "\n" });
            for (said, _) in self.pages.iter().zip(on).filter(|(_, on)| !on) {
                _ = writeln!(self.text, "on {} absent", said.table);
            }
        }
        if first.page.params.is_none() {
            self.ask("the page has no table of request parameters");
        }
    }

    /// The fields of all pages in one order: those of the first, and what others have besides behind what is before it there.
    fn lines(&self) -> Vec<Line<'a>> {
        let mut lines: Vec<Line<'a>> = Vec::new();
        for (place, said) in self.pages.iter().enumerate() {
            let rows = &said.page.fields;
            let known: Vec<_> = lines.iter().map(|line| &*line.row.name).collect();
            let names: Vec<_> = rows.iter().map(|row| &*row.name).collect();
            let pairs = align(&known, &names);
            // Where each row of this page is among the lines.
            let mut at: Vec<Option<usize>> = names.iter().map(|_| None).collect();
            for (line, row) in pairs {
                if let Some(cell) = at.get_mut(row) {
                    *cell = Some(line);
                }
            }
            let mut before = 0;
            for (index, row) in rows.iter().enumerate() {
                if let Some(line) = at.get(index).copied().flatten() {
                    let parent = match row.parent {
                        Parent::Field(parent) => at.get(parent).copied().flatten(),
                        Parent::Row | Parent::Unknown => None,
                    };
                    if let Some(line) = lines.get_mut(line) {
                        if let Some(on) = line.on.get_mut(place) {
                            *on = Some(row);
                        }
                        if !line.is_nesting_known && row.parent != Parent::Unknown {
                            (line.parent, line.is_nesting_known) = (parent, true);
                        }
                    }
                    before = line + 1;
                    continue;
                }
                for cell in at.iter_mut().flatten().filter(|cell| **cell >= before) {
                    *cell += 1;
                }
                for parent in
                    lines.iter_mut().filter_map(|line| line.parent.as_mut()).filter(|of| **of >= before)
                {
                    *parent += 1;
                }
                if let Some(cell) = at.get_mut(index) {
                    *cell = Some(before);
                }
                let parent = match row.parent {
                    Parent::Field(parent) => at.get(parent).copied().flatten(),
                    Parent::Row | Parent::Unknown => None,
                };
                let mut on = vec![None; self.pages.len()];
                if let Some(on) = on.get_mut(place) {
                    *on = Some(row);
                }
                let is_nesting_known = row.parent != Parent::Unknown;
                lines.insert(before, Line { row, on, parent, is_nesting_known });
                before += 1;
            }
        }
        self.guess(&mut lines);
        lines
    }

    /// Where a row goes that is in no sample: nested rows have no marks of their own, and stand below what they are part
    /// of. Each of them is marked for a person.
    fn guess(&self, lines: &mut [Line<'_>]) {
        for at in 1..lines.len() {
            let Some((before, [line, ..])) = lines.split_at_mut_checked(at) else { return };
            let is_marked = line.on.iter().zip(self.pages).flat_map(|(row, said)| {
                row.iter().flat_map(|row| (0..said.page.columns.len()).map(|column| row.marks.agreed(column)))
            });
            if line.is_nesting_known || is_marked.clone().any(|mark| mark == Some(true)) {
                continue;
            }
            let Some(last) = before.last() else { continue };
            let is_structure = matches!(&*last.row.kind, "array" | "object");
            line.parent = if is_structure { Some(at - 1) } else { last.parent };
        }
    }

    fn fields(&mut self) {
        let lines = self.lines();
        let mut taken: Vec<String> = Vec::new();
        for line in &lines {
            let path = path(&lines, line);
            if taken.contains(&path) {
                self.ask(&format!("{path} stands on the page a second time: what is it part of?"));
                _ = write!(self.text, "# ");
            } else if !line.is_nesting_known {
                self.ask(&format!("{path}: no sample says what it is part of"));
            }
            taken.push(path);
            self.field(&lines, line);
        }
    }

    fn field(&mut self, lines: &[Line<'_>], line: &Line<'_>) {
        let row = line.row;
        let is_structure = lines.iter().any(|other| {
            other.parent.is_some_and(|parent| lines.get(parent).is_some_and(|of| std::ptr::eq(of.row, row)))
        });
        let (mut word, known) = self.kind(&row.kind);
        if !known || is_structure && !matches!(word, Kind::Array | Kind::Object) {
            if is_structure {
                word = Kind::Object;
            }
            self.ask(&format!("{}: the page has the type `{}`", row.name, row.kind));
        }
        let mut text = format!("field {} {}", row.name, word.word());
        if let Some(parent) = line.parent.and_then(|parent| lines.get(parent)) {
            _ = write!(text, " in={}", path(lines, parent));
        }
        let parent = line.parent.and_then(|parent| lines.get(parent)).map(|parent| &*parent.row.name);
        text.push_str(&self.type_of(row, parent, word, is_structure));
        let flags = self.flags(
            row,
            self.pages.iter().position(|said| said.page.fields.iter().any(|of| std::ptr::eq(of, row))),
            line.parent.is_some(),
        );
        if flags.1 {
            self.ask(&format!("{}: the row lacks cells or marks, so its flags cannot be known", row.name));
        }
        for flag in &flags.0 {
            _ = write!(text, " {flag}");
        }
        if line.on.iter().flatten().any(|row| row.deprecated == Some(true)) {
            text.push_str(" deprecated");
        }
        _ = writeln!(self.text, "{text}");
        for (at, (said, on)) in self.pages.iter().zip(&line.on).enumerate() {
            let Some(other) = on else {
                _ = writeln!(self.text, "on {} absent", said.table);
                continue;
            };
            let (kind, other_flags) =
                (self.kind(&other.kind), self.flags(other, Some(at), line.parent.is_some()).0);
            let mut differs = String::new();
            if kind.1 && kind.0 != word {
                _ = write!(differs, " type={}", kind.0.word());
            }
            let told: Vec<_> = flags
                .0
                .iter()
                .filter(|flag| said.page.columns.iter().any(|column| short(*column) == **flag))
                .copied()
                .collect();
            let told_here =
                said.page.columns.len() >= self.pages.first().map_or(0, |first| first.page.columns.len());
            if (told_here && other_flags != flags.0) || (!told_here && other_flags != told) {
                _ = write!(
                    differs,
                    " flags={}",
                    if other_flags.is_empty() { "none".to_owned() } else { other_flags.join(",") }
                );
            }
            if !differs.is_empty() {
                _ = writeln!(self.text, "on {}{differs}", said.table);
            }
        }
    }

    /// `as=`, `form=` and what else a type needs.
    fn type_of(&mut self, row: &FieldRow, parent: Option<&str>, kind: Kind, is_structure: bool) -> String {
        match kind {
            Kind::Id | Kind::Number => match self.id(&row.name, parent) {
                Some(id) => format!(" as={id}"),
                None if row.kind == "numeric" || row.name.split('_').any(|word| MEASURES.contains(&word)) => {
                    " column=double".to_owned()
                }
                None => String::new(),
            },
            Kind::Enum => match row.values.as_deref() {
                None | Some([]) => String::new(),
                Some(words) => format!(" as={}", self.words(&row.name, words)),
            },
            Kind::Iso8601 => {
                let pattern = row.values.as_ref().and_then(|values| values.first());
                let form =
                    TimeForm::ALL.into_iter().find(|(.., known)| pattern.is_some_and(|said| said == known));
                match form {
                    Some((TimeForm::Moment, ..)) | None => String::new(),
                    Some((_, word, _)) => format!(" form={word}"),
                }
            }
            Kind::Array if !is_structure && !are_texts(row) => " json".to_owned(),
            Kind::Array | Kind::Boolean | Kind::Object | Kind::String => String::new(),
        }
    }

    /// The kind that a word of the page means; text, where it means none.
    fn kind(&self, word: &str) -> (Kind, bool) {
        self.model.kind_of(word).map_or((Kind::String, false), |kind| (kind, true))
    }

    /// The flags that the row has, and whether it lacks some.
    fn flags(&self, row: &FieldRow, page: Option<usize>, is_nested: bool) -> (Vec<&'static str>, bool) {
        let columns =
            page.and_then(|page| self.pages.get(page)).map(|said| &*said.page.columns).unwrap_or_default();
        let marks: Vec<_> =
            columns.iter().enumerate().map(|(at, column)| (*column, row.marks.agreed(at))).collect();
        let mut set: Vec<_> =
            marks.iter().filter(|mark| mark.1 == Some(true)).map(|mark| short(mark.0)).collect();
        // Where the page does not say it, an answer has all of them.
        if !columns.contains(&Column::Default) && !is_nested {
            set.push(short(Column::Default));
        }
        (set, marks.iter().any(|mark| mark.1.is_none()))
    }

    /// The identifier that the end of a name says; of an `id` it is that of what it is part of.
    fn id(&self, name: &str, parent: Option<&str>) -> Option<String> {
        let known = |name: &str| {
            let id = variant(name);
            self.model.ids.iter().any(|known| known.name == id).then_some(id)
        };
        if name == "id" {
            let object = self.pages.first()?.page.method.split_once('.')?.1;
            return known(&format!("{}_id", singular(parent.unwrap_or(object))));
        }
        let mut rest = name;
        loop {
            if let Some(id) = known(rest) {
                return Some(id);
            }
            rest = rest.split_once('_')?.1;
        }
    }

    /// The enum of these words: one that the spec has, or a new one above the method.
    fn words(&mut self, name: &str, words: &[String]) -> String {
        let same = |known: &[&str]| {
            known.len() == words.len() && known.iter().all(|known| words.iter().any(|word| word == known))
        };
        for known in &self.model.enums {
            if known.labels.is_none()
                && same(&known.values.iter().map(|value| &*value.word).collect::<Vec<_>>())
            {
                return known.name.clone();
            }
        }
        for (known, of) in &self.named {
            if same(&of.iter().map(|word| &**word).collect::<Vec<_>>()) {
                return known.clone();
            }
        }
        let object =
            self.pages.first().and_then(|said| said.page.method.split_once('.')).map_or("", |name| name.1);
        let mut enumeration = format!("{}{}", variant(&singular(object)), variant(name));
        while self.named.iter().any(|(known, _)| *known == enumeration) {
            enumeration.push('2');
        }
        _ = writeln!(self.enums, "enum {enumeration} \"Words of `{name}`.\"");
        for word in words {
            let name = variant(word);
            let suffix = if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                String::new()
            } else {
                format!(" variant=N{name}")
            };
            _ = writeln!(self.enums, "value {word}{suffix}");
        }
        self.named.push((enumeration.clone(), words.to_vec()));
        enumeration
    }
}

/// Whether the page shows that the items of an array are texts: in its sample, or by listing their words.
fn are_texts(row: &FieldRow) -> bool {
    row.items.as_deref() == Some("string") || row.values.as_ref().is_some_and(|words| !words.is_empty())
}

/// Words in the names of numbers that may have a fraction.
const MEASURES: [&str; 18] = [
    "amount", "avg", "balance", "bonus", "bonuses", "charge", "cost", "costs", "coverage", "limit",
    "percent", "price", "rating", "ratio", "revenue", "share", "sum", "weight",
];

fn path(lines: &[Line<'_>], line: &Line<'_>) -> String {
    match line.parent.and_then(|parent| lines.get(parent)) {
        Some(parent) => format!("{}.{}", path(lines, parent), line.row.name),
        None => line.row.name.clone(),
    }
}

fn singular(words: &str) -> String {
    match (words.strip_suffix("ies"), words.strip_suffix("ses"), words.strip_suffix('s')) {
        (Some(stem), ..) => format!("{stem}y"),
        (.., Some(stem)) if stem.ends_with("xe") => stem.trim_end_matches('e').to_owned(),
        (_, Some(stem), _) => format!("{stem}s"),
        (.., Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
        _ => words.to_owned(),
    }
}

fn audience(words: Option<&str>) -> (&'static str, bool) {
    let Some(words) = words.map(str::to_lowercase) else { return ("everybody", false) };
    let says = |stems: [&str; 3]| stems.iter().any(|stem| words.contains(stem));
    match (
        says(["клиент", "client", "customer"]),
        says(["партн", "агент", "agent"]) || words.contains("partner"),
    ) {
        (true, true) => ("everybody", true),
        (true, false) => ("client", true),
        (false, true) => ("partner", true),
        (false, false) => ("everybody", false),
    }
}

const fn short(column: Column) -> &'static str {
    match column {
        Column::Filterable => "filter",
        Column::Sortable => "sort",
        Column::Default => "default",
    }
}

fn marks(columns: &[Column]) -> String {
    if columns.is_empty() {
        return "none".to_owned();
    }
    columns.iter().map(|column| short(*column)).collect::<Vec<_>>().join(",")
}
