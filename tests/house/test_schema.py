"""The schema that migrations make is the schema the models say, on both databases, guards included."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, inspect, text

from app import tables
from app.evidence.rows import classes
from app.evidence.triggers import missing_guards, postgresql_triggers, sqlite_triggers
from app.kernel.engine import open_engine
from app.kernel.tables import metadata
from app.migrate import upgrade_schema
from tests.databases import PostgreSQL

tables.load()


def shape(connection: Connection) -> dict[str, list[str]]:
    """Every table's columns, constraints and indexes as sorted text."""
    found: dict[str, list[str]] = {}
    look = inspect(connection)
    for table in look.get_table_names():
        if table == "alembic_version":
            continue
        lines = [
            f"{c['name']} {c['type']} {'NULL' if c['nullable'] else 'NOT NULL'}"
            for c in look.get_columns(table)
        ]
        lines += [f"pk {look.get_pk_constraint(table)}"]
        lines += [f"fk {sorted(map(str, key.items()))}" for key in look.get_foreign_keys(table)]
        lines += [
            f"uq {unique['name']} {unique['column_names']}" for unique in look.get_unique_constraints(table)
        ]
        lines += [
            f"ck {check['name']} {' '.join(check['sqltext'].split())}"
            for check in look.get_check_constraints(table)
        ]
        lines += [
            f"ix {index['name']} {index['column_names']} {index['unique']} {_where(index)}"
            for index in look.get_indexes(table)
        ]
        found[table] = sorted(lines)
    return found


def _where(index: Mapping[str, Any]) -> str:
    options = index.get("dialect_options", {})
    return "; ".join(f"{name} {' '.join(str(value).split())}" for name, value in sorted(options.items()))


def test_migrations_make_what_the_models_say_on_sqlite(tmp_path: Path) -> None:
    said = create_engine(f"sqlite:///{tmp_path / 'said.sqlite3'}")
    made = open_engine(f"sqlite:///{tmp_path / 'made.sqlite3'}", writable=True)
    metadata.create_all(said)
    upgrade_schema(made)
    with said.connect() as models, made.connect() as migrations:
        assert shape(migrations) == shape(models)
        assert missing_guards(migrations) == []


def test_migrations_make_what_the_models_say_on_postgresql(postgresql: PostgreSQL) -> None:
    url = postgresql.owner_url
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text("CREATE DATABASE made"))
        connection.execute(text("CREATE DATABASE said"))
    said, made = create_engine(url.set(database="said")), create_engine(url.set(database="made"))
    metadata.create_all(said)
    upgrade_schema(made)
    with said.connect() as models, made.connect() as migrations:
        assert shape(migrations) == shape(models)
        assert missing_guards(migrations) == []
    for engine in (said, made, admin):
        engine.dispose()


def test_every_table_but_plumbing_refuses_deletion() -> None:
    for cls in classes():
        name = str(cls.__tablename__)
        guarded = f"{name}_no_delete" in sqlite_triggers() and f"{name}_no_delete" in postgresql_triggers()
        assert guarded is not name.startswith("sys_"), name


def test_no_column_is_a_float() -> None:
    for table in metadata.sorted_tables:
        for column in table.columns:
            assert column.type.python_type is not float, f"{table.name}.{column.name}"


def test_every_constraint_has_a_name() -> None:
    for table in metadata.sorted_tables:
        for constraint in table.constraints:
            assert constraint.name, f"{table.name}: {constraint!r}"


@pytest.mark.parametrize(
    "cls", [c for c in classes() if c.moves is not None], ids=lambda c: str(c.__tablename__)
)
def test_every_state_stands_in_its_table_of_moves(cls: type) -> None:
    column, moves = cls.moves  # type: ignore[attr-defined]  # a Row class
    words = cls.__table__.columns[column].type.enum_class  # type: ignore[attr-defined]  # as above
    assert set(moves) == set(words)
    assert all(news <= set(words) for news in moves.values())
