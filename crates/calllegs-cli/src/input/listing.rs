//! Which rows of another listing than legs are asked for: `get --report`. Not here: the tables of the listings
//! (`calllegs_reports`), how rows are read and written.

use calllegs_arrow::Zone;
use calllegs_core::{
    Brand, CallLegs, Period, Query,
    filter::{Filter, nearest},
    schema::{AnyListing, Kind, Listing, MethodInfo},
    sweep::Sweep,
};
use calllegs_store::{ListingSpec, RowSpec};
use chrono_tz::Tz;
use serde_json::Value;

use crate::{
    cli::{GetArgs, PeriodArgs, PlanArgs},
    failure::Failure,
    input::{
        columns::{ColumnList, Columns},
        dates::is_said,
        selection::{Selected, TABLE_ROWS, doubts, told},
    },
    lang::say,
    ui::echo::{is_private, without_keys},
};

/// Columns of a table that nobody chose.
const TELLING: usize = 6;

/// Whether the name is that of legs.
pub(crate) fn is_legs(name: &str) -> bool {
    calllegs_reports::method(name).is_some_and(|method| method.name == CallLegs::METHOD.name)
}

/// The method that lists the rows of this name, with or without `get.`.
///
/// # Errors
/// Suggests the nearest name; says why methods that write are none.
pub(crate) fn method(name: &str) -> Result<&'static MethodInfo, Failure> {
    if let Some(method) = calllegs_reports::method(name) {
        return Ok(method);
    }
    // `getobj.account` is no listing, and has one beside it.
    let object = ["get.", "getobj."].iter().find_map(|verb| name.strip_prefix(verb)).unwrap_or(name);
    let verbs = ["create", "update", "delete", "upload", "set", "start", "stop", "add", "remove"];
    if let Some(verb) = name.split_once('.').map(|(verb, _)| verb).filter(|verb| verbs.contains(verb)) {
        return Err(Failure::usage(say!("--report reads, and `{verb}` methods write", verb))
            .because(say!("this tool changes nothing in an account"))
            .next(say!("calllegs get --report list shows what can be read")));
    }
    let names = calllegs_reports::ALL.iter().filter_map(|method| method.name.strip_prefix("get."));
    let what = if is_private(name) {
        say!("--report holds a word that is no report").to_owned()
    } else {
        say!("there is no report `{name}`", name = without_keys(name))
    };
    let next = match nearest(object, names) {
        Some(near) => say!("did you mean `{near}`? calllegs get --report list shows them all", near),
        None => say!("calllegs get --report list shows them all").to_owned(),
    };
    Err(Failure::usage(what)
        .because(say!("no table of the API has a reading method of this name"))
        .next(next))
}

/// Refuses flags that say nothing about this listing.
///
/// # Errors
/// Names the flag.
pub(crate) fn check(
    method: &'static MethodInfo,
    period: &PeriodArgs,
    of_customers: bool,
) -> Result<(), Failure> {
    if !method.is_over_period() && is_said(period) {
        return Err(Failure::usage(say!("{name} has no period", name = method.name))
            .because(say!("the API lists all of its rows, whenever they are from"))
            .next(say!("leave the dates out; --where-local chooses by a column that holds one")));
    }
    if of_customers {
        return Err(Failure::usage(say!("--report is for one account at a time"))
            .because(say!(
                "rows of several accounts would stand in one file, and their ids are each account's own"
            ))
            .next(say!("name one account with --user-id, and a file for each")));
    }
    Ok(())
}

/// Refuses a listing that the brand does not have.
///
/// # Errors
/// Names both.
pub(crate) fn of_brand(method: &'static MethodInfo, brand: Option<Brand>) -> Result<(), Failure> {
    match brand.filter(|brand| !method.is_documented(*brand)) {
        None => Ok(()),
        Some(brand) => {
            Err(Failure::usage(say!("{brand} has no {name}", brand = brand.as_str(), name = method.name))
                .because(say!("its pages do not list this method"))
                .next(say!("calllegs get --report list shows which brands have which reports")))
        }
    }
}

/// Why a folder takes no such rows.
pub(crate) fn no_folder(method: &'static MethodInfo) -> Failure {
    Failure::usage(say!("a folder takes legs, and not {name}", name = method.name))
        .because(say!("its files have the names of the dates on which legs begin"))
        .next(say!("name a file, for example -o rows.parquet"))
}

/// What the flags ask for.
#[derive(Clone, Debug)]
pub(crate) struct ListingSelection {
    method: &'static MethodInfo,
    params: Vec<(&'static str, Value)>,
    filter: Option<Filter<AnyListing>>,
    local: Option<Filter<AnyListing>>,
    columns: Wanted,
    limit: Option<u64>,
}

/// The columns that are wanted.
#[derive(Clone, Debug)]
enum Wanted {
    /// Those that the brand has and that are not announced to disappear.
    All,
    Listed(ColumnList),
    /// A count needs none.
    None,
    /// The first ones.
    Telling,
}

impl ListingSelection {
    /// Of `get --report`, whose rows become a table or not.
    ///
    /// # Errors
    /// Of a condition, a column or a parameter that the method does not have, and of one that it requires.
    pub(crate) fn read(method: &'static MethodInfo, args: &GetArgs, is_table: bool) -> Result<Self, Failure> {
        let columns = match &args.fields {
            Some(text) => Wanted::Listed(ColumnList::read_of(method, text)?),
            None if args.count => Wanted::None,
            None if is_table => Wanted::Telling,
            None => Wanted::All,
        };
        Self::of_parts(method, &args.params, args.filter.as_deref(), args.where_local.as_deref(), columns)
            .map(|read| Self { limit: args.limit.or_else(|| is_table.then_some(TABLE_ROWS)), ..read })
    }

    /// Of `plan --report`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn of_plan(method: &'static MethodInfo, args: &PlanArgs) -> Result<Self, Failure> {
        let columns = match &args.fields {
            Some(text) => Wanted::Listed(ColumnList::read_of(method, text)?),
            None => Wanted::All,
        };
        Self::of_parts(method, &args.params, args.filter.as_deref(), None, columns)
    }

    fn of_parts(
        method: &'static MethodInfo,
        params: &[String],
        filter: Option<&str>,
        local: Option<&str>,
        columns: Wanted,
    ) -> Result<Self, Failure> {
        let filter = filter.map(|text| Filter::<AnyListing>::parse_of(method, text));
        if filter.is_some() && !method.takes("filter") {
            return Err(Failure::usage(say!("{name} takes no conditions", name = method.name))
                .because(say!("the API has no filter for it"))
                .next(say!("--where-local chooses after download")));
        }
        let local = local.map(|text| Filter::<AnyListing>::parse_local_of(method, text));
        let mut said = Vec::new();
        for param in params {
            said.push(parameter(method, param)?);
        }
        let (filter, local) = (filter.transpose().map_err(told)?, local.transpose().map_err(told)?);
        let read = Self { method, params: said, filter, local, columns, limit: None };
        // What the method requires is asked for before the account is.
        let whole = read.clone().of(None, false)?.whole(Period::NONE, &Zone::from(Tz::UTC), None)?;
        Sweep::new(whole).map_err(|refusal| {
            let missing = refusal.field().to_owned();
            Failure::from(refusal).next(say!("add --param {missing}=VALUE", missing))
        })?;
        Ok(read)
    }

    /// Columns of the brand that are there to stay.
    fn usual(&self, brand: Option<Brand>) -> Columns {
        let fields = self.method.fields.iter().filter(|field| !field.is_deprecated());
        fields.filter(|field| brand.is_none_or(|brand| field.is_documented(brand))).collect()
    }

    /// What tells a row apart and when it was, then those that are in the answer by default, as far as there is room.
    fn telling(&self, brand: Option<Brand>) -> Columns {
        let usual = self.usual(brand);
        let simple = usual.iter().copied().filter(|field| !field.is_json() && field.kind() != Kind::Array);
        let mut columns: Columns = self.method.order().into_iter().chain(self.method.identity()).collect();
        for field in simple {
            if columns.len() < TELLING && !columns.contains(&field) {
                columns.push(field);
            }
        }
        if columns.is_empty() { usual } else { columns }
    }
}

impl Selected for ListingSelection {
    type Spec = ListingSpec;

    fn is_over_period(&self) -> bool {
        self.method.is_over_period()
    }

    fn doubts(&self) -> Vec<String> {
        doubts(self.filter.as_ref(), self.local.as_ref())
    }

    fn of(self, brand: Option<Brand>, is_typed: bool) -> Result<ListingSpec, Failure> {
        of_brand(self.method, brand)?;
        if let (Some(filter), Some(brand)) = (&self.filter, brand) {
            filter.check(brand)?;
        }
        let columns = match &self.columns {
            Wanted::All => self.usual(brand),
            Wanted::Listed(list) => list.of(brand)?,
            // Rows that nothing tells apart are still rows with a column.
            Wanted::None if self.method.identity().next().is_none() => {
                self.usual(brand).into_iter().take(1).collect()
            }
            Wanted::None => Columns::new(),
            Wanted::Telling => self.telling(brand),
        };
        let Self { method, params, filter, local, columns: _, limit } = self;
        Ok(ListingSpec { method, params, columns, filter, local, limit, is_typed })
    }
}

/// A parameter as `NAME=VALUE`, with a value of the documented type.
fn parameter(method: &'static MethodInfo, text: &str) -> Result<(&'static str, Value), Failure> {
    let Some((name, text)) = text.split_once('=') else {
        return Err(Failure::usage(say!("--param has no `=`"))
            .because(say!("it names a parameter of the method and its value"))
            .next(say!("write --param NAME=VALUE")));
    };
    let value = method.params.iter().find(|param| param.name == name).map_or(Some(Value::Null), |param| {
        let json = || serde_json::from_str::<Value>(text).ok();
        match param.kind {
            Kind::Id | Kind::Number => json().filter(Value::is_number),
            Kind::Boolean => json().filter(Value::is_boolean),
            Kind::Object => json().filter(Value::is_object),
            Kind::Array => json().filter(Value::is_array).or_else(|| {
                let items = text.split(',').map(str::trim);
                Some(
                    items.map(|item| item.parse::<i64>().map_or_else(|_| item.into(), Value::from)).collect(),
                )
            }),
            Kind::Enum | Kind::Iso8601 | Kind::String | _ => Some(text.into()),
        }
    });
    // The refusal of an unknown name is the query's.
    let query = Query::<AnyListing>::of(method).param(name, &value).map_err(told)?;
    drop(query);
    let known = method.params.iter().find(|param| param.name == name);
    if let (Some(param), Some(value)) = (known, value) {
        return Ok((param.name, value));
    }
    let kind = known.map_or("value", |param| param.kind.as_str());
    Err(Failure::usage(say!("--param {name} takes a value of the type {kind}", name, kind))
        .because(say!("{name} documents it so", name = method.name))
        .next(say!("numbers and true or false stand bare, lists with commas between, objects as JSON")))
}
