"""Functions stay short enough to read, and only tests that must have PostgreSQL ask for it."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ["config", "ui", "accounts", "members", "messaging", "home"]
# Tests that need PostgreSQL, and why.
NEED_POSTGRES: dict[str, str] = {
    "chaos/test_full.py": "many processes write at once, and their server is killed; SQLite has test_short.py",
    "messaging/services/test_races.py": "on SQLite writers queue up by themselves, so there is no race to lose",
}


def test_functions_are_short() -> None:
    sizes = []
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef):
                    sizes.append((node.end_lineno - node.lineno + 1, f"{path.relative_to(ROOT)}:{node.name}"))
    sizes.sort(reverse=True)

    assert [s for s in sizes if s[0] > 60] == []
    assert sum(1 for s in sizes if s[0] > 35) / len(sizes) < 0.05


def test_postgres_mark_is_explained() -> None:
    marked = {
        p.relative_to(ROOT / "tests").as_posix()
        for p in (ROOT / "tests").rglob("test_*.py")
        if re.search(r"^@pytest\.mark\.postgres|^pytestmark = .*postgres", p.read_text(), re.M)
    }
    assert marked == set(NEED_POSTGRES)
