//! A folder of Parquet files by account and date, which several accounts share. Its dates get their names when all of them
//! are whole; a run that is stopped goes on behind the dates, or the rows, that it left. Not here: what the folder looks
//! like ([`DateFolder`]), how the record of it looks (`resume_log`).

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use calllegs_arrow::{batches, files::beside, origin::Origin, parquet::DateFolder};
use calllegs_core::sweep::Checkpoint;
use chrono::{NaiveDate, NaiveTime};

use crate::{
    destination::{
        Committed, Destination, Ending, Failed, Left, Opened, Page, Paused, Request, ResumePoint, Run,
        Suspended, Writer,
    },
    error::{Error, ErrorKind},
    file::{
        below_a_file, check_side,
        compress::Mark,
        lock, replace,
        resume_log::{self, Leftovers, ResumeLog},
        usual_mode,
    },
    findings::Findings,
    lake::ABOUT,
};

/// A folder to be written.
#[derive(Clone, Debug)]
pub struct FolderDestination {
    path: PathBuf,
    mode: Option<u32>,
    replaces: bool,
}

impl FolderDestination {
    /// Parquet by account and date, in this folder; the one around it exists.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), mode: None, replaces: false }
    }

    /// The rights of new files, on Unix; without it the umask says.
    #[must_use]
    pub const fn mode(mut self, mode: Option<u32>) -> Self {
        self.mode = mode;
        self
    }

    /// Takes the place of whatever the folder has of the account and the dates, and of the rows of a paused run of another
    /// request.
    #[must_use]
    pub const fn replace(mut self, replaces: bool) -> Self {
        self.replaces = replaces;
        self
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        if self.replaces { Ok(()) } else { replace::check_folder(&self.path, possible, account) }
    }
}

impl Destination for FolderDestination {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        resume_log::check_leftovers(&self.path, &[".part"], |part| {
            self.replaces || DateFolder::is_staging(part)
        })?;
        check_folder(&self.path)?;
        check_side(&beside(&self.path, ".part").join(DEEPEST))?;
        replace::check_version(&self.path)?;
        // Asked before there are threads: the umask is told by setting it.
        let mode = self.mode.unwrap_or_else(usual_mode);
        Ok(Box::new(OpenFolder(*self, mode)))
    }
}

/// A folder that can be written.
struct OpenFolder(FolderDestination, u32);

impl Opened for OpenFolder {
    fn is_typed(&self) -> bool {
        true
    }

    fn check(&self, possible: &[Origin], account: Option<&str>) -> Result<(), Error> {
        self.0.check(possible, account)
    }

    fn paused(&self) -> Option<Paused> {
        let is_there =
            fs::read_dir(beside(&self.0.path, ".part")).is_ok_and(|mut files| files.next().is_some());
        is_there.then(|| resume_log::paused(&self.0.path))?
    }

    fn begin(self: Box<Self>, request: Request) -> Result<Run, Error> {
        let Self(target, mode) = *self;
        let path = &target.path;
        target.check(std::slice::from_ref(&request.origin), Some(&request.origin.account))?;
        let over = |origin| {
            let folder = DateFolder::over(path, &request.columns, origin);
            folder.map(|folder| folder.mode(mode)).map_err(|error| lost(path, &error))
        };
        let mut folder = over(request.origin.clone())?;
        let lock = lock::folder(folder.staging())
            .map_err(|error| lock::busy(path, &error).unwrap_or_else(|| lost(path, &error)))?;
        let Leftovers { kept, unusable, .. } =
            kept_in(path, &folder, &request).discarding(target.replaces)?;
        let resumed = kept.as_ref().map(|kept| kept.state.clone());
        let origin = request.origin_behind(resumed.as_ref());
        if resumed.is_some() {
            folder = over(origin.clone())?;
        }
        let before = resumed.as_ref().and_then(|state| midnight(&state.checkpoint));
        folder.begin(resumed.is_some(), before).map_err(|error| lost(path, &error))?;
        let log = ResumeLog::open(path, &request, kept.as_ref())?;
        let writer = FolderWriter {
            folder,
            _lock: lock,
            log,
            point: None,
            date: None,
            taken: 0,
            is_broken: false,
            findings: Findings::default(),
            request,
            target,
        };
        Ok(Run { origin, resumed, unusable, replaces: None, writer: Box::new(writer) })
    }
}

/// A folder that takes rows.
struct FolderWriter {
    target: FolderDestination,
    request: Request,
    folder: DateFolder,
    /// Keeps other runs from it.
    _lock: Option<File>,
    log: ResumeLog,
    /// The last place to go on from, which is safe when its date is finished.
    point: Option<ResumePoint>,
    /// The date up to which the folder is safe.
    date: Option<NaiveDate>,
    taken: u64,
    is_broken: bool,
    findings: Findings,
}

impl Writer for FolderWriter {
    fn place(&self) -> Option<&Path> {
        Some(self.folder.staging())
    }

    fn write(&mut self, page: Page) -> Result<(), Error> {
        self.take(page).inspect_err(|_| self.is_broken = true)
    }

    fn commit(mut self: Box<Self>) -> Result<Committed, Box<Failed>> {
        let place = self.target.path.clone();
        let origin = &self.request.origin;
        let sound = if self.is_broken { Err(Error::torn(self.folder.staging().display())) } else { Ok(()) };
        let ended =
            sound.and_then(|()| self.folder.finish().map_err(|error| lost(self.folder.staging(), &error)));
        let ended = ended.inspect_err(|_| self.is_broken = true).and_then(|()| {
            // What is there may have come while the run was under way.
            self.target.check(std::slice::from_ref(origin), Some(&origin.account))?;
            self.folder.commit().map_err(|error| lost(&place, &error))
        });
        if let Err(error) = ended {
            let rows = self.taken;
            return Err(Failed::new(error, self.leave(Ending::behind(rows))));
        }
        let Self { log, findings, .. } = *self;
        log.discard();
        Ok(Committed { place: Some(place), findings })
    }

    fn suspend(mut self: Box<Self>, ending: Ending) -> Suspended {
        let error = if self.is_broken { None } else { self.end().err() };
        self.is_broken |= error.is_some();
        Suspended { error, ..self.leave(ending) }
    }
}

impl FolderWriter {
    fn take(&mut self, page: Page) -> Result<(), Error> {
        let staging = self.folder.staging().to_owned();
        let batches =
            batches(&page.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        for batch in &batches {
            self.findings.observe(batch, false);
            self.folder.write(batch).map_err(|error| lost(&staging, &error))?;
        }
        self.taken += page.legs.len() as u64;
        let Some(mut point) = page.resume else { return Ok(()) };
        // It speaks of all that came before it.
        if let Some(before) = self.point.take() {
            point.ids.splice(..0, before.ids);
        }
        let date = self.folder.open_date().filter(|date| Some(*date) != self.date);
        let midnight = date.map(|date| date.and_time(NaiveTime::MIN));
        // Where rows were left out, it is not known how many the server has before midnight.
        if point.rows == point.given
            && let Some(checkpoint) = midnight.and_then(|midnight| point.checkpoint.back_to(midnight))
        {
            let finished = self.folder.finished();
            let (rows, sum) = (finished.rows(None), finished.sum(date));
            // Those behind midnight are of the next point.
            let behind = usize::try_from(point.given.saturating_sub(rows)).unwrap_or(usize::MAX);
            let before = point.ids.len().saturating_sub(behind);
            let ids = point.ids.drain(..before).collect();
            let point = ResumePoint { checkpoint, rows, given: rows, ids, points: point.points };
            self.log.keep(point, Mark { bytes: 0, sum })?;
            self.date = date;
        }
        self.point = Some(point);
        Ok(())
    }

    /// All rows that came are on the disk.
    fn end(&mut self) -> Result<(), Error> {
        self.folder.finish().map_err(|error| lost(self.folder.staging(), &error))?;
        let Some(point) = self.point.take() else { return Ok(()) };
        let sum = self.folder.finished().sum(midnight(&point.checkpoint));
        self.log.keep(point, Mark { bytes: 0, sum })
    }

    fn leave(self, ending: Ending) -> Suspended {
        let Self { target, request, folder, log, taken, is_broken, findings, .. } = self;
        let kept = kept_in(&target.path, &folder, &request).kept.map(|kept| kept.state.rows);
        let is_kept = ending.keeps(kept, is_broken);
        let left = is_kept.then(|| Left { place: folder.staging().to_owned(), rows: kept });
        if !is_kept {
            folder.discard();
            log.discard();
        }
        Suspended { left, taken, findings, error: None }
    }
}

/// What a run of the same request left of a folder.
fn kept_in(path: &Path, folder: &DateFolder, request: &Request) -> Leftovers {
    let files = folder.kept().unwrap_or_default();
    let left = resume_log::find(path, request, &|| !files.is_empty(), &mut |record| {
        let before = midnight(&record.checkpoint);
        files.rows(before) == record.rows && files.sum(before) == record.mark().sum
    });
    // A record alone is of no use to anybody.
    Leftovers { paused: left.paused.filter(|_| !files.is_empty()), ..left }
}

/// The date before which all rows are safe, if that is what the checkpoint of a folder says.
fn midnight(checkpoint: &Checkpoint) -> Option<NaiveDate> {
    let at = checkpoint.at();
    (at.time() == NaiveTime::MIN).then(|| at.date())
}

fn lost(path: &Path, error: &std::io::Error) -> Error {
    Error::writing(path.display(), error)
}

/// The longest name below a folder while it is written.
const DEEPEST: &str = "account=comagic%3Auser%3A1000000000000/date=2026-03-01/outside-20260301000000-20260302000000-100.parquet.part";

/// Whether a folder can be there.
fn check_folder(path: &Path) -> Result<(), Error> {
    check_side(path)?;
    let parent =
        path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if path.join(ABOUT).exists() {
        return Err(Error::new(ErrorKind::Conflict, format!("{} is a lake", path.display()))
            .because("its ledger speaks of its files, and an export would change them behind its back")
            .next("choose another place"));
    }
    let (is_file, parent_is_folder) = (path.exists() && !path.is_dir(), parent.is_dir());
    if let Some(error) = below_a_file(path) {
        return Err(error);
    }
    if is_file || !parent_is_folder {
        let what = if is_file { "is a file" } else { "has no folder around it" };
        return Err(
            Error::new(ErrorKind::Place, format!("{} {what}", path.display())).next("choose another place")
        );
    }
    Ok(())
}
