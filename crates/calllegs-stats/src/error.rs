//! Why legs give no numbers. Nothing here names a person or a value of a leg but its id.

use std::{error, fmt};

/// Why legs give no numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A column that the numbers need is not there.
    NoColumn(&'static str),
    /// A column has another type than the tool writes.
    Type(&'static str),
    /// The column that results are to be split by is not there.
    NothingToSplitBy(&'static str),
    /// A leg has no value in a column that the numbers need.
    NoValue(&'static str),
    /// No leg at all has a value in a column that the numbers need: nothing would be told from no.
    Unknown(&'static str),
    /// A leg is there twice, this one: what is read holds some of its legs more than once.
    Twice(i64),
    /// A time is before 1970 or after 2105.
    Time(&'static str),
    /// There are more accounts, or more names, than can be told apart.
    TooMany(&'static str),
    /// What is read changed while it was read: a second reading still had legs that came late.
    Changed,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoColumn(name) => {
                write!(f, "there is no column {name}; without it calls cannot be told, extract it too")
            }
            Self::NothingToSplitBy(name) => {
                write!(f, "there is no column {name} to split by; extract it too")
            }
            Self::Type(name) => write!(f, "the column {name} has not the type that calllegs writes"),
            Self::NoValue(name) => write!(f, "a leg has no {name}; without it calls cannot be told"),
            Self::Unknown(name) => {
                write!(f, "no leg has a {name}; without it calls cannot be told, extract it too")
            }
            Self::Twice(id) => {
                write!(f, "the leg {id} is there twice; name only one of the places that hold it")
            }
            Self::Time(name) => write!(f, "a {name} is before 1970 or after 2105"),
            Self::TooMany(what) => write!(f, "there are too many {what}"),
            Self::Changed => f.write_str("what is read changed while it was read; run it again"),
        }
    }
}

impl error::Error for Error {}
