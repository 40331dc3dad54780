//! What answers say of their delivery, as a socket sees it. No pause here is waited for by the clock.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use calllegs_sandbox::Sandbox;
use flate2::read::GzDecoder;

use crate::{
    server::{exchange, post, request},
    support::{rows, small},
};

fn faulty(fault: &str) -> Sandbox {
    small().fault(fault.parse().unwrap()).start().unwrap()
}

/// Sends the usual request.
fn send(sandbox: &Sandbox) -> TcpStream {
    let mut stream = TcpStream::connect(sandbox.address()).unwrap();
    let body = request().to_string();
    write!(
        stream,
        "POST /v2.0 HTTP/1.1\r\nHost: sandbox\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream
}

/// Everything up to the end of the connection.
fn receive(mut stream: TcpStream) -> Vec<u8> {
    let mut reply = Vec::new();
    // A reset is an end too.
    let _end = stream.read_to_end(&mut reply);
    reply
}

fn call(sandbox: &Sandbox) -> (u16, String, Vec<u8>) {
    exchange(sandbox, "POST", "/v2.0", "", &request().to_string())
}

#[test]
fn a_faulted_answer_has_its_status_headers_and_name() {
    let sandbox = faulty("http-429:n=1");
    let (status, head, body) = call(&sandbox);
    assert_eq!((status, &*body), (429, &b"Too Many Requests"[..]));
    assert!(head.contains("retry-after: 1") && head.contains("x-sandbox-fault: http-429"), "{head}");
    let (status, head, _) = call(&sandbox);
    assert!(status == 200 && !head.contains("x-sandbox-fault"));
    let (status, head, _) = call(&faulty("redirect"));
    assert!(status == 307 && head.contains("location: https://sandbox.invalid/v2.0"));
}

#[test]
fn broken_connections_break_where_they_should() {
    let whole = call(&small().start().unwrap()).2;
    let length = format!("content-length: {}\r\n", whole.len());
    let (mut closed, mut cut, mut short) = (0, 0, 0);
    for fault in ["reset", "truncate"] {
        let sandbox = faulty(fault);
        for _ in 0..12 {
            let reply = receive(send(&sandbox));
            let Some(end) = reply.windows(4).position(|window| window == b"\r\n\r\n") else {
                assert_eq!((fault, reply.len()), ("reset", 0));
                closed += 1;
                continue;
            };
            let (head, body) = reply.split_at(end + 4);
            assert!(body.len() < whole.len() && whole.starts_with(body));
            // Of the two ways to cut a reply one does not show in its length.
            if String::from_utf8(head.to_vec()).unwrap().to_lowercase().contains(&length) {
                cut += 1;
            } else {
                assert_eq!(fault, "truncate");
                short += 1;
            }
        }
        assert_eq!(sandbox.stats().points, 12);
    }
    assert!(closed > 0 && cut > 0 && short > 0, "{closed} {cut} {short}");
}

#[test]
fn pauses_change_no_byte() {
    let (_, _, whole) = call(&small().start().unwrap());
    for fault in ["slow-first-byte:ms=1", "dribble:ms=1", "dribble:ms=0"] {
        let (status, head, body) = call(&faulty(fault));
        assert_eq!((status, body), (200, whole.clone()), "{fault}");
        assert!(head.contains(&format!("content-length: {}", whole.len())));
    }
}

#[test]
fn a_reply_that_never_comes_ends_with_the_sandbox() {
    let sandbox = faulty("hang:n=1");
    let mut hanging = send(&sandbox);
    while sandbox.journal().is_empty() {
        std::thread::yield_now();
    }
    rows(&post(&sandbox, &request()));
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.points, stats.peak_parallel), (2, 2, 2));
    drop(sandbox);
    assert!(matches!(hanging.read(&mut [0]), Ok(0) | Err(_)));
}

#[test]
fn broken_gzip_is_named_and_cannot_be_unpacked() {
    let (status, head, body) = call(&faulty("gzip-broken"));
    assert_eq!(status, 200);
    assert!(head.contains("content-encoding: gzip"));
    let mut unpacked = Vec::new();
    assert!(GzDecoder::new(&body[..]).read_to_end(&mut unpacked).is_err());
}
