//! Parquet with constant memory: equal rows give equal bytes, however they were split into batches.
//!
//! zstd, dictionaries but for values that hardly repeat, statistics, row groups of 131,072 rows, page index, and in files of
//! 100,000 rows and more bloom filters for what one looks up. Plain and dictionary are the only encodings, and never both
//! in one column, because that is what all readers read right. Without an error, fastparquet 2026.9 takes differences
//! (`DELTA_BINARY_PACKED`) in a file of format 1.0 for other values, and for nulls the lists of plain texts as well as
//! plain texts behind others that a dictionary has. Files are 16 % larger for it (measured: a day of 16,453 legs 549 kB
//! instead of 475 kB, a month of 367,457 legs 12.2 MB instead of 10.4 MB). Rows stand in the order
//! of the sweep, by `start_time` and `call_session_id`: sorted by id within a second they would have to wait for a row
//! of that second that comes late. The file says in its metadata what its columns mean (`calllegs.fields`), how many rows it
//! has of each day, from the first leg to the last (`calllegs.windows`), which version wrote it (`calllegs.version`), and, where it is told,
//! which request ([`Origin`]); of clocks only where the period was not over.
//! Not here: folders by date (`folder`).

mod folder;
mod foreign;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    ops::Range,
    sync::Arc,
};

use arrow_array::{RecordBatch, TimestampMicrosecondArray, cast::AsArray};
use arrow_schema::{DataType, Field, SchemaRef};
use calllegs_core::value::wall_time;
use chrono::DateTime;
use parquet::{
    arrow::{
        ArrowWriter, ProjectionMask,
        arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
        arrow_writer::{ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves},
        parquet_to_arrow_schema,
    },
    basic::{Compression, Encoding, ZstdLevel},
    file::{
        metadata::{
            ColumnChunkMetaData, FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataBuilder,
            ParquetMetaDataReader, ParquetMetaDataWriter, RowGroupMetaData,
        },
        properties::{WriterProperties, WriterVersion},
        statistics::Statistics,
        writer::SerializedFileWriter,
    },
    schema::types::ColumnPath,
};
use serde_json::{Map, Value, json};

pub use folder::{DateFolder, FinishedFiles};

use crate::{
    origin::{Origin, Said},
    rebatch::{BATCH_ROWS, Rebatcher, broken, project},
    schema::{Column, ColumnKind, Source, schema},
};

/// Rows of a row group, but for the last one of a file.
pub const GROUP_ROWS: usize = 131_072;

/// Files from so many rows on have bloom filters.
pub const FILTERED_ROWS: u64 = 100_000;

/// Numbers of which hardly two rows have the same.
const RARE: [&str; 3] = ["id", "call_session_id", "cl_row_hash"];

/// How hard zstd works.
const ZSTD: i32 = 3;

/// What one looks up in a large file.
const LOOKED_UP: [&str; 2] = ["call_session_id", "contact_phone_number"];

/// Writes legs as Parquet.
///
/// What is not yet in a row group is in memory, packed: about 50 bytes a row. Dropped without
/// [`finish`](Self::finish), it leaves row groups without a footer, which no reader takes for a file.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<Handed<W>>,
    factory: ArrowRowGroupWriterFactory,
    columns: Vec<&'static Column>,
    schema: SchemaRef,
    rebatcher: Rebatcher,
    group: Vec<ArrowColumnWriter>,
    group_rows: usize,
    flushed: u64,
    days: DailyCounts,
    origin: Option<Origin>,
}

/// A writer that can be taken back.
struct Handed<W>(Option<W>);

impl<W: Write> Write for Handed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_mut().map_or(Ok(bytes.len()), |out| out.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write + Send> ParquetWriter<W> {
    /// These columns, in this order. Batches may have others; what they lack is null.
    ///
    /// # Errors
    /// Of the writer, which gets the first bytes of the file.
    pub fn new(out: W, columns: &[&'static Column]) -> io::Result<Self> {
        let schema = schema(columns);
        let options = ArrowWriterOptions::new().with_properties(properties(columns)?);
        let writer = ArrowWriter::try_new_with_options(Handed(Some(out)), Arc::clone(&schema), options);
        let (file, factory) = writer.and_then(ArrowWriter::into_serialized_writer).map_err(broken)?;
        Ok(Self {
            file,
            factory,
            columns: columns.to_vec(),
            rebatcher: Rebatcher::new(&schema),
            schema,
            group: Vec::new(),
            group_rows: 0,
            flushed: 0,
            days: DailyCounts::new(columns),
            origin: None,
        })
    }

    /// With the request that the rows answer, for the metadata of the file.
    #[must_use]
    pub fn of(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// Writes the rows of a batch.
    ///
    /// # Errors
    /// Of the writer, or when a column has another type.
    pub fn write(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let batch = project(batch, &self.columns, &self.schema)?;
        self.days.count(&batch);
        self.rebatcher.push(batch)?;
        while let Some(batch) = self.rebatcher.next() {
            self.encode(&batch)?;
        }
        Ok(())
    }

    /// Ends the row group, so that all rows are in the file.
    ///
    /// A file that is gone on with behind this is valid, but not equal to one that was written in one go.
    ///
    /// # Errors
    /// Of the writer.
    pub fn flush(&mut self) -> io::Result<()> {
        if let Some(rest) = self.rebatcher.rest()? {
            self.encode(&rest)?;
        }
        self.end_group()?;
        self.file.flush()
    }

    /// What is written to; it has all that came before the last [`flush`](Self::flush) or [`footer`](Self::footer).
    pub fn get_ref(&self) -> Option<&W> {
        self.file.inner().0.as_ref()
    }

    /// Rows that are in the file.
    pub const fn rows_flushed(&self) -> u64 {
        self.flushed
    }

    /// The footer of a file that ended with the row groups so far, which are passed on first. With it, [`recover`] reads
    /// them from a file that was never finished.
    ///
    /// # Errors
    /// Of the writer.
    pub fn footer(&mut self) -> io::Result<Vec<u8>> {
        self.file.flush()?;
        let rows = i64::try_from(self.flushed).map_err(broken)?;
        let properties = self.file.properties();
        let about = FileMetaData::new(
            properties.writer_version().as_num(),
            rows,
            None,
            properties.key_value_metadata().cloned(),
            Arc::new(self.file.schema_descr().clone()),
            None,
        );
        let groups = self.file.flushed_row_groups().to_vec();
        let metadata = ParquetMetaDataBuilder::new(about).set_row_groups(groups).build();
        let mut footer = Vec::new();
        ParquetMetaDataWriter::new(&mut footer, &metadata).finish().map_err(broken)?;
        Ok(footer)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Of the writer.
    pub fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.file.append_key_value_metadata(pair("calllegs.windows", &self.days.told()));
        for (name, value) in self.origin.iter().flat_map(Origin::pairs) {
            self.file.append_key_value_metadata(KeyValue::new(name.to_owned(), value));
        }
        // `into_inner` of the library drops the error of the last write and keeps words of its own.
        self.file.finish().map_err(broken)?;
        self.file.inner_mut().0.take().ok_or_else(|| io::Error::other("the file has ended already"))
    }

    fn encode(&mut self, batch: &RecordBatch) -> io::Result<()> {
        if self.group.is_empty() {
            let index = self.file.flushed_row_groups().len();
            self.group = self.factory.create_column_writers(index).map_err(broken)?;
        }
        let mut writers = self.group.iter_mut();
        for (field, array) in self.schema.fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, array).map_err(broken)? {
                let Some(writer) = writers.next() else { break };
                writer.write(&leaf).map_err(broken)?;
            }
        }
        self.group_rows += batch.num_rows();
        if self.group_rows >= GROUP_ROWS { self.end_group() } else { Ok(()) }
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.group_rows == 0 {
            return Ok(());
        }
        let rows = self.flushed + self.group_rows as u64;
        let mut group = self.file.next_row_group().map_err(broken)?;
        for writer in self.group.drain(..) {
            let mut chunk = writer.close().map_err(broken)?;
            // Whether a file is large is known when its first row group ends.
            if rows < FILTERED_ROWS {
                chunk.close_mut().bloom_filter = None;
            }
            chunk.append_to_row_group(&mut group).map_err(broken)?;
        }
        group.close().map_err(broken)?;
        self.flushed = rows;
        self.group_rows = 0;
        Ok(())
    }
}

/// Shows no value.
impl<W: Write + Send> std::fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetWriter").field("rows_flushed", &self.flushed).finish_non_exhaustive()
    }
}

fn properties(columns: &[&'static Column]) -> io::Result<WriterProperties> {
    let fields: Map<_, _> =
        columns.iter().map(|column| (column.name().to_owned(), column.comment().into())).collect();
    let about = vec![
        pair("calllegs.fields", &Value::Object(fields)),
        KeyValue::new(WRITTEN_BY.to_owned(), VERSION.to_owned()),
    ];
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_created_by(format!("calllegs {VERSION}"))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD).map_err(broken)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        // Beyond the usual limit values would be plain.
        .set_dictionary_page_size_limit(usize::MAX)
        .set_key_value_metadata(Some(about));
    for column in columns {
        // A place receives many legs at once, so its own moments repeat.
        let is_moment = matches!(column.kind(), ColumnKind::WallTime | ColumnKind::Instant)
            && column.source() != Source::Place;
        if is_moment || RARE.contains(&column.name()) {
            // A dictionary of values that hardly repeat costs half the time of a file and saves nothing.
            let path = ColumnPath::from(column.name());
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::PLAIN);
        }
    }
    for name in LOOKED_UP {
        let path = ColumnPath::from(name);
        properties = properties
            .set_column_bloom_filter_fpp(path.clone(), 0.01)
            .set_column_bloom_filter_max_ndv(path, GROUP_ROWS as u64);
    }
    Ok(properties.build())
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The key that every file has.
const WRITTEN_BY: &str = "calllegs.version";

fn pair(name: &str, value: &Value) -> KeyValue {
    KeyValue::new(name.to_owned(), value.to_string())
}

/// The rows of each day, from the first leg to the last.
///
/// Days, and not the windows that were asked for: those move with the clock of a run, and equal rows give equal files.
struct DailyCounts {
    days: BTreeMap<i64, Day>,
    /// Where the start of a leg is; without it nothing is known.
    start: Option<usize>,
}

/// One day: first and last start in microseconds.
struct Day {
    from: i64,
    till: i64,
    rows: u64,
}

const DAY: i64 = 86_400_000_000;

impl DailyCounts {
    fn new(columns: &[&'static Column]) -> Self {
        let start = columns.iter().position(|column| column.name() == "start_time");
        Self { days: BTreeMap::new(), start }
    }

    fn count(&mut self, batch: &RecordBatch) {
        let Some(starts) = starts(batch, self.start) else { return };
        let starts: Vec<i64> = starts.iter().flatten().collect();
        for day in starts.chunk_by(|one, next| one.div_euclid(DAY) == next.div_euclid(DAY)) {
            let (Some(from), Some(till)) = (day.iter().min(), day.iter().max()) else { continue };
            let count = self.days.entry(from.div_euclid(DAY));
            let count = count.or_insert(Day { from: *from, till: *till, rows: 0 });
            count.from = count.from.min(*from);
            count.till = count.till.max(*till);
            count.rows += day.len() as u64;
        }
    }

    fn told(&self) -> Value {
        let time = |micros| {
            let time = DateTime::from_timestamp_micros(micros).unwrap_or_default();
            wall_time::format(time.naive_utc()).to_string()
        };
        let told =
            |count: &Day| json!({"from": time(count.from), "till": time(count.till), "rows": count.rows});
        self.days.values().map(told).collect()
    }
}

/// The starts of the legs of a batch, of the column at this place.
fn starts(batch: &RecordBatch, place: Option<usize>) -> Option<&TimestampMicrosecondArray> {
    batch.columns().get(place?)?.as_primitive_opt()
}

/// Reads rows back, in batches.
pub type Batches = Box<dyn Iterator<Item = io::Result<RecordBatch>> + Send>;

/// The rows of a file that was never finished, by a [`footer`](ParquetWriter::footer) that was kept beside it, and how many
/// they are.
///
/// # Errors
/// When it is no footer. That a row group is not whole is known when its rows are read.
pub fn recover(file: File, footer: &[u8]) -> io::Result<(u64, Batches)> {
    // Its own length and the mark of the format stand at the end.
    let metadata = footer.len().checked_sub(8).and_then(|length| footer.get(..length)).unwrap_or_default();
    let metadata = ParquetMetaDataReader::decode_metadata(metadata).map_err(broken)?;
    read(file, Arc::new(metadata), None)
}

/// What a file says of the request that wrote it. One that cannot be read is foreign.
pub fn said(file: &File) -> Said {
    let Ok(metadata) = ParquetMetaDataReader::new().parse_and_finish(file) else { return Said::Foreign };
    let about = metadata.file_metadata();
    let value = |name: &str| {
        let pair = about.key_value_metadata()?.iter().find(|pair| pair.key == name)?;
        pair.value.as_deref().map(Cow::Borrowed)
    };
    match Origin::read(value) {
        Some(origin) => Said::Origin(Box::new(origin)),
        None if value(WRITTEN_BY).is_some() => {
            let columns = about.schema_descr().root_schema().get_fields().iter();
            Said::Columns(columns.map(|column| column.name().to_owned()).collect())
        }
        None => Said::Foreign,
    }
}

/// The rows of a finished file, and how many they are.
///
/// # Errors
/// When the file has no footer.
pub fn read_back(file: File) -> io::Result<(u64, Batches)> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(broken)?;
    read(file, Arc::new(metadata), None)
}

/// [`read_back`] of some columns alone, in the order of the file, and of legs that start in this range, in microseconds on the
/// wall clock. What is not asked for is not read, but for legs that stand beside others that are: their starts are to be
/// looked at. The count is that of all rows. Files of other programs are read too, where their values fit the columns.
///
/// # Errors
/// When the file has no footer.
pub fn read_columns(file: File, columns: &[&str], starts: Range<i64>) -> io::Result<(u64, Batches)> {
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&file).map_err(broken)?;
    read(file, Arc::new(metadata), Some((columns, starts)))
}

fn read(
    file: File,
    metadata: Arc<ParquetMetaData>,
    wanted: Option<(&[&str], Range<i64>)>,
) -> io::Result<(u64, Batches)> {
    let rows = u64::try_from(metadata.file_metadata().num_rows()).map_err(broken)?;
    let may_be_foreign = wanted.is_some();
    if may_be_foreign {
        // To whoever does not heed what Arrow says of them, they are numbers, of one unit or another.
        let about = metadata.file_metadata();
        let hinted =
            parquet_to_arrow_schema(about.schema_descr(), about.key_value_metadata()).map_err(broken)?;
        let is_span = |field: &&Arc<Field>| matches!(field.data_type(), DataType::Duration(_));
        if let Some(field) = hinted.fields().iter().find(is_span) {
            let what = format!("the column {} has spans of time in place of numbers", field.name());
            return Err(io::Error::other(what));
        }
    }
    // Not what Arrow had in the program that wrote it: dictionaries and large texts are texts.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(may_be_foreign);
    let metadata = ArrowReaderMetadata::try_new(metadata, options).map_err(broken)?;
    let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    if let Some((columns, starts)) = wanted {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let groups = builder.metadata().row_groups().iter().enumerate();
        let groups =
            groups.filter(|(_, group)| may_start_in(group, &starts)).map(|(place, _)| place).collect();
        builder = builder.with_projection(mask).with_row_groups(groups);
    }
    let reader = builder.with_batch_size(BATCH_ROWS).build().map_err(broken)?;
    Ok((
        rows,
        Box::new(reader.map(move |batch| {
            let batch = batch.map_err(broken)?;
            if may_be_foreign { foreign::fitted(batch) } else { Ok(batch) }
        })),
    ))
}

/// Whether a leg of the row group may start there: its statistics say between which moments all do.
fn may_start_in(group: &RowGroupMetaData, starts: &Range<i64>) -> bool {
    let column = group.columns().iter().find(|column| column.column_path().string() == "start_time");
    match column.and_then(ColumnChunkMetaData::statistics) {
        Some(Statistics::Int64(known)) => {
            let (first, last) = (known.min_opt().copied(), known.max_opt().copied());
            first.is_none_or(|first| first < starts.end) && last.is_none_or(|last| starts.start <= last)
        }
        Some(_) | None => true,
    }
}
