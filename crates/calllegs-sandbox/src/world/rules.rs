//! The worlds, and what each of them is like: tables that the simulation (`shift`) and the cast (`cast`) read.

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;

use super::{Burst, ending::Ending};

/// What made-up rows are like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum World {
    /// A call centre of sixty people or so.
    #[default]
    Shop,
    /// Fifty people behind one queue, who also work through lists of numbers to call.
    Callcentre,
    /// A reception and doctors, closed at night and at weekends: internal calls, a greeting before people are connected.
    Clinic,
    /// The shop, and 150,000 legs in one hour of the last day, 12:00 to 13:00: more than the 110,000 rows that pages
    /// of one window reach.
    Dense,
    /// The shop in a zone that changes its clock within the period, with many calls at night.
    Dst,
    /// A shop in which everything goes wrong: all 64 reasons occur.
    EveryReason,
    /// The same calls on every day, chosen so that averages and shares end in exactly a half of the last digit.
    Halves,
    /// Ten million legs a day around the clock, made when they are asked for: only the latest forty minutes are kept. All
    /// legs of a call start within the same ten minutes by the clock on the wall, and it is over ten minutes later.
    ///
    /// A page in the order of start costs the minutes that it shows. A filter is tried on every leg of the period, with
    /// late data also a page without one; that is slow. A sort that does not begin with `start_time` is refused where the
    /// period has more than ten minutes, and each [`ListingOrder`](crate::ListingOrder) holds within ten minutes. Bursts
    /// are refused. What happened in calls is told of up to a million legs at once. How many sessions and charged legs there
    /// are in ten minutes is known once they were made: the first page of a long period of these is slow.
    Huge,
    /// The shop, and no phone is registered from 11:00 to 13:00.
    Outage,
    /// The shop, and 1,000 legs in one second of the last day, 12:00:00.
    Ties,
    /// The same twenty calls on every day, each a case of its own.
    Tiny,
}

impl World {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Shop,
        Self::Callcentre,
        Self::Clinic,
        Self::Dense,
        Self::Dst,
        Self::EveryReason,
        Self::Halves,
        Self::Huge,
        Self::Outage,
        Self::Ties,
        Self::Tiny,
    ];

    /// The word of `--world`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Callcentre => "callcentre",
            Self::Clinic => "clinic",
            Self::Dense => "dense",
            Self::Dst => "dst",
            Self::EveryReason => "every-reason",
            Self::Halves => "halves",
            Self::Huge => "huge",
            Self::Outage => "outage",
            Self::Ties => "ties",
            Self::Tiny => "tiny",
        }
    }

    /// Days that have legs, unless told otherwise.
    pub const fn days(self) -> u32 {
        match self {
            Self::Halves | Self::Huge | Self::Tiny => 1,
            Self::EveryReason => 7,
            Self::Shop
            | Self::Callcentre
            | Self::Clinic
            | Self::Dense
            | Self::Dst
            | Self::Outage
            | Self::Ties => 30,
        }
    }

    /// Legs of an ordinary working day, roughly, unless told otherwise. A world of given calls has as many as it has.
    pub const fn legs_per_day(self) -> u32 {
        match self {
            Self::Clinic => 2000,
            Self::EveryReason => 3000,
            Self::Halves | Self::Tiny => 100,
            Self::Huge => 10_000_000,
            Self::Shop | Self::Callcentre | Self::Dense | Self::Dst | Self::Outage | Self::Ties => 14_000,
        }
    }

    /// The zone of its accounts, unless told otherwise.
    pub const fn zone(self) -> Tz {
        match self {
            Self::Dst => Tz::Europe__Berlin,
            Self::Shop
            | Self::Callcentre
            | Self::Clinic
            | Self::Dense
            | Self::EveryReason
            | Self::Halves
            | Self::Huge
            | Self::Outage
            | Self::Ties
            | Self::Tiny => Tz::Europe__Moscow,
        }
    }

    /// The day before which its rows have to end by themselves: after the change of the clock.
    pub const fn until(self) -> Option<NaiveDate> {
        match self {
            Self::Dst => NaiveDate::from_ymd_opt(2025, 10, 28),
            Self::Shop
            | Self::Callcentre
            | Self::Clinic
            | Self::Dense
            | Self::EveryReason
            | Self::Halves
            | Self::Huge
            | Self::Outage
            | Self::Ties
            | Self::Tiny => None,
        }
    }

    /// What it adds to its last day.
    pub(crate) fn burst(self, day: NaiveDate) -> Option<Burst> {
        let at = day.and_hms_opt(12, 0, 0)?;
        match self {
            Self::Dense => Some(Burst { at, legs: 150_000, seconds: 3600 }),
            Self::Ties => Some(Burst { at, legs: 1000, seconds: 1 }),
            Self::Shop
            | Self::Callcentre
            | Self::Clinic
            | Self::Dst
            | Self::EveryReason
            | Self::Halves
            | Self::Huge
            | Self::Outage
            | Self::Tiny => None,
        }
    }

    /// Whether its calls are given, not played. They are Acme's alone.
    pub(crate) const fn is_scripted(self) -> bool {
        matches!(self, Self::Halves | Self::Tiny)
    }

    /// Whether its legs are made when they are asked for.
    pub(crate) const fn is_on_demand(self) -> bool {
        matches!(self, Self::Huge)
    }

    pub(super) const fn rules(self) -> &'static Rules {
        match self {
            Self::Shop | Self::Dense | Self::Ties => &SHOP,
            Self::Callcentre => &CALLCENTRE,
            Self::Clinic => &CLINIC,
            Self::Dst => &DST,
            Self::EveryReason => &EVERY_REASON,
            Self::Halves | Self::Tiny => &SCRIPTED,
            Self::Huge => &HUGE,
            Self::Outage => &OUTAGE,
        }
    }
}

calllegs_core::words!(World, "world");

/// What calls of a world are like. Chances are in thousandths, durations in seconds.
pub(super) struct Rules {
    /// Rented numbers with a group of employees each, and whether these are rung together, else one after another.
    pub(super) lines: &'static [(&'static str, bool)],
    /// Employees of a line; as many as the legs of the day need where it is not said.
    pub(super) staff: Option<u32>,
    /// Crews of the staff that take turns, one each ten minutes.
    pub(super) crews: u32,
    /// Hours of work that are given in turn: first, and first after.
    pub(super) hours: &'static [(u32, u32)],
    /// Whether anybody works at weekends.
    pub(super) weekends: bool,
    /// Volume by hour, in thousandths of the day.
    pub(super) volume: fn(Weekday) -> [u64; 24],
    /// Calls that come in; the others go out.
    pub(super) inbound: u32,
    /// Of calls that go out, those within the house, and those that a list asks for.
    pub(super) internal: u32,
    pub(super) listed: u32,
    /// How long callers wait, on average.
    pub(super) patience: i64,
    /// How often the queue looks for somebody.
    pub(super) looks: u32,
    /// Calls that end in the menu, and those of them that the exchange ends.
    pub(super) menu: u32,
    pub(super) cut: u32,
    /// Of a thousand numbers that are dialled, those that could not be called at all begin here.
    pub(super) unreached_from: u32,
    /// Callers who hang up while a greeting plays to whoever picked up.
    pub(super) greeted: u32,
    /// How many times a day somebody is away at most, beside the break; without any it is decided at each ring.
    pub(super) absences: u32,
    /// Whether calls are made in both of two hours that the clock shows alike, not in the earlier one alone.
    pub(super) twice: bool,
    /// Hours in which no phone is registered.
    pub(super) offline: (u32, u32),
    /// Why an employee is not rung, of one in another call, of a group out of hours.
    pub(super) refusals: &'static [Ending],
    pub(super) engaged: &'static [Ending],
    pub(super) closed: &'static [Ending],
    /// How the ring of whoever was slower ends.
    pub(super) slower: &'static [Ending],
    /// How the exchange ends a call in the menu, in the queue, and one that nobody is there for.
    pub(super) in_menu: &'static [Ending],
    pub(super) in_queue: &'static [Ending],
    pub(super) unattended: &'static [Ending],
    /// Why a number could not be called, and an employee not by another one.
    pub(super) unreachable: &'static [Ending],
    pub(super) within: &'static [Ending],
}

/// The last hours of work are the night.
const SHOP: Rules = Rules {
    lines: &[("Продажи", true), ("Поддержка", false), ("Доставка", true), ("Справки", false)],
    staff: None,
    crews: 1,
    hours: &[(8, 17), (9, 18), (9, 18), (10, 19), (12, 21), (20, 8)],
    weekends: true,
    volume: by_day,
    inbound: 760,
    internal: 0,
    listed: 0,
    patience: 100,
    looks: 5,
    menu: 60,
    cut: 150,
    unreached_from: 970,
    greeted: 0,
    absences: 0,
    twice: false,
    offline: (0, 0),
    refusals: &[Ending::Offline, Ending::AtBreak, Ending::Away, Ending::DoNotDisturb, Ending::Busy],
    engaged: &[Ending::InAnotherCall],
    closed: &[Ending::Closed],
    slower: &[Ending::AnotherAnswered],
    in_menu: &[Ending::WrongInput],
    in_queue: &[Ending::QueueTimeout],
    unattended: &[Ending::NobodyToRing],
    unreachable: &[Ending::WrongNumber],
    within: &[Ending::RangOut],
};

const CALLCENTRE: Rules = Rules {
    lines: &[("Контакт-центр", false)],
    staff: Some(50),
    hours: &[(8, 17), (9, 18), (10, 19), (11, 20), (13, 22), (8, 20), (9, 21), (22, 7)],
    inbound: 700,
    internal: 60,
    listed: 700,
    patience: 180,
    looks: 30,
    greeted: 8,
    absences: 3,
    ..SHOP
};

const CLINIC: Rules = Rules {
    lines: &[("Регистратура", false), ("Врачи", true)],
    staff: Some(6),
    hours: &[(8, 15), (8, 20), (14, 20)],
    weekends: false,
    volume: by_day,
    inbound: 720,
    internal: 350,
    patience: 70,
    greeted: 30,
    absences: 3,
    ..SHOP
};

const DST: Rules = Rules { volume: by_night_too, absences: 3, twice: true, internal: 100, ..SHOP };

const OUTAGE: Rules = Rules { offline: (11, 13), ..SHOP };

/// Two crews: a call may go on for as long as the other one is at work.
const HUGE: Rules =
    Rules { crews: 2, hours: &[(0, 6), (6, 12), (12, 18), (18, 24)], volume: around_the_clock, ..SHOP };

/// Whoever is in the calls that are given.
const SCRIPTED: Rules =
    Rules { lines: &[("Продажи", true), ("Поддержка", false)], staff: Some(3), ..SHOP };

const EVERY_REASON: Rules = Rules {
    internal: 250,
    listed: 200,
    menu: 150,
    cut: 600,
    unreached_from: 900,
    greeted: 20,
    absences: 10,
    offline: (15, 16),
    refusals: &[
        Ending::Offline,
        Ending::AtBreak,
        Ending::Away,
        Ending::DoNotDisturb,
        Ending::Busy,
        Ending::OperatorNumberProblems,
        Ending::LockedPhone,
        Ending::EmployeeInactive,
        Ending::PhoneProtocolNotAllowedByStatus,
        Ending::EmployeePhoneNotFound,
        Ending::InCallNotAllowed,
        Ending::EmployeeStatusAvailable,
        Ending::EmployeeAutoStatusDoNotDisturb,
        Ending::EmployeeStatusNotAtWork,
        Ending::EmployeeStatusAutoOutCall,
        Ending::EmployeeInactiveBySchedule,
        Ending::GroupPhoneInactive,
        Ending::EmployeePhoneInactive,
        Ending::EmployeePhoneInactiveBySchedule,
        Ending::FmcIsLocked,
        Ending::FmcIsDisabled,
        Ending::SipTrunkIsLocked,
    ],
    engaged: &[Ending::InAnotherCall, Ending::OperatorChannelsBusy, Ending::CallEnqueued],
    closed: &[Ending::Closed, Ending::PhoneGroupInactiveBySchedule],
    slower: &[
        Ending::AnotherAnswered,
        Ending::AnotherAnswered,
        Ending::AnotherAnswered,
        Ending::OperatorAnswer,
    ],
    in_menu: &[
        Ending::WrongInput,
        Ending::ScenarioNotFound,
        Ending::ScenarioDisconnects,
        Ending::FaxSessionDone,
        Ending::MaxTransitionCountExceeded,
        Ending::MaxInCallReached,
        Ending::NoResources,
        Ending::AppIsInactive,
        Ending::ComponentIsInactive,
        Ending::AccountNotFound,
        Ending::ContractNotFound,
    ],
    in_queue: &[Ending::QueueTimeout, Ending::ActionIntervalExceeded, Ending::InternalError],
    unattended: &[Ending::NobodyToRing, Ending::ActionIntervalExceeded],
    unreachable: &[
        Ending::WrongNumber,
        Ending::LockedNumb,
        Ending::CallNotAllowedOnTp,
        Ending::MaxOutCallReached,
        Ending::LimitExceeded,
        Ending::NoMoney,
        Ending::OutCallNotAllowed,
        Ending::OutCallNotAllowedByStatus,
        Ending::ExternalCallNotAllowed,
        Ending::ExternalCallNotAllowedByStatus,
        Ending::AutoOutCallsNotAllowedByStatus,
    ],
    within: &[Ending::RangOut, Ending::InternalCallNotAllowed, Ending::InternalCallNotAllowedByStatus],
    ..SHOP
};

/// Volume by weekday, in percent of an ordinary day.
pub(super) fn weekday_percent(weekday: Weekday) -> u64 {
    match weekday {
        Weekday::Mon => 120,
        Weekday::Tue => 112,
        Weekday::Wed => 106,
        Weekday::Thu => 104,
        Weekday::Fri => 98,
        Weekday::Sat => 50,
        Weekday::Sun => 35,
    }
}

/// Two rushes on working days, one late hump at weekends.
fn by_day(weekday: Weekday) -> [u64; 24] {
    match weekday {
        Weekday::Sat | Weekday::Sun => {
            [6, 4, 3, 2, 2, 4, 8, 16, 30, 52, 72, 86, 90, 88, 84, 80, 76, 74, 70, 58, 42, 28, 16, 9]
        }
        Weekday::Mon | Weekday::Tue | Weekday::Wed | Weekday::Thu | Weekday::Fri => {
            [3, 2, 1, 1, 1, 3, 8, 24, 62, 98, 112, 106, 84, 72, 88, 96, 88, 66, 40, 22, 12, 6, 3, 2]
        }
    }
}

/// The same, and the nights as busy as an evening.
fn by_night_too(weekday: Weekday) -> [u64; 24] {
    let mut hours = by_day(weekday);
    for weight in &mut hours {
        *weight = (*weight).max(25);
    }
    hours
}

/// Alike on all days, the nights at a third of noon.
fn around_the_clock(_: Weekday) -> [u64; 24] {
    [24, 22, 21, 21, 22, 26, 32, 38, 46, 54, 58, 60, 58, 56, 56, 57, 56, 54, 52, 48, 44, 38, 32, 25]
}
