"""The sandbox as one object: its memory, its clock, its choices, and which of its faces a request is for."""

import time
from typing import Any

from messaging.sandbox import control, endpoints, pages
from messaging.sandbox.faults import Faults
from messaging.sandbox.server import Request, Response
from messaging.sandbox.store import Store
from messaging.sandbox.switches import Switches


class Sandbox:
    """An app for `server.serve`: Aligo at its own paths, the control API under /_/, pages for people elsewhere.

    Without `control` only Aligo's own paths are there: nobody can look at texts, order faults or add money.
    """

    def __init__(self, path: str = ":memory:", *, control: bool = True) -> None:
        self.control = control
        self.store = Store(path)
        self.switches = Switches(self.store.settings())
        self.faults = Faults()

    def now(self) -> float:
        """Seconds since 1970 by the sandbox's own clock."""
        return time.time() + self.switches["clock_offset"]

    def change_switches(self, changes: dict[str, Any]) -> None:
        """Set switches and remember them; ValueError says what is wrong."""
        self.switches.update(changes)
        self.store.save_settings(self.switches.all())

    def reset(self) -> None:
        """As on the first day."""
        self.faults.clear()
        self.switches.reset()
        self.store.save_settings({})
        self.store.clear()

    def forget(self, days: int) -> None:
        """Delete texts taken more than so many days ago."""
        self.store.forget(self.now() - days * 86_400)

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def __call__(self, request: Request) -> Response:
        if request.path in endpoints.PATHS:
            return endpoints.answer(self, request)
        if not self.control:
            return Response(b"{}", 404)
        if request.path.startswith("/_/"):
            return control.answer(self, request)
        return pages.answer(self, request)
