//! Names of the folders in which files lie by account and date, as Hive writes them: `account=uis%3A1103/date=2026-03-02`.
//! Engines that read such a folder make columns of them. Not here: what is in the folders, and the names of files.

use std::fmt::Write as _;

use chrono::NaiveDate;

/// What names of folders begin with.
pub const ACCOUNT: &str = "account=";
/// The same of a date.
pub const DATE: &str = "date=";

/// The folder of an account.
///
/// ```
/// use calllegs_arrow::partition;
///
/// assert_eq!(partition::account("uis:1103"), "account=uis%3A1103");
/// ```
pub fn account(account: &str) -> String {
    format!("{ACCOUNT}{}", escaped(account))
}

/// The folder of a date.
pub fn date(date: NaiveDate) -> String {
    format!("{DATE}{date}")
}

/// A value as a part of a name: what Hive does not write as it is stands as %XX.
pub fn escaped(value: &str) -> String {
    let mut name = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            name.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            let _infallible = write!(name, "%{byte:02X}");
        }
    }
    name
}
