//! Places as somebody else reads them: the rows, as the server writes them, and which were written anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
    rc::Rc,
    time::SystemTime,
};

use arrow_array::{Array, RecordBatch, cast::AsArray, types};
use calllegs_arrow::parquet;
use calllegs_core::{CallLegs, schema::Listing, value::wall_time};
use calllegs_store::{Lake, Sqlite, windows::Shared};
use chrono::DateTime;
use serde_json::{Map, Value};

/// The legs by id, and the version of each: another one when the row was written anew.
pub(crate) type Rows = BTreeMap<i64, (Rc<Value>, String)>;

/// A place that is read back.
pub(crate) trait Reader {
    fn name(&self) -> &'static str;

    fn place(&self) -> Shared;

    /// What is there after this run.
    fn rows(&mut self, run: &str) -> Rows;
}

/// A place of each kind; without PostgreSQL where it is not installed.
pub(crate) fn all(folder: &Path) -> Vec<Box<dyn Reader>> {
    let mut readers: Vec<Box<dyn Reader>> = vec![
        Box::new(Table(folder.join("calls.db"))),
        Box::new(Files { lake: folder.join("lake"), known: BTreeMap::new() }),
    ];
    #[cfg(unix)]
    readers.extend(database::reader());
    readers
}

/// A file of SQLite.
struct Table(PathBuf);

impl Reader for Table {
    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn place(&self) -> Shared {
        Shared::new(Sqlite::open(&self.0).unwrap())
    }

    fn rows(&mut self, _: &str) -> Rows {
        let connection = rusqlite::Connection::open(&self.0).unwrap();
        let mut statement = connection.prepare("SELECT * FROM call_legs").unwrap();
        let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        let mut table = Rows::new();
        while let Some(row) = rows.next().unwrap() {
            let mut leg = Map::new();
            for field in CallLegs::METHOD.fields {
                let place = names.iter().position(|name| name == field.name()).unwrap();
                let is_flag = field.name().starts_with("is_");
                let value = match row.get_ref(place).unwrap() {
                    rusqlite::types::ValueRef::Null => Value::Null,
                    rusqlite::types::ValueRef::Integer(number) if is_flag => (number != 0).into(),
                    rusqlite::types::ValueRef::Integer(number) => number.into(),
                    rusqlite::types::ValueRef::Real(number) => double(number),
                    rusqlite::types::ValueRef::Text(text) if field.name().ends_with("call_records") => {
                        serde_json::from_slice(text).unwrap()
                    }
                    rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
                    rusqlite::types::ValueRef::Blob(_) => panic!("{}", field.name()),
                };
                leg.insert(field.name().to_owned(), value);
            }
            let of = |name: &str| names.iter().position(|known| known == name).unwrap();
            table
                .insert(row.get(of("id")).unwrap(), (Rc::new(leg.into()), row.get(of("cl_run_id")).unwrap()));
        }
        table
    }
}

/// A number without a fraction has no point.
fn double(number: f64) -> Value {
    if number.fract() == 0.0 { serde_json::from_str(&format!("{number}")).unwrap() } else { number.into() }
}

/// A lake: its files, and the rows of each.
struct Files {
    lake: PathBuf,
    known: BTreeMap<PathBuf, (SystemTime, Vec<u8>, Rows)>,
}

impl Reader for Files {
    fn name(&self) -> &'static str {
        "lake"
    }

    fn place(&self) -> Shared {
        Shared::new(Lake::open(&self.lake).unwrap())
    }

    /// Of rows by their version, and of files by their bytes and times: one is written anew for a row that was.
    fn rows(&mut self, run: &str) -> Rows {
        let mut paths = BTreeSet::new();
        legs_below(&self.lake, &mut paths);
        self.known.retain(|path, _| paths.contains(path));
        let mut all = Rows::new();
        for path in paths {
            let bytes = fs::read(&path).unwrap();
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            let known = self.known.get(&path);
            if known.is_none_or(|known| (known.0, &known.1) != (modified, &bytes)) {
                let rows = rows_of(&path);
                assert!(rows.values().any(|(_, version)| version == run), "{}", path.display());
                self.known.insert(path.clone(), (modified, bytes, rows));
            }
            let before = all.len();
            all.extend(self.known[&path].2.clone());
            assert_eq!(all.len(), before + self.known[&path].2.len(), "a leg is in one file");
        }
        all
    }
}

fn legs_below(folder: &Path, paths: &mut BTreeSet<PathBuf>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            legs_below(&path, paths);
        } else if path.extension().is_some_and(|ending| ending == "parquet") {
            paths.insert(path);
        }
    }
}

fn rows_of(path: &Path) -> Rows {
    let (_, batches) = parquet::read_back(File::open(path).unwrap()).unwrap();
    let mut rows = Rows::new();
    for batch in batches {
        let batch = batch.unwrap();
        let count = batch.num_rows();
        for row in 0..count {
            let leg: Map<String, Value> = CallLegs::METHOD
                .fields
                .iter()
                .map(|field| (field.name().to_owned(), cell(&batch, field.name(), row)))
                .collect();
            let version = cell(&batch, "cl_run_id", row).as_str().unwrap().to_owned();
            rows.insert(leg["id"].as_i64().unwrap(), (Rc::new(leg.into()), version));
        }
    }
    rows
}

fn cell(batch: &RecordBatch, name: &str, row: usize) -> Value {
    let array = batch.column_by_name(name).unwrap();
    if array.is_null(row) {
        return Value::Null;
    }
    if let Some(flags) = array.as_boolean_opt() {
        flags.value(row).into()
    } else if let Some(numbers) = array.as_primitive_opt::<types::Int32Type>() {
        numbers.value(row).into()
    } else if let Some(numbers) = array.as_primitive_opt::<types::Int64Type>() {
        numbers.value(row).into()
    } else if let Some(numbers) = array.as_primitive_opt::<types::Float64Type>() {
        double(numbers.value(row))
    } else if let Some(times) = array.as_primitive_opt::<types::TimestampMicrosecondType>() {
        let time = DateTime::from_timestamp_micros(times.value(row)).unwrap();
        wall_time::format(time.naive_utc()).to_string().into()
    } else if let Some(lists) = array.as_list_opt::<i32>() {
        lists.value(row).as_string::<i32>().iter().map(|text| Value::from(text.unwrap())).collect()
    } else {
        array.as_string::<i32>().value(row).into()
    }
}

#[cfg(unix)]
mod database {
    //! A table of PostgreSQL.

    use std::rc::Rc;

    use calllegs_core::{CallLegs, schema::Listing};
    use calllegs_store::{Postgres, windows::Shared};
    use serde_json::Value;

    use super::{Reader, Rows};
    use crate::server::server;

    struct Database {
        client: postgres::Client,
        known: Rows,
    }

    pub(super) fn reader() -> Option<Box<dyn Reader>> {
        let client = server()?.client("days");
        Some(Box::new(Database { client, known: Rows::new() }))
    }

    impl Reader for Database {
        fn name(&self) -> &'static str {
            "PostgreSQL"
        }

        fn place(&self) -> Shared {
            Shared::new(Postgres::open(&server().unwrap().url("days")).unwrap())
        }

        /// A row that was written has another transaction: all others are as they were.
        fn rows(&mut self, _: &str) -> Rows {
            let versions = "SELECT id, xmin::text FROM call_legs";
            let versions = self.client.query(versions, &[]).unwrap();
            let versions: Vec<(i64, String)> = versions.iter().map(|row| (row.get(0), row.get(1))).collect();
            let is_written =
                |(id, version): &&(i64, String)| self.known.get(id).is_none_or(|(_, known)| known != version);
            let ids: Vec<i64> = versions.iter().filter(is_written).map(|(id, _)| *id).collect();
            let legs =
                "SELECT id, xmin::text, to_jsonb(legs)::text FROM call_legs AS legs WHERE id = ANY($1)";
            for row in self.client.query(legs, &[&ids]).unwrap() {
                let mut leg: serde_json::Map<String, Value> = serde_json::from_str(row.get(2)).unwrap();
                leg.retain(|name, _| CallLegs::METHOD.fields.iter().any(|field| field.name() == name));
                for (name, value) in &mut leg {
                    if let (true, Value::String(time)) = (name.ends_with("_time"), value) {
                        *time = time.replace('T', " ");
                    }
                }
                self.known.insert(row.get(0), (Rc::new(leg.into()), row.get(1)));
            }
            assert_eq!(self.known.len(), versions.len(), "no leg goes");
            self.known.clone()
        }
    }
}
