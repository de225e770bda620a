"""One HTTP POST to a provider, and the one question that matters when it fails: may the other side have read it?"""

import os
import ssl
import threading
from collections.abc import Iterator
from time import monotonic
from typing import cast

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from requests.utils import get_environ_proxies
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationValueError, NewConnectionError

from messaging.providers.base import ProviderError, Unavailable, Unclear

CONNECT_TIMEOUT = 5
DRIPPING = 5  # seconds that a body may go on after the time-out for its first byte; a batch's lease adds 15
PIECE = 1 << 16
HEADERS = {
    "User-Agent": "gongji",
    "Accept": "*/*",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "Accept-Encoding": "gzip, deflate",
}


def post_form(base_url: str, path: str, body: bytes, *, timeout: float) -> tuple[int, bytes]:
    """Status and bytes of the answer; Unavailable if no connection was made, Unclear if an answer was lost.

    Never repeats and never follows: a second POST of the same body would be a second text.
    """
    ends = monotonic() + timeout + DRIPPING
    try:
        pool, root = _line(base_url)
    except (OSError, HTTPError, ValueError) as error:
        raise Unavailable(f"no line: {type(error).__name__}") from None
    try:
        response = pool.urlopen(
            "POST",
            root + path,
            body,
            HEADERS,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=CONNECT_TIMEOUT, read=timeout),
            preload_content=False,
        )
        return response.status, _content(response, ends)
    except (OSError, HTTPError, ValueError) as error:
        # `from None`: the chained exceptions hold the request, and with it the key and the texts.
        raise lost(error) from None


def _content(response: BaseHTTPResponse, ends: float) -> bytes:
    """The whole body. The read time-out is of each piece: an answer that drips would outlive the batch's lease."""
    pieces = []
    try:
        while piece := response.read1(PIECE, decode_content=True):
            pieces.append(piece)
            if monotonic() > ends:
                raise TimeoutError("an answer without an end")
    except BaseException:
        response.close()
        raise
    return b"".join(pieces)


def lost(error: Exception) -> ProviderError:
    """Unavailable only if no connection was made; after that any loss may have followed a complete send."""
    name = type(error).__name__
    never_connected = (NewConnectionError, ConnectTimeoutError, ssl.SSLCertVerificationError)
    # Addresses that cannot be called at all. Not every ValueError: one is an answer with impossible headers.
    never_called = (InvalidURL, InvalidSchema, MissingSchema, LocationValueError)
    if isinstance(error, never_called) or any(isinstance(cause, never_connected) for cause in _causes(error)):
        return Unavailable(f"not connected: {name}")
    # A kept-alive connection that the other side closes just as we write to it lands here too.
    return Unclear(f"connection lost: {name}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exceptions wrapped in one another: urllib3 keeps the true one in `reason` or in the arguments."""
    todo: list[BaseException] = [error]
    seen: set[int] = set()
    while todo:
        cause = todo.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        linked = [cause.__cause__, getattr(cause, "reason", None), *cause.args]
        todo += [link for link in linked if isinstance(link, BaseException)]


_local = threading.local()


def _forget_lines() -> None:
    """A forked worker must not share its parent's open sockets: two processes would read each other's answers."""
    global _local
    _local = threading.local()


os.register_at_fork(after_in_child=_forget_lines)


def _line(base_url: str) -> tuple[HTTPConnectionPool, str]:
    """This thread's kept-alive connection to one host, and what the address of each call begins with."""
    lines = _local.__dict__.setdefault("lines", {})
    if base_url not in lines:
        lines[base_url] = _new_line(base_url)
    return lines[base_url]


def _new_line(base_url: str) -> tuple[HTTPConnectionPool, str]:
    """As requests would open it, with the environment's proxies and certificates, but once instead of for each call.

    No session: it would keep cookies (tenants share threads) and look into .netrc; half of a call was its work.
    """
    request = requests.Request("POST", base_url).prepare()
    adapter, proxies = HTTPAdapter(pool_connections=1, pool_maxsize=1), get_environ_proxies(base_url)
    verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    pool = adapter.get_connection_with_tls_context(request, verify, proxies=proxies)
    adapter.cert_verify(pool, request.url, verify, cert=None)
    return cast(HTTPConnectionPool, pool), adapter.request_url(request, proxies).rstrip("/")
