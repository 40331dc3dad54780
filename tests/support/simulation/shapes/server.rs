//! The server: rows that come and go, an order, a way to be wrong. It knows which rows were there all the time.

use std::collections::BTreeMap;

use calllegs_core::{
    Period,
    pager::Reach,
    schema::{Audience, FILTER, FieldInfo, Kind, MethodInfo, ParamInfo, SORT, Shape},
    value::wall_time,
};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde_json::{Value, json};

use super::{super::dice::Dice, is_within};

const fn param(name: &'static str, kind: Kind, required: bool) -> ParamInfo {
    ParamInfo::new(name, kind, required)
}

static LISTED: [ParamInfo; 5] = [
    param("limit", Kind::Number, false),
    param("offset", Kind::Number, false),
    param("filter", Kind::Object, false),
    param("fields", Kind::Array, false),
    param("sort", Kind::Array, false),
];
static DATED: [ParamInfo; 7] = [
    param("limit", Kind::Number, false),
    param("offset", Kind::Number, false),
    param("filter", Kind::Object, false),
    param("fields", Kind::Array, false),
    param("sort", Kind::Array, false),
    param("date_from", Kind::Iso8601, true),
    param("date_till", Kind::Iso8601, true),
];

/// A table: what may be done with the number, and whether the server sorts by the start.
const fn table(number: u8, start: u8) -> [FieldInfo; 3] {
    [
        FieldInfo::new(0, "number", Kind::Number, number, ""),
        FieldInfo::new(1, "at", Kind::Iso8601, start, ""),
        FieldInfo::new(2, "what", Kind::String, 0, ""),
    ]
}

static BOTH: [FieldInfo; 3] = table(FILTER | SORT, SORT);
static FILTERED: [FieldInfo; 3] = table(FILTER, SORT);
static SORTED: [FieldInfo; 3] = table(SORT, SORT);
static NEITHER: [FieldInfo; 3] = table(0, 0);
static UNSORTED: [FieldInfo; 3] = table(FILTER, 0);

const fn method(params: &'static [ParamInfo], fields: &'static [FieldInfo]) -> MethodInfo {
    MethodInfo::new("get.rows", 1, Audience::Client, params, fields)
}

const NUMBER: &[&str] = &["number"];
const START: &[&str] = &["at"];

static HOPS: [MethodInfo; 2] = [
    method(&DATED, &FILTERED).identified_by(NUMBER).ordered_by(START),
    method(&DATED, &SORTED).identified_by(NUMBER).ordered_by(START),
];
static WINDOWS: [MethodInfo; 2] = [
    method(&DATED, &UNSORTED).identified_by(NUMBER).ordered_by(START),
    method(&DATED, &NEITHER).identified_by(NUMBER).ordered_by(START),
];
static OFFSET: [MethodInfo; 8] = [
    method(&LISTED, &BOTH).identified_by(NUMBER),
    method(&LISTED, &FILTERED).identified_by(NUMBER),
    method(&LISTED, &SORTED).identified_by(NUMBER),
    method(&LISTED, &NEITHER).identified_by(NUMBER),
    method(&LISTED, &NEITHER).identified_by(&["number", "what"]),
    method(&LISTED, &NEITHER),
    method(&DATED, &NEITHER),
    method(&DATED, &BOTH).identified_by(NUMBER),
];
static SINGLE: [MethodInfo; 2] = [method(&[], &NEITHER), method(&[], &NEITHER).identified_by(NUMBER)];

/// How rows are listed where no order was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Listed {
    /// By the number.
    ByNumber,
    /// In an order of its own, the same each time.
    Hidden,
    /// In another one at each request.
    Shuffled,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// The sort is overlooked.
    Disorder,
    /// The first rows stand in the place of the last ones.
    Doubled,
    /// No row at all.
    Empty,
    /// The call fails.
    Fails,
    /// A row without a number.
    Nameless,
    /// Rows are left out, and counted.
    Lost,
    /// The filter is overlooked.
    Unfiltered,
    /// The total is not said.
    Uncounted,
    /// The total is another one.
    Wrong,
}

impl Fault {
    const ALL: [Self; 9] = [
        Self::Disorder,
        Self::Doubled,
        Self::Empty,
        Self::Fails,
        Self::Nameless,
        Self::Lost,
        Self::Unfiltered,
        Self::Uncounted,
        Self::Wrong,
    ];
}

#[derive(Clone, Debug)]
struct Row {
    number: i64,
    at: NaiveDateTime,
    what: u64,
}

impl Row {
    fn json(&self) -> Value {
        json!({"number": self.number, "at": wall_time::format(self.at).to_string(), "what": self.what.to_string()})
    }
}

pub(super) struct Server {
    pub(super) method: &'static MethodInfo,
    pub(super) period: Option<Period>,
    pub(super) reach: Reach,
    /// In percent of the pages: the program is killed.
    pub(super) kill: u64,
    rows: Vec<Row>,
    listed: Listed,
    /// Rows that it gives at once at most.
    cap: usize,
    /// In percent of the requests: a row comes, a row goes.
    comes: u64,
    goes: u64,
    fault: Option<(Fault, u64)>,
    /// Whether it includes the bounds of a period.
    ends: (bool, bool),
    next: i64,
    /// How often each row of the period was there, at least and at most.
    pub(super) least: BTreeMap<String, u64>,
    pub(super) most: BTreeMap<String, u64>,
}

impl Server {
    pub(super) fn draw(dice: &mut Dice, shape: Shape) -> Self {
        let method = match shape {
            Shape::Hops => &HOPS[dice.index(2)],
            Shape::Windows => &WINDOWS[dice.index(2)],
            Shape::Single => &SINGLE[dice.index(2)],
            Shape::Offset | _ => &OFFSET[dice.index(8)],
        };
        assert_eq!(method.shape(), shape);
        let limit = dice.pick(&[6, 10, 25]);
        let reach = Reach::new(limit, limit * 10);
        let is_numbered = method.identity().next().is_some();
        let most = match dice.below(4) {
            0 => u64::from(limit),
            1 | 2 => u64::from(limit) * 4,
            _ => u64::from(limit) * 13,
        };
        let length = dice.below(most + 1);
        let beginning =
            NaiveDate::from_ymd_opt(2026, 3, 1).unwrap_or_default().and_time(chrono::NaiveTime::MIN);
        let span = dice.pick(&[40, 4000, 4_000_000]);
        let second = |number: u64| beginning + TimeDelta::seconds(number.cast_signed());
        let mut next = 1;
        let rows: Vec<_> = (0..length)
            .map(|_| {
                next += 1 + dice.below(3).cast_signed();
                let (number, what) =
                    if is_numbered { (next, dice.below(50)) } else { (1, dice.below(length)) };
                let at = if is_numbered { second(dice.below(span)) } else { beginning };
                Row { number, at, what }
            })
            .collect();
        let from = dice.below(span / 4);
        let period = Period::new(second(from), second(span - dice.below(span / 4))).ok();
        let period = period.filter(|_| method.is_over_period());
        // Rows without a start of their own are not told apart by it, so the server's word on the period is the last.
        let by_start = matches!(shape, Shape::Hops | Shape::Windows);
        let ends = if by_start { (dice.chance(50), dice.chance(50)) } else { (true, false) };
        let is_calm = dice.chance(30);
        let changes = !is_calm && dice.chance(60);
        let fault = (!is_calm && dice.chance(70))
            .then(|| (dice.pick(&Fault::ALL), dice.pick(&[3, 15, 50, 100])))
            // Without numbers nobody sees that a row stands in the place of another, and a row with another number is
            // another row.
            .filter(|(fault, _)| is_numbered || *fault != Fault::Doubled)
            .filter(|(fault, _)| method.identity().count() == 1 || *fault != Fault::Nameless)
            .filter(|(fault, _)| shape != Shape::Single || !matches!(fault, Fault::Wrong | Fault::Uncounted));
        let listed = dice.pick(&[Listed::ByNumber, Listed::Hidden, Listed::Shuffled]);
        let cap = if dice.chance(15) { limit as usize * 2 / 3 } else { usize::MAX };
        let kill = if by_start && dice.chance(40) { 8 } else { 0 };
        let comes = if changes { dice.pick(&[0, 2, 10, 40]) } else { 0 };
        // A leg does not go away; an employee does.
        let goes = if changes && !by_start { dice.pick(&[0, 2, 10, 40]) } else { 0 };
        let (least, most) = (BTreeMap::new(), BTreeMap::new());
        let mut server = Self {
            method,
            period,
            reach,
            kill,
            rows,
            listed,
            cap,
            comes,
            goes,
            fault,
            ends,
            next,
            least,
            most,
        };
        server.least = server.census();
        server.most.clone_from(&server.least);
        server
    }

    /// One where nothing goes wrong: so many rows, spread evenly over a month and listed by their number. `None` where the
    /// shape has no such table.
    pub(super) fn calm(shape: Shape, table: usize, rows: u64) -> Option<Self> {
        let tables: &'static [MethodInfo] = match shape {
            Shape::Hops => &HOPS,
            Shape::Windows => &WINDOWS,
            Shape::Single => &SINGLE,
            Shape::Offset | _ => &OFFSET,
        };
        let method = tables.get(table)?;
        let day = NaiveDate::from_ymd_opt(2026, 3, 1)?;
        let period = Period::days(day..=day + TimeDelta::days(30)).ok()?;
        let step = TimeDelta::days(31).num_seconds() / rows.max(1).cast_signed();
        let at = |number: i64| period.from() + TimeDelta::seconds(number * step);
        let row = |number: i64| Row { number, at: at(number), what: number.unsigned_abs() };
        Some(Self {
            method,
            period: Some(period).filter(|_| method.is_over_period()),
            reach: Reach::new(10, 100),
            kill: 0,
            rows: (0..rows.cast_signed()).map(row).collect(),
            listed: Listed::ByNumber,
            cap: usize::MAX,
            comes: 0,
            goes: 0,
            fault: None,
            ends: (true, false),
            next: 0,
            least: BTreeMap::new(),
            most: BTreeMap::new(),
        })
    }

    pub(super) fn describe(&self) -> String {
        format!(
            "{} rows, number {:?}, {} a page (at most {}), {:?}, {} % come, {} % go, fault {:?}, kills {} %, ends {:?}, \
             period {:?}",
            self.rows.len(),
            self.method.fields.first(),
            self.reach.limit(),
            self.cap,
            self.listed,
            self.comes,
            self.goes,
            self.fault,
            self.kill,
            self.ends,
            self.period,
        )
    }

    /// Nothing went wrong, and what there is can be told.
    pub(super) fn is_calm(&self) -> bool {
        let is_one_page = self.rows.len() <= self.cap.min(self.reach.limit() as usize);
        let is_small = self.rows.len() as u64 <= self.reach.rows().min(100) && self.cap == usize::MAX;
        let shape = self.method.shape();
        let has_order = match shape {
            Shape::Single => true,
            Shape::Hops => self.kill == 0,
            // Each page of a shuffled listing is another sample.
            Shape::Windows => self.listed != Listed::Shuffled,
            Shape::Offset | _ => self.listed != Listed::Shuffled || is_one_page,
        };
        let is_dense = self.period.is_some_and(|period| (period.till() - period.from()).num_seconds() < 100);
        let is_dense = is_dense && matches!(shape, Shape::Hops | Shape::Windows);
        self.fault.is_none()
            && self.comes == 0
            && self.goes == 0
            && has_order
            && !is_dense
            && (is_one_page || is_small || shape == Shape::Single)
    }

    /// Nothing tells what is missing: totals lie, or a row that is left out is not counted either.
    pub(super) fn is_blind(&self) -> bool {
        // Readings that agree by chance: without identities, and in another order each time.
        let is_chance = self.method.identity().next().is_none() && self.listed == Listed::Shuffled;
        matches!(self.fault, Some((Fault::Wrong, _)))
            || is_chance
            || self.method.shape() == Shape::Single
                && matches!(self.fault, Some((Fault::Lost | Fault::Empty, _)))
    }

    /// What tells a row apart, if one number does.
    pub(super) fn id(&self, row: &Value) -> Option<i64> {
        let mut identity = self.method.identity();
        let is_number = identity.next().is_some() && identity.next().is_none();
        row["number"].as_i64().filter(|_| is_number)
    }

    pub(super) fn fails(&self, dice: &mut Dice) -> bool {
        matches!(self.fault, Some((Fault::Fails, percent)) if dice.chance(percent.min(50)))
    }

    fn census(&self) -> BTreeMap<String, u64> {
        let mut census = BTreeMap::new();
        for row in self.rows.iter().filter(|row| is_within(self.period, row.at)) {
            *census.entry(row.json().to_string()).or_default() += 1;
        }
        census
    }

    /// Rows come and go between two requests.
    fn change(&mut self, dice: &mut Dice) {
        if dice.chance(self.goes) && !self.rows.is_empty() {
            let index = dice.index(self.rows.len());
            self.rows.remove(index);
        }
        if dice.chance(self.comes) {
            self.next += 1 + dice.below(3).cast_signed();
            let at = self.rows.first().map_or_else(NaiveDateTime::default, |row| row.at);
            let what = self.next.unsigned_abs() + 1000;
            let number = if self.method.identity().next().is_some() { self.next } else { 1 };
            self.rows.push(Row { number, at, what });
        }
        let now = self.census();
        for (row, times) in &mut self.least {
            *times = (*times).min(now.get(row).copied().unwrap_or_default());
        }
        for (row, times) in now {
            let most = self.most.entry(row).or_default();
            *most = (*most).max(times);
        }
    }

    /// The reply to a request.
    pub(super) fn answer(&mut self, dice: &mut Dice, body: &Value) -> Result<String, String> {
        self.change(dice);
        let params = &body["params"];
        // What proves that two copies are one row is true.
        let is_proof = matches!(params["filter"]["operator"].as_str(), Some("=" | "in"));
        let strikes = |(fault, percent): &(Fault, u64)| {
            dice.chance(*percent) && !(is_proof && *fault == Fault::Doubled)
        };
        let fault = self.fault.filter(strikes).map(|(fault, _)| fault);
        let bound = |name: &str| params[name].as_str().and_then(|text| wall_time::parse(text).ok());
        let (from, till) = (bound("date_from"), bound("date_till"));
        let is_asked = |row: &&Row| {
            let is_late = |from| from < row.at || self.ends.0 && from == row.at;
            let is_early = |till| row.at < till || self.ends.1 && row.at == till;
            let passes = fault == Some(Fault::Unfiltered) || matches(&params["filter"], row.number);
            from.is_none_or(is_late) && till.is_none_or(is_early) && passes
        };
        let mut rows: Vec<_> = self.rows.iter().filter(is_asked).cloned().collect();
        let sort = params["sort"][0]["field"].as_str().filter(|_| fault != Some(Fault::Disorder));
        let shuffle = dice.roll() | 1;
        match (sort, self.listed) {
            (Some("number"), _) | (None, Listed::ByNumber) => rows.sort_by_key(|row| row.number),
            (Some("at"), _) => rows.sort_by_key(|row| (row.at, row.number)),
            (Some(other), _) => return Err(format!("a sort by {other}")),
            (None, Listed::Hidden) => rows.sort_by_key(|row| mixed(row, 0x9e37_79b9_7f4a_7c15)),
            (None, Listed::Shuffled) => rows.sort_by_key(|row| mixed(row, shuffle)),
        }
        let mut total = rows.len() as u64;
        let number = |name: &str| params[name].as_u64().and_then(|number| usize::try_from(number).ok());
        let is_page = self.method.takes("offset");
        let (offset, limit) = (number("offset").unwrap_or(0), number("limit").unwrap_or(usize::MAX));
        let (most, last) = (self.reach.limit() as usize, self.reach.offset() as usize);
        if is_page && (limit > most || offset > last) || !is_page && params.get("limit").is_some() {
            return Err(format!("the server refuses {params}"));
        }
        let cap = if is_page { self.cap } else { usize::MAX };
        rows = rows.into_iter().skip(offset).take(limit.min(cap)).collect();
        let half = rows.len() / 2;
        match fault {
            Some(Fault::Doubled) => {
                let (first, last) = rows.split_at_mut(half);
                first.iter().zip(last).for_each(|(first, last)| last.clone_from(first));
            }
            Some(Fault::Empty) => rows.clear(),
            Some(Fault::Lost) => rows.truncate(rows.len() - rows.len().min(1 + half / 2)),
            Some(Fault::Wrong) => total = (total + dice.below(5)).saturating_sub(2),
            Some(Fault::Disorder | Fault::Fails | Fault::Nameless | Fault::Unfiltered | Fault::Uncounted)
            | None => {}
        }
        let mut data: Vec<_> = rows.iter().map(Row::json).collect();
        if let (Some(Fault::Nameless), Some(row)) = (fault, data.first_mut()) {
            row["number"] = Value::Null;
        }
        let total = Some(total).filter(|_| fault != Some(Fault::Uncounted));
        Ok(json!({"jsonrpc": "2.0", "id": body["id"], "result": {"data": data, "metadata": {"total_items": total}}})
            .to_string())
    }
}

/// Where a row stands in an order that nobody asked for.
fn mixed(row: &Row, by: u64) -> u64 {
    Dice(row.what.wrapping_mul(31).wrapping_add(row.number.unsigned_abs()).wrapping_mul(by)).roll()
}

/// Whether a row with this number passes the filter.
fn matches(filter: &Value, number: i64) -> bool {
    if let Some(parts) = filter["filters"].as_array() {
        return parts.iter().all(|part| matches(part, number));
    }
    let value = filter["value"].as_i64().unwrap_or_default();
    match filter["operator"].as_str() {
        Some("=") => number == value,
        Some(">=") => number >= value,
        Some("<=") => number <= value,
        Some("in") => filter["value"]
            .as_array()
            .is_some_and(|values| values.iter().any(|value| value.as_i64() == Some(number))),
        _ => true,
    }
}
