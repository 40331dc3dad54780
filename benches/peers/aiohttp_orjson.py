"""aiohttp and orjson, four pages at a time: dicts."""

import asyncio
import sys

import aiohttp
import orjson

from pages import body, spans


async def page(session, start, end, offset):
    async with session.post(sys.argv[1], data=orjson.dumps(body(start, end, offset))) as reply:
        return orjson.loads(await reply.read())["result"]


async def main():
    rows = 0
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:
        for start, end in spans():
            first = await page(session, start, end, 0)
            rows += len(first["data"])
            offsets = list(range(10000, first["metadata"]["total_items"], 10000))
            for four in (offsets[at : at + 4] for at in range(0, len(offsets), 4)):
                for result in await asyncio.gather(*(page(session, start, end, offset) for offset in four)):
                    rows += len(result["data"])
    print(rows)


asyncio.run(main())
