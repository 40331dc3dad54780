//! The calls of a sweep that are out, and what their answers are for. Not here: the calls themselves (`page_call`).

use super::CallId;

/// A call whose answer is waited for.
#[derive(Clone, Copy, Debug)]
pub(super) struct InFlight {
    pub(super) id: CallId,
    pub(super) wanted: Wanted,
    pub(super) columns: usize,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The question that is open.
    Answer,
    /// Nothing any more: the window was begun anew.
    Nothing,
    /// The page at this offset of the window that is being read.
    Page(u32),
}
