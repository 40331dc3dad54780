//! Reasons of unanswered rings in words, and who can do something about each.

use super::texts;
use crate::{
    language::{Both, Language},
    reason_class::ReasonClass,
    reason_words::reason_in_words,
};

/// Who can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fixer {
    /// Staffing, a team lead, a schedule.
    People,
    /// An administrator: devices, rules, scenarios.
    Admin,
    /// The owner of the account: money, limits, tariff.
    Owner,
    /// Nobody here.
    Nobody,
}

impl Fixer {
    pub(super) const ALL: [Self; 4] = [Self::People, Self::Admin, Self::Owner, Self::Nobody];

    fn of(class: ReasonClass) -> Self {
        match class {
            ReasonClass::StaffBusy | ReasonClass::StaffNoAnswer | ReasonClass::StaffAway => Self::People,
            ReasonClass::Device | ReasonClass::Rules | ReasonClass::Scenario => Self::Admin,
            ReasonClass::CapacityMoney => Self::Owner,
            ReasonClass::CallerLeft
            | ReasonClass::CustomerUnreachable
            | ReasonClass::ColleagueFaster
            | ReasonClass::Finished
            | ReasonClass::Fax
            | ReasonClass::Internal
            | ReasonClass::Other => Self::Nobody,
        }
    }

    pub(super) const fn name(self) -> Both {
        match self {
            Self::People => texts::FIX_PEOPLE,
            Self::Admin => texts::FIX_ADMIN,
            Self::Owner => texts::FIX_OWNER,
            Self::Nobody => texts::FIX_NOBODY,
        }
    }

    /// In a word, beside a bar: colour is not the only sign.
    pub(super) const fn short(self) -> Both {
        match self {
            Self::People => texts::PEOPLE_SHORT,
            Self::Admin => texts::ADMIN_SHORT,
            Self::Owner => texts::OWNER_SHORT,
            Self::Nobody => texts::FIX_NOBODY,
        }
    }

    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::People => "fix-people",
            Self::Admin => "fix-admin",
            Self::Owner => "fix-owner",
            Self::Nobody => "fix-nobody",
        }
    }
}

/// A word of the API in the reader's words, and who can do something about it; a word that is not known stays as it is.
pub(super) fn of(word: &str, lang: Language) -> (&str, Fixer) {
    (reason_in_words(word, lang), Fixer::of(ReasonClass::of(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_that_nobody_documents_stays_as_it_is() {
        assert_eq!(of("made_up", Language::Russian), ("made_up", Fixer::Nobody));
    }
}
