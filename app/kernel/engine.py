"""Engines for the two databases, with every trap of house.md's table closed at connect."""

import sqlite3
import types
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

#: SQLite releases with the WAL-reset fix; older ones can corrupt a file under several connections.
SAFE_WAL = (3, 51, 3)
SAFE_BACKPORTS = {(3, 44, 6), (3, 50, 7)}


def sqlite_driver() -> tuple[types.ModuleType, tuple[int, ...], str]:
    """The SQLite module to use, its version, and the journal mode that is safe with it.

    `pysqlite3` bundles a fixed SQLite; without its wheel the standard library's is used, in WAL mode
    when its version is safe, else with a rollback journal.
    """
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        module: types.ModuleType = sqlite3
    else:
        module = dbapi2
    version = tuple(int(part) for part in module.sqlite_version.split("."))
    safe = version >= SAFE_WAL or version in SAFE_BACKPORTS
    return module, version, "wal" if safe else "delete"


def describe_driver(url: str) -> str:
    """One line on the database in use, for `python -m app` and the start-up message."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return f"PostgreSQL at {parsed.host or 'the local socket'}"
    module, version, journal = sqlite_driver()
    sync = "FULL" if journal == "wal" else "EXTRA"
    return f"SQLite {'.'.join(map(str, version))} ({module.__name__}), journal {journal}, synchronous {sync}"


def open_engine(url: str, *, writable: bool) -> Engine:
    """An engine for writing work, or one that can only read."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, writable)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed, writable)
    raise ValueError(f"HILO_DATABASE must be sqlite:/// or postgresql://, not {parsed.get_backend_name()}")


def _sqlite(url: URL, writable: bool) -> Engine:
    module, _, journal = sqlite_driver()
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, module=module, connect_args={"check_same_thread": False, "timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        run = connection.execute
        run("PRAGMA foreign_keys=ON")
        run("PRAGMA recursive_triggers=ON")
        run("PRAGMA trusted_schema=OFF")
        run(f"PRAGMA journal_mode={journal}")
        run(f"PRAGMA synchronous={'FULL' if journal == 'wal' else 'EXTRA'}")
        if not writable:
            run("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A deferred BEGIN that later writes fails under load; writing work takes the lock at once.
        if writable:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Every page begins so; straight to the driver it costs a tenth, and it waits for nobody.
            connection.connection.cursor().execute("BEGIN")

    return engine


def _postgresql(url: URL, writable: bool) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    options = "-c jit=off -c timezone=UTC" + ("" if writable else " -c default_transaction_read_only=on")
    # A page reads one consistent view; an act judges what is committed when its turn comes.
    isolation = "READ COMMITTED" if writable else "REPEATABLE READ"
    return create_engine(
        url,
        connect_args={"options": options},
        isolation_level=isolation,
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=8,
    )
