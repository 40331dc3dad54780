//! `verify --against sessions`: calls, put together from legs that are kept, held against the API's own report of them. Not
//! here: what legs tell of a call (`calllegs_stats`), how the report is read (`commands::companions`).
//!
//! Calls that the report has begin in the period and end in it: of others the legs of the period are a part. Those that began
//! before it are known by the report too, and left out.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, LazyLock},
};

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_core::{CallLegs, Direction, Period, schema::Listing, value::wall_time};
use calllegs_reports::calls_report::CallsReport as Report;
use calllegs_stats::{COLUMNS, CallFigures, Calls};
use calllegs_store::{Companion, Wanted, export::readable, ledger::Schedule};
use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;

use crate::{
    account::{
        connect, identity,
        session::{Line, Session},
    },
    cli::{Common, VerifyArgs},
    clock::Clock,
    commands::{companions::Companions, get, numbers},
    failure::{Exit, Failure},
    input::{
        dates::{Range, describe},
        with::LONGEST_SESSION,
    },
    lang::say,
    ui::{
        stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Ids that are told of each kind of difference.
const IDS: usize = 5;

/// What of the report is compared.
static REPORT: LazyLock<Companion> = LazyLock::new(|| {
    let keys = (Report::ID.info(), CallLegs::CALL_SESSION_ID.info());
    let columns = [
        Report::ID.info(),
        Report::START_TIME.info(),
        Report::FINISH_TIME.info(),
        Report::DIRECTION.info(),
        Report::IS_LOST.info(),
        Report::WAIT_DURATION.info(),
        Report::TALK_DURATION.info(),
    ];
    Companion::new(Report::METHOD, keys, columns.map(|field| (field.name(), field)))
        .begins_before(LONGEST_SESSION)
});

/// Runs the command.
pub(super) fn run(
    args: &VerifyArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    let mut place = numbers::open(&args.data).map_err(Failure::unspent)?;
    let range = Range::read(&args.period).map_err(Failure::unspent)?;
    let given = identity::given(common, now)?;
    let connection = connect::find(common, terminal)?;
    let mut line = Line::open()?;
    let session = Session::open(connection, &mut line, given.as_ref(), terminal, now)?;
    let resolved = range.resolve(&session.clock)?;
    let Session { connection, owner, clock } = &session;
    terminal.note(&describe(resolved.period, &owner.zone, owner.source).to_string());
    let period = settled(readable(resolved.period, clock.local()), clock)?;
    if period.till() < resolved.period.till() {
        let till = wall_time::format(period.till());
        terminal.note(&say!("compared up to {till}: younger calls may go on", till));
    }
    // The legs first: what they lack costs no point.
    let mut calls = Calls::of(session.account());
    let wanted = Wanted::columns(&COLUMNS).starts(period.from()..period.till());
    let mut known = numbers::Known::default();
    place.read(&wanted, |batch| {
        known.look(&batch);
        Ok::<_, Failure>(calls.push(&wanted.only(&batch)?)?)
    })?;
    known.check_times()?;
    let calls = calls.finish()?;
    if calls.is_empty() {
        let account = session.account();
        return Err(Failure::new(
            Exit::Empty,
            say!("the place has no legs of {account} in this time", account),
        )
        .because(say!("calls are put together from legs"))
        .next(say!("name another place with --data, or another period")));
    }
    let mut context = connection.context();
    context.clock = Some(clock.clone());
    context.period = Some(resolved.period);
    let runtime = Arc::clone(&line.runtime);
    let interruptions = &mut line.interruptions;
    let reader = Companions::new(connection, (owner, &context), terminal, interruptions, get::ahead(common));
    let tables = runtime.block_on(reader.read(&[&REPORT], period))?;
    let mut compared = Compared::default();
    let mut told = BTreeSet::new();
    for table in tables {
        compared.take(table.batch(), &calls, period, &mut told);
    }
    let untold = calls.keys().copied().filter(|id| !told.contains(id));
    compared.only_legs = Lacking::of(untold.collect());
    let spent = connection.client.usage().spent;
    let points = counted(spent.into(), "point");
    if args.json {
        stdout::print_json(&Answer {
            account: session.account(),
            from: wall_time::format(period.from()).to_string(),
            till: wall_time::format(period.till()).to_string(),
            timezone: owner.zone.name(),
            compared: &compared,
            points: spent,
        })?;
    } else {
        stdout::print(&compared.to_text())?;
    }
    terminal.note(&say!("{points} spent", points));
    let lacking = compared.only_report.calls + compared.only_legs.calls;
    if lacking == 0 && compared.calls > 0 {
        return Ok(Exit::Done);
    }
    if lacking == 0 {
        return Err(Failure::new(Exit::Incomplete, say!("no session could be compared"))
            .because(say!("the report says of none that it was over in the period"))
            .next(say!("ask for an earlier or a longer period")));
    }
    let differs =
        Failure::new(Exit::Differs, say!("{calls} on one side only", calls = counted(lacking, "session")));
    if compared.calls == 0 {
        // A text says nothing of whose legs it has.
        let account = session.account();
        return Err(differs
            .because(say!("no call is on both sides: the legs are hardly those of {account}", account))
            .next(say!("name the account that they are of: another key or --profile, or --user-id for a customer of a partner")));
    }
    Err(differs
        .because(say!(
            "legs are missing in the place, or calls in the report; figures are of calls that both have"
        ))
        .next(say!("read the legs of the period again: calllegs get, or calllegs sync --full-refresh")))
}

/// The period without what is so young that calls in it may go on.
fn settled(period: Period, clock: &Clock) -> Result<Period, Failure> {
    let till = clock.local() - Schedule::default().settle;
    if till <= period.from() {
        return Err(Failure::usage(say!("the period is too young to be compared"))
            .because(say!("calls of the last two hours may go on, and the report does not have them yet"))
            .next(say!("ask for an earlier period, or later")));
    }
    Ok(Period::new(period.from(), till.min(period.till()))?)
}

/// What is known in the end. The keys are a contract.
#[derive(Serialize)]
struct Answer<'a> {
    account: &'a str,
    from: String,
    till: String,
    timezone: &'a str,
    #[serde(flatten)]
    compared: &'a Compared,
    points: u32,
}

/// Calls of both sides.
#[derive(Debug, Default, Serialize)]
struct Compared {
    /// Calls that both have, whole in the period.
    calls: u64,
    direction: Figure,
    is_lost: Figure,
    wait_duration: Figure,
    talk_duration: Figure,
    only_report: Lacking,
    only_legs: Lacking,
    /// Calls that are not over at the end of the period.
    not_over: u64,
}

/// How often a figure is the same.
#[derive(Debug, Default, Serialize)]
struct Figure {
    /// Calls that have it.
    of: u64,
    agree: u64,
    /// The same, or a second more or less.
    within_a_second: u64,
    /// Calls in which it differs, a few of them.
    differ: Vec<i64>,
}

/// Calls that the other side does not have.
#[derive(Debug, Default, Serialize)]
struct Lacking {
    calls: u64,
    /// A few of them.
    ids: Vec<i64>,
}

impl Lacking {
    fn of(mut ids: Vec<i64>) -> Self {
        ids.sort_unstable();
        let calls = ids.len() as u64;
        ids.truncate(IDS);
        Self { calls, ids }
    }
}

impl Figure {
    fn count(&mut self, id: i64, distance: u64) {
        self.of += 1;
        self.agree += u64::from(distance == 0);
        self.within_a_second += u64::from(distance <= 1);
        if distance > 0 && self.differ.len() < IDS {
            self.differ.push(id);
        }
    }

    /// Compares values that are the same or not.
    fn same(&mut self, id: i64, is_same: bool) {
        self.count(id, if is_same { 0 } else { u64::MAX });
    }

    /// A percentage is cut, so that only all calls are a hundred.
    fn share(&self) -> Option<String> {
        let tenths = (u128::from(self.agree) * 1000).checked_div(self.of.into())?;
        Some(format!("{}.{} %", tenths / 10, tenths % 10))
    }
}

impl Compared {
    /// Compares the calls of the report, whose ids are added to those that were told.
    fn take(
        &mut self,
        report: &RecordBatch,
        calls: &HashMap<i64, CallFigures>,
        period: Period,
        told: &mut BTreeSet<i64>,
    ) {
        let mut lacking = Vec::new();
        for row in (0..report.num_rows()).filter_map(|row| ReportRow::of(report, row)) {
            told.insert(row.id);
            // It began before the period, or is told by the next one.
            if row.start.is_none_or(|start| !period.contains(start)) {
                continue;
            }
            if row.finish.is_none_or(|finish| finish >= period.till()) {
                self.not_over += 1;
                continue;
            }
            match calls.get(&row.id) {
                Some(call) => self.compare(&row, call),
                None => lacking.push(row.id),
            }
        }
        self.only_report = Lacking::of(lacking);
    }

    fn compare(&mut self, row: &ReportRow<'_>, call: &CallFigures) {
        self.calls += 1;
        let direction = if call.is_inbound { Direction::In } else { Direction::Out };
        self.direction.same(row.id, row.direction == Some(direction.as_str()));
        if let Some(is_lost) = call.is_lost {
            self.is_lost.same(row.id, row.is_lost == Some(is_lost));
        }
        if let Some(wait) = call.wait {
            self.wait_duration.count(row.id, row.wait.map_or(u64::MAX, |told| told.abs_diff(wait)));
        }
        if let Some(talk) = call.talk {
            // A call without a talk may have no value.
            self.talk_duration.count(row.id, row.talk.unwrap_or_default().abs_diff(talk));
        }
    }

    fn to_text(&self) -> String {
        let mut text = say!("{calls} on both sides\n", calls = counted(self.calls, "session"));
        let figures = [
            (Report::DIRECTION.info(), &self.direction),
            (Report::IS_LOST.info(), &self.is_lost),
            (Report::WAIT_DURATION.info(), &self.wait_duration),
            (Report::TALK_DURATION.info(), &self.talk_duration),
        ];
        for (field, figure) in figures {
            let share = figure.share().unwrap_or_else(|| "–".to_owned());
            let [agree, of] = [figure.agree, figure.of].map(grouped);
            let said = say!("{agree} of {of} agree", agree, of);
            let near = figure.within_a_second - figure.agree;
            let near = (near > 0).then(|| say!("; {near} more within a second", near = grouped(near)));
            let ids = told_ids(&figure.differ, figure.of - figure.agree);
            let line = format!("{:<15} {share:>8}  {said}{}{ids}\n", field.name(), near.unwrap_or_default());
            text.push_str(&line);
        }
        let sides =
            [(say!("only in the report"), &self.only_report), (say!("only in the place"), &self.only_legs)];
        for (what, lacking) in sides.into_iter().filter(|(_, lacking)| lacking.calls > 0) {
            let ids = told_ids(&lacking.ids, lacking.calls);
            text.extend([what, ": ", &counted(lacking.calls, "session"), &ids, "\n"]);
        }
        if self.not_over > 0 {
            let calls = counted(self.not_over, "session");
            text.push_str(&say!("left out, not over at the end of the period: {calls}\n", calls));
        }
        text
    }
}

/// `: 7, 8 and 3 more`
fn told_ids(ids: &[i64], all: u64) -> String {
    if ids.is_empty() {
        return String::new();
    }
    let told: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let more = all.saturating_sub(ids.len() as u64);
    let more = if more > 0 { say!(" and {ids} more", ids = more) } else { String::new() };
    format!(": {}{more}", told.join(", "))
}

/// A call as the report has it.
struct ReportRow<'a> {
    id: i64,
    start: Option<NaiveDateTime>,
    finish: Option<NaiveDateTime>,
    direction: Option<&'a str>,
    is_lost: Option<bool>,
    wait: Option<i64>,
    talk: Option<i64>,
}

impl<'a> ReportRow<'a> {
    fn of(report: &'a RecordBatch, row: usize) -> Option<Self> {
        let column = |name: &str| report.column_by_name(name).filter(|column| column.is_valid(row));
        let number = |name: &str| {
            let numbers = column(name)?.as_primitive_opt::<types::Int64Type>()?;
            Some(numbers.value(row))
        };
        let time = |name: &str| {
            let times = column(name)?.as_primitive_opt::<types::TimestampMicrosecondType>()?;
            DateTime::from_timestamp_micros(times.value(row)).map(|time| time.naive_utc())
        };
        Some(Self {
            id: number(Report::ID.info().name())?,
            start: time(Report::START_TIME.info().name()),
            finish: time(Report::FINISH_TIME.info().name()),
            direction: column(Report::DIRECTION.info().name())
                .and_then(|texts| texts.as_string_opt::<i32>())
                .map(|texts| texts.value(row)),
            is_lost: column(Report::IS_LOST.info().name())
                .and_then(|flags| flags.as_boolean_opt())
                .map(|flags| flags.value(row)),
            wait: number(Report::WAIT_DURATION.info().name()),
            talk: number(Report::TALK_DURATION.info().name()),
        })
    }
}
