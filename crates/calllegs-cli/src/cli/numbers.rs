//! Flags of the commands that count: where legs are, which of them, and what a number is computed with. Not here: what they
//! mean.

use std::{path::PathBuf, str::FromStr, time::Duration};

use calllegs_stats::{By, Language, report::Topic};
use clap::{Args, ValueEnum};

use super::{PeriodArgs, age, whole, word};
use crate::lang::{Text, text};

#[derive(Args, Clone, Debug)]
pub(crate) struct NumbersArgs {
    /// Legs that were extracted: a file or folder of `get`, or a place of `sync`; the profile's first place unless given
    #[arg(long, value_name = "FILE|DIR|URL")]
    pub(crate) data: Option<String>,
    /// Seconds after the first ring within which a call is answered in time
    #[arg(long, value_name = "SECONDS", default_value_t = 20, hide_short_help = true, value_parser = whole(0_u32, 3600))]
    pub(crate) answer_within: u32,
    /// Percent of calls that are to be answered in time
    #[arg(long, value_name = "PERCENT", default_value_t = 80, hide_short_help = true, value_parser = whole(1_u8, 100))]
    pub(crate) goal: u8,
    /// Seconds after the first ring before which a caller who hangs up is neither offered nor missed; 0 for none
    #[arg(long, value_name = "SECONDS", default_value_t = 5, hide_short_help = true, value_parser = whole(0_u32, 3600))]
    pub(crate) short_abandon: u32,
    /// Time after a missed call within which a conversation makes good for it: 24h, 15m
    #[arg(long, value_name = "SPAN", default_value = "24h", hide_short_help = true, value_parser = age)]
    pub(crate) callback_window: Duration,
    /// Take people out of the legs first: staff=hmac; see `calllegs redact --help`
    #[arg(long, value_name = "SPEC", hide_short_help = true)]
    pub(crate) redact: Vec<String>,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
}

/// A language, as a flag spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LanguageName {
    En,
    Ru,
}

impl LanguageName {
    /// The names, for messages.
    pub(crate) const LEGAL: Text = text!("en or ru");

    pub(crate) const fn as_str(self) -> &'static str {
        self.language().as_str()
    }

    pub(crate) const fn language(self) -> Language {
        match self {
            Self::En => Language::English,
            Self::Ru => Language::Russian,
        }
    }
}

impl FromStr for LanguageName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ValueEnum::from_str(text, true)
    }
}

#[derive(Args, Debug)]
#[command(before_help = REPORT_EXAMPLES, after_long_help = REPORT_MANUAL)]
pub(crate) struct ReportArgs {
    /// What it is: html, one page to open, to send and to print; term, the same here; xlsx, a workbook
    #[arg(value_enum, value_name = "FORM", hide_possible_values = true)]
    pub(crate) form: ReportForm,
    /// The file; report.html or report.xlsx unless given
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// What it is compared with: previous, the time of the same length before; year, a year before; none
    #[arg(long, value_enum, value_name = "WHAT", default_value = "previous", hide_possible_values = true)]
    pub(crate) compare: Compared,
    /// Calls in parts, a line each: account, group, number (of the company), scenario
    #[arg(long, value_name = "WHAT",
        value_parser = word(By::as_str, [By::Account, By::Group, By::Number, By::Scenario]))]
    pub(crate) by: Option<By>,
    /// These parts alone: days, breakdown, hours, waits, load, reasons, callbacks, people, transfers, scenarios, groups,
    /// figures
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', hide_short_help = true,
        value_parser = word(Topic::as_str, Topic::ALL))]
    pub(crate) section: Vec<Topic>,
    /// For html: put the numbers into the page as JSON too, which a reader saves under this name
    #[arg(long, value_name = "FILE", hide_short_help = true)]
    pub(crate) embed_data: Option<PathBuf>,
    /// For term: draw with ` .:#` in place of blocks
    #[arg(long, hide_short_help = true)]
    pub(crate) ascii: bool,
    /// For term: as on a terminal of this width, in a pipe too
    #[arg(long, value_name = "COLUMNS", hide_short_help = true, value_parser = whole(60_u16, 1000))]
    pub(crate) width: Option<u16>,
    /// Show the numbers of callers who were not called back; they are masked otherwise, and the report says which it is
    #[arg(long)]
    pub(crate) show_phones: bool,
    /// As JSON: of term the numbers, of a page or workbook the file that was written
    #[arg(long, hide_short_help = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) numbers: NumbersArgs,
}

const REPORT_EXAMPLES: &str = "\
Examples:
  calllegs report html --data calls.db --month last-month
  calllegs report html --data september.parquet --lang ru -o september.html
  calllegs report term --data calls.db --last 7d
  calllegs report xlsx --data lake/ --from 2026-09-01 --till 2026-09-30";

const REPORT_MANUAL: &str = "\
Nothing is asked of the API and nothing is spent. Without a period all legs are counted that are there. Days are those of the \
account's own clock; words such as `yesterday` are meant by --tz, or else by the clock that the newest leg has; a CSV does \
not say it.

A call belongs to the day that it began. The page fetches nothing, is complete without scripts, and the same legs make the \
same bytes. What a number means stands beside it. A terminal gets the same as wide as it is, a pipe 80 columns.

Legs of several accounts are counted together, a call in its own account; --by account adds a line for each.";

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportForm {
    Html,
    Term,
    Xlsx,
}

/// What numbers are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compared {
    Previous,
    Year,
    None,
}
