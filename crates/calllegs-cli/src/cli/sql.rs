//! The flags of `sql`. Not here: what they mean.

use std::time::Duration;

use calllegs_stats::{Shape, sql::Dialect};
use chrono::NaiveDate;
use clap::{Args, Subcommand, builder::PossibleValuesParser};

use super::{age, day, whole, word};

#[derive(Debug, Subcommand)]
pub(crate) enum SqlCommand {
    /// Print what makes the views v_leg and v_session over the table of legs
    Views(ViewsArgs),
    /// Print the statements of the results, which read the views
    Metrics(MetricsArgs),
    /// Print what makes the table of legs
    Ddl(DdlArgs),
}

pub(crate) const SQL_EXAMPLES: &str = "\
Examples:
  calllegs sql views --dialect sqlite | sqlite3 calls.db
  calllegs sql metrics --dialect sqlite --only heatmap | sqlite3 -box calls.db
  calllegs sql ddl --dialect clickhouse | clickhouse-client";

#[derive(Args, Debug)]
#[command(before_help = VIEWS_EXAMPLES, after_long_help = VIEWS_MANUAL)]
pub(crate) struct ViewsArgs {
    #[command(flatten)]
    pub(crate) dialect: DialectArgs,
    /// One of them: v_leg, v_session
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(calllegs_stats::sql::VIEW_NAMES),
        hide_possible_values = true)]
    pub(crate) only: Option<String>,
    /// The table of legs, as the engine writes its name (default: call_legs, in ClickHouse call_legs_v)
    #[arg(long, value_name = "TABLE")]
    pub(crate) table: Option<String>,
    /// Only the legs of one account, as brand:id
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Seconds after the first ring before which a caller who hangs up is neither offered nor missed; 0 for none
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = whole(0_u32, 3600))]
    pub(crate) short_abandon: u32,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
}

const VIEWS_EXAMPLES: &str = "\
Examples:
  calllegs sql views --dialect sqlite | sqlite3 calls.db
  calllegs sql views --dialect postgres | psql -1 calls
  calllegs sql views --dialect duckdb --table \"read_parquet('legs/**/*.parquet')\"";

const VIEWS_MANUAL: &str = "\
v_leg is a view. v_session is kept as a table, because every statement reads it: print and run both again after each load. \
In PostgreSQL it is a materialized view, which REFRESH MATERIALIZED VIEW v_session brings up to date.";

#[derive(Args, Debug)]
#[command(before_help = METRICS_EXAMPLES, after_long_help = METRICS_MANUAL)]
pub(crate) struct MetricsArgs {
    #[command(flatten)]
    pub(crate) dialect: DialectArgs,
    /// One result: service_level, abandonment, asa, talk, heatmap, pareto, employees, concurrency, occupancy, transfers,
    /// repeat_callers, not_called_back, first_response, quality, by_day, call_profile, scenarios, groups, staffing_input
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Shape::ALL.map(|shape| shape.name)),
        hide_possible_values = true)]
    pub(crate) only: Option<String>,
    /// Seconds after the first ring within which a call is answered in time
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = whole(0_u32, 3600))]
    pub(crate) answer_within: u32,
    /// Time after a missed call within which a conversation makes good for it: 24h, 15m
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = age)]
    pub(crate) callback_window: Duration,
    /// Time after a call within which another of the same contact is a repeat: 24h, 7d
    #[arg(long, value_name = "SPAN", default_value = "24h", value_parser = age)]
    pub(crate) repeat_window: Duration,
    #[command(flatten)]
    pub(crate) days: DaysArgs,
}

const METRICS_EXAMPLES: &str = "\
Examples:
  calllegs sql metrics --dialect postgres --only service_level --answer-within 30 | psql calls
  calllegs sql metrics --dialect clickhouse > metrics.sql";

const METRICS_MANUAL: &str = "\
Each statement reads v_leg and v_session, which `calllegs sql views` makes. Quotients are rounded from whole sums, a half \
up, so that every engine prints the same. Give --from and --till to both commands, or to none: the heatmap divides by the \
weekdays of these days, or of those from the first to the last call.";

#[derive(Args, Debug)]
#[command(before_help = DDL_EXAMPLES)]
pub(crate) struct DdlArgs {
    #[command(flatten)]
    pub(crate) dialect: DialectArgs,
}

const DDL_EXAMPLES: &str = "\
Examples:
  calllegs sql ddl --dialect postgres | psql -1 calls
  calllegs sql ddl --dialect spark";

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DialectArgs {
    /// Whose SQL: duckdb, postgres, sqlite, clickhouse, datafusion, spark
    #[arg(long, value_name = "DIALECT", value_parser = word(Dialect::as_str, Dialect::ALL))]
    pub(crate) dialect: Dialect,
    /// As JSON: each statement with its name
    #[arg(long, hide_short_help = true)]
    pub(crate) json: bool,
}

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct DaysArgs {
    /// First day
    #[arg(long, value_name = "DATE", value_parser = day, requires = "till")]
    pub(crate) from: Option<NaiveDate>,
    /// Last day
    #[arg(long, value_name = "DATE", value_parser = day, requires = "from")]
    pub(crate) till: Option<NaiveDate>,
}
