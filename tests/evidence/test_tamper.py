"""Whoever edits a row behind the ledger is found: every column of every table, on both databases."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    LargeBinary,
    Table,
    TypeDecorator,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy import column as raw_column
from sqlalchemy import table as table_of
from sqlalchemy.engine import default
from sqlmodel import Session

from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.donors.forms import WithdrawalForm
from app.donors.models import Withdrawn
from app.donors.operations import withdraw_consent
from app.evidence.verify import verify
from app.example.people import TESS, actor
from app.example.story import load_once
from app.kernel import clock
from app.kernel.engine import open_engine
from app.kernel.refusals import Refusal
from app.kernel.tables import metadata
from app.migrate import migrate
from app.site import Site, open_site
from tests.databases import PostgreSQL, settings_in
from tests.story import quiet

#: Added to a number: no key, count or time of the story comes near.
FAR = 1_000_003


def tables() -> list[Table]:
    return [table for table in metadata.sorted_tables if not table.name.startswith("sys_")]


def with_holds(site: Site) -> Site:
    """The story, with the two tables it leaves empty filled by operations."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, clock.now()) as work:
        held = place_hold(work, SubjectKind.LOT, "MSC-25-001", "a vial of the lot was found open")
        form = WithdrawalForm(
            scope=Withdrawn.RESEARCH,
            withdrawn_on=clock.now().date(),
            reason="the donor asked for it by letter",
        )
        taken = withdraw_consent(work, "D-0007", form)
    assert not isinstance(held, Refusal) and not isinstance(taken, Refusal), (held, taken)
    return site


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def full(
    request: pytest.FixtureRequest, story_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site with a row in every table."""
    folder = tmp_path_factory.mktemp("full")
    if request.param == "sqlite":
        shutil.copytree(story_folder, folder, dirs_exist_ok=True)
        site = with_holds(open_site(settings_in(folder)))
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        fresh = open_site(settings_in(folder, *server.fresh()))
        assert load_once(fresh, quiet)
        site = with_holds(fresh)
    yield site
    site.db.close()


@contextmanager
def unguarded(site: Site) -> Iterator[Connection]:
    """A raw connection of the owner without guards, checks or foreign keys; nothing it does is kept."""
    engine = open_engine(site.settings.database_owner, writable=True)
    with engine.connect() as connection:
        if site.db.is_sqlite:
            _free_sqlite(connection)
        else:
            _free_postgresql(connection)
        yield connection
        connection.rollback()
    engine.dispose()


def _free_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("ROLLBACK")
    for pragma in ("foreign_keys=OFF", "ignore_check_constraints=ON"):
        connection.exec_driver_sql(f"PRAGMA {pragma}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
        connection.exec_driver_sql(f"DROP TRIGGER {name}")


def _free_postgresql(connection: Connection) -> None:
    found = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint c JOIN pg_namespace n "
            "ON n.oid = c.connamespace WHERE n.nspname = current_schema() AND contype IN ('c', 'f')"
        )
    ).all()
    for table, name in found:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
    for table in tables():
        connection.exec_driver_sql(f"ALTER TABLE {table.name} DISABLE TRIGGER USER")


def other(value: Any, column: Column[Any]) -> Any:
    """A different value of the same storage, no longer than the old one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 1 - value if isinstance(column.type, Boolean) else value + FAR
    if isinstance(value, bytes | memoryview):
        kept = bytes(value)
        return bytes([kept[0] ^ 1, *kept[1:]]) if kept else b"x"
    if isinstance(value, str):
        return (value[:-1] + ("x" if value[-1] != "x" else "y")) if value else "x"
    stored = column.type.dialect_impl(default.DefaultDialect())
    if isinstance(stored, TypeDecorator):
        stored = stored.impl_instance
    if isinstance(stored, Boolean):
        return True
    return FAR if isinstance(stored, Integer) else b"x" if isinstance(stored, LargeBinary) else "x"


def blamed(connection: Connection, site: Site) -> set[str]:
    """The tables that verification blames, as it sees this very transaction."""
    with Session(connection, join_transaction_mode="rollback_only") as db:
        db.info.update(site.db.info)
        return {problem.table for problem in verify(db).problems}


def edit(connection: Connection, table: Table, column: Column[Any]) -> None:
    """Change one column of one row by raw SQL."""
    keys = [key.name for key in table.primary_key.columns]
    names = list(dict.fromkeys([*keys, column.name]))
    raw: list[Any] = [literal_column(name).label(name) for name in names]
    row = connection.execute(select(*raw).select_from(table).limit(1)).mappings().one()
    where = [literal_column(key) == row[key] for key in keys]
    changed = update(table_of(table.name, *map(raw_column, names))).where(*where)
    new = other(row[column.name], column)
    assert connection.execute(changed.values({column.name: new})).rowcount == 1


def test_every_table_of_the_walk_has_a_row(full: Site) -> None:
    with full.db.reading() as db:
        empty = [t.name for t in tables() if db.connection().execute(t.select().limit(1)).first() is None]
    assert empty == []


def test_an_edit_of_any_column_of_any_table_is_found_and_named(full: Site) -> None:
    """P11-10a: one raw edit at a time, undone before the next; the control changes nothing and is sound."""
    missed = []
    with unguarded(full) as connection:
        assert blamed(connection, full) == set(), "the control: nothing was edited"
        for table in tables():
            for column in table.columns:
                with connection.begin_nested() as attempt:
                    edit(connection, table, column)
                    if table.name not in blamed(connection, full):
                        missed.append(f"{table.name}.{column.name}")
                    attempt.rollback()
        assert blamed(connection, full) == set(), "the control at the end"
    assert missed == []


def test_an_added_and_a_removed_row_are_found(full: Site) -> None:
    with unguarded(full) as connection:
        with connection.begin_nested() as attempt:
            connection.execute(text("DELETE FROM marker_result WHERE id = 1"))
            assert "marker_result" in blamed(connection, full)
            attempt.rollback()
        with connection.begin_nested() as attempt:
            connection.execute(
                text(
                    "INSERT INTO material SELECT id + 1000, code || 'x', name, supplier, supplier_lot, "
                    "expires_on, received_at FROM material WHERE id = 1"
                )
            )
            assert "material" in blamed(connection, full)
            attempt.rollback()


def test_a_cut_tail_is_found_only_with_a_checkpoint_from_outside(full: Site) -> None:
    lines = (full.settings.data / "checkpoints.txt").read_text("ascii").splitlines()
    with full.db.reading() as db:
        assert verify(db, lines).ok
        entries = verify(db).entries
    size = entries + 5
    with full.db.reading() as db:
        told = verify(db, [lines[-1].replace(lines[-1].split()[0], str(size), 1)])
    assert not told.ok and told.problems[0].table == "checkpoint file"


def test_a_log_written_anew_has_another_root(full: Site, tmp_path: Path) -> None:
    """The same story told again is another log: the old log's checkpoints say so."""
    lines = (full.settings.data / "checkpoints.txt").read_text("ascii").splitlines()
    anew = open_site(settings_in(tmp_path))
    migrate(anew)
    assert load_once(anew, quiet)
    with anew.db.reading() as db:
        assert verify(db).ok
        told = verify(db, lines)
    assert {problem.what.split(":")[0] for problem in told.problems} == {"the log was written anew"}
