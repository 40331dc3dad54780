//! The words of `--with`. Not here: what they stand for (`input::with`).

/// A listing that legs can have beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum With {
    Sessions,
    Costs,
}

impl With {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::Sessions, Self::Costs];

    /// The word of the flag.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sessions => "sessions",
            Self::Costs => "costs",
        }
    }
}

calllegs_core::words!(With, "companion");
