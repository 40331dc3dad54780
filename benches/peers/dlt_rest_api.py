"""dlt: its rest_api source into its Postgres destination, merged by id, as its documentation shows it."""

import os
import sys
import tempfile

import dlt
from dlt.sources.rest_api import rest_api_source

from pages import body, spans

endpoint, folder_of_socket = sys.argv[1], sys.argv[2]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


def resource(number, start, end):
    request = body(start, end, 0)
    return {
        "name": f"legs_{number}",
        "table_name": "call_legs",
        "write_disposition": "merge",
        "primary_key": "id",
        "endpoint": {
            "path": "",
            "method": "POST",
            "json": request,
            "data_selector": "result.data",
            "paginator": {
                "type": "offset",
                "limit": 10000,
                "offset_body_path": "params.offset",
                "limit_body_path": "params.limit",
                "total_path": "result.metadata.total_items",
            },
        },
    }


# A server on a socket that asks for no password; dlt wants a host and a password to be named all the same.
credentials = f"postgresql://postgres:none@localhost/postgres?host={folder_of_socket}"
source = rest_api_source(
    {
        "client": {"base_url": endpoint},
        "resources": [resource(number, start, end) for number, (start, end) in enumerate(spans())],
    }
)
with tempfile.TemporaryDirectory() as folder:
    pipeline = dlt.pipeline(
        pipeline_name="legs",
        pipelines_dir=folder,
        destination=dlt.destinations.postgres(credentials=credentials),
        dataset_name=f"dlt_{os.getpid()}",
    )
    pipeline.run(source)
    with pipeline.sql_client() as client:
        print(client.execute_sql("SELECT count(*) FROM call_legs")[0][0])
