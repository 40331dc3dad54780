//! `calllegs demo`: the whole way, from an emulator over a socket into a file, and the proof that nothing was lost.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    sync::Arc,
    time::Instant,
};

use calllegs_arrow::csv::CsvOptions;
use calllegs_core::{session::Credentials, value::secret::AccessKey};
use calllegs_sandbox::Sandbox;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::Deserialize;

use crate::{
    args::{Common, DemoArgs, Format},
    columns, connect,
    dates::{Date, Range},
    exit::{Exit, Failure},
    form::{Form, Packing},
    get::{self, Job},
    reading::{Outcome, Request},
    sandbox,
    screen::{Screen, counted},
    secrets,
};

/// Runs the demo.
pub(crate) fn run(args: &DemoArgs, common: &Common, now: DateTime<Utc>) -> Result<(), Failure> {
    make_folder(&args.dir)?;
    // The points are the emulator's: there is nothing to ask before they are spent.
    let quick = Common { yes: true, user_id: None, max_points: None, tz: None, ..common.clone() };
    let screen = &Arc::new(Screen::new(&quick)?);
    let common = &quick;
    let world = &args.world;
    // Forty pages of a month would wait for the second minute of points.
    let builder = sandbox::builder(common, world).minute_limit(None).day_limit(None);
    let emulator = builder.start().map_err(|error| sandbox::failed(&error))?;
    let brand = emulator.endpoint().ok().and_then(|endpoint| endpoint.brand());
    let brand = brand.map_or("", calllegs_core::Brand::name);
    let (address, seed) = (emulator.address(), world.seed);
    let days = counted(world.days.into(), "day");
    say(&format!(
        "1/3 sandbox   {brand}-like API on {address}, seed {seed}, {days}, bounds {}",
        world.bounds.name()
    ))?;

    let (first, after) = sandbox::extent(&emulator).ok_or_else(|| {
        Failure::usage("the emulator made up not one leg").next("raise --legs-per-day or --days")
    })?;
    let path = args.dir.join("call_legs.jsonl");
    let begun = Instant::now();
    let outcome = fetch(&emulator, (first, after), &path, common, screen, now)?;
    let seconds = begun.elapsed().as_secs_f64();
    let (legs, points) = (counted(outcome.rows, "leg"), counted(outcome.points.into(), "point"));
    say(&format!("2/3 get       {legs} → {}, {points}, {seconds:.1} s", path.display()))?;

    let distinct = check(&emulator, &path, outcome.rows)?;
    say(&format!("3/3 check     {distinct} rows, {distinct} distinct ids, and the emulator counts as many"))?;

    let program = sandbox::program();
    say(&format!("\nTry next:  {program} sandbox serve      then, in another terminal:"))?;
    say(&format!("           {program} --brand sandbox get --on yesterday"))?;
    say(&format!("           {program} fields"))
}

/// The path of `get`, with the emulator's key.
fn fetch(
    emulator: &Sandbox,
    (first, after): (NaiveDate, NaiveDate),
    path: &Path,
    common: &Common,
    screen: &Arc<Screen>,
    now: DateTime<Utc>,
) -> Result<Outcome, Failure> {
    let request =
        Request { columns: columns::all(), filter: None, local: None, limit: None, is_columnar: false };
    let form = Form::File { path: path.to_owned(), format: Format::Jsonl, packing: Packing::None };
    let range = Range::On(Date::Fixed(first, after));
    let csv = CsvOptions::default();
    let job =
        Job { request, range, zone: None, form, csv, mode: None, force: false, ahead: get::ahead(common) };
    let credentials = Credentials::Key(AccessKey::new(secrets::SANDBOX_KEY));
    let link = connect::link(common, emulator.endpoint()?, credentials, screen)?;
    let mut outcome = Outcome::default();
    get::execute(&job, &link, screen, now, &mut outcome)?;
    Ok(outcome)
}

/// Reads the file back: as many rows as were written, as many ids, and the very ids that the emulator has.
fn check(emulator: &Sandbox, path: &Path, written: u64) -> Result<u64, Failure> {
    #[derive(Deserialize)]
    struct Row {
        id: i64,
    }
    let unreadable = |error: io::Error| {
        Failure::new(Exit::Destination, format!("cannot read {} back: {error}", path.display()))
    };
    let mut ids = BTreeSet::new();
    let mut rows = 0;
    for line in BufReader::new(File::open(path).map_err(unreadable)?).lines() {
        let row: Row =
            serde_json::from_str(&line.map_err(unreadable)?).map_err(|error| unreadable(error.into()))?;
        rows += 1;
        ids.insert(row.id);
    }
    let truth = emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let truth: BTreeSet<i64> = truth.into_iter().map(|(id, _)| id).collect();
    if rows == written && rows == ids.len() as u64 && ids == truth {
        return Ok(rows);
    }
    Err(Failure::new(
        Exit::Incomplete,
        format!(
            "{rows} rows, {} distinct ids, {written} written, and the emulator has {}",
            ids.len(),
            truth.len()
        ),
    )
    .because("this is a bug in the tool or in its emulator")
    .next("report it with the flags of this command"))
}

fn make_folder(path: &Path) -> Result<(), Failure> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| {
        Failure::new(Exit::Destination, format!("cannot make the folder {}: {error}", path.display()))
            .next("choose another one with --dir")
    })
}

fn say(line: &str) -> Result<(), Failure> {
    writeln!(io::stdout(), "{line}").map_err(|error| Failure::stdout(&error))
}
