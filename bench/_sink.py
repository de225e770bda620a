"""A bare asyncio sink that says "accepted" to every POST and parses nothing: `python -m bench._sink PORT`."""

import asyncio
import itertools
import sys

_ids = itertools.count(1)
_ANSWER = (
    b'{"result_code":"1","message":"success","msg_id":"%d","success_cnt":500,"error_cnt":0,"msg_type":"SMS",'
    b'"SMS_CNT":9000000,"LMS_CNT":9000000,"MMS_CNT":9000000}'
)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length or 0))
            answer = _ANSWER % next(_ids)
            writer.write(_HEAD % len(answer) + answer)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _run(port: int) -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", port, limit=1 << 22)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1])))
