//! `calllegs stats` and `calllegs staff`: one metric of legs that are kept, on the screen or for programs. Not here: what is
//! counted (`calllegs_stats`).
//!
//! | module | what |
//! |---|---|
//! | `answer` | the results, from the database or from legs |
//! | `charts`, `figures`, `words` | results for people |
//! | `page` | what is shown of them |
//! | `split` | results in parts |
//! | `machine` | results for programs |
//! | `calls` | lists of missed calls |
//! | `staff` | people and lines that a load needs |

mod answer;
mod calls;
pub(crate) mod charts;
mod figures;
pub(crate) mod machine;
mod page;
mod split;
mod staff;
mod words;
mod workbook;

use std::io::{self, IsTerminal as _};

use calllegs_core::{FinishReason, filter::nearest, generated::enums::FINISH_REASONS};
use calllegs_stats::{By, ServiceLevelVariant, Shape, shape};
use chrono::{DateTime, Utc};

pub(crate) use self::staff::run as staff;
use self::{answer::Wish, page::Page};
use crate::{
    cli::{Common, MetricName, StatsArgs, StatsFormat, SyncSettings},
    commands::numbers::{CALLERS, Numbers},
    failure::Failure,
    lang::{self, say},
    ui::{echo::shown, stdout, table, terminal::Terminal},
};

/// The narrowest that charts are drawn.
pub(crate) const NARROWEST: usize = 60;
/// Where nobody says how wide the terminal is.
pub(crate) const USUAL: usize = 80;

/// Runs `stats`.
pub(crate) fn run(
    args: &StatsArgs,
    common: &Common,
    profile: &SyncSettings,
    terminal: &Terminal,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let mut numbers = Numbers::read(&args.numbers, common, profile, terminal, now)?;
    numbers.needs = needs(args.metric, args.list);
    let key = args.metric.key();
    let results = chosen(args, &key)?;
    let is_csv = matches!(args.format, Some(StatsFormat::Csv | StatsFormat::Xlsx));
    if let ([one, other, ..], true, false) = (results.as_slice(), is_csv, args.list) {
        let names: Vec<_> = results.iter().map(|shape| shape.name).collect();
        return Err(Failure::usage(say!(
            "{key} has several results: {names}",
            key,
            names = names.join(", ")
        ))
        .because(say!("a CSV and a workbook hold one table"))
        .next(say!(
            "add --only {one}, or --only {other}; --json has all",
            one = one.name,
            other = other.name
        )));
    }
    let usual = [ServiceLevelVariant::Standard, ServiceLevelVariant::Strict];
    let shapes: Vec<_> = results.iter().copied().chain(beside(args.metric)).collect();
    let wish = Wish {
        numbers: &numbers,
        shapes: &shapes,
        by: args.by,
        needs_legs: !usual.contains(&args.sl_variant),
    };
    if !wish.has_sql() && wish.is_database() && !args.list {
        terminal.note(say!("no statement computes this: it is counted from the legs, which gives the same"));
    }
    let answer = if args.list { wish.with_calls(now)? } else { wish.answer()? };
    let page = Page { args, key: &key, numbers: &numbers, answer: &answer, results: &results };
    if args.json {
        return stdout::print_json(&page.json());
    }
    let language = lang::spoken();
    if is_csv {
        for line in page.head() {
            terminal.note(&plain(&line, false));
        }
        if let Some(lacking) = answer.header.incomplete(language) {
            terminal.warn(&plain(&lacking, false));
        }
        let head: Vec<_> = page.head().into_iter().chain(page.lacking()).collect();
        let rows = if args.list { page.calls() } else { results.first().and_then(|shape| page.rows(shape)) };
        let rows = rows.unwrap_or_default();
        let titles: Vec<_> = match args.headers {
            Some(headers) => rows.columns.iter().map(|name| words::title(name, headers.language())).collect(),
            None => rows.columns.clone(),
        };
        return match &args.output {
            Some(path) => workbook::write(path, &key, &titles, &rows, &head),
            None => stdout::print(&machine::csv(&titles, &rows)?),
        };
    }
    // Some terminals do not say how wide they are.
    let usual = || io::stdout().is_terminal().then_some(USUAL);
    let width = args.width.map(usize::from).or_else(table::width).or_else(usual);
    stdout::print(&plain(&page.text(language, width.map(|width| width.max(NARROWEST))), args.ascii))
}

/// Columns that a metric is computed from, beside those that all of them are.
const fn needs(metric: MetricName, is_list: bool) -> &'static [&'static str] {
    match metric {
        MetricName::Repeat | MetricName::Callbacks | MetricName::FirstResponse => &[CALLERS],
        MetricName::Missed if is_list => &[CALLERS],
        MetricName::People => &["employee_id", "employee_full_name"],
        MetricName::Occupancy => &["employee_id"],
        MetricName::Transfers => &["employee_full_name"],
        MetricName::Groups => &["group_name"],
        MetricName::Scenarios => &["scenario_name"],
        MetricName::Ratings => &["employee_rating", "call_records"],
        MetricName::Offered
        | MetricName::ServiceLevel
        | MetricName::Missed
        | MetricName::Waits
        | MetricName::Talk
        | MetricName::Heatmap
        | MetricName::Reasons
        | MetricName::Load => &[],
    }
}

/// The results that a metric has, or the one that is asked for.
fn chosen(args: &StatsArgs, key: &str) -> Result<Vec<&'static Shape>, Failure> {
    if args.list && !matches!(args.metric, MetricName::Missed | MetricName::Callbacks) {
        return Err(Failure::usage(say!("{key} has no list of calls", key))
            .because(say!("calls are listed that nobody answered"))
            .next(say!("calllegs stats missed --list, or calllegs stats callbacks --list")));
    }
    if args.sl_variant != ServiceLevelVariant::Standard && args.metric != MetricName::ServiceLevel {
        return Err(Failure::usage(say!("{key} has no variants", key))
            .because(say!("--sl-variant says which calls the service level is a share of"))
            .next("calllegs stats service-level --sl-variant strict"));
    }
    if args.reason.is_some() && args.metric != MetricName::Reasons {
        return Err(Failure::usage(say!("{key} is not of reasons", key))
            .because(say!("--reason says which rings are counted that nobody answered"))
            .next("calllegs stats reasons --reason sip_offline --by employee"));
    }
    if let Some(reason) = &args.reason {
        check_reason(reason)?;
    }
    if let Some(by) = args.by {
        split::check(args.metric, by)?;
        if args.list && by != By::Account {
            return Err(Failure::usage(say!("a list of calls is not split by {by}", by = by.as_str()))
                .because(say!("each call has its time and scenario beside it"))
                .next(say!(
                    "leave --list out for figures, or --by {account} for the list",
                    account = By::Account.as_str()
                )));
        }
    }
    if args.headers.is_some() && !matches!(args.format, Some(StatsFormat::Csv | StatsFormat::Xlsx)) {
        return Err(Failure::usage(say!("--headers is of CSV and workbooks"))
            .because(say!("JSON has names for programs, a table on the screen the titles of --lang"))
            .next(say!("add --format csv")));
    }
    match (args.format, &args.output) {
        (Some(StatsFormat::Xlsx), None) => {
            return Err(Failure::usage(say!("a workbook needs a file"))
                .because(say!("no terminal shows one"))
                .next(say!("add -o {key}.xlsx", key)));
        }
        (Some(StatsFormat::Csv | StatsFormat::Table), Some(_)) => {
            return Err(Failure::usage(say!("-o is of workbooks"))
                .because(say!("other forms go to standard output"))
                .next(say!("add --format xlsx, or redirect: > FILE")));
        }
        _ => {}
    }
    let all = results(args.metric, args.by, args.only.as_deref());
    let Some(only) = &args.only else { return Ok(all) };
    let names: Vec<_> = all.iter().map(|shape| shape.name).collect();
    match all.iter().find(|shape| shape.name == only) {
        Some(shape)
            if args.by.is_some_and(|by| by.columns().iter().any(|key| shape.columns.contains(key))) =>
        {
            Err(Failure::usage(say!("{only} cannot be split by what it is told by", only))
                .because(say!("the column would be there twice"))
                .next(say!("leave --by out")))
        }
        Some(shape) => Ok(vec![*shape]),
        None => Err(Failure::usage(say!("{key} has no result {only}", key, only))
            .because(say!("it has {names}", names = names.join(say!(" and "))))
            .next(say!("write one of these"))),
    }
}

/// Refuses a reason that nobody documents: nothing would be counted, as if nothing had happened.
fn check_reason(reason: &str) -> Result<(), Failure> {
    if FinishReason::from(reason).is_known() {
        return Ok(());
    }
    let failure = Failure::usage(say!("there is no reason {reason}", reason = shown(reason)))
        .because(say!("it is none of the 64 that the API documents"));
    Err(match nearest(&reason.to_lowercase(), FINISH_REASONS.iter().map(|info| info.reason.as_str())) {
        Some(near) => failure.next(say!("did you mean `{near}`?", near)),
        None => failure.next(say!("calllegs reasons lists them")),
    })
}

/// Parts have one result, unless another is asked for.
fn results(metric: MetricName, by: Option<By>, only: Option<&str>) -> Vec<&'static Shape> {
    match metric {
        MetricName::Offered if by.is_some() && only.is_none() => vec![&shape::OFFERED],
        MetricName::ServiceLevel if by.is_some() && only.is_none() => vec![&shape::SERVICE_LEVEL],
        MetricName::Waits if by.is_some() && only.is_none() => vec![&shape::ASA],
        MetricName::Offered => vec![&shape::BY_DAY],
        MetricName::ServiceLevel => vec![&shape::SERVICE_LEVEL, &shape::BY_DAY],
        MetricName::Missed => vec![&shape::ABANDONMENT],
        MetricName::Waits => vec![&shape::ASA, &shape::CALL_PROFILE],
        MetricName::Talk => vec![&shape::TALK],
        MetricName::Heatmap => vec![&shape::HEATMAP],
        MetricName::Reasons => vec![&shape::PARETO],
        MetricName::People => vec![&shape::EMPLOYEES],
        MetricName::Groups => vec![&shape::GROUPS],
        MetricName::Scenarios => vec![&shape::SCENARIOS],
        MetricName::Load => vec![&shape::CONCURRENCY],
        MetricName::Occupancy => vec![&shape::OCCUPANCY],
        MetricName::Transfers => vec![&shape::TRANSFERS],
        MetricName::Repeat => vec![&shape::REPEAT_CALLERS],
        MetricName::Callbacks => vec![&shape::NOT_CALLED_BACK],
        MetricName::FirstResponse => vec![&shape::FIRST_RESPONSE],
        MetricName::Ratings => vec![&shape::QUALITY],
    }
}

/// Results that words are taken from: of how many a percentage is, whose number it is.
fn beside(metric: MetricName) -> Option<&'static Shape> {
    if metric == MetricName::Missed {
        Some(&shape::SERVICE_LEVEL)
    } else if metric == MetricName::Occupancy {
        Some(&shape::EMPLOYEES)
    } else {
        None
    }
}

/// As a terminal has it: without spaces that only print knows, or without all signs beyond ASCII but letters.
pub(crate) fn plain(text: &str, ascii: bool) -> String {
    let sign = |char| match char {
        '\u{202f}' => ' ',
        '·' | '–' | '−' | '\u{2011}' if ascii => '-',
        '…' if ascii => '~',
        '•' if ascii => '*',
        '«' | '»' if ascii => '"',
        other => other,
    };
    text.chars().map(sign).collect()
}
