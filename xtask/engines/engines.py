"""One engine over the legs of a folder: makes the table and the views, runs the statements of the results, and compares
them with those of SQLite, cell by cell. The folder has call_legs.parquet and calls.db with the same legs, and for each
dialect the texts that `calllegs sql` prints. Called by `cargo xtask engines`, once for each engine, SQLite first."""

import datetime
import decimal
import json
import os
import sys
import time
from pathlib import Path

FOLDER, ENGINE = Path(sys.argv[1]), sys.argv[2]
PARQUET = str(FOLDER / "call_legs.parquet")
REFERENCE = FOLDER / "sqlite.json"
# What the place that keeps legs adds to those that the API gives.
VERSION = {"cl_row_hash": "1", "cl_run_id": "'a run'", "cl_extracted_at": "now()", "cl_first_seen_at": "now()"}


def text(what):
    return (FOLDER / f"{ENGINE}.{what}.sql").read_text()


def statements(sql):
    return [statement for statement in sql.split(";\n") if statement.strip()]


def metrics():
    for section in text("metrics").split("-- name: ")[1:]:
        name, sql = section.split("\n", 1)
        yield name, sql.rstrip().removesuffix(";")


def columns():
    import pyarrow.parquet

    return [name for name in pyarrow.parquet.read_schema(PARQUET).names if not name.startswith("cl_")]


def insert(source):
    names = columns()
    selected = ", ".join(names + list(VERSION.values()))
    return f"INSERT INTO call_legs ({', '.join(names + list(VERSION))}) SELECT {selected} FROM {source}"


def sqlite():
    import sqlite3

    connection = sqlite3.connect(FOLDER / "calls.db")
    connection.executescript(text("views"))
    yield f"SQLite {sqlite3.sqlite_version}"
    yield lambda sql: connection.execute(sql).fetchall()


def duckdb():
    import duckdb

    connection = duckdb.connect()
    connection.execute(text("ddl"))
    connection.execute(insert(f"read_parquet('{PARQUET}')"))
    connection.execute(text("views"))
    yield f"DuckDB {duckdb.__version__}"
    yield lambda sql: connection.execute(sql).fetchall()


def datafusion():
    import datafusion

    context = datafusion.SessionContext()

    def run(sql):
        table = context.sql(sql).to_arrow_table()
        return list(zip(*(column.to_pylist() for column in table.columns)))

    for sql in statements(text("ddl").replace("'legs/'", f"'{PARQUET}'")) + statements(text("views")):
        run(sql)
    yield f"DataFusion {datafusion.__version__}"
    yield run


def clickhouse():
    import tempfile

    import chdb.session

    session = chdb.session.Session(tempfile.mkdtemp())

    def run(sql):
        answer = session.query(sql, "JSONCompactEachRow").bytes().decode()
        return [json.loads(line, parse_float=decimal.Decimal) for line in answer.splitlines()]

    session.query("CREATE DATABASE legs")
    session.query("USE legs")
    for sql in statements(text("ddl")) + [insert(f"file('{PARQUET}', Parquet)")] + statements(text("views")):
        session.query(sql)
    [[version]] = run("SELECT version()")
    yield f"ClickHouse {version}"
    yield run


def spark():
    import pyspark
    from pyspark.sql import SparkSession

    os.environ["SPARK_HOME"] = os.path.dirname(pyspark.__file__)
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(FOLDER / "warehouse"),
        # The zone of a machine is no zone of an account.
        "spark.sql.session.timeZone": "America/New_York",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        # A few thousand rows are not worth a compiler.
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.codegen.wholeStage": "false",
    }
    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("calllegs")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    for sql in statements(text("ddl").replace("'legs/'", f"'{PARQUET}'")) + statements(text("views")):
        session.sql(sql)
    # The driver is one of them.
    workers = session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
    yield f"Spark {pyspark.__version__}, {workers} workers"
    yield lambda sql: [tuple(row) for row in session.sql(sql).collect()]
    session.stop()


def plain(cell):
    """A cell that compares: numbers by value, days as text."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return decimal.Decimal(str(cell)).normalize()


def main():
    begin = time.monotonic()
    engine = globals()[ENGINE]()
    version = next(engine)
    run = next(engine)
    loaded = time.monotonic() - begin
    results = {name: [[plain(cell) for cell in row] for row in run(sql)] for name, sql in metrics()}
    next(engine, None)
    print(f"{version}: {len(results)} results, views in {loaded:.1f} s, results in {time.monotonic() - begin - loaded:.1f} s")
    if ENGINE == "sqlite":
        REFERENCE.write_text(json.dumps(results, default=str))
        return 0
    cells, different = 0, 0
    for name, expected in json.loads(REFERENCE.read_text()).items():
        found = [[None if cell is None else str(cell) for cell in row] for row in results[name]]
        if len(found) != len(expected):
            print(f"  {name}: {len(found)} rows, expected {len(expected)}")
            different += 1
        for place, (row, other) in enumerate(zip(found, expected)):
            cells += len(other)
            if row != other:
                print(f"  {name}, row {place}: {row}, expected {other}")
                different += 1
    print(f"  {cells} cells compared, {different} rows differ" if different else f"  {cells} cells are equal")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
