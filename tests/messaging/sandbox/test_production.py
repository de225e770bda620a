"""As it runs in production: Aligo's own paths only, texts forgotten after some days, ids that are never given twice."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from messaging.sandbox.app import Sandbox
from messaging.sandbox.endpoints import FIRST_BALANCE
from messaging.sandbox.server import Request, Response

DAY = 86_400


@pytest.fixture
def closed() -> Iterator[Sandbox]:
    sandbox = Sandbox(control=False)
    yield sandbox
    sandbox.close()


def ask(sandbox: Sandbox, path: str, method: str = "GET", **form: str) -> Response:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return sandbox(Request(method, path, "", kind, urlencode(form).encode(), "127.0.0.1"))


def send(sandbox: Sandbox, **form: str) -> Response:
    whole = {
        "key": "k",
        "user_id": "sandbox-1",
        "sender": "0212345678",
        "receiver": "01012345678",
        "msg": "안녕",
    } | form
    return ask(sandbox, "/send/", "POST", **whole)


@pytest.mark.parametrize(
    "path", ["/", "/settings", "/to/01012345678", "/static/inbox.js", "/_/sent", "/_/accounts", "/_/"]
)
def test_without_control_texts_cannot_be_looked_at(closed: Sandbox, path: str) -> None:
    send(closed, msg="비밀")

    answer = ask(closed, path)

    assert (answer.status, "비밀".encode() in answer.body) == (404, False)


@pytest.mark.parametrize("path", ["/settings", "/_/reset", "/_/faults", "/_/switches"])
def test_without_control_nothing_can_be_changed(closed: Sandbox, path: str) -> None:
    assert ask(closed, path, "POST", deed="fault", fault="drop", times="1").status == 404
    assert b"success" in send(closed).body


def test_without_control_money_is_filled_up_again(closed: Sandbox) -> None:
    send(closed)
    closed.store.add_money("sandbox-1", -FIRST_BALANCE + 1_000)

    assert b"success" in send(closed, receiver=",".join(f"0101234{n:04d}" for n in range(1000))).body


def test_forget_deletes_what_is_older_and_never_the_last_id(closed: Sandbox) -> None:
    for msg in ("하나", "둘", "셋"):
        send(closed, msg=msg)
    closed.store.change("UPDATE batches SET created_at = created_at - ? WHERE msg != '셋'", 8 * DAY)

    closed.forget(7)
    left = [(row["mid"], row["msg"]) for row in closed.store.rows("SELECT * FROM batches")]
    closed.store.change("UPDATE batches SET created_at = created_at - ?", 8 * DAY)
    closed.forget(7)
    send(closed, msg="넷")

    assert left == [(900000003, "셋")]
    assert [row["mid"] for row in closed.store.rows("SELECT mid FROM batches ORDER BY mid")] == [900000003, 900000004]
    assert len(closed.store.rows("SELECT * FROM messages")) == 2


def test_a_file_begun_anew_gives_other_ids(tmp_path: Path) -> None:
    sandbox = Sandbox(str(tmp_path / "anew.sqlite3"))
    send(sandbox)

    assert sandbox.store.rows("SELECT mid FROM batches")[0]["mid"] > 1_700_000_000
    sandbox.close()
