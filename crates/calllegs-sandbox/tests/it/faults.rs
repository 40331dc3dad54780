//! Every fault does what its line says, costs what it must, and comes up when it is told to.

use std::collections::BTreeSet;

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing},
};
use calllegs_sandbox::{Answer, Builder, Chaos, Delivery, FAULTS, Fault};
use chrono::NaiveDateTime;
use serde_json::{Value, json};

use crate::support::{Caller, caller, fault, file, ids, json, rows, small};

fn with(fault: &str) -> Builder {
    small().fault(fault.parse().unwrap())
}

fn faulty(fault: &str) -> Caller {
    caller(with(fault))
}

/// One page of a hundred rows.
fn page(caller: &mut Caller) -> Answer {
    caller.page(100, 0)
}

fn log_in(caller: &mut Caller) -> Answer {
    caller.exchange("login.user", json!({"login": "demo", "password": "demo"}))
}

#[test]
fn faults_of_limits() {
    for (fault, span, said) in [("minute-limit", "minute", 60), ("day-limit", "day", 3000)] {
        let mut caller = caller(with(fault).minute_limit(Some(60)).day_limit(Some(3000)));
        let reply = json(&page(&mut caller));
        assert_eq!(reply["error"]["data"]["mnemonic"], "limit_exceeded");
        assert_eq!(reply["error"]["data"]["params"], json!({"limit_type": span, "limit_max_value": said}));
        assert_eq!(caller.points(), 0);
    }
    let mut missing = caller(with("limits-missing").minute_limit(Some(60)));
    assert!(json(&page(&mut missing))["result"]["metadata"].get("limits").is_none());
    assert_eq!(missing.points(), 1);

    let mut lying = caller(with("limits-lying").minute_limit(Some(60)));
    for left in (20..60).rev() {
        let answer = page(&mut lying);
        assert_eq!(json(&answer)["result"]["metadata"]["limits"]["minute_remaining"], left);
        assert_eq!(answer.fault, None);
    }
    let refused = page(&mut lying);
    assert_eq!(fault(&json(&refused)).0, "limit_exceeded");
    assert_eq!(refused.fault, Some("limits-lying"));
    lying.now += 60;
    rows(&json(&page(&mut lying)));

    let mut hours = caller(with("hour-limits").minute_limit(Some(60)).day_limit(Some(3000)));
    assert_eq!(
        json(&page(&mut hours))["result"]["metadata"]["limits"],
        json!({"hour_limit": 4000, "hour_remaining": 3999, "hour_reset": 3600})
    );
}

#[test]
fn faults_of_access() {
    for (name, mnemonic) in [
        ("token-expired", "access_token_expired"),
        ("token-blocked", "access_token_blocked"),
        ("ip-not-whitelisted", "ip_not_whitelisted"),
        ("account-inactive", "account_inactive"),
        ("component-disabled", "method_component_disabled"),
    ] {
        let mut caller = faulty(&format!("{name}:n=2"));
        for reply in [page(&mut caller), caller.exchange("get.account", json!({}))] {
            assert_eq!(fault(&json(&reply)).0, mnemonic);
            assert_eq!(reply.fault, Some(name));
        }
        rows(&json(&page(&mut caller)));
        assert_eq!(caller.points(), 1);
        assert_eq!(log_in(&mut faulty(name)).fault, None, "a sign-in carries no key");
    }
    let mut caller = faulty("ip-not-whitelisted");
    assert_eq!(json(&page(&mut caller))["error"]["data"]["params"]["ip"], "192.0.2.1");
    let mut caller = faulty("forbidden-fields");
    let reply = caller.legs(json!({"fields": ["id", "contact_full_name"]}));
    assert_eq!(fault(&reply), ("parameter_component_disabled", Some("fields")));
    rows(&caller.legs(json!({"fields": ["id", "start_time"]})));
    rows(&caller.legs(json!({})));
}

#[test]
fn an_expired_session_is_over_until_the_next_sign_in() {
    let mut caller = faulty("token-expired:n=1:after=1");
    let token = json(&log_in(&mut caller))["result"]["data"]["access_token"].as_str().unwrap().to_owned();
    caller.token = token;
    rows(&json(&page(&mut caller)));
    for hit in [Some("token-expired"), None] {
        let answer = page(&mut caller);
        assert_eq!(fault(&json(&answer)).0, "access_token_expired");
        assert_eq!(answer.fault, hit);
    }
    let token = json(&log_in(&mut caller))["result"]["data"]["access_token"].as_str().unwrap().to_owned();
    caller.token = token;
    rows(&json(&page(&mut caller)));
    assert_eq!(caller.emulator.stats().sign_ins, 2);
}

#[test]
fn faults_of_the_gateway_cost_nothing_and_hit_every_method() {
    for (name, status, content_type, retry_after, location, body) in [
        ("http-429", 429, "text/plain", Some(1), None, "Too Many Requests"),
        ("http-500", 500, "text/plain", None, None, "Internal Server Error"),
        ("http-502-html", 502, "text/html", None, None, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
        ("http-503", 503, "text/plain", None, None, ""),
        ("redirect", 307, "text/plain", None, Some("https://sandbox.invalid/v2.0"), ""),
    ] {
        let mut caller = faulty(name);
        for answer in [log_in(&mut caller), page(&mut caller)] {
            assert_eq!((answer.status, answer.content_type), (status, content_type));
            assert_eq!((answer.retry_after, answer.location), (retry_after, location));
            assert_eq!(String::from_utf8(answer.body).unwrap(), body);
            assert_eq!((answer.fault, answer.delivery), (Some(name), Delivery::Whole));
        }
        let stats = caller.emulator.stats();
        assert_eq!((stats.points, stats.refused, stats.faults, stats.sign_ins), (0, 0, 2, 0));
    }
}

/// The answers of many requests, all of them charged.
fn many(fault: &str) -> (Vec<u8>, Vec<Answer>) {
    let whole = page(&mut caller(small())).body;
    let mut caller = faulty(fault);
    let answers: Vec<_> = (0..40).map(|_| page(&mut caller)).collect();
    assert_eq!(caller.points(), 40);
    assert!(answers.iter().all(|answer| answer.status == 200 && answer.fault.is_some()));
    (whole, answers)
}

#[test]
fn faults_on_the_way() {
    let (whole, answers) = many("reset");
    assert!(answers.iter().any(|answer| answer.delivery == Delivery::Closed));
    assert!(answers.iter().all(|answer| answer.body == whole));
    let cut = |answer: &Answer| {
        if let Delivery::Cut { after } = answer.delivery { Some(after) } else { None }
    };
    assert!(answers.iter().filter_map(cut).count() > 5);
    assert!(answers.iter().filter_map(cut).all(|after| after < whole.len()));

    let (whole, answers) = many("truncate");
    assert!(answers.iter().filter_map(cut).count() > 5);
    let shorter = |answer: &&Answer| answer.delivery == Delivery::Whole && answer.body.len() < whole.len();
    assert!(answers.iter().filter(shorter).count() > 5);
    assert!(answers.iter().all(|answer| whole.starts_with(&answer.body)));

    for (fault, delivery) in [
        ("slow-first-byte", Delivery::Late { milliseconds: 3000 }),
        ("slow-first-byte:ms=30000", Delivery::Late { milliseconds: 30_000 }),
        ("dribble:ms=7", Delivery::Dribbled { piece: whole.len().div_ceil(10), milliseconds: 7 }),
        ("hang", Delivery::Never),
        ("gzip-broken", Delivery::BrokenGzip),
    ] {
        let (whole, answers) = many(fault);
        assert!(answers.iter().all(|answer| answer.body == whole && answer.delivery == delivery));
    }
}

#[test]
fn faults_of_the_body() {
    let whole = page(&mut caller(small())).body;
    for fault in ["bad-json", "empty-body", "result-null", "wrong-id", "bom"] {
        let mut caller = faulty(fault);
        let body = page(&mut caller).body;
        assert_eq!(caller.points(), 1);
        let value = serde_json::from_slice::<Value>(&body);
        match fault {
            "bad-json" => assert!(value.is_err() && body[..body.len() - 1] == whole[..whole.len() - 1]),
            "empty-body" => assert!(body.is_empty()),
            "result-null" => {
                assert_eq!(value.unwrap(), json!({"jsonrpc": "2.0", "id": 1, "result": null}));
            }
            "wrong-id" => {
                let value = value.unwrap();
                assert_eq!(value["id"], "sandbox-wrong-id");
                assert_eq!(rows(&value).len(), 100);
            }
            _ => assert_eq!(body, [b"\xef\xbb\xbf", &*whole].concat()),
        }
        assert_eq!(caller.exchange("get.account", json!({})).fault, None);
    }
    let mut text = faulty("error-as-200");
    let answer = page(&mut text);
    assert_eq!((answer.status, &*answer.body), (200, &b"Internal Server Error"[..]));
    let mut internal = faulty("internal-error");
    assert_eq!(fault(&json(&page(&mut internal))).0, "internal_error");
    assert_eq!((text.points(), internal.points()), (0, 0));
}

#[test]
fn faults_of_pages() {
    let mut honest = caller(small());
    let mut pages = |offset| json(&honest.page(100, offset));
    let (first, second) = (pages(0), pages(100));
    let total = first["result"]["metadata"]["total_items"].as_i64().unwrap();

    let mut dup = faulty("dup-page");
    assert_eq!(json(&dup.page(100, 0)), first);
    let again = dup.page(100, 100);
    assert_eq!((ids(&json(&again)), again.fault), (ids(&first), Some("dup-page")));

    let mut lost = faulty("lost-page:n=1");
    let answer = json(&lost.page(100, 100));
    assert_eq!((ids(&answer).len(), &answer["result"]["metadata"]["total_items"]), (0, &json!(total)));
    assert_eq!(ids(&json(&lost.page(100, 100))), ids(&second));

    let mut off = BTreeSet::new();
    let mut drift = faulty("total-drift");
    for _ in 0..60 {
        off.insert(json(&page(&mut drift))["result"]["metadata"]["total_items"].as_i64().unwrap() - total);
    }
    assert_eq!(off, BTreeSet::from([-3, -2, -1, 1, 2, 3]));
    let wrong = json(&page(&mut faulty("total-wrong")));
    assert_eq!(wrong["result"]["metadata"]["total_items"], total + 7);

    let unsorted = ids(&json(&page(&mut faulty("unsorted"))));
    assert_ne!(unsorted, ids(&first));
    let set = |ids: Vec<i64>| ids.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(set(unsorted), set(ids(&first)));
}

#[test]
fn ties_are_shuffled_anew_for_every_request() {
    let legs: Vec<_> = (0..40)
        .map(|id| json!({"id": id, "call_session_id": id / 20, "start_time": "2026-02-10 10:00:00"}))
        .collect();
    let mut caller = caller(with("shuffled-ties").data(file(&legs).path()));
    let mut read = || ids(&json(&caller.page(100, 0)));
    let (first, second) = (read(), read());
    assert_ne!(first, second);
    // Sessions are a sort key: they stay apart.
    assert!(first[..20].iter().all(|id| *id < 20) && second[..20].iter().all(|id| *id < 20));
}

#[test]
fn faults_of_members() {
    let fields: Value = CallLegs::METHOD.fields.iter().map(FieldInfo::name).collect();
    let ask = |fault: &str| {
        let mut caller = faulty(fault);
        let reply = caller.legs(json!({"limit": 50, "fields": fields}));
        rows(&reply).clone()
    };
    let honest = rows(&caller(small()).legs(json!({"limit": 50, "fields": fields}))).clone();
    assert!(ask("new-field").iter().all(|row| row["hold_duration"] == 0));
    let missing = ask("missing-field");
    assert!(missing.iter().all(|row| row.as_object().unwrap().len() == 33));
    assert!(missing.iter().all(|row| !row["id"].is_null() && !row["start_time"].is_null()));
    let changed = ask("type-change");
    let strings = |row: &Value| row.as_object().unwrap().values().filter(|value| value.is_string()).count();
    let quoted: usize =
        changed.iter().map(strings).sum::<usize>() - honest.iter().map(strings).sum::<usize>();
    assert!((1..=50).contains(&quoted), "one column: {quoted}");
    assert!(ask("unknown-reason").iter().all(|row| row["finish_reason"] == "reason_of_tomorrow"));
    let named = ask("contact-name==cmd|' /C calc'!A0");
    assert!(named.iter().all(|row| row["contact_full_name"] == "=cmd|' /C calc'!A0"));
    let quoted = ask("contact-name=a:\"b\":n=9");
    assert!(quoted.iter().all(|row| row["contact_full_name"] == "a:\"b\""));
    for (row, honest) in ask("null-everywhere").iter().zip(&honest) {
        assert_eq!((&row["id"], &row["start_time"]), (&honest["id"], &honest["start_time"]));
        assert_eq!(row.as_object().unwrap().values().filter(|value| value.is_null()).count(), 32);
    }
    for (row, honest) in ask("negative-duration").iter().zip(&honest) {
        assert_eq!(row["duration"].as_i64().unwrap(), -1 - honest["duration"].as_i64().unwrap());
        assert_eq!(row["total_duration"], honest["total_duration"]);
    }
}

#[test]
fn huge_ids_are_the_same_on_every_page_and_in_the_truth() {
    let mut caller = faulty("huge-ids");
    let truth = caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX);
    let answer = caller.page(10, 0);
    assert_eq!(answer.fault, Some("huge-ids"));
    let page = ids(&json(&answer));
    assert_eq!(page, truth[..10].iter().map(|(id, _)| *id).collect::<Vec<_>>());
    assert!(page.iter().all(|id| *id > 1 << 53));
    let filter = json!({"field": "id", "operator": "=", "value": page[3]});
    assert_eq!(caller.leg_ids(json!({"filter": filter})), [page[3]]);
}

#[test]
fn late_rows_appear_one_after_the_other_and_then_all_are_there() {
    let mut caller = faulty("overlap:p=0.2:n=10:after=2");
    let all = small().emulator().unwrap().legs(NaiveDateTime::MIN, NaiveDateTime::MAX).len();
    let mut seen = Vec::new();
    for _ in 0..14 {
        let truth = caller.emulator.legs(NaiveDateTime::MIN, NaiveDateTime::MAX).len();
        let total = json(&caller.page(5, 0))["result"]["metadata"]["total_items"].as_u64().unwrap();
        assert_eq!(total, truth as u64);
        seen.push(truth);
    }
    assert!(seen.is_sorted());
    assert_eq!((seen[0], seen[1]), (seen[2], seen[2]), "nothing comes before its time");
    let late = all - seen[0];
    assert!(late * 10 > all && late * 10 < all * 3, "{late} of {all}");
    assert_eq!((seen[12], seen[13]), (all, all));
    assert!(seen.iter().collect::<BTreeSet<_>>().len() > 5);
}

#[test]
fn parts_decide_when_a_fault_comes_up() {
    let hits = |fault: &str, offsets: &[u32]| {
        let mut caller = faulty(fault);
        offsets.iter().map(|offset| caller.page(10, *offset).fault.is_some()).collect::<Vec<_>>()
    };
    assert_eq!(hits("http-500:n=2", &[0, 0, 0]), [true, true, false]);
    assert_eq!(hits("http-500:after=1:n=1", &[0, 0, 0]), [false, true, false]);
    assert_eq!(hits("http-500:match=offset>0", &[0, 10, 0]), [false, true, false]);
    assert_eq!(hits("http-500:match=offset>=10:match=offset!=20", &[0, 10, 20]), [false, true, false]);
    // Only those that match count for `after`.
    assert_eq!(hits("http-500:after=1:match=offset>0", &[0, 10, 0, 10]), [false, false, false, true]);
    assert_eq!(hits("http-500:match=date_from<2026-02-01 00:00:01", &[0]), [true]);
    assert_eq!(hits("http-500:match=date_from>2026-02-01 00:00:00", &[0]), [false]);
    assert_eq!(hits("http-500:match=limit<10", &[0]), [false]);
    assert_eq!(hits("http-500:p=0", &[0]), [false]);
    let many: Vec<u32> = vec![0; 1000];
    let count = |fault: &str| hits(fault, &many).into_iter().filter(|hit| *hit).count();
    assert!((70..130).contains(&count("http-500:p=0.1")));
    assert_eq!(hits("http-500:p=0.1", &many), hits("http-500:p=0.1", &many), "a seed repeats itself");

    let mut only_login = faulty("http-500:match=method=login.user");
    assert_eq!(page(&mut only_login).fault, None);
    assert_eq!(log_in(&mut only_login).fault, Some("http-500"));
    let mut sessions = faulty("token-blocked:match=key=session");
    assert_eq!(page(&mut sessions).fault, None);
    let token = json(&log_in(&mut sessions))["result"]["data"]["access_token"].as_str().unwrap().to_owned();
    sessions.token = token;
    assert_eq!(page(&mut sessions).fault, Some("token-blocked"));
    let mut elsewhere = faulty("bom:match=method=get.account");
    assert_eq!(page(&mut elsewhere).fault, None);
    assert_eq!(elsewhere.exchange("get.account", json!({})).fault, Some("bom"));
}

#[test]
fn texts_that_are_no_faults() {
    for (text, said) in [
        ("", "there is no fault ``"),
        ("http-501", "total-drift"),
        ("http-500:p=2", "`p` is no chance from 0 to 1"),
        ("http-500:p=-1", "`p` is no chance"),
        ("http-500:p=", "`p` is no chance"),
        ("http-500:n=many", "`n` is no number"),
        ("http-500:x=1", "`x=1` is none of p=, n=, after=, match=, ms="),
        ("http-500:", "is none of"),
        ("http-500:match=weather=1", "is no comparison"),
        ("http-500:match=offset>many", "is no comparison"),
        ("http-500:match=method>get", "is no comparison"),
        ("http-500:match=key=golden", "is no comparison"),
        ("http-500:ms=5", "takes no `ms`"),
        ("http-500=text", "takes no text"),
        ("contact-name", "needs a text"),
        ("huge-ids:p=0.5", "is standing"),
        ("dup-page:match=method=login.user", "hits listings only"),
    ] {
        let error = text.parse::<Fault>().unwrap_err().to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
    for info in FAULTS {
        let text = if info.name == "contact-name" { "contact-name=x" } else { info.name };
        assert_eq!(text.parse::<Fault>().unwrap().name(), info.name);
    }
}

#[test]
fn mixes_hit_now_and_then_and_repeat_themselves() {
    for chaos in Chaos::ALL {
        let run = || {
            let mut caller = caller(small().chaos(chaos).minute_limit(Some(100_000)));
            let faults: Vec<_> = (0..2000).map(|call| caller.page(100, call % 5 * 100).fault).collect();
            (faults, caller.points())
        };
        let (faults, points) = run();
        assert_eq!((&faults, points), (&run().0, points));
        let hit: BTreeSet<_> = faults.iter().flatten().copied().collect();
        // No minute of 100,000 points is two thirds over, and a permanent key is spared.
        let expected: BTreeSet<_> =
            chaos.faults().iter().map(|fault| fault.split(':').next().unwrap()).collect();
        assert_eq!(expected.difference(&hit).copied().collect::<Vec<_>>(), ["limits-lying", "token-expired"]);
        let share = faults.iter().flatten().count();
        assert!((200..800).contains(&share), "{}: {share}", chaos.as_str());
    }
}

#[test]
fn the_journal_has_every_request_and_no_key() {
    let mut caller = faulty("http-500:n=1:after=3");
    log_in(&mut caller);
    caller.page(10, 20);
    caller.exchange("get.weather", json!({}));
    page(&mut caller);
    caller.raw("{");
    let entries: Vec<_> = caller.emulator.journal().cloned().collect();
    let of = |index: usize| {
        let entry = &entries[index];
        (
            &*entry.method,
            entry.account,
            entry.rows,
            entry.points,
            entry.refused.as_deref(),
            entry.fault,
            entry.status,
        )
    };
    assert_eq!(of(0), ("login.user", Some(100_001), 0, 0, None, None, 200));
    assert_eq!(of(1), ("get.call_legs_report", Some(100_001), 10, 1, None, None, 200));
    assert_eq!((entries[1].offset, entries[1].limit, entries[1].number), (Some(20), Some(10), 2));
    assert_eq!(entries[1].date_from.as_deref(), Some("2026-02-01 00:00:00"));
    assert_eq!(of(2), ("get.weather", None, 0, 0, Some("method_not_found"), None, 200));
    assert_eq!(of(3), ("get.call_legs_report", None, 0, 0, None, Some("http-500"), 500));
    assert_eq!(of(4), ("", None, 0, 0, Some("parse_error"), None, 200));
    assert!(!format!("{entries:?}").contains("sandbox-acme"));

    caller.emulator.reset();
    assert_eq!((caller.emulator.journal().count(), caller.emulator.stats().calls), (0, 0));
    caller.emulator.set_faults(Vec::new());
    assert_eq!((0..9).filter_map(|_| page(&mut caller).fault).count(), 0);
    assert_eq!(caller.emulator.faults().count(), 0);
}
