//! What benchmarks share: criterion's settings, figures for people and for `cargo xtask bench`, a page, a server.
//!
//! A figure is the ratio of two measurements of one run. Absolute figures drift from machine to machine; the ratio within
//! one run hardly does. Not here: assertions.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops at the first surprise"
)]

mod canned;
mod legs_file;
mod reference;
mod watch;

use std::{fs, path::Path, time::Duration};

use calllegs_arrow::{Columns, schema::Column};
use calllegs_core::{
    CallLegs, Period, Query,
    projection::{Projection, Records},
    rpc::{self, Identity, RequestId},
    schema::Listing,
    value::wall_time,
};
use calllegs_sandbox::{Builder, Sandbox};
use criterion::Criterion;
use serde::Deserialize;

pub use canned::Canned;
pub use legs_file::legs_file;
pub use reference::{Data, Leg, Reply, batch_of};
pub use watch::{Running, Watched, watch};

/// Criterion with these many samples.
pub fn criterion(samples: usize, seconds: u64) -> Criterion {
    let criterion = Criterion::default().without_plots().sample_size(samples);
    criterion.measurement_time(Duration::from_secs(seconds)).configure_from_args()
}

/// What criterion measured last under this name: `group/function`.
pub fn measured(name: &str) -> Option<Duration> {
    #[derive(Deserialize)]
    struct Estimates {
        median: Estimate,
    }
    #[derive(Deserialize)]
    struct Estimate {
        point_estimate: f64,
    }
    // Folders above a benchmark: `target/release/deps/decode-…`.
    let own = std::env::current_exe().ok()?;
    let path = own.ancestors().nth(3)?.join("criterion").join(name).join("new/estimates.json");
    let Estimates { median } = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    Some(Duration::from_secs_f64(median.point_estimate / 1e9))
}

/// One line of the table of results.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a benchmark names all of it")]
pub struct Figure<'a> {
    /// What is measured.
    pub work: &'a str,
    /// What it is measured against; both in the same run.
    pub reference: &'a str,
    /// First bar and goal, as they are stated.
    pub bars: (&'a str, &'a str),
}

impl Figure<'_> {
    /// Prints how many times faster the work is than its reference. `cargo xtask bench` reads the line.
    pub fn ratio(self, rows: u64, work: Duration, reference: Duration) {
        let ratio = reference.as_secs_f64() / work.as_secs_f64();
        self.say(
            &format!("{ratio:.2}"),
            &format!("{} against {} M rows/s", rate(rows, work), rate(rows, reference)),
        );
    }

    /// [`ratio`](Self::ratio) of two functions of criterion's.
    pub fn ratio_of(self, rows: u64, work: &str, reference: &str) {
        // A filter on the command line leaves some out.
        if let (Some(work), Some(reference)) = (measured(work), measured(reference)) {
            self.ratio(rows, work, reference);
        }
    }

    /// Prints a figure of another kind.
    pub fn say(self, figure: &str, note: &str) {
        let Self { work, reference, bars: (first, goal) } = self;
        println!("figure | {work} | {reference} | {figure} | {first} | {goal} | {note} |");
    }
}

/// Million rows a second.
#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
pub fn rate(rows: u64, time: Duration) -> String {
    format!("{:.2}", rows as f64 / time.as_secs_f64() / 1e6)
}

/// A count with its thousands apart: 1,003,512.
pub fn grouped(count: u64) -> String {
    match count / 1000 {
        0 => count.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), count % 1000),
    }
}

/// Unix time of every request, a week after the last leg.
pub const NOW: i64 = 1_773_000_000;

/// The key of the emulator.
pub const KEY: &str = "sandbox-acme";

/// A call centre without limits, whose legs end with February 2026.
pub fn call_centre(days: u32, legs_per_day: u32) -> Builder {
    Sandbox::builder().seed(7).days(days).legs_per_day(legs_per_day).minute_limit(None).day_limit(None)
}

/// A full page of the emulator, all 34 fields, and the queries that ask for it.
#[derive(Debug)]
#[non_exhaustive]
pub struct FullPage {
    /// The reply, envelope included.
    pub body: Vec<u8>,
    /// For typed rows.
    pub records: Query<CallLegs, Records>,
    /// For columns, the account's and the instants among them.
    pub columns: Query<CallLegs, Columns>,
    /// The id of both.
    pub id: RequestId,
    /// Legs in the page.
    pub rows: u64,
}

impl FullPage {
    /// Asks for one.
    pub fn ask() -> Self {
        Self::ask_many(1).remove(0)
    }

    /// Asks for several, one after the other.
    pub fn ask_many(count: u32) -> Vec<Self> {
        let mut emulator = call_centre(2, 10_000 * count + 10_000).emulator().unwrap();
        let time = |text| wall_time::parse(text).unwrap();
        let period = Period::new(time("2026-02-26 00:00:00"), time("2026-03-01 00:00:00")).unwrap();
        let mut page = |offset| {
            let records = Query::<CallLegs>::new(period).records_of(CallLegs::METHOD.fields);
            let records = records.limit(10_000).offset(offset);
            let columns = Query::<CallLegs>::new(period).select(all_columns()).limit(10_000).offset(offset);
            let id = RequestId::new(1);
            let request = rpc::request(&records, &Identity::key(KEY), id).unwrap();
            let body = emulator.handle(NOW, request.as_bytes());
            let rows = rpc::reply(&records, id, &body).unwrap().rows.len() as u64;
            Self { body, records, columns, id, rows }
        };
        // Beyond the cap of offsets the same pages come again.
        (0..count).map(|number| page(number % 10 * 10_000)).collect()
    }
}

/// All columns of an account in Moscow.
pub fn all_columns() -> Columns {
    let columns = Columns::new(Column::all(), chrono_tz::Tz::Europe__Moscow).account("uis:1103");
    assert_eq!(Projection::columns(&columns).len(), CallLegs::METHOD.fields.len());
    columns
}

/// The tool as it is shipped: `release/calllegs`, two folders above a benchmark.
pub fn tool() -> Option<std::path::PathBuf> {
    let own = std::env::current_exe().unwrap();
    let tool = own.ancestors().nth(2).unwrap().join(format!("calllegs{}", std::env::consts::EXE_SUFFIX));
    if !tool.exists() {
        println!("there is no {}; build it: cargo build --release -p calllegs-cli", tool.display());
        return None;
    }
    Some(tool)
}

/// A folder for files of benchmarks.
pub fn folder() -> &'static Path {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/bench-files"));
    fs::create_dir_all(folder).unwrap();
    folder
}
