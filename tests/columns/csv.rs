//! CSV by its presets: exact for programs, right and harmless in a spreadsheet.

use calllegs_arrow::{
    csv::{Arrays, CsvOptions, CsvPreset, CsvWriter},
    schema::Column,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::pages::{batch, legs, named, pieces};

fn options(preset: CsvPreset) -> CsvOptions {
    let mut options = CsvOptions::default();
    options.preset = preset;
    options
}

fn written(rows: &[Value], columns: &[&'static Column], options: &CsvOptions) -> (Vec<u8>, u64) {
    let mut writer = CsvWriter::new(Vec::new(), columns, options.clone());
    writer.header().unwrap();
    for piece in pieces(&batch(rows), &[2, 1]) {
        writer.write(&piece).unwrap();
    }
    writer.flush().unwrap();
    let lost = writer.lost();
    (writer.finish().unwrap(), lost)
}

fn text(rows: &[Value], columns: &[&str], options: &CsvOptions) -> String {
    String::from_utf8(written(rows, &named(columns), options).0).unwrap()
}

/// One row with a value of each type.
fn row() -> Value {
    json!({"id": 123_456_789_012_345_i64, "start_time": "2026-03-02 10:15:04", "employee_rating": 4.5, "is_coach": true,
        "contact_full_name": "Пётр; \"Два\", слова", "call_records": ["a", "b"]})
}

const COLUMNS: [&str; 7] =
    ["id", "start_time", "employee_rating", "is_coach", "contact_full_name", "call_records", "group_name"];

#[test]
fn each_preset_writes_as_its_readers_expect() {
    let plain = "id,start_time,employee_rating,is_coach,contact_full_name,call_records,group_name\n\
        123456789012345,2026-03-02 10:15:04,4.5,true,\"Пётр; \"\"Два\"\", слова\",a b,\n";
    assert_eq!(text(&[row()], &COLUMNS, &options(CsvPreset::Plain)), plain);
    let english = "\u{feff}id,start_time,employee_rating,is_coach,contact_full_name,call_records,group_name\r\n\
        123456789012345,2026-03-02 10:15:04,4.5,TRUE,\"Пётр; \"\"Два\"\", слова\",a b,\r\n";
    assert_eq!(text(&[row()], &COLUMNS, &options(CsvPreset::ExcelEn)), english);
    let russian = "id;start_time;employee_rating;is_coach;contact_full_name;call_records;group_name\r\n\
        123456789012345;02.03.2026 10:15:04;4,5;ИСТИНА;\"Пётр; \"\"Два\"\", слова\";a b;\r\n";
    assert_eq!(text(&[row()], &COLUMNS, &options(CsvPreset::ExcelRu)), format!("\u{feff}{russian}"));
    let (bytes, lost) = written(&[row()], &named(&COLUMNS), &options(CsvPreset::OneC));
    let (told, _, broken) = encoding_rs::WINDOWS_1251.decode(&bytes);
    assert_eq!((&*told, broken, lost), (russian, false, 0));
}

#[test]
fn a_formula_is_harmless_in_excel_and_exact_for_programs() {
    let cells = ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "＝1", "a=1", "", "+74951234567"];
    for cell in cells {
        let told = |preset| {
            let told = text(&[json!({"contact_full_name": cell})], &["contact_full_name"], &options(preset));
            let mut reader =
                ::csv::ReaderBuilder::new().from_reader(told.trim_start_matches('\u{feff}').as_bytes());
            reader.records().next().unwrap().unwrap().get(0).unwrap().to_owned()
        };
        assert_eq!(told(CsvPreset::Plain), cell);
        let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝']);
        let expected = if begins { format!("'{cell}") } else { cell.to_owned() };
        assert_eq!(told(CsvPreset::ExcelRu), expected);
        assert_eq!(told(CsvPreset::ExcelEn), expected);
    }
    // A phone number begins with a plus and is none; what only looks like one is.
    let phone = |number: &str| {
        text(
            &[json!({"contact_phone_number": number})],
            &["contact_phone_number"],
            &options(CsvPreset::ExcelEn),
        )
    };
    assert!(phone("+74951234567").ends_with("\r\n+74951234567\r\n"));
    assert!(phone("+7495=1").ends_with("\r\n'+7495=1\r\n"));
    // Numbers are written by us, and are none either.
    assert!(
        text(&[json!({"duration": -5})], &["duration"], &options(CsvPreset::ExcelEn)).ends_with("\r\n-5\r\n")
    );
}

#[test]
fn no_value_and_an_empty_text_differ() {
    let rows = [json!({"group_name": null, "action_name": ""})];
    let columns = ["group_name", "action_name", "group_id"];
    assert_eq!(
        text(&rows, &columns, &options(CsvPreset::Plain)),
        "group_name,action_name,group_id\n,\"\",\n"
    );
    let mut named = options(CsvPreset::Plain);
    named.null = Some(r"\N".into());
    assert_eq!(text(&rows, &columns, &named), "group_name,action_name,group_id\n\\N,\"\",\\N\n");
    // A line without a cell would be no line.
    assert_eq!(text(&rows, &["group_name"], &options(CsvPreset::Plain)).lines().count(), 2);
}

#[test]
fn excel_text_keeps_the_digits_of_long_numbers() {
    let mut kept = options(CsvPreset::ExcelEn);
    kept.excel_text = true;
    let rows = [json!({"id": 123_456_789_012_i64, "group_id": 12_345_678_901_i64, "action_name": "1234e56",
        "group_name": "74951234567890", "contact_full_name": "say \"12\""})];
    let told = text(&rows, &["id", "group_id", "action_name", "group_name", "contact_full_name"], &kept);
    let line = told.lines().nth(1).unwrap();
    assert_eq!(line, r#""=""123456789012""",12345678901,"=""1234e56""","=""74951234567890""","say ""12""""#);
}

/// The cell of a text column under `excel_text`.
fn kept(column: &str, text: &str, preset: CsvPreset) -> String {
    let mut kept = options(preset);
    kept.excel_text = true;
    let told = self::text(&[json!({ column: text })], &[column], &kept);
    let delimiter = if preset == CsvPreset::ExcelRu { b';' } else { b',' };
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(told.trim_start_matches('\u{feff}').as_bytes());
    reader.records().next().unwrap().unwrap().get(0).unwrap().to_owned()
}

#[test]
fn excel_text_keeps_what_excel_would_change() {
    let changed = [
        "24/7",
        "0288122",
        "1-2",
        "10.05",
        "1e5",
        "1E5",
        "1E+05",
        "0",
        "7",
        "007",
        "123456789012",
        "1,5",
        "1.5",
        "1 000",
        "1\u{a0}000",
        "(5)",
        "5%",
        "50 %",
        "$5",
        "5 ₽",
        "5 р.",
        "10:05",
        "24:00:00",
        "10 pm",
        "5 a",
        "2026-10-05",
        "05.10.2026",
        "5/10/2026 10:05",
        "2026-10-05T10:05:00Z",
        "5 мар",
        "мар.26",
        "Mar-05",
        "Sept 5",
        "5 марта 2026 г.",
        "Март 2026",
        "1 1/2",
        " 12 ",
        "TRUE",
        "true",
        "False",
        "ИСТИНА",
        "ложь",
        "=1+1",
        "+1",
        "+74951234567",
        "-1",
        "-",
        "−5",
        "@a",
        "\ta",
        "#N/A",
        "#Н/Д",
        "#ДЕЛ/0!",
        "12'000",
        "１２",
    ];
    let harmless = [
        "",
        "a",
        "Иванов",
        "March",
        "Мария 5",
        "24/7 поддержка",
        "1-2 линия",
        "№5",
        "0x1f",
        "a=1",
        "Истина 1",
        "v1.2",
        "отдел 7",
        "12345678-abcd",
        "[1]",
        "e",
        "5c2f",
        "say \"12\"",
    ];
    for preset in [CsvPreset::ExcelEn, CsvPreset::ExcelRu] {
        for column in ["group_name", "contact_phone_number"] {
            for text in changed {
                assert_eq!(kept(column, text, preset), format!("=\"{text}\""));
            }
            for text in harmless {
                assert_eq!(kept(column, text, preset), text);
            }
        }
    }
    assert_eq!(kept("group_name", "24/7", CsvPreset::Plain), "24/7");
    // Quotes inside, and longer than a text in a formula can be.
    assert_eq!(kept("group_name", r#"=A("x")"#, CsvPreset::ExcelRu), r#"="=A(""x"")""#);
    let (long, rest) = ("1".repeat(255), "1".repeat(45));
    assert_eq!(kept("group_name", &"1".repeat(300), CsvPreset::ExcelRu), format!("=\"{long}\"&\"{rest}\""));
}

#[test]
fn excel_text_leaves_numbers_truth_and_times_alone() {
    let mut kept = options(CsvPreset::ExcelRu);
    kept.excel_text = true;
    let columns = ["id", "duration", "employee_rating", "is_coach", "start_time", "call_records"];
    let mut row = row();
    row["id"] = json!(-5);
    row["duration"] = json!(288_122);
    row["call_records"] = json!(["12", "3"]);
    let told = text(&[row], &columns, &kept);
    assert!(told.ends_with("\r\n-5;288122;4,5;ИСТИНА;02.03.2026 10:15:04;\"=\"\"12 3\"\"\"\r\n"), "{told}");
}

#[test]
fn lists_become_json_where_that_is_asked_for() {
    let mut json = options(CsvPreset::Plain);
    json.arrays = Arrays::Json;
    let rows =
        [json!({"call_records": ["a", "b"]}), json!({"call_records": []}), json!({"call_records": null})];
    assert_eq!(
        text(&rows, &["id", "call_records"], &json),
        "id,call_records\n,\"[\"\"a\"\",\"\"b\"\"]\"\n,[]\n,\n"
    );
    let joined = options(CsvPreset::Plain);
    assert_eq!(text(&rows, &["id", "call_records"], &joined), "id,call_records\n,a b\n,\"\"\n,\n");
}

#[test]
fn what_fits_no_column_stands_in_its_place_as_the_server_wrote_it() {
    let rows = [json!({"duration": "long", "employee_rating": [1], "is_coach": "maybe"})];
    let told = text(&rows, &["duration", "employee_rating", "is_coach"], &options(CsvPreset::Plain));
    assert!(told.ends_with("\nlong,[1],maybe\n"), "{told}");
}

#[test]
fn letters_that_an_encoding_does_not_have_are_counted() {
    let rows = [json!({"contact_full_name": "Ёж №5 — 田中 😀"}), json!({"contact_full_name": "ok"})];
    let (bytes, lost) = written(&rows, &named(&["contact_full_name"]), &options(CsvPreset::OneC));
    assert_eq!(encoding_rs::WINDOWS_1251.decode(&bytes).0, "contact_full_name\r\nЁж №5 — ?? ?\r\nok\r\n");
    assert_eq!(lost, 3);
}

#[test]
fn pieces_do_not_show() {
    let (rows, columns) = (legs(3000, 0), crate::pages::all());
    for preset in CsvPreset::ALL {
        let (expected, _) = written(&rows, &columns, &options(preset));
        let mut writer = CsvWriter::new(Vec::new(), &columns, options(preset));
        writer.header().unwrap();
        writer.write(&batch(&rows)).unwrap();
        assert!(writer.finish().unwrap() == expected, "{}", preset.as_str());
    }
}

proptest! {
    /// What a reader of CSV gets is what the server sent.
    #[test]
    fn plain_is_exact(name in ".*", phone in ".*", number in any::<i64>()) {
        let rows = [json!({"contact_full_name": name, "contact_phone_number": phone, "id": number})];
        let told = text(&rows, &["contact_full_name", "id", "contact_phone_number"], &options(CsvPreset::Plain));
        let mut reader = ::csv::ReaderBuilder::new().terminator(::csv::Terminator::Any(b'\n')).from_reader(told.as_bytes());
        let records: Vec<_> = reader.records().map(Result::unwrap).collect();
        prop_assert_eq!(records.len(), 1);
        prop_assert_eq!(records[0].iter().collect::<Vec<_>>(), [&*name, &*number.to_string(), &*phone]);
    }

    /// No cell of a preset for Excel begins a formula, whatever anybody called a contact.
    #[test]
    fn nothing_begins_a_formula_in_excel(name in "[=+@\\-\t\r\n\"',;a1 ]{0,6}") {
        let rows = [json!({"contact_full_name": name})];
        let told = text(&rows, &["contact_full_name"], &options(CsvPreset::ExcelRu));
        let mut reader = ::csv::ReaderBuilder::new().delimiter(b';').from_reader(told.trim_start_matches('\u{feff}').as_bytes());
        let cell = reader.records().next().unwrap().unwrap()[0].to_owned();
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        prop_assert_eq!(cell.strip_prefix('\'').filter(|_| !name.starts_with('\'')).unwrap_or(&cell), &name);
    }
}
