//! `calllegs get`, of legs or of another listing: from flags to a job, from a job to rows. Not here: how the run ends (`ending`),
//! what `--explain` prints (`explain`), what is read beside legs (`companions`).

mod ending;
mod explain;

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use calllegs_arrow::{Zone, csv::CsvOptions, files::beside, origin::Origin};
use calllegs_core::{Brand, CallLegs, Period, limits::QuotaWindow, schema::Listing, value::wall_time};
use calllegs_store::{
    ExportSpec, FileDestination, FolderDestination, RowSpec, StreamDestination, WriterThread,
    destination::{Destination, Earlier, Opened, Paused, Request, Run},
    export::readable,
    redact::{RedactedDestination, Redaction},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use crate::{
    account::{
        connect::{self, ApiTarget, Connection},
        identity::{self, AccountIdentity, Need},
        session::Line,
        zone_rules::Rules,
    },
    cli::{BrandName, Common, Format, GetArgs},
    clock::Clock,
    commands::{companions::Companions, customers, export::Export, shown::Shown, tables},
    failure::{Exit, Failure},
    input::{
        dates::{Range, Resolved, describe},
        listing::{self, ListingSelection},
        output_target::OutputTarget,
        redaction,
        selection::{self, Selected, Selection},
        with,
    },
    lang::{self, say},
    signals::Interruptions,
    ui::{
        command_line::{self, Bound},
        findings,
        log::{Event, Facts, Told},
        outcome::Outcome,
        progress::Progress,
        stdout,
        summary::{self, SummaryFile},
        table,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// How long after its start a run up to "now" is continued: its period then ends a little earlier than it would today.
const FRESH: TimeDelta = TimeDelta::days(1);

/// One reading. What it asks for is a [`Selection`] as long as it is not known whose API is asked; with the spec it can be
/// run.
#[derive(Clone, Debug)]
pub(crate) struct Job<S = ExportSpec> {
    pub(crate) spec: S,
    pub(crate) range: Range,
    /// What the period can be before the zone of the account is known.
    pub(crate) possible: Vec<Resolved>,
    /// The zone that dates are meant in; `None` is the account's.
    pub(crate) zone: Option<Zone>,
    pub(crate) output: OutputTarget,
    pub(crate) csv: CsvOptions,
    /// Permissions of new files; `None` leaves them to the umask.
    pub(crate) mode: Option<u32>,
    /// Replace what holds more, or is somebody else's.
    pub(crate) force: bool,
    /// Throw away what a stopped run of another request left.
    pub(crate) discard: bool,
    /// What is taken off the legs before they are written.
    pub(crate) redaction: Option<Redaction>,
    /// Pages in flight together.
    pub(crate) ahead: usize,
}

/// Pages in flight together.
pub(crate) fn ahead(common: &Common) -> usize {
    common.concurrency.map_or(4, usize::from)
}

impl<S: Selected> Job<S> {
    /// Everything that can be wrong with the flags, whatever the brand, is found here: before anything is asked or spent.
    fn read(
        args: &GetArgs,
        common: &Common,
        now: DateTime<Utc>,
        select: impl FnOnce(&OutputTarget) -> Result<S, Failure>,
    ) -> Result<Self, Failure> {
        let output = OutputTarget::read(args)?;
        let csv = output.csv(args)?;
        let mode = output.mode(args)?;
        let spec = select(&output)?;
        let redaction = redaction::read(&args.redact, common)?;
        let zone = identity::given(common, now)?;
        // Last, so that a wrong filter is told even where the period is still to be decided.
        let range = if spec.is_over_period() {
            Range::read(&args.period).map_err(|failure| selection::without_period(args, failure))?
        } else {
            Range::None
        };
        range.refuse_reversed(&args.period, now, zone.as_ref())?;
        let possible = range.possible(now, zone.as_ref())?;
        let (force, ahead) = (args.force, ahead(common));
        let discard = force;
        Ok(Self { spec, range, possible, zone, output, csv, mode, force, discard, redaction, ahead })
    }

    /// The job with the tables of a brand; `None` where it is not known which.
    fn of(self, brand: Option<Brand>) -> Result<Job<S::Spec>, Failure> {
        let Self { spec, range, possible, zone, output, csv, mode, force, discard, redaction, ahead } = self;
        let spec = spec.of(brand, output.is_columnar())?;
        Ok(Job { spec, range, possible, zone, output, csv, mode, force, discard, redaction, ahead })
    }
}

impl<S: RowSpec> Job<S> {
    /// What tells this job from others with the same period, without saying it: conditions can name people. Before the account
    /// is asked, what is known of it.
    fn fingerprint(&self, place: &str, owner: Option<&AccountIdentity>) -> String {
        self.spec.fingerprint(&Circumstances {
            place,
            account: owner.and_then(|owner| owner.account.as_deref()),
            zone: owner.map_or("", |owner| owner.zone.name()),
            format: self.output.format().map(Format::name),
            csv: CsvForm {
                preset: self.csv.preset.as_str(),
                null: self.csv.null.as_deref(),
                excel_text: self.csv.excel_text,
                arrays: self.csv.arrays.as_str(),
            },
            redaction: self.redaction.as_ref().map(Redaction::fingerprint),
        })
    }

    /// Where its rows go.
    fn destination(&self) -> Box<dyn Destination> {
        match &self.redaction {
            Some(redaction) => Box::new(RedactedDestination::new(self.place(), redaction.clone())),
            None => self.place(),
        }
    }

    fn place(&self) -> Box<dyn Destination> {
        match &self.output {
            OutputTarget::Count => Box::new(Shown::counted()),
            OutputTarget::File { path, format, compression } => {
                let file = FileDestination::of(path, *format, *compression).csv(self.csv.clone());
                let file = file.columns(&self.spec.written());
                Box::new(file.mode(self.mode).replace(self.force).discard(self.discard))
            }
            OutputTarget::Folder(path) => {
                Box::new(FolderDestination::new(path).mode(self.mode).replace(self.force))
            }
            OutputTarget::Stdout(format) => match format.stored() {
                None => Box::new(Shown::table(self.spec.fields().to_vec())),
                Some(format) => {
                    let stream = StreamDestination::new(io::stdout(), say!("to standard output"), format);
                    Box::new(stream.csv(self.csv.clone()))
                }
            },
        }
    }

    /// Opens it, so that a bad place, and what would be lost there, is known before anything is spent.
    fn open(&self, connection: &Connection, now: DateTime<Utc>) -> Result<Box<dyn Opened>, Failure> {
        if matches!(self.output, OutputTarget::Count | OutputTarget::Stdout(_)) {
            stdout::check()?;
        }
        let account = identity::remembered_name(connection, now);
        let possible = self.possible();
        let unspent = |error| Failure::from(error).unspent();
        self.output.check_place().map_err(Failure::unspent)?;
        let opened = self.destination().open().map_err(unspent)?;
        opened.check(&possible, account.as_deref()).map_err(unspent)?;
        match opened.paused() {
            Some(paused) if !self.discard => {
                self.refuse_to_discard(&paused, &place_of_calls(connection, &self.spec), now)?;
            }
            _ => {}
        }
        Ok(opened)
    }

    /// Refuses to throw away what a stopped run of another command left, as far as that is known before the account is asked.
    fn refuse_to_discard(&self, paused: &Paused, place: &str, now: DateTime<Utc>) -> Result<(), Failure> {
        let Paused { draft: Some(draft), zone: Some(zone), command: Some(command), .. } = paused else {
            return Ok(());
        };
        let Ok((zone, _)) = Rules::of_this_machine()?.find(zone, now) else { return Ok(()) };
        let dates = self.zone.clone().filter(|dates| dates.name() != zone.name());
        let means = |now| {
            let resolved = self.range.resolve(&Clock { now, zone: zone.clone(), dates: dates.clone() });
            resolved.is_ok_and(|resolved| resolved.period == paused.period)
        };
        if self.fingerprint(place, None) == **draft && (means(now) || means(paused.begun)) {
            return Ok(());
        }
        let (place, legs) = (paused.place.display(), counted(paused.rows, self.spec.noun()));
        let what = say!("{place} holds {legs} of another request, which was stopped", place, legs);
        let this = command_line::without_conditions(Bound::Kept);
        Err(Failure::new(Exit::Destination, what)
            .because(say!("they are paid for, and this request cannot go on behind them"))
            .next(say!(
                "finish that one: {command}; or throw them away: {this} --force; or choose another name",
                command,
                this
            ))
            .unspent())
    }

    /// What an earlier run, begun at that moment, meant by the same words. A period that ends now ended a little earlier then.
    fn earlier(&self, clock: &Clock, now: Period, then: Period, begun: DateTime<Utc>) -> Earlier {
        let passed = clock.now - begun;
        let resolved = self.range.resolve(&Clock { now: begun, ..clock.clone() });
        if !resolved.is_ok_and(|resolved| resolved.period == then) {
            return Earlier::Another;
        }
        let moves_with_the_clock = now.till() - then.till() == passed;
        if moves_with_the_clock && TimeDelta::zero() <= passed && passed < FRESH {
            Earlier::Same
        } else {
            Earlier::Outdated
        }
    }

    /// What files say of it.
    pub(crate) fn origin(&self, account: &str, period: Period, until: Option<NaiveDateTime>) -> Origin {
        let mut origin = Origin::new(account, &self.spec.written(), period);
        origin.conditions = self.spec.conditions();
        origin.limit = self.spec.limit();
        origin.until = until;
        origin.report =
            Some(self.spec.method().name.to_owned()).filter(|name| *name != CallLegs::METHOD.name);
        origin
    }

    /// The same, as far as it can be told before the account is known.
    fn possible(&self) -> Vec<Origin> {
        self.possible.iter().map(|resolved| self.origin("", resolved.period, resolved.until)).collect()
    }
}

/// What decides the rows and their bytes beside the request, in its written form: see [`ExportSpec::fingerprint`].
#[derive(Debug, Serialize)]
pub(crate) struct Circumstances<'a> {
    pub(crate) place: &'a str,
    pub(crate) account: Option<&'a str>,
    pub(crate) zone: &'a str,
    pub(crate) format: Option<&'a str>,
    pub(crate) csv: CsvForm<'a>,
    /// A fingerprint too. Requests without one are written as before there was any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) redaction: Option<String>,
}

/// How a CSV is written.
#[derive(Debug, Serialize)]
pub(crate) struct CsvForm<'a> {
    pub(crate) preset: &'a str,
    pub(crate) null: Option<&'a str>,
    pub(crate) excel_text: bool,
    pub(crate) arrays: &'a str,
}

/// A name, however it is spelt: the folder as the system knows it.
fn place_of(path: &Path) -> Option<(PathBuf, OsString)> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or_else(|| Path::new("."))).ok()?;
    Some((folder, path.file_name()?.to_owned()))
}

/// Where calls go, and for whom. Texts have no column for the account, which is not asked for them: there the key tells whose
/// legs they are, so that no run goes on behind those of somebody else.
fn place_of_calls(connection: &Connection, spec: &impl RowSpec) -> String {
    let usage = connection.client.usage();
    let user = usage.user_id.map(|user| user.to_string()).unwrap_or_default();
    let key = if spec.is_typed() { String::new() } else { format!(" {}", connection.print) };
    format!("{} {user}{key}", usage.endpoint.uri())
}

/// Runs the command.
pub(crate) fn run(
    args: &GetArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<Exit, Failure> {
    if args.report.as_deref() == Some("list") {
        let is_json = matches!(args.format, Some(Format::Jsonl));
        tables::reports(is_json, common.brand.and_then(BrandName::brand))?;
        return Ok(Exit::Done);
    }
    if let (Some(summary), Some(output)) = (&args.summary_file, &args.output) {
        let summary = place_of(summary);
        let is_it = |ending| summary.is_some() && place_of(&beside(output, ending)) == summary;
        if ["", ".part", ".resume", ".footer"].into_iter().any(is_it) {
            return Err(Failure::usage(say!(
                "-o and --summary-file name the same file, or what stands beside it"
            ))
            .because(say!("one would replace the other"))
            .next(say!("give them two names")));
        }
    }
    let summary = args.summary_file.as_deref().map(|path| SummaryFile::create(path, args.force)).transpose();
    let summary = summary.map_err(Failure::unspent)?;
    let mut outcome = Outcome::default();
    let ended = attempt(args, common, terminal, now, &mut outcome);
    if let Some(log) = terminal.log() {
        log.total(outcome.facts());
    }
    let (file, end) = (args.output.as_deref(), ended.as_ref().copied());
    let written = summary.map_or(Ok(()), |summary| summary.write(&outcome, file, end));
    ended.and(written)?;
    // Rows are their own result; those of a file are elsewhere.
    if args.json && args.output.is_some() && !args.explain {
        stdout::print(&String::from_utf8_lossy(&summary::text(&outcome, file, Ok(()))?))?;
    }
    Ok(Exit::Done)
}

/// Tells programs of a run that ended before it could begin.
pub(crate) fn unbegun(args: &GetArgs, failure: &Failure) -> Result<(), Failure> {
    let summary =
        args.summary_file.as_deref().map(|path| SummaryFile::create(path, args.force)).transpose()?;
    summary.map_or(Ok(()), |summary| summary.write(&Outcome::default(), None, Err(failure)))
}

fn attempt(
    args: &GetArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    // The flags first: a misspelt date is not worth a question about brands.
    let is_table = |output: &OutputTarget| *output == OutputTarget::Stdout(Format::Table);
    let report = args.report.as_deref().filter(|name| !listing::is_legs(name));
    let Some(method) = report.map(listing::method).transpose()? else {
        let select = |output: &OutputTarget| {
            with::check(args, output)?;
            Selection::read(args, is_table(output))
        };
        return take(Job::read(args, common, now, select)?, args, common, terminal, now, outcome);
    };
    redaction::refuse(redaction::read(&args.redact, common)?.as_ref())?;
    listing::check(method, &args.period, customers::are_asked(&args.customers, common))?;
    let select = |output: &OutputTarget| {
        if let OutputTarget::Folder(_) = output {
            return Err(listing::no_folder(method));
        }
        ListingSelection::read(method, args, is_table(output))
    };
    take(Job::read(args, common, now, select)?, args, common, terminal, now, outcome)
}

/// Runs what the flags ask for.
fn take<S: Selected>(
    job: Job<S>,
    args: &GetArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    for doubt in job.spec.doubts() {
        terminal.warn(&doubt);
    }
    if args.explain {
        let is_named = common.brand.is_some() || common.endpoint.is_some();
        let brand = if is_named { ApiTarget::find(common, terminal)?.brand() } else { None };
        return explain::explain(&job.of(brand)?, brand, common, terminal, now);
    }
    if let Some(redaction) = &job.redaction {
        terminal.note(&say!("redacted: {redaction}", redaction));
    }
    let target = ApiTarget::find(common, terminal)?;
    let job = job.of(target.brand())?;
    if customers::are_asked(&args.customers, common) {
        for_customers(&job, args, common, terminal, now, outcome)?;
    } else {
        let connection = connect::to(common, &target, terminal)?;
        execute(&job, &connection, terminal, now, outcome)?;
    }
    if args.strict {
        findings::strict(&outcome.drift)?;
    }
    if args.fail_if_empty && outcome.rows == 0 {
        let noun = lang::noun(0, job.spec.noun());
        return Err(Failure::new(Exit::Empty, say!("there are no {noun}", noun))
            .because(say!("the server counts none for this period and these conditions"))
            .next(say!("leave --fail-if-empty out where that is no error")));
    }
    Ok(())
}

/// The same for customers of a partner, one after the other, each into a part of the folder that is its own.
fn for_customers(
    job: &Job<impl RowSpec>,
    args: &GetArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    if job.output == OutputTarget::Count {
        return Err(Failure::usage(say!("--count is for one account at a time"))
            .because(say!("legs of several accounts are several numbers"))
            .next(say!("`calllegs plan` counts them for each; or name one account with --user-id")));
    }
    if !matches!(job.output, OutputTarget::Folder(_)) {
        return Err(Failure::usage(say!("legs of several accounts do not go into one file"))
            .because(say!("each account has its own zone and ids of its own: a folder has a part for each"))
            .next(say!("name a folder, as in -o legs/, or one account with --user-id")));
    }
    stdout::check()?;
    let connection = connect::find(&customers::as_partner(common), terminal)?;
    let mut line = Line::open()?;
    let chosen = customers::choose(&args.customers, common, &connection, &mut line)?;
    customers::announce(chosen.len(), LEAST, terminal, &mut line)?;
    drop(line);
    let total = chosen.len();
    let (mut stopped, mut failed, mut rows) = (None, Vec::new(), Vec::new());
    outcome.complete = true;
    for customer in chosen {
        let mut own = Outcome::default();
        let of_customer = connection.acting_for(customer.user, customer.account)?;
        let ended = execute(job, &of_customer, &terminal.of(&customer.name), now, &mut own);
        outcome.add(&customer.name, &own);
        let told = ended.as_ref().map_or_else(|failure| failure.what.clone(), |()| "ok".to_owned());
        rows.push(vec![customer.name.clone(), grouped(own.rows), own.points.to_string(), told]);
        match ended {
            Ok(()) => {}
            Err(failure) if customers::ends_all(failure.exit) => {
                stopped = Some(failure);
                break;
            }
            Err(failure) => {
                let facts = Facts { failure: Some(Told::of(&failure)), ..own.facts() };
                terminal.event(Event::AccountFail, &facts);
                failed.push((customer.name, failure));
            }
        }
    }
    let usage = connection.client.usage();
    (outcome.points, outcome.calls) = (usage.spent, usage.requests);
    let done = rows.len() - failed.len() - usize::from(stopped.is_some());
    let ended = customers::end(total, done, stopped, failed, true);
    if matches!(&ended, Err(failure) if failure.exit == Exit::Usage) {
        return ended;
    }
    if args.json {
        return ended;
    }
    table::print(&[say!("customer"), say!("legs"), say!("points"), say!("result")].map(str::to_owned), rows)?;
    ended
}

/// Points that an account costs at least: a page.
const LEAST: u64 = 1;

/// Runs a job: opens the destination, reads, and gives a file its name only when it is complete.
pub(crate) fn execute<S: RowSpec>(
    job: &Job<S>,
    connection: &Connection,
    terminal: &Terminal,
    now: DateTime<Utc>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let opened = job.open(connection, now)?;
    let paused = opened.paused().filter(|_| !job.discard);
    let mut writing = None;
    let ended = connect::block_on(read(job, connection, terminal, now, outcome, opened, &mut writing));
    {
        let usage = connection.client.usage();
        (outcome.points, outcome.calls) = (usage.spent, usage.requests);
        outcome.day_remaining = usage.quota_state(QuotaWindow::Day).map(|state| state.remaining);
    }
    // What was paid for reaches its place even when the run fails.
    let Some((writer, written)) = writing.map(WriterThread::end) else {
        return ended.map_err(|failure| match paused {
            // A place that refuses says itself what is there.
            Some(paused) if failure.exit != Exit::Destination => {
                ending::with_kept(failure, &counted(paused.rows, job.spec.noun()), &paused.place)
            }
            _ => failure,
        });
    };
    let ended = written.map_err(Failure::from).and(ended);
    let settled = ending::settle(job, writer, ended, outcome, terminal);
    // The pages may all have come, and still not be where they belong.
    outcome.complete &= settled.is_ok();
    settled
}

async fn read<S: RowSpec>(
    job: &Job<S>,
    connection: &Connection,
    terminal: &Terminal,
    now: DateTime<Utc>,
    outcome: &mut Outcome,
    opened: Box<dyn Opened>,
    writing: &mut Option<WriterThread>,
) -> Result<(), Failure> {
    let mut interruptions = Interruptions::watch();
    let mut context = connection.context();
    let place = place_of_calls(connection, &job.spec);
    let need = if job.spec.is_typed() { Need::Name } else { Need::Zone };
    // Who it is costs a point: a text of rows without dates says nothing of it.
    let owner = if job.range == Range::None && !job.spec.is_typed() {
        AccountIdentity { zone: Tz::UTC.into(), dates: None, source: say!("not asked"), account: None }
    } else {
        let asked = identity::find(job.zone.as_ref(), need, connection, &context, terminal, now);
        interruptions.or(asked).await?
    };
    let clock = Clock { now, zone: owner.zone.clone(), dates: owner.dates.clone() };
    let resolved = job.range.resolve(&clock)?;
    let account = owner.account.as_deref().unwrap_or_default();
    let origin = job.origin(account, resolved.period, resolved.until);
    let now_means = origin.period;
    let (same, meant_on) = (job.clone(), clock.clone());
    let fingerprint = job.fingerprint(&place, Some(&owner));
    let request = Request::new(fingerprint, job.spec.written(), origin, (now, owner.zone.clone()))
        .told_as(&job.fingerprint(&place, None), &command_line::without_conditions(Bound::LeftOut))
        .meant(move |then, begun| same.earlier(&meant_on, now_means, then, begun));
    let Run { origin, resumed, unusable, replaces, writer, .. } = opened.begin(request)?;
    let period = origin.period;
    if job.range != Range::None {
        terminal.note(&describe(period, &owner.zone, owner.source).to_string());
    }
    let noun = job.spec.noun();
    if let (Some(held), OutputTarget::File { path, .. }) = (replaces, &job.output) {
        let (from, till) = (wall_time::format(held.from()), wall_time::format(held.till()));
        outcome.replaces = Some(say!(
            "replaces the {noun} of {from} … {till} that {path} held",
            noun = lang::noun(0, noun),
            from,
            till,
            path = path.display()
        ));
    }
    outcome.until = origin.until;
    outcome.account.clone_from(&owner.account);
    outcome.period = Some((period, owner.zone.name().to_owned()));
    if let Some(until) = origin.until {
        let until = wall_time::format(until);
        terminal.warn(&say!(
            "the period is not over: {noun} up to {until} {zone} are complete, later ones are not there yet",
            noun = lang::noun(0, noun),
            until,
            zone = owner.zone
        ));
    }
    if let (Some(state), Some(place)) = (&resumed, writer.place()) {
        terminal.note(&say!(
            "going on behind {legs} in {place}",
            legs = counted(state.rows, noun),
            place = place.display()
        ));
    }
    let lost = unusable.map(|unusable| {
        let legs = unusable.rows.map_or_else(|| lang::noun(0, noun), |rows| counted(rows, noun));
        say!(
            "{legs} of an earlier run cannot be used and will be read again: {why}",
            legs,
            why = unusable.why
        )
    });
    for warning in lost.iter().chain(&resolved.warnings) {
        terminal.warn(warning);
    }
    let readable = readable(period, clock.local().max(origin.until.unwrap_or_default()));
    context.clock = Some(clock);
    context.period = Some(period).filter(|_| job.range != Range::None);
    outcome.rows = resumed.as_ref().map_or(0, |state| state.rows);
    let reading = Companions::new(connection, (&owner, &context), terminal, &mut interruptions, job.ahead);
    let (writer, without) = reading.join(job.spec.companions(), readable, writer).await;
    // What is kept of the legs stays kept, also when nothing is read beside them.
    let writing = writing.insert(WriterThread::begin(writer)?);
    outcome.without = without?;
    let mut reader = Export {
        client: &connection.client,
        spec: &job.spec,
        owner: &owner,
        context: &context,
        terminal,
        outcome,
        writing,
        ahead: job.ahead,
        turn: u64::MAX,
        is_bounded: connection.is_bounded,
        progress: Progress::begin(Instant::now()),
    };
    reader.read(readable, resumed, &mut interruptions).await
}

#[cfg(test)]
mod tests {
    use calllegs_core::{CallLegs, filter::Filter, schema::Listing};

    use super::*;
    use crate::input::dates::Date;

    #[test]
    fn the_same_words_mean_the_same_for_a_day_where_they_end_now_and_another_period_later() {
        let begun = "2026-10-12T09:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let job = |range: Range| Job {
            spec: ExportSpec::default(),
            range,
            possible: Vec::new(),
            zone: None,
            output: OutputTarget::Count,
            csv: CsvOptions::default(),
            mode: None,
            force: false,
            discard: false,
            redaction: None,
            ahead: 1,
        };
        let clock = |now| Clock { now, zone: Tz::Europe__Moscow.into(), dates: None };
        let period = |range: Range, now| range.resolve(&clock(now)).unwrap().period;
        let on = |text| Range::On(Date::read(text).unwrap());
        for (earlier, later, hours, expected) in [
            ("-7d", "-7d", 23, Earlier::Same),
            ("-7d", "-7d", 25, Earlier::Outdated),
            ("-7d", "-8d", 1, Earlier::Another),
            ("yesterday", "yesterday", 24, Earlier::Outdated),
            ("2026-08", "2026-09", 1, Earlier::Another),
        ] {
            let now = begun + TimeDelta::hours(hours);
            let (then, meant) = (period(on(earlier), begun), period(on(later), now));
            assert_eq!(
                job(on(later)).earlier(&clock(now), meant, then, begun),
                expected,
                "{earlier} {later}"
            );
        }
    }

    /// Rows that people paid for are found by this digest: it changes with the version of the record (`resume_log`) alone.
    #[test]
    fn the_fingerprint_of_a_request_stays_as_it_is() {
        let columns = ["id", "start_time"].map(|name| CallLegs::field(name).unwrap()).to_vec();
        let spec = ExportSpec {
            columns,
            filter: Some(
                Filter::parse("duration > 30 and finish_reason in (operator_busy, timeout)").unwrap(),
            ),
            local: Some(Filter::parse_local("contact_full_name like 'A%'").unwrap()),
            limit: Some(7),
            is_typed: false,
            companions: Vec::new(),
        };
        let csv = CsvForm { preset: "excel-ru", null: Some("\\N"), excel_text: true, arrays: "joined" };
        let circumstances = Circumstances {
            place: "https://api.example/v2.0 7",
            account: Some("uis:1103"),
            zone: "Europe/Moscow",
            format: Some("csv"),
            csv,
            redaction: None,
        };
        let pinned = "c3da08f8147de3aa5edec48c31046f371749f3d02446409ad18ba09b20cc6112";
        assert_eq!(spec.fingerprint(&circumstances), pinned);
    }
}
