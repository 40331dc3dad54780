//! Keys and passwords: where they may come from, and that they go nowhere but into requests.

use std::{fs, io::Write, process::Stdio, sync::mpsc};

use crate::{
    stub,
    support::{finished, get, get_at, run, tool},
};

const SECRET: &str = "hush-4711-key";

#[test]
fn a_secret_on_the_command_line_is_refused_and_not_repeated() {
    let equals = format!("--token={SECRET}");
    let stdin = format!("--token-stdin={SECRET}");
    let password = format!("--password={SECRET}");
    let table: &[&[&str]] = &[
        &["get", "--token", SECRET],
        &["--token", SECRET, "get", "--on", "today"],
        &["get", &equals],
        &["get", &stdin],
        &["get", &password],
        &["get", "--on", "today", "--api-key", SECRET],
        // Words that belong to no flag may be secrets too.
        &["get", "--on", "today", SECRET],
        &["get", "--on", "today", "--token-stdin", SECRET],
        &[SECRET],
    ];
    for arguments in table {
        let told = run(&mut tool(arguments));
        told.refused(2, &[]);
        assert!(!told.stderr.contains(SECRET), "{}", told.stderr);
    }
    run(&mut tool(&["get", "--token", SECRET]))
        .refused(2, &["--token-stdin", "CALLLEGS_TOKEN", "CALLLEGS_TOKEN_FILE", "CALLLEGS_LOGIN"]);
}

#[test]
fn a_key_in_the_wrong_place_is_in_no_message() {
    const KEYS: [&str; 3] = ["0123456789abcdef0123456789abcdef01234567", SECRET, "Zm9v+YmFy/YmF6Cg=="];
    for key in KEYS {
        let condition = format!("direction = {key}");
        let quoted = format!("direction = '{key}'");
        let table: &[&[&str]] = &[
            &["--where", key],
            &["--where", &condition],
            &["--where", &quoted],
            &["--where-local", key],
            &["--fields", key],
            &["--on", key],
            &["--last", key],
            &["--month", key],
            &["--tz", key],
            &["--limit", key],
            &["--endpoint", key],
            &["--on", "2026-02-27", "-o", key],
        ];
        for arguments in table {
            let told = run(&mut get(arguments));
            assert!(told.code.is_some_and(|code| code != 0), "{arguments:?}");
            assert!(!told.stderr.contains(key), "{arguments:?}: {}", told.stderr);
        }
        let told = run(get(&["--on", "2026-02-27"]).env("CALLLEGS_TOKEN_FILE", key));
        told.refused(3, &["this looks like the key itself", "use CALLLEGS_TOKEN"]);
        assert!(!told.stderr.contains(key), "{}", told.stderr);
        let told = run(tool(&["limits", "--brand", "uis", "--tz", key]).env("CALLLEGS_TOKEN", "hush"));
        assert!(!told.stderr.contains(key), "{}", told.stderr);
    }
    let told =
        run(get(&["--on", "2026-02-27"]).env("CALLLEGS_LOGIN", "a").env("CALLLEGS_PASSWORD_FILE", "hunter2"));
    told.refused(3, &["this looks like the password itself", "use CALLLEGS_PASSWORD"]);
    assert!(!told.stderr.contains("hunter2"), "{}", told.stderr);
}

#[test]
fn the_first_of_two_keys_is_taken_with_a_word() {
    let told = run(get(&["--on", "2026-02-27", "--limit", "1"])
        .env("CALLLEGS_TOKEN", "sandbox-acme")
        .env("CALLLEGS_TOKEN_FILE", "key"));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("both set: the key is that of CALLLEGS_TOKEN"), "{}", told.stderr);
}

#[cfg(unix)]
#[test]
fn a_device_is_no_file_of_a_key() {
    for device in ["/dev/zero", "/dev/null"] {
        let told = run(get(&["--on", "2026-02-27"]).env("CALLLEGS_TOKEN_FILE", device));
        told.refused(3, &["a device or a socket", "cause:", "next:"]);
    }
}

#[test]
fn every_source_of_a_key_works_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, "sandbox-acme\n").unwrap();
    let on = ["--on", "2026-02-27", "--limit", "1"];
    let served = |told: &crate::support::Run| assert_eq!(told.rows().len(), 1, "{}", told.stderr);
    served(&run(get(&on).env("CALLLEGS_TOKEN", "sandbox-acme").env("CALLLEGS_TOKEN_FILE", "missing")));
    served(&run(get(&on).env("CALLLEGS_TOKEN", "").env("CALLLEGS_TOKEN_FILE", &file)));
    served(&run(get(&on).env("CALLLEGS_LOGIN", "demo").env("CALLLEGS_PASSWORD", "demo")));
    let uis = |variables: &[(&str, &str)]| {
        let url = crate::support::emulator().url();
        let mut command = tool(&["get", "--brand", "uis", "--endpoint", &url]);
        run(command.args(on).envs(variables.iter().copied()))
    };
    served(&uis(&[("UIS_ACCESS_TOKEN", "sandbox-acme")]));
    served(&uis(&[("UIS_LOGIN", "demo"), ("UIS_PASSWORD", "demo")]));
    uis(&[("COMAGIC_ACCESS_TOKEN", "sandbox-acme")]).refused(4, &["there is no key"]);
    run(get(&on).env("CALLLEGS_TOKEN_FILE", folder.path().join("missing")))
        .refused(3, &["CALLLEGS_TOKEN_FILE"]);

    let mut command = get(&on);
    command.arg("--token-stdin").env("CALLLEGS_TOKEN", "wrong");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"sandbox-acme\n").unwrap();
    served(&finished(child.wait_with_output().unwrap()));
    run(get(&on).arg("--token-stdin")).refused(4, &["holds no key"]);
}

/// Runs `get` with these bytes on standard input.
fn piped(command: &mut std::process::Command, bytes: &[u8]) -> crate::support::Run {
    command.arg("--token-stdin").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    finished(child.wait_with_output().unwrap())
}

#[test]
fn a_byte_order_mark_and_white_space_around_a_key_do_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let on = ["--on", "2026-02-27", "--limit", "1"];
    for text in ["\u{feff}sandbox-acme", "\u{feff}sandbox-acme\r\n", " \tsandbox-acme \n"] {
        fs::write(&file, text).unwrap();
        let told = run(get(&on).env("CALLLEGS_TOKEN_FILE", &file));
        assert_eq!(told.rows().len(), 1, "{}", told.stderr);
        let told = run(get(&on).env("CALLLEGS_TOKEN", text));
        assert_eq!(told.rows().len(), 1, "{}", told.stderr);
        let told = piped(&mut get(&on), text.as_bytes());
        assert_eq!(told.rows().len(), 1, "{}", told.stderr);
    }
    // The first line is the key: password stores put notes below it.
    assert_eq!(piped(&mut get(&on), b"sandbox-acme\nlogin: someone\n").rows().len(), 1);
    fs::write(&file, "\u{feff}demo\n").unwrap();
    let told = run(get(&on).env("CALLLEGS_LOGIN", "\u{feff}demo").env("CALLLEGS_PASSWORD_FILE", &file));
    assert_eq!(told.rows().len(), 1, "{}", told.stderr);
}

#[test]
fn what_cannot_belong_to_a_key_is_named_before_anything_is_sent() {
    let url = stub::serve(|_| panic!("nothing is asked"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    let get = || get_at(&url, &["--on", "2026-02-27"]);
    let wide = |bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{SECRET}\n").encode_utf16().flat_map(bytes).collect()
    };
    let quoted = |open: &str, close: &str| format!("{open}{SECRET}{close}\n").into_bytes();
    // (bytes, what is said, whether a pipe has the same)
    for (bytes, said, in_a_pipe) in [
        (quoted("\"", "\""), "a quotation mark", true),
        (quoted("'", "'"), "a quotation mark", true),
        (quoted("“", "”"), "a quotation mark", true),
        (quoted("", "\u{200b}"), "an invisible character in it, U+200B", true),
        (quoted("\u{2060}", ""), "an invisible character in it, U+2060", true),
        (quoted("Bearer ", ""), "white space in it, U+0020", true),
        (quoted("", "\nmore"), "more than one line", false),
        (quoted("", "\r\n\r\nmore"), "more than one line", false),
        (wide(u16::to_le_bytes, "\u{feff}"), "in UTF-16", true),
        (wide(u16::to_be_bytes, "\u{feff}"), "in UTF-16", true),
        (wide(u16::to_le_bytes, ""), "in UTF-16", true),
        ([SECRET.as_bytes(), b"\xe9\n"].concat(), "not in UTF-8", true),
    ] {
        fs::write(&file, &bytes).unwrap();
        let told = run(get().env("CALLLEGS_TOKEN_FILE", &file));
        told.refused(3, &["CALLLEGS_TOKEN_FILE", said, "next:"]);
        assert!(!told.stderr.contains("hush"), "{}", told.stderr);
        if in_a_pipe {
            let told = piped(&mut get(), &bytes);
            told.refused(3, &["--token-stdin", said]);
            assert!(!told.stderr.contains("hush"), "{}", told.stderr);
        }
        let Ok(text) = String::from_utf8(bytes).map(|text| text.replace('\0', "")) else { continue };
        if said != "in UTF-16" {
            run(get().env("CALLLEGS_TOKEN", text)).refused(3, &["CALLLEGS_TOKEN", said]);
        }
    }
    run(get().env("CALLLEGS_LOGIN", "someone").env("CALLLEGS_PASSWORD", "hush\u{200b}"))
        .refused(3, &["CALLLEGS_PASSWORD", "U+200B"]);
    run(get().env("UIS_ACCESS_TOKEN", "'hush'").env_remove("CALLLEGS_TOKEN").args(["--brand", "uis"]))
        .refused(3, &["UIS_ACCESS_TOKEN", "a quotation mark"]);
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_only_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, "sandbox-acme\n").unwrap();
    for (mode, warned) in [(0o444, true), (0o600, false)] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let told = run(get(&["--on", "2026-02-27"]).env("CALLLEGS_TOKEN_FILE", &file));
        assert!(!told.rows().is_empty());
        assert_eq!(told.stderr.contains("chmod 600"), warned, "{}", told.stderr);
    }
}

#[test]
fn no_run_shows_the_key() {
    let echo =
        stub::serve(|_| stub::error("access_token_invalid", "Access token is invalid", "access_token", "{}"));
    let garbage = stub::serve(|_| format!("\"{SECRET}\" nonsense"));
    let closed = "http://127.0.0.1:1/v2.0".to_owned();
    let emulator = crate::support::emulator().url();
    for (url, code) in [(&echo, 4), (&garbage, 7), (&closed, 7), (&emulator, 4)] {
        for flags in [&["-v"][..], &["--format", "table"], &["--count"], &["-q"]] {
            let mut command = get_at(url, &["--on", "2026-02-27", "--retries", "0"]);
            let told = run(command.args(flags).env("CALLLEGS_TOKEN", SECRET));
            assert_eq!(told.code, Some(code), "{}", told.stderr);
            assert!(!told.stderr.contains(SECRET) && !told.stdout.contains(SECRET), "{}", told.stderr);
        }
        let mut command = get_at(url, &["--on", "2026-02-27", "--retries", "0", "-v"]);
        let told = run(command.env("CALLLEGS_LOGIN", "someone").env("CALLLEGS_PASSWORD", SECRET));
        assert_ne!(told.code, Some(0));
        assert!(!told.stderr.contains(SECRET) && !told.stderr.contains("someone"), "{}", told.stderr);
    }
}

/// Looks at the process while it waits for the answer to a request that holds the key.
#[cfg(target_os = "linux")]
#[test]
fn the_key_is_not_among_the_arguments_of_the_process() {
    let (asked, arrived) = mpsc::channel();
    let (go, gone) = mpsc::channel::<()>();
    let url = stub::serve(move |_| {
        asked.send(()).unwrap();
        gone.recv().unwrap();
        stub::error("forbidden", "Permission denied", "", "{}")
    });
    let mut command = get_at(&url, &["--on", "2026-02-27", "--token-stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(SECRET.as_bytes()).unwrap();
    arrived.recv().unwrap();
    for name in ["cmdline", "environ", "comm"] {
        let shown = fs::read(format!("/proc/{}/{name}", child.id())).unwrap();
        assert!(!String::from_utf8_lossy(&shown).contains(SECRET), "{name}");
    }
    go.send(()).unwrap();
    finished(child.wait_with_output().unwrap()).refused(5, &["Permission denied (forbidden", "next:"]);
}

#[test]
fn numbers_of_people_and_passwords_of_addresses_are_in_no_message() {
    let phone = "79161234567";
    let dashed = format!("--{phone}");
    let spoilt = format!("{phone}x");
    for words in [
        &["sync", "--to", phone][..],
        &["get", "--on", phone],
        &["-p", phone, "get", "--on", "today"],
        &["get", "--on", "today", "--fields", phone],
        &["get", "--on", "today", "--session", &spoilt],
        &["get", &dashed],
        &["get", phone],
        &["auth", "login", "--brand", "uis", "-p", phone],
    ] {
        let told = run(&mut tool(words));
        assert!(told.code != Some(0), "{words:?}");
        assert!(!told.stderr.contains(phone), "{words:?}: {}", told.stderr);
    }
    for words in [
        &["get", "--on", "today", "--summary-file", "http://u:S3cretPw@h/"][..],
        &["get", "--on", "today", "-o", "http://u:S3cretPw@h/legs.csv"],
        &["sync", "postgres://u:S3cretPw@h/db"],
        &["sync", "--to", "calls.db", "--metrics-file", "http://u:S3cretPw@h/"],
    ] {
        let told = run(&mut tool(words));
        assert!(told.code != Some(0), "{words:?}");
        assert!(!told.stderr.contains("S3cretPw"), "{words:?}: {}", told.stderr);
    }
}

/// Bodies are shown by `-vv`, on a terminal and in a log, without anybody in them.
#[test]
fn the_bodies_of_calls_name_nobody() {
    let whole = run(&mut get(&["--on", "2026-02-27", "--limit", "50"]));
    let people: Vec<String> = whole
        .rows()
        .iter()
        .flat_map(|row| {
            let texts = [
                "contact_full_name",
                "employee_full_name",
                "contact_phone_number",
                "employee_phone_number",
                "calling_phone_number",
                "called_phone_number",
            ]
            .map(|name| row[name].clone());
            let records = ["call_records", "wav_call_records"].map(|name| row[name].clone());
            let records = records
                .iter()
                .flat_map(|list| list.as_array().cloned().unwrap_or_default())
                .collect::<Vec<_>>();
            texts
                .into_iter()
                .chain(records)
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
        .filter(|text| text.len() > 4)
        .collect();
    assert!(people.len() > 100);
    for log in [&["-vv"][..], &["-vv", "--log-format", "json"]] {
        let mut command = get(&["--on", "2026-02-27", "--limit", "50"]);
        let told = run(command
            .args(log)
            .args(["--where", "employee_full_name not like 'Planted%'"])
            .env("CALLLEGS_TOKEN", "sandbox-acme"));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let shows = |text: &str| told.stderr.contains(text);
        assert!(shows(r#""method":"get.call_legs_report""#) && shows(r#""total_items":"#), "{}", told.stderr);
        assert!(!shows("sandbox-acme") && !shows("Planted"), "{}", told.stderr);
        for person in &people {
            assert!(!shows(person), "{person} is in {}", told.stderr);
        }
    }
    let mut command = get(&["--on", "2026-02-27", "-v"]);
    assert!(!run(&mut command).stderr.contains("jsonrpc"));
    // What is answered may be anything.
    let garbage = stub::serve(|_| format!("\"{SECRET}\" nonsense"));
    let echo = stub::serve(|_| {
        stub::error(
            "access_token_invalid",
            "Access token is invalid",
            "access_token",
            &format!("{{\"{SECRET}\":\"{SECRET}\"}}"),
        )
    });
    for url in [garbage, echo] {
        for log in [&["-vv"][..], &["-vv", "--log-format", "json"]] {
            let mut command = get_at(&url, &["--on", "2026-02-27", "--retries", "0"]);
            let told = run(command.args(log).env("CALLLEGS_TOKEN", SECRET));
            assert_ne!(told.code, Some(0));
            assert!(!told.stderr.contains(SECRET), "{}", told.stderr);
        }
    }
}
