//! Files of columns, folders by date and CSV for spreadsheets, by the tool as people run it.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    process::Command,
};

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_arrow::{ipc, parquet, schema::Column};
use calllegs_sandbox::Sandbox;

use crate::support::{BOTH, contents, emulator, get_at, get_both, ids, names, run, small, truth};

/// A folder of its own, and the path of a file in it.
fn place(name: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    (folder, path)
}

fn read(path: &Path) -> Vec<RecordBatch> {
    let (rows, batches) = parquet::read_back(File::open(path).unwrap()).unwrap();
    let batches: Vec<_> = batches.map(Result::unwrap).collect();
    assert_eq!(batches.iter().map(|batch| batch.num_rows() as u64).sum::<u64>(), rows);
    batches
}

fn numbers(batches: &[RecordBatch], name: &str) -> Vec<i64> {
    let column = |batch: &RecordBatch| {
        let column = batch.column_by_name(name).unwrap();
        let numbers = match column.as_primitive_opt::<types::Int64Type>() {
            Some(numbers) => numbers.values().to_vec(),
            None => column.as_primitive::<types::TimestampMicrosecondType>().values().to_vec(),
        };
        assert_eq!(column.null_count(), 0);
        numbers
    };
    batches.iter().flat_map(column).collect()
}

#[test]
fn parquet_holds_the_truth_in_order_and_twice_the_same_bytes() {
    let (folder, path) = place("legs.parquet");
    let told = run(&mut get_both(&["-o", path.to_str().unwrap()]));
    assert_eq!((told.code, &*told.stdout), (Some(0), ""), "{}", told.stderr);
    let batches = read(&path);
    let expected = run(&mut get_both(&[])).rows();
    assert_eq!(numbers(&batches, "id"), ids(&expected));
    let starts = numbers(&batches, "start_time");
    assert!(starts.is_sorted());
    // Moscow is three hours ahead.
    let instants = numbers(&batches, "start_at");
    assert!(starts.iter().zip(&instants).all(|(start, instant)| start - instant == 3 * 3600 * 1_000_000));
    let names: Vec<_> = batches[0].schema().fields().iter().map(|field| field.name().clone()).collect();
    assert_eq!(names, Column::all().iter().map(Column::name).collect::<Vec<_>>());
    let accounts = batches[0].column_by_name("account").unwrap().as_string::<i32>();
    assert!(accounts.iter().all(|account| account == Some("sandbox:100001")), "{:?}", accounts.value(0));

    let again = folder.path().join("again.parquet");
    assert_eq!(run(&mut get_both(&["-o", again.to_str().unwrap()])).code, Some(0));
    assert!(fs::read(&path).unwrap() == fs::read(&again).unwrap());
}

#[test]
fn the_other_forms_of_columns_hold_the_same_rows() {
    let (folder, path) = place("legs.parquet");
    assert_eq!(run(&mut get_both(&["-o", path.to_str().unwrap()])).code, Some(0));
    let expected = numbers(&read(&path), "id");
    let streamed = |bytes: &[u8]| {
        let batches: Vec<_> = ipc::read_back(bytes).unwrap().map(Result::unwrap).collect();
        numbers(&batches, "id")
    };
    for name in ["a.arrow", "a.arrows.gz", "a.arrow.zst"] {
        let path = folder.path().join(name);
        assert_eq!(run(&mut get_both(&["-o", path.to_str().unwrap()])).code, Some(0));
        let bytes = fs::read(&path).unwrap();
        let unpacked = match path.extension().unwrap().to_str() {
            Some("gz") => {
                let mut unpacked = Vec::new();
                flate2::read::GzDecoder::new(&*bytes).read_to_end(&mut unpacked).unwrap();
                unpacked
            }
            Some("zst") => zstd::decode_all(&*bytes).unwrap(),
            _ => bytes,
        };
        assert_eq!(streamed(&unpacked), expected, "{name}");
    }
    // Into a pipe, for programs.
    let piped = get_both(&["--format", "arrow"]).output().unwrap();
    assert_eq!(streamed(&piped.stdout), expected);
    let piped = get_both(&["--format", "parquet"]).output().unwrap();
    assert!(piped.stdout == fs::read(&path).unwrap());
}

#[test]
fn a_folder_has_a_file_for_each_date_of_the_account() {
    let (folder, path) = place("dir/");
    let told = run(&mut get_both(&["-o", path.to_str().unwrap()]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let files: Vec<_> = contents(&path).into_keys().collect();
    assert_eq!(
        files,
        ["27", "28"]
            .map(|day| format!("/account=sandbox%3A100001/date=2026-02-{day}/w-000000-235959.parquet"))
    );
    for (date, till) in [("2026-02-27", "2026-02-28"), ("2026-02-28", "2026-03-01")] {
        let batches =
            read(&path.join(format!("account=sandbox%3A100001/date={date}/w-000000-235959.parquet")));
        let mut found = numbers(&batches, "id");
        found.sort_unstable();
        let mut expected = truth(emulator(), date, till);
        expected.sort_unstable();
        assert_eq!(found, expected);
    }
    // Half a day beside whole ones would be read twice.
    let half = ["--from", "2026-02-28T00:00", "--till", "2026-02-28T12:00", "-o", path.to_str().unwrap()];
    run(&mut get_at(&emulator().url(), &half)).refused(
        10,
        &[
            "w-000000-235959.parquet",
            "covers time of its date that this request does not read",
            "--force",
            "nothing was spent",
        ],
    );
    assert_eq!(contents(&path).len(), 2);
    assert_eq!(names(folder.path()), ["dir"]);
}

#[test]
fn chosen_fields_are_the_columns() {
    let (_folder, path) = place("legs.parquet");
    let told = run(&mut get_both(&["-o", path.to_str().unwrap(), "--fields", "duration,start_time"]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let schema = read(&path)[0].schema();
    let names: Vec<_> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    assert_eq!(names, ["account", "duration", "start_time", "start_at", "extra"]);
}

#[test]
fn the_account_costs_a_point() {
    let (_folder, path) = place("legs.parquet");
    let output = ["-o", path.to_str().unwrap(), "--tz", "Europe/Moscow"];
    assert!(run(&mut get_both(&output)).stderr.contains("2 points, 2 calls"));
}

/// A call centre with a contact who was named by a joker.
fn joke(name: &str) -> Sandbox {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("legs.jsonl");
    let row = serde_json::json!({"id": 1, "call_session_id": 2, "start_time": "2026-02-27 10:00:00", "duration": 5,
        "employee_rating": 4, "is_operator": true, "contact_full_name": name, "finish_reason": "subscriber_disconnects"});
    fs::write(&path, format!("{row}\n")).unwrap();
    Sandbox::builder().data(&path).minute_limit(None).day_limit(None).start().unwrap()
}

#[test]
fn a_spreadsheet_gets_its_own_csv_and_no_formula() {
    let sandbox = joke("=1+1");
    let fields = ["--fields", "start_time,is_operator,employee_rating,contact_full_name", "--format", "csv"];
    let told = |preset: &str| {
        let output =
            get_at(&sandbox.url(), &BOTH).args(fields).args(["--csv-preset", preset]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    let header = "start_time;is_operator;employee_rating;contact_full_name\r\n";
    let russian = format!("\u{feff}{header}27.02.2026 10:00:00;ИСТИНА;4;'=1+1\r\n");
    assert_eq!(String::from_utf8(told("excel-ru")).unwrap(), russian);
    let plain = "start_time,is_operator,employee_rating,contact_full_name\n2026-02-27 10:00:00,true,4,=1+1\n";
    assert_eq!(String::from_utf8(told("plain")).unwrap(), plain);
    let truth = encoding_rs::WINDOWS_1251.encode("27.02.2026 10:00:00;ИСТИНА;4;=1+1\r\n").0.into_owned();
    assert_eq!(told("1c"), [header.as_bytes(), &truth].concat());
}

#[test]
fn letters_that_a_file_cannot_hold_are_told() {
    let sandbox = joke("田中 Ёжик");
    let (_folder, path) = place("a.csv");
    let mut command = get_at(&sandbox.url(), &BOTH);
    command.args(["--csv-preset", "1c", "-o"]).arg(&path);
    let told = run(&mut command);
    assert_eq!(told.code, Some(0));
    assert!(told.stderr.contains("2 characters are not in CP1251"), "{}", told.stderr);
}

/// More legs than a row group in an hour, by their ids and starts.
fn dense() -> (Sandbox, [&'static str; 8]) {
    let noon = "2026-02-28T12:00:00".parse().unwrap();
    let sandbox = small().days(1).burst(noon, 140_000, 3600).start().unwrap();
    let request = [
        "--from",
        "2026-02-28",
        "--till",
        "2026-02-28",
        "--tz",
        "Europe/Moscow",
        "--fields",
        "id,start_time",
    ];
    (sandbox, request)
}

#[test]
fn a_killed_run_keeps_its_row_groups_and_a_stopped_one_all_of_it() {
    let (sandbox, request) = dense();
    let (folder, path) = place("a.parquet");
    let command = |more: &[&str]| -> Command {
        let mut command = get_at(&sandbox.url(), &request);
        command.arg("-o").arg(&path).args(more);
        command
    };
    assert_eq!(run(&mut command(&[])).code, Some(0));
    let expected = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();

    // Killed behind the first row group.
    let footer = folder.path().join("a.parquet.footer");
    let mut child = command(&["-q"]).spawn().unwrap();
    while !footer.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!path.exists());
    // Whether the page was noted too is a matter of luck; the next run finds what there is, and stops by itself.
    run(&mut command(&["--max-points", "2"])).refused(6, &["continue:"]);
    let told = run(&mut command(&[]));
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    assert!(told.stderr.contains("going on behind"), "{}", told.stderr);
    assert!(fs::read(&path).unwrap() == expected);
    assert_eq!(names(folder.path()), ["a.parquet"]);
}
