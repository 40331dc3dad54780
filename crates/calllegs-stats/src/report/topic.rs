//! The parts of a report, by name.

use std::str::FromStr;

/// A part of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topic {
    /// Calls and service level by day, week or month.
    Days,
    /// Calls by account, group, number or scenario, where that is asked for.
    Breakdown,
    /// Calls by weekday and hour.
    Hours,
    /// How long callers wait.
    Waits,
    /// People who were there, people needed, lines in use.
    Load,
    /// Why rings were not answered.
    Reasons,
    /// What became of missed calls.
    Callbacks,
    /// Employees.
    People,
    /// Who hands calls on to whom.
    Transfers,
    /// Calls by scenario.
    Scenarios,
    /// Rings by group.
    Groups,
    /// Figures that need no drawing.
    Figures,
}

impl Topic {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 12] = [
        Self::Days,
        Self::Breakdown,
        Self::Hours,
        Self::Waits,
        Self::Load,
        Self::Reasons,
        Self::Callbacks,
        Self::People,
        Self::Transfers,
        Self::Scenarios,
        Self::Groups,
        Self::Figures,
    ];

    /// The name, as a flag and an anchor of the page spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Days => "days",
            Self::Breakdown => "breakdown",
            Self::Hours => "hours",
            Self::Waits => "waits",
            Self::Load => "load",
            Self::Reasons => "reasons",
            Self::Callbacks => "callbacks",
            Self::People => "people",
            Self::Transfers => "transfers",
            Self::Scenarios => "scenarios",
            Self::Groups => "groups",
            Self::Figures => "figures",
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|topic| topic.as_str() == text).ok_or(())
    }
}
