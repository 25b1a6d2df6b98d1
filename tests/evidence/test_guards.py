"""The database itself refuses what nobody may do, whoever asks."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.evidence.triggers import GuardsMissing, missing_guards, self_test
from app.kernel.engine import open_engine
from app.site import Site
from tests.evidence.test_ledger import hire

ATTACKS = (
    "UPDATE ledger_entry SET actor = 'nobody'",
    "DELETE FROM ledger_entry",
    "UPDATE ledger_row SET digest = 'x'",
    "DELETE FROM ledger_row",
    "DELETE FROM person",
    "UPDATE person SET sign_in = 'eve'",
    "INSERT INTO ledger_entry"
    " SELECT seq + 5, at, entered_at, actor, kind, subject_kind, subject_code, body, leaf"
    " FROM ledger_entry",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_cannot_change_the_ledger(site: Site, attack: str) -> None:
    """UPDATE and DELETE are refused to the application's role and to the owner of the tables."""
    hire(site)
    for url in (site.settings.database, site.settings.database_owner):
        engine = open_engine(url, writable=True)
        with engine.connect() as connection, pytest.raises(DBAPIError):
            connection.exec_driver_sql(attack)
        engine.dispose()


def test_replace_and_truncate_are_refused(site: Site) -> None:
    """REPLACE walks past a delete trigger on SQLite, TRUNCATE past row triggers on PostgreSQL."""
    hire(site)
    attacks = (
        [
            "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry",
            "REPLACE INTO person SELECT * FROM person",
        ]
        if site.db.is_sqlite
        else ["TRUNCATE ledger_entry CASCADE", "TRUNCATE person CASCADE"]
    )
    for attack in attacks:
        engine = open_engine(site.settings.database_owner, writable=True)
        with engine.connect() as connection:
            with pytest.raises(DBAPIError):
                connection.exec_driver_sql(attack)
            connection.rollback()
        engine.dispose()


def test_replica_mode_does_not_switch_the_guards_off(site: Site) -> None:
    """`session_replication_role = replica` skips ordinary triggers: ours are ENABLE ALWAYS."""
    hire(site)
    engine = open_engine(site.settings.database_owner, writable=True)
    with engine.connect() as connection:
        if not site.db.is_sqlite:
            connection.exec_driver_sql("SET session_replication_role = replica")
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("DELETE FROM ledger_entry")
    engine.dispose()


def test_the_start_up_test_passes_on_a_sound_database(site: Site) -> None:
    hire(site)
    with site.db.writing() as db:
        self_test(db.connection())
        assert missing_guards(db.connection()) == []


@pytest.mark.parametrize("table", ["ledger_entry", "person"])
def test_the_start_up_test_finds_a_missing_guard(site: Site, table: str) -> None:
    hire(site)
    owner = open_engine(site.settings.database_owner, writable=True)
    name = f"{table}_no_delete"
    with owner.connect() as connection:
        where = "" if site.db.is_sqlite else f" ON {table}"
        connection.execute(text(f"DROP TRIGGER {name}{where}"))
        connection.commit()
    with site.db.writing() as db, pytest.raises(GuardsMissing, match=name):
        self_test(db.connection())
    owner.dispose()
