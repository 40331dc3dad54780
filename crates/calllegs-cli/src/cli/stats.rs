//! The flags of `stats` and `staff`. Not here: what they mean.

use std::{path::PathBuf, time::Duration};

use calllegs_stats::{By, ServiceLevelVariant, Shape};
use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};

use super::{
    BadValue, PeriodArgs, age,
    numbers::{LanguageName, NumbersArgs},
    whole, word,
};
use crate::lang::say;

#[derive(Args, Debug)]
#[command(before_help = STATS_EXAMPLES, after_long_help = STATS_MANUAL)]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct StatsArgs {
    /// What to count: offered, service-level, missed, waits, talk, heatmap, reasons, people, groups, scenarios, load,
    /// occupancy, transfers, repeat, callbacks, first-response, ratings
    #[arg(value_enum, value_name = "METRIC", hide_possible_values = true)]
    pub(crate) metric: MetricName,
    /// In parts: account, group, scenario, number, employee, day, hour
    #[arg(long, value_name = "WHAT", value_parser = word(By::as_str, By::ALL))]
    pub(crate) by: Option<By>,
    /// For reasons: rings that ended for this one, as in sip_offline
    #[arg(long, value_name = "REASON", hide_short_help = true)]
    pub(crate) reason: Option<String>,
    /// For missed and callbacks: the calls; callbacks lists those whom nobody has talked with since
    #[arg(long)]
    pub(crate) list: bool,
    /// Show the numbers of callers in a list; they are masked otherwise
    #[arg(long, requires = "list")]
    pub(crate) show_phones: bool,
    /// For service-level, of which calls: standard, strict, answered, lenient, from-entry
    #[arg(long, value_name = "VARIANT", default_value = "standard", hide_short_help = true,
        value_parser = word(ServiceLevelVariant::as_str, ServiceLevelVariant::ALL))]
    pub(crate) sl_variant: ServiceLevelVariant,
    /// As JSON: results by name, quotients as exact decimals
    #[arg(long, conflicts_with = "format")]
    pub(crate) json: bool,
    /// table; or of one result csv, or xlsx with -o
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<StatsFormat>,
    /// The workbook of --format xlsx
    #[arg(short, long, value_name = "FILE", requires = "format")]
    pub(crate) output: Option<PathBuf>,
    /// Titles of CSV and workbooks for people, in this language: en, ru; without it names for programs
    #[arg(long, value_enum, value_name = "LANGUAGE", hide_possible_values = true, hide_short_help = true)]
    pub(crate) headers: Option<LanguageName>,
    /// One result of a metric that has several, by the name that JSON has it under
    #[arg(long, value_name = "NAME", hide_short_help = true, hide_possible_values = true, conflicts_with = "list",
        value_parser = PossibleValuesParser::new(Shape::ALL.map(|shape| shape.name)))]
    pub(crate) only: Option<String>,
    /// Draw with ` .:#` in place of blocks
    #[arg(long)]
    pub(crate) ascii: bool,
    /// Draw as on a terminal of this width, in a pipe too
    #[arg(long, value_name = "COLUMNS", hide_short_help = true, value_parser = whole(60_u16, 1000))]
    pub(crate) width: Option<u16>,
    #[command(flatten)]
    pub(crate) numbers: NumbersArgs,
}

const STATS_EXAMPLES: &str = "\
Examples:
  calllegs stats missed --data calls.db --last 7d
  calllegs stats callbacks --data calls.db --last 48h --list --format xlsx -o ring.xlsx
  calllegs stats heatmap --data lake/ --month last-month
  calllegs stats reasons --data calls.db --reason sip_offline --by employee
  calllegs stats service-level --data september.parquet --json";

const STATS_MANUAL: &str = "\
Nothing is asked of the API and nothing is spent. Without a period all legs are counted that are there. A terminal gets \
charts as wide as it is, a pipe a plain table.

PostgreSQL and SQLite compute results themselves; lists, and variants of the service level other than standard and strict, \
are counted from the legs, which gives the same.

--by counts the legs in parts, in a database too but for accounts. A call that rang several groups counts in each of them \
with what became of it, so groups do not add up; all other parts do. What a call came to is nobody's alone: by employee there \
are reasons and ratings, and `stats people`.

The list says what came of a call also after the period, within --callback-window: who was rung back this morning is not \
listed as missed yesterday. The figures are of the period alone.

A percentage of fewer than 20 calls is shown as `7 of 11`; JSON and CSV have the exact decimal.";

/// A metric, by its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum MetricName {
    Offered,
    ServiceLevel,
    Missed,
    Waits,
    Talk,
    Heatmap,
    Reasons,
    People,
    Groups,
    Scenarios,
    Load,
    Occupancy,
    Transfers,
    Repeat,
    Callbacks,
    FirstResponse,
    Ratings,
}

impl MetricName {
    /// The key, as a command line has it.
    pub(crate) fn key(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }
}

/// A form of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StatsFormat {
    Table,
    Csv,
    Xlsx,
}

#[derive(Args, Debug)]
#[command(before_help = STAFF_EXAMPLES, after_long_help = STAFF_MANUAL)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct StaffArgs {
    #[command(subcommand)]
    pub(crate) command: Option<StaffCommand>,
    /// Calls in an hour: 200/h; without it the calls of --data, hour by hour
    #[arg(long, value_name = "N/h", value_parser = calls, requires = "handle", conflicts_with_all = ["data",
        "PeriodArgs"])]
    pub(crate) calls: Option<f64>,
    /// How long a call keeps somebody busy: 3m, 200s; with --data in place of the average talk
    #[arg(long, value_name = "SPAN", value_parser = positive)]
    pub(crate) handle: Option<Duration>,
    /// Percent of calls to be answered, and within how many seconds
    #[arg(long, value_name = "PERCENT/SECONDS", default_value = "80/20", value_parser = goal)]
    pub(crate) goal: (u8, u16),
    /// Paid time that people are not there: breaks, illness, training
    #[arg(long, value_name = "PERCENT", default_value = "30%", value_parser = share)]
    pub(crate) shrinkage: f64,
    /// Of their time, so much may people be busy at most
    #[arg(long, value_name = "PERCENT", default_value = "85%", value_parser = share)]
    pub(crate) max_occupancy: f64,
    /// With --data, of each: hour of the day, half-hour of the day, half hour of each weekday
    #[arg(
        long,
        value_enum,
        value_name = "WHAT",
        default_value = "hour",
        hide_possible_values = true,
        conflicts_with = "calls"
    )]
    pub(crate) by: StaffBy,
    /// After how long callers give up, on average; without it none does (Erlang C)
    #[arg(long, value_name = "SPAN", value_parser = positive)]
    pub(crate) patience: Option<Duration>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Legs that were extracted, as in `stats`; the profile's first place unless given
    #[arg(long, value_name = "FILE|DIR|URL")]
    pub(crate) data: Option<String>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
}

impl StaffArgs {
    /// Where legs are and which of them, as commands that count have it.
    pub(crate) fn numbers(&self) -> NumbersArgs {
        NumbersArgs {
            data: self.data.clone(),
            answer_within: self.goal.1.into(),
            goal: self.goal.0,
            short_abandon: 5,
            callback_window: Duration::from_secs(24 * 3600),
            redact: Vec::new(),
            period: self.period.clone(),
        }
    }
}

/// What people are planned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StaffBy {
    Hour,
    HalfHour,
    Weekday,
}

const STAFF_EXAMPLES: &str = "\
Examples:
  calllegs staff --calls 200/h --handle 3m --goal 80/20 --shrinkage 30%
  calllegs staff --data calls.db --month last-month --patience 2m
  calllegs staff --data calls.db --month last-month --by weekday
  calllegs staff lines --erlangs 10 --loss 1%";

const STAFF_MANUAL: &str = "\
Erlang C takes every caller to wait until somebody answers: it asks for too many people where callers hang up. With \
--patience it is Erlang A, in which they do.

With --data the load of each hour of the day is that of offered calls, over the days of the period that had a call. Talk is \
not all of the work: rings and what is written after a call are not in it. Give --handle where that is known.

--by half-hour and --by weekday plan each half hour by Erlang A, with the patience that the callers of --data showed: all their \
waits together, divided by how many gave up. Columns marked (C) are of Erlang C; `active` are people who rang or talked in it.";

#[derive(Debug, Subcommand)]
pub(crate) enum StaffCommand {
    /// How many lines a load needs where nobody can wait (Erlang B)
    Lines(LinesArgs),
}

#[derive(Args, Debug)]
#[command(before_help = LINES_EXAMPLES)]
pub(crate) struct LinesArgs {
    /// Lines that would be in use all the time: calls in an hour times their length in hours
    #[arg(long, value_name = "N", value_parser = amount)]
    pub(crate) erlangs: f64,
    /// Calls that may find all lines in use
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = loss)]
    pub(crate) loss: f64,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const LINES_EXAMPLES: &str = "\
Examples:
  calllegs staff lines --erlangs 10 --loss 1%";

fn calls(text: &str) -> Result<f64, BadValue> {
    amount(text.strip_suffix("/h").unwrap_or(text))
        .map_err(|_| BadValue::form(say!("write calls in an hour as 200/h")))
}

fn amount(text: &str) -> Result<f64, BadValue> {
    let number = text.parse().ok().filter(|number: &f64| (0.0..=100_000.0).contains(number));
    number.ok_or_else(|| BadValue::form(say!("write a number from 0 to 100000, such as 12.5")))
}

fn share(text: &str) -> Result<f64, BadValue> {
    let percent = text.strip_suffix('%').and_then(|text| text.trim_end().parse::<f64>().ok());
    let share = percent.filter(|percent| (0.0..=100.0).contains(percent)).map(|percent| percent / 100.0);
    share.ok_or_else(|| BadValue::form(say!("write a share as 30%")))
}

/// No number of lines loses none.
fn loss(text: &str) -> Result<f64, BadValue> {
    share(text)
        .ok()
        .filter(|share| *share > 0.0)
        .ok_or_else(|| BadValue::form(say!("write a share above nothing as 1%")))
}

fn positive(text: &str) -> Result<Duration, BadValue> {
    age(text)
        .ok()
        .filter(|span| !span.is_zero())
        .ok_or_else(|| BadValue::form(say!("write it as 3m or 200s")))
}

fn goal(text: &str) -> Result<(u8, u16), BadValue> {
    let parts = text.split_once('/');
    let read = parts.and_then(|(percent, seconds)| Some((percent.parse().ok()?, seconds.parse().ok()?)));
    read.filter(|(percent, _)| (1..100).contains(percent))
        .ok_or_else(|| BadValue::form(say!("write percent and seconds as 80/20; the percent from 1 to 99")))
}
