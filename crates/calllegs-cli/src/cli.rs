//! The command line: flags, their help, and the variables that stand in for them. Not here: what flags mean.

#![expect(
    clippy::doc_markdown,
    reason = "doc comments of flags are help texts, which are shown without Markdown"
)]

mod config;
mod doctor;
mod get;
mod numbers;
mod redact;
mod sandbox;
pub(crate) mod short_help;
mod sql;
mod stats;
mod sync;
mod with;

use std::{error::Error, fmt, path::PathBuf, str::FromStr, time::Duration};

use calllegs_core::{Brand, limits::Reserve};
use calllegs_store as store;
use chrono::NaiveDate;
use clap::{
    ArgAction, Args, Parser, Subcommand, ValueEnum,
    builder::{PathBufValueParser, TypedValueParser},
};

pub(crate) use self::{
    config::{AuthCommand, CompletionsArgs, ConfigCommand, ManArgs, ManFormat, ProfileCommand},
    doctor::{DoctorArgs, ExplainArgs, InitArgs},
    get::{CONDITIONS, GetArgs},
    numbers::{Compared, LanguageName, NumbersArgs, ReportArgs, ReportForm},
    redact::{RedactArgs, RedactCommand, RedactFlags, RedactKeyCommand},
    sandbox::{
        FaultArg, GenerateArgs, Limit, MadeArgs, SandboxCommand, ServeArgs, SwitchArgs, TruthArgs, TruthOf,
        WorldArgs,
    },
    sql::{DaysArgs, MetricsArgs, SqlCommand, ViewsArgs},
    stats::{MetricName, StaffArgs, StaffBy, StaffCommand, StatsArgs, StatsFormat},
    sync::{
        AccountsArgs, CompactArgs, CreateTable, PgPartition, PlaceArgs, ResetArgs, StateCommand, SyncArgs,
        SyncSettings, VerifyArgs,
    },
    with::With,
};
use crate::{
    failure::Failure,
    key_source::KeySource,
    lang::{Text, say, text},
    ui::{
        log::LogFormat,
        terminal::{Color, Manners, Progress},
    },
};

/// Every call leg of a CoMagic, UIS, Novofon or CallGear account, or an exit code that says why not.
#[derive(Debug, Parser)]
#[command(name = "calllegs", version, before_help = EXAMPLES)]
#[command(arg_required_else_help = true, max_term_width = 110, after_long_help = MANUAL)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: Common,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  calllegs demo                                      no account, no network
  calllegs sandbox serve                             an emulator on this machine
  calllegs --brand sandbox get --on yesterday        look at it
  calllegs --brand uis get --month 2026-09 -o september.csv";

const MANUAL: &str = "\
The key is the first of these that is set:
  --token-stdin
  CALLLEGS_TOKEN
  CALLLEGS_TOKEN_FILE
  CALLLEGS_LOGIN with CALLLEGS_PASSWORD or CALLLEGS_PASSWORD_FILE
  the key of the profile (calllegs auth login)
  COMAGIC_, UIS_, NOVOFON_ or CALLGEAR_ with ACCESS_TOKEN, or LOGIN and PASSWORD

A profile of config.toml (in CALLLEGS_CONFIG, or in calllegs below XDG_CONFIG_HOME or ~/.config) says what flags and variables do not: brand, key (where it is), timezone, reserve, max_points, concurrency, user_id, endpoint, redact, and for sync: to, since, lookback, settle, refresh, redact. calllegs.toml in the folder of work says the same, except for key and endpoint, and before config.toml. The default profile holds where no profile is named, and neither another brand nor an endpoint. Above the profiles stand default_profile and lang.

Also read: CALLLEGS_BRAND, CALLLEGS_ENDPOINT, CALLLEGS_USER_ID, CALLLEGS_TZ, CALLLEGS_PROFILE, CALLLEGS_MAX_POINTS, \
CALLLEGS_RESERVE, CALLLEGS_PROGRESS, CALLLEGS_LANG, CALLLEGS_LOG (error, info, debug), CALLLEGS_LOG_FORMAT, CALLLEGS_REDACT_KEY_FILE, HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE, TZDIR, NO_COLOR, FORCE_COLOR.

The log (--log-format json, --log-file FILE) has one object a line: ts, level, event, run_id, and where they are known \
account, window, rows, changed, holes, points, day_remaining, ms, exit, and of an error code, what, cause and next. The events: \
run.start window.plan page.ok page.retry limit.wait window.commit account.fail dest.error warning run.end, with -vv call.sent and call.reply. Without a file the \
objects are on standard error, and nothing else is.

With --json the result is on standard output, also of a run that ends with an error (sync, and verify, doctor and redact --check \
that found something). The error is one object on standard error (exit, code, what, cause, next, kept, continue; `calllegs \
explain CODE` tells more), and nothing else is there, unless -v or --progress asks for it; warnings are in the log.

Waiting: a busy server may say when to come back (Retry-After, or the reset of a limit). A call waits until then, for 5 \
minutes in all; if the server asks for more, the run ends and says how long. These waits do not count as --retries; with \
--retries 0 nothing is tried again. The next minute of points is always waited for. --timeout bounds each request with its \
reply, not the waits between them.

The time zone of an account is asked for once in ten minutes, and kept in CALLLEGS_CACHE_DIR, or in calllegs below \
XDG_CACHE_HOME or ~/.cache, so that a change is noticed. The rules of time zones are those of this machine (TZDIR, \
/usr/share/zoneinfo) where they are newer than those built in; `calllegs version` says which.

Exit codes:
   0 done           2 usage             3 local configuration    4 key
   5 not allowed    6 points used up    7 network or server      8 refused by the API
   9 incomplete    10 destination      11 a difference         12 no rows
  13 another run  129 terminal closed 130 interrupted        141 reader gone
 143 terminated";

/// What every command takes, before or after its name.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Every command")]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct Common {
    /// The profile of config.toml to use (CALLLEGS_PROFILE)
    #[arg(short, long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Where the profile says that its key is
    #[arg(skip)]
    pub(crate) key: Option<KeySource>,
    /// Whose API: comagic, uis, novofon, callgear, or sandbox for the emulator
    #[arg(long, global = true, value_enum, value_name = "BRAND", hide_possible_values = true)]
    pub(crate) brand: Option<BrandName>,
    /// What the profile takes off legs before they are written
    #[arg(skip)]
    pub(crate) redact: Vec<String>,
    /// Address of the API, version included, in place of the brand's own (CALLLEGS_ENDPOINT)
    #[arg(long, global = true, value_name = "URL", hide_short_help = true)]
    pub(crate) endpoint: Option<String>,
    /// For partners: the id of the client's user to act for; several for several clients, where a command takes them
    /// (CALLLEGS_USER_ID)
    #[arg(long, global = true, value_name = "ID", hide_short_help = true, allow_negative_numbers = true,
        value_delimiter = ',', value_parser = whole(0, u64::MAX))]
    pub(crate) user_id: Vec<u64>,
    /// IANA zone of dates, in place of the account's own (CALLLEGS_TZ)
    #[arg(long, global = true, value_name = "ZONE", hide_short_help = true)]
    pub(crate) tz: Option<String>,
    /// Stop with exit code 6 when this many points are spent (CALLLEGS_MAX_POINTS)
    #[arg(long, global = true, value_name = "N", hide_short_help = true, allow_negative_numbers = true,
        value_parser = whole(0, u32::MAX))]
    pub(crate) max_points: Option<u32>,
    /// Daily points reserved for other users: 300, 25% or 0 (default 10%; CALLLEGS_RESERVE)
    #[arg(long, global = true, value_name = "N|N%", hide_short_help = true, allow_negative_numbers = true)]
    pub(crate) reserve: Option<ReserveArg>,
    /// Pages requested at the same time, 1 to 16 (default 4)
    #[arg(long, global = true, value_name = "N", hide_short_help = true,
        allow_negative_numbers = true, value_parser = whole(1_u8, 16))]
    pub(crate) concurrency: Option<u8>,
    /// Seconds that one request may take with its reply (default 60); waits between attempts do not count
    #[arg(long, global = true, value_name = "SECONDS", hide_short_help = true,
        allow_negative_numbers = true, value_parser = whole(1_u64, 86_400))]
    pub(crate) timeout: Option<u64>,
    /// Attempts after a failed one, where another can help (default 4). Waits that the server asks for (Retry-After, the
    /// reset of a limit) do not count, up to 5 minutes in all; with 0 there are none
    #[arg(long, global = true, value_name = "N", hide_short_help = true,
        allow_negative_numbers = true, value_parser = whole(0_u32, 100))]
    pub(crate) retries: Option<u32>,
    /// Read the key from the first line of standard input
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) token_stdin: bool,
    /// Answer every question with yes
    #[arg(short, long, global = true, hide_short_help = true)]
    pub(crate) yes: bool,
    /// Ask no questions, as if there were no terminal
    #[arg(long, global = true, hide_short_help = true)]
    pub(crate) no_input: bool,
    /// Say nothing, except why a run fails
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Say more: where the key comes from, every page (CALLLEGS_LOG=debug); -vv also what is sent and answered, without keys,
    /// numbers, names and recordings
    #[arg(short, long, global = true, action = ArgAction::Count, hide_short_help = true)]
    pub(crate) verbose: u8,
    /// Language of messages and help: en, ru (CALLLEGS_LANG; by the locale unless given)
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LANGUAGE",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub(crate) lang: Option<LanguageName>,
    /// Colours of messages: auto, always, never
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub(crate) color: Option<Color>,
    /// Progress: auto, plain, json, never (CALLLEGS_PROGRESS)
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "HOW",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub(crate) progress: Option<Progress>,
    /// The log: text, or json with an object a line, also on standard error where there is no --log-file
    /// (CALLLEGS_LOG_FORMAT)
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORMAT",
        hide_short_help = true,
        hide_possible_values = true
    )]
    pub(crate) log_format: Option<LogFormat>,
    /// Add what happens to this file: no names, no numbers, no keys
    #[arg(long, global = true, value_name = "FILE", hide_short_help = true, value_parser = report_file())]
    pub(crate) log_file: Option<PathBuf>,
}

impl Common {
    /// How messages are shown.
    pub(crate) const fn manners(&self) -> Manners {
        let Self { quiet, verbose, color, progress, no_input, yes, .. } = *self;
        Manners { quiet, verbose: verbose > 0, bodies: verbose > 1, color, progress, no_input, yes }
    }

    /// The user to act for, where one account is asked.
    pub(crate) fn one_user(&self) -> Result<Option<u64>, Failure> {
        match self.user_id.as_slice() {
            [] => Ok(None),
            [user] => Ok(Some(*user)),
            [_, _, ..] => Err(Failure::usage(say!("--user-id names several users"))
                .because(say!("this is done for one account at a time"))
                .next(say!("name one of them; get, plan and sync take several"))),
        }
    }
}

/// For which clients of a partner, beside `--user-id`.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "For partners")]
pub(crate) struct CustomerArgs {
    /// Every customer that the key reaches
    #[arg(long, conflicts_with_all = ["customer", "user_id"])]
    pub(crate) all_customers: bool,
    /// A customer by a name or an id that `calllegs accounts` shows; several times for several
    #[arg(long, value_name = "NAME", conflicts_with = "user_id")]
    pub(crate) customer: Vec<String>,
}

/// A brand, or the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BrandName {
    Comagic,
    Uis,
    Novofon,
    Callgear,
    Sandbox,
}

impl BrandName {
    /// The names, for messages.
    pub(crate) const LEGAL: Text = text!("comagic, uis, novofon, callgear or sandbox");

    /// The brand whose tables hold; the emulator has any.
    pub(crate) const fn brand(self) -> Option<Brand> {
        match self {
            Self::Comagic => Some(Brand::Comagic),
            Self::Uis => Some(Brand::Uis),
            Self::Novofon => Some(Brand::Novofon),
            Self::Callgear => Some(Brand::Callgear),
            Self::Sandbox => None,
        }
    }
}

/// What `--reserve` keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReserveArg(pub(crate) Reserve);

impl ReserveArg {
    /// What may be written, for messages.
    pub(crate) const LEGAL: Text =
        text!("a number of points such as 300, a share of the day from 0% to 100%, or 0 for none");
}

impl fmt::Display for ReserveArg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Reserve::Points(points) => write!(f, "{points}"),
            Reserve::Percent(share) => write!(f, "{share}%"),
            _ => Ok(()),
        }
    }
}

impl FromStr for ReserveArg {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let reserve = match text.strip_suffix('%') {
            Some(share) => {
                let share = share.trim_end().parse().ok().filter(|share| *share <= 100);
                share.map(Reserve::Percent)
            }
            None => text.parse().ok().map(Reserve::Points),
        };
        reserve.map(Self).ok_or_else(|| BadValue::form(say!("write {legal}", legal = Self::LEGAL)))
    }
}

impl fmt::Display for BrandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.brand().map_or("sandbox", Brand::as_str))
    }
}

impl FromStr for BrandName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Watch a whole run against the built-in emulator: no account, no network
    Demo(DemoArgs),
    /// Ask for brand and key, write a profile, and check that all is well
    Init(InitArgs),
    /// Check network, key, rights, points and clock; each with what to do
    Doctor(Box<DoctorArgs>),
    /// Fetch the legs of a period to the screen, a pipe or a file
    Get(Box<GetArgs>),
    /// Forecast what reading a period costs: legs, calls, points, time, bytes
    Plan(Box<PlanArgs>),
    /// Keep the legs of an account in a database, complete and up to date
    Sync(Box<SyncArgs>),
    /// Show up to when a database is complete, and what it has of each window
    #[command(subcommand, before_help = sync::STATE_EXAMPLES)]
    State(StateCommand),
    /// Compare a database with the API, window by window
    Verify(Box<VerifyArgs>),
    /// Put the small files of a lake together, one for each date
    Compact(CompactArgs),
    /// Write legs again without the people in them, or look for what is left
    Redact(Box<RedactArgs>),
    /// Print SQL for a database with legs: sessions, metrics, the table itself
    #[command(subcommand, before_help = sql::SQL_EXAMPLES)]
    Sql(SqlCommand),
    /// One page or workbook: who called, who was missed, what to do
    Report(Box<ReportArgs>),
    /// One metric: charts and tables on the screen, JSON or CSV for programs
    Stats(Box<StatsArgs>),
    /// How many people or lines a load needs
    Staff(Box<StaffArgs>),
    /// List the customers and users that a partner's key reaches
    Accounts(AccountsArgs),
    /// Show how many points are left; costs one
    Limits(LimitsArgs),
    /// The emulator of the API
    #[command(subcommand, before_help = sandbox::SANDBOX_EXAMPLES)]
    Sandbox(SandboxCommand),
    /// List the fields of legs or of another report, and their uses
    #[command(
        before_help = "Examples:\n  calllegs fields\n  calllegs fields --report employees\n  calllegs --brand uis fields --json | jq -r '.[].name'"
    )]
    Fields(FieldsArgs),
    /// List the 64 reasons why a leg ends
    #[command(before_help = "Examples:\n  calllegs reasons\n  calllegs reasons | grep busy")]
    Reasons(JsonArgs),
    /// Say what a word means: a field, a reason, an error, an exit code
    Explain(ExplainArgs),
    #[command(subcommand)]
    Auth(AuthCommand),
    #[command(subcommand)]
    Profile(ProfileCommand),
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print what a shell needs to complete commands and flags; `calllegs man` is the manual
    Completions(CompletionsArgs),
    /// Print the manual page of the tool or of one command
    #[command(hide = true)]
    Man(ManArgs),
    /// Print the version, and which rules of time zones hold
    Version(JsonArgs),
}

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Period, one of these ways")]
pub(crate) struct PeriodArgs {
    /// First day or moment
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, aliases = ["date-from", "date_from"])]
    pub(crate) from: Option<String>,
    /// Last day, or the first moment after the period; now unless given
    #[arg(long, value_name = "DATE", allow_hyphen_values = true,
        aliases = ["date-till", "date_till", "date-to", "date_to", "to"])]
    pub(crate) till: Option<String>,
    /// One day, week, month or quarter: 2026-10-05, yesterday, last-week, 2026-Q3
    #[arg(long, value_name = "DATE", allow_hyphen_values = true, conflicts_with_all = ["from", "till"])]
    pub(crate) on: Option<String>,
    /// The time up to now: 24h, 7d, 2w
    #[arg(long, value_name = "SPAN", allow_hyphen_values = true, conflicts_with_all = ["from", "till", "on"])]
    pub(crate) last: Option<String>,
    /// One month: 2026-09, last-month
    #[arg(long, value_name = "MONTH", conflicts_with_all = ["from", "till", "on", "last"])]
    pub(crate) month: Option<String>,
}

impl PeriodArgs {
    /// Whether there is any of them.
    pub(crate) fn is_asked(&self) -> bool {
        [&self.from, &self.till, &self.on, &self.last, &self.month].iter().any(|flag| flag.is_some())
    }
}

#[derive(Args, Debug)]
#[command(before_help = PLAN_EXAMPLES, after_long_help = PLAN_MANUAL)]
pub(crate) struct PlanArgs {
    /// Rows of another report than legs, as in `get`
    #[arg(long, value_name = "NAME")]
    pub(crate) report: Option<String>,
    /// A parameter that the report takes, as in `get`
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "report", hide_short_help = true)]
    pub(crate) params: Vec<String>,
    /// Only legs that the server finds to match, as in `get`
    #[arg(long = "where", value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Columns, as in `get`: fewer are fewer bytes and the same points
    #[arg(long, value_name = "A,B|all|default|-NAME", allow_hyphen_values = true)]
    pub(crate) fields: Option<String>,
    /// Columns of other listings beside each leg, as in `get`
    #[arg(long, value_name = "sessions,costs", value_delimiter = ',', conflicts_with = "report",
        value_parser = word(With::as_str, With::ALL))]
    pub(crate) with: Vec<With>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) customers: CustomerArgs,
}

const PLAN_EXAMPLES: &str = "\
Examples:
  calllegs plan --month 2026-09
  calllegs plan --from 2026-01-01 --till yesterday --where is_operator --fields id,start_time";

const PLAN_MANUAL: &str = "\
Costs a point for each three months of the period, and one more when the account's zone is neither known nor given by \
--tz. The server counts the legs; how they lie in the period is not asked, and they are taken to lie evenly.

JSON: null stands for what the server does not say.";

#[derive(Args, Debug)]
#[command(before_help = LIMITS_EXAMPLES, after_long_help = LIMITS_MANUAL)]
pub(crate) struct LimitsArgs {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const LIMITS_EXAMPLES: &str = "\
Examples:
  calllegs limits
  calllegs limits --json | jq .day_remaining";

const LIMITS_MANUAL: &str = "\
Replies state the limits, so it takes a call to learn them: get.account for one point, already taken off what is shown. \
A partner's key may not make it, and gets get.customer_users in its place.

JSON: resets are in seconds, null stands for what the server does not say.";

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Table,
    Jsonl,
    Csv,
    Parquet,
    Arrow,
    Xlsx,
}

impl Format {
    /// The name, as a flag spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
            Self::Xlsx => "xlsx",
        }
    }

    /// As files and streams have it; a table is for people.
    pub(crate) const fn stored(self) -> Option<store::Format> {
        match self {
            Self::Table => None,
            Self::Jsonl => Some(store::Format::Jsonl),
            Self::Csv => Some(store::Format::Csv),
            Self::Parquet => Some(store::Format::Parquet),
            Self::Arrow => Some(store::Format::Arrow),
            Self::Xlsx => Some(store::Format::Xlsx),
        }
    }

    /// The format that a name asks for.
    pub(crate) fn named(format: store::Format) -> Option<Self> {
        Self::value_variants().iter().copied().find(|known| known.stored() == Some(format))
    }
}

#[derive(Args, Debug)]
#[command(before_help = "Examples:\n  calllegs demo\n  calllegs demo --dir d --bounds inclusive --days 3")]
pub(crate) struct DemoArgs {
    /// Folder of the files that the demo writes
    #[arg(long, value_name = "DIR", default_value = "./calllegs-demo")]
    pub(crate) dir: PathBuf,
    /// What came of it, as JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
}

/// Why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BadValue {
    /// It is none of these words.
    Choice(String),
    /// It is no number, or not one of these; so is one that is too large.
    Number { wanted: String, is_too_large: bool },
    /// It is not what is to be written.
    Form(String),
    /// It means nothing here.
    Sense(String),
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Choice(text) | Self::Form(text) | Self::Number { wanted: text, .. } | Self::Sense(text) => {
                f.write_str(text)
            }
        }
    }
}

impl Error for BadValue {}

impl BadValue {
    /// What is to be written instead.
    fn form(text: impl Into<String>) -> Self {
        Self::Form(text.into())
    }
}

/// Reads a whole number.
fn whole<T>(least: T, most: T) -> impl Fn(&str) -> Result<T, BadValue> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Copy + Into<u64> + Send + Sync + 'static,
{
    move |text| {
        let fits = |number: &T| least <= *number && *number <= most;
        let text = text.trim();
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        // Up to so much a bound is worth saying; beyond it only to who is beyond it.
        let is_beyond = |most: u64| text.parse().map_or(is_number, |number: u64| number > most);
        let (least, most) = (least.into(), most.into());
        let is_too_large = most > 1_000_000 && is_beyond(most);
        let wanted = || match (least, most) {
            _ if is_too_large => say!("write a whole number of at most {most}", most),
            (least, most) if most > 1_000_000 => say!("write a whole number from {least}", least),
            (least, most) => say!("write a whole number from {least} to {most}", least, most),
        };
        text.parse().ok().filter(fits).ok_or_else(|| BadValue::Number { wanted: wanted(), is_too_large })
    }
}

/// Reads the name of a file that tells programs how a run ended. Neither standard output nor an address is one.
fn report_file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        let text = path.to_string_lossy();
        if text == "-" || text.contains("://") {
            Err(BadValue::form(say!("write the name of a file, such as s.json")))
        } else {
            Ok(path)
        }
    })
}

fn day(text: &str) -> Result<NaiveDate, BadValue> {
    text.parse().map_err(|_| BadValue::form(say!("write it as 2026-10-05")))
}

fn age(text: &str) -> Result<Duration, BadValue> {
    let units = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)?.parse::<u32>().ok().map(|count| u64::from(count) * seconds)
    });
    let seconds = seconds.map(Duration::from_secs);
    seconds.ok_or_else(|| BadValue::form(say!("write it as 7h, 90m, 30s or 1d")))
}

/// Reads the word of a switch.
fn word<T: FromStr + Copy + 'static>(
    name: fn(T) -> &'static str,
    all: impl IntoIterator<Item = T>,
) -> impl Fn(&str) -> Result<T, BadValue> + Clone + Send + Sync + 'static {
    let legal: Vec<_> = all.into_iter().map(name).collect();
    move |text| {
        let read = text.parse().ok().filter(|value| legal.contains(&name(*value)));
        read.ok_or_else(|| BadValue::Choice(legal.join(", ")))
    }
}

/// All that a command takes which has nothing to be told.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct JsonArgs {
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct FieldsArgs {
    /// Of this report in place of legs; `calllegs get --report list` shows them all
    #[arg(long, value_name = "NAME")]
    pub(crate) report: Option<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_json() {
        fn look(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            let inner: Vec<_> =
                command.get_subcommands().filter(|inner| inner.get_name() != "help").collect();
            assert!(
                !inner.is_empty() || command.get_arguments().any(|arg| arg.get_long() == Some("json")),
                "{path}"
            );
            for inner in inner {
                look(inner, &path);
            }
        }
        look(&Cli::command(), "");
    }

    #[test]
    fn short_help_opens_with_examples() {
        for path in [
            &["calllegs"][..],
            &["calllegs", "get"],
            &["calllegs", "plan"],
            &["calllegs", "limits"],
            &["calllegs", "stats"],
            &["calllegs", "staff"],
            &["calllegs", "staff", "lines"],
            &["calllegs", "demo"],
            &["calllegs", "doctor"],
            &["calllegs", "explain"],
            &["calllegs", "init"],
            &["calllegs", "sync"],
            &["calllegs", "state"],
            &["calllegs", "state", "show"],
            &["calllegs", "state", "windows"],
            &["calllegs", "state", "runs"],
            &["calllegs", "state", "lateness"],
            &["calllegs", "state", "reset"],
            &["calllegs", "state", "export"],
            &["calllegs", "state", "import"],
            &["calllegs", "verify"],
            &["calllegs", "compact"],
            &["calllegs", "redact"],
            &["calllegs", "redact", "key"],
            &["calllegs", "accounts"],
            &["calllegs", "fields"],
            &["calllegs", "reasons"],
            &["calllegs", "config"],
            &["calllegs", "auth", "login"],
            &["calllegs", "sandbox"],
            &["calllegs", "sandbox", "serve"],
            &["calllegs", "sandbox", "generate"],
            &["calllegs", "sandbox", "truth"],
        ] {
            let line = path.iter().copied().chain(["-h"]);
            let help = Cli::try_parse_from(line).unwrap_err().to_string();
            assert!(help.starts_with("Examples:"), "{path:?}: {help}");
        }
    }

    #[test]
    fn partners_find_their_flags_in_short_help_and_everybody_a_sample_of_the_file() {
        let help = |words: &[&str]| {
            let line = ["calllegs"].iter().chain(words);
            Cli::try_parse_from(line).unwrap_err().to_string()
        };
        for command in ["get", "plan", "sync"] {
            assert!(help(&[command, "-h"]).contains("--all-customers"), "{command}");
        }
        for words in [&["sync", "--help"][..], &["config", "-h"]] {
            assert!(help(words).contains("[profile.acme.sync]"), "{words:?}");
        }
    }

    #[test]
    fn reserves_are_points_or_a_share() {
        for (text, reserve) in [
            ("0", Reserve::Points(0)),
            ("300", Reserve::Points(300)),
            ("0%", Reserve::Percent(0)),
            ("25%", Reserve::Percent(25)),
            ("100 %", Reserve::Percent(100)),
        ] {
            assert_eq!(text.parse::<ReserveArg>().unwrap(), ReserveArg(reserve), "{text}");
        }
        for bad in ["", "%", "101%", "-1", "1.5%", "10 points", "300%", "4294967296"] {
            assert!(bad.parse::<ReserveArg>().is_err(), "{bad}");
        }
    }
}
