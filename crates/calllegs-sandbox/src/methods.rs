//! Which methods there are: those that are answered, by the tables of the crates that clients use, and those that are
//! refused by name. Not here: rows (`accounts`), checks of parameters (`params`, `listing`).

use calllegs_core::{
    Accounts, Brand, CallLegs, CustomerUsers, LOGIN_USER, LOGOUT_USER, Mnemonic,
    schema::{Audience, DEFAULT, FieldInfo, Kind, Listing, MethodInfo, ParamInfo},
};
use calllegs_reports::METHODS;

use crate::denial::Denial;

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    /// What the server says of itself.
    Discover,
    Listing(&'static MethodInfo),
    Login,
    Logout,
    /// `getobj.account`.
    Object,
}

impl Method {
    /// The method of this name, if the brand's pages have it.
    ///
    /// # Errors
    /// `method_not_found`; of a method that changes something, that it is not answered here.
    pub(crate) fn find(name: &str, brand: Brand) -> Result<Self, Denial> {
        let own = [Self::Discover, Self::Login, Self::Logout, Self::Object];
        let listings = listings().map(Self::Listing);
        let mut known = own.into_iter().chain(listings);
        let found = known.find(|method| method.info().name == name);
        match found.filter(|method| method.info().is_documented(brand)) {
            Some(method) => Ok(method),
            None if is_writing(name) => Err(Denial::from(Mnemonic::Error).param("error_message", READ_ONLY)),
            None => Err(Mnemonic::MethodNotFound.into()),
        }
    }

    pub(crate) fn info(self) -> &'static MethodInfo {
        match self {
            Self::Discover => &DISCOVER,
            Self::Listing(info) => info,
            Self::Login => &LOGIN_USER,
            Self::Logout => &LOGOUT_USER,
            Self::Object => &ACCOUNT_OBJECT,
        }
    }
}

/// Every method with a table, by name.
pub(crate) fn all() -> Vec<&'static MethodInfo> {
    let mut all: Vec<_> = listings().chain([&ACCOUNT_OBJECT, &LOGIN_USER, &LOGOUT_USER]).collect();
    all.sort_by_key(|info| info.name);
    all
}

/// Whether the method answers with rows.
pub(crate) fn is_listing(name: &str) -> bool {
    listings().any(|info| info.name == name)
}

fn listings() -> impl Iterator<Item = &'static MethodInfo> {
    [CallLegs::METHOD, Accounts::METHOD, CustomerUsers::METHOD].into_iter().chain(METHODS)
}

/// Whether a method of this name would change something.
fn is_writing(name: &str) -> bool {
    const VERBS: [&str; 9] =
        ["add", "create", "delete", "disable", "enable", "set", "unset", "update", "upload"];
    name.split_once('.').is_some_and(|(verb, object)| VERBS.contains(&verb) && !object.is_empty())
}

/// Why methods that change something are refused.
pub(crate) const READ_ONLY: &str =
    "This sandbox answers methods that read; what would change something is refused";

/// The method of `OpenRPC` itself. It takes no key and costs nothing.
static DISCOVER: MethodInfo = MethodInfo::new("rpc.discover", 0, Audience::Everybody, &[], &[]);

/// An object, not a listing: no table of the clients' crates has it.
static ACCOUNT_OBJECT: MethodInfo =
    MethodInfo::new("getobj.account", 1, Audience::Everybody, &OBJECT_PARAMS, &OBJECT_FIELDS)
        .only_on(&[Brand::Callgear, Brand::Comagic]);

static OBJECT_PARAMS: [ParamInfo; 2] =
    [ParamInfo::new("access_token", Kind::String, true), ParamInfo::new("user_id", Kind::Number, false)];

static OBJECT_FIELDS: [FieldInfo; 8] = [
    FieldInfo::new(0, "app_id", Kind::Number, DEFAULT, "Identifier of the account."),
    FieldInfo::new(1, "app_name", Kind::String, DEFAULT, "Name of the account's owner."),
    FieldInfo::new(2, "app_state", Kind::String, DEFAULT, "Whether the account works."),
    FieldInfo::new(3, "customer_id", Kind::Number, DEFAULT, "Identifier of the customer."),
    FieldInfo::new(4, "is_agent_app", Kind::Boolean, DEFAULT, "Whether it is the account of a partner."),
    FieldInfo::new(5, "timezone", Kind::String, DEFAULT, "Name of the time zone that all times are in."),
    FieldInfo::new(6, "user_id", Kind::Number, DEFAULT, "Identifier of the user."),
    FieldInfo::new(7, "user_login", Kind::String, DEFAULT, "Login name of the user."),
];
