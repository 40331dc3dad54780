//! Both languages: each way in that fails says in either what happened and what to do, with the same exit code; what programs
//! read is the same in both.

use std::{fs, process::Command};

use crate::{
    stub,
    support::{get_at, run, tool},
};

const DAY: [&str; 6] = ["--on", "2026-02-27", "--tz", "Europe/Moscow", "--retries", "0"];

/// How a case is called, what is run, how it ends, and what it says in English and in Russian.
type Case = (&'static str, Box<dyn Fn() -> Command>, i32, [&'static str; 2], [&'static str; 2]);

fn case(
    name: &'static str,
    command: impl Fn() -> Command + 'static,
    code: i32,
    english: [&'static str; 2],
    russian: [&'static str; 2],
) -> Case {
    (name, Box::new(command), code, english, russian)
}

/// `get` of a day at a server that refuses like this.
fn refused(mnemonic: &'static str, field: &'static str, params: &'static str) -> impl Fn() -> Command {
    move || {
        let url = stub::serve(move |_| stub::error(mnemonic, "As sent", field, params));
        get_at(&url, &DAY)
    }
}

fn get_of_day(more: &[&str]) -> Command {
    get_at("http://127.0.0.1:1/v2.0", &[&DAY[2..], more].concat())
}

fn at_uis() -> Command {
    let mut command = tool(&["--brand", "uis", "--endpoint", "https://127.0.0.1:1/v2.0", "get"]);
    command.args(DAY).env("CALLLEGS_TOKEN", "k");
    command
}

/// What the server refuses.
fn of_the_server() -> Vec<Case> {
    let address = r#"{"ip":"203.0.113.7"}"#;
    vec![
        case(
            "wrong brand",
            refused("access_token_invalid", "", "{}"),
            4,
            ["As sent", "check --brand"],
            ["API отказал", "проверьте --brand"],
        ),
        case(
            "wrong key",
            || {
                let mut command = get_at(&crate::support::emulator().url(), &DAY);
                command.env("CALLLEGS_TOKEN", "another");
                command
            },
            4,
            ["error:", "CALLLEGS_TOKEN"],
            ["ошибка:", "ключи создают в личном кабинете"],
        ),
        case(
            "expired key",
            refused("access_token_expired", "", "{}"),
            4,
            ["temporary keys end", "make a new key"],
            ["временные ключи", "создайте новый ключ"],
        ),
        case(
            "blocked key",
            refused("access_token_blocked", "", "{}"),
            4,
            ["was blocked", "unblock the key"],
            ["заблокирован", "разблокируйте ключ"],
        ),
        case(
            "white list",
            refused("ip_not_whitelisted", "", address),
            5,
            ["white list", "add 203.0.113.7"],
            ["белого списка", "добавьте 203.0.113.7"],
        ),
        case(
            "rights",
            refused("forbidden", "", "{}"),
            5,
            ["has no right", "the right to reports"],
            ["нет на это права", "право на отчёты"],
        ),
        case(
            "component",
            refused("method_component_disabled", "", "{}"),
            5,
            ["lacks a component", "order the component"],
            ["нет компонента", "подключите компонент"],
        ),
        case(
            "disabled account",
            refused("account_inactive", "", "{}"),
            5,
            ["switched off", "ask the support"],
            ["отключён сам аккаунт", "спросите поддержку"],
        ),
    ]
}

/// What is in the way on this machine, or in the command.
fn of_this_machine() -> Vec<Case> {
    vec![
        case(
            "no network",
            at_uis,
            7,
            ["the request was not sent", "check the network"],
            ["запрос не отправлен", "проверьте сеть"],
        ),
        case(
            "proxy",
            || {
                let mut command = at_uis();
                command.env("HTTPS_PROXY", "http://127.0.0.1:1");
                command
            },
            7,
            ["the request was not sent", "HTTPS_PROXY"],
            ["нет соединения", "HTTPS_PROXY"],
        ),
        case(
            "clock",
            refused("invalid_parameter_value", "date_from", "{}"),
            8,
            ["in Europe/Moscow", "--till -7h"],
            ["по UTC", "на несколько часов раньше"],
        ),
        case(
            "below a file",
            || {
                let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/legs.csv");
                get_of_day(&["--on", "2026-02-27", "-o", file])
            },
            10,
            ["is a file and no folder", "choose another place"],
            ["файл, а не папка", "выберите другое место"],
        ),
        case(
            "unknown field",
            || get_of_day(&["--on", "2026-02-27", "--fields", "durations"]),
            2,
            ["durations", "did you mean `duration`?"],
            ["durations", "может быть, `duration`?"],
        ),
        case(
            "bad date",
            || get_of_day(&["--on", "2026-02-30"]),
            2,
            ["is not a date", "2026-10-05"],
            ["не дата", "напишите 2026-10-05"],
        ),
        case(
            "reversed range",
            || get_of_day(&["--from", "2026-02-28", "--till", "2026-02-26"]),
            2,
            ["ends before it starts", "the earlier date"],
            ["кончается раньше", "более раннюю дату"],
        ),
        case(
            "unknown flag",
            || get_of_day(&["--formt", "csv"]),
            2,
            ["has no flag", "did you mean"],
            ["нет флага", "может быть"],
        ),
    ]
}

#[test]
fn every_way_in_fails_well_in_both_languages() {
    for (name, command, code, english, russian) in of_the_server().into_iter().chain(of_this_machine()) {
        for (language, labels, said) in [
            ("en", ["error: ", "cause: ", "next: "], english),
            ("ru", ["ошибка: ", "причина: ", "дальше: "], russian),
        ] {
            let told = run(command().args(["--lang", language]));
            assert_eq!(told.code, Some(code), "{name}, {language}: {}", told.stderr);
            assert_eq!(told.stdout, "", "{name}, {language}");
            for part in labels.into_iter().chain(said) {
                assert!(told.stderr.contains(part), "{name}, {language}: `{part}` is not in {}", told.stderr);
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_in_both_languages() {
    for (language, said) in [
        ("en", ["cannot write to standard output", "make room or choose another place"]),
        ("ru", ["не удаётся записать в стандартный вывод", "освободите место"]),
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let told = tool(&["fields", "--json", "--lang", language]).stdout(full).output().unwrap();
        let stderr = String::from_utf8(told.stderr).unwrap();
        assert_eq!(told.status.code(), Some(10), "{stderr}");
        for part in said {
            assert!(stderr.contains(part), "{language}: `{part}` is not in {stderr}");
        }
    }
}

#[test]
fn the_language_is_that_of_the_first_that_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.toml");
    fs::write(&config, "lang = \"en\"\n").unwrap();
    let speaks_russian = |arguments: &[&str], variables: &[(&str, &str)]| {
        let told = run(tool(&[arguments, &["get", "--on", "soon"]].concat()).envs(variables.iter().copied()));
        assert_eq!(told.code, Some(2), "{}", told.stderr);
        told.stderr.starts_with("ошибка: ")
    };
    let file = ("CALLLEGS_CONFIG", config.to_str().unwrap());
    assert!(!speaks_russian(&[], &[]));
    assert!(speaks_russian(&[], &[("LANG", "ru_RU.UTF-8")]));
    assert!(!speaks_russian(&[], &[("LANG", "ru_RU.UTF-8"), ("LC_ALL", "C")]));
    assert!(!speaks_russian(&[], &[("LANG", "ru_RU.UTF-8"), file]));
    assert!(speaks_russian(&[], &[("CALLLEGS_LANG", "ru"), file]));
    assert!(!speaks_russian(&["--lang", "en"], &[("CALLLEGS_LANG", "ru")]));

    run(tool(&["fields"]).env("CALLLEGS_LANG", "de")).refused(3, &["CALLLEGS_LANG", "en or ru"]);
    fs::write(&config, "lang = \"de\"\n").unwrap();
    run(tool(&["fields"]).env(file.0, file.1)).refused(3, &["config.toml", "lang", "en or ru"]);
}

/// Errors of the crates below, with their values: no English but names, paths and words of the system.
#[test]
fn errors_of_every_room_are_russian() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    fs::write(at("legs.csv"), "id,start_time\n").unwrap();
    fs::write(at("bad.parquet"), "bad").unwrap();
    fs::create_dir(at("other")).unwrap();
    fs::write(at("other/photo.jpg"), "x").unwrap();
    let get = ["get", "--on", "2026-02-27", "--tz", "Europe/Moscow", "--brand", "sandbox"];
    let below = at("legs.csv/a.db");
    for (words, said) in [
        (&["get", "--columns", "nonsense"][..], "нет поля `nonsense`"),
        (&["get", "--where", "duration >"], "знак 11 в условии: в конце не хватает значения"),
        (&["get", "--where", "duration > 'x'"], "`duration` – number, а здесь"),
        (&["redact", &at("nowhere.csv"), "-o", &at("new.csv")], "такого файла или папки нет"),
        (&["redact", &at("bad.parquet"), "-o", &at("new.csv")], "не удаётся прочитать"),
        (
            &["redact", &at("legs.csv"), "-o", &at("new.csv"), "--redact", "times=mask"],
            "mask не применяется к start_time",
        ),
        (&["redact", &at("legs.csv"), "-o", &at("new.csv"), "--redact", "x=mask"], "назовите phones, names"),
        (&["sync", "--on", "2026-02-27", "--to", &below], "файл, а не папка"),
        (&["sync", "--on", "2026-02-27", "--to", "postgres://me:pw@h/db"], "в нём пароль"),
        (&["sync", "--on", "2026-02-27", "--to", &format!("{}/", at("other"))], "не папка с журналом"),
    ] {
        let words = if words[0] == "get" { [&get[..], &words[1..]].concat() } else { words.to_vec() };
        let told = run(tool(&["--lang", "ru"]).args(&words));
        assert_ne!(told.code, Some(0), "{words:?}");
        assert!(told.stderr.contains(said), "{words:?}: {}", told.stderr);
        for english in [" the ", "choose", "write ", "cannot"] {
            assert!(!told.stderr.contains(english), "{words:?}: {}", told.stderr);
        }
    }
}

#[test]
fn what_programs_read_is_the_same_in_both_languages() {
    let answers = ["en", "ru"].map(|language| {
        let url = crate::support::emulator().url();
        let line = |arguments: &[&str]| {
            run(tool(&["--brand", "sandbox", "--endpoint", &url, "--lang", language]).args(arguments)).stdout
        };
        let csv = line(&["get", "--on", "2026-02-27", "--limit", "3", "--format", "csv"]);
        assert!(csv.starts_with("id,"), "{csv}");
        let plan: serde_json::Value =
            serde_json::from_str(&line(&["plan", "--on", "2026-02-27", "--json"])).unwrap();
        let keys = plan.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let checks: serde_json::Value = serde_json::from_str(&line(&["doctor", "--json"])).unwrap();
        let checks = checks["checks"].as_array().unwrap().iter();
        let checks: Vec<_> =
            checks.map(|check| check["name"].to_string() + &check["status"].to_string()).collect();
        (csv, keys, line(&["fields", "--json"]), line(&["reasons", "--json"]), checks)
    });
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn help_is_in_the_language_of_the_run_and_fits_the_same_screen() {
    let help = |language: &str, words: &[&str]| run(tool(words).args(["--lang", language])).stdout;
    for words in
        [&["-h"][..], &["get", "-h"], &["sync", "-h"], &["doctor", "-h"], &["sandbox", "serve", "-h"]]
    {
        let [english, russian] = ["en", "ru"].map(|language| help(language, words));
        assert!(russian.starts_with("Примеры:"), "{russian}");
        assert!(russian.contains("Использование: calllegs"), "{russian}");
        for left in ["Usage:", "Options:", "Commands:", "Print ", "[default"] {
            assert!(!russian.contains(left), "{left}: {russian}");
        }
        let more = russian.lines().count().saturating_sub(english.lines().count());
        assert!(more <= 2, "{words:?} has {more} lines more:\n{russian}");
    }
}
