//! A server that does not limit: it answers a request that it has seen before from memory, as fast as the socket takes it.
//! What it has not seen the emulator makes. Not here: anything that a server of HTTP should be beside that.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use calllegs_sandbox::{Builder, Emulator};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

use crate::NOW;

/// The server; it ends with the process.
#[derive(Clone, Debug)]
pub struct Canned {
    port: u16,
}

struct Memory {
    emulator: Emulator,
    replies: HashMap<String, Arc<Reply>>,
    gzip: bool,
}

/// A reply behind the id, which differs from run to run.
struct Reply {
    tail: Vec<u8>,
    packed: bool,
}

impl Canned {
    /// Serves this world, packed where that is asked for, or never.
    pub fn start(world: Builder, gzip: bool) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let emulator = world.emulator().unwrap();
        let memory = Arc::new(Mutex::new(Memory { emulator, replies: HashMap::new(), gzip }));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let memory = Arc::clone(&memory);
                // A client that goes away ends its thread.
                thread::spawn(move || serve(&stream, &memory));
            }
        });
        Self { port }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v2.0", self.port)
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }
}

fn serve(stream: &TcpStream, memory: &Mutex<Memory>) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut length, mut gzip) = (0, false);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            let line = line.trim_end().to_ascii_lowercase();
            match line.split_once(": ") {
                Some(("content-length", value)) => length = value.parse().ok()?,
                Some(("accept-encoding", value)) => gzip = value.contains("gzip"),
                Some(("expect", _)) => (&mut &*stream).write_all(b"HTTP/1.1 100 Continue\r\n\r\n").ok()?,
                None if line.is_empty() => break,
                Some(_) | None => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let mut request: Value = serde_json::from_slice(&body).ok()?;
        let id = request.as_object_mut()?.remove("id")?;
        let reply = memory.lock().unwrap().reply(&request, gzip)?;
        let mut head = format!("{{\"jsonrpc\":\"2.0\",\"id\":{id}").into_bytes();
        let mut encoding = "";
        if reply.packed {
            head = pack(&head);
            encoding = "Content-Encoding: gzip\r\n";
        }
        let total = head.len() + reply.tail.len();
        let mut stream = stream;
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{encoding}Content-Length: {total}\r\n\r\n"
        )
        .ok()?;
        stream.write_all(&head).ok()?;
        stream.write_all(&reply.tail).ok()?;
    }
}

impl Memory {
    fn reply(&mut self, request: &Value, gzip: bool) -> Option<Arc<Reply>> {
        let packed = gzip && self.gzip;
        let key = format!("{packed}{request}");
        if let Some(reply) = self.replies.get(&key) {
            return Some(Arc::clone(reply));
        }
        let mut asked = request.clone();
        asked.as_object_mut()?.insert("id".to_owned(), 1.into());
        let body = self.emulator.handle(NOW, asked.to_string().as_bytes());
        let mut tail = body.strip_prefix(br#"{"jsonrpc":"2.0","id":1"#)?.to_vec();
        if packed {
            tail = pack(&tail);
        }
        let reply = Arc::new(Reply { tail, packed });
        self.replies.insert(key, Arc::clone(&reply));
        Some(reply)
    }
}

/// A member of a gzip stream.
fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
