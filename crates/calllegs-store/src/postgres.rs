//! Legs in a PostgreSQL database: a table of legs, one of windows. Rows and windows change in one transaction; one run at a
//! time has an account, by a row in a table of leases.
//!
//! Nothing lives in the session beyond a transaction, so a pool of connections (PgBouncer, in transaction mode too) may
//! stand between. Not here: how rows become windows ([`windows`](crate::windows)).

mod address;
mod copy;
mod lease;
mod listings;
mod load;
mod look;
mod read;
mod rehearsal;
mod rows;
mod statements;
mod tls;
mod trouble;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    fmt, panic, thread,
    time::Duration,
};

use calllegs_core::Period;
use chrono::NaiveDateTime;
use postgres::{Client, IsolationLevel, SimpleQueryMessage, Transaction, types::Type};

use self::{
    address::Address,
    lease::Here,
    load::{Step, add_partitions},
    look::{Seen, look},
    statements::{ALONE, LATENESS, LEASES, META, Names, WINDOWS},
    trouble::Trouble,
};
use crate::{
    destination::{Destination, Opened},
    error::{Error, ErrorKind},
    found,
    layout::{FORMAT, brought_up, outdated},
    ledger::{Ledger, Window},
    listings::Listings,
    warehouse::{Answer, Counts, Late, Load, Loaded, Warehouse},
    windows::{Shared, WindowsDestination},
};

/// How long a server may take to say that it is there.
const ALIVE: Duration = Duration::from_secs(10);

/// How long readers and writers of a table wait for a change of it.
const SHORT_WAIT: &str = "SET LOCAL lock_timeout = '30s'";

/// The longest name that a server keeps whole.
const LONGEST_OF_ALL: usize = 63;

/// The longest name of a table: names of its indexes and partitions are longer.
const LONGEST: usize = 48;

/// A PostgreSQL database with legs.
///
/// The address is a URL, `postgres://user@host:5432/database?schema=calls&table=legs`; `partition=month` is for a table that
/// is made ([`partitioned`](Self::partitioned)). What it leaves open is said by the variables of
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
#[expect(clippy::struct_excessive_bools, reason = "two settings, and two things that a run remembers")]
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
    /// The table was made by this run: what it loads is the first load.
    is_first_load: bool,
    /// It was told that a character was replaced.
    has_told: bool,
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
        let (table, is_partitioned) = (address.table.clone(), address.is_partitioned);
        let place = Self {
            names: Names { schema: address.schema.clone(), table: "call_legs".to_owned() },
            address,
            creates: true,
            is_partitioned,
            link: Link::default(),
            here: Here::new(),
            leases: HashMap::new(),
            seen: None,
            is_first_load: false,
            has_told: false,
        };
        let place = match table {
            Some(table) => place.table(&table),
            None => place,
        };
        check_names(&place.names)?;
        Ok(place)
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
        let Self { names, is_partitioned, .. } = self;
        [names.create_legs(*is_partitioned), names.create_indexes(), names.create_rest()].concat()
    }

    /// The SQL that makes the tables under their usual names, in the schema that comes first.
    pub fn default_ddl() -> String {
        let names = Names { schema: None, table: "call_legs".to_owned() };
        [names.create_legs(false), names.create_indexes(), names.create_rest()].concat()
    }

    /// Runs statements one after the other, over one state of the database, and gives what each answers; those that answer
    /// nothing, such as one that makes a temporary table, give no rows. All of it is undone afterwards. They are written by
    /// `of`, which gets the name of the table of legs.
    ///
    /// # Errors
    /// When the database cannot be read, has no table of legs, or a statement is wrong.
    pub fn select(&mut self, of: impl FnOnce(&str) -> Vec<String> + Send) -> Result<Vec<Answer>, Error> {
        self.told(|place| place.ask(of))
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

    /// Whether a sync has made its tables.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn is_there(&mut self) -> Result<bool, Error> {
        self.told(|place| {
            place.connect()?;
            Ok(place.has_tables())
        })
    }

    /// Connects, where it is not connected or not any more, and looks at the tables once.
    fn connect(&mut self) -> Result<(), Trouble> {
        // A server or what stands before it ends connections that are idle.
        let is_checked = self.link.is_checked;
        let is_alive = |client: &mut Client| is_checked || client.is_valid(ALIVE).is_ok();
        if !self.link.client.as_mut().is_some_and(is_alive) {
            self.link = Link::default();
            check_names(&self.names)?;
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

    /// Makes what is missing, and brings up to date what is older.
    fn create(&mut self) -> Result<Vec<String>, Trouble> {
        self.connect()?;
        let seen = self.seen.clone().unwrap_or_default();
        let place = self.names.legs();
        let has_all = self.all_tables().all(|table| seen.tables.contains(table));
        let mut told = Vec::new();
        if self.is_partitioned && seen.tables.contains(&self.names.table) && !seen.is_partitioned {
            told.push(format!("the table {place} was made without partitions, and stays as it is"));
        }
        if has_all && seen.format == FORMAT {
            return Ok(told);
        }
        if !self.creates {
            if has_all {
                let upgrade = self.names.upgrade(seen.format);
                return Err(outdated(&self.address.text, seen.format, &upgrade).into());
            }
            return Err(Error::new(
                ErrorKind::Place,
                format!("{}: the tables of {} are not all there", self.address.text, self.names.legs()),
            )
            .because("it was told to make none")
            .next("let an administrator run the statements that make them, or allow to make tables")
            .into());
        }
        let (names, address, is_partitioned) =
            (self.names.clone(), self.address.text.clone(), self.is_partitioned);
        let mut transaction = self.client()?.transaction()?;
        let (is_new, made) = make(&mut transaction, &names, &address, is_partitioned)?;
        told.extend(made);
        let seen = look(&mut transaction, &names, &address)?;
        transaction.commit()?;
        self.is_first_load |= is_new;
        self.seen = Some(seen);
        Ok(told)
    }

    /// Makes the indexes that the first load did without, where it has ended; tells whether there was one to make.
    fn create_indexes(&mut self) -> Result<bool, Trouble> {
        self.is_first_load = false;
        if !self.creates || !self.seen.as_ref().is_some_and(|seen| seen.lacks_indexes) {
            return Ok(false);
        }
        let (names, address) = (self.names.clone(), self.address.text.clone());
        let mut transaction = self.client()?.transaction()?;
        transaction.batch_execute(ALONE)?;
        transaction.batch_execute(SHORT_WAIT)?;
        // Another run may have made them while this one waited.
        let is_due = look(&mut transaction, &names, &address)?.lacks_indexes;
        if is_due {
            transaction.batch_execute(&names.create_indexes())?;
            transaction.batch_execute(&names.forget_due())?;
        }
        let seen = look(&mut transaction, &names, &address)?;
        transaction.commit()?;
        self.seen = Some(seen);
        Ok(is_due)
    }

    /// Makes the indexes that a first load, which did not come to its end, left out.
    fn repair_indexes(&mut self) -> Result<Option<String>, Trouble> {
        match self.create_indexes() {
            Ok(true) => Ok(Some(
                "the indexes were made that a first load left out, which did not come to its end".to_owned(),
            )),
            Ok(false) => Ok(None),
            // The rows are worth more than an index.
            Err(trouble) if trouble.is_of_the_table() => {
                let error = trouble.told(&self.address.text);
                Ok(Some(format!(
                    "the table lacks indexes, because a first load did not come to its end: {error}"
                )))
            }
            Err(trouble) => Err(trouble),
        }
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
        step: impl FnOnce(&mut Transaction<'_>, &Names, &Seen) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        self.connect()?;
        if !self.has_tables() {
            // They may have been made since.
            self.look()?;
        }
        if !self.has_tables() {
            return Ok(T::default());
        }
        let (names, seen) = (self.names.clone(), self.seen.clone().unwrap_or_default());
        let mut transaction = self.client()?.transaction()?;
        let read = step(&mut transaction, &names, &seen)?;
        transaction.commit()?;
        Ok(read)
    }

    fn ask(&mut self, of: impl FnOnce(&str) -> Vec<String>) -> Result<Vec<Answer>, Trouble> {
        self.connect()?;
        let is_there =
            |place: &Self| place.seen.as_ref().is_some_and(|seen| seen.tables.contains(&place.names.table));
        if !is_there(self) {
            // It may have been made since.
            self.look()?;
        }
        let legs = self.names.legs();
        if !is_there(self) {
            let what = format!("{}: there is no table {legs}", self.address.text);
            return Err(Error::new(ErrorKind::Unreadable, what)
                .next("name the schema of a sync in the address: ?schema=calls")
                .into());
        }
        let snapshot = self.client()?.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
        let mut transaction = snapshot.start()?;
        let mut answers = Vec::new();
        for sql in of(&legs) {
            let mut answer = Answer::new();
            for message in transaction.simple_query(&sql)? {
                if let SimpleQueryMessage::Row(row) = message {
                    answer.push((0..row.len()).map(|place| row.get(place).map(str::to_owned)).collect());
                }
            }
            answers.push(answer);
        }
        transaction.rollback()?;
        Ok(answers)
    }

    fn take_lease(&mut self, account: &str, run_id: &str) -> Result<Vec<String>, Trouble> {
        self.seen = None;
        let mut told = self.create()?;
        if !self.is_first_load {
            told.extend(self.repair_indexes()?);
        }
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
        // The lease is given back all the same; what is missing the next one makes, or says why not.
        let made = if self.is_first_load { self.create_indexes() } else { Ok(false) };
        let (names, here) = (self.names.clone(), self.here.clone());
        let mut transaction = self.client()?.transaction()?;
        here.release(&mut transaction, &names, account, &run_id)?;
        transaction.commit()?;
        made.map(drop)
    }

    /// Adds a column for each field that is new, and says so.
    fn add_columns(&mut self, load: &Load<'_>) -> Result<Vec<String>, Trouble> {
        let mut told = Vec::new();
        self.connect()?;
        let seen = self.seen.clone().unwrap_or_default();
        if !self.creates {
            return Ok(told);
        }
        let mut fields =
            found::names(load.legs).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
        fields.retain(|name| !seen.columns.contains(name));
        if fields.is_empty() {
            return Ok(told);
        }
        let added = self.try_add_columns(&fields, &mut told);
        match added {
            // The rows are worth more than a column.
            Err(trouble) if trouble.is_of_the_table() => {
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
        transaction.batch_execute(SHORT_WAIT)?;
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
        let Some(run_id) = self.leases.get(load.account).cloned() else {
            return Err(not_leased(load.account).into());
        };
        let (names, here) = (self.names.clone(), self.here.clone());
        let altered = if load.exact { self.find_altered(load)? } else { HashSet::new() };
        let seen = self.seen.clone().unwrap_or_default();
        let makes_partitions = seen.is_partitioned && self.creates;
        let mut transaction = self.client()?.transaction()?;
        here.renew(&mut transaction, &names, load.account, &run_id)?;
        if makes_partitions {
            add_partitions(&mut transaction, &names, load)?;
        }
        let mut step = Step::new(&mut transaction, &names, &seen, load);
        let mut loaded = step.put(&altered, early)?;
        let has_replaced = step.has_replaced();
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
    fn find_altered(&mut self, load: &Load<'_>) -> Result<HashSet<i64>, Trouble> {
        self.connect()?;
        let (names, seen) = (self.names.clone(), self.seen.clone().unwrap_or_default());
        let mut transaction = self.client()?.transaction()?;
        let altered = load::altered(&mut transaction, &names, &seen, load)?;
        transaction.rollback()?;
        Ok(altered)
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
        rows::put_lines(&mut transaction, &names.put_lines(), account, lines)?;
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

/// Makes what is missing, and brings up to date what is older; whether the table is new, and what was done.
fn make(
    transaction: &mut Transaction<'_>,
    names: &Names,
    address: &str,
    is_partitioned: bool,
) -> Result<(bool, Vec<String>), Trouble> {
    transaction.batch_execute(ALONE)?;
    let mut told = Vec::new();
    if let Some(schema) = &names.schema {
        let found = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";
        if !transaction.query_typed_one(found, &[(schema, Type::TEXT)])?.try_get::<_, bool>(0)? {
            let schema = statements::identifier(schema);
            transaction.batch_execute(&format!("CREATE SCHEMA {schema}"))?;
            told.push(format!("the schema {schema} was made"));
        }
    }
    // Another run may have made it while this one waited.
    let seen = look(transaction, names, address)?;
    if seen.format < FORMAT {
        transaction.batch_execute(&names.upgrade(seen.format))?;
        told.push(brought_up(seen.format));
    }
    transaction.batch_execute(&names.create_rest())?;
    let is_new = !seen.tables.contains(&names.table);
    if is_new {
        transaction.batch_execute(&names.create_legs(is_partitioned))?;
        transaction.batch_execute(&names.note_due())?;
        told.push(format!("the table {} was made", names.legs()));
    }
    Ok((is_new, told))
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

    fn try_writing(&mut self) -> Result<bool, Error> {
        self.told(Self::rehearse)
    }

    fn accounts(&mut self) -> Result<Vec<String>, Error> {
        self.told(|place| place.read(|transaction, names, _| rows::accounts(transaction, names)))
    }

    fn ledger(&mut self, account: &str) -> Result<Ledger, Error> {
        let ever = (NaiveDateTime::MIN, NaiveDateTime::MAX);
        let lines = self.told(|place| {
            place.read(|transaction, names, seen| {
                rows::lines(transaction, &names.lines(seen.format), account, ever)
            })
        });
        lines.map(Ledger::new)
    }

    fn hashes(&mut self, account: &str, period: Period) -> Result<HashMap<i64, i64>, Error> {
        self.told(|place| {
            place.read(|transaction, names, _| rows::hashes(transaction, names, account, period))
        })
    }

    fn altered(&mut self, load: &Load<'_>) -> Result<Vec<i64>, Error> {
        self.told(|place| place.find_altered(load)).map(|ids| ids.into_iter().collect())
    }

    fn lateness(&mut self, account: &str) -> Result<Vec<Late>, Error> {
        self.told(|place| place.read(|transaction, names, _| rows::lateness(transaction, names, account)))
    }

    fn load(&mut self, load: &Load<'_>, early: Counts) -> Result<Loaded, Error> {
        self.told(|place| place.put(load, early))
    }

    fn listings(&mut self) -> Option<&mut dyn Listings> {
        Some(self)
    }

    fn replace_lines(&mut self, account: &str, from: NaiveDateTime, lines: &[Window]) -> Result<(), Error> {
        self.told(|place| place.put_other_lines(account, from, lines))
    }
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

/// A server cuts a name that is too long, and then it is another one.
fn check_names(names: &Names) -> Result<(), Error> {
    let check = |name: &str, what: &str, longest: usize, no: char| {
        if (1..=longest).contains(&name.len()) && !name.contains(['\0', no]) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Place, format!("{name:?} cannot be the name of a {what}"))
            .next(format!("choose a name of {longest} bytes at most; a table can be named as SCHEMA.TABLE")))
    };
    names.schema.as_deref().map_or(Ok(()), |schema| check(schema, "schema", LONGEST_OF_ALL, '\0'))?;
    check(&names.table, "table", LONGEST, '.')
}

fn no_schema(address: &str) -> Error {
    Error::new(ErrorKind::Place, format!("{address}: no schema of the search path is there"))
        .next("name one in the address: ?schema=calls")
}

fn not_leased(account: &str) -> Error {
    Error::new(ErrorKind::Internal, format!("{account} is not leased by this run"))
}
