//! `calllegs plan --report`: what a listing other than legs will cost. The server counts its rows in answer to a page of one
//! row, for each three months where it has a period. Not here: legs.

use std::sync::Arc;

use calllegs_core::{
    Period, Query,
    schema::{AnyListing, FieldInfo, Shape},
    sweep,
};
use calllegs_store::{ListingSpec, export::readable};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{agree, stretches};
use crate::{
    account::{
        connect::{self, ApiTarget},
        identity::{self, Need},
        session::Line,
    },
    cli::{Common, PlanArgs},
    clock::Clock,
    commands::customers,
    failure::{Exit, Failure},
    input::{
        dates::{Range, describe},
        listing::{self, ListingSelection},
        selection::Selected,
    },
    lang::say,
    ui::{
        diagnostics::{self, Context},
        stdout,
        terminal::Terminal,
        text::{counted, grouped},
    },
};

/// Rows of a full page.
const PAGE: u64 = 10_000;

/// What is known in the end. The keys are a contract.
#[derive(Debug, Default, Serialize)]
struct Plan {
    report: &'static str,
    shape: &'static str,
    /// `None` where one answer holds all: nothing was asked.
    rows: Option<u64>,
    calls: u64,
    points: u64,
    /// Points that this forecast cost.
    spent: u32,
    day_remaining: Option<u32>,
}

/// Runs the command.
pub(super) fn run(
    name: &str,
    args: &PlanArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let method = listing::method(name)?;
    listing::check(method, &args.period, customers::are_asked(&args.customers, common))?;
    let wanted = ListingSelection::of_plan(method, args)?;
    let given = identity::given(common, now)?;
    let range = if method.is_over_period() { Range::read(&args.period)? } else { Range::None };
    range.refuse_reversed(&args.period, now, given.as_ref())?;
    range.possible(now, given.as_ref())?;
    let target = ApiTarget::find(common, terminal)?;
    let spec = wanted.of(target.brand(), false)?;
    let connection = connect::to(common, &target, terminal)?;
    let mut line = Line::open()?;
    let mut context = connection.context();
    let mut period = Period::NONE;
    if range != Range::None {
        let asked = identity::find(given.as_ref(), Need::Forecast, &connection, &context, terminal, now);
        let owner = line.wait(asked)?;
        let clock = Clock { now, zone: owner.zone.clone(), dates: None };
        let resolved = range.resolve(&clock)?;
        terminal.note(&describe(resolved.period, &owner.zone, owner.source).to_string());
        period = readable(resolved.period, clock.local());
        context.clock = Some(clock);
        context.period = Some(resolved.period);
    }
    let mut plan = Plan { report: method.name, shape: method.shape().as_str(), ..Plan::default() };
    match method.shape() {
        Shape::Single => plan.calls = 1,
        Shape::Hops | Shape::Windows => {
            line.wait(agree(terminal, &[period]))?;
            let counted = line.wait(count_all(&connection.client, &spec, period, &context))?;
            (plan.rows, plan.calls) = (Some(counted.rows), counted.calls);
        }
        Shape::Offset | _ => {
            let period = Some(period).filter(|_| method.is_over_period());
            let rows = line.wait(count(&connection.client, &spec, period, &context))?;
            plan.rows = Some(rows);
            plan.calls = rows.div_ceil(PAGE).max(1);
        }
    }
    plan.points = plan.calls * u64::from(method.cost);
    let usage = connection.client.usage();
    plan.spent = usage.spent;
    plan.day_remaining = usage.day.map(|day| day.remaining);
    if args.json {
        stdout::print_json(&plan)?;
    } else {
        let rows = plan.rows.map_or_else(|| say!("not asked: one answer holds all").to_owned(), grouped);
        let left = plan.day_remaining.map(|left| say!(" of {left} left today", left = grouped(left.into())));
        let (calls, points) = (grouped(plan.calls), grouped(plan.points));
        stdout::print(&say!(
            "report     {report}, {shape}\nrows       {rows}\ncalls      ~{calls}\npoints     ~{points}{left}\n",
            report = plan.report,
            shape = plan.shape,
            rows,
            calls,
            points,
            left = left.unwrap_or_default()
        ))?;
    }
    terminal.note(&say!("{points} spent to learn this", points = counted(plan.spent.into(), "point")));
    Ok(())
}

/// What a listing has in a period, and the calls that read it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) rows: u64,
    pub(super) calls: u64,
}

/// Asks how many rows a listing that is read by its starts has: a point for each stretch.
pub(super) async fn count_all(
    client: &calllegs_core::Client,
    spec: &ListingSpec,
    period: Period,
    context: &Context,
) -> Result<Counted, Failure> {
    let mut counted = Counted::default();
    for stretch in stretches(period) {
        let rows = count(client, spec, Some(stretch), context).await?;
        counted.rows += rows;
        counted.calls += sweep::forecast(stretch, rows).calls;
    }
    Ok(counted)
}

/// Asks how many rows there are.
async fn count(
    client: &calllegs_core::Client,
    spec: &ListingSpec,
    period: Option<Period>,
    context: &Context,
) -> Result<u64, Failure> {
    let method = spec.method;
    let identity: Vec<&'static FieldInfo> = method.identity().collect();
    let columns = if identity.is_empty() { spec.columns.iter().copied().take(1).collect() } else { identity };
    let mut query = Query::<AnyListing>::of(method).columns(&columns[..]).limit(1);
    for (name, value) in &spec.params {
        query = query.param(name, value)?;
    }
    query = spec.filter.iter().cloned().fold(query, Query::filter);
    query = period.into_iter().fold(query, Query::within);
    let page = client.call(query).await.map_err(|error| diagnostics::explain(&error, context))?;
    page.total.ok_or_else(|| {
        Failure::new(Exit::Incomplete, say!("the server did not say how many rows there are"))
            .next(say!("calllegs get --count counts them one by one"))
    })
}
