//! Listings other than legs in a lake: a folder for each, named as the report is, with one file for each account, and for each
//! date where the listing has windows.
//!
//! ```text
//! DIR/reports/calls_report/account=uis%3A1103/date=2026-10-05/rows.parquet
//! DIR/reports/employees/account=uis%3A1103/rows.parquet
//! DIR/_calllegs/reports/employees/ledger-uis%3A1103.json    as for legs, and so are the manifests beside it
//! ```
//!
//! As with legs, a file is whole when it has its name, files whose rows did not change keep their bytes, the manifest is
//! written behind the files and the ledger behind both: what a run that was killed left is read again. A load reads the
//! files that it touches into memory, one date of a listing or one that is kept whole at a time. A row whose start moved to a
//! date that the load does not touch would stand in both.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use arrow_array::{
    RecordBatch,
    cast::AsArray,
    types::{Int64Type, TimestampMicrosecondType},
};
use arrow_select::{concat::concat_batches, interleave::interleave_record_batch};
use calllegs_arrow::{
    Leg,
    parquet::read_back,
    partition,
    schema::{Column, schema},
};
use calllegs_core::{Period, schema::MethodInfo};
use chrono::NaiveDate;

use super::{
    ABOUT, Lake, PART, dates,
    ledger_file::{LedgerFile, unreadable},
    manifest::{Manifests, describe, sync, written},
    micros_of, remove,
    rows::{Draft, begin, check_ours, conform, finish, foreign, versioned},
    span::Span,
};
use crate::{
    cells::{Legs, Value},
    error::{Error, ErrorKind},
    ledger::Ledger,
    listings::{ListingCounts, ListingLoad, Listings, Mirrors, Table},
    warehouse::Change,
};

/// The folder of all of them.
const REPORTS: &str = "reports";

/// The name of each file: its folder says what is in it.
const ROWS: &str = "rows.parquet";

impl Listings for Lake {
    /// Windows of which somebody took a file away, or changed it, are to be read again.
    fn ledger_of(&mut self, method: &'static MethodInfo, account: &str) -> Result<Ledger, Error> {
        let about = self.about_report(&Table::of(method));
        let mut ledger = LedgerFile::read(&about, account)?;
        let manifests = Manifests::read(&about, self.mode)?;
        let is_there = |name: &&str| {
            let found = fs::metadata(self.path.join(name));
            found.is_ok_and(|found| manifests.get(name).is_some_and(|listed| listed.bytes == found.len()))
        };
        let lost: Vec<_> = manifests.of(account).filter(|name| !is_there(name)).filter_map(date_of).collect();
        ledger.open(|window| lost.iter().any(|date| Span::of(window, *date).is_some()));
        Ok(Ledger::new(ledger.windows))
    }

    /// The lease has made the lake, and a folder of a listing is made with its first file.
    fn prepare(&mut self, _: &'static MethodInfo) -> Result<(), Error> {
        Ok(())
    }

    fn put(&mut self, load: &ListingLoad<'_>) -> Result<ListingCounts, Error> {
        self.held(load.account)?;
        let table = Table::of(load.method);
        let about = self.about_report(&table);
        fs::create_dir_all(&about).map_err(|error| Error::writing(about.display(), &error))?;
        let mut parts = self.parts(&table, load)?;
        let todo = Todo::of(&table, load, &mut parts)?;
        let mut manifests = Manifests::read(&about, self.mode)?;
        self.publish_rows(load.account, &mut manifests, (parts, &columns(&table)), |part| {
            todo.rows_of(&table, load, part)
        })?;
        manifests.publish()?;
        if !load.windows.is_empty() {
            let mut ledger = LedgerFile::read(&about, load.account)?;
            let lines = load.counted(&todo.changes);
            // One of no time takes the place of the one before.
            ledger.windows.retain(|old| lines.iter().all(|line| line.period.from() != old.period.from()));
            ledger.put(&lines);
            ledger.write(&about, self.mode)?;
        }
        Ok(ListingCounts::of(&todo.changes, todo.gone))
    }
}

/// A file, and what of a load it is to hold.
struct Part {
    /// As the manifest names it.
    name: String,
    /// What it has; `None` where it is not there.
    old: Option<RecordBatch>,
    /// Rows of the load, by their place in it.
    rows: Vec<usize>,
    /// Rows of the file that go, by their place in it.
    leaves: HashSet<usize>,
}

impl Lake {
    fn about_report(&self, table: &Table) -> PathBuf {
        self.path.join(ABOUT).join(REPORTS).join(table.name)
    }

    /// The files that a load touches.
    fn parts(&self, table: &Table, load: &ListingLoad<'_>) -> Result<Vec<Part>, Error> {
        let folder = format!("{REPORTS}/{}/{}", table.name, partition::account(load.account));
        let mut named: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        if matches!(load.mirrors, Mirrors::Everything) {
            named.insert(format!("{folder}/{ROWS}"), (0..load.rows.len()).collect());
        } else {
            let of = |date: NaiveDate| format!("{folder}/{}/{ROWS}", partition::date(date));
            for window in load.windows {
                named.extend(dates(window.period).map(|date| (of(date), Vec::new())));
            }
            for (place, row) in load.rows.iter().enumerate() {
                let start = row.key().map(|key| key.start);
                let start = start.ok_or_else(|| Error::new(ErrorKind::Internal, "a row has no start"))?;
                named.entry(of(start.date())).or_default().push(place);
            }
        }
        let columns = columns(table);
        let part = |(name, rows): (String, Vec<usize>)| {
            let old = read(&self.path.join(&name), &columns)?;
            Ok(Part { name, old, rows, leaves: HashSet::new() })
        };
        named.into_iter().map(part).collect()
    }

    /// Writes the files that change, gives them their names when all are written, and lists them.
    fn publish_rows(
        &self,
        account: &str,
        manifests: &mut Manifests,
        (parts, columns): (Vec<Part>, &[&'static Column]),
        rows_of: impl Fn(&Part) -> Result<Option<RecordBatch>, Error>,
    ) -> Result<(), Error> {
        let mut drafts = Vec::new();
        for part in parts {
            let path = self.path.join(&part.name);
            let drafted = rows_of(&part).and_then(|rows| match rows {
                Some(rows) => Ok(Some(self.draft_rows(account, &path, (columns, &rows))?)),
                None => Ok(None),
            });
            match drafted {
                Ok(Some(draft)) => drafts.push((part.name, path, draft)),
                // One that a run which was killed has written may not be listed yet.
                Ok(None) if part.old.is_some() => {
                    let (modified, bytes) = written(&path)?;
                    let listed = manifests.get(&part.name);
                    if listed.is_none_or(|listed| (listed.modified, listed.bytes) != (modified, bytes)) {
                        manifests.put(part.name, describe(&path, account)?);
                    }
                }
                Ok(None) => drop(manifests.remove(&part.name)),
                Err(error) => {
                    for draft in drafts.into_iter().filter_map(|(.., draft): (_, _, Option<Draft>)| draft) {
                        let _best_effort = fs::remove_file(draft.part);
                    }
                    return Err(error);
                }
            }
        }
        let mut folders = BTreeSet::new();
        for (name, path, draft) in drafts {
            folders.extend(
                path.ancestors().skip(1).take_while(|at| at.starts_with(&self.path)).map(Path::to_owned),
            );
            if let Some(Draft { part, listed }) = draft {
                fs::rename(&part, &path).map_err(|error| Error::writing(path.display(), &error))?;
                manifests.put(name, listed);
            } else {
                remove(&path)?;
                manifests.remove(&name);
            }
        }
        folders.iter().try_for_each(|at| sync(at).map_err(|error| Error::writing(at.display(), &error)))
    }

    /// Writes rows under a name that no reader takes.
    fn draft_rows(
        &self,
        account: &str,
        path: &Path,
        (columns, rows): (&[&'static Column], &RecordBatch),
    ) -> Result<Option<Draft>, Error> {
        let part = path.with_extension(format!("parquet.{PART}"));
        let folder = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder).map_err(|error| Error::writing(folder.display(), &error))?;
        let drafted = begin(&part, columns).and_then(|mut writer| {
            writer.write(rows).map_err(|error| Error::writing(part.display(), &error))?;
            finish(writer, part.clone(), account, rows.num_rows() as u64, self.mode)
        });
        drafted.inspect_err(|_| drop(fs::remove_file(&part)))
    }
}

/// What a load does with its rows, and with what the files have.
struct Todo {
    changes: Vec<Change>,
    /// The rows of the load as they are in a file; none where all of them are there.
    fresh: RecordBatch,
    /// Rows that the lake has and the server has not.
    gone: u64,
}

/// A row that a file has.
struct Known {
    part: usize,
    row: usize,
    /// Microseconds on the account's wall clock.
    start: i64,
    hash: i64,
    extracted: i64,
    first_seen: i64,
}

impl Todo {
    /// Marks in each part what leaves it.
    fn of(table: &Table, load: &ListingLoad<'_>, parts: &mut [Part]) -> Result<Self, Error> {
        let mut first_seen = HashMap::new();
        let (changes, gone) = match table.id {
            Some(id) => by_number(id, table, load, parts, &mut first_seen)?,
            None => by_content(load, parts)?,
        };
        let columns = columns(table);
        let extracted = load.extracted_at.timestamp_micros();
        let fresh = if changes.iter().all(|change| *change == Change::None) {
            RecordBatch::new_empty(schema(&columns))
        } else {
            let first_seen = |place| first_seen.get(&place).copied().unwrap_or(extracted);
            versioned(load.rows, &columns, (load.hashes, load.run_id, extracted), first_seen)?
        };
        Ok(Self { changes, fresh, gone })
    }

    /// What a file becomes; `None` where it stays as it is.
    fn rows_of(
        &self,
        table: &Table,
        load: &ListingLoad<'_>,
        part: &Part,
    ) -> Result<Option<RecordBatch>, Error> {
        let is_written =
            |place: &&usize| self.changes.get(**place).is_some_and(|change| *change != Change::None);
        let new: Vec<_> = part.rows.iter().filter(is_written).copied().collect();
        if new.is_empty() && part.leaves.is_empty() {
            return Ok(None);
        }
        let none = RecordBatch::new_empty(self.fresh.schema());
        let old = part.old.as_ref().unwrap_or(&none);
        let mut rows = Vec::new();
        let keys = table.id.map(|id| keys(id, table, old));
        for row in (0..old.num_rows()).filter(|row| !part.leaves.contains(row)) {
            rows.push((keys.as_ref().and_then(|keys| keys.get(row).copied()), (0, row)));
        }
        for place in new {
            let key = load.rows.get(place).and_then(Leg::key);
            let key = key.filter(|_| table.id.is_some());
            rows.push((key.map(|key| (key.start.and_utc().timestamp_micros(), key.id)), (1, place)));
        }
        // Rows that nothing tells apart stay in the order in which they came.
        rows.sort_by_key(|(key, _)| *key);
        let chosen: Vec<_> = rows.into_iter().map(|(_, place)| place).collect();
        let rows = interleave_record_batch(&[old, &self.fresh], &chosen);
        rows.map(Some).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
    }
}

/// By the numbers of rows: what is to be done with each, and how many are gone.
fn by_number(
    id: &str,
    table: &Table,
    load: &ListingLoad<'_>,
    parts: &mut [Part],
    first_seen: &mut HashMap<usize, i64>,
) -> Result<(Vec<Change>, u64), Error> {
    let mut known: HashMap<i64, Known> = HashMap::new();
    let mut leaves = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let Some(old) = &part.old else { continue };
        let path = Path::new(&part.name);
        let [hashes, extracted, seen] = versions(old).ok_or_else(|| foreign(path))?;
        for (row, (start, id)) in keys(id, table, old).into_iter().enumerate() {
            let of = |column: &[i64]| column.get(row).copied().unwrap_or_default();
            let (hash, extracted, first_seen) = (of(hashes), of(extracted), of(seen));
            let one = Known { part: place, row, start, hash, extracted, first_seen };
            // Its start moved: it has one place.
            leaves.extend(known.insert(id, one).map(|before| (before.part, before.row)));
        }
    }
    let moment = load.extracted_at.timestamp_micros();
    let mut hashes: HashMap<_, _> = known.iter().map(|(id, known)| (*id, known.hash)).collect();
    let mut changes = load.changes(&hashes);
    // An older version never takes the place of a newer one.
    let is_newer = |id: &i64| known.get(id).is_some_and(|known| moment < known.extracted);
    for (row, change) in load.rows.iter().zip(&mut changes) {
        if row.key().is_some_and(|key| is_newer(&key.id)) {
            *change = Change::None;
        }
    }
    hashes.retain(|id, _| !is_newer(id));
    for (place, (row, change)) in load.rows.iter().zip(&changes).enumerate() {
        let known = row.key().and_then(|key| known.get(&key.id)).filter(|_| *change == Change::Changed);
        if let Some(known) = known {
            leaves.push((known.part, known.row));
            first_seen.insert(place, known.first_seen);
        }
    }
    let within = |period: Period| {
        let micros = micros_of(period);
        let of = known.iter().filter(|(_, known)| micros.contains(&known.start));
        Ok::<_, Error>(of.map(|(id, known)| (*id, known.hash)).collect())
    };
    let gone = load.gone(&hashes, within)?;
    if load.removes() {
        leaves.extend(gone.iter().filter_map(|id| known.get(id)).map(|known| (known.part, known.row)));
    }
    for (part, row) in leaves {
        parts.get_mut(part).map(|part| part.leaves.insert(row));
    }
    Ok((changes, gone.len() as u64))
}

/// Where nothing tells rows apart: those that are the same stay, by what they hold.
fn by_content(load: &ListingLoad<'_>, parts: &mut [Part]) -> Result<(Vec<Change>, u64), Error> {
    let hashes_of = |part: &Part| -> Result<Vec<i64>, Error> {
        let Some(old) = &part.old else { return Ok(Vec::new()) };
        let [hashes, ..] = versions(old).ok_or_else(|| foreign(Path::new(&part.name)))?;
        Ok(hashes.to_vec())
    };
    let mut there: HashMap<i64, u64> = HashMap::new();
    for part in parts.iter() {
        hashes_of(part)?.into_iter().for_each(|hash| *there.entry(hash).or_default() += 1);
    }
    let (mut kept, changes) = load.kept(there);
    let mut gone = 0;
    for part in parts {
        for (row, hash) in hashes_of(part)?.into_iter().enumerate() {
            if let Some(left) = kept.get_mut(&hash).filter(|left| **left > 0) {
                *left -= 1;
            } else {
                part.leaves.insert(row);
                gone += 1;
            }
        }
    }
    Ok((changes, gone))
}

/// Start and number of each row.
fn keys(id: &str, table: &Table, rows: &RecordBatch) -> Vec<(i64, i64)> {
    let values = Legs::with(rows, table.columns());
    let place = |name: &str| table.columns().iter().position(|column| column.name() == name);
    let (id, order) = (place(id), table.method.order().and_then(|order| place(order.name())));
    let of = |column: Option<usize>, row| match column.map(|column| values.value(column, row)) {
        Some(Value::Integer(value) | Value::Time(value)) => value,
        Some(_) | None => 0,
    };
    (0..rows.num_rows()).map(|row| (of(order, row), of(id, row))).collect()
}

/// Hashes, when the version of each row was received, and the first one.
fn versions(rows: &RecordBatch) -> Option<[&[i64]; 3]> {
    let hashes = rows.column_by_name("cl_row_hash")?.as_primitive_opt::<Int64Type>()?;
    let moments = |name| rows.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
    let [extracted, seen] = ["cl_extracted_at", "cl_first_seen_at"].map(moments);
    Some([hashes.values(), extracted?.values(), seen?.values()])
}

/// The columns of a file: those of the listing, and which version of a row it has.
fn columns(table: &Table) -> Vec<&'static Column> {
    table.columns().iter().chain(Column::version()).collect()
}

/// The date of a file that manifests name; `None` where it holds all rows of an account.
fn date_of(name: &str) -> Option<NaiveDate> {
    let folder = Path::new(name).parent()?.file_name()?.to_str()?;
    folder.strip_prefix(partition::DATE)?.parse().ok()
}

/// The rows of a file, if it is there.
fn read(path: &Path, columns: &[&'static Column]) -> Result<Option<RecordBatch>, Error> {
    let lost = |error: io::Error| unreadable(path, &error);
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(lost)?,
    };
    check_ours(path)?;
    let schema = schema(columns);
    let (_, batches) = read_back(file).map_err(lost)?;
    let mut rows = Vec::new();
    for batch in batches {
        rows.push(conform(&batch.map_err(lost)?, columns, &schema).ok_or_else(|| foreign(path))?);
    }
    let rows = concat_batches(&schema, &rows);
    rows.map(Some).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))
}
