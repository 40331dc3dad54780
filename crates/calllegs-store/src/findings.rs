//! What is noticed about rows while they are written. Not here: how it is told.

use std::collections::BTreeSet;

use arrow_array::{Array, RecordBatch, cast::AsArray};
use calllegs_core::{CallLegs, FinishReason, schema::Listing};
use serde_json::{Map, Value};

/// What readers of the rows should know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// Legs that end for a reason that this version does not know; it is kept as sent.
    pub new_reasons: u64,
    /// Members that nobody documents, wherever they are kept. A few of their names.
    pub new_members: BTreeSet<String>,
    /// Members that nobody documents, and that have no place in the format. A few of their names.
    pub lost_members: BTreeSet<String>,
    /// Characters that the encoding of the file does not have.
    pub lost_letters: u64,
}

impl Findings {
    /// Looks at the rows of a batch. In a form whose columns are fixed, members that nobody documents get lost.
    pub(crate) fn observe(&mut self, batch: &RecordBatch, is_fixed: bool) {
        let texts = |name| batch.column_by_name(name)?.as_string_opt::<i32>();
        if let Some(reasons) = texts("finish_reason") {
            // Neighbours mostly end for the same reason.
            let mut last = ("", true);
            for reason in reasons.iter().flatten() {
                if last.0 != reason {
                    last = (reason, FinishReason::from(reason).is_known());
                }
                self.new_reasons += u64::from(!last.1);
            }
        }
        let Some(extras) = texts("extra").filter(|extras| extras.null_count() < extras.len()) else {
            return;
        };
        for extra in extras.iter().flatten() {
            let members: Map<String, Value> = serde_json::from_str(extra).unwrap_or_default();
            // Values of columns that are not the legs' own may not fit them either.
            let is_known =
                |name: &str| CallLegs::field(name).is_some() || batch.column_by_name(name).is_some();
            let undocumented = members.into_iter().filter(|(name, _)| !is_known(name));
            let room = LOST_NAMES.saturating_sub(self.new_members.len());
            self.new_members.extend(undocumented.take(room).map(|(name, _)| name));
        }
        if is_fixed {
            self.lost_members.clone_from(&self.new_members);
        }
    }
}

/// Names of undocumented members that are worth listing.
const LOST_NAMES: usize = 10;
