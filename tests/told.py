"""Notes of a run: which events were told and which refusals made, gathered from all its processes."""

import importlib
from enum import StrEnum
from typing import Any

import pytest

from app import tables
from app.evidence.ledger import EventKind
from app.kernel.refusals import Refusal
from tests.shared import ROOT

#: Names of event kinds recorded and reasons refused in this run.
TOLD: set[str] = set()
#: A reason is named with its room: two rooms' reasons of one word are equal as text.
REFUSED: set[str] = set()


def name_of(reason: StrEnum) -> str:
    """The room and the word of a reason."""
    return f"{type(reason).__module__}.{reason.value}"


def is_whole(config: pytest.Config) -> bool:
    """Whether every test was asked for: no path among the arguments."""
    asked: list[str] = config.getoption("file_or_dir") or []
    return not asked


def is_shared(config: pytest.Config) -> bool:
    """Whether several processes share this run."""
    return hasattr(config, "workerinput") or bool(config.getoption("numprocesses", None))


def kinds() -> list[str]:
    """Every event kind of every room."""
    tables.load()
    for path in sorted((ROOT / "app").glob("*/events.py")):
        importlib.import_module(f"app.{path.parent.name}.events")
    return sorted(name for name in EventKind.known if not name.startswith("tests."))


def reasons() -> list[StrEnum]:
    """Every reason any room can refuse for."""
    found: list[StrEnum] = []
    for path in sorted((ROOT / "app").glob("*/rules.py")):
        module = importlib.import_module(f"app.{path.parent.name}.rules")
        found.extend(getattr(module, "Why", ()))
    return found


def silent() -> list[str]:
    """What no test of the run made happen."""
    events = [f"no test makes {kind} happen" for kind in kinds() if kind not in TOLD]
    return events + [f"no test is refused for {why!r}" for why in reasons() if name_of(why) not in REFUSED]


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
    """What judges the whole run comes last, and only when the whole run was asked for in one process."""
    last = [item for item in items if "test_told" in item.nodeid]
    rest = [item for item in items if item not in last]
    if is_whole(config) and not is_shared(config):
        items[:] = rest + last
    else:
        config.hook.pytest_deselected(items=last)
        items[:] = rest


class Gathered:
    """The notes of the processes that share a run, judged when the last one is done."""

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process is done: take over its notes."""
        notes = getattr(node, "workeroutput", {})
        TOLD.update(notes.get("told", ()))
        REFUSED.update(notes.get("refused", ()))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Where processes share the run, the one that hands out the tests gathers the notes."""
    if is_shared(session.config) and not hasattr(session.config, "workerinput"):
        session.config.pluginmanager.register(Gathered(), "hilo-gathered")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process hands its notes over; the one that gathered them fails a whole run that left a gap."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output.update(told=sorted(TOLD), refused=sorted(REFUSED))
    elif is_shared(session.config) and is_whole(session.config) and not session.config.option.markexpr:
        for gap in (gaps := silent()):
            print(gap)
        if gaps and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
