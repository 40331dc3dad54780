//! What is left of people in a place: numbers, addresses of mail, names and recordings, by the names of columns and by the
//! values themselves. Not here: taking it off
//! ([`redact`](crate::redact)).

mod leaves;
mod numbers;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use arrow_array::{Array as _, RecordBatch};
use calllegs_arrow::schema::{Column, ColumnKind};
use calllegs_core::value::phone::HIDDEN;
use serde::Serialize;

use self::{
    leaves::{NoText, leaves},
    numbers::has_phone,
};
use crate::{
    error::{Error, ErrorKind},
    read::Reading,
    redact::{OWN, PARTIES, Redaction, is_pseudonym},
    wanted::Wanted,
};

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LeftKind {
    /// An address of mail.
    Email,
    /// Something stands in a column of names.
    Name,
    /// Ten to fifteen digits.
    Phone,
    /// The id of a recording: whoever has it can hear the call.
    Record,
}

impl fmt::Display for LeftKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Email => "addresses of mail",
            Self::Name => "names",
            Self::Phone => "phone numbers",
            Self::Record => "ids of recordings",
        })
    }
}

/// What a column still has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Left {
    /// The column.
    pub column: String,
    /// What its values look like.
    pub kind: LeftKind,
    /// In how many rows.
    pub rows: u64,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Checked {
    /// Rows that were looked at.
    pub rows: u64,
    /// What is left, by column.
    pub left: Vec<Left>,
    /// Columns with texts that people have written, which may say anything.
    pub free_texts: Vec<String>,
    /// Columns with values that are kept on purpose, and so were not looked at.
    pub kept: Vec<String>,
}

/// Looks at every value of a place, also of columns that nobody knows; of a database, at those of legs. What the redaction
/// keeps on purpose is not looked at, and neither are the account's own numbers.
///
/// # Errors
/// When it cannot be read, and when a column has bytes that are no text.
pub fn check(place: &mut Reading, kept: Option<&Redaction>) -> Result<Checked, Error> {
    let mut seen =
        Seen { kept, rows: 0, left: BTreeMap::new(), free_texts: BTreeSet::new(), passed: BTreeSet::new() };
    place.read(&Wanted::everything(), |batch| seen.look(&batch))?;
    let left = seen.left.into_iter().map(|((column, kind), rows)| Left { column, kind, rows });
    Ok(Checked {
        rows: seen.rows,
        left: left.collect(),
        free_texts: seen.free_texts.into_iter().collect(),
        kept: seen.passed.into_iter().collect(),
    })
}

/// Names of scenarios and the like, which people choose.
const FREE_TEXTS: [&str; 3] = ["action_name", "group_name", "scenario_name"];

struct Seen<'r> {
    kept: Option<&'r Redaction>,
    rows: u64,
    left: BTreeMap<(String, LeftKind), u64>,
    free_texts: BTreeSet<String>,
    passed: BTreeSet<String>,
}

impl Seen<'_> {
    fn look(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        self.rows += batch.num_rows() as u64;
        let own = batch.column_by_name(OWN);
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            let name = field.name().as_str();
            if is_ours(name) || name == OWN {
                continue;
            }
            if self.kept.is_some_and(|kept| kept.keeps_on_purpose(name)) {
                if array.null_count() < array.len() {
                    self.passed.insert(name.to_owned());
                }
                continue;
            }
            let column = Column::all().iter().chain(Column::version()).find(|column| column.name() == name);
            let is_as_known = |text: &str| column.is_some_and(|column| is_of(column.kind(), text));
            let failed = |NoText| unread(name);
            for row in 0..array.len() {
                let mut own_number = None;
                if let Some(own) = own.filter(|_| PARTIES.contains(&name)) {
                    let mut take = |_: &str, text: &str| own_number = Some(text.to_owned());
                    leaves(OWN, own, row, &mut take).map_err(|NoText| unread(OWN))?;
                }
                let own_number = own_number.as_deref().filter(|own| !own.is_empty());
                let mut kinds = BTreeSet::new();
                let mut is_there = false;
                let mut take = |member: &str, text: &str| {
                    is_there = true;
                    if !is_as_known(text) {
                        kinds.extend(look_at(name, text, own_number));
                        if member != name {
                            kinds.extend(look_at(member, text, own_number));
                        }
                    }
                };
                leaves(name, array, row, &mut take).map_err(failed)?;
                if is_there && FREE_TEXTS.contains(&name) {
                    self.free_texts.insert(name.to_owned());
                }
                for kind in kinds {
                    *self.left.entry((name.to_owned(), kind)).or_default() += 1;
                }
            }
        }
        Ok(())
    }
}

fn unread(column: &str) -> Error {
    Error::new(ErrorKind::Unreadable, format!("the column {column} has bytes that are no text"))
        .because("whether there are people in them is not known")
        .next("leave the column out, or write it as text")
}

/// Whether it is a column whose texts this tool has made, of nobody.
fn is_ours(name: &str) -> bool {
    name == "account" || Column::version().iter().any(|column| column.name() == name)
}

/// Whether a value is a number, as the column has them, that is no telephone.
fn is_of(kind: ColumnKind, text: &str) -> bool {
    match kind {
        ColumnKind::Int32 => text.parse::<i32>().is_ok(),
        // Ids are as long as telephone numbers.
        ColumnKind::Int64 => text.parse::<i64>().is_ok(),
        ColumnKind::Double => text.parse::<f64>().is_ok_and(|number| number.abs() < 1e9),
        ColumnKind::Boolean
        | ColumnKind::Instant
        | ColumnKind::Text
        | ColumnKind::TextList
        | ColumnKind::WallTime
        | _ => false,
    }
}

/// What a value looks like.
fn look_at(column: &str, text: &str, own: Option<&str>) -> impl Iterator<Item = LeftKind> {
    let is_there = !text.is_empty() && !is_pseudonym(text) && own != Some(text);
    let is_of_records = column.ends_with("call_records");
    [
        (is_there && has_email(text)).then_some(LeftKind::Email),
        (is_there && column.ends_with("full_name") && text != HIDDEN).then_some(LeftKind::Name),
        (is_there && !is_of_records && has_phone(text)).then_some(LeftKind::Phone),
        (is_there && (is_of_records && has_word(text) || has_record(text))).then_some(LeftKind::Record),
    ]
    .into_iter()
    .flatten()
}

/// Whether a list, as texts have it, has anything but pseudonyms.
fn has_word(text: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| !word.is_empty() && !is_pseudonym(word))
}

fn has_email(text: &str) -> bool {
    let is_of_name = |c: char| c.is_alphanumeric() || "._+-".contains(c);
    text.match_indices('@').any(|(place, _)| {
        let (before, behind) = text.split_at(place);
        let host: String = behind.chars().skip(1).take_while(|c| is_of_name(*c)).collect();
        before.ends_with(is_of_name) && host.trim_matches('.').contains('.')
    })
}

/// Thirty-two hexadecimal digits, as recordings have.
fn has_record(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .any(|run| run.len() == 32 && run.bytes().any(|byte| !byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, BinaryArray, Decimal128Array, DictionaryArray, FixedSizeListArray, Float64Array,
        Int32Array, Int64Array, LargeStringArray, RunArray, StringArray, StringViewArray, StructArray,
        UInt64Array,
        builder::{Int64Builder, LargeListBuilder, ListBuilder, MapBuilder, StringBuilder},
        types::Int32Type,
    };
    use arrow_schema::Field;

    use super::*;

    fn kinds(column: &str, text: &str) -> Vec<LeftKind> {
        look_at(column, text, Some("74951112233")).collect()
    }

    #[test]
    fn numbers_addresses_names_and_recordings_are_seen() {
        for text in [
            "79161234567",
            "+7 916 123-45-67",
            "call 8(916)123-45-67 back",
            "8–916–123–45–67",
            "8_916_123_45_67",
            "8.916.123.45.67",
            "+7.916.123.45.67",
            "8/916/1234567",
            "call 8-916.123.45.67 or mail",
            "8−916−123−45−67",
            "8\u{202f}916\u{202f}1234567",
            "2026-03-02 79161234567",
            r#"{"note":"9161234567"}"#,
            "2026-03-02 8 916 123 45 67",
            "2026-03-02 10:15:04 8 916 123 45 67",
            "9161-23-45-67",
            "8916-12-34-567",
            "91-61-2345-67",
            "8 916 123 45 67 8 916 123 45 68",
            "916 123 45 67 495 123 45 68",
            "971 50 123 4567, 971 50 123 4568",
            "8\t916\t123\t45\t67",
            "8\n916\n123\n45\n67",
            "8\u{2009}916\u{2007}123 45 67",
            "8\u{200b}916\u{200b}1234567",
            "\u{ff18}\u{ff19}\u{ff11}\u{ff16}1234567",
            "\u{668}\u{669}\u{661}\u{666}\u{661}\u{662}\u{663}\u{664}\u{665}\u{666}\u{667}",
            "8,916,123,45,67",
            "8:916:123:45:67",
            "8*916*123*45*67",
            "8~916~123~45~67",
            "8|916|123|45|67",
            "8=916=123=45=67",
            "8'916'123'45'67",
            "8[916]123[45]67",
            "8 . 916 . 123 . 45 . 67",
        ] {
            assert_eq!(kinds("whatever", text), [LeftKind::Phone], "{text}");
        }
        assert_eq!(kinds("action_name", "to anna.i@example.ru"), [LeftKind::Email]);
        assert_eq!(kinds("contact_full_name", "Анна"), [LeftKind::Name]);
        assert_eq!(kinds("x_call_records", "a1"), [LeftKind::Record]);
        assert_eq!(kinds("note", "9f3c0a11b2d4e5f60718293a4b5c6d7e"), [LeftKind::Record]);
    }

    #[test]
    fn what_is_none_of_them_is_left_alone() {
        for (column, text) in [
            ("called_phone_number", "74951112233"),
            ("called_phone_number", "+7 9•• •••-45-67"),
            ("called_phone_number", "7495"),
            ("contact_full_name", "abcdefghijklmnopqrstuv"),
            ("contact_full_name", ""),
            ("call_records", r#"["abcdefghijklmnopqrstuv","•••"]"#),
            ("note", "2026-03-02 10:15:04"),
            ("note", "2026-03-02"),
            ("note", "02.03.2026 10:15:04"),
            ("note", "2026/03/02 10:15"),
            ("note", "203.0.113.107"),
            ("note", "1234567.8901"),
            ("note", "0.12345678901234"),
            ("note", "2026-03-02T10:15:04.123456+03:00"),
            ("note", "legs-2026-03-02-101504.csv"),
            ("note", "2026-03-02 2026-03-09"),
            ("note", "9:00-18:00, 9:30-17:30"),
            ("note", "[7, 9, 12, 345]"),
            ("note", "Q.850 16, 1234567890123456"),
            ("action_name", "anna@home"),
        ] {
            assert_eq!(kinds(column, text), [], "{column} {text}");
        }
    }

    #[test]
    fn values_of_all_types_are_looked_at() {
        let phone = 79_161_234_567_i64;
        let texts = || StringArray::from(vec!["79161234567"]);
        let numbers = || Arc::new(Int64Array::from(vec![phone])) as ArrayRef;
        let member = |name: &str, array: ArrayRef| {
            let field = Arc::new(Field::new(name, array.data_type().clone(), true));
            Arc::new(StructArray::from(vec![(field, array)])) as ArrayRef
        };
        let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        map.keys().append_value("79161234567");
        map.values().append_value("");
        map.append(true).unwrap();
        let list = |array: ArrayRef| {
            let item = Arc::new(Field::new_list_field(array.data_type().clone(), true));
            Arc::new(FixedSizeListArray::new(item, 1, array, None)) as ArrayRef
        };
        let mut large = LargeListBuilder::new(StringBuilder::new());
        large.append_value([Some("79161234567")]);
        let mut whole = ListBuilder::new(Int64Builder::new());
        whole.append_value([Some(phone)]);
        let runs = RunArray::<Int32Type>::try_new(&Int32Array::from(vec![1]), &texts()).unwrap();
        let all: Vec<ArrayRef> = vec![
            Arc::new(texts()),
            Arc::new(LargeStringArray::from(vec!["79161234567"])),
            Arc::new(StringViewArray::from(vec!["79161234567"])),
            Arc::new(vec!["79161234567"].into_iter().collect::<DictionaryArray<Int32Type>>()),
            Arc::new(Float64Array::from(vec![79_161_234_567.0])),
            Arc::new(UInt64Array::from(vec![79_161_234_567])),
            Arc::new(Decimal128Array::from(vec![7_916_123_456_700]).with_precision_and_scale(20, 2).unwrap()),
            Arc::new(BinaryArray::from(vec![&b"79161234567"[..]])),
            Arc::new(map.finish()),
            Arc::new(large.finish()),
            Arc::new(whole.finish()),
            Arc::new(runs),
            member("phone", numbers()),
            list(member("phone", Arc::new(texts()))),
        ];
        for name in ["unknown", "contact_phone_number"] {
            for array in &all {
                let found = looked(name, Arc::clone(array)).unwrap();
                assert_eq!(found, [(name.to_owned(), LeftKind::Phone)], "{name} {}", array.data_type());
            }
        }
        // Also where a number, a time or a truth is known to be.
        for name in ["duration", "start_time", "is_talked"] {
            assert_eq!(looked(name, numbers()).unwrap(), [(name.to_owned(), LeftKind::Phone)]);
        }
        assert_eq!(looked("id", numbers()).unwrap(), []);
        assert_eq!(looked("x", Arc::new(Float64Array::from(vec![0.123_456_789_012]))).unwrap(), []);
        // By the name of a member.
        let named = member("contact_full_name", Arc::new(StringArray::from(vec!["Анна"])));
        assert_eq!(looked("x", named).unwrap(), [("x".to_owned(), LeftKind::Name)]);
        // What nobody can read is not clean.
        let error = looked("x", Arc::new(BinaryArray::from(vec![&[0xff, 0xfe, 0x39][..]]))).unwrap_err();
        assert_eq!(error.to_string(), "the column x has bytes that are no text");
    }

    fn looked(name: &str, array: ArrayRef) -> Result<Vec<(String, LeftKind)>, Error> {
        let batch = RecordBatch::try_from_iter_with_nullable([(name, array, true)]).unwrap();
        let mut seen = Seen {
            kept: None,
            rows: 0,
            left: BTreeMap::new(),
            free_texts: BTreeSet::new(),
            passed: BTreeSet::new(),
        };
        seen.look(&batch)?;
        Ok(seen.left.into_keys().collect())
    }
}
