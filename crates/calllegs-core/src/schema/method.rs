//! The tables of a method: what it costs, who may call it, its parameters and fields, and what tells its rows apart. Not
//! here: how a listing of these properties is read ([`shape`](super::shape)).

use super::{Brand, FieldInfo, Kind};

/// One parameter of a method.
#[derive(Debug)]
#[non_exhaustive]
pub struct ParamInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// The documented type.
    pub kind: Kind,
    /// Whether the server refuses a call without it.
    pub required: bool,
}

impl ParamInfo {
    /// A parameter of a method.
    pub const fn new(name: &'static str, kind: Kind, required: bool) -> Self {
        Self { name, kind, required }
    }
}

/// Whose keys may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// Keys of client accounts.
    Client,
    /// Keys of partners (agents).
    Partner,
    /// Both.
    Everybody,
}

/// One method of the API.
#[derive(Debug)]
#[non_exhaustive]
pub struct MethodInfo {
    /// `verb.object`, as the request names it.
    pub name: &'static str,
    /// Points that a successful call costs.
    pub cost: u32,
    /// Whose keys may call it.
    pub audience: Audience,
    /// The parameters, in documented order.
    pub params: &'static [ParamInfo],
    /// The fields of `result.data`, in documented order.
    pub fields: &'static [FieldInfo],
    brands: &'static [Brand],
    identity: &'static [&'static str],
    order: &'static [&'static str],
}

impl MethodInfo {
    /// A method with these tables.
    pub const fn new(
        name: &'static str,
        cost: u32,
        audience: Audience,
        params: &'static [ParamInfo],
        fields: &'static [FieldInfo],
    ) -> Self {
        Self { name, cost, audience, params, fields, brands: Brand::ALL, identity: &[], order: &[] }
    }

    /// Documented by these brands only.
    #[must_use]
    pub const fn only_on(mut self, brands: &'static [Brand]) -> Self {
        self.brands = brands;
        self
    }

    /// No two rows have the same values in these fields. Without it rows are counted only.
    #[must_use]
    pub const fn identified_by(mut self, fields: &'static [&'static str]) -> Self {
        self.identity = fields;
        self
    }

    /// The field that places a row in the period, and where rows of one call can be told, the field of the call.
    #[must_use]
    pub const fn ordered_by(mut self, fields: &'static [&'static str]) -> Self {
        self.order = fields;
        self
    }

    /// The fields that together tell a row apart; none where nothing is known to.
    pub fn identity(&self) -> impl Iterator<Item = &'static FieldInfo> {
        self.identity.iter().filter_map(|name| self.field(name))
    }

    /// The field that places a row in the period: when it began.
    pub fn order(&self) -> Option<&'static FieldInfo> {
        self.field(self.order.first()?)
    }

    /// The field of the call that a row is part of.
    pub(crate) fn session(&self) -> Option<&'static FieldInfo> {
        self.field(self.order.get(1)?)
    }

    /// Whether the method requires a period: `date_from` and `date_till`.
    pub fn is_over_period(&self) -> bool {
        let requires = |name: &str| self.params.iter().any(|param| param.required && param.name == name);
        requires("date_from") && requires("date_till")
    }

    /// Whether the brand's pages list the method.
    pub fn is_documented(&self, brand: Brand) -> bool {
        self.brands.iter().any(|documented| documented.table() == brand.table())
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static FieldInfo> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether the method documents a parameter of this name.
    pub fn takes(&self, param: &str) -> bool {
        self.params.iter().any(|info| info.name == param)
    }
}
