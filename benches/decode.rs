//! A full page of the emulator to typed rows. The reference is what one would write with serde alone.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

use std::hint::black_box;

use calllegs_benches::{Figure, FullPage, Reply, criterion};
use calllegs_core::rpc;
use criterion::Throughput;

fn main() {
    let FullPage { body, records, id, rows, .. } = FullPage::ask();
    let mut criterion = criterion(40, 4);
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Elements(rows));
    group.bench_function("rows", |bencher| {
        bencher.iter(|| black_box(rpc::reply(&records, id, &body).unwrap()));
    });
    group.bench_function("serde_structs", |bencher| {
        bencher.iter(|| black_box(serde_json::from_slice::<Reply>(&body).unwrap()));
    });
    group.finish();
    Figure { work: "page → typed rows", reference: "`serde_json`, owned structs", bars: ("1.0", "3") }
        .ratio_of(rows, "decode/rows", "decode/serde_structs");
}
