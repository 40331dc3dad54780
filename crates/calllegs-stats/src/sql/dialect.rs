//! The few words in which engines differ.

use chrono::NaiveDateTime;

use super::Life;

/// An engine of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// `DuckDB`.
    DuckDb,
    /// `PostgreSQL`, from version 14 on.
    Postgres,
    /// `SQLite`, from version 3.38 on.
    Sqlite,
    /// `ClickHouse`.
    ClickHouse,
    /// Apache `DataFusion`.
    DataFusion,
    /// Apache Spark, from version 3.4 on.
    Spark,
}

calllegs_core::words!(Dialect, "dialect");

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::DuckDb, Self::Postgres, Self::Sqlite, Self::ClickHouse, Self::DataFusion, Self::Spark];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
            Self::ClickHouse => "clickhouse",
            Self::DataFusion => "datafusion",
            Self::Spark => "spark",
        }
    }

    /// Where legs are, unless told otherwise. With `ClickHouse` it is the view that shows one version of each.
    pub(super) const fn legs(self) -> &'static str {
        match self {
            Self::ClickHouse => "call_legs_v",
            Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion | Self::Spark => "call_legs",
        }
    }

    /// What a statement that selects ends with. Without these settings `ClickHouse` takes 0 for the sum of nothing, and for
    /// what an outer join does not find.
    pub(super) const fn settings(self) -> &'static str {
        match self {
            Self::ClickHouse => "\nSETTINGS aggregate_functions_null_for_empty = 1, join_use_nulls = 1",
            Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion | Self::Spark => "",
        }
    }

    /// What has to be done before a view is made.
    pub(super) fn before(self, is_table: bool, life: Life) -> Vec<String> {
        let drop: &[&str] = match (self, is_table) {
            _ if life != Life::Kept => &[],
            (Self::Postgres, false) => {
                &["DROP MATERIALIZED VIEW IF EXISTS v_session", "DROP VIEW IF EXISTS v_leg"]
            }
            (Self::Postgres, true) => &["DROP MATERIALIZED VIEW IF EXISTS v_session"],
            (Self::Sqlite, false) => &["DROP VIEW IF EXISTS v_leg"],
            (Self::Sqlite, true) => &["DROP TABLE IF EXISTS v_session"],
            (Self::Spark, true) => &["DROP VIEW IF EXISTS v_session"],
            (Self::DuckDb | Self::ClickHouse | Self::DataFusion, _) | (Self::Spark, false) => &[],
        };
        drop.iter().map(|&statement| statement.to_owned()).collect()
    }

    /// The words before the name of a view.
    pub(super) const fn create(self, is_table: bool, life: Life) -> &'static str {
        match (self, is_table) {
            (Self::Postgres | Self::Sqlite, false) if !life.is_kept() => "CREATE TEMP VIEW",
            (Self::Postgres | Self::Sqlite, true) if !life.is_kept() => "CREATE TEMP TABLE",
            (Self::Postgres | Self::Sqlite, false) => "CREATE VIEW",
            (Self::Postgres, true) => "CREATE MATERIALIZED VIEW",
            (Self::Sqlite, true) => "CREATE TABLE",
            (Self::DuckDb | Self::ClickHouse | Self::DataFusion, false) => "CREATE OR REPLACE VIEW",
            (Self::DuckDb | Self::ClickHouse | Self::DataFusion, true) => "CREATE OR REPLACE TABLE",
            (Self::Spark, false) => "CREATE OR REPLACE TEMPORARY VIEW",
            (Self::Spark, true) => "CACHE TABLE",
        }
    }

    /// The words behind the name of a table.
    pub(super) const fn engine(self, is_table: bool) -> &'static str {
        match (self, is_table) {
            (Self::ClickHouse, true) => "\nENGINE = MergeTree ORDER BY (account, call_session_id)",
            (Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion | Self::Spark, _)
            | (_, false) => "",
        }
    }

    /// A text as a value.
    pub(super) fn text(self, text: &str) -> String {
        let text = match self {
            Self::ClickHouse | Self::Spark => text.replace('\\', "\\\\").replace('\'', "\\'"),
            Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion => text.replace('\'', "''"),
        };
        format!("'{text}'")
    }

    /// A moment of the wall clock as a value.
    pub(super) fn moment(self, at: NaiveDateTime) -> String {
        let at = at.format("%Y-%m-%d %H:%M:%S");
        match self {
            Self::DuckDb | Self::Postgres | Self::DataFusion => format!("TIMESTAMP '{at}'"),
            Self::Sqlite => format!("'{at}'"),
            Self::ClickHouse => format!("toDateTime('{at}', 'UTC')"),
            Self::Spark => format!("TIMESTAMP_NTZ '{at}'"),
        }
    }

    /// What the engine writes for a function of the texts; `None` where there is no such one.
    pub(super) fn call(self, name: &str, arguments: &[String]) -> Option<String> {
        Some(match (name, arguments) {
            ("PERCENT", [part, whole]) => self.quotient(&format!("100 * {}", term(part)), whole, 1),
            ("QUOTIENT", [dividend, divisor, places]) => {
                self.quotient(dividend, divisor, places.parse().ok()?)
            }
            ("FLOOR", [dividend, divisor]) => self.floor(dividend, divisor),
            ("MIN" | "MAX" | "SUM", [value, condition]) => {
                self.aggregate(&name.to_lowercase(), value, condition)
            }
            ("GREATEST", [a, b]) => match self {
                Self::Sqlite => format!("max({a}, {b})"),
                Self::DuckDb | Self::Postgres | Self::ClickHouse | Self::DataFusion | Self::Spark => {
                    format!("greatest({a}, {b})")
                }
            },
            // Without a default there is NULL before the first row, and ClickHouse has one for what is never NULL.
            ("LAG", [value]) => match self {
                Self::ClickHouse => format!("lag(toNullable({value}))"),
                Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion | Self::Spark => {
                    format!("lag({value})")
                }
            },
            // By their bytes, whatever the language of the database.
            ("WORDS", [value]) => match self {
                Self::Postgres => format!("{value} COLLATE \"C\""),
                Self::DuckDb | Self::Sqlite | Self::ClickHouse | Self::DataFusion | Self::Spark => {
                    value.clone()
                }
            },
            ("ITEMS", [list]) => match self {
                Self::DuckDb => format!("len({list})"),
                Self::Postgres | Self::DataFusion => format!("cardinality({list})"),
                Self::Sqlite => format!("json_array_length({list})"),
                Self::ClickHouse => format!("length({list})"),
                Self::Spark => format!("size({list})"),
            },
            ("INTEGER", [value]) => self.integer(value),
            ("HUNDREDTHS", [value]) => self.integer(&format!("round(100 * {value})")),
            (_, [time]) => self.time(name, time)?,
            _ => return None,
        })
    }

    /// The same for functions of a time.
    fn time(self, name: &str, time: &str) -> Option<String> {
        Some(match name {
            "EPOCH" => match self {
                Self::DuckDb | Self::Postgres | Self::DataFusion => {
                    format!("CAST(extract(epoch FROM {time}) AS bigint)")
                }
                Self::Sqlite => format!("unixepoch({time})"),
                Self::ClickHouse => format!("toInt64(toUnixTimestamp({time}))"),
                Self::Spark => {
                    format!("timestampdiff(SECOND, TIMESTAMP_NTZ '1970-01-01 00:00:00', {time})")
                }
            },
            "INSTANT" => match self {
                Self::Spark => {
                    format!("timestampdiff(SECOND, TIMESTAMP '1970-01-01 00:00:00Z', {time})")
                }
                Self::DuckDb | Self::Postgres | Self::Sqlite | Self::ClickHouse | Self::DataFusion => {
                    return self.time("EPOCH", time);
                }
            },
            "DAY" => match self {
                Self::Sqlite => format!("date({time})"),
                Self::ClickHouse => format!("toDate({time}, 'UTC')"),
                Self::DuckDb | Self::Postgres | Self::DataFusion | Self::Spark => {
                    format!("CAST({time} AS date)")
                }
            },
            "HOUR" => match self {
                Self::Sqlite => format!("CAST(strftime('%H', {time}) AS integer)"),
                Self::ClickHouse => format!("toHour({time}, 'UTC')"),
                Self::DuckDb | Self::Postgres | Self::DataFusion | Self::Spark => {
                    format!("CAST(extract(hour FROM {time}) AS integer)")
                }
            },
            "WEEKDAY" => match self {
                Self::Sqlite => format!("(CAST(strftime('%w', {time}) AS integer) + 6) % 7 + 1"),
                Self::ClickHouse => format!("toDayOfWeek({time}, 0, 'UTC')"),
                Self::Spark => format!("CAST(extract(dow_iso FROM {time}) AS integer)"),
                Self::DuckDb | Self::Postgres | Self::DataFusion => {
                    format!("CAST(extract(isodow FROM {time}) AS integer)")
                }
            },
            _ => return None,
        })
    }

    /// A quotient of integers with so many digits, a half rounded up; NULL where the divisor is 0.
    fn quotient(self, dividend: &str, divisor: &str, places: u32) -> String {
        let scale = 10_u64.checked_pow(places).unwrap_or(1);
        let (dividend, divisor) = (factor(dividend), term(divisor));
        let doubled = 2 * scale;
        let shift = |scaled: String, zeros: &str| match places {
            0 => scaled,
            _ => format!("{scaled} / {scale}{zeros}"),
        };
        match self {
            // Its integers divide towards zero, and by zero to NULL.
            Self::Sqlite => {
                let (above, below) =
                    (format!("({doubled} * {dividend} + {divisor})"), format!("(2 * {divisor})"));
                shift(format!("({above} / {below} - ({above} % {below} < 0))"), ".0")
            }
            Self::Postgres => {
                let scaled =
                    format!("floor(({doubled}.0 * {dividend} + {divisor}) / (2 * nullif({divisor}, 0)))");
                if places == 0 { scaled } else { format!("round({scaled} / {scale}, {places})") }
            }
            // A decimal would keep few digits of a quotient.
            Self::Spark => shift(
                format!("floor(({doubled}D * {dividend} + {divisor}) / (2 * nullif({divisor}, 0)))"),
                "",
            ),
            Self::DuckDb | Self::ClickHouse | Self::DataFusion => shift(
                format!("floor(({doubled}.0 * {dividend} + {divisor}) / (2 * nullif({divisor}, 0)))"),
                "",
            ),
        }
    }

    /// How often a number goes into another, towards the lesser.
    fn floor(self, dividend: &str, divisor: &str) -> String {
        let dividend = term(dividend);
        match self {
            Self::Sqlite => format!("({dividend} / {divisor} - ({dividend} % {divisor} < 0))"),
            Self::DuckDb | Self::Postgres | Self::ClickHouse | Self::DataFusion | Self::Spark => {
                format!("floor({dividend} / {divisor}.0)")
            }
        }
    }

    fn aggregate(self, name: &str, value: &str, condition: &str) -> String {
        match self {
            // Of nothing it is NULL only so.
            Self::ClickHouse => format!("{name}OrNullIf({value}, {condition})"),
            Self::DuckDb | Self::Postgres | Self::Sqlite | Self::DataFusion | Self::Spark => {
                format!("{name}({value}) FILTER (WHERE {condition})")
            }
        }
    }

    fn integer(self, value: &str) -> String {
        match self {
            Self::ClickHouse => format!("CAST({value} AS Nullable(Int64))"),
            Self::Sqlite => format!("CAST({value} AS integer)"),
            Self::DuckDb | Self::Postgres | Self::DataFusion | Self::Spark => {
                format!("CAST({value} AS bigint)")
            }
        }
    }
}

impl Life {
    const fn is_kept(self) -> bool {
        matches!(self, Self::Kept)
    }
}

/// As a part of a product, which another follows or precedes.
fn term(text: &str) -> String {
    let is_bare = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if is_bare || is_call(text) { text.to_owned() } else { format!("({text})") }
}

/// As a part of a product in front of which only a number stands.
fn factor(text: &str) -> String {
    let is_product = text.chars().all(|c| c.is_ascii_alphanumeric() || "_.* ".contains(c));
    if is_product { text.to_owned() } else { term(text) }
}

/// Whether all of it is one function of something.
fn is_call(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('(') else { return false };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name && rest.find(')').is_some_and(|at| at + 1 == rest.len())
}
