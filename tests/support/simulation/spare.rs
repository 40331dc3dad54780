//! A seed that breaks a law is made small: what its scenario can be spared is left out, as long as a law still breaks.
//!
//! Not here: how a scenario is drawn. What is spared is drawn all the same and then not used, so that the rest of the
//! seed stays what it is.

use std::{fmt, iter, str::FromStr};

use super::{Violation, run_without};

/// Something that a scenario can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spare {
    /// The fault of this number, from 1.
    Fault(usize),
    /// The program is not killed.
    Kills,
    /// A key instead of a login.
    Login,
    /// One call at a time.
    Concurrency,
    /// Exchanges take no time.
    Latency,
    /// Neither the server nor the program bounds the points.
    Limits,
    /// The period is its earlier half. Said twice, that half's.
    LaterHalf,
    /// The period is its later half.
    EarlierHalf,
}

impl Spare {
    const WORDS: [(Self, &str); 7] = [
        (Self::Kills, "kills"),
        (Self::Login, "login"),
        (Self::Concurrency, "concurrency"),
        (Self::Latency, "latency"),
        (Self::Limits, "limits"),
        (Self::LaterHalf, "later-half"),
        (Self::EarlierHalf, "earlier-half"),
    ];

    /// Faults that a scenario has at most.
    const FAULTS: usize = 32;

    /// Halves after which nothing is left of a period: none is as long as 2^24 seconds.
    const HALVES: usize = 24;

    /// What is tried, in this order.
    fn steps() -> impl Iterator<Item = Self> {
        let switches = [Self::Kills, Self::Login, Self::Concurrency, Self::Latency, Self::Limits];
        let halves = iter::repeat_n([Self::LaterHalf, Self::EarlierHalf], Self::HALVES).flatten();
        (1..=Self::FAULTS).map(Self::Fault).chain(switches).chain(halves)
    }
}

impl fmt::Display for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, Self::WORDS.iter().find(|(spare, _)| spare == self)) {
            (Self::Fault(number), _) => write!(f, "fault:{number}"),
            (_, found) => f.write_str(found.map_or("", |(_, word)| *word)),
        }
    }
}

/// What a scenario is spared, in order. As text, words with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spared(Vec<Spare>);

impl Spared {
    /// Nothing is spared.
    pub const NOTHING: Self = Self(Vec::new());

    /// Whether nothing is spared.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, spare: Spare) -> bool {
        self.0.contains(&spare)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Spare> + '_ {
        self.0.iter().copied()
    }
}

impl fmt::Display for Spared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
    }
}

impl FromStr for Spared {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let spare = |word: &str| {
            let fault = word.strip_prefix("fault:").and_then(|number| number.parse().ok()).map(Spare::Fault);
            let found = || Spare::WORDS.iter().find(|(_, known)| *known == word).map(|(spare, _)| *spare);
            fault.or_else(found).ok_or_else(|| format!("nothing to be spared is called `{word}`"))
        };
        text.split(',').filter(|word| !word.is_empty()).map(spare).collect::<Result<_, _>>().map(Self)
    }
}

/// The smallest scenario of a seed that still breaks a law, and the law.
pub fn smallest(seed: u64, violation: Violation) -> (Spared, Violation) {
    let mut smallest = violation;
    let kept = shrink(Spare::steps(), |tried| match run_without(seed, &Spared(tried.to_vec())) {
        // The same words: the scenario is the same, so there was nothing to spare.
        Err(violation) if violation != smallest => {
            smallest = violation;
            true
        }
        Err(_) | Ok(_) => false,
    });
    (Spared(kept), smallest)
}

/// Takes each step in turn and keeps those after which it still fails.
pub fn shrink<T>(steps: impl IntoIterator<Item = T>, mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut kept = Vec::new();
    for step in steps {
        kept.push(step);
        if !fails(&kept) {
            kept.pop();
        }
    }
    kept
}
