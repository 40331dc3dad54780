//! What holds for every command: flags, and the variables that stand in for them. Not here: what they mean.

use std::{num::ParseIntError, str::FromStr};

use chrono::DateTime;

use crate::{
    account::{connect, zone_rules::Rules},
    cli::{BrandName, Common, ReserveArg},
    env,
    failure::Failure,
};

/// The flags, and where one is missing its variable.
pub(crate) fn with_environment(flags: Common) -> Result<Common, Failure> {
    // A flag is looked at where it is used, with other words for the same mistake.
    let text = |name: &str, look: &dyn Fn(&str) -> Result<(), Failure>| -> Result<_, Failure> {
        let Some(text) = env::text(name)? else { return Ok(None) };
        look(text.trim()).map_err(|failure| failure.of_variable(name))?;
        Ok(Some(text.trim().to_owned()))
    };
    let address = |text: &str| connect::endpoint(text).map(drop);
    // Whether there is such a zone, by whatever rules.
    let zone = |text: &str| Rules::of_this_machine()?.find(text, DateTime::UNIX_EPOCH).map(drop);
    Ok(Common {
        brand: flags.brand.or(env::value("CALLLEGS_BRAND", BrandName::LEGAL)?),
        endpoint: match flags.endpoint {
            None => text("CALLLEGS_ENDPOINT", &address)?,
            given => given,
        },
        user_id: match flags.user_id {
            none if none.is_empty() => {
                env::value::<UserIds>("CALLLEGS_USER_ID", "a number")?.map_or(none, |ids| ids.0)
            }
            given => given,
        },
        tz: match flags.tz {
            None => text("CALLLEGS_TZ", &zone)?,
            given => given,
        },
        max_points: flags.max_points.or(env::value("CALLLEGS_MAX_POINTS", "a number")?),
        reserve: flags.reserve.or(env::value("CALLLEGS_RESERVE", ReserveArg::LEGAL)?),
        progress: flags.progress.or(env::value("CALLLEGS_PROGRESS", "auto, plain or never")?),
        ..flags
    })
}

/// What `CALLLEGS_USER_ID` says.
struct UserIds(Vec<u64>);

impl FromStr for UserIds {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',').map(|id| id.trim().parse()).collect::<Result<_, _>>().map(Self)
    }
}
