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

/// The calls that a sweep makes.
#[derive(Debug, Default)]
pub(super) struct Calls {
    pub(super) in_flight: Vec<InFlight>,
    /// The number of the last one.
    pub(super) last: u64,
    /// No more of them are made.
    pub(super) stopped: bool,
}

impl Calls {
    /// Whether an answer of this use is waited for.
    pub(super) fn awaits(&self, wanted: Wanted) -> bool {
        self.in_flight.iter().any(|call| call.wanted == wanted)
    }

    pub(super) fn take(&mut self, id: CallId) -> Option<InFlight> {
        let index = self.in_flight.iter().position(|call| call.id == id)?;
        Some(self.in_flight.swap_remove(index))
    }

    /// Marks all pages in flight as stale.
    pub(super) fn mark_stale(&mut self) {
        for call in &mut self.in_flight {
            if let Wanted::Page(_) = call.wanted {
                call.wanted = Wanted::Nothing;
            }
        }
    }
}
