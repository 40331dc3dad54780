//! Parquet and Arrow streams: what is read back is what was written, and equal rows are equal bytes.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
};

use ::parquet::{
    basic::{Compression, Encoding, LogicalType, PageType, Type},
    column::page::Page,
    file::{
        metadata::RowGroupMetaData,
        reader::{FileReader, SerializedFileReader},
        serialized_reader::ReadOptionsBuilder,
    },
};
use arrow_array::{RecordBatch, cast::AsArray, types::TimestampMicrosecondType};
use arrow_select::concat::concat_batches;
use calllegs_arrow::{
    ipc::{self, IpcWriter},
    parquet::{self, GROUP_ROWS, ParquetWriter},
    schema::schema,
};
use serde_json::{Value, json};

use crate::pages::{all, batch, legs, named, pieces};

fn joined(batches: impl IntoIterator<Item = io::Result<RecordBatch>>) -> RecordBatch {
    let batches: Vec<_> = batches.into_iter().map(Result::unwrap).collect();
    concat_batches(&schema(&all()), &batches).unwrap()
}

/// As many rows as this, by repeating those of a thousand legs.
fn many(rows: usize) -> RecordBatch {
    let few = batch(&legs(1000, 0));
    let batches: Vec<_> = std::iter::repeat_n(few, rows.div_ceil(1000)).collect();
    concat_batches(&schema(&all()), &batches).unwrap().slice(0, rows)
}

fn parquet(batch: &RecordBatch, lengths: &[usize]) -> Vec<u8> {
    let mut writer = ParquetWriter::new(Vec::new(), &all()).unwrap();
    for piece in pieces(batch, lengths) {
        writer.write(&piece).unwrap();
    }
    writer.finish().unwrap()
}

fn stream(batch: &RecordBatch, lengths: &[usize]) -> Vec<u8> {
    let mut writer = IpcWriter::new(Vec::new(), &all()).unwrap();
    for piece in pieces(batch, lengths) {
        writer.write(&piece).unwrap();
    }
    writer.finish().unwrap()
}

#[test]
fn what_is_read_back_is_what_was_written() {
    let rows = batch(&legs(2500, 0));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, parquet(&rows, &[100])).unwrap();
    let (count, read) = parquet::read_back(File::open(&path).unwrap()).unwrap();
    assert_eq!(count, 2500);
    assert_eq!(joined(read), rows);
    assert_eq!(joined(ipc::read_back(&*stream(&rows, &[100])).unwrap()), rows);
}

#[test]
fn of_a_file_only_what_is_asked_for_is_read() {
    let rows = batch(&legs(2000, 0));
    let mut writer = ParquetWriter::new(Vec::new(), &all()).unwrap();
    for from in [0, 1000] {
        writer.write(&rows.slice(from, 1000)).unwrap();
        writer.flush().unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, writer.finish().unwrap()).unwrap();
    let starts = rows.column_by_name("start_time").unwrap().as_primitive::<TimestampMicrosecondType>();
    let (first, last) = (starts.values().iter().min().unwrap(), starts.values().iter().max().unwrap());
    let read = |starts| {
        let file = File::open(&path).unwrap();
        let (count, batches) = parquet::read_columns(file, &["id", "start_time"], starts).unwrap();
        assert_eq!(count, 2000);
        let batches: Vec<_> = batches.map(Result::unwrap).collect();
        assert!(batches.iter().all(|batch| batch.num_columns() == 2));
        batches.iter().map(RecordBatch::num_rows).sum::<usize>()
    };
    assert_eq!(read(*first..last + 1), 2000);
    assert_eq!(read(*first..first + 1), 1000);
    assert_eq!(read(*last..last + 1), 1000);
    assert_eq!(read(last + 1..i64::MAX), 0);
}

#[test]
fn pieces_do_not_show() {
    let rows = many(20_000);
    let whole = (parquet(&rows, &[20_000]), stream(&rows, &[20_000]));
    for lengths in [&[1000][..], &[1, 8191, 8192, 8193], &[77, 5000]] {
        assert!((parquet(&rows, lengths), stream(&rows, lengths)) == whole, "{lengths:?}");
    }
}

#[test]
fn types_comments_and_days_are_as_promised() {
    let bytes = bytes::Bytes::from(parquet(&batch(&legs(3000, 0)), &[3000]));
    let reader = SerializedFileReader::new(bytes).unwrap();
    let file = reader.metadata().file_metadata();
    let about = |name: &str| {
        let pairs = file.key_value_metadata().unwrap();
        pairs.iter().find(|pair| pair.key == name).unwrap().value.clone().unwrap()
    };
    let fields: Value = serde_json::from_str(&about("calllegs.fields")).unwrap();
    assert_eq!(fields.as_object().unwrap().len(), 38);
    assert!(fields["duration"].as_str().unwrap().contains("seconds"));
    assert_eq!(
        serde_json::from_str::<Value>(&about("calllegs.windows")).unwrap(),
        json!([
            {"from": "2026-03-01 00:00:00", "till": "2026-03-01 23:59:00", "rows": 1440},
            {"from": "2026-03-02 00:00:00", "till": "2026-03-02 23:59:00", "rows": 1440},
            {"from": "2026-03-03 00:00:00", "till": "2026-03-03 01:59:00", "rows": 120},
        ])
    );
    assert_eq!(about("calllegs.version"), env!("CARGO_PKG_VERSION").replace("0.0.0", "0.1.0"));
    let column = |name: &str| {
        let columns = file.schema_descr().columns().iter();
        columns.clone().find(|column| column.path().parts()[0] == name).unwrap().clone()
    };
    for (name, utc) in
        [("start_time", false), ("connect_time", false), ("start_at", true), ("connect_at", true)]
    {
        let micros = LogicalType::timestamp(utc, ::parquet::basic::TimeUnit::MICROS);
        assert_eq!(column(name).logical_type_ref(), Some(&micros), "{name}");
    }
    assert_eq!(column("duration").physical_type(), Type::INT32);
    assert_eq!(column("id").physical_type(), Type::INT64);
    assert_eq!(column("account").logical_type_ref(), Some(&LogicalType::String));
    assert_eq!(column("call_records").path().string(), "call_records.list.item");
    for column in reader.metadata().row_group(0).columns() {
        assert!(matches!(column.compression(), Compression::ZSTD(_)));
        assert!(column.statistics().is_some() && column.column_index_offset().is_some());
    }
}

/// Readers that misread another encoding say nothing about it.
#[test]
fn every_encoding_is_one_that_all_readers_know() {
    let reader =
        |rows| SerializedFileReader::new(bytes::Bytes::from(parquet(&many(rows), &[10_000]))).unwrap();
    for rows in [1000, 150_000] {
        for column in reader(rows).metadata().row_groups().iter().flat_map(RowGroupMetaData::columns) {
            for encoding in column.encodings() {
                let known = matches!(encoding, Encoding::PLAIN | Encoding::RLE | Encoding::RLE_DICTIONARY);
                assert!(known, "{encoding} in {}", column.column_path().string());
            }
        }
    }
}

/// fastparquet takes plain values behind others that a dictionary has for nulls, and says nothing about it.
#[test]
fn a_column_has_one_encoding_however_many_values() {
    let text = |number: u32| format!("{number:064}");
    let row = |number| json!({"call_records": [text(number)], "contact_full_name": text(number), "hold": text(number)});
    let rows: Vec<_> = (0..20_000).map(row).collect();
    let reader = SerializedFileReader::new(bytes::Bytes::from(parquet(&batch(&rows), &[10_000]))).unwrap();
    let group = reader.get_row_group(0).unwrap();
    let columns = reader.metadata().file_metadata().schema_descr().columns();
    for (index, column) in columns.iter().enumerate() {
        let pages: Vec<_> = group.get_column_page_reader(index).unwrap().map(Result::unwrap).collect();
        let data = pages.iter().filter(|page| page.page_type() == PageType::DATA_PAGE);
        let encodings: BTreeSet<_> = data.map(Page::encoding).collect();
        assert_eq!(encodings.len(), 1, "{}", column.path());
        if ["call_records", "contact_full_name", "extra"].contains(&&*column.path().parts()[0]) {
            assert_eq!(encodings.first(), Some(&Encoding::RLE_DICTIONARY), "{}", column.path());
        }
    }
}

/// Rows of each group, and whether each has a bloom filter on the columns that one looks up.
fn groups(bytes: Vec<u8>) -> Vec<(i64, usize)> {
    let options = ReadOptionsBuilder::new().build();
    let reader = SerializedFileReader::new_with_options(bytes::Bytes::from(bytes), options).unwrap();
    let groups = reader.metadata().row_groups().iter();
    groups
        .map(|group| {
            let filtered = group.columns().iter().filter(|column| column.bloom_filter_offset().is_some());
            let names: Vec<_> = filtered.map(|column| column.column_path().string()).collect();
            assert!(names.is_empty() || names == ["call_session_id", "contact_phone_number"]);
            (group.num_rows(), names.len())
        })
        .collect()
}

#[test]
fn large_files_have_even_groups_and_filters() {
    let group = i64::try_from(GROUP_ROWS).unwrap();
    let rows = many(2 * GROUP_ROWS + 10);
    assert_eq!(groups(parquet(&rows, &[10_000])), [(group, 2), (group, 2), (10, 2)]);
    assert_eq!(groups(parquet(&rows.slice(0, 100_000), &[10_000])), [(100_000, 2)]);
    assert_eq!(groups(parquet(&rows.slice(0, 99_999), &[10_000])), [(99_999, 0)]);
    assert_eq!(groups(parquet(&rows.slice(0, 0), &[1])), []);
}

#[test]
fn a_file_that_was_never_finished_is_read_by_its_kept_footer() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let rows = many(GROUP_ROWS + 5000);
    let mut writer = ParquetWriter::new(File::create(&path).unwrap(), &all()).unwrap();
    for piece in pieces(&rows, &[10_000]) {
        writer.write(&piece).unwrap();
    }
    let recovered = |footer: &[u8]| {
        let (count, read) = parquet::recover(File::open(&path).unwrap(), footer).unwrap();
        let read = joined(read);
        assert_eq!(read.num_rows() as u64, count);
        read
    };
    let first = writer.footer().unwrap();
    assert_eq!(writer.rows_flushed(), GROUP_ROWS as u64);
    writer.flush().unwrap();
    let second = writer.footer().unwrap();
    assert_eq!(writer.rows_flushed(), rows.num_rows() as u64);
    drop(writer);
    File::options().append(true).open(&path).unwrap().write_all(b"torn").unwrap();
    assert!(recovered(&first) == rows.slice(0, GROUP_ROWS));
    assert!(recovered(&second) == rows);

    // A footer that is torn is none; a file that lacks rows says so when they are read.
    for length in 0..9 {
        assert!(parquet::recover(File::open(&path).unwrap(), &second[..length]).is_err());
    }
    File::options().write(true).open(&path).unwrap().set_len(1000).unwrap();
    let (_, mut read) = parquet::recover(File::open(&path).unwrap(), &first).unwrap();
    assert!(read.next().unwrap().is_err());
}

#[test]
fn a_stream_that_is_torn_gives_its_whole_batches() {
    let rows = many(20_000);
    let bytes = stream(&rows, &[20_000]);
    for (cut, whole) in [(bytes.len(), 20_000), (bytes.len() - 20, 16_384), (bytes.len() / 2, 8192)] {
        let read = ipc::read_back(&bytes[..cut]).unwrap();
        let count: usize = read.map_while(Result::ok).map(|batch| batch.num_rows()).sum();
        assert_eq!(count, whole, "{cut}");
    }
    assert!(ipc::read_back(&bytes[..10]).is_err());
}

#[test]
fn chosen_columns_are_written_alone_and_what_is_missing_is_null() {
    let rows = batch(&legs(10, 0));
    let columns = named(&["duration", "id"]);
    let mut writer = IpcWriter::new(Vec::new(), &columns).unwrap();
    writer.write(&rows).unwrap();
    writer.write(&rows.project(&[1]).unwrap()).unwrap();
    let bytes = writer.finish().unwrap();
    let read: Vec<_> = ipc::read_back(&*bytes).unwrap().map(Result::unwrap).collect();
    assert_eq!(*read[0].schema(), *schema(&columns));
    assert_eq!(read[0].num_rows(), 20);
    assert_eq!(arrow_array::Array::null_count(read[0].column(0)), 10);
}

/// A disk without room.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::Error::from_raw_os_error(28))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_stays_one() {
    let rows = many(8192);
    // No word of the libraries that it went through.
    let failed = |written: io::Result<Full>| written.err().unwrap().to_string();
    let expected = io::Error::from_raw_os_error(28).to_string();
    let parquet = ParquetWriter::new(Full, &all()).and_then(|mut writer| {
        writer.write(&rows)?;
        writer.finish()
    });
    assert_eq!(failed(parquet), expected);
    let stream = IpcWriter::new(Full, &all()).and_then(|mut writer| {
        writer.write(&rows)?;
        writer.finish()
    });
    assert_eq!(failed(stream), expected);
}
