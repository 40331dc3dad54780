//! The listings of an account beside its legs, told from the same plan: each is made when it is first asked for, so that who
//! wants legs alone waits for nothing else. Not here: what rows are made of (`world`).

use std::{collections::BTreeMap, sync::OnceLock};

use calllegs_core::schema::{Listing, MethodInfo};
use calllegs_reports::{calls_report::CallsReport, financial_call_legs_report::FinancialCallLegsReport};

use crate::{
    accounts::AllAccounts,
    table::Table,
    world::{Directory, Made, Plan},
};

/// By the name of the method.
pub(crate) struct Companions(BTreeMap<&'static str, OnceLock<Table>>);

impl Default for Companions {
    fn default() -> Self {
        let made = [CallsReport::METHOD, FinancialCallLegsReport::METHOD];
        let known = made.into_iter().chain(Directory::ALL.map(Directory::method));
        Self(known.map(|method| (method.name, OnceLock::new())).collect())
    }
}

impl Companions {
    /// The rows of this one; `None` where there is no such companion. Without a plan there are none.
    pub(crate) fn table(&self, method: &'static MethodInfo, plan: Option<&Plan>) -> Option<Table> {
        let table = self.0.get(method.name)?;
        Some(table.get_or_init(|| make(method, plan)).clone())
    }
}

fn make(method: &'static MethodInfo, plan: Option<&Plan>) -> Table {
    let calls = [(CallsReport::METHOD, Made::Sessions), (FinancialCallLegsReport::METHOD, Made::Charges)];
    if let Some((_, what)) = calls.into_iter().find(|(known, _)| known.name == method.name) {
        return Table::made(what, plan);
    }
    let directory = Directory::ALL.into_iter().find(|listing| listing.method().name == method.name);
    let rows = directory.zip(plan).map(|(listing, plan)| listing.rows(plan).into());
    rows.unwrap_or_else(|| AllAccounts::blank(method))
}
