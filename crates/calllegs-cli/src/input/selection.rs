//! Which legs and columns are asked for: read from the flags once. What only the brand decides is decided when it is known.
//! Not here: the period (`dates`), where rows go (`output_target`).

use calllegs_core::{
    Brand, CallLegs, Mnemonic,
    filter::{Filter, Refusal, Value},
};
use calllegs_store::{ExportSpec, RowSpec};

use crate::{
    cli::{GetArgs, PlanArgs, With},
    failure::Failure,
    input::{
        columns::{self, ColumnList},
        dates::is_said,
        with,
    },
    lang::say,
    ui::echo::without_keys,
};

/// Rows of a table unless `--limit` says otherwise.
pub(super) const TABLE_ROWS: u64 = 50;

/// What the flags ask for, of legs or of another listing, before it is known whose API is asked.
pub(crate) trait Selected {
    /// What it becomes.
    type Spec: RowSpec;

    /// Whether it needs a period.
    fn is_over_period(&self) -> bool;

    /// Which of its conditions can never hold. They are sent all the same: the server may know words that are newer.
    fn doubts(&self) -> Vec<String>;

    /// What it is with the tables of this brand.
    ///
    /// # Errors
    /// Of a condition that the brand does not know, and of columns that all go.
    fn of(self, brand: Option<Brand>, is_typed: bool) -> Result<Self::Spec, Failure>;
}

/// What the flags ask for of legs.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    filter: Option<Filter<CallLegs>>,
    local: Option<Filter<CallLegs>>,
    columns: Wanted,
    limit: Option<u64>,
    with: Vec<With>,
}

/// The columns that are wanted.
#[derive(Clone, Debug)]
enum Wanted {
    All,
    Listed(ColumnList),
    /// A count needs none.
    None,
    /// Those that tell people most.
    Telling,
}

impl Selection {
    /// Of `get`, whose rows become a table or not.
    ///
    /// # Errors
    /// Of a condition or a column that no brand knows.
    pub(crate) fn read(args: &GetArgs, is_table: bool) -> Result<Self, Failure> {
        let mut filter = args.filter.as_deref().map(Filter::<CallLegs>::parse).transpose().map_err(told)?;
        for (field, id) in [("call_session_id", args.session), ("id", args.leg)] {
            if let Some(id) = id {
                let one = Filter::by_name(field, "=", Value::Number(id))?;
                filter = Some(match filter {
                    Some(filter) => filter & one,
                    None => one,
                });
            }
        }
        let local =
            args.where_local.as_deref().map(Filter::<CallLegs>::parse_local).transpose().map_err(told)?;
        let columns = match &args.fields {
            Some(text) => Wanted::Listed(ColumnList::read(text)?),
            None if args.count => Wanted::None,
            None if is_table => Wanted::Telling,
            None => Wanted::All,
        };
        let limit = args.limit.or_else(|| is_table.then_some(TABLE_ROWS));
        Ok(Self { filter, local, columns, limit, with: with::each(&args.with) })
    }

    /// Of `plan`.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub(crate) fn of_plan(args: &PlanArgs) -> Result<Self, Failure> {
        let filter = args.filter.as_deref().map(Filter::<CallLegs>::parse).transpose().map_err(told)?;
        let columns = match &args.fields {
            Some(text) => Wanted::Listed(ColumnList::read(text)?),
            None => Wanted::All,
        };
        Ok(Self { filter, local: None, columns, limit: None, with: with::each(&args.with) })
    }
}

impl Selected for Selection {
    type Spec = ExportSpec;

    fn is_over_period(&self) -> bool {
        true
    }

    fn doubts(&self) -> Vec<String> {
        doubts(self.filter.as_ref(), self.local.as_ref())
    }

    fn of(self, brand: Option<Brand>, is_typed: bool) -> Result<ExportSpec, Failure> {
        let Self { filter, local, columns, limit, with } = self;
        if let (Some(filter), Some(brand)) = (&filter, brand) {
            filter.check(brand)?;
        }
        let columns = match columns {
            Wanted::All => columns::all(),
            Wanted::Listed(list) => list.of(brand)?,
            Wanted::None => Vec::new(),
            Wanted::Telling => columns::telling(brand),
        };
        let companions = with.into_iter().map(with::companion).collect();
        Ok(ExportSpec { columns, filter, local, limit, is_typed, companions })
    }
}

/// The doubts about two filters, as they can be told.
pub(super) fn doubts<R>(filter: Option<&Filter<R>>, local: Option<&Filter<R>>) -> Vec<String> {
    let filters = [filter, local].into_iter().flatten();
    filters.flat_map(Filter::doubts).map(|doubt| without_keys(&doubt.to_string())).collect()
}

/// A condition that is refused. A key may stand where a field or a word is expected.
pub(super) fn told(refusal: Refusal) -> Failure {
    let said = refusal.to_string();
    let joined = said.split('`').skip(1).step_by(2).find_map(with::not_of_legs);
    if let Some(failure) = joined.filter(|_| *refusal.mnemonic() == Mnemonic::UnexpectedParameters) {
        return failure;
    }
    let failure = Failure::from(refusal);
    Failure { what: without_keys(&failure.what), ..failure }
}

/// Why there is no period to read, where one session or leg is asked for.
pub(crate) fn without_period(args: &GetArgs, failure: Failure) -> Failure {
    if is_said(&args.period) || (args.session.is_none() && args.leg.is_none()) {
        return failure;
    }
    let flag = if args.session.is_some() { "--session" } else { "--leg" };
    failure
        .because(say!("{flag} says which legs, and the API wants a period with every request", flag))
        .next(say!("add the day of the call, for example --on yesterday, or --last 31d"))
}
