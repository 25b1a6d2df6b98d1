"""The shelf of issued documents."""

from typing import Any

from sqlmodel import Session, col, select

from app.evidence.files import StoredFile
from app.evidence.ledger import Subject
from app.evidence.models import LedgerCheckpoint
from app.paper.models import IssuedPaper, PaperKind


def papers_of(db: Session, subject: Subject, kind: PaperKind) -> list[IssuedPaper]:
    """The revisions of a document, newest first."""
    found = select(IssuedPaper).where(
        IssuedPaper.subject_kind == subject.kind,
        IssuedPaper.subject_code == subject.code,
        IssuedPaper.kind == kind,
    )
    return list(db.exec(found.order_by(col(IssuedPaper.revision).desc())).all())


def shelf(db: Session) -> list[dict[str, Any]]:
    """The latest issued documents."""
    rows = db.exec(
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            IssuedPaper.serial, IssuedPaper.kind, IssuedPaper.subject_code, IssuedPaper.revision,
            IssuedPaper.pages, IssuedPaper.issued_at,
        )
        .order_by(col(IssuedPaper.id).desc())
        .limit(200)
    ).all()  # fmt: skip
    names = ("serial", "kind", "subject", "revision", "pages", "issued_at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def by_serial(db: Session, serial: str) -> IssuedPaper | None:
    """The document with this serial."""
    return db.exec(select(IssuedPaper).where(IssuedPaper.serial == serial)).one_or_none()


def newest_revision(db: Session, paper: IssuedPaper) -> int:
    """The newest revision of the same document: a lower one is superseded."""
    found = papers_of(db, Subject(paper.subject_kind, paper.subject_code), paper.kind)
    return max(other.revision for other in found)


def file_of(db: Session, paper: IssuedPaper) -> StoredFile:
    """The kept bytes of a document."""
    return db.exec(select(StoredFile).where(StoredFile.sha256 == paper.sha256)).one()


def checkpoint_of(db: Session, paper: IssuedPaper) -> LedgerCheckpoint:
    """The checkpoint printed on a document."""
    return db.get_one(LedgerCheckpoint, paper.checkpoint_id)
