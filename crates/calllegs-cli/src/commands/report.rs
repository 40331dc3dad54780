//! `calllegs report`: what legs that are kept say, as one page or as a workbook. Not here: how they look
//! (`calllegs_stats::report`).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use calllegs_stats::{
    After, Language, Summary,
    report::{Header, LostCaller, Previous, Report},
};
use calllegs_store::{AtomicFile, ledger::Schedule};
use chrono::{DateTime, NaiveDateTime, Utc};

use crate::{
    cli::{Common, Compared, ReportArgs, ReportForm, SyncSettings},
    commands::numbers::{Counted, Numbers, missing_days},
    failure::{Exit, Failure},
    ui::{
        echo::shown_path,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Runs the command.
pub(crate) fn run(
    args: &ReportArgs,
    common: &Common,
    profile: &SyncSettings,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let numbers = Numbers::read(&args.numbers, common, profile, now)?;
    let language = args.numbers.lang.language();
    let usual = match args.form {
        ReportForm::Html => "report.html",
        ReportForm::Xlsx => "report.xlsx",
    };
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from(usual));
    // A bad place is known before a long count.
    let mut file = create(&path, args.form)?;
    let now_counted = numbers.count(false)?;
    let report = report((args.compare, args.show_phones), &numbers, &now_counted)?;
    let bytes = match args.form {
        ReportForm::Html => report.html(language).into_bytes(),
        ReportForm::Xlsx => report.xlsx(language).map_err(|error| {
            Failure::new(Exit::Destination, format!("no workbook can be made: {error}"))
                .because("a cell takes 32,767 letters")
                .next("make the page: calllegs report html")
        })?,
    };
    file.fill(&bytes)?;
    file.commit()?;
    let (from, till) = now_counted.days;
    let size = grouped(bytes.len().div_ceil(1024) as u64);
    terminal.note(&format!("{from} … {till}: {}, {size} KiB; nothing was spent", shown_path(&path)));
    Ok(())
}

/// The report of all legs of a place, written over one that is there.
pub(crate) fn page(numbers: &Numbers, path: &Path) -> Result<(), Failure> {
    let report = report((Compared::None, false), numbers, &numbers.count(false)?)?;
    let mut file = create(path, ReportForm::Html)?;
    file.fill(report.html(Language::English).as_bytes())?;
    Ok(file.commit()?)
}

fn create(path: &Path, form: ReportForm) -> Result<AtomicFile, Failure> {
    let begins: &[u8] = match form {
        ReportForm::Html => b"<!doctype html>",
        ReportForm::Xlsx => b"PK",
    };
    Ok(AtomicFile::create_over(path, ("-o", "report"), move |first: &[u8]| first.starts_with(begins))?)
}

fn report(
    (compare, show_phones): (Compared, bool),
    numbers: &Numbers,
    now: &Counted,
) -> Result<Report, Failure> {
    let summary = now.results.total().ok_or_else(|| Failure::new(Exit::Bug, "there are no results"))?;
    let account = match now.accounts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        several => counted(several.len() as u64, "account"),
    };
    let mut header = Header::new(account, numbers.zone.clone(), now.days);
    if let [account] = now.accounts.as_slice()
        && let Some(ledger) = numbers.ledger(account)
        && let Some(last) = ledger.windows().last()
    {
        header.as_of = Some(last.period.till());
        header.settles_from = Some(last.period.till() - Schedule::default().settle);
        header.missing = missing_days(&ledger, now.days, last.period.till());
    }
    let mut report = Report::new(header, summary.tables().cloned().collect())
        .parameters(numbers.parameters.clone())
        .lost_callers(lost_callers(summary), show_phones);
    let earlier = match compare {
        Compared::None => None,
        Compared::Previous => numbers.earlier(false),
        Compared::Year => numbers.earlier(true),
    };
    if let Some(earlier) = earlier {
        let before = earlier.count(false)?;
        // Numbers of a time that nobody extracted would compare with nothing.
        if let Some(summary) = before.results.total().filter(|_| before.is_any) {
            report = report.previous(Previous::new(before.days, summary.tables().cloned().collect()));
        }
    }
    Ok(report)
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
