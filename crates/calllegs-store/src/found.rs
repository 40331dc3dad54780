//! Fields that nobody documents and that legs have all the same: in a table they become columns of text, found by their
//! names, and are taken out of `extra`. Not here: how a table gets a column.

use std::collections::{BTreeMap, BTreeSet};

use arrow_array::cast::AsArray as _;
use arrow_schema::ArrowError;
use calllegs_arrow::{Leg, batches, schema::Column};
use serde_json::value::RawValue;

/// The longest name of a column that every database takes.
const LONGEST: usize = 59;

/// Names of fields that legs have beside those of our columns, and that a column can have.
pub(crate) fn names(legs: &[Leg]) -> Result<BTreeSet<String>, ArrowError> {
    let mut names = BTreeSet::new();
    for batch in batches(legs)? {
        let Some(extra) = batch.column_by_name("extra").and_then(|column| column.as_string_opt::<i32>())
        else {
            continue;
        };
        for extra in extra.iter().flatten().filter_map(Extra::read) {
            names.extend(extra.names().map(str::to_owned));
        }
    }
    Ok(names)
}

/// The members of `extra` of one leg.
pub(crate) struct Extra<'a> {
    members: BTreeMap<&'a str, &'a RawValue>,
}

impl<'a> Extra<'a> {
    /// Of the text of the column; `None` where it is no object, which it never is.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok().map(|members| Self { members })
    }

    /// Names that a column can have and none of ours has.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().copied().filter(|name| is_column_name(name))
    }

    /// The value of a member as text: a text as it is, anything else as JSON; null is none. It is no member any more.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        let value = self.members.remove(name)?.get();
        match serde_json::from_str(value) {
            Ok(serde_json::Value::String(text)) => Some(text),
            Ok(serde_json::Value::Null) => None,
            Ok(_) | Err(_) => Some(value.to_owned()),
        }
    }

    /// What is left, as JSON; `None` when that is nothing.
    pub(crate) fn rest(&self) -> Option<String> {
        (!self.members.is_empty()).then(|| serde_json::to_string(&self.members).unwrap_or_default())
    }
}

/// Whether a table can have a column of this name beside ours: lower case, so that no database spells it otherwise.
pub(crate) fn is_column_name(name: &str) -> bool {
    let is_word = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = name.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
    let is_ours = name.starts_with("cl_") || Column::all().iter().any(|column| column.name() == name);
    is_word && begins && !is_ours && name.len() <= LONGEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_becomes_a_value_and_the_rest_stays() {
        let mut extra =
            Extra::read(r#"{"ai_score":4.50,"mood":"good","duration":"long","Odd Name":1}"#).unwrap();
        assert_eq!(extra.names().collect::<Vec<_>>(), ["ai_score", "mood"]);
        assert_eq!(extra.take("ai_score").as_deref(), Some("4.50"));
        assert_eq!(extra.take("mood").as_deref(), Some("good"));
        assert_eq!(extra.take("mood"), None);
        assert_eq!(extra.rest().as_deref(), Some(r#"{"Odd Name":1,"duration":"long"}"#));
    }

    #[test]
    fn names_that_some_database_would_spell_otherwise_are_none() {
        for name in ["", "Score", "1st", "_x", "a b", "a\"", "id", "cl_run_id", &"x".repeat(60)] {
            assert!(!is_column_name(name), "{name}");
        }
        assert!(is_column_name("ai_score2"));
    }
}
