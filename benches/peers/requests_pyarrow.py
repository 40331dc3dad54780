"""requests, json and pyarrow: a Parquet file, as an analyst writes it."""

import sys

import pyarrow as pa
import pyarrow.parquet as pq
import requests

from pages import FIELDS, body, spans

TEXTS = pa.list_(pa.string())
TYPES = {
    "id": pa.int64(), "call_session_id": pa.int64(), "employee_id": pa.int64(), "scenario_id": pa.int64(),
    "contact_id": pa.int64(), "action_id": pa.int64(), "group_id": pa.int64(), "employee_rating": pa.float64(),
    "duration": pa.int32(), "total_duration": pa.int32(), "release_cause_code": pa.int32(),
    "is_transfered": pa.bool_(), "is_operator": pa.bool_(), "is_coach": pa.bool_(), "is_failed": pa.bool_(),
    "is_talked": pa.bool_(), "call_records": TEXTS, "wav_call_records": TEXTS,
}
SCHEMA = pa.schema([(name, TYPES.get(name, pa.string())) for name in FIELDS])

session, rows = requests.Session(), 0
with pq.ParquetWriter(sys.argv[2], SCHEMA, compression="zstd") as writer:
    for start, end in spans():
        offset = 0
        while True:
            result = session.post(sys.argv[1], json=body(start, end, offset)).json()["result"]
            legs = result["data"]
            if legs:
                writer.write_table(pa.Table.from_pylist(legs, schema=SCHEMA))
            rows += len(legs)
            offset += len(legs)
            if not legs or offset >= result["metadata"]["total_items"]:
                break
print(rows)
