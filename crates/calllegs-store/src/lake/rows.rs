//! Rows of files: what is known of them, and files merged with legs that came. Rows stream; in memory are a batch of a file, a
//! row group that is being packed, and the legs of one load. Not here: which files and which legs.

use std::{
    collections::{HashMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufWriter, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, LazyLock},
};

use arrow_array::{
    Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    cast::AsArray,
    new_null_array,
    types::{Int64Type, TimestampMicrosecondType},
};
use arrow_schema::SchemaRef;
use arrow_select::{concat::concat_batches, interleave::interleave_record_batch};
use calllegs_arrow::{
    Leg, batches,
    files::settle,
    origin::Said,
    parquet::{ParquetWriter, read_back, read_columns, said},
    schema::{Column, Source, schema},
};
use ring::digest::{Context, SHA256};

use super::{
    ledger_file::unreadable,
    manifest::{Listed, hexadecimal, written},
};
use crate::{
    cells::Legs,
    error::{Error, ErrorKind},
    row_hash::RowHasher,
    warehouse::Load,
};

/// The columns of a file: those of a leg, and which version of it that is.
static COLUMNS: LazyLock<Vec<&'static Column>> =
    LazyLock::new(|| Column::all().iter().chain(Column::version()).collect());

/// What is known of a leg without reading the rest of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stored {
    pub(super) id: i64,
    /// Microseconds on the account's wall clock.
    pub(super) start: i64,
    pub(super) hash: i64,
    /// Microseconds since 1970.
    pub(super) extracted: i64,
    pub(super) first_seen: i64,
}

/// Tells of each leg of a file that starts in this range, in microseconds on the account's wall clock.
pub(super) fn stored(path: &Path, starts_in: &Range<i64>, mut take: impl FnMut(Stored)) -> Result<(), Error> {
    const WANTED: [&str; 5] = ["id", "start_time", "cl_row_hash", "cl_extracted_at", "cl_first_seen_at"];
    let lost = |error: io::Error| unreadable(path, &error);
    let file = File::open(path).map_err(lost)?;
    let (_, batches) = read_columns(file, &WANTED, starts_in.clone()).map_err(lost)?;
    for batch in batches {
        let batch = batch.map_err(lost)?;
        let numbers = |name| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let moments = |name| batch.column_by_name(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let (Some(ids), Some(starts), Some(hashes), Some(extracted), Some(first_seen)) = (
            numbers("id"),
            moments("start_time"),
            numbers("cl_row_hash"),
            moments("cl_extracted_at"),
            moments("cl_first_seen_at"),
        ) else {
            return Err(foreign(path));
        };
        for row in (0..batch.num_rows()).filter(|row| starts_in.contains(&starts.value(*row))) {
            take(Stored {
                id: ids.value(row),
                start: starts.value(row),
                hash: hashes.value(row),
                extracted: extracted.value(row),
                first_seen: first_seen.value(row),
            });
        }
    }
    Ok(())
}

/// Row hashes of a file by id, made of its values: those that it says may be of others.
pub(super) fn rehashed(path: &Path) -> Result<HashMap<i64, i64>, Error> {
    let lost = |error: io::Error| unreadable(path, &error);
    let (_, batches) = File::open(path).and_then(read_back).map_err(lost)?;
    let (mut hasher, mut found) = (RowHasher::new(), HashMap::new());
    for batch in batches {
        let batch = batch.map_err(lost)?;
        let ids = batch.column_by_name("id").and_then(|ids| ids.as_primitive_opt::<Int64Type>());
        let ids = ids.ok_or_else(|| foreign(path))?;
        let legs = Legs::of(&batch);
        found.extend((0..batch.num_rows()).map(|row| (ids.value(row), hasher.hash(&legs, row))));
    }
    Ok(found)
}

/// Refuses a file that no lake wrote: what is not ours is not put right.
pub(super) fn check_ours(path: &Path) -> Result<(), Error> {
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    match said(&file) {
        Said::Columns(names) if names.iter().any(|name| name == "cl_row_hash") => Ok(()),
        Said::Columns(_) | Said::Foreign | Said::Origin(_) => Err(foreign(path)),
    }
}

pub(super) fn foreign(path: &Path) -> Error {
    Error::new(ErrorKind::Conflict, format!("{} is no file of the lake", path.display()))
        .because("another program wrote it")
        .next("move it away")
}

/// The legs of a load as rows of a file.
pub(super) struct Fresh {
    batch: RecordBatch,
    /// Start, id and place of those that are to be written, in this order.
    order: Vec<(i64, i64, usize)>,
    by_id: HashMap<i64, usize>,
    /// Ids that are in no file any more.
    gone: HashSet<i64>,
}

impl Fresh {
    /// Those of the legs that are new or differ: their places in the load, and when each was first seen.
    pub(super) fn of(
        load: &Load<'_>,
        written: &HashMap<usize, i64>,
        gone: HashSet<i64>,
    ) -> Result<Self, Error> {
        let extracted = load.extracted_at.timestamp_micros();
        let first_seen = |place| written.get(&place).copied().unwrap_or(extracted);
        let version = (load.hashes, load.run_id, extracted);
        let batch = versioned(load.legs, &COLUMNS, version, first_seen)?;
        let keys = load.legs.iter().enumerate().filter(|(place, _)| written.contains_key(place));
        let mut order: Vec<_> = keys
            .filter_map(|(place, leg)| {
                let key = leg.key()?;
                Some((key.start.and_utc().timestamp_micros(), key.id, place))
            })
            .collect();
        order.sort_unstable();
        Ok(Self { batch, by_id: order.iter().map(|(_, id, place)| (*id, *place)).collect(), order, gone })
    }

    /// No legs: files are put together as they are.
    pub(super) fn none() -> Self {
        Self {
            batch: RecordBatch::new_empty(schema(&COLUMNS)),
            order: Vec::new(),
            by_id: HashMap::new(),
            gone: HashSet::new(),
        }
    }
}

/// Rows as they are in a file with these columns, the last of which say which version of each it is.
pub(super) fn versioned(
    rows: &[Leg],
    columns: &[&'static Column],
    (hashes, run_id, extracted): (&[i64], &str, i64),
    first_seen: impl Fn(usize) -> i64,
) -> Result<RecordBatch, Error> {
    let internal = |error: String| Error::new(ErrorKind::Internal, error);
    let own = columns.get(..columns.len() - Column::version().len()).unwrap_or_default();
    let own_schema = schema(own);
    let pages = batches(rows).map_err(|error| internal(error.to_string()))?;
    let pages: Option<Vec<_>> = pages.iter().map(|page| conform(page, own, &own_schema)).collect();
    let pages = pages.ok_or_else(|| internal("a column of the rows has another type".to_owned()))?;
    let whole = concat_batches(&own_schema, &pages).map_err(|error| internal(error.to_string()))?;
    let moments = |moments: Vec<i64>| TimestampMicrosecondArray::from(moments).with_timezone("UTC");
    let count = whole.num_rows();
    let mut arrays = whole.columns().to_vec();
    arrays.push(Arc::new(Int64Array::from(hashes.to_vec())));
    arrays.push(Arc::new(StringArray::from_iter_values(std::iter::repeat_n(run_id, count))));
    arrays.push(Arc::new(moments(vec![extracted; count])));
    arrays.push(Arc::new(moments((0..count).map(first_seen).collect())));
    RecordBatch::try_new(schema(columns), arrays).map_err(|error| internal(error.to_string()))
}

/// A file that does not have its name yet.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) part: PathBuf,
    pub(super) listed: Listed,
}

/// Writes the rows of these files, which are in the order of time, and those of the legs into one; `None` when there are
/// none. A row of a leg that is written anew is left out: `replaced` is told its place and the fields in which it differs.
pub(super) fn merge(
    part: PathBuf,
    account: &str,
    (old, mode): (&[PathBuf], u32),
    fresh: &Fresh,
    places: &[usize],
    mut replaced: impl FnMut(usize, Vec<&'static str>),
) -> Result<Option<Draft>, Error> {
    let lost = |error: &io::Error| Error::writing(part.display(), error);
    let places: HashSet<_> = places.iter().copied().collect();
    let mut waiting = fresh.order.iter().filter(|(.., place)| places.contains(place)).peekable();
    let mut writer = begin(&part, &COLUMNS)?;
    let mut rows = 0;
    let mut put = |files: &RecordBatch, chosen: &[(usize, usize)]| {
        if chosen.is_empty() {
            return Ok(());
        }
        rows += chosen.len() as u64;
        let is_whole = chosen.len() == files.num_rows() && chosen.iter().all(|(from, _)| *from == 0);
        if is_whole {
            return writer.write(files).map_err(|error| lost(&error));
        }
        let batch = interleave_record_batch(&[files, &fresh.batch], chosen);
        let batch = batch.map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        writer.write(&batch).map_err(|error| lost(&error))
    };
    for path in old {
        let broken = |error: io::Error| unreadable(path, &error);
        let (_, batches) = read_back(File::open(path).map_err(broken)?).map_err(broken)?;
        for batch in batches {
            let batch = batch.map_err(broken)?;
            let batch = conform(&batch, &COLUMNS, &fresh.batch.schema()).ok_or_else(|| foreign(path))?;
            let (Some(ids), Some(starts)) = (
                batch.column_by_name("id").and_then(|ids| ids.as_primitive_opt::<Int64Type>()),
                batch
                    .column_by_name("start_time")
                    .and_then(|starts| starts.as_primitive_opt::<TimestampMicrosecondType>()),
            ) else {
                return Err(foreign(path));
            };
            let mut chosen = Vec::with_capacity(batch.num_rows());
            for row in 0..batch.num_rows() {
                let (id, start) = (ids.value(row), starts.value(row));
                if fresh.gone.contains(&id) {
                    continue;
                }
                if let Some(place) = fresh.by_id.get(&id) {
                    replaced(*place, differing((&batch, row), (&fresh.batch, *place)));
                    continue;
                }
                while let Some((.., place)) = waiting.next_if(|(at, leg, _)| (*at, *leg) < (start, id)) {
                    chosen.push((1, *place));
                }
                chosen.push((0, row));
            }
            put(&batch, &chosen)?;
        }
    }
    let rest: Vec<_> = waiting.map(|(.., place)| (1, *place)).collect();
    put(&RecordBatch::new_empty(fresh.batch.schema()), &rest)?;
    finish(writer, part, account, rows, mode)
}

type PartWriter = ParquetWriter<Measured<BufWriter<File>>>;

/// Begins a file that does not have its name yet.
pub(super) fn begin(part: &Path, columns: &[&'static Column]) -> Result<PartWriter, Error> {
    let lost = |error: &io::Error| Error::writing(part.display(), error);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    // Call records are people's data.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(part).map_err(|error| lost(&error))?;
    let out = Measured { out: BufWriter::new(file), bytes: 0, context: Context::new(&SHA256) };
    ParquetWriter::new(out, columns).map_err(|error| lost(&error))
}

/// Ends it; one without rows is removed.
pub(super) fn finish(
    writer: PartWriter,
    part: PathBuf,
    account: &str,
    rows: u64,
    mode: u32,
) -> Result<Option<Draft>, Error> {
    let lost = |error: &io::Error| Error::writing(part.display(), error);
    let out = writer.finish().map_err(|error| lost(&error))?;
    let Measured { out, bytes, context } = out;
    let file = out.into_inner().map_err(|error| lost(error.error()))?;
    // Where the file system keeps no rights, there are none to give.
    let _best_effort = settle(&file, None, mode);
    file.sync_all().map_err(|error| lost(&error))?;
    if rows == 0 {
        std::fs::remove_file(&part).map_err(|error| lost(&error))?;
        return Ok(None);
    }
    let (modified, _) = written(&part)?;
    let listed = Listed { account: account.to_owned(), rows, bytes, sha256: hexadecimal(context), modified };
    Ok(Some(Draft { part, listed }))
}

/// The batch with these columns; what it lacks is null. `None` when a column has another type.
pub(super) fn conform(
    batch: &RecordBatch,
    columns: &[&'static Column],
    schema: &SchemaRef,
) -> Option<RecordBatch> {
    let array = |column: &&'static Column| {
        let null = || new_null_array(&column.kind().data_type(), batch.num_rows());
        batch.column_by_name(column.name()).cloned().unwrap_or_else(null)
    };
    RecordBatch::try_new(Arc::clone(schema), columns.iter().map(array).collect()).ok()
}

/// Fields of the API in which two rows differ.
fn differing(one: (&RecordBatch, usize), other: (&RecordBatch, usize)) -> Vec<&'static str> {
    let (one_legs, other_legs) = (Legs::of(one.0), Legs::of(other.0));
    let fields =
        Column::all().iter().enumerate().filter(|(_, about)| matches!(about.source(), Source::Field(_)));
    fields
        .filter(|(column, _)| one_legs.value(*column, one.1) != other_legs.value(*column, other.1))
        .map(|(_, about)| about.name())
        .collect()
}

/// Counts and digests what passes.
pub(super) struct Measured<W> {
    out: W,
    bytes: u64,
    context: Context,
}

impl<W: Write> Write for Measured<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.context.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
