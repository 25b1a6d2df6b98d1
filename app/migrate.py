"""Migrations: from any released schema to this one, in one transaction, with the guards made anew."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import make_url

from app.evidence.checkpoints import make_checkpoint
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Occasion
from app.evidence.triggers import make_triggers
from app.kernel import clock
from app.kernel.engine import open_engine
from app.kernel.work import SYSTEM
from app.site import Site

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATED = EventKind("evidence.migrated", "the tables were brought to revision {revision}")


class UnknownSchema(RuntimeError):
    """The database is at a revision that this program has no migration from; the sentence says what to do."""


FOLDER = Path(__file__).resolve().parent.parent / "migrations"


def _config(connection: Connection | None = None) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The revision this program needs: each migration's file name begins with its revision, in order.

    Read from the names, so that a server starts without Alembic; a test holds it against Alembic's answer.
    """
    if not (every := revisions()):
        raise RuntimeError("no migrations found beside the program")
    return every[-1]


def revisions() -> list[str]:
    """Every revision of this program, oldest first."""
    return sorted(file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*_*.py"))


def current(engine: Engine) -> str | None:
    """The revision the database is at; None for an empty database."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade_schema(engine: Engine, app_role: str | None = None) -> None:
    """Run every missing migration, then make the guards and the application role's rights anew.

    One transaction on both databases: after a crash the schema is the old one or the new one.
    """
    from alembic import command

    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # A batch rebuild drops and renames tables; with foreign keys on it would delete child rows.
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(_config(connection), "head")
        make_triggers(connection)
        if app_role:
            _grant(connection, app_role)
        connection.commit()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.exec_driver_sql("BEGIN")


def _grant(connection: Connection, role: str) -> None:
    """What the application's role may do: never delete, except in plumbing."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    names = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    ).scalars()
    for name in names.all():
        rights = "SELECT, INSERT, UPDATE, DELETE" if name.startswith("sys_") else "SELECT, INSERT, UPDATE"
        connection.exec_driver_sql(f"GRANT {rights} ON {name} TO {quoted}")
    connection.exec_driver_sql(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {quoted}")


def migrate(site: Site) -> str:
    """Bring the site's database to the newest revision and tell the ledger. Returns the revision."""
    owner = open_engine(site.settings.database_owner, writable=True)
    try:
        before = current(owner)
        if before is not None and before not in revisions():
            raise UnknownSchema(
                f"the database is at revision {before}, which this program does not know: start the program "
                "that made it, or, where it held the worked example only, choose an empty HILO_DATA folder"
            )
        role = None
        if not site.db.is_sqlite and site.settings.database_owner != site.settings.database:
            role = make_url(site.settings.database).username
        upgrade_schema(owner, role)
    finally:
        owner.dispose()
    revision = newest()
    if before != revision:
        with site.db.act(SYSTEM, clock.now()) as work:
            record(work, MIGRATED, Subject("database", revision), revision=revision)
            make_checkpoint(work, Occasion.INSTALLED)
    return revision
