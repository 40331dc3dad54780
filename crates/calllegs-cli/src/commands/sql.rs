//! `calllegs sql`: sessions and metrics as text for a database. Nothing is connected.

use std::time::Duration;

use calllegs_stats::{
    Parameters, Shape,
    sql::{self, Source},
};
use chrono::{NaiveDateTime, NaiveTime};
use serde_json::json;

use crate::{
    cli::{DaysArgs, MetricsArgs, SqlCommand, ViewsArgs},
    failure::Failure,
    lang::say,
    ui::stdout,
};

/// Prints what is asked for.
pub(crate) fn run(command: &SqlCommand) -> Result<(), Failure> {
    let (dialect, statements) = match command {
        SqlCommand::Views(args) => (args.dialect, views(args)?),
        SqlCommand::Metrics(args) => (args.dialect, metrics(args)?),
        SqlCommand::Ddl(args) => (args.dialect, vec![("call_legs", sql::ddl(args.dialect.dialect))]),
    };
    if dialect.json {
        let statements: Vec<_> =
            statements.iter().map(|(name, sql)| json!({"name": name, "sql": sql})).collect();
        return stdout::print_json(&statements);
    }
    let texts: Vec<_> = statements.into_iter().map(|(_, sql)| sql).collect();
    stdout::print(&texts.join("\n"))
}

/// A statement, or those that belong together, and its name.
type Statement = (&'static str, String);

fn views(args: &ViewsArgs) -> Result<Vec<Statement>, Failure> {
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
    let view = |name: &&'static str| sql::view(name, args.dialect.dialect, &source, &parameters);
    Ok(names.filter_map(|name| Some((*name, view(name)?))).collect())
}

fn metrics(args: &MetricsArgs) -> Result<Vec<Statement>, Failure> {
    let seconds = |span: Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    let mut parameters = Parameters::default();
    parameters.answer_within = args.answer_within.into();
    parameters.callback_window = seconds(args.callback_window);
    parameters.repeat_window = seconds(args.repeat_window);
    parameters.period = period(args.days)?;
    let shapes =
        Shape::ALL.into_iter().filter(|shape| args.only.as_deref().is_none_or(|only| only == shape.name));
    let statements = shapes.map(|shape| {
        let metric = sql::metric(shape, args.dialect.dialect, &parameters);
        (shape.name, format!("-- name: {}\n{metric};\n", shape.name))
    });
    Ok(statements.collect())
}

fn period(days: DaysArgs) -> Result<Option<(NaiveDateTime, NaiveDateTime)>, Failure> {
    let Some((from, till)) = days.from.zip(days.till) else { return Ok(None) };
    let next = till.succ_opt().filter(|next| from < *next).ok_or_else(|| {
        Failure::usage(say!("the period ends before it starts: from {from} till {till}", from, till))
            .because(say!("--till is its last day"))
            .next(say!("give the earlier date to --from"))
    })?;
    Ok(Some((from.and_time(NaiveTime::MIN), next.and_time(NaiveTime::MIN))))
}
