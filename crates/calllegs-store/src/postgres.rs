//! Legs in a PostgreSQL database: a table of legs, one of windows. Rows and windows change in one transaction; one run at a
//! time has an account, by a row in a table of leases.
//!
//! Nothing lives in the session beyond a transaction, so a pool of connections (PgBouncer, in transaction mode too) may
//! stand between. Not here: how rows become windows ([`windows`](crate::windows)).

mod address;
mod copy;
mod lease;
mod read;
mod rows;
mod statements;
mod tls;
mod trouble;

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    io::Write as _,
    panic, thread,
    time::Duration,
};

use calllegs_arrow::{Leg, batches};
use calllegs_core::Period;
use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};
use postgres::{
    Client, Transaction,
    error::SqlState,
    types::{ToSql, Type},
};

use self::{
    address::Address,
    copy::{Encoder, Version},
    lease::Here,
    statements::{
        ALONE, COLUMNS, FOUND, LATENESS, LEASES, META, Names, TABLES, WINDOWS, copy_stage, is_kind, kind_of,
    },
    trouble::Trouble,
};
use crate::{
    cells::Legs,
    destination::{Destination, Opened},
    error::{Error, ErrorKind},
    found::extras,
    layout::{check_format, known_columns},
    ledger::{Ledger, Window},
    warehouse::{Change, Counts, Late, LateCounts, Load, Loaded, Warehouse},
    windows::{Shared, WindowsDestination},
};

/// Bytes of rows that are sent at once.
const CHUNK: usize = 1 << 16;

/// How long a server may take to say that it is there.
const ALIVE: Duration = Duration::from_secs(10);

/// The longest name of a table: names of its indexes and partitions are longer.
const LONGEST: usize = 48;

/// A PostgreSQL database with legs.
///
/// The address is a URL, `postgres://user@host:5432/database?schema=calls`; what it leaves open is said by the variables of
/// libpq (`PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGPASSFILE`, `PGSSLMODE`, `PGSSLROOTCERT`, `PGAPPNAME`,
/// `PGCONNECT_TIMEOUT`) and by `~/.pgpass`. `host=/folder` is a Unix socket. A password in the URL is refused.
///
/// Of `sslmode`, `disable`, `prefer`, `require` and `verify-full` are supported; as with libpq, only the last of them proves
/// who the server is, by the roots of the machine and Mozilla's, or by `sslrootcert`; with `sslrootcert`, `require` does so
/// too. Not supported are `allow`, `verify-ca`, certificates of clients, GSSAPI, and service files.
///
/// ```
/// use calllegs_store::{ErrorKind, Postgres};
///
/// let calls = Postgres::open("postgres://loader@db.example/calls?schema=telephony")?; // nothing is connected yet
/// println!("{}", calls.ddl()); // for a shop whose administrator makes the tables
///
/// let error = Postgres::open("postgres://loader:secret@db.example/calls").unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Place);
/// # Ok::<(), calllegs_store::Error>(())
/// ```
pub struct Postgres {
    address: Address,
    names: Names,
    creates: bool,
    is_partitioned: bool,
    link: Link,
    here: Here,
    /// The run that has each account.
    leases: HashMap<String, String>,
    /// What was seen of the tables, once they were looked at.
    seen: Option<Seen>,
    /// It was told that a character was replaced.
    has_told: bool,
}

/// The tables as they are.
#[derive(Clone, Debug, Default)]
struct Seen {
    tables: BTreeSet<String>,
    is_partitioned: bool,
    /// All columns of the table of legs.
    columns: BTreeSet<String>,
    /// Those of fields that nobody documents.
    found: Vec<String>,
}

/// The password is in the settings of the client.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("address", &self.address)
            .field("names", &self.names)
            .field("leases", &self.leases)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

impl Postgres {
    /// A database. It is connected when it is needed.
    ///
    /// # Errors
    /// When the address cannot be used.
    pub fn open(url: &str) -> Result<Self, Error> {
        let address = Address::read(url)?;
        Ok(Self {
            names: Names { schema: address.schema.clone(), table: "call_legs".to_owned() },
            address,
            creates: true,
            is_partitioned: false,
            link: Link::default(),
            here: Here::new(),
            leases: HashMap::new(),
            seen: None,
            has_told: false,
        })
    }

    /// Another name for the table of legs, also with its schema: `telephony.legs`.
    #[must_use]
    pub fn table(mut self, name: &str) -> Self {
        match name.split_once('.') {
            Some((schema, name)) => {
                self.names = Names { schema: Some(schema.to_owned()), table: name.to_owned() };
            }
            None => name.clone_into(&mut self.names.table),
        }
        self
    }

    /// Whether tables and columns are made. If not, fields that nobody documents stay in `extra`.
    #[must_use]
    pub const fn creates(mut self, creates: bool) -> Self {
        self.creates = creates;
        self
    }

    /// A new table gets a partition for each month of `start_time`, which is a part of its key then. A table that is there
    /// stays as it is.
    #[must_use]
    pub const fn partitioned(mut self, is_partitioned: bool) -> Self {
        self.is_partitioned = is_partitioned;
        self
    }

    /// The SQL that makes the tables.
    pub fn ddl(&self) -> String {
        format!("{}{}", self.names.create_legs(self.is_partitioned), self.names.create_rest())
    }

    /// Leases the first of these accounts that no other run has, for workers that share them.
    ///
    /// # Errors
    /// As [`Warehouse::lease`], except that accounts which are leased are passed over.
    pub fn lease_any(&mut self, accounts: &[String], run_id: &str) -> Result<Option<String>, Error> {
        for account in accounts {
            match self.lease(account, run_id) {
                Ok(_) => return Ok(Some(account.clone())),
                Err(error) if error.kind() == ErrorKind::Busy => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Connects, where it is not connected or not any more, and looks at the tables once.
    fn connect(&mut self) -> Result<(), Trouble> {
        // A server or what stands before it ends connections that are idle.
        let is_checked = self.link.is_checked;
        let is_alive = |client: &mut Client| is_checked || client.is_valid(ALIVE).is_ok();
        if !self.link.client.as_mut().is_some_and(is_alive) {
            self.link = Link::default();
            check_name(&self.names.table)?;
            self.link.client = Some(self.address.config.connect(tls::connector(&self.address.trust)?)?);
        }
        self.link.is_checked = true;
        if self.seen.is_none() {
            self.look()?;
        }
        Ok(())
    }

    fn client(&mut self) -> Result<&mut Client, Trouble> {
        self.connect()?;
        let lost = || Error::new(ErrorKind::Internal, "there is no connection");
        self.link.client.as_mut().ok_or_else(lost).map_err(Trouble::from)
    }

    /// Looks at the tables.
    fn look(&mut self) -> Result<(), Trouble> {
        let Some(client) = &mut self.link.client else { return Ok(()) };
        let mut transaction = client.transaction()?;
        if self.names.schema.is_none() {
            let schema: Option<String> =
                transaction.query_typed_one("SELECT current_schema()::text", &[])?.try_get(0)?;
            let Some(schema) = schema else {
                return Err(no_schema(&self.address.text).into());
            };
            self.names.schema = Some(schema);
        }
        let seen = look(&mut transaction, &self.names, &self.address.text)?;
        transaction.commit()?;
        self.seen = Some(seen);
        Ok(())
    }

    /// Makes what is missing.
    fn create(&mut self) -> Result<Vec<String>, Trouble> {
        self.connect()?;
        let seen = self.seen.clone().unwrap_or_default();
        let place = self.names.legs();
        if self.all_tables().all(|table| seen.tables.contains(table)) {
            return Ok(Vec::new());
        }
        if !self.creates {
            return Err(Error::new(
                ErrorKind::Place,
                format!("{}: the tables of {place} are not all there", self.address.text),
            )
            .because("it was told to make none")
            .next("let an administrator run the statements that make them, or allow to make tables")
            .into());
        }
        let (names, address, is_partitioned) =
            (self.names.clone(), self.address.text.clone(), self.is_partitioned);
        let mut transaction = self.client()?.transaction()?;
        transaction.batch_execute(ALONE)?;
        if let Some(schema) = &names.schema {
            let found = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";
            if !transaction.query_typed_one(found, &[(schema, Type::TEXT)])?.try_get::<_, bool>(0)? {
                let schema = statements::identifier(schema);
                transaction.batch_execute(&format!("CREATE SCHEMA {schema}"))?;
            }
        }
        // Another run may have made it while this one waited.
        let seen = look(&mut transaction, &names, &address)?;
        let mut told = Vec::new();
        if !seen.tables.contains(&names.table) {
            transaction.batch_execute(&names.create_legs(is_partitioned))?;
            told.push(format!("the table {place} was made"));
        }
        transaction.batch_execute(&names.create_rest())?;
        let seen = look(&mut transaction, &names, &address)?;
        transaction.commit()?;
        self.seen = Some(seen);
        Ok(told)
    }

    fn all_tables(&self) -> impl Iterator<Item = &str> {
        [self.names.table.as_str(), WINDOWS, LATENESS, LEASES, META].into_iter()
    }

    fn has_tables(&self) -> bool {
        self.seen.as_ref().is_some_and(|seen| self.all_tables().all(|table| seen.tables.contains(table)))
    }

    /// A step that reads, or nothing where there are no tables.
    fn read<T: Default>(
        &mut self,
        step: impl FnOnce(&mut Transaction<'_>, &Names) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        self.connect()?;
        if !self.has_tables() {
            // They may have been made since.
            self.look()?;
        }
        if !self.has_tables() {
            return Ok(T::default());
        }
        let names = self.names.clone();
        let mut transaction = self.client()?.transaction()?;
        let read = step(&mut transaction, &names)?;
        transaction.commit()?;
        Ok(read)
    }

    fn take_lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Trouble> {
        self.seen = None;
        let mut told = self.create()?;
        let (names, here) = (self.names.clone(), self.here.clone());
        let mut transaction = self.client()?.transaction()?;
        let taken = here.take(&mut transaction, &names, account, run_id)?;
        transaction.commit()?;
        told.extend(taken);
        self.leases.insert(account.to_owned(), run_id.to_owned());
        Ok(told)
    }

    fn give_back(&mut self, account: &str) -> Result<(), Trouble> {
        let Some(run_id) = self.leases.remove(account) else { return Ok(()) };
        let (names, here) = (self.names.clone(), self.here.clone());
        let mut transaction = self.client()?.transaction()?;
        here.release(&mut transaction, &names, account, &run_id)?;
        transaction.commit()?;
        Ok(())
    }

    /// Adds a column for each field that is new, and says so.
    fn add_columns(&mut self, load: &Load<'_>) -> Result<Vec<String>, Trouble> {
        let mut told = Vec::new();
        self.connect()?;
        let seen = self.seen.clone().unwrap_or_default();
        if !self.creates {
            return Ok(told);
        }
        let fields: BTreeSet<String> = extras(load.legs)
            .flat_map(|extra| extra.names().map(str::to_owned).collect::<Vec<_>>())
            .filter(|name| !seen.columns.contains(name))
            .collect();
        if fields.is_empty() {
            return Ok(told);
        }
        let added = self.try_add_columns(&fields, &mut told);
        match added {
            Err(trouble)
                if matches!(
                    trouble.code(),
                    Some(&SqlState::INSUFFICIENT_PRIVILEGE | &SqlState::LOCK_NOT_AVAILABLE)
                ) =>
            {
                // The rows are worth more than a column.
                self.creates = false;
                let error = trouble.told(&self.address.text);
                told = vec![format!("the server has new fields, which stay in extra: {error}")];
                Ok(told)
            }
            Err(trouble) => Err(trouble),
            Ok(()) => Ok(told),
        }
    }

    fn try_add_columns(&mut self, fields: &BTreeSet<String>, told: &mut Vec<String>) -> Result<(), Trouble> {
        let (names, address) = (self.names.clone(), self.address.text.clone());
        let mut transaction = self.client()?.transaction()?;
        transaction.batch_execute(ALONE)?;
        transaction.batch_execute("SET LOCAL lock_timeout = '30s'")?;
        let seen = look(&mut transaction, &names, &address)?;
        for name in fields.iter().filter(|name| !seen.columns.contains(*name)) {
            transaction.batch_execute(&names.add_column(name))?;
            told.push(format!("the server has a new field {name}: the table has a column of that name now"));
        }
        let seen = look(&mut transaction, &names, &address)?;
        transaction.commit()?;
        self.seen = Some(seen);
        Ok(())
    }

    fn put(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Trouble> {
        let mut told = self.add_columns(load)?;
        let Some(reach) = load.reach() else { return Ok(Loaded::default()) };
        let Some(run_id) = self.leases.get(load.account).cloned() else {
            return Err(not_leased(load.account).into());
        };
        let (names, here) = (self.names.clone(), self.here.clone());
        let seen = self.seen.clone().unwrap_or_default();
        let makes_partitions = seen.is_partitioned && self.creates;
        let altered = if load.exact { self.find_altered(load)? } else { BTreeSet::new() };
        let mut transaction = self.client()?.transaction()?;
        here.renew(&mut transaction, &names, load.account, &run_id)?;
        if makes_partitions {
            add_partitions(&mut transaction, &names, load)?;
        }
        let known = rows::hashes(&mut transaction, &names, load.account, reach)?;
        let mut changes = load.changes(&known);
        for (leg, change) in load.legs.iter().zip(&mut changes) {
            let is_altered = leg.key().is_some_and(|key| altered.contains(&key.id));
            if is_altered && *change == Change::None {
                *change = Change::Changed;
            }
        }
        let mut step = Step {
            transaction: &mut transaction,
            names: &names,
            load,
            found: &seen.found,
            is_partitioned: seen.is_partitioned,
            changes,
            has_replaced: false,
        };
        let late = step.put_rows(known.clone())?;
        let (changes, has_replaced) = (step.changes, step.has_replaced);
        let mut loaded = Loaded { counts: Counts::of(&changes), ..Loaded::default() };
        loaded.gone = match load.covered() {
            // Rows that start outside the windows say nothing of what lies between.
            Some(covered) if covered != reach => {
                load.gone(&rows::hashes(&mut transaction, &names, load.account, covered)?)
            }
            Some(_) => load.gone(&known),
            None => Vec::new(),
        };
        if load.exact && !loaded.gone.is_empty() {
            let gone = [text(&load.account), (&loaded.gone as Value<'_>, Type::INT8_ARRAY)];
            transaction.execute_typed(&names.remove(), &gone)?;
        }
        rows::add_lateness(&mut transaction, &names, load.account, &late)?;
        if let Some(covered) = load.covered() {
            loaded.windows = load.counted(&changes, early);
            rows::remove_lines(&mut transaction, &names, load.account, (covered.from(), covered.till()))?;
            rows::put_lines(&mut transaction, &names, load.account, &loaded.windows)?;
        }
        transaction.commit()?;
        if has_replaced && !self.has_told {
            self.has_told = true;
            told.push(
                "some text has characters that PostgreSQL cannot hold (U+0000): U+FFFD stands there"
                    .to_owned(),
            );
        }
        loaded.told = told;
        Ok(loaded)
    }

    /// Ids of legs that the table has with other values.
    fn find_altered(&mut self, load: &Load<'_>) -> Result<BTreeSet<i64>, Trouble> {
        self.connect()?;
        let (names, found) = (self.names.clone(), self.seen.clone().unwrap_or_default().found);
        let mut transaction = self.client()?.transaction()?;
        transaction.batch_execute(&names.create_stage())?;
        let all = vec![Change::Changed; load.legs.len()];
        copy_rows(&mut transaction, &copy_stage(&found), load, &found, &all, |_| true)?;
        let rows = transaction.query_typed(&names.altered(), &[])?;
        let ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        transaction.rollback()?;
        Ok(ids)
    }

    fn put_other_lines(
        &mut self,
        account: &str,
        from: NaiveDateTime,
        lines: &[Window],
    ) -> Result<(), Trouble> {
        self.create()?;
        let (names, here) = (self.names.clone(), self.here.clone());
        let run_id = self.leases.get(account).cloned().ok_or_else(|| not_leased(account))?;
        let mut transaction = self.client()?.transaction()?;
        here.renew(&mut transaction, &names, account, &run_id)?;
        rows::remove_lines(&mut transaction, &names, account, (from, NaiveDateTime::MAX))?;
        rows::put_lines(&mut transaction, &names, account, lines)?;
        transaction.commit()?;
        Ok(())
    }

    /// Does it, and says in words what went wrong.
    fn told<T: Send>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<T, Trouble> + Send,
    ) -> Result<T, Error> {
        self.link.is_checked = false;
        blocking(|| step(self).map_err(|trouble| trouble.told(&self.address.text)))
    }
}

/// One period, the account leased while it is read.
impl Destination for Postgres {
    fn open(self: Box<Self>) -> Result<Box<dyn Opened>, Error> {
        Ok(Box::new(WindowsDestination::alone(Shared::new(*self))))
    }
}

impl Warehouse for Postgres {
    fn address(&self) -> &str {
        &self.address.text
    }

    fn lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Error> {
        self.told(|place| place.take_lease(account, run_id))
    }

    /// A lease that cannot be given back is lost when it is not renewed.
    fn release(&mut self, account: &str) {
        let _told_by_the_next = self.told(|place| place.give_back(account));
    }

    fn accounts(&mut self) -> Result<Vec<String>, Error> {
        self.told(|place| place.read(rows::accounts))
    }

    fn ledger(&mut self, account: &str) -> Result<Ledger, Error> {
        let ever = (NaiveDateTime::MIN, NaiveDateTime::MAX);
        self.told(|place| place.read(|transaction, names| rows::lines(transaction, names, account, ever)))
            .map(Ledger::new)
    }

    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error> {
        self.told(|place| place.read(|transaction, names| rows::hashes(transaction, names, account, period)))
    }

    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error> {
        self.told(|place| place.find_altered(load)).map(|ids| ids.into_iter().collect())
    }

    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error> {
        self.told(|place| place.read(|transaction, names| rows::lateness(transaction, names, account)))
    }

    fn load(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Error> {
        self.told(|place| place.put(load, early))
    }

    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error> {
        self.told(|place| place.put_other_lines(account, from, lines))
    }
}

/// A value for a statement.
type Value<'v> = &'v (dyn ToSql + Sync);

fn text<T: ToSql + Sync>(value: &T) -> (Value<'_>, Type) {
    (value, Type::TEXT)
}

/// The rows of one load, in its transaction.
struct Step<'s, 't> {
    transaction: &'s mut Transaction<'t>,
    names: &'s Names,
    load: &'s Load<'s>,
    found: &'s [String],
    is_partitioned: bool,
    changes: Vec<Change>,
    has_replaced: bool,
}

impl Step<'_, '_> {
    /// Puts what is new and what differs; returns changes by field and age.
    fn put_rows(&mut self, mut known: HashMap<i64, i64>) -> Result<LateCounts, Trouble> {
        if self.changes.contains(&Change::New) && !self.copy_new()? {
            // Legs of these ids are there with another start, or for another reason out of reach.
            let ids: Vec<i64> = self.load.legs.iter().filter_map(Leg::key).map(|key| key.id).collect();
            let ids = [text(&self.load.account), (&ids as Value<'_>, Type::INT8_ARRAY)];
            for row in self.transaction.query_typed(&self.names.hashes_of(), &ids)? {
                known.insert(row.try_get(0)?, row.try_get(1)?);
            }
            self.changes = self.load.changes(&known);
            self.upsert(|change| change != Change::None)
        } else {
            self.upsert(|change| change == Change::Changed)
        }
        .and_then(|late| self.with_new(late))
    }

    /// Adds the legs that appeared in windows that had been read.
    fn with_new(&mut self, mut late: LateCounts) -> Result<LateCounts, Trouble> {
        let Some(reach) = self.load.reach() else { return Ok(late) };
        let bounds = (reach.from(), reach.till());
        let read = rows::lines(self.transaction, self.names, self.load.account, bounds)?;
        for (leg, _) in self.load.legs.iter().zip(&self.changes).filter(|(_, change)| **change == Change::New)
        {
            let Some(key) = leg.key() else { continue };
            if read.iter().any(|window| window.period.contains(key.start)) {
                late.add("new leg", key.start, self.load.extracted_wall);
            }
        }
        Ok(late)
    }

    /// New rows straight into the table; `false` when one of them is there.
    fn copy_new(&mut self) -> Result<bool, Trouble> {
        let copy = self.names.copy(self.found);
        let mut savepoint = self.transaction.savepoint("straight")?;
        let has_replaced = copy_rows(&mut savepoint, &copy, self.load, self.found, &self.changes, |change| {
            change == Change::New
        });
        match has_replaced {
            Ok(has_replaced) => {
                self.has_replaced |= has_replaced;
                savepoint.commit()?;
                Ok(true)
            }
            Err(trouble) if trouble.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                savepoint.rollback()?;
                Ok(false)
            }
            Err(trouble) => Err(trouble),
        }
    }

    fn upsert(&mut self, wanted: fn(Change) -> bool) -> Result<LateCounts, Trouble> {
        let mut late = LateCounts::default();
        if !self.changes.iter().any(|change| wanted(*change)) {
            return Ok(late);
        }
        self.transaction.batch_execute(&self.names.create_stage())?;
        let copy = copy_stage(self.found);
        self.has_replaced |=
            copy_rows(self.transaction, &copy, self.load, self.found, &self.changes, wanted)?;
        for row in self.transaction.query_typed(&self.names.differing(), &[])? {
            let (start, fields): (NaiveDateTime, &str) = (row.try_get(0)?, row.try_get(1)?);
            for field in fields.split_ascii_whitespace() {
                late.add(field, start, self.load.extracted_wall);
            }
        }
        self.transaction
            .execute_typed(&self.names.upsert(self.found, self.is_partitioned, self.load.exact), &[])?;
        Ok(late)
    }
}

/// Copies rows of which `wanted` is true; returns whether a character was replaced.
fn copy_rows(
    transaction: &mut Transaction<'_>,
    copy: &str,
    load: &Load<'_>,
    found: &[String],
    changes: &[Change],
    wanted: fn(Change) -> bool,
) -> Result<bool, Trouble> {
    let batches = batches(load.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let version = Version { run_id: load.run_id, extracted_at: load.extracted_at };
    let mut encoder = Encoder::new(found);
    let mut writer = transaction.copy_in(copy)?;
    let mut rows = changes.iter().zip(load.hashes);
    for batch in &batches {
        let legs = Legs::of(batch);
        for (row, (change, hash)) in (0..batch.num_rows()).zip(&mut rows) {
            if !wanted(*change) {
                continue;
            }
            encoder.row(&legs, row, *hash, version);
            if encoder.bytes().len() >= CHUNK {
                writer.write_all(encoder.bytes())?;
                encoder.clear();
            }
        }
    }
    encoder.end();
    writer.write_all(encoder.bytes())?;
    writer.finish()?;
    Ok(encoder.has_replaced())
}

/// What is there of the tables.
fn look(transaction: &mut Transaction<'_>, names: &Names, address: &str) -> Result<Seen, Trouble> {
    let mut seen = Seen::default();
    let tables = [&names.table, WINDOWS, LATENESS, LEASES, META].map(str::to_owned).to_vec();
    let schema = names.schema.clone().unwrap_or_default();
    let about = [(&schema as Value<'_>, Type::TEXT), (&tables as Value<'_>, Type::TEXT_ARRAY)];
    for row in transaction.query_typed(TABLES, &about)? {
        let name: String = row.try_get(0)?;
        if name == names.table {
            seen.is_partitioned = row.try_get(1)?;
        }
        seen.tables.insert(name);
    }
    if seen.tables.contains(META) {
        check_meta(transaction, names, address)?;
    }
    let about = [text(&schema), text(&names.table)];
    for row in transaction.query_typed(COLUMNS, &about)? {
        let (name, kind, comment): (String, &str, Option<&str>) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        if !is_kind(&name, kind) {
            let legs = names.legs();
            return Err(conflict(format!("{address}: the column {name} of {legs} is {kind}"))
                .because(format!("it is to be {}", kind_of(&name)))
                .into());
        }
        if kind == "text" && comment.is_some_and(|comment| comment.starts_with(FOUND)) {
            seen.found.push(name.clone());
        }
        seen.columns.insert(name);
    }
    let is_there = seen.tables.contains(&names.table);
    if let Some(lacks) = known_columns().find(|name| is_there && !seen.columns.contains(*name)) {
        let legs = names.legs();
        return Err(conflict(format!("{address}: the table {legs} has no column {lacks}"))
            .because("another program made it")
            .into());
    }
    Ok(seen)
}

/// The version of the tables, and the one table that the ledger speaks of.
fn check_meta(transaction: &mut Transaction<'_>, names: &Names, address: &str) -> Result<(), Trouble> {
    let mut value = |key: &str| -> Result<Option<String>, Trouble> {
        let row = transaction.query_typed_opt(&names.meta(), &[text(&key)])?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    };
    let format = value("format")?;
    check_format(address, format.and_then(|format| format.parse().ok()).unwrap_or(i64::MAX))?;
    match value("table")? {
        Some(table) if table != names.table => Err(conflict(format!(
            "{address}: what is loaded in this schema is in the table {table}, not {}",
            names.table
        ))
        .because("a schema has one ledger, and it speaks of one table")
        .next("name that table, or another schema")
        .into()),
        Some(_) | None => Ok(()),
    }
}

/// The months of the legs get their partitions.
fn add_partitions(transaction: &mut Transaction<'_>, names: &Names, load: &Load<'_>) -> Result<(), Trouble> {
    let starts = load.legs.iter().filter_map(Leg::key).map(|key| key.start.date());
    let months: BTreeSet<NaiveDate> = starts.filter_map(|day| day.with_day(1)).collect();
    for from in months {
        if let Some(till) = from.checked_add_months(Months::new(1)) {
            transaction.batch_execute(&names.partition(from, till))?;
        }
    }
    Ok(())
}

/// A connection, closed where a thread may wait for it.
#[derive(Default)]
struct Link {
    client: Option<Client>,
    /// It was alive when this step began.
    is_checked: bool,
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            blocking(|| drop(client));
        }
    }
}

/// The client waits for the server with a runtime of its own. A thread that serves another runtime may not: there a thread is
/// made for it.
fn blocking<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if tokio::runtime::Handle::try_current().is_err() {
        return work();
    }
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panicked| panic::resume_unwind(panicked))
}

fn check_name(table: &str) -> Result<(), Error> {
    if (1..=LONGEST).contains(&table.len()) && !table.contains('\0') {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Place, format!("{table:?} cannot be the name of a table"))
        .next(format!("choose a name of {LONGEST} bytes at most")))
}

fn conflict(what: String) -> Error {
    Error::new(ErrorKind::Conflict, what).next("choose another schema or table")
}

fn no_schema(address: &str) -> Error {
    Error::new(ErrorKind::Place, format!("{address}: no schema of the search path is there"))
        .next("name one in the address: ?schema=calls")
}

fn not_leased(account: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("{account} is not leased by this run"))
}
