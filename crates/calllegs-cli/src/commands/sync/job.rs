//! What a sync is asked for, and what follows from that and the ledgers of its places. Not here: how a ledger tells what is
//! due (`calllegs_store::ledger`).

use calllegs_core::Period;
use calllegs_store::{
    Ledger,
    ledger::{Schedule, Window, WindowStatus, joined},
    redact::Redaction,
    windows::Shared,
};
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

use crate::{
    account::session::Session,
    cli::{Common, CreateTable, SyncArgs},
    clock::Clock,
    commands::get,
    failure::Failure,
    input::{
        dates::{Date, Range, Span},
        place::Place,
        redaction,
    },
    lang::say,
    ui::echo::shown,
};

/// Runs that begin within so long of each other are one round: workers that share the accounts of a database.
const ROUND: TimeDelta = TimeDelta::minutes(2);

/// What is asked for, before it is known whose legs they are.
pub(super) struct Job {
    pub(super) places: Vec<Place>,
    creates: bool,
    pub(super) schedule: Schedule,
    wanted: Wanted,
    pub(super) exact: bool,
    /// What is taken off the legs.
    pub(super) redaction: Option<Redaction>,
    /// Pages in flight together.
    pub(super) ahead: usize,
    /// It is only told what would be read.
    pub(super) dry_run: bool,
}

/// What is to be read.
pub(super) enum Wanted {
    /// What is due; the first load begins here.
    Due(Option<Date>),
    /// What is due of this time.
    Within(Range),
    /// All of it, whatever the ledger says.
    Anew(Range),
}

impl Job {
    pub(super) fn read(args: &SyncArgs, common: &Common) -> Result<Self, Failure> {
        if args.to.is_empty() {
            return Err(Failure::usage(say!("no place is named"))
                .because(say!("legs are kept somewhere, and neither --to nor a profile says where"))
                .next(say!("add --to PLACE, for example --to calls.db")));
        }
        let read = |text: &String| Place::read(text)?.in_table(args.table.as_deref(), args.pg_partition);
        let places = args.to.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let (schedule, wanted) = times(args)?;
        let mut named = places.iter().zip(&args.to).enumerate();
        let is_known = |index: usize, place: &Place| places.iter().take(index).any(|known| known.is(place));
        if let Some((_, (_, text))) = named.find(|(index, (place, _))| is_known(*index, place)) {
            return Err(Failure::usage(say!("--to names {text} twice", text = shown(text)))
                .because(say!("a place takes a reading once"))
                .next(say!("leave one of them out")));
        }
        let creates = args.create_table == CreateTable::Auto;
        let redaction = redaction::read(&args.redact, common)?;
        let (exact, dry_run, ahead) = (args.exact, args.dry_run, get::ahead(common));
        Ok(Self { places, creates, schedule, wanted, exact, redaction, ahead, dry_run })
    }

    /// Opens its places, so that a bad one is known before anything is spent.
    pub(super) fn open(&self) -> Result<Vec<Shared>, Failure> {
        self.places.iter().map(|place| place.open(self.creates).map_err(Failure::unspent)).collect()
    }

    /// Whether nothing says where the first load begins, and it would be one for every account.
    pub(super) fn lacks_beginning(&self, places: &[Shared]) -> Result<bool, Failure> {
        if !self.goes_on() {
            return Ok(false);
        }
        for place in places {
            if !place.lock().accounts()?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whatever any of the places needs.
    pub(super) fn due(&self, places: &[Shared], session: &Session) -> Result<Vec<Period>, Failure> {
        self.due_but(places, session, |_, _| false)
    }

    /// The same, but for what this run has read, and into databases, which several runs share, another of its round: what
    /// the server did not give whole is tried again by another run.
    pub(super) fn due_yet(
        &self,
        places: &[Shared],
        session: &Session,
        run_id: &str,
    ) -> Result<Vec<Period>, Failure> {
        self.due_but(places, session, |place, window| self.is_read(place, window, session, run_id))
    }

    /// Whether this run has read a window, or, into a database, another of its round.
    pub(super) fn is_read(&self, place: &Place, window: &Window, session: &Session, run_id: &str) -> bool {
        let settled = session.clock.local() - self.schedule.settle;
        let is_anew = self.is_anew();
        // An old window that is open lacks something, whatever its counts say.
        let is_whole = window.status == WindowStatus::Final || window.period.till() > settled;
        let is_of_round = !is_anew && is_whole && session.clock.now < window.fetched_at + ROUND;
        window.run_id == run_id || (is_of_round && place.is_shared())
    }

    /// Whether all of a period is read, whatever the ledger says.
    pub(super) const fn is_anew(&self) -> bool {
        matches!(self.wanted, Wanted::Anew(_))
    }

    /// Whether nothing but a ledger says where an account begins.
    pub(super) const fn goes_on(&self) -> bool {
        matches!(self.wanted, Wanted::Due(None))
    }

    fn due_but(
        &self,
        places: &[Shared],
        session: &Session,
        is_read: impl Fn(&Place, &Window) -> bool,
    ) -> Result<Vec<Period>, Failure> {
        let mut due = Vec::new();
        for (place, known) in places.iter().zip(&self.places) {
            let ledger = place.lock().ledger(session.account())?;
            let lacks = say!("the place has no legs of this account");
            due.extend(self.due_by(&ledger, &session.clock, lacks, |window| is_read(known, window))?);
        }
        Ok(joined(due))
    }

    /// What is to be read into a place with this ledger, but for what is read; `lacks` says that it has nothing.
    pub(super) fn due_by(
        &self,
        ledger: &Ledger,
        clock: &Clock,
        lacks: &str,
        is_read: impl Fn(&Window) -> bool,
    ) -> Result<Vec<Period>, Failure> {
        let read = ledger.windows().iter().filter(|window| is_read(window));
        let read: Vec<_> = read.map(|window| window.period).collect();
        let due = self.due_of(ledger, clock, lacks)?;
        Ok(due.into_iter().flat_map(|due| without(due, &read)).collect())
    }

    fn due_of(&self, ledger: &Ledger, clock: &Clock, lacks: &str) -> Result<Vec<Period>, Failure> {
        let now = clock.local();
        let read_at = |window: &Window| clock.zone.wall(window.fetched_at);
        let due = |since| ledger.due(since, now, &self.schedule, read_at);
        match &self.wanted {
            Wanted::Due(since) => {
                let since = since.map(|since| begin_of(since, clock)).transpose()?;
                if since.is_none() && ledger.windows().is_empty() {
                    return Err(no_beginning(lacks));
                }
                Ok(due(since))
            }
            Wanted::Within(range) => {
                let asked = until_now(range.resolve(clock)?.period, now)?;
                leaves_no_gap(asked, ledger)?;
                let due = due(Some(asked.from()));
                // Windows stay whole, so that none is cut by a bound of the period.
                let overlaps = |period: &Period| period.from() < asked.till() && asked.from() < period.till();
                let due = due.into_iter().filter(overlaps);
                Ok(due.filter_map(|period| clipped(period, ledger.whole_windows(asked))).collect())
            }
            Wanted::Anew(range) => {
                let asked = until_now(range.resolve(clock)?.period, now)?;
                leaves_no_gap(asked, ledger)?;
                Ok(vec![ledger.whole_windows(asked)])
            }
        }
    }
}

/// What the flags say of times.
pub(super) fn times(args: &SyncArgs) -> Result<(Schedule, Wanted), Failure> {
    let defaults = Schedule::default();
    let span = |flag: &str, text: &Option<String>, default: TimeDelta| match text {
        None => Ok(default),
        Some(text) => length(flag, text),
    };
    let refresh = match args.refresh.as_deref() {
        None => defaults.refresh,
        Some("none") => Vec::new(),
        Some(text) => {
            let ages = text.split(',').map(|age| length("--refresh", age));
            ages.collect::<Result<_, _>>()
                .map_err(|failure| failure.next(say!("write 1d,7d,30d, or none")))?
        }
    };
    let schedule = Schedule {
        settle: span("--settle", &args.settle, defaults.settle)?,
        lookback: span("--lookback", &args.lookback, defaults.lookback)?,
        refresh,
    };
    let wanted = match (&args.full_refresh, &args.since, args.period.period()) {
        (Some(dates), ..) => Wanted::Anew(Range::of_dates("--full-refresh", dates)?),
        (None, Some(since), _) => Wanted::Due(Some(Date::read(since)?)),
        (None, None, Some(period)) => Wanted::Within(Range::read(&period)?),
        (None, None, None) => Wanted::Due(None),
    };
    Ok((schedule, wanted))
}

/// What is left of a period without some of its time, which is in order.
fn without(period: Period, read: &[Period]) -> Vec<Period> {
    let (mut left, mut from) = (Vec::new(), period.from());
    for read in read.iter().filter(|read| read.from() < period.till() && period.from() < read.till()) {
        left.extend(Period::new(from, read.from().max(from)));
        from = read.till();
    }
    left.extend(Period::new(from.min(period.till()), period.till()));
    left.retain(|period| !period.is_empty());
    left
}

pub(super) fn no_beginning(cause: &str) -> Failure {
    Failure::usage(say!("nothing says where the first load begins"))
        .because(cause)
        .next(say!("add --since DATE, for example --since 2026-01-01"))
}

/// A period before the first window would be the new beginning of the ledger, and the next run would read all between.
fn leaves_no_gap(asked: Period, ledger: &Ledger) -> Result<(), Failure> {
    let Some(first) = ledger.windows().first().map(|window| window.period.from()) else { return Ok(()) };
    if asked.till() >= first {
        return Ok(());
    }
    let (first, since) = (first.date(), asked.from().date());
    Err(Failure::usage(say!("the place begins with {first}, and this ends before that", first))
        .because(say!("the next run would read all the days between, to close the gap"))
        .next(say!("to have them all: --since {since}; for these days alone: calllegs get -o FILE", since))
        .unspent())
}

/// The first moment of a date.
fn begin_of(date: Date, clock: &Clock) -> Result<NaiveDateTime, Failure> {
    let period = Range::Between(date, Date::Now).resolve(clock)?.period;
    Ok(period.from().date().and_time(NaiveTime::MIN))
}

fn until_now(period: Period, now: NaiveDateTime) -> Result<Period, Failure> {
    Ok(Period::new(period.from().min(now), period.till().min(now))?)
}

fn clipped(period: Period, within: Period) -> Option<Period> {
    let clipped = Period::new(period.from().max(within.from()), period.till().min(within.till()));
    clipped.ok().filter(|period| !period.is_empty())
}

/// A length of time such as `3d`.
fn length(flag: &str, text: &str) -> Result<TimeDelta, Failure> {
    match Span::read(text.trim()) {
        Some(Span::Days(days)) => Ok(TimeDelta::days(days.into())),
        Some(Span::Minutes(minutes)) => Ok(TimeDelta::minutes(minutes.into())),
        None if text.trim() == "0" => Ok(TimeDelta::zero()),
        None => Err(Failure::usage(say!("{flag} does not take {text}", flag, text = shown(text)))
            .because(say!("it takes a length of time"))
            .next(say!("write 90m, 2h, 3d or 2w"))),
    }
}
