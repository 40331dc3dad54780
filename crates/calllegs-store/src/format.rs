//! How rows are written, and how a file of them is compressed: told by its name. Not here: the writing.

use std::path::Path;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// An Arrow IPC stream.
    Arrow,
    /// CSV, in the dialect of [`CsvOptions`](calllegs_arrow::csv::CsvOptions).
    Csv,
    /// A JSON object a line.
    Jsonl,
    /// Parquet.
    Parquet,
    /// A workbook, which only a file can be.
    Xlsx,
}

impl Format {
    /// The format that a file's name ends with, and its compression.
    ///
    /// ```
    /// use calllegs_store::{Compression, Format};
    ///
    /// assert_eq!(Format::by_name("march.csv.gz".as_ref()), (Some(Format::Csv), Compression::Gzip));
    /// assert_eq!(Format::by_name("march.xlsx".as_ref()), (Some(Format::Xlsx), Compression::None));
    /// ```
    pub fn by_name(path: &Path) -> (Option<Self>, Compression) {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        let (stem, compression) = match (name.strip_suffix(".gz"), name.strip_suffix(".zst")) {
            (Some(stem), _) => (stem, Compression::Gzip),
            (None, Some(stem)) => (stem, Compression::Zstd),
            (None, None) => (&*name, Compression::None),
        };
        let ending = stem.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending);
        let format = match ending {
            Some("jsonl" | "ndjson") => Some(Self::Jsonl),
            Some("csv") => Some(Self::Csv),
            Some("parquet") => Some(Self::Parquet),
            Some("arrow" | "arrows") => Some(Self::Arrow),
            Some("xlsx") => Some(Self::Xlsx),
            _ => None,
        };
        (format, compression)
    }

    /// Whether rows are columns with types, which come in groups.
    pub const fn is_columnar(self) -> bool {
        matches!(self, Self::Arrow | Self::Parquet | Self::Xlsx)
    }

    /// Whether it is compressed inside: readers expect nothing around it.
    pub const fn is_compressed(self) -> bool {
        matches!(self, Self::Parquet | Self::Xlsx)
    }
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is handled in a way of its own")]
pub enum Compression {
    /// `.gz`
    Gzip,
    /// As it is.
    #[default]
    None,
    /// `.zst`
    Zstd,
}
