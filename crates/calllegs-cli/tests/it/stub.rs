//! A server that answers as a test says: for everything that a faithful emulator never does.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

use serde_json::Value;

/// Answers every request with the member that `answer` gives for its method, `"result":...` or `"error":...`.
/// Returns the URL; the thread ends with the test process.
pub(crate) fn serve(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    serve_bytes(move |method| answer(method).into_bytes())
}

/// [`serve`] of members that are no text.
pub(crate) fn serve_bytes(answer: impl Fn(&str) -> Vec<u8> + Send + 'static) -> String {
    serve_any(move |method| ("200 OK".to_owned(), answer(method)))
}

/// [`serve`] with the status of each reply, and more header lines behind it.
pub(crate) fn serve_under(answer: impl Fn(&str) -> (String, String) + Send + 'static) -> String {
    serve_any(move |method| {
        let (status, member) = answer(method);
        (status, member.into_bytes())
    })
}

fn serve_any(answer: impl Fn(&str) -> (String, Vec<u8>) + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}/v2.0", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that leaves is no concern of the stub.
            let _served = stream.and_then(|stream| exchange(stream, &answer));
        }
    });
    url
}

fn exchange(stream: TcpStream, answer: &impl Fn(&str) -> (String, Vec<u8>)) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body)?;
    let head = format!(r#"{{"jsonrpc":"2.0","id":{},"#, request["id"]);
    let (status, member) = answer(request["method"].as_str().unwrap());
    let reply = [head.into_bytes(), member, b"}".to_vec()].concat();
    let mut stream = reader.into_inner();
    let length = reply.len();
    let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply)
}

/// An error of the server.
pub(crate) fn error(mnemonic: &str, message: &str, field: &str, params: &str) -> String {
    format!(
        r#""error":{{"code":-32602,"message":"{message}","data":{{"mnemonic":"{mnemonic}","field":"{field}","params":{params}}}}}"#
    )
}

/// Rows of a listing.
pub(crate) fn page(rows: &str, total: &str) -> String {
    format!(r#""result":{{"data":[{rows}],"metadata":{{"total_items":{total}}}}}"#)
}
