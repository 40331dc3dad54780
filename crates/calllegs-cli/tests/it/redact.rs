//! Legs without the people in them: by `get`, by `sync`, and from file to file. Nothing of the source may be left in any byte.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use calllegs_store::{Reading, Wanted};
use serde_json::Value;

use crate::support::{BOTH, Run, emulator, get_both, json, names, rows, run, tool};

const SPEC: &str = "phones=hmac,names=drop,staff=hmac,records=drop";

/// A folder with a key, and the tool that finds it.
struct Room(tempfile::TempDir);

impl Room {
    fn new() -> Self {
        let room = Self(tempfile::tempdir().unwrap());
        room.run(&["redact", "key", "new"]).refused(0, &["whoever has it can make them again"]);
        room
    }

    fn run(&self, words: &[&str]) -> Run {
        let mut command = tool(&["--brand", "sandbox", "--endpoint", &emulator().url()]);
        command.args(words).current_dir(self.0.path()).env("CALLLEGS_REDACT_KEY_FILE", "redact.key");
        run(&mut command)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }
}

/// Every number, name and record id that the emulator gives, but for the account's own numbers.
pub(crate) fn people() -> Vec<String> {
    let mut people: Vec<String> = Vec::new();
    let legs = run(&mut get_both(&[])).rows();
    let own: Vec<_> = legs.iter().filter_map(|leg| leg["virtual_phone_number"].as_str()).collect();
    for leg in &legs {
        for column in [
            "calling_phone_number",
            "called_phone_number",
            "contact_phone_number",
            "employee_phone_number",
            "contact_full_name",
            "employee_full_name",
        ] {
            people.extend(leg[column].as_str().filter(|text| !own.contains(text)).map(str::to_owned));
        }
        for column in ["call_records", "wav_call_records"] {
            people.extend(
                leg[column].as_array().into_iter().flatten().map(|id| id.as_str().unwrap().to_owned()),
            );
        }
    }
    people.sort();
    people.dedup();
    // Three digits of an extension are in any number.
    people.retain(|text| text.len() > 5);
    assert!(people.len() > 200, "{}", people.len());
    people
}

/// How many legs each contact has, without saying who it is.
fn repeats(legs: &[Value]) -> Vec<u64> {
    let mut callers: BTreeMap<&str, u64> = BTreeMap::new();
    for leg in legs {
        *callers.entry(leg["contact_phone_number"].as_str().unwrap_or_default()).or_default() += 1;
    }
    let mut counts: Vec<_> = callers.into_values().collect();
    counts.sort_unstable();
    counts
}

/// The texts of a file or a table, whatever packs them.
fn text_of(path: &Path) -> String {
    let mut reading = if path.extension().is_some_and(|ending| ending == "db") {
        Reading::sqlite(path).unwrap()
    } else {
        Reading::file(path).unwrap()
    };
    let all: Vec<_> =
        calllegs_arrow::schema::Column::all().iter().map(calllegs_arrow::schema::Column::name).collect();
    let mut text = String::new();
    let read = reading.read(&Wanted::columns(&all), |batch| {
        for column in batch.columns() {
            use arrow_array::{Array as _, cast::AsArray as _};
            if let Some(texts) = column.as_string_opt::<i32>() {
                texts.iter().flatten().for_each(|value| text.extend([value, "\n"]));
            } else if let Some(lists) = column.as_list_opt::<i32>() {
                let texts = lists.values().as_string::<i32>();
                (0..texts.len()).for_each(|place| text.extend([texts.value(place), "\n"]));
            }
        }
        Ok::<_, calllegs_store::Error>(())
    });
    read.unwrap();
    text
}

/// Letters by which people are looked up.
const BEGIN: usize = 6;

#[track_caller]
pub(crate) fn has_nobody(what: &str, text: &[u8], people: &[String]) {
    let mut by_begin: HashMap<&[u8], Vec<&[u8]>> = HashMap::new();
    for person in people {
        by_begin.entry(&person.as_bytes()[..BEGIN]).or_default().push(person.as_bytes());
    }
    for (place, begin) in text.windows(BEGIN).enumerate() {
        let found =
            by_begin.get(begin).into_iter().flatten().find(|person| text[place..].starts_with(person));
        assert!(found.is_none(), "{what}: {:?}", found.map(|person| String::from_utf8_lossy(person)));
    }
}

#[test]
fn nobody_is_left_in_any_byte_and_callers_are_still_told_apart() {
    let (room, people) = (Room::new(), people());
    let get = |words: &[&str]| room.run(&[&["get"][..], &BOTH, words].concat());
    let whole = get(&[]).rows();
    let told = get(&["--redact", SPEC]);
    has_nobody("a pipe", told.stdout.as_bytes(), &people);
    let redacted = told.rows();
    assert_eq!(repeats(&whole), repeats(&redacted));
    for (leg, was) in redacted.iter().zip(&whole) {
        for column in ["id", "start_time", "duration", "virtual_phone_number", "finish_reason", "contact_id"]
        {
            assert_eq!(leg[column], was[column]);
        }
    }
    // Every way to the same rows gives the same pseudonyms.
    assert_eq!(get(&["-o", "whole.parquet"]).code, Some(0));
    assert_eq!(room.run(&["sync", "--to", "whole.db", "--since", "2026-02-27"]).code, Some(0));
    for (name, words) in [
        ("got.csv", &["get", "--from", "2026-02-27", "--till", "2026-02-28", "-o", "got.csv"][..]),
        ("got.parquet", &["get", "--from", "2026-02-27", "--till", "2026-02-28", "-o", "got.parquet"]),
        ("synced.db", &["sync", "--to", "synced.db", "--since", "2026-02-27"]),
        ("made.jsonl", &["redact", "whole.parquet", "-o", "made.jsonl"]),
        ("made.csv", &["redact", "whole.db", "-o", "made.csv"]),
        ("made.parquet", &["redact", "whole.parquet", "-o", "made.parquet"]),
    ] {
        let told = room.run(&[words, &["--redact", SPEC]].concat());
        assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
        has_nobody(name, &fs::read(room.path(name)).unwrap(), &people);
        has_nobody(name, text_of(&room.path(name)).as_bytes(), &people);
        has_nobody(name, told.stderr.as_bytes(), &people);
    }
    assert_eq!(rows(&fs::read_to_string(room.path("made.jsonl")).unwrap()).len(), whole.len());
    let made = rows(&fs::read_to_string(room.path("made.jsonl")).unwrap());
    assert_eq!(made[0]["contact_phone_number"], redacted[0]["contact_phone_number"]);
    assert_eq!(repeats(&made), repeats(&whole));
    // The place is equal to the API by the same redaction, and differs by none.
    assert_eq!(room.run(&["verify", "--data", "synced.db", "--redact", SPEC]).code, Some(0));
    assert_eq!(room.run(&["verify", "--data", "synced.db"]).code, Some(11));
}

#[test]
fn what_is_left_is_found() {
    let room = Room::new();
    let words = ["get", "--from", "2026-02-27", "--till", "2026-02-28", "-o", "whole.parquet"];
    assert_eq!(room.run(&words).code, Some(0));
    let told = room.run(&["redact", "--check", "whole.parquet"]);
    assert_eq!(told.code, Some(11), "{}", told.stderr);
    for said in [
        "contact_phone_number: phone numbers in",
        "contact_full_name: names in",
        "call_records: ids of recordings",
    ] {
        assert!(told.stdout.contains(said), "{}", told.stdout);
    }
    // The usual redaction needs no key, and keeps who works there.
    let told = room.run(&["redact", "whole.parquet", "-o", "usual.csv"]);
    assert!(told.stderr.contains("phones=mask"), "{}", told.stderr);
    // What it keeps is no find, and is said.
    let told = room.run(&["redact", "--check", "usual.csv"]);
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    let kept = "kept on purpose, not looked at: employee_full_name, employee_phone_number";
    assert!(told.stdout.contains(kept), "{}", told.stdout);
    let told = room.run(&["redact", "--check", "usual.csv", "--redact", "staff=drop"]);
    assert!(told.code == Some(11) && told.stdout.contains("employee_full_name: names in"), "{}", told.stdout);
    let told = room.run(&["redact", "--check", "usual.csv", "--redact", "staff=keep", "--json"]);
    assert_eq!(told.code, Some(0), "{}{}", told.stdout, told.stderr);
    // A text does not say what was taken off it; columns do.
    let again = "replace it: calllegs redact whole.parquet -o usual.csv --force";
    room.run(&["redact", "whole.parquet", "-o", "usual.csv"])
        .refused(10, &["usual.csv is there already", again]);
    assert_eq!(room.run(&["redact", "whole.parquet", "-o", "usual.csv", "--force"]).code, Some(0));
    for _ in 0..2 {
        assert_eq!(room.run(&["redact", "whole.parquet", "-o", "usual.parquet"]).code, Some(0));
    }
    assert!(told.stdout.contains("scenario_name"), "{}", told.stdout);
    // A file of another program, with columns that nobody knows.
    fs::write(room.path("other.csv"), "when;note\n2026-03-02;ring 8 (916) 123-45-67\n").unwrap();
    let told = room.run(&["redact", "--check", "other.csv"]);
    assert!(told.code == Some(11) && told.stdout.contains("note: phone numbers in 1 row"), "{}", told.stdout);
    assert!(!told.stderr.contains("916"), "{}", told.stderr);
}

#[test]
fn a_redaction_is_no_accident() {
    let room = Room::new();
    let get = |words: &[&str]| room.run(&[&["get"][..], &BOTH, words].concat());
    for (spec, said) in [
        ("phone=mask", "did you mean phones?"),
        ("phones=sha256", "write keep, mask, prefix:1 to prefix:6, hmac or drop"),
        ("names=prefix:3", "prefix is for phones"),
        ("id=drop", "it tells legs apart"),
        ("phones", "write, for example"),
    ] {
        get(&["--redact", spec]).refused(2, &[said, "nothing was spent"]);
    }
    let key = room.path("redact.key");
    // A redacted file takes the place of no whole one.
    assert_eq!(get(&["-o", "legs.parquet"]).code, Some(0));
    get(&["-o", "legs.parquet", "--redact", SPEC]).refused(10, &["--force"]);
    room.run(&["redact", "legs.parquet", "-o", "legs.parquet"]).refused(2, &["the same file"]);
    // A key that others can read, that is missing, that is there.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        get(&["--redact", SPEC]).refused(3, &["others can read it", "chmod 600"]);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    }
    // A folder's rights are no matter of the key.
    for words in [&["get", "--on", "2026-02-27", "--redact", SPEC][..], &["redact", "key", "new"]] {
        let mut command = tool(&["--brand", "sandbox", "--endpoint", &emulator().url()]);
        command.args(words).env("CALLLEGS_REDACT_KEY_FILE", room.0.path());
        let told = run(&mut command);
        told.refused(3, &["is a folder", "redact.key"]);
        assert!(!told.stderr.contains("chmod"), "{}", told.stderr);
    }
    let secret = fs::read_to_string(&key).unwrap();
    room.run(&["redact", "key", "new"]).refused(3, &["there is a key", "rotate"]);
    let told = room.run(&["redact", "key", "rotate"]);
    told.refused(0, &["do not join"]);
    assert!(!told.stderr.contains(secret.trim()));
    assert_ne!(fs::read_to_string(&key).unwrap(), secret);
    assert_eq!(names(room.0.path()).iter().filter(|name| name.starts_with("redact.key.until-")).count(), 1);
    fs::remove_file(&key).unwrap();
    get(&["--redact", SPEC]).refused(3, &["make one: calllegs redact key new", "nothing was spent"]);
}

#[test]
fn a_profile_redacts_for_good() {
    let room = Room::new();
    let url = emulator().url();
    let profile = format!(
        "[profile.a]\nbrand = \"sandbox\"\nendpoint = \"{url}\"\nredact = [\"phones=mask\", \"names=drop\"]\n\
         [profile.a.sync]\nredact = \"phones=drop\"\n"
    );
    fs::write(room.path("config.toml"), profile).unwrap();
    let calllegs = |words: &[&str]| {
        let mut command = tool(&["-p", "a"]);
        command.args(words).current_dir(room.0.path()).env("CALLLEGS_CONFIG", "config.toml");
        run(command.env("CALLLEGS_TOKEN", "sandbox-acme"))
    };
    let phones = |told: &Run| -> Vec<String> {
        told.rows().iter().filter_map(|leg| Some(leg["contact_phone_number"].as_str()?.to_owned())).collect()
    };
    let get = [&["get"][..], &BOTH].concat();
    assert!(phones(&calllegs(&get)).iter().all(|phone| phone.contains('•')));
    calllegs(&[&get[..], &["--no-redact"]].concat()).refused(2, &["add --yes"]);
    calllegs(&[&get[..], &["--redact", "phones=keep"]].concat())
        .refused(2, &["calling_phone_number", "add --yes"]);
    let shown = calllegs(&[&get[..], &["--no-redact", "--yes"]].concat());
    assert!(phones(&shown).iter().any(|phone| phone.len() == 11));
    let told = calllegs(&["sync", "--to", "calls.db", "--since", "2026-02-27", "--summary-file", "s.json"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(!text_of(&room.path("calls.db")).contains('•') && json(&room.path("s.json"))["rows"] != 0);
    let told = calllegs(&["config", "show", "--origin"]);
    assert!(told.stdout.contains("phones=mask"), "{}{}", told.stdout, told.stderr);
}

#[test]
fn no_column_is_lost_in_silence() {
    let room = Room::new();
    let get = |words: &[&str]| room.run(&[&["get"][..], &BOTH, words].concat());
    for name in ["with.jsonl", "with.csv", "with.parquet"] {
        let told = get(&["--with", "sessions,costs", "-o", name]);
        assert_eq!(told.code, Some(0), "{}", told.stderr);
        let told = room.run(&["redact", name, "-o", "copy.jsonl", "--force"]);
        assert_eq!(told.code, Some(0), "{name}: {}", told.stderr);
        let [whole, copy] =
            ["with.jsonl", "copy.jsonl"].map(|name| rows(&fs::read_to_string(room.path(name)).unwrap()));
        assert_eq!(whole.len(), copy.len());
        for (leg, copied) in whole.iter().zip(&copy) {
            for column in ["id", "session_direction", "session_wait_duration", "cost_total_charge"] {
                assert!(leg.get(column).is_some(), "{column}");
                assert_eq!(leg[column], copied[column], "{name} {column}");
            }
        }
        assert!(copy.iter().any(|leg| leg["cost_total_charge"].is_number()));
    }
    // What the API, or another program, has put beside.
    let mut legs = rows(&fs::read_to_string(room.path("with.jsonl")).unwrap());
    legs.last_mut().unwrap()["ai_score"] = 7.into();
    let text = legs.iter().map(|leg| format!("{leg}\n")).collect::<Vec<_>>().concat();
    fs::write(room.path("more.jsonl"), text).unwrap();
    for spec in ["phones=mask", "extra=keep"] {
        let told = room.run(&["redact", "more.jsonl", "-o", "less.jsonl", "--redact", spec]);
        told.refused(3, &["columns that legs do not have: ai_score", "extra=drop"]);
    }
    assert!(!room.path("less.jsonl").exists());
    let told = room.run(&["redact", "more.jsonl", "-o", "less.jsonl", "--redact", "names=drop,extra=drop"]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(!fs::read_to_string(room.path("less.jsonl")).unwrap().contains("ai_score"));
}
