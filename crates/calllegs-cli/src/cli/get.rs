//! The flags of `calllegs get`, and their help.

use std::path::PathBuf;

use calllegs_arrow::csv::{Arrays, CsvPreset};
use clap::Args;

use super::{BadValue, CustomerArgs, Format, PeriodArgs, RedactFlags, With};
use crate::lang::say;
#[derive(Args, Debug)]
#[command(before_help = GET_EXAMPLES, after_long_help = manual())]
#[expect(clippy::struct_excessive_bools, reason = "flags are independent")]
pub(crate) struct GetArgs {
    /// Rows of another report than legs, for example calls_report or employees; `list` shows them all
    #[arg(long, value_name = "NAME|list", conflicts_with_all = ["session", "leg"])]
    pub(crate) report: Option<String>,
    /// A parameter that the report takes beside period and conditions; several times for several
    #[arg(long = "param", value_name = "NAME=VALUE", requires = "report", hide_short_help = true)]
    pub(crate) params: Vec<String>,
    /// Only legs that match on the server: 'duration > 30'
    #[arg(long = "where", value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Only legs that match after download; any field can be asked
    #[arg(long, value_name = "EXPR")]
    pub(crate) where_local: Option<String>,
    /// Columns: names, `all`, `default`, or what fits a terminal: calls, people, numbers, times, menu, ids; `-NAME` leaves one
    /// out
    #[arg(long, visible_alias = "columns", value_name = "A,B|all|default|-NAME", allow_hyphen_values = true)]
    pub(crate) fields: Option<String>,
    /// Columns of other listings beside each leg: sessions (direction, lost, wait), costs; each costs points of its own
    #[arg(long, value_name = "sessions,costs", value_delimiter = ',', conflicts_with = "report",
        value_parser = super::word(With::as_str, With::ALL))]
    pub(crate) with: Vec<With>,
    /// Stop after this many legs
    #[arg(long, value_name = "N", allow_negative_numbers = true,
        value_parser = super::whole(1, u64::MAX))]
    pub(crate) limit: Option<u64>,
    /// Only the legs of this call session
    #[arg(long, value_name = "ID", hide_short_help = true, allow_negative_numbers = true, value_parser = id)]
    pub(crate) session: Option<i64>,
    /// Only this leg
    #[arg(long, value_name = "ID", hide_short_help = true, allow_negative_numbers = true, value_parser = id)]
    pub(crate) leg: Option<i64>,
    /// Print how many legs there are; a point for each 10,000
    #[arg(long, conflicts_with_all = ["limit", "fields", "format", "output"])]
    pub(crate) count: bool,
    /// Print the requests instead of sending them; spends nothing
    #[arg(long)]
    pub(crate) explain: bool,
    /// Format of the rows: table, jsonl, csv, parquet, arrow, xlsx (default: by the ending of FILE, else a table on a terminal
    /// and jsonl in a pipe)
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    pub(crate) format: Option<Format>,
    /// The same as --format jsonl; with -o or --count the result of the run. An error is an object too
    #[arg(long, hide_short_help = true, conflicts_with = "format")]
    pub(crate) json: bool,
    /// Write a file, complete or not at all: .parquet, .csv, .jsonl, .arrow, .xlsx, texts also with .gz or .zst; or DIR/ for
    /// Parquet by date
    #[arg(short, long, value_name = "FILE|DIR/")]
    pub(crate) output: Option<PathBuf>,
    /// Permissions of a new file, for example 640 (default: by the umask); a file that is replaced keeps its own
    #[arg(long, value_name = "OCTAL", value_parser = mode, hide_short_help = true)]
    pub(crate) mode: Option<u32>,
    /// Replace what holds more legs than this request, what was not written by this tool, and what a stopped run of another
    /// request left
    #[arg(long, hide_short_help = true)]
    pub(crate) force: bool,
    /// CSV dialect: plain (for programs), excel-ru, excel-en or 1c
    #[arg(long, value_name = "PRESET", value_parser = super::word(CsvPreset::as_str, CsvPreset::ALL))]
    pub(crate) csv_preset: Option<CsvPreset>,
    /// How a missing value is written in a CSV, for example '\N' (default: an empty cell)
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true, hide_short_help = true)]
    pub(crate) null: Option<String>,
    /// Write what Excel would change (0288122, 24/7, 1e5) as ="…", which only spreadsheets understand
    #[arg(long, hide_short_help = true)]
    pub(crate) excel_text: bool,
    /// How a list is written in a CSV: joined with spaces, or json
    #[arg(long, value_name = "joined|json", hide_short_help = true,
        value_parser = super::word(Arrays::as_str, Arrays::ALL))]
    pub(crate) arrays: Option<Arrays>,
    /// Write the result of the run as JSON, however it ends
    #[arg(long, value_name = "FILE", hide_short_help = true, value_parser = super::report_file())]
    pub(crate) summary_file: Option<PathBuf>,
    /// Exit with code 11 if legs are not as documented: new members or reasons, columns that are missing
    #[arg(long, hide_short_help = true)]
    pub(crate) strict: bool,
    /// Exit with code 12 if there are no legs
    #[arg(long, hide_short_help = true)]
    pub(crate) fail_if_empty: bool,
    #[command(flatten)]
    pub(crate) period: PeriodArgs,
    #[command(flatten)]
    pub(crate) customers: CustomerArgs,
    #[command(flatten)]
    pub(crate) redact: RedactFlags,
}

/// Rights as `chmod` writes them, without what is not for data.
fn mode(text: &str) -> Result<u32, BadValue> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let is_octal = !digits.is_empty() && digits.bytes().all(|byte| (b'0'..b'8').contains(&byte));
    let mode = u32::from_str_radix(digits, 8).ok().filter(|mode| is_octal && *mode <= 0o777);
    let mode =
        mode.ok_or_else(|| BadValue::Sense(say!("three octal digits are meant, as in 640").to_owned()))?;
    if mode & 0o600 == 0o600 {
        Ok(mode)
    } else {
        Err(BadValue::Sense(say!("the owner must be able to read and write").to_owned()))
    }
}

fn id(text: &str) -> Result<i64, BadValue> {
    let id = text.trim().parse().ok().filter(|id| *id >= 0);
    id.ok_or_else(|| BadValue::form(say!("write the number that the column holds")))
}

/// With the language of conditions, which `calllegs fields` shows too.
fn manual() -> String {
    format!("{CONDITIONS}\n\n{GET_MANUAL}")
}

const GET_EXAMPLES: &str = "\
Examples:
  calllegs get --on yesterday          on the screen: 50 legs, and how many more
  calllegs get --last 7d --where 'finish_reason = timeout' | jq .id
  calllegs get --month 2026-09 -o september.parquet   whole, or exit code 9
  calllegs get --on last-week -o week.csv --csv-preset excel-ru";

/// Paragraphs are one line each, for the terminal to wrap; tables stay below 80 columns.
const GET_MANUAL: &str = "\
Dates, in English or Russian:
  2026-10-05  2026-10-05T14:00  2026-10-05T14:00+03:00
  2026-10  2026-W41  2026-Q3
  25.11.2026  2026/11/25  november 2026
  today yesterday day-before-yesterday this-week last-week this-month last-month
  monday    the latest one, today included
  сегодня вчера позавчера эта-неделя прошлая-неделя этот-месяц прошлый-месяц понедельник
  -2h -7d   so long ago; as a period: from then until now
  last-7d   seven whole days, the last one yesterday

--from begins at the start of what it names, --till goes to its end; a time of day is an end that is not included. \
--last 7d is the same as --on -7d. Days go by the calendar, hours by the clock. Times are the account's wall clock, or \
that of --tz: then they are turned into the account's, by which requests are made and legs are timed. Asking the \
account for its zone costs one point, unless another run has done so in the last ten minutes: so a change of the zone is \
noticed by the next run. The TZ of this machine has no effect. A period that reaches beyond now is read up to now, which is said here, \
in the summary (until), and in the metadata of the file.

Completeness: the period is read in windows of at most 31 days, page by page, and compared with what the server counts. \
Where the two differ, the window is asked again; what is still missing then is named, and the exit code is 9. For a table \
on a terminal one page is enough, so only the beginning of the period is read.

Stop and continue: -o FILE appears when it is whole. Until then the rows are in FILE.part, and FILE.resume says how far \
they go. The same command goes on from there and buys no window twice, also after --max-points, Ctrl-C or kill -9; a \
period that ends now keeps the end that it began with, for a day. The first Ctrl-C finishes the pages on their way, the \
second stops at once. Another request for the same FILE is refused and names the command that goes on; --force throws \
those rows away. What is kept is checked before it is gone on with: rows that were damaged are told, and read again. Where \
the same words mean another period by now (--on yesterday, a day later), the run starts from the beginning and says so. While a run writes a file, every other one is refused. Until the file is whole, only its owner may \
read it; then it gets the permissions and the group of the file that it replaces, or those of --mode or of the umask where \
it is new.

Formats:
  .jsonl    one object a leg, null where there is no value
  .csv      names as the header, lists joined with a space,
            an empty cell where there is no value, \"\" for an empty text
  .parquet  columns with types, for pandas, DuckDB, Spark: the fields, account,
            start_at and connect_at in UTC, extra
  .arrow    the same columns as an Arrow IPC stream
  .xlsx     the same columns as a workbook: dates by the clock of the account,
            numbers of telephones as texts, no formulas; a new sheet each
            1,048,575 legs, and one that explains the columns; until it is
            whole the rows are in FILE.part as an Arrow stream
  DIR/      Parquet by account and date of its clock:
            DIR/account=uis%3A1103/date=2026-09-01/w-000000-235959.parquet,
            a day that is not over as w-000000-until-143000.parquet

A value that does not fit its column is null there and stays whole in `extra`; texts show it in its place. Parquet, \
Arrow and workbooks name the account, which costs one point where it is not remembered. After a kill -9 the next run goes on \
behind the last row group (131,072 legs), batch or date; Ctrl-C, SIGTERM, a closed terminal (SIGHUP, on Linux, and not under \
nohup) and errors keep all that was paid for.

What is there already: a request replaces what the same request wrote, and in a folder only what the same account, columns \
and conditions wrote of its dates. A narrower one (--where, --session, --leg, --limit, fewer --fields, a part of the time) \
takes the place of no wider one, and none takes that of a file that this tool did not write: name another file, or add \
--force. Parquet, Arrow and workbooks say in their metadata which request wrote them (calllegs.account, .columns, .conditions as a \
fingerprint, .from, .till, .until). A text is known by its first line, and its time by its rows; neither says the account \
or the conditions: with --where, --session, --leg, --where-local or --limit it is replaced by --force only.

CSV presets:
  plain     UTF-8, `,`, LF, 2026-03-02 10:15:04, 4.5, true; exact, for programs
  excel-en  UTF-8 with a mark, `,`, CRLF, TRUE
  excel-ru  UTF-8 with a mark, `;`, CRLF, 02.03.2026 10:15:04, 4,5, ИСТИНА
  1c        the same in CP1251; what it lacks becomes `?` and is counted

Text that a spreadsheet would take for a formula gets an apostrophe in the presets for Excel. With --excel-text it is \
written as =\"…\", and so are texts that Excel would turn into a number or a date.

Other reports: --report NAME reads any listing of the API in place of legs, whole or not at all; `--report list` names them \
with what each needs: a period, or a parameter (--param NAME=VALUE). One without a period or a sortable start is read page by \
page and begins anew when it was stopped. JSON Lines hold structures as they are, other forms as JSON text. Rows without \
dates cost no point for the zone in a text.

Columns beside legs: --with sessions adds what get.calls_report says of the session of a leg (session_direction, \
session_is_lost, session_wait_duration, session_postprocess_duration, session_source), --with costs what \
get.financial_call_legs_report says of the leg (cost_total_charge, cost_bonuses_charge, cost_per_minute, \
cost_chargeable_duration, cost_direction_type). They are read before the legs, for the whole period, all of it or the \
run fails, and --max-points holds over all; sessions from six hours earlier on, because a session is listed by its own \
start. A leg without such a row, as one that cost nothing, has nulls, and the run says how many there are. They are \
held in memory, about 150 bytes a row, and a run that goes on reads them again. Two rows for one leg end the \
run: nobody knows which is meant.

A run that has used up its points, except those of --reserve, ends with exit code 6; run it again after the reset, or with \
a shorter period.";

/// How a condition is written, for `get --help` and under the fields. Lines stay below 80 columns.
pub(crate) const CONDITIONS: &str = "\
Conditions, for --where (fields with F, by the server) and --where-local (any
field, after download; of a list only `is null`):
  FIELD = VALUE            also != < > <= >=
  FIELD like 'Анн%'        also not like, ilike; % any text, _ a letter
  FIELD regexp '^7495'
  FIELD in (VALUE, VALUE)  also not in
  FIELD is null            also is not null
  FIELD                    a boolean that is true; not FIELD for false
  and, or, not and parentheses join them
Numbers and words of enums (in, out, timeout) stand bare, texts in quotes, and
the whole condition in quotes for the shell. By their names on the wire also:
not_like not_ilike not_in is_null is_not_null jsquery overlap not_overlap.
  --where 'is_operator and duration > 30'
  --where 'finish_reason in (timeout, operator_busy) and direction = in'
  --where 'not is_coach and employee_full_name like \"Иван%\"'";
