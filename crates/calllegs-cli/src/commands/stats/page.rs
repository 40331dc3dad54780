//! What `stats` shows of its results: what they are of and were computed with, then figures, tables and charts, or JSON.
//! Not here: how these look (`figures`, `charts`, `machine`).

use calllegs_stats::{By, Language, Metric, ServiceLevelVariant, Shape, reason_in_words, shape};
use chrono::{NaiveDateTime, NaiveTime};
use serde::Serialize;

use super::{
    answer::{Answer, Part},
    beside, calls,
    charts::{self, Paper},
    figures,
    machine::{Named, Rows},
    split,
    words::{self, say},
};
use crate::{
    cli::{MetricName, StatsArgs},
    commands::numbers::Numbers,
    lang,
    ui::{table, text::clean},
};

/// What is shown.
pub(super) struct Page<'a> {
    pub(super) args: &'a StatsArgs,
    pub(super) key: &'a str,
    pub(super) numbers: &'a Numbers,
    pub(super) answer: &'a Answer,
    pub(super) results: &'a [&'static Shape],
}

#[derive(Serialize)]
pub(super) struct Json<'a> {
    metric: &'a str,
    definition: &'static str,
    from: String,
    till: String,
    zone: Option<&'a str>,
    /// Days that the place lacks; nothing where it keeps no ledger of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_days: Option<Vec<String>>,
    /// Until when the place has calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
    parameters: serde_json::Value,
    /// What the rows are split by: their first columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
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
        let (first, last) = self.answer.header.days;
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
    pub(super) fn calls(&self) -> Option<Rows> {
        let is_to_ring = self.args.metric == MetricName::Callbacks;
        split::joined(self.args.by, &self.answer.parts, &|part| {
            let legs = part.legs.as_ref().filter(|_| self.args.list)?;
            Some(calls::rows(&legs.missed, is_to_ring, self.args.show_phones))
        })
    }

    /// A result of all parts.
    pub(super) fn rows(&self, shape: &'static Shape) -> Option<Rows> {
        let rows =
            split::joined(self.args.by, &self.answer.parts, &|part| part.table(shape).map(Rows::from))?;
        Some(match &self.args.reason {
            Some(reason) => split::of_reason(rows, reason),
            None => rows,
        })
    }

    pub(super) fn json(&self) -> Json<'_> {
        let (from, till) = self.period();
        let header = &self.answer.header;
        let parameters = &self.numbers.parameters;
        let named = |shape: &&'static Shape| Some((shape.name, self.rows(shape)?));
        Json {
            metric: self.key,
            definition: self.definition(),
            from: from.to_string(),
            till: till.to_string(),
            zone: self.zone(),
            missing_days: header
                .is_recorded
                .then(|| header.missing.iter().map(ToString::to_string).collect()),
            as_of: header.as_of.map(|until| until.to_string()),
            parameters: serde_json::json!({
                "answer_within": parameters.answer_within,
                "goal_percent": parameters.goal_percent,
                "short_abandon": parameters.short_abandon,
                "callback_window": parameters.callback_window,
                "repeat_window": parameters.repeat_window,
                "sl_variant": self.args.sl_variant.as_str(),
            }),
            by: self.args.by.map(By::as_str),
            reason: self.args.reason.as_deref(),
            variant: self.variants(),
            calls: self.calls(),
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

    /// Which days of the period the place lacks.
    pub(super) fn lacking(&self) -> Option<String> {
        self.answer.header.incomplete(lang::spoken()).map(|lacking| format!("! {lacking}"))
    }

    /// What it is of and what it was computed with.
    pub(super) fn head(&self) -> Vec<String> {
        let language = lang::spoken();
        let title = Metric::find(self.key).map_or("", |metric| metric.title(language));
        let (from, till) = self.period();
        let is_whole = |at: NaiveDateTime| at.time() == NaiveTime::MIN;
        let (first, last) = self.answer.header.days;
        let mut period = if is_whole(from) && is_whole(till) {
            if first == last { first.to_string() } else { format!("{first} … {last}") }
        } else {
            format!("{from} … {till}")
        };
        if let Some(zone) = self.zone() {
            period.push_str(" · ");
            period.push_str(zone);
        }
        let by = self.args.by.map(|by| format!(" · --by {}", by.as_str())).unwrap_or_default();
        let mut lines = vec![format!("{title} · {} ({}){by}", self.key, self.definition()), period];
        lines.extend(self.args.reason.as_deref().map(|reason| {
            let said = reason_in_words(reason, language);
            if said == reason { clean(reason).into_owned() } else { format!("{reason}: {said}") }
        }));
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

    pub(super) fn text(&self, language: Language, width: Option<usize>) -> String {
        let mut text = String::new();
        for line in self.head().into_iter().chain(self.lacking()) {
            text.push_str(&table::folded(&line, width.unwrap_or(usize::MAX)).join("\n"));
            text.push('\n');
        }
        text.push('\n');
        if self.args.list {
            let is_to_ring = self.args.metric == MetricName::Callbacks;
            text.push_str(&calls::text(&self.calls().unwrap_or_default(), is_to_ring, language, width));
            return text;
        }
        let bodies: Vec<_> = if let Some(by) = self.args.by {
            self.results.iter().map(|shape| self.parts(by, shape, language, width)).collect()
        } else {
            let part = self.answer.parts.first();
            let body = |part, shape| self.body(part, shape, language, width);
            self.results.iter().filter_map(|shape| body(part?, shape)).collect()
        };
        text.push_str(&bodies.join("\n"));
        text
    }

    /// A result in parts: a table, or a chart of each where hours stand side by side.
    fn parts(&self, by: By, shape: &'static Shape, language: Language, width: Option<usize>) -> String {
        let paper = width.map(|width| Paper { width, ascii: self.args.ascii, language });
        if let (MetricName::Heatmap, Some(paper)) = (self.args.metric, paper) {
            let chart = |part: &Part| {
                let table = part.table(shape).filter(|table| !table.rows.is_empty())?;
                let name = part.name.last().map(|name| figures::name(name, language)).unwrap_or_default();
                Some(format!(
                    "{}\n{}",
                    table::fitted(&name, paper.width).trim_end(),
                    charts::heatmap(table, paper)
                ))
            };
            let charts: Vec<_> = self.answer.parts.iter().filter_map(chart).collect();
            return if charts.is_empty() { charts::nothing(paper) } else { charts.join("\n") };
        }
        let joined =
            |part: &Part| Some(figures::beside(part.table(shape)?, part.table(beside(self.args.metric)?)?));
        let rows = match self.variants().filter(|_| *shape == shape::SERVICE_LEVEL) {
            Some(rows) => Some(rows),
            None if beside(self.args.metric).is_some() => {
                split::joined(Some(by), &self.answer.parts, &joined)
            }
            None => self.rows(shape),
        };
        let rows = rows.unwrap_or_default();
        if rows.rows.is_empty() {
            return charts::nothing(Paper { width: 0, ascii: false, language });
        }
        match (&self.args.reason, paper) {
            (Some(_), Some(paper)) => {
                charts::reasons(&rows, by.columns().last().map_or("", |column| column.name), paper)
            }
            _ => split::text(&rows, by, language, width),
        }
    }

    /// A variant of the service level in all parts, where one is asked for.
    fn variants(&self) -> Option<Rows> {
        split::joined(self.args.by, &self.answer.parts, &|part| self.variant(part))
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
            (MetricName::Reasons, Some(paper)) => {
                let rows = self.rows(shape)?;
                return Some(charts::reasons(&rows, "finish_reason", paper));
            }
            (MetricName::Reasons, None) => {
                let rows = self.rows(shape)?;
                let nothing = || charts::nothing(Paper { width: 0, ascii: false, language });
                let is_empty = rows.rows.is_empty();
                return Some(if is_empty { nothing() } else { figures::table(&rows, language, width) });
            }
            // Of a variant only the whole is known.
            (MetricName::ServiceLevel, _)
                if *shape == shape::BY_DAY && self.args.sl_variant != ServiceLevelVariant::Standard =>
            {
                return None;
            }
            (MetricName::ServiceLevel, Some(paper)) if *shape == shape::BY_DAY => {
                let goal = (parameters.goal_percent, parameters.answer_within);
                return charts::service_level(table, self.answer.header.days, goal, paper);
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
            return Some(figures::joined(&figures::beside(table, other), language, width));
        }
        Some(figures::result(table, language, width))
    }
}
