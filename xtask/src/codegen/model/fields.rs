//! The fields of a method, and what they are made of: a field that is an object or an array of objects has fields of its
//! own (`in=PATH`).

use super::{
    Complaint, Exception, Exceptions, Flags, Home, Kind, Method, Owner, Position, Reader, Statement, Word,
    columns::{self, ColumnKind},
    fresh, kind, one_of, sentence_in, snake,
};

#[derive(Debug)]
pub(crate) struct Field {
    /// Where the document says it.
    pub(crate) at: Position,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// The declared type of its values.
    pub(crate) of: Option<Word>,
    /// The type of its column, where the kind does not decide it.
    pub(crate) column: Option<ColumnKind>,
    pub(crate) form: TimeForm,
    /// An array of something else than texts.
    pub(crate) is_json: bool,
    pub(crate) flags: Flags,
    pub(crate) deprecated: bool,
    pub(crate) doc: String,
    pub(crate) exceptions: Exceptions,
    pub(crate) notes: Vec<String>,
    /// What it is made of.
    pub(crate) members: Vec<Self>,
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// `YYYY-MM-DD hh:mm:ss`.
    Moment,
    Date,
    Clock,
}

impl TimeForm {
    pub(crate) const ALL: [(Self, &str, &str); 3] = [
        (Self::Moment, "moment", "YYYY-MM-DD hh:mm:ss"),
        (Self::Date, "date", "YYYY-MM-DD"),
        (Self::Clock, "clock", "hh:mm:ss"),
    ];

    /// As the pages write it.
    pub(crate) fn pattern(self) -> &'static str {
        Self::ALL.iter().find(|(form, ..)| *form == self).map_or("", |(_, _, pattern)| pattern)
    }
}

impl Field {
    /// Its kind and flags on the page of a brand, if it is there.
    pub(crate) fn on(&self, table: &str) -> Option<(Kind, Flags)> {
        match self.exceptions.get(table) {
            None => Some((self.kind, self.flags)),
            Some(Exception::Absent) => None,
            Some(Exception::Other { kind, flags }) => {
                Some((kind.unwrap_or(self.kind), flags.unwrap_or(self.flags)))
            }
        }
    }
}

impl Reader {
    pub(super) fn field(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let (at, home) = (statement.keyword.at, self.home);
        let Some(method) = self.model.methods.last_mut() else {
            return Err(at.complain("no method stands above this field"));
        };
        let name = statement.word("a name")?;
        if CANNOT.contains(&&*name.text) {
            return Err(name.at.complain("a field of a record cannot have this name"));
        }
        let name = snake(&name)?;
        let is_listing = method.listing.is_some();
        let beside = place(method, statement.attribute("in"))?;
        fresh(at, &name, beside.iter().map(|field| &field.name))?;
        let kind_word = statement.word("a kind")?;
        let kind = kind(&kind_word)?;
        let of = statement.attribute("as");
        if is_listing && kind == Kind::Id && of.is_none()
            || home == Home::Core && kind == Kind::Enum && of.is_none() && is_listing
        {
            return Err(kind_word.at.complain(format!("a field of kind `{}` needs as=", kind.word())));
        }
        let column = columns::of_field(&mut statement, kind, of.as_ref())?;
        let forms = TimeForm::ALL.map(|(form, name, _)| (name, form));
        let form = statement.attribute("form");
        if let Some(form) = form.as_ref().filter(|_| kind != Kind::Iso8601) {
            return Err(form.at.complain("only an iso8601 has a form"));
        }
        let form = form.map_or(Ok(TimeForm::Moment), |form| one_of(&form, &forms))?;
        let is_json = statement.flag("json");
        if is_json && kind != Kind::Array {
            return Err(at.complain("only an array needs to be said to be json"));
        }
        let (filter, sort) = (statement.flag("filter"), statement.flag("sort"));
        let flags = Flags { filter, sort, default: statement.flag("default") };
        let deprecated = statement.flag("deprecated");
        let doc = sentence_in(home, &mut statement)?;
        let (exceptions, notes, members) = (Exceptions::new(), Vec::new(), Vec::new());
        beside.push(Field {
            at,
            name,
            kind,
            of,
            column,
            form,
            is_json,
            flags,
            deprecated,
            doc,
            exceptions,
            notes,
            members,
        });
        self.exceptions = Owner::Field(at);
        statement.finish()
    }
}

/// The fields among which a new one stands.
fn place(method: &mut Method, path: Option<Word>) -> Result<&mut Vec<Field>, Complaint> {
    let Some(path) = path else { return Ok(&mut method.fields) };
    let mut fields = &mut method.fields;
    for name in path.text.split('.') {
        let Some(field) = fields.iter_mut().find(|field| field.name == name) else {
            return Err(path.at.complain(format!("no field `{name}` stands above this line")));
        };
        if !matches!(field.kind, Kind::Array | Kind::Object) {
            return Err(path.at.complain(format!("`{name}` is neither an object nor an array")));
        }
        fields = &mut field.members;
    }
    Ok(fields)
}

pub(super) fn flatten<'a>(all: &mut Vec<(String, &'a Field)>, of: &str, fields: &'a [Field]) {
    for field in fields {
        let path = if of.is_empty() { field.name.clone() } else { format!("{of}.{}", field.name) };
        all.push((path.clone(), field));
        flatten(all, &path, &field.members);
    }
}

/// The field that this line declared.
pub(super) fn at(fields: &mut [Field], line: Position) -> Option<&mut Field> {
    fields.iter_mut().find_map(
        |field| {
            if field.at == line { Some(field) } else { at(&mut field.members, line) }
        },
    )
}

/// Names that even `r#` does not make one of a field, and the one that records have besides.
const CANNOT: [&str; 4] = ["crate", "extra", "self", "super"];
