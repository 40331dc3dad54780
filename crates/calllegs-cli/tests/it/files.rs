//! Files and standard output as systems have them: full, limited, closed, with long names, with rights.
#![cfg(unix)]

use std::{
    fs::{self, File, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use calllegs_sandbox::Sandbox;

use crate::support::{BOTH, Run, contents, get_at, json, names, run, small, tool};

/// What a shell does before it becomes the command.
fn after(script: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{script} exec \"$0\" \"$@\"")]);
    shell.arg(command.get_program()).args(command.get_args()).env_clear();
    shell
}

/// The command with its standard output opened so.
fn with_stdout(opened: &str, command: &Command) -> Run {
    run(&mut after(&format!("exec {opened};"), command))
}

#[test]
fn what_cannot_be_printed_is_a_failure_and_costs_nothing() {
    let sandbox = small().start().unwrap();
    let at = sandbox.url();
    let plain: [&[&str]; 9] = [
        &["--help"],
        &["--version"],
        &["get", "--help"],
        &["version"],
        &["fields"],
        &["fields", "--json"],
        &["reasons"],
        &["demo", "--dir", "/dev/null/no"],
        &["sandbox", "serve", "--fault", "help"],
    ];
    let asking: [&[&str]; 9] = [
        &["get", "--on", "2026-02-27", "--format", "jsonl"],
        &["get", "--on", "2026-02-27", "--format", "csv"],
        &["get", "--on", "2026-02-27", "--format", "table"],
        &["get", "--on", "2026-02-27", "--format", "arrow"],
        &["get", "--on", "2026-02-27", "--format", "parquet"],
        &["get", "--on", "2026-02-27", "--count"],
        &["get", "--on", "2026-02-27", "--explain"],
        &["limits"],
        &["plan", "--on", "2026-02-27", "--json"],
    ];
    let mut commands: Vec<_> = plain.iter().map(|arguments| tool(arguments)).collect();
    commands.extend(asking.iter().map(|arguments| {
        let mut command = tool(&["--brand", "sandbox", "--endpoint", &at]);
        command.args(*arguments);
        command
    }));
    // Closed, or open for reading only.
    for opened in [">&-", "1</dev/null"] {
        for command in &commands {
            with_stdout(opened, command).refused(10, &["standard output is closed", "next"]);
        }
        assert_eq!(sandbox.stats().calls, 0);
    }
    // To see nothing on purpose is another matter, however that was opened; the demo has no folder here.
    let mut commands: Vec<_> = commands.into_iter().enumerate().collect();
    commands.retain(|(index, _)| *index != 7);
    for (_, command) in &commands {
        for opened in [">/dev/null", "1<>/dev/null"] {
            let told = with_stdout(opened, command);
            assert_eq!(told.code, Some(0), "{command:?}: {}", told.stderr);
        }
        if Path::new("/dev/full").exists() {
            with_stdout(">/dev/full", command).refused(10, &["cannot write to standard output", "next"]);
        }
    }
    // Who asks for a file needs no standard output.
    let folder = tempfile::tempdir().unwrap();
    let mut command = get_at(&at, &BOTH);
    command.arg("-o").arg(folder.path().join("a.jsonl"));
    assert_eq!(with_stdout(">&-", &command).code, Some(0));
}

/// A few hundred legs of some days, then 15,000 on the last one.
fn busy() -> Sandbox {
    let noon = "2026-02-28T12:00:00".parse().unwrap();
    small().days(60).legs_per_day(7).burst(noon, 15_000, 3600).start().unwrap()
}

/// All of them, in two windows and three pages.
const ALL: [&str; 8] =
    ["--from", "2026-01-01", "--till", "2026-02-28", "--tz", "Europe/Moscow", "--fields", "id,start_time"];

/// The number before `legs` behind these words.
fn legs_behind(words: &str, text: &str) -> Option<u64> {
    let number = text.split_once(words)?.1.split_once(" leg")?.0;
    number.replace(',', "").parse().ok()
}

/// A file may have so many bytes.
fn limited(bytes: u64, command: &Command) -> Run {
    run(&mut after(&format!("ulimit -f {};", bytes / 512), command))
}

#[test]
fn what_is_said_to_be_kept_after_a_write_error_is_what_the_next_run_goes_on_behind() {
    let sandbox = busy();
    for name in ["a.jsonl", "a.csv", "a.csv.gz", "a.jsonl.zst", "a.parquet", "a.arrow", "a.arrow.zst", "a/"] {
        let folder = tempfile::tempdir().unwrap();
        let summary = folder.path().join("s.json");
        let place = folder.path().join(name);
        let get = |more: &[&str]| {
            let mut command = get_at(&sandbox.url(), &ALL);
            command.arg("-o").arg(&place).arg("--summary-file").arg(&summary).args(more);
            command
        };
        assert_eq!(run(&mut get(&[])).code, Some(0));
        let expected = contents(&place);
        let size = expected.values().map(Vec::len).max().unwrap() as u64;
        // At once, and behind what a run before has left.
        for stopped_before in [false, true] {
            for share in [3, 8] {
                let _gone = if place.is_dir() { fs::remove_dir_all(&place) } else { fs::remove_file(&place) };
                let before = stopped_before.then(|| run(&mut get(&["--max-points", "2"])));
                let before = before.map(|told| {
                    assert_eq!(told.code, Some(6), "{}", told.stderr);
                    legs_behind("kept:     ", &told.stderr).unwrap()
                });
                let told = limited(size * share / 10, &get(&[]));
                told.refused(10, &["File too large", "cause:", "next:"]);
                assert!(
                    !told.stderr.contains("External") && !told.stderr.contains("inner"),
                    "{}",
                    told.stderr
                );
                let kept = legs_behind("kept:     ", &told.stderr);
                let summed = json(&summary);
                assert_eq!(
                    (&summed["complete"], &summed["exit"], summed["rows"].as_u64()),
                    (&false.into(), &10.into(), Some(kept.unwrap_or_default())),
                    "{}",
                    told.stderr
                );
                // Nothing that was kept before is lost.
                assert!(kept >= before, "{name} {share}: {kept:?} {before:?}");
                let told = run(&mut get(&[]));
                assert_eq!(told.code, Some(0), "{}", told.stderr);
                assert_eq!(
                    legs_behind("going on behind ", &told.stderr),
                    kept,
                    "{name} {share}: {}",
                    told.stderr
                );
                assert!(contents(&place) == expected, "{name} {share}");
                assert_eq!(names(folder.path()), [name.trim_end_matches('/'), "s.json"]);
            }
        }
    }
}

/// Names of so many bytes with this ending, of letters of one byte and of more.
fn named(length: usize, ending: &str) -> impl Iterator<Item = String> {
    let room = length - ending.len();
    ["a", "я", "名"].into_iter().map(move |letter| {
        format!("{}{}{ending}", "b".repeat(room % letter.len()), letter.repeat(room / letter.len()))
    })
}

#[test]
fn a_name_may_be_as_long_as_the_file_system_allows() {
    let sandbox = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for ending in [".parquet", ".csv", ".jsonl.gz", ".arrow", ""] {
        for name in (244..=255).flat_map(|length| named(length, ending)) {
            let mut place = folder.path().join(&name);
            if ending.is_empty() {
                place.push("");
            }
            let mut command = get_at(&sandbox.url(), &BOTH);
            let told =
                run(command.args(["--fields", "id,start_time", "--tz", "Europe/Moscow", "-o"]).arg(&place));
            assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
            assert_eq!(names(folder.path()), [name]);
            if ending.is_empty() {
                fs::remove_dir_all(place).unwrap();
            } else {
                fs::remove_file(place).unwrap();
            }
        }
        // One more is refused before anything is asked.
        sandbox.reset();
        let before = sandbox.stats().calls;
        for name in named(256, ending) {
            let mut place = folder.path().join(&name);
            if ending.is_empty() {
                place.push("");
            }
            let told = run(get_at(&sandbox.url(), &BOTH).arg("-o").arg(place));
            told.refused(10, &["too long", "nothing was spent"]);
        }
        assert_eq!(sandbox.stats().calls, before);
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_run_under_a_long_name_goes_on() {
    let sandbox = busy();
    for ending in [".parquet", ".csv.gz", ".arrow", ""] {
        let folder = tempfile::tempdir().unwrap();
        let mut place = folder.path().join(named(255, ending).last().unwrap());
        if ending.is_empty() {
            place.push("");
        }
        let get = || {
            let mut command = get_at(&sandbox.url(), &ALL);
            command.arg("-o").arg(&place);
            command
        };
        let told = run(get().args(["--max-points", "2"]));
        told.refused(6, &["continue:"]);
        let told = run(&mut get());
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert!(told.stderr.contains("going on behind"), "{}", told.stderr);
        assert_eq!(names(folder.path()).len(), 1);
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_that_is_replaced_keeps_its_rights_and_a_new_one_has_those_of_the_umask() {
    let sandbox = small().start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let get = |path: &PathBuf, more: &[&str]| {
        let mut command = get_at(&sandbox.url(), &BOTH);
        command.arg("-o").arg(path).args(more);
        let told = run(&mut after("umask 027;", &command));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
    };
    for name in ["a.jsonl", "a.csv.gz", "a.parquet", "a.arrow"] {
        let path = place(name);
        get(&path, &[]);
        assert_eq!(mode(&path), 0o640, "{name}");
        fs::set_permissions(&path, Permissions::from_mode(0o664)).unwrap();
        // Another group takes rights that not every user has.
        let group = std::os::unix::fs::chown(&path, None, Some(54_321)).is_ok();
        get(&path, &["--mode", "600"]);
        assert_eq!(mode(&path), 0o664, "{name}");
        assert!(!group || fs::metadata(&path).unwrap().gid() == 54_321, "{name}");
        fs::remove_file(&path).unwrap();
        get(&path, &["--mode", "604"]);
        assert_eq!(mode(&path), 0o604, "{name}");
    }

    let path = place("dir/");
    let day = |date: &str| path.join(format!("account=sandbox%3A100001/date={date}"));
    let file = |date: &str| day(date).join("w-000000-235959.parquet");
    get(&path, &[]);
    assert_eq!(
        [&path, &day("2026-02-27"), &file("2026-02-27")].map(|path| mode(path)),
        [0o750, 0o750, 0o640]
    );
    fs::set_permissions(&path, Permissions::from_mode(0o775)).unwrap();
    fs::set_permissions(file("2026-02-27"), Permissions::from_mode(0o664)).unwrap();
    fs::remove_dir_all(day("2026-02-28")).unwrap();
    get(&path, &["--mode", "644"]);
    let kept = [&path, &day("2026-02-27"), &file("2026-02-27")].map(|path| mode(path));
    assert_eq!(kept, [0o775, 0o750, 0o664]);
    assert_eq!([day("2026-02-28"), file("2026-02-28")].map(|path| mode(&path)), [0o755, 0o644]);

    for wrong in ["888", "1777", "", "rw", "-600", "444"] {
        let told =
            run(get_at(&sandbox.url(), &BOTH).arg("-o").arg(place("b.csv")).arg(format!("--mode={wrong}")));
        told.refused(2, &["--mode"]);
    }
    run(get_at(&sandbox.url(), &BOTH).args(["--mode", "640"])).refused(2, &["--mode is for a file"]);
}

#[test]
fn what_is_not_complete_is_for_its_owner_alone() {
    let sandbox = busy();
    for name in ["a.jsonl", "a.parquet", "a/"] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = get_at(&sandbox.url(), &ALL);
        command.arg("-o").arg(folder.path().join(name)).args(["--max-points", "2", "--mode", "664"]);
        run(&mut after("umask 0;", &command)).refused(6, &["continue:"]);
        assert!(names(folder.path()).len() > 1);
        for side in names(folder.path()) {
            assert_eq!(mode(&folder.path().join(&side)) & 0o077, 0, "{side}");
        }
    }
}

#[test]
fn a_text_of_one_key_is_not_gone_on_with_by_another() {
    let sandbox = busy();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.jsonl");
    let get = |more: &[&str]| {
        let mut command = get_at(&sandbox.url(), &ALL);
        command.arg("-o").arg(&place).args(more).args(["--max-points", "3"]);
        command
    };
    run(&mut get(&[])).refused(6, &["continue:"]);
    let by_login = [("CALLLEGS_LOGIN", "demo"), ("CALLLEGS_PASSWORD", "demo")];
    let told = run(get(&[]).env_remove("CALLLEGS_TOKEN").envs(by_login));
    told.refused(10, &["another request", "--force"]);
    let own = run(&mut get(&[]));
    assert!(own.stderr.contains("going on behind"), "{}", own.stderr);
}

#[test]
fn rows_that_an_earlier_run_paid_for_in_vain_are_told() {
    let sandbox = busy();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("a.jsonl");
    let record = folder.path().join("a.jsonl.resume");
    let get = |more: &[&str]| {
        let mut command = get_at(&sandbox.url(), &ALL);
        command.arg("-o").arg(&place).args(more);
        run(&mut command)
    };
    let told = |reason: &str, told: &Run| {
        assert_eq!(told.code, Some(6), "{}", told.stderr);
        let lines: Vec<_> = told.stderr.lines().filter(|line| line.contains("cannot be used")).collect();
        assert!(lines.len() == 1 && lines[0].contains(reason), "{}", told.stderr);
        assert!(legs_behind("warning: ", lines[0]).unwrap() > 1000, "{}", lines[0]);
        assert!(!told.stderr.contains("going on"), "{}", told.stderr);
    };
    // One of them is for the zone.
    let stop = ["--max-points", "3"];
    get(&stop).refused(6, &["continue:"]);
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replacen("\"version\":5", "\"version\":4", 1)).unwrap();
    told("another version", &get(&stop));
    told("another request", &get(&[&stop[..], &["--where", "duration >= 0", "--force"]].concat()));
    get(&stop).refused(10, &["another request", "--where …"]);
    told("another request", &get(&[&stop[..], &["--force"]].concat()));
    File::options().write(true).open(folder.path().join("a.jsonl.part")).unwrap().set_len(0).unwrap();
    told("damaged", &get(&stop));
    // Nothing was in vain.
    let last = get(&[]);
    assert!(last.code == Some(0) && !last.stderr.contains("cannot be used"), "{}", last.stderr);
}
