//! The verb `get`: what a request asks of a listing, checked value by value, and the rows that answer it
//! (docs/api.md 5 and 6). Nothing here knows which listing it is.

use std::{cmp::Ordering, ops::Range, sync::Arc};

use calllegs_core::{
    Brand, Mnemonic,
    filter::Filter,
    schema::{AnyListing, FieldInfo, MethodInfo},
    value::wall_time,
};
use chrono::{Days, Months, NaiveDateTime, TimeDelta};
use chrono_tz::Tz;
use serde_json::{Map, Value};

use crate::{
    denial::Denial,
    disorder::{moment_of_bound, moment_of_row},
    random::Random,
    store::Store,
    switches::{Bounds, ClockChange, DateAppliesTo, OffsetCap},
    view::View,
};

/// Rows of a page when the request does not say (docs/api.md 5.1).
const DEFAULT_LIMIT: u32 = 1000;

/// What decides about the form of a request, beside the tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) brand: Brand,
    pub(crate) max_limit: u32,
    pub(crate) max_offset: u32,
    pub(crate) offset_cap: OffsetCap,
}

/// How a period selects rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Dates {
    pub(crate) bounds: Bounds,
    pub(crate) applies_to: DateAppliesTo,
    pub(crate) clock_change: ClockChange,
    pub(crate) zone: Tz,
}

impl Dates {
    /// Times between which everything starts that these two dates select.
    fn reach(self, from: NaiveDateTime, till: NaiveDateTime) -> (NaiveDateTime, NaiveDateTime) {
        match self.clock_change {
            ClockChange::Written => (from, till),
            ClockChange::Earlier | ClockChange::Later => {
                (wider(from, -MOST_CHANGE), wider(till, MOST_CHANGE))
            }
        }
    }

    /// Whether the dates select everything that starts from the first up to, not including, the second of these times.
    fn hold(self, period: (NaiveDateTime, NaiveDateTime), span: (NaiveDateTime, NaiveDateTime)) -> bool {
        let (with_first, _) = self.bounds.ends();
        self.clock_change == ClockChange::Written
            && (period.0 < span.0 || with_first && period.0 == span.0)
            && span.1 <= period.1
    }

    /// The rows that these two dates select.
    pub(crate) fn rows(self, view: View<'_>, from: NaiveDateTime, till: NaiveDateTime) -> Rows {
        let (with_first, with_last) = self.bounds.ends();
        let ends = ((from, with_first), (till, with_last));
        match (self.applies_to, self.clock_change) {
            (DateAppliesTo::Session, _) => Rows::List(view.store.window_of_sessions(ends.0, ends.1).into()),
            (DateAppliesTo::Leg, ClockChange::Written) => Rows::Range(view.store.window(ends.0, ends.1)),
            (DateAppliesTo::Leg, meaning) => {
                let moment = |time| moment_of_bound(time, meaning, self.zone);
                let (first, last) = (moment(from), moment(till));
                let (near_from, near_till) = self.reach(from, till);
                let near = view.store.window((near_from, true), (near_till, true));
                let within = |row: &usize| {
                    let at = moment_of_row(view, *row, self.zone);
                    (first < at || with_first && first == at) && (at < last || with_last && at == last)
                };
                let rows = near.filter(within).filter_map(|row| u32::try_from(row).ok());
                Rows::List(rows.collect())
            }
        }
    }
}

/// No clock is changed by more.
const MOST_CHANGE: TimeDelta = TimeDelta::hours(3);

fn wider(time: NaiveDateTime, by: TimeDelta) -> NaiveDateTime {
    time.checked_add_signed(by).unwrap_or(time)
}

/// A legal request for a page.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) fields: Vec<&'static FieldInfo>,
    pub(crate) limit: usize,
    pub(crate) offset: usize,
    selection: Selection,
}

/// What decides which rows match and in which order: the same for every page of a listing.
#[derive(Debug)]
pub(crate) struct Selection {
    method: &'static MethodInfo,
    filter: Option<Filter<AnyListing>>,
    sort: Vec<Key>,
    period: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl PartialEq for Selection {
    fn eq(&self, other: &Self) -> bool {
        self.method.name == other.method.name
            && self.filter == other.filter
            && self.sort == other.sort
            && self.period == other.period
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    position: usize,
    descending: bool,
}

impl Query {
    /// Reads parameters whose types were checked, in documented order; the dates' combination comes last.
    pub(crate) fn read(
        method: &'static MethodInfo,
        rules: &Rules,
        params: &Map<String, Value>,
    ) -> Result<Self, Denial> {
        let brand = rules.brand;
        let limit = count(params, "limit", 1..rules.max_limit.saturating_add(1))?;
        let beyond = match rules.offset_cap {
            OffsetCap::Error => rules.max_offset.saturating_add(1),
            OffsetCap::Empty => u32::MAX,
        };
        let offset = count(params, "offset", 0..beyond)?.unwrap_or(0);
        // Nothing lies beyond the largest offset.
        let offset = if offset > rules.max_offset { usize::MAX } else { offset as usize };
        let filter = params.get("filter").map(|tree| filter(method, brand, tree)).transpose()?.flatten();
        let fields = fields(method, brand, params.get("fields").and_then(Value::as_array))?;
        let keys = params.get("sort").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let sort = keys.iter().map(|entry| key(method, brand, entry)).collect::<Result<_, _>>()?;
        let period = match (params.get("date_from"), params.get("date_till")) {
            (Some(from), Some(till)) => Some(period(method, from, till)?),
            _ => None,
        };
        let limit = limit.unwrap_or(DEFAULT_LIMIT).min(rules.max_limit) as usize;
        Ok(Self { fields, limit, offset, selection: Selection { method, filter, sort, period } })
    }

    pub(crate) fn selection(&self) -> &Selection {
        &self.selection
    }

    pub(crate) fn into_selection(self) -> Selection {
        self.selection
    }
}

impl Selection {
    pub(crate) fn period(&self) -> Option<(NaiveDateTime, NaiveDateTime)> {
        self.period
    }

    /// Times between which every row starts that the period selects; none without a period.
    pub(crate) fn reach(&self, dates: Dates) -> Option<(NaiveDateTime, NaiveDateTime)> {
        self.period.map(|(from, till)| dates.reach(from, till))
    }

    /// Whether everything that starts between these times is selected without a look at it.
    pub(crate) fn takes_all(&self, dates: Dates, span: (NaiveDateTime, NaiveDateTime)) -> bool {
        self.filter.is_none() && self.period.is_none_or(|period| dates.hold(period, span))
    }

    /// Whether the listing of stores that lie behind one another in time is that of each behind that of the one before
    /// (false) or behind that of the next one (true).
    ///
    /// # Errors
    /// Where it is neither: such an order takes all stores at once.
    pub(crate) fn is_backwards(&self, table: &Store) -> Result<bool, Denial> {
        match self.sort.first() {
            None => Ok(false),
            Some(key) if table.leads(key.position) => Ok(key.descending),
            Some(_) => Err(Denial::at(Mnemonic::SortProhibited, "sort.field")),
        }
    }

    /// The rows that the period selects, whether or not they are there yet.
    pub(crate) fn candidates(&self, view: View<'_>, dates: Dates) -> Rows {
        match self.period {
            Some((from, till)) => dates.rows(view, from, till),
            None => Rows::Range(0..view.store.len()),
        }
    }

    /// Those of the candidates that match, in order: the given keys, then by id. Rows without an id keep the store's
    /// order. The usual request, which asks for the store's own order, gets a range of it without a look at its rows.
    pub(crate) fn rows(&self, view: View<'_>, candidates: Rows, settled: bool) -> Result<Rows, Denial> {
        let in_order = view.store.lies_in_order(self.sort.iter().map(|key| (key.position, key.descending)));
        if self.filter.is_none() && settled && in_order {
            return Ok(candidates);
        }
        let mut rows = Vec::new();
        for row in candidates.iter() {
            let index = row as usize;
            let matches = match &self.filter {
                Some(filter) => view.has(index) && filter.matches(&view.row(index))?,
                None => view.has(index),
            };
            if matches {
                rows.push(row);
            }
        }
        if !in_order {
            let id = view.store.id_position();
            rows.sort_by(|a, b| {
                let by_id = || id.map_or(Ordering::Equal, |id| view.compare(id, *a as usize, *b as usize));
                self.order(view, *a, *b).then_with(by_id)
            });
        }
        Ok(Rows::List(rows.into()))
    }

    /// The same rows, those that are equal in all keys in an order that the seed decides.
    pub(crate) fn shuffle_ties(&self, view: View<'_>, rows: &Rows, seed: u64) -> Rows {
        let mut rows: Vec<u32> = rows.iter().collect();
        let dice = |row: u32| Random::new(seed, row.into()).next();
        rows.sort_by(|a, b| self.order(view, *a, *b).then_with(|| dice(*a).cmp(&dice(*b))));
        Rows::List(rows.into())
    }

    fn order(&self, view: View<'_>, a: u32, b: u32) -> Ordering {
        let by_keys = self.sort.iter().map(|key| {
            let order = view.compare(key.position, a as usize, b as usize);
            if key.descending { order.reverse() } else { order }
        });
        by_keys.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// Rows of a store by number.
#[derive(Clone, Debug)]
pub(crate) enum Rows {
    List(Arc<[u32]>),
    Range(Range<usize>),
}

impl Rows {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::List(rows) => rows.len(),
            Self::Range(rows) => rows.len(),
        }
    }

    pub(crate) fn last(&self) -> Option<usize> {
        match self {
            Self::List(rows) => rows.last().map(|row| *row as usize),
            Self::Range(rows) => rows.clone().next_back(),
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        self.page(0, usize::MAX)
    }

    /// So many of them from this place on.
    pub(crate) fn page(&self, first: usize, count: usize) -> impl Iterator<Item = u32> {
        let (list, range) = match self {
            Self::List(rows) => (rows.get(first..).unwrap_or_default(), 0..0),
            Self::Range(rows) => (&[][..], rows.start.saturating_add(first).min(rows.end)..rows.end),
        };
        let range = range.filter_map(|row| u32::try_from(row).ok());
        list.iter().copied().chain(range).take(count)
    }
}

fn count(params: &Map<String, Value>, name: &str, legal: Range<u32>) -> Result<Option<u32>, Denial> {
    let Some(value) = params.get(name) else { return Ok(None) };
    match value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| legal.contains(count)) {
        Some(count) => Ok(Some(count)),
        None => Err(Denial::at(Mnemonic::InvalidParameterValue, name).value(value)),
    }
}

/// The filter's own checks, then those of the brand: its pages leave out some operators and fields.
fn filter(
    method: &'static MethodInfo,
    brand: Brand,
    tree: &Value,
) -> Result<Option<Filter<AnyListing>>, Denial> {
    let Some(filter) = Filter::read_wire_of(method, tree)? else { return Ok(None) };
    for field in filter.fields() {
        if !field.is_documented(brand) {
            return Err(
                Denial::at(Mnemonic::UnexpectedParameters, "filter.field").value(&field.name().into())
            );
        }
        if !field.is_filterable(Some(brand)) {
            return Err(Denial::at(Mnemonic::FilterProhibited, &format!("filter.{}", field.name())));
        }
    }
    filter.check(brand)?;
    Ok(Some(filter))
}

/// The fields of a reply: those asked for, each once, else the brand's default ones.
fn fields(
    method: &MethodInfo,
    brand: Brand,
    names: Option<&Vec<Value>>,
) -> Result<Vec<&'static FieldInfo>, Denial> {
    let mut fields = Vec::<&'static FieldInfo>::new();
    for name in names.into_iter().flatten() {
        let Value::String(text) = name else {
            return Err(Denial::at(Mnemonic::DataTypeError, "fields").value(name));
        };
        let field = known(method, brand, text, "fields")?;
        if !fields.iter().any(|known| known.name() == field.name()) {
            fields.push(field);
        }
    }
    if fields.is_empty() {
        fields.extend(method.fields.iter().filter(|field| field.is_default(Some(brand))));
    }
    Ok(fields)
}

fn key(method: &MethodInfo, brand: Brand, entry: &Value) -> Result<Key, Denial> {
    let Value::Object(members) = entry else {
        return Err(Denial::at(Mnemonic::DataTypeError, "sort").value(entry));
    };
    let word = |name: &str| match members.get(name) {
        Some(Value::String(word)) => Ok(Some(word.as_str())),
        Some(value) => Err(Denial::at(Mnemonic::DataTypeError, &format!("sort.{name}")).value(value)),
        None => Ok(None),
    };
    let (field, order) = (word("field")?, word("order")?);
    if let Some((name, value)) = members.iter().find(|(name, _)| !matches!(name.as_str(), "field" | "order"))
    {
        return Err(Denial::at(Mnemonic::UnexpectedParameters, &format!("sort.{name}")).value(value));
    }
    let Some(field) = field else {
        return Err(Denial::at(Mnemonic::RequiredParameterMissed, "sort.field"));
    };
    let descending = match order {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(Denial::at(Mnemonic::InvalidParameterValue, "sort.order").value(&other.into()));
        }
    };
    let field = known(method, brand, field, "sort.field")?;
    if !field.is_sortable(Some(brand)) {
        return Err(Denial::at(Mnemonic::SortProhibited, "sort.field").value(&field.name().into()));
    }
    Ok(Key { position: field.position(), descending })
}

/// A field of the brand's own table.
fn known(method: &MethodInfo, brand: Brand, name: &str, place: &str) -> Result<&'static FieldInfo, Denial> {
    method
        .field(name)
        .filter(|field| field.is_documented(brand))
        .ok_or_else(|| Denial::at(Mnemonic::UnexpectedParameters, place).value(&name.into()))
}

/// Both dates, and what holds between them: the end not before the start, at most three calendar months apart; 366 days
/// where a report of the constructor is meant.
fn period(method: &MethodInfo, from: &Value, till: &Value) -> Result<(NaiveDateTime, NaiveDateTime), Denial> {
    let (start, end) = (date("date_from", from)?, date("date_till", till)?);
    if start > end {
        return Err(Denial::at(Mnemonic::InvalidParametersCombination, "date_from").value(from));
    }
    let bound = if method.takes("report_id") {
        start.checked_add_days(Days::new(366))
    } else {
        start.checked_add_months(Months::new(3))
    };
    if bound.is_some_and(|bound| end > bound) {
        return Err(Denial::at(Mnemonic::DateIntervalLimitReached, "date_till").value(till));
    }
    Ok((start, end))
}

/// A time of the wire, or a date alone, which is its midnight (docs/api.md Q5).
fn date(name: &str, value: &Value) -> Result<NaiveDateTime, Denial> {
    let text = value.as_str().unwrap_or_default();
    let time = if text.len() == "YYYY-MM-DD".len() {
        wall_time::parse(&format!("{text} 00:00:00"))
    } else {
        wall_time::parse(text)
    };
    time.map_err(|_| Denial::at(Mnemonic::InvalidParameterValue, name).value(value))
}
