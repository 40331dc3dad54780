//! What a seed decides before the run begins: the world, the period, switches, faults, limits and the program.

use std::sync::OnceLock;

use calllegs_core::{Period, pager::Reach};
use calllegs_sandbox::{
    Bounds, Builder, Chaos, ClockChange, DateAppliesTo, Emulator, Fault, HttpErrors, Ids, LimitsOf,
    ListingOrder, OffsetCap, Sandbox, Tz, Unfinished,
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};

use super::{Spare, Spared, dice::Dice};

/// Everything that a seed decides before the run begins.
#[expect(clippy::struct_excessive_bools, reason = "switches that are drawn one by one")]
pub(super) struct Scenario {
    pub(super) emulator: Emulator,
    pub(super) period: Period,
    pub(super) reach: Reach,
    pub(super) by_session: bool,
    pub(super) order: ListingOrder,
    pub(super) clock_change: ClockChange,
    /// Legs in a thousand that are listed twice.
    pub(super) repeats: u32,
    /// Hours around the period that the clock shows twice or never, if the program knows of them.
    pub(super) changes: Vec<Period>,
    /// The program takes rows one by one, and may be killed between any two.
    pub(super) one_by_one: bool,
    /// When it goes on, it says which rows it has.
    pub(super) says_given: bool,
    /// Nothing goes wrong but what the switches and limits say.
    pub(super) calm: bool,
    /// The limits are not what the server says they are.
    pub(super) lying: bool,
    /// Totals are not what there is.
    pub(super) lies: bool,
    /// Rows come without their session now and then.
    pub(super) hides: bool,
    pub(super) ahead: usize,
    pub(super) login: bool,
    pub(super) retries: u32,
    pub(super) budget: Option<u32>,
    /// Points that the server has for a minute and for a day.
    pub(super) points: [Option<u32>; 2],
    /// Milliseconds that an exchange takes at most.
    pub(super) latency: u64,
    /// In percent of the pages: the program is killed.
    pub(super) kill: u64,
}

impl Scenario {
    /// Faults and the server's points are left out where they are drawn.
    pub(super) fn do_without(&mut self, spare: Spare) {
        let (from, till) = (self.period.from(), self.period.till());
        let middle = from + TimeDelta::seconds((till - from).num_seconds() / 2);
        match spare {
            Spare::Fault(_) => {}
            Spare::Kills => self.kill = 0,
            Spare::Login => self.login = false,
            Spare::Concurrency => self.ahead = 1,
            Spare::Latency => self.latency = 1,
            Spare::Limits => self.budget = None,
            Spare::LaterHalf => self.period = Period::new(from, middle).unwrap(),
            Spare::EarlierHalf => self.period = Period::new(middle, till).unwrap(),
        }
    }

    /// Whether where a row starts does not say which window lists it, or when.
    pub(super) fn is_strange(&self) -> bool {
        self.by_session || self.order != ListingOrder::Asked || self.clock_change != ClockChange::Written
    }

    /// For whoever looks for the reason of a violation.
    pub(super) fn describe(&self) -> String {
        let faults: Vec<_> = self.emulator.faults().map(ToString::to_string).collect();
        format!(
            "{:?}, {} rows a page, by session {}, order {}, clock {}, {} in a thousand twice, changes {:?}, one by one {}, says given {}, \
             {} in flight within {} ms, login {}, budget {:?}, points {:?}, \
             {} % kills, faults {faults:?}",
            self.period,
            self.reach.limit(),
            self.by_session,
            self.order.as_str(),
            self.clock_change.as_str(),
            self.repeats,
            self.changes,
            self.one_by_one,
            self.says_given,
            self.ahead,
            self.latency,
            self.login,
            self.budget,
            self.points,
            self.kill,
        )
    }
}

/// The worlds that seeds share.
fn worlds() -> &'static [Emulator] {
    static WORLDS: OnceLock<Vec<Emulator>> = OnceLock::new();
    WORLDS.get_or_init(|| {
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        let at = |hour, minute| day.pred_opt().unwrap().and_hms_opt(hour, minute, 7).unwrap();
        let hour = |year, month, day, hour, minute| {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            date.and_hms_opt(hour, minute, 0).unwrap()
        };
        let night = |zone, year, month, day| {
            let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
            Sandbox::builder().seed(11).zone(zone).until(date.succ_opt().unwrap()).days(2).legs_per_day(200)
        };
        let small = |days, legs| Sandbox::builder().seed(11).until(day).days(days).legs_per_day(legs);
        [
            small(2, 300),
            small(70, 100),
            small(1, 100).burst(at(12, 0), 500, 60).burst(at(12, 5), 90, 1),
            small(1, 100).burst(at(9, 0), 260, 1).burst(at(9, 1), 130, 1),
            small(3, 900),
            small(1, 100).burst(at(3, 0), 700, 7),
            // Nights in which the clock is put back by an hour, by half an hour, and forward.
            night(Tz::Europe__Berlin, 2025, 10, 26).burst(hour(2025, 10, 26, 2, 20), 300, 2000),
            night(Tz::America__New_York, 2025, 11, 2).burst(hour(2025, 11, 2, 1, 20), 300, 2000),
            night(Tz::Australia__Lord_Howe, 2025, 4, 6).burst(hour(2025, 4, 6, 1, 20), 300, 2000),
            night(Tz::Europe__Berlin, 2025, 3, 30).burst(hour(2025, 3, 30, 1, 40), 300, 2000),
        ]
        .map(|builder| builder.emulator().unwrap())
        .to_vec()
    })
}

/// Faults that can be met one by one; those that end a run for good are drawn more rarely by their own `n`.
const FAULTS: &[&str] = &[
    "minute-limit:p=0.1",
    "limits-missing",
    "limits-lying:p=0.2",
    "hour-limits",
    "token-expired:p=0.05",
    "http-429:p=0.1",
    "http-500:p=0.15",
    "http-502-html:p=0.1",
    "http-503:p=0.1",
    "reset:p=0.1",
    "slow-first-byte:p=0.2:ms=9000",
    "dribble:p=0.2",
    "hang:p=0.03",
    "truncate:p=0.1",
    "gzip-broken:p=0.1",
    "bad-json:p=0.1",
    "empty-body:p=0.1",
    "error-as-200:p=0.1",
    "internal-error:p=0.1",
    "result-null:p=0.1",
    "wrong-id:p=0.1",
    "bom:p=0.5",
    "dup-page:p=0.15",
    "overlap",
    "overlap:p=0.3:n=60",
    "lost-page:p=0.15",
    "total-drift:p=0.15",
    "total-wrong",
    "unsorted:p=0.3",
    "shuffled-ties",
    "new-field",
    "missing-field",
    "type-change",
    "unknown-reason",
    "null-everywhere:p=0.3",
    "huge-ids",
    "negative-duration",
    "day-limit:n=1:after=9",
    "token-blocked:n=1:after=7",
    "account-inactive:n=1:after=5",
    "total-drift",
    "dup-page:n=3",
    "lost-page:n=3:after=4",
];

pub(super) fn scenario(dice: &mut Dice, spared: &Spared) -> Scenario {
    let world = dice.pick(worlds());
    let all = world.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let limit = dice.pick(&[8, 10, 20, 50]);
    let reach = Reach::new(limit, limit * 10);
    // At most some forty pages of legs.
    let most = u64::from(limit) * 40;
    let first = dice.below(all.len() as u64);
    let last = (first + 1 + dice.below(most)).min(all.len() as u64 - 1);
    let at = |index: u64| all[usize::try_from(index).unwrap()].1;
    let before = TimeDelta::seconds(i64::try_from(dice.below(3)).unwrap());
    let tail = if dice.chance(20) { 40 * 86_400 } else { 3 };
    let after = TimeDelta::seconds(i64::try_from(dice.below(tail)).unwrap());
    let period = Period::new(at(first) - before, at(last) + after).unwrap();
    let by_session = dice.chance(20);
    let minute = dice.chance(50).then(|| u32::try_from(2 + dice.below(30)).unwrap());
    let day = dice.chance(10).then(|| u32::try_from(5 + dice.below(60)).unwrap());
    let points = if spared.has(Spare::Limits) { [None; 2] } else { [minute, day] };
    let order = if dice.chance(60) { ListingOrder::Asked } else { dice.pick(&ListingOrder::ALL) };
    let clock_change = dice.pick(&ClockChange::ALL);
    // Pages that share two rows can share two copies of one leg; real ones share twenty.
    let repeats = if dice.chance(15) && limit >= 20 { 30 } else { 0 };
    let knows_changes = dice.chance(50);
    let mut builder = builder(dice, limit, by_session)
        .minute_limit(points[0])
        .day_limit(points[1])
        .listing_order(order)
        .clock_change(clock_change)
        .repeats(repeats);
    let mut faults: Vec<String> = match dice.below(10) {
        0..=2 => Vec::new(),
        3 => Chaos::Mild.faults().iter().map(|fault| (*fault).to_owned()).collect(),
        4..=5 => Chaos::Rude.faults().iter().map(|fault| (*fault).to_owned()).collect(),
        _ => (0..=dice.below(3)).map(|_| dice.pick(FAULTS).to_owned()).collect(),
    };
    let mut number = 0;
    faults.retain(|_| {
        number += 1;
        !spared.has(Spare::Fault(number))
    });
    for fault in &faults {
        builder = builder.fault(fault.parse::<Fault>().unwrap());
    }
    let hides = ["missing-field", "null-everywhere", "type-change"];
    let lies = ["limits-lying", "minute-limit", "limits-missing", "day-limit", "hour-limits"];
    let mut scenario = Scenario {
        emulator: builder.over(&world),
        period,
        reach,
        by_session,
        order,
        clock_change,
        repeats,
        changes: Vec::new(),
        one_by_one: dice.chance(30),
        says_given: dice.chance(70),
        calm: faults.is_empty(),
        lying: faults.iter().any(|fault| lies.iter().any(|lie| fault.starts_with(lie))),
        lies: faults.iter().any(|fault| fault.starts_with("total-")),
        hides: faults.iter().any(|fault| hides.iter().any(|hidden| fault.starts_with(hidden))),
        ahead: usize::try_from(1 + dice.below(6)).unwrap(),
        login: dice.chance(40),
        retries: u32::try_from(3 + dice.below(5)).unwrap(),
        budget: dice.chance(15).then_some(u32::try_from(1 + dice.below(30)).unwrap()),
        points,
        latency: dice.pick(&[1, 300, 4000]),
        kill: if dice.chance(30) { 10 } else { 0 },
    };
    spared.iter().for_each(|spare| scenario.do_without(spare));
    scenario.changes = changes_near(scenario.period, knows_changes);
    scenario
}

/// The hours near the period that the clock of some world shows twice or never: where the program knows of them, and
/// where the period begins or ends in one, so that it has to.
fn changes_near(period: Period, known: bool) -> Vec<Period> {
    let change = |year, month, day, from: (u32, u32), till: (u32, u32)| {
        let date = NaiveDate::from_ymd_opt(year, month, day).unwrap();
        let time = |(hour, minute)| date.and_hms_opt(hour, minute, 0).unwrap();
        Period::new(time(from), time(till)).unwrap()
    };
    let mut changes = vec![
        change(2025, 10, 26, (2, 0), (3, 0)),
        change(2025, 11, 2, (1, 0), (2, 0)),
        change(2025, 4, 6, (1, 30), (2, 0)),
        change(2025, 3, 30, (2, 0), (3, 0)),
    ];
    let touches = |hour: &Period| {
        let hour = hour.widened().widened();
        [period.from(), period.till()].iter().any(|bound| hour.from() <= *bound && *bound <= hour.till())
    };
    changes.retain(|hour| {
        touches(hour) || known && hour.from() <= period.till() && period.from() <= hour.till()
    });
    changes
}

fn builder(dice: &mut Dice, limit: u32, by_session: bool) -> Builder {
    Sandbox::builder()
        .seed(dice.roll())
        .reach(limit, limit * 10)
        .bounds(dice.pick(&Bounds::ALL))
        .date_applies_to(if by_session { DateAppliesTo::Session } else { DateAppliesTo::Leg })
        .http_errors(dice.pick(&[HttpErrors::Always200, HttpErrors::Status]))
        .ids(dice.pick(&[Ids::Number, Ids::Number, Ids::Text]))
        .limits_of(dice.pick(&[LimitsOf::Account, LimitsOf::Account, LimitsOf::Token, LimitsOf::Nobody]))
        .offset_cap(dice.pick(&[OffsetCap::Error, OffsetCap::Empty]))
        .unfinished(dice.pick(&[Unfinished::Hide, Unfinished::Show]))
}
