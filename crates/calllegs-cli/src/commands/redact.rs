//! `calllegs redact`: legs that are kept, written again without the people in them, or looked at for what is left of them;
//! and the key of pseudonyms. Nothing is asked of the API. Not here: what is done to a value (`calllegs_store::redact`).

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use arrow_array::{Array as _, ArrayRef, RecordBatch, cast::AsArray as _, types::Int64Type};
use calllegs_arrow::{
    Leg,
    csv::CsvOptions,
    origin::Origin,
    schema::{Column, ColumnKind, Source},
};
use calllegs_core::Period;
use calllegs_store::{
    Companion, ErrorKind, FileDestination, Format, Reading, Wanted, WriterThread,
    destination::{Destination, Ending, Page, Request},
    redact::{RedactKey, RedactedDestination, Redaction},
    redact_check::{self, LeftKind},
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::json;
use zeroize::Zeroizing;

use crate::{
    cli::{Common, RedactArgs, RedactCommand, RedactFlags, RedactKeyCommand, With},
    commands::numbers,
    failure::{Exit, Failure},
    input::{redaction, with},
    lang::say,
    ui::{
        command_line::quoted,
        echo::shown_path,
        stdout,
        terminal::Terminal,
        text::{clean, counted},
    },
};

/// Runs the command.
pub(crate) fn run(
    args: &RedactArgs,
    common: &Common,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    if let Some(RedactCommand::Key(command)) = args.command {
        return key(command, terminal, now);
    }
    let data = args.data.as_deref().unwrap_or_default();
    let flags = RedactFlags { redact: args.redact.clone(), ..RedactFlags::default() };
    if args.check {
        // What a copy keeps without further words is no find either.
        let said = if args.redact.is_empty() { &common.redact } else { &args.redact };
        let kept = if said.is_empty() {
            Redaction::read([Redaction::USUAL])?
        } else {
            Redaction::read(said.iter().map(String::as_str))?
        };
        return check(data, &kept, args.json);
    }
    let said = redaction::for_copy(&flags, common)?;
    let drops_unknown = said.as_ref().is_some_and(Redaction::drops_unknown);
    let redaction = match said {
        Some(redaction) => redaction,
        None => Redaction::read([Redaction::USUAL])?,
    };
    let Some(output) = &args.output else {
        return Err(Failure::usage(say!("no file is named")).next(say!("add -o FILE")));
    };
    if calllegs_store::resolved(Path::new(data)) == calllegs_store::resolved(output) {
        return Err(Failure::usage(say!("the legs and the new file are the same file"))
            .because(say!("what is taken off would be gone"))
            .next(say!("name another file with -o")));
    }
    let mut reading = numbers::open(data)?;
    if !drops_unknown {
        refuse_unknown(&mut reading)?;
    }
    let mut csv = CsvOptions::default();
    csv.preset = args.csv_preset.unwrap_or_default();
    let file = FileDestination::new(output)
        .map_err(|error| Failure { exit: Exit::Usage, ..error.into() })?
        .replace(args.force)
        .csv(csv);
    let told = redaction.to_string();
    terminal.note(&say!("redacted: {redaction}", redaction));
    let rows = write((data, output), &mut reading, file, redaction, now)?;
    terminal.note(&say!(
        "{legs} → {path}; nothing was spent",
        legs = counted(rows, "leg"),
        path = shown_path(output)
    ));
    if args.json {
        let path = output.display().to_string();
        stdout::print_json(&json!({"path": path, "legs": rows, "redacted": told}))?;
    }
    Ok(Exit::Done)
}

/// Columns of other listings that legs may have, which say nothing of people.
fn joined() -> Vec<&'static Column> {
    let with = [With::Sessions, With::Costs].map(with::companion);
    with.into_iter().flat_map(Companion::columns).collect()
}

/// Refuses columns that nobody knows: who is in them is not known, and without them something would be lost in silence.
fn refuse_unknown(reading: &mut Reading) -> Result<(), Failure> {
    let others = reading.others(&joined())?;
    if others.is_empty() {
        return Ok(());
    }
    let columns = others.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
    Err(Failure::new(Exit::Config, say!("there are columns that legs do not have: {columns}", columns))
        .because(say!("whether there are people in them is not known, and they would be missing in the copy"))
        .next(say!("to leave them out, add --redact extra=drop to what is redacted")))
}

/// Writes the legs of a place without what is redacted.
fn write(
    (data, output): (&str, &Path),
    reading: &mut Reading,
    file: FileDestination,
    redaction: Redaction,
    now: DateTime<Utc>,
) -> Result<u64, Failure> {
    let about = About::of(reading)?;
    let mut origin = Origin::new(&about.account, &about.columns, about.period);
    origin.conditions = Some("redacted".to_owned());
    let request = Request::new("", about.columns.clone(), origin.clone(), (now, Tz::UTC.into()));
    let destination = RedactedDestination::new(Box::new(file), redaction);
    let opened = Box::new(destination).open()?;
    opened.check(std::slice::from_ref(&origin), Some(&about.account)).map_err(|error| {
        let is_there = error.kind() == ErrorKind::Conflict && is_text(output);
        if is_there { taken(data, output) } else { error.into() }
    })?;
    let writing = WriterThread::begin(opened.begin(request)?.writer)?;
    let mut rows = 0;
    let joined: Vec<_> = about.columns.iter().copied().filter(|column| is_joined(column)).collect();
    let own: Vec<_> = about.columns.iter().filter(|column| !is_joined(column)).map(|it| it.name()).collect();
    let read = reading.read(&Wanted::columns(&own).joined(&joined), |batch| {
        rows += batch.num_rows() as u64;
        let legs = Leg::kept(in_order(&batch, &about.columns)?);
        if writing.write_blocking(Page { legs, resume: None }) {
            return Ok(());
        }
        // Its own error is known once it has ended.
        Err(Failure::new(Exit::Bug, say!("nothing is written any more")))
    });
    let (writer, written) = writing.end();
    let ended = written.map_err(Failure::from).and(read);
    let ended = ended.and_then(|()| if rows == about.rows { Ok(()) } else { Err(changed()) });
    match ended {
        Ok(()) => writer.commit().map(drop).map_err(|failed| Failure::from(failed.error))?,
        Err(failure) => {
            drop(writer.suspend(Ending::default().begins_anew(true)));
            return Err(failure);
        }
    }
    Ok(rows)
}

/// Whether a file says of itself neither who wrote it nor what was taken off.
fn is_text(path: &Path) -> bool {
    matches!(Format::by_name(path), (Some(Format::Csv | Format::Jsonl), _))
}

/// A text is there already: perhaps the copy of before, perhaps legs with the people in them.
fn taken(data: &str, output: &Path) -> Failure {
    let path = shown_path(output);
    Failure::new(Exit::Destination, say!("{path} is there already", path))
        .because(say!("a text does not say whether it is an earlier copy, or legs with the people in them"))
        .next(say!(
            "replace it: calllegs redact {data} -o {output} --force; or choose another name",
            data = quoted(data),
            output = quoted(&output.to_string_lossy())
        ))
}

fn changed() -> Failure {
    Failure::new(Exit::Destination, say!("the legs have changed while they were read"))
        .because(say!("they were counted before, and are others now"))
        .next(say!("run the command again when nothing writes them"))
}

/// Whether it is of another listing.
const fn is_joined(column: &Column) -> bool {
    matches!(column.source(), Source::Joined(_))
}

/// The columns in their order, whatever that of the place is, each of its type: a value of another would be lost.
fn in_order(batch: &RecordBatch, columns: &[&'static Column]) -> Result<RecordBatch, Failure> {
    let schema = batch.schema();
    let places = columns.iter().map(|column| schema.index_of(column.name())).collect::<Result<Vec<_>, _>>();
    let batch = places.and_then(|places| batch.project(&places)).map_err(|error| {
        Failure::new(Exit::Destination, say!("the legs have no such columns: {error}", error))
            .because(say!("all parts of a place have the same columns"))
            .next(say!("extract the legs again: calllegs get -o legs.parquet"))
    })?;
    let is_other = |(column, array): &(&&Column, &ArrayRef)| {
        let texts = array.as_list_opt::<i32>().and_then(|lists| lists.values().as_string_opt::<i32>());
        // Other programs call the items of a list otherwise.
        let is_list = column.kind() == ColumnKind::TextList && texts.is_some();
        !is_list && *array.data_type() != column.kind().data_type()
    };
    if let Some((column, _)) = columns.iter().zip(batch.columns()).find(is_other) {
        return Err(calllegs_stats::Error::Type(column.name()).into());
    }
    Ok(batch)
}

/// What is known of legs before they are written again.
struct About {
    columns: Vec<&'static Column>,
    account: String,
    period: Period,
    rows: u64,
}

impl About {
    fn of(reading: &mut Reading) -> Result<Self, Failure> {
        let all: Vec<_> = Column::all().iter().map(Column::name).collect();
        let joined = joined();
        let mut columns = None;
        let is_there = |batch: &RecordBatch, column: &&Column| batch.column_by_name(column.name()).is_some();
        let look = |batch: RecordBatch| {
            let all = Column::all().iter().chain(joined.iter().copied());
            columns = Some(all.filter(|column| is_there(&batch, column)).collect::<Vec<_>>());
            // One batch tells what all have.
            Err(Looked::Enough)
        };
        match reading.read(&Wanted::columns(&all).joined(&joined), look) {
            Ok(()) | Err(Looked::Enough) => {}
            Err(Looked::Failed(failure)) => return Err(failure),
        }
        let columns = columns.unwrap_or_default();
        let mut seen = numbers::Seen::default();
        let mut rows = 0;
        let mut ids = Vec::new();
        reading.read(&Wanted::columns(&["id", "account", "start_time"]), |batch| {
            rows += batch.num_rows() as u64;
            seen.look(&batch);
            ids.extend(ids_of(&batch, &seen.accounts));
            Ok::<_, Failure>(())
        })?;
        // Whoever counts the legs of the copy refuses them for it.
        ids.sort_unstable();
        let twice = ids.windows(2).find_map(|pair| (pair.first() == pair.last()).then(|| pair.first())?);
        if let Some((_, id)) = twice {
            return Err(calllegs_stats::Error::Twice(*id).into());
        }
        let Some((first, last)) = seen.days() else {
            return Err(Failure::new(Exit::Empty, say!("there are no legs with a start"))
                .because(say!("a file of legs says of which time they are"))
                .next(say!("name a place with legs that have start_time, or extract them again: calllegs get --redact SPEC")));
        };
        let period = Period::new(first, last + TimeDelta::seconds(1))?;
        seen.accounts.sort();
        Ok(Self { columns, account: seen.accounts.join(","), period, rows })
    }
}

/// The ids of legs, each with the place of its account among these.
fn ids_of(batch: &RecordBatch, accounts: &[String]) -> Vec<(usize, i64)> {
    let ids = batch.column_by_name("id").and_then(|ids| ids.as_primitive_opt::<Int64Type>());
    let own = batch.column_by_name("account").and_then(|own| own.as_string_opt::<i32>());
    let account = |row: usize| {
        let name = own.filter(|own| own.is_valid(row)).map(|own| own.value(row));
        accounts.iter().position(|known| Some(known.as_str()) == name).unwrap_or(accounts.len())
    };
    let ids = ids.into_iter().flat_map(|ids| ids.iter().enumerate());
    ids.filter_map(|(row, id)| Some((account(row), id?))).collect()
}

/// How a look at the first batch ends.
enum Looked {
    Enough,
    Failed(Failure),
}

impl From<calllegs_store::Error> for Looked {
    fn from(error: calllegs_store::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Looks for people in a place.
fn check(data: &str, kept: &Redaction, json: bool) -> Result<Exit, Failure> {
    let checked = redact_check::check(&mut numbers::open(data)?, Some(kept))?;
    if fs::metadata(data).is_ok_and(|file| file.is_file() && file.len() == 0) {
        return Err(Failure::new(
            Exit::Destination,
            say!("{data} is empty", data = shown_path(Path::new(data))),
        )
        .because(say!("not even the names of columns are in it, so nothing was checked"))
        .next(say!("name the file that is to be checked")));
    }
    if json {
        stdout::print_json(&checked)?;
    } else {
        let mut text = String::new();
        for left in &checked.left {
            let rows = counted(left.rows, "row");
            let (column, kind) = (clean(&left.column), kind(left.kind));
            text.push_str(&say!("{column}: {kind} in {rows}\n", column, kind, rows));
        }
        if checked.left.is_empty() {
            text.push_str(&say!("nobody was found in {rows}\n", rows = counted(checked.rows, "row")));
        }
        if !checked.kept.is_empty() {
            let names = checked.kept.join(", ");
            text.push_str(&say!(
                "kept on purpose, not looked at: {names}; to look there: --redact NAME=drop\n",
                names
            ));
        }
        if !checked.free_texts.is_empty() {
            let names = checked.free_texts.join(", ");
            text.push_str(&say!("not known: what people wrote into {names}\n", names));
        }
        stdout::print(&text)?;
    }
    if checked.left.is_empty() {
        return Ok(Exit::Done);
    }
    let columns: BTreeSet<_> = checked.left.iter().map(|left| clean(&left.column)).collect();
    let columns = columns.into_iter().collect::<Vec<_>>().join(", ");
    Err(Failure::new(Exit::Differs, say!("there are people in it: {columns}", columns))
        .because(say!("numbers, addresses, names or recordings were found by columns and values"))
        .next(say!(
            "calllegs redact {data} -o FILE; or name what is kept on purpose, as in --redact staff=keep",
            data = quoted(data)
        )))
}

/// What values look like.
fn kind(kind: LeftKind) -> Cow<'static, str> {
    match kind {
        LeftKind::Email => say!("addresses of mail").into(),
        LeftKind::Name => say!("names").into(),
        LeftKind::Phone => say!("phone numbers").into(),
        LeftKind::Record => say!("ids of recordings").into(),
        other => other.to_string().into(),
    }
}

/// Makes a key of pseudonyms.
fn key(command: RedactKeyCommand, terminal: &Terminal, now: DateTime<Utc>) -> Result<Exit, Failure> {
    let (RedactKeyCommand::New(args) | RedactKeyCommand::Rotate(args)) = command;
    let path = redaction::key_path(say!("it is not said where the key belongs"))?;
    let mut before = None;
    let failed = |error: io::Error| {
        Failure::new(Exit::Config, say!("cannot write {path}: {error}", path = shown_path(&path), error))
            .because(say!("the key of pseudonyms belongs there"))
            .next(say!("correct the rights of the folder, or name another file in CALLLEGS_REDACT_KEY_FILE"))
    };
    let key = Zeroizing::new(RedactKey::generate()?);
    if matches!(command, RedactKeyCommand::Rotate(_)) {
        let mut old = path.clone().into_os_string();
        old.push(format!(".until-{}", now.format("%Y%m%dT%H%M%SZ")));
        fs::rename(&path, &old).map_err(failed)?;
        terminal.note(&say!("the old key is {path}", path = shown_path(Path::new(&old))));
        terminal.warn(say!("pseudonyms of the old key do not join with those of the new one: redact again what is to be joined"));
        before = Some(old.to_string_lossy().into_owned());
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = match options.open(&path) {
        Err(_) if path.is_dir() => return Err(redaction::is_folder(&path)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(Failure::new(
                Exit::Config,
                say!("there is a key in {path}", path = shown_path(&path)),
            )
            .because(say!("without it nothing new joins with what was redacted before"))
            .next(say!("to have another one: calllegs redact key rotate")));
        }
        opened => opened.map_err(failed)?,
    };
    let written = file.write_all(format!("{}\n", &*key).as_bytes()).and_then(|()| file.sync_all());
    written.map_err(failed)?;
    terminal.note(&say!(
        "a key for pseudonyms is in {path}; whoever has it can make them again",
        path = shown_path(&path)
    ));
    if args.json {
        stdout::print_json(&json!({"path": path.display().to_string(), "before": before}))?;
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int8Array, Int32Array, StringArray};

    use super::*;

    #[test]
    fn a_column_of_another_type_is_refused_before_it_is_lost() {
        let column = |name: &str| Column::all().iter().find(|column| column.name() == name).unwrap();
        let put = |name: &'static str, array: ArrayRef| {
            let batch = RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap();
            in_order(&batch, &[column(name)])
        };
        assert!(put("duration", Arc::new(Int32Array::from(vec![7]))).is_ok());
        let refused: [(&str, ArrayRef); 2] = [
            ("duration", Arc::new(StringArray::from(vec!["7"]))),
            ("is_talked", Arc::new(Int8Array::from(vec![1]))),
        ];
        for (name, array) in refused {
            let failure = put(name, array).unwrap_err();
            assert_eq!(failure.exit, Exit::Config);
            assert!(failure.what.contains(name), "{}", failure.what);
        }
    }
}
