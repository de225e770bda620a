"""The ways to fail, on order: which fault, on which calls, how many times."""

import threading
from dataclasses import asdict, dataclass
from typing import Any

SENDING = ("send", "send_mass")

# name: what the client meets. Those marked * happen after the batch was taken, unless `accept` is false.
FAULTS = {
    "drop": "* the connection closes without an answer",
    "reset": "* the connection is reset without an answer",
    "slow": "* the answer comes after `seconds`",
    "late": "the batch is taken only after `seconds`, when the client may have given up",
    "html": "* 200 with an HTML page",
    "empty": "* 200 with nothing",
    "truncated": "* 200 with half of its JSON",
    "cut": "* the connection closes in the middle of the answer",
    "server_error": "* 500 with an HTML page",
    "bad_gateway": "* 502 with an HTML page",
    "unavailable": "* 503 with an HTML page",
    "redirect": "* 302 to another address",
    "no_msg_id": "* result_code 1 without msg_id",
    "zero_success": "* result_code 1 with success_cnt 0",
    "partial_error": "the last `count` receivers fail at once (error_cnt)",
    "list_lag": "the batch is taken but shows in /list/ only after `seconds`",
    "result_word": "the batch's texts show `word` for ever",
    "balance_out": "-201 although there is money",
    "ip_removed": "-101 -IP although the address was registered",
    "sender_removed": "-103 although the sender was registered",
    "unusable": "-102",
    "code": "the negative `code` with `word` as message",
    "page_shift": "a new row arrives while /list/ is being paged (on pages after the first)",
}


@dataclass(slots=True)
class Fault:
    """One order. Without `endpoint` it is for sends; without `user_id` for anyone; the first `skip` calls pass."""

    fault: str
    times: int = 1
    skip: int = 0
    user_id: str = ""
    endpoint: str = ""
    accept: bool = True
    seconds: float = 1
    count: int = 1
    code: int = -999
    word: str = ""

    def fits(self, endpoint: str, user_id: str) -> bool:
        """Whether a call is one of those meant."""
        usual = ("list",) if self.fault == "page_shift" else SENDING
        right_place = endpoint == self.endpoint if self.endpoint else endpoint in usual
        return right_place and self.user_id in ("", user_id)


class Faults:
    """Orders in the sequence given; each call uses up at most one."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, order: dict[str, Any]) -> Fault:
        """Take an order; ValueError if its name or a field is unknown."""
        try:
            fault = Fault(**order)
        except TypeError as error:
            raise ValueError(str(error)) from None
        if fault.fault not in FAULTS:
            raise ValueError(f"no fault {fault.fault}: {', '.join(FAULTS)}")
        with self._lock:
            self._orders.append(fault)
        return fault

    def take(self, endpoint: str, user_id: str) -> Fault | None:
        """The fault for this call, if any."""
        with self._lock:
            for fault in self._orders:
                if not fault.fits(endpoint, user_id):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._orders.remove(fault)
                return fault
        return None

    def all(self) -> list[dict[str, Any]]:
        """The orders not used up yet."""
        with self._lock:
            return [asdict(fault) for fault in self._orders]

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()
