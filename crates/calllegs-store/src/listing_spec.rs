//! Which rows of a listing other than legs are wanted, and as which columns. Not here: legs (`spec`), how rows are read and
//! written (`export`).

use calllegs_arrow::{Leg, Zone, report::ReportColumns, schema::Column};
use calllegs_core::{
    Brand, Period, Query,
    filter::{Filter, Refusal},
    schema::{AnyListing, FieldInfo, MethodInfo},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    companion::{Companion, source},
    digest::digest,
    spec::RowSpec,
};

/// The rows and columns of an export of any listing.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a plain record of what is asked for")]
pub struct ListingSpec {
    /// The method that lists the rows.
    pub method: &'static MethodInfo,
    /// Its parameters beside those that all listings have.
    pub params: Vec<(&'static str, Value)>,
    /// The columns that are written.
    pub columns: Vec<&'static FieldInfo>,
    /// Conditions that the server checks.
    pub filter: Option<Filter<AnyListing>>,
    /// Conditions that are checked here. All rows are read for them.
    pub local: Option<Filter<AnyListing>>,
    /// So many rows at most.
    pub limit: Option<u64>,
    /// Whether columns that are ours are written too (`account`, `extra`): they are where columns have types.
    pub is_typed: bool,
}

impl ListingSpec {
    /// Every row with every column that is not announced to disappear.
    pub fn new(method: &'static MethodInfo) -> Self {
        Self {
            method,
            params: Vec::new(),
            columns: method.fields.iter().filter(|field| !field.is_deprecated()).collect(),
            filter: None,
            local: None,
            limit: None,
            is_typed: true,
        }
    }

    /// What is joined to legs: the key, and the columns, as far as the brand has them.
    pub fn of_companion(companion: &'static Companion, brand: Option<Brand>) -> Self {
        let mut columns = vec![companion.key()];
        let joined = companion.columns().iter().filter_map(source);
        columns.extend(joined.filter(|field| *field != companion.key()));
        columns.retain(|field| brand.is_none_or(|brand| field.is_documented(brand)));
        Self { columns, ..Self::new(companion.method()) }
    }

    fn columns_of(&self, fields: &[&'static FieldInfo], with_own: bool) -> Vec<&'static Column> {
        let table = Column::of_listing(self.method);
        let of = |field: &&'static FieldInfo| table.iter().find(|column| column.name() == field.name());
        let (account, extra) = (table.first(), table.last());
        let own = |column: Option<&'static Column>| column.filter(|_| with_own);
        own(account).into_iter().chain(fields.iter().filter_map(of)).chain(own(extra)).collect()
    }
}

impl RowSpec for ListingSpec {
    type Listing = AnyListing;
    type Rows = ReportColumns<AnyListing>;

    fn method(&self) -> &'static MethodInfo {
        self.method
    }

    fn noun(&self) -> &'static str {
        "row"
    }

    fn fields(&self) -> &[&'static FieldInfo] {
        &self.columns
    }

    fn written(&self) -> Vec<&'static Column> {
        self.columns_of(&self.columns, self.is_typed)
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

    fn conditions(&self) -> Option<String> {
        let some = self.filter.is_some() || self.local.is_some() || !self.params.is_empty();
        some.then(|| {
            digest(&serde_json::to_vec(&(&self.filter, &self.local, &self.params)).unwrap_or_default())
        })
    }

    fn fingerprint(&self, circumstances: &impl Serialize) -> String {
        #[derive(Serialize)]
        struct Written<'a, C> {
            circumstances: &'a C,
            columns: Vec<&'a str>,
            limit: Option<u64>,
            method: &'a str,
            params: &'a [(&'static str, Value)],
            r#where: &'a Option<Filter<AnyListing>>,
            where_local: &'a Option<Filter<AnyListing>>,
        }
        let written = Written {
            circumstances,
            columns: self.columns.iter().map(|column| column.name()).collect(),
            limit: self.limit,
            method: self.method.name,
            params: &self.params,
            r#where: &self.filter,
            where_local: &self.local,
        };
        // All of it is text and numbers, which always serialise.
        digest(&serde_json::to_vec(&written).unwrap_or_default())
    }

    fn whole(
        &self,
        period: Period,
        zone: &Zone,
        account: Option<&str>,
    ) -> Result<Query<AnyListing, ReportColumns<AnyListing>>, Refusal> {
        let mut fields = self.columns.clone();
        for field in self.local.iter().flat_map(Filter::fields) {
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let rows = ReportColumns::of(self.method).columns(self.columns_of(&fields, true));
        let rows = account.iter().fold(rows, |rows, account| rows.account(account));
        let mut query = Query::<AnyListing>::of(self.method).select(rows);
        for (name, value) in &self.params {
            query = query.param(name, value)?;
        }
        if self.method.is_over_period() {
            let changes = zone.changes(period.from(), period.till()).into_iter();
            query =
                query.within(period).around(changes.filter_map(|(from, till)| Period::new(from, till).ok()));
        }
        Ok(self.filter.iter().cloned().fold(query, Query::filter))
    }
}
