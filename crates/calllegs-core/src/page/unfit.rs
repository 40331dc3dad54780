//! Rows that do not fit what they are read as. Not here: the reading (`projection`).

use std::fmt;

use super::Row;

/// A row that does not fit the type that it is to be read as. It costs no other row, and it is kept: [`text`](Self::text).
///
/// ```
/// use calllegs_core::{CallLegs, Period, Query, rpc, value::wall_time};
/// # let time = |text| wall_time::parse(text).unwrap();
/// # let day = Period::new(time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00"))?;
/// let query = Query::<CallLegs>::new(day).select((CallLegs::ID, CallLegs::DURATION));
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":1,"duration":"long"},{"id":2,"duration":5}]}}"#;
/// let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
/// let unfit = page.rows[0].as_ref().unwrap_err();
/// assert_eq!(unfit.to_string(), "row 0 of the page: `duration` does not fit its type: string, expected number");
/// assert_eq!(unfit.text(), r#"{"id":1,"duration":"long"}"#);
/// assert_eq!(page.rows[1], Ok((Some(2.into()), Some(5))));
/// # Ok::<(), calllegs_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Unfit(Box<Misread>);

#[derive(Clone, PartialEq, Eq)]
struct Misread {
    row: usize,
    member: Option<Box<str>>,
    reason: Option<Box<str>>,
    text: Box<str>,
}

impl Unfit {
    /// A row whose member of this name is not of the type. The reason quotes no value.
    pub(crate) fn new(row: &Row<'_>, member: Option<&str>, reason: Option<String>) -> Self {
        let (member, reason) = (member.map(Into::into), reason.map(Into::into));
        Self(Box::new(Misread { row: row.number(), member, reason, text: row.text().into() }))
    }

    /// The number of the row in its page, from 0.
    pub fn row(&self) -> usize {
        self.0.row
    }

    /// Which member is missing or does not fit; `None` when that cannot be told.
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// What was found there and what the type expects, as far as that can be told without the value itself.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// The row as the server wrote it.
    pub fn text(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {} of the page: ", self.0.row)?;
        match &self.0.member {
            Some(member) => write!(f, "`{member}` does not fit its type"),
            None => f.write_str("it does not fit its type"),
        }?;
        match &self.0.reason {
            Some(reason) => write!(f, ": {reason}"),
            None => Ok(()),
        }
    }
}

/// Shows where it is, and no value.
impl fmt::Debug for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unfit({self})")
    }
}

impl std::error::Error for Unfit {}
