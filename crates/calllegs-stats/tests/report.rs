//! The page as text: what holds of it in every browser.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that panics has failed")]

mod support;

use calllegs_stats::{
    Language, Table,
    report::{Header, LostCaller, Report, Topic},
    shape,
};
use support::{day, moment, report, results};

const LANGS: [Language; 2] = Language::ALL;

#[test]
fn a_page_is_one_file_that_fetches_nothing_and_is_the_same_each_time() {
    for lang in LANGS {
        let page = report().html(lang);
        assert!(page == report().html(lang));
        assert!(page.len() < 300_000, "{}", page.len());
        for foreign in ["http:", "https:", "src=", "@import", "url(", "<link", "<img", "javascript:"] {
            let all = page.matches(foreign).count();
            // Patterns of the page itself.
            let own = if foreign == "url(" { page.matches("url(#").count() } else { 0 };
            assert_eq!(all, own, "{foreign}");
        }
        assert!(page.contains("default-src 'none'"));
    }
}

#[test]
fn only_the_scripts_own_text_may_run() {
    use base64::Engine as _;
    let page = report().html(Language::English);
    let (_, script) = page.split_once("<script>").unwrap();
    let (script, rest) = script.split_once("</script>").unwrap();
    let sum = ring::digest::digest(&ring::digest::SHA256, script.as_bytes());
    let sum = base64::engine::general_purpose::STANDARD.encode(sum);
    assert!(page.contains(&format!("script-src 'sha256-{sum}'")), "put {sum} into page.rs");
    assert!(!rest.contains("<script"));
}

#[test]
fn every_drawing_is_told_in_words_and_numbers() {
    for lang in LANGS {
        let page = report().html(lang);
        let sections: Vec<_> = page.split("<section ").skip(1).collect();
        assert_eq!(sections.len(), 11);
        let drawn = sections.iter().filter(|section| section.contains("<svg"));
        let drawn: Vec<_> = drawn.collect();
        assert_eq!(drawn.len(), 7);
        for section in drawn {
            let svg = section.split_once("<svg").unwrap().1;
            assert!(svg.contains("<title id=") && svg.contains("<desc id="));
            let details = section.split_once("<details>").unwrap().1;
            assert!(details.contains("<tbody><tr>"));
        }
        for section in sections {
            assert!(section.contains("<details><summary>"));
        }
    }
}

#[test]
fn names_of_people_are_no_markup() {
    let page = report().html(Language::Russian);
    assert!(!page.contains("<b>Орлов"));
    assert!(page.contains("Никита &lt;b&gt;Орлов&lt;/b&gt; &amp; &quot;Ко&quot;"));
    let mut report = report();
    report.header.account = "</title><script>".to_owned();
    report.header.filters = Some("\"><script>".to_owned());
    assert_eq!(report.html(Language::English).matches("<script>").count(), 1);
}

#[test]
fn a_page_of_any_period_is_small() {
    let (from, till) = (day("2016-01-01"), day("2026-12-31"));
    let mut tables = results(from, till, 1000, 3);
    // Ten thousand people.
    for table in &mut tables {
        if table.shape.name == "employees" {
            table.rows = table.rows.iter().cycle().take(10_000).cloned().collect();
        }
    }
    let page =
        Report::new(Header::new("uis:1103", "Europe/Moscow", (from, till)), tables).html(Language::Russian);
    assert!(page.len() < 300_000, "{}", page.len());
    assert!(page.contains("Звонки по месяцам"));
    // Weeks between.
    let till = day("2016-06-30");
    let header = Header::new("uis:1103", "Europe/Moscow", (from, till));
    assert!(
        Report::new(header, results(from, till, 100, 3)).html(Language::English).contains("Calls by week")
    );
}

#[test]
fn numbers_of_people_are_masked_unless_they_are_asked_for() {
    let lost = || vec![LostCaller::new("79261231234", moment("2026-10-18T17:45:00"), 2)];
    let masked = report().lost_callers(lost(), false).html(Language::Russian);
    assert!(
        masked.contains("+7 9•• •••-12-34")
            && !masked.contains("9261231234")
            && !masked.contains("role=\"note\"")
    );
    let shown = report().lost_callers(lost(), true).html(Language::Russian);
    let at = |text: &str| shown.find(text).unwrap();
    assert!(at("role=\"note\"") < at("<h1>") && at("<h1>") < at("+79261231234"));
    assert!(!format!("{lost:?}", lost = lost()).contains("1234"));
}

#[test]
fn a_share_of_few_calls_is_counted_out() {
    let (from, till) = (day("2026-10-05"), day("2026-10-05"));
    let one = |shape, row: Vec<calllegs_stats::Cell>| Table::new(shape, vec![row]);
    let level = calllegs_stats::Decimal::new(636, 1);
    let tables = vec![
        one(&shape::SERVICE_LEVEL, vec![11.into(), 9.into(), 0.into(), 7.into(), level.into(), level.into()]),
        one(
            &shape::ABANDONMENT,
            vec![2.into(), 0.into(), 2.into(), calllegs_stats::Decimal::new(182, 1).into()],
        ),
        one(&shape::BY_DAY, vec![from.into(), 11.into(), 9.into(), 2.into(), level.into()]),
    ];
    let page = Report::new(Header::new("uis:1103", "Europe/Moscow", (from, till)), tables);
    let (en, ru) = (page.html(Language::English), page.html(Language::Russian));
    for (page, seven, two) in [(&en, "7 of 11", "2 of 11"), (&ru, "7 из 11", "2 из 11")] {
        assert!(page.contains(seven) && page.contains(two));
        assert!(
            !page.contains("63.6")
                && !page.contains("63,6")
                && !page.contains("18.2")
                && !page.contains("18,2")
        );
    }
}

#[test]
fn days_without_data_are_named_and_are_no_days_without_calls() {
    let mut report = report();
    let gone = [day("2026-10-07"), day("2026-10-08")];
    report.header.missing = gone.to_vec();
    for table in &mut report.tables {
        if table.shape.name == "by_day" {
            table.rows.retain(|row| gone.iter().all(|day| row[0] != (*day).into()));
        }
    }
    let page = report.html(Language::English);
    assert!(page.contains("⚠ incomplete: 12 of 14 days; no data of 7 Oct, 8 Oct"));
    assert!(page.contains("Wednesday, 7 October 2026: no data"));
    // The line has a gap there.
    assert_eq!(page.matches("<polyline class=\"level\"").count(), 2);
}

#[test]
fn a_page_vouches_for_no_days_of_which_nothing_is_on_record() {
    let mut report = report();
    report.header.is_recorded = false;
    let page = report.html(Language::English);
    assert!(page.contains("calls on 14 of 14 days; whether all are there is not on record"));
    assert!(!page.contains("complete: "));
}

#[test]
fn without_calls_there_is_a_sentence_and_no_drawing() {
    let header = Header::new("uis:1103", "Europe/Moscow", (day("2026-10-05"), day("2026-10-18")));
    let page = Report::new(header, Vec::new()).html(Language::English);
    assert!(page.contains("No inbound call reached an employee"));
    assert!(!page.contains("<section"));
}

#[test]
fn text_can_be_read_on_its_ground_by_day_and_by_night() {
    let page = report().html(Language::English);
    let colours = |block: &str| {
        let find = |name: &str| {
            let (_, value) = block.split_once(&format!("--{name}:#")).unwrap();
            let hex = value.split([';', '}']).next().unwrap();
            let hex = if hex.len() == 3 {
                hex.chars().flat_map(|digit| [digit; 2]).collect()
            } else {
                hex.to_owned()
            };
            luminance(&hex)
        };
        let contrast = |text: &str, ground: &str| {
            let (text, ground) = (find(text), find(ground));
            (text.max(ground) + 0.05) / (text.min(ground) + 0.05)
        };
        for ground in ["page", "card"] {
            for text in ["ink", "soft", "good", "bad"] {
                assert!(contrast(text, ground) >= 4.5, "{text} on {ground}: {}", contrast(text, ground));
            }
            for shape in ["answered", "missed", "dropped", "blue", "grey"] {
                assert!(contrast(shape, ground) >= 3.0, "{shape} on {ground}: {}", contrast(shape, ground));
            }
        }
        // Numbers in the cells of the heatmap.
        for (text, cell) in
            [("ink", "h0"), ("ink", "h1"), ("ink", "h2"), ("t3", "h3"), ("t4", "h4"), ("t4", "h5")]
        {
            assert!(contrast(text, cell) >= 4.5, "{text} on {cell}: {}", contrast(text, cell));
        }
        assert!(
            contrast("ink", "note") >= 4.5
                && contrast("bad", "note") >= 4.5
                && contrast("ink", "shade") >= 4.5
        );
    };
    let (light, dark) = page.split_once("@media screen and (prefers-color-scheme:dark)").unwrap();
    colours(light.rsplit_once(":root{").unwrap().1);
    colours(dark);
}

/// Relative luminance, as WCAG defines it.
fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn parts_are_shown_that_are_asked_for() {
    let all = report().outline(Language::English);
    let names: Vec<_> = all.chapters.iter().map(|chapter| chapter.name).collect();
    let known: Vec<_> =
        Topic::ALL.iter().map(|topic| topic.as_str()).filter(|name| *name != "breakdown").collect();
    assert_eq!(names, known);
    let two = report().topics(vec![Topic::Load, Topic::Days]);
    assert_eq!(two.html(Language::English).matches("<section ").count(), 2);
    let names: Vec<_> = two.outline(Language::English).chapters.iter().map(|chapter| chapter.name).collect();
    assert_eq!(names, ["days", "load"]);
}

#[test]
fn an_outline_has_the_numbers_of_the_page() {
    for lang in LANGS {
        let report = report();
        let (page, outline) = (report.html(lang), report.outline(lang));
        let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.replace("<b>", "").replace("</b>", "").contains(&outline.lead));
        for figure in &outline.figures {
            assert!(page.contains(&format!("<b>{}</b>", figure.value)), "{figure:?}");
        }
        for chapter in &outline.chapters {
            assert!(page.contains(chapter.title));
            let rows = chapter.rows.iter().map(|(row, _)| row);
            // Quotes of the one name that has them are told apart by another test.
            for cell in rows.flatten().filter(|cell| !cell.contains('"')) {
                assert!(page.contains(&escaped(cell)), "{}: {cell}", chapter.name);
            }
        }
    }
}

#[test]
fn numbers_for_programs_can_be_saved_from_the_page() {
    let text = r#"{"share":"10 %","name":"<b>#1</b>"}"#;
    let page = report().attachment("a\"b.json", text).html(Language::English);
    let (_, link) =
        page.split_once("<a download=\"a&quot;b.json\" href=\"data:application/json;charset=utf-8,").unwrap();
    let (href, _) = link.split_once('"').unwrap();
    let text_again =
        href.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    assert_eq!(text_again.replace("%23", "#").replace("%25", "%"), text);
}

#[test]
fn half_hours_in_which_people_lack_are_drawn_and_told() {
    let page = report().html(Language::English);
    let (_, load) = page.split_once("<section class=\"card\" id=\"load\"").unwrap();
    let (load, _) = load.split_once("</section>").unwrap();
    assert!(load.contains("Widest gap: 7:00–7:30, 2 people needed, 0.6 there on average."), "{load}");
    assert!(load.contains("<rect class=\"missed\""));
    // Enough for everybody: no gap is drawn.
    let mut report = report();
    for half_hour in &mut report.half_hours {
        half_hour.people = calllegs_stats::Decimal::new(1000, 1);
    }
    let page = report.html(Language::English);
    assert!(page.contains("There are enough people in every busy half hour"));
}

#[test]
fn a_workbook_has_numbers_and_dates_and_is_the_same_each_time() {
    let read = |book: &[u8], name: &str| {
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(book)).unwrap();
        std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
    };
    for language in LANGS {
        let book = report().xlsx(language).unwrap();
        assert!(book == report().xlsx(language).unwrap());
        let sheets = read(&book, "xl/workbook.xml");
        let (before, others) = match language {
            Language::English => {
                ("previous", ["load_by_half_hour", "group_transfers", "definitions", "service_level"])
            }
            Language::Russian => {
                ("раньше", ["Нагрузка по получасам", "Переводы между группами", "Определения", "Дни"])
            }
        };
        let shapes = calllegs_stats::Shape::ALL.len();
        assert_eq!(sheets.matches(&format!(" {before}\"")).count(), shapes, "{sheets}");
        for name in others {
            assert!(sheets.contains(&format!("name=\"{name}\"")), "{name}");
        }
        if language == Language::Russian {
            assert!(!sheets.contains("name=\"s") && !sheets.contains("name=\"d"), "{sheets}");
        }
        // The facts are the first sheet, and the days follow fourteen other results.
        let days = read(&book, "xl/worksheets/sheet16.xml");
        assert_eq!(days.replace(".0<", "<").matches("<v>46300</v>").count(), 1, "{days}");
        assert!(days.contains("state=\"frozen\"") && !days.contains("<f>"));
    }
    // A name that looks like a formula is a name.
    let mut report = report();
    let people = report.tables.iter_mut().find(|table| table.shape.name == "employees").unwrap();
    people.rows[0][1] = calllegs_stats::Cell::Text("=1+1".to_owned());
    let book = report.xlsx(Language::English).unwrap();
    assert!(read(&book, "xl/sharedStrings.xml").contains("<t>=1+1</t>"));
    assert!(!read(&book, "xl/worksheets/sheet8.xml").contains("<f>"));
}
