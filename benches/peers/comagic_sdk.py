"""PyPI comagic-data-api-sdk: its typed rows. The address is an attribute of its client."""

import sys

from comagic import Comagic

from pages import KEY, spans

client, rows = Comagic(token=KEY), 0
client.API_URL = sys.argv[1]
for start, end in spans():
    offset = 0
    while True:
        legs = list(client.get_call_legs_report(start, end, limit=10000, offset=offset))
        rows += len(legs)
        offset += len(legs)
        if len(legs) < 10000:
            break
print(rows)
