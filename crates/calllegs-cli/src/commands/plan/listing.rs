//! `calllegs plan --report`: what a listing other than legs will cost. The server counts its rows in answer to a page of one
//! row, for each three months where it has a period. Not here: legs.

use std::{ops::AddAssign, sync::Arc};

use calllegs_core::{
    Period, Query,
    pager::Reach,
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
    if matches!(method.shape(), Shape::Hops | Shape::Windows) {
        line.wait(agree(terminal, &[period]))?;
    }
    let Expected { rows, calls } = line.wait(expected(&connection.client, &spec, period, &context))?;
    let mut plan =
        Plan { report: method.name, shape: method.shape().as_str(), rows, calls, ..Plan::default() };
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

/// What a listing holds, and what reading it takes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Expected {
    /// `None` where one answer holds all: nothing was asked.
    pub(crate) rows: Option<u64>,
    pub(crate) calls: u64,
}

impl AddAssign for Expected {
    fn add_assign(&mut self, other: Self) {
        self.rows = self.rows.map_or(other.rows, |rows| Some(rows + other.rows.unwrap_or_default()));
        self.calls += other.calls;
    }
}

/// Asks what is needed for a forecast of a period; one of no time for a listing that has none.
pub(crate) async fn expected(
    client: &calllegs_core::Client,
    spec: &ListingSpec,
    period: Period,
    context: &Context,
) -> Result<Expected, Failure> {
    let method = spec.method;
    let calls = |period, rows| sweep::forecast_of(method, period, rows, Reach::DOCUMENTED).calls;
    let mut all = Expected::default();
    match method.shape() {
        Shape::Single => all.calls = calls(period, 0),
        Shape::Hops | Shape::Windows => {
            for stretch in stretches(period) {
                let rows = count(client, spec, Some(stretch), context).await?;
                all += Expected { rows: Some(rows), calls: calls(stretch, rows) };
            }
        }
        Shape::Offset | _ => {
            let asked = Some(period).filter(|_| method.is_over_period());
            let rows = count(client, spec, asked, context).await?;
            all = Expected { rows: Some(rows), calls: calls(period, rows) };
        }
    }
    Ok(all)
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
