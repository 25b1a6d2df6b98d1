"""Raw SQL behind Hilo's back: one column of one row changed, with every guard of the database taken away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, LargeBinary, Table, text
from sqlalchemy.engine import Engine
from sqlmodel import Session

from app.access.models import Role
from app.evidence.checkpoints import make_checkpoint
from app.evidence.models import Occasion
from app.evidence.rows import key_columns, raw_select
from app.evidence.triggers import sqlite_triggers
from app.evidence.verify import Report, verify
from app.kernel.tables import metadata
from app.kernel.work import SYSTEM
from app.site import Site
from tests.factories import AT, person


def audited() -> list[Table]:
    """Every table whose changes are told."""
    return [table for table in metadata.sorted_tables if not table.name.startswith("sys_")]


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """A transaction of the owner in which no trigger, CHECK or key refuses anything; it is rolled back."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA ignore_check_constraints = ON")
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            for name in sqlite_triggers():
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            _open_postgresql(connection)
        yield connection
        connection.rollback()


def _open_postgresql(connection: Connection) -> None:
    """Drop CHECKs, foreign keys and unique rules; triggers of every kind are switched off."""
    constraints = connection.exec_driver_sql(
        "SELECT conrelid::regclass, conname FROM pg_constraint"
        " WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace ORDER BY contype DESC"
    )
    for table, name in constraints.all():
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
    for one in audited():
        connection.exec_driver_sql(f"ALTER TABLE {one.name} DISABLE TRIGGER ALL")


def row_of(connection: Connection, table: Table, column: Column[Any]) -> dict[str, Any] | None:
    """A row of the table, one that holds something in this column where there is one."""
    order = f"CASE WHEN {column.name} IS NULL THEN 1 ELSE 0 END"
    keys = ", ".join(key_columns(table))
    statement = f"{raw_select(table)} ORDER BY {order}, {keys} LIMIT 1"
    found = connection.exec_driver_sql(statement).mappings().one_or_none()
    return dict(found) if found is not None else None


def changed(column: Column[Any], value: Any) -> Any:
    """Another value of the same type."""
    kind = column.type.impl_instance if hasattr(column.type, "impl_instance") else column.type
    if isinstance(kind, LargeBinary):
        return bytes([(value or b"\0")[0] ^ 1]) + bytes(value or b"")[1:]
    if value is None:
        python = kind.python_type
        return True if python is bool else 1 if python is int else "x"
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1_000_003
    length = getattr(kind, "length", None)
    return (
        value + "x"
        if length is None or len(value) < length
        else ("y" if value[0] != "y" else "z") + value[1:]
    )


def edit(connection: Connection, table: Table, column: Column[Any], row: dict[str, Any], value: Any) -> None:
    """Put the value into this one column of this one row."""
    where = " AND ".join(f"{name} = :k_{name}" for name in key_columns(table))
    keys = {f"k_{name}": row[name] for name in key_columns(table)}
    done = connection.execute(
        text(f"UPDATE {table.name} SET {column.name} = :value WHERE {where}"),  # noqa: S608  names of our own tables
        {"value": value, **keys},
    )
    assert done.rowcount == 1, f"{table.name}.{column.name}"


class Watch:
    """Verification inside an open transaction."""

    def __init__(self, site: Site, connection: Connection) -> None:
        self.db = Session(connection, autoflush=False, join_transaction_mode="rollback_only")
        self.db.info.update(site.db.info)

    def whole(self) -> Report:
        """What `verify` says now."""
        return verify(self.db)

    def blamed(self) -> set[str]:
        """The tables in which `verify` finds a problem now."""
        return {problem.table for problem in self.whole().problems}


def hired(site: Site, *names: str) -> list[str]:
    """People are hired, each followed by a checkpoint; the lines that were kept outside."""
    for name in names:
        person(site, Role.NURSE, name)
        with site.db.act(SYSTEM, AT) as work:
            make_checkpoint(work, Occasion.INSTALLED)
    return (site.settings.data / "checkpoints.txt").read_text().splitlines()
