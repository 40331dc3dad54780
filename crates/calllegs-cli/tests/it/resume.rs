//! A run that stops goes on with the same command, pays for no page twice, and gives the same file in the end.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use calllegs_sandbox::Sandbox;
use tempfile::TempDir;

use crate::support::{Run, contents, get_at, names, run, small};

/// Three and a half years with few legs, in 42 windows, and two pages more on the last day.
const ALL: [&str; 8] =
    ["--from", "2022-09-01", "--till", "2026-02-28", "--tz", "Europe/Moscow", "--fields", "id,start_time"];

/// The last year of them.
const YEAR: [&str; 8] =
    ["--from", "2025-03-01", "--till", "2026-02-28", "--tz", "Europe/Moscow", "--fields", "id,start_time"];

/// Files by name.
type Contents = BTreeMap<String, Vec<u8>>;

/// An emulator, a folder, and the file that every run is to write.
struct Desk {
    sandbox: Sandbox,
    folder: TempDir,
    name: &'static str,
}

impl Desk {
    fn new(name: &'static str) -> Self {
        let noon = "2026-02-28T12:00:00".parse().unwrap();
        let builder = small().days(1300).legs_per_day(4).burst(noon, 20_500, 3600);
        Self { sandbox: builder.start().unwrap(), folder: tempfile::tempdir().unwrap(), name }
    }

    fn path(&self, ending: &str) -> PathBuf {
        self.folder.path().join(format!("{}{ending}", self.name))
    }

    fn get(&self, request: &[&str], more: &[&str]) -> Command {
        let mut command = get_at(&self.sandbox.url(), request);
        command.arg("-o").arg(self.path(self.slash())).args(more);
        command
    }

    /// What a folder's name ends with.
    fn slash(&self) -> &'static str {
        if self.name.contains('.') { "" } else { "/" }
    }

    /// What a run without a stop writes.
    fn undisturbed(&self, request: &[&str]) -> Contents {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(format!("{}{}", self.name, self.slash()));
        let told = run(get_at(&self.sandbox.url(), request).arg("-o").arg(&path));
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        self.sandbox.reset();
        contents(&path)
    }

    /// Runs the request as far as five points go.
    fn stopped(&self, request: &[&str]) {
        let told = run(&mut self.get(request, &["--max-points", "5"]));
        told.refused(6, &["continue:", "--max-points"]);
        let footer = if self.name.ends_with(".parquet") { &[".footer"][..] } else { &[] };
        let endings = footer.iter().chain(&[".part", ".resume"]);
        let expected: Vec<_> = endings.map(|ending| format!("{}{ending}", self.name)).collect();
        assert_eq!(names(self.folder.path()), expected);
        let is_readable = |name: &String| name.ends_with(".parquet");
        assert!(!contents(&self.path(".part")).keys().any(is_readable));
    }

    /// Ends well, with this file alone.
    fn is(&self, told: &Run, expected: &Contents) {
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        assert_eq!(names(self.folder.path()), [self.name]);
        assert!(contents(&self.path("")) == *expected, "{}", told.stderr);
    }

    /// No window was asked twice for the rows at the same place. A stretch in which a run was stopped is counted at its end.
    fn paid_once(&self) {
        let mut seen = BTreeSet::new();
        let is_page = |entry: &calllegs_sandbox::Entry| {
            entry.method == "get.call_legs_report" && entry.limit != Some(1)
        };
        for entry in self.sandbox.journal().into_iter().filter(is_page) {
            let place = (entry.date_from, entry.date_till, entry.offset);
            assert!(seen.insert(place.clone()), "{place:?} again for {}", self.name);
        }
    }
}

#[test]
fn runs_of_five_points_each_come_to_the_same_file_and_pay_for_no_page_twice() {
    for name in ["a.jsonl", "a.csv", "a.csv.gz", "a.jsonl.zst", "a.parquet", "a.arrow", "a.arrow.gz", "a"] {
        let desk = Desk::new(name);
        let expected = desk.undisturbed(&YEAR);
        desk.stopped(&YEAR);
        let mut runs = 1;
        let last = loop {
            let told = run(&mut desk.get(&YEAR, &["--max-points", "5"]));
            runs += 1;
            if told.code != Some(6) {
                break told;
            }
            assert!(told.stderr.contains("going on behind") && !desk.path("").exists(), "{}", told.stderr);
        };
        assert!(runs > 2);
        desk.is(&last, &expected);
        desk.paid_once();
    }
}

#[test]
fn windows_without_rows_are_not_paid_for_twice() {
    let desk = Desk::new("a.jsonl");
    // Twelve windows before the first leg.
    let before = ["--from", "2021-08-01", "--till", "2022-09-30", "--tz", "Europe/Moscow", "--fields", "id"];
    let expected = desk.undisturbed(&before);
    assert!(!expected.is_empty());
    for _ in 0..3 {
        run(&mut desk.get(&before, &["--max-points", "5"])).refused(6, &["continue:"]);
    }
    desk.is(&run(&mut desk.get(&before, &["--max-points", "5"])), &expected);
    desk.paid_once();
}

/// Waits until the emulator was asked so often, or the child has ended.
fn asked(sandbox: &Sandbox, calls: u64, child: &mut Child) -> bool {
    loop {
        if sandbox.stats().calls >= calls {
            return true;
        }
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        thread::yield_now();
    }
}

#[test]
fn a_run_that_is_killed_twenty_times_comes_to_the_same_file() {
    for name in ["a.jsonl", "a.csv.gz", "a.parquet", "a.arrow.zst", "a"] {
        let desk = Desk::new(name);
        let expected = desk.undisturbed(&ALL);
        let (mut random, mut kills) = (7_u64, 0);
        for _ in 0..20 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let calls = desk.sandbox.stats().calls + 1 + (random >> 33) % 4;
            let mut child = desk.get(&ALL, &["-q"]).spawn().unwrap();
            kills += u32::from(asked(&desk.sandbox, calls, &mut child));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        assert!(kills > 10, "{kills}");
        desk.is(&run(&mut desk.get(&ALL, &[])), &expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_closed_terminal_stops_a_run_unless_it_is_to_go_on() {
    for is_ignored in [false, true] {
        let desk = Desk::new("a.jsonl");
        let expected = desk.undisturbed(&YEAR);
        desk.sandbox.set_faults(vec!["slow-first-byte:ms=500:after=3".parse().unwrap()]);
        let get = desk.get(&YEAR, &[]);
        let trap = if is_ignored { "trap '' HUP; exec \"$0\" \"$@\"" } else { "exec \"$0\" \"$@\"" };
        let mut shell = Command::new("sh");
        shell.args(["-c", trap]).arg(get.get_program()).args(get.get_args()).env_clear();
        shell.stderr(Stdio::piped()).stdout(Stdio::piped());
        let mut child = shell.spawn().unwrap();
        assert!(asked(&desk.sandbox, 4, &mut child));
        let killed = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        desk.sandbox.set_faults(Vec::new());
        let told = crate::support::finished(child.wait_with_output().unwrap());
        if is_ignored {
            desk.is(&told, &expected);
            continue;
        }
        told.refused(129, &["the terminal was closed", "continue:", "legs so far in"]);
        desk.is(&run(&mut desk.get(&YEAR, &[])), &expected);
        desk.paid_once();
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_finishes_its_page_and_the_same_command_completes() {
    let desk = Desk::new("a.jsonl");
    let expected = desk.undisturbed(&YEAR);
    // From the fourth page on there is time for the signal.
    desk.sandbox.set_faults(vec!["slow-first-byte:ms=500:after=3".parse().unwrap()]);
    let mut child = desk.get(&YEAR, &[]).stderr(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    assert!(asked(&desk.sandbox, 4, &mut child));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let told = crate::support::finished(child.wait_with_output().unwrap());
    told.refused(130, &["interrupted", "finishing the page in flight", "continue:", "legs so far in"]);
    desk.sandbox.set_faults(Vec::new());
    desk.is(&run(&mut desk.get(&YEAR, &[])), &expected);
    desk.paid_once();
}

#[test]
fn another_request_throws_nothing_away_unless_that_is_said() {
    let others: [&[&str]; 4] = [
        &["--fields", "start_time,id"],
        &["--where", "duration > 30"],
        &["--where-local", "duration > 30"],
        &["--from", "2025-04-01"],
    ];
    for (name, other) in others.into_iter().map(|other| ("a.jsonl", other)).chain([("a", others[3])]) {
        let desk = Desk::new(name);
        // A flag that is given twice would be refused.
        let kept = YEAR.chunks(2).filter(|pair| pair[0] != other[0]).flatten().copied();
        let request: Vec<_> = kept.chain(other.iter().copied()).collect();
        let expected = desk.undisturbed(&request);
        desk.stopped(&YEAR);
        let (before, calls) = (contents(desk.folder.path()), desk.sandbox.stats().calls);
        let told = run(&mut desk.get(&request, &[]));
        told.refused(10, &["of another request, which was stopped", "paid for", "nothing was spent"]);
        // Both commands are named, without conditions and without what stopped the first.
        for said in ["finish that one: ", "--from 2025-03-01", "throw them away: ", " --force; or choose"] {
            assert!(told.stderr.contains(said), "{said}: {}", told.stderr);
        }
        assert!(!told.stderr.contains("> 30") && !told.stderr.contains("--max-points"), "{}", told.stderr);
        assert_eq!((contents(desk.folder.path()), desk.sandbox.stats().calls), (before, calls));
        let told = run(&mut desk.get(&request, &["--force"]));
        assert!(!told.stderr.contains("going on"), "{}", told.stderr);
        assert!(told.stderr.contains("cannot be used"), "{}", told.stderr);
        desk.is(&told, &expected);
    }
}

/// What happens to a file.
type Damage = fn(&Path);

fn edit(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

#[test]
fn damaged_side_files_cost_points_and_not_rows() {
    let table: [(&str, Damage); 9] = [
        (".resume", |path| fs::remove_file(path).unwrap()),
        (".resume", |path| edit(path, Vec::clear)),
        (".resume", |path| edit(path, |bytes| bytes.truncate(bytes.len() - 9))),
        (".resume", |path| edit(path, |bytes| bytes.truncate(bytes.len() - 1))),
        (".resume", |path| edit(path, |bytes| bytes[3] = 0xff)),
        (".resume", |path| {
            edit(path, |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle..middle + 40].fill(0);
            });
        }),
        (".part", |path| fs::remove_file(path).unwrap()),
        (".part", |path| edit(path, Vec::clear)),
        (".part", |path| edit(path, |bytes| bytes.truncate(bytes.len() / 2))),
    ];
    for name in ["a.jsonl", "a.csv.gz"] {
        let desk = Desk::new(name);
        let expected = desk.undisturbed(&YEAR);
        for (number, (ending, damage)) in table.iter().enumerate() {
            desk.stopped(&YEAR);
            damage(&desk.path(ending));
            desk.sandbox.reset();
            // What is added behind the damage counts.
            for _ in 0..2 {
                let told = run(&mut desk.get(&YEAR, &["--max-points", "3"]));
                assert_eq!(told.code, Some(6), "{number}: {}", told.stderr);
            }
            desk.is(&run(&mut desk.get(&YEAR, &[])), &expected);
            desk.paid_once();
            fs::remove_file(desk.path("")).unwrap();
        }
    }
}

#[test]
fn rows_that_were_damaged_are_told_and_read_again() {
    /// The largest file, or the largest one below a folder.
    fn largest(path: &Path) -> PathBuf {
        if !path.is_dir() {
            return path.to_owned();
        }
        let inner = names(path).into_iter().map(|name| largest(&path.join(name)));
        inner.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap()
    }
    let flip: Damage = |path| {
        edit(&largest(path), |bytes| {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        });
    };
    let table: [(&str, Damage); 5] = [
        (".part", flip),
        (".resume", |path| fs::remove_file(path).unwrap()),
        (".resume", |path| edit(path, Vec::clear)),
        (".resume", |path| edit(path, |bytes| bytes.truncate(10))),
        (".part", |path| {
            if path.is_dir() {
                fs::remove_dir_all(path).unwrap();
                fs::create_dir(path).unwrap();
            } else {
                edit(path, Vec::clear);
            }
        }),
    ];
    for name in ["a.jsonl", "a.csv", "a.csv.zst", "a.jsonl.gz", "a.parquet", "a.arrow", "a"] {
        let desk = Desk::new(name);
        let expected = desk.undisturbed(&YEAR);
        for (number, (ending, damage)) in table.iter().enumerate() {
            desk.stopped(&YEAR);
            damage(&desk.path(ending));
            let told = run(&mut desk.get(&YEAR, &[]));
            let warned =
                told.stderr.matches("of an earlier run cannot be used and will be read again").count();
            assert_eq!(warned, 1, "{name} {number}: {}", told.stderr);
            desk.is(&told, &expected);
            fs::remove_dir_all(desk.path("")).or_else(|_| fs::remove_file(desk.path(""))).unwrap();
        }
    }
}

#[test]
fn what_holds_no_row_needs_no_word() {
    let desk = Desk::new("a.csv");
    let expected = desk.undisturbed(&YEAR);
    fs::write(desk.path(".part"), "id,start_time\n").unwrap();
    let told = run(&mut desk.get(&YEAR, &[]));
    assert!(!told.stderr.contains("warning"), "{}", told.stderr);
    desk.is(&told, &expected);
}

#[test]
fn a_refusal_at_the_start_says_what_is_kept() {
    let noon = "2026-02-28T12:00:00".parse().unwrap();
    let sandbox =
        small().days(60).legs_per_day(7).burst(noon, 15_000, 3600).day_limit(Some(3)).start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("w.csv");
    let get = || {
        let mut command = get_at(&sandbox.url(), &["--from", "2026-01-01", "--till", "2026-02-28"]);
        run(command.args(["--reserve", "0", "-o"]).arg(&place))
    };
    get().refused(6, &["kept:", "legs so far in", "continue:"]);
    get().refused(6, &["get.account", "kept:", "legs so far in", "w.csv.part", "continue:"]);
}

#[test]
fn a_stop_of_standard_output_says_what_went_there() {
    let desk = Desk::new("a.jsonl");
    let told = run(get_at(&desk.sandbox.url(), &YEAR).args(["--max-points", "5"]));
    let legs = told.stdout.lines().count();
    let legs = format!("{},{:03}", legs / 1000, legs % 1000);
    assert_eq!(told.code, Some(6), "{}", told.stderr);
    let said = format!("kept:     nothing; {legs} legs passed on to standard output, 5 points spent");
    assert!(told.stderr.contains(&said), "{said}: {}", told.stderr);
}

#[test]
fn a_hole_is_asked_again_and_never_forgotten() {
    let desk = Desk::new("a.jsonl");
    let expected = desk.undisturbed(&YEAR);
    // A window in the middle, or the last one, stays short for as long as the fault holds.
    for (from, till) in [("2025-07-01", "2025-07-20"), ("2026-02-01", "2026-03-01")] {
        let fault = format!("lost-page:match=date_from>={from}:match=date_from<{till}");
        desk.sandbox.set_faults(vec![fault.parse().unwrap()]);
        for _ in 0..2 {
            run(&mut desk.get(&YEAR, &[])).refused(9, &["not complete", "continue:"]);
        }
        desk.sandbox.set_faults(Vec::new());
        desk.is(&run(&mut desk.get(&YEAR, &[])), &expected);
        fs::remove_file(desk.path("")).unwrap();
    }
}
