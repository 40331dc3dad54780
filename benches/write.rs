//! Columns to files in memory, by our writers and by those that Arrow has.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use calllegs_arrow::{
    batches,
    csv::{CsvOptions, CsvWriter},
    ipc::IpcWriter,
    jsonl::JsonlWriter,
    parquet::{GROUP_ROWS, ParquetWriter},
    schema::{Column, columns_of},
};
use calllegs_benches::{Figure, FullPage, criterion};
use calllegs_core::{CallLegs, rpc, schema::Listing};
use criterion::Throughput;
use parquet::{
    arrow::ArrowWriter,
    basic::{Compression, ZstdLevel},
    file::properties::WriterProperties,
};

#[expect(clippy::too_many_lines, reason = "one list of writers")]
fn main() {
    // One row group, of pages as they come.
    let read = FullPage::ask_many(14).into_iter().map(|FullPage { body, columns, id, .. }| {
        batches(&rpc::reply(&columns, id, &body).unwrap().rows).unwrap().remove(0)
    });
    let mut pages: Vec<RecordBatch> = read.collect();
    let last = pages.pop().unwrap();
    pages.push(last.slice(0, GROUP_ROWS - 130_000));
    let group = concat_batches(&last.schema(), &pages).unwrap();
    assert_eq!(group.num_rows(), GROUP_ROWS);
    let rows = GROUP_ROWS as u64;
    let all: Vec<_> = Column::all().iter().collect();
    let texts: Vec<_> = CallLegs::METHOD.fields.iter().filter_map(Column::of).collect();
    assert_eq!(columns_of(&CallLegs::METHOD.fields.iter().collect::<Vec<_>>()).len(), all.len());
    // Arrow's text writers know no lists in CSV.
    let flat: Vec<_> = texts
        .iter()
        .filter(|column| !column.name().ends_with("call_records"))
        .map(|column| group.schema().index_of(column.name()).unwrap())
        .collect();

    let fields: Vec<_> = texts.iter().map(|column| group.schema().index_of(column.name()).unwrap()).collect();

    let mut criterion = criterion(10, 6);
    let mut benches = criterion.benchmark_group("write");
    benches.throughput(Throughput::Elements(rows));
    benches.bench_function("parquet", |bencher| {
        bencher.iter(|| {
            let mut writer = ParquetWriter::new(Vec::new(), &all).unwrap();
            for page in &pages {
                writer.write(page).unwrap();
            }
            black_box(writer.finish().unwrap())
        });
    });
    benches.bench_function("parquet_arrow", |bencher| {
        let zstd = Compression::ZSTD(ZstdLevel::try_new(3).unwrap());
        let properties = WriterProperties::builder().set_compression(zstd).build();
        bencher.iter(|| {
            let mut writer =
                ArrowWriter::try_new(Vec::new(), group.schema(), Some(properties.clone())).unwrap();
            for page in &pages {
                writer.write(page).unwrap();
            }
            black_box(writer.into_inner().unwrap())
        });
    });
    benches.bench_function("csv", |bencher| {
        bencher.iter(|| {
            let mut writer = CsvWriter::new(Vec::new(), &texts, CsvOptions::default());
            writer.header().unwrap();
            for page in &pages {
                writer.write(page).unwrap();
            }
            black_box(writer.finish().unwrap())
        });
    });
    benches.bench_function("csv_arrow", |bencher| {
        bencher.iter(|| {
            let mut writer = arrow_csv::WriterBuilder::new().build(Vec::new());
            for page in &pages {
                writer.write(&page.project(&flat).unwrap()).unwrap();
            }
            black_box(writer)
        });
    });
    benches.bench_function("jsonl", |bencher| {
        bencher.iter(|| {
            let mut writer = JsonlWriter::new(Vec::new(), &texts);
            for page in &pages {
                writer.write(page).unwrap();
            }
            black_box(writer.finish().unwrap())
        });
    });
    benches.bench_function("jsonl_arrow", |bencher| {
        let builder = arrow_json::WriterBuilder::new().with_explicit_nulls(true);
        bencher.iter(|| {
            let mut writer = builder.clone().build::<_, arrow_json::writer::LineDelimited>(Vec::new());
            for page in &pages {
                writer.write(&page.project(&fields).unwrap()).unwrap();
            }
            black_box(writer.into_inner())
        });
    });
    benches.bench_function("arrow", |bencher| {
        bencher.iter(|| {
            let mut writer = IpcWriter::new(Vec::new(), &all).unwrap();
            for page in &pages {
                writer.write(page).unwrap();
            }
            black_box(writer.finish().unwrap())
        });
    });
    benches.finish();
    for (work, reference, ours, theirs) in [
        (
            "columns → Parquet, zstd-3, 38 columns",
            "parquet's `ArrowWriter`, zstd-3, other defaults",
            "parquet",
            "parquet_arrow",
        ),
        ("columns → CSV, 34 columns", "arrow-csv, 32 columns (it has no lists)", "csv", "csv_arrow"),
        ("columns → JSON Lines, 34 columns", "arrow-json's writer, 34 columns", "jsonl", "jsonl_arrow"),
        ("columns → Arrow stream, 38 columns", "our Parquet", "arrow", "parquet"),
    ] {
        let name = |of: &str| format!("write/{of}");
        Figure { work, reference, bars: ("", "") }.ratio_of(rows, &name(ours), &name(theirs));
    }
}
