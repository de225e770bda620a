"""Aligo's /sms_list/ with its answers ready as bytes: `python -m bench._results_sink PORT BATCHES SIZE`.

The batch with the id m7 has the receivers `receivers(7, SIZE)`. `GET /spent` tells the CPU seconds since the last ask.
"""

import asyncio
import json
import sys
import time

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
# As Aligo writes JSON: all but ASCII escaped. Of 500 texts twelve did not arrive.
DELIVERED = r"\ubc1c\uc1a1\uc644\ub8cc"
FAILED = [r"\ubc1c/\ucc29\uc2e0 \ubc88\ud638 \uc5d0\ub7ec", r"\uac00\uc785\uc790\uc5c6\uc74c"]
FAILURES = 12


def receivers(batch: int, size: int) -> list[str]:
    """The numbers of a batch, which no other batch has."""
    first = 20_000_000 + batch * size
    return [f"010{number:08d}" for number in range(first, first + size)]


def answer(batch: int, size: int) -> bytes:
    """The whole answer, head included: one page of its receivers' rows."""
    rows = ",".join(_row(batch * size + n, phone, n) for n, phone in enumerate(receivers(batch, size)))
    body = f'{{"result_code":1,"message":"success","list":[{rows}],"next_yn":"N"}}'.encode()
    return _HEAD % len(body) + body


def _row(mdid: int, phone: str, n: int) -> str:
    state = FAILED[n % 2] if n % 41 == 7 and n // 41 < FAILURES else DELIVERED
    return (
        f'{{"mdid":"{3_200_000_000 + mdid}","type":"SMS","sender":"0237890123","receiver":"{phone}",'
        f'"sms_state":"{state}","reg_date":"2026-11-22 12:00:00","send_date":"2026-11-22 12:00:02","reserve_date":""}}'
    )


class Sink:
    def __init__(self, batches: int, size: int) -> None:
        self.answers = {b"m%d" % n: answer(n, size) for n in range(batches)}
        self.told_at = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                body = await reader.readexactly(length)
                writer.write(self.spent() if head.startswith(b"get ") else self.answers[_mid(body)])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def spent(self) -> bytes:
        now = time.process_time()
        body = json.dumps({"cpu": now - self.told_at}).encode()
        self.told_at = now
        return _HEAD % len(body) + body


def _mid(body: bytes) -> bytes:
    return body.partition(b"mid=")[2].partition(b"&")[0]


async def _run(port: int, batches: int, size: int) -> None:
    server = await asyncio.start_server(Sink(batches, size).serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(*map(int, sys.argv[1:])))
