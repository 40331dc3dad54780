//! What results are split by. Not here: to which parts a leg and a call belong, what is counted in them (`parts`).

use std::str::FromStr;

use crate::shape::{Column, Kind, column};

/// What results are split by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum By {
    /// The account. People and calls of different accounts may have the same ids.
    Account,
    /// The day that a call or a ring began on.
    Day,
    /// The employee who was rung. Calls belong to nobody alone: only rings are split.
    Employee,
    /// The group that was rung. A call that rang several counts in each of them with what became of it, so groups do not add up.
    Group,
    /// The hour of the day that a call or a ring began in.
    Hour,
    /// The virtual number that was called, or that a call was made from.
    Number,
    /// The scenario that a call came through.
    Scenario,
}

impl By {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Account, Self::Group, Self::Scenario, Self::Number, Self::Employee, Self::Day, Self::Hour];

    /// The name, as a flag spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Day => "day",
            Self::Employee => "employee",
            Self::Group => "group",
            Self::Hour => "hour",
            Self::Number => "number",
            Self::Scenario => "scenario",
        }
    }

    /// The columns that name a part.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Account => const { &[column("account", Kind::Text)] },
            Self::Day => const { &[column("day", Kind::Date)] },
            Self::Employee => {
                const { &[column("employee_id", Kind::Integer), column("employee", Kind::Text)] }
            }
            Self::Group => const { &[column("group_name", Kind::Text)] },
            Self::Hour => const { &[column("hour", Kind::Integer)] },
            Self::Number => const { &[column("virtual_phone_number", Kind::Text)] },
            Self::Scenario => const { &[column("scenario", Kind::Text)] },
        }
    }

    /// The column of legs without which nothing can be split, beside those that are always needed.
    pub const fn needs(self) -> Option<&'static str> {
        match self {
            Self::Account | Self::Day | Self::Hour => None,
            Self::Employee => Some("employee_id"),
            Self::Group => Some("group_name"),
            Self::Number => Some("virtual_phone_number"),
            Self::Scenario => Some("scenario_name"),
        }
    }

    /// Whether a call is in one part, so that the parts add up to the whole.
    pub const fn adds_up(self) -> bool {
        !matches!(self, Self::Group)
    }
}

impl FromStr for By {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|by| by.as_str() == text).ok_or(())
    }
}
