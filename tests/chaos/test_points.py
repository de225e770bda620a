"""The arms of a chaos run: a process dies or freezes at a point it was told, and only where that is allowed."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env as read
from messaging import points
from tests.chaos.children import ROOT
from tests.chaos.stage import named_points

REACH = "import django; django.setup(); from messaging.points import reached; reached('a.b'); print('lived')"


def reach(**env: str) -> subprocess.CompletedProcess[str]:
    """A process with production's settings that reaches the point a.b."""
    given = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": "sqlite:///:memory:"} | env
    return subprocess.run([sys.executable, "-c", REACH], env=given, cwd=ROOT, capture_output=True, text=True)


def test_reached_dies_where_it_was_told() -> None:
    died = reach(GONGJI_CHAOS="1", DIE_AT="a.b:1,c.d:0")

    assert (died.returncode, died.stdout) == (-signal.SIGKILL, "")
    assert died.stderr.splitlines()[-1] == "die at a.b"


def test_reached_is_nothing_elsewhere() -> None:
    assert reach(GONGJI_CHAOS="1", DIE_AT="c.d:1").stdout == "lived\n"


def test_die_at_is_refused_outside_tests() -> None:
    refused = reach(DIE_AT="a.b:1")

    assert refused.returncode == 1 and "DIE_AT is for tests only" in refused.stderr


@pytest.mark.parametrize("value", ["a.b", "a.b:often", "a.b:1:sleep", "a.b:1:die:2"])
def test_die_at_bad_value_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIE_AT", value)

    with pytest.raises(ImproperlyConfigured, match="DIE_AT"):
        read.die_at(testing=True)


def test_reached_pauses_itself_where_it_was_told(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    sent: list[int] = []
    monkeypatch.setattr(points.os, "kill", lambda _pid, number: sent.append(number))
    settings.DIE_AT = {"a.b": (1.0, "pause")}

    for _twice in range(2):  # who wakes up again goes on
        points.reached("a.b")

    assert sent == [signal.SIGSTOP]


def test_named_points_are_found_in_the_source() -> None:
    assert {"prepare.chunk_stored", "deliver.calling", "results.written", "reconcile.adopting"} <= named_points()
