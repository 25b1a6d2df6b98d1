"""One consistent moment of a running database, as files: SQLite page by page, PostgreSQL table by table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Table, func, select
from sqlmodel import Session

from app.kernel.db import Database
from app.kernel.engine import sqlite_driver
from app.kernel.tables import metadata
from app.site import Site

DATABASE = "database.sqlite3"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The moment: a session that sees it, and the files that hold it."""

    db: Session
    files: Callable[[], Iterator[tuple[str, Path]]]


@contextmanager
def snapshot(site: Site, folder: Path) -> Iterator[Snapshot]:
    """The database as it is now, while others go on writing; working files lie in ``folder``."""
    taken = _sqlite(site, folder) if site.db.is_sqlite else _postgresql(site, folder)
    with taken as found:
        yield found


@contextmanager
def _sqlite(site: Site, folder: Path) -> Iterator[Snapshot]:
    """SQLite's online backup in one step: a reader like any other, which waits for no writer."""
    file = folder / DATABASE
    module, _, _ = sqlite_driver()
    target = module.connect(str(file))
    source = site.db.reader.raw_connection()
    try:
        driver: Any = source.driver_connection
        driver.backup(target)
    finally:
        source.close()
        target.close()
    copy = Database(f"sqlite:///{file}")
    copy.info.update(site.db.info)
    try:
        with copy.reading() as db:
            yield Snapshot(db, lambda: iter([(DATABASE, file)]))
    finally:
        copy.close()


@contextmanager
def _postgresql(site: Site, folder: Path) -> Iterator[Snapshot]:
    """One REPEATABLE READ transaction, in which verification and every COPY see the same moment."""
    with site.db.reading() as db:
        yield Snapshot(db, lambda: _copied(db, folder))


def _copied(db: Session, folder: Path) -> Iterator[tuple[str, Path]]:
    driver: Any = db.connection().connection.driver_connection
    file = folder / "table.copy"
    for table in metadata.sorted_tables:
        keys = ", ".join(column.name for column in table.primary_key.columns)
        statement = f"COPY (SELECT {columns(table)} FROM {table.name} ORDER BY {keys}) TO STDOUT"  # noqa: S608  our own tables
        with file.open("wb") as out, driver.cursor() as cursor, cursor.copy(statement) as lines:
            for line in lines:
                out.write(line)
        yield f"tables/{table.name}.copy", file


def columns(table: Table) -> str:
    """The table's columns in the order of a copy."""
    return ", ".join(column.name for column in table.columns)


def row_counts(db: Session) -> dict[str, int]:
    """How many rows every table has."""
    connection = db.connection()
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
