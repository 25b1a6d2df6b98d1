"""Reading the ledger: the latest entries, those of one subject, and one entry whole."""

import json
from typing import Any

from sqlmodel import Session, col, select

from app.evidence.ledger import EventKind
from app.evidence.models import LedgerCheckpoint, LedgerEntry, LedgerHead
from app.kernel.speech import say

PAGE = 100
#: Beyond this no database keeps a number; nothing has one.
LARGEST = 2**31 - 1


def entries(
    db: Session, *, before: int | None = None, kind: str = "", actor: str = ""
) -> list[dict[str, Any]]:
    """A page of entries, newest first; ``before`` is the last number of the page before it."""
    found = select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
        LedgerEntry.seq, LedgerEntry.at, LedgerEntry.entered_at, LedgerEntry.actor, LedgerEntry.body
    )
    if before is not None:
        found = found.where(LedgerEntry.seq < max(0, min(before, LARGEST)))
    if kind:
        found = found.where(LedgerEntry.kind == kind)
    if actor:
        found = found.where(LedgerEntry.actor == actor)
    return [_told(row) for row in db.exec(found.order_by(col(LedgerEntry.seq).desc()).limit(PAGE)).all()]


def entries_of(db: Session, subject_kind: str, subject_code: str, limit: int = 200) -> list[dict[str, Any]]:
    """The latest entries about one subject, newest first."""
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            LedgerEntry.seq, LedgerEntry.at, LedgerEntry.entered_at, LedgerEntry.actor, LedgerEntry.body
        )
        .where(LedgerEntry.subject_kind == subject_kind, LedgerEntry.subject_code == subject_code)
        .order_by(col(LedgerEntry.seq).desc())
        .limit(limit)
    )
    return [_told(row) for row in db.exec(found).all()]


def _told(row: Any) -> dict[str, Any]:
    seq, at, entered_at, actor, body = row
    said = json.loads(bytes(body))
    return {
        "seq": seq,
        "at": at,
        "entered_at": entered_at,
        "late": (entered_at - at).total_seconds() > 300,
        "actor": actor,
        "role": said["actor"]["role"],
        "via": said["actor"]["via"],
        "kind": said["kind"],
        "sentence": _sentence(said),
        "reason": said["reason"],
        "subject_kind": said["subject"][0],
        "subject_code": said["subject"][1],
        "changes": said["changes"],
        "rows": said["rows"],
    }


def _sentence(said: dict[str, Any]) -> str:
    """What was recorded, as the reader's language says it; never anything but what was recorded."""
    kind = EventKind.known.get(said["kind"])
    if kind is None:
        return str(said["sentence"])
    again = say(kind.sentence, **said["facts"])
    return again if again == said["sentence"] else str(said["sentence"])


def entry(db: Session, seq: int) -> tuple[dict[str, Any], str] | None:
    """One entry, told and as its canonical text."""
    found = db.get(LedgerEntry, seq) if seq <= LARGEST else None
    if found is None:
        return None
    told = _told((found.seq, found.at, found.entered_at, found.actor, found.body))
    return told, bytes(found.body).decode()


def size(db: Session) -> int:
    """How many entries the ledger has; it grows with every change."""
    return db.exec(select(LedgerHead.size)).first() or 0


def checkpoints(db: Session, limit: int = 50) -> list[LedgerCheckpoint]:
    """The latest checkpoints."""
    found = select(LedgerCheckpoint).order_by(col(LedgerCheckpoint.size).desc()).limit(limit)
    return list(db.exec(found).all())
