//! What is true, for whoever compares replies with it: rows without pages, points, faults and bounds, and what happened in
//! the simulation. Costs no points and is in no journal.

use calllegs_core::{
    CallLegs,
    schema::{FieldInfo, Listing, MethodInfo},
};
use chrono::{NaiveDate, NaiveDateTime};
use serde_json::{Map, Value};

use super::Emulator;
use crate::{
    listing::Dates,
    report,
    switches::{Bounds, ClockChange, Ids},
    table::Table,
    truth::{EmployeeTruth, SessionTruth, TruthQuery},
    view::View,
};

impl Emulator {
    /// The truth that replies can be compared with: id and start of every leg of the account of `sandbox-acme` that
    /// the dates from the first up to, not including, the second mean, in the order of start, session and id. It
    /// follows the switches and the standing faults as of the latest request: a leg that is not listed yet is not
    /// there. Before the first request all legs are over. Costs no points.
    pub fn legs(&self, from: NaiveDateTime, till: NaiveDateTime) -> Vec<(i64, NaiveDateTime)> {
        let mut legs = Vec::new();
        let key = |view: View<'_>, row| {
            Some((view.store.id(row)?.saturating_add(view.shift), view.store.start(row)?))
        };
        if let Some(account) = self.accounts.world.all.first() {
            let row = |view: View<'_>, row: u32| legs.extend(key(view, row as usize));
            self.there(0, CallLegs::METHOD, &account.legs, (from, till), row);
        }
        legs
    }

    /// The days of the first and the last of [all](Self::legs) legs, as far as that is known without making any.
    pub fn days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let legs = &self.accounts.world.all.first()?.legs;
        if let Some(days) = legs.days() {
            return Some(days);
        }
        let view = self.view(0, CallLegs::METHOD, legs.sample());
        let there = |row: &usize| view.has(*row);
        let day = |row| view.store.start(row).map(|start| start.date());
        let mut rows = 0..view.store.len();
        let first = rows.find(there)?;
        let last = rows.rfind(there).unwrap_or(first);
        Some((day(first)?, day(last)?))
    }

    /// The truth about these fields: each leg that [`legs`](Self::legs) lists as the JSON object that a reply has, ids as
    /// numbers, in the same order and as of the same time: a rating that comes late is not there before. With a user,
    /// those of the account that `user_id` means; `None` where there is no such user.
    pub fn truth<'a>(
        &self,
        user: Option<i64>,
        from: NaiveDateTime,
        till: NaiveDateTime,
        fields: impl IntoIterator<Item = &'a FieldInfo>,
    ) -> Option<Vec<String>> {
        self.truth_of(CallLegs::METHOD, user, from, till, fields)
    }

    /// The same of the rows of another method: those that start in the period, where they have a start, else all.
    /// Nobody asks an emulator about a method that it makes no rows of: that is `None`, too.
    ///
    /// ```
    /// use calllegs_reports::employees::Employees;
    /// use calllegs_core::{chrono::NaiveDateTime, schema::Listing};
    /// use calllegs_sandbox::{Sandbox, World};
    ///
    /// let emulator = Sandbox::builder().world(World::Tiny).emulator()?;
    /// let fields = [Employees::ID.info(), Employees::FULL_NAME.info()];
    /// let (from, till) = (NaiveDateTime::MIN, NaiveDateTime::MAX);
    /// let employees = emulator.truth_of(Employees::METHOD, None, from, till, fields).unwrap();
    /// assert_eq!(employees.len(), 6);
    /// # Ok::<(), calllegs_sandbox::Error>(())
    /// ```
    pub fn truth_of<'a>(
        &self,
        method: &'static MethodInfo,
        user: Option<i64>,
        from: NaiveDateTime,
        till: NaiveDateTime,
        fields: impl IntoIterator<Item = &'a FieldInfo>,
    ) -> Option<Vec<String>> {
        let account = user.map_or(Some(0), |user| self.accounts.world.account_of(user))?;
        let table = self.accounts.world.table(account, method).ok()??;
        let view = self.view(account, method, table.sample());
        let known = fields.into_iter().filter_map(|field| method.field(field.name()));
        let members: Vec<_> = known.map(|field| report::member(view, Ids::Number, field)).collect();
        let mut objects = Vec::new();
        self.there(account, method, &table, (from, till), |view, row| {
            let mut object = Vec::new();
            view.store.write(&members, &[row], |row| view.early(row), "", &mut object);
            objects.extend(String::from_utf8(object));
        });
        Some(objects)
    }

    /// What became of the made-up calls of Acme, or of the account that a user means, as the simulation decided it; see
    /// [`SessionTruth`]. In the order of start and id. The time and the switches change nothing. `None` where there is
    /// no such user or no made-up call, and for more than a million legs of the world `huge`.
    pub fn truth_sessions(&self, user: Option<i64>, query: &TruthQuery) -> Option<Vec<SessionTruth>> {
        Some(self.accounts.world.truth(user, query)?.sessions())
    }

    /// The metrics D1 to D14 of the same calls, counted while they happen: by the name of the result, rows by the name of
    /// the column. Quotients are texts with the digits that the result has, rounded half up.
    pub fn truth_metrics(&self, user: Option<i64>, query: &TruthQuery) -> Option<Map<String, Value>> {
        Some(self.accounts.world.truth(user, query)?.metrics())
    }

    /// What calls cost and how long employees talked, of the legs and sessions that begin from the first time up to, not
    /// including, the second, counted in the simulation; see [`EmployeeTruth`]. In the order of their ids, at the end what
    /// belongs to nobody. The time and the switches change nothing. `None` as in [`truth_sessions`](Self::truth_sessions).
    pub fn truth_employees(&self, user: Option<i64>, query: &TruthQuery) -> Option<Vec<EmployeeTruth>> {
        Some(self.accounts.world.truth(user, query)?.employees())
    }

    /// The rows of a table that these dates mean and that are there, one by one.
    fn there(
        &self,
        account: usize,
        method: &MethodInfo,
        table: &Table,
        (from, till): (NaiveDateTime, NaiveDateTime),
        mut each: impl FnMut(View<'_>, u32),
    ) {
        let dates =
            Dates { bounds: Bounds::HalfOpen, clock_change: ClockChange::Written, ..self.dates_of(method) };
        for place in table.places(Some((from, till))) {
            let store = table.store(place);
            let view = self.view(account, method, &store);
            for row in dates.rows(view, from, till).iter().filter(|row| view.has(*row as usize)) {
                each(view, row);
            }
        }
    }

    /// How many accounts have legs, and how many legs they have together. With a data file all accounts share it.
    pub fn size(&self) -> (usize, usize) {
        let mut sizes = Vec::new();
        for account in &self.accounts.world.all {
            if !account.is_partner {
                sizes.push(account.legs.len());
            }
        }
        (sizes.len(), sizes.iter().sum())
    }
}
