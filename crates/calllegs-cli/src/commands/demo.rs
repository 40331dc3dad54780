//! `calllegs demo`: the whole way, from an emulator over a socket into a file, the proof that nothing was lost, and what
//! is in the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_arrow::{csv::CsvOptions, files::beside, parquet};
use calllegs_core::{
    session::Credentials,
    value::{secret::AccessKey, wall_time},
};
use calllegs_sandbox::{Sandbox, World};
use calllegs_stats::Parameters;
use calllegs_store::{
    self as store, Compression, ExportSpec, Sqlite,
    ledger::Schedule,
    windows::{Shared, run_id},
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rusqlite::types::ValueRef;
use serde_json::json;

use crate::{
    account::{
        connect, credentials,
        session::{Line, Session},
    },
    cli::{Common, DemoArgs},
    commands::{
        get::{self, Job},
        numbers::Numbers,
        report, sandbox,
        sync::Reading,
    },
    failure::{Exit, Failure},
    input::{
        dates::{Date, Range},
        output_target::OutputTarget,
    },
    lang::{Text, say, text},
    ui::{
        outcome::Outcome,
        stdout, table,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Runs the demo.
pub(crate) fn run(args: &DemoArgs, common: &Common, now: DateTime<Utc>) -> Result<(), Failure> {
    make_folder(&args.dir)?;
    let told = Told { is_json: args.json };
    // The points are the emulator's: there is nothing to ask before they are spent.
    let quick = Common { yes: true, user_id: Vec::new(), max_points: None, tz: None, ..common.clone() };
    let terminal = &Arc::new(Terminal::new(quick.manners())?);
    let common = &quick;
    let world = &args.world;
    // Forty pages of a month would wait for the second minute of points.
    let builder = sandbox::builder(common, world).minute_limit(None).day_limit(None);
    let emulator = builder.start().map_err(|error| sandbox::failed(&error))?;
    let brand = emulator.endpoint().ok().and_then(|endpoint| endpoint.brand());
    let brand = brand.map_or("", calllegs_core::Brand::as_str);
    let (address, seed) = (emulator.address(), world.seed);
    let days = counted(world.days.unwrap_or_else(|| World::default().days()).into(), "day");
    told.say(&say!(
        "1/5 sandbox   {brand}-like API on {address}, seed {seed}, {days}, bounds {bounds}",
        brand,
        address,
        seed,
        days,
        bounds = world.bounds.as_str()
    ))?;

    let (first, after) = sandbox::extent(&emulator).ok_or_else(|| {
        Failure::usage(say!("the emulator made up not one leg"))
            .because(say!("its days are too few or too quiet"))
            .next(say!("raise --legs-per-day or --days"))
    })?;
    let path = args.dir.join("call_legs.parquet");
    let begun = Instant::now();
    let outcome = fetch(&emulator, (first, after), &path, common, terminal, now)?;
    let seconds = begun.elapsed().as_secs_f64();
    let (legs, points) = (counted(outcome.rows, "leg"), counted(outcome.points.into(), "point"));
    told.say(&say!(
        "2/5 get       {legs} → {path}, {points}, {seconds} s",
        legs,
        path = path.display(),
        points,
        seconds = format!("{seconds:.1}")
    ))?;

    let made = Made::read(&path)?;
    made.check(&emulator, outcome.rows)?;
    let legs = grouped(made.rows);
    told.say(&say!("3/5 check     {legs} rows, {legs} distinct ids, and the emulator counts as many", legs))?;
    made.show(told)?;
    let zone = keep(&emulator, (first, after), args, common, terminal, now, made.rows)?;
    let page = args.dir.join("report.html");
    report::page(
        &Numbers {
            data: path.display().to_string(),
            parameters: Parameters::default(),
            zone,
            redaction: None,
            needs: &[],
            may_hide: true,
        },
        &page,
    )?;
    told.say(&say!("\n5/5 report    open {page}", page = page.display()))?;

    if told.is_json {
        let files = [&path, &args.dir.join("calls.db"), &page].map(|path| path.display().to_string());
        return stdout::print_json(&json!({
            "legs": made.rows, "calls": made.calls.len(), "points": outcome.points, "files": files,
        }));
    }
    let program = sandbox::program();
    told.say(&say!("\nTry next:  {program} sandbox serve      then, in another terminal:", program))?;
    told.say(&say!("           {program} --brand sandbox get --on yesterday", program))?;
    told.say(&say!("           {program} fields", program))?;
    told.say(say!("Install:   cargo install --path crates/calllegs-cli      in a checkout"))
}

/// The path of `get`, with the emulator's key.
fn fetch(
    emulator: &Sandbox,
    (first, after): (NaiveDate, NaiveDate),
    path: &Path,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Outcome, Failure> {
    let output = OutputTarget::File {
        path: path.to_owned(),
        format: store::Format::Parquet,
        compression: Compression::None,
    };
    let range = Range::On(Date::Fixed(first, after));
    let csv = CsvOptions::default();
    let job = Job {
        spec: ExportSpec::default(),
        range,
        possible: range.possible(now, None)?,
        zone: None,
        output,
        csv,
        mode: None,
        force: false,
        // Its points cost nothing, and its emulator is gone.
        discard: true,
        redaction: None,
        ahead: get::ahead(common),
    };
    let credentials = Credentials::Key(AccessKey::new(credentials::SANDBOX_KEY));
    let connection = connect::with_credentials(common, emulator.endpoint()?, credentials, terminal)?;
    let mut outcome = Outcome::default();
    get::execute(&job, &connection, terminal, now, &mut outcome).map_err(|failure| {
        if failure.exit == Exit::Destination {
            failure.next(say!("choose another folder with --dir, or remove what the earlier demo left in it"))
        } else {
            failure
        }
    })?;
    Ok(outcome)
}

/// The path of `sync`, and three questions to the table that it made. Returns the zone of the account.
fn keep(
    emulator: &Sandbox,
    (first, after): (NaiveDate, NaiveDate),
    args: &DemoArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    legs: u64,
) -> Result<String, Failure> {
    let (path, told) = (&args.dir.join("calls.db"), Told { is_json: args.json });
    for ending in ["", "-wal", "-shm", ".lock"] {
        // What an earlier demo left; where something else stands in the way, that is told when it is opened.
        let _absent = fs::remove_file(beside(path, ending));
    }
    let credentials = Credentials::Key(AccessKey::new(credentials::SANDBOX_KEY));
    let connection = connect::with_credentials(common, emulator.endpoint()?, credentials, terminal)?;
    let mut line = Line::open()?;
    let session = Session::open(connection, &mut line, None, terminal, now)?;
    let run_id = run_id(now);
    let places = [Shared::new(Sqlite::open(path)?)];
    let [place] = &places;
    place.lock().lease(session.account(), &run_id)?;
    let begun = Instant::now();
    let mut reading = Reading {
        places: &places,
        run_id: &run_id,
        settle: Schedule::default().settle,
        exact: false,
        redaction: None,
        ahead: get::ahead(common),
        turn: u64::MAX,
        session: &session,
        line: &mut line,
        terminal,
        tells: false,
    };
    let period = Range::On(Date::Fixed(first, after)).resolve(&session.clock)?.period;
    reading.read(period)?.ended?;
    let seconds = begun.elapsed().as_secs_f64();
    drop(places);
    // Nobody else has it.
    let _absent = fs::remove_file(beside(path, ".lock"));
    let answers = ask(path).map_err(|error| {
        Failure::new(
            Exit::Destination,
            say!("cannot read {path} back: {error}", path = path.display(), error),
        )
        .because(say!("it was written a moment ago"))
        .next(say!("choose another folder with --dir"))
    })?;
    let [(_, rows), answers @ ..] = answers;
    if rows.first().and_then(|row| row.first()) != Some(&legs.to_string()) {
        return Err(Failure::new(
            Exit::Incomplete,
            say!("the table has not {legs}", legs = counted(legs, "leg")),
        )
        .because(say!("this is a bug in the tool or in its emulator"))
        .next(say!("report it with the flags of this command")));
    }
    told.say(&say!(
        "\n4/5 sync      {legs} → {path}, {seconds} s",
        legs = counted(legs, "leg"),
        path = path.display(),
        seconds = format!("{seconds:.1}")
    ))?;
    for ((sql, rows), heads) in answers.into_iter().zip(HEADS) {
        told.say(&format!("\n{sql}"))?;
        told.table(&heads.map(String::from), rows)?;
    }
    Ok(session.clock.zone.name().to_owned())
}

/// How many rows there are, and three questions that people ask.
const QUESTIONS: [&str; 4] = [
    "SELECT count(*), '' FROM call_legs",
    "SELECT substr(start_time, 12, 2) || ':00', count(DISTINCT call_session_id) FROM call_legs GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
    "SELECT employee_full_name, count(*) FROM call_legs WHERE is_operator AND is_talked GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
    "SELECT finish_reason, count(*) FROM call_legs WHERE is_operator AND NOT is_talked GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
];

const HEADS: [[Text; 2]; 3] = [
    [text!("hour"), text!("calls")],
    [text!("employee"), text!("conversations")],
    [text!("not answered because"), text!("rings")],
];

type Answer = (&'static str, Vec<Vec<String>>);

fn ask(path: &Path) -> rusqlite::Result<[Answer; 4]> {
    let connection = rusqlite::Connection::open(path)?;
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => String::new(),
    };
    let rows = |sql: &'static str| {
        let mut statement = connection.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok(vec![text(row.get_ref(0)?), text(row.get_ref(1)?)]))?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map(|rows| (sql, rows))
    };
    let [count, hours, employees, reasons] = QUESTIONS;
    Ok([rows(count)?, rows(hours)?, rows(employees)?, rows(reasons)?])
}

/// What is in the file.
#[derive(Debug, Default)]
struct Made {
    rows: u64,
    ids: BTreeSet<i64>,
    /// Each call, and whether an employee talked in it.
    calls: BTreeMap<i64, bool>,
    /// A few rows in which an employee talked, as texts.
    few: Vec<Vec<String>>,
}

/// The columns of the few rows.
const SHOWN: [&str; 4] = ["start_time", "employee_full_name", "duration", "finish_reason"];

/// Rows that are shown.
const FEW: usize = 5;

impl Made {
    /// Reads the file back.
    fn read(path: &Path) -> Result<Self, Failure> {
        let unreadable = |error: io::Error| {
            Failure::new(
                Exit::Destination,
                say!("cannot read {path} back: {error}", path = path.display(), error),
            )
            .because(say!("it was written a moment ago"))
            .next(say!("choose another folder with --dir"))
        };
        let (_, batches) = File::open(path).and_then(parquet::read_back).map_err(unreadable)?;
        let mut made = Self::default();
        for batch in batches {
            made.add(&batch.map_err(unreadable)?);
        }
        Ok(made)
    }

    fn add(&mut self, batch: &RecordBatch) {
        let numbers = |name| batch.column_by_name(name)?.as_primitive_opt::<types::Int64Type>();
        let truths = |name| batch.column_by_name(name)?.as_boolean_opt();
        let (ids, calls) = (numbers("id"), numbers("call_session_id"));
        let (operators, talked) = (truths("is_operator"), truths("is_talked"));
        for row in 0..batch.num_rows() {
            self.rows += 1;
            self.ids.extend(ids.filter(|ids| ids.is_valid(row)).map(|ids| ids.value(row)));
            let is = |column: Option<&arrow_array::BooleanArray>| {
                column.is_some_and(|column| column.is_valid(row) && column.value(row))
            };
            if let Some(call) = calls.filter(|calls| calls.is_valid(row)) {
                *self.calls.entry(call.value(row)).or_default() |= is(operators) && is(talked);
            }
            if self.few.len() < FEW && is(operators) && is(talked) {
                self.few.push(SHOWN.iter().map(|name| text(batch, name, row)).collect());
            }
        }
    }

    /// As many rows as were written, as many ids, and the very ids that the emulator has.
    fn check(&self, emulator: &Sandbox, written: u64) -> Result<(), Failure> {
        let truth = emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
        let truth: BTreeSet<i64> = truth.into_iter().map(|(id, _)| id).collect();
        if self.rows == written && self.rows == self.ids.len() as u64 && self.ids == truth {
            return Ok(());
        }
        Err(Failure::new(
            Exit::Incomplete,
            say!(
                "{rows}, {distinct} distinct ids, {written} written, and the emulator has {truth}",
                rows = counted(self.rows, "row"),
                distinct = grouped(self.ids.len() as u64),
                written = grouped(written),
                truth = grouped(truth.len() as u64)
            ),
        )
        .because(say!("this is a bug in the tool or in its emulator"))
        .next(say!("report it with the flags of this command")))
    }

    /// A few rows and three numbers.
    fn show(&self, told: Told) -> Result<(), Failure> {
        told.say("")?;
        told.table(&SHOWN.map(str::to_owned), self.few.clone())?;
        let calls = self.calls.len() as u64;
        let answered = self.calls.values().filter(|is_answered| **is_answered).count() as u64;
        let share = answered * 100 / calls.max(1);
        let (legs, calls) = (counted(self.rows, "leg"), counted(calls, "call"));
        told.say(&say!(
            "\n{legs}, {calls}, {share} % of the calls answered by an employee",
            legs,
            calls,
            share
        ))
    }
}

/// A value for people.
fn text(batch: &RecordBatch, name: &str, row: usize) -> String {
    let Some(column) = batch.column_by_name(name).filter(|column| column.is_valid(row)) else {
        return String::new();
    };
    if let Some(texts) = column.as_string_opt::<i32>() {
        return texts.value(row).to_owned();
    }
    if let Some(times) = column.as_primitive_opt::<types::TimestampMicrosecondType>() {
        let time = times.value_as_datetime(row);
        return time.map_or_else(String::new, |time| wall_time::format(time).to_string());
    }
    if let Some(numbers) = column.as_primitive_opt::<types::Int32Type>() {
        return numbers.value(row).to_string();
    }
    let numbers = column.as_primitive_opt::<types::Int64Type>();
    numbers.map_or_else(String::new, |numbers| numbers.value(row).to_string())
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        Failure::new(
            Exit::Destination,
            say!("cannot make the folder {path}: {error}", path = path.display(), error),
        )
        .next(say!("choose another one with --dir"))
    })
}

/// Tells people each step; a program is told at the end.
#[derive(Clone, Copy)]
struct Told {
    is_json: bool,
}

impl Told {
    fn say(self, line: &str) -> Result<(), Failure> {
        if self.is_json {
            return Ok(());
        }
        writeln!(io::stdout(), "{line}").map_err(|error| Failure::stdout(&error))
    }

    fn table(self, header: &[String], rows: table::Grid) -> Result<(), Failure> {
        if self.is_json { Ok(()) } else { table::print(header, rows) }
    }
}
