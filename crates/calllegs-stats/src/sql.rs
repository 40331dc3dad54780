//! The same sessions and metrics as SQL, for those who have the legs in a database: one text for six engines.
//!
//! Two views stand for all that the statements share: `v_leg`, and `v_session`, which is kept as a table because every
//! metric reads it. Quotients are rounded from integer sums, so that each engine prints what the code does. The texts are
//! `views.sql` and `metrics.sql` with the few words in which engines differ ([`Dialect`]) put in.
//!
//! ```
//! use calllegs_stats::{Parameters, Shape, sql::{self, Dialect, Source}};
//!
//! let parameters = Parameters::default();
//! let views = sql::views(Dialect::DuckDb, &Source::default(), &parameters);
//! assert!(views.contains("CREATE OR REPLACE TABLE v_session AS"));
//! let talk = sql::metric(Shape::find("talk").unwrap(), Dialect::DuckDb, &parameters);
//! assert!(talk.contains("AS att_s"));
//! ```
//!
//! Not here: what the metrics mean in words.

#[cfg(feature = "store")]
mod answers;
#[cfg(feature = "store")]
mod ddl;
mod dialect;
mod template;

use std::fmt::Write as _;

use chrono::{NaiveDateTime, TimeDelta};

pub use self::dialect::Dialect;
use self::template::{expand, section};
#[cfg(feature = "store")]
pub use self::{answers::Database, ddl::ddl};
use crate::{parameters::Parameters, shape::Shape};

const VIEWS: &str = include_str!("sql/views.sql");
const METRICS: &str = include_str!("sql/metrics.sql");

/// The views, in the order in which they are made.
pub const VIEW_NAMES: [&str; 2] = ["v_leg", "v_session"];

/// Which legs the views are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    table: Option<String>,
    account: Option<String>,
}

impl Source {
    /// The legs of this table, as the engine writes its name; `call_legs` unless told otherwise.
    #[must_use]
    pub fn table(mut self, name: impl Into<String>) -> Self {
        self.table = Some(name.into());
        self
    }

    /// Those of one account, as in `uis:1103`.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = Some(account.into());
        self
    }

    fn legs(&self, dialect: Dialect) -> &str {
        self.table.as_deref().unwrap_or_else(|| dialect.legs())
    }
}

/// How long views live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// Until they are made anew.
    Kept,
    /// Until the end of the transaction.
    #[cfg(feature = "store")]
    Transaction,
}

/// The statements that make the views, each with what it replaces.
pub fn views(dialect: Dialect, source: &Source, parameters: &Parameters) -> String {
    VIEW_NAMES
        .iter()
        .filter_map(|name| view(name, dialect, source, parameters))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The statements that make one view; `None` where there is none of that name.
pub fn view(name: &str, dialect: Dialect, source: &Source, parameters: &Parameters) -> Option<String> {
    let mut sql = String::new();
    for statement in create(name, dialect, Life::Kept, source, parameters)? {
        // Writing to a string does not fail.
        let _infallible = writeln!(sql, "{statement};");
    }
    Some(sql)
}

/// The statement of a result, without a semicolon. It reads the views.
pub fn metric(shape: &Shape, dialect: Dialect, parameters: &Parameters) -> String {
    let text = section(METRICS, shape.name).unwrap_or_default();
    let value = |name: &str| match name {
        "answer_within" => Some(parameters.answer_within.to_string()),
        "callback_window" => Some(parameters.callback_window.to_string()),
        "repeat_window" => Some(parameters.repeat_window.to_string()),
        "calendar" => Some(calendar(parameters.period, dialect)),
        "horizon" => Some(horizon(parameters.period, dialect)),
        _ => None,
    };
    expand(text, dialect, &value) + dialect.settings()
}

/// What makes a view, statement by statement.
fn create(
    name: &str,
    dialect: Dialect,
    life: Life,
    source: &Source,
    parameters: &Parameters,
) -> Option<Vec<String>> {
    let body = select(name, dialect, source, parameters)?;
    let is_table = name == "v_session";
    let (comments, body) = split_comments(&body);
    let mut statements = dialect.before(is_table, life);
    let create = dialect.create(is_table, life);
    statements.push(format!("{comments}{create} {name}{} AS\n{body}", dialect.engine(is_table)));
    // Of a table of its own transaction the server knows nothing yet, and would join it as if it were small.
    statements.extend((dialect == Dialect::Postgres && is_table).then(|| format!("ANALYZE {name}")));
    Some(statements)
}

/// What a view selects.
fn select(name: &str, dialect: Dialect, source: &Source, parameters: &Parameters) -> Option<String> {
    let value = |name: &str| match name {
        "legs" => Some(source.legs(dialect).to_owned()),
        "filter" => Some(filter(source, parameters.period, dialect)),
        "leg_within" => {
            Some(within("l.start_time", parameters.period, dialect).unwrap_or_else(|| "true".to_owned()))
        }
        "call_within" => {
            let within = within("session_start", parameters.period, dialect);
            Some(within.map(|within| format!("\nWHERE {within}")).unwrap_or_default())
        }
        "short_abandon" => Some(parameters.short_abandon.to_string()),
        _ => None,
    };
    Some(expand(section(VIEWS, name)?, dialect, &value) + dialect.settings())
}

/// The lines of comments that a text begins with, and the rest.
fn split_comments(text: &str) -> (&str, &str) {
    let comments = text.split_inclusive('\n').take_while(|line| line.starts_with("--")).map(str::len).sum();
    text.split_at_checked(comments).unwrap_or(("", text))
}

/// Legs of one account, and of calls of which a leg starts in the period: their other legs may lie beside it.
fn filter(source: &Source, period: Option<(NaiveDateTime, NaiveDateTime)>, dialect: Dialect) -> String {
    let legs = source.legs(dialect);
    let account = source.account.as_ref().map(|account| format!("l.account = {}", dialect.text(account)));
    let calls = within("start_time", period, dialect)
        .map(|within| format!("l.call_session_id IN (SELECT call_session_id FROM {legs} WHERE {within})"));
    let conditions: Vec<_> = account.into_iter().chain(calls).collect();
    if conditions.is_empty() { String::new() } else { format!("\nWHERE {}", conditions.join("\n  AND ")) }
}

fn within(column: &str, period: Option<(NaiveDateTime, NaiveDateTime)>, dialect: Dialect) -> Option<String> {
    let (from, till) = period?;
    let [from, till] = [from, till].map(|at| dialect.moment(at));
    Some(format!("{column} >= {from} AND {column} < {till}"))
}

/// Until when calls are known: the end of the period, or the start of its last call.
fn horizon(period: Option<(NaiveDateTime, NaiveDateTime)>, dialect: Dialect) -> String {
    match period {
        Some((_, till)) => format!("max({})", till.and_utc().timestamp()),
        None => expand("max($EPOCH(session_start))", dialect, &|_| None),
    }
}

/// The first and the last day: those of the period, or of the sessions.
fn calendar(period: Option<(NaiveDateTime, NaiveDateTime)>, dialect: Dialect) -> String {
    let day = |at: NaiveDateTime| at.and_utc().timestamp().div_euclid(86_400);
    if let Some((from, till)) = period {
        let last = till.checked_sub_signed(TimeDelta::seconds(1)).unwrap_or(till);
        return format!("SELECT {} AS first_day, {} AS last_day", day(from), day(last));
    }
    let text = "SELECT $FLOOR($EPOCH(min(session_start)), 86400) AS first_day, \
                $FLOOR($EPOCH(max(session_start)), 86400) AS last_day FROM v_session";
    expand(text, dialect, &|_| None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_result_has_a_statement_with_its_columns_for_every_engine() {
        let parameters = Parameters::default();
        let names: Vec<_> = METRICS.lines().filter_map(|line| line.strip_prefix("-- name: ")).collect();
        assert_eq!(names, Shape::ALL.map(|shape| shape.name));
        for dialect in Dialect::ALL {
            for shape in Shape::ALL {
                let sql = metric(shape, dialect, &parameters);
                assert!(!sql.contains('$'), "{dialect}: {sql}");
                assert!(sql.starts_with(&format!("-- {}.", shape.definition)), "{dialect}: {sql}");
                for column in shape.columns {
                    assert!(sql.contains(column.name), "{dialect} {}: {}", shape.name, column.name);
                }
            }
            let views = views(dialect, &Source::default(), &parameters);
            assert!(!views.contains('$'), "{dialect}: {views}");
        }
    }

    #[test]
    fn what_is_chosen_stands_in_the_text() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let parameters = Parameters {
            answer_within: 31,
            short_abandon: 7,
            callback_window: 7201,
            repeat_window: 3601,
            period: Some((at("2026-02-01T00:00:00"), at("2026-03-01T00:00:00"))),
            ..Parameters::default()
        };
        let of = |name| metric(Shape::find(name).unwrap(), Dialect::Postgres, &parameters);
        assert!(of("service_level").contains("queue_wait_s <= 31"));
        assert!(of("not_called_back").contains("m.t_missed + 7201"));
        assert!(of("repeat_callers").contains("prev_t <= 3601"));
        assert!(of("heatmap").contains("SELECT 20485 AS first_day, 20512 AS last_day"));
        let source = Source::default().table("\"a\".\"legs\"").account("uis:1'; --");
        let views = views(Dialect::Postgres, &source, &parameters);
        let filter = "FROM \"a\".\"legs\" l\nWHERE l.account = 'uis:1''; --'\n  AND l.call_session_id IN (";
        assert!(views.contains(filter), "{views}");
        assert!(
            views.contains("\nWHERE session_start >= TIMESTAMP '2026-02-01 00:00:00' AND session_start < ")
        );
        assert!(views.contains("coalesce(abandon_s, 0) < 7"));
    }
}
