//! Legs in a folder of Parquet files, kept up to date: a lake. What readers know from `get -o DIR/` stays: a folder for each
//! account and date, so that engines prune by both.
//!
//! ```text
//! DIR/account=uis%3A1103/date=2026-10-05/w-000000-235959.parquet   a window: its first and its last second
//! DIR/_calllegs/lake.json                                          that this is a lake, and its format
//!               ledger-uis%3A1103.json                             the windows of an account, and how late changes came
//!               manifest-000123.json                               all files with rows, sizes and digests
//!               lake.lock                                          which run writes
//! DIR/reports/employees/account=uis%3A1103/rows.parquet            another report, each in a folder of its own: `listings`
//! ```
//!
//! A file has the 38 columns of a leg and four of its version (`cl_row_hash`, `cl_run_id`, `cl_extracted_at`,
//! `cl_first_seen_at`), in the order of `start_time` and `id`. Fields that nobody documents stay in `extra`.
//!
//! What a reader and the next run rely on, whatever was killed, and when:
//!
//! - A file is whole when it has its name, and no two files hold the same second of an account. One that takes the place of
//!   others gets its name first, so a reader that lists the folder between these two steps sees rows twice; the next
//!   [`lease`](Warehouse::lease) removes the others if the run was killed there.
//! - Readers that want the files of one moment take the last manifest. It is written after new files have their names, and
//!   before those whose place they took go. A listed file that is gone, or has another size or digest, was replaced: take
//!   the manifest that is last then. Files that only came to those listed are in it when the run ends.
//! - The ledger is written last, in one step. It never speaks of rows that are not there; rows of which it does not speak
//!   yet are read again, and those in files of their own are removed by the next lease.
//! - Files whose legs did not change keep their bytes and their time. In a file that is written anew, rows that did not
//!   change keep their version, and all keep `cl_first_seen_at`. An older version never takes the place of a newer one.
//! - One run at a time writes.
//!
//! A load rewrites the files whose seconds it brings something new for, whole, so a file that holds more than the window
//! keeps the rest. Rows that come before their window are put into files at once: memory holds the legs of one load, and of
//! the files their ids, as far as the load reaches. A leg is known by its id among those that start in what a load reaches: one
//! whose start moved farther would stand in both places.
//!
//! Not here: how rows become windows ([`windows`](crate::windows)), folders for one period
//! ([`FolderDestination`](crate::FolderDestination)).

mod ledger_file;
mod listings;
mod manifest;
mod rows;
mod span;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs::{self, File},
    io,
    ops::Range,
    path::{Path, PathBuf},
};

use calllegs_arrow::{Leg, partition};
use calllegs_core::Period;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::{Deserialize, Serialize};

use self::{
    ledger_file::{FORMAT, LedgerFile, entries},
    manifest::{Manifests, describe, sync, written},
    rows::{Draft, Fresh, check_ours, foreign, merge, stored},
    span::{Group, Span, groups, second_on},
};
use crate::{
    destination::{Destination, Opened},
    error::{Error, ErrorKind},
    file::{below_a_file, lock, usual_mode},
    ledger::{Ledger, Window},
    listings::Listings,
    warehouse::{Change, Counts, Late, Load, Loaded, Warehouse, age},
    windows::{Shared, WindowsDestination},
};

/// Where all is that is no file of legs.
pub(crate) const ABOUT: &str = "_calllegs";

/// What a file is called until it has its name.
const PART: &str = "part";

/// A folder of Parquet files with legs, and a ledger of them.
///
/// ```
/// use calllegs_store::{Lake, warehouse::Warehouse};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("lake");
/// let mut calls = Lake::open(path)?; // nothing is made yet
/// calls.lease("uis:1103", "a run")?;
/// assert_eq!(calls.ledger("uis:1103")?.complete_until(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Lake {
    path: PathBuf,
    address: String,
    mode: u32,
    held: Option<Held>,
}

/// The lake while it is this run's.
#[derive(Debug)]
struct Held {
    _lock: File,
    accounts: BTreeSet<String>,
    manifests: Manifests,
}

/// Whether a folder is a lake, by what is in it.
pub(crate) fn is_lake(path: &Path) -> bool {
    path.join(ABOUT).join("lake.json").is_file()
}

/// The files of a lake that are there at one moment, by account and date.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    check(path)?;
    manifest::listed(&path.join(ABOUT), path)
}

/// That a folder is a lake.
#[derive(Serialize, Deserialize)]
struct Marker {
    format: u32,
}

impl Lake {
    /// A folder, which need not be there yet; the one around it exists.
    ///
    /// # Errors
    /// When it cannot be used, holds what no lake wrote, or is of a newer version.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        check(&path)?;
        // Asked before there are threads: the umask is told by setting it.
        Ok(Self { address: format!("lake:{}", path.display()), path, mode: usual_mode(), held: None })
    }

    /// Puts the files of each date before this one together, where there are several: a file for each window is what loads
    /// make, and readers like few. Of dates that are still read again a change in one window rewrites the whole file. Tells
    /// how many dates were put together.
    ///
    /// # Errors
    /// When the account is not leased, or a file cannot be written: each date has its files or the one then.
    pub fn compact(&mut self, account: &str, before: NaiveDate) -> Result<usize, Error> {
        self.held(account)?;
        let mut compacted = 0;
        for (date, folder) in self.dates(account)? {
            let spans = unreplaced(spans(&folder)?);
            let span = spans.iter().copied().reduce(Span::with);
            let Some(span) = span.filter(|_| date < before && spans.len() > 1) else { continue };
            let group = Group { span, old: spans, legs: Vec::new() };
            let draft = self.draft(account, date, &group, &Fresh::none(), |_, _| {})?;
            self.publish(account, vec![Replaced { date, group, draft }])?;
            compacted += 1;
        }
        Ok(compacted)
    }

    fn about(&self) -> PathBuf {
        self.path.join(ABOUT)
    }

    fn account(&self, account: &str) -> PathBuf {
        self.path.join(partition::account(account))
    }

    fn date(&self, account: &str, date: NaiveDate) -> PathBuf {
        self.account(account).join(partition::date(date))
    }

    /// As manifests name it.
    fn listed(account: &str, date: NaiveDate, span: Span) -> String {
        format!("{}/{}/{}", partition::account(account), partition::date(date), span.name())
    }

    /// The date and the seconds of a file that manifests name.
    fn named(listed: &str) -> Option<(NaiveDate, Span)> {
        let (folder, name) = listed.rsplit_once('/')?;
        let (_, date) = folder.rsplit_once(partition::DATE)?;
        Some((date.parse().ok()?, Span::named(name)?))
    }

    /// The dates of an account that have a folder.
    fn dates(&self, account: &str) -> Result<BTreeMap<NaiveDate, PathBuf>, Error> {
        let date = |path: &PathBuf| path.file_name()?.to_str()?.strip_prefix(partition::DATE)?.parse().ok();
        let folders = entries(&self.account(account))?;
        Ok(folders.into_iter().filter_map(|path| Some((date(&path)?, path))).collect())
    }

    fn held(&mut self, account: &str) -> Result<&mut Held, Error> {
        let held = self.held.as_mut().filter(|held| held.accounts.contains(account));
        held.ok_or_else(|| Error::new(ErrorKind::Internal, format!("{account} is not leased")))
    }

    /// Makes what is missing, and takes the lock.
    fn hold(&self, account: &str, run_id: &str) -> Result<Held, Error> {
        let about = self.about();
        for folder in [&self.path, &about] {
            match fs::create_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                    return Err(Error::writing(folder.display(), &error));
                }
                Ok(()) | Err(_) => {}
            }
        }
        let lock = lock::take(&about.join("lake"), account, run_id)?;
        // Another run may have made something of it meanwhile.
        check(&self.path)?;
        let marker = about.join("lake.json");
        if !marker.exists() {
            ledger_file::write(&marker, &Marker { format: FORMAT }, self.mode)?;
            sync(&self.path).map_err(|error| Error::writing(self.path.display(), &error))?;
        }
        let manifests = Manifests::read(&about, self.mode)?;
        Ok(Held { _lock: lock, accounts: BTreeSet::new(), manifests })
    }

    /// Puts right what a run that was killed left of an account, and lists what there is. Windows of which somebody took
    /// files away are opened.
    fn recover(&self, account: &str, manifests: &mut Manifests) -> Result<Vec<String>, Error> {
        let mut ledger = LedgerFile::read(&self.about(), account)?;
        let is_spoken_of = |date: NaiveDate, span: Span| {
            let of = |window: &Window| Span::of(window.period, date).is_some_and(|of| of.overlaps(span));
            ledger.windows.iter().any(of)
        };
        let mut missing: BTreeSet<_> = manifests.of(account).map(str::to_owned).collect();
        let mut listed: HashMap<String, Vec<Span>> = HashMap::new();
        for (folder, name) in missing.iter().filter_map(|path| path.rsplit_once('/')) {
            listed.entry(folder.to_owned()).or_default().extend(Span::named(name));
        }
        let mut removed = 0;
        for (date, folder) in self.dates(account)? {
            for path in entries(&folder)? {
                if path.extension().is_some_and(|ending| ending == PART) {
                    remove(&path)?;
                }
            }
            let spans = spans(&folder)?;
            let mut others = Vec::new();
            for span in &spans {
                let (path, name) = (folder.join(span.name()), Self::listed(account, date, *span));
                missing.remove(&name);
                let (modified, bytes) = written(&path)?;
                let old = manifests.get(&name);
                if old.is_none_or(|old| (old.modified, old.bytes) != (modified, bytes)) {
                    check_ours(&path)?;
                    others.push((*span, path, name));
                }
            }
            let of_date = listed.get(&format!("{}/{}", partition::account(account), partition::date(date)));
            let is_left = |span: Span| {
                // Then it has rows that were listed, under this name or under those whose place it took.
                let is_known = of_date.is_some_and(|listed| listed.iter().any(|old| old.overlaps(span)));
                is_replaced(&spans, span) || !is_known && !manifests.is_first() && !is_spoken_of(date, span)
            };
            let (left, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|(span, ..)| is_left(*span));
            for (_, path, name) in others {
                manifests.put(name, describe(&path, account)?);
            }
            let replaced = spans.iter().filter(|span| is_replaced(&spans, **span));
            for span in replaced.chain(left.iter().map(|(span, ..)| span)).collect::<BTreeSet<_>>() {
                manifests.remove(&Self::listed(account, date, *span));
                remove(&folder.join(span.name()))?;
                removed += 1;
            }
        }
        let mut told = Vec::new();
        if removed > 0 {
            told.push(format!("removed {removed} files that a run left which did not come to its end"));
        }
        if !missing.is_empty() {
            told.push(match missing.len() {
                1 => "1 file of the lake is gone: what it held is read again".to_owned(),
                count => format!("{count} files of the lake are gone: what they held is read again"),
            });
            let lost: Vec<_> = missing.iter().filter_map(|name| Self::named(name)).collect();
            ledger.open(|window| {
                lost.iter().any(|(date, span)| Span::of(window, *date).is_some_and(|of| of.overlaps(*span)))
            });
            // First: it is known by the manifest alone.
            ledger.write(&self.about(), self.mode)?;
        }
        for name in missing {
            manifests.remove(&name);
        }
        Ok(told)
    }

    /// Writes what a group becomes, under a name that no reader takes.
    fn draft(
        &self,
        account: &str,
        date: NaiveDate,
        group: &Group,
        fresh: &Fresh,
        replaced: impl FnMut(usize, Vec<&'static str>),
    ) -> Result<Option<Draft>, Error> {
        let folder = self.date(account, date);
        fs::create_dir_all(&folder).map_err(|error| Error::writing(folder.display(), &error))?;
        let old: Vec<_> = group.old.iter().map(|span| folder.join(span.name())).collect();
        let part = folder.join(group.span.name()).with_extension(format!("parquet.{PART}"));
        let draft = merge(part.clone(), account, (&old, self.mode), fresh, &group.legs, replaced);
        draft.inspect_err(|_| drop(fs::remove_file(part)))
    }

    /// Gives new files their names, lists them, and removes those whose place they took.
    fn publish(&mut self, account: &str, mut replaced: Vec<Replaced>) -> Result<(), Error> {
        // Those that come beside others are last, so that both are seen for as short as can be.
        replaced.sort_by_key(|Replaced { group, .. }| group.old.iter().any(|span| *span != group.span));
        let lost = |path: &Path, error: &io::Error| Error::writing(path.display(), error);
        let mut old = Vec::new();
        let mut is_due = false;
        let mut folders = BTreeSet::new();
        for Replaced { date, group, draft } in replaced {
            let folder = self.date(account, date);
            let manifests = &mut self.held(account)?.manifests;
            for span in &group.old {
                let name = Self::listed(account, date, *span);
                is_due |= manifests.remove(&name).is_some();
                if *span != group.span || draft.is_none() {
                    old.push(folder.join(span.name()));
                }
            }
            if let Some(Draft { part, listed }) = draft {
                let path = folder.join(group.span.name());
                fs::rename(&part, &path).map_err(|error| lost(&path, &error))?;
                manifests.put(Self::listed(account, date, group.span), listed);
            }
            folders.insert(folder);
        }
        let sync_all = || {
            let parents = [self.path.clone(), self.account(account)];
            folders
                .iter()
                .chain(&parents)
                .try_for_each(|folder| sync(folder).map_err(|error| lost(folder, &error)))
        };
        if !folders.is_empty() {
            sync_all()?;
        }
        if is_due {
            self.held(account)?.manifests.publish()?;
        }
        old.iter().try_for_each(|path| remove(path))
    }

    /// What the load is to each file, and what the lake knows of its legs.
    fn plan(&self, load: &Load<'_>) -> Result<Plan, Error> {
        let mut starts: Vec<_> =
            load.legs.iter().enumerate().filter_map(|(place, leg)| Some((leg.key()?.start, place))).collect();
        starts.sort_unstable();
        let windows = || load.windows.iter().map(|window| window.period);
        let mut touched: BTreeSet<_> = windows().flat_map(dates).collect();
        touched.extend(starts.iter().map(|(start, _)| start.date()));
        let mut plan = Plan::default();
        for date in touched {
            let windows: Vec<_> = windows().filter_map(|period| Span::of(period, date)).collect();
            let legs: Vec<_> =
                starts.iter().filter_map(|(start, place)| Some((second_on(date, *start)?, *place))).collect();
            let old = unreplaced(spans(&self.date(load.account, date))?);
            plan.groups.extend(groups(&windows, &old, &legs).into_iter().map(|group| (date, group)));
        }
        let ids: HashSet<_> = load.legs.iter().filter_map(Leg::key).map(|key| key.id).collect();
        let reach = load.reach().map_or(0..0, micros_of);
        let covered = load.covered().map_or(0..0, micros_of);
        for (place, (date, group)) in plan.groups.iter().enumerate() {
            for span in &group.old {
                let path = self.date(load.account, *date).join(span.name());
                let rehashed = if load.exact { rows::rehashed(&path)? } else { HashMap::new() };
                stored(&path, &reach, |mut leg| {
                    leg.hash = rehashed.get(&leg.id).copied().unwrap_or(leg.hash);
                    let is_covered = covered.contains(&leg.start);
                    if is_covered || ids.contains(&leg.id) {
                        plan.known.insert(leg.id, Known { leg, group: place, is_covered });
                    }
                })?;
            }
        }
        Ok(plan)
    }
}

/// A file that is to take the place of others; without a draft they leave no row.
struct Replaced {
    date: NaiveDate,
    group: Group,
    draft: Option<Draft>,
}

/// What a load is to a lake.
#[derive(Default)]
struct Plan {
    groups: Vec<(NaiveDate, Group)>,
    known: HashMap<i64, Known>,
}

/// A leg that a file has.
#[derive(Clone, Copy)]
struct Known {
    leg: rows::Stored,
    group: usize,
    is_covered: bool,
}

/// What a load does with its legs, and with what the lake has.
struct Todo {
    changes: Vec<Change>,
    /// When legs that are written were first seen, by their place in the load.
    first_seen: HashMap<usize, i64>,
    /// Ids that the lake has in the windows and the server has not.
    gone: Vec<i64>,
    /// Groups of which a file is written.
    dirty: BTreeSet<usize>,
}

impl Todo {
    /// Legs that are new in a window that was read before are counted as late.
    fn of(load: &Load<'_>, plan: &Plan, ledger: &mut LedgerFile) -> Self {
        let extracted = load.extracted_at.timestamp_micros();
        let is_newer = |known: &Known| extracted < known.leg.extracted;
        let reach = load.reach();
        let overlaps = |period: &Period| {
            reach.is_some_and(|reach| period.from() < reach.till() && reach.from() < period.till())
        };
        let read: Vec<_> = ledger.windows.iter().map(|window| window.period).filter(overlaps).collect();
        let hashes = plan.known.iter().map(|(id, known)| (*id, known.leg.hash)).collect();
        let mut changes = load.changes(&hashes, &HashSet::new());
        let mut dirty = BTreeSet::new();
        let mut first_seen = HashMap::new();
        for (place, (leg, change)) in load.legs.iter().zip(&mut changes).enumerate() {
            let Some(key) = leg.key() else { continue };
            let known = plan.known.get(&key.id);
            if known.is_some_and(is_newer) {
                *change = Change::None;
            }
            if *change == Change::None {
                continue;
            }
            if *change == Change::New && read.iter().any(|period| period.contains(key.start)) {
                ledger.add_late("new leg", age(key.start, load.extracted_wall));
            }
            dirty.extend(known.map(|known| known.group));
            first_seen.insert(place, known.map_or(extracted, |known| known.leg.first_seen));
        }
        let covered = plan.known.iter().filter(|(_, known)| known.is_covered && !is_newer(known));
        let gone = load.gone(&covered.map(|(id, known)| (*id, known.leg.hash)).collect());
        if load.exact {
            dirty.extend(gone.iter().filter_map(|id| plan.known.get(id)).map(|known| known.group));
        }
        for (place, (_, group)) in plan.groups.iter().enumerate() {
            if group.legs.iter().any(|leg| first_seen.contains_key(leg)) {
                dirty.insert(place);
            }
        }
        Self { changes, first_seen, gone, dirty }
    }
}

/// One period, the account leased while it is read.
impl Destination for Lake {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(Box::new(WindowsDestination::alone(Shared::new(*self))))
    }
}

impl Warehouse for Lake {
    fn address(&self) -> &str {
        &self.address
    }

    fn lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Error> {
        let mut held = match self.held.take() {
            Some(held) => held,
            None => self.hold(account, run_id)?,
        };
        let recovered = self.recover(account, &mut held.manifests);
        let recovered = recovered.and_then(|told| held.manifests.publish().map(|()| told));
        if recovered.is_ok() {
            held.accounts.insert(account.to_owned());
        }
        // Those of before stay this run's.
        self.held = Some(held).filter(|held| !held.accounts.is_empty());
        recovered
    }

    fn release(&mut self, account: &str) {
        let Some(held) = &mut self.held else { return };
        // What it lacks the next lease puts into it.
        let _best_effort = held.manifests.publish();
        held.accounts.remove(account);
        if held.accounts.is_empty() {
            self.held = None;
        }
    }

    fn try_writing(&mut self) -> Result<bool, Error> {
        let is_there = self.path.is_dir();
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let folder = if is_there { self.path.as_path() } else { parent.unwrap_or_else(|| Path::new(".")) };
        let tried = tempfile::tempfile_in(folder);
        tried.map(|_| is_there).map_err(|error| Error::writing(folder.display(), &error))
    }

    fn accounts(&mut self) -> Result<Vec<String>, Error> {
        let files = LedgerFile::all(&self.about())?;
        let accounts: BTreeSet<_> =
            files.into_iter().filter(|file| !file.windows.is_empty()).map(|file| file.account).collect();
        Ok(accounts.into_iter().collect())
    }

    fn ledger(&mut self, account: &str) -> Result<Ledger, Error> {
        LedgerFile::read(&self.about(), account).map(|file| Ledger::new(file.windows))
    }

    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error> {
        let mut hashes = HashMap::new();
        for (date, folder) in self.dates(account)? {
            let Some(asked) = Span::of(period, date) else { continue };
            for span in unreplaced(spans(&folder)?).into_iter().filter(|span| span.overlaps(asked)) {
                stored(&folder.join(span.name()), &micros_of(period), |leg| {
                    hashes.insert(leg.id, leg.hash);
                })?;
            }
        }
        Ok(hashes)
    }

    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error> {
        let Some(reach) = load.reach() else { return Ok(Vec::new()) };
        let mut rehashed = HashMap::new();
        for (date, folder) in self.dates(load.account)? {
            let Some(asked) = Span::of(reach, date) else { continue };
            for span in unreplaced(spans(&folder)?).into_iter().filter(|span| span.overlaps(asked)) {
                rehashed.extend(rows::rehashed(&folder.join(span.name()))?);
            }
        }
        let legs = load.legs.iter().filter_map(Leg::key).zip(load.hashes);
        let differs = legs.filter(|(key, hash)| rehashed.get(&key.id).is_some_and(|known| known != *hash));
        Ok(differs.map(|(key, _)| key.id).collect())
    }

    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error> {
        let mut late = LedgerFile::read(&self.about(), account)?.late;
        late.sort_unstable_by(|one, other| (&one.field, one.age).cmp(&(&other.field, other.age)));
        Ok(late)
    }

    fn load(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Error> {
        self.held(load.account)?;
        let plan = self.plan(load)?;
        let mut ledger = LedgerFile::read(&self.about(), load.account)?;
        let todo = Todo::of(load, &plan, &mut ledger);
        let removed = todo.gone.iter().copied().filter(|_| load.exact).collect();
        let fresh =
            if todo.dirty.is_empty() { Fresh::none() } else { Fresh::of(load, &todo.first_seen, removed)? };
        let mut replaced: Vec<Replaced> = Vec::new();
        for (place, (date, group)) in plan.groups.into_iter().enumerate() {
            if !todo.dirty.contains(&place) {
                continue;
            }
            let drafted = self.draft(load.account, date, &group, &fresh, |leg, fields| {
                let Some(key) = load.legs.get(leg).and_then(Leg::key) else { return };
                let late = age(key.start, load.extracted_wall);
                for field in fields {
                    ledger.add_late(field, late);
                }
            });
            match drafted {
                Ok(draft) => replaced.push(Replaced { date, group, draft }),
                Err(error) => {
                    for draft in replaced.into_iter().filter_map(|replaced| replaced.draft) {
                        let _best_effort = fs::remove_file(draft.part);
                    }
                    return Err(error);
                }
            }
        }
        let has_changed = !replaced.is_empty();
        self.publish(load.account, replaced)?;
        let mut loaded = Loaded { counts: Counts::of(&todo.changes), gone: todo.gone, ..Loaded::default() };
        if !load.windows.is_empty() {
            loaded.windows = load.counted(&todo.changes, early);
            ledger.put(&loaded.windows);
        }
        if has_changed || !loaded.windows.is_empty() {
            ledger.write(&self.about(), self.mode)?;
        }
        Ok(loaded)
    }

    fn listings(&mut self) -> Option<&mut dyn Listings> {
        Some(self)
    }

    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error> {
        self.held(account)?;
        let mut ledger = LedgerFile::read(&self.about(), account)?;
        ledger.windows.retain(|window| window.period.till() <= from);
        ledger.put(lines);
        ledger.write(&self.about(), self.mode)
    }
}

/// Whether a lake is there, or can be.
fn check(path: &Path) -> Result<(), Error> {
    let place = |what: &str| {
        Error::new(ErrorKind::Place, format!("{} {what}", path.display())).next("choose another place")
    };
    if !path.exists() {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let is_folder = parent.unwrap_or_else(|| Path::new(".")).is_dir();
        return if is_folder {
            Ok(())
        } else {
            Err(below_a_file(path).unwrap_or_else(|| place("has no folder around it")))
        };
    }
    if !path.is_dir() {
        return Err(place("is a file"));
    }
    if ledger_file::read::<Marker>(&path.join(ABOUT).join("lake.json"))?.is_some() {
        return Ok(());
    }
    // What systems put into each folder begins with a dot.
    let is_theirs = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with('.') && name != ABOUT
    };
    match entries(path)?.into_iter().find(is_theirs) {
        None => Ok(()),
        Some(found) => Err(Error::new(ErrorKind::Conflict, format!("{} is no lake", path.display()))
            .because(format!("{} is in it, and no ledger speaks of it", found.display()))
            .next("choose a folder that is empty or not there yet")),
    }
}

/// The files of a date, in the order of time.
fn spans(folder: &Path) -> Result<Vec<Span>, Error> {
    let mut spans = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match Span::named(&name) {
            Some(span) => spans.push(span),
            // Readers would take its rows for some of the lake's.
            None if name.ends_with(".parquet") => return Err(foreign(&path)),
            None => {}
        }
    }
    spans.sort_unstable();
    Ok(spans)
}

/// Whether a file was to go when another one, which has all its rows, had its name.
fn is_replaced(spans: &[Span], span: Span) -> bool {
    spans.iter().any(|other| *other != span && other.contains(span))
}

fn unreplaced(mut spans: Vec<Span>) -> Vec<Span> {
    let all = spans.clone();
    spans.retain(|span| !is_replaced(&all, *span));
    spans
}

/// The dates of which a period has a second.
fn dates(period: Period) -> impl Iterator<Item = NaiveDate> {
    let days = period.from().date().iter_days();
    days.take_while(move |date| date.and_time(NaiveTime::MIN) < period.till())
}

fn micros_of(period: Period) -> Range<i64> {
    let micros = |time: NaiveDateTime| time.and_utc().timestamp_micros();
    micros(period.from())..micros(period.till())
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::writing(path.display(), &error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
