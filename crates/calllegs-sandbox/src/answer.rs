//! An answer as HTTP: status, headers, body, and how the bytes go out. What the body says is the matter of the API;
//! what becomes of a finished answer on its way is decided here, and carried out by whoever holds the socket.

use serde_json::value::RawValue;

use crate::fault::{Kind, Turn};

/// The answer to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// The header `Location`.
    pub location: Option<&'static str>,
    /// The whole body, even where only a part of it arrives.
    pub body: Vec<u8>,
    /// How the answer goes out.
    pub delivery: Delivery,
    /// The fault that hit it, which the header `X-Sandbox-Fault` names.
    pub fault: Option<&'static str>,
}

/// How an answer goes out. A server carries it out; a simulation makes of it what its transport would see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// At once, as it is.
    Whole,
    /// As it is, so many milliseconds late.
    Late {
        /// Before the first byte.
        milliseconds: u64,
    },
    /// In pieces of so many bytes, so many milliseconds apart.
    Dribbled {
        /// Bytes of a piece, at least 1.
        piece: usize,
        /// Before each piece but the first.
        milliseconds: u64,
    },
    /// The `Content-Length` is that of the whole body, and the connection breaks after so many bytes of it.
    Cut {
        /// Bytes that arrive.
        after: usize,
    },
    /// The connection breaks before the first byte.
    Closed,
    /// Never: the connection stays open until the client gives it up.
    Never,
    /// The body goes out as `Content-Encoding: gzip` and cannot be unpacked.
    BrokenGzip,
}

const JSON: &str = "application/json; charset=UTF-8";

impl Answer {
    /// What the API says.
    pub(crate) fn json(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: JSON,
            retry_after: None,
            location: None,
            body,
            delivery: Delivery::Whole,
            fault: None,
        }
    }

    /// What something before the API says, so that the call never runs.
    pub(crate) fn gateway(turn: &mut Turn) -> Option<Self> {
        let (kind, status, content_type, body) = GATEWAY.into_iter().find(|(kind, ..)| turn.hits(*kind))?;
        Some(Self {
            content_type,
            retry_after: (kind == Kind::Http429).then_some(1),
            location: (kind == Kind::Redirect).then_some("https://sandbox.invalid/v2.0"),
            ..Self::json(status, body.into())
        })
    }

    /// What stands before a server that is down says.
    pub(crate) fn unavailable() -> Self {
        Self { content_type: "text/plain", ..Self::json(503, Vec::new()) }
    }

    /// Damages the JSON of a call that succeeded.
    pub(crate) fn spoil(&mut self, turn: &mut Turn, id: &RawValue) {
        let body = &mut self.body;
        if turn.hits(Kind::BadJson) {
            body.pop();
            body.push(b',');
        }
        if turn.hits(Kind::EmptyBody) {
            body.clear();
        }
        if turn.hits(Kind::ResultNull) {
            *body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":null}}"#).into_bytes();
        }
        if turn.hits(Kind::WrongId) {
            let end = ENVELOPE.len() + id.get().len();
            body.splice(ENVELOPE.len()..end, *br#""sandbox-wrong-id""#);
        }
        if turn.hits(Kind::Bom) {
            body.splice(0..0, *b"\xef\xbb\xbf");
        }
    }

    /// Decides how a finished answer goes out.
    pub(crate) fn send(&mut self, turn: &mut Turn) {
        let length = self.body.len();
        // Somewhere in the middle, never the whole.
        let part = turn.random.below(u32::try_from(length).unwrap_or(u32::MAX)) as usize;
        let first_way = turn.random.chance(500);
        if turn.hits(Kind::Reset) {
            self.delivery = if first_way { Delivery::Closed } else { Delivery::Cut { after: part } };
        }
        if turn.hits(Kind::Truncate) {
            if first_way {
                self.body.truncate(part);
            } else {
                self.delivery = Delivery::Cut { after: part };
            }
        }
        if let Some(fault) = turn.take(Kind::SlowFirstByte) {
            self.delivery = Delivery::Late { milliseconds: fault.milliseconds.unwrap_or(3000) };
        }
        if let Some(fault) = turn.take(Kind::Dribble) {
            let milliseconds = fault.milliseconds.unwrap_or(200);
            self.delivery = Delivery::Dribbled { piece: length.div_ceil(10).max(1), milliseconds };
        }
        if turn.hits(Kind::Hang) {
            self.delivery = Delivery::Never;
        }
        if turn.hits(Kind::GzipBroken) {
            self.delivery = Delivery::BrokenGzip;
        }
    }
}

/// What stands between a client and the API says these: status, type, body.
const GATEWAY: [(Kind, u16, &str, &str); 6] = [
    (Kind::Http429, 429, "text/plain", "Too Many Requests"),
    (Kind::Http500, 500, "text/plain", "Internal Server Error"),
    (Kind::Http502Html, 502, "text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>"),
    (Kind::Http503, 503, "text/plain", ""),
    (Kind::Redirect, 307, "text/plain", ""),
    (Kind::ErrorAs200, 200, "text/plain", "Internal Server Error"),
];

/// Where every reply has the id of its request.
pub(crate) const ENVELOPE: &[u8] = br#"{"jsonrpc":"2.0","id":"#;
