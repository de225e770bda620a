"""A bare asyncio server in Aligo's place: `python -m bench._sink PORT [--reads] [--wait SECONDS]`.

It says "accepted" to every POST and parses nothing. With `--reads` it takes each form apart as any server must, and
remembers who was sent what, so that a bench can ask whether everything came exactly once. `GET /spent` tells its CPU
seconds, `GET /taken` what came: both begin anew with `GET /forget`.
"""

import argparse
import asyncio
import itertools
import json
import time
from urllib.parse import parse_qsl

_ids = itertools.count(1)
_ANSWER = (
    b'{"result_code":"1","message":"success","msg_id":"%d","success_cnt":500,"error_cnt":0,"msg_type":"SMS",'
    b'"SMS_CNT":9000000,"LMS_CNT":9000000,"MMS_CNT":9000000}'
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


class Sink:
    """What came so far, by what the reader could see of it."""

    def __init__(self, reads: bool, wait: float) -> None:
        self.reads, self.wait = reads, wait
        self.forget()

    def forget(self) -> None:
        self.calls = self.texts = 0
        self.seen: set[int] = set()
        self.began = time.process_time()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                body = await reader.readexactly(length)
                answer = self.told(head) if head.startswith(b"get ") else await self.taken(body)
                writer.write(_HEAD % len(answer) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def taken(self, body: bytes) -> bytes:
        self.calls += 1
        if self.reads:
            self.read(body)
        if self.wait:
            await asyncio.sleep(self.wait)
        return _ANSWER % next(_ids)

    def read(self, body: bytes) -> None:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        if "receiver" in form:
            pairs = [(phone, form["msg"]) for phone in form["receiver"].split(",")]
        else:
            pairs = [(form[f"rec_{n}"], form[f"msg_{n}"]) for n in range(1, int(form.get("cnt", 0)) + 1)]
        self.texts += len(pairs)
        self.seen.update(map(hash, pairs))

    def told(self, head: bytes) -> bytes:
        if head.startswith(b"get /forget"):
            self.forget()
        told = {
            "calls": self.calls,
            "texts": self.texts,
            "different": len(self.seen),
            "cpu": time.process_time() - self.began,
        }
        return json.dumps(told).encode()


async def _run() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--reads", action="store_true")
    parser.add_argument("--wait", type=float, default=0)
    given = parser.parse_args()
    sink = Sink(given.reads, given.wait)
    server = await asyncio.start_server(sink.serve, "127.0.0.1", given.port, limit=1 << 22)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run())
