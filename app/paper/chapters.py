"""What a room says in a document: a chapter of facts, tables and sentences."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session

from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal

#: What stands where nothing was recorded; a blank could be a page that failed to print.
NOT_RECORDED = "NOT RECORDED"


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one pair a line; None prints NOT RECORDED."""

    rows: Sequence[tuple[str, str | None]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; a None cell prints NOT RECORDED, no rows at all as well."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str | None, ...]]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence or a paragraph."""

    words: str


@dataclass(frozen=True, slots=True)
class Exact:
    """Characters that matter one by one, a line each and never broken; with a code to scan when told."""

    lines: tuple[str, ...]
    symbol: str = ""


Block = Facts | Table | Text | Exact


def gaps_in(block: Block) -> int:
    """How many places of a block print NOT RECORDED."""
    if isinstance(block, Facts):
        return sum(value in (None, "") for _, value in block.rows)
    if isinstance(block, Table):
        return sum(cell in (None, "") for row in block.rows for cell in row) if block.rows else 1
    return 0


@dataclass(frozen=True, slots=True)
class Chapter:
    """One numbered chapter of a document."""

    number: int
    title: str
    blocks: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Composed:
    """What a document is about, and its chapters."""

    subject: Subject
    chapters: list[Chapter]


#: Makes the chapters of a document from the code of its subject, in one consistent view.
Composer = Callable[[Session, str], Composed | Refusal]
