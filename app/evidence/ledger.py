"""The ledger: what was done, by whom, when and why, kept in the same transaction as the change itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from string import Formatter
from typing import Any, ClassVar

from sqlalchemy import insert, select, update
from sqlmodel import Session

from app.evidence.canonical import canonical, plain
from app.evidence.models import LedgerEntry, LedgerHead, LedgerRow
from app.evidence.rows import digests
from app.evidence.tree import Frontier, leaf_hash
from app.kernel import clock
from app.kernel.db import touched
from app.kernel.work import Work

_ENTRY = LedgerEntry.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
_ROW = LedgerRow.__table__  # type: ignore[attr-defined]  # as above
_HEAD = LedgerHead.__table__  # type: ignore[attr-defined]  # as above


@dataclass(frozen=True)
class EventKind:
    """One kind of event: its name, the sentence people read, and by the sentence's blanks its facts."""

    name: str
    sentence: str
    facts: frozenset[str] = field(init=False)

    known: ClassVar[dict[str, "EventKind"]] = {}

    def __post_init__(self) -> None:
        if self.name in self.known:
            raise ValueError(f"two event kinds are called {self.name}")
        blanks = {blank for _, blank, _, _ in Formatter().parse(self.sentence) if blank}
        object.__setattr__(self, "facts", frozenset(blanks))
        self.known[self.name] = self

    def __hash__(self) -> int:
        return hash(self.name)

    def told(self, facts: dict[str, Any]) -> str:
        """The sentence with its blanks filled."""
        return self.sentence.format(**facts)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about: a kind (``lot``) and the code people say (``MSC-25-001``)."""

    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it was recorded in this transaction, for the consequences that follow from it."""

    seq: int
    kind: EventKind
    subject: Subject
    facts: dict[str, Any]
    reason: str | None


#: Called with each recorded entry, in order, inside the same act (see `run_consequences`).
Consequence = Callable[[Work, Entry], None]


def record(
    work: Work, kind: EventKind, subject: Subject, *, reason: str | None = None, **facts: Any
) -> Entry:
    """Tell the ledger what was just done; covers every row touched since the last entry of this act.

    Raises TypeError when the facts are not exactly the blanks of the kind's sentence.
    """
    if facts.keys() != kind.facts:
        raise TypeError(f"{kind.name} tells {sorted(kind.facts)}, not {sorted(facts)}")
    session = work.db
    session.flush()
    notes = touched(session)
    rows = digests(session, list(notes.rows))
    changes = [plain(change) for change in notes.changes]
    notes.rows.clear()
    notes.changes.clear()
    size, frontier = _head(session)
    entered = clock.now()
    body = canonical(_spelled(work, size + 1, entered, kind, subject, reason, facts, changes, rows))
    _append(session, work, frontier, entered, kind, subject, body)
    _keep_rows(session, size + 1, rows)
    entry = Entry(size + 1, kind, subject, facts, reason)
    session.info.setdefault("entries", []).append(entry)
    return entry


def _spelled(
    work: Work,
    seq: int,
    entered: datetime,
    kind: EventKind,
    subject: Subject,
    reason: str | None,
    facts: dict[str, Any],
    changes: list[Any],
    rows: list[tuple[str, str, str]],
) -> dict[str, Any]:
    actor = work.actor
    return {
        "seq": seq,
        "at": work.at,
        "entered_at": entered,
        "actor": {"id": actor.person_id, "sign_in": actor.sign_in, "role": actor.role, "via": actor.via},
        "kind": kind.name,
        "sentence": kind.told({name: plain(value) for name, value in facts.items()}),
        "subject": [subject.kind, subject.code],
        "facts": facts,
        "reason": reason,
        "changes": changes,
        "rows": rows,
    }


def _head(session: Session) -> tuple[int, Frontier]:
    found = session.connection().execute(select(_HEAD.c.size, _HEAD.c.frontier)).one_or_none()
    if found is None:
        session.connection().execute(insert(_HEAD).values(id=1, size=0, frontier=b""))
        return 0, Frontier()
    return found.size, Frontier.from_bytes(found.size, bytes(found.frontier))


def _append(
    session: Session,
    work: Work,
    frontier: Frontier,
    entered: datetime,
    kind: EventKind,
    subject: Subject,
    body: bytes,
) -> None:
    leaf = leaf_hash(body)
    frontier.append(leaf)
    connection = session.connection()
    connection.execute(
        insert(_ENTRY).values(
            seq=frontier.size,
            at=work.at,
            entered_at=entered,
            actor=work.actor.sign_in,
            kind=kind.name,
            subject_kind=subject.kind,
            subject_code=subject.code,
            body=body,
            leaf=leaf,
        )
    )
    connection.execute(update(_HEAD).values(size=frontier.size, frontier=frontier.to_bytes()))


def _keep_rows(session: Session, seq: int, rows: list[tuple[str, str, str]]) -> None:
    if rows:
        values = [
            {"seq": seq, "place": place, "of_table": table, "of_key": row_key, "digest": digest}
            for place, (table, row_key, digest) in enumerate(rows)
        ]
        session.connection().execute(insert(_ROW), values)


def run_consequences(table: dict[EventKind, tuple[Consequence, ...]], work: Work) -> None:
    """Let each entry of this act have its consequences, theirs included, before the commit."""
    entries: list[Entry] = work.db.info.setdefault("entries", [])
    done = 0
    while done < len(entries):
        entry = entries[done]
        done += 1
        for consequence in table.get(entry.kind, ()):
            consequence(work, entry)
