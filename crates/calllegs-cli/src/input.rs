//! Words of people as values: periods, columns, where rows go. Pure. Not here: flags as they stand on the command line (`cli`).

pub(crate) mod columns;
pub(crate) mod dates;
pub(crate) mod listing;
pub(crate) mod output_target;
pub(crate) mod place;
pub(crate) mod redaction;
pub(crate) mod selection;
pub(crate) mod with;
