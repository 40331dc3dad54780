//! Flags of the commands that keep legs in a place with a ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{CustomerArgs, PeriodArgs, RedactFlags, With, config::CONFIG_SAMPLE};

#[derive(Args, Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
#[command(before_help = SYNC_EXAMPLES, after_long_help = format!("{SYNC_MANUAL}\n\n{CONFIG_SAMPLE}"))]
pub(crate) struct SyncArgs {
    /// Where to: calls.db for SQLite, postgres://user@host/db, lake/ for Parquet; several times for several places from one
    /// reading; those of the profile unless given
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Vec<String>,
    /// Reports, a table for each: calls_report,employees,call_legs_report; legs alone unless given
    #[arg(long, value_name = "A,B", value_delimiter = ',', hide_short_help = true)]
    pub(crate) report: Vec<String>,
    /// First day of the first load
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, conflicts_with_all = ["from", "till", "on", "last", "month"])]
    pub(crate) since: Option<String>,
    /// Each run reads windows younger than this again, 3d unless given: ratings and recordings come late
    #[arg(long, value_name = "SPAN", hide_short_help = true)]
    pub(crate) lookback: Option<String>,
    /// A window younger than this stays open: legs of calls that go on come late; 2h unless given
    #[arg(long, value_name = "SPAN", hide_short_help = true)]
    pub(crate) settle: Option<String>,
    /// Ages at which a window is read once more; 1d,7d,30d unless given
    #[arg(long, value_name = "A,B|none", hide_short_help = true)]
    pub(crate) refresh: Option<String>,
    /// Read these days anew, whatever the ledger says: 2026-10-02, 2026-10, 2026-10-02..2026-10-05
    #[arg(long, value_name = "DATES", conflicts_with_all = ["since", "from", "till", "on", "last", "month"])]
    pub(crate) full_refresh: Option<String>,
    /// Remove legs that the server does not have any more
    #[arg(long, requires = "full_refresh")]
    pub(crate) exact: bool,
    /// Say what would be read and what that costs, and read nothing; costs a point for each three months
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Whether tables and columns are made: auto, never
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub(crate) create_table: CreateTable,
    /// PostgreSQL: another name for the table, also with its schema: calls.legs; the same as ?table=calls.legs in the address
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) table: Option<String>,
    /// PostgreSQL: a table that is made has a partition for each month; the same as ?partition=month in the address
    #[arg(long, value_enum, value_name = "month", hide_short_help = true, hide_possible_values = true)]
    pub(crate) pg_partition: Option<PgPartition>,
    /// Print the result as JSON
    #[arg(long, hide_short_help = true)]
    pub(crate) json: bool,
    /// Write the result as JSON to this file, whatever it is
    #[arg(long, value_name = "FILE", hide_short_help = true, value_parser = super::report_file())]
    pub(crate) summary_file: Option<PathBuf>,
    /// Write figures for Prometheus to this file, as node_exporter reads them, whatever the result is
    #[arg(long, value_name = "FILE", hide_short_help = true, value_parser = super::report_file())]
    pub(crate) metrics_file: Option<PathBuf>,
    /// Exit with code 11 if legs are not as documented: new members or reasons, columns that are missing
    #[arg(long, hide_short_help = true)]
    pub(crate) strict: bool,
    /// Exit with code 12 if no legs were read
    #[arg(long, hide_short_help = true)]
    pub(crate) fail_if_empty: bool,
    #[command(flatten)]
    pub(crate) period: LoadArgs,
    #[command(flatten)]
    pub(crate) customers: CustomerArgs,
    #[command(flatten)]
    pub(crate) redact: RedactFlags,
}

/// What a profile says of `sync`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SyncSettings {
    pub(crate) to: Vec<String>,
    pub(crate) since: Option<String>,
    pub(crate) lookback: Option<String>,
    pub(crate) settle: Option<String>,
    pub(crate) refresh: Option<String>,
    pub(crate) redact: Vec<String>,
}

impl SyncArgs {
    /// The flags, and where one is missing what the profile says.
    pub(crate) fn or(&self, profile: &SyncSettings) -> Self {
        let asks_for_days = self.full_refresh.is_some() || self.period.period().is_some();
        let or = |flag: &Option<String>, profile: &Option<String>| flag.clone().or_else(|| profile.clone());
        Self {
            to: if self.to.is_empty() { profile.to.clone() } else { self.to.clone() },
            since: if asks_for_days { self.since.clone() } else { or(&self.since, &profile.since) },
            lookback: or(&self.lookback, &profile.lookback),
            settle: or(&self.settle, &profile.settle),
            refresh: or(&self.refresh, &profile.refresh),
            redact: RedactFlags { profile: profile.redact.clone(), ..self.redact.clone() },
            ..self.clone()
        }
    }
}

/// The period of a load; `--to` is a place here, so no other word for `--till`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Only a period of it, one of these ways")]
pub(crate) struct LoadArgs {
    /// First day or moment
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    from: Option<String>,
    /// Last day, or the first moment after the period; now unless given
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    till: Option<String>,
    /// One day, week, month or quarter: 2026-10-05, yesterday, last-week, 2026-Q3
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, conflicts_with_all = ["from", "till"])]
    on: Option<String>,
    /// The time up to now: 24h, 7d, 2w
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, conflicts_with_all = ["from", "till", "on"])]
    last: Option<String>,
    /// One month: 2026-09, last-month
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "till", "on", "last"])]
    month: Option<String>,
}

impl LoadArgs {
    /// The period, where one was asked for.
    pub(crate) fn period(&self) -> Option<PeriodArgs> {
        let Self { from, till, on, last, month } = self.clone();
        let period = PeriodArgs { from, till, on, last, month };
        period.is_asked().then_some(period)
    }
}

/// Whether tables are made and changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CreateTable {
    #[default]
    Auto,
    Never,
}

/// What a partition of a table has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PgPartition {
    Month,
}

const SYNC_EXAMPLES: &str = "\
Examples:
  calllegs sync --to calls.db --since 2026-01-01     the first load, and from then on
  calllegs sync --to calls.db                        what is new, and what changed
  0 5 * * * calllegs --brand uis -q sync --to calls.db     in cron";

const SYNC_MANUAL: &str = "\
A place holds the table call_legs and a ledger of windows, _calllegs_windows. Both change in one transaction: the table has \
what the ledger says, whatever was stopped or killed. A window is final when its legs are those that the server counts and \
it is older than --settle; anything else is read again by the next run, and so are windows younger than --lookback and those \
that reach an age of --refresh. A leg is written when it is new or any of its fields differs; nothing else is touched.

The same command goes on with a first load that was stopped. A second run at the same time ends with exit code 13.

The address of PostgreSQL says which table: postgres://user@host/db?schema=calls&table=legs. `state` and `verify` take the \
same address; without table= it is call_legs. --create-table never is for shops where an administrator makes tables.
For partners: --all-customers, --customer and several --user-id sync many accounts with one key. As many are read at once \
as --concurrency allows pages, each with one page on its way; when fewer are left, these share the pages. After 50 pages an \
account gives way to those that wait, so a large one does not keep small ones back. --max-points bounds them all together. \
A closed door stops none of the others: it is named at the end, with what to do, and the exit code is 9. Several machines \
may run the same command on one PostgreSQL: they share the accounts, each of which is read once by runs that begin within \
two minutes; what a killed run had goes to another, on its machine at once and elsewhere after 15 minutes. A run that finds \
every account in the hands of others ends with exit code 13.

--summary-file and --metrics-file are written however the run ends; they name files, and `-` is none. Figures are those of \
the account, {account=\"uis:1103\"}, and without a label for the customers of a partner. A run that ends before its account \
is known has figures without a label, and its exit code and time also have the label of the file before: an alert such as \
calllegs_sync_exit_code{account=\"uis:1103\"} != 0 finds it.

A field that no page documents becomes a column of text, which is told once; with --create-table never it is in the column \
extra.";

#[derive(Args, Debug)]
#[command(before_help = "Examples:\n  calllegs accounts\n  calllegs accounts --json")]
#[command(after_long_help = ACCOUNTS_MANUAL)]
pub(crate) struct AccountsArgs {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const ACCOUNTS_MANUAL: &str = "\
For the key of a partner. It costs a point for each 10,000 users. The names are kept in CALLLEGS_CACHE_DIR, readable by their \
owner alone, so that a shell completes --customer (calllegs completions).";

#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// Show up to when each account is complete
    #[command(
        before_help = "Examples:\n  calllegs state show --data calls.db\n  calllegs state show --data postgres://me@host/db --json"
    )]
    Show(PlaceArgs),
    /// Show each window
    #[command(before_help = "Examples:\n  calllegs state windows --data calls.db --account uis:1103")]
    Windows(PlaceArgs),
    /// Show what the ledger has of each run; a window that was read again is the later run's
    #[command(before_help = "Examples:\n  calllegs state runs --data calls.db")]
    Runs(PlaceArgs),
    /// Show how late legs and fields came, and what --lookback follows
    #[command(before_help = "Examples:\n  calllegs state lateness --data calls.db")]
    Lateness(PlaceArgs),
    /// Forget windows, so that they are read again; rows stay
    #[command(before_help = "Examples:\n  calllegs state reset --data calls.db --from 2026-03-01")]
    Reset(ResetArgs),
    /// Print the ledger as JSON Lines
    #[command(before_help = "Examples:\n  calllegs state export --data calls.db > ledger.jsonl")]
    Export(PlaceArgs),
    /// Take a ledger from standard input
    #[command(before_help = "Examples:\n  calllegs state import --data calls.db < ledger.jsonl")]
    Import(PlaceArgs),
}

pub(super) const STATE_EXAMPLES: &str = "\
Examples:
  calllegs state show --data calls.db
  calllegs state windows --data calls.db --account uis:1103
  calllegs state reset --data calls.db --from 2026-03-01";

#[derive(Args, Debug)]
pub(crate) struct PlaceArgs {
    /// The place, as `sync --to` names it: calls.db
    #[arg(long, value_name = "PLACE")]
    pub(crate) data: String,
    /// One account, as brand:id; all unless given
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(
    before_help = "Examples:\n  calllegs compact --data lake/\n  calllegs compact --data lake/ --before 2026-03-01",
    after_long_help = "A date whose windows were read one by one has a file for each; readers like few. It asks \
nothing of the API, and can be stopped at any moment. Of a date that is read again later, a change in one window rewrites \
the whole file."
)]
pub(crate) struct CompactArgs {
    /// The place, as `sync --to` names it: lake/
    #[arg(long, value_name = "LAKE")]
    pub(crate) data: String,
    /// One account, as brand:id; all unless given
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) account: Option<String>,
    /// Dates before this one; unless given, those older than the usual look-back
    #[arg(long, value_name = "DATE", default_value = "-3d", allow_hyphen_values = true)]
    pub(crate) before: String,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ResetArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Windows that end after the beginning of this day
    #[arg(long, value_name = "DATE", required = true)]
    pub(crate) from: Option<String>,
}

#[derive(Args, Debug)]
#[command(
    before_help = "Examples:\n  calllegs verify --data calls.db --month last-month\n  calllegs verify --data lake/",
    after_long_help = "Each window of the ledger is read from the API and compared: the number of legs, and the hash \
of their fields. Exit code 11 where something differs, with the ids of legs that are missing, too many or otherwise. It \
costs what reading costs, and writes nothing, but with --rebuild the ledger.

With --against sessions the calls that begin in the period are put together from the legs of the place, any file of \
`get` too, and held against get.calls_report, call by call: direction; lost, of inbound calls; wait_duration, of \
answered inbound ones; talk_duration, of all but those within the house; what differs by one second is told apart. \
The share that agrees is an answer, and the exit code is 0 whatever it is; 11 says that one side has calls which the \
other lacks. Calls that are not over at the end of the period are left out, and so are those that began before it, \
and those of the last two hours, which may go on. Only the report costs points, at least one."
)]
pub(crate) struct VerifyArgs {
    /// The place: calls.db
    #[arg(long, value_name = "PLACE")]
    pub(crate) data: String,
    /// Hold calls, put together from legs, against the API's own report: sessions
    #[arg(long, value_name = "sessions", value_parser = super::word(With::as_str, [With::Sessions]),
        conflicts_with = "rebuild")]
    pub(crate) against: Option<With>,
    /// Make the ledger anew from the table and the API
    #[arg(long)]
    pub(crate) rebuild: bool,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) redact: RedactFlags,
}
