//! A full page of the emulator to columns. The references are serde structs with Arrow's builders, and arrow-json.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;

use arrow_json::ReaderBuilder;
use calllegs_benches::{Figure, FullPage, Reply, batch_of, criterion};
use calllegs_core::rpc;
use criterion::Throughput;
use serde_json::Value;

fn main() {
    let FullPage { body, columns, id, rows, .. } = FullPage::ask();
    // arrow-json wants rows of their own lines, and knows no envelope: that is prepared for it.
    let tree: Value = serde_json::from_slice(&body).unwrap();
    let lines: Vec<_> = tree["result"]["data"].as_array().unwrap().iter().map(Value::to_string).collect();
    let lines = lines.join("\n");
    let schema = batch_of(&serde_json::from_slice::<Reply>(&body).unwrap().result.data).schema();

    let mut criterion = criterion(40, 4);
    let mut group = criterion.benchmark_group("columns");
    group.throughput(Throughput::Elements(rows));
    group.bench_function("columns", |bencher| {
        bencher.iter(|| black_box(rpc::reply(&columns, id, &body).unwrap()));
    });
    group.bench_function("serde_and_builders", |bencher| {
        bencher.iter(|| black_box(batch_of(&serde_json::from_slice::<Reply>(&body).unwrap().result.data)));
    });
    group.bench_function("arrow_json", |bencher| {
        let reader = ReaderBuilder::new(schema.clone()).with_batch_size(10_000);
        bencher.iter(|| {
            let mut decoder = reader.clone().build_decoder().unwrap();
            assert_eq!(decoder.decode(lines.as_bytes()).unwrap(), lines.len());
            black_box(decoder.flush().unwrap().unwrap())
        });
    });
    group.finish();
    let figure = |reference, bars| Figure { work: "page → Arrow batch, 38 columns", reference, bars };
    figure("`serde_json` structs and builders, 34 columns", ("1.7", "4")).ratio_of(
        rows,
        "columns/columns",
        "columns/serde_and_builders",
    );
    figure("arrow-json's `Decoder`, 34 columns", ("3.5", "8")).ratio_of(
        rows,
        "columns/columns",
        "columns/arrow_json",
    );
}
