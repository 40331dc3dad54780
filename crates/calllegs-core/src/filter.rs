//! The filter language in three forms that agree: typed builder, text, and the wire's JSON tree.
//!
//! ```
//! use calllegs_core::{CallLegs, Direction, filter::Filter};
//!
//! let typed = CallLegs::DIRECTION.equals(Direction::In) & CallLegs::DURATION.greater_than(30);
//! let text = Filter::<CallLegs>::parse("direction = in and duration > 30")?;
//! assert_eq!(typed, text);
//! assert_eq!(text.to_string(), "direction = in and duration > 30");
//! assert_eq!(Filter::from_wire(&serde_json::to_value(&typed)?)?, typed);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A filter that exists is legal by the tables: its fields are filterable, its operators take the field's kind, its
//! values have the right type (docs/api.md 5.4). The API has no `not`; [`Filter::negate`] pushes it down to the leaves and
//! refuses what no operator expresses. Not here: what a brand's own page leaves out ([`Filter::check`] tells).

mod doubt;
mod matching;
mod operand;
mod operator;
mod text;
mod typed;
mod wire;

use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr},
};

use chrono::NaiveDate;

pub use self::{operand::Value, operator::Condition};
#[doc(inline)]
pub use crate::schema::Operator;
pub use crate::value::word::nearest;
use crate::{
    generated::mnemonics::Mnemonic,
    schema::{AnyListing, Brand, FieldInfo, Kind, Listing, MethodInfo},
    value::{UnknownWord, wall_time},
};

/// A condition on rows of listing `R`, or of a method that is known at run time only: then `R` is [`MethodInfo`].
pub struct Filter<R> {
    node: Node,
    listing: PhantomData<fn() -> R>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Leaf(Leaf),
    Tree(Condition, Vec<Self>),
}

#[derive(Clone)]
struct Leaf {
    field: &'static FieldInfo,
    operator: Operator,
    value: Value,
    pattern: matching::Pattern,
}

impl Leaf {
    fn new(field: &'static FieldInfo, operator: Operator, value: Value) -> Self {
        Self { field, operator, value, pattern: matching::Pattern::default() }
    }
}

/// Why a filter, sort or field list is not legal: the server would answer with [`mnemonic`](Self::mnemonic).
#[derive(Clone, PartialEq, Eq)]
pub struct Refusal {
    mnemonic: Mnemonic,
    field: Box<str>,
    reason: Box<str>,
    hint: Option<Box<str>>,
    column: Option<usize>,
}

impl Refusal {
    pub(crate) fn new(mnemonic: Mnemonic, field: impl Into<Box<str>>, reason: impl Into<Box<str>>) -> Self {
        Self { mnemonic, field: field.into(), reason: reason.into(), hint: None, column: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<Box<str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn at(mut self, column: usize) -> Self {
        self.column.get_or_insert(column);
        self
    }

    /// What the server would answer.
    pub fn mnemonic(&self) -> &Mnemonic {
        &self.mnemonic
    }

    /// The parameter or field at fault, as the server would name it.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// In text form, the column at fault in characters, from 1.
    pub fn column(&self) -> Option<usize> {
        self.column
    }

    /// What to do instead.
    pub fn next_step(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(column) = self.column {
            write!(f, "column {column}: ")?;
        }
        f.write_str(&self.reason)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Refusal({:?}, \"{self}\")", self.mnemonic)
    }
}

impl std::error::Error for Refusal {}

/// Whether fields that the server cannot filter by are allowed: they are, for local evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Local,
    Server,
}

impl<R> Filter<R> {
    /// A leaf that the type system has already checked.
    pub(crate) fn leaf(field: &'static FieldInfo, operator: Operator, value: Value) -> Self {
        Self::from_node(Node::Leaf(Leaf::new(field, operator, value)))
    }

    fn from_node(node: Node) -> Self {
        Self { node, listing: PhantomData }
    }

    fn join(self, condition: Condition, other: Self) -> Self {
        let mut nodes = Vec::new();
        for node in [self.node, other.node] {
            match node {
                Node::Tree(inner, children) if inner == condition => nodes.extend(children),
                Node::Tree(..) | Node::Leaf(_) => nodes.push(node),
            }
        }
        Self::from_node(Node::Tree(condition, nodes))
    }

    /// The filter for the rows that this one decides against. Rows for which it decides nothing, because a value is
    /// missing, match neither, as in SQL.
    ///
    /// ```
    /// # use calllegs_core::{CallLegs, filter::Filter};
    /// let filter = Filter::<CallLegs>::parse("is_coach or duration > 30")?;
    /// assert_eq!(filter.negate()?.to_string(), "is_coach = false and duration <= 30");
    /// # Ok::<(), calllegs_core::filter::Refusal>(())
    /// ```
    ///
    /// # Errors
    /// When the API has no operator for it: the opposites of `regexp` and `jsquery`.
    pub fn negate(self) -> Result<Self, Refusal> {
        self.node.negate().map(Self::from_node)
    }

    /// Whether the brand documents every operator of the filter. Fields are one product across brands, so a field
    /// that a brand's page leaves out is no reason to refuse.
    ///
    /// # Errors
    /// Names the first operator that the brand does not document.
    pub fn check(&self, brand: Brand) -> Result<(), Refusal> {
        self.node.check(brand)
    }

    /// Checks again what the type system cannot: lists with no values. Called before a filter is sent.
    pub(crate) fn recheck(&self) -> Result<(), Refusal> {
        self.node.recheck()
    }

    /// The fields that the filter reads, each once, in the order of first use.
    pub fn fields(&self) -> Vec<&'static FieldInfo> {
        let mut fields = Vec::new();
        self.node.each_leaf(&mut |leaf| {
            if !fields.iter().any(|field: &&FieldInfo| field.name() == leaf.field.name()) {
                fields.push(leaf.field);
            }
        });
        fields
    }
}

impl<R: Listing> Filter<R> {
    /// One condition by names, for command lines and configuration: the runtime door, with the server's own rules.
    ///
    /// # Errors
    /// What the server would answer: an unknown or unfilterable field, an operator that does not take the field's
    /// kind, a value of another type.
    pub fn by_name(field: &str, operator: &str, value: Value) -> Result<Self, Refusal> {
        Self::by_name_in(R::METHOD, field, operator, value)
    }
}

impl<R> Filter<R> {
    /// [`by_name`](Self::by_name), of the listing `R`, which is this method's.
    pub(crate) fn by_name_in(
        method: &MethodInfo,
        field: &str,
        operator: &str,
        value: Value,
    ) -> Result<Self, Refusal> {
        let field = find_field(method, field, Reach::Server)?;
        let operator = find_operator(operator)?;
        Leaf::checked(field, operator, value).map(Node::Leaf).map(Self::from_node)
    }
}

impl Filter<AnyListing> {
    /// [`parse`](Self::parse) for a method that is chosen at run time.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_of(method: &'static MethodInfo, text: &str) -> Result<Self, Refusal> {
        text::parse(method, text, Reach::Server)
    }

    /// [`parse_local`](Self::parse_local) for a method that is chosen at run time.
    ///
    /// # Errors
    /// As [`parse_local`](Self::parse_local).
    pub fn parse_local_of(method: &'static MethodInfo, text: &str) -> Result<Self, Refusal> {
        text::parse(method, text, Reach::Local)
    }
}

impl Node {
    fn negate(self) -> Result<Self, Refusal> {
        match self {
            Self::Tree(condition, children) => Ok(Self::Tree(
                condition.opposite(),
                children.into_iter().map(Self::negate).collect::<Result<_, _>>()?,
            )),
            Self::Leaf(leaf) => leaf.negate(),
        }
    }

    fn recheck(&self) -> Result<(), Refusal> {
        match self {
            Self::Leaf(leaf) => Leaf::checked(leaf.field, leaf.operator, leaf.value.clone()).map(drop),
            Self::Tree(_, nodes) if nodes.is_empty() => Err(Refusal::new(
                Mnemonic::InvalidParameterValue,
                "filter.filters",
                "a condition has no values",
            )),
            Self::Tree(_, nodes) => nodes.iter().try_for_each(Self::recheck),
        }
    }

    fn check(&self, brand: Brand) -> Result<(), Refusal> {
        match self {
            Self::Tree(_, children) => children.iter().try_for_each(|child| child.check(brand)),
            Self::Leaf(leaf) if leaf.operator.info().is_some_and(|info| info.is_documented(brand)) => Ok(()),
            Self::Leaf(leaf) => {
                let reason =
                    format!("{} does not document the operator `{}`", brand.as_str(), leaf.operator.as_str());
                Err(Refusal::new(Mnemonic::InvalidParameterValue, "filter.operator", reason).hint(
                    "portable are = != < > <= >= like regexp jsquery in; `not (x in (...))` and `is null` are \
                     written with them",
                ))
            }
        }
    }

    fn each_leaf(&self, visit: &mut impl FnMut(&Leaf)) {
        match self {
            Self::Tree(_, children) => children.iter().for_each(|child| child.each_leaf(visit)),
            Self::Leaf(leaf) => visit(leaf),
        }
    }
}

impl Leaf {
    /// A leaf whose operator and value are legal for the field.
    fn checked(field: &'static FieldInfo, operator: Operator, value: Value) -> Result<Self, Refusal> {
        let refuse = |mnemonic, reason: String| {
            Err(Refusal::new(mnemonic, format!("filter.{}", field.name()), reason))
        };
        let kind = if field.kind() == Kind::Id { Kind::Number } else { field.kind() };
        let Some(info) = operator.info().filter(|info| info.kinds.contains(&kind)) else {
            let reason = format!(
                "`{}` does not take `{}`, which is {}",
                operator.as_str(),
                field.name(),
                kind.as_str()
            );
            let refused = refuse(Mnemonic::InvalidParameterValue, reason);
            return match kind {
                Kind::Array | Kind::Object => refused
                    .map_err(|refusal| refusal.hint("of a list, `is null` and `is not null` can be asked")),
                Kind::Boolean | Kind::Enum | Kind::Id | Kind::Iso8601 | Kind::Number | Kind::String => {
                    refused
                }
            };
        };
        let wants_list =
            matches!(operator, Operator::In | Operator::NotIn | Operator::Overlap | Operator::NotOverlap);
        let value = match value {
            Value::Null if info.takes_null => Value::Null,
            _ if matches!(operator, Operator::IsNull | Operator::IsNotNull) => {
                let reason = format!("`{}` takes no value", operator.as_str());
                return refuse(Mnemonic::InvalidParameterValue, reason);
            }
            Value::List(items) if wants_list && !items.is_empty() => {
                Value::List(items.into_iter().map(|item| fit(field, kind, item)).collect::<Result<_, _>>()?)
            }
            Value::List(_) if wants_list => {
                return refuse(
                    Mnemonic::InvalidParameterValue,
                    format!("`{}` needs values", operator.as_str()),
                );
            }
            value if !wants_list => fit(field, kind, value)?,
            Value::Null
            | Value::Boolean(_)
            | Value::Number(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Time(_)
            | Value::List(_) => {
                let reason = format!("`{}` needs a list of values", operator.as_str());
                return refuse(Mnemonic::DataTypeError, reason);
            }
        };
        Ok(Self::new(field, operator, value))
    }

    fn negate(self) -> Result<Node, Refusal> {
        let Self { field, operator, value, .. } = self;
        if let (Kind::Boolean, Value::Boolean(said)) = (field.kind(), &value) {
            return Ok(Node::Leaf(Self::new(field, operator, Value::Boolean(!said))));
        }
        match (operator, value) {
            // `!=` is portable and `not_in` is not.
            (Operator::In, Value::List(items)) => {
                let others =
                    items.into_iter().map(|value| Node::Leaf(Self::new(field, Operator::Differs, value)));
                Ok(combine(Condition::And, others.collect()))
            }
            (operator, value) => {
                if let Some(operator) = operator.opposite() {
                    return Ok(Node::Leaf(Self::new(field, operator, value)));
                }
                let reason = format!("the API has no opposite of `{}`", operator.as_str());
                Err(Refusal::new(Mnemonic::InvalidParameterValue, "filter.operator", reason)
                    .hint("leave it out here and drop those rows after they arrive"))
            }
        }
    }
}

impl PartialEq for Leaf {
    fn eq(&self, other: &Self) -> bool {
        self.field.name() == other.field.name()
            && self.operator == other.operator
            && self.value == other.value
    }
}

impl fmt::Debug for Leaf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.field.name(), self.operator.as_str(), self.value)
    }
}

/// A tree of several nodes, or the only one.
fn combine(condition: Condition, mut nodes: Vec<Node>) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            Node::Tree(condition, nodes)
        }
    }
}

/// The value in the type of the field, or the refusal that the server would answer with.
fn fit(field: &'static FieldInfo, kind: Kind, value: Value) -> Result<Value, Refusal> {
    let name = || format!("filter.{}", field.name());
    let mismatch = |got: &str| {
        Err(Refusal::new(
            Mnemonic::DataTypeError,
            name(),
            format!("`{}` is {}, not {got}", field.name(), kind.as_str()),
        ))
    };
    match (kind, value) {
        (Kind::Number, value @ (Value::Number(_) | Value::Decimal(_)))
        | (Kind::Boolean, value @ Value::Boolean(_))
        | (Kind::String | Kind::Array | Kind::Object, value @ Value::Text(_))
        | (Kind::Iso8601, value @ Value::Time(_)) => Ok(value),
        (Kind::Enum, Value::Text(word)) => {
            let canonical = field.aliases().iter().find(|(alias, _)| **alias == *word).map(|(_, word)| *word);
            Ok(Value::Text(canonical.map_or(word, Into::into)))
        }
        (Kind::Iso8601, Value::Text(text)) => wall_time::parse(&text).map(Value::Time).map_err(|_| {
            let day: Option<NaiveDate> = text.parse().ok();
            let day = day.map_or_else(|| "2026-10-05".to_owned(), |day| day.to_string());
            let reason = format!("`{}` needs a time as YYYY-MM-DD hh:mm:ss", field.name());
            Refusal::new(Mnemonic::InvalidParameterValue, name(), reason)
                .hint(format!("write '{day} 00:00:00'"))
        }),
        (_, Value::Null) => mismatch("null"),
        (_, Value::Boolean(_)) => mismatch("a boolean"),
        (_, Value::Number(_) | Value::Decimal(_)) => mismatch("a number"),
        (_, Value::Text(_)) => mismatch("text"),
        (_, Value::Time(_)) => mismatch("a time"),
        (_, Value::List(_)) => mismatch("a list"),
    }
}

fn find_field(method: &MethodInfo, name: &str, reach: Reach) -> Result<&'static FieldInfo, Refusal> {
    let Some(field) = method.field(name) else {
        let names = method.fields.iter().map(FieldInfo::name);
        let refusal = Refusal::new(
            Mnemonic::UnexpectedParameters,
            "filter.field",
            format!("there is no field `{name}`"),
        );
        return Err(suggest(refusal, &name.to_lowercase(), names));
    };
    if reach == Reach::Server && !field.is_filterable(None) {
        let reason = format!("the server refuses to filter by `{name}`");
        return Err(Refusal::new(Mnemonic::FilterProhibited, format!("filter.{name}"), reason)
            .hint("filter the rows after they arrive"));
    }
    Ok(field)
}

fn find_operator(word: &str) -> Result<Operator, Refusal> {
    word.parse().map_err(|UnknownWord { .. }| {
        let refusal = Refusal::new(
            Mnemonic::InvalidParameterValue,
            "filter.operator",
            format!("there is no operator `{word}`"),
        );
        let refusal = suggest(refusal, &word.to_lowercase(), Operator::ALL.iter().map(|operator| operator.as_str()));
        if refusal.next_step().is_some() {
            refusal
        } else {
            refusal.hint("there are = != < > <= >= like, not like, regexp, in (...), not in (...), is null, is not null")
        }
    })
}

/// Adds "did you mean" when a known name is near.
pub(crate) fn suggest<'a>(refusal: Refusal, word: &str, names: impl Iterator<Item = &'a str>) -> Refusal {
    match nearest(word, names) {
        Some(name) => refusal.hint(format!("did you mean `{name}`?")),
        None => refusal,
    }
}

impl<R> BitAnd for Filter<R> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.join(Condition::And, other)
    }
}

impl<R> BitOr for Filter<R> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.join(Condition::Or, other)
    }
}

impl<R> Clone for Filter<R> {
    fn clone(&self) -> Self {
        Self::from_node(self.node.clone())
    }
}

impl<R> PartialEq for Filter<R> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

/// Shows fields and operators, not values: a value may be a phone number. Display shows everything.
impl<R> fmt::Debug for Filter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}
