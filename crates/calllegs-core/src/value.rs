//! Values as the wire carries them, one module per kind. Not here: which field has which value ([`schema`](crate::schema)).

pub(crate) mod id;
pub mod lenient;
pub(crate) mod open_enum;
pub mod phone;
pub(crate) mod repair;
pub mod secret;
pub mod wall_time;
pub(crate) mod word;

pub use open_enum::UnknownValue;
pub use word::UnknownWord;
