"""Fixtures every test may use, and the notes of what the whole run provoked."""

from enum import StrEnum
from typing import Any

import pytest

from app.evidence.ledger import EventKind
from app.kernel.refusals import Refusal

pytest_plugins = ["tests.databases", "tests.browser", "tests.story"]

#: Names of event kinds recorded and reasons refused in this run, for tests/house/test_told.py.
TOLD: set[str] = set()
#: A reason is named with its room: two rooms' reasons of one word are equal as text.
REFUSED: set[str] = set()


def name_of(reason: StrEnum) -> str:
    """The room and the word of a reason."""
    return f"{type(reason).__module__}.{reason.value}"


def pytest_configure() -> None:
    """Listen to every event told and every refusal made, without changing either."""
    told = EventKind.told
    made = Refusal.__init__

    def noting_told(self: EventKind, facts: dict[str, Any]) -> str:
        TOLD.add(self.name)
        return told(self, facts)

    def noting_made(self: Refusal, reason: StrEnum, sentence: str, next_step: str) -> None:
        REFUSED.add(name_of(reason))
        made(self, reason, sentence, next_step)

    EventKind.told = noting_told  # type: ignore[method-assign]  # listening, for the run
    Refusal.__init__ = noting_made  # type: ignore[method-assign]  # as above


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What judges the whole run comes last, and only when the whole run was asked for."""
    last = [item for item in items if "test_told" in item.nodeid]
    rest = [item for item in items if item not in last]
    named = [arg for arg in config.invocation_params.args if not arg.startswith("-") and "test" in arg]
    if named:
        config.hook.pytest_deselected(items=last)
        items[:] = rest
    else:
        items[:] = rest + last
