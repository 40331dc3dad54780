//! A Parquet file of made-up legs, as the tool writes it.

use std::{fs::File, path::Path};

use calllegs_arrow::{batches, parquet::ParquetWriter, schema::Column};
use calllegs_core::{
    CallLegs, Period, Query,
    query::Order,
    rpc::{self, Identity, RequestId},
};
use chrono::{NaiveDate, NaiveTime, TimeDelta};

use crate::{KEY, NOW, all_columns, call_centre};

/// A file of so many days, which end with February 2026, with about as many legs each; how many it has in all.
pub fn legs_file(path: &Path, days: u32, legs_per_day: u32) -> u64 {
    let mut emulator = call_centre(days, legs_per_day).emulator().unwrap();
    let columns: Vec<_> = Column::all().iter().collect();
    let mut file = ParquetWriter::new(File::create(path).unwrap(), &columns).unwrap();
    let last = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
    let mut rows = 0;
    for day in (1..=i64::from(days)).rev() {
        let from = (last - TimeDelta::days(day)).and_time(NaiveTime::MIN);
        // A listing ends at an offset of 100,000.
        for hour in 0..24 {
            let from = from + TimeDelta::hours(hour);
            let period = Period::new(from, from + TimeDelta::hours(1)).unwrap();
            let query = Query::<CallLegs>::new(period).select(all_columns()).limit(10_000);
            let query = query.sort_by(CallLegs::START_TIME, Order::Ascending);
            for offset in (0..).step_by(10_000) {
                let query = query.clone().offset(offset);
                let id = RequestId::new(1);
                let request = rpc::request(&query, &Identity::key(KEY), id).unwrap();
                let page = rpc::reply(&query, id, &emulator.handle(NOW, request.as_bytes())).unwrap();
                rows += page.rows.len() as u64;
                for batch in batches(&page.rows).unwrap() {
                    file.write(&batch).unwrap();
                }
                if page.rows.len() < 10_000 {
                    break;
                }
            }
        }
    }
    file.finish().unwrap();
    rows
}
