//! What the API documents: brands, methods, parameters, fields and their flags, operators and errors, as static tables.
//!
//! The tables are written by `cargo xtask codegen` from the project's specification; this module holds their types.
//! Compile-time legality ([`Field`]) and the runtime table ([`FieldInfo`]) come from the same line of it.

mod cell;
mod field;
mod field_value;
mod method;
mod mnemonic;
mod nested;
mod operator;
mod record;
mod shape;

pub use cell::{Cell, Items};
pub use field::{AllowsFilter, AllowsSort, Field, Filterable, NotFilterable, NotSortable, Sortable};
pub use field_value::{Container, FieldValue, Listed, Ordered, Scalar, Textual};
pub(crate) use field_value::{enum_values, id_values};
pub use method::{Audience, MethodInfo, ParamInfo};
pub use mnemonic::{MnemonicInfo, Retryability};
pub use nested::Nested;
pub use operator::{Operator, OperatorInfo};
pub(crate) use record::record;
pub use record::{Cells, Extra, Record, Selected, Values};
#[doc(hidden)]
pub use record::{debug as debug_record, keep};
pub use shape::{AnyListing, Shape};

use crate::value::word::serde_words;

/// The four platforms that share the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Brand {
    /// CallGear; its page documents fewer fields and operators.
    Callgear,
    /// CoMagic.
    Comagic,
    /// Novofon; its page documents fewer operators.
    Novofon,
    /// UIS: the tables of CoMagic with a host of its own.
    Uis,
}

impl Brand {
    /// All brands.
    pub const ALL: &'static [Self] = &[Self::Callgear, Self::Comagic, Self::Novofon, Self::Uis];

    /// The lower-case name, as flags and configuration spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Callgear => "callgear",
            Self::Comagic => "comagic",
            Self::Novofon => "novofon",
            Self::Uis => "uis",
        }
    }

    /// Which documented table holds for the brand.
    const fn table(self) -> usize {
        match self {
            Self::Comagic | Self::Uis => 0,
            Self::Novofon => 1,
            Self::Callgear => 2,
        }
    }
}

serde_words!(Brand, "brand");

/// The type of a field or parameter, as the documentation names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// `array`.
    Array,
    /// `boolean`.
    Boolean,
    /// `enum`: one of [`FieldInfo::words`], or a word that is newer than the tables.
    Enum,
    /// `id`: a number in practice.
    Id,
    /// `iso8601`: in fact `YYYY-MM-DD hh:mm:ss` without a zone.
    Iso8601,
    /// `number`.
    Number,
    /// `object`.
    Object,
    /// `string`.
    String,
}

impl Kind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[
        Self::Array,
        Self::Boolean,
        Self::Enum,
        Self::Id,
        Self::Iso8601,
        Self::Number,
        Self::Object,
        Self::String,
    ];

    /// The documentation's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Array => "array",
            Self::Boolean => "boolean",
            Self::Enum => "enum",
            Self::Id => "id",
            Self::Iso8601 => "iso8601",
            Self::Number => "number",
            Self::Object => "object",
            Self::String => "string",
        }
    }
}

serde_words!(Kind, "kind of field");

/// Flag of [`FieldInfo`]: the brand documents the field.
pub const DOCUMENTED: u8 = 1;
/// Flag of [`FieldInfo`]: usable in `filter`.
pub const FILTER: u8 = 2;
/// Flag of [`FieldInfo`]: usable in `sort`.
pub const SORT: u8 = 4;
/// Flag of [`FieldInfo`]: in the reply when `fields` is not given.
pub const DEFAULT: u8 = 8;

/// One field of a listing, with its flags in each brand.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldInfo {
    name: &'static str,
    position: usize,
    kind: Kind,
    flags: [u8; 3],
    deprecated: bool,
    words: &'static [&'static str],
    aliases: &'static [(&'static str, &'static str)],
    members: &'static [Self],
    is_decimal: bool,
    is_json: bool,
    summary: &'static str,
}

impl FieldInfo {
    /// A field with these flags in every brand.
    pub const fn new(
        position: usize,
        name: &'static str,
        kind: Kind,
        flags: u8,
        summary: &'static str,
    ) -> Self {
        let flags = [flags | DOCUMENTED; 3];
        Self {
            name,
            position,
            kind,
            flags,
            deprecated: false,
            words: &[],
            aliases: &[],
            members: &[],
            is_decimal: false,
            is_json: matches!(kind, Kind::Object),
            summary,
        }
    }

    /// Other flags in one brand; 0 when its page lacks the field.
    #[must_use]
    pub const fn on(mut self, brand: Brand, flags: u8) -> Self {
        let flags = if flags == 0 { 0 } else { flags | DOCUMENTED };
        match &mut self.flags {
            [comagic, novofon, callgear] => match brand.table() {
                0 => *comagic = flags,
                1 => *novofon = flags,
                _ => *callgear = flags,
            },
        }
        self
    }

    /// Announced to disappear.
    #[must_use]
    pub const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    /// The words of an enum, and further spellings of them.
    #[must_use]
    pub const fn words_of(
        mut self,
        words: &'static [&'static str],
        aliases: &'static [(&'static str, &'static str)],
    ) -> Self {
        self.words = words;
        self.aliases = aliases;
        self
    }

    /// What an object, or each item of an array, is made of.
    #[must_use]
    pub const fn members(mut self, members: &'static [Self]) -> Self {
        self.members = members;
        self.is_json = true;
        self
    }

    /// A number that may have a fraction.
    #[must_use]
    pub const fn decimal(mut self) -> Self {
        self.is_decimal = true;
        self
    }

    /// An array of something else than texts: its values are JSON.
    #[must_use]
    pub const fn json(mut self) -> Self {
        self.is_json = true;
        self
    }

    /// The name on the wire.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its place in the method's table, from 0.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// The documented type.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// One line on what it means.
    pub const fn summary(&self) -> &'static str {
        self.summary
    }

    /// Whether it is announced to disappear.
    pub const fn is_deprecated(&self) -> bool {
        self.deprecated
    }

    /// The known words of an enum, empty for other kinds.
    pub const fn words(&self) -> &'static [&'static str] {
        self.words
    }

    /// The fields of an object, or of each item of an array; empty where none are documented.
    pub const fn parts(&self) -> &'static [Self] {
        self.members
    }

    /// Whether its numbers may have a fraction.
    pub const fn is_decimal(&self) -> bool {
        self.is_decimal
    }

    /// Whether its values are structures, which cells hold as JSON text.
    pub const fn is_json(&self) -> bool {
        self.is_json
    }

    /// Further spellings of [`words`](Self::words): `(spelling, word)`.
    pub const fn aliases(&self) -> &'static [(&'static str, &'static str)] {
        self.aliases
    }

    /// Whether the brand's page lists the field. Fields of one brand may well exist on the others.
    pub const fn is_documented(&self, brand: Brand) -> bool {
        self.has(brand, DOCUMENTED)
    }

    /// Whether the field may stand in `filter`; `None` asks whether any brand allows it.
    pub fn is_filterable(&self, brand: Option<Brand>) -> bool {
        self.any(brand, FILTER)
    }

    /// Whether the field may stand in `sort`; `None` asks whether any brand allows it.
    pub fn is_sortable(&self, brand: Option<Brand>) -> bool {
        self.any(brand, SORT)
    }

    /// Whether a reply holds it when `fields` is not given; `None` asks whether any brand does so.
    pub fn is_default(&self, brand: Option<Brand>) -> bool {
        self.any(brand, DEFAULT)
    }

    fn any(&self, brand: Option<Brand>, flag: u8) -> bool {
        brand.map_or_else(
            || Brand::ALL.iter().any(|brand| self.has(*brand, flag)),
            |brand| self.has(brand, flag),
        )
    }

    const fn has(&self, brand: Brand, flag: u8) -> bool {
        let [comagic, novofon, callgear] = self.flags;
        let flags = match brand.table() {
            0 => comagic,
            1 => novofon,
            _ => callgear,
        };
        flags & flag != 0
    }
}

/// One reason, a word of the enum `R`, with the labels that the API itself returns.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReasonInfo<R> {
    /// The reason.
    pub reason: R,
    /// The Russian label.
    pub ru: &'static str,
    /// The English label.
    pub en: &'static str,
    brands: &'static [Brand],
}

impl<R> ReasonInfo<R> {
    /// A reason, with its labels and the brands whose pages list it.
    pub const fn new(reason: R, ru: &'static str, en: &'static str, brands: &'static [Brand]) -> Self {
        Self { reason, ru, en, brands }
    }

    /// Whether the brand's page lists the reason, under this or another spelling.
    pub fn is_documented(&self, brand: Brand) -> bool {
        self.brands.iter().any(|documented| documented.table() == brand.table())
    }
}

/// A method that answers with rows: every `get.*`. The crate `calllegs-reports` has those that this one does not have; its
/// tables are made of [`record!`](crate::record) and its like. One that no table has is declared like this:
///
/// ```
/// use calllegs_core::{Query, RequestId, rpc};
/// use calllegs_core::schema::{
///     Audience, Cell, Cells, DEFAULT, Extra, FILTER, FieldInfo, FieldValue, Kind, Listing, MethodInfo, ParamInfo, Record,
///     Values,
/// };
/// use serde_json::value::RawValue;
///
/// static FIELDS: [FieldInfo; 3] = [
///     FieldInfo::new(0, "id", Kind::Number, DEFAULT | FILTER, "The rate."),
///     FieldInfo::new(1, "price", Kind::Number, DEFAULT, "What a minute costs."),
///     FieldInfo::new(2, "zone", Kind::Object, DEFAULT, "Where it holds."),
/// ];
/// static PARAMS: [ParamInfo; 1] = [ParamInfo::new("access_token", Kind::String, true)];
/// static METHOD: MethodInfo = MethodInfo::new("get.rates", 1, Audience::Client, &PARAMS, &FIELDS);
///
/// #[derive(Debug)]
/// struct Rates;
///
/// impl Listing for Rates {
///     type Row = Rate;
///     const METHOD: &'static MethodInfo = &METHOD;
/// }
///
/// #[derive(Debug, serde::Deserialize)]
/// struct Rate {
///     id: Option<i64>,
///     price: Option<f64>,
///     zone: Option<Box<RawValue>>, // an object, or a type of your own that is a `FieldValue`
///     #[serde(skip)]
///     extra: Extra,
/// }
///
/// impl Cells for Rate {
///     fn cell(&self, field: &FieldInfo) -> Cell<'_> {
///         let cell = match field.name() {
///             "id" => self.id.as_ref().map(FieldValue::cell),
///             "price" => self.price.as_ref().map(FieldValue::cell),
///             "zone" => self.zone.as_ref().map(FieldValue::cell),
///             _ => None,
///         };
///         cell.unwrap_or(Cell::Null)
///     }
/// }
///
/// impl Record for Rate {
///     fn extra(&self) -> &Extra {
///         &self.extra
///     }
///
///     fn fields() -> &'static [FieldInfo] {
///         &FIELDS
///     }
///
///     fn take(values: &mut Values<'_>) -> Self {
///         let [id, price, zone] = &FIELDS;
///         let mut extra = values.take_others();
///         Self {
///             id: values.take(id, &mut extra),
///             price: values.take(price, &mut extra),
///             zone: values.take(zone, &mut extra),
///             extra,
///         }
///     }
/// }
///
/// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"id":7,"price":1.25,"zone":{"code":"495"}}]}}"#;
/// let page = rpc::reply(&Query::<Rates>::all(), RequestId::new(1), reply)?;
/// assert_eq!((page.rows[0].id, page.rows[0].price), (Some(7), Some(1.25)));
/// assert_eq!(page.rows[0].zone.as_ref().unwrap().get(), r#"{"code":"495"}"#);
/// # Ok::<(), calllegs_core::Error>(())
/// ```
pub trait Listing: 'static {
    /// The row with all fields of the table.
    type Row: Record + for<'de> serde::Deserialize<'de> + Send + 'static;

    /// The method's tables.
    const METHOD: &'static MethodInfo;

    /// The field of this name: the runtime door to the typed constants.
    fn field(name: &str) -> Option<&'static FieldInfo> {
        Self::METHOD.field(name)
    }
}

/// A [`Listing`] over a period: it requires `date_from` and `date_till`.
pub trait Report: Listing {}
