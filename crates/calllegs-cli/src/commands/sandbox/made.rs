//! `calllegs sandbox generate` and `truth`: the legs of a made-up world, and what happened in its calls, without a
//! server. The same options write the same bytes everywhere: no clock decides anything.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};
use calllegs_sandbox::{Emulator, Sandbox, TruthQuery};
use calllegs_store::AtomicFile;
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use ring::digest::{Context as Digest, SHA256};
use serde_json::json;

use super::{failed, zone};
use crate::{
    cli::{BrandName, Common, GenerateArgs, MadeArgs, TruthArgs, TruthOf},
    failure::{Exit, Failure},
    lang::say,
    ui::stdout,
};

/// What of a period is written at once.
const STEP: TimeDelta = TimeDelta::minutes(1);

/// Writes the legs, one a line, in the form of the API.
pub(crate) fn generate(args: &GenerateArgs, common: &Common) -> Result<(), Failure> {
    let mut output = if args.hash { Output::hash(args.made.json) } else { Output::of(&args.made)? };
    let emulator = emulator(&args.made, common)?;
    let fields: Vec<&FieldInfo> = CallLegs::METHOD.fields.iter().collect();
    let Some((first, last)) = emulator.days() else { return output.finish() };
    let end = last.and_time(NaiveTime::MIN).checked_add_days(Days::new(1)).unwrap_or(NaiveDateTime::MAX);
    let mut from = first.and_time(NaiveTime::MIN);
    // Little at a time: the texts of all legs need not fit into memory, nor those of a day.
    while from < end {
        let till = from.checked_add_signed(STEP).unwrap_or(end);
        let legs = emulator.truth(None, from, till, fields.iter().copied());
        output.lines(legs.unwrap_or_default())?;
        from = till;
    }
    output.finish()
}

/// Writes the sessions or the metrics.
pub(crate) fn truth(args: &TruthArgs, common: &Common) -> Result<(), Failure> {
    let mut output = Output::of(&args.made)?;
    let emulator = emulator(&args.made, common)?;
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN);
    let mut query = TruthQuery::default();
    if args.from.is_some() || args.till.is_some() {
        let (from, till) = (args.from.map_or(NaiveDateTime::MIN, midnight), args.till.map(midnight));
        query = TruthQuery::between(from, till.unwrap_or(NaiveDateTime::MAX));
    }
    query.answer_within = args.answer_within.into();
    query.short_abandon = args.short_abandon.into();
    let json = |text: serde_json::Result<String>| text.map_err(|error| Failure::stdout(&error.into()));
    match args.of {
        TruthOf::Sessions => {
            for session in emulator.truth_sessions(None, &query).ok_or_else(too_many)? {
                output.lines([json(serde_json::to_string(&session))?])?;
            }
        }
        TruthOf::Metrics => {
            let metrics = emulator.truth_metrics(None, &query).ok_or_else(too_many)?;
            output.lines([json(serde_json::to_string_pretty(&metrics))?])?;
        }
    }
    output.finish()
}

/// All other worlds are told whole.
fn too_many() -> Failure {
    Failure::new(Exit::Usage, say!("the period has more than a million legs of the world `huge`"))
        .because(say!(
            "what happened in so many calls does not fit into the memory that this world does without"
        ))
        .next(say!("make fewer of them: --legs-per-day, --days"))
}

fn emulator(args: &MadeArgs, common: &Common) -> Result<Emulator, Failure> {
    let mut builder = Sandbox::builder().world(args.kind).seed(args.seed).zone(zone(common, args.kind)?);
    if let Some(brand) = common.brand.and_then(BrandName::brand) {
        builder = builder.brand(brand);
    }
    if let Some(days) = args.days {
        builder = builder.days(days);
    }
    if let Some(day) = args.since {
        builder = builder.since(day);
    }
    if let Some(day) = args.until {
        builder = builder.until(day);
    }
    if let Some(legs) = args.legs_per_day {
        builder = builder.legs_per_day(legs);
    }
    builder.emulator().map_err(|error| failed(&error))
}

/// Where lines go.
enum Output {
    Stdout(io::BufWriter<io::Stdout>),
    /// Where it is, if that is to be told, and how many lines it has.
    File(AtomicFile, Option<String>, u64),
    /// Whether it is told as JSON.
    Hash(Digest, bool),
}

impl Output {
    fn of(args: &MadeArgs) -> Result<Self, Failure> {
        let is_json = |first: &[u8]| first.first() == Some(&b'{');
        if let Some(path) = &args.output {
            let told = args.json.then(|| path.display().to_string());
            return Ok(Self::File(AtomicFile::create_over(path, ("-o", "JSON"), is_json)?, told, 0));
        }
        stdout::check()?;
        Ok(Self::Stdout(io::BufWriter::new(io::stdout())))
    }

    fn hash(json: bool) -> Self {
        Self::Hash(Digest::new(&SHA256), json)
    }

    fn lines(&mut self, lines: impl IntoIterator<Item = String>) -> Result<(), Failure> {
        let mut text = String::new();
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
        match self {
            Self::Stdout(stdout) => {
                stdout.write_all(text.as_bytes()).map_err(|error| Failure::stdout(&error))
            }
            Self::File(file, _, count) => {
                *count += text.lines().count() as u64;
                Ok(file.fill(text.as_bytes())?)
            }
            Self::Hash(digest, _) => {
                digest.update(text.as_bytes());
                Ok(())
            }
        }
    }

    fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut stdout) => stdout.flush().map_err(|error| Failure::stdout(&error)),
            Self::File(file, told, lines) => {
                file.commit()?;
                match told {
                    Some(path) => stdout::print_json(&json!({"path": path, "lines": lines})),
                    None => Ok(()),
                }
            }
            Self::Hash(digest, as_json) => {
                let mut text = String::new();
                for byte in digest.finish().as_ref() {
                    let _infallible = write!(text, "{byte:02x}");
                }
                if as_json {
                    return stdout::print_json(&json!({"sha256": text}));
                }
                stdout::print(&format!("{text}\n"))
            }
        }
    }
}
