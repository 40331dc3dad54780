//! How conditions are joined, and the opposites of what they compare with. Not here: the operators themselves, and what
//! they hold for ([`OperatorInfo`]).

use crate::{
    generated::operators::OPERATORS,
    schema::{Operator, OperatorInfo},
    value::word::serde_words,
};

/// How the members of a tree combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the API has these two")]
pub enum Condition {
    /// All of them.
    And,
    /// At least one of them.
    Or,
}

impl Condition {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::And, Self::Or];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::And => "and",
            Self::Or => "or",
        }
    }

    pub(super) const fn opposite(self) -> Self {
        match self {
            Self::And => Self::Or,
            Self::Or => Self::And,
        }
    }
}

serde_words!(Condition, "condition");

impl Operator {
    /// Where the operator holds.
    pub fn info(self) -> Option<&'static OperatorInfo> {
        OPERATORS.iter().find(|info| info.operator == self)
    }

    /// The operator that matches exactly the rows with a value that this one leaves out. Portable where one is.
    pub(super) const fn opposite(self) -> Option<Self> {
        Some(match self {
            Self::Equals => Self::Differs,
            Self::Differs => Self::Equals,
            Self::Less => Self::AtLeast,
            Self::Greater => Self::AtMost,
            Self::AtMost => Self::Greater,
            Self::AtLeast => Self::Less,
            Self::Like => Self::NotLike,
            Self::Ilike => Self::NotIlike,
            Self::NotLike => Self::Like,
            Self::NotIlike => Self::Ilike,
            Self::NotIn => Self::In,
            Self::In => Self::NotIn,
            Self::Overlap => Self::NotOverlap,
            Self::NotOverlap => Self::Overlap,
            Self::IsNull => Self::IsNotNull,
            Self::IsNotNull => Self::IsNull,
            Self::Regexp | Self::Jsquery => return None,
        })
    }
}
