//! The flags of `calllegs sandbox`, and their help.

use std::{path::PathBuf, str::FromStr, time::Duration};

use calllegs_core::value::wall_time;
use calllegs_sandbox::{
    Bounds, Chaos, Clock, ClockChange, DateAppliesTo, Fault, FutureDates, HttpErrors, Ids, LimitsOf,
    ListingOrder, NewField, OffsetCap, Unfinished, World,
};
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use super::{BadValue, age, day, whole, word};

use crate::lang::say;

pub(super) const SANDBOX_EXAMPLES: &str = "\
Examples:
  calllegs sandbox serve
  calllegs --brand sandbox get --on yesterday
  calllegs sandbox generate --world clinic --days 3 -o clinic.jsonl";

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Serve the emulator until Ctrl-C
    Serve(Box<ServeArgs>),
    /// Write the legs of a made-up world as JSON Lines
    Generate(GenerateArgs),
    /// Write what happened in the calls of a made-up world, as its simulation decided it
    Truth(TruthArgs),
}

#[derive(Args, Debug)]
#[command(before_help = SERVE_EXAMPLES)]
pub(crate) struct ServeArgs {
    /// Port; 0 takes any free one
    #[arg(long, value_name = "PORT", default_value_t = 8321, value_parser = whole(0, u16::MAX))]
    pub(crate) port: u16,
    /// Write the port to this file once it is open
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", value_parser = address)]
    pub(crate) listen: std::net::IpAddr,
    #[command(flatten)]
    pub(crate) world: WorldArgs,
    /// First day of the made-up legs, in place of --days
    #[arg(long, value_name = "DATE", conflicts_with = "days", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,
    /// First day without legs (default: today)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,
    /// Serve the legs of this file, each a line of JSON as the API gives it: .jsonl, also with .gz
    #[arg(long, value_name = "FILE", conflicts_with_all = ["since", "until", "days", "seed", "legs_per_day",
        "world", "burst"])]
    pub(crate) data: Option<PathBuf>,
    /// Points: minute=60,day=3000, also hour=N, or none
    #[arg(long, value_name = "LIMITS", default_value = "minute=60,day=3000")]
    pub(crate) limit: Limit,
    /// Inject a fault, for example http-500:p=0.1; `--fault help` lists all; repeatable
    #[arg(long, value_name = "FAULT", value_parser = fault)]
    pub(crate) fault: Vec<FaultArg>,
    /// Inject a fixed mix of faults: mild, rude
    #[arg(long, value_name = "MIX", value_parser = word(Chaos::as_str, Chaos::ALL))]
    pub(crate) chaos: Option<Chaos>,
    /// What the made-up legs are like: shop; callcentre, fifty people and a queue; clinic; dense, with 150,000 legs in an
    /// hour; dst, with a change of the clock; every-reason, with all 64; halves, whose averages end in a half; outage, two
    /// hours a day without phones; ties, with 1,000 legs in a second; tiny, with twenty calls
    #[arg(long = "world", id = "world", value_name = "WORLD", default_value = World::default().as_str(),
        hide_short_help = true, value_parser = word(World::as_str, World::ALL))]
    pub(crate) kind: World,
    /// Add many legs at once: 2026-10-05T12:00:00=150000/3600s (default: within one second); repeatable
    #[arg(long, value_name = "TIME=LEGS", hide_short_help = true, value_parser = burst)]
    pub(crate) burst: Vec<BurstArg>,
    /// Hide the addresses below /__sandbox/: requests, stats, truth, customers, faults, clock, new-field, reset, and the page there
    #[arg(long, hide_short_help = true)]
    pub(crate) no_admin: bool,
    /// How time passes: real; x60, sixty times as fast; fixed:2026-03-02T10:00:00, standing, by the sandbox's zone or with
    /// Z or +03:00. POST /__sandbox/clock {"advance":"26h"} moves any of them on. With --brand sandbox, `get` and `plan`
    /// take it for now. Unless it is real, there are legs for the two weeks to come, or up to --until. Points come back by
    /// it or by the machine's clock, whichever is first
    #[arg(long, value_name = "CLOCK", default_value = "real", hide_short_help = true)]
    pub(crate) clock: Clock,
    /// Ratings, recordings, some rows and corrected reasons come up to a week after their legs, by the clock: on, off; on
    /// unless the clock is real
    #[arg(long, value_name = "WHETHER", hide_short_help = true, value_parser = on_off)]
    pub(crate) late: Option<bool>,
    /// A member of every row that no page documents; also POST /__sandbox/new-field {"name":"ai_score"} at any time
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    pub(crate) new_field: Option<NewField>,
    /// A partner with so many clients of uneven size more, --legs-per-day all together, key sandbox-hundred; of five or
    /// more, one has not allowed the caller's address, one is disabled, and one dies half-way
    #[arg(long, value_name = "CLIENTS", default_value_t = 0, hide_short_help = true,
        value_parser = whole(0_u32, 1000))]
    pub(crate) agency: u32,
    /// Say as JSON on standard output where it serves, in place of the greeting
    #[arg(long, hide_short_help = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) switches: SwitchArgs,
}

impl ServeArgs {
    /// The first day without legs, if the user or the world says one.
    pub(crate) fn until(&self) -> Option<NaiveDate> {
        self.until.or_else(|| self.kind.until())
    }
}

/// The same legs on every machine and on every day: nothing here is told by a clock.
#[derive(Args, Debug)]
pub(crate) struct MadeArgs {
    /// What the made-up legs are like: shop, callcentre, clinic, dense, dst, every-reason, halves, outage, ties, tiny
    #[arg(long = "world", id = "world", value_name = "WORLD", default_value = World::default().as_str(),
        value_parser = word(World::as_str, World::ALL))]
    pub(crate) kind: World,
    /// Seed of what is made up: the same one makes the same legs
    #[arg(long, value_name = "N", default_value_t = 42, value_parser = whole(0, u64::MAX))]
    pub(crate) seed: u64,
    /// Days that have legs (default: 30, or as many as the world has)
    #[arg(long, value_name = "N", value_parser = whole(1_u32, 3660))]
    pub(crate) days: Option<u32>,
    /// First day of the made-up legs, in place of --days
    #[arg(long, value_name = "DATE", conflicts_with = "days", value_parser = day)]
    pub(crate) since: Option<NaiveDate>,
    /// First day without legs (default: 2026-03-01, or what the world says)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) until: Option<NaiveDate>,
    /// Legs of an ordinary working day, roughly (default: 14000, or as many as the world has)
    #[arg(long, value_name = "N", value_parser = whole(0, u32::MAX))]
    pub(crate) legs_per_day: Option<u32>,
    /// Write to this file (default: standard output)
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// As JSON what was written; on standard output it is JSON anyway
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
#[command(before_help = GENERATE_EXAMPLES)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) made: MadeArgs,
    /// Print the SHA-256 of the legs in place of them
    #[arg(long, conflicts_with = "output")]
    pub(crate) hash: bool,
}

/// What is told of the calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TruthOf {
    /// Each call: a line of JSON
    Sessions,
    /// The metrics D1 to D14: an object of tables
    Metrics,
}

#[derive(Args, Debug)]
#[command(before_help = TRUTH_EXAMPLES)]
pub(crate) struct TruthArgs {
    /// sessions, a line of JSON for each call; or metrics, an object of tables
    #[arg(value_enum, value_name = "WHAT", hide_possible_values = true)]
    pub(crate) of: TruthOf,
    #[command(flatten)]
    pub(crate) made: MadeArgs,
    /// Calls that begin on this day or later only
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) from: Option<NaiveDate>,
    /// Calls that begin before this day only
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(crate) till: Option<NaiveDate>,
    /// A call is answered in time within so many seconds of the first ring
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = whole(0_u32, 86_400))]
    pub(crate) answer_within: u32,
    /// A caller who hangs up earlier than this after the first ring does not count
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = whole(0_u32, 86_400))]
    pub(crate) short_abandon: u32,
}

const GENERATE_EXAMPLES: &str = "\
Examples:
  calllegs sandbox generate --world tiny
  calllegs sandbox generate --world clinic --seed 7 --days 3 -o clinic.jsonl
  calllegs sandbox generate --world halves --hash";

const TRUTH_EXAMPLES: &str = "\
Examples:
  calllegs sandbox truth metrics --world tiny
  calllegs sandbox truth sessions --world clinic --seed 7 --days 3 -o clinic.truth.jsonl
  calllegs sandbox truth metrics --world outage --from 2026-02-09 --till 2026-02-16";

/// Questions that the documentation leaves open. Those of them that this takes are in the long help only.
#[derive(Args, Debug)]
#[command(next_help_heading = "Where the documentation is silent")]
pub(crate) struct SwitchArgs {
    /// Which time of a leg the dates select by: leg, or session for the start of its session
    #[arg(long, value_name = "TIME", default_value = DateAppliesTo::default().as_str(), hide_short_help = true,
        value_parser = word(DateAppliesTo::as_str, DateAppliesTo::ALL))]
    pub(crate) date_applies_to: DateAppliesTo,
    /// What an offset beyond 100,000 gets: error, empty
    #[arg(long, value_name = "ANSWER", default_value = OffsetCap::default().as_str(), hide_short_help = true,
        value_parser = word(OffsetCap::as_str, OffsetCap::ALL))]
    pub(crate) offset_cap: OffsetCap,
    /// What a date_from in the future gets: empty, refuse
    #[arg(long, value_name = "ANSWER", default_value = FutureDates::default().as_str(), hide_short_help = true,
        value_parser = word(FutureDates::as_str, FutureDates::ALL))]
    pub(crate) future: FutureDates,
    /// Who shares points: account, token, or none to count nothing
    #[arg(long, value_name = "WHO", default_value = LimitsOf::default().as_str(), hide_short_help = true,
        value_parser = word(LimitsOf::as_str, LimitsOf::ALL))]
    pub(crate) limits: LimitsOf,
    /// HTTP status of errors of the API: always200, status
    #[arg(long, value_name = "STATUS", default_value = HttpErrors::default().as_str(), hide_short_help = true,
        value_parser = word(HttpErrors::as_str, HttpErrors::ALL))]
    pub(crate) http_errors: HttpErrors,
    /// Legs that are still going on: hide, show
    #[arg(long, value_name = "ANSWER", default_value = Unfinished::default().as_str(), hide_short_help = true,
        value_parser = word(Unfinished::as_str, Unfinished::ALL))]
    pub(crate) unfinished: Unfinished,
    /// Refuse periods that end less than this ago: 7h, 90m, 30s, 1d
    #[arg(long, value_name = "AGE", hide_short_help = true, value_parser = age)]
    pub(crate) min_age: Option<Duration>,
    /// The order of legs, whatever is asked: asked, end, id, moment, nothing, scattered, shuffled
    #[arg(long, value_name = "ORDER", default_value = ListingOrder::default().as_str(), hide_short_help = true,
        value_parser = word(ListingOrder::as_str, ListingOrder::ALL))]
    pub(crate) listing_order: ListingOrder,
    /// What a time means in an hour that the clock shows twice: written, earlier, later
    #[arg(long, value_name = "MEANING", default_value = ClockChange::default().as_str(), hide_short_help = true,
        value_parser = word(ClockChange::as_str, ClockChange::ALL))]
    pub(crate) clock_change: ClockChange,
    /// Legs in a thousand that are listed twice, first in part
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true,
        value_parser = whole(0_u32, 1000))]
    pub(crate) repeats: u32,
    /// How ids are written: number, string
    #[arg(long, value_name = "FORM", default_value = Ids::default().as_str(), hide_short_help = true,
        value_parser = word(Ids::as_str, Ids::ALL))]
    pub(crate) ids: Ids,
}

const SERVE_EXAMPLES: &str = "\
Examples:
  calllegs sandbox serve
  calllegs sandbox serve --port 0 --port-file port --limit none
  calllegs sandbox serve --data calls.jsonl.gz --tz Asia/Jerusalem
  calllegs sandbox serve --clock fixed:2026-03-02T10:00:00 --agency 100
  calllegs sandbox serve --chaos rude --fault 'lost-page:n=1:match=offset>0'";

/// What the emulator makes up.
#[derive(Args, Debug)]
pub(crate) struct WorldArgs {
    /// Seed of what is made up: the same one makes the same legs
    #[arg(long, value_name = "N", default_value_t = 42, value_parser = whole(0, u64::MAX))]
    pub(crate) seed: u64,
    /// Days that have legs (default: 30, or as many as the world has)
    #[arg(long, value_name = "N", value_parser = whole(1_u32, 3660))]
    pub(crate) days: Option<u32>,
    /// Legs of an ordinary working day, roughly (default: 14000, or as many as the world has)
    #[arg(long, value_name = "N", hide_short_help = true, value_parser = whole(0, u32::MAX))]
    pub(crate) legs_per_day: Option<u32>,
    /// Which ends of a window belong to it: exclusive, inclusive, half-open
    #[arg(long, value_name = "ENDS", default_value = Bounds::default().as_str(),
        value_parser = word(Bounds::as_str, Bounds::ALL))]
    pub(crate) bounds: Bounds,
}

fn address(text: &str) -> Result<std::net::IpAddr, BadValue> {
    text.parse().map_err(|_| {
        BadValue::form(say!("write an address of this machine such as 127.0.0.1, 0.0.0.0 or ::1"))
    })
}

fn on_off(text: &str) -> Result<bool, BadValue> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(BadValue::Choice("on, off".to_owned())),
    }
}

/// A fault, or the wish to know them.
#[derive(Clone, Debug)]
pub(crate) enum FaultArg {
    Fault(Fault),
    Help,
}

fn fault(text: &str) -> Result<FaultArg, calllegs_sandbox::FaultError> {
    if text == "help" { Ok(FaultArg::Help) } else { text.parse().map(FaultArg::Fault) }
}

/// So many legs in so many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BurstArg {
    pub(crate) at: chrono::NaiveDateTime,
    pub(crate) legs: u32,
    pub(crate) seconds: u32,
}

fn burst(text: &str) -> Result<BurstArg, BadValue> {
    let read = || {
        let (at, size) = text.split_once('=')?;
        let at = wall_time::parse(&at.replacen('T', " ", 1)).ok()?;
        let (legs, seconds) = size.split_once('/').unwrap_or((size, "1s"));
        let seconds = seconds.strip_suffix('s')?.parse().ok().filter(|seconds| *seconds > 0)?;
        let legs = legs.parse().ok().filter(|legs| (1..=10_000_000).contains(legs))?;
        Some(BurstArg { at, legs, seconds })
    };
    read().ok_or_else(|| BadValue::form(say!("write it as 2026-10-05T12:00:00=150000/3600s")))
}

/// Limits of the emulator; `None` is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) minute: Option<u32>,
    pub(crate) hour: Option<u32>,
    pub(crate) day: Option<u32>,
}

impl FromStr for Limit {
    type Err = BadValue;

    fn from_str(text: &str) -> Result<Self, BadValue> {
        let mut limit = Self::default();
        if text == "none" {
            return Ok(limit);
        }
        for part in text.split(',') {
            let points = |text: &str| match text {
                "none" => Ok(None),
                text => text
                    .parse()
                    .map(Some)
                    .map_err(|_| BadValue::Sense(say!("`{text}` is not a number of points", text))),
            };
            match part.trim().split_once('=') {
                Some(("minute", text)) => limit.minute = points(text)?,
                Some(("hour", text)) => limit.hour = points(text)?,
                Some(("day", text)) => limit.day = points(text)?,
                Some(_) | None => {
                    return Err(BadValue::form(say!(
                        "write minute=60,hour=1000,day=3000, any of them, or none"
                    )));
                }
            }
        }
        Ok(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_of_the_emulator() {
        assert_eq!("none".parse(), Ok(Limit { minute: None, hour: None, day: None }));
        assert_eq!("minute=5".parse(), Ok(Limit { minute: Some(5), hour: None, day: None }));
        assert_eq!("hour=7,day=none".parse(), Ok(Limit { minute: None, hour: Some(7), day: None }));
        for bad in ["", "week=5", "minute=many", "60"] {
            assert!(bad.parse::<Limit>().is_err(), "{bad}");
        }
    }

    #[test]
    fn bursts_and_ages() {
        let at = wall_time::parse("2026-10-05 12:00:00").unwrap();
        assert_eq!(burst("2026-10-05T12:00:00=400"), Ok(BurstArg { at, legs: 400, seconds: 1 }));
        assert_eq!(burst("2026-10-05 12:00:00=9/60s"), Ok(BurstArg { at, legs: 9, seconds: 60 }));
        for bad in
            ["", "2026-10-05=400", "2026-10-05T12:00:00", "2026-10-05T12:00:00=0", "2026-10-05T12:00:00=1/60"]
        {
            assert!(burst(bad).is_err(), "{bad}");
        }
        assert_eq!(age("7h"), Ok(Duration::from_secs(7 * 3600)));
        for bad in ["", "7", "h", "-1h", "1.5h"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }
}
