"""A real Aligo sandbox on a free port of this process: `aligo_sandbox` is empty and faultless as a test begins.

`tests/conftest.py` imports both fixtures, so that every test may ask for `aligo_sandbox`.
"""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from messaging.providers.base import Account
from messaging.sandbox.app import Sandbox
from messaging.sandbox.control import ACTIONS
from messaging.sandbox.server import Server, serve

SENDER = "0237890123"


class AligoSandbox:
    """The strings behind the look-alike. The same can be had over HTTP under `url` + `/_/`."""

    def __init__(self, sandbox: Sandbox, server: Server) -> None:
        self.sandbox = sandbox
        self.server = server
        self.url = f"http://127.0.0.1:{server.server_port}"

    def account(
        self,
        user_id: str = "hanbit",
        api_key: str = "test-key-0123456789abcdef",
        *,
        senders: list[str] | None = None,
        balance_won: float = 84_000,
        ips: list[str] | None = None,
        usable: bool = True,
        timeout: float = 2,
    ) -> Account:
        """Register (or replace) an account, with the sender 0237890123 unless told, and return it for the provider."""
        given = {"user_id": user_id, "key": api_key, "ips": ips or [], "usable": usable, "balance_won": balance_won}
        self._do("accounts", **given, senders=[SENDER] if senders is None else senders)
        return Account(base_url=self.url, user_id=user_id, api_key=api_key, timeout=timeout)

    def fault(self, name: str, **order: Any) -> None:
        """Order one: times=, skip=, user_id=, endpoint=, accept=, seconds=, count=, code=, word= (see faults.py)."""
        self._do("faults", fault=name, **order)

    def switch(self, **changes: Any) -> None:
        """Set switches (see switches.py); they are back at their defaults in the next test."""
        self._do("switches", **changes)

    def deliver(self, word: str | None = None, **which: Any) -> None:
        """Make results known now; with `word` as that word; mid= or receiver= for some only."""
        self._do("deliver", **({"word": word} if word is not None else {}), **which)

    def sent(self, user_id: str = "") -> list[dict[str, Any]]:
        """What was taken, a row a text: mid, mdid, user_id, sender, type, title, receiver, text, handset, word."""
        return self.summary(user_id)["rows"]

    def summary(self, user_id: str = "") -> dict[str, Any]:
        """batches, messages, receivers, repeated (same account, receiver and text more than once), rows."""
        return ACTIONS["GET", "sent"](self.sandbox, {"user_id": user_id})

    def _do(self, action: str, **given: Any) -> None:
        ACTIONS["POST", action](self.sandbox, given)


@pytest.fixture(scope="session")
def aligo_server() -> Iterator[AligoSandbox]:
    """One sandbox a test process."""
    sandbox = Sandbox()
    server = serve(sandbox, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield AligoSandbox(sandbox, server)
    server.shutdown()
    server.server_close()
    sandbox.close()


@pytest.fixture
def aligo_sandbox(aligo_server: AligoSandbox) -> AligoSandbox:
    """The sandbox as on its first day: no accounts but sandbox-..., no faults, strict switches, results after 2 s."""
    aligo_server.sandbox.reset()
    return aligo_server
