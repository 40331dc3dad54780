//! The wire's JSON tree, written and read (docs/api.md 5.4).

use serde::ser::{Serialize, SerializeStruct, Serializer};
use serde_json::Value as Json;

use super::{Condition, Filter, Leaf, Node, Reach, Refusal, Value, combine, find_field, find_operator};
use crate::{
    generated::mnemonics::Mnemonic,
    schema::{AnyListing, Listing, MethodInfo},
    value::wall_time,
};

/// Depth of trees that are read. The documentation shows three levels and states no bound; this one protects the stack.
const DEPTH: usize = 64;

impl<R: Listing> Filter<R> {
    /// Reads the JSON tree that a request carries, with the checks that the server makes. `Ok(None)` is the empty
    /// object, which means no filter.
    ///
    /// # Errors
    /// What the server would answer, with the member at fault in [`Refusal::field`].
    pub fn read_wire(tree: &Json) -> Result<Option<Self>, Refusal> {
        Ok(read_node(R::METHOD, tree)?.map(Self::from_node))
    }

    /// Reads the JSON tree that a request carries, with the checks that the server makes.
    ///
    /// # Errors
    /// As [`read_wire`](Self::read_wire); the empty object is refused here.
    pub fn from_wire(tree: &Json) -> Result<Self, Refusal> {
        Self::read_wire(tree)?.ok_or_else(|| {
            Refusal::new(Mnemonic::RequiredParameterMissed, "filter.field", "the filter is empty")
        })
    }
}

impl Filter<AnyListing> {
    /// As [`Filter::read_wire`], of a method that is known at run time only.
    ///
    /// ```
    /// use calllegs_core::{CallLegs, Filter, schema::{AnyListing, Listing}};
    ///
    /// let tree = serde_json::json!({"field": "start_time", "operator": "=", "value": "2026-03-02 10:00:00"});
    /// let refused = Filter::<AnyListing>::read_wire_of(CallLegs::METHOD, &tree).unwrap_err();
    /// assert_eq!(refused.mnemonic().as_str(), "filter_prohibited");
    /// ```
    ///
    /// # Errors
    /// What the server would answer, with the member at fault in [`Refusal::field`].
    pub fn read_wire_of(method: &'static MethodInfo, tree: &Json) -> Result<Option<Self>, Refusal> {
        Ok(read_node(method, tree)?.map(Self::from_node))
    }
}

/// The tree of a filter; none for the empty object.
fn read_node(method: &MethodInfo, tree: &Json) -> Result<Option<Node>, Refusal> {
    if tree.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(None);
    }
    read(method, tree, 0).map(Some)
}

fn read(method: &MethodInfo, tree: &Json, depth: usize) -> Result<Node, Refusal> {
    let refuse = |mnemonic, field: &str, reason: &str| Err(Refusal::new(mnemonic, field, reason));
    let Some(members) = tree.as_object() else {
        return refuse(Mnemonic::DataTypeError, "filter", "a filter is an object");
    };
    if depth > DEPTH {
        return refuse(Mnemonic::InvalidParameterValue, "filter.filters", "the filter is nested too deep");
    }
    let known: &[&str] = if members.contains_key("filters") {
        &["filters", "condition"]
    } else {
        &["field", "operator", "value"]
    };
    if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return refuse(
            Mnemonic::UnexpectedParameters,
            &format!("filter.{name}"),
            "a filter has no such member",
        );
    }
    let Some(filters) = members.get("filters") else { return read_leaf(method, members) };
    let Some(filters) = filters.as_array() else {
        return refuse(Mnemonic::DataTypeError, "filter.filters", "`filters` is an array");
    };
    let condition = match members.get("condition") {
        None if filters.len() > 1 => {
            return refuse(Mnemonic::RequiredParameterMissed, "filter.condition", "`condition` is missing");
        }
        None => Condition::And,
        Some(Json::String(word)) if word == "and" => Condition::And,
        Some(Json::String(word)) if word == "or" => Condition::Or,
        Some(Json::String(_)) => {
            return refuse(
                Mnemonic::InvalidParameterValue,
                "filter.condition",
                "`condition` is `and` or `or`",
            );
        }
        Some(_) => return refuse(Mnemonic::DataTypeError, "filter.condition", "`condition` is a string"),
    };
    if filters.is_empty() {
        return refuse(Mnemonic::InvalidParameterValue, "filter.filters", "`filters` is empty");
    }
    let nodes = filters.iter().map(|filter| read(method, filter, depth + 1)).collect::<Result<_, _>>()?;
    Ok(combine(condition, nodes))
}

fn read_leaf(method: &MethodInfo, members: &serde_json::Map<String, Json>) -> Result<Node, Refusal> {
    let word = |name: &str| {
        let path = format!("filter.{name}");
        match members.get(name) {
            Some(Json::String(word)) => Ok(word.as_str()),
            Some(_) => Err(Refusal::new(Mnemonic::DataTypeError, path, format!("`{name}` is a string"))),
            None => {
                Err(Refusal::new(Mnemonic::RequiredParameterMissed, path, format!("`{name}` is missing")))
            }
        }
    };
    let field = find_field(method, word("field")?, Reach::Server)?;
    let operator = find_operator(word("operator")?)?;
    let value = members.get("value").map_or(Ok(Value::Null), read_value)?;
    Leaf::checked(field, operator, value).map(Node::Leaf)
}

fn read_value(value: &Json) -> Result<Value, Refusal> {
    Ok(match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Boolean(*value),
        Json::String(text) => Value::Text(text.as_str().into()),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => Value::Number(number),
            (None, Some(number)) => Value::Decimal(number),
            (None, None) => return Err(not_a_value()),
        },
        Json::Array(items) => Value::List(items.iter().map(read_value).collect::<Result<_, _>>()?),
        Json::Object(_) => return Err(not_a_value()),
    })
}

fn not_a_value() -> Refusal {
    Refusal::new(Mnemonic::DataTypeError, "filter.value", "this is not a value that filters take")
}

impl<R> Serialize for Filter<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node.serialize(serializer)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Leaf(leaf) => {
                let mut object = serializer.serialize_struct("filter", 3)?;
                object.serialize_field("field", leaf.field.name())?;
                object.serialize_field("operator", leaf.operator.as_str())?;
                object.serialize_field("value", &leaf.value)?;
                object.end()
            }
            Self::Tree(condition, nodes) => {
                let mut object = serializer.serialize_struct("filter", 2)?;
                object.serialize_field("condition", condition.as_str())?;
                object.serialize_field("filters", nodes)?;
                object.end()
            }
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Boolean(value) => value.serialize(serializer),
            Self::Number(value) => value.serialize(serializer),
            Self::Decimal(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Time(value) => wall_time::format(*value).serialize(serializer),
            Self::List(values) => values.serialize(serializer),
        }
    }
}
