//! What legs cost: the simulation's own price list, in hundredths of the account's currency, so that sums are exact.
//!
//! Charged is what the platform connects to a number outside: a subscriber who is called, an employee at a mobile phone.
//! Every minute that has begun is charged whole.

use super::{
    Plan,
    call::{Leg, Role},
    cast::is_mobile,
};
use crate::random::Random;

/// Streams of the seed.
const PRICES: u64 = 0x7a_61ff;
const BONUSES: u64 = 0x0b_0705;

/// How far a leg goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    International,
    Local,
    Mobile,
    National,
}

impl Reach {
    /// The word of `direction_type`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::International => "international",
            Self::Local => "local",
            Self::Mobile => "mobile",
            Self::National => "national",
        }
    }
}

/// What a leg cost. Sums are in hundredths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) reach: Reach,
    /// Seconds that are charged.
    pub(crate) seconds: i64,
    pub(crate) per_minute: i64,
    pub(crate) total: i64,
    /// What of it bonuses paid.
    pub(crate) bonuses: i64,
}

/// The prices of an account.
pub(crate) struct Tariff {
    seed: u64,
    international: i64,
    local: i64,
    mobile: i64,
    national: i64,
}

impl Tariff {
    pub(crate) fn new(plan: &Plan) -> Self {
        let mut random = Random::new(plan.seed ^ PRICES, plan.account);
        Self {
            seed: plan.seed ^ BONUSES ^ plan.account << 32,
            international: random.between(1500, 2400),
            local: random.between(70, 120),
            mobile: random.between(180, 260),
            national: random.between(140, 210),
        }
    }

    /// What the leg cost; nothing where it is not charged.
    pub(crate) fn charge(&self, leg: &Leg) -> Option<Charge> {
        if leg.inward || leg.connect.is_none() || leg.duration <= 0 {
            return None;
        }
        let reach = match (leg.role, leg.employee) {
            (Role::Subscriber, _) => match leg.caller? % 10 {
                0..6 => Reach::Mobile,
                6 | 7 => Reach::Local,
                8 => Reach::National,
                _ => Reach::International,
            },
            (Role::Operator | Role::Transfer | Role::Coach, employee) => {
                employee.filter(|employee| is_mobile(*employee)).map(|_| Reach::Mobile)?
            }
        };
        let per_minute = match reach {
            Reach::International => self.international,
            Reach::Local => self.local,
            Reach::Mobile => self.mobile,
            Reach::National => self.national,
        };
        let minutes = (leg.duration + 59) / 60;
        let total = minutes * per_minute;
        // A few calls are paid in half from bonuses.
        let has_bonuses = Random::new(self.seed, leg.session.cast_unsigned()).chance(50);
        let bonuses = if has_bonuses { total / 2 } else { 0 };
        Some(Charge { reach, seconds: minutes * 60, per_minute, total, bonuses })
    }
}
