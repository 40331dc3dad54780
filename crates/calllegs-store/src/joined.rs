//! Legs with columns of other listings: of each leg's session, of what it cost.
//!
//! The other listing is read first, whole, into a [`JoinTable`]; then legs pass through a [`JoinedWriter`], each with the
//! values of the row that its key names, or nulls where there is none. Legs are neither doubled nor left out: a key names one
//! row, and a second one is an error. The table is held in memory: about 150 bytes a row.
//!
//! Values that do not fit their column stay whole in `extra`, under the name of the column, as those of legs do. Not here: how
//! the other listing is read, and which rows it has to have.

use std::{
    collections::HashMap,
    fmt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow_array::{
    Array, ArrayRef, RecordBatch, StringArray, UInt32Array, cast::AsArray, new_null_array, types,
};
use arrow_schema::{ArrowError, Schema};
use arrow_select::{concat::concat_batches, take::take};
use calllegs_arrow::{
    Leg, batches, mapped,
    schema::{Column, schema},
};
use calllegs_core::{schema::Extra, sweep::Gap};
use serde_json::value::RawValue;

use crate::{
    companion::{Companion, source},
    destination::{Committed, Ending, Failed, Page, Suspended, Writer},
    error::{Error, ErrorKind},
};

/// A value that does not fit its column, whose name this is.
type Misfit = (&'static str, Box<RawValue>);

/// The rows of a [`Companion`], by their keys.
#[derive(Debug)]
pub struct JoinTable {
    companion: &'static Companion,
    places: HashMap<i64, u32>,
    pages: Vec<RecordBatch>,
    /// Values that do not fit, by row: few.
    misfits: HashMap<u32, Vec<Misfit>>,
    rows: u32,
}

impl JoinTable {
    /// Without rows.
    pub fn new(companion: &'static Companion) -> Self {
        Self { companion, places: HashMap::new(), pages: Vec::new(), misfits: HashMap::new(), rows: 0 }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows.into()
    }

    /// Takes rows, as they are [read](crate::ListingSpec::of_companion).
    ///
    /// # Errors
    /// When a key is there twice: nobody knows which of the two a leg's values are.
    pub fn take(&mut self, rows: &[Leg]) -> Result<(), Error> {
        let columns: Vec<&Column> = self.companion.columns().iter().collect();
        for batch in batches(rows).map_err(|error| broken(&error))? {
            let keys = batch.column_by_name(self.companion.key().name());
            let keys = keys.and_then(|keys| keys.as_primitive_opt::<types::Int64Type>());
            let extras = batch.column_by_name("extra").and_then(|extras| extras.as_string_opt::<i32>());
            for row in 0..batch.num_rows() {
                let key = keys.filter(|keys| keys.is_valid(row)).map(|keys| keys.value(row));
                if let Some(key) = key
                    && self.places.insert(key, self.rows).is_some()
                {
                    return Err(self.twice(key));
                }
                if let Some(extra) =
                    extras.filter(|extras| extras.is_valid(row)).map(|extras| extras.value(row))
                {
                    self.misfit(extra);
                }
                self.rows = self.rows.checked_add(1).ok_or_else(|| {
                    Error::new(
                        ErrorKind::Internal,
                        format!("{} has too many rows", self.companion.method().name),
                    )
                    .next("ask for a shorter period")
                })?;
            }
            let page = columns.iter().map(|column| {
                let found = source(column).and_then(|field| batch.column_by_name(field.name()));
                let missing = || new_null_array(&column.kind().data_type(), batch.num_rows());
                found.map_or_else(missing, Arc::clone)
            });
            let page = RecordBatch::try_new(schema_of(self.companion), page.collect());
            self.pages.push(page.map_err(|error| broken(&error))?);
        }
        Ok(())
    }

    /// Of what fits no column that which was asked for.
    fn misfit(&mut self, extra: &str) {
        let Ok(extra) = serde_json::from_str::<Extra>(extra) else { return };
        let misfits: Vec<_> = self
            .companion
            .columns()
            .iter()
            .filter_map(|column| {
                let value = extra.get(source(column)?.name())?;
                Some((column.name(), RawValue::from_string(value.get().to_owned()).ok()?))
            })
            .collect();
        if !misfits.is_empty() {
            self.misfits.insert(self.rows, misfits);
        }
    }

    fn twice(&self, key: i64) -> Error {
        let (method, of) = (self.companion.method().name, self.companion.key().name());
        Error::new(ErrorKind::Unreadable, format!("{method} has two rows whose {of} is {key}"))
            .because("it is documented to name one row, and nobody knows which of the two is meant")
            .next("read that listing by itself: it shows both")
    }

    /// All rows are there.
    ///
    /// # Errors
    /// When there are more values than columns can hold.
    pub fn finish(self) -> Result<JoinRows, Error> {
        let Self { companion, places, pages, misfits, rows: _ } = self;
        let batch = concat_batches(&schema_of(companion), &pages).map_err(|error| broken(&error))?;
        Ok(JoinRows { companion, places, batch, misfits })
    }
}

/// All rows of a [`Companion`].
#[derive(Debug)]
pub struct JoinRows {
    companion: &'static Companion,
    places: HashMap<i64, u32>,
    batch: RecordBatch,
    misfits: HashMap<u32, Vec<Misfit>>,
}

impl JoinRows {
    /// As one batch, with the names of the joined columns.
    pub const fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The places of the rows of some legs.
    fn places(&self, legs: &RecordBatch) -> UInt32Array {
        let keys = legs.column_by_name(self.companion.leg_key().name());
        let keys = keys.and_then(|keys| keys.as_primitive_opt::<types::Int64Type>());
        let place = |key: Option<i64>| key.and_then(|key| self.places.get(&key)).copied();
        keys.map_or_else(|| UInt32Array::new_null(legs.num_rows()), |keys| keys.iter().map(place).collect())
    }
}

fn schema_of(companion: &'static Companion) -> Arc<Schema> {
    schema(&companion.columns().iter().collect::<Vec<_>>())
}

fn broken(error: &ArrowError) -> Error {
    Error::new(ErrorKind::Internal, format!("rows cannot be joined: {error}"))
}

/// How many legs a [`JoinedWriter`] found no row for, of each companion: seen from elsewhere while it writes.
#[derive(Clone, Debug, Default)]
pub struct Unmatched(Arc<[AtomicU64]>);

impl Unmatched {
    fn of(tables: usize) -> Self {
        Self((0..tables).map(|_| AtomicU64::new(0)).collect())
    }

    /// In the order of the tables.
    pub fn counts(&self) -> Vec<u64> {
        self.0.iter().map(|count| count.load(Ordering::Acquire)).collect()
    }
}

/// A writer that gets legs with what is joined to them.
pub struct JoinedWriter {
    inner: Box<dyn Writer>,
    tables: Vec<JoinRows>,
    unmatched: Unmatched,
}

impl JoinedWriter {
    /// This writer, behind these rows: in the order of the [companions](crate::ExportSpec::companions).
    pub fn new(inner: Box<dyn Writer>, tables: Vec<JoinRows>) -> Self {
        Self { inner, unmatched: Unmatched::of(tables.len()), tables }
    }

    /// The legs without a row.
    pub fn unmatched(&self) -> Unmatched {
        self.unmatched.clone()
    }

    fn join(&self, legs: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let mut fields: Vec<_> = legs.schema().fields().iter().cloned().collect();
        let mut arrays = legs.columns().to_vec();
        let mut misfits: Vec<Vec<&Misfit>> = vec![Vec::new(); legs.num_rows()];
        for (table, unmatched) in self.tables.iter().zip(self.unmatched.0.iter()) {
            let places = table.places(legs);
            unmatched.fetch_add(places.null_count() as u64, Ordering::AcqRel);
            fields.extend(table.batch.schema().fields().iter().cloned());
            for array in table.batch.columns() {
                arrays.push(take(array, &places, None)?);
            }
            if !table.misfits.is_empty() {
                for (place, misfits) in places.iter().zip(&mut misfits) {
                    misfits.extend(place.and_then(|place| table.misfits.get(&place)).into_iter().flatten());
                }
            }
        }
        if misfits.iter().any(|misfits| !misfits.is_empty())
            && let Some(place) = fields.iter().position(|field| field.name() == "extra")
            && let Some(extra) = arrays.get_mut(place)
        {
            *extra = with_misfits(extra, &misfits);
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
    }
}

/// What fits no column of legs, with what fits none of those that are joined.
fn with_misfits(extra: &ArrayRef, misfits: &[Vec<&Misfit>]) -> ArrayRef {
    let texts = extra.as_string::<i32>();
    let joined = texts.iter().zip(misfits).map(|(text, misfits)| {
        if misfits.is_empty() {
            return text.map(str::to_owned);
        }
        let mut all = String::from("{");
        let own = text.and_then(|text| text.strip_prefix('{')?.strip_suffix('}'));
        let own = own.filter(|own| !own.trim().is_empty());
        all.push_str(own.unwrap_or_default());
        for (name, value) in misfits.iter().copied() {
            let comma = if all.len() > 1 { "," } else { "" };
            // Names of columns need no escapes.
            all.extend([comma, "\"", name, "\":", value.get()]);
        }
        all.push('}');
        Some(all)
    });
    Arc::new(joined.collect::<StringArray>())
}

impl Writer for JoinedWriter {
    fn place(&self) -> Option<&Path> {
        self.inner.place()
    }

    fn write(&mut self, mut page: Page) -> Result<(), Error> {
        page.legs = mapped(&page.legs, |batch| self.join(batch)).map_err(|error| broken(&error))?;
        self.inner.write(page)
    }

    fn commit(self: Box<Self>) -> Result<Committed, Box<Failed>> {
        self.inner.commit()
    }

    fn suspend(self: Box<Self>, ending: Ending) -> Suspended {
        self.inner.suspend(ending)
    }

    fn commit_but(self: Box<Self>, gaps: &[Gap], ending: Ending) -> Suspended {
        self.inner.commit_but(gaps, ending)
    }
}

impl fmt::Debug for JoinedWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinedWriter").field("tables", &self.tables.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use calllegs_arrow::{Columns, report::ReportColumns};
    use calllegs_core::{CallLegs, CustomerUsers, Period, Query, RequestId, rpc, schema::Listing};

    use super::*;

    /// Customers joined to legs by the id of the employee: any listing will do.
    fn companion() -> &'static Companion {
        let field =
            |name: &str| CustomerUsers::METHOD.fields.iter().find(|field| field.name() == name).unwrap();
        let columns = [("customer_name", field("name")), ("customer_login", field("login"))];
        let keys = (field("id"), CallLegs::field("employee_id").unwrap());
        Box::leak(Box::new(Companion::new(CustomerUsers::METHOD, keys, columns)))
    }

    fn rows(data: &str) -> Vec<Leg> {
        let query = Query::<CustomerUsers>::all().select(ReportColumns::new());
        let reply = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{data}]}}}}"#);
        rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap().rows
    }

    fn legs(data: &str) -> Vec<Leg> {
        let columns = Columns::new(Column::all(), chrono_tz::Europe::Moscow);
        let query =
            Query::<CallLegs>::new("2026-03-02..2026-03-03".parse::<Period>().unwrap()).select(columns);
        let reply = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"data":[{data}]}}}}"#);
        rpc::reply(&query, RequestId::new(1), reply.as_bytes()).unwrap().rows
    }

    /// Keeps what it gets.
    struct Kept(Arc<std::sync::Mutex<Vec<Leg>>>);

    impl Writer for Kept {
        fn place(&self) -> Option<&Path> {
            None
        }

        fn write(&mut self, page: Page) -> Result<(), Error> {
            self.0.lock().unwrap().extend(page.legs);
            Ok(())
        }

        fn commit(self: Box<Self>) -> Result<Committed, Box<Failed>> {
            Ok(Committed::default())
        }

        fn suspend(self: Box<Self>, _: Ending) -> Suspended {
            Suspended::default()
        }
    }

    #[test]
    fn each_leg_gets_the_row_of_its_key_or_nulls() {
        let mut table = JoinTable::new(companion());
        table.take(&rows(r#"{"id":7,"name":"Анна","login":"anna"}"#)).unwrap();
        table.take(&rows(r#"{"id":8,"name":{"first":"Пётр"},"login":"peter"}"#)).unwrap();
        assert_eq!(table.rows(), 2);
        let kept = Arc::default();
        let mut writer = JoinedWriter::new(Box::new(Kept(Arc::clone(&kept))), vec![table.finish().unwrap()]);
        let leg = |id: i64, employee: &str, more: &str| {
            format!(r#"{{"id":{id},"start_time":"2026-03-02 10:00:00","employee_id":{employee}{more}}}"#)
        };
        let all = [
            leg(1, "8", r#","hold":3"#),
            leg(2, "null", ""),
            leg(3, "7", ""),
            leg(4, "9", ""),
            leg(5, "7", ""),
        ];
        writer.write(Page { legs: legs(&all.join(",")), resume: None }).unwrap();
        let kept = kept.lock().unwrap();
        let batch = kept[0].batch();
        let texts = |name: &str| {
            let texts = batch.column_by_name(name).unwrap().as_string::<i32>();
            texts.iter().map(|text| text.map(str::to_owned)).collect::<Vec<_>>()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(texts("customer_login"), [some("peter"), None, some("anna"), None, some("anna")]);
        assert_eq!(texts("customer_name"), [None, None, some("Анна"), None, some("Анна")]);
        // What does not fit is whole, beside what the leg has itself.
        let extra = texts("extra")[0].clone().unwrap();
        assert_eq!(extra, r#"{"hold":3,"customer_name":{"first":"Пётр"}}"#);
        assert_eq!(writer.unmatched().counts(), [2]);
        assert!(kept.iter().all(|leg| leg.key().is_some()), "what tells legs apart stays");
    }

    #[test]
    fn two_rows_of_one_key_are_an_error() {
        let mut table = JoinTable::new(companion());
        table.take(&rows(r#"{"id":7,"login":"anna"}"#)).unwrap();
        let twice = table.take(&rows(r#"{"id":8,"login":"peter"},{"id":7,"login":"anna"}"#)).unwrap_err();
        assert_eq!(twice.to_string(), "get.customer_users has two rows whose id is 7");
    }

    #[test]
    fn a_row_may_begin_before_its_leg() {
        let day: Period = "2026-03-02..2026-03-03".parse().unwrap();
        assert_eq!(companion().period(day), day);
        let field = &CustomerUsers::METHOD.fields[0];
        let early = Companion::new(CustomerUsers::METHOD, (field, field), [])
            .begins_before(chrono::TimeDelta::hours(6));
        assert_eq!(early.period(day).from().to_string(), "2026-03-01 18:00:00");
        assert_eq!(early.period(day).till(), day.till());
    }
}
