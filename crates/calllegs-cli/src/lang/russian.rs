//! The Russian of everything that is said, by the English that stands in the code. Forms of a noun are separated by a bar:
//! one, a few, many. A room of this table has the texts of some rooms of the code.

mod account;
mod command_line;
mod core;
mod diagnostics;
mod doctor;
mod errors;
mod help;
mod input;
mod listings;
mod manuals;
mod reading;
mod redact;
mod report;
mod sandbox;
mod store;

/// The tables, each of a subject.
const TABLES: [&[(&str, &str)]; 15] = [
    account::TEXTS,
    command_line::TEXTS,
    core::TEXTS,
    diagnostics::TEXTS,
    doctor::TEXTS,
    errors::TEXTS,
    help::TEXTS,
    input::TEXTS,
    listings::TEXTS,
    manuals::TEXTS,
    reading::TEXTS,
    redact::TEXTS,
    report::TEXTS,
    sandbox::TEXTS,
    store::TEXTS,
];

/// All texts with their Russian.
pub(super) fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    TABLES.into_iter().flatten().copied()
}

/// The Russian of a text.
pub(super) fn of(english: &str) -> Option<&'static str> {
    all().find(|(known, _)| *known == english).map(|(_, russian)| russian)
}

/// What the other crates say of their errors, as templates of their sources.
pub(super) fn heard() -> impl Iterator<Item = (&'static str, &'static str)> {
    [core::TEXTS, errors::TEXTS, store::TEXTS].into_iter().flatten().copied()
}
