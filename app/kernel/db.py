"""The database as the rooms see it: acts that write, reads that cannot, and no silent change."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, inspect, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from app.kernel.engine import open_engine
from app.kernel.lock import WriterLock
from app.kernel.tables import Row
from app.kernel.work import Actor, Work

#: PostgreSQL's advisory lock that lets one act write at a time, so that two acts never wait for each other.
WRITER_KEY = 0x48494C4F


class SilentChange(RuntimeError):
    """A transaction changed rows and told the ledger nothing. That is a bug; the transaction rolls back."""


@dataclass(slots=True)
class Touched:
    """What a session changed since the last entry of the ledger."""

    rows: dict[tuple[str, str], None] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)

    def note(self, table: str, row_key: str, changes: list[dict[str, Any]]) -> None:
        """Remember one touched row and, for a change, each column's old and new value."""
        if not table.startswith("sys_"):
            self.rows[table, row_key] = None
            self.changes.extend(changes)


def touched(session: Session) -> Touched:
    """The session's notes on what it changed."""
    notes: Touched = session.info.setdefault("touched", Touched())
    return notes


def row_key(values: tuple[Any, ...]) -> str:
    """The primary key of a row as one text: ``12``, or ``12:5`` where it has two columns."""
    return ":".join(str(value) for value in values)


class HiloSession(Session):
    """A session that remembers which rows it touched and refuses to commit what no event tells of."""


@event.listens_for(HiloSession, "before_flush")
def _note_changes(session: HiloSession, _flush: Any, _instances: Any) -> None:
    for row in session.deleted:
        if not row.__tablename__.startswith("sys_"):
            raise SilentChange(f"nothing regulated is deleted: {row!r}")
    for row in session.dirty:
        state = inspect(row)
        columns = {a.key for a in state.mapper.column_attrs}
        changes = []
        for name in columns:
            history = state.attrs[name].load_history()
            if history.has_changes():
                old = history.deleted[0] if history.deleted else None
                new = history.added[0] if history.added else None
                changes.append(_change(type(row), row_key(state.identity), name, old, new))
        if changes:
            touched(session).note(row.__tablename__, row_key(state.identity), changes)


@event.listens_for(HiloSession, "after_flush")
def _note_rows(session: HiloSession, _flush: UOWTransaction) -> None:
    for row in session.new:
        touched(session).note(
            row.__tablename__, row_key(inspect(row).mapper.primary_key_from_instance(row)), []
        )


@event.listens_for(HiloSession, "before_commit")
def _no_silent_change(session: HiloSession) -> None:
    session.flush()
    if touched(session).rows:
        tables = sorted({table for table, _ in touched(session).rows})
        raise SilentChange(f"rows of {', '.join(tables)} changed and no event was recorded")


@event.listens_for(HiloSession, "do_orm_execute")
def _no_bulk_change(state: ORMExecuteState) -> None:
    if (state.is_update or state.is_delete or state.is_insert) and not state.execution_options.get("noted"):
        table = getattr(getattr(state.statement, "table", None), "name", "")
        if not table.startswith("sys_"):
            raise SilentChange(f"bulk statement on {table}: use objects, change_if or insert_rows")


def _change(model: type[Row], key_text: str, column: str, old: Any, new: Any) -> dict[str, Any]:
    if model.personal or column in model.secret:
        old = new = None
    return {"table": model.__tablename__, "key": key_text, "column": column, "old": old, "new": new}


def change_if(
    session: Session, model: type[Row], row_id: int, expected: Mapping[str, Any], **values: Any
) -> bool:
    """Compare and set: change the row only where it still is as ``expected``. True when this call won.

    The one way two people pressing the same button get one winner on both databases: a read followed
    by a write lets both win.
    """
    session.flush()
    table = model.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    known = session.connection().execute(select(table).where(table.c.id == row_id)).mappings().one_or_none()
    conditions = [table.c[name] == value for name, value in expected.items()]
    statement = update(table).where(table.c.id == row_id, *conditions).values(**values)
    won = session.connection().execute(statement).rowcount == 1
    if won and known is not None:
        changes = [_change(model, str(row_id), name, known[name], new) for name, new in values.items()]
        touched(session).note(model.__tablename__, str(row_id), [c for c in changes if c["old"] != c["new"]])
        held = session.identity_map.get((model, (row_id,), None))
        if held is not None:
            session.refresh(held)
    return won


def insert_rows(session: Session, model: type[Row], rows: list[dict[str, Any]]) -> None:
    """Insert many rows with known keys at once, noted for the ledger like any other."""
    if not rows:
        return
    table = model.__table__  # type: ignore[attr-defined]  # as above
    session.connection().execute(table.insert(), rows)
    names = [column.name for column in table.primary_key.columns]
    for row in rows:
        touched(session).note(model.__tablename__, row_key(tuple(row[name] for name in names)), [])


class Database:
    """One database, seen twice: a writer that takes its turn, and readers that cannot write."""

    def __init__(self, url: str, lock_file: Path | None = None) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.writer = open_engine(url, writable=True)
        self.reader = open_engine(url, writable=False)
        self.info: dict[str, Any] = {}
        #: Called in order inside the transaction, just before the commit of an act.
        self.before_commit: list[Callable[[Work], None]] = []
        #: Called in order once the act is durable.
        self.after_commit: list[Callable[[Work], None]] = []
        self._lock = WriterLock(lock_file if self.is_sqlite else None)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A writing transaction, one at a time in order of arrival; commits at the end of the block.

        Use `act` for whatever a person does; this bare form is for plumbing (tables named ``sys_*``).
        """
        with self._lock.held(), self._session() as session:
            yield session
            session.commit()

    @contextmanager
    def act(self, actor: Actor, at: datetime) -> Iterator[Work]:
        """One act in one transaction: all of it is kept, or nothing. Consequences run before the commit."""
        with self._lock.held(), self._session() as session:
            work = Work(session, actor, at)
            yield work
            for hook in self.before_commit:
                hook(work)
            session.commit()
            for hook in self.after_commit:
                hook(work)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that cannot write, for pages and reports: one consistent view while it lasts."""
        with Session(self.reader, expire_on_commit=False) as session:
            session.info.update(self.info)
            yield session

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with HiloSession(self.writer, expire_on_commit=False) as session:
            session.info.update(self.info)
            self._take_turn(session.connection())
            yield session

    def _take_turn(self, connection: Connection) -> None:
        if not self.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": WRITER_KEY})

    def close(self) -> None:
        """Let go of all connections."""
        self.writer.dispose()
        self.reader.dispose()
