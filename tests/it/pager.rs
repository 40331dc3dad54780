//! Pages of one window, over a transport made of a closure.

use calllegs_core::{
    CallLegs, Query, blocking,
    pager::{Pager, Progress},
    transport::from_fn,
};
use calllegs_tests::{Answer, Script, VirtualClock, account_with_key, leg};

use super::period;

#[test]
fn a_window_is_read_to_its_total_and_no_further() {
    let page = |ids: std::ops::RangeInclusive<u64>| {
        Answer::page(&ids.map(|id| leg(id, "2026-03-02 10:00:00")).collect::<Vec<_>>(), 5)
    };
    let script = Script::new([page(1..=2), page(3..=4), page(5..=5)]);
    let wire = script.clone();
    let transport = from_fn(move |request| wire.answer(&request));
    let client =
        blocking::Client::builder(transport, account_with_key()).timer(VirtualClock::default()).build();

    let query = Query::<CallLegs>::new(period("2026-03-02 00:00:00", "2026-03-03 00:00:00"));
    let mut pager = Pager::new(query.limit(2));
    let mut ids = Vec::new();
    let mut last = Progress::Done;
    while let Some(call) = pager.next_call() {
        let page = client.call(call).unwrap();
        last = pager.absorb(&page);
        ids.extend(page.rows.iter().map(|row| row.id.unwrap().get()));
    }
    assert_eq!((ids, last), (vec![1, 2, 3, 4, 5], Progress::Done));
    let asked: Vec<_> = script.sent().iter().map(|body| body["params"]["offset"].as_u64().unwrap()).collect();
    assert_eq!(asked, [0, 2, 4]);
}
