//! What tells the rows of a method apart, and what places them in the period: lines of the spec, and what follows where
//! there is none. How a listing is read follows from it, so a wrong line would merge rows.

use super::{Field, Kind, Method, Reader, TimeForm};
use crate::codegen::spec::{Complaint, Statement, Word};

impl Reader {
    /// `identity FIELD...`, or `identity none`.
    pub(super) fn identity(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let mut fields = statement.words();
        let Some(method) = self.model.methods.last_mut() else {
            return Err(at.complain("no method stands above this identity"));
        };
        if fields.is_empty() {
            return Err(at.complain("`identity` needs fields, or `none`"));
        }
        if let [only] = fields.as_slice()
            && only.text == "none"
        {
            fields.clear();
        }
        if method.identity.replace(fields).is_some() {
            return Err(at.complain("a second identity"));
        }
        statement.finish()
    }

    /// `order FIELD [SESSION]`.
    pub(super) fn order(&mut self, mut statement: Statement) -> Result<(), Complaint> {
        let at = statement.keyword.at;
        let fields = statement.words();
        let Some(method) = self.model.methods.last_mut() else {
            return Err(at.complain("no method stands above this order"));
        };
        if !matches!(fields.len(), 1 | 2) {
            return Err(at.complain("`order` needs the field of the start, and may have that of the call"));
        }
        if !std::mem::replace(&mut method.order, fields).is_empty() {
            return Err(at.complain("a second order"));
        }
        statement.finish()
    }
}

impl Method {
    /// The fields that together tell a row apart: those of its line, or `id` where the answer has pages and a row has one.
    /// One answer needs none.
    pub(crate) fn identity(&self) -> Vec<&str> {
        match &self.identity {
            Some(fields) => fields.iter().map(|field| &*field.text).collect(),
            None => {
                self.field("id").filter(|_| self.has_pages()).map(|field| &*field.name).into_iter().collect()
            }
        }
    }

    /// How its listing is read, as the core derives it from the same lines.
    pub(crate) fn shape(&self) -> &'static str {
        let order = self.order.first().and_then(|order| self.field(&order.text));
        match order {
            _ if !self.has_pages() => "single",
            Some(order) if order.flags.sort => "hops",
            Some(_) => "windows",
            None => "offset",
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// Refuses lines that name what is not there, or what cannot be meant.
pub(super) fn check(method: &Method) -> Result<(), Complaint> {
    let known = |word: &Word| {
        let missing = || word.at.complain(format!("`{}` has no field `{}`", method.name, word.text));
        method.field(&word.text).ok_or_else(missing)
    };
    for word in method.identity.iter().flatten() {
        known(word)?;
    }
    let Some(start) = method.order.first() else { return Ok(()) };
    let field = known(start)?;
    if field.kind != Kind::Iso8601 || field.form != TimeForm::Moment {
        return Err(start.at.complain(format!("`{}` is no moment", start.text)));
    }
    let identity = method.identity();
    let number =
        |name: &str| method.field(name).is_some_and(|field| matches!(field.kind, Kind::Id | Kind::Number));
    if !method.is_report() || !matches!(identity.as_slice(), [only] if number(only)) {
        let message =
            "rows are read by their starts where there is a period, and one number tells them apart";
        return Err(start.at.complain(message));
    }
    match method.order.get(1) {
        Some(session) if !number(&known(session)?.name) => {
            Err(session.at.complain(format!("`{}` is no number", session.text)))
        }
        Some(_) | None => Ok(()),
    }
}
