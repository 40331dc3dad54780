//! Other listings than legs: each agrees with the legs of the same calls, and is asked by the same rules.

use std::collections::{BTreeMap, BTreeSet};

use calllegs_core::{
    Brand,
    schema::{FieldInfo, Kind, Listing, MethodInfo},
};
use calllegs_reports::{
    METHODS, calls_report::CallsReport, customers::Customers, employees::Employees, enums,
    financial_call_legs_report::FinancialCallLegsReport, group_employees::GroupEmployees,
    scenarios::Scenarios, sip_lines::SipLines, statuses::Statuses, tags::Tags,
    virtual_numbers::VirtualNumbers,
};
use calllegs_sandbox::{TruthQuery, World};
use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};

use crate::support::{Caller, caller, caller_on, fault, rows, small};

/// All rows with all fields, of everything there is.
fn all(caller: &mut Caller, method: &MethodInfo) -> Vec<Value> {
    let names: Vec<_> = method.fields.iter().filter(|field| field.is_documented(Brand::Uis)).collect();
    let names: Vec<_> = names.into_iter().map(FieldInfo::name).collect();
    let mut params =
        Map::from_iter([("limit".to_owned(), json!(10_000)), ("fields".to_owned(), json!(names))]);
    if method.takes("date_from") {
        params.insert("date_from".to_owned(), json!("2026-02-01 00:00:00"));
        params.insert("date_till".to_owned(), json!("2026-03-02 00:00:00"));
    }
    rows(&caller.call(method.name, params.into())).clone()
}

fn number(row: &Value, name: &str) -> i64 {
    row[name].as_i64().unwrap_or_else(|| panic!("no number {name}: {row}"))
}

/// A sum of money in hundredths, read off its digits.
fn cents(row: &Value, name: &str) -> i64 {
    let money = row[name].as_f64().unwrap();
    let cents = (money * 100.0).round();
    assert!((money - cents / 100.0).abs() < 1e-12, "{money}");
    format!("{cents}").parse().unwrap()
}

const DIRECTORIES: [&MethodInfo; 7] = [
    Employees::METHOD,
    GroupEmployees::METHOD,
    Scenarios::METHOD,
    SipLines::METHOD,
    Statuses::METHOD,
    Tags::METHOD,
    VirtualNumbers::METHOD,
];

#[test]
fn sessions_are_those_of_the_legs() {
    for world in [World::Shop, World::Callcentre, World::Clinic, World::EveryReason, World::Tiny] {
        let mut caller = caller(small().world(world));
        let legs = all(&mut caller, calllegs_core::CallLegs::METHOD);
        let mut by_session = BTreeMap::<i64, Vec<&Value>>::new();
        for leg in &legs {
            by_session.entry(number(leg, "call_session_id")).or_default().push(leg);
        }
        let sessions = all(&mut caller, CallsReport::METHOD);
        let ids: Vec<_> = sessions.iter().map(|row| number(row, "id")).collect();
        assert!(ids.is_sorted() && ids.len() == by_session.len());
        assert_eq!(BTreeSet::from_iter(ids), by_session.keys().copied().collect(), "{}", world.as_str());
        let truth: BTreeMap<_, _> = caller
            .emulator
            .truth_sessions(None, &TruthQuery::default())
            .unwrap()
            .into_iter()
            .map(|session| (session.call_session_id, session))
            .collect();
        let words: BTreeSet<_> =
            enums::SESSION_FINISH_REASONS.iter().map(|info| info.reason.as_str()).collect();
        for session in &sessions {
            let id = number(session, "id");
            let reason = session["finish_reason"].as_str().unwrap();
            assert!(words.contains(reason), "{reason}");
            let (wait, talk) = (number(session, "wait_duration"), number(session, "talk_duration"));
            assert_eq!(wait + talk, number(session, "total_duration"));
            assert!(number(session, "clean_talk_duration") <= talk);
            // Sessions at the edges have legs that nobody lists.
            let Some(truth) = truth.get(&id) else { continue };
            let legs = &by_session[&id];
            assert_eq!(session["start_time"], truth.session_start);
            assert_eq!(session["direction"] == "in", truth.dir == "in");
            assert_eq!(session["is_lost"] == true, truth.dir == "in" && truth.outcome != "answered");
            assert_eq!(session["contact_phone_number"], json!(truth.contact));
            assert_eq!(session["scenario_name"], json!(truth.scenario_name));
            assert_eq!(session["first_talked_employee_id"], json!(truth.answered_by));
            assert_eq!(session["is_transfer"] == true, truth.transfers > 0);
            if truth.dir == "in" {
                assert_eq!(
                    number(session, "wait_duration"),
                    truth.wait_s.unwrap_or_else(|| number(session, "total_duration"))
                );
                let talks = legs.iter().filter(|leg| leg["is_operator"] == true && leg["is_talked"] == true);
                let is_whole = session["finish_time"].as_str() < Some("2026-03-01 00:00:00");
                assert!(
                    !is_whole
                        || talks.map(|leg| number(leg, "duration")).sum::<i64>()
                            == number(session, "clean_talk_duration"),
                    "{session}"
                );
            }
            for (field, column) in
                [("call_records", "call_records"), ("wav_call_records", "wav_call_records")]
            {
                let of_legs: Vec<_> = legs.iter().flat_map(|leg| leg[column].as_array().unwrap()).collect();
                let own = session[field].as_array().unwrap();
                assert!(of_legs.iter().all(|name| own.contains(name)));
            }
            let tried: BTreeSet<_> = legs
                .iter()
                .filter(|leg| leg["is_coach"] == false)
                .filter_map(|leg| leg["employee_id"].as_i64())
                .collect();
            let own = session["employees"].as_array().unwrap();
            let own: BTreeSet<_> = own.iter().map(|employee| number(employee, "employee_id")).collect();
            assert!(tried.is_subset(&own));
        }
    }
}

#[test]
fn charges_are_of_legs_and_add_up() {
    for world in [World::Callcentre, World::Tiny] {
        let mut caller = caller(small().world(world));
        let legs: BTreeMap<_, _> = all(&mut caller, calllegs_core::CallLegs::METHOD)
            .into_iter()
            .map(|leg| (number(&leg, "id"), leg))
            .collect();
        let charges = all(&mut caller, FinancialCallLegsReport::METHOD);
        assert!(!charges.is_empty());
        for charge in &charges {
            let leg = &legs[&number(charge, "leg_id")];
            for name in [
                "start_time",
                "direction",
                "call_session_id",
                "calling_phone_number",
                "called_phone_number",
                "duration",
            ] {
                assert_eq!(charge[name], leg[name], "{name}");
            }
            assert!(number(charge, "duration") > 0 && leg["is_failed"] == false && leg["direction"] == "out");
            let seconds = number(charge, "chargeable_duration");
            assert!(seconds % 60 == 0 && (0..60).contains(&(seconds - number(charge, "duration"))));
            let total = cents(charge, "total_charge");
            assert_eq!(total, seconds / 60 * cents(charge, "cost_per_minute"));
            assert!((0..=total).contains(&cents(charge, "bonuses_charge")));
        }
        // The other way round: whoever is called outside and answers costs something.
        let costly: BTreeSet<_> = charges.iter().map(|charge| number(charge, "leg_id")).collect();
        for (id, leg) in &legs {
            let outside =
                leg["called_phone_number"].as_str().is_some_and(|number| number.starts_with("7000"));
            let costs = leg["direction"] == "out" && outside && leg["duration"] != 0;
            assert_eq!(costly.contains(id), costs, "{leg}");
        }
    }
}

#[test]
fn one_join_gives_the_cost_and_the_talk_of_each_employee() {
    let mut caller = caller(small().world(World::Callcentre));
    let query = TruthQuery::between(time("2026-02-27 00:00:00"), time("2026-02-28 00:00:00"));
    let within =
        |row: &&Value| row["start_time"].as_str().is_some_and(|start| start.starts_with("2026-02-27"));
    let legs = all(&mut caller, calllegs_core::CallLegs::METHOD);
    let charges = all(&mut caller, FinancialCallLegsReport::METHOD);
    let sessions = all(&mut caller, CallsReport::METHOD);
    let names: BTreeMap<_, _> = all(&mut caller, Employees::METHOD)
        .iter()
        .map(|row| (number(row, "id"), row["full_name"].as_str().unwrap().to_owned()))
        .collect();
    // Legs, talk and cost by leg; calls, talk and cost by session.
    let mut joined = BTreeMap::<Option<i64>, [i64; 6]>::new();
    let of_leg: BTreeMap<_, _> =
        charges.iter().map(|row| (number(row, "leg_id"), cents(row, "total_charge"))).collect();
    let mut of_session = BTreeMap::<i64, i64>::new();
    for row in &charges {
        *of_session.entry(number(row, "call_session_id")).or_default() += cents(row, "total_charge");
    }
    for leg in legs.iter().filter(within) {
        let sums = joined.entry(leg["employee_id"].as_i64()).or_default();
        if leg["is_talked"] == true && leg["is_coach"] == false && leg["is_operator"] == true {
            sums[0] += 1;
            sums[1] += number(leg, "duration");
        }
        sums[2] += of_leg.get(&number(leg, "id")).copied().unwrap_or_default();
    }
    for session in sessions.iter().filter(within) {
        let sums = joined.entry(session["first_talked_employee_id"].as_i64()).or_default();
        sums[3] += 1;
        sums[4] += number(session, "talk_duration");
        sums[5] += of_session.get(&number(session, "id")).copied().unwrap_or_default();
    }
    let truth = caller.emulator.truth_employees(None, &query).unwrap();
    assert!(truth.iter().any(|employee| employee.leg_cost_cents > 0 && employee.call_cost_cents > 0));
    let told: BTreeMap<_, _> = truth
        .iter()
        .map(|one| {
            assert_eq!(one.employee_full_name.as_ref(), one.employee_id.map(|id| &names[&id]));
            let sums = [
                one.legs,
                one.leg_talk_s,
                one.leg_cost_cents,
                one.calls,
                one.call_talk_s,
                one.call_cost_cents,
            ];
            (one.employee_id, sums)
        })
        .collect();
    assert_eq!(joined, told);
}

#[test]
fn directories_have_what_legs_name() {
    let mut caller = caller(small());
    let legs = all(&mut caller, calllegs_core::CallLegs::METHOD);
    let pairs = |rows: &[Value], id: &str, name: &str| -> BTreeSet<(i64, String)> {
        let pair = |row: &Value| Some((row[id].as_i64()?, row[name].as_str()?.to_owned()));
        rows.iter().filter_map(pair).collect()
    };
    for (method, id, name, leg_id, leg_name) in [
        (Employees::METHOD, "id", "full_name", "employee_id", "employee_full_name"),
        (GroupEmployees::METHOD, "id", "name", "group_id", "group_name"),
        (Scenarios::METHOD, "id", "name", "scenario_id", "scenario_name"),
    ] {
        let known = pairs(&all(&mut caller, method), id, name);
        let named = pairs(&legs, leg_id, leg_name);
        assert!(!named.is_empty() && named.is_subset(&known), "{}", method.name);
    }
    let texts = |rows: &[Value], name: &str| -> BTreeSet<String> {
        rows.iter().filter_map(|row| Some(row[name].as_str()?.to_owned())).collect()
    };
    let numbers = all(&mut caller, VirtualNumbers::METHOD);
    assert!(texts(&legs, "virtual_phone_number").is_subset(&texts(&numbers, "virtual_phone_number")));
    let employees = all(&mut caller, Employees::METHOD);
    let phones: BTreeSet<_> = employees
        .iter()
        .map(|row| row["phone_numbers"][0]["phone_number"].as_str().unwrap().to_owned())
        .collect();
    assert!(texts(&legs, "employee_phone_number").is_subset(&phones));
    let lines = texts(&all(&mut caller, SipLines::METHOD), "phone_number");
    assert!(!lines.is_empty() && lines.is_subset(&phones));
    let statuses: BTreeSet<_> =
        all(&mut caller, Statuses::METHOD).iter().map(|row| number(row, "id")).collect();
    assert!(employees.iter().all(|row| statuses.contains(&number(row, "status_id"))));
    // Every employee is in one group, and the group knows.
    let groups = all(&mut caller, GroupEmployees::METHOD);
    let members = |row: &Value| row["members"].as_array().unwrap().len();
    assert_eq!(groups.iter().map(members).sum::<usize>(), employees.len());
    assert!(all(&mut caller, Tags::METHOD).iter().all(|row| row["condition"] == json!({})));
}

#[test]
fn companions_are_asked_like_legs() {
    let mut caller = caller(small());
    let mut methods = DIRECTORIES.to_vec();
    methods.extend([CallsReport::METHOD, FinancialCallLegsReport::METHOD]);
    for method in methods {
        let rows_of_all = all(&mut caller, method);
        let truth = caller
            .emulator
            .truth_of(method, None, NaiveDateTime::MIN, NaiveDateTime::MAX, method.fields)
            .unwrap();
        assert_eq!(truth.len(), rows_of_all.len(), "{}", method.name);
        let mut params = Map::new();
        if method.takes("date_from") {
            params.insert("date_from".to_owned(), json!("2026-02-01 00:00:00"));
            params.insert("date_till".to_owned(), json!("2026-03-02 00:00:00"));
        }
        let ask = |caller: &mut Caller, more: Value| {
            let mut params = params.clone();
            params.extend(more.as_object().unwrap().clone());
            caller.call(method.name, params.into())
        };
        // Pages cut one listing, with the default fields.
        let reply = ask(&mut caller, json!({"limit": 3, "offset": 2}));
        let usual = method.fields.iter().filter(|field| field.is_default(Some(Brand::Uis))).count();
        assert_eq!(rows(&reply)[0].as_object().unwrap().len(), usual, "{}", method.name);
        assert_eq!(reply["result"]["metadata"]["total_items"], rows_of_all.len());
        assert_eq!(rows(&reply).len(), rows_of_all.len().saturating_sub(2).min(3));
        for field in method.fields.iter().filter(|field| field.is_documented(Brand::Uis)) {
            let name = field.name();
            let filter = json!({"field": name, "operator": "!=", "value": null});
            let reply = ask(&mut caller, json!({"filter": filter, "limit": 10_000, "fields": [name]}));
            if !field.is_filterable(Some(Brand::Uis)) {
                assert_eq!(
                    fault(&reply),
                    ("filter_prohibited", Some(&*format!("filter.{name}"))),
                    "{}",
                    method.name
                );
            } else if field.is_json() || rows_of_all.iter().any(|row| row[name].is_array()) {
                assert_eq!(fault(&reply).0, "invalid_parameter_value", "{}: {name}", method.name);
            } else {
                let expected = rows_of_all.iter().filter(|row| !row[name].is_null()).count();
                assert_eq!(rows(&reply).len(), expected, "{}: {name}", method.name);
                let value = rows_of_all.iter().map(|row| &row[name]).find(|value| !value.is_null());
                let Some(value) = value.filter(|_| name != "password") else { continue };
                let filter = json!({"field": name, "operator": "=", "value": value});
                let reply = ask(&mut caller, json!({"filter": filter, "limit": 10_000, "fields": [name]}));
                let expected = rows_of_all.iter().filter(|row| row[name] == *value).count();
                assert_eq!(rows(&reply).len(), expected, "{}: {name}", method.name);
            }
            let reply = ask(
                &mut caller,
                json!({"sort": [{"field": name, "order": "desc"}], "limit": 10_000, "fields": [name]}),
            );
            if field.is_sortable(Some(Brand::Uis)) {
                let sorted: Vec<_> =
                    rows(&reply).iter().map(|row| &row[name]).filter(|value| !value.is_null()).collect();
                let key = |value: &&Value| {
                    (value.as_f64().map(f64::to_bits), value.as_str().map(str::to_owned), value.as_bool())
                };
                assert!(sorted.iter().rev().is_sorted_by_key(key), "{}: {name}", method.name);
            } else {
                assert_eq!(fault(&reply), ("sort_prohibited", Some("sort.field")), "{}: {name}", method.name);
            }
        }
        let reply = ask(&mut caller, json!({"weather": 1}));
        assert_eq!(fault(&reply).0, "unexpected_parameters");
        let reply = ask(&mut caller, json!({"fields": ["weather"]}));
        assert_eq!(fault(&reply).0, "unexpected_parameters");
    }
}

fn time(text: &str) -> NaiveDateTime {
    calllegs_core::value::wall_time::parse(text).unwrap()
}

#[test]
fn a_partner_lists_its_customers_and_reads_theirs() {
    let mut caller = caller(small().agency(12));
    assert_eq!(fault(&caller.call("get.customers", json!({}))).0, "forbidden");
    caller.token = "sandbox-agency".to_owned();
    let customers = all(&mut caller, Customers::METHOD);
    let ids: Vec<_> = customers.iter().map(|row| number(row, "id")).collect();
    assert_eq!(ids, [100_003, 100_004]);
    assert_eq!(
        fault(&caller.call("get.employees", json!({}))),
        ("required_parameter_missed", Some("user_id"))
    );
    let theirs = caller.call("get.employees", json!({"user_id": 320_001, "limit": 1}));
    assert_eq!(rows(&theirs).len(), 1);
    let object = caller.call("getobj.account", json!({"user_id": 320_002}));
    assert_eq!(object["result"]["data"]["app_id"], 100_003);
    assert_eq!(object["result"]["data"]["user_id"], 320_002);
    assert!(object["result"]["metadata"]["total_items"].is_null());
    assert_eq!(caller.call("getobj.account", json!({}))["result"]["data"]["is_agent_app"], true);
    caller.token = "sandbox-hundred".to_owned();
    assert_eq!(all(&mut caller, Customers::METHOD).len(), 12);
}

#[test]
fn sessions_that_go_on_are_listed_for_those_who_ask() {
    let mut caller = caller(small().world(World::Tiny));
    // 2026-02-28 09:00:12 in Moscow: the first call rings.
    caller.now = time("2026-02-28 06:00:12").and_utc().timestamp();
    let mut sessions = |more: Value| {
        let mut params = json!({"date_from": "2026-02-28 08:00:00", "date_till": "2026-03-01 00:00:00"});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        rows(&caller.call("get.calls_report", params)).clone()
    };
    assert_eq!(sessions(json!({})).len(), 0);
    assert_eq!(sessions(json!({"include_ongoing_calls": false})).len(), 0);
    let ongoing = sessions(json!({"include_ongoing_calls": true}));
    assert_eq!(ongoing.len(), 1);
    assert_eq!((&ongoing[0]["talk_duration"], &ongoing[0]["direction"]), (&Value::Null, &json!("in")));
}

#[test]
fn a_charge_is_there_with_its_leg() {
    let mut caller = caller(small().world(World::Callcentre).late_data(true));
    let noon = time("2026-02-27 09:00:00").and_utc().timestamp();
    for minute in 0..20 {
        caller.now = noon + minute * 61;
        let legs: BTreeSet<_> =
            all(&mut caller, calllegs_core::CallLegs::METHOD).iter().map(|leg| number(leg, "id")).collect();
        let charges = all(&mut caller, FinancialCallLegsReport::METHOD);
        assert!(!charges.is_empty() && charges.iter().all(|charge| legs.contains(&number(charge, "leg_id"))));
    }
}

#[test]
fn every_other_reading_method_answers_an_empty_listing_and_the_log_says_so() {
    let mut caller = caller(small().limits_of(calllegs_sandbox::LimitsOf::Account).minute_limit(Some(1000)));
    let ours: BTreeSet<_> = DIRECTORIES
        .into_iter()
        .chain([CallsReport::METHOD, FinancialCallLegsReport::METHOD, Customers::METHOD])
        .map(|method| method.name)
        .collect();
    let mut empty = 0;
    for method in METHODS {
        let mut params = Map::new();
        for param in method.params.iter().filter(|param| param.required && param.name != "access_token") {
            let value = match param.kind {
                Kind::Number | Kind::Id => json!(1),
                Kind::Boolean => json!(true),
                Kind::Array => json!([]),
                Kind::Object => json!({}),
                Kind::Enum | Kind::Iso8601 | Kind::String | _ => json!("x"),
            };
            params.insert(param.name.to_owned(), value);
        }
        if method.takes("date_from") {
            params.insert("date_from".to_owned(), json!("2026-02-01 00:00:00"));
            params.insert("date_till".to_owned(), json!("2026-03-02 00:00:00"));
        }
        let reply = caller.call(method.name, params.clone().into());
        if !method.is_documented(Brand::Uis) {
            assert_eq!(fault(&reply).0, "method_not_found", "{}", method.name);
            continue;
        }
        if method.audience == calllegs_core::schema::Audience::Partner {
            assert_eq!(fault(&reply).0, "forbidden", "{}", method.name);
            continue;
        }
        let found = rows(&reply).len();
        let remark = caller.emulator.journal().last().and_then(|entry| entry.remark);
        assert_eq!(remark.is_some(), !ours.contains(method.name), "{}", method.name);
        assert!(reply["result"]["metadata"]["limits"]["minute_remaining"].is_number());
        if remark.is_some() {
            assert_eq!(
                (found, &reply["result"]["metadata"]["total_items"]),
                (0, &json!(0)),
                "{}",
                method.name
            );
            empty += 1;
        }
        params.insert("weather".to_owned(), json!(1));
        assert_eq!(
            fault(&caller.call(method.name, params.into())).0,
            "unexpected_parameters",
            "{}",
            method.name
        );
    }
    assert!(empty > 100, "{empty}");
    let forbidden = json!({"filter": {"field": "name", "operator": "=", "value": 5}});
    assert_eq!(fault(&caller.call("get.sites_of_tomorrow", forbidden)).0, "method_not_found");
}

#[test]
fn what_changes_something_is_refused_by_name() {
    let mut caller = caller(small());
    for method in
        ["create.employees", "update.sites", "delete.tags", "upload.calls", "set.tag_communications"]
    {
        let reply = caller.call(method, json!({"name": "x"}));
        assert_eq!(fault(&reply), ("error", None), "{method}");
        let message = reply["error"]["message"].as_str().unwrap();
        assert!(message.contains("refused"), "{message}");
        assert_eq!(reply["error"]["data"]["params"]["error_message"], message);
    }
    for method in ["create.", "creates.tags", "getobj.crm_source", "get.weather", ""] {
        assert_eq!(fault(&caller.call(method, json!({}))).0, "method_not_found", "{method}");
    }
    assert_eq!(caller.points(), 0);
}

#[test]
fn a_file_has_legs_alone() {
    let mut caller =
        caller_on(&[json!({"id": 1, "start_time": "2026-02-10 10:00:00", "call_session_id": 7})]);
    assert!(all(&mut caller, CallsReport::METHOD).is_empty());
    assert!(caller.emulator.journal().last().unwrap().remark.is_some());
    assert_eq!(rows(&caller.call("get.account", json!({}))).len(), 1);
}

#[test]
fn data_faults_hit_a_companion_that_is_named() {
    let fault = "lost-page:match=method=get.calls_report".parse().unwrap();
    let mut caller = caller(small().fault(fault));
    assert!(all(&mut caller, CallsReport::METHOD).is_empty());
    assert!(!all(&mut caller, FinancialCallLegsReport::METHOD).is_empty());
    assert!(!caller.leg_ids(json!({})).is_empty());
}

#[test]
fn a_world_on_demand_has_companions_too() {
    let mut caller = caller(small().world(World::Huge).legs_per_day(200_000));
    let within =
        json!({"date_from": "2026-02-28 10:00:00", "date_till": "2026-02-28 10:30:00", "limit": 10_000});
    let ids = |reply: &Value, name: &str| -> BTreeSet<i64> {
        rows(reply).iter().map(|row| number(row, name)).collect()
    };
    let mut legs = within.clone();
    legs["fields"] = json!(["id", "call_session_id"]);
    let legs = caller.call("get.call_legs_report", legs);
    let sessions = caller.call("get.calls_report", within.clone());
    let charges = caller.call("get.financial_call_legs_report", within);
    assert!(ids(&sessions, "id").is_subset(&ids(&legs, "call_session_id")));
    assert!(!rows(&charges).is_empty() && ids(&charges, "leg_id").is_subset(&ids(&legs, "id")));
    let metadata = &sessions["result"]["metadata"];
    assert_eq!(metadata["total_items"], rows(&sessions).len());
}
