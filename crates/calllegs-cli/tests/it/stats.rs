//! `calllegs stats` and `calllegs staff`, over a file of `get` and over places of `sync`.

use std::{fs, path::PathBuf};

use calllegs_sandbox::{Clock, Sandbox};
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

use crate::support::{get_at, get_both, run, tool};

const METRICS: [&str; 17] = [
    "offered",
    "service-level",
    "missed",
    "waits",
    "talk",
    "heatmap",
    "reasons",
    "people",
    "groups",
    "scenarios",
    "load",
    "occupancy",
    "transfers",
    "repeat",
    "callbacks",
    "first-response",
    "ratings",
];

/// Both days of the shared emulator in a file.
fn days() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("days.parquet");
    let told = run(get_both(&["-o"]).arg(&file));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    (folder, file)
}

/// `stats` over a place.
fn stats(data: &str, words: &[&str]) -> String {
    let told = run(tool(&["stats", "--data", data]).args(words));
    assert_eq!(told.code, Some(0), "{words:?}: {}", told.stderr);
    told.stdout
}

fn staff(words: &[&str]) -> String {
    let told = run(tool(&["staff"]).args(words));
    assert_eq!((told.code, &*told.stderr), (Some(0), ""), "{words:?}");
    told.stdout
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn charts_are_drawn_as_they_were() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    for (words, drawn) in [
        ("heatmap --width 80", include_str!("stats/heatmap.txt")),
        ("heatmap --width 80 --ascii --lang ru", include_str!("stats/heatmap_ascii_ru.txt")),
        ("reasons --width 80 --lang ru", include_str!("stats/reasons_ru.txt")),
        ("reasons --width 80 --ascii", include_str!("stats/reasons_ascii.txt")),
    ] {
        let told = stats(file, &words.split(' ').collect::<Vec<_>>());
        assert_eq!(told, drawn, "{words}:\n{told}");
    }
}

#[test]
fn what_is_drawn_fits_into_its_width() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    for metric in METRICS {
        for words in ["60", "80 --lang ru", "200 --ascii", "60 --ascii --lang ru"] {
            let words: Vec<_> = [metric, "--width"].into_iter().chain(words.split(' ')).collect();
            let told = stats(file, &words);
            let width = words[2].parse().unwrap();
            for line in told.lines() {
                assert!(line.width() <= width && line == line.trim_end(), "{words:?}: {line}");
            }
            assert!(
                told.contains(&format!("{metric} (D")) || told.contains(&format!("{metric}\n(D")),
                "{told}"
            );
            assert!(told.contains("2026-02-27"), "{told}");
            let is_plain = |char: char| char.is_ascii() || char.is_alphabetic();
            assert!(!words.contains(&"--ascii") || told.chars().all(is_plain), "{told}");
        }
    }
}

#[test]
fn a_database_computes_what_legs_say() {
    let sandbox = week();
    let folder = tempfile::tempdir().unwrap();
    let lake = format!("{}/", folder.path().join("lake").display());
    let mut places = vec![folder.path().join("calls.db").display().to_string()];
    #[cfg(unix)]
    places.extend(super::server::server().map(|server| server.url("stats")));
    for place in places.iter().chain([&lake]) {
        let mut sync =
            tool(&["--brand", "sandbox", "--endpoint", &sandbox.url(), "sync", "--since", "2026-03-25"]);
        let told = run(sync.args(["--to", place]));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
    }
    let period = ["--from", "2026-03-26", "--till", "2026-03-30T12:00"];
    for metric in METRICS {
        for words in
            [&[metric][..], &[metric, "--by", "account", "--json"], &[&[metric], &period[..]].concat()]
        {
            let by_legs = stats(&lake, words);
            for place in &places {
                assert_eq!(stats(place, words), by_legs, "{words:?}");
            }
        }
    }
    let strict = ["service-level", "--sl-variant", "strict", "--json"];
    let by_hour = |place: &str| staff(&["--data", place]);
    for place in &places {
        for words in ["offered --by group", "reasons --by employee --json", "callbacks --by day --json"] {
            let words: Vec<_> = words.split(' ').collect();
            let told = run(tool(&["stats", "--data", place]).args(&words));
            assert_eq!((told.code, told.stdout), (Some(0), stats(&lake, &words)), "{words:?}");
            let is_read = words.contains(&"--json");
            assert_eq!(told.stderr.contains("counted from the legs"), !is_read, "{}", told.stderr);
        }
        assert_eq!(stats(place, &strict), stats(&lake, &strict));
        assert_eq!(by_hour(place), by_hour(&lake));
    }
}

/// A week that is long over.
fn week() -> Sandbox {
    let clock = Clock::FixedWall("2026-06-01T12:00:00".parse().unwrap());
    let sandbox =
        Sandbox::builder().seed(5).legs_per_day(120).clock(clock).minute_limit(None).day_limit(None);
    let (since, until) = ("2026-03-25".parse().unwrap(), "2026-04-01".parse().unwrap());
    sandbox.since(since).until(until).start().unwrap()
}

#[test]
fn a_list_knows_what_came_of_a_call_after_the_period() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("week.parquet");
    let told = run(get_at(&week().url(), &["--from", "2026-03-25", "--till", "2026-03-31", "-o"]).arg(&file));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let list = |words: &[&str]| {
        let told = stats(
            file.to_str().unwrap(),
            &[&["missed", "--list", "--json", "--show-phones"], words].concat(),
        );
        json(&told)["calls"].as_array().unwrap().clone()
    };
    let missed = list(&[]);
    let is_fixed = |call: &&Value| ["called_back", "tried_again"].contains(&call["state"].as_str().unwrap());
    let fixed = missed.iter().find(is_fixed).unwrap();
    let till = fixed["start_time"].as_str().unwrap();
    let till = NaiveDateTime::parse_from_str(till, "%Y-%m-%d %H:%M:%S").unwrap() + TimeDelta::seconds(1);
    let period = ["--from", "2026-03-25", "--till", &till.to_string()];
    let within = list(&period);
    let as_before = missed.iter().take_while(|call| call["start_time"] != fixed["start_time"]).chain([fixed]);
    assert_eq!(as_before.cloned().collect::<Vec<_>>(), within);
}

#[test]
fn lists_say_whom_to_ring_and_show_numbers_only_when_asked() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    let list = |words: &[&str]| json(&stats(file, words))["calls"].as_array().unwrap().clone();
    let missed = list(&["missed", "--list", "--json", "--show-phones"]);
    let to_ring = list(&["callbacks", "--list", "--json", "--show-phones"]);
    let total = json(&stats(file, &["missed", "--json"]))["results"]["abandonment"][0]["missed"].as_u64();
    assert_eq!(Some(missed.len() as u64), total);
    let callbacks = json(&stats(file, &["callbacks", "--json"]));
    assert_eq!(Some(to_ring.len() as u64), callbacks["results"]["not_called_back"][0]["lost"].as_u64());
    let is_to_ring = |call: &&Value| ["lost", "still_open"].contains(&call["state"].as_str().unwrap());
    assert_eq!(missed.iter().filter(is_to_ring).cloned().collect::<Vec<_>>(), to_ring);
    let phones: Vec<_> = missed.iter().filter_map(|call| call["contact"].as_str()).collect();
    assert!(!phones.is_empty());
    for words in
        ["missed --list", "callbacks --list --json", "missed --list --format csv", "missed --list --lang ru"]
    {
        let words: Vec<_> = words.split(' ').collect();
        let masked = stats(file, &words);
        assert!(phones.iter().all(|phone| !masked.contains(phone)), "{words:?}");
        let tail = &phones[0][phones[0].len() - 2..];
        assert!(masked.contains('•') && (masked.contains(tail) || words[0] == "callbacks"), "{masked}");
    }
    let refused = |words: &[&str], said: &[&str]| {
        run(tool(&["stats", "--data", file]).args(words)).refused(2, said);
    };
    refused(&["missed", "--show-phones"], &["--list"]);
    refused(&["talk", "--list"], &["no list", "missed --list"]);
}

#[test]
fn a_list_is_a_workbook_where_that_is_asked_for() {
    let (folder, file) = days();
    let file = file.to_str().unwrap();
    let made = [folder.path().join("one.xlsx"), folder.path().join("other.xlsx")].map(|path| {
        let words = ["callbacks", "--list", "--format", "xlsx", "-o", path.to_str().unwrap()];
        assert_eq!(stats(file, &words), "");
        fs::read(path).unwrap()
    });
    assert!(made[0].starts_with(b"PK") && made[0] == made[1]);
    let wrong = |words: &[&str], said: &str| {
        let told = run(tool(&["stats", "--data", file]).args(words));
        told.refused(2, &[said]);
    };
    wrong(&["missed", "--format", "xlsx"], "a workbook needs a file");
    wrong(&["talk", "--format", "csv", "-o", "talk.csv"], "-o is of workbooks");
    // What somebody else wrote stays.
    let foreign = folder.path().join("letter.xlsx");
    fs::write(&foreign, "Dear").unwrap();
    let words = ["talk", "--format", "xlsx", "-o", foreign.to_str().unwrap()];
    let told = run(tool(&["stats", "--data", file]).args(words));
    assert_eq!((told.code, fs::read(&foreign).unwrap()), (Some(10), b"Dear".to_vec()), "{}", told.stderr);
}

#[test]
fn programs_get_exact_decimals() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    let told = json(&stats(file, &["service-level", "--json", "--tz", "Europe/Moscow"]));
    let level = &told["results"]["service_level"][0];
    let of = |name: &str| level[name].as_f64().unwrap();
    let percent = 100.0 * of("answered_in_time") / of("offered");
    assert!((of("service_level_pct") - percent).abs() <= 0.05 + 1e-9, "{level}");
    assert_eq!(told["zone"], "Europe/Moscow");
    assert_eq!((&told["definition"], &told["parameters"]["answer_within"]), (&"D2".into(), &20.into()));
    for variant in ["strict", "answered", "lenient", "from-entry"] {
        let told = json(&stats(file, &["service-level", "--json", "--sl-variant", variant]));
        let told = &told["variant"][0];
        let [part, whole] = ["answered_in_time", "calls"].map(|name| told[name].as_f64().unwrap());
        assert!((told["service_level_pct"].as_f64().unwrap() - 100.0 * part / whole).abs() <= 0.05 + 1e-9);
    }
    let csv = stats(file, &["offered", "--format", "csv"]);
    assert!(
        csv.starts_with("day,offered,answered,missed,answered_in_time,service_level_pct\n2026-02-27,"),
        "{csv}"
    );
    let several = ["stats", "--data", file, "waits", "--format", "csv"];
    run(&mut tool(&several)).refused(2, &["asa, call_profile", "--only asa"]);
    assert!(stats(file, &["waits", "--format", "csv", "--only", "asa"]).starts_with("asa_s,p50_s"));
    run(&mut tool(&["stats", "heatmpa"])).refused(2, &["did you mean `heatmap`?"]);
    run(&mut tool(&["stats", "talk", "--data", file, "--only", "asa"])).refused(2, &["it has talk"]);
}

#[test]
fn a_percentage_of_few_calls_is_counted_out() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    let hour = ["service-level", "--from", "2026-02-27T11:00", "--till", "2026-02-27T11:20"];
    let row = json(&stats(file, &[&hour[..], &["--json"]].concat()))["results"]["service_level"][0].clone();
    let [part, whole] = ["answered_in_time", "offered"].map(|name| row[name].as_u64().unwrap());
    assert!((1..20).contains(&whole), "{row}");
    let told = stats(file, &hour);
    assert!(told.contains(&format!(" {part} of {whole}\n")), "{told}");
    assert!(told.contains("2026-02-27 11:00:00 … 2026-02-27 11:20:00\n"), "{told}");
    let told = stats(file, &[&hour[..], &["--lang", "ru"]].concat());
    assert!(told.contains(&format!(" {part} из {whole}\n")), "{told}");
}

#[test]
fn people_and_lines_are_as_many_as_the_formulas_say() {
    let usual = ["--calls", "200/h", "--handle", "3m"];
    let told = staff(&[&usual[..], &["--goal", "80/20", "--shrinkage", "30%"]].concat());
    let first = "14 people on the phones, 20 on the schedule · SL 88.8 % · ASA 7.8 s · occupancy 71.4 %\n";
    assert!(told.starts_with(first), "{told}");
    assert!(told.contains("Erlang C") && told.contains("over-staffs"), "{told}");
    let patient = json(&staff(&[&usual[..], &["--patience", "2m", "--json"]].concat()));
    assert_eq!(patient["formula"], "erlang-a");
    assert!(patient["people"]["on_phones"].as_u64().unwrap() < 14, "{patient}");
    assert!(staff(&["lines", "--erlangs", "10", "--loss", "1%"]).starts_with("18 lines"));
    assert_eq!(json(&staff(&["lines", "--erlangs", "25", "--json"]))["lines"], 36);

    let (_folder, file) = days();
    let hours = json(&staff(&["--data", file.to_str().unwrap(), "--json"]));
    for hour in hours["hours"].as_array().unwrap() {
        let [phones, schedule] = ["on_phones", "on_schedule"].map(|name| hour[name].as_f64());
        // An hour without an answered call is planned with the talk of the others, as half hours are.
        let (phones, schedule) = phones.zip(schedule).unwrap();
        assert!(phones > hour["erlangs"].as_f64().unwrap() && schedule * 0.7 >= phones - 1e-6, "{hour}");
    }
    for (words, said) in [
        (&["--calls", "200/h"][..], "--handle"),
        (&["--calls", "many", "--handle", "3m"], "200/h"),
        (&["--calls", "1/h", "--handle", "0s"], "3m"),
        (&["--calls", "1/h", "--handle", "3m", "--goal", "100/20"], "80/20"),
        (&["--calls", "1/h", "--handle", "3m", "--shrinkage", "100%"], "no number of people"),
        (&["lines", "--erlangs", "10", "--loss", "0%"], "as 1%"),
        (&["--calls", "1/h", "--handle", "3m", "--data", "x"], "--data"),
    ] {
        run(tool(&["staff"]).args(words)).refused(2, &[said]);
    }
}

/// A metric and what it can be split by.
const SPLITS: [(&str, &str); 8] = [
    ("offered", "group scenario number day hour account"),
    ("service-level", "group hour"),
    ("missed", "scenario day"),
    ("callbacks", "number day"),
    ("reasons", "employee group"),
    ("ratings", "employee"),
    ("occupancy", "day"),
    ("heatmap", "group"),
];

#[test]
fn parts_stand_in_one_table() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    let rows = |words: &[&str], name: &str| {
        json(&stats(file, &[words, &["--json"]].concat()))["results"][name].as_array().unwrap().clone()
    };
    let sum =
        |rows: &[Value], column: &str| rows.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>();
    let whole = &rows(&["service-level"], "service_level")[0];
    for by in ["account", "scenario", "number", "day", "hour"] {
        let parts = rows(&["offered", "--by", by], "offered");
        for column in ["offered", "answered", "answered_in_time"] {
            assert_eq!(Some(sum(&parts, column)), whole[column].as_i64(), "{column} by {by}");
        }
    }
    let groups = rows(&["offered", "--by", "group"], "offered");
    assert!(sum(&groups, "offered") >= whole["offered"].as_i64().unwrap(), "{groups:?}");
    assert!(stats(file, &["offered", "--by", "group"]).contains("groups do not add up"));
    // Whose phones are not there.
    let all = rows(&["reasons"], "pareto");
    let offline = all.iter().find(|row| row["finish_reason"] == "sip_offline").unwrap();
    let people = rows(&["reasons", "--reason", "sip_offline", "--by", "employee"], "pareto");
    assert_eq!(Some(sum(&people, "legs")), offline["legs"].as_i64());
    assert!(
        people.iter().all(|row| row["employee_id"].is_i64() && row["employee"].is_string()),
        "{people:?}"
    );
    assert_eq!(people.last().unwrap()["cumulative_pct"].to_string(), "100.0");
    let csv = stats(file, &["reasons", "--by", "employee", "--format", "csv"]);
    assert!(csv.starts_with("employee_id,employee,finish_reason,legs,cumulative_pct\n"), "{csv}");
    let csv = stats(file, &["offered", "--by", "hour", "--format", "csv", "--headers", "ru"]);
    assert!(
        csv.starts_with("час,поступило,отвечено,пропущено,отвечены вовремя,уровень обслуживания\n"),
        "{csv}"
    );
}

#[test]
fn parts_fit_into_their_width_too() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    for (metric, by) in SPLITS.iter().flat_map(|(metric, by)| by.split(' ').map(move |by| (metric, by))) {
        for words in ["60", "80 --lang ru", "200 --ascii", "60 --ascii --lang ru"] {
            let words: Vec<_> = [metric, "--by", by, "--width"].into_iter().chain(words.split(' ')).collect();
            let told = stats(file, &words);
            let width = words[4].parse().unwrap();
            for line in told.lines() {
                assert!(line.width() <= width && line == line.trim_end(), "{words:?}: {line}");
            }
            let is_plain = |char: char| char.is_ascii() || char.is_alphabetic();
            assert!(!words.contains(&"--ascii") || told.chars().all(is_plain), "{told}");
            // Columns of figures end alike, also under Russian titles.
            assert!(told.lines().count() > 4, "{told}");
        }
    }
    let drawn = ["reasons", "--reason", "sip_offline", "--by", "employee", "--width", "80", "--lang", "ru"];
    let told = stats(file, &drawn);
    assert!(told.contains("sip_offline: телефон не зарегистрирован") && told.contains('█'), "{told}");
}

#[test]
fn what_cannot_be_split_says_what_can() {
    for (words, said) in [
        (&["missed", "--by", "employee"][..], &["none's alone", "stats people", "group"][..]),
        (&["people", "--by", "employee"], &["as it is", "group"]),
        (&["load", "--by", "hour"], &["as it is", "number"]),
        (&["repeat", "--by", "group"], &["follows callers", "account"]),
        (&["transfers", "--by", "group"], &["does not fall into one group", "scenario"]),
        (&["missed", "--list", "--by", "group"], &["--by account"]),
        (&["talk", "--reason", "sip_offline"], &["stats reasons --reason"]),
        (&["talk", "--headers", "ru"], &["--format csv"]),
        (
            &["reasons", "--reason", "sip_ofline"],
            &["there is no reason `sip_ofline`", "did you mean `sip_offline`?"],
        ),
        (&["talk", "--by", "moon"], &["account, group, scenario, number, employee, day, hour"]),
    ] {
        run(tool(&["stats", "--data", "x.parquet"]).args(words)).refused(2, said);
    }
}

#[test]
fn half_hours_are_planned_with_the_patience_of_callers() {
    let (_folder, file) = days();
    let file = file.to_str().unwrap();
    let told = json(&staff(&["--data", file, "--by", "half-hour", "--json"]));
    assert_eq!(told["formula"], "erlang-a");
    assert!(told["patience_s"].as_u64().unwrap() > 0, "{told}");
    let halves = told["half_hours"].as_array().unwrap();
    let of = |half: &Value, name: &str| half[name].as_f64().unwrap();
    assert!(halves.iter().any(|half| of(half, "active") > 0.0 && of(half, "calls_per_hour") > 0.0));
    for half in halves {
        // Who waits without end needs more people, and nobody is needed where nobody calls.
        assert!(of(half, "on_phones") <= of(half, "on_phones_c"), "{half}");
        assert_eq!(of(half, "on_phones") > 0.0, of(half, "calls_per_hour") > 0.0, "{half}");
    }
    // Two days: what both half hours of an hour got is what the hour got.
    let hours = json(&staff(&["--data", file, "--json"]));
    for hour in hours["hours"].as_array().unwrap() {
        let begins = format!("{:02}:", hour["hour"].as_i64().unwrap());
        let both = halves.iter().filter(|half| half["half_hour"].as_str().unwrap().starts_with(&begins));
        let calls: f64 = both.map(|half| of(half, "calls_per_hour") / 2.0).sum();
        assert!((calls - of(hour, "calls_per_hour")).abs() < 0.02, "{hour}");
    }
    let week = staff(&["--data", file, "--by", "weekday", "--lang", "ru"]);
    assert!(week.contains("Erlang A") && week.contains("измерено по этим звонкам"), "{week}");
    assert!(week.contains("занятость до 85"), "{week}");
    let given = json(&staff(&["--data", file, "--by", "weekday", "--patience", "3m", "--json"]));
    assert_eq!(given["patience_s"], 180);
    run(tool(&["staff"]).args(["--calls", "1/h", "--handle", "3m", "--by", "weekday"])).refused(2, &["--by"]);
}
