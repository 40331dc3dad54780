//! `calllegs report`: what legs that are kept say, as one page, as a workbook or on a terminal. Not here: how they look
//! (`calllegs_stats::report`).

mod data;
mod term;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use calllegs_stats::{
    After, By, Cell, Language, Summary,
    report::{LostCaller, Previous, Report},
    shape,
};
use calllegs_store::AtomicFile;
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use clap::ValueEnum as _;
use serde_json::json;

use crate::{
    cli::{Common, Compared, ReportArgs, ReportForm, SyncSettings},
    commands::{
        numbers::{CALLERS, Numbers},
        stats::{NARROWEST, USUAL, charts::Paper},
    },
    failure::{Exit, Failure},
    lang::{self, say},
    ui::{echo::shown_path, stdout, table, terminal::Terminal, text::grouped},
};

/// Runs the command.
pub(crate) fn run(
    args: &ReportArgs,
    common: &Common,
    profile: &SyncSettings,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    check(args)?;
    let mut numbers = Numbers::read(&args.numbers, common, profile, terminal, now)?;
    (numbers.needs, numbers.may_hide) = (&NEEDS, true);
    let language = lang::spoken();
    let wish = Wish { compare: args.compare, show_phones: args.show_phones, by: args.by };
    let usual = match args.form {
        ReportForm::Html => "report.html",
        ReportForm::Xlsx => "report.xlsx",
        ReportForm::Term => {
            let report = report(&wish, &numbers)?.topics(args.section.clone());
            warn_of(&report, terminal);
            if args.json {
                return stdout::print(&format!("{}\n", data::json(&report)?));
            }
            let width = args.width.map(usize::from).or_else(table::width).unwrap_or(USUAL);
            let paper = Paper { width: width.max(NARROWEST), ascii: args.ascii, language };
            return stdout::print(&term::text(&report, paper));
        }
    };
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(usual));
    // A bad place is known before a long count.
    let file = create(&path, args.form)?;
    let counted = report(&wish, &numbers).and_then(|report| {
        let report = report.topics(args.section.clone());
        let Some(name) = args.embed_data.as_ref().and_then(|path| path.file_name()) else {
            return Ok(report);
        };
        let json = data::json(&report)?;
        Ok(report.attachment(name.to_string_lossy(), json))
    });
    let report = match counted {
        Ok(report) => report,
        Err(failure) => {
            file.discard();
            return Err(failure);
        }
    };
    warn_of(&report, terminal);
    let days = report.header.days;
    let moments = report.header.hours.map(|(from, till)| [from.to_string(), till.to_string()]);
    let [from, till] = moments.unwrap_or_else(|| [days.0.to_string(), days.1.to_string()]);
    let bytes = write(file, args.form, &report, language)?;
    let size = grouped(bytes.div_ceil(1024) as u64);
    terminal.note(&say!(
        "{from} … {till}: {path}, {size} KiB; nothing was spent",
        from = &from,
        till = &till,
        path = shown_path(&path),
        size
    ));
    if args.json {
        let days = [from, till];
        return stdout::print_json(
            &json!({"path": path.display().to_string(), "bytes": bytes, "days": days}),
        );
    }
    Ok(())
}

/// What a report is computed from: sections of a column that nobody extracted would say that there is nothing.
const NEEDS: [&str; 6] =
    [CALLERS, "scenario_name", "employee_id", "employee_full_name", "employee_rating", "group_name"];

/// Results of calls of the same caller.
const OF_CALLERS: [&str; 3] =
    [shape::REPEAT_CALLERS.name, shape::NOT_CALLED_BACK.name, shape::FIRST_RESPONSE.name];

/// Says what a report leaves out, where callers cannot be told apart.
fn warn_of(report: &Report, terminal: &Terminal) {
    let has_callers = report.tables.iter().any(|table| OF_CALLERS.contains(&table.shape.name));
    if !has_callers {
        terminal.warn(say!(
            "no leg has the number of its caller: who called again and who was rung back is left out"
        ));
    }
}

/// Flags that go with another form only.
fn check(args: &ReportArgs) -> Result<(), Failure> {
    let is_term = args.form == ReportForm::Term;
    let ends = |ending: &str| {
        let path = args.output.as_deref().and_then(Path::extension);
        path.is_some_and(|other| other.eq_ignore_ascii_case(ending))
    };
    let wrong = [
        (
            args.form == ReportForm::Html && (ends("xlsx") || args.output.as_deref() == Some(Path::new("-"))),
            "-o",
            say!("a page is a file of its own that ends with .html"),
            "calllegs report html -o report.html",
        ),
        (
            args.form == ReportForm::Xlsx && (ends("html") || args.output.as_deref() == Some(Path::new("-"))),
            "-o",
            say!("a workbook is a file of its own that ends with .xlsx"),
            "calllegs report xlsx -o report.xlsx",
        ),
        (is_term && args.output.is_some(), "-o", say!("term is printed"), "calllegs report term > FILE"),
        (
            !is_term && args.ascii,
            "--ascii",
            say!("it is drawn with on a terminal"),
            "calllegs report term --ascii",
        ),
        (
            !is_term && args.width.is_some(),
            "--width",
            say!("a page fits itself to its window"),
            "calllegs report term --width 100",
        ),
        (
            args.form != ReportForm::Html && args.embed_data.is_some(),
            "--embed-data",
            say!("JSON goes into a page"),
            "calllegs report html --embed-data numbers.json",
        ),
        (
            args.form == ReportForm::Xlsx && !args.section.is_empty(),
            "--section",
            say!("a workbook has a sheet for each result"),
            "calllegs report html --section days",
        ),
    ];
    match wrong.into_iter().find(|(is_wrong, ..)| *is_wrong) {
        Some((_, flag, why, next)) => {
            let form = args.form.to_possible_value().map(|form| form.get_name().to_owned());
            let said = say!("{flag} does not go with report {form}", flag, form = form.unwrap_or_default());
            Err(Failure::usage(said).because(why).next(next))
        }
        None => Ok(()),
    }
}

/// The report of all legs of a place as a page, written over one that is there.
pub(crate) fn page(numbers: &Numbers, path: &Path) -> Result<(), Failure> {
    let wish = Wish { compare: Compared::None, show_phones: false, by: None };
    let file = create(path, ReportForm::Html)?;
    write(file, ReportForm::Html, &report(&wish, numbers)?, lang::spoken())?;
    Ok(())
}

fn create(path: &Path, form: ReportForm) -> Result<AtomicFile, Failure> {
    let begins: &[u8] = if form == ReportForm::Xlsx { b"PK" } else { b"<!doctype html>" };
    Ok(AtomicFile::create_over(path, ("-o", "report"), move |first: &[u8]| first.starts_with(begins))?)
}

/// Puts a report into its file, all of it or nothing, and says how long it is.
fn write(file: AtomicFile, form: ReportForm, report: &Report, language: Language) -> Result<usize, Failure> {
    let bytes = if form == ReportForm::Xlsx {
        report.xlsx(language).map_err(|error| {
            Failure::new(Exit::Destination, say!("no workbook can be made: {error}", error))
                .because(say!("a cell takes 32,767 letters"))
                .next(say!("make the page: calllegs report html"))
        })
    } else {
        Ok(report.html(language).into_bytes())
    };
    match bytes {
        Ok(bytes) => {
            file.write_all(&bytes)?;
            Ok(bytes.len())
        }
        Err(failure) => {
            file.discard();
            Err(failure)
        }
    }
}

/// What a report is to have.
struct Wish {
    compare: Compared,
    show_phones: bool,
    by: Option<By>,
}

/// Of all accounts of a place together.
fn report(wish: &Wish, numbers: &Numbers) -> Result<Report, Failure> {
    let counted = |numbers: &Numbers| {
        let counted = numbers.count(false)?;
        match counted.results.total().cloned() {
            Some(summary) => Ok((counted, summary)),
            None => Err(Failure::new(Exit::Bug, say!("there are no results"))),
        }
    };
    let (now, summary) = counted(numbers)?;
    let mut report = Report::of(numbers.header(&now.accounts, now.days), &summary)
        .parameters(numbers.parameters.clone())
        .lost_callers(lost_callers(&summary), wish.show_phones);
    if let Some(by) = wish.by {
        let split = numbers.count_by(Some(by))?;
        report = report.split(by, split.results.parts());
    }
    if now.hides_callers {
        // Nothing would be told from nobody.
        report.tables.retain(|table| !OF_CALLERS.contains(&table.shape.name));
    }
    let earlier = match wish.compare {
        Compared::None => None,
        Compared::Previous => numbers.earlier(false),
        Compared::Year => numbers.earlier(true),
    };
    if let Some(earlier) = earlier {
        let (before, summary) = counted(&earlier)?;
        // Numbers of a time that nobody extracted would compare with nothing.
        if reaches_back(&summary, before.days) {
            let mut previous = Previous::new(before.days, summary.tables().cloned().collect());
            previous.hours = earlier.hours();
            report = report.previous(previous);
        }
    }
    Ok(report)
}

/// Whether calls are there about from the first day on: a part of a period, or what lies beside it, compares with nothing.
fn reaches_back(summary: &Summary, (from, till): (NaiveDate, NaiveDate)) -> bool {
    let first = summary.table(&shape::BY_DAY).and_then(|table| table.rows.first()?.first());
    let quiet = ((till - from).num_days() / 4).max(3);
    matches!(first, Some(Cell::Date(first)) if (*first - from).num_days() <= quiet)
}

/// Callers with whom nobody has talked since, latest first.
fn lost_callers(summary: &Summary) -> Vec<LostCaller> {
    let mut callers: BTreeMap<&str, (NaiveDateTime, i64)> = BTreeMap::new();
    for call in summary.missed_calls() {
        let is_lost = matches!(call.after, Some(After::Lost | After::StillOpen));
        if let Some(phone) = call.contact.as_deref().filter(|_| is_lost) {
            let (last, missed) = callers.entry(phone).or_insert((call.start, 0));
            *last = call.start.max(*last);
            *missed += 1;
        }
    }
    let mut callers: Vec<_> =
        callers.into_iter().map(|(phone, (last, missed))| LostCaller::new(phone, last, missed)).collect();
    callers.sort_by(|one, other| other.last.cmp(&one.last).then_with(|| one.phone.cmp(&other.phone)));
    callers
}
