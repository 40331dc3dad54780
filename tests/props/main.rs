//! Laws that hold for any input: of filters, periods, values and pages.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

mod filters;
mod gate;
mod pages;
mod periods;
mod rows;
