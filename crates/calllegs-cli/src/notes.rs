//! What is noticed about rows while they are written, for one line each at the end of a run.

use std::collections::BTreeSet;

use arrow_array::{Array, RecordBatch, cast::AsArray};
use calllegs_core::{CallLegs, FinishReason, schema::Listing};
use serde_json::{Map, Value};

use crate::screen::{clean, counted};

/// What readers of the rows should know.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    new_reasons: u64,
    lost_members: BTreeSet<String>,
    /// Characters that the encoding of the file does not have.
    pub(crate) lost_letters: u64,
}

impl Notes {
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
        let Some(extras) = texts("extra").filter(|extras| is_fixed && extras.null_count() < extras.len())
        else {
            return;
        };
        for extra in extras.iter().flatten() {
            let members: Map<String, Value> = serde_json::from_str(extra).unwrap_or_default();
            let undocumented = members.into_iter().filter(|(name, _)| CallLegs::field(name).is_none());
            let room = LOST_NAMES.saturating_sub(self.lost_members.len());
            self.lost_members.extend(undocumented.take(room).map(|(name, _)| name));
        }
    }

    /// One line for each kind of thing.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.new_reasons > 0 {
            lines.push(format!(
                "{} {} for a reason that this version does not know; it is kept as sent",
                counted(self.new_reasons, "leg"),
                if self.new_reasons == 1 { "ends" } else { "end" }
            ));
        }
        if !self.lost_members.is_empty() {
            let names = self.lost_members.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
            lines
                .push(format!("members that the documentation does not name have no column in CSV: {names}"));
        }
        if self.lost_letters > 0 {
            lines.push(format!(
                "{} not in CP1251, a ? stands for each",
                match self.lost_letters {
                    1 => "1 character is".to_owned(),
                    count => format!("{} characters are", crate::screen::grouped(count)),
                }
            ));
        }
        lines
    }
}

/// Names of undocumented members that are worth listing.
const LOST_NAMES: usize = 10;
