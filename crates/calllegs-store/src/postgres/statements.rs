//! The SQL of PostgreSQL: the tables, and what is done to them. The columns of legs are those of the column table, in its
//! order.

use std::fmt::Write as _;

use calllegs_arrow::schema::{Column, ColumnKind, Source};
use chrono::NaiveDateTime;

use crate::layout::{self, FORMAT, VERSION, is_required, known_columns};

/// Where rows wait for their upsert.
const STAGE: &str = "pg_temp.calllegs_stage";

/// Begins the comment of a column that holds such a field: a column of somebody else is never written.
pub(super) const FOUND: &str = "A field of the API that calllegs does not know yet";

/// The table of legs, and the schema of all tables.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// That of the server's search path where there is none.
    pub(super) schema: Option<String>,
    pub(super) table: String,
}

impl Names {
    pub(super) fn of(&self, table: &str) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", identifier(schema), identifier(table)),
            None => identifier(table),
        }
    }

    pub(super) fn legs(&self) -> String {
        self.of(&self.table)
    }

    /// What makes the table of legs.
    pub(super) fn create_legs(&self, is_partitioned: bool) -> String {
        let legs = self.legs();
        let mut sql = format!("CREATE TABLE {legs} (\n");
        // Writing to a string does not fail.
        for column in Column::all() {
            let null = if is_required(column) { " NOT NULL" } else { "" };
            let _infallible = writeln!(sql, "  {} {}{null},", column.name(), kind(column));
        }
        for (name, kind, _) in VERSIONS {
            let _infallible = writeln!(sql, "  {name} {kind} NOT NULL,");
        }
        sql.push_str(if is_partitioned {
            "  PRIMARY KEY (account, id, start_time)\n) PARTITION BY RANGE (start_time);\n"
        } else {
            "  PRIMARY KEY (account, id)\n);\n"
        });
        sql.push_str(&self.create_index(START));
        let _infallible = writeln!(
            sql,
            "COMMENT ON TABLE {legs} IS 'One row per leg of a call session (get.call_legs_report)';"
        );
        let columns = Column::all().iter().map(|column| (column.name(), column.comment()));
        for (name, comment) in columns.chain(VERSIONS.map(|(name, _, comment)| (name, comment))) {
            let _infallible = writeln!(sql, "COMMENT ON COLUMN {legs}.{name} IS {};", literal(comment));
        }
        sql
    }

    /// What makes the indexes that a first load does without.
    pub(super) fn create_indexes(&self) -> String {
        LATER.map(|index| self.create_index(index)).concat()
    }

    fn create_index(&self, (suffix, columns): (&str, &str)) -> String {
        let index = identifier(&format!("{}_{suffix}_i", self.table));
        format!("CREATE INDEX IF NOT EXISTS {index} ON {} {columns};\n", self.legs())
    }

    /// Notes that the first load is to end with the indexes.
    pub(super) fn note_due(&self) -> String {
        format!("INSERT INTO {} VALUES ('{DUE}', 'due') ON CONFLICT (key) DO NOTHING;", self.of(META))
    }

    pub(super) fn forget_due(&self) -> String {
        format!("DELETE FROM {} WHERE key = '{DUE}'", self.of(META))
    }

    /// What brings a ledger of an older format up to date.
    pub(super) fn upgrade(&self, format: i64) -> String {
        let added = layout::lacking(format);
        let added =
            added.map(|(_, column)| format!("ALTER TABLE {} ADD COLUMN {column}; ", self.of(WINDOWS)));
        let meta = self.of(META);
        format!("{}UPDATE {meta} SET value = '{FORMAT}' WHERE key = 'format'", added.collect::<String>())
    }

    /// What makes the other tables.
    pub(super) fn create_rest(&self) -> String {
        let mut added = String::new();
        for (_, column) in layout::lacking(1) {
            let _infallible = writeln!(added, "  {column},");
        }
        format!(
            "CREATE TABLE IF NOT EXISTS {windows} (
  account text NOT NULL,
  win_from timestamp NOT NULL, -- wall clock of the account, inclusive
  win_till timestamp NOT NULL, -- exclusive
  status text NOT NULL, -- open | unverified | final
  total_items bigint NOT NULL, -- legs that the server counted
  legs bigint NOT NULL, -- legs that were received
  inserted bigint NOT NULL,
  changed bigint NOT NULL,
  content_hash text NOT NULL,
  points bigint NOT NULL,
  run_id text NOT NULL,
  fetched_at timestamptz NOT NULL,
{added}  PRIMARY KEY (account, win_from)
);
CREATE TABLE IF NOT EXISTS {lateness} (
  account text NOT NULL,
  field text NOT NULL, -- what changed after it was first received; 'new leg' for a leg that came late
  age_hours bigint NOT NULL, -- age of the leg when that was seen: less than this
  legs bigint NOT NULL,
  PRIMARY KEY (account, field, age_hours)
);
CREATE TABLE IF NOT EXISTS {leases} (
  account text PRIMARY KEY,
  run_id text NOT NULL,
  pid bigint NOT NULL,
  host text NOT NULL,
  machine text NOT NULL, -- in which pid is a process
  taken_at timestamptz NOT NULL,
  renewed_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS {meta} (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO {meta} VALUES ('format', '{FORMAT}'), ('table', {table}) ON CONFLICT (key) DO NOTHING;
",
            windows = self.of(WINDOWS),
            lateness = self.of(LATENESS),
            leases = self.of(LEASES),
            meta = self.of(META),
            table = literal(&self.table),
        )
    }

    pub(super) fn add_column(&self, name: &str) -> String {
        let (legs, column) = (self.legs(), identifier(name));
        format!(
            "ALTER TABLE {legs} ADD COLUMN {column} text; COMMENT ON COLUMN {legs}.{column} IS {};",
            literal(&format!("{FOUND} (added by calllegs)"))
        )
    }

    /// Rows in the binary format, straight into the table.
    pub(super) fn copy(&self, found: &[String]) -> String {
        format!("COPY {} ({}) FROM STDIN (FORMAT binary)", self.legs(), columns(found).join(", "))
    }

    pub(super) fn create_stage(&self) -> String {
        format!("CREATE TEMP TABLE calllegs_stage (LIKE {}) ON COMMIT DROP", self.legs())
    }

    /// Ids of staged rows that take the place of one that is there, its start, and fields in which the two differ.
    pub(super) fn differing(&self) -> String {
        let fields = Column::all().iter().filter(|column| matches!(column.source(), Source::Field(_)));
        let cases: Vec<_> = fields
            .map(|column| {
                let name = column.name();
                format!("CASE WHEN t.{name} IS DISTINCT FROM s.{name} THEN '{name}' END")
            })
            .collect();
        format!(
            "SELECT s.start_time, concat_ws(' ', {}) FROM {STAGE} s JOIN {} t ON t.account = s.account AND t.id = s.id \
             WHERE {NEWER_STAGED}",
            cases.join(", "),
            self.legs()
        )
    }

    /// Writes staged rows that are new or that differ. An older version never takes the place of a newer one.
    pub(super) fn upsert(&self, found: &[String], is_partitioned: bool, is_altered: bool) -> String {
        let names = columns(found);
        let kept = ["\"account\"", "\"id\"", "\"cl_first_seen_at\""];
        let changes: Vec<_> = names
            .iter()
            .filter(|name| !kept.contains(&name.as_str()))
            .filter(|name| !(is_partitioned && *name == "\"start_time\""))
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        let names = names.join(", ");
        format!(
            "INSERT INTO {} AS t ({names}) SELECT {names} FROM {STAGE} ON CONFLICT ({}) DO UPDATE SET {} \
             WHERE {}t.cl_extracted_at <= excluded.cl_extracted_at",
            self.legs(),
            if is_partitioned { "account, id, start_time" } else { "account, id" },
            changes.join(", "),
            if is_altered { "" } else { "t.cl_row_hash <> excluded.cl_row_hash AND " }
        )
    }

    /// Removes legs of an account that start at another time than these.
    pub(super) fn remove_moved(&self) -> String {
        format!(
            "DELETE FROM {} t USING unnest($2::bigint[], $3::timestamp[]) AS s(id, start_time) \
             WHERE t.account = $1 AND t.id = s.id AND t.start_time <> s.start_time",
            self.legs()
        )
    }

    /// Ids of staged rows that are there with other values, whatever their hashes say.
    pub(super) fn altered(&self) -> String {
        let fields = Column::all().iter().filter(|column| matches!(column.source(), Source::Field(_)));
        let differs: Vec<_> =
            fields.map(|column| format!("t.{0} IS DISTINCT FROM s.{0}", column.name())).collect();
        format!(
            "SELECT s.id FROM {STAGE} s JOIN {} t ON t.account = s.account AND t.id = s.id WHERE {}",
            self.legs(),
            differs.join(" OR ")
        )
    }

    /// Ids and row hashes in the binary format, which takes no parameters.
    pub(super) fn copy_hashes(&self, account: &str, from: NaiveDateTime, till: NaiveDateTime) -> String {
        // Whatever the server takes a backslash for.
        let account = literal(&account.replace('\\', "\\\\"));
        let moment = |time: NaiveDateTime| time.format("timestamp '%Y-%m-%d %H:%M:%S%.6f'").to_string();
        format!(
            "COPY (SELECT id, cl_row_hash FROM {} WHERE account = E{account} AND start_time >= {} AND start_time < {}) \
             TO STDOUT (FORMAT binary)",
            self.legs(),
            moment(from),
            moment(till)
        )
    }

    pub(super) fn hashes_of(&self) -> String {
        format!("SELECT id, cl_row_hash FROM {} WHERE account = $1 AND id = ANY($2)", self.legs())
    }

    pub(super) fn remove(&self) -> String {
        format!("DELETE FROM {} WHERE account = $1 AND id = ANY($2)", self.legs())
    }

    pub(super) fn accounts(&self) -> String {
        format!("SELECT DISTINCT account FROM {} ORDER BY account", self.of(WINDOWS))
    }

    pub(super) fn lateness(&self) -> String {
        format!(
            "SELECT field, age_hours, legs FROM {} WHERE account = $1 ORDER BY field, age_hours",
            self.of(LATENESS)
        )
    }

    pub(super) fn add_lateness(&self) -> String {
        format!(
            "INSERT INTO {} AS t SELECT $1, * FROM unnest($2, $3, $4) \
             ON CONFLICT (account, field, age_hours) DO UPDATE SET legs = t.legs + excluded.legs",
            self.of(LATENESS)
        )
    }

    /// Lines that overlap a stretch of time, of a ledger of this format.
    pub(super) fn lines(&self, format: i64) -> String {
        format!(
            "SELECT {} FROM {} WHERE account = $1 AND win_from < $3 AND $2 < win_till ORDER BY win_from",
            layout::line(format),
            self.of(WINDOWS)
        )
    }

    pub(super) fn remove_lines(&self) -> String {
        format!("DELETE FROM {} WHERE account = $1 AND win_from < $3 AND $2 < win_till", self.of(WINDOWS))
    }

    pub(super) fn put_lines(&self) -> String {
        format!(
            "INSERT INTO {} SELECT $1, * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            self.of(WINDOWS)
        )
    }

    pub(super) fn take_lease(&self) -> String {
        format!(
            "INSERT INTO {} SELECT $1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp() \
             ON CONFLICT (account) DO NOTHING",
            self.of(LEASES)
        )
    }

    /// Who has it. With `FOR UPDATE SKIP LOCKED` there is no row when that run is writing now.
    pub(super) fn holder(&self, lock: &str) -> String {
        format!(
            "SELECT run_id, pid, host, machine, extract(epoch FROM clock_timestamp() - taken_at)::bigint, \
             extract(epoch FROM clock_timestamp() - renewed_at)::bigint FROM {} WHERE account = $1 {lock}",
            self.of(LEASES)
        )
    }

    pub(super) fn take_over(&self) -> String {
        format!(
            "UPDATE {} SET run_id = $2, pid = $3, host = $4, machine = $5, taken_at = clock_timestamp(), \
             renewed_at = clock_timestamp() WHERE account = $1",
            self.of(LEASES)
        )
    }

    /// Locks the lease until the end of the transaction.
    pub(super) fn renew(&self) -> String {
        format!(
            "UPDATE {} SET renewed_at = clock_timestamp() \
             WHERE account = $1 AND run_id = $2 AND pid = $3 AND machine = $4",
            self.of(LEASES)
        )
    }

    pub(super) fn release(&self) -> String {
        format!(
            "DELETE FROM {} WHERE account = $1 AND run_id = $2 AND pid = $3 AND machine = $4",
            self.of(LEASES)
        )
    }

    pub(super) fn meta(&self) -> String {
        format!("SELECT value FROM {} WHERE key = $1", self.of(META))
    }

    /// A partition for the month that begins on this day.
    pub(super) fn partition(&self, from: chrono::NaiveDate, till: chrono::NaiveDate) -> String {
        let name = format!("{}_{}", self.table, from.format("%Y_%m"));
        format!(
            "CREATE TABLE IF NOT EXISTS {} PARTITION OF {} FOR VALUES FROM ('{from}') TO ('{till}')",
            self.of(&name),
            self.legs()
        )
    }
}

pub(super) const WINDOWS: &str = "_calllegs_windows";
pub(super) const LATENESS: &str = "_calllegs_lateness";
pub(super) const LEASES: &str = "_calllegs_leases";
pub(super) const META: &str = "_calllegs_meta";

/// Notes in the table of notes that indexes are to be made.
pub(super) const DUE: &str = "indexes";

/// By what legs are looked up while they are loaded.
const START: (&str, &str) = ("start", "(account, start_time)");

/// By what readers look them up. To keep these while a table is filled costs a third of the time.
const LATER: [(&str, &str); 2] = [
    ("session", "(account, call_session_id)"),
    ("contact", "(contact_phone_number, start_time) WHERE contact_phone_number IS NOT NULL"),
];

/// The tables of a schema that are of these names, and whether they have partitions.
pub(super) const TABLES: &str = "SELECT c.relname::text, c.relkind = 'p' FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = ANY($2)";

/// Columns of a table: name, type, comment.
pub(super) const COLUMNS: &str = "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, NULL), \
    pg_catalog.col_description(c.oid, a.attnum) FROM pg_catalog.pg_attribute a \
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// One run makes tables at a time. Ends with the transaction.
pub(super) const ALONE: &str = "SELECT pg_advisory_xact_lock(4774451407313060)";

/// Rows in the binary format, into the stage.
pub(super) fn copy_stage(found: &[String]) -> String {
    format!("COPY {STAGE} ({}) FROM STDIN (FORMAT binary)", columns(found).join(", "))
}

const NEWER_STAGED: &str = "t.cl_row_hash <> s.cl_row_hash AND t.cl_extracted_at <= s.cl_extracted_at";

pub(super) const VERSIONS: [(&str, &str, &str); 4] = [
    (VERSION[0], "bigint", "Hash of the row as received, for change detection"),
    (VERSION[1], "text", "Run that wrote this version"),
    (VERSION[2], "timestamptz", "When this version was received"),
    (VERSION[3], "timestamptz", "When the leg was received for the first time"),
];

/// The type of a column.
pub(super) fn kind(column: &Column) -> &'static str {
    match column.kind() {
        _ if column.source() == Source::Extra || column.is_json() => "jsonb",
        ColumnKind::Boolean => "boolean",
        ColumnKind::Double => "numeric",
        ColumnKind::Instant => "timestamptz",
        ColumnKind::Int32 => "integer",
        ColumnKind::Int64 => "bigint",
        ColumnKind::TextList => "text[]",
        ColumnKind::WallTime => "timestamp",
        ColumnKind::Text | _ => "text",
    }
}

/// Whether a column that every table has can have this type, as the server calls it.
pub(super) fn is_kind(name: &str, found: &str) -> bool {
    let column = Column::all().iter().find(|column| column.name() == name);
    let version = || VERSIONS.iter().find(|(known, ..)| *known == name).map(|(_, kind, _)| *kind);
    column.map(kind).or_else(version).is_none_or(|kind| is_of_kind(kind, found))
}

/// Whether a column that is to have this type can have the other, as the server calls it.
pub(super) fn is_of_kind(kind: &str, found: &str) -> bool {
    match kind {
        "timestamp" => found == "timestamp without time zone",
        "timestamptz" => found == "timestamp with time zone",
        "text" => found == "text" || found == "character varying",
        kind => found == kind,
    }
}

/// The type that a column is to have.
pub(super) fn kind_of(name: &str) -> &'static str {
    let column = Column::all().iter().find(|column| column.name() == name);
    column.map_or("another type", kind)
}

fn columns(found: &[String]) -> Vec<String> {
    known_columns().map(identifier).chain(found.iter().map(|name| identifier(name))).collect()
}

pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
