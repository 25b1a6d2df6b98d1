"""The shelf of issued documents."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from app.access.models import Person
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject
from app.evidence.models import LedgerCheckpoint
from app.paper.models import FOR_THE_CHART, IssuedPaper, PaperKind


def papers_of(db: Session, subject: Subject, kind: PaperKind) -> list[IssuedPaper]:
    """The revisions of a document, newest first."""
    found = select(IssuedPaper).where(
        IssuedPaper.subject_kind == subject.kind,
        IssuedPaper.subject_code == subject.code,
        IssuedPaper.kind == kind,
    )
    return list(db.exec(found.order_by(col(IssuedPaper.revision).desc())).all())


def shelf(db: Session) -> list[dict[str, Any]]:
    """The latest issued documents; those that name a patient are kept in the patient's chart."""
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            IssuedPaper.serial, IssuedPaper.kind, IssuedPaper.subject_code, IssuedPaper.revision,
            IssuedPaper.pages, IssuedPaper.issued_at,
        )
        .where(col(IssuedPaper.kind).not_in(FOR_THE_CHART))
        .order_by(col(IssuedPaper.id).desc())
        .limit(200)
    ).all()  # fmt: skip
    names = ("serial", "kind", "subject", "revision", "pages", "issued_at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def by_serial(db: Session, serial: str) -> IssuedPaper | None:
    """The document with this serial."""
    return db.exec(select(IssuedPaper).where(IssuedPaper.serial == serial)).one_or_none()


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a document as its page lists it: who issued it, why, and what it says by chapter."""

    serial: str
    revision: int
    pages: int
    issued_at: datetime
    issued_by: str
    reason: str
    #: Title → SHA-256 of what the chapter says.
    chapters: dict[str, str]


#: Revisions that are held side by side.
BESIDE = 5


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Chapters down, revisions across, the oldest first: what each says against the one before it."""

    revisions: tuple[int, ...]
    #: (chapter, a word for each revision): first, same, changed, new or absent.
    rows: tuple[tuple[str, tuple[str, ...]], ...]


def revisions_of(db: Session, paper: IssuedPaper) -> list[Revision]:
    """Every revision of the same document, newest first."""
    found = (
        select(IssuedPaper, Person.name)
        .outerjoin(Person, col(Person.id) == col(IssuedPaper.issued_by_id))
        .where(
            IssuedPaper.subject_kind == paper.subject_kind,
            IssuedPaper.subject_code == paper.subject_code,
            IssuedPaper.kind == paper.kind,
        )
        .order_by(col(IssuedPaper.revision).desc())
    )
    return [
        Revision(
            one.serial,
            one.revision,
            one.pages,
            one.issued_at,
            name or "Hilo",
            one.reason,
            dict(json.loads(one.chapters)),
        )
        for one, name in db.exec(found).all()
    ]


def side_by_side(revisions: list[Revision]) -> SideBySide:
    """The newest revisions chapter by chapter, each against the one before."""
    shown = revisions[: BESIDE + 1][::-1]
    titles = list(dict.fromkeys(title for one in shown for title in one.chapters))
    first = shown[0] if len(shown) > BESIDE else None
    compared = shown[1:] if first else shown
    rows = []
    for title in titles:
        words, before = [], first
        for one in compared:
            words.append(_against(before, one, title))
            before = one
        rows.append((title, tuple(words)))
    return SideBySide(tuple(one.revision for one in compared), tuple(rows))


def _against(before: Revision | None, one: Revision, title: str) -> str:
    if title not in one.chapters:
        return "absent"
    if before is None:
        return "first"
    if title not in before.chapters:
        return "new"
    return "same" if before.chapters[title] == one.chapters[title] else "changed"


def file_of(db: Session, paper: IssuedPaper) -> StoredFile:
    """The kept bytes of a document."""
    return db.exec(select(StoredFile).where(StoredFile.sha256 == paper.sha256)).one()


def checkpoint_of(db: Session, paper: IssuedPaper) -> LedgerCheckpoint:
    """The checkpoint printed on a document."""
    return db.get_one(LedgerCheckpoint, paper.checkpoint_id)
