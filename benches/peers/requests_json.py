"""requests and json: dicts."""

import sys

import requests

from pages import body, spans

session, rows = requests.Session(), 0
for start, end in spans():
    offset = 0
    while True:
        result = session.post(sys.argv[1], json=body(start, end, offset)).json()["result"]
        legs = result["data"]
        rows += len(legs)
        offset += len(legs)
        if not legs or offset >= result["metadata"]["total_items"]:
            break
print(rows)
