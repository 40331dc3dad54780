//! Flags of redaction: for whoever writes legs, and of `calllegs redact`. Not here: what is done to which columns
//! (`calllegs_store::redact`).

use std::path::PathBuf;

use calllegs_arrow::csv::CsvPreset;
use clap::{Args, Subcommand};

use super::JsonArgs;

/// What is taken off legs before they are written.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "People")]
pub(crate) struct RedactFlags {
    /// Take people out of the legs: phones=mask,names=drop,records=drop; see `calllegs redact --help`
    #[arg(long, value_name = "SPEC", hide_short_help = true)]
    pub(crate) redact: Vec<String>,
    /// Write what the profile redacts; only with --yes
    #[arg(long, hide_short_help = true, conflicts_with = "redact")]
    pub(crate) no_redact: bool,
    /// What the profile says of this command alone
    #[arg(skip)]
    pub(crate) profile: Vec<String>,
}

#[derive(Args, Debug)]
#[command(before_help = REDACT_EXAMPLES, after_long_help = REDACT_MANUAL)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct RedactArgs {
    #[command(subcommand)]
    pub(crate) command: Option<RedactCommand>,
    /// Legs that were extracted: a file or folder of `get`, or a place of `sync`
    #[arg(value_name = "FILE|DIR|URL", required = true)]
    pub(crate) data: Option<String>,
    /// The new file: .parquet, .csv, .jsonl, .arrow, .xlsx, texts also with .gz or .zst
    #[arg(short, long, value_name = "FILE", required_unless_present = "check", conflicts_with = "check")]
    pub(crate) output: Option<PathBuf>,
    /// Write nothing: exit with code 11 if there are numbers, names or recordings in it
    #[arg(long)]
    pub(crate) check: bool,
    /// What becomes of what, unless the profile says so: phones=hmac,names=drop; columns=keep are not checked
    #[arg(long, value_name = "SPEC")]
    pub(crate) redact: Vec<String>,
    /// CSV dialect: plain (for programs), excel-ru, excel-en or 1c
    #[arg(long, value_name = "PRESET", hide_short_help = true,
        value_parser = super::word(CsvPreset::as_str, CsvPreset::ALL))]
    pub(crate) csv_preset: Option<CsvPreset>,
    /// Replace what another request wrote
    #[arg(long, hide_short_help = true)]
    pub(crate) force: bool,
    /// What was written or found, as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RedactCommand {
    /// The key of pseudonyms, in the file that CALLLEGS_REDACT_KEY_FILE names
    #[command(subcommand, before_help = KEY_EXAMPLES)]
    Key(RedactKeyCommand),
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum RedactKeyCommand {
    /// Make a key; one that is there stays
    New(JsonArgs),
    /// Make another key, and keep the old one beside it
    Rotate(JsonArgs),
}

const REDACT_EXAMPLES: &str = "\
Examples:
  calllegs redact september.parquet -o shared.parquet
  calllegs redact calls.db -o shared.csv --redact phones=hmac,names=drop
  calllegs redact --check shared.csv";

const KEY_EXAMPLES: &str = "\
Examples:
  CALLLEGS_REDACT_KEY_FILE=redact.key calllegs redact key new
  CALLLEGS_REDACT_KEY_FILE=redact.key calllegs redact key rotate";

const REDACT_MANUAL: &str = "\
--redact takes NAME=WHAT, with commas between, also for `get`, `sync`, `verify`, `report` and `stats`. The names:
  phones    calling_, called_ and contact_phone_number; the account's own
            number (virtual_phone_number) is kept where the leg has it
  names     contact_full_name
  staff     employee_full_name, employee_phone_number
  records   call_records, wav_call_records: whoever has the id can hear the call
  ids       contact_id, employee_id
  times     start_time, connect_time and their instants
  extra     what no column holds, which may be anything
or any column of `calllegs fields`, which comes before its group. And what becomes of it:
  keep      as it is
  mask      +7 9•• •••-45-67, too little to call
  prefix:N  N digits, at least six taken off: for statistics by region
  hmac      a pseudonym of 22 letters (HMAC-SHA-256): the same for the same
            number and key, so that joins and repeat callers stay
  bucket:1h of times in `calllegs redact` alone: rounded down, also 15m or 1d,
            for samples that are published; nothing is computed from them
  drop      nothing
What is not named is kept, but for extra, which is dropped. Without --redact and a profile that says it, the command \
takes phones=mask,names=drop,staff=keep,records=drop,extra=drop.

In a profile: redact = [\"phones=hmac\", \"names=drop\"], also below [profile.NAME.sync]. It holds from then on; a flag adds \
to it, and to keep what it takes off (or --no-redact) needs --yes. A place of `sync` that was begun without it has the \
older legs as they were: read them anew with --full-refresh. `verify` takes the same --redact as the `sync` before.

The key of hmac is in the file that CALLLEGS_REDACT_KEY_FILE names, which nobody else may read; `redact key new` makes one. \
Pseudonyms of different keys do not join. A plain hash is not offered, because all numbers of a country are hashed in \
minutes. Pseudonyms remain personal data in the sense of the law: whoever has the key can make them again.

--check looks at all values of all columns, also of files that another program wrote: 10 to 15 digits, addresses of mail, \
32 hexadecimal digits, and anything in columns of names and recordings. What --redact keeps (staff=keep), or without it the \
usual redaction, is listed and not looked at: --redact staff=drop looks there too. \
It cannot know what people wrote into the names of scenarios, groups and actions: it lists them.

An empty text of a CSV is an empty cell in the new file; all else of a leg stays as it is.";
