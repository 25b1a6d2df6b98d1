"""What a room says in a document: a chapter of facts, tables and sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from app.evidence.canonical import sha256_of
from app.kernel.speech import phrase

if TYPE_CHECKING:
    from sqlmodel import Session

    from app.evidence.ledger import Subject
    from app.kernel.refusals import Refusal

#: What stands where nothing was recorded; a blank could be a page that failed to print.
NOT_RECORDED = phrase("NOT RECORDED")


class Heading(StrEnum):
    """The headings of a batch record, in order: what rooms say is gathered under them.

    Source: the fields of an executed batch record in EU GMP chapter 4 and 21 CFR 211.188, with the
    traceability of advanced therapies. Nobody having said anything, a heading prints NOT RECORDED.
    """

    IDENTITY = "Identity"
    STARTING_MATERIAL = "Starting material"
    MATERIALS = "Materials and reagents in contact"
    EQUIPMENT = "Equipment and rooms"
    STEPS = "Process steps"
    CONTROLS = "In-process controls"
    FILL = "Fill and cryopreservation"
    LABELS = "Labels"
    YIELD = "Yield and reconciliation"
    DEVIATIONS = "Deviations, out-of-specification results and holds"
    QUALITY_CONTROL = "Quality control"
    AUDIT_TRAIL = "Audit trail: acts with a reason"
    SIGNATURES = "Signatures and release"
    DISTRIBUTION = "Distribution, custody, infusion and fate of each bag"
    INTEGRITY = "Integrity"


#: The last chapter of every document, made where the document is issued.
INTEGRITY = Heading.INTEGRITY.value


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value, one pair a line; None prints NOT RECORDED."""

    rows: Sequence[tuple[str, str | None]]
    caption: str = ""


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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of `app.web.svg`, as wide as the page; a table beside it holds the same values."""

    svg: str
    caption: str


Block = Facts | Table | Text | Exact | Picture


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
    """What a document is about, and its chapters.

    ``ledger`` is printed beside the checkpoint and is no part of what the document says: it grows with the
    ledger, by the issue of this very document too.
    """

    subject: Subject
    chapters: list[Chapter]
    ledger: Facts | None = None


def digest_of(chapter: Chapter) -> str:
    """SHA-256 of what a chapter says, whatever its number."""
    return sha256_of([chapter.title, [_spelled(block) for block in chapter.blocks]])


def _spelled(block: Block) -> list[Any]:
    return [type(block).__name__, asdict(block)]


def contents_of(chapters: Sequence[Chapter]) -> list[tuple[str, str]]:
    """Title and digest of each chapter: what two revisions are held side by side by."""
    return [(chapter.title, digest_of(chapter)) for chapter in chapters]


class Composer(Protocol):
    """Makes the chapters of a document from the code of its subject, in one consistent view."""

    def __call__(self, db: Session, code: str, /) -> Composed | Refusal: ...
