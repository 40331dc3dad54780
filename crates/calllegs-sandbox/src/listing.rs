//! The verb `get`: what a request asks of a listing, checked value by value, and the rows that answer it
//! (API.md 5 and 6). Nothing here knows which listing it is.

use std::ops::Range;

use calllegs_core::{
    Brand, Mnemonic,
    filter::Filter,
    pager::{MAX_LIMIT, MAX_OFFSET},
    schema::{FieldInfo, Listing},
    value::wall_time,
};
use chrono::{Months, NaiveDateTime};
use serde_json::{Map, Value};

use crate::{fault::Fault, options::Bounds, store::Store};

/// Rows of a page when the request does not say (API.md 5.1).
const DEFAULT_LIMIT: u32 = 1000;

/// A legal request for a page.
#[derive(Debug)]
pub(crate) struct Query<R> {
    fields: Vec<&'static FieldInfo>,
    limit: u32,
    offset: u32,
    selection: Selection<R>,
}

/// What decides which rows match and in which order: the same for every page of a listing.
#[derive(Debug)]
pub(crate) struct Selection<R> {
    filter: Option<Filter<R>>,
    sort: Vec<Key>,
    period: Option<(NaiveDateTime, NaiveDateTime)>,
}

impl<R> PartialEq for Selection<R> {
    fn eq(&self, other: &Self) -> bool {
        self.filter == other.filter && self.sort == other.sort && self.period == other.period
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    position: usize,
    descending: bool,
}

impl<R: Listing> Query<R> {
    /// Reads parameters whose types were checked, in documented order; the dates' combination comes last.
    pub(crate) fn read(brand: Brand, params: &Map<String, Value>) -> Result<Self, Fault> {
        let limit = count(params, "limit", 1..MAX_LIMIT + 1)?.unwrap_or(DEFAULT_LIMIT);
        let offset = count(params, "offset", 0..MAX_OFFSET + 1)?.unwrap_or(0);
        let filter = params.get("filter").map(|tree| filter::<R>(brand, tree)).transpose()?.flatten();
        let fields = fields::<R>(brand, params.get("fields").and_then(Value::as_array))?;
        let keys = params.get("sort").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let sort = keys.iter().map(|entry| key::<R>(brand, entry)).collect::<Result<_, _>>()?;
        let period = match (params.get("date_from"), params.get("date_till")) {
            (Some(from), Some(till)) => Some(period(from, till)?),
            _ => None,
        };
        Ok(Self { fields, limit, offset, selection: Selection { filter, sort, period } })
    }

    pub(crate) fn selection(&self) -> &Selection<R> {
        &self.selection
    }

    pub(crate) fn into_selection(self) -> Selection<R> {
        self.selection
    }

    /// Writes the page out of all matching rows as the JSON array of `result.data`.
    pub(crate) fn write(&self, store: &Store, matching: &[u32], out: &mut Vec<u8>) {
        let first = matching.len().min(self.offset as usize);
        let page = matching.get(first..).unwrap_or_default();
        let page = page.get(..self.limit as usize).unwrap_or(page);
        store.write(&self.fields, page, out);
    }
}

impl<R> Selection<R> {
    /// All rows that match, in order: the given keys, then by id. Rows without an id keep the store's order.
    pub(crate) fn rows(&self, store: &Store, bounds: Bounds) -> Result<Vec<u32>, Fault> {
        let (with_first, with_last) = bounds.ends();
        let window = match self.period {
            Some((from, till)) => store.window((from, with_first), (till, with_last)),
            None => 0..store.len(),
        };
        let mut rows = Vec::new();
        for (number, index) in window.clone().filter_map(|index| Some((u32::try_from(index).ok()?, index))) {
            let matches = match &self.filter {
                Some(filter) => filter.matches(&store.row(index))?,
                None => true,
            };
            if matches {
                rows.push(number);
            }
        }
        rows.sort_by(|a, b| {
            let (a, b) = (*a as usize, *b as usize);
            let by_keys = self.sort.iter().map(|key| {
                let order = store.compare(key.position, a, b);
                if key.descending { order.reverse() } else { order }
            });
            let by_id = store.id().map(|id| store.compare(id, a, b));
            by_keys.chain(by_id).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        });
        Ok(rows)
    }
}

fn count(params: &Map<String, Value>, name: &str, legal: Range<u32>) -> Result<Option<u32>, Fault> {
    let Some(value) = params.get(name) else { return Ok(None) };
    match value.as_u64().and_then(|count| u32::try_from(count).ok()).filter(|count| legal.contains(count)) {
        Some(count) => Ok(Some(count)),
        None => Err(Fault::at(Mnemonic::InvalidParameterValue, name).value(value)),
    }
}

/// The filter's own checks, then those of the brand: its pages leave out some operators and fields.
fn filter<R: Listing>(brand: Brand, tree: &Value) -> Result<Option<Filter<R>>, Fault> {
    let Some(filter) = Filter::<R>::read_wire(tree)? else { return Ok(None) };
    for field in filter.fields() {
        if !field.is_documented(brand) {
            return Err(Fault::at(Mnemonic::UnexpectedParameters, "filter.field").value(&field.name().into()));
        }
        if !field.is_filterable(Some(brand)) {
            return Err(Fault::at(Mnemonic::FilterProhibited, &format!("filter.{}", field.name())));
        }
    }
    filter.check(brand)?;
    Ok(Some(filter))
}

/// The fields of a reply: those asked for, each once, else the brand's default ones.
fn fields<R: Listing>(brand: Brand, names: Option<&Vec<Value>>) -> Result<Vec<&'static FieldInfo>, Fault> {
    let mut fields = Vec::<&'static FieldInfo>::new();
    for name in names.into_iter().flatten() {
        let Value::String(text) = name else {
            return Err(Fault::at(Mnemonic::DataTypeError, "fields").value(name));
        };
        let field = known::<R>(brand, text, "fields")?;
        if !fields.iter().any(|known| known.name() == field.name()) {
            fields.push(field);
        }
    }
    if fields.is_empty() {
        fields.extend(R::METHOD.fields.iter().filter(|field| field.is_default(Some(brand))));
    }
    Ok(fields)
}

fn key<R: Listing>(brand: Brand, entry: &Value) -> Result<Key, Fault> {
    let Value::Object(members) = entry else {
        return Err(Fault::at(Mnemonic::DataTypeError, "sort").value(entry));
    };
    let word = |name: &str| match members.get(name) {
        Some(Value::String(word)) => Ok(Some(word.as_str())),
        Some(value) => Err(Fault::at(Mnemonic::DataTypeError, &format!("sort.{name}")).value(value)),
        None => Ok(None),
    };
    let (field, order) = (word("field")?, word("order")?);
    if let Some((name, value)) = members.iter().find(|(name, _)| !matches!(name.as_str(), "field" | "order"))
    {
        return Err(Fault::at(Mnemonic::UnexpectedParameters, &format!("sort.{name}")).value(value));
    }
    let Some(field) = field else {
        return Err(Fault::at(Mnemonic::RequiredParameterMissed, "sort.field"));
    };
    let descending = match order {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            return Err(Fault::at(Mnemonic::InvalidParameterValue, "sort.order").value(&other.into()));
        }
    };
    let field = known::<R>(brand, field, "sort.field")?;
    if !field.is_sortable(Some(brand)) {
        return Err(Fault::at(Mnemonic::SortProhibited, "sort.field").value(&field.name().into()));
    }
    Ok(Key { position: field.position(), descending })
}

/// A field of the brand's own table.
fn known<R: Listing>(brand: Brand, name: &str, place: &str) -> Result<&'static FieldInfo, Fault> {
    R::field(name)
        .filter(|field| field.is_documented(brand))
        .ok_or_else(|| Fault::at(Mnemonic::UnexpectedParameters, place).value(&name.into()))
}

/// Both dates, and what holds between them: the end not before the start, at most three calendar months apart.
fn period(from: &Value, till: &Value) -> Result<(NaiveDateTime, NaiveDateTime), Fault> {
    let (start, end) = (date("date_from", from)?, date("date_till", till)?);
    if start > end {
        return Err(Fault::at(Mnemonic::InvalidParametersCombination, "date_from").value(from));
    }
    if start.checked_add_months(Months::new(3)).is_some_and(|bound| end > bound) {
        return Err(Fault::at(Mnemonic::DateIntervalLimitReached, "date_till").value(till));
    }
    Ok((start, end))
}

/// A time of the wire, or a date alone, which is its midnight (API.md Q5).
fn date(name: &str, value: &Value) -> Result<NaiveDateTime, Fault> {
    let text = value.as_str().unwrap_or_default();
    let time = if text.len() == "YYYY-MM-DD".len() {
        wall_time::parse(&format!("{text} 00:00:00"))
    } else {
        wall_time::parse(text)
    };
    time.ok_or_else(|| Fault::at(Mnemonic::InvalidParameterValue, name).value(value))
}
