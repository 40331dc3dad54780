//! `calllegs stats` and `calllegs staff`: one metric of legs that are kept, on the screen or for programs. Not here: what is
//! counted (`calllegs_stats`).
//!
//! | module | what |
//! |---|---|
//! | `answer` | the results, from the database or from legs |
//! | `charts`, `figures`, `words` | results for people |
//! | `machine` | results for programs |
//! | `calls` | lists of missed calls |
//! | `staff` | people and lines that a load needs |

mod answer;
mod calls;
pub(crate) mod charts;
mod figures;
pub(crate) mod machine;
mod staff;
mod words;

use std::io::{self, IsTerminal as _};

use calllegs_stats::{Language, Metric, ServiceLevelVariant, Shape, shape};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use serde::Serialize;

pub(crate) use self::staff::run as staff;
use self::{
    answer::{Answer, Part, Wish},
    charts::Paper,
    machine::{Named, Rows},
    words::say,
};
use crate::{
    cli::{Common, MetricName, StatsArgs, StatsFormat, SyncSettings},
    commands::numbers::Numbers,
    failure::Failure,
    ui::{stdout, table, terminal::Terminal},
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
    let numbers = Numbers::read(&args.numbers, common, profile, now)?;
    let key = args.metric.key();
    let results = chosen(args, &key)?;
    let is_csv = args.format == Some(StatsFormat::Csv);
    if let ([one, other, ..], true, false) = (results.as_slice(), is_csv, args.list) {
        let names: Vec<_> = results.iter().map(|shape| shape.name).collect();
        return Err(Failure::usage(format!("{key} has several results: {}", names.join(", ")))
            .because("one CSV holds one table")
            .next(format!("add --only {}, or --only {}; --json has all", one.name, other.name)));
    }
    let usual = [ServiceLevelVariant::Standard, ServiceLevelVariant::Strict];
    let shapes: Vec<_> = results.iter().copied().chain(beside(args.metric)).collect();
    let wish = Wish {
        numbers: &numbers,
        shapes: &shapes,
        by_account: args.by.is_some(),
        needs_legs: !usual.contains(&args.sl_variant),
    };
    let answer = if args.list { wish.with_calls(now)? } else { wish.answer()? };
    let page = Page { args, key: &key, numbers: &numbers, answer: &answer, results: &results };
    if args.json {
        return stdout::print_json(&page.json());
    }
    let language = args.numbers.lang.language();
    if is_csv {
        for line in page.head() {
            terminal.note(&plain(&line, false));
        }
        let parts = answer.parts.iter().filter_map(|part| {
            let rows = if args.list {
                page.calls(part)
            } else {
                results.first().and_then(|shape| part.table(shape)).map(Rows::from)
            };
            Some((part.account.as_deref(), rows?))
        });
        return stdout::print(&machine::csv(&parts.collect::<Vec<_>>())?);
    }
    // Some terminals do not say how wide they are.
    let usual = || io::stdout().is_terminal().then_some(USUAL);
    let width = args.width.map(usize::from).or_else(table::width).or_else(usual);
    stdout::print(&plain(&page.text(language, width.map(|width| width.max(NARROWEST))), args.ascii))
}

/// The results that a metric has, or the one that is asked for.
fn chosen(args: &StatsArgs, key: &str) -> Result<Vec<&'static Shape>, Failure> {
    if args.list && !matches!(args.metric, MetricName::Missed | MetricName::Callbacks) {
        return Err(Failure::usage(format!("{key} has no list of calls"))
            .because("calls are listed that nobody answered")
            .next("calllegs stats missed --list, or calllegs stats callbacks --list"));
    }
    if args.sl_variant != ServiceLevelVariant::Standard && args.metric != MetricName::ServiceLevel {
        return Err(Failure::usage(format!("{key} has no variants"))
            .because("--sl-variant says which calls the service level is a share of")
            .next("calllegs stats service-level --sl-variant strict"));
    }
    let all = results(args.metric);
    let Some(only) = &args.only else { return Ok(all) };
    let names: Vec<_> = all.iter().map(|shape| shape.name).collect();
    match all.iter().find(|shape| shape.name == only) {
        Some(shape) => Ok(vec![*shape]),
        None => Err(Failure::usage(format!("{key} has no result {only}"))
            .because(format!("it has {}", names.join(" and ")))
            .next("write one of these")),
    }
}

fn results(metric: MetricName) -> Vec<&'static Shape> {
    match metric {
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

/// What is shown.
struct Page<'a> {
    args: &'a StatsArgs,
    key: &'a str,
    numbers: &'a Numbers,
    answer: &'a Answer,
    results: &'a [&'static Shape],
}

#[derive(Serialize)]
struct Json<'a> {
    metric: &'a str,
    definition: &'static str,
    from: String,
    till: String,
    zone: Option<&'a str>,
    parameters: serde_json::Value,
    /// Of all together.
    #[serde(flatten)]
    whole: Option<JsonPart<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<JsonPart<'a>>,
}

#[derive(Serialize)]
struct JsonPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<Rows>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<Rows>,
    results: Named,
}

impl Page<'_> {
    fn definition(&self) -> &'static str {
        Metric::find(self.key).map_or("", |metric| metric.definition)
    }

    /// From when until when, half-open.
    fn period(&self) -> (NaiveDateTime, NaiveDateTime) {
        let (first, last) = self.answer.days;
        let whole = || {
            let next = last.succ_opt().unwrap_or(last);
            (first.and_time(NaiveTime::MIN), next.and_time(NaiveTime::MIN))
        };
        self.numbers.parameters.period.unwrap_or_else(whole)
    }

    fn zone(&self) -> Option<&str> {
        Some(self.numbers.zone.as_str()).filter(|zone| !zone.is_empty())
    }

    /// The calls of a list.
    fn calls(&self, part: &Part) -> Option<Rows> {
        let is_to_ring = self.args.metric == MetricName::Callbacks;
        let legs = part.legs.as_ref().filter(|_| self.args.list)?;
        Some(calls::rows(&legs.missed, is_to_ring, self.args.show_phones))
    }

    fn json(&self) -> Json<'_> {
        let (from, till) = self.period();
        let parameters = &self.numbers.parameters;
        let part = |part| self.json_part(part);
        let (whole, accounts) = if self.args.by.is_some() {
            (None, self.answer.parts.iter().map(part).collect())
        } else {
            (self.answer.parts.first().map(part), Vec::new())
        };
        Json {
            metric: self.key,
            definition: self.definition(),
            from: from.to_string(),
            till: till.to_string(),
            zone: self.zone(),
            parameters: serde_json::json!({
                "answer_within": parameters.answer_within,
                "goal_percent": parameters.goal_percent,
                "short_abandon": parameters.short_abandon,
                "callback_window": parameters.callback_window,
                "repeat_window": parameters.repeat_window,
                "sl_variant": self.args.sl_variant.as_str(),
            }),
            whole,
            accounts,
        }
    }

    fn json_part<'a>(&self, part: &'a Part) -> JsonPart<'a> {
        let named = |shape: &&'static Shape| Some((shape.name, Rows::from(part.table(shape)?)));
        JsonPart {
            account: part.account.as_deref(),
            variant: self.variant(part),
            calls: self.calls(part),
            results: Named(self.results.iter().filter_map(named).collect()),
        }
    }

    /// What a variant of the service level is, where one is asked for.
    fn variant(&self, part: &Part) -> Option<Rows> {
        let variant = self.args.sl_variant;
        if self.args.metric != MetricName::ServiceLevel || variant == ServiceLevelVariant::Standard {
            return None;
        }
        let (dividend, divisor) = if let Some(legs) = &part.legs {
            legs.level.parts(variant)
        } else {
            // A database is asked for these two alone.
            let table = part.table(&shape::SERVICE_LEVEL)?;
            let names = figures::columns(table);
            let row = figures::rows(&names, &table.rows).next()?;
            (row.count("answered_in_time"), row.count("offered") + row.count("short_abandons"))
        };
        let percent = calllegs_stats::Decimal::quotient(100 * dividend, divisor, 1);
        Some(Rows {
            columns: vec!["variant", "answered_in_time", "calls", "service_level_pct"],
            rows: vec![vec![
                variant.as_str().to_owned().into(),
                dividend.into(),
                divisor.into(),
                percent.into(),
            ]],
        })
    }

    /// What it is of and what it was computed with.
    fn head(&self) -> Vec<String> {
        let language = self.args.numbers.lang.language();
        let title = Metric::find(self.key).map_or("", |metric| metric.title(language));
        let (from, till) = self.period();
        let is_whole = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
        let (first, last) = self.answer.days;
        let mut period = if is_whole(from) && is_whole(till) {
            if first == last { first.to_string() } else { format!("{first} … {last}") }
        } else {
            format!("{from} … {till}")
        };
        if let Some(zone) = self.zone() {
            period.push_str(" · ");
            period.push_str(zone);
        }
        let mut lines = vec![format!("{title} · {} ({})", self.key, self.definition()), period];
        let parameters = self.parameters(language);
        if !parameters.is_empty() {
            lines.push(parameters.join(" · "));
        }
        lines
    }

    fn parameters(&self, language: Language) -> Vec<String> {
        let parameters = &self.numbers.parameters;
        let time = |seconds: i64| match seconds {
            3600.. if seconds % 3600 == 0 => {
                format!("{} {}", language.integer(seconds / 3600), say(language, "h", "ч"))
            }
            _ => language.duration(seconds),
        };
        let within = || {
            format!("{} {}", say(language, "in time: within", "вовремя: за"), time(parameters.answer_within))
        };
        let goal = || format!("{} {} %", say(language, "goal", "цель"), parameters.goal_percent);
        let short = || {
            let words = say(language, "short abandon: under", "короткая потеря: до");
            format!("{words} {}", time(parameters.short_abandon))
        };
        let back = || {
            let words = say(language, "ring back within", "перезвонить за");
            format!("{words} {}", time(parameters.callback_window))
        };
        match self.args.metric {
            MetricName::ServiceLevel => vec![within(), goal(), short()],
            MetricName::Offered => vec![within(), short()],
            MetricName::Missed if self.args.list => vec![short(), back()],
            MetricName::Callbacks => vec![short(), back()],
            MetricName::Missed | MetricName::Heatmap | MetricName::Scenarios => vec![short()],
            MetricName::Repeat => {
                let words = say(language, "repeat: within", "повторный: за");
                vec![format!("{words} {}", time(parameters.repeat_window))]
            }
            MetricName::Waits
            | MetricName::Talk
            | MetricName::Reasons
            | MetricName::People
            | MetricName::Groups
            | MetricName::Load
            | MetricName::Occupancy
            | MetricName::Transfers
            | MetricName::FirstResponse
            | MetricName::Ratings => Vec::new(),
        }
    }

    fn text(&self, language: Language, width: Option<usize>) -> String {
        let mut text = String::new();
        for line in self.head() {
            text.push_str(&table::folded(&line, width.unwrap_or(usize::MAX)).join("\n"));
            text.push('\n');
        }
        for part in &self.answer.parts {
            text.push('\n');
            if let Some(account) = &part.account {
                text.push_str(account);
                text.push('\n');
            }
            if let Some(calls) = self.calls(part) {
                text.push_str(&calls::text(
                    &calls,
                    self.args.metric == MetricName::Callbacks,
                    language,
                    width,
                ));
                continue;
            }
            let bodies: Vec<_> =
                self.results.iter().filter_map(|shape| self.body(part, shape, language, width)).collect();
            text.push_str(&bodies.join("\n"));
        }
        text
    }

    /// A result, drawn where there is a width to draw on.
    fn body(
        &self,
        part: &Part,
        shape: &'static Shape,
        language: Language,
        width: Option<usize>,
    ) -> Option<String> {
        let table = part.table(shape)?;
        let paper = width.map(|width| Paper { width, ascii: self.args.ascii, language });
        let parameters = &self.numbers.parameters;
        match (self.args.metric, paper) {
            (MetricName::Heatmap, Some(paper)) => return Some(charts::heatmap(table, paper)),
            (MetricName::Reasons, Some(paper)) => return Some(charts::reasons(table, paper)),
            // Of a variant only the whole is known.
            (MetricName::ServiceLevel, _)
                if *shape == shape::BY_DAY && self.args.sl_variant != ServiceLevelVariant::Standard =>
            {
                return None;
            }
            (MetricName::ServiceLevel, Some(paper)) if *shape == shape::BY_DAY => {
                let goal = (parameters.goal_percent, parameters.answer_within);
                return charts::service_level(table, self.answer.days, goal, paper);
            }
            _ => {}
        }
        if let Some(rows) = self.variant(part).filter(|_| *shape == shape::SERVICE_LEVEL) {
            let figures = figures::rows(&rows.columns, &rows.rows).next().map(|row| {
                let [in_time, calls] =
                    ["answered_in_time", "calls"].map(|name| language.integer(row.count(name)));
                let level =
                    figures::percent(row.decimal("service_level_pct")?, Some(row.count("calls")), language);
                Some(vec![
                    vec![say(language, "answered in time", "отвечены вовремя").to_owned(), in_time],
                    vec![say(language, "calls", "звонки").to_owned(), calls],
                    vec![say(language, "service level", "уровень обслуживания").to_owned(), level],
                ])
            });
            let said = words::variant(self.args.sl_variant, language);
            let name = self.args.sl_variant.as_str();
            let figures = figures::figures(&figures.flatten().unwrap_or_default(), width);
            return Some(format!("{name}: {said}\n{figures}"));
        }
        if table.rows.is_empty() {
            let paper = Paper { width: 0, ascii: false, language };
            return Some(charts::nothing(paper));
        }
        // Figures that stand in another result.
        if let Some(other) = beside(self.args.metric).and_then(|shape| part.table(shape)) {
            return Some(figures::joined(table, other, language, width));
        }
        Some(figures::result(table, language, width))
    }
}

/// As a terminal has it: without spaces that only print knows, or without all signs beyond ASCII but letters.
pub(crate) fn plain(text: &str, ascii: bool) -> String {
    let sign = |char| match char {
        '\u{202f}' => ' ',
        '·' | '–' | '−' | '\u{2011}' if ascii => '-',
        '…' if ascii => '~',
        '•' if ascii => '*',
        other => other,
    };
    text.chars().map(sign).collect()
}
