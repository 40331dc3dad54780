//! `open_enum!`: an enum of the server's words that keeps words it does not know. Both directions come from one table.

use std::fmt;

/// A word that the server used and our tables do not have. Only the enum that holds it can make it or show it, so a
/// word that gains a variant later breaks nobody.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    #[doc(hidden)]
    pub fn new(word: &str) -> Self {
        Self(word.into())
    }

    #[doc(hidden)]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[unknown]")
    }
}

/// Declares an open enum, for the tables of a crate of reports: `Variant = "wire"`, with further spellings that are read
/// as the same value. [`enum_values!`](crate::enum_values) makes it the type of fields.
#[macro_export]
macro_rules! open_enum {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $wire:literal $(| $alias:literal)*,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
            /// A word that the tables do not have; [`as_str`](Self::as_str) gives it back.
            #[doc(hidden)]
            _Unknown($crate::value::UnknownValue),
        }

        impl $name {
            /// Every known value, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The wire's words of [`ALL`](Self::ALL), in the same order.
            pub const WORDS: &'static [&'static str] = &[$($wire),*];

            /// Other spellings that are read as known values: `(spelling, word)`.
            pub const ALIASES: &'static [(&'static str, &'static str)] = &[$($(($alias, $wire),)*)*];

            /// The wire's word; of an unknown value, what the server wrote.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::_Unknown(word) => word.as_str(),
                }
            }

            /// Whether the tables have this value.
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::_Unknown(_))
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($wire $(| $alias)* => Self::$variant,)*
                    _ => Self::_Unknown($crate::value::UnknownValue::new(word)),
                }
            }
        }

        /// Any text is a value; one that the tables do not have is kept as it is.
        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Ok(Self::from(word))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(if self.is_known() { self.as_str() } else { "[unknown]" })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Ok(Self::from(&*word))
            }
        }
    };
}

pub(crate) use open_enum;
