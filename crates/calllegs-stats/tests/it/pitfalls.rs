//! The twelve ways in which call legs mislead, each with calls that were counted by hand.

use arrow_array::RecordBatch;
use calllegs_stats::{
    After, Analysis, By, Cell, Error, Finish, Parameters, ServiceLevelVariant,
    shape::{
        ABANDONMENT, ASA, BY_DAY, CALL_PROFILE, CONCURRENCY, EMPLOYEES, FIRST_RESPONSE, GROUPS, HEATMAP,
        NOT_CALLED_BACK, OCCUPANCY, PARETO, QUALITY, REPEAT_CALLERS, SCENARIOS, SERVICE_LEVEL,
        STAFFING_INPUT, TALK, TRANSFERS,
    },
};

use crate::legs::{Leg, batch, caller, read, results, ring, shown, time};

/// A call from ten o'clock: ten seconds of menu, Anna and Boris ring, Boris picks up after eight seconds and talks for
/// half a minute.
fn answered(session: i64) -> Vec<Leg> {
    vec![
        caller(session, "2026-03-02 10:00:00", 48),
        ring(session, 1, "2026-03-02 10:00:10", 8, "another_operator_answer"),
        ring(session, 2, "2026-03-02 10:00:10", 38, "").picked(8),
    ]
}

/// A call that rings Anna for half a minute, and the caller gives up.
fn abandoned(session: i64, start: &str, rings: i32) -> Vec<Leg> {
    let mut leg = ring(session, 1, start, rings, "subscriber_disconnects");
    leg.group = Some("Support");
    vec![caller(session, start, rings), leg]
}

#[test]
fn several_legs_are_one_call() {
    let results = results(&answered(1));
    assert_eq!(shown(&results, &SERVICE_LEVEL), ["1 1 0 1 100.0 100.0"]);
    assert_eq!(shown(&results, &ABANDONMENT), ["0 0 0 0.0"]);
    assert_eq!(shown(&results, &ASA), ["8.0 8.0 8.0 8 18.0"]);
    assert_eq!(shown(&results, &TALK), ["30.0 30 2.00"]);
    assert_eq!(shown(&results, &BY_DAY), ["2026-03-02 1 1 0 1 100.0"]);
    assert_eq!(shown(&results, &HEATMAP), ["1 10 1 1.0 0 0.0"]);
    assert_eq!(shown(&results, &CALL_PROFILE), ["5 1 0 0"]);
    assert_eq!(shown(&results, &SCENARIOS), ["Main 1 1 0 0 0 8.0"]);
    assert_eq!(shown(&results, &STAFFING_INPUT), ["10 1.00 30.0 0.01"]);
    assert_eq!(shown(&results, &FIRST_RESPONSE), ["1 1 18"]);
}

#[test]
fn a_coach_neither_handles_nor_answers() {
    let mut legs = answered(1);
    let mut coach = ring(1, 3, "2026-03-02 10:00:12", 30, "").picked(1);
    coach.is_coach = true;
    legs.push(coach);
    assert_eq!(shown(&results(&legs), &TALK), ["30.0 30 2.00"]);
    assert_eq!(shown(&results(&legs), &CONCURRENCY), shown(&results(&answered(1)), &CONCURRENCY));
    // A call that a coach alone picked up is missed.
    let mut legs = abandoned(2, "2026-03-02 11:00:00", 30);
    let mut coach = ring(2, 3, "2026-03-02 11:00:02", 20, "").picked(1);
    coach.is_coach = true;
    legs.push(coach);
    assert_eq!(shown(&results(&legs), &ABANDONMENT), ["1 0 1 100.0"]);
    assert_eq!(shown(&results(&legs), &EMPLOYEES), ["1 Anna 1 0 0 1 - - - - 0"]);
}

#[test]
fn a_transfer_adds_talk_and_neither_a_call_nor_a_wait() {
    let mut legs = answered(1);
    let mut transfer = ring(1, 3, "2026-03-02 10:00:48", 25, "").picked(5);
    transfer.is_transfer = true;
    legs.push(transfer);
    legs[0].total = 73;
    let results = results(&legs);
    assert_eq!(shown(&results, &SERVICE_LEVEL), ["1 1 0 1 100.0 100.0"]);
    assert_eq!(shown(&results, &ASA), ["8.0 8.0 8.0 8 18.0"]);
    assert_eq!(shown(&results, &TALK), ["50.0 50 3.00"]);
    assert_eq!(shown(&results, &TRANSFERS), ["Boris Vera 1"]);
}

#[test]
fn who_lost_the_race_missed_nothing() {
    let results = results(&answered(1));
    assert!(shown(&results, &PARETO).is_empty());
    assert_eq!(shown(&results, &EMPLOYEES), ["2 Boris 1 1 0 0 100.0 8.0 30 - 0", "1 Anna 1 0 1 0 - - - - 0"]);
}

#[test]
fn the_leg_of_the_caller_is_no_talk() {
    // It is connected from the first second, menu included.
    let results = results(&answered(1));
    assert_eq!(shown(&results, &TALK), ["30.0 30 2.00"]);
    let menu = caller(2, "2026-03-02 12:00:00", 40);
    let results = crate::legs::results(&[menu]);
    assert_eq!(shown(&results, &SERVICE_LEVEL), ["0 0 0 0 - -"]);
    assert_eq!(shown(&results, &SCENARIOS), ["Main 1 0 1 0 0 -"]);
}

#[test]
fn the_way_of_a_leg_is_not_that_of_its_call() {
    // The legs to employees go out, the call comes in; and the other way round.
    let outbound = [
        ring(2, 1, "2026-03-02 11:00:00", 60, "").picked(2),
        Leg {
            direction: "out",
            picked: Some(20),
            duration: 30,
            id: 299,
            ..caller(2, "2026-03-02 11:00:05", 55)
        },
    ];
    let inside = [
        ring(3, 1, "2026-03-02 11:30:00", 60, "").picked(2),
        Leg { direction: "in", ..ring(3, 2, "2026-03-02 11:30:02", 50, "").picked(3) },
    ];
    let legs: Vec<Leg> = answered(1).into_iter().chain(outbound).chain(inside).collect();
    let results = results(&legs);
    assert_eq!(shown(&results, &SCENARIOS), ["Main 1 1 0 0 0 8.0"]);
    assert_eq!(shown(&results, &REPEAT_CALLERS), ["1 0 0.0"]);
}

#[test]
fn whether_a_leg_is_said_to_have_failed_changes_nothing() {
    let told = answered(1).into_iter().map(|leg| Leg { is_failed: true, ..leg }).collect::<Vec<_>>();
    assert_eq!(crate::legs::everything(&results(&told)), crate::legs::everything(&results(&answered(1))));
}

#[test]
fn a_greeting_is_no_answer() {
    // Picked up while a message plays, and the caller leaves.
    let mut legs = abandoned(1, "2026-03-02 10:00:00", 30);
    legs[1].picked = Some(3);
    let results = results(&legs);
    assert_eq!(shown(&results, &ABANDONMENT), ["1 0 1 100.0"]);
    assert_eq!(shown(&results, &GROUPS), ["Support 1 0 1 0 3.0"]);
    assert_eq!(shown(&results, &QUALITY), ["0 - - -"]);
}

#[test]
fn a_call_belongs_to_the_day_that_it_started() {
    let legs = [caller(1, "2026-02-28 23:59:50", 100), ring(1, 1, "2026-03-01 00:00:05", 85, "").picked(5)];
    let results = results(&legs);
    assert_eq!(shown(&results, &BY_DAY), ["2026-02-28 1 1 0 1 100.0"]);
    assert_eq!(shown(&results, &HEATMAP), ["6 23 1 1.0 0 0.0"]);
    // Lines are cut by time: at the turn of the hour one was in use already.
    assert_eq!(shown(&results, &CONCURRENCY), ["1772323200 2", "1772319600 1"]);
}

#[test]
fn a_clock_that_goes_back_changes_no_wait() {
    // Berlin, 2026-10-25: at 01:00 UTC the clock goes from 03:00 back to 02:00.
    let at = |text| time(text);
    let mut call = caller(1, "2026-10-25 02:59:30", 90);
    call.instants = Some((at("2026-10-25 00:59:30"), Some(at("2026-10-25 00:59:30"))));
    let mut answer = ring(1, 1, "2026-10-25 02:59:50", 70, "").picked(15);
    answer.picked = Some(15 - 3600);
    answer.instants = Some((at("2026-10-25 00:59:50"), Some(at("2026-10-25 01:00:05"))));
    let mut later = caller(2, "2026-10-25 02:10:00", 30);
    later.instants = Some((at("2026-10-25 01:10:00"), Some(at("2026-10-25 01:10:00"))));
    let mut menu = ring(2, 2, "2026-10-25 02:10:10", 20, "subscriber_disconnects");
    menu.instants = Some((at("2026-10-25 01:10:10"), None));
    let results = results(&[call, answer, later, menu]);
    assert_eq!(shown(&results, &ASA), ["15.0 15.0 15.0 15 35.0"]);
    assert_eq!(shown(&results, &EMPLOYEES)[0], "1 Anna 1 1 0 0 100.0 15.0 55 - 0");
    assert_eq!(shown(&results, &OCCUPANCY), ["1 100.0 0.0", "2 100.0 0.0"]);
    // The hour from two to three was there twice; the calls in it never met.
    assert_eq!(shown(&results, &CONCURRENCY)[0], "1792893600 2");
    assert_eq!(shown(&results, &REPEAT_CALLERS), ["2 1 50.0"]);
}

#[test]
fn a_call_whose_window_is_not_over_is_still_open() {
    let early = abandoned(1, "2026-03-02 10:00:00", 30);
    let mut late = abandoned(2, "2026-03-05 10:00:00", 30);
    for leg in &mut late {
        leg.contact = Some("74950000002");
    }
    let legs: Vec<Leg> = early.into_iter().chain(late).collect();
    let results = results(&legs);
    let after: Vec<_> = results.total().unwrap().missed_calls().iter().map(|call| call.after).collect();
    assert_eq!(after, [Some(After::Lost), Some(After::StillOpen)]);
    assert_eq!(shown(&results, &NOT_CALLED_BACK), ["2 0 0 2 2 - 0 1"]);
}

#[test]
fn groups_tell_apart_what_shares_a_number() {
    let legs: Vec<Leg> = answered(1).into_iter().chain(abandoned(2, "2026-03-02 11:00:00", 30)).collect();
    assert_eq!(shown(&results(&legs), &GROUPS), ["Sales 2 1 1 1 8.0", "Support 1 0 1 0 -"]);
}

#[test]
fn short_abandons_are_neither_offered_nor_missed() {
    let legs: Vec<Leg> = answered(1)
        .into_iter()
        .chain(abandoned(2, "2026-03-02 11:00:00", 4))
        .chain(abandoned(3, "2026-03-02 12:00:00", 5))
        .chain(abandoned(4, "2026-03-02 13:00:00", 30))
        .collect();
    let of = |short_abandon| {
        let mut parameters = Parameters::default();
        parameters.short_abandon = short_abandon;
        read(Analysis::new(parameters), &[batch(&legs)]).unwrap()
    };
    assert_eq!(shown(&of(5), &SERVICE_LEVEL), ["3 1 1 1 33.3 25.0"]);
    assert_eq!(shown(&of(0), &SERVICE_LEVEL), ["4 1 0 1 25.0 25.0"]);
    assert_eq!(shown(&of(5), &CALL_PROFILE), ["0 0 1 0", "5 1 1 0", "30 0 1 0"]);
    let results = of(5);
    let level = results.total().unwrap().service_level();
    let percents = ServiceLevelVariant::ALL.map(|variant| level.percent(variant).unwrap().to_string());
    assert_eq!(percents, ["33.3", "25.0", "100.0", "66.7", "33.3"]);
}

#[test]
fn what_became_of_missed_calls_is_told_by_the_first_talk() {
    let whose = |legs: Vec<Leg>, contact: Option<&'static str>| {
        legs.into_iter().map(move |leg| Leg { contact, ..leg })
    };
    let call_back = |session, contact| {
        let start = "2026-03-02 10:10:00";
        let legs = vec![
            ring(session, 1, start, 60, "").picked(2),
            Leg { direction: "out", picked: Some(20), id: session * 100 + 9, ..caller(session, start, 55) },
        ];
        whose(legs, contact)
    };
    let missed = |session, contact| whose(abandoned(session, "2026-03-02 09:59:30", 30), contact);
    let again = |session, contact| whose(answered(session), contact);
    let legs: Vec<Leg> = missed(1, Some("1"))
        .chain(call_back(2, Some("1")))
        .chain(missed(3, Some("2")))
        .chain(again(4, Some("2"))) // at 10:00:00, when the missed call ends: not later
        .chain(missed(5, Some("3")))
        .chain(
            whose(answered(6), Some("3"))
                .map(|leg| Leg { start: leg.start + chrono::TimeDelta::minutes(30), ..leg }),
        )
        .chain(call_back(7, Some("4")))
        // A withheld number is nobody's, however it is written.
        .chain(missed(8, None))
        .chain(missed(9, Some("")))
        .collect();
    let mut parameters = Parameters::default();
    parameters.period = Some((time("2026-03-02 00:00:00"), time("2026-03-09 00:00:00")));
    let results = read(Analysis::new(parameters), &[batch(&legs)]).unwrap();
    assert_eq!(shown(&results, &NOT_CALLED_BACK), ["3 1 1 1 1 20.0 1 0"]);
    let calls = results.total().unwrap().missed_calls();
    let mut after: Vec<_> = calls.iter().map(|call| (call.contact.as_deref(), call.after)).collect();
    after.sort_by_key(|(contact, _)| *contact);
    let wanted = [
        (None, None),
        (None, None),
        (Some("1"), Some(After::CalledBack)),
        (Some("2"), Some(After::Lost)),
        (Some("3"), Some(After::TriedAgain)),
    ];
    assert_eq!(after, wanted);
    assert!(!format!("{calls:?}").contains("contact"));
}

#[test]
fn exact_halves_go_up() {
    let mut legs = answered(1);
    legs[2].rating = Some(4.25);
    legs.extend(answered(2));
    legs[5].rating = Some(4.26);
    // The mean is 4.255.
    assert_eq!(shown(&results(&legs), &QUALITY), ["2 - 100.0 4.26"]);
    // The mean of four is 1.25.
    let waits = |waits: &[i32]| {
        let calls = (1..).zip(waits).flat_map(|(session, wait)| {
            let mut legs = answered(session);
            legs[2] = ring(session, 2, "2026-03-02 10:00:10", 38, "").picked(*wait);
            legs
        });
        shown(&results(&calls.collect::<Vec<_>>()), &ASA).remove(0)
    };
    assert_eq!(waits(&[1, 2]), "1.5 1.5 1.9 2 11.5");
    assert_eq!(waits(&[1, 1, 1, 2]), "1.3 1.0 1.7 2 11.3");
}

#[test]
fn weekdays_are_those_of_the_calendar() {
    let legs: Vec<Leg> = answered(1).into_iter().chain(abandoned(2, "2026-03-10 11:00:00", 30)).collect();
    // From Monday the second to Tuesday the tenth there are two Mondays and two Tuesdays.
    assert_eq!(shown(&results(&legs), &HEATMAP), ["1 10 1 0.5 0 0.0", "2 11 1 0.5 1 100.0"]);
    let mut parameters = Parameters::default();
    parameters.period = Some((time("2026-02-02 00:00:00"), time("2026-03-03 00:00:00")));
    let month = read(Analysis::new(parameters), &[batch(&legs)]).unwrap();
    assert_eq!(shown(&month, &HEATMAP), ["1 10 1 0.2 0 0.0"]);
}

#[test]
fn a_call_at_the_edge_of_a_period_is_whole_or_not_there() {
    let legs = [
        caller(1, "2026-03-01 23:59:50", 100),
        ring(1, 1, "2026-03-02 00:00:05", 85, "").picked(5),
        caller(2, "2026-03-02 23:59:50", 100),
        ring(2, 1, "2026-03-03 00:00:05", 85, "").picked(5),
    ];
    let mut parameters = Parameters::default();
    parameters.period = Some((time("2026-03-02 00:00:00"), time("2026-03-03 00:00:00")));
    let results = read(Analysis::new(parameters), &[batch(&legs)]).unwrap();
    assert_eq!(shown(&results, &BY_DAY), ["2026-03-02 1 1 0 1 100.0"]);
}

#[test]
fn accounts_are_told_apart() {
    let others = answered(1).into_iter().map(|leg| Leg { account: "uis:2", ..leg });
    let legs: Vec<Leg> = answered(1).into_iter().chain(others).collect();
    assert_eq!(shown(&results(&legs), &SERVICE_LEVEL), ["2 2 0 2 100.0 100.0"]);
    let apart = read(Analysis::new(Parameters::default()).by(By::Account), &[batch(&legs)]).unwrap();
    let offered: Vec<_> =
        apart.parts().map(|(account, summary)| (account.to_vec(), summary.service_level().offered)).collect();
    let named = |name: &str| vec![Cell::from(name.to_owned())];
    assert_eq!(offered, [(named("uis:1"), 1), (named("uis:2"), 1)]);
    assert!(apart.total().is_none());
}

#[test]
fn a_leg_of_a_call_that_was_counted_asks_for_a_second_reading() {
    let mut call = answered(1);
    let answer = call.split_off(2);
    let legs: Vec<Leg> =
        call.into_iter().chain(abandoned(2, "2026-03-02 19:00:00", 30)).chain(answer).collect();
    let mut analysis = Analysis::new(Parameters::default());
    analysis.push(&batch(&legs)).unwrap();
    assert!(matches!(analysis.finish(), Ok(Finish::Again(_))));
    assert_eq!(shown(&results(&legs), &SERVICE_LEVEL), ["2 1 0 1 50.0 50.0"]);
}

#[test]
fn what_cannot_be_counted_is_named() {
    let without = |name: &str| {
        let batch = batch(&answered(1));
        let kept: Vec<usize> =
            (0..batch.num_columns()).filter(|place| batch.schema().field(*place).name() != name).collect();
        read(Analysis::new(Parameters::default()), &[batch.project(&kept).unwrap()])
    };
    for name in calllegs_stats::COLUMNS.into_iter().take(calllegs_stats::NEEDED) {
        assert_eq!(without(name).unwrap_err(), Error::NoColumn(name));
    }
    // Without is_talked, who talked is told by the length of the talk.
    let results = without("is_talked").unwrap();
    assert_eq!(shown(&results, &SERVICE_LEVEL), ["1 1 0 1 100.0 100.0"]);
    let twice: Vec<Leg> = answered(1).into_iter().chain(answered(1).into_iter().take(1)).collect();
    let read = |batches: &[RecordBatch]| read(Analysis::new(Parameters::default()), batches);
    assert_eq!(read(&[batch(&twice)]).unwrap_err(), Error::Twice(100));
    // Also where the call was counted long before.
    let between: Vec<Leg> = abandoned(2, "2026-03-02 19:00:00", 30);
    let apart = [batch(&answered(1)), batch(&between), batch(&answered(1))];
    assert_eq!(read(&apart).unwrap_err(), Error::Twice(100));
}
