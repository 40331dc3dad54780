//! Listings other than legs in a database: a table for each, named as the report is, beside that of legs, and one ledger for
//! all of them. An account is leased for legs and listings alike.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use calllegs_arrow::{batches, schema::Column};
use calllegs_core::{Period, schema::MethodInfo};
use chrono::NaiveDateTime;
use postgres::{
    Transaction,
    types::{ToSql, Type},
};

use super::{
    Postgres,
    copy::{Rows, Version, copy_rows},
    not_leased, rows,
    statements::{ALONE, COLUMNS, Names, TABLES, VERSIONS, identifier, is_of_kind, kind, literal},
    trouble::Trouble,
};
use crate::{
    error::{Error, ErrorKind},
    layout::{FORMAT, VERSION, line},
    ledger::{Ledger, Window},
    listings::{ListingCounts, ListingLoad, Listings, Mirrors, Table},
    warehouse::Change,
};

/// The ledger of all of them.
const WINDOWS: &str = "_calllegs_report_windows";

/// Where rows wait for their upsert.
const STAGE: &str = "calllegs_report_stage";

impl Listings for Postgres {
    fn ledger_of(&mut self, method: &'static MethodInfo, account: &str) -> Result<Ledger, Error> {
        let table = Table::of(method);
        let lines = self.told(|place| {
            place.read(|transaction, names, _| {
                let schema = names.schema.clone().unwrap_or_default();
                let ledger = vec![WINDOWS];
                let about = [(&schema as &(dyn ToSql + Sync), Type::TEXT), (&ledger, Type::TEXT_ARRAY)];
                if transaction.query_typed(TABLES, &about)?.is_empty() {
                    return Ok(Vec::new());
                }
                let ever = (NaiveDateTime::MIN, NaiveDateTime::MAX);
                rows::lines(transaction, &names.report_lines(&table), account, ever)
            })
        });
        lines.map(Ledger::new)
    }

    fn prepare(&mut self, method: &'static MethodInfo) -> Result<(), Error> {
        self.told(|place| place.make_listing(&Table::of(method)))
    }

    fn put(&mut self, load: &ListingLoad<'_>) -> Result<ListingCounts, Error> {
        self.told(|place| place.put_listing(&Table::of(load.method), load))
    }
}

impl Postgres {
    fn make_listing(&mut self, table: &Table) -> Result<(), Trouble> {
        self.connect()?;
        let (names, creates) = (self.names.clone(), self.creates);
        let address = self.address.text.clone();
        let mut transaction = self.client()?.transaction()?;
        make(&mut transaction, &names, table, (&address, creates))?;
        transaction.commit()?;
        Ok(())
    }

    fn put_listing(&mut self, table: &Table, load: &ListingLoad<'_>) -> Result<ListingCounts, Trouble> {
        self.connect()?;
        let Some(run_id) = self.leases.get(load.account).cloned() else {
            return Err(not_leased(load.account).into());
        };
        let (names, here, creates) = (self.names.clone(), self.here.clone(), self.creates);
        let address = self.address.text.clone();
        let mut transaction = self.client()?.transaction()?;
        make(&mut transaction, &names, table, (&address, creates))?;
        here.renew(&mut transaction, &names, load.account, &run_id)?;
        let counts = put(&mut transaction, &names, table, load)?;
        transaction.commit()?;
        Ok(counts)
    }
}

/// Makes the table and the ledger, or what the table lacks.
fn make(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    (address, creates): (&str, bool),
) -> Result<(), Trouble> {
    if lacks(transaction, names, table, address)?.is_none() {
        return Ok(());
    }
    if creates {
        transaction.batch_execute(ALONE)?;
        // Another run may have made it while this one waited.
        if let Some(sql) = lacks(transaction, names, table, address)? {
            transaction.batch_execute(&sql)?;
        }
        return Ok(());
    }
    let what = format!("{address}: the table {} is not there, or lacks columns", names.of(table.name));
    Err(Error::new(ErrorKind::Place, what)
        .because("it was told to make none")
        .next("allow to make tables, once")
        .into())
}

/// What is to be done so that the table can take rows.
fn lacks(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    address: &str,
) -> Result<Option<String>, Trouble> {
    let schema = names.schema.clone().unwrap_or_default();
    let about = [(&schema as &(dyn ToSql + Sync), Type::TEXT), (&table.name, Type::TEXT)];
    let mut found = BTreeMap::new();
    for row in transaction.query_typed(COLUMNS, &about)? {
        found.insert(row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?);
    }
    if found.is_empty() {
        return Ok(Some(names.create_report(table)));
    }
    let conflict = || {
        let what = format!("{address} has a table {} of another program", names.of(table.name));
        Error::new(ErrorKind::Conflict, what).next("choose another schema, or give that table another name")
    };
    if table.name == names.table {
        return Err(conflict().because("legs are kept in it").into());
    }
    if ["account"].iter().chain(&VERSION).any(|name| !found.contains_key(*name)) {
        return Err(conflict().because("it lacks the columns by which a sync knows its rows").into());
    }
    let mut sql = String::new();
    for column in table.columns() {
        let (name, kind) = (column.name(), kind(column));
        match found.get(name) {
            Some(found) if is_of_kind(kind, found) => {}
            Some(found) => {
                let because = format!("its column {name} is {found}, and is to be {kind}");
                return Err(conflict().because(because).into());
            }
            None => sql.push_str(&names.add_report_column(table, column)),
        }
    }
    Ok(Some(sql).filter(|sql| !sql.is_empty()))
}

fn put(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    load: &ListingLoad<'_>,
) -> Result<ListingCounts, Trouble> {
    let Some(id) = table.id else { return replace(transaction, names, table, load) };
    let account = load.account;
    let known = known(transaction, names, table, account, load.reach())?;
    let changes = load.changes(&known);
    let has_replaced = write(transaction, names, table, load, &changes)?;
    let gone = load.gone(&known, |period| self::known(transaction, names, table, account, Some(period)))?;
    if load.removes() && !gone.is_empty() {
        let sql = format!(
            "DELETE FROM {} WHERE account = $1 AND {}::bigint = ANY($2)",
            names.of(table.name),
            identifier(id)
        );
        transaction.execute_typed(&sql, &[(&account, Type::TEXT), (&gone, Type::INT8_ARRAY)])?;
    }
    put_lines(transaction, names, table, account, &load.counted(&changes))?;
    Ok(ListingCounts { has_replaced, ..ListingCounts::of(&changes, gone.len() as u64) })
}

/// All rows of an account in the place of what is there. Nothing tells them apart: those that are the same stay, by what
/// they hold.
fn replace(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    load: &ListingLoad<'_>,
) -> Result<ListingCounts, Trouble> {
    if !matches!(load.mirrors, Mirrors::Everything) {
        return Err(Error::new(ErrorKind::Internal, format!("rows of {} have no number", table.name)).into());
    }
    let (report, account) = (names.of(table.name), load.account);
    let sql = format!("SELECT cl_row_hash, count(*) FROM {report} WHERE account = $1 GROUP BY cl_row_hash");
    let mut there = HashMap::new();
    for row in transaction.query_typed(&sql, &[(&account, Type::TEXT)])? {
        there.insert(row.try_get(0)?, row.try_get::<_, i64>(1)?.unsigned_abs());
    }
    let (kept, changes) = load.kept(there);
    // Before the new ones come, of which some may be like those that stay.
    let (hashes, counts): (Vec<i64>, Vec<i64>) =
        kept.into_iter().map(|(hash, count)| (hash, i64::try_from(count).unwrap_or(i64::MAX))).unzip();
    let sql = format!(
        "DELETE FROM {report} WHERE ctid IN (SELECT t.ctid FROM (SELECT ctid, cl_row_hash, \
         row_number() OVER (PARTITION BY cl_row_hash) AS place FROM {report} WHERE account = $1) t \
         LEFT JOIN unnest($2::bigint[], $3::bigint[]) AS k(hash, kept) ON k.hash = t.cl_row_hash \
         WHERE t.place > coalesce(k.kept, 0))"
    );
    let values: [(&(dyn ToSql + Sync), Type); 3] =
        [(&account, Type::TEXT), (&hashes, Type::INT8_ARRAY), (&counts, Type::INT8_ARRAY)];
    let gone = transaction.execute_typed(&sql, &values)?;
    let has_replaced = write(transaction, names, table, load, &changes)?;
    put_lines(transaction, names, table, account, &load.counted(&changes))?;
    Ok(ListingCounts { has_replaced, ..ListingCounts::of(&changes, gone) })
}

/// What the table has of the account, or of some of its time: numbers with hashes.
fn known(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    account: &str,
    period: Option<Period>,
) -> Result<HashMap<i64, i64>, Trouble> {
    let [from, till] =
        rows::bounds(period.map_or((NaiveDateTime::MIN, NaiveDateTime::MAX), |it| (it.from(), it.till())));
    let within = match (period, table.method.order()) {
        (Some(_), Some(order)) => {
            let order = identifier(order.name());
            format!("{order} >= $2 AND {order} < $3")
        }
        _ => "$2 <= $3".to_owned(),
    };
    let sql = format!(
        "SELECT {}::bigint, cl_row_hash FROM {} WHERE account = $1 AND {within}",
        identifier(table.id.unwrap_or_default()),
        names.of(table.name)
    );
    let values: [(&(dyn ToSql + Sync), Type); 3] =
        [(&account, Type::TEXT), (&from, Type::TIMESTAMP), (&till, Type::TIMESTAMP)];
    let rows = transaction.query_typed(&sql, &values)?;
    Ok(rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, postgres::Error>>()?)
}

/// Writes the rows that are new or differ, by way of a stage; tells whether a character was replaced.
fn write(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    load: &ListingLoad<'_>,
    changes: &[Change],
) -> Result<bool, Trouble> {
    if changes.iter().all(|change| *change == Change::None) {
        return Ok(false);
    }
    let report = names.of(table.name);
    let stage = format!("CREATE TEMP TABLE {STAGE} (LIKE {report}) ON COMMIT DROP");
    transaction.batch_execute(&stage)?;
    let columns: Vec<_> = columns(table).collect();
    let quoted = columns.join(", ");
    let batches = batches(load.rows).map_err(|error| Error::new(ErrorKind::Internal, error.to_string()))?;
    let rows = Rows { columns: table.columns(), batches: &batches, hashes: load.hashes, found: &[] };
    let version = Version { run_id: load.run_id, extracted_at: load.extracted_at };
    let copy = format!("COPY pg_temp.{STAGE} ({quoted}) FROM STDIN (FORMAT binary)");
    let has_replaced =
        copy_rows(transaction, &copy, &rows, version, (changes, |change| change != Change::None))?;
    let conflict = table.id.map(|id| {
        let id = identifier(id);
        let kept = |name: &&String| ![identifier("account"), identifier("cl_first_seen_at")].contains(name) && **name != id;
        let set: Vec<_> = columns.iter().filter(kept).map(|name| format!("{name} = excluded.{name}")).collect();
        let set = set.join(", ");
        format!(" ON CONFLICT (account, {id}) DO UPDATE SET {set} WHERE t.cl_extracted_at <= excluded.cl_extracted_at")
    });
    let sql = format!(
        "INSERT INTO {report} AS t ({quoted}) SELECT {quoted} FROM pg_temp.{STAGE}{}",
        conflict.unwrap_or_default()
    );
    transaction.execute_typed(&sql, &[])?;
    Ok(has_replaced)
}

fn put_lines(
    transaction: &mut Transaction<'_>,
    names: &Names,
    table: &Table,
    account: &str,
    lines: &[Window],
) -> Result<(), Trouble> {
    for line in lines {
        let [from, till] = rows::bounds((line.period.from(), line.period.till()));
        let values: [(&(dyn ToSql + Sync), Type); 3] =
            [(&account, Type::TEXT), (&from, Type::TIMESTAMP), (&till, Type::TIMESTAMP)];
        transaction.execute_typed(&names.remove_report_lines(table), &values)?;
    }
    rows::put_lines(transaction, &names.put_report_lines(table), account, lines)
}

/// All columns of a table, as the server reads them.
fn columns(table: &Table) -> impl Iterator<Item = String> {
    table.columns().iter().map(Column::name).chain(VERSION).map(identifier)
}

impl Names {
    fn create_report(&self, table: &Table) -> String {
        let report = self.of(table.name);
        let mut sql = self.create_report_windows();
        // Writing to a string does not fail.
        let _infallible = writeln!(sql, "CREATE TABLE {report} (");
        for column in table.columns() {
            let is_key = column.name() == "account" || table.id == Some(column.name());
            let null = if is_key { " NOT NULL" } else { "" };
            let _infallible = writeln!(sql, "  {} {}{null},", identifier(column.name()), kind(column));
        }
        let versions: Vec<_> =
            VERSIONS.iter().map(|(name, kind, _)| format!("  {name} {kind} NOT NULL")).collect();
        sql.push_str(&versions.join(",\n"));
        if let Some(id) = table.id {
            let _infallible = write!(sql, ",\n  PRIMARY KEY (account, {})", identifier(id));
        }
        sql.push_str("\n);\n");
        let index = |suffix: &str, columns: &str| {
            let index = identifier(&format!("{}_{suffix}_i", table.name));
            format!("CREATE INDEX {index} ON {report} ({columns});\n")
        };
        match (table.method.order(), table.id) {
            (Some(order), _) => {
                sql.push_str(&index("start", &format!("account, {}", identifier(order.name()))));
            }
            (None, None) => sql.push_str(&index("account", "account")),
            (None, Some(_)) => {}
        }
        let about = format!("One row per row of {}", table.method.name);
        let _infallible = writeln!(sql, "COMMENT ON TABLE {report} IS {};", literal(&about));
        for column in table.columns() {
            sql.push_str(&self.comment(table, column));
        }
        sql
    }

    fn comment(&self, table: &Table, column: &Column) -> String {
        let (report, name) = (self.of(table.name), identifier(column.name()));
        format!("COMMENT ON COLUMN {report}.{name} IS {};\n", literal(column.comment()))
    }

    fn add_report_column(&self, table: &Table, column: &Column) -> String {
        let (report, name) = (self.of(table.name), identifier(column.name()));
        format!("ALTER TABLE {report} ADD COLUMN {name} {};\n{}", kind(column), self.comment(table, column))
    }

    fn create_report_windows(&self) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
  report text NOT NULL, -- the table
  account text NOT NULL,
  win_from timestamp NOT NULL, -- wall clock of the account, inclusive; of a report without a period 1970
  win_till timestamp NOT NULL, -- exclusive
  status text NOT NULL, -- open | final
  total_items bigint NOT NULL, -- rows that the server counted
  legs bigint NOT NULL, -- rows that were received
  inserted bigint NOT NULL,
  changed bigint NOT NULL,
  content_hash text NOT NULL,
  points bigint NOT NULL,
  run_id text NOT NULL,
  fetched_at timestamptz NOT NULL,
  version text NOT NULL,
  PRIMARY KEY (report, account, win_from)
);
",
            self.of(WINDOWS)
        )
    }

    fn report_lines(&self, table: &Table) -> String {
        format!(
            "SELECT {} FROM {} WHERE report = {} AND account = $1 AND win_from <= $3 AND $2 <= win_till ORDER BY win_from",
            line(FORMAT),
            self.of(WINDOWS),
            literal(table.name)
        )
    }

    /// A report without a period has a line of no time.
    fn remove_report_lines(&self, table: &Table) -> String {
        format!(
            "DELETE FROM {} WHERE report = {} AND account = $1 AND (win_from = $2 OR (win_from < $3 AND $2 < win_till))",
            self.of(WINDOWS),
            literal(table.name)
        )
    }

    fn put_report_lines(&self, table: &Table) -> String {
        format!(
            "INSERT INTO {} SELECT {}, $1, * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            self.of(WINDOWS),
            literal(table.name)
        )
    }
}
