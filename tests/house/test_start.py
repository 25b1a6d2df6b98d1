"""A site is brought to the newest schema, and does not start on a database it cannot trust."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.evidence.verify import verify
from app.kernel.engine import open_engine, sqlite_driver
from app.migrate import FOLDER, UnknownSchema, current, migrate, newest
from app.site import Site, open_site
from app.start import NotReady, ready
from tests.databases import APP_ROLE, PostgreSQL, settings_in
from tests.shared import ROOT


def test_the_newest_revision_read_from_the_file_names_is_alembics_head() -> None:
    assert newest() == ScriptDirectory(str(FOLDER)).get_current_head()


def empty_site(folder: Path, server: PostgreSQL | None = None) -> Site:
    """A site over a database without a single table."""
    if server is None:
        return open_site(settings_in(folder))
    name = f"empty_{folder.name}".lower().replace("-", "_")
    server.run(f"CREATE DATABASE {name}")
    owner = server.owner_url.set(database=name)
    app = owner.set(username=APP_ROLE, password=None)
    urls = (url.render_as_string(hide_password=False) for url in (app, owner))
    return open_site(settings_in(folder, *urls))


def migrated(site: Site) -> Site:
    assert migrate(site) == newest()
    return site


def test_a_worker_loads_no_library_before_the_first_page_that_needs_it(tmp_path: Path) -> None:
    migrated(empty_site(tmp_path)).db.close()
    heavy = {"PIL", "alembic", "cryptography", "numpy", "psycopg", "qrcode", "reportlab"}
    program = f"import sys, wsgi; print(*({heavy!r} & set(sys.modules)))"
    settings = {**os.environ, "HILO_DATA": str(tmp_path), "HILO_DATABASE": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=settings, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


def test_an_empty_sqlite_database_becomes_a_sound_site(tmp_path: Path) -> None:
    site = migrated(empty_site(tmp_path))
    with site.db.reading() as db:
        report = verify(db)
    assert report.ok and report.entries == 2
    ready(site)


def test_an_empty_postgresql_database_becomes_a_sound_site(tmp_path: Path, postgresql: PostgreSQL) -> None:
    """The owner migrates, the application's role only uses: it may not even delete."""
    site = migrated(empty_site(tmp_path, postgresql))
    with site.db.reading() as db:
        assert verify(db).ok
        rights = text("SELECT has_table_privilege(current_user, 'person', 'DELETE')")
        assert db.connection().execute(rights).scalar_one() is False
    site.db.close()


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    site = migrated(migrated(empty_site(tmp_path)))
    with site.db.reading() as db:
        assert verify(db).entries == 2


def test_a_database_of_an_unknown_program_is_left_alone(tmp_path: Path) -> None:
    site = migrated(empty_site(tmp_path))
    engine = open_engine(site.settings.database_owner, writable=True)
    with engine.connect() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(UnknownSchema, match="9999"):
        migrate(site)
    with pytest.raises(NotReady, match="9999"):
        ready(site)


def test_a_database_without_tables_is_not_started(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="migrate"):
        ready(empty_site(tmp_path))


def test_a_database_that_lost_a_guard_is_not_started(tmp_path: Path) -> None:
    site = migrated(empty_site(tmp_path))
    engine = open_engine(site.settings.database, writable=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entry_no_update")
        connection.commit()
    with pytest.raises(NotReady, match="ledger_entry_no_update"):
        ready(site)


def test_a_role_that_owns_the_tables_is_not_started(tmp_path: Path, postgresql: PostgreSQL) -> None:
    site = empty_site(tmp_path, postgresql)
    migrate(site)
    as_owner = open_site(settings_in(tmp_path, site.settings.database_owner))
    with pytest.raises(NotReady, match="superuser"):
        ready(as_owner)
    as_owner.db.close()
    site.db.close()


def test_the_sqlite_in_use_has_the_wal_fix_or_does_without_wal() -> None:
    _, version, journal = sqlite_driver()
    assert (journal == "wal") is (version >= (3, 51, 3) or version in {(3, 44, 6), (3, 50, 7)})


def test_sqlite_is_opened_with_every_trap_closed(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}", writable=True)
    wanted = {"foreign_keys": 1, "recursive_triggers": 1, "trusted_schema": 0, "synchronous": 2}
    with engine.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    assert found == wanted
    reader = open_engine(f"sqlite:///{tmp_path / 'x.sqlite3'}", writable=False)
    with reader.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar_one() == 1
    assert current(engine) is None
