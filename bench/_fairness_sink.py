"""Aligo for two accounts: `python -m bench._fairness_sink PORT`. The big one's answers take 200 ms, or never come.

`GET /stall` lets the big one's calls hang from now on, `GET /arrived` tells when each single text came, by the
machine's monotonic clock, which all processes share.
"""

import asyncio
import itertools
import json
import sys
import time
from urllib.parse import parse_qs

_ids = itertools.count(1)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
WAIT = 0.2
arrived: dict[str, float] = {}
state = {"stalled": False, "hanging": 0}


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            body = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0))
            answer = _told(head) if head.startswith(b"get ") else await _taken(head, body)
            writer.write(_HEAD % len(answer) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _taken(head: bytes, body: bytes) -> bytes:
    if b"user_id=big" in body[:300]:
        if state["stalled"]:
            state["hanging"] += 1
            await asyncio.sleep(3600)
        await asyncio.sleep(WAIT)
    elif head.startswith(b"post /send"):
        arrived[parse_qs(body.decode())["msg"][0]] = time.monotonic()
    told = {"result_code": "1", "message": "success", "msg_id": str(next(_ids)), "success_cnt": 500, "error_cnt": 0}
    return json.dumps(told | {"msg_type": "SMS", "SMS_CNT": 9_000_000, "LMS_CNT": 1, "MMS_CNT": 1}).encode()


def _told(head: bytes) -> bytes:
    if head.startswith(b"get /stall"):
        state["stalled"] = True
    return json.dumps({"arrived": arrived, "hanging": state["hanging"]}).encode()


async def _run(port: int) -> None:
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 22)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
