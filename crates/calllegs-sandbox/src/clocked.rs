//! An emulator with the clock of its server. The machine's time is an argument here too.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::{
    answer::Answer,
    clock::{Clock, Hands},
    emulator::Emulator,
};

#[derive(Debug)]
pub(crate) struct Clocked {
    pub(crate) emulator: Emulator,
    hands: Hands,
}

impl Clocked {
    pub(crate) fn new(clock: Clock, emulator: Emulator, real: Duration) -> Self {
        let hands = Hands::new(clock, emulator.zone(), real);
        let mut clocked = Self { emulator, hands };
        // By the real clock all legs are over before the first request: whoever looks wants to know what there is.
        if !clock.is_real() {
            clocked.emulator.put_to(clocked.hands.arrival(real).now);
        }
        clocked
    }

    /// Unix seconds.
    pub(crate) fn now(&self, real: Duration) -> i64 {
        self.hands.arrival(real).now
    }

    pub(crate) fn instant(&self, real: Duration) -> DateTime<Utc> {
        DateTime::from_timestamp(self.now(real), 0).unwrap_or_default()
    }

    pub(crate) fn receive(&mut self, real: Duration, body: &[u8]) -> Answer {
        self.emulator.receive(self.hands.arrival(real), body)
    }

    /// Moves the clock on. What is looked at next is as of then.
    pub(crate) fn advance(&mut self, by: Duration, real: Duration) {
        self.hands.advance(by);
        self.emulator.put_to(self.now(real));
    }

    /// Puts the clock.
    pub(crate) fn set(&mut self, at: DateTime<Utc>, real: Duration) {
        self.hands.set(at, real);
        self.emulator.put_to(self.now(real));
    }
}
