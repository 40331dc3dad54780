//! Places as subjects of the suite: where they are, and how they are read back.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use arrow_array::{RecordBatch, cast::AsArray, types::Int64Type};
use calllegs_arrow::{ipc, parquet};
use calllegs_store::{
    Compression, Destination, Error, FileDestination, FolderDestination, conformance::Subject,
    warehouse::Warehouse,
};

/// All kinds of files, and a folder.
pub(crate) const NAMES: [&str; 10] = [
    "a.csv",
    "a.csv.gz",
    "a.csv.zst",
    "a.jsonl",
    "a.jsonl.zst",
    "a.parquet",
    "a.arrow",
    "a.arrow.gz",
    "a.xlsx",
    "a",
];

/// A file of this name, or a folder.
pub(crate) struct Place(pub(crate) &'static str);

impl Place {
    pub(crate) fn path(&self, folder: &Path) -> PathBuf {
        folder.join(self.0)
    }
}

impl Subject for Place {
    fn destination(&self, folder: &Path) -> Box<dyn Destination> {
        let path = self.path(folder);
        if self.0.contains('.') {
            Box::new(FileDestination::new(path).unwrap())
        } else {
            Box::new(FolderDestination::new(path))
        }
    }

    fn ids(&self, folder: &Path) -> Option<Vec<i64>> {
        let path = self.path(folder);
        path.exists().then(|| ids(&path))
    }
}

/// A place with a ledger: whole when that says so of the three days.
pub(crate) struct Kept<T>(pub(crate) &'static str, pub(crate) fn(PathBuf) -> Result<T, Error>);

impl<T: Warehouse + Destination + 'static> Subject for Kept<T> {
    fn destination(&self, folder: &Path) -> Box<dyn Destination> {
        Box::new((self.1)(folder.join(self.0)).unwrap())
    }

    fn ids(&self, folder: &Path) -> Option<Vec<i64>> {
        let path = folder.join(self.0);
        let mut place = path.exists().then(|| (self.1)(path).unwrap())?;
        let end = chrono::DateTime::UNIX_EPOCH.naive_utc() + chrono::TimeDelta::days(20_003);
        let whole = place.ledger("uis:1").unwrap().complete_until()? == end;
        let all = "0001-01-01..9000-01-01".parse().unwrap();
        whole.then(|| place.hashes("uis:1", all).unwrap().into_keys().collect())
    }

    fn is_reproducible(&self) -> bool {
        false
    }

    fn keeps_all(&self) -> bool {
        false
    }
}

/// The ids of a file, or of all files below a folder.
fn ids(path: &Path) -> Vec<i64> {
    if path.is_dir() {
        return fs::read_dir(path).unwrap().flat_map(|entry| ids(&entry.unwrap().path())).collect();
    }
    let of = |batches: &mut dyn Iterator<Item = std::io::Result<RecordBatch>>| {
        let of_batch = |batch: std::io::Result<RecordBatch>| {
            let batch = batch.unwrap();
            batch.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
        };
        batches.flat_map(of_batch).collect()
    };
    let (format, compression) = calllegs_store::Format::by_name(path);
    let file = || -> Box<dyn Read + Send> {
        let file = std::io::BufReader::new(File::open(path).unwrap());
        match compression {
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
            Compression::None => Box::new(file),
            Compression::Zstd => Box::new(zstd::Decoder::with_buffer(file).unwrap()),
        }
    };
    match format.unwrap() {
        calllegs_store::Format::Parquet => of(&mut parquet::read_back(File::open(path).unwrap()).unwrap().1),
        calllegs_store::Format::Arrow => of(&mut ipc::read_back(file()).unwrap()),
        calllegs_store::Format::Csv => {
            let mut rows = csv::Reader::from_reader(file());
            let place = rows.headers().unwrap().iter().position(|name| name == "id").unwrap();
            rows.records().map(|row| row.unwrap()[place].parse().unwrap()).collect()
        }
        calllegs_store::Format::Jsonl => {
            let rows = serde_json::Deserializer::from_reader(file()).into_iter::<serde_json::Value>();
            rows.map(|row| row.unwrap()["id"].as_i64().unwrap()).collect()
        }
        calllegs_store::Format::Xlsx => {
            let mut book = zip::ZipArchive::new(File::open(path).unwrap()).unwrap();
            let sheet = std::io::read_to_string(book.by_name("xl/worksheets/sheet1.xml").unwrap()).unwrap();
            // The account is in column A.
            let cells = sheet.split("<c r=\"B").skip(2).map(|cell| cell.split_once("<v>").unwrap().1);
            cells.map(|cell| cell.split(['.', '<']).next().unwrap().parse().unwrap()).collect()
        }
        other => panic!("{other:?}"),
    }
}
