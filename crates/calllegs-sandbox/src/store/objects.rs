//! Rows that are written as JSON objects: the listings of few rows, whose structures are the most of them.

use calllegs_core::{
    schema::{FieldInfo, Kind},
    value::wall_time,
};
use serde_json::{Map, Value};

use super::{Slot, StoreBuilder};
use crate::jsonb;

impl StoreBuilder {
    /// A row of these members; what is left out is null, an empty array, an empty object.
    pub(crate) fn push_object(&mut self, members: &Value) {
        let none = Map::new();
        let members = members.as_object().unwrap_or(&none);
        debug_assert!(
            members.keys().all(|name| self.fields.iter().any(|field| field.name() == name)),
            "a member that the table does not have"
        );
        let mut row = self.row();
        for field in self.fields {
            let slot = self.slot(field, members.get(field.name()).unwrap_or(&Value::Null));
            row.put(field, slot);
        }
        self.push(&row);
    }

    fn slot(&mut self, field: &FieldInfo, value: &Value) -> Slot {
        match (field.kind(), value) {
            (Kind::Array, Value::Null) => Slot::List(self.text("[]")),
            (Kind::Object, Value::Null) => Slot::List(self.text("{}")),
            (Kind::Array | Kind::Object, value) => Slot::List(self.text(&jsonb::text(value))),
            (Kind::Boolean, Value::Bool(value)) => Slot::Boolean(*value),
            (Kind::Number | Kind::Id, Value::Number(number)) => {
                number.as_i64().map_or(Slot::Null, Slot::Number)
            }
            (Kind::Iso8601, Value::String(time)) => wall_time::parse(time).map_or(Slot::Null, Slot::Time),
            (Kind::Enum | Kind::String, Value::String(text)) => Slot::Text(self.text(text)),
            (_, value) => {
                debug_assert!(value.is_null(), "a value of another kind");
                Slot::Null
            }
        }
    }
}
