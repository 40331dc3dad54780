//! The words that conditions are joined and compared with. Not here: what they hold for ([`OperatorInfo`]).

use crate::{generated::operators::OPERATORS, schema::OperatorInfo, value::word::serde_words};

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

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// An operator of the filter language. Every brand documents `=`, `!=`, `<`, `>`, `<=`, `>=`, `like`, `regexp`,
        /// `jsquery` and `in`; [`Filter::check`](super::Filter::check) tells of a whole filter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operator {
            $($(#[$doc])* $name,)*
        }

        impl Operator {
            /// All operators, in documented order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }

        serde_words!(Operator, "operator");
    };
}

operators! {
    /// Equal; `null` matches rows without a value.
    Equals = "=",
    /// Not equal; `null` matches rows with a value.
    Differs = "!=",
    /// Below.
    Less = "<",
    /// Above.
    Greater = ">",
    /// Equal or below.
    AtMost = "<=",
    /// Equal or above.
    AtLeast = ">=",
    /// Fits a pattern of `%` and `_`, case matters.
    Like = "like",
    /// Fits a pattern of `%` and `_`, case does not matter.
    Ilike = "ilike",
    /// Does not fit a pattern, case matters.
    NotLike = "not_like",
    /// Does not fit a pattern, case does not matter.
    NotIlike = "not_ilike",
    /// Has a match of a POSIX regular expression.
    Regexp = "regexp",
    /// Fits a PostgreSQL `jsquery` expression.
    Jsquery = "jsquery",
    /// Is one of a list.
    In = "in",
    /// Is none of a list.
    NotIn = "not_in",
    /// An array that shares a member with a list.
    Overlap = "overlap",
    /// An array that shares no member with a list.
    NotOverlap = "not_overlap",
    /// Has no value.
    IsNull = "is_null",
    /// Has a value.
    IsNotNull = "is_not_null",
}

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
