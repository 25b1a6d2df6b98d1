"""The house stands: rooms import only rooms before them, and each kind of file knows only what it may."""

import ast
from pathlib import Path

import pytest

from tests.shared import ROOT

APP = ROOT / "app"
#: The rooms in a line; a room imports only rooms before it.
LINE = (
    "kernel", "evidence", "access", "concerns", "web", "paper", "hla", "donors", "materials", "lots",
    "quality", "labeling", "custody", "recipients", "antibodies", "cytometry", "orders", "bedside",
    "followup", "trace",
    "backup", "home", "example", "commands",
)  # fmt: skip
#: Files at the top of the app that join rooms, and so may name them all.
JOINTS = {
    "catalogue",
    "consequences",
    "papers",
    "site",
    "tables",
    "migrate",
    "start",
    "cli",
    "serve",
    "tls",
    "config",
}
#: Doors to these stand low in the house although they are used above it: settings and the site as a whole.
COMMON = {"config", "site", "tables", "tls", "migrate"}
#: Views stand at the front of the house: they may ask for doors and the look of pages.
FRONT = {"access", "web"}
PURE = ("rules.py", "operations.py", "queries.py", "models.py", "events.py", "forms.py", "chapter.py")
WEB_LIBRARIES = ("flask", "werkzeug", "jinja2", "flask_login", "flask_wtf")


def files() -> list[Path]:
    return sorted(path for path in APP.rglob("*.py") if "static" not in path.parts)


def imports(path: Path) -> set[str]:
    """Dotted names of everything the file imports while the program runs."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def room_of(path: Path) -> str:
    parts = path.relative_to(APP).parts
    return parts[0] if len(parts) > 1 else ""


def rooms_named(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imports(path) if name.startswith("app.")}


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(APP)))
def test_a_room_imports_only_rooms_before_it(path: Path) -> None:
    room = room_of(path)
    if room == "":
        return
    allowed = set(LINE[: LINE.index(room) + 1]) | COMMON
    if path.name.endswith("views.py") or path.name in ("doors.py", "setup.py") or room in FRONT:
        allowed |= FRONT
    if room in ("commands", "example"):
        allowed |= JOINTS
    later = rooms_named(path) - allowed
    assert not later, f"{path.relative_to(ROOT)} imports {sorted(later)}, which stand after {room}"


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(APP)))
def test_only_views_and_the_front_rooms_know_flask(path: Path) -> None:
    room = room_of(path)
    front = room in FRONT or path.name.endswith("views.py") or path == APP / "__init__.py"
    named = {name.split(".")[0] for name in imports(path)}
    assert front or not named & set(WEB_LIBRARIES), f"{path.relative_to(ROOT)} knows Flask"


@pytest.mark.parametrize(
    "path", [p for p in files() if p.name in PURE], ids=lambda p: str(p.relative_to(APP))
)
def test_rules_operations_and_queries_never_ask_the_clock(path: Path) -> None:
    text = path.read_text("utf-8")
    for asked in ("clock.now(", "datetime.now(", "date.today(", "time.time("):
        assert asked not in text, f"{path.relative_to(ROOT)} asks the clock: {asked}"


@pytest.mark.parametrize("path", [p for p in files() if p.name == "rules.py"], ids=lambda p: p.parent.name)
def test_rules_know_neither_sessions_nor_the_database(path: Path) -> None:
    named = imports(path)
    assert not {n for n in named if n.startswith(("sqlmodel", "sqlalchemy"))}, path.relative_to(ROOT)


def test_labels_and_hla_are_pure() -> None:
    for path in [*(ROOT / "labels").rglob("*.py"), *(APP / "hla").rglob("*.py")]:
        named = {name.split(".")[0] for name in imports(path)}
        assert "flask" not in named and "sqlmodel" not in named, path
        if "labels" in path.parts[-2:] or path.parent.name == "labels":
            assert "app" not in named, path


def test_models_never_postpone_annotations() -> None:
    for path in APP.glob("*/models.py"):
        assert "from __future__ import annotations" not in path.read_text("utf-8"), path


def test_each_room_opens_with_one_sentence() -> None:
    for path in files():
        first = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        assert first, f"{path.relative_to(ROOT)} does not say what it is"


def test_no_file_of_the_program_outgrows_its_room() -> None:
    for path in [*files(), *(ROOT / "labels").rglob("*.py")]:
        lines = len(path.read_text("utf-8").splitlines())
        assert lines <= 420, f"{path.relative_to(ROOT)} has {lines} lines: a wall is missing"


def test_only_evidence_kernel_and_genealogy_write_sql_as_text() -> None:
    homes = {
        APP / "kernel",
        APP / "evidence",
        APP / "lots" / "genealogy.py",
        APP / "start.py",
        APP / "migrate.py",
    }
    for path in files():
        if any(home == path or home in path.parents for home in homes):
            continue
        names = imports(path)
        assert "sqlalchemy.text" not in names or "models" in path.name or "trace" in path.parts, path
