//! Which form the rows get, where they go and how they are compressed: decided by flags and endings alone. Not here: how it
//! is done (`calllegs_store`).

use std::{
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use calllegs_arrow::{csv::CsvOptions, files::beside};
use calllegs_store::{self as store, Compression};

use crate::{
    cli::{Format, GetArgs},
    failure::{Exit, Failure},
    lang::say,
    ui::{
        command_line::quoted,
        echo::{is_word, may_be_secret, shown_path},
    },
};

/// What becomes of the rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OutputTarget {
    Count,
    File {
        path: PathBuf,
        format: store::Format,
        compression: Compression,
    },
    /// Parquet by date.
    Folder(PathBuf),
    Stdout(Format),
}

impl OutputTarget {
    /// What the flags ask for.
    ///
    /// # Errors
    /// When they contradict each other, or name an ending that means nothing.
    pub(crate) fn read(args: &GetArgs) -> Result<Self, Failure> {
        if args.count {
            return Ok(Self::Count);
        }
        let target = match &args.output {
            Some(path) => Self::of(path, args.format)?,
            None if args.json => Self::Stdout(Format::Jsonl),
            None => Self::Stdout(args.format.unwrap_or_else(usual)),
        };
        if let (Self::Folder(path), Some(_)) = (&target, args.limit) {
            return Err(Failure::usage(say!("--limit is not for a folder"))
                .because(say!("its files have the names of whole dates, and readers would take a part of one for all of it"))
                .next(say!("name a file, for example -o {path}.parquet, or leave --limit out", path = path.display().to_string().trim_end_matches(std::path::is_separator))));
        }
        if target == Self::Stdout(Format::Xlsx) {
            return Err(Failure::usage(say!("a workbook needs a file"))
                .because(say!(
                    "it is put together when all rows are there, and no program reads one from a pipe"
                ))
                .next(say!("write a file with -o legs.xlsx")));
        }
        if let Self::Stdout(format @ (Format::Parquet | Format::Arrow)) = target
            && io::stdout().is_terminal()
        {
            let name = if format == Format::Parquet { "legs.parquet" } else { "legs.arrow" };
            return Err(Failure::usage(say!("a terminal cannot show this form"))
                .because(say!("it is made for programs"))
                .next(say!("write a file with -o {name}, or pipe it into a program", name)));
        }
        Ok(target)
    }

    /// The form that a name asks for, unless it is said; a name of no ending needs that.
    fn of(path: &Path, said: Option<Format>) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Err(Failure::usage(say!("-o names a file"))
                .because(say!("standard output is where rows go without it"))
                .next(say!("leave -o out for standard output")));
        }
        let is_named_as_folder = path.to_string_lossy().ends_with(std::path::is_separator);
        if path.is_dir() && !is_named_as_folder {
            return Err(Failure::usage(say!("{path} is a folder", path = shown_path(path)))
                .because(say!("the name of a file writes no folder"))
                .next(say!(
                    "name a file, or write Parquet by date into it with -o {path}/",
                    path = shown_path(path)
                )));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        if let Some(ending) =
            [".part", ".resume", ".footer"].into_iter().find(|ending| name.ends_with(ending))
        {
            return Err(Failure::usage(say!(
                "a name that ends with {ending} is of a file that is not complete",
                ending
            ))
            .because(say!("the tool keeps what a stopped run has read under such names, and removes them"))
            .next(say!("name a file that ends with .parquet, .csv, .jsonl, .xlsx or .arrow")));
        }
        if is_named_as_folder {
            return match said {
                None | Some(Format::Parquet) => Ok(Self::Folder(path.to_owned())),
                Some(_) => Err(Failure::usage(say!("{path} is a folder", path = shown_path(path)))
                    .because(say!("the form of a folder is decided"))
                    .next(say!("a folder gets Parquet by date; name a file for another form"))),
            };
        }
        if said == Some(Format::Table) {
            return Err(Failure::usage(say!("a table is for the screen"))
                .because(say!("it is cut to the width of a terminal, and other programs cannot read it back"))
                .next(say!("leave -o or --format table out")));
        }
        let said = said.and_then(Format::stored);
        let (named, compression) = store::Format::by_name(path);
        let format = match (named, said) {
            (Some(named), Some(said)) if named != said => {
                return Err(Failure::usage(say!(
                    "--format and the ending of {path} differ",
                    path = shown_path(path)
                ))
                .because(say!("both name the form of the rows"))
                .next(say!("leave --format out: the ending of the file decides")));
            }
            (Some(format), _) | (None, Some(format)) => format,
            (None, None) => {
                let said = if is_word(path) && may_be_secret(&path.to_string_lossy()) {
                    say!("a file of this name").to_owned()
                } else {
                    shown_path(path)
                };
                return Err(Failure::usage(say!("-o does not write {said}", said))
                    .because(say!("the ending of the name says which form the rows get, and this one names none"))
                    .next(
                    say!("name a file that ends with .parquet, .csv, .jsonl, .xlsx or .arrow, texts also with .gz or .zst; \
                     a folder DIR/; or add --format"),
                ));
            }
        };
        if format.is_compressed() && compression != Compression::None {
            let (what, ending) = if format == store::Format::Xlsx {
                (say!("a workbook"), ".xlsx")
            } else {
                ("Parquet", ".parquet")
            };
            return Err(Failure::usage(say!("{what} is compressed inside already", what))
                .because(say!("readers expect a file of this form as it is"))
                .next(say!("name a file that ends with {ending}", ending)));
        }
        Ok(Self::File { path: path.to_owned(), format, compression })
    }

    /// The form of the rows; a count has none.
    pub(crate) fn format(&self) -> Option<Format> {
        match self {
            Self::Count => None,
            Self::File { format, .. } => Format::named(*format),
            Self::Stdout(format) => Some(*format),
            Self::Folder(_) => Some(Format::Parquet),
        }
    }

    /// Whether rows are columns with types, those of our own among them.
    pub(crate) fn is_columnar(&self) -> bool {
        matches!(self.format(), Some(Format::Arrow | Format::Parquet | Format::Xlsx))
    }

    /// How a CSV is written.
    ///
    /// # Errors
    /// When the flags ask for it and the rows are no CSV.
    pub(crate) fn csv(&self, args: &GetArgs) -> Result<CsvOptions, Failure> {
        let flags = [
            ("--csv-preset", args.csv_preset.is_some()),
            ("--null", args.null.is_some()),
            ("--excel-text", args.excel_text),
            ("--arrays", args.arrays.is_some()),
        ];
        if self.format() != Some(Format::Csv)
            && let Some((flag, _)) = flags.iter().find(|(_, given)| *given)
        {
            return Err(Failure::usage(say!("{flag} is for CSV", flag))
                .because(say!("the rows get another form"))
                .next(say!("write a .csv with -o, or add --format csv")));
        }
        let mut options = CsvOptions::default();
        options.preset = args.csv_preset.unwrap_or_default();
        options.null = args.null.as_deref().map(Box::from);
        options.excel_text = args.excel_text;
        options.arrays = args.arrays.unwrap_or_default();
        Ok(options)
    }
}

impl OutputTarget {
    /// The rights of new files.
    ///
    /// # Errors
    /// When the flag is given and there is no file, or where files have no such rights.
    pub(crate) fn mode(&self, args: &GetArgs) -> Result<Option<u32>, Failure> {
        if args.mode.is_some() && !cfg!(unix) {
            return Err(Failure::usage(say!("--mode is for Unix"))
                .because(say!("files of this system have no such permissions"))
                .next(say!("leave it out")));
        }
        if args.mode.is_some() && matches!(self, Self::Count | Self::Stdout(_)) {
            return Err(Failure::usage(say!("--mode is for a file"))
                .because(say!("it gives a new file its permissions, and this command writes none"))
                .next(say!("write one with -o, or leave --mode out")));
        }
        Ok(args.mode)
    }

    /// Refuses a place where nothing can be written, by what stands in the way. What only trying tells is left to the
    /// destination.
    ///
    /// # Errors
    /// Of a missing folder, a file in the place of one, a link, and a folder in the place of a file.
    pub(crate) fn check_place(&self) -> Result<(), Failure> {
        let (path, is_file) = match self {
            Self::Count | Self::Stdout(_) => return Ok(()),
            Self::File { path, .. } => (path, true),
            Self::Folder(path) => (path, false),
        };
        let bad = |what: String| Failure::new(Exit::Destination, what);
        let folders: Vec<_> =
            path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()).collect();
        if let Some(file) = folders.iter().rev().find(|folder| folder.exists() && !folder.is_dir()) {
            return Err(bad(say!("{file} is a file and no folder", file = shown_path(file)))
                .because(say!("{path} would lie in it", path = shown_path(path)))
                .next(say!("choose another place with -o, or move the file away")));
        }
        let is_missing = |folder: &&Path| matches!(fs::metadata(folder), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if let Some(parent) = folders.first().copied().filter(is_missing) {
            return Err(bad(say!("the folder {parent} does not exist", parent = shown_path(parent)))
                .because(say!("no folder is made on the way, so that a misspelt one is noticed"))
                .next(if may_be_secret(&parent.to_string_lossy()) && is_word(parent) {
                    say!("make it, or choose another place").to_owned()
                } else {
                    say!(
                        "make it with mkdir -p {parent}, or choose another place",
                        parent = quoted(&shown_path(parent))
                    )
                }));
        }
        if !is_file {
            // Without the `/` at its end: a link or a file is told from what it is not.
            let bare: PathBuf = path.components().collect();
            return match fs::symlink_metadata(&bare) {
                Ok(found) if !bare.is_dir() => {
                    let what = if found.is_symlink() {
                        say!("is a link to no folder")
                    } else {
                        say!("is a file and no folder")
                    };
                    Err(bad(format!("{} {what}", shown_path(&bare)))
                        .because(say!("a name that ends with / gets Parquet by date, in a folder"))
                        .next(say!("choose another place with -o")))
                }
                Ok(_) | Err(_) => Ok(()),
            };
        }
        if let Ok(target) = fs::read_link(path) {
            let target = folders.first().map_or_else(|| target.clone(), |folder| folder.join(&target));
            return Err(bad(say!("{path} is a link", path = shown_path(path)))
                .because(say!("a file would take its place, and what it leads to would stay as it is"))
                .next(say!("write to its target: -o {target}", target = quoted(&shown_path(&target)))));
        }
        for side in [".part", ".resume"].map(|ending| beside(path, ending)) {
            if fs::symlink_metadata(&side).is_ok_and(|found| found.is_dir()) {
                return Err(bad(say!(
                    "{side} is a folder that this tool did not write",
                    side = shown_path(&side)
                ))
                .because(say!("under this name a run keeps what it has until all of it is there"))
                .next(say!("move it away, or choose another name with -o")));
            }
        }
        Ok(())
    }
}

/// What standard output gets when nobody says.
fn usual() -> Format {
    if io::stdout().is_terminal() { Format::Table } else { Format::Jsonl }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    #[test]
    fn file_names_say_the_form() {
        use Format::{Arrow, Csv, Jsonl, Parquet, Xlsx};
        let table = [
            ("a.jsonl", Jsonl, Compression::None),
            ("d/a.JSONL.gz", Jsonl, Compression::Gzip),
            ("вчера.csv", Csv, Compression::None),
            ("a.b.csv.zst", Csv, Compression::Zstd),
            ("a.parquet", Parquet, Compression::None),
            ("a.xlsx", Xlsx, Compression::None),
            ("a.arrows", Arrow, Compression::None),
            ("a.arrow.zst", Arrow, Compression::Zstd),
        ];
        for (name, format, compression) in table {
            let stored = format.stored().unwrap();
            let target = OutputTarget::File { path: name.into(), format: stored, compression };
            assert_eq!(OutputTarget::of(Path::new(name), None).unwrap(), target, "{name}");
            assert_eq!(OutputTarget::of(Path::new(name), Some(format)).unwrap(), target, "{name}");
        }
        for name in ["a.xlsx.gz", "a", "a.gz", ".csv", "a.json", "a.parquet.gz"] {
            assert_eq!(OutputTarget::of(Path::new(name), None).unwrap_err().exit, Exit::Usage, "{name}");
        }
    }

    #[test]
    fn a_form_that_is_said_needs_no_ending_and_contradicts_none() {
        let said = |name: &str, format| OutputTarget::of(Path::new(name), Some(format));
        let file =
            |compression| OutputTarget::File { path: "a.gz".into(), format: store::Format::Csv, compression };
        assert_eq!(said("a.gz", Format::Csv).unwrap(), file(Compression::Gzip));
        assert!(said("a.csv", Format::Jsonl).is_err());
        assert!(said("a.gz", Format::Parquet).is_err());
        assert!(said("a", Format::Table).is_err());
    }

    #[test]
    fn a_folder_gets_parquet() {
        let folder = tempfile::tempdir().unwrap();
        let there = format!("{}/", folder.path().display());
        for path in [Path::new("dir/"), Path::new(&there)] {
            assert_eq!(OutputTarget::of(path, None).unwrap(), OutputTarget::Folder(path.to_owned()));
            assert_eq!(
                OutputTarget::of(path, Some(Format::Parquet)).unwrap(),
                OutputTarget::Folder(path.to_owned())
            );
            assert_eq!(OutputTarget::of(path, Some(Format::Csv)).unwrap_err().exit, Exit::Usage);
        }
        // Where another folder is being written.
        assert_eq!(OutputTarget::of(Path::new("dir.part/"), None).unwrap_err().exit, Exit::Usage);
        // By the name of a file nothing gets into a folder.
        let named = folder.path().join("a.parquet");
        fs::create_dir(&named).unwrap();
        for path in [folder.path(), &named] {
            let refused = OutputTarget::of(path, None).unwrap_err();
            assert_eq!(refused.exit, Exit::Usage);
            assert!(refused.next.unwrap().ends_with('/'));
        }
    }
}
