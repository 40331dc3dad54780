//! Legs that are kept, counted: what `report`, `stats` and `staff` share. Not here: what numbers mean (`calllegs_stats`), how
//! they look.
//!
//! | module | what |
//! |---|---|
//! | `clock` | the clock of the account, as legs tell it |
//! | `cover` | which days of a period a place has |

mod clock;
mod cover;

use std::{collections::BTreeSet, path::Path};

use arrow_array::{Array as _, RecordBatch, cast::AsArray, types::TimestampMicrosecondType};
use calllegs_core::value::phone::is_masked;
use calllegs_stats::{Analysis, By, COLUMNS, Parameters, Results};
use calllegs_store::{
    Reading, Wanted,
    redact::{Redaction, Transform},
};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, Utc};

use crate::{
    account::zone_rules::Rules,
    cli::{Common, NumbersArgs, SyncSettings},
    clock::Clock,
    failure::{Exit, Failure},
    input::{dates::Range, redaction},
    lang::say,
    ui::terminal::Terminal,
};

/// Legs from beside a period complete the calls at its ends, and conversations after it make good for calls missed in it.
const BESIDE: TimeDelta = TimeDelta::days(1);

/// Where legs are, and what is asked of them.
pub(crate) struct Numbers {
    pub(crate) data: String,
    pub(crate) parameters: Parameters,
    /// The zone of `--tz`, or the clock of the legs where the period depends on it.
    pub(crate) zone: String,
    /// What is taken off the legs first.
    pub(crate) redaction: Option<Redaction>,
    /// Columns without which what is asked for is not known, beside those that all numbers need.
    pub(crate) needs: &'static [&'static str],
    /// Whether numbers of callers may be hidden in every leg: a report then has no calls of people who called again.
    pub(crate) may_hide: bool,
}

/// What was counted.
pub(crate) struct Counted {
    pub(crate) results: Results,
    /// Whose legs there were.
    pub(crate) accounts: Vec<String>,
    /// No leg has the number of its caller: who called again is not known.
    pub(crate) hides_callers: bool,
    /// The first and the last day.
    pub(crate) days: (NaiveDate, NaiveDate),
}

impl Numbers {
    /// Reads the flags.
    pub(crate) fn read(
        args: &NumbersArgs,
        common: &Common,
        profile: &SyncSettings,
        terminal: &Terminal,
        now: DateTime<Utc>,
    ) -> Result<Self, Failure> {
        let data = args.data.clone().or_else(|| profile.to.first().cloned()).ok_or_else(|| {
            Failure::usage(say!("it is not said which legs are to be counted"))
                .because(say!("numbers are computed from legs that were extracted before"))
                .next(say!(
                    "add --data FILE, a file or folder of `calllegs get`, or a place of `calllegs sync`"
                ))
        })?;
        let said = common.tz.as_deref().map(|zone| Rules::of_this_machine()?.find(zone, now)).transpose()?;
        let mut zone = said.map(|(zone, _)| zone);
        let period = if args.period.is_asked() {
            let range = Range::read(&args.period)?;
            if zone.is_none() && range.is_moving() {
                let clock = clock::of_legs(&data, now)?;
                terminal.note(&say!(
                    "clock of the account: {clock}, as the newest leg has it",
                    clock = clock.name()
                ));
                zone = Some(clock);
            }
            // Days that are written out are those of the account's clock, and no clock is further ahead than this one.
            let eastmost = || chrono_tz::Tz::Etc__GMTMinus14.into();
            let clock = Clock { now, zone: zone.clone().unwrap_or_else(eastmost), dates: None };
            Some(range.resolve(&clock)?.period)
        } else {
            None
        };
        let zone = zone.map_or_else(String::new, |zone| zone.name().to_owned());
        let mut parameters = Parameters::default();
        parameters.answer_within = args.answer_within.into();
        parameters.goal_percent = args.goal;
        parameters.short_abandon = args.short_abandon.into();
        parameters.callback_window = i64::try_from(args.callback_window.as_secs()).unwrap_or(i64::MAX);
        parameters.period = period.map(|period| (period.from(), period.till()));
        let redaction = redaction::of_flag(&args.redact)?;
        let contacts = redaction.as_ref().map(|redaction| redaction.of("contact_phone_number"));
        if matches!(contacts, Some(Transform::Mask | Transform::Prefix(_))) {
            return Err(Failure::usage(say!("people cannot be told by a part of their number"))
                .because(say!("several would be counted as one: repeats and call backs would be wrong"))
                .next(say!("take --redact phones=hmac, or phones=drop; lists mask numbers by themselves")));
        }
        Ok(Self { data, parameters, zone, redaction, needs: &[], may_hide: false })
    }

    /// Counts the legs, of each account alone or of all together.
    pub(crate) fn count(&self, by_account: bool) -> Result<Counted, Failure> {
        self.count_by(by_account.then_some(By::Account))
    }

    /// Counts the legs, in parts or all together.
    pub(crate) fn count_by(&self, by: Option<By>) -> Result<Counted, Failure> {
        let mut reading = open(&self.data)?;
        let own = by.and_then(By::needs).filter(|name| !COLUMNS.contains(name));
        let columns: Vec<_> = COLUMNS.into_iter().chain(own).collect();
        let mut known = Known::default();
        let mut wanted = Wanted::columns(&columns);
        if let Some((earlier, later)) = self.reach() {
            wanted = wanted.starts(earlier..later);
        }
        let mut seen = Seen::default();
        let analysis = Analysis::new(self.parameters.clone());
        let analysis = match by {
            Some(by) => analysis.by(by),
            None => analysis,
        };
        let results = analysis.run(|analysis| {
            reading.read(&wanted, |batch| {
                seen.look(&batch);
                let batch = match &self.redaction {
                    Some(redaction) => redaction.batch(&batch).map_err(|error| no_batch(&error))?,
                    None => batch,
                };
                known.look(&batch);
                Ok::<_, Failure>(analysis.push(&batch)?)
            })
        })?;
        let days = self.days(seen.days())?;
        known.check(self)?;
        seen.accounts.sort();
        let hides_callers = known.legs > 0 && !known.numbers;
        Ok(Counted { results, accounts: seen.accounts, hides_callers, days })
    }

    /// From when until when legs are read; `None` for all of them.
    pub(crate) fn reach(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        let (from, till) = self.parameters.period?;
        let earlier = from.checked_sub_signed(BESIDE).unwrap_or(from);
        Some((earlier, till.checked_add_signed(BESIDE).unwrap_or(till)))
    }

    /// The first and the last day: those of the period, or of the first and the last leg.
    pub(crate) fn days(
        &self,
        seen: Option<(NaiveDateTime, NaiveDateTime)>,
    ) -> Result<(NaiveDate, NaiveDate), Failure> {
        match (self.parameters.period, seen) {
            (Some((from, till)), _) => Ok((from.date(), (till - TimeDelta::seconds(1)).date())),
            (None, Some((first, last))) => Ok((first.date(), last.date())),
            (None, None) => {
                Err(Failure::new(Exit::Empty, say!("there are no legs in {place}", place = self.data))
                    .because(say!("numbers are of calls"))
                    .next(say!("name another place with --data")))
            }
        }
    }

    /// The same of an earlier time; `None` where that is not known.
    pub(crate) fn earlier(&self, years: bool) -> Option<Self> {
        let (from, till) = self.parameters.period?;
        let (from, till) = if years {
            let year = Days::new(364);
            (from.checked_sub_days(year)?, till.checked_sub_days(year)?)
        } else {
            (from.checked_sub_signed(till - from)?, from)
        };
        let mut parameters = self.parameters.clone();
        parameters.period = Some((from, till));
        Some(self.with(parameters))
    }

    /// With what came of calls afterwards: until the window of the last one is over, or until now. The times are of an
    /// unknown zone, so that now is as late as anywhere.
    pub(crate) fn with_later(&self, now: DateTime<Utc>) -> Option<Self> {
        let (from, till) = self.parameters.period?;
        let window = TimeDelta::try_seconds(self.parameters.callback_window)?;
        let later = till.checked_add_signed(window)?.min(now.naive_utc() + TimeDelta::hours(14)).max(till);
        let mut parameters = self.parameters.clone();
        parameters.period = Some((from, later));
        Some(self.with(parameters))
    }

    fn with(&self, parameters: Parameters) -> Self {
        let (data, zone, redaction) = (self.data.clone(), self.zone.clone(), self.redaction.clone());
        Self { data, parameters, zone, redaction, ..*self }
    }
}

fn no_batch(error: &dyn std::error::Error) -> Failure {
    Failure::new(Exit::Config, say!("the legs cannot be redacted: {error}", error))
        .because(say!("a column has not the type that legs have"))
        .next(say!("extract the legs again: calllegs get -o legs.parquet"))
}

/// Legs that are kept: any place that the tool writes.
pub(crate) fn open(text: &str) -> Result<Reading, Failure> {
    // A place that cannot be written is another matter.
    opened(text).map_err(|error| {
        let has_cause = error.cause().is_some();
        let failure = Failure::from(error);
        if has_cause {
            failure
        } else {
            failure.because(say!("legs are read from there; nothing is written"))
        }
    })
}

fn opened(text: &str) -> Result<Reading, calllegs_store::Error> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Reading::postgres(text);
    }
    let path = text.strip_prefix("sqlite:").or_else(|| text.strip_prefix("lake:")).unwrap_or(text);
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
    if text.starts_with("sqlite:") || matches!(ending, Some("db" | "sqlite" | "sqlite3")) {
        return Reading::sqlite(path);
    }
    if Path::new(path).is_dir() { Reading::folder(path) } else { Reading::file(path) }
}

/// The column by which callers are told apart.
pub(crate) const CALLERS: &str = "contact_phone_number";

/// Which columns there are, and whether callers can be told apart by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) columns: BTreeSet<String>,
    /// Those of [`TOLD`] that any leg has a value in; of truths, a true one.
    pub(crate) told: BTreeSet<&'static str>,
    /// There are numbers, some of them masked, some as long as they are.
    pub(crate) numbers: bool,
    pub(crate) masked: bool,
    pub(crate) whole: bool,
    /// How many legs there are, and how many start at a second that is no whole minute.
    pub(crate) legs: u64,
    pub(crate) between: u64,
}

/// Columns that say nothing where no leg has a value in them, although others tell that there should be some.
pub(crate) const TOLD: [&str; 4] = ["connect_time", "is_talked", "employee_id", "employee_full_name"];

/// So many legs do not begin with whole minutes by chance.
const MANY: u64 = 12;

impl Known {
    pub(crate) fn look(&mut self, batch: &RecordBatch) {
        self.legs += batch.num_rows() as u64;
        let starts = batch.column_by_name("start_time");
        let starts = starts.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        for start in starts.into_iter().flat_map(|column| column.iter().flatten()) {
            self.between += u64::from(start % 60_000_000 != 0);
        }
        for field in batch.schema().fields() {
            if !self.columns.contains(field.name()) {
                self.columns.insert(field.name().clone());
            }
        }
        for name in TOLD {
            let Some(column) = batch.column_by_name(name).filter(|_| !self.told.contains(name)) else {
                continue;
            };
            let says = match (column.as_boolean_opt(), column.as_string_opt::<i32>()) {
                (Some(truths), _) => truths.true_count() > 0,
                (_, Some(texts)) => texts.iter().flatten().any(|text| !text.is_empty()),
                _ => column.null_count() < column.len(),
            };
            if says {
                self.told.insert(name);
            }
        }
        let callers = batch.column_by_name(CALLERS).and_then(|column| column.as_string_opt::<i32>());
        for number in callers.into_iter().flatten().flatten().filter(|number| !number.is_empty()) {
            self.numbers = true;
            self.whole |= number.len() > CUT;
            self.masked |= is_masked(number);
        }
    }

    /// Refuses legs whose times were rounded.
    pub(crate) fn check_times(&self) -> Result<(), Failure> {
        if self.between == 0 && self.legs >= MANY {
            return Err(Failure::new(Exit::Config, say!("the times of these legs are rounded"))
                .because(say!("waits and talks are computed from them, and would be nothing or hours"))
                .next(say!("take the legs from which the copy was made")));
        }
        Ok(())
    }

    /// Refuses numbers that would be wrong in silence: those of columns that nobody extracted, and those of people who are
    /// taken for one.
    pub(crate) fn check(&self, numbers: &Numbers) -> Result<(), Failure> {
        // Where there are no legs, nothing is unknown of them.
        let needs = if self.legs > 0 { numbers.needs } else { &[] };
        let lacks = |name: &&&str| !self.columns.contains(**name);
        if let Some(name) = needs.iter().find(lacks) {
            return Err(Failure::new(Exit::Config, say!("there is no column {name}", name))
                .because(say!(
                    "what is asked for is computed from it, and would be nothing where it is not known"
                ))
                .next(say!("extract it too: calllegs get without --fields, or with --fields all")));
        }
        if self.told.contains("is_talked") && !self.told.contains("connect_time") {
            return Err(calllegs_stats::Error::Unknown("connect_time").into());
        }
        let is_nobody = self.told.contains("employee_full_name") && !self.told.contains("employee_id");
        if is_nobody && needs.contains(&"employee_id") {
            return Err(Failure::new(Exit::Config, say!("no leg has an employee_id"))
                .because(say!("who talked is told by it, and legs have names of employees"))
                .next(say!("extract it too: calllegs get without --fields, or with --fields all")));
        }
        self.check_times()?;
        if !needs.contains(&CALLERS) {
            return Ok(());
        }
        if !self.numbers && !numbers.may_hide {
            return Err(Failure::new(Exit::Config, say!("no leg has a contact_phone_number"))
                .because(say!(
                    "callers are told apart by it: who called again, and who was rung back, is not known"
                ))
                .next(say!("take legs with numbers, or with pseudonyms: --redact phones=hmac")));
        }
        if self.masked || (self.numbers && !self.whole) {
            return Err(Failure::new(
                Exit::Config,
                say!("the numbers of callers are masked or cut in these legs"),
            )
            .because(say!("several would be counted as one: repeats and call backs would be wrong"))
            .next(say!("take legs with numbers, or with pseudonyms: --redact phones=hmac")));
        }
        Ok(())
    }
}

/// A number of so many characters at most is cut (`prefix:6`), or one of the company's own.
pub(crate) const CUT: usize = 6;

/// What legs go by.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) accounts: Vec<String>,
    first: Option<NaiveDateTime>,
    last: Option<NaiveDateTime>,
}

impl Seen {
    /// The first and the last start.
    pub(crate) fn days(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        self.first.zip(self.last)
    }

    pub(crate) fn look(&mut self, batch: &RecordBatch) {
        if let Some(column) = batch.column_by_name("account").and_then(|column| column.as_string_opt::<i32>())
        {
            let mut last = "";
            for account in column.iter().flatten() {
                if account != last && !self.accounts.iter().any(|known| known == account) {
                    self.accounts.push(account.to_owned());
                }
                last = account;
            }
        }
        let starts = batch.column_by_name("start_time");
        let starts = starts.and_then(|column| column.as_primitive_opt::<TimestampMicrosecondType>());
        let moment = |micros: i64| DateTime::from_timestamp_micros(micros).map(|moment| moment.naive_utc());
        for start in starts.into_iter().flat_map(|column| column.iter().flatten()).filter_map(moment) {
            self.first = Some(self.first.map_or(start, |first| first.min(start)));
            self.last = Some(self.last.map_or(start, |last| last.max(start)));
        }
    }
}
