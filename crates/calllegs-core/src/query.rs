//! One page of a listing: period, fields, filter, sort, limit, offset; and the page that answers it.

use std::{borrow::Cow, fmt};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use crate::{
    call::{Call, Params},
    error::Error,
    filter::{Filter, Refusal, Value, suggest},
    generated::mnemonics::Mnemonic,
    limits::Limits,
    page::{MAX_LIMIT, MAX_OFFSET, PageReader},
    projection::{Custom, Fields, JsonRows, Keyless, Mark, Projection, Records},
    rpc::Metadata,
    schema::{AllowsSort, AnyListing, Field, FieldInfo, Listing, MethodInfo, Report},
    value::{wall_time, word::serde_words},
    window::Period,
};

/// Direction of a sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third direction")]
pub enum Order {
    /// Smallest first; rows without a value last.
    Ascending,
    /// Largest first; rows without a value first.
    Descending,
}

impl Order {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Ascending, Self::Descending];

    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

serde_words!(Order, "order");

/// A question to a listing. As a [`Call`] it asks for one page; a [`Pager`](crate::pager::Pager) reads a window and
/// a [`Sweep`](crate::sweep::Sweep) a whole period with it.
///
/// ```
/// use calllegs_core::{CallLegs, Direction, Order, Period, Query, value::wall_time};
///
/// let from = wall_time::parse("2026-03-02 00:00:00").unwrap();
/// let till = wall_time::parse("2026-03-03 00:00:00").unwrap();
/// let query = Query::<CallLegs>::new(Period::new(from, till)?)
///     .select((CallLegs::ID, CallLegs::START_TIME, CallLegs::DURATION))
///     .filter(CallLegs::DURATION.greater_than(30) & CallLegs::DIRECTION.equals(Direction::In))
///     .sort_by(CallLegs::START_TIME, Order::Ascending);
/// # let _ = query;
/// # Ok::<(), calllegs_core::filter::Refusal>(())
/// ```
pub struct Query<R, P = Records> {
    pub(crate) selection: Selection<R, P>,
    pub(crate) page: PageRequest,
}

/// What all pages of a question have in common. A sweep shares it among its calls.
pub(crate) struct Selection<R, P> {
    pub(crate) method: &'static MethodInfo,
    /// Parameters of the method that are none of those below.
    pub(crate) params: Vec<(&'static str, Box<RawValue>)>,
    pub(crate) changes: Vec<Period>,
    pub(crate) projection: P,
    pub(crate) filter: Option<Filter<R>>,
    pub(crate) user_id: Option<u64>,
}

/// What varies from page to page.
#[derive(Clone, Debug)]
pub(crate) struct PageRequest {
    pub(crate) period: Option<Period>,
    pub(crate) sort: Vec<(&'static FieldInfo, Order)>,
    pub(crate) limit: Option<u32>,
    pub(crate) offset: u32,
}

impl<R: Report> Query<R> {
    /// Everything in a period. The bounds are sent as they are; whether the server includes them is disputed
    /// (docs/api.md Q2), so read periods with a [`Sweep`](crate::sweep::Sweep).
    pub fn new(period: Period) -> Self {
        Self::bare(Some(period))
    }
}

impl<R: Listing> Query<R> {
    /// Every row of a listing without dates.
    ///
    /// A [`Report`] needs a period: the server refuses this query with `required_parameter_missed`.
    pub fn all() -> Self {
        Self::bare(None)
    }

    fn bare(period: Option<Period>) -> Self {
        Self {
            selection: Selection {
                method: R::METHOD,
                params: Vec::new(),
                changes: Vec::new(),
                projection: Records::default(),
                filter: None,
                user_id: None,
            },
            page: PageRequest { period, sort: Vec::new(), limit: None, offset: 0 },
        }
    }

    /// Records with these columns only: the same row type, less traffic.
    ///
    /// ```
    /// # use calllegs_core::{CallLegs, Period, Query, schema::Listing};
    /// # let day: Period = "2026-03-02..2026-03-03".parse()?;
    /// let few = Query::<CallLegs>::new(day).records_of((CallLegs::ID, CallLegs::START_TIME));
    /// let every = Query::<CallLegs>::new(day).records_of(CallLegs::METHOD.fields); // the deprecated ones too
    /// # let _ = (few, every);
    /// # Ok::<(), calllegs_core::Error>(())
    /// ```
    #[must_use]
    pub fn records_of(self, fields: impl Fields<R>) -> Self {
        self.project(Records::of(distinct(fields.infos())))
    }

    /// Rows as tuples of these fields, at most 12, or as the values of one field. A row with a value that does not fit its
    /// field is an [`Unfit`](crate::projection::Unfit) in its place; a value that is null or missing is `None`.
    ///
    /// ```
    /// # use calllegs_core::{CallLegs, Period, Query, rpc};
    /// # let day: Period = "2026-03-02..2026-03-03".parse()?;
    /// let query = Query::<CallLegs>::new(day).select((CallLegs::DURATION, CallLegs::IS_COACH));
    /// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[{"is_coach":false,"duration":31}]}}"#;
    /// let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
    /// assert_eq!(page.rows, [Ok((Some(31), Some(false)))]);
    ///
    /// let durations = Query::<CallLegs>::new(day).select(CallLegs::DURATION);
    /// assert_eq!(rpc::reply(&durations, rpc::RequestId::new(1), reply)?.rows, [Ok(Some(31))]);
    /// # Ok::<(), calllegs_core::Error>(())
    /// ```
    pub fn select<P: Projection<R>>(self, fields: P) -> Query<R, P> {
        self.project(fields)
    }

    /// Rows of a type of one's own that serde reads from these fields. A row that does not fit the type is an
    /// [`Unfit`](crate::projection::Unfit) in its place, which names the member and why.
    ///
    /// ```
    /// use calllegs_core::{CallLegs, FinishReason, LegId, Period, Query, rpc, value::wall_time};
    /// use chrono::NaiveDateTime;
    ///
    /// #[derive(Debug, PartialEq, serde::Deserialize)]
    /// struct Leg {
    ///     id: LegId,
    ///     #[serde(with = "wall_time")]
    ///     start_time: NaiveDateTime,
    ///     #[serde(with = "wall_time::option", default)]
    ///     connect_time: Option<NaiveDateTime>,
    ///     finish_reason: Option<FinishReason>,
    /// }
    ///
    /// # let day: Period = "2026-03-02..2026-03-03".parse()?;
    /// let fields = (CallLegs::ID, CallLegs::START_TIME, CallLegs::CONNECT_TIME, CallLegs::FINISH_REASON);
    /// let query = Query::<CallLegs>::new(day).select_as::<Leg>(fields);
    /// let reply = br#"{"jsonrpc":"2.0","id":1,"result":{"data":[
    ///     {"id":7,"start_time":"2026-03-02 10:15:04","connect_time":null,"finish_reason":"timeout"},
    ///     {"id":8,"start_time":"soon"}]}}"#;
    /// let page = rpc::reply(&query, rpc::RequestId::new(1), reply)?;
    /// let start_time = wall_time::parse("2026-03-02 10:15:04").unwrap();
    /// let finish_reason = Some(FinishReason::Timeout);
    /// assert_eq!(page.rows[0], Ok(Leg { id: 7.into(), start_time, connect_time: None, finish_reason }));
    /// assert_eq!(
    ///     page.rows[1].as_ref().unwrap_err().to_string(),
    ///     "row 1 of the page: `start_time` does not fit its type: string, expected a time as YYYY-MM-DD hh:mm:ss",
    /// );
    /// # Ok::<(), calllegs_core::Error>(())
    /// ```
    pub fn select_as<T: DeserializeOwned>(self, fields: impl Fields<R>) -> Query<R, Custom<T>> {
        self.project(Custom::new(distinct(fields.infos())))
    }
}

impl Query<AnyListing> {
    /// Every row of the listing of a method that is chosen at run time, as JSON: every column that is not announced to
    /// disappear. A method [over a period](MethodInfo::is_over_period) needs one: [`within`](Self::within).
    pub fn of(method: &'static MethodInfo) -> Query<AnyListing, JsonRows> {
        let columns = method.fields.iter().filter(|field| !field.is_deprecated()).collect();
        Query {
            selection: Selection {
                method,
                params: Vec::new(),
                changes: Vec::new(),
                projection: JsonRows::of(columns),
                filter: None,
                user_id: None,
            },
            page: PageRequest { period: None, sort: Vec::new(), limit: None, offset: 0 },
        }
    }
}

impl Query<AnyListing, JsonRows> {
    /// These columns only.
    #[must_use]
    pub fn columns(self, fields: impl Fields<AnyListing>) -> Self {
        self.project(JsonRows::of(distinct(fields.infos())))
    }

    /// Rows that are read in this way.
    pub fn select<P: Projection<AnyListing>>(self, rows: P) -> Query<AnyListing, P> {
        self.project(rows)
    }
}

impl<P> Query<AnyListing, P> {
    /// Over this period.
    #[must_use]
    pub fn within(mut self, period: Period) -> Self {
        self.page.period = Some(period);
        self
    }
}

impl<R, P> Query<R, P> {
    fn project<Q>(self, projection: Q) -> Query<R, Q> {
        let Selection { method, params, changes, projection: _, filter, user_id } = self.selection;
        let selection = Selection { method, params, changes, projection, filter, user_id };
        Query { selection, page: self.page }
    }

    /// A parameter of the method beside those that all listings have: `report_id`, `is_deleted`.
    ///
    /// ```
    /// use calllegs_core::{Query, schema::{AnyListing, Audience, Kind, MethodInfo, ParamInfo}};
    ///
    /// static PARAMS: [ParamInfo; 1] = [ParamInfo::new("report_id", Kind::Number, true)];
    /// static METHOD: MethodInfo = MethodInfo::new("get.chats", 1, Audience::Client, &PARAMS, &[]);
    /// let query = Query::<AnyListing>::of(&METHOD);
    /// let refusal = query.clone().param("report", &7).unwrap_err();
    /// assert_eq!(refusal.to_string(), "get.chats takes no `report`; did you mean `report_id`?");
    /// assert!(query.param("report_id", &7).is_ok());
    /// ```
    ///
    /// # Errors
    /// When the method has no such parameter, or the query says it in another way.
    pub fn param(mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<Self, Refusal> {
        let method = self.selection.method;
        let known = || method.params.iter().map(|param| param.name).filter(|name| !OWN_PARAMS.contains(name));
        let Some(param) = known().find(|known| *known == name) else {
            let reason = format!("{} takes no `{name}`", method.name);
            return Err(suggest(Refusal::new(Mnemonic::UnexpectedParameters, name, reason), name, known()));
        };
        let value = serde_json::value::to_raw_value(value).map_err(|_| {
            Refusal::new(Mnemonic::InvalidParameterValue, name, format!("the value of `{name}` is no JSON"))
        })?;
        self.selection.params.retain(|(said, _)| *said != param);
        self.selection.params.push((param, value));
        Ok(self)
    }

    /// Hours of the account's wall clock that it shows twice or never, in the period or near it.
    ///
    /// Nobody knows which moment a bound in such an hour means to the server. A [`Sweep`](crate::sweep::Sweep) asks
    /// around those that the period begins or ends in, and leaves out the rows that start outside the period: so an hour
    /// that is there twice is read twice. A query for one page is sent as it is.
    #[must_use]
    pub fn around(mut self, changes: impl IntoIterator<Item = Period>) -> Self {
        self.selection.changes = changes.into_iter().collect();
        self
    }

    /// Rows that match this too.
    #[must_use]
    pub fn filter(mut self, filter: Filter<R>) -> Self {
        self.selection.filter = Some(match self.selection.filter.take() {
            Some(other) => other & filter,
            None => filter,
        });
        self
    }

    /// [`filter`](Self::filter) by names, for command lines and configuration.
    ///
    /// # Errors
    /// What the server would answer to the condition.
    pub fn filter_by_name(self, field: &str, operator: &str, value: Value) -> Result<Self, Refusal> {
        let method = self.selection.method;
        Ok(self.filter(Filter::by_name_in(method, field, operator, value)?))
    }

    /// Sorts by a field, after the fields sorted by before.
    #[must_use]
    pub fn sort_by<V, F, S: AllowsSort>(mut self, field: Field<R, V, F, S>, order: Order) -> Self {
        self.page.sort.push((field.info(), order));
        self
    }

    /// [`sort_by`](Self::sort_by) by name.
    ///
    /// # Errors
    /// What the server would answer: an unknown field, or one that it does not sort by.
    pub fn sort_by_name(mut self, field: &str, order: Order) -> Result<Self, Refusal> {
        let info = column_of(self.selection.method, field)?;
        if !info.is_sortable(None) {
            let reason = format!("the server refuses to sort by `{field}`");
            return Err(Refusal::new(Mnemonic::SortProhibited, format!("sort.{field}"), reason));
        }
        self.page.sort.push((info, order));
        Ok(self)
    }

    /// Rows of the page, 1 to 10,000; the server's default is 1,000.
    #[must_use]
    pub fn limit(mut self, rows: u32) -> Self {
        self.page.limit = Some(rows);
        self
    }

    /// Rows to skip, at most 100,000.
    #[must_use]
    pub fn offset(mut self, rows: u32) -> Self {
        self.page.offset = rows;
        self
    }

    /// For partners: on behalf of this user of a client, whoever the account acts for. So one client, with its connections
    /// and its limits, serves all customers:
    ///
    /// ```
    /// use calllegs_core::{CallLegs, Client, CustomerUsers, Error, Period, Query, client::Rows};
    ///
    /// /// The legs of each customer, to be read one after the other or together.
    /// async fn of_all(client: &Client, period: Period) -> Result<Vec<Rows<CallLegs>>, Error> {
    ///     let users = client.call(Query::<CustomerUsers>::all()).await?.rows;
    ///     let users = users.into_iter().filter_map(|user| user.id);
    ///     users.map(|user| client.sweep(Query::new(period).acting_for(user.get()))).collect()
    /// }
    /// ```
    #[must_use]
    pub fn acting_for(mut self, user_id: u64) -> Self {
        self.selection.user_id = Some(user_id);
        self
    }
}

impl<R, P> Selection<R, P> {
    /// Refuses a query that lacks a parameter which the method requires.
    pub(crate) fn check_params(&self) -> Result<(), Refusal> {
        let is_said =
            |name: &str| OWN_PARAMS.contains(&name) || self.params.iter().any(|(said, _)| *said == name);
        let mut required = self.method.params.iter().filter(|param| param.required);
        let Some(missing) = required.find(|param| !is_said(param.name)) else { return Ok(()) };
        let reason = format!("{} needs `{}`", self.method.name, missing.name);
        Err(Refusal::new(Mnemonic::RequiredParameterMissed, missing.name, reason))
    }
}

impl<R, P: Projection<R>> Selection<R, P> {
    /// Writes the parameters of one page with these columns. Its rows match this condition too.
    pub(crate) fn encode_page(
        &self,
        page: &PageRequest,
        columns: &[&'static FieldInfo],
        condition: Option<&Filter<R>>,
        params: &mut Params,
    ) -> Result<(), Error> {
        let refuse = |field: &str, reason: &str| {
            Err(Refusal::new(Mnemonic::InvalidParameterValue, field, reason).into())
        };
        if page.offset > MAX_OFFSET {
            return refuse("offset", "the server skips at most 100,000 rows");
        }
        if page.limit.is_some_and(|limit| limit == 0 || limit > MAX_LIMIT) {
            return refuse("limit", "a page holds 1 to 10,000 rows");
        }
        if page.period.is_some_and(Period::exceeds_three_months) {
            let reason = "a window is at most three months long";
            return Err(Refusal::new(Mnemonic::DateIntervalLimitReached, "date_till", reason)
                .hint("read longer periods with a sweep")
                .into());
        }
        let filter = match (&self.filter, condition) {
            (Some(filter), Some(condition)) => Some(Cow::Owned(filter.clone() & condition.clone())),
            (filter, condition) => filter.as_ref().or(condition).map(Cow::Borrowed),
        };
        let method = self.method;
        // get.account takes none of these; asking for what a method cannot do must not be overlooked.
        let asked = [
            ("offset", page.offset > 0),
            ("limit", page.limit.is_some()),
            ("filter", filter.is_some()),
            ("sort", !page.sort.is_empty()),
            ("user_id", self.user_id.is_some()),
        ];
        if let Some((name, _)) = asked.iter().find(|(name, asked)| *asked && !method.takes(name)) {
            let reason = format!("{} takes no `{name}`", method.name);
            return Err(Refusal::new(Mnemonic::UnexpectedParameters, *name, reason).into());
        }
        if method.takes("offset") {
            params.member("offset", &page.offset);
        }
        if let Some(limit) = page.limit {
            params.member("limit", &limit);
        }
        if let Some(period) = page.period {
            params.member("date_from", &wall_time::format(period.from()));
            params.member("date_till", &wall_time::format(period.till()));
        }
        if let Some(filter) = filter.as_deref() {
            filter.recheck()?;
            params.member("filter", filter);
        }
        if !page.sort.is_empty() {
            let by = |(field, order): &(&FieldInfo, Order)| Sort { field: field.name(), order: *order };
            params.member("sort", &page.sort.iter().map(by).collect::<Vec<_>>());
        }
        if !columns.is_empty() && method.takes("fields") {
            params.member("fields", &columns.iter().map(|column| column.name()).collect::<Vec<_>>());
        }
        for (name, value) in &self.params {
            params.member(name, value);
        }
        self.check_params()?;
        Ok(())
    }

    /// Reads a page whose rows were asked for with these columns.
    pub(crate) fn decode_page<T>(
        &self,
        columns: &[&'static FieldInfo],
        data: &str,
        metadata: &Metadata,
        place: fn(P::Row, Mark) -> Result<T, Keyless>,
    ) -> Result<Page<T>, Error> {
        let mut page = PageReader::of(data, self.method);
        let read = self.projection.read(&mut page)?;
        page.finish()?;
        let mut rows = Vec::with_capacity(read.len());
        let mut unplaced = Vec::new();
        for (index, (mark, row)) in read.into_iter().enumerate() {
            match place(row, mark) {
                Ok(row) => rows.push(row),
                Err(reason) => unplaced.push(Unplaced { row: index, at: mark.at, reason }),
            }
        }
        let absent = columns.iter().copied().filter(|column| !page.has_seen(column));
        let absent = if page.rows() == 0 { Vec::new() } else { absent.collect() };
        Ok(Page {
            rows,
            total: metadata.total_items,
            limits: metadata.limits,
            repaired: metadata.repaired,
            absent,
            unplaced,
        })
    }
}

#[derive(Serialize)]
struct Sort {
    field: &'static str,
    order: Order,
}

/// The field of this name.
///
/// # Errors
/// Suggests the nearest name.
pub fn find_column<R: Listing>(name: &str) -> Result<&'static FieldInfo, Refusal> {
    column_of(R::METHOD, name)
}

/// The field of this name in the listing of a method that is chosen at run time.
///
/// # Errors
/// Suggests the nearest name.
pub fn column_of(method: &'static MethodInfo, name: &str) -> Result<&'static FieldInfo, Refusal> {
    method.field(name).ok_or_else(|| {
        let reason = format!("there is no field `{name}`");
        let refusal = Refusal::new(Mnemonic::UnexpectedParameters, "fields", reason);
        suggest(refusal, &name.to_lowercase(), method.fields.iter().map(FieldInfo::name))
    })
}

/// Parameters that a query has a way of its own to say.
const OWN_PARAMS: [&str; 9] =
    ["access_token", "date_from", "date_till", "fields", "filter", "limit", "offset", "sort", "user_id"];

/// Each column once, in the order of first mention.
pub(crate) fn distinct(columns: impl IntoIterator<Item = &'static FieldInfo>) -> Vec<&'static FieldInfo> {
    let mut distinct: Vec<&'static FieldInfo> = Vec::new();
    for column in columns {
        if !distinct.iter().any(|known| known.name() == column.name()) {
            distinct.push(column);
        }
    }
    distinct
}

impl<R, P: Projection<R>> Call for Query<R, P> {
    type Reply = Page<P::Row>;

    fn method(&self) -> &str {
        self.selection.method.name
    }

    fn encode(&self, params: &mut Params) -> Result<(), Error> {
        self.selection.encode_page(&self.page, &self.selection.projection.columns(), None, params)
    }

    fn decode(&self, data: &str, metadata: &Metadata) -> Result<Page<P::Row>, Error> {
        let columns = self.selection.projection.columns();
        let page = self.selection.decode_page(&columns, data, metadata, |row, mark| match mark.key {
            Err(Keyless::Shape) => Err(Keyless::Shape),
            Ok(_) | Err(_) => Ok(row),
        })?;
        match page.unplaced.first() {
            Some(first) if page.rows.is_empty() => {
                Err(Error::decode_row(first.row, "the row is not an object", None))
            }
            Some(_) | None => Ok(page),
        }
    }

    fn cost(&self) -> u32 {
        self.selection.method.cost
    }

    fn takes_user_id(&self) -> bool {
        self.selection.method.takes("user_id")
    }

    fn user_id(&self) -> Option<u64> {
        self.selection.user_id
    }
}

impl<R, P: Clone> Clone for Query<R, P> {
    fn clone(&self) -> Self {
        let Selection { method, params, changes, projection, filter, user_id } = &self.selection;
        Self {
            selection: Selection {
                method,
                params: params.clone(),
                changes: changes.clone(),
                projection: projection.clone(),
                filter: filter.clone(),
                user_id: *user_id,
            },
            page: self.page.clone(),
        }
    }
}

impl<R, P> fmt::Debug for Query<R, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("method", &self.selection.method.name)
            .field("period", &self.page.period)
            .field("filter", &self.selection.filter)
            .field("limit", &self.page.limit)
            .field("offset", &self.page.offset)
            .finish_non_exhaustive()
    }
}

/// One page of a listing.
#[derive(Clone)]
#[non_exhaustive]
pub struct Page<T> {
    /// The rows, in the order of the server.
    pub rows: Vec<T>,
    /// `total_items`: how many rows the query matches in all.
    pub total: Option<u64>,
    /// Points left.
    pub limits: Limits,
    /// How many values of the reply were not JSON and were repaired: half a surrogate pair in a text became U+FFFD, a bare
    /// `NaN` became text.
    pub repaired: u64,
    /// Columns that were asked for and that no row of the page has: drift, not null.
    pub absent: Vec<&'static FieldInfo>,
    /// Rows that a sweep cannot place, in the order of the server; they are not among `rows`. A page that is read by
    /// itself needs no places: there only rows that are no objects are missing from `rows`.
    pub unplaced: Vec<Unplaced>,
}

/// A row that has no place among the others, because nothing tells it apart. Says where it is, never what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unplaced {
    /// Its number in the page, from 0.
    pub row: usize,
    /// Where it begins in the text of `result.data`, in bytes; of the repaired text, where anything was repaired.
    pub at: usize,
    /// What it lacks.
    pub reason: Keyless,
}

impl<T> Page<T> {
    /// What a server answers that has no row.
    pub(crate) fn of_nothing() -> Self {
        Self {
            rows: Vec::new(),
            total: Some(0),
            limits: Limits::default(),
            repaired: 0,
            absent: Vec::new(),
            unplaced: Vec::new(),
        }
    }
}

impl<T> fmt::Debug for Page<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Page({} of {:?} rows)", self.rows.len(), self.total)
    }
}
