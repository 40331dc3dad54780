//! The columns of files: those of the fields and our own, in one order. What an API's kind leaves open of a column's type
//! stands on the line of the field.

use super::{Complaint, Field, Home, Kind, Method, Reader, Statement, Word, fresh, one_of, sentence, snake};

#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: ColumnKind,
    /// The place of its field among those of the method; none when the column is our own.
    pub(crate) field: Option<usize>,
    pub(crate) doc: String,
}

/// The type of a column, by the names of `calllegs-arrow`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Boolean,
    Double,
    Instant,
    Int32,
    Int64,
    Text,
    TextList,
    WallTime,
}

impl ColumnKind {
    fn of(field: &Field) -> Self {
        match field.kind {
            Kind::Array => Self::TextList,
            Kind::Boolean => Self::Boolean,
            Kind::Enum | Kind::Object | Kind::String => Self::Text,
            Kind::Id | Kind::Number => field.column.unwrap_or(Self::Int64),
            Kind::Iso8601 => Self::WallTime,
        }
    }

    /// The variant of `ColumnKind` in the crate of columns.
    pub(crate) fn variant(self) -> String {
        format!("{self:?}")
    }
}

impl Reader {
    pub(super) fn column(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let Some(method) = self.model.methods.last_mut().filter(|method| method.listing.is_some()) else {
            return Err(at.complain("no `get` method stands above this column"));
        };
        let word = statement.word("a name")?;
        let name = snake(&word)?;
        fresh(at, &name, method.columns.iter().map(|column| &column.name))?;
        let field = method.fields.iter().enumerate().find(|(_, field)| field.name == name);
        let column = match (field, statement.attribute("type")) {
            (Some((place, field)), None) => {
                Column { name, kind: ColumnKind::of(field), field: Some(place), doc: field.doc.clone() }
            }
            (None, Some(kind)) => {
                let kind = one_of(&kind, &[("instant", ColumnKind::Instant), ("text", ColumnKind::Text)])?;
                Column { name, kind, field: None, doc: sentence(&mut statement)? }
            }
            (Some(_), Some(kind)) => {
                return Err(kind.at.complain(format!("`{name}` is a field, its own line says the type")));
            }
            (None, None) => {
                let method = &method.name;
                return Err(word.at.complain(format!(
                    "no field `{name}` of `{method}` stands above; a column of our own needs type="
                )));
            }
        };
        method.columns.push(column);
        statement.finish()
    }
}

/// `column=` on the line of a field.
pub(super) fn of_field(
    statement: &mut Statement,
    kind: Kind,
    of: Option<&Word>,
) -> Result<Option<ColumnKind>, Complaint> {
    let Some(word) = statement.attribute("column") else { return Ok(None) };
    if kind != Kind::Number || of.is_some() {
        return Err(word.at.complain("only a number without as= has a choice of columns"));
    }
    one_of(&word, &[("double", ColumnKind::Double), ("int32", ColumnKind::Int32)]).map(Some)
}

/// Either every field has its column or none says anything of one. Outside of the core every field has its column, without
/// a line that says so.
pub(super) fn check(method: &Method) -> Result<(), Complaint> {
    if method.home == Home::Reports {
        return Ok(());
    }
    let name = &method.name;
    for (place, field) in method.fields.iter().enumerate() {
        if method.columns.is_empty() {
            if field.column.is_some() {
                return Err(field.at.complain(format!("column= means nothing: `{name}` has no columns")));
            }
        } else if !method.columns.iter().any(|column| column.field == Some(place)) {
            let message = format!("`{}` is missing from the columns of `{name}`", field.name);
            return Err(field.at.complain(message));
        }
    }
    Ok(())
}
