"""One HTTP POST to a provider, and the one question that matters when it fails: may the other side have read it?"""

import http.cookiejar
import os
import ssl
import threading
from collections.abc import Iterator
from time import monotonic

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema
from requests.utils import get_environ_proxies
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from messaging.providers.base import ProviderError, Unavailable, Unclear

CONNECT_TIMEOUT = 5
DRIPPING = 5  # seconds that a body may go on after the time-out for its first byte; a batch's lease adds 15
PIECE = 1 << 16
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def post_form(base_url: str, path: str, body: bytes, *, timeout: float) -> tuple[int, bytes]:
    """Status and bytes of the answer; Unavailable if no connection was made, Unclear if an answer was lost.

    Never repeats and never follows: a second POST of the same body would be a second text.
    """
    url = base_url.rstrip("/") + path
    ends = monotonic() + timeout + DRIPPING
    try:
        response = _session(base_url).post(
            url, data=body, timeout=(CONNECT_TIMEOUT, timeout), allow_redirects=False, stream=True
        )
        return response.status_code, _content(response, ends)
    except (OSError, HTTPError, ValueError) as error:
        # `from None`: the chained exceptions hold the request, and with it the key and the texts.
        raise lost(error) from None


def _content(response: requests.Response, ends: float) -> bytes:
    """The whole body. The read time-out is of each piece: an answer that drips would outlive the batch's lease."""
    pieces = []
    try:
        while piece := response.raw.read1(PIECE, decode_content=True):
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
    never_called = (InvalidURL, InvalidSchema, MissingSchema)
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


def _forget_sessions() -> None:
    """A forked worker must not share its parent's open sockets: two processes would read each other's answers."""
    global _local
    _local = threading.local()


os.register_at_fork(after_in_child=_forget_sessions)


def _session(base_url: str) -> requests.Session:
    """This thread's keep-alive session for one host, without cookies (tenants share threads) and without retries."""
    sessions = _local.__dict__.setdefault("sessions", {})
    if base_url not in sessions:
        sessions[base_url] = _new_session(base_url)
    return sessions[base_url]


def _new_session(base_url: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no .netrc over our own credentials, and no look at the environment on every call
    session.proxies = get_environ_proxies(base_url)
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=1, max_retries=0))
    session.headers.update({"User-Agent": "gongji", "Content-Type": FORM})
    return session
