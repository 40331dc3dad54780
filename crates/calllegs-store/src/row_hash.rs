//! What tells a changed leg from an unchanged one: a hash over the fields of the API as they were received, and one over the
//! legs of a window. Both stand in databases, so they never change for the same leg; a test pins them.

use std::fmt::Write as _;

use ring::digest::{Context, SHA256};
use twox_hash::XxHash3_64;

use crate::cells::{Legs, Value};
use calllegs_arrow::schema::{Column, Source};

/// Hashes the legs of one batch, one after the other.
pub(crate) struct RowHasher {
    text: Vec<u8>,
}

impl RowHasher {
    pub(crate) const fn new() -> Self {
        Self { text: Vec::new() }
    }

    /// The hash of a leg: every field of the API, and what fits none. Columns that are ours are made of them.
    pub(crate) fn hash(&mut self, legs: &Legs<'_>, row: usize) -> i64 {
        self.hash_of(Column::all(), legs, row)
    }

    /// The same, of a row with these columns.
    pub(crate) fn hash_of(&mut self, columns: &[Column], legs: &Legs<'_>, row: usize) -> i64 {
        self.text.clear();
        for (place, column) in columns.iter().enumerate() {
            if !matches!(column.source(), Source::Field(_) | Source::Extra | Source::Listed(_)) {
                continue;
            }
            // A field that is null leaves no trace, so that one more field of the API changes no hash of older legs.
            let value = legs.value(place, row);
            if value == Value::Null {
                continue;
            }
            self.text.extend_from_slice(column.name().as_bytes());
            self.put(&value);
        }
        XxHash3_64::oneshot(&self.text).cast_signed()
    }

    fn put(&mut self, value: &Value<'_>) {
        let Self { text } = self;
        match value {
            Value::Null => {}
            Value::Boolean(value) => text.extend_from_slice(&[b'b', u8::from(*value)]),
            Value::Integer(value) => {
                text.push(b'i');
                text.extend_from_slice(&value.to_le_bytes());
            }
            Value::Double(value) => {
                text.push(b'd');
                text.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            Value::Time(micros) => {
                text.push(b't');
                text.extend_from_slice(&micros.to_le_bytes());
            }
            Value::Text(value) => self.text(value),
            Value::Texts(values) => {
                text.push(b'l');
                text.extend_from_slice(&(values.len() as u64).to_le_bytes());
                for value in values.iter() {
                    self.text(value);
                }
            }
        }
    }

    fn text(&mut self, value: &str) {
        self.text.push(b's');
        self.text.extend_from_slice(&(value.len() as u64).to_le_bytes());
        self.text.extend_from_slice(value.as_bytes());
    }
}

/// The content of a window: SHA-256 over the pairs of id and row hash, in the order of ids, as `sha256:` and 64 hexadecimal
/// digits. The same legs make the same hash in every place, whoever wrote them.
pub fn content_hash(legs: impl IntoIterator<Item = (i64, i64)>) -> String {
    let mut legs: Vec<_> = legs.into_iter().collect();
    legs.sort_unstable();
    let mut context = Context::new(&SHA256);
    for (id, hash) in legs {
        context.update(&id.to_le_bytes());
        context.update(&hash.to_le_bytes());
    }
    let mut text = "sha256:".to_owned();
    for byte in context.finish().as_ref() {
        // Writing to a string does not fail.
        let _infallible = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use calllegs_arrow::{Columns, batches, schema::Column};
    use calllegs_core::{CallLegs, Query, RequestId, rpc};

    use super::*;

    fn hashes(rows: &str) -> Vec<i64> {
        let columns = Columns::new(Column::all(), chrono_tz::Europe::Moscow).account("uis:1");
        let query = Query::<CallLegs>::new("2026-03-02..2026-03-03".parse().unwrap()).select(columns);
        let reply = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{rows}]}}}}"#);
        let page = rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap();
        let batches = batches(&page.rows).unwrap();
        let legs = Legs::of(&batches[0]);
        let mut hasher = RowHasher::new();
        (0..batches[0].num_rows()).map(|row| hasher.hash(&legs, row)).collect()
    }

    /// Tables hold these numbers: other ones would make every leg look changed.
    #[test]
    fn the_hash_of_a_leg_never_changes() {
        let full = r#"{"id":7,"call_session_id":3,"start_time":"2026-03-02 10:15:04","connect_time":null,"duration":31,
            "is_coach":false,"employee_rating":4.5,"finish_reason":"timeout","call_records":["a","b"],"new":{"x":1}}"#;
        assert_eq!(hashes(full), [-2_044_396_975_683_979_361]);
        // Neither the account nor an instant is part of it: they are made of the rest.
        assert_eq!(
            content_hash([(7, 1), (3, -1)]),
            "sha256:54d69ae29fa113cfa5bcf35fcd438dbc4c8ec36d2ec447d0c5d6e193f2a9c806"
        );
    }

    #[test]
    fn every_field_and_what_fits_none_counts() {
        let rows = [
            r#"{"id":7,"start_time":"2026-03-02 10:15:04"}"#,
            r#"{"id":8,"start_time":"2026-03-02 10:15:04"}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:05"}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","duration":0}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","total_duration":0}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","call_records":["ab"]}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","call_records":["a","b"]}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","wav_call_records":["ab"]}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","new":1}"#,
            r#"{"id":7,"start_time":"2026-03-02 10:15:04","new":"1"}"#,
        ];
        let hashes = hashes(&rows.join(","));
        let distinct: std::collections::BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), rows.len());
        // A member that is null says what one that is missing says.
        assert_eq!(
            self::hashes(r#"{"id":7,"start_time":"2026-03-02 10:15:04","duration":null}"#),
            hashes[..1]
        );
    }
}
