//! Small pages of our own words against a small spec.

use serde_json::{Value, json};

mod html;

use super::*;
use crate::codegen;

const SPEC: &str = "\
brand callgear \"https://callgear.example\"
brand comagic \"https://comagic.example\"
brand uis \"https://uis.example\" table=comagic
id VisitId \"A visit.\"
enum Ending labels=ENDINGS \"Why.\"
value left ru=\"Ушёл сам\" en=\"Left\"
value timeout ru=\"Надоело\" en=\"Tired\"
value sent_away brands=comagic ru=\"Отправлен \\\"домой\\\"\" en=\"Sent away\"
enum Door \"Which.\"
value front \"F.\"
value back \"B.\"
method get.visits_report listing=Visits row=Visit cost=1 audience=client each=\"A visit.\" \"visits\"
param access_token string required
param fields array
param date_from iso8601 required
field id number as=VisitId filter default \"A.\"
field guests number filter sort default \"A.\"
field came_at iso8601 sort default \"A.\"
field ending enum as=Ending filter sort default \"A.\"
field ending_text string filter sort \"A.\"
field door enum as=Door filter sort default \"A.\"
on callgear absent
field was_welcome boolean filter sort default deprecated \"A.\"
field host_id id as=VisitId \"A.\"
on callgear type=number
field photos array default \"A.\"
";

const QUIRKS: &str = "\
[[quirk]]
target = \"value Ending sent_away\"
brand = \"callgear\"
alias = \"dismissed\"
reason = \"Its own word.\"
date = 2026-01-02

[[quirk]]
target = \"param get.visits_report fields\"
brand = \"callgear\"
page = \"param_removed\"
reason = \"Only the row is missing.\"
date = 2026-01-02
";

const PAGE: &str = "\
К содержанию

Метод get.visits_report
Описание Посетители за срок

Что передать

Название Тип Обязательный Допустимые значения Описание
access_token string да Пропуск
date_from iso8601 да YYYY-MM-DD hh:mm:ss С какого дня
fields array нет Какие столбцы
Список необязателен
и может быть пустым

Что придёт

Название Тип Допустимые значения Фильтрация Сортировка Ответ по умолчанию Описание
id number да да Номер
guests number да да да Сколько гостей (да или нет - неважно)
came_at iso8601 YYYY-MM-DD hh:mm:ss да да Когда пришёл
ending enum да да да Чем кончилось
ending_text string да да нет То же словами
door enum front, back да да да Через какую дверь
was_welcome boolean true, false да да да Открыли ли (deprecated скоро уберут)
host_id id Кто принимал
photos array да Снимки. Открыть:
http://example.com/{id}/{снимок}

Чем кончается

Мнемоника Описание
left Ушёл сам
timeout Надоело
sent_away Отправлен
\"домой\"

JSON структура ответа

{
  \"id\":\"number\"
}
";

fn model() -> Model {
    codegen::load_texts(SPEC, QUIRKS).unwrap()
}

fn import_text(model: &Model, page: &str, brand: &str, json: bool) -> Result<(String, Verdict), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page");
    std::fs::write(&path, page).unwrap();
    answer(model, &Request { paths: vec![path], brand: Some(brand.to_owned()), json, ..Request::default() })
}

fn import_as(brand: &str, page: &str) -> Result<Value, String> {
    let (text, verdict) = import_text(&model(), page, brand, true)?;
    let answer: Value = serde_json::from_str(&text).unwrap();
    let drift = !answer["differences"].as_array().unwrap().is_empty();
    assert_eq!(verdict, if drift { Verdict::Drift } else { Verdict::NoDrift });
    Ok(answer)
}

fn differences(page: &str) -> Value {
    import_as("comagic", page).unwrap()["differences"].take()
}

fn replaced(line: &str, by: &str) -> String {
    assert!(PAGE.contains(line), "{line}");
    PAGE.replace(line, by)
}

fn names(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn the_same_page_has_no_drift_and_names_its_ambiguous_rows() {
    for brand in ["comagic", "uis"] {
        let answer = import_as(brand, PAGE).unwrap();
        assert_eq!(answer["differences"], json!([]));
        assert_eq!((&answer["brand"], &answer["method"]), (&json!(brand), &json!("get.visits_report")));
        assert_eq!(names(&answer["ambiguous"]), ["id", "came_at", "photos"]);
        let unknown = json!(["filterable", "sortable", "default"]);
        let id = json!({ "name": "id", "marks": ["yes", "yes"], "columns": 3, "unknown": unknown });
        assert_eq!(answer["ambiguous"][0], id);
    }
    let (text, verdict) = import_text(&model(), PAGE, "comagic", false).unwrap();
    assert_eq!(verdict, Verdict::NoDrift);
    assert!(text.starts_with("get.visits_report on comagic: no drift\n  3 ambiguous rows"), "{text}");
    assert!(
        text.contains("  photos: 1 of 3 marks (yes); cannot be known: filterable, sortable, default"),
        "{text}"
    );
}

#[test]
fn layout_does_not_matter() {
    let page =
        PAGE.replace("front, back", "front,back").replace("true, false", "true ,false").replace('\n', "\r\n");
    assert_eq!(differences(&page), json!([]));
    assert_eq!(differences(&PAGE.replace("\nguests", "\n\nguests")), json!([]));
    assert_eq!(differences(&format!("\u{feff}{PAGE}")), json!([]));
}

#[test]
fn a_field_less_and_a_reason_more_are_both_named() {
    let page = replaced("guests number да да да Сколько гостей (да или нет - неважно)\n", "")
        .replace("timeout Надоело\n", "timeout Надоело\nrobot Оказался роботом\n");
    let expected = json!([
        { "kind": "field_removed", "name": "guests" },
        { "kind": "reason_added", "name": "robot", "label": "Оказался роботом" },
    ]);
    assert_eq!(differences(&page), expected);
    let (text, verdict) = import_text(&model(), &page, "comagic", false).unwrap();
    assert_eq!(verdict, Verdict::Drift);
    assert!(text.contains("field_removed guests") && text.contains("reason_added robot"), "{text}");
}

#[test]
fn fields_types_and_values_are_compared() {
    let new = "guests2 number да нет да Ещё\nguests number да да да ";
    assert_eq!(
        differences(&replaced("guests number да да да ", new)),
        json!([{ "kind": "field_added", "name": "guests2", "type": "number",
                 "filterable": true, "sortable": false, "default": true }])
    );
    assert_eq!(
        differences(&replaced("host_id id ", "host_id number ")),
        json!([{ "kind": "type_changed", "name": "host_id", "spec": "id", "page": "number" }])
    );
    assert_eq!(
        differences(&replaced("guests number да", "guests nustringmber да")),
        json!([{ "kind": "type_changed", "name": "guests", "spec": "number", "page": "nustringmber" }])
    );
    assert_eq!(
        differences(&replaced("front, back", "front, back, roof")),
        json!([{ "kind": "values_changed", "name": "door", "spec": ["front", "back"],
                 "page": ["front", "back", "roof"] }])
    );
    assert_eq!(
        differences(&replaced("came_at iso8601 YYYY-MM-DD hh:mm:ss", "came_at iso8601")),
        json!([{ "kind": "values_changed", "name": "came_at", "spec": ["YYYY-MM-DD hh:mm:ss"], "page": [] }])
    );
}

#[test]
fn flags_are_compared_where_they_can_be_known() {
    assert_eq!(
        differences(&replaced("guests number да да да", "guests number да нет да")),
        json!([{ "kind": "flag_changed", "name": "guests", "flag": "sortable", "spec": true, "page": false }])
    );
    // All three columns are marked: every flag is known.
    assert_eq!(
        differences(&replaced("id number да да Номер", "id number да да да Номер")),
        json!([{ "kind": "flag_changed", "name": "id", "flag": "sortable", "spec": false, "page": true }])
    );
    // No column is marked: every flag is known, too.
    assert_eq!(
        differences(&replaced("ending_text string да да нет ", "ending_text string ")),
        json!([
            { "kind": "flag_changed", "name": "ending_text", "flag": "filterable", "spec": true, "page": false },
            { "kind": "flag_changed", "name": "ending_text", "flag": "sortable", "spec": true, "page": false },
        ])
    );
    // Two marks where the spec has three: one flag is gone, which one is unknown.
    assert_eq!(
        differences(&replaced("guests number да да да", "guests number да да")),
        json!([{ "kind": "flag_changed", "name": "guests", "flag": null,
                 "spec": ["filterable", "sortable", "default"],
                 "page_one_of": [["filterable", "sortable"], ["filterable", "default"], ["sortable", "default"]] }])
    );
    assert_eq!(
        differences(&replaced(" (deprecated скоро уберут)", "")),
        json!([{ "kind": "flag_changed", "name": "was_welcome", "flag": "deprecated", "spec": true, "page": false }])
    );
    let moved = replaced(" (deprecated скоро уберут)", "\nИ это (deprecated)");
    assert_eq!(differences(&moved), json!([]));
}

#[test]
fn reasons_are_compared() {
    assert_eq!(
        differences(&replaced("timeout Надоело\n", "timeout Надоело ждать\n")),
        json!([{ "kind": "reason_changed", "name": "timeout", "spec": "Надоело", "page": "Надоело ждать" }])
    );
    assert_eq!(
        differences(&replaced("left Ушёл сам\n", "")),
        json!([{ "kind": "reason_removed", "name": "left" }])
    );
    // The other brand's spelling is news on this brand's page.
    assert_eq!(
        differences(&replaced("sent_away Отправлен", "dismissed Отправлен")),
        json!([
            { "kind": "reason_removed", "name": "sent_away" },
            { "kind": "reason_added", "name": "dismissed", "label": "Отправлен \"домой\"" },
        ])
    );
}

#[test]
fn request_parameters_are_compared() {
    let page = replaced("date_from iso8601 да", "date_from iso8601 нет")
        .replace("fields array нет Какие столбцы\n", "with_pets boolean нет true, false Со зверями\n");
    let sides = |required: bool| json!({ "type": "iso8601", "required": required });
    assert_eq!(
        differences(&page),
        json!([
            { "kind": "param_removed", "name": "fields" },
            { "kind": "param_changed", "name": "date_from", "spec": sides(true), "page": sides(false) },
            { "kind": "param_added", "name": "with_pets", "type": "boolean", "required": false },
        ])
    );
}

#[test]
fn another_brand_goes_by_its_own_exceptions_and_quirks() {
    let page = "\
Method get.visits_report

Name Type Required Valid values Description
access_token string yes Pass
date_from iso8601 yes YYYY-MM-DD hh:mm:ss First day

Name Type Valid values Filtering Sorting Default response Description
id number yes yes Unique number of the visit, see
user number on other pages
guests number yes yes yes How many
came_at iso8601 YYYY-MM-DD hh:mm:ss yes yes Arrival
ending enum yes yes yes How it ended
ending_text string yes yes no The same in words
was_welcome boolean true, false yes yes yes Opened ( deprecated )
host_id number Who opened
photos array yes Pictures

Mnemonics Description
left Left.
timeout Tired
of waiting is not said here
dismissed Sent home.
";
    let page = page.replace("of waiting is not said here\n", "");
    let answer = import_as("callgear", &page).unwrap();
    assert_eq!(answer["differences"], json!([]));
    let known = json!([{ "kind": "param_removed", "name": "fields", "reason": "Only the row is missing." }]);
    assert_eq!(answer["known"], known);
    assert_eq!(answer["idle_quirks"], json!([]));
    let mended = page.replace("date_from iso8601", "fields array no Columns\ndate_from iso8601");
    let answer = import_as("callgear", &mended).unwrap();
    assert_eq!(answer["differences"], json!([]));
    assert_eq!(answer["idle_quirks"], json!(["param_removed fields"]));
}

#[test]
fn unreadable_pages_say_why() {
    let error = |page: &str| import_as("comagic", page).unwrap_err();
    assert!(error("").contains("names the method"));
    assert!(error("Метод get.visits_report").contains("no table of response fields"));
    assert!(error(&replaced("get.visits_report", "get.other")).contains("no method `get.other`"));
    assert!(
        error(&replaced("Название Тип Обязательный Допустимые значения Описание", ""))
            .contains("request parameters")
    );
    assert!(error(&replaced("Мнемоника Описание", "")).contains("reasons"));
    assert!(error(&format!("{PAGE}\nМнемоника Описание\n")).contains("a second table"));
    assert!(import_as("nobody", PAGE).unwrap_err().contains("no brand `nobody`: callgear, comagic, uis"));
}
