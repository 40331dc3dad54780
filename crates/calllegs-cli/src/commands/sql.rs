//! `calllegs sql`: sessions and metrics as text for a database. Nothing is connected.

use std::time::Duration;

use calllegs_stats::{
    Parameters, Shape,
    sql::{self, Source},
};
use chrono::{NaiveDateTime, NaiveTime};

use crate::{
    cli::{DaysArgs, MetricsArgs, SqlCommand, ViewsArgs},
    failure::Failure,
    ui::stdout,
};

/// Prints what is asked for.
pub(crate) fn run(command: &SqlCommand) -> Result<(), Failure> {
    let text = match command {
        SqlCommand::Views(args) => views(args)?,
        SqlCommand::Metrics(args) => metrics(args)?,
        SqlCommand::Ddl(args) => sql::ddl(args.dialect.dialect),
    };
    stdout::print(&text)
}

fn views(args: &ViewsArgs) -> Result<String, Failure> {
    let mut source = Source::default();
    if let Some(table) = &args.table {
        source = source.table(table);
    }
    if let Some(account) = &args.account {
        source = source.account(account);
    }
    let mut parameters = Parameters::default();
    parameters.short_abandon = args.short_abandon.into();
    parameters.period = period(args.days)?;
    let names = sql::VIEW_NAMES.iter().filter(|name| args.only.as_deref().is_none_or(|only| only == **name));
    let texts = names.filter_map(|name| sql::view(name, args.dialect.dialect, &source, &parameters));
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

fn metrics(args: &MetricsArgs) -> Result<String, Failure> {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let mut parameters = Parameters::default();
    parameters.answer_within = args.answer_within.into();
    parameters.callback_window = seconds(args.callback_window);
    parameters.repeat_window = seconds(args.repeat_window);
    parameters.period = period(args.days)?;
    let shapes =
        Shape::ALL.into_iter().filter(|shape| args.only.as_deref().is_none_or(|only| only == shape.name));
    let texts = shapes.map(|shape| {
        let metric = sql::metric(shape, args.dialect.dialect, &parameters);
        format!("-- name: {}\n{metric};\n", shape.name)
    });
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

fn period(days: DaysArgs) -> Result<Option<(NaiveDateTime, NaiveDateTime)>, Failure> {
    let Some((from, till)) = days.from.zip(days.till) else { return Ok(None) };
    let next = till.succ_opt().filter(|next| from < *next).ok_or_else(|| {
        Failure::usage(format!("the period ends before it starts: from {from} till {till}"))
            .because("--till is its last day")
            .next("give the earlier date to --from")
    })?;
    Ok(Some((from.and_time(NaiveTime::MIN), next.and_time(NaiveTime::MIN))))
}
