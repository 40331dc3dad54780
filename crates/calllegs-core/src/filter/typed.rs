//! Conditions of typed fields: what the server would refuse does not compile. Not here: fields whose names come from the
//! caller ([`Filter::by_name`]).

use super::{Filter, Operator, Value};
use crate::schema::{AllowsFilter, Container, Field, Listed, Ordered, Scalar, Textual};

impl<R, V, F, S> Field<R, V, F, S> {
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
        Filter::leaf(self.info(), operator, value)
    }
}
