"""Whatever the code writes into the audit trail is shown in words: each kind of event, each name, each field."""

import ast
from collections.abc import Iterator
from pathlib import Path

from accounts import audit_words as words
from accounts.permissions import GRANTABLE
from members.enums import ConsentKind, ImportMode
from members.services.members import PLAIN
from messaging.enums import OptOutScope
from messaging.services import policies
from messaging.services.compose import CHANGEABLE

ROOT = Path(__file__).resolve().parents[2]
ITS_OWN = {"tenant", "by", "kind", "subject", None}
IMPORT_CHOICES = {"sheet", "header_row", "mapping", "mode", "repairs"}


def records() -> Iterator[ast.Call]:
    for app in ("accounts", "members", "messaging"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                    yield node


def test_every_kind_has_a_sentence() -> None:
    kinds = {
        key.value.value
        for call in records()
        for key in call.keywords
        if key.arg == "kind" and isinstance(key.value, ast.Constant)
    }

    assert len(kinds) > 30
    assert kinds - set(words._SENTENCES) == set()


def test_every_name_has_a_word() -> None:
    names = {key.arg for call in records() for key in call.keywords} - ITS_OWN

    assert {"fields", "reason", "count"} <= names
    assert names - set(words._NAMES) == set()


def test_every_field_and_choice_has_a_word() -> None:
    known = {name: set(values) for name, values in words._VALUES.items()}

    changeable = CHANGEABLE | policies.CHANGEABLE
    assert (changeable | IMPORT_CHOICES | {*PLAIN, "fields", "tone", "language", "help_on"}) - known["fields"] == set()
    assert {str(right) for right in GRANTABLE} - known["rights"] == set()
    assert set(OptOutScope.values) - known["scope"] == set()
    assert set(ConsentKind.values) - known["consent"] == set()
    assert set(ImportMode.values) - known["mode"] == set()
