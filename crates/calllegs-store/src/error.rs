//! What goes wrong where legs are kept: what happened, why, and what to do. Not here: errors of the API (core).

use std::{error, fmt, io};

/// What kind of trouble it is, for programs that act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Another run writes there.
    Busy,
    /// What is there would be lost: another program wrote it, or a wider request did. A destination that was told to replace
    /// what is there has no such errors.
    Conflict,
    /// A defect of this program or of its process.
    Internal,
    /// The place cannot be used: a folder has the name of a file, its folder is missing, a name is too long.
    Place,
    /// The reader of a pipe went away.
    ReaderGone,
    /// What is asked for cannot be understood.
    Spec,
    /// What is there cannot be read.
    Unreadable,
    /// Something could not be written.
    Write,
}

/// Why rows cannot be kept. Its `Display` says what happened; [`cause`](Self::cause) and [`next_step`](Self::next_step)
/// say why, and what helps. It names files, and no row.
///
/// ```
/// use calllegs_store::{Destination, ErrorKind, FileDestination};
///
/// let file = FileDestination::new("no/such/folder/legs.csv")?;
/// let error = Box::new(file).open().err().unwrap();
/// assert_eq!(error.kind(), ErrorKind::Place);
/// assert!(error.next_step().is_some());
/// # Ok::<(), calllegs_store::Error>(())
/// ```
#[derive(Debug)]
pub struct Error(Box<Said>);

#[derive(Debug)]
struct Said {
    kind: ErrorKind,
    what: String,
    cause: Option<String>,
    next: Option<String>,
}

impl Error {
    /// An error, for destinations of one's own.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self(Box::new(Said { kind, what: what.into(), cause: None, next: None }))
    }

    /// Why it is so.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// What to do about it.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.0.next = Some(next.into());
        self
    }

    /// Something cannot be written, or a pipe has no reader any more.
    pub fn writing(what: impl fmt::Display, error: &io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(ErrorKind::ReaderGone, "the reader went away");
        }
        // What libraries wrap around the words of the system helps nobody.
        let (mut said, mut source) = (error.to_string(), error::Error::source(error));
        while let Some(cause) = source {
            (said, source) = (cause.to_string(), cause.source());
        }
        let failure = Self::new(ErrorKind::Write, format!("cannot write {what}: {said}"));
        if error.kind() == io::ErrorKind::FileTooLarge {
            return failure
                .because("the limit for the size of one file is reached, that of this process or of the file system")
                .next("raise it (`ulimit -f` shows it) or choose another place, then run it again");
        }
        if error.kind() == io::ErrorKind::PermissionDenied {
            return failure
                .because("the rights of the folder, or of what is in it, do not let this user write there")
                .next("correct the rights or choose another place, then run it again");
        }
        failure.next("make room or choose another place, then run it again")
    }

    /// Some rows could not be written before, so that what is there is not whole.
    pub(crate) fn torn(what: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Write, format!("cannot write {what}: a part of it could not be written before"))
            .next("make room or choose another place, then run it again")
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Why it is so, where more is known than what happened.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// What to do about it.
    pub fn next_step(&self) -> Option<&str> {
        self.0.next.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.what)
    }
}

impl error::Error for Error {}
