//! Which columns are asked for: `--fields`, and what a table shows unless told otherwise.

use calllegs_core::{
    Brand, CallLegs,
    query::find_column,
    schema::{FieldInfo, Listing},
};

use crate::{
    failure::Failure,
    ui::{echo::may_be_secret, text::clean},
};

pub(crate) type Columns = Vec<&'static FieldInfo>;

/// Every column of the table, in its order.
pub(crate) fn all() -> Columns {
    CallLegs::METHOD.fields.iter().collect()
}

/// Reads `A,B`, `all`, `default` and `-C`. Names stay in the order given; only removals start from all columns.
///
/// # Errors
/// Suggests the nearest name; refuses a list that leaves nothing.
pub(crate) fn read(text: &str, brand: Option<Brand>) -> Result<Columns, Failure> {
    let mut columns = Columns::new();
    let mut removed = Columns::new();
    let mut named = false;
    if text.trim().contains(char::is_whitespace) && !text.contains(',') {
        let listed = text.split_whitespace().collect::<Vec<_>>().join(",");
        return Err(Failure::usage("--fields holds names with spaces between them")
            .because("columns are separated with commas")
            .next(if may_be_secret(text) {
                "for example: --fields id,start_time,duration".to_owned()
            } else {
                format!("write --fields {}", clean(&listed))
            }));
    }
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        if let Some(name) = word.strip_prefix('-') {
            removed.push(find(name)?);
            continue;
        }
        named = true;
        let more = match word {
            "all" => all(),
            "default" => all().into_iter().filter(|field| field.is_default(brand)).collect(),
            name => vec![find(name)?],
        };
        for column in more {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    if !named {
        columns = all();
    }
    columns.retain(|column| !removed.contains(column));
    if columns.is_empty() || (!named && removed.is_empty()) {
        return Err(Failure::usage("--fields leaves no column")
            .because("a leg without columns is nothing")
            .next("calllegs fields lists them all"));
    }
    Ok(columns)
}

/// The column of this name. A word that may be a key is not repeated.
fn find(name: &str) -> Result<&'static FieldInfo, Failure> {
    find_column::<CallLegs>(name).map_err(|refusal| {
        let failure = Failure::from(refusal);
        if may_be_secret(name) {
            Failure { what: "--fields holds a word that is no column".to_owned(), ..failure }
        } else {
            failure
        }
    })
}

/// Of [`telling`], so many are wanted in whatever width: when, who, how long, how it ended.
pub(crate) const VITAL: usize = 4;

/// The columns of a table that nobody chose, the most telling first.
pub(crate) fn telling(brand: Option<Brand>) -> Columns {
    const NAMES: [&str; 10] = [
        "start_time",
        "employee_full_name",
        "duration",
        "finish_reason",
        "direction",
        "contact_phone_number",
        "virtual_phone_number",
        "total_duration",
        "call_session_id",
        "id",
    ];
    let columns = NAMES.iter().filter_map(|name| CallLegs::field(name));
    columns.filter(|column| brand.is_none_or(|brand| column.is_documented(brand))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<&'static str> {
        read(text, None).unwrap().into_iter().map(FieldInfo::name).collect()
    }

    #[test]
    fn lists_groups_and_removals() {
        assert_eq!(names("duration, id,duration"), ["duration", "id"]);
        assert_eq!(names("all").len(), 34);
        assert_eq!(names("-contact_phone_number").len(), 33);
        assert_eq!(names("id,duration,-id"), ["duration"]);
        let default = names("default");
        assert!(default.contains(&"id") && !default.contains(&"finish_reason_description"));
        assert_eq!(names("default,finish_reason_description").len(), default.len() + 1);
    }

    #[test]
    fn misspelt_and_empty_lists_are_refused() {
        assert!(read("durations", None).unwrap_err().next.unwrap().contains("did you mean `duration`?"));
        assert!(read("id duration", None).unwrap_err().next.unwrap().contains("id,duration"));
        assert!(read("ID", None).unwrap_err().next.unwrap().contains("`id`"));
        for empty in ["", ",", "id,-id"] {
            assert!(read(empty, None).unwrap_err().what.contains("no column"), "{empty:?}");
        }
    }

    #[test]
    fn the_telling_columns_exist() {
        assert_eq!(telling(None).len(), 10);
    }
}
