"""Every event kind was told and every refusal made by some test; judged last, on whole runs only."""

import importlib
from enum import StrEnum

import pytest

from app import tables
from app.evidence.ledger import EventKind
from tests.conftest import REFUSED, TOLD, name_of
from tests.shared import ROOT

tables.load()
for path in sorted((ROOT / "app").glob("*/events.py")):
    importlib.import_module(f"app.{path.parent.name}.events")


def reasons() -> list[StrEnum]:
    """Every reason any room can refuse for."""
    found: list[StrEnum] = []
    for path in sorted((ROOT / "app").glob("*/rules.py")):
        module = importlib.import_module(f"app.{path.parent.name}.rules")
        found.extend(getattr(module, "Why", ()))
    return found


@pytest.mark.parametrize("kind", sorted(name for name in EventKind.known if not name.startswith("tests.")))
def test_every_event_kind_is_told_by_a_test(kind: str) -> None:
    assert kind in TOLD, f"no test makes {kind} happen"


@pytest.mark.parametrize("why", reasons(), ids=lambda why: f"{type(why).__module__}.{why.value}")
def test_every_refusal_is_provoked_by_a_test(why: StrEnum) -> None:
    assert name_of(why) in REFUSED, f"no test is refused for {why!r}"
