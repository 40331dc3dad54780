//! Framing: JSON-RPC 2.0 as this API speaks it (docs/api.md 2). Requests are written, envelopes are read.
//!
//! Accepted is only `"jsonrpc": "2.0"` with the id of the request (an error may carry a null id instead). Both
//! generations of the success envelope and errors with or without metadata are read. A body that is JSON but for single
//! values is repaired and read again, and the reply says so. Not here: HTTP, retries.
//!
//! ```
//! use calllegs_core::{Accounts, Identity, Query, RequestId, rpc};
//!
//! let (call, id) = (Query::<Accounts>::all(), RequestId::new(1));
//! let body = rpc::request(&call, &Identity::key("secret"), id)?;
//! assert_eq!(
//!     body.as_bytes(),
//!     br#"{"jsonrpc":"2.0","id":1,"method":"get.account","params":{"access_token":"secret"}}"#,
//! );
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"app_id":1103,"timezone":"Europe/Moscow"}]}}"#;
//! let page = rpc::reply(&call, id, reply)?;
//! assert_eq!(page.rows[0].timezone.as_deref(), Some("Europe/Moscow"));
//! assert!(rpc::reply(&call, RequestId::new(2), reply).is_err(), "it answers another request");
//! # Ok::<(), calllegs_core::Error>(())
//! ```

use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

pub use crate::metadata::Metadata;
use crate::{
    call::{Call, Params, write_json},
    error::{Error, ErrorKind, ServerError},
    transport::Body,
    value::{lenient::LenientValue, repair::repair},
};

/// The id of a request; the reply must carry the same. Any number below 2^63 will do, it need not be random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(u64);

impl RequestId {
    /// An id.
    pub const fn new(id: u64) -> Self {
        Self(id)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// What identifies the caller inside `params`: there is no authentication header.
#[derive(Clone, Copy, Default)]
#[non_exhaustive]
pub struct Identity<'a> {
    /// `access_token`: a key of the cabinet or of a session.
    pub access_token: Option<&'a str>,
    /// `user_id`: for partners, the client's user on whose behalf the call is made.
    pub user_id: Option<u64>,
}

impl<'a> Identity<'a> {
    /// The holder of a key.
    pub fn key(access_token: &'a str) -> Self {
        Self { access_token: Some(access_token), user_id: None }
    }
}

/// Shows on whose behalf, and not the token.
impl fmt::Debug for Identity<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Writes the body of a request. It carries the access token: do not log it.
///
/// # Errors
/// Of kind [`Build`](crate::ErrorKind::Build) when the call is not legal.
pub fn request<C: Call>(call: &C, identity: &Identity<'_>, id: RequestId) -> Result<Body, Error> {
    let mut params = Params::default();
    if let Some(token) = identity.access_token {
        params.member("access_token", token);
    }
    if let Some(user) = call.user_id().or(identity.user_id) {
        params.member("user_id", &user);
    }
    call.encode(&mut params)?;
    let mut body = Vec::with_capacity(params.len() + 128);
    body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
    body.extend_from_slice(id.0.to_string().as_bytes());
    body.extend_from_slice(br#","method":"#);
    write_json(&mut body, call.method());
    body.extend_from_slice(br#","params":"#);
    params.finish(&mut body);
    body.push(b'}');
    Ok(Body::new(body))
}

/// Reads the body of a reply.
///
/// # Errors
/// Of kind [`Decode`](crate::ErrorKind::Decode) when it is not a reply to this request, of kind
/// [`Server`](crate::ErrorKind::Server) when the server answered with an error.
pub fn reply<C: Call>(call: &C, id: RequestId, body: &[u8]) -> Result<C::Reply, Error> {
    reply_with_metadata(call, id, body).map(|(reply, _)| reply)
}

/// [`reply`] with the metadata beside it, which the machine reads too.
pub(crate) fn reply_with_metadata<C: Call>(
    call: &C,
    id: RequestId,
    body: &[u8],
) -> Result<(C::Reply, Metadata), Error> {
    // A byte order mark is no part of JSON, but some gateways add one.
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    let text = simdutf8::basic::from_utf8(body).map_err(|_| Error::decode("the reply is not UTF-8", None));
    let read = text.and_then(|text| read(call, id, text, 0));
    let Err(error) = read else { return read };
    if error.kind() != ErrorKind::Decode {
        return Err(error);
    }
    let Some(repaired) = repair(body) else { return Err(error) };
    match self::read(call, id, &repaired.text, repaired.values) {
        // Of a body that is broken otherwise too, the first word holds.
        Err(again) if again.kind() == ErrorKind::Decode => Err(error),
        read => read,
    }
}

/// Reads a body that is JSON, after the repair of so many values.
fn read<C: Call>(call: &C, id: RequestId, body: &str, repaired: u64) -> Result<(C::Reply, Metadata), Error> {
    if let Some(reply) = long_reply(call, id, body, repaired) {
        return Ok(reply);
    }
    let (data, metadata) = envelope(id, body)?;
    let metadata = Metadata { repaired, ..metadata };
    call.decode(data.get(), &metadata).map(|reply| (reply, metadata))
}

/// Bodies below this length are not worth a guess.
const LONG: usize = 1 << 16;

/// How far into a body `data` is looked for.
const HEAD: usize = 1 << 10;

/// Reads the reply of a page once, not twice. Where the array of rows begins and ends is guessed: at the first `"data":`
/// and the last bracket. The guess is right when the body is an envelope with something else in the place of the array,
/// and the call reads the array to its end. Any other body is read in the plain way, and so is every error.
fn long_reply<C: Call>(call: &C, id: RequestId, body: &str, repaired: u64) -> Option<(C::Reply, Metadata)> {
    const NAME: &[u8] = br#""data":"#;
    if body.len() < LONG {
        return None;
    }
    let head = body.as_bytes().get(..HEAD)?;
    let behind = head.windows(NAME.len()).position(|bytes| bytes == NAME)? + NAME.len();
    let start = behind + head.get(behind..)?.iter().position(|byte| !b" \n\r\t".contains(byte))?;
    let end = body.rfind(']')? + 1;
    let data = body.get(start..end).filter(|data| data.starts_with('['))?;
    let without = [body.get(..start)?, "0", body.get(end..)?].concat();
    let (hole, metadata) = envelope(id, &without).ok()?;
    if hole.get().as_ptr().addr() - without.as_ptr().addr() != start {
        return None;
    }
    let metadata = Metadata { repaired, ..metadata };
    Some((call.decode(data, &metadata).ok()?, metadata))
}

/// The data and metadata of a reply to the request of this id.
fn envelope(id: RequestId, body: &str) -> Result<(&RawValue, Metadata), Error> {
    let envelope: Envelope<'_> = serde_json::from_str(body)
        .map_err(|error| Error::decode("the reply is not a JSON-RPC object", Some(error)))?;
    if envelope.jsonrpc.as_ref().and_then(LenientValue::text) != Some("2.0") {
        return Err(Error::decode("the reply does not say `\"jsonrpc\": \"2.0\"`", None));
    }
    let answers = envelope
        .id
        .as_ref()
        .and_then(LenientValue::integer)
        .is_some_and(|echo| u64::try_from(echo) == Ok(id.0));
    if let Some(error) = envelope.error {
        let unnumbered = matches!(envelope.id, None | Some(LenientValue::Null));
        return Err(if answers || unnumbered { Error::from_server(error) } else { foreign() });
    }
    if !answers {
        return Err(foreign());
    }
    let Some(result) = envelope.result else {
        return Err(Error::decode("the reply has neither `result` nor `error`", None));
    };
    let Some(data) = result.data else {
        return Err(Error::decode("`result` has no `data`", None));
    };
    let metadata = result.metadata.or(result.meta_data).unwrap_or_default();
    Ok((data, metadata))
}

fn foreign() -> Error {
    Error::decode("the reply carries the id of another request", None)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    jsonrpc: Option<LenientValue<'a>>,
    #[serde(borrow)]
    id: Option<LenientValue<'a>>,
    // Read in the same pass as the envelope: a page is ten megabytes.
    #[serde(borrow)]
    result: Option<Outcome<'a>>,
    error: Option<ServerError>,
}

#[derive(Deserialize)]
struct Outcome<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    metadata: Option<Metadata>,
    // The sample of get.account spells it so.
    meta_data: Option<Metadata>,
}
