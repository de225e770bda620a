"""Who may import whom, read from the imports themselves."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ORDER = ["ui", "accounts", "billing", "members", "messaging", "helpdesk", "home"]
# Rooms that an app to the right may enter; all of ui is open.
OPEN_ROOMS = {"models", "selectors", "services", "enums", "exceptions"}
LEAVES = {
    "accounts": {
        "scoping", "permissions", "audit", "audit_links", "crypto", "uploads", "exports", "notify", "facts", "ringing",
        "tasking", "walls", "requests", "guessing", "api_base", "api_auth", "api_lists", "api_errors", "idempotency",
        "audit_words",
    },
    "members": {"passes", "phone", "segments", "sheets", "search", "fields", "birthdays", "timeline", "presets"},
    "billing": {"money"},
}  # fmt: skip
# Doors → forms → services → selectors → models → leaves.
LEVELS = {
    room: level
    for level, rooms in {
        6: "urls edit_urls pass_urls people_urls invitation_urls public_urls",
        5: (
            "views api api_dues api_edits api_passes api_visits "
            "api_fields api_imports api_notes api_segments api_tags api_sending api_shapes api_templates api_undecided "
            "admin tasks receivers management context audit_words middleware adapter api_base api_auth api_lists "
            "api_errors idempotency"
        ),
        4: (
            "contact_forms field_forms import_forms note_forms segment_forms optout_forms policy_forms template_forms "
            "pass_forms due_forms forms"
        ),
        3: "services exports notify facts",
        2: "selectors timeline audit audit_links guessing scoping requests permissions tasking uploads segments",
        1: "models",
    }.items()
    for room in rooms.split()
}


def files() -> list[Path]:
    return [
        p for app in ORDER for p in sorted((ROOT / app).rglob("*.py"))
        if "migrations" not in p.parts and "sandbox" not in p.parts
    ]  # fmt: skip


def imports(path: Path) -> list[tuple[str, bool, str]]:
    """(dotted module, is it inside a function, its source line) of everything a file imports."""
    source = path.read_text("utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    inline = {
        id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef) for n in ast.walk(f)
    }
    out = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{a.name}" for a in node.names]
        out += [(name, id(node) in inline, lines[node.lineno - 1]) for name in names]
    return out


def app_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_look_left_and_enter_open_rooms_only(path: Path) -> None:
    mine = app_of(path)
    wrong = []
    for name, _inline, _line in imports(path):
        other, *rooms = name.split(".")
        if other not in ORDER or other == mine or not rooms:
            continue
        if ORDER.index(other) > ORDER.index(mine):
            wrong.append(f"{name}: to the right")
        elif other != "ui" and rooms[0] not in OPEN_ROOMS | LEAVES.get(other, set()):
            wrong.append(f"{name}: a closed room")
    assert wrong == []


@pytest.mark.parametrize("path", files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_imports_inside_an_app_go_downward(path: Path) -> None:
    mine = app_of(path)
    room = path.relative_to(ROOT / mine).parts[0].removesuffix(".py")
    level = LEVELS.get(room, 0)
    wrong = []
    for name, inline, line in imports(path):
        other, *rooms = name.split(".")
        if other != mine or not rooms or (inline and "# doorway" in line):
            continue
        if LEVELS.get(rooms[0], 0) > level:
            wrong.append(name)
    assert room in {"apps", "__init__"} or wrong == []


def test_sandbox_is_a_stranger() -> None:
    for path in (ROOT / "messaging" / "sandbox").rglob("*.py"):
        foreign = [n for n, _i, _l in imports(path) if n.split(".")[0] in {*ORDER, "config", "django"}]
        assert [n for n in foreign if not n.startswith("messaging.sandbox")] == []


def test_inline_imports_are_doorways() -> None:
    """The one inline import allowed is a task's (or a registration's) service, said so on its line."""
    wrong = []
    for path in files():
        if path.name == "apps.py":
            continue
        for name, inline, line in imports(path):
            if inline and name.split(".")[0] in ORDER and "# doorway" not in line:
                wrong.append(f"{path.relative_to(ROOT)}: {name}")
    assert wrong == []
