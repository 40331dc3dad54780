//! The suite that every destination has to pass: whole, each row once, whatever stops it. Give it a [`Subject`], and a folder
//! of its own; it says what was broken first.
//!
//! A run is stopped in both ways that there are: suspended, and gone without a word, as a process is that is killed. A full
//! disk has a suite of its own ([`check_full_disk`]), because what stands for one is often a limit of the whole process.
//! What no suite can do from inside one process is to cut the power. Not here: how rows are read back, which is the
//! subject's word.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, mem,
    path::Path,
};

use calllegs_arrow::{Columns, Zone, origin::Origin};
use calllegs_core::{
    CallLegs, Period, Query,
    pager::Reach,
    rpc::{self, Identity, RequestId},
    sweep::{Checkpoint, Sweep},
    value::wall_time,
};
use chrono::{DateTime, NaiveDateTime, TimeDelta};
use serde_json::Value;

use crate::{
    destination::{Destination, Earlier, Ending, Request, Run, Suspended},
    error::{Error, ErrorKind},
    export::Filling,
    spec::ExportSpec,
};

/// A kind of place under test.
pub trait Subject {
    /// A place in this folder, always under the same name. It replaces nothing by force.
    fn destination(&self, folder: &Path) -> Box<dyn Destination>;

    /// The ids of the legs that a reader finds under that name, in whatever order; `None` where there is nothing.
    fn ids(&self, folder: &Path) -> Option<Vec<i64>>;

    /// What a killed process leaves in one folder is in another one: the process that runs the suite is alive, and so are
    /// the locks of a run that it forgot. Files are copied; a place that lies elsewhere ends the lock of that run.
    ///
    /// # Errors
    /// What could not be done.
    fn after_kill(&self, from: &Path, to: &Path) -> Result<(), String> {
        copy(from, to)
    }

    /// The same rows make the same bytes.
    fn is_reproducible(&self) -> bool {
        true
    }

    /// Of a suspended run every row that was written is kept, beside the place; a place with a ledger keeps windows that are
    /// complete.
    fn keeps_all(&self) -> bool {
        true
    }
}

/// Runs the suite in a folder that is empty.
///
/// # Errors
/// What was broken first.
pub fn check(subject: &impl Subject, folder: &Path) -> Result<(), String> {
    let suite = Suite { subject, world: World::new() };
    let at = |name: &str| {
        let path = folder.join(name);
        fs::create_dir(&path).map(|()| path).map_err(|error| error.to_string())
    };
    let whole = at("whole")?;
    let files = suite.whole(&whole)?;
    suite.refuses_narrower(&whole, &files)?;
    suite.refuses_a_second_writer(&at("second")?)?;
    for pages in [0, 1, 2, 7, 30, suite.world.pages() - 1] {
        for way in [Way::Suspended, Way::Killed] {
            let what = format!("{way:?} after {pages} pages");
            suite
                .goes_on(&at(&format!("{way:?}-{pages}"))?, pages, way, &files)
                .map_err(|broken| format!("{what}: {broken}"))?;
        }
    }
    // What a database keeps is its own to check, and there is no paused run beside it.
    if subject.keeps_all() {
        suite.notices_damage(&at("damaged")?, 30, &files)?;
        suite.refuses_another(&at("another")?)?;
    }
    suite.begins_anew(&at("anew")?, &files)
}

/// Runs what concerns a full disk, in a folder that is empty: the run is told of it, keeps what it had and nothing under the
/// name, and goes on when there is room. `leave_room` is to see to it that from then on no file gets more than so many
/// bytes; `None` makes room again.
///
/// # Errors
/// What was broken first.
pub fn check_full_disk(
    subject: &impl Subject,
    folder: &Path,
    leave_room: &dyn Fn(Option<u64>),
) -> Result<(), String> {
    let suite = Suite { subject, world: World::new() };
    let at = |name: &str| {
        let path = folder.join(name);
        fs::create_dir(&path).map(|()| path).map_err(|error| error.to_string())
    };
    let files = suite.whole(&at("whole")?)?;
    let largest = files.values().map(|bytes| bytes.len() as u64).max().unwrap_or_default();
    for (tenths, pages) in [(0, 0), (3, 0), (8, 0), (3, 10), (8, 10), (8, 40)] {
        let what = format!("a full disk at {tenths} tenths, behind {pages} pages");
        let disk = Disk { room: largest * tenths / 10, leave_room };
        suite
            .survives_a_full_disk(&at(&format!("{tenths}-{pages}"))?, &disk, pages, &files)
            .map_err(|broken| format!("{what}: {broken}"))?;
    }
    suite.publishes_nothing_torn(&at("torn")?, &Disk { room: largest / 3, leave_room })
}

/// A disk with so much room.
struct Disk<'d> {
    room: u64,
    leave_room: &'d dyn Fn(Option<u64>),
}

impl Disk<'_> {
    /// Does the work while it is full.
    fn fill<T>(&self, work: impl FnOnce() -> T) -> T {
        (self.leave_room)(Some(self.room));
        let done = work();
        (self.leave_room)(None);
        done
    }
}

/// How a run is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Suspended,
    Killed,
}

/// Files by name.
type Files = BTreeMap<String, Vec<u8>>;

struct Suite<'s, S> {
    subject: &'s S,
    world: World,
}

impl<S: Subject> Suite<'_, S> {
    /// Written without a stop: it appears whole, and nothing is left beside it.
    fn whole(&self, folder: &Path) -> Result<Files, String> {
        let run = self.begin(folder, &self.world.request("a"))?;
        let left = self.write(folder, run, usize::MAX)?;
        left.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(folder)?;
        read(folder)
    }

    fn goes_on(&self, folder: &Path, pages: usize, way: Way, files: &Files) -> Result<(), String> {
        let request = self.world.request("a");
        let run = self.begin(folder, &request)?;
        let written = self.write(folder, run, pages)?;
        match way {
            Way::Suspended => {
                let suspended = written.writer.suspend(Ending::behind(written.rows));
                if let Some(error) = suspended.error {
                    return Err(error.to_string());
                }
                let kept = suspended.left.and_then(|left| left.rows).unwrap_or_default();
                if self.subject.keeps_all() && kept != written.rows {
                    return Err(format!("{} rows were written, and {kept} are kept", written.rows));
                }
            }
            // Nothing is dropped, so nothing that was still on its way arrives.
            Way::Killed => mem::forget(written.writer),
        }
        if self.subject.ids(folder).is_some() {
            return Err("rows that are not all have the name of a whole place".to_owned());
        }
        let again = folder.with_extension("again");
        self.subject.after_kill(folder, &again)?;
        let run = self.begin(&again, &request)?;
        let resumed = run.resumed.as_ref().map_or(0, |state| state.rows);
        if resumed > written.rows {
            return Err(format!("it goes on behind {resumed} rows of {}", written.rows));
        }
        let rest = self.write(&again, run, usize::MAX)?;
        rest.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(&again)?;
        if self.subject.is_reproducible() && read(&again)? != *files {
            return Err("the bytes are not those of a run without a stop".to_owned());
        }
        Ok(())
    }

    /// Of a suspended run a byte of a file is another one, or a file is gone: nothing of that gets into the whole place, and
    /// rows that are read again are told. A place may also refuse what it does not know for its own any more.
    fn notices_damage(&self, folder: &Path, pages: usize, files: &Files) -> Result<(), String> {
        let request = self.world.request("a");
        let run = self.begin(folder, &request)?;
        let written = self.write(folder, run, pages)?;
        let suspended = written.writer.suspend(Ending::behind(written.rows));
        let kept = suspended.left.and_then(|left| left.rows).unwrap_or_default();
        for (number, (name, bytes)) in read(folder)?.into_iter().enumerate() {
            let places = [0, 4, 7, 10].map(|tenths| Some(bytes.len().saturating_sub(1) * tenths / 10));
            for (of_file, place) in places.into_iter().chain([None]).enumerate() {
                let again = folder.with_extension(format!("{number}-{of_file}"));
                copy(folder, &again)?;
                let path = again.join(name.trim_start_matches('/'));
                let damaged = match place {
                    None => fs::remove_file(path),
                    Some(place) => {
                        let mut bytes = bytes.clone();
                        bytes.get_mut(place).into_iter().for_each(|byte| *byte ^= 0x11);
                        fs::write(path, bytes)
                    }
                };
                damaged.map_err(|error| error.to_string())?;
                let what = match place {
                    None => format!("{name} is gone: "),
                    Some(place) => format!("byte {place} of {} of {name} is another one: ", bytes.len()),
                };
                self.reads_again(&again, kept, files).map_err(|broken| format!("{what}{broken}"))?;
            }
        }
        Ok(())
    }

    fn reads_again(&self, folder: &Path, kept: u64, files: &Files) -> Result<(), String> {
        let opened = self.subject.destination(folder).open();
        let run = match opened.and_then(|opened| opened.begin(self.world.request("a"))) {
            Ok(run) => run,
            Err(error) if error.kind() == ErrorKind::Place => return Ok(()),
            Err(error) => return Err(error.to_string()),
        };
        let resumed = run.resumed.as_ref().map_or(0, |state| state.rows);
        if resumed < kept && run.unusable.is_none() {
            return Err(format!("{kept} rows were kept, and it goes on behind {resumed} without a word"));
        }
        let rest = self.write(folder, run, usize::MAX)?;
        rest.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(folder)?;
        if self.subject.is_reproducible() && read(folder)? != *files {
            return Err("what was damaged is there under the name".to_owned());
        }
        Ok(())
    }

    /// Behind so many pages of an earlier run: it is told, nothing that was kept is lost, and once there is room the same
    /// request goes on.
    fn survives_a_full_disk(
        &self,
        folder: &Path,
        disk: &Disk<'_>,
        pages: usize,
        files: &Files,
    ) -> Result<(), String> {
        let request = self.world.request("a");
        let mut before = 0;
        if pages > 0 {
            let run = self.begin(folder, &request)?;
            let written = self.write(folder, run, pages)?;
            let suspended = written.writer.suspend(Ending::behind(written.rows));
            before = suspended.left.and_then(|left| left.rows).unwrap_or_default();
        }
        let Stopped { error, suspended } = disk.fill(|| self.write_until_full(folder, &request))?;
        is_told(&error)?;
        if self.subject.ids(folder).is_some() {
            return Err("rows that are not all have the name of a whole place".to_owned());
        }
        let said = suspended.map(|suspended| suspended.left.and_then(|left| left.rows).unwrap_or_default());
        let run = self.begin(folder, &request)?;
        let kept = run.resumed.as_ref().map_or(0, |state| state.rows);
        if kept < before {
            return Err(format!("{before} rows were kept before, and {kept} are left"));
        }
        if said.is_some_and(|said| said != kept) {
            return Err(format!("{said:?} rows are said to be kept, and it goes on behind {kept}"));
        }
        let rest = self.write(folder, run, usize::MAX)?;
        rest.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(folder)?;
        if self.subject.is_reproducible() && read(folder)? != *files {
            return Err("the bytes are not those of a run without a stop".to_owned());
        }
        Ok(())
    }

    /// Writes until there is no room for more.
    fn write_until_full(&self, folder: &Path, request: &Request) -> Result<Stopped, String> {
        let opened = self.subject.destination(folder).open();
        let run = match opened.and_then(|opened| opened.begin(request.clone())) {
            Ok(run) => run,
            Err(error) => return Ok(Stopped { error, suspended: None }),
        };
        let (written, torn) = self.try_write(folder, run, usize::MAX)?;
        match torn {
            Some(error) => {
                let suspended = written.writer.suspend(Ending::behind(written.rows));
                Ok(Stopped { error, suspended: Some(suspended) })
            }
            None => match written.writer.commit() {
                Ok(_) => Err("what does not fit on the disk is told to be whole".to_owned()),
                Err(failed) => Ok(Stopped { error: failed.error, suspended: Some(failed.suspended) }),
            },
        }
    }

    /// Rows of which some could not be written do not get the name, whoever asks for it.
    fn publishes_nothing_torn(&self, folder: &Path, disk: &Disk<'_>) -> Result<(), String> {
        let (written, torn) = disk.fill(|| {
            let run = self.begin(folder, &self.world.request("a"))?;
            self.try_write(folder, run, usize::MAX)
        })?;
        if torn.is_some() && written.writer.commit().is_ok() {
            return Err("rows of which some could not be written are told to be whole".to_owned());
        }
        if torn.is_some() && self.subject.ids(folder).is_some() {
            return Err("rows of which some could not be written have the name of a whole place".to_owned());
        }
        Ok(())
    }

    /// Rows of a paused run are not thrown away by another request, and not taken for its own.
    fn refuses_another(&self, folder: &Path) -> Result<(), String> {
        let run = self.begin(folder, &self.world.request("another"))?;
        let written = self.write(folder, run, 12)?;
        let left = written.writer.suspend(Ending::behind(written.rows)).left.and_then(|left| left.rows);
        let before = read(folder)?;
        match self.subject.destination(folder).open().and_then(|opened| opened.begin(self.world.request("a")))
        {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => return Err(format!("another request is refused with {:?}: {error}", error.kind())),
            // There is nothing to lose.
            Ok(run) if left.is_none() && run.resumed.is_none() => return Ok(()),
            Ok(_) => return Err("another request takes the place of rows that were paid for".to_owned()),
        }
        if read(folder)? != before {
            return Err("a refused request changes what is there".to_owned());
        }
        let run = self.begin(folder, &self.world.request("another"))?;
        if run.resumed.as_ref().map(|state| state.rows) != left {
            return Err(format!(
                "it goes on behind {:?} rows of {left:?}",
                run.resumed.map(|state| state.rows)
            ));
        }
        Ok(())
    }

    /// Rows of a period that the same words do not mean any more are not gone on with.
    fn begins_anew(&self, folder: &Path, files: &Files) -> Result<(), String> {
        let mut earlier = self.world.request("a");
        earlier.origin.period = self.world.begins_earlier();
        let run = self.begin(folder, &earlier)?;
        let written = self.write(folder, run, 12)?;
        written.writer.suspend(Ending::behind(written.rows));
        let run = self.begin(folder, &self.world.request("a").meant(|_, _| Earlier::Outdated))?;
        if run.resumed.is_some() {
            return Err("it goes on behind the rows of another period".to_owned());
        }
        let all = self.write(folder, run, usize::MAX)?;
        all.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(folder)?;
        if self.subject.is_reproducible() && read(folder)? != *files {
            return Err("something is left of another period".to_owned());
        }
        Ok(())
    }

    fn refuses_a_second_writer(&self, folder: &Path) -> Result<(), String> {
        let request = self.world.request("a");
        let run = self.begin(folder, &request)?;
        let second = self.subject.destination(folder).open().and_then(|opened| opened.begin(request));
        match second {
            Err(error) if error.kind() == ErrorKind::Busy => {}
            Err(error) => return Err(format!("a second writer is refused with {:?}: {error}", error.kind())),
            Ok(_) => return Err("a second writer is not refused".to_owned()),
        }
        let all = self.write(folder, run, usize::MAX)?;
        all.writer.commit().map_err(|failed| failed.error.to_string())?;
        self.is_exactly(folder)
    }

    /// A request for fewer legs takes the place of no wider one.
    fn refuses_narrower(&self, folder: &Path, files: &Files) -> Result<(), String> {
        let narrower = self.world.request_of("b", Some("conditions"));
        match self.subject.destination(folder).open().and_then(|opened| opened.begin(narrower)) {
            Err(error) if error.kind() == ErrorKind::Conflict => {}
            Err(error) => {
                return Err(format!("a narrower request is refused with {:?}: {error}", error.kind()));
            }
            Ok(_) => return Err("a narrower request is not refused".to_owned()),
        }
        if read(folder)? != *files {
            return Err("a refused request changes what is there".to_owned());
        }
        Ok(())
    }

    fn begin(&self, folder: &Path, request: &Request) -> Result<Run, String> {
        let opened = self.subject.destination(folder).open().map_err(|error| error.to_string())?;
        opened.begin(request.clone()).map_err(|error| error.to_string())
    }

    /// Writes so many pages, or all that are left.
    fn write(&self, folder: &Path, run: Run, pages: usize) -> Result<Written, String> {
        match self.try_write(folder, run, pages)? {
            (written, None) => Ok(written),
            (_, Some(error)) => Err(error.to_string()),
        }
    }

    /// The same, up to a page that cannot be written.
    fn try_write(&self, folder: &Path, run: Run, pages: usize) -> Result<(Written, Option<Error>), String> {
        let Run { resumed, mut writer, .. } = run;
        let spec = ExportSpec::default();
        let mut filling = Filling::new(&spec, resumed.as_ref());
        let mut sweep = self.world.sweep(resumed.map(|state| state.checkpoint));
        for _ in 0..pages {
            let Some((id, call)) = sweep.next_call() else { break };
            let refused = |error: calllegs_core::Error| error.to_string();
            let body = rpc::request(&call, &Identity::key("k"), RequestId::new(1)).map_err(refused)?;
            let reply = self.world.reply(body.as_bytes());
            sweep.absorb(id, rpc::reply(&call, RequestId::new(1), reply.as_bytes()).map_err(refused)?);
            let page = filling.take(sweep.take_rows(), &sweep).map_err(|refusal| refusal.to_string())?;
            if let Err(error) = writer.write(page) {
                return Ok((Written { writer, rows: filling.rows() }, Some(error)));
            }
            if self.subject.ids(folder).is_some() {
                return Err("there is something under the name before it is whole".to_owned());
            }
        }
        Ok((Written { writer, rows: filling.rows() }, None))
    }

    fn is_exactly(&self, folder: &Path) -> Result<(), String> {
        let ids = self.subject.ids(folder).ok_or("there is nothing under the name")?;
        let (distinct, count) = (ids.iter().copied().collect::<BTreeSet<_>>(), ids.len());
        let truth: BTreeSet<_> = self.world.legs.iter().map(|(id, _)| *id).collect();
        if count != distinct.len() {
            return Err(format!("{} rows are there twice", count - distinct.len()));
        }
        if distinct != truth {
            return Err(format!("{} rows are there, and {} were read", distinct.len(), truth.len()));
        }
        Ok(())
    }
}

/// A run that has written some pages.
struct Written {
    writer: Box<dyn crate::destination::Writer>,
    rows: u64,
}

/// A run that a full disk has stopped; one that it has not let begin has nothing to say of its rows.
struct Stopped {
    error: Error,
    suspended: Option<Suspended>,
}

/// Whether an error says that something cannot be written, and what helps.
fn is_told(error: &Error) -> Result<(), String> {
    if error.kind() != ErrorKind::Write || error.next_step().is_none() {
        return Err(format!("it is told as {:?}, with {:?} to do: {error}", error.kind(), error.next_step()));
    }
    Ok(())
}

/// All files below a folder.
fn read(folder: &Path) -> Result<Files, String> {
    fn add(path: &Path, name: &str, files: &mut Files) -> std::io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                add(&entry.path(), &name, files)?;
            } else {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    add(folder, "", &mut files).map(|()| files).map_err(|error| error.to_string())
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    for (name, bytes) in read(from)? {
        let path = to.join(name.trim_start_matches('/'));
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| fs::write(path, bytes)).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(to).map_err(|error| error.to_string())
}

/// Legs of three days, and the server that lists them.
struct World {
    period: Period,
    legs: Vec<(i64, NaiveDateTime)>,
}

/// Rows of a page.
const PAGE: usize = 50;

impl World {
    fn new() -> Self {
        let from = DateTime::UNIX_EPOCH.naive_utc() + TimeDelta::days(20_000);
        let legs = (0..2500).map(|id| (id * 3 + 1, from + TimeDelta::seconds(id * 97))).collect();
        let till = from + TimeDelta::days(3);
        Self { period: Period::new(from, till).unwrap_or_else(|_| unreachable!()), legs }
    }

    /// The period of a run of before: a day more.
    fn begins_earlier(&self) -> Period {
        let from = self.period.from() - TimeDelta::days(1);
        Period::new(from, self.period.till()).unwrap_or_else(|_| unreachable!())
    }

    fn pages(&self) -> usize {
        self.legs.len().div_ceil(PAGE)
    }

    fn request(&self, fingerprint: &str) -> Request {
        self.request_of(fingerprint, None)
    }

    fn request_of(&self, fingerprint: &str, conditions: Option<&str>) -> Request {
        let columns = ExportSpec::default().written();
        let mut origin = Origin::new("uis:1", &columns, self.period);
        origin.conditions = conditions.map(str::to_owned);
        let later = (self.period.till() + TimeDelta::days(9)).and_utc();
        Request::new(fingerprint, columns, origin, (later, Self::zone()))
    }

    fn zone() -> Zone {
        Zone::built_in("UTC").unwrap_or_else(|| unreachable!())
    }

    fn sweep(&self, checkpoint: Option<Checkpoint>) -> Sweep<CallLegs, Columns> {
        let spec = ExportSpec::default();
        let query: Query<_, _> = spec.whole(self.period, &Self::zone(), Some("uis:1"));
        let sweep = match checkpoint {
            Some(checkpoint) => Sweep::resume(query, checkpoint),
            None => Sweep::new(query),
        };
        let page = u32::try_from(PAGE).unwrap_or(u32::MAX);
        sweep.unwrap_or_else(|_| unreachable!()).with_reach(Reach::new(page, page * 10))
    }

    /// What the server answers.
    fn reply(&self, body: &[u8]) -> String {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let params = body.get("params").cloned().unwrap_or_default();
        let time = |name: &str| {
            params.get(name).and_then(Value::as_str).and_then(|text| wall_time::parse(text).ok())
        };
        let number = |name: &str| {
            params.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok())
        };
        let (from, till) = (time("date_from"), time("date_till"));
        let inside = |start: NaiveDateTime| {
            from.is_none_or(|from| from <= start) && till.is_none_or(|till| start <= till)
        };
        let legs: Vec<_> = self.legs.iter().filter(|(_, start)| inside(*start)).collect();
        let mut rows = String::new();
        let page = legs.iter().skip(number("offset").unwrap_or(0)).take(number("limit").unwrap_or(PAGE));
        for (id, start) in page {
            let comma = if rows.is_empty() { "" } else { "," };
            // Writing to a string does not fail.
            let _infallible = write!(
                rows,
                r#"{comma}{{"id":{id},"call_session_id":{id},"start_time":"{}","duration":{}}}"#,
                wall_time::format(*start),
                id % 61
            );
        }
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{rows}],"metadata":{{"total_items":{}}}}}}}"#,
            legs.len()
        )
    }
}
