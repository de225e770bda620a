"""HTTP/1.1 with keep-alive, one thread a connection. Ours, because faults need the bare socket."""

import socket
import socketserver
import struct
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol

MAX_BODY = 64 * 1024 * 1024
MAX_HEADERS = 100
IDLE_SECONDS = 75  # a kept-alive connection that says nothing for so long is closed


@dataclass(slots=True)
class Request:
    """What came in. Header names are in small letters."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    client_ip: str


@dataclass(slots=True)
class Response:
    """What goes out."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


class Hangup(Exception):
    """Close the connection without an answer; `reset` closes it rudely."""

    def __init__(self, *, reset: bool = False, partial: bytes = b"") -> None:
        super().__init__("hang up")
        self.reset = reset
        self.partial = partial


class BadRequest(Exception):
    """What came is not HTTP as we speak it."""


class App(Protocol):
    """Anything that answers requests; called from many threads."""

    def __call__(self, request: Request) -> Response: ...


class Handler(socketserver.StreamRequestHandler):
    """One connection, request after request until either side closes."""

    rbufsize = 256 * 1024
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: "Server"

    def handle(self) -> None:
        """Serve until the peer goes, asks to close, or breaks the protocol."""
        try:
            while (request := self._read()) is not None:
                response = self.server.app(request)
                keep = request.headers.get("connection", "").lower() != "close"
                self._write(response, keep=keep, head=request.method == "HEAD")
                if not keep:
                    return
        except BadRequest as error:
            self._write(Response(str(error).encode(), 400, "text/plain"), keep=False)
        except Hangup as hangup:
            self._hang_up(hangup)
        except OSError:
            return  # the peer has gone: nobody is left to answer

    def _read(self) -> Request | None:
        line = self.rfile.readline(65537)
        if not line.strip():
            return None
        try:
            method, target, version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequest("not a request line") from None
        if not version.startswith("HTTP/1."):
            raise BadRequest("not HTTP/1")
        headers = self._headers()
        if version == "HTTP/1.0":
            headers.setdefault("connection", "close")
        path, _, query = target.partition("?")
        return Request(method, path, query, headers, self._body(headers), str(self.client_address[0]))

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _ in range(MAX_HEADERS):
            line = self.rfile.readline(65537)
            if line in (b"\r\n", b"\n", b""):
                return headers
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        raise BadRequest("too many headers")

    def _body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" in headers:
            raise BadRequest("send a Content-Length")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MAX_BODY:
            raise BadRequest("a body too long")
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionError("the body ended early")
        return body

    def _write(self, response: Response, *, keep: bool, head: bool = False) -> None:
        lines = [
            f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}",
            f"Content-Type: {response.content_type}",
            f"Content-Length: {len(response.body)}",
            f"Connection: {'keep-alive' if keep else 'close'}",
            *(f"{name}: {value}" for name, value in response.headers.items()),
        ]
        # One write: a header packet waiting for its body meets the peer's delayed acknowledgement (40 ms a call).
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (b"" if head else response.body))

    def _hang_up(self, hangup: Hangup) -> None:
        if hangup.partial:
            self.wfile.write(hangup.partial)
        if hangup.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()


class Server(socketserver.ThreadingTCPServer):
    """Listens; its threads die with the process."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: App) -> None:
        self.app = app
        self.connection_count = 0
        super().__init__(address, Handler)

    @property
    def server_port(self) -> int:
        """The port it really listens on, where 0 was asked for."""
        return self.server_address[1]

    def process_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:  # type: ignore[override]
        """Count connections, so that a test can see whether clients keep theirs."""
        self.connection_count += 1
        super().process_request(request, client_address)


def serve(app: App, host: str, port: int) -> Server:
    """A bound server; port 0 takes a free one. The caller runs `serve_forever()`."""
    return Server((host, port), app)
