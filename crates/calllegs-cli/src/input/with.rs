//! `--with`: which other listings are joined to legs, and as which columns. Not here: how they are read (`get`) and joined
//! (`calllegs_store`).
//!
//! A session names its legs by its `id`, a charge its leg by `leg_id`; both are documented to name one row. Names that the API
//! has for itself get a prefix, so that none is that of a column of legs.

use std::sync::LazyLock;

use calllegs_arrow::schema::Column;
use calllegs_core::{CallLegs, schema::Listing};
use calllegs_reports::{
    calls_report::CallsReport as Sessions, financial_call_legs_report::FinancialCallLegsReport as Costs,
};
use calllegs_store::Companion;
use chrono::TimeDelta;

use crate::{
    cli::{Format, GetArgs, With},
    failure::Failure,
    input::output_target::OutputTarget,
    lang::say,
};

/// What is read and joined.
pub(crate) fn companion(with: With) -> &'static Companion {
    static SESSIONS: LazyLock<Companion> = LazyLock::new(|| {
        Companion::new(
            Sessions::METHOD,
            (Sessions::ID.info(), CallLegs::CALL_SESSION_ID.info()),
            [
                ("session_direction", Sessions::DIRECTION.info()),
                ("session_is_lost", Sessions::IS_LOST.info()),
                ("session_wait_duration", Sessions::WAIT_DURATION.info()),
                ("session_postprocess_duration", Sessions::POSTPROCESS_DURATION.info()),
                ("session_source", Sessions::SOURCE.info()),
            ],
        )
        .begins_before(LONGEST_SESSION)
    });
    static COSTS: LazyLock<Companion> = LazyLock::new(|| {
        Companion::new(
            Costs::METHOD,
            (Costs::LEG_ID.info(), CallLegs::ID.info()),
            [
                ("cost_total_charge", Costs::TOTAL_CHARGE.info()),
                ("cost_bonuses_charge", Costs::BONUSES_CHARGE.info()),
                ("cost_per_minute", Costs::COST_PER_MINUTE.info()),
                ("cost_chargeable_duration", Costs::CHARGEABLE_DURATION.info()),
                ("cost_direction_type", Costs::DIRECTION_TYPE.info()),
            ],
        )
        .amounts()
    });
    match with {
        With::Sessions => &SESSIONS,
        With::Costs => &COSTS,
    }
}

/// A session is listed by its own start. One that began earlier than so long before the period is not looked for.
pub(crate) const LONGEST_SESSION: TimeDelta = TimeDelta::hours(6);

/// Each once, sessions first.
pub(crate) fn each(said: &[With]) -> Vec<With> {
    let mut with = said.to_vec();
    with.sort_unstable();
    with.dedup();
    with
}

/// The joined column of this name, and what it comes with.
pub(crate) fn column(name: &str) -> Option<(With, &'static Column)> {
    With::ALL.into_iter().find_map(|with| {
        let column = companion(with).columns().iter().find(|column| column.name() == name)?;
        Some((with, column))
    })
}

/// Why a name of a joined column is refused where one of legs is expected; `None` of any other name.
pub(crate) fn not_of_legs(name: &str) -> Option<Failure> {
    let (with, column) = column(name)?;
    Some(
        Failure::usage(say!("`{name}` is a column of --with, not one of legs", name = column.name()))
            .because(say!("columns of --with are joined to the legs that were read: they are not chosen, filtered by or redacted"))
            .next(say!(
                "add --with {with}, which gives all of its columns, and choose in the file; `calllegs explain {name}` tells more",
                with = with.as_str(),
                name = column.name()
            )),
    )
}

/// Refuses what cannot be joined right.
///
/// # Errors
/// Where only the first legs of the period are asked for, or none: the other listings are read for all of it.
pub(crate) fn check(args: &GetArgs, output: &OutputTarget) -> Result<(), Failure> {
    if args.with.is_empty() {
        return Ok(());
    }
    let what = if args.limit.is_some() {
        say!("--with is not for --limit")
    } else if *output == OutputTarget::Count {
        say!("--with is not for --count")
    } else if *output == OutputTarget::Stdout(Format::Table) {
        say!("--with is not for a table on the screen")
    } else {
        return Ok(());
    };
    Err(Failure::usage(what)
        .because(say!("sessions and costs are read for the whole period, and that would be paid for nothing"))
        .next(say!("ask for a shorter period, whole, into a file (-o FILE) or with --format jsonl")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_columns_are_told_from_those_of_legs() {
        for (name, flag) in [("session_is_lost", "--with sessions"), ("cost_total_charge", "--with costs")] {
            let failure = not_of_legs(name).unwrap();
            assert!(failure.what.contains(name) && failure.next.unwrap().contains(flag));
        }
        assert!(not_of_legs("duration").is_none());
    }
}
