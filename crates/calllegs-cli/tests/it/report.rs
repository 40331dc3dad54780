//! `calllegs report`: a page, a workbook and a terminal, of the same legs.

use std::{fs, path::PathBuf};

use calllegs_sandbox::{Clock, Sandbox};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

use crate::support::{get_at, names, run, tool};

/// A fortnight that is long over, and the name of a file in the folder.
fn fortnight() -> (TempDir, PathBuf) {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let sandbox =
        Sandbox::builder().seed(5).legs_per_day(150).clock(clock).minute_limit(None).day_limit(None);
    let (since, until) = ("2026-03-16".parse().unwrap(), "2026-03-30".parse().unwrap());
    let sandbox = sandbox.since(since).until(until).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("legs.parquet");
    let told =
        run(get_at(&sandbox.url(), &["--from", "2026-03-16", "--till", "2026-03-29", "-o"]).arg(&file));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    (folder, file)
}

/// A report of the second week on the terminal.
fn term(data: &str, words: &[&str]) -> String {
    let week = ["report", "term", "--data", data, "--from", "2026-03-23", "--till", "2026-03-29"];
    let told = run(tool(&week).args(words));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""), "{words:?}");
    told.stdout
}

#[test]
fn a_terminal_gets_the_report_as_wide_as_it_is() {
    let (_folder, file) = fortnight();
    let file = file.to_str().unwrap();
    for (width, lang, ascii) in [(60, "ru", false), (80, "en", true), (80, "ru", true), (200, "en", false)] {
        let shown = width.to_string();
        let mut words = vec!["--width", &shown, "--lang", lang];
        words.extend(ascii.then_some("--ascii"));
        let told = term(file, &words);
        assert_eq!(told, term(file, &words));
        for line in told.lines() {
            assert!(line.width() <= width && line == line.trim_end(), "{words:?}: {line}");
            assert!(!line.contains(['\u{1b}', '\u{202f}', '\t']), "{line}");
            assert!(!ascii || line.chars().all(|char| char.is_ascii() || char.is_alphabetic()), "{line}");
        }
        let parts = if lang == "ru" {
            [
                "Что сделать в первую очередь",
                "Звонки по дням",
                "Когда звонят",
                "Нагрузка и люди",
                "Переводы звонков",
            ]
        } else {
            ["What to do first", "Calls by day", "When people call", "Load and staffing", "Transfers"]
        };
        assert!(parts.iter().all(|part| told.lines().any(|line| line == *part)), "{told}");
        // The tiles with their keys, and what they were in the week before.
        assert!(
            told.contains("\n  service-level")
                && told.contains(if lang == "ru" { "было " } else { "was " }),
            "{told}"
        );
        let bars = if ascii { ["#", ":"] } else { ["█", "░"] };
        assert!(bars.iter().all(|bar| told.contains(bar)), "{told}");
    }
    // A pipe is eighty columns wide.
    assert_eq!(term(file, &[]), term(file, &["--width", "80"]));
    assert_eq!(term(file, &["--section", "waits"]).matches("\nHow long people wait\n").count(), 1);
    assert!(!term(file, &["--section", "waits"]).contains("Calls by day"));
}

#[test]
fn the_same_legs_make_the_same_bytes() {
    let (folder, file) = fortnight();
    let at = |name: &str| folder.path().join(name);
    let make = |form: &str, name: &str, words: &[&str]| {
        let mut report = tool(&["report", form, "--tz", "Europe/Moscow", "--data"]);
        let told = run(report.arg(&file).args(words).arg("-o").arg(at(name)));
        assert_eq!((told.code, &*told.stdout), (Some(0), ""), "{}", told.stderr);
        fs::read(at(name)).unwrap()
    };
    for form in ["html", "xlsx"] {
        let days = ["--from", "2000-01-01", "--till", "2026-04-01"];
        let words = [&["--lang", "ru", "--by", "scenario"][..], &days].concat();
        assert!(make(form, "one", &words) == make(form, "two", &words), "{form}");
        // Over one that is there.
        assert!(make(form, "one", &words) == fs::read(at("two")).unwrap(), "{form}");
        fs::remove_file(at("one")).unwrap();
        fs::remove_file(at("two")).unwrap();
    }
    let page = |words: &[&str]| String::from_utf8(make("html", "page.html", words)).unwrap();
    let year = page(&["--from", "2026-03-23", "--till", "2026-03-29", "--compare", "year"]);
    assert!(!year.contains("compared with"), "{year}");
    // Legs of its first day lie beside the fortnight before it.
    let all = page(&["--from", "2026-03-16", "--till", "2026-03-29"]);
    assert!(!all.contains("compared with"), "{all}");
    let week = page(&["--from", "2026-03-23", "--till", "2026-03-29"]);
    assert!(week.contains("compared with 16–22 March 2026"), "{week}");
    for by in ["account", "group", "number", "scenario"] {
        let page = page(&["--by", by]);
        let (_, part) = page.split_once("id=\"breakdown\"").unwrap();
        let (part, _) = part.split_once("</section>").unwrap();
        assert!(part.matches("<th scope=\"row\"").count() >= 1, "{by}: {part}");
        assert!(by == "account" || !part.contains("(no name)</th>"), "{by}: {part}");
    }
    let page = page(&["--embed-data", "folder/numbers.json"]);
    let (_, link) =
        page.split_once("<a download=\"numbers.json\" href=\"data:application/json;charset=utf-8,").unwrap();
    let json =
        link.split_once('"').unwrap().0.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    let json: serde_json::Value =
        serde_json::from_str(&json.replace("&amp;", "&").replace("%25", "%")).unwrap();
    let offered = json["results"]["service_level"][0]["offered"].as_i64().unwrap();
    let by_day =
        json["results"]["by_day"].as_array().unwrap().iter().map(|day| day["offered"].as_i64().unwrap());
    assert_eq!(offered, by_day.sum::<i64>());
    assert!(json["results"]["load_by_half_hour"].as_array().unwrap().len() > 10);
    assert_eq!(names(folder.path()), ["legs.parquet", "page.html"]);
}

#[test]
fn flags_of_another_form_are_refused() {
    for (words, said) in [
        (&["term", "-o", "x"][..], "report term > FILE"),
        (&["html", "--ascii"], "report term --ascii"),
        (&["xlsx", "--width", "80"], "fits itself"),
        (&["xlsx", "--section", "days"], "sheet for each"),
        (&["term", "--embed-data", "x"], "report html"),
        (&["html", "--section", "day"], "days, breakdown"),
        (&["html", "--by", "weekday"], "account, group, number, scenario"),
    ] {
        run(tool(&["report", "--data", "none.parquet"]).args(words)).refused(2, &[said]);
    }
}
