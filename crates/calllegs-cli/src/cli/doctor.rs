//! Flags of the tool's first hour: `explain`, `doctor`, `init`.

use clap::Args;

use super::CustomerArgs;

#[derive(Args, Debug)]
#[command(before_help = EXPLAIN_EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// A field, a reason, an error of the API or its code, an exit code, an operator of --where; without one, all that can
    /// be explained is listed
    #[arg(value_name = "WORD", allow_negative_numbers = true)]
    pub(crate) words: Vec<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  calllegs explain is_failed
  calllegs explain ip_not_whitelisted
  calllegs explain exit 9
  calllegs explain";

#[derive(Args, Clone, Debug, Default)]
#[command(before_help = DOCTOR_EXAMPLES, after_long_help = DOCTOR_MANUAL)]
pub(crate) struct DoctorArgs {
    /// Find out how far back data go; costs about 8 points
    #[arg(long)]
    pub(crate) history: bool,
    /// Hold what is assumed of the API against 200 legs of the account; costs about 7 points
    #[arg(long)]
    pub(crate) semantics: bool,
    /// Try whether a place of `sync` can be opened and written; nothing is left behind
    #[arg(long, value_name = "PLACE")]
    pub(crate) dest: Vec<String>,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) customers: CustomerArgs,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  calllegs doctor
  calllegs doctor -p acme --semantics --history
  calllegs doctor --dest ./lake/ --dest postgres://etl@db/calls
  calllegs doctor -p agency --all-customers";

const DOCTOR_MANUAL: &str = "\
Each line is a check: ✓ it is well, ! look at it, ✗ it is in the way, with what to do. The exit code is that of the first ✗.
Without other flags it costs at most 4 points: one for the account, one for each of call legs, sessions and costs; calls
that are refused cost nothing. --all-customers costs 2 for each customer.";

#[derive(Args, Debug)]
#[command(before_help = INIT_EXAMPLES, after_long_help = INIT_MANUAL)]
pub(crate) struct InitArgs {
    /// The result of the checks as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

const INIT_EXAMPLES: &str = "\
Examples:
  calllegs init
  pass show uis/acme | calllegs init -p acme --brand uis --token-stdin";

const INIT_MANUAL: &str = "\
Asks for the brand and the key, which is typed unseen; writes the profile (default, unless -p names another) and runs \
`calllegs doctor` on it. Without a terminal --brand and --token-stdin answer both.";
