//! The operators of the filter language, and where each holds. Not here: what they do with a value
//! ([`filter`](crate::filter)).

use super::{Brand, Kind};
use crate::value::word::serde_words;

macro_rules! operators {
    ($(#[doc = $summary:literal] $name:ident = $word:literal,)*) => {
        /// An operator of the filter language. Every brand documents `=`, `!=`, `<`, `>`, `<=`, `>=`, `like`, `regexp`,
        /// `jsquery` and `in`; [`Filter::check`](crate::Filter::check) tells of a whole filter.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operator {
            $(#[doc = $summary] $name,)*
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

            /// What it holds for, in a sentence.
            pub const fn summary(self) -> &'static str {
                match self {
                    $(Self::$name => $summary.trim_ascii(),)*
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

/// Where an operator of the filter language holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct OperatorInfo {
    /// The operator.
    pub operator: Operator,
    /// Kinds of fields it takes.
    pub kinds: &'static [Kind],
    /// Whether `null` is a value it takes.
    pub takes_null: bool,
    brands: &'static [Brand],
}

impl OperatorInfo {
    pub(crate) const fn new(
        operator: Operator,
        kinds: &'static [Kind],
        takes_null: bool,
        brands: &'static [Brand],
    ) -> Self {
        Self { operator, kinds, takes_null, brands }
    }

    /// Whether the brand documents the operator.
    pub fn is_documented(&self, brand: Brand) -> bool {
        self.brands.iter().any(|documented| documented.table() == brand.table())
    }

    /// Whether every brand documents the operator.
    pub fn is_portable(&self) -> bool {
        Brand::ALL.iter().all(|brand| self.is_documented(*brand))
    }
}
