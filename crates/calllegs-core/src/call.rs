//! Calls: what a method sends and how its reply is read. Not here: tokens, ids, HTTP; the machine adds them.
//!
//! Queries of listings are calls. A method that the tables do not have is a [`Raw`] call, or one of a type of its own:
//!
//! ```
//! use calllegs_core::{Error, RequestId, call::{Call, Params}, rpc::{self, Metadata}};
//!
//! /// `get.tags`: the tags of the account.
//! #[derive(Debug)]
//! struct Tags;
//!
//! #[derive(Debug, PartialEq, serde::Deserialize)]
//! struct Tag {
//!     id: u64,
//!     name: String,
//! }
//!
//! impl Call for Tags {
//!     type Reply = Vec<Tag>;
//!
//!     fn method(&self) -> &str {
//!         "get.tags"
//!     }
//!
//!     fn encode(&self, params: &mut Params) -> Result<(), Error> {
//!         params.member("limit", &1000);
//!         Ok(())
//!     }
//!
//!     fn decode(&self, data: &str, _: &Metadata) -> Result<Vec<Tag>, Error> {
//!         serde_json::from_str(data).map_err(|_| Error::unreadable("the tags are no list of tags"))
//!     }
//! }
//!
//! let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":5,"name":"sale"}]}}"#;
//! let tags = rpc::reply(&Tags, RequestId::new(1), reply)?;
//! assert_eq!(tags, [Tag { id: 5, name: "sale".to_owned() }]);
//! # Ok::<(), Error>(())
//! ```

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    error::Error,
    generated::calls::{login_user::LOGIN_USER, logout_user::LOGOUT_USER},
    metadata::Metadata,
    value::{
        lenient::LenientValue,
        secret::{Password, SessionToken},
    },
};

/// One call of one method. A call never sees the access token, so it cannot leak it.
pub trait Call: fmt::Debug {
    /// What a successful reply means.
    type Reply;

    /// `verb.object`, as the request names it.
    fn method(&self) -> &str;

    /// Writes the members of `params`, without `access_token` and `user_id`.
    ///
    /// # Errors
    /// Of kind [`Build`](crate::ErrorKind::Build) when the server would refuse the call.
    fn encode(&self, params: &mut Params) -> Result<(), Error>;

    /// Reads the JSON text of `result.data`. That all of it is JSON is for the call to see to: a page of ten megabytes is
    /// read once.
    ///
    /// # Errors
    /// Of kind [`Decode`](crate::ErrorKind::Decode) when it is not what the method promises.
    fn decode(&self, data: &str, metadata: &Metadata) -> Result<Self::Reply, Error>;

    /// Points that a successful call costs.
    fn cost(&self) -> u32 {
        1
    }

    /// Whether making the call twice does the same as making it once. By the verb, unless overridden.
    fn is_idempotent(&self) -> bool {
        is_idempotent(self.method())
    }

    /// Whether the call is made with an access token: all but `login.user`.
    fn is_authenticated(&self) -> bool {
        true
    }

    /// Whether `user_id` of a partner may be added.
    fn takes_user_id(&self) -> bool {
        true
    }

    /// The user of a client on whose behalf a partner makes this call; `None` for that of the
    /// [account](crate::Account::acting_for), if it has one.
    fn user_id(&self) -> Option<u64> {
        None
    }
}

/// Reads and repeatable writes are; `create` and `add` are not, and neither is a verb that nobody knows.
fn is_idempotent(method: &str) -> bool {
    let verb = method.split('.').next().unwrap_or_default();
    matches!(
        verb,
        "delete"
            | "disable"
            | "enable"
            | "get"
            | "getobj"
            | "login"
            | "logout"
            | "set"
            | "unset"
            | "update"
            | "upload"
    )
}

/// The members of `params` while they are written. Debug shows the length only.
#[derive(Default)]
pub struct Params {
    json: Vec<u8>,
}

impl Params {
    /// Adds a member. A value that does not serialise (a map with keys that are not text) is sent as null.
    pub fn member(&mut self, name: &str, value: &(impl Serialize + ?Sized)) {
        self.json.push(if self.json.is_empty() { b'{' } else { b',' });
        write_json(&mut self.json, name);
        self.json.push(b':');
        write_json(&mut self.json, value);
    }

    pub(crate) fn len(&self) -> usize {
        self.json.len()
    }

    pub(crate) fn finish(self, body: &mut Vec<u8>) {
        body.extend_from_slice(&self.json);
        body.extend_from_slice(if self.json.is_empty() { b"{}" } else { b"}" });
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({} bytes)", self.json.len())
    }
}

/// Writes a value that always serialises: our own types with text keys.
pub(crate) fn write_json(body: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    if serde_json::to_writer(&mut *body, value).is_err() {
        debug_assert!(false, "a request value does not serialise");
        body.extend_from_slice(b"null");
    }
}

/// `login.user`: opens a session of one hour. The machine makes this call by itself when credentials are a login.
pub struct Login<'a> {
    login: &'a str,
    password: &'a Password,
}

impl<'a> Login<'a> {
    /// Signs in.
    pub fn new(login: &'a str, password: &'a Password) -> Self {
        Self { login, password }
    }
}

/// Shows nothing of it: a login can be a person's address.
impl fmt::Debug for Login<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login")
    }
}

/// What `login.user` returns.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoginReply {
    /// The key of the session.
    pub access_token: SessionToken,
    /// When it ends, Unix seconds (docs/api.md 1.4), if the server says so as a number.
    pub expire_at: Option<i64>,
    /// The client account.
    pub app_id: Option<i64>,
}

impl Call for Login<'_> {
    type Reply = LoginReply;

    fn method(&self) -> &str {
        LOGIN_USER.name
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        params.member("login", self.login);
        params.member("password", self.password.expose());
        Ok(())
    }

    fn decode(&self, data: &str, _: &Metadata) -> Result<LoginReply, Error> {
        #[derive(Deserialize)]
        struct Data<'a> {
            access_token: String,
            #[serde(borrow)]
            expire_at: Option<LenientValue<'a>>,
            #[serde(borrow)]
            expire: Option<LenientValue<'a>>,
            #[serde(borrow)]
            app_id: Option<LenientValue<'a>>,
        }
        let data: Data<'_> = serde_json::from_str(data)
            .map_err(|error| Error::decode("login.user did not return an access token", Some(error)))?;
        Ok(LoginReply {
            access_token: SessionToken::new(data.access_token),
            expire_at: data.expire_at.or(data.expire).and_then(|at| at.integer()),
            app_id: data.app_id.and_then(|id| id.integer()),
        })
    }

    fn cost(&self) -> u32 {
        LOGIN_USER.cost
    }

    fn is_authenticated(&self) -> bool {
        false
    }

    fn takes_user_id(&self) -> bool {
        false
    }
}

/// `logout.user`: ends the session at once. The next call signs in again.
///
/// ```
/// use calllegs_core::{Error, blocking::Client, call::Logout};
///
/// fn leave(client: &Client) -> Result<(), Error> {
///     client.call(Logout)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "a unit struct: the method has no parameters")]
pub struct Logout;

impl Call for Logout {
    type Reply = ();

    fn method(&self) -> &str {
        LOGOUT_USER.name
    }

    fn encode(&self, _: &mut Params) -> Result<(), Error> {
        Ok(())
    }

    fn decode(&self, _: &str, _: &Metadata) -> Result<(), Error> {
        Ok(())
    }

    fn cost(&self) -> u32 {
        LOGOUT_USER.cost
    }

    fn takes_user_id(&self) -> bool {
        false
    }
}

/// A call of a method that the tables do not have: any params, the reply as JSON text.
#[derive(Clone)]
pub struct Raw {
    method: Box<str>,
    params: serde_json::Map<String, serde_json::Value>,
}

impl Raw {
    /// A call of `verb.object` with these params, without `access_token`.
    pub fn new(method: impl Into<Box<str>>, params: serde_json::Map<String, serde_json::Value>) -> Self {
        Self { method: method.into(), params }
    }
}

/// Shows the method and the names of the params, not their values.
impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.params.keys().collect();
        write!(f, "Raw({}, {names:?})", self.method)
    }
}

impl Call for Raw {
    type Reply = (Box<RawValue>, Metadata);

    fn method(&self) -> &str {
        &self.method
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        for (name, value) in &self.params {
            params.member(name, value);
        }
        Ok(())
    }

    fn decode(&self, data: &str, metadata: &Metadata) -> Result<Self::Reply, Error> {
        let data = RawValue::from_string(data.to_owned());
        Ok((data.map_err(|error| Error::decode("`data` is not JSON", Some(error)))?, *metadata))
    }

    fn takes_user_id(&self) -> bool {
        !self.params.contains_key("user_id")
    }
}
