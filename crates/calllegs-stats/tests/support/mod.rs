//! Results of a made-up fortnight, of a shape that a call centre has.

#![allow(dead_code, reason = "each test uses a part of it")]

use calllegs_stats::{
    Cell, Decimal, GroupTransfer, HalfHour, Parameters, Shape, Table,
    report::{Header, Previous, Report},
};
use chrono::{Datelike, NaiveDate, NaiveDateTime};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: i64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn tenth(part: i64, whole: i64) -> Cell {
    Decimal::quotient(100 * part, whole, 1).into()
}

fn decimal(units: i64, places: u8) -> Cell {
    Decimal::new(units, places).into()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn table(name: &str, rows: Vec<Vec<Cell>>) -> Table {
    Table::new(Shape::find(name).unwrap(), rows)
}

/// Names as people have them, and one that is none.
const PEOPLE: [&str; 14] = [
    "Анна Петрова",
    "Борис Смирнов",
    "Вера Кузнецова",
    "Григорий Иванов",
    "Дарья Соколова",
    "Егор Лебедев",
    "Жанна Новикова",
    "Илья Морозов",
    "Ксения Волкова",
    "Лев Фёдоров",
    "Мария Богданова-Константинопольская",
    "Никита <b>Орлов</b> & \"Ко\"",
    "Ольга Зайцева",
    "Пётр Павлов",
];

/// How many calls an hour of a weekday has, in tenths of the busiest.
fn shape_of(weekday: i64, hour: i64) -> i64 {
    const HOURS: [i64; 24] = [0, 0, 0, 0, 0, 0, 0, 1, 4, 8, 10, 10, 8, 7, 10, 9, 8, 7, 5, 3, 2, 1, 0, 0];
    let quiet = if weekday > 5 { 4 } else { 1 };
    HOURS[usize::try_from(hour).unwrap()] / quiet
}

#[expect(clippy::too_many_lines, reason = "one list of results")]
/// All results, of `scale` percent of the calls.
pub(crate) fn results(from: NaiveDate, till: NaiveDate, scale: i64, seed: u64) -> Vec<Table> {
    let mut dice = Dice(seed);
    let (mut days, mut all, mut lost, mut in_time) = (Vec::new(), 0, 0, 0);
    for day in from.iter_days().take_while(|day| *day <= till) {
        let weekday = i64::from(day.weekday().number_from_monday());
        let base = if weekday > 5 { 105 } else { 350 };
        let offered = (base + dice.roll(base / 5)) * scale / 100;
        let missed = offered * (7 + dice.roll(7)) / 100;
        let quick = offered * (53 + dice.roll(20)) / 100;
        if offered > 0 {
            days.push(vec![
                day.into(),
                offered.into(),
                (offered - missed).into(),
                missed.into(),
                quick.into(),
                tenth(quick, offered),
            ]);
        }
        (all, lost, in_time) = (all + offered, lost + missed, in_time + quick);
    }
    let weeks = ((till - from).num_days() + 6) / 7;
    let mut heat = Vec::new();
    for weekday in 1..=7 {
        for hour in 0..24 {
            let offered = shape_of(weekday, hour) * (4 + dice.roll(2)) * weeks * scale / 100;
            let missed = offered * (4 + dice.roll(11)) / 100;
            if offered > 0 {
                heat.push(vec![
                    weekday.into(),
                    hour.into(),
                    offered.into(),
                    Decimal::quotient(offered, weeks, 1).into(),
                    missed.into(),
                    tenth(missed, offered),
                ]);
            }
        }
    }
    let profile = (0..30).map(|index| {
        let high = [
            320, 700, 650, 640, 420, 50, 140, 200, 180, 110, 8, 40, 45, 4, 6, 9, 2, 3, 1, 2, 1, 1, 0, 1, 0,
            0, 1,
        ];
        let answered = high.get(usize::try_from(index).unwrap()).copied().unwrap_or(0) * all / 3473;
        let left = (if index == 0 { 590 } else { 60 / (index + 1) + dice.roll(9) }) * all / 3473;
        vec![
            (index * 5).into(),
            answered.into(),
            left.into(),
            (if index == 16 { 81 * all / 3473 } else { 0 }).into(),
        ]
    });
    let profile = profile.collect();
    let reasons = [
        ("subscriber_disconnects", 2334),
        ("operator_busy", 1133),
        ("sip_offline", 1115),
        ("operator_not_responsible", 1092),
        ("employee_status_break", 214),
        ("max_in_call_reached", 66),
        ("made_up_reason", 12),
    ];
    let reasons = reasons.map(|(name, legs)| (name, legs * all / 3473));
    let rings: i64 = reasons.iter().map(|(_, legs)| legs).sum();
    let pareto = reasons.iter().scan(0, |sum, (name, legs)| {
        *sum += legs;
        Some(vec![text(name), (*legs).into(), tenth(*sum, rings)])
    });
    let people: Vec<_> = (1..)
        .zip(PEOPLE)
        .map(|(id, name)| {
            let rung = if id == 14 { 17 } else { (960 - id * 40 + dice.roll(90)) * scale / 100 };
            let answered = rung * (28 + dice.roll(9)) / 100;
            let (faster, left) = (rung * (30 + dice.roll(6)) / 100, rung * (12 + dice.roll(6)) / 100);
            vec![
                id.into(),
                text(name),
                rung.into(),
                answered.into(),
                faster.into(),
                left.into(),
                tenth(answered, rung - faster - left),
                decimal(105 + dice.roll(35), 1),
                (answered * 220).into(),
                if id % 4 == 0 { Cell::Null } else { decimal(380 + dice.roll(110), 2) },
                (if id % 4 == 0 { 3 } else { 10 + dice.roll(60) }).into(),
            ]
        })
        .collect();
    let occupancy = (1..=13).map(|id| vec![id.into(), decimal(310 + 17 * id, 1), decimal(900 - 20 * id, 1)]);
    let staffing = (7..22).filter(|hour| *hour != 20).map(|hour| {
        let calls = shape_of(1, hour) * 430 * scale / 100 + 10;
        let erlangs = Decimal::quotient(calls * 220, 3600, 0).map_or(0, Decimal::units);
        vec![hour.into(), decimal(calls, 2), decimal(2200, 1), decimal(erlangs, 2)]
    });
    let epoch = |text: &str| Cell::from(moment(text).and_utc().timestamp());
    let first = from.format("%Y-%m-%d").to_string();
    let peaks = [("10", 11), ("11", 10), ("14", 10), ("15", 9), ("16", 9)];
    let peaks = peaks
        .map(|(hour, lines)| vec![epoch(&format!("{first}T{hour}:00:00")), (lines * scale / 100).into()]);
    let pairs = [
        (0, 4, 61),
        (4, 0, 48),
        (1, 4, 33),
        (2, 5, 30),
        (0, 5, 22),
        (3, 4, 17),
        (1, 0, 9),
        (2, 4, 6),
        (5, 11, 4),
    ];
    let transfers = pairs.map(|(from, to, count)| vec![text(PEOPLE[from]), text(PEOPLE[to]), count.into()]);
    let (left, dropped) = (lost * 8 / 10, lost - lost * 8 / 10);
    let (back, again) = (lost / 45, lost * 16 / 100);
    let known = lost - lost / 60;
    vec![
        table(
            "service_level",
            vec![vec![
                all.into(),
                (all - lost).into(),
                (all / 6).into(),
                in_time.into(),
                tenth(in_time, all),
                tenth(in_time, all + all / 6),
            ]],
        ),
        table("abandonment", vec![vec![left.into(), dropped.into(), lost.into(), tenth(lost, all)]]),
        table(
            "asa",
            vec![vec![decimal(202, 1), decimal(160, 1), decimal(440, 1), 131.into(), decimal(331, 1)]],
        ),
        table("talk", vec![vec![decimal(2204, 1), ((all - lost) * 220).into(), decimal(411, 2)]]),
        table("heatmap", heat),
        table("pareto", pareto.collect()),
        table("employees", people),
        table("concurrency", peaks.to_vec()),
        table("occupancy", occupancy.collect()),
        table("transfers", transfers.to_vec()),
        table("repeat_callers", vec![vec![(all + 700).into(), (all / 7).into(), tenth(all / 7, all + 700)]]),
        table(
            "not_called_back",
            vec![vec![
                known.into(),
                back.into(),
                again.into(),
                (known - back - again).into(),
                ((known - back - again) * 88 / 100).into(),
                decimal(6180, 1),
                0.into(),
                7.into(),
            ]],
        ),
        table("first_response", vec![vec![(all / 2).into(), (all / 2 - 40).into(), 43.into()]]),
        table("quality", vec![vec![(all - lost).into(), decimal(981, 1), decimal(122, 1), decimal(461, 2)]]),
        table("by_day", days),
        table("call_profile", profile),
        table(
            "scenarios",
            vec![
                vec![
                    text("Основной сценарий"),
                    (all + 300).into(),
                    (all - lost).into(),
                    300.into(),
                    (all / 6).into(),
                    lost.into(),
                    decimal(202, 1),
                ],
                vec![text("(none)"), 40.into(), 31.into(), 5.into(), 1.into(), 3.into(), Cell::Null],
            ],
        ),
        table(
            "groups",
            vec![
                vec![text("Поддержка"), 8120.into(), 2014.into(), 2230.into(), 2010.into(), decimal(124, 1)],
                vec![text("Продажи"), 7202.into(), 1679.into(), 1901.into(), 1683.into(), decimal(119, 1)],
            ],
        ),
        table("staffing_input", staffing.collect()),
    ]
}

/// A fortnight with the one before it.
pub(crate) fn report() -> Report {
    let days = (day("2026-10-05"), day("2026-10-18"));
    let mut header = Header::new("uis:1103", "Europe/Moscow", days);
    header.as_of = Some(moment("2026-10-19T00:20:00"));
    header.agreement = Some((4102, 4131));
    let before = (day("2026-09-21"), day("2026-10-04"));
    let mut report = Report::new(header, results(days.0, days.1, 100, 7))
        .parameters(Parameters::default())
        .previous(Previous::new(before, results(before.0, before.1, 93, 8)));
    report.half_hours = half_hours();
    report.group_transfers =
        [("Поддержка", "Продажи", 120), ("Продажи", "Поддержка", 84), ("Поддержка", "Склад", 31)]
            .map(|(from, to, count)| GroupTransfer::new(Some(from.to_owned()), Some(to.to_owned()), count))
            .into();
    report.group_transfers.push(GroupTransfer::new(None, Some("Продажи".to_owned()), 7));
    report
}

/// From seven to ten at night, in which too few are there at the busiest hours.
fn half_hours() -> Vec<HalfHour> {
    let half_hour = |index: i64| {
        let calls = shape_of(1, index / 2);
        let mut half_hour = HalfHour::default();
        half_hour.start = index * 1800;
        half_hour.calls = Decimal::new(calls * 215, 2);
        half_hour.talk = (calls > 0).then(|| Decimal::new(2200 + index, 1));
        half_hour.people = Decimal::new((calls * 6).min(50), 1);
        half_hour.lines = Decimal::new(calls * 9, 1);
        half_hour.peak = calls * 3 + index % 2;
        half_hour
    };
    (14..44).map(half_hour).collect()
}
