"""All results of a Parquet file of legs by the statements that `calllegs sql` prints for DuckDB; prints seconds.

Arguments: the file, and texts of `calllegs sql views` and `calllegs sql metrics`. The views of calls become a table first:
nineteen statements read it."""

import sys
import time

import duckdb

parquet, views, metrics = sys.argv[1], open(sys.argv[2]).read(), open(sys.argv[3]).read()
started = time.perf_counter()
connection = duckdb.connect()
connection.execute("SET threads = 2")
connection.execute(f"CREATE VIEW call_legs AS SELECT * FROM read_parquet('{parquet}')")
connection.execute(views)
statements = [section.split("\n", 1)[1] for section in metrics.split("-- name: ")[1:]]
rows = [len(connection.execute(sql).fetchall()) for sql in statements]
print(time.perf_counter() - started, len(rows), sum(rows))
