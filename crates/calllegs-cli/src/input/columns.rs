//! Which columns are asked for: `--fields`, and what a table shows unless told otherwise.

use calllegs_core::{
    Brand, CallLegs,
    query::column_of,
    schema::{FieldInfo, Listing, MethodInfo},
};

use crate::{
    failure::Failure,
    lang::say,
    ui::{echo::is_private, text::clean},
};

pub(crate) type Columns = Vec<&'static FieldInfo>;

/// Every column of the table, in its order.
pub(crate) fn all() -> Columns {
    all_of(CallLegs::METHOD)
}

fn all_of(method: &'static MethodInfo) -> Columns {
    method.fields.iter().collect()
}

/// Columns as `--fields` lists them: names in the order given; only removals start from all columns.
#[derive(Clone, Debug)]
pub(crate) struct ColumnList {
    method: &'static MethodInfo,
    chosen: Vec<Choice>,
    removed: Columns,
}

#[derive(Clone, Copy, Debug)]
enum Choice {
    All,
    /// Those of the brand's answer to a request that names none.
    Default,
    One(&'static FieldInfo),
}

impl ColumnList {
    /// Reads `A,B`, `all`, `default` and `-C`.
    ///
    /// # Errors
    /// Suggests the nearest name; refuses a list that leaves nothing, whatever the brand.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        Self::read_of(CallLegs::METHOD, text)
    }

    /// The same, of any listing.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn read_of(method: &'static MethodInfo, text: &str) -> Result<Self, Failure> {
        const OTHERS: [char; 4] = [';', '|', '+', ':'];
        if text.trim().contains(|c: char| c.is_whitespace() || OTHERS.contains(&c)) && !text.contains(',') {
            let names = text.split(|c: char| c.is_whitespace() || OTHERS.contains(&c));
            let listed = names.filter(|name| !name.is_empty()).collect::<Vec<_>>().join(",");
            return Err(Failure::usage(say!(
                "--fields holds names with other signs than commas between them"
            ))
            .because(say!("columns are separated with commas"))
            .next(if is_private(text) {
                say!("for example: --fields id,start_time,duration").to_owned()
            } else {
                say!("write --fields {listed}", listed = clean(&listed))
            }));
        }
        let mut list = Self { method, chosen: Vec::new(), removed: Columns::new() };
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            match (word, word.strip_prefix('-')) {
                (_, Some("")) => {
                    return Err(Failure::usage(say!("--fields has a `-` without a name"))
                        .because(say!("a `-` leaves the column out whose name follows it"))
                        .next(say!("for example: --fields -call_records")));
                }
                (_, Some(name)) => list.removed.push(find(method, name)?),
                ("all", None) => list.chosen.push(Choice::All),
                ("default", None) => list.chosen.push(Choice::Default),
                (name, None) => list.chosen.push(Choice::One(find(method, name)?)),
            }
        }
        if list.chosen.is_empty() && !list.removed.is_empty() {
            list.chosen.push(Choice::All);
        }
        if list.columns(|_| true).is_empty() { Err(none_left()) } else { Ok(list) }
    }

    /// The columns, each once, with the default of this brand.
    ///
    /// # Errors
    /// When none is left.
    pub(crate) fn of(&self, brand: Option<Brand>) -> Result<Columns, Failure> {
        let columns = self.columns(|field| field.is_default(brand));
        if columns.is_empty() { Err(none_left()) } else { Ok(columns) }
    }

    fn columns(&self, is_default: impl Fn(&FieldInfo) -> bool) -> Columns {
        let mut columns = Columns::new();
        for choice in &self.chosen {
            let more = match *choice {
                Choice::All => all_of(self.method),
                Choice::Default => {
                    all_of(self.method).into_iter().filter(|field| is_default(field)).collect()
                }
                Choice::One(field) => vec![field],
            };
            for column in more {
                if !columns.contains(&column) && !self.removed.contains(&column) {
                    columns.push(column);
                }
            }
        }
        columns
    }
}

fn none_left() -> Failure {
    Failure::usage(say!("--fields leaves no column"))
        .because(say!("a leg without columns is nothing"))
        .next(say!("calllegs fields lists them all"))
}

/// The column of this name. A word that may be a key or a phone number is not repeated.
fn find(method: &'static MethodInfo, name: &str) -> Result<&'static FieldInfo, Failure> {
    column_of(method, name).map_err(|refusal| {
        let failure = Failure::from(refusal);
        if is_private(name) {
            Failure { what: say!("--fields holds a word that is no column").to_owned(), ..failure }
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
        listed(text).unwrap().into_iter().map(FieldInfo::name).collect()
    }

    fn listed(text: &str) -> Result<Columns, Failure> {
        ColumnList::read(text)?.of(None)
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
        assert!(listed("durations").unwrap_err().next.unwrap().contains("did you mean `duration`?"));
        assert!(listed("id duration").unwrap_err().next.unwrap().contains("id,duration"));
        assert!(listed("ID").unwrap_err().next.unwrap().contains("`id`"));
        for empty in ["", ",", "id,-id"] {
            assert!(listed(empty).unwrap_err().what.contains("no column"), "{empty:?}");
        }
    }

    #[test]
    fn the_telling_columns_exist() {
        assert_eq!(telling(None).len(), 10);
    }
}
