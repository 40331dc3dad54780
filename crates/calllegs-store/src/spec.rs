//! Which legs are wanted, and as which columns: what decides the rows apart from the period and the account. Not here: how
//! they are read and written (`export`).

use std::fmt;

use calllegs_arrow::{
    Columns, Leg, Zone,
    schema::{Column, columns_of},
};
use calllegs_core::{
    CallLegs, Period, Query,
    filter::{Filter, Refusal},
    projection::Projection,
    schema::{FieldInfo, Listing, MethodInfo},
};
use serde::Serialize;

use crate::{companion::Companion, digest::digest};

/// What is asked for, of legs ([`ExportSpec`]) or of another listing ([`ListingSpec`](crate::ListingSpec)).
pub trait RowSpec: Clone + fmt::Debug + Send + Sync + 'static {
    /// The listing.
    type Listing: 'static;
    /// How its rows are read.
    type Rows: Projection<Self::Listing, Row = Leg>;

    /// The method that lists the rows.
    fn method(&self) -> &'static MethodInfo;

    /// What a row is called.
    fn noun(&self) -> &'static str;

    /// The fields that were chosen.
    fn fields(&self) -> &[&'static FieldInfo];

    /// The columns that are written.
    fn written(&self) -> Vec<&'static Column>;

    /// So many rows at most.
    fn limit(&self) -> Option<u64>;

    /// Whether columns that are ours are written too.
    fn is_typed(&self) -> bool;

    /// Whether rows are read that are not written, because a condition is checked here.
    fn is_chosen_here(&self) -> bool;

    /// Whether a row is written.
    ///
    /// # Errors
    /// When a condition cannot be checked.
    fn is_chosen(&self, row: &Leg) -> Result<bool, Refusal>;

    /// The other listings whose columns are joined to the rows.
    fn companions(&self) -> &[&'static Companion] {
        &[]
    }

    /// A fingerprint of the conditions, which can name people; `None` where there are none.
    fn conditions(&self) -> Option<String>;

    /// What tells this request from others with the same period, without saying it.
    fn fingerprint(&self, circumstances: &impl Serialize) -> String;

    /// The query for a whole period, which is [none](Period::NONE) where the method has none.
    ///
    /// # Errors
    /// When the method takes no such query.
    fn whole(
        &self,
        period: Period,
        zone: &Zone,
        account: Option<&str>,
    ) -> Result<Query<Self::Listing, Self::Rows>, Refusal>;
}

impl RowSpec for ExportSpec {
    type Listing = CallLegs;
    type Rows = Columns;

    fn method(&self) -> &'static MethodInfo {
        CallLegs::METHOD
    }

    fn noun(&self) -> &'static str {
        "leg"
    }

    fn fields(&self) -> &[&'static FieldInfo] {
        &self.columns
    }

    fn written(&self) -> Vec<&'static Column> {
        Self::written(self)
    }

    fn limit(&self) -> Option<u64> {
        self.limit
    }

    fn is_typed(&self) -> bool {
        self.is_typed
    }

    fn is_chosen_here(&self) -> bool {
        self.local.is_some()
    }

    fn is_chosen(&self, row: &Leg) -> Result<bool, Refusal> {
        self.local.as_ref().map_or(Ok(true), |local| local.matches(row))
    }

    fn companions(&self) -> &[&'static Companion] {
        &self.companions
    }

    fn conditions(&self) -> Option<String> {
        Self::conditions(self)
    }

    fn fingerprint(&self, circumstances: &impl Serialize) -> String {
        Self::fingerprint(self, circumstances)
    }

    fn whole(
        &self,
        period: Period,
        zone: &Zone,
        account: Option<&str>,
    ) -> Result<Query<CallLegs, Columns>, Refusal> {
        Ok(Self::whole(self, period, zone, account))
    }
}

/// The legs and columns of an export.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a plain record of what is asked for")]
pub struct ExportSpec {
    /// The columns that are written.
    pub columns: Vec<&'static FieldInfo>,
    /// Conditions that the server checks.
    pub filter: Option<Filter<CallLegs>>,
    /// Conditions that are checked here, on fields that the server does not filter by. All legs are read for them.
    pub local: Option<Filter<CallLegs>>,
    /// So many rows at most.
    pub limit: Option<u64>,
    /// Whether columns that are ours are written too (`account`, `start_at`, …): they are where columns have types.
    pub is_typed: bool,
    /// Other listings whose columns are joined to the legs, behind their own: by a [`JoinedWriter`](crate::JoinedWriter).
    pub companions: Vec<&'static Companion>,
}

impl Default for ExportSpec {
    /// Every leg with every column.
    fn default() -> Self {
        Self {
            columns: CallLegs::METHOD.fields.iter().collect(),
            filter: None,
            local: None,
            limit: None,
            is_typed: true,
            companions: Vec::new(),
        }
    }
}

impl ExportSpec {
    /// The columns that are written: what fits no other is the last one.
    pub fn written(&self) -> Vec<&'static Column> {
        let mut columns = self.of_legs();
        let end = columns.iter().position(|column| *column == Column::extra()).unwrap_or(columns.len());
        columns.splice(end..end, self.joined());
        columns
    }

    fn joined(&self) -> impl Iterator<Item = &'static Column> {
        self.companions.iter().flat_map(|companion| companion.columns())
    }

    /// Those that legs have of themselves.
    fn of_legs(&self) -> Vec<&'static Column> {
        if !self.is_typed {
            return self.columns.iter().filter_map(|field| Column::of(field)).collect();
        }
        if self.columns.iter().copied().eq(CallLegs::METHOD.fields) {
            return Column::all().iter().collect();
        }
        columns_of(&self.columns)
    }

    /// The columns that are fetched: what is written, what the local filter reads, what joins, and what tells
    /// rows apart.
    pub fn fetched(&self) -> Vec<&'static FieldInfo> {
        let mut columns = self.columns.clone();
        let local = self.local.iter().flat_map(Filter::fields);
        let keys = self.companions.iter().map(|companion| companion.leg_key());
        for column in local.chain(keys).chain([CallLegs::ID.info(), CallLegs::START_TIME.info()]) {
            if !columns.contains(&column) {
                columns.push(column);
            }
        }
        columns
    }

    /// Rows of these columns, and of what else is written or read of them.
    fn rows(&self, columns: &[&'static FieldInfo], zone: &Zone, account: Option<&str>) -> Columns {
        let mut wanted = self.of_legs();
        wanted.retain(|column| column.field().is_none_or(|field| columns.contains(&field)));
        let more = columns.iter().filter_map(|field| Column::of(field)).chain([Column::extra()]);
        for column in more {
            if !wanted.contains(&column) {
                wanted.push(column);
            }
        }
        // What fits no column is known when all the others are.
        wanted.sort_by_key(|column| *column == Column::extra());
        let rows = Columns::new(wanted, zone.clone());
        account.iter().fold(rows, |rows, account| rows.account(account))
    }

    /// A query for the legs of a period, with these columns of theirs.
    pub fn query(
        &self,
        period: Period,
        columns: &[&'static FieldInfo],
        zone: &Zone,
        account: Option<&str>,
    ) -> Query<CallLegs, Columns> {
        let changes = zone.changes(period.from(), period.till()).into_iter();
        let changes = changes.filter_map(|(from, till)| Period::new(from, till).ok());
        let rows = self.rows(columns, zone, account);
        let query = Query::<CallLegs>::new(period).around(changes).select(rows);
        self.filter.iter().cloned().fold(query, Query::filter)
    }

    /// The query for the whole period.
    pub fn whole(&self, period: Period, zone: &Zone, account: Option<&str>) -> Query<CallLegs, Columns> {
        self.query(period, &self.fetched(), zone, account)
    }

    /// A fingerprint of the conditions, which can name people; `None` where there are none.
    pub fn conditions(&self) -> Option<String> {
        let some = self.filter.is_some() || self.local.is_some();
        some.then(|| digest(&serde_json::to_vec(&(&self.filter, &self.local)).unwrap_or_default()))
    }

    /// What tells this request from others with the same period, without saying it: conditions can name people. What decides
    /// the rows beside it (account, zone, format) are the circumstances. Kept work is found by it, so its written form is one
    /// of its own, which no name in this code changes.
    pub fn fingerprint(&self, circumstances: &impl Serialize) -> String {
        #[derive(Serialize)]
        struct Written<'a, C> {
            circumstances: &'a C,
            columns: Vec<&'a str>,
            limit: Option<u64>,
            r#where: &'a Option<Filter<CallLegs>>,
            where_local: &'a Option<Filter<CallLegs>>,
        }
        let written = Written {
            circumstances,
            columns: self
                .columns
                .iter()
                .map(|field| field.name())
                .chain(self.joined().map(Column::name))
                .collect(),
            limit: self.limit,
            r#where: &self.filter,
            where_local: &self.local,
        };
        // All of it is text and numbers, which always serialise.
        let written = serde_json::to_vec(&written).unwrap_or_default();
        digest(&written)
    }
}
