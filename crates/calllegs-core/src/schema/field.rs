//! Typed fields: what the server would refuse does not compile.

use std::{fmt, marker::PhantomData};

use chrono::NaiveDateTime;

use super::FieldInfo;
use crate::filter::{Filter, Operator, Value};

/// A field of listing `R` with values `V`, which may stand in filters when `F` is [`Filterable`], in sorts when
/// `S` is [`Sortable`].
///
/// The constants of a listing (`CallLegs::DURATION`) are of this type; methods that the server would answer with
/// `filter_prohibited` or `sort_prohibited` do not compile:
///
/// ```compile_fail
/// use calllegs_core::CallLegs;
/// let at = chrono::NaiveDateTime::default();
/// let filter = CallLegs::START_TIME.equals(at); // the server refuses to filter by this field
/// ```
pub struct Field<R, V, F, S> {
    info: &'static FieldInfo,
    types: Types<R, V, F, S>,
}

type Types<R, V, F, S> = PhantomData<fn() -> (R, V, F, S)>;

impl<R, V, F, S> Field<R, V, F, S> {
    pub(crate) const fn generated(info: &'static FieldInfo) -> Self {
        Self { info, types: PhantomData }
    }

    /// The runtime description of the field.
    pub const fn info(self) -> &'static FieldInfo {
        self.info
    }

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        self.info.name()
    }

    /// Lets the field stand in filters although the tables say no. For the day when the tables are wrong.
    pub const fn assume_filterable(self) -> Field<R, V, Filterable, S> {
        Field::generated(self.info)
    }

    /// Lets the field stand in sorts although the tables say no. For the day when the tables are wrong.
    pub const fn assume_sortable(self) -> Field<R, V, F, Sortable> {
        Field::generated(self.info)
    }

    /// Rows whose value is this one.
    pub fn equals(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Scalar,
    {
        self.leaf(Operator::Equals, value.into().into())
    }

    /// Rows whose value is another one. Rows without a value do not match, as in SQL.
    pub fn differs_from(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Scalar,
    {
        self.leaf(Operator::Differs, value.into().into())
    }

    /// Rows without a value: `= null` on the wire, which every brand documents.
    pub fn is_null(self) -> Filter<R>
    where
        F: AllowsFilter,
        V: Scalar,
    {
        self.leaf(Operator::Equals, Value::Null)
    }

    /// Rows with a value: `!= null` on the wire, which every brand documents.
    pub fn is_not_null(self) -> Filter<R>
    where
        F: AllowsFilter,
        V: Scalar,
    {
        self.leaf(Operator::Differs, Value::Null)
    }

    /// Rows whose value is below this one.
    pub fn less_than(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Ordered,
    {
        self.leaf(Operator::Less, value.into().into())
    }

    /// Rows whose value is above this one.
    pub fn greater_than(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Ordered,
    {
        self.leaf(Operator::Greater, value.into().into())
    }

    /// Rows whose value is this one or below.
    pub fn at_most(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Ordered,
    {
        self.leaf(Operator::AtMost, value.into().into())
    }

    /// Rows whose value is this one or above.
    pub fn at_least(self, value: impl Into<V>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Ordered,
    {
        self.leaf(Operator::AtLeast, value.into().into())
    }

    /// Rows whose value is one of these. No values at all match nothing and are refused when the filter is sent.
    pub fn one_of(self, values: impl IntoIterator<Item = impl Into<V>>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Listed,
    {
        self.leaf(Operator::In, Value::List(values.into_iter().map(|value| value.into().into()).collect()))
    }

    /// Rows whose text fits the pattern: `%` any text, `_` one character, `\` takes the next one literally.
    pub fn like(self, pattern: impl Into<String>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Textual,
    {
        self.leaf(Operator::Like, Value::Text(pattern.into().into()))
    }

    /// Rows whose text has a match of the POSIX regular expression.
    pub fn regexp(self, pattern: impl Into<String>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Textual,
    {
        self.leaf(Operator::Regexp, Value::Text(pattern.into().into()))
    }

    /// Rows whose array fits the PostgreSQL `jsquery` expression.
    pub fn jsquery(self, query: impl Into<String>) -> Filter<R>
    where
        F: AllowsFilter,
        V: Container,
    {
        self.leaf(Operator::Jsquery, Value::Text(query.into().into()))
    }

    fn leaf(self, operator: Operator, value: Value) -> Filter<R> {
        Filter::leaf(self.info, operator, value)
    }
}

impl<R, V, F, S> Clone for Field<R, V, F, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, V, F, S> Copy for Field<R, V, F, S> {}

impl<R, V, F, S> fmt::Debug for Field<R, V, F, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({})", self.info.name())
    }
}

/// Marks a field that may stand in `filter`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Filterable {}

/// Marks a field that may not stand in `filter`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum NotFilterable {}

/// Marks a field that may stand in `sort`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Sortable {}

/// Marks a field that may not stand in `sort`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum NotSortable {}

/// What the mark of a field has to say before it may stand in `filter`: [`Filterable`].
#[diagnostic::on_unimplemented(
    message = "the server refuses to filter by this field",
    label = "not filterable",
    note = "it would answer `filter_prohibited` (-32602)",
    note = "if the tables are wrong, use `Field::assume_filterable`"
)]
pub trait AllowsFilter: sealed::Sealed {}
impl AllowsFilter for Filterable {}

/// What the mark of a field has to say before it may stand in `sort`: [`Sortable`].
#[diagnostic::on_unimplemented(
    message = "the server refuses to sort by this field",
    label = "not sortable",
    note = "it would answer `sort_prohibited` (-32602)",
    note = "if the tables are wrong, use `Field::assume_sortable`"
)]
pub trait AllowsSort: sealed::Sealed {}
impl AllowsSort for Sortable {}

/// Values that `=` and `!=` take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a scalar",
    note = "`=` takes single values, not arrays"
)]
pub trait Scalar: Into<Value> {}
impl Scalar for bool {}
impl Scalar for f64 {}
impl Scalar for i64 {}
impl Scalar for Box<str> {}
impl Scalar for NaiveDateTime {}

/// Values that `in` takes: numbers, text and words.
#[diagnostic::on_unimplemented(
    message = "`in` does not take `{Self}`",
    note = "numbers, text and enums only"
)]
pub trait Listed: Scalar {}
impl Listed for f64 {}
impl Listed for i64 {}
impl Listed for Box<str> {}

/// Values with an order: numbers and times.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no order on the server",
    note = "`<` and `>` take numbers and times"
)]
pub trait Ordered: Scalar {}
impl Ordered for f64 {}
impl Ordered for i64 {}
impl Ordered for NaiveDateTime {}

/// Text values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not text",
    note = "`like` and `regexp` take text fields"
)]
pub trait Textual: Scalar {}
impl Textual for Box<str> {}

/// Arrays.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an array",
    note = "`jsquery` takes arrays and objects"
)]
pub trait Container {}
impl Container for Vec<Box<str>> {}

mod sealed {
    #[expect(unnameable_types, reason = "that is what seals")]
    pub trait Sealed {}
    impl Sealed for super::Filterable {}
    impl Sealed for super::NotFilterable {}
    impl Sealed for super::Sortable {}
    impl Sealed for super::NotSortable {}
}
