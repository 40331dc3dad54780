//! What was asked and what became of it: one entry a request, never a key, and the latest entries only.

use std::collections::VecDeque;

use serde::Serialize;
use serde_json::Value;

use crate::request::Request;

/// Entries that are kept.
const KEPT: usize = 100_000;

/// Characters that are kept of a text that a caller sent.
const TEXT: usize = 64;

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// Of the request, from 1.
    pub number: u64,
    /// Unix seconds.
    pub time: i64,
    /// As it was asked for; empty where the body was no request.
    pub method: String,
    /// `app_id` of the account whose key came with it.
    pub account: Option<i64>,
    /// As it was asked for.
    pub date_from: Option<String>,
    /// As it was asked for.
    pub date_till: Option<String>,
    /// As it was asked for.
    pub offset: Option<u64>,
    /// As it was asked for.
    pub limit: Option<u64>,
    /// How many columns were asked for by name.
    pub fields: Option<u64>,
    /// Rows of the reply.
    pub rows: u64,
    /// Points charged.
    pub points: u32,
    /// The mnemonic of the error that was answered.
    pub refused: Option<String>,
    /// What the reply does not say of itself: that nobody makes rows of such a listing.
    pub remark: Option<&'static str>,
    /// The fault that hit the reply.
    pub fault: Option<&'static str>,
    /// The HTTP status.
    pub status: u16,
    /// Time that the answer took to make; 0 without a server, which alone has a clock.
    pub milliseconds: u64,
}

impl Entry {
    pub(crate) fn new(number: u64, time: i64) -> Self {
        Self { number, time, ..Self::default() }
    }

    /// Takes from the request what is no secret.
    pub(crate) fn describe(&mut self, request: &Request<'_>) {
        let short = |text: &str| text.chars().take(TEXT).collect::<String>();
        let text = |name: &str| request.params.get(name).and_then(Value::as_str).map(short);
        let number = |name: &str| request.params.get(name).and_then(Value::as_u64);
        self.method = short(&request.method);
        (self.date_from, self.date_till) = (text("date_from"), text("date_till"));
        (self.offset, self.limit) = (number("offset"), number("limit"));
        let fields = request.params.get("fields").and_then(Value::as_array);
        self.fields = fields.map(|fields| fields.len() as u64);
    }
}

/// Calls so far, of all accounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// Requests received, whatever became of them.
    pub calls: u64,
    /// Requests answered with an error of the API.
    pub refused: u64,
    /// Points charged.
    pub points: u64,
    /// Sessions opened.
    pub sign_ins: u64,
    /// Requests that a fault hit.
    pub faults: u64,
    /// Most requests that were being answered at the same time; 0 without a server.
    pub peak_parallel: u64,
}

/// The latest entries, and the sums of all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    pub(crate) stats: Stats,
}

impl Journal {
    pub(crate) fn push(&mut self, entry: Entry) {
        self.stats.refused += u64::from(entry.refused.is_some());
        self.stats.points += u64::from(entry.points);
        self.stats.faults += u64::from(entry.fault.is_some());
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }

    /// What the server knows of the latest request: how long its answer took, and how many ran with it.
    pub(crate) fn finish(&mut self, milliseconds: u64, parallel: u64) {
        self.stats.peak_parallel = self.stats.peak_parallel.max(parallel);
        if let Some(entry) = self.entries.back_mut() {
            entry.milliseconds = milliseconds;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_entries_go_and_the_sums_stay() {
        let mut journal = Journal::default();
        let count = KEPT as u64 + 5;
        for number in 1..=count {
            journal.push(Entry { points: 1, ..Entry::new(number, 0) });
        }
        assert_eq!(journal.entries().count(), KEPT);
        assert_eq!(journal.entries().next().map(|entry| entry.number), Some(6));
        assert_eq!(journal.stats.points, count);
    }
}
