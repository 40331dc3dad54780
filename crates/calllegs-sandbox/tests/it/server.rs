//! The shell over real sockets, with nothing but the standard library on the other side.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use calllegs_sandbox::{ErrorKind, Sandbox};
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use crate::support::{fault, rows, small};

/// One exchange: status, headers in lower case, body.
pub(crate) fn exchange(
    sandbox: &Sandbox,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).unwrap();
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(reply[..end].to_vec()).unwrap().to_lowercase();
    (head[9..12].parse().unwrap(), head, reply[end + 4..].to_vec())
}

pub(crate) fn post(sandbox: &Sandbox, body: &Value) -> Value {
    let (status, head, body) = exchange(sandbox, "POST", "/v2.0", "", &body.to_string());
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json; charset=utf-8"));
    serde_json::from_slice(&body).unwrap()
}

/// The structure of the request on the vendor's page, with every member.
pub(crate) fn request() -> Value {
    json!({"jsonrpc": "2.0", "id": 4711, "method": "get.call_legs_report", "params": {
        "access_token": "sandbox-acme",
        "user_id": 310_001,
        "offset": 0,
        "limit": 100,
        "date_from": "2026-02-26 00:00:00",
        "date_till": "2026-03-01 00:00:00",
        "filter": {},
        "sort": [{"field": "start_time", "order": "asc"}],
        "fields": ["id", "start_time"],
    }})
}

#[test]
fn the_documented_request_gets_rows() {
    let sandbox = small().start().unwrap();
    let reply = post(&sandbox, &request());
    assert_eq!(reply["id"], 4711);
    assert_eq!(rows(&reply).len(), 100);
    assert_eq!(sandbox.stats().calls, 1);
    assert_eq!(sandbox.stats().points, 1);
}

#[test]
fn api_errors_are_http_200_and_other_doors_are_closed() {
    let sandbox = small().start().unwrap();
    assert_eq!(fault(&post(&sandbox, &json!([1]))).0, "batch_opreations_not_supported");
    assert_eq!(exchange(&sandbox, "GET", "/v2.0", "", "").0, 405);
    assert_eq!(exchange(&sandbox, "POST", "/", "", "{}").0, 404);
    assert_eq!(exchange(&sandbox, "POST", "/dataapi/v2.0/", "", "{}").0, 200);
    assert_eq!(exchange(&sandbox, "POST", "/v2.0", "", &" ".repeat((16 << 20) + 1)).0, 413);
    assert_eq!(exchange(&sandbox, "POST", "/v2.0", "", &" ".repeat(16 << 20)).0, 200);
    assert_eq!(sandbox.stats().calls, 3);
}

#[test]
fn a_filter_of_several_megabytes_is_read() {
    let sandbox = small().start().unwrap();
    let mut body = request();
    body["params"]["date_from"] = json!("2026-02-27 10:00:00");
    body["params"]["date_till"] = json!("2026-02-27 12:00:00");
    let ids: Vec<_> = rows(&post(&sandbox, &body)).iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert!(ids.len() > 1);
    let others = 900_000_000_000_i64..900_000_250_000;
    let wanted: Vec<_> = others.chain(ids.iter().copied().skip(1)).collect();
    body["params"]["filter"] = json!({"field": "id", "operator": "in", "value": wanted});
    assert!(body.to_string().len() > 3 << 20);
    let found: Vec<_> = rows(&post(&sandbox, &body)).iter().map(|row| row["id"].as_i64().unwrap()).collect();
    assert_eq!(found, ids[1..]);
}

#[test]
fn large_replies_are_packed_for_those_who_ask() {
    let sandbox = small().start().unwrap();
    let body = request().to_string();
    let (_, head, plain) = exchange(&sandbox, "POST", "/v2.0", "Accept-Encoding: gzip;q=0, br\r\n", &body);
    assert!(!head.contains("content-encoding"));
    let (_, head, packed) = exchange(&sandbox, "POST", "/v2.0", "Accept-Encoding: br, gzip\r\n", &body);
    assert!(head.contains("content-encoding: gzip"));
    let mut unpacked = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut unpacked).unwrap();
    assert!(packed.len() < plain.len());
    assert_eq!(
        serde_json::from_str::<Value>(&unpacked).unwrap(),
        serde_json::from_slice::<Value>(&plain).unwrap()
    );
    let small = json!({"jsonrpc": "2.0", "id": 1, "method": "nothing"}).to_string();
    let (_, head, _) = exchange(&sandbox, "POST", "/v2.0", "Accept-Encoding: gzip\r\n", &small);
    assert!(!head.contains("content-encoding"));
}

#[test]
fn several_run_side_by_side_and_stop_when_dropped() {
    let (first, second) = (small().start().unwrap(), small().seed(8).start().unwrap());
    assert_ne!(first.address(), second.address());
    assert_ne!(rows(&post(&first, &request())), rows(&post(&second, &request())));
    let taken = small().bind(first.address()).start().unwrap_err();
    assert_eq!(taken.kind(), ErrorKind::Bind);
    assert!(first.endpoint().is_ok());
    let address = first.address();
    drop(first);
    assert!(TcpStream::connect(address).is_err());
    rows(&post(&second, &request()));
}

#[test]
fn an_open_connection_does_not_keep_it_alive() {
    let sandbox = small().start().unwrap();
    let mut idle = TcpStream::connect(sandbox.address()).unwrap();
    post(&sandbox, &request());
    drop(sandbox);
    assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
}
