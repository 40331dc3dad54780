//! What stands beside the tables: half hours, transfers between groups, calls told apart. Counted by hand.

use calllegs_stats::{
    Analysis, By, HalfHour, Parameters,
    report::{Header, Report},
};

use crate::legs::{Leg, batch, caller, read, results, ring};

/// A call that rings Anna of Sales, who picks up after five seconds.
fn answered(session: i64, start: &str, total: i32) -> [Leg; 2] {
    [caller(session, start, total), ring(session, 1, start, total, "").picked(5)]
}

#[test]
fn people_are_there_between_conversations_that_are_near_each_other() {
    // Four half hours lie between the first two, five before the last.
    let mut legs = Vec::new();
    for (session, start) in (1..).zip(["10:10", "12:40", "15:40"]) {
        legs.extend(answered(session, &format!("2026-03-02 {start}:00"), 125));
    }
    // Boris is rung all day and picks up nothing: nobody knows that he is there.
    legs.push(ring(1, 2, "2026-03-02 10:10:00", 5, "another_operator_answer"));
    let results = results(&legs);
    let half_hours = results.total().unwrap().half_hours();
    let hours = |half_hour: &&HalfHour| half_hour.people.units() > 0;
    let there: Vec<_> = half_hours.iter().filter(hours).map(|it| it.start / 1800).collect();
    assert_eq!(there, [20, 21, 22, 23, 24, 25, 31]);
    let first = half_hours[0];
    assert_eq!((first.start, first.peak, half_hours.len()), (20 * 1800, 3, 12));
    assert_eq!([first.calls, first.talk.unwrap()].map(|it| it.to_string()), ["1.00", "120.0"]);
}

#[test]
fn lines_are_in_use_from_one_half_hour_to_the_next() {
    // Fifty minutes of two lines, over two days of which the other has one short call.
    let mut legs = answered(1, "2026-03-02 10:20:00", 3000).to_vec();
    legs.extend(answered(2, "2026-03-03 10:20:00", 60));
    let results = results(&legs);
    let shown: Vec<_> =
        results.total().unwrap().half_hours().iter().map(|it| (it.start / 1800, it.lines, it.peak)).collect();
    let shown: Vec<_> =
        shown.into_iter().map(|(slot, lines, peak)| format!("{slot} {lines} {peak}")).collect();
    // 2 × 660 s of 2 × 1800; 2 × 1800; 2 × 600.
    assert_eq!(shown, ["20 0.4 2", "21 1.0 2", "22 0.3 2"]);
}

#[test]
fn a_transfer_goes_from_the_group_of_one_ring_to_that_of_the_next() {
    let mut legs = answered(1, "2026-03-02 10:00:00", 60).to_vec();
    let mut transfer = ring(1, 3, "2026-03-02 10:01:00", 25, "").picked(5);
    (transfer.is_transfer, transfer.group) = (true, Some("Support"));
    legs.push(transfer);
    let mut onwards = ring(1, 2, "2026-03-02 10:01:25", 25, "").picked(5);
    (onwards.is_transfer, onwards.group) = (true, None);
    legs.push(onwards);
    let results = results(&legs);
    let transfers = results.total().unwrap().group_transfers();
    let shown: Vec<_> = transfers.iter().map(|it| (it.from.as_deref(), it.to.as_deref(), it.count)).collect();
    assert_eq!(shown, [(Some("Sales"), Some("Support"), 1), (Some("Support"), None, 1)]);
}

#[test]
fn a_report_has_a_line_for_each_part() {
    // One answered by Sales after Support was rung; one missed, in another account and scenario.
    let mut legs =
        vec![caller(1, "2026-03-02 10:00:00", 90), ring(1, 1, "2026-03-02 10:00:30", 60, "").picked(5)];
    let mut support = ring(1, 2, "2026-03-02 10:00:10", 20, "timeout");
    support.group = Some("Support");
    legs.push(support);
    let mut missed = [
        caller(2, "2026-03-02 11:00:00", 40),
        ring(2, 1, "2026-03-02 11:00:00", 40, "subscriber_disconnects"),
    ];
    for leg in &mut missed {
        (leg.account, leg.scenario) = ("uis:2", None);
    }
    legs.extend(missed);
    let apart = |by| {
        let results = read(Analysis::new(Parameters::default()).by(by), &[batch(&legs)]).unwrap();
        let days = ["2026-03-02", "2026-03-02"].map(|day| day.parse().unwrap());
        let header = Header::new("uis:1", "Europe/Moscow", days.into());
        let (_, slices) = Report::new(header, Vec::new()).split(by, results.parts()).slices.unwrap();
        let shown = slices.iter().map(|it| {
            let wait = it.wait.map(|wait| wait.to_string());
            format!("{:?} {} {} {} {} {wait:?}", it.name, it.offered, it.answered, it.missed, it.in_time)
        });
        shown.collect::<Vec<_>>()
    };
    let main = "1 1 0 0 Some(\"25.0\")";
    let none = "1 0 1 0 None";
    assert_eq!(apart(By::Account), [format!("Some(\"uis:1\") {main}"), format!("Some(\"uis:2\") {none}")]);
    assert_eq!(apart(By::Scenario), [format!("None {none}"), format!("Some(\"Main\") {main}")]);
    assert_eq!(
        apart(By::Group),
        [
            "Some(\"Sales\") 2 1 1 0 Some(\"25.0\")".to_owned(),
            // It was rung for a call that Sales answered.
            format!("Some(\"Support\") {main}"),
        ]
    );
}
