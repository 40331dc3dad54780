//! Profiles and keys that are kept: which setting wins, and where a key never goes.

use std::{fs, path::Path, process::Command};

use crate::support::{Run, emulator, run, tool};

/// A run in a folder of its own, with its own settings.
fn at(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = tool(arguments);
    command
        .current_dir(folder)
        .env("CALLLEGS_CONFIG", folder.join("own/config.toml"))
        .env_remove("CALLLEGS_TOKEN");
    command
}

fn ran(folder: &Path, arguments: &[&str]) -> Run {
    run(&mut at(folder, arguments))
}

/// A key that is typed nowhere and printed nowhere.
const KEY: &str = "hush-4711-hush-4711-hush";

fn log_in(folder: &Path, profile: &str, brand: &str, key: &str) -> Run {
    use std::{
        io::Write,
        process::{Output, Stdio},
    };
    let mut command = at(folder, &["auth", "login", "-p", profile, "--brand", brand, "--token-stdin"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(key.as_bytes()).unwrap();
    let output: Output = child.wait_with_output().unwrap();
    crate::support::finished(output)
}

#[test]
fn a_profile_says_what_flags_and_variables_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(log_in(folder, "demo", "sandbox", "sandbox-acme\n").code, Some(0));
    let own = folder.join("own/config.toml");
    let address = emulator().url();
    let text = fs::read_to_string(&own).unwrap();
    fs::write(&own, format!("{text}endpoint = \"{address}\"\nreserve = \"20%\"\n")).unwrap();
    fs::write(folder.join("calllegs.toml"), "[profile.demo]\nreserve = 5\nmax_points = 7\n").unwrap();
    let counted = ran(folder, &["get", "--on", "2026-02-27", "--count"]);
    assert_eq!(counted.code, Some(0), "{}", counted.stderr);
    let shown =
        run(at(folder, &["--max-points", "3", "config", "show", "--json"]).env("CALLLEGS_RESERVE", "6"));
    let shown: Vec<serde_json::Value> = serde_json::from_str(&shown.stdout).unwrap();
    let said = |name: &str| {
        let setting = shown.iter().find(|setting| setting["name"] == name).unwrap();
        (setting["value"].as_str().unwrap().to_owned(), setting["origin"].as_str().unwrap().to_owned())
    };
    assert_eq!(said("max_points"), ("3".to_owned(), "flag".to_owned()));
    assert_eq!(said("reserve"), ("6".to_owned(), "CALLLEGS_RESERVE".to_owned()));
    assert_eq!(said("endpoint").0, address);
    let without = ran(folder, &["config", "show", "--origin"]);
    assert!(without.stdout.contains("calllegs.toml, reserve"), "{}", without.stdout);
}

#[test]
fn a_key_goes_only_where_its_profile_says() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let done = log_in(folder, "acme", "uis", KEY);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    ran(folder, &["-p", "acme", "--brand", "novofon", "limits"])
        .refused(2, &["another brand", "sent elsewhere"]);
    ran(folder, &["-p", "acme", "--endpoint", "http://127.0.0.1:1/v2.0", "limits"])
        .refused(2, &["another endpoint"]);
    // The default holds for its own brand.
    ran(folder, &["--brand", "uis", "--endpoint", "http://127.0.0.1:1/v2.0", "limits"])
        .refused(4, &["there is no key", "the key of the profile `acme` is not sent to another address"]);
    let own = ran(folder, &["--brand", "uis", "config", "show", "--json"]);
    assert!(own.stdout.contains("secrets.toml"), "{}", own.stdout);
    log_in(folder, "acme", "novofon", KEY).refused(2, &["is of uis", "would be lost"]);
    // Nobody named the profile, so it has no say, and its key is not there for others.
    ran(folder, &["--brand", "novofon", "limits"]).refused(4, &["there is no key"]);
    fs::write(folder.join("calllegs.toml"), "[profile.acme]\nendpoint = \"http://127.0.0.1:1/v2.0\"\n")
        .unwrap();
    ran(folder, &["-p", "acme", "limits"]).refused(3, &["calllegs.toml: profile.acme.endpoint"]);
    fs::remove_file(folder.join("calllegs.toml")).unwrap();
    for arguments in [&["profile", "list"][..], &["profile", "show", "acme"], &["config", "show", "--json"]] {
        let shown = ran(folder, arguments);
        assert_eq!(shown.code, Some(0), "{}", shown.stderr);
        assert!(!shown.stdout.contains(KEY) && !shown.stderr.contains(KEY), "{arguments:?}");
    }
    assert!(!fs::read_to_string(folder.join("own/config.toml")).unwrap().contains(KEY));
    assert_eq!(ran(folder, &["profile", "remove", "acme"]).code, Some(0));
    assert!(!fs::read_to_string(folder.join("own/secrets.toml")).unwrap().contains(KEY));
}

#[cfg(unix)]
#[test]
fn keys_that_others_can_read_are_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(log_in(folder, "acme", "uis", KEY).code, Some(0));
    let secrets = folder.join("own/secrets.toml");
    assert_eq!(fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&secrets, fs::Permissions::from_mode(0o644)).unwrap();
    ran(folder, &["-p", "acme", "limits"]).refused(3, &["others can read it", "chmod 600"]);
}

#[test]
fn a_setting_that_nothing_reads_is_named_with_the_nearest() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (text, said) in [
        ("[profile.a]\nbrnad = \"uis\"\n", "did you mean brand?"),
        ("[profile.a.sync]\nlokback = \"3d\"\n", "did you mean lookback?"),
        ("[profile.a]\nbrand = uis\n", "line 2"),
        ("[profile.a]\nmax_points = \"many\"\n", "is not a number"),
        ("[profile.a]\nkey = \"f1l3k3y0000000000000\"\n", "names no place"),
    ] {
        fs::create_dir_all(folder.join("own")).unwrap();
        fs::write(folder.join("own/config.toml"), text).unwrap();
        let refused = ran(folder, &["-p", "a", "config", "show"]);
        refused.refused(3, &[said]);
        assert!(!refused.stderr.contains("f1l3k3y"), "{}", refused.stderr);
    }
}

#[test]
fn every_shell_and_command_has_a_page_and_the_reference_is_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let text = ran(folder.path(), &["completions", shell]);
        assert!(text.code == Some(0) && text.stdout.contains("CALLLEGS_COMPLETE"), "{shell}");
    }
    let page = ran(folder.path(), &["man", "sandbox", "serve"]);
    assert!(page.code == Some(0) && page.stdout.contains("calllegs\\-sandbox\\-serve"), "{}", page.stdout);
    ran(folder.path(), &["man", "sink"]).refused(2, &["no command"]);
    ran(folder.path(), &["man", "--dir", "a/b"]).refused(0, &[]);
    let pages = crate::support::names(&folder.path().join("a/b"));
    assert!(pages.len() > 30, "{pages:?}");
    for name in ["calllegs.1", "calllegs-get.1", "calllegs-sandbox-serve.1"] {
        assert!(pages.iter().any(|page| page == name), "{name}");
    }
    fs::write(folder.path().join("file"), "").unwrap();
    ran(folder.path(), &["man", "--dir", "file/below"]).refused(10, &["is a file and no folder", "--dir"]);
    let reference = ran(folder.path(), &["man", "--format", "markdown"]).stdout;
    let committed = include_str!("../../../../docs/commands.md");
    assert!(committed == reference, "cargo run -- man --format markdown > docs/commands.md");
}

#[test]
fn a_key_in_the_place_of_a_name_is_neither_kept_nor_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = "0123456789abcdef0123456789abcdef";
    for name in [key, "", "a b"] {
        let told = log_in(folder, name, "uis", KEY);
        told.refused(2, &["name of a profile"]);
        assert!(!told.stderr.contains(key), "{}", told.stderr);
    }
    assert!(!folder.join("own").exists());
}

#[test]
fn what_can_be_checked_of_a_profile_is_checked_where_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("own")).unwrap();
    for (text, said) in [
        ("concurrency = 99", "concurrency is not a number from 1 to 16"),
        ("sync.since = \"2026-13-01\"", "2026-13-01"),
        ("sync.lookback = \"3x\"", "--lookback"),
        ("sync.refresh = \"None\"", "or none"),
        ("sync.to = \"calls.csv\"", "calls.csv"),
        ("to = \"calls.db\"", "[profile.acme.sync]"),
    ] {
        fs::write(folder.join("own/config.toml"), format!("[profile.acme]\n{text}\n")).unwrap();
        ran(folder, &["-p", "acme", "config", "show"]).refused(3, &[said]);
    }
}
