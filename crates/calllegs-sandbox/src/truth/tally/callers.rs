//! Calls by contact: repeats, missed calls that somebody made up for, the first conversation of each contact.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::{Value, json};

use super::{percent, percentile, quotient};
use crate::{
    truth::{Judged, TruthQuery},
    world::{Outcome, Session, Way},
};

/// Calls of each contact that is known.
#[derive(Default)]
pub(super) struct Callers {
    calls: BTreeMap<u32, Vec<Attempt>>,
    /// When the last call of anybody began, by the account's clock.
    last: i64,
}

/// One call of a contact. Unix seconds. Ordered by start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Attempt {
    start: i64,
    session: i64,
    end: i64,
    /// Its start by the account's clock.
    wall: i64,
    inbound: bool,
    /// When the two began to talk.
    talked: Option<i64>,
    missed: bool,
}

impl Callers {
    pub(super) fn add(&mut self, session: &Session, judged: &Judged, start: NaiveDateTime) {
        let wall = start.and_utc().timestamp();
        self.last = self.last.max(wall);
        let Some(contact) = session.contact else { return };
        let inbound = session.way == Way::In;
        let began = if inbound { session.answered.map(|(at, _)| at) } else { session.reached };
        self.calls.entry(contact).or_default().push(Attempt {
            start: session.start,
            session: session.id,
            end: session.end,
            wall,
            inbound,
            talked: began.filter(|_| session.outcome == Outcome::Answered),
            missed: judged.is_missed,
        });
    }

    /// In the order of time.
    fn by_time(&self) -> impl Iterator<Item = Vec<Attempt>> {
        self.calls.values().map(|calls| {
            let mut calls = calls.clone();
            calls.sort_unstable();
            calls
        })
    }

    pub(super) fn repeats(&self, query: &TruthQuery) -> Value {
        let (mut inbound, mut repeats) = (0, 0);
        for calls in self.by_time() {
            let mut before = None;
            for call in calls.iter().filter(|call| call.inbound) {
                inbound += 1;
                let soon = before.is_some_and(|before| call.start - before <= query.repeat_window);
                repeats += i64::from(soon);
                before = Some(call.start);
            }
        }
        json!({"inbound": inbound, "repeats": repeats, "repeats_pct": percent(repeats, inbound)})
    }

    pub(super) fn not_called_back(&self, query: &TruthQuery) -> Value {
        let (mut missed, mut called_back, mut tried_again, mut lost, mut lost_people) = (0, 0, 0, 0, 0);
        let (mut seconds, mut fixed, mut soon, mut still_open) = (0, 0, 0, 0);
        let known = query.period.map_or(self.last, |(_, till)| till.and_utc().timestamp());
        for calls in self.by_time() {
            let mut is_lost = false;
            for (place, call) in calls.iter().enumerate().filter(|(_, call)| call.missed) {
                missed += 1;
                // A call that goes out counts before one that comes in at the same second.
                let later = calls.iter().skip(place).filter(|later| {
                    let after = later.start - call.end;
                    later.talked.is_some() && after > 0 && after <= query.callback_window
                });
                let Some(made_up) = later.min_by_key(|later| (later.start, later.inbound)) else {
                    (lost, is_lost) = (lost + 1, true);
                    let reach = call.wall + (call.end - call.start) + query.callback_window;
                    still_open += i64::from(reach > known);
                    continue;
                };
                let after = made_up.start - call.end;
                (seconds, fixed) = (seconds + after, fixed + 1);
                if made_up.inbound {
                    tried_again += 1;
                } else {
                    called_back += 1;
                    soon += i64::from(after <= 900);
                }
            }
            lost_people += i64::from(is_lost);
        }
        json!({"missed": missed, "called_back": called_back, "caller_tried_again": tried_again, "lost": lost,
            "lost_people": lost_people, "avg_minutes_to_fix": quotient(seconds, 60 * fixed, 1),
            "called_back_in_15_min": soon, "still_open": still_open})
    }

    pub(super) fn first_response(&self) -> Value {
        let mut responses = Vec::new();
        for calls in self.by_time() {
            let talked = calls.iter().filter_map(|call| call.talked).min();
            responses.extend(calls.first().zip(talked).map(|(first, talked)| talked - first.start));
        }
        responses.sort_unstable();
        let median = percentile(&responses, 5).map(|tenths| (tenths + 5).div_euclid(10));
        json!({"people": self.calls.len(), "reached": responses.len(), "median_first_response_s": median})
    }
}
