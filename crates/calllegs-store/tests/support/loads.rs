//! Legs of one day on their way into a place with a ledger.

use std::fmt::Write as _;

use calllegs_arrow::{Zone, origin::Origin};
use calllegs_core::{Period, rpc, rpc::RequestId, value::wall_time};
use calllegs_store::{
    Destination as _, Error, ExportSpec, WindowsDestination,
    destination::{Page, Request},
    windows::Shared,
};
use chrono::{NaiveDateTime, TimeDelta};

/// Whose legs they are.
pub(crate) const ACCOUNT: &str = "uis:1";

pub(crate) fn at(text: &str) -> NaiveDateTime {
    wall_time::parse(text).unwrap()
}

fn period() -> Period {
    "2026-03-01..2026-03-02".parse().unwrap()
}

/// Reads legs of the first of March, as the server lists them in `rows`, at noon of this day of March.
pub(crate) fn load(place: &Shared, rows: &str, day: u32) -> Result<Vec<String>, Error> {
    try_load(place, rows, day, false)
}

pub(crate) fn try_load(place: &Shared, rows: &str, day: u32, exact: bool) -> Result<Vec<String>, Error> {
    let zone = Zone::built_in("UTC").unwrap();
    let spec = ExportSpec::default();
    let origin = Origin::new(ACCOUNT, &spec.written(), period());
    let now = at(&format!("2026-03-{day:02} 12:00:00")).and_utc();
    let request = Request::new("a", spec.written(), origin, (now, zone.clone()));
    let (told, taken) = std::sync::mpsc::channel();
    let windows = WindowsDestination::new([place.clone()], "run").exact(exact).watched_by(move |put| {
        told.send(put.told.clone()).unwrap();
    });
    let mut writer = Box::new(windows).open()?.begin(request)?.writer;
    let query = spec.whole(period(), &zone, Some(ACCOUNT));
    let reply =
        format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{rows}],"metadata":{{"total_items":9}}}}}}"#);
    let legs = rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap().rows;
    writer.write(Page { legs, resume: None })?;
    writer.commit().map_err(|failed| failed.error)?;
    Ok(taken.iter().flatten().map(|told| told.split_once(": ").unwrap().1.to_owned()).collect())
}

/// Legs with these ids, one each minute.
pub(crate) fn legs(ids: std::ops::Range<i64>) -> String {
    let mut rows = String::new();
    for id in ids {
        let comma = if rows.is_empty() { "" } else { "," };
        write!(rows, "{comma}{}", leg(id, "")).unwrap();
    }
    rows
}

/// A leg with more members.
pub(crate) fn leg(id: i64, more: &str) -> String {
    let start = at("2026-03-01 00:00:00") + TimeDelta::minutes(id);
    format!(
        r#"{{"id":{id},"call_session_id":{id},"start_time":"{}","duration":7,"is_operator":true,
        "call_records":["a{id}","b"]{more}}}"#,
        wall_time::format(start)
    )
}
