//! Whose API is asked, with which key, and whose legs these are. Not here: what is asked (`commands`).

pub(crate) mod config;
pub(crate) mod connect;
pub(crate) mod credentials;
pub(crate) mod customer_cache;
pub(crate) mod identity;
pub(crate) mod secrets;
pub(crate) mod server_clock;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod zone_cache;
pub(crate) mod zone_rules;
