"""What a verification found: the problems, and how much was looked at."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is not as the ledger says: which entry, table and row, and what is wrong."""

    entry: int | None
    table: str
    key: str
    what: str


class Findings(list[Problem]):
    """The problems found so far."""

    def add(self, entry: int | None, table: str, key: str, what: str) -> None:
        """One more."""
        self.append(Problem(entry, table, key, what))


@dataclass(frozen=True, slots=True)
class Report:
    """What verification found, and where it looked."""

    #: Entries of the log.
    entries: int
    problems: list[Problem]
    #: Root of the whole log, in hexadecimal.
    root: str = ""
    #: Rows that were compared with their last digest.
    rows: int = 0
    #: Entries before those that were looked at: what a good checkpoint covers. None: everything was.
    since: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.problems

    @property
    def new(self) -> int:
        """How many entries were looked at."""
        return self.entries - (self.since or 0)

    def as_json(self) -> dict[str, Any]:
        """The answer of ``verify --json``; ``since`` is null where everything was looked at."""
        return {
            "ok": self.ok,
            "entries": self.entries,
            "since": self.since,
            "rows": self.rows,
            "problems": [asdict(problem) for problem in self.problems],
        }
