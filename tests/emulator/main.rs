//! Both clients against the emulator over real sockets: a period is what the emulator says exists.
//!
//! Every suite here passes with each reading of the bounds, because nobody knows which one the servers have.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

#[path = "../support/gateway.rs"]
mod gateway;

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use calllegs_core::{
    Account, Accounts, Brand, CallLeg, CallLegs, Client, CustomerUsers, Endpoint, Mnemonic, Period, Query,
    blocking,
    client::Rows,
    filter::Filter,
    limits::Gate,
    projection::Records,
    retry::{Exponential, RetryPolicy},
    schema::Listing,
    session::Credentials,
    sweep::{Checkpoint, Tally},
    value::{
        secret::{AccessKey, Password},
        wall_time,
    },
};
use calllegs_hyper::HyperTransport;
use calllegs_sandbox::{Bounds, Builder, Condition, Sandbox};
use calllegs_ureq::UreqTransport;
use futures_core::Stream;

fn small() -> Builder {
    Sandbox::builder().seed(7).days(4).legs_per_day(1500).minute_limit(None).day_limit(None)
}

fn period(from: &str, till: &str) -> Period {
    Period::new(wall_time::parse(from).unwrap(), wall_time::parse(till).unwrap()).unwrap()
}

/// Three of the four days, from and till in the middle of one.
fn days() -> Period {
    period("2026-02-25 10:17:03", "2026-02-28 15:00:00")
}

fn key(key: &str) -> Credentials {
    Credentials::Key(AccessKey::new(key))
}

fn over_ureq(account: Account) -> blocking::Client {
    blocking::Client::new(UreqTransport::new().unwrap(), account)
}

fn read(client: &blocking::Client, query: Query<CallLegs>) -> (Vec<CallLeg>, Tally) {
    let mut rows = client.sweep(query).unwrap();
    let legs = rows.by_ref().collect::<Result<Vec<_>, _>>().unwrap();
    (legs, rows.sweep().tally().clone())
}

fn ids(legs: &[CallLeg]) -> Vec<i64> {
    legs.iter().map(|leg| i64::try_from(leg.id.unwrap().get()).unwrap()).collect()
}

#[test]
fn a_period_is_the_emulators_truth_whatever_its_bounds() {
    for bounds in Bounds::ALL {
        let sandbox = small().bounds(bounds).start().unwrap();
        let truth = sandbox.legs(days().from(), days().till());
        let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
        let (legs, tally) = read(&client, Query::new(days()));
        assert!(truth.len() > 1000, "{}", truth.len());
        assert_eq!(
            ids(&legs).into_iter().collect::<BTreeSet<_>>(),
            truth.iter().map(|(id, _)| *id).collect()
        );
        assert_eq!((tally.rows, tally.expected, tally.repeats), (truth.len() as u64, truth.len() as u64, 0));
        assert!(legs.is_sorted_by_key(|leg| (leg.start_time, leg.call_session_id)));
        assert_eq!(sandbox.stats().points, u64::from(client.usage().spent));
    }
}

#[test]
fn adjacent_periods_share_no_leg_and_miss_none() {
    for bounds in Bounds::ALL {
        let sandbox = small().bounds(bounds).start().unwrap();
        let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
        let (whole, _) = read(&client, Query::new(days()));
        // Cut at a second in which legs start: there the bounds matter.
        let seam = whole.get(whole.len() / 2).unwrap().start_time.unwrap();
        let (mut halves, _) = read(&client, Query::new(Period::new(days().from(), seam).unwrap()));
        halves.extend(read(&client, Query::new(Period::new(seam, days().till()).unwrap())).0);
        assert_eq!(ids(&halves), ids(&whole), "{bounds:?}");
    }
}

#[test]
fn over_http2_the_rows_are_the_same_and_the_connection_is_one() {
    let sandbox = small().start().unwrap();
    let (blocking, _) =
        read(&over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme"))), Query::new(days()));
    let url = sandbox.url();
    let (_, upstream) = url.split_once("://").unwrap();
    let (upstream, path) = upstream.split_once('/').unwrap();
    let gateway = gateway::Gateway::before(upstream);
    let endpoint = Endpoint::custom(&gateway.url(&format!("/{path}"))).unwrap();
    let transport = HyperTransport::builder().root_certificates(gateway.authority()).build().unwrap();
    let client = Client::new(transport, Account::new(endpoint, key("sandbox-acme")));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = client.sweep(Query::<CallLegs>::new(days())).unwrap();
    assert_eq!(runtime.block_on(rows.collect()).unwrap(), blocking);
    let (connections, requests) = gateway.seen();
    assert_eq!((connections, requests), (1, client.usage().spent as usize));
}

#[test]
fn the_async_client_reads_the_same() {
    let sandbox = small().start().unwrap();
    let (blocking, _) =
        read(&over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme"))), Query::new(days()));
    // The client is gone when they are read.
    let rows = || {
        let account = Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme"));
        let client = Client::new(HyperTransport::new().unwrap(), account);
        client.sweep(Query::<CallLegs>::new(days())).unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(rows().collect()).unwrap(), blocking);
    let streamed = runtime.block_on(async {
        let (mut rows, mut legs) = (rows(), Vec::new());
        while let Some(leg) = poll_fn(|context| Pin::new(&mut rows).poll_next(context)).await {
            legs.push(leg.unwrap());
        }
        legs
    });
    assert_eq!(streamed, blocking);
}

#[test]
fn the_server_filters_as_the_filter_says() {
    let sandbox = small().start().unwrap();
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
    let (all, _) = read(&client, Query::new(days()));
    for text in [
        "is_operator and duration > 30",
        "not is_operator or is_failed",
        "finish_reason in (operator_busy, operator_not_responsible)",
        "finish_reason not in (subscriber_disconnects, operator_disconnects)",
        "employee_full_name like '%а%' and employee_rating is null",
        "employee_id is not null and not (is_transfered or is_coach)",
        "called_phone_number regexp '^7000'",
    ] {
        let filter = Filter::<CallLegs>::parse(text).unwrap();
        let (filtered, _) = read(&client, Query::new(days()).filter(filter.clone()));
        let matching: Vec<_> = all.iter().filter(|leg| filter.matches(*leg).unwrap()).cloned().collect();
        assert_eq!(filtered, matching, "{text}");
        assert!(!matching.is_empty() && matching.len() < all.len(), "{text} decides nothing");
    }
}

#[test]
fn every_column_can_be_asked_for_and_none_goes_missing() {
    let sandbox = small().start().unwrap();
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
    let query = Query::<CallLegs>::new(days()).records_of(CallLegs::METHOD.fields);
    let (legs, tally) = read(&client, query);
    assert!(tally.absent.is_empty() && tally.dropped.is_empty());
    assert!(legs.iter().all(|leg| leg.extra.is_empty()));
    assert!(legs.iter().any(|leg| leg.release_cause_code.is_some()));
}

#[test]
fn columns_that_a_brand_lacks_are_left_out() {
    let sandbox = small().brand(Brand::Callgear).start().unwrap();
    // A host that nobody knows: the brand is not given away by the address.
    for endpoint in [sandbox.endpoint().unwrap(), Endpoint::custom(&sandbox.url()).unwrap()] {
        let client = over_ureq(Account::new(endpoint, key("sandbox-acme")));
        let query = Query::<CallLegs>::new(days()).records_of(CallLegs::METHOD.fields);
        let (legs, tally) = read(&client, query);
        assert_eq!(legs.len(), sandbox.legs(days().from(), days().till()).len());
        let dropped: BTreeSet<_> = tally.dropped.iter().map(|column| column.name()).collect();
        for name in ["action_id", "called_phone_number", "scenario_name", "wav_call_records"] {
            assert!(dropped.contains(name), "{dropped:?}");
        }
    }
}

#[test]
fn a_login_reads_what_its_key_reads() {
    let sandbox = small().start().unwrap();
    let login = Credentials::Login { login: "demo".into(), password: Password::new("demo") };
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), login));
    let account = client.call(Query::<Accounts>::all()).unwrap();
    assert_eq!(account.rows.first().unwrap().timezone.as_deref(), Some("Europe/Moscow"));
    let (legs, _) = read(&client, Query::new(days()));
    assert_eq!(legs.len(), sandbox.legs(days().from(), days().till()).len());

    let wrong = Credentials::Login { login: "demo".into(), password: Password::new("wrong") };
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), wrong));
    let error = client.call(Query::<Accounts>::all()).unwrap_err();
    assert_eq!(*error.server().unwrap().mnemonic(), Mnemonic::AuthError);
}

#[test]
fn a_partner_reads_each_customer_by_its_user() {
    let sandbox = small().start().unwrap();
    let partner = || Account::new(sandbox.endpoint().unwrap(), key("sandbox-agency"));
    let client = over_ureq(partner());
    let users = client.call(Query::<CustomerUsers>::all()).unwrap().rows;
    let mut customers = Vec::new();
    for user in users.iter().map(|user| user.id.unwrap().get()) {
        let legs = ids(&read(&client, Query::new(days()).acting_for(user)).0);
        let alone = over_ureq(partner().acting_for(user));
        assert_eq!(ids(&read(&alone, Query::new(days())).0), legs, "whoever names the user");
        let (before, one) = (client.usage().spent, client.acting_for(user));
        let known = one.usage();
        assert_eq!(ids(&read(&one, Query::new(days())).0), legs, "whoever names the user");
        let spent = one.usage().spent - known.spent;
        assert_eq!(spent, alone.usage().spent, "what its calls have used");
        assert_eq!(client.usage().spent, before + spent, "and all of them");
        customers.push(legs);
    }
    customers.sort();
    customers.dedup();
    assert!(customers.len() >= 2, "customers differ");
    assert!(customers.iter().all(|legs| !legs.is_empty()));

    let error = client.call(Query::<CallLegs>::new(days())).unwrap_err();
    assert_eq!(error.server().unwrap().mnemonic().as_str(), "required_parameter_missed");
    assert_eq!(error.server().unwrap().field(), Some("user_id"));
}

/// What a client reads is the emulator's truth as of its clock, and a day later it is another one.
#[test]
fn ratings_that_come_late_are_read_once_they_are_there() {
    let sandbox = small().clock("fixed:2026-02-27T15:00:00".parse().unwrap()).start().unwrap();
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
    let fields = [CallLegs::ID.info(), CallLegs::EMPLOYEE_RATING.info(), CallLegs::FINISH_REASON.info()];
    let rated = || {
        let (legs, _) = read(&client, Query::new(days()).records_of(fields));
        let truth = sandbox.truth(None, days().from(), days().till(), fields).unwrap();
        let truth: Vec<CallLeg> = truth.iter().map(|leg| serde_json::from_str(leg).unwrap()).collect();
        let seen = |leg: &CallLeg| (leg.id, leg.employee_rating, leg.finish_reason.clone());
        assert!(legs.iter().map(seen).eq(truth.iter().map(seen)));
        legs.iter().filter(|leg| leg.employee_rating.is_some()).count()
    };
    let mut counts = vec![rated()];
    for hours in [1, 25] {
        sandbox.advance(Duration::from_secs(hours * 3600));
        counts.push(rated());
    }
    assert!(counts.is_sorted_by(|before, after| before < after), "{counts:?}");
}

#[test]
fn a_partner_of_a_hundred_reads_all_but_three() {
    let sandbox = small().agency(100).start().unwrap();
    let account = Account::new(sandbox.endpoint().unwrap(), key("sandbox-hundred"));
    let once = Exponential::default().at_most(1);
    let client = blocking::Client::builder(UreqTransport::new().unwrap(), account).retry_policy(once).build();
    let users = client.call(Query::<CustomerUsers>::all()).unwrap().rows;
    assert_eq!(users.len(), 110);
    let days = ["2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"]
        .map(|day| format!("{day} 00:00:00"));
    let (mut refused, mut sizes) = (Vec::new(), BTreeSet::new());
    for customer in sandbox.customers().iter().filter(|customer| customer.app_id > 200_000) {
        let user = u64::try_from(*customer.users.first().unwrap()).unwrap();
        let mut legs = 0;
        for (read, day) in days.windows(2).enumerate() {
            let query = Query::<CallLegs>::new(period(&day[0], &day[1])).acting_for(user);
            match client.sweep(query).unwrap().collect() {
                Ok(day) => legs += day.len(),
                Err(error) => {
                    let mnemonic = error.server().map(|error| error.mnemonic().as_str().to_owned());
                    refused.push((customer.condition.as_str(), mnemonic, read));
                    break;
                }
            }
        }
        if customer.condition == Condition::Sound {
            assert_eq!(legs, customer.legs, "{}", customer.name);
            sizes.insert(legs);
        }
    }
    assert!(sizes.first() == Some(&0) && sizes.len() > 20, "{sizes:?}");
    refused.sort();
    assert_eq!(
        refused,
        [
            ("dies-half-way", None, 2),
            ("disabled", Some("account_inactive".to_owned()), 0),
            ("not-whitelisted", Some("ip_not_whitelisted".to_owned()), 0),
        ]
    );
}

#[test]
fn a_bound_on_points_stops_before_it_is_broken() {
    let sandbox = small().start().unwrap();
    let account = Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme"));
    let client = over_ureq(account.with_gate(Gate::default().with_budget(1)));
    client.call(Query::<Accounts>::all()).unwrap();
    assert!(client.call(Query::<Accounts>::all()).unwrap_err().budget().is_some());
    assert_eq!(sandbox.stats().points, 1);
}

#[test]
fn refused_calls_cost_nothing() {
    let sandbox = small().start().unwrap();
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("no-such-key")));
    let error = client.call(Query::<CallLegs>::new(days())).unwrap_err();
    assert_eq!(*error.server().unwrap().mnemonic(), Mnemonic::AccessTokenInvalid);
    let stats = sandbox.stats();
    assert_eq!((stats.calls, stats.refused, stats.points), (1, 1, 0));
}

/// Two days of some 31,000 legs: several pages, the last of them not full.
fn busy() -> (Sandbox, Period) {
    let sandbox = small().days(2).legs_per_day(16_000).start().unwrap();
    (sandbox, period("2026-02-27 00:00:00", "2026-03-01 00:00:00"))
}

/// Where programs stop that take rows one by one: anywhere in a page, and at its ends.
const STOPS: [usize; 7] = [0, 1, 1234, 9979, 9999, 10_000, 15_000];

fn of_ids(period: Period) -> Query<CallLegs> {
    Query::new(period).records_of(CallLegs::ID)
}

fn kept(checkpoint: Option<Checkpoint>) -> Checkpoint {
    let text = serde_json::to_string(&checkpoint.unwrap()).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn rows_taken_one_by_one_are_gone_on_behind_by_a_blocking_client() {
    let (sandbox, days) = busy();
    let truth: BTreeSet<_> = sandbox.legs(days.from(), days.till()).into_iter().map(|(id, _)| id).collect();
    let client = over_ureq(Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme")));
    for stop in STOPS {
        let mut rows = client.sweep(of_ids(days)).unwrap();
        let mut legs: Vec<_> = rows.by_ref().take(stop).map(Result::unwrap).collect();
        assert_eq!(rows.sweep().tally().rows, stop as u64);
        let checkpoint = kept(rows.sweep().checkpoint());
        drop(rows);
        let rest = client.resume(of_ids(days), checkpoint).unwrap();
        legs.extend(rest.map(Result::unwrap));
        assert_eq!(legs.len(), truth.len(), "stopped after {stop}");
        assert_eq!(ids(&legs).into_iter().collect::<BTreeSet<_>>(), truth, "stopped after {stop}");
    }
}

#[test]
fn rows_taken_one_by_one_are_gone_on_behind_by_an_async_client_whose_futures_are_dropped() {
    let (sandbox, days) = busy();
    let truth: BTreeSet<_> = sandbox.legs(days.from(), days.till()).into_iter().map(|(id, _)| id).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let transport = HyperTransport::new().unwrap();
        let account = Account::new(sandbox.endpoint().unwrap(), key("sandbox-acme"));
        let client = Client::new(transport, account);
        for stop in STOPS {
            let mut rows = client.sweep(of_ids(days)).unwrap();
            let mut legs = Vec::new();
            while legs.len() < stop {
                legs.push(next(&mut rows).await.unwrap());
            }
            let checkpoint = kept(rows.sweep().checkpoint());
            drop(rows);
            let mut rest = client.resume(of_ids(days), checkpoint).unwrap();
            while let Some(leg) = next(&mut rest).await {
                legs.push(leg);
            }
            assert_eq!(legs.len(), truth.len(), "stopped after {stop}");
            assert_eq!(ids(&legs).into_iter().collect::<BTreeSet<_>>(), truth, "stopped after {stop}");
        }
    });
}

/// The next row, asked for as in a `select!` whose other branch is ready first: the future is polled once, dropped, and
/// made again.
async fn next(rows: &mut Rows<CallLegs, Records>) -> Option<CallLeg> {
    for _ in 0..3 {
        let polled = {
            let mut row = pin!(rows.next());
            poll_fn(|context| Poll::Ready(row.as_mut().poll(context))).await
        };
        match polled {
            Poll::Ready(row) => return row.map(Result::unwrap),
            Poll::Pending => tokio::task::yield_now().await,
        }
    }
    rows.next().await.map(Result::unwrap)
}
