//! A caller with its own clock, and rows that tests write themselves.

use std::io::Write;

use calllegs_sandbox::{Answer, Builder, Emulator, Sandbox};
use serde_json::{Map, Value, json};
use tempfile::NamedTempFile;

/// 2026-03-03 01:06:40 UTC: the legs of the small world are over.
pub(crate) const NOW: i64 = 1_772_500_000;

pub(crate) struct Caller {
    pub(crate) emulator: Emulator,
    pub(crate) now: i64,
    pub(crate) token: String,
}

/// A small world without limits: 2026-02-26 up to 2026-03-01.
pub(crate) fn small() -> Builder {
    Sandbox::builder().seed(7).days(3).legs_per_day(300).minute_limit(None).day_limit(None)
}

pub(crate) fn caller(builder: Builder) -> Caller {
    Caller { emulator: builder.emulator().unwrap(), now: NOW, token: "sandbox-acme".to_owned() }
}

/// A caller on rows of the test's own; what a row leaves out is null.
pub(crate) fn caller_on(rows: &[Value]) -> Caller {
    caller(small().data(file(rows).path()))
}

pub(crate) fn file(rows: &[Value]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    for row in rows {
        writeln!(file, "{row}").unwrap();
    }
    file
}

impl Caller {
    /// Sends any body.
    pub(crate) fn raw(&mut self, body: &str) -> Value {
        serde_json::from_slice(&self.emulator.handle(self.now, body.as_bytes())).unwrap()
    }

    /// Calls a method over HTTP, as far as the emulator goes.
    pub(crate) fn exchange(&mut self, method: &str, params: Value) -> Answer {
        let Value::Object(mut all) = params else { panic!("parameters are an object") };
        if method != "login.user" {
            all.entry("access_token").or_insert_with(|| self.token.clone().into());
        }
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": all}).to_string();
        self.emulator.exchange(self.now, body.as_bytes())
    }

    /// A page of legs of the whole small world over HTTP.
    pub(crate) fn page(&mut self, limit: u32, offset: u32) -> Answer {
        let params = json!({"date_from": "2026-02-01 00:00:00", "date_till": "2026-03-02 00:00:00",
            "limit": limit, "offset": offset,
            "sort": [{"field": "start_time"}, {"field": "call_session_id"}]});
        self.exchange("get.call_legs_report", params)
    }

    /// Points charged so far.
    pub(crate) fn points(&self) -> u64 {
        self.emulator.stats().points
    }

    /// Calls a method with the caller's token among the parameters.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        let Value::Object(mut all) = params else { panic!("parameters are an object") };
        all.entry("access_token").or_insert_with(|| self.token.clone().into());
        self.raw(&json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": all}).to_string())
    }

    /// Asks for legs of the whole small world, with these parameters beside or instead.
    pub(crate) fn legs(&mut self, params: Value) -> Value {
        let mut all = Map::from_iter([
            ("date_from".to_owned(), json!("2026-02-01 00:00:00")),
            ("date_till".to_owned(), json!("2026-03-02 00:00:00")),
        ]);
        let Value::Object(params) = params else { panic!("parameters are an object") };
        all.extend(params);
        self.call("get.call_legs_report", all.into())
    }

    pub(crate) fn leg_ids(&mut self, params: Value) -> Vec<i64> {
        let reply = self.legs(params);
        rows(&reply).iter().map(|row| row["id"].as_i64().unwrap()).collect()
    }
}

pub(crate) fn rows(reply: &Value) -> &Vec<Value> {
    reply["result"]["data"].as_array().unwrap_or_else(|| panic!("no rows: {reply}"))
}

pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

pub(crate) fn ids(reply: &Value) -> Vec<i64> {
    rows(reply).iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

/// Mnemonic and field of an error.
pub(crate) fn fault(reply: &Value) -> (&str, Option<&str>) {
    let data = &reply["error"]["data"];
    (data["mnemonic"].as_str().unwrap_or_else(|| panic!("no error: {reply}")), data["field"].as_str())
}
