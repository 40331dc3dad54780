//! Which columns are asked for: `--fields`, and what a table shows unless told otherwise.

use calllegs_core::{
    Brand, CallLegs,
    filter::nearest,
    query::column_of,
    schema::{FieldInfo, Listing, MethodInfo},
};

use crate::{
    failure::Failure,
    input::with,
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
    Preset(&'static Preset),
}

impl ColumnList {
    /// Reads `A,B`, `all`, `default`, of legs a preset, and `-C`.
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
                (name, None) if let Some(preset) = preset(method, name) => {
                    list.chosen.push(Choice::Preset(preset));
                }
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
                Choice::Preset(preset) => preset.fields().collect(),
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

/// Columns for a table on a terminal, by what somebody looks for.
#[derive(Debug)]
struct Preset {
    name: &'static str,
    /// So many of the first are wanted in whatever width.
    vital: usize,
    columns: &'static [&'static str],
}

impl Preset {
    fn fields(&self) -> impl Iterator<Item = &'static FieldInfo> {
        self.columns.iter().filter_map(|name| CallLegs::field(name))
    }
}

/// The presets, the most telling columns of each first. The first one is what a table shows that is told nothing.
#[rustfmt::skip] // a table is read in rows
static PRESETS: [Preset; 6] = [
    Preset { name: "calls", vital: 4, columns: &["start_time", "employee_full_name", "duration", "finish_reason", "direction",
        "contact_phone_number", "virtual_phone_number", "total_duration", "call_session_id", "id"] },
    Preset { name: "people", vital: 4, columns: &["start_time", "employee_full_name", "group_name", "duration", "finish_reason",
        "total_duration", "employee_rating", "employee_phone_number"] },
    Preset { name: "numbers", vital: 4, columns: &["start_time", "contact_phone_number", "virtual_phone_number", "direction",
        "duration", "calling_phone_number", "called_phone_number", "contact_full_name"] },
    Preset { name: "times", vital: 3, columns: &["start_time", "connect_time", "duration", "total_duration", "finish_reason",
        "call_session_id"] },
    Preset { name: "menu", vital: 4, columns: &["start_time", "scenario_name", "action_name", "duration", "finish_reason",
        "virtual_phone_number", "call_session_id"] },
    Preset { name: "ids", vital: 3, columns: &["start_time", "id", "call_session_id", "employee_id", "group_id", "scenario_id",
        "action_id", "contact_id"] },
];

/// The preset of this name; other listings than legs have none.
fn preset(method: &'static MethodInfo, name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| method.name == CallLegs::METHOD.name && preset.name == name)
}

/// Of columns that a table shows, so many are wanted in whatever width: those of a preset, or all.
pub(crate) fn vital(columns: &[&'static FieldInfo]) -> usize {
    let is_it = |preset: &&Preset| {
        let vital: Columns = preset.fields().take(preset.vital).collect();
        columns.starts_with(&vital) && columns.iter().all(|column| preset.columns.contains(&column.name()))
    };
    PRESETS.iter().find(is_it).map_or(columns.len(), |preset| preset.vital)
}

/// The column of this name. A word that may be a key or a phone number is not repeated.
fn find(method: &'static MethodInfo, name: &str) -> Result<&'static FieldInfo, Failure> {
    column_of(method, name).map_err(|refusal| {
        let is_legs = method.name == CallLegs::METHOD.name;
        if let Some(failure) = with::not_of_legs(name).filter(|_| is_legs) {
            return failure;
        }
        let is_guessed = refusal.next_step().is_some();
        let mut failure = Failure::from(refusal);
        if !is_legs && !is_guessed {
            let object = method.name.strip_prefix("get.").unwrap_or(method.name);
            failure = failure.next(say!("`calllegs fields --report {object}` lists them all", object));
        }
        let presets = PRESETS.iter().map(|preset| preset.name).filter(|name| preset(method, name).is_some());
        if let Some(near) = nearest(name, presets) {
            failure = failure.next(say!("did you mean `{near}`?", near));
        }
        if is_private(name) {
            Failure { what: say!("--fields holds a word that is no column").to_owned(), ..failure }
        } else {
            failure
        }
    })
}

/// The columns of a table that nobody chose, the most telling first.
pub(crate) fn telling(brand: Option<Brand>) -> Columns {
    let columns = PRESETS.first().into_iter().flat_map(Preset::fields);
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
        assert!(listed("session_is_lost").unwrap_err().what.contains("a column of --with"));
        let employees = calllegs_reports::method("employees").unwrap();
        let refused = ColumnList::read_of(employees, "zzz").unwrap_err();
        assert!(refused.next.unwrap().contains("`calllegs fields --report employees`"));
        for empty in ["", ",", "id,-id"] {
            assert!(listed(empty).unwrap_err().what.contains("no column"), "{empty:?}");
        }
    }

    #[test]
    fn presets_have_their_columns_and_go_with_other_words() {
        for preset in &PRESETS {
            assert_eq!(names(preset.name), preset.columns);
            assert_eq!(vital(&preset.fields().collect::<Columns>()), preset.vital);
        }
        assert_eq!(names("people,id").last(), Some(&"id"));
        assert_eq!(names("people,-duration").len(), 7);
        assert_eq!(vital(&listed("id,duration").unwrap()), 2);
        assert!(listed("peeple").unwrap_err().next.unwrap().contains("did you mean `people`?"));
    }

    #[test]
    fn presets_fit_every_usual_terminal() {
        let value = |name: &str| match name {
            "start_time" | "connect_time" => "2026-10-12 09:01:44",
            "id" | "call_session_id" => "1234567890123",
            name if name.ends_with("_phone_number") => "74951234567",
            name if name.ends_with("_name") => "Константинопольская Александра",
            name if name.ends_with("_id") => "9876543",
            "finish_reason" => "subscriber_disconnects",
            "direction" => "out",
            _ => "1234",
        };
        for preset in &PRESETS {
            let header: Vec<_> = preset.columns.iter().map(|name| (*name).to_owned()).collect();
            for (width, shown) in [(60, preset.vital), (80, preset.vital), (200, preset.columns.len() - 1)] {
                let row = preset.columns.iter().map(|name| value(name).to_owned()).collect();
                let text = crate::ui::table::layout(&header, vec![row], Some(width), preset.vital);
                assert!(text.lines().all(|line| line.chars().count() <= width), "{width}: {text}");
                let line = text.lines().nth(1).unwrap();
                for name in preset.columns.iter().take(shown) {
                    // Names may be cut; times and numbers are whole.
                    let value = value(name);
                    let is_text = value.contains(char::is_alphabetic);
                    let least = if is_text { value.chars().take(3).collect() } else { value.to_owned() };
                    assert!(line.contains(&least), "{}, {width}: {name} is not in\n{text}", preset.name);
                }
            }
        }
    }
}
