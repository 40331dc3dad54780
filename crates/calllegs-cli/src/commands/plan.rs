//! `calllegs plan`: what a period will cost, for at most one point per three months of it.
//!
//! The server counts the legs of each stretch in answer to a page of one row; what a sweep makes of so many is core's
//! word. Not here: reading, and what is forecast on the way of a long run (`export`).

mod listing;

use std::{collections::BTreeMap, ops::AddAssign, sync::Arc, time::Duration};

use calllegs_arrow::Zone;
use calllegs_core::{CallLegs, Period, Query, Usage, schema::Listing, sweep, value::wall_time};
use calllegs_store::{ExportSpec, ListingSpec, export::readable};
use chrono::{DateTime, Months, Utc};
use serde::Serialize;

pub(crate) use self::listing::{Expected, expected};
use crate::{
    account::{
        connect::{self, ApiTarget, Connection},
        identity::{self, AccountIdentity, Need},
        session::Line,
    },
    cli::{Common, PlanArgs},
    clock::Clock,
    commands::customers,
    failure::{Exit, Failure},
    input::{
        dates::{Range, describe},
        selection::{Selected, Selection},
    },
    lang::say,
    ui::{
        diagnostics::{self, Context},
        stdout, table,
        terminal::Terminal,
        text::{counted, grouped, human_duration},
    },
};

/// The longest period that the server counts in one reply.
const STRETCH: Months = Months::new(3);

/// A forecast that costs more points says so first.
const DEAR: usize = 20;

/// Bytes of a leg with all of its columns, and with as few as there are.
const LEG: u64 = 960;
const SMALLEST_LEG: u64 = 30;

/// Bytes of a row that is joined to legs.
const JOINED: u64 = 170;

/// Bytes that come in a second: 9,900 legs with all of their columns.
const BYTES_A_SECOND: u64 = 9900 * LEG;

/// What is known in the end. The keys are a contract.
#[derive(Clone, Debug, Serialize)]
struct Plan {
    from: String,
    till: String,
    timezone: String,
    legs: u64,
    windows: u64,
    hops: u64,
    calls: u64,
    points: u64,
    /// Points that this forecast cost.
    spent: u32,
    seconds: u64,
    bytes: u64,
    day_remaining: Option<u32>,
    minute_limit: Option<u32>,
    /// Rows of the listings that are joined to the legs; calls, points and bytes are those of all.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    with: BTreeMap<&'static str, u64>,
}

/// Runs the command.
pub(crate) fn run(
    args: &PlanArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    if let Some(name) = args.report.as_deref().filter(|name| !crate::input::listing::is_legs(name)) {
        return listing::run(name, args, common, terminal, now);
    }
    // The flags first: a misspelt date is not worth a question about brands.
    let wanted = Selection::of_plan(args)?;
    let given = identity::given(common, now)?;
    let range = Range::read(&args.period)?;
    range.refuse_reversed(&args.period, now, given.as_ref())?;
    range.possible(now, given.as_ref())?;
    for doubt in wanted.doubts() {
        terminal.warn(&doubt);
    }
    let target = ApiTarget::find(common, terminal)?;
    let job = Job { request: wanted.of(target.brand(), false)?, range, given, now };
    if customers::are_asked(&args.customers, common) {
        return for_customers(&job, args, common, terminal);
    }
    let connection = connect::to(common, &target, terminal)?;
    let plan = job.forecast(&connection, &mut Line::open()?, terminal)?;
    let usage = connection.client.usage();
    let plan = plan.priced(&usage, job.request.fetched().len());
    if let Some(warning) = plan.shortfall(usage.reserved.unwrap_or_default()) {
        terminal.warn(&warning);
    }
    if args.json {
        stdout::print_json(&plan)?;
    } else {
        stdout::print(&plan.to_text())?;
    }
    terminal.note(&say!("{points} spent to learn this", points = counted(plan.spent.into(), "point")));
    Ok(())
}

/// What is to be forecast.
struct Job {
    request: ExportSpec,
    range: Range,
    /// The zone that dates are meant in.
    given: Option<Zone>,
    now: DateTime<Utc>,
}

impl Job {
    /// The forecast for an account, without what replies say of points.
    fn forecast(
        &self,
        connection: &Connection,
        line: &mut Line,
        terminal: &Terminal,
    ) -> Result<Plan, Failure> {
        let mut context = connection.context();
        let given = self.given.as_ref();
        let asked = identity::find(given, Need::Forecast, connection, &context, terminal, self.now);
        let AccountIdentity { zone, source, .. } = line.wait(asked)?;
        let clock = Clock { now: self.now, zone: zone.clone(), dates: None };
        let resolved = self.range.resolve(&clock)?;
        terminal.note(&describe(resolved.period, &zone, source).to_string());
        for warning in &resolved.warnings {
            terminal.warn(warning);
        }
        let period = readable(resolved.period, clock.local());
        context.clock = Some(clock);
        context.period = Some(resolved.period);
        let companions = &self.request.companions;
        let periods: Vec<_> = companions.iter().map(|companion| companion.period(period)).collect();
        line.wait(agree(terminal, &[&[period], &*periods].concat()))?;
        let mut plan = Plan::of(line.wait(count(connection, &self.request, &context, period))?);
        for (companion, period) in companions.iter().zip(periods) {
            let spec = ListingSpec::of_companion(companion, context.brand);
            let counted = line.wait(expected(&connection.client, &spec, period, &context))?;
            plan.with.insert(companion.method().name, counted.rows.unwrap_or_default());
            plan.calls += counted.calls;
            plan.points += counted.calls * u64::from(companion.method().cost);
        }
        plan.from = wall_time::format(resolved.period.from()).to_string();
        plan.till = wall_time::format(resolved.period.till()).to_string();
        zone.name().clone_into(&mut plan.timezone);
        if source != "account" || connection.zones.is_none() {
            // The run asks for the zone, unless this has just done so.
            plan.calls += 1;
            plan.points += 1;
        }
        Ok(plan)
    }
}

/// A forecast for each customer, and one for all of them.
fn for_customers(
    job: &Job,
    args: &PlanArgs,
    common: &Common,
    terminal: &Arc<Terminal>,
) -> Result<(), Failure> {
    let connection = connect::find(&customers::as_partner(common), terminal)?;
    let mut line = Line::open()?;
    let chosen = customers::choose(&args.customers, common, &connection, &mut line)?;
    customers::announce(chosen.len(), 1, terminal, &mut line)?;
    let total = chosen.len();
    let columns = job.request.fetched().len();
    let (mut stopped, mut failed, mut plans) = (None, Vec::new(), Vec::new());
    let mut all = Plan::of(Counted::default());
    for customer in chosen {
        let of_customer = connection.acting_for(customer.user, customer.account)?;
        match job.forecast(&of_customer, &mut line, &terminal.of(&customer.name)) {
            Ok(plan) => {
                let plan = plan.priced(&of_customer.client.usage(), columns);
                all.add(&plan);
                plans.push(OfCustomer { customer: customer.name, plan });
            }
            Err(failure) if customers::ends_all(failure.exit) => {
                stopped = Some(failure);
                break;
            }
            Err(failure) => failed.push((customer.name, failure)),
        }
    }
    let usage = connection.client.usage();
    let all = all.priced(&usage, columns);
    let ended = customers::end(total, plans.len(), stopped, failed, false);
    if matches!(&ended, Err(failure) if failure.exit == Exit::Usage) {
        return ended;
    }
    if args.json {
        stdout::print_json(&Plans { customers: &plans, total: &all })?;
    } else {
        let row = |name: &str, plan: &Plan| {
            let [legs, points] = [plan.legs, plan.points].map(grouped);
            vec![name.to_owned(), legs, points, format!("~{}", bytes(plan.bytes))]
        };
        let mut rows: Vec<_> = plans.iter().map(|plan| row(&plan.customer, &plan.plan)).collect();
        rows.push(row(say!("in all"), &all));
        table::print(
            &[say!("customer"), say!("legs"), say!("points"), say!("download")].map(str::to_owned),
            rows,
        )?;
    }
    if let Some(warning) = all.shortfall(usage.reserved.unwrap_or_default()) {
        terminal.warn(&warning);
    }
    terminal.note(&say!("{points} spent to learn this", points = counted(all.spent.into(), "point")));
    ended
}

/// The keys are a contract.
#[derive(Serialize)]
struct Plans<'p> {
    customers: &'p [OfCustomer],
    total: &'p Plan,
}

#[derive(Serialize)]
struct OfCustomer {
    customer: String,
    #[serde(flatten)]
    plan: Plan,
}

/// Asks before a forecast of these periods that is dear.
pub(crate) async fn agree(terminal: &Terminal, periods: &[Period]) -> Result<(), Failure> {
    let cost: usize = periods.iter().map(|period| stretches(*period).count()).sum();
    if cost > DEAR { announce(terminal, cost as u64).await } else { Ok(()) }
}

/// Says what the forecast itself costs, and asks where somebody can answer.
async fn announce(terminal: &Terminal, cost: u64) -> Result<(), Failure> {
    let said = say!(
        "the forecast itself costs {points}, one for each three months",
        points = counted(cost, "point")
    );
    if !terminal.asks() {
        terminal.note(&say!("{said}; Ctrl-C stops it, and --max-points bounds it", said));
        return Ok(());
    }
    if terminal.ask(&say!("{said}. Go on?", said), false).await {
        return Ok(());
    }
    Err(Failure::new(Exit::Interrupted, say!("stopped before more points were spent"))
        .next(say!("ask for a shorter period, or bound the forecast with --max-points")))
}

/// What a period holds, as the server counts it, and what a sweep makes of that.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) legs: u64,
    pub(crate) windows: u64,
    pub(crate) hops: u64,
    pub(crate) calls: u64,
}

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        self.legs += other.legs;
        self.windows += other.windows;
        self.hops += other.hops;
        self.calls += other.calls;
    }
}

/// Asks for the number of legs of each stretch: a point for each.
pub(crate) async fn count(
    connection: &Connection,
    request: &ExportSpec,
    context: &Context,
    period: Period,
) -> Result<Counted, Failure> {
    let mut counted = Counted::default();
    for stretch in stretches(period) {
        let query = Query::<CallLegs>::new(stretch).records_of(CallLegs::ID).limit(1);
        let query = request.filter.iter().cloned().fold(query, Query::filter);
        let page =
            connection.client.call(query).await.map_err(|error| diagnostics::explain(&error, context))?;
        let legs = page.total.ok_or_else(|| {
            Failure::new(Exit::Incomplete, say!("the server did not say how many legs there are"))
                .next(say!("run the command again; calllegs get counts them one by one"))
        })?;
        let forecast = sweep::forecast(stretch, legs);
        counted.legs += legs;
        counted.windows += forecast.windows;
        counted.hops += forecast.hops;
        counted.calls += forecast.calls;
    }
    Ok(counted)
}

/// The period in stretches of at most three calendar months.
fn stretches(period: Period) -> impl Iterator<Item = Period> {
    let mut from = period.from();
    std::iter::from_fn(move || {
        let end = period.till();
        let till = from.checked_add_months(STRETCH).map_or(end, |till| till.min(end));
        let stretch = Period::new(from, till).ok().filter(|stretch| !stretch.is_empty())?;
        from = till;
        Some(stretch)
    })
}

impl Plan {
    /// A forecast of so many legs, of which nothing else is known yet.
    fn of(counted: Counted) -> Self {
        let Counted { legs, windows, hops, calls } = counted;
        Self {
            from: String::new(),
            till: String::new(),
            timezone: String::new(),
            legs,
            windows,
            hops,
            calls,
            points: calls,
            spent: 0,
            seconds: 0,
            bytes: 0,
            day_remaining: None,
            minute_limit: None,
            with: BTreeMap::new(),
        }
    }

    /// Adds that of another account.
    fn add(&mut self, other: &Self) {
        if self.from.is_empty() {
            self.from.clone_from(&other.from);
            self.till.clone_from(&other.till);
            self.timezone.clone_from(&other.timezone);
        }
        self.legs += other.legs;
        self.windows += other.windows;
        self.hops += other.hops;
        self.calls += other.calls;
        self.points += other.points;
        for (name, rows) in &other.with {
            *self.with.entry(name).or_default() += rows;
        }
    }

    /// With what the replies said of points, and what follows for time and bytes.
    fn priced(self, usage: &Usage, columns: usize) -> Self {
        let columns = columns as u64;
        let whole = CallLegs::METHOD.fields.len() as u64;
        let plan = Self {
            spent: usage.spent,
            bytes: (self.legs.saturating_mul((LEG * columns / whole.max(1)).max(SMALLEST_LEG)))
                .saturating_add(self.with.values().sum::<u64>().saturating_mul(JOINED)),
            day_remaining: usage.day.map(|day| day.remaining),
            minute_limit: usage.minute.and_then(|minute| minute.limit),
            ..self
        };
        Self { seconds: plan.download().max(plan.waiting()), ..plan }
    }

    /// Seconds that the network needs.
    fn download(&self) -> u64 {
        self.bytes.div_ceil(BYTES_A_SECOND)
    }

    /// Seconds until the last of the points can be spent, when a minute that is full begins with the run.
    fn waiting(&self) -> u64 {
        let limit = self.minute_limit.map(u64::from).filter(|limit| *limit > 0);
        limit.map_or(0, |limit| self.points.saturating_sub(1) / limit * 60)
    }

    /// What to say when the day has not as many points left.
    fn shortfall(&self, reserved: u32) -> Option<String> {
        let left = u64::from(self.day_remaining?.saturating_sub(reserved));
        if self.points <= left {
            return None;
        }
        let points = counted(self.points, "point");
        let kept = match reserved {
            0 => String::new(),
            reserved => say!(", beside {reserved} that --reserve keeps", reserved = grouped(reserved.into())),
        };
        Some(say!(
            "about {points} will not fit into the {left} that are left today{kept}: the run ends with exit code 6; \
             with -o FILE the same command goes on after the reset",
            points,
            left = grouped(left),
            kept
        ))
    }

    fn to_text(&self) -> String {
        let time = |seconds| human_duration(Duration::from_secs(seconds));
        let limited = match self.minute_limit {
            Some(limit) if self.waiting() > self.download() => {
                let alone = time(self.download());
                say!(
                    "limited by {points} a minute; the network alone would need {alone}",
                    points = counted(limit.into(), "point"),
                    alone
                )
            }
            _ => say!("limited by the network").to_owned(),
        };
        let points = format!("~{}", counted(self.points, "point"));
        let stay = match self.day_remaining {
            Some(left) => {
                let stay = grouped(u64::from(left).saturating_sub(self.points));
                say!("{points} of {left} left today, {stay} stay", points, left = grouped(left.into()), stay)
            }
            None => say!("{points}; the server states no limit of the day", points),
        };
        let [legs, calls] = [grouped(self.legs), format!("~{}", grouped(self.calls))];
        let windows = say!(
            "{windows} (31 days at most), {hops}",
            windows = counted(self.windows, "window"),
            hops = counted(self.hops, "hop")
        );
        let columns =
            say!("{legs} a leg", legs = bytes(self.bytes.checked_div(self.legs).unwrap_or_default()));
        let rows = [
            (say!("legs"), legs, windows),
            (say!("calls"), calls, stay),
            (say!("time"), time(self.seconds), limited),
            (say!("download"), format!("~{}", bytes(self.bytes)), columns),
        ];
        let joined = self
            .with
            .iter()
            .map(|(name, rows)| (say!("joined"), grouped(*rows), say!("rows of {name}", name)));
        let [legs, rest @ ..] = rows;
        let rows = [legs].into_iter().chain(joined).chain(rest);
        let lines: Vec<_> =
            rows.map(|(name, value, more)| format!("{name:<10} {value:<18} {more}\n")).collect();
        lines.concat()
    }
}

/// `960 B`, `1.8 GB`.
fn bytes(count: u64) -> String {
    let (mut tenths, mut unit) = (u128::from(count) * 10, "B");
    for next in ["kB", "MB", "GB", "TB"] {
        if tenths < 10_000 {
            break;
        }
        (tenths, unit) = (tenths / 1000, next);
    }
    if unit == "B" || tenths >= 100 {
        return format!("{} {unit}", tenths / 10);
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, till: &str) -> Period {
        let at = |text: &str| wall_time::parse(&format!("{text} 00:00:00")).unwrap();
        Period::new(at(from), at(till)).unwrap()
    }

    #[test]
    fn stretches_are_three_calendar_months() {
        for (from, till, count) in [
            ("2026-07-01", "2026-10-01", 1),
            ("2026-07-01", "2026-10-02", 2),
            ("2025-11-30", "2026-02-28", 1),
            ("2026-01-01", "2027-01-01", 4),
            ("2026-01-01", "2026-01-01", 0),
        ] {
            let period = period(from, till);
            let all: Vec<_> = stretches(period).collect();
            assert_eq!(all.len(), count, "{from} {till}");
            assert!(all.windows(2).all(|pair| pair[0].till() == pair[1].from()));
            if let (Some(first), Some(last)) = (all.first(), all.last()) {
                assert_eq!((first.from(), last.till()), (period.from(), period.till()));
            }
        }
    }

    #[test]
    fn sizes_have_two_digits_that_matter() {
        for (count, text) in [
            (0, "0 B"),
            (960, "960 B"),
            (1000, "1.0 kB"),
            (9_960, "9.9 kB"),
            (28_800, "28 kB"),
            (1_768_432_320, "1.7 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(count), text);
        }
    }

    #[test]
    fn time_is_the_larger_of_network_and_minutes() {
        let mut plan = Plan {
            from: String::new(),
            till: String::new(),
            timezone: "UTC".to_owned(),
            legs: 1_842_117,
            windows: 3,
            hops: 17,
            calls: 199,
            points: 199,
            spent: 1,
            seconds: 186,
            bytes: 1_842_117 * LEG,
            day_remaining: Some(10_000),
            minute_limit: Some(60),
            with: BTreeMap::new(),
        };
        assert_eq!((plan.download(), plan.waiting()), (187, 180));
        assert!(plan.to_text().contains("limited by the network"), "{}", plan.to_text());
        plan.minute_limit = Some(10);
        assert_eq!(plan.waiting(), 19 * 60);
        let text = plan.to_text();
        for said in [
            "1,842,117",
            "~199 points of 10,000 left today, 9,801 stay",
            "limited by 10 points a minute",
            "3 min 7 s",
            "~1.7 GB",
        ] {
            assert!(text.contains(said), "{said}: {text}");
        }
        plan.points = 60;
        plan.minute_limit = Some(60);
        assert_eq!(plan.waiting(), 0);
        plan.minute_limit = Some(0);
        assert_eq!(plan.waiting(), 0);
    }
}
