//! What a row that came is to a place, and how many were written. Not here: how that is found out.

/// What a leg is to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a leg is new, otherwise, or the same")]
pub enum Change {
    /// It is not there.
    New,
    /// It is there, and differs.
    Changed,
    /// It is there as it is.
    None,
}

/// Legs that were written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two counts")]
pub struct Counts {
    /// That were new to the place.
    pub inserted: u64,
    /// That the place had otherwise.
    pub changed: u64,
}

impl Counts {
    /// Of what is to be done with each leg.
    pub fn of(changes: &[Change]) -> Self {
        let count = |of: Change| changes.iter().filter(|change| **change == of).count() as u64;
        Self { inserted: count(Change::New), changed: count(Change::Changed) }
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.inserted += other.inserted;
        self.changed += other.changed;
    }
}
