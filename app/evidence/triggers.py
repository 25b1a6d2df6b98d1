"""Triggers: what the database itself refuses, whoever asks, and the proof at every start that it does.

Migrations drop triggers silently on SQLite, so they are made anew after each one, from the marks on the
table classes: append-only rows, states that only make written moves, columns that keep their first value,
and no deletion anywhere but in plumbing (tables named ``sys_*``).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from app.evidence.rows import classes
from app.kernel.tables import Row


class GuardsMissing(RuntimeError):
    """The database lacks a guard or does not refuse what it must; Hilo does not start on it."""


def _guarded() -> Iterator[type[Row]]:
    return (cls for cls in classes() if not str(cls.__tablename__).startswith("sys_"))


def _moves_rule(column: str, moves: Mapping[Any, frozenset[Any]]) -> str:
    allowed = [
        f"(OLD.{column} = '{old.value}' AND NEW.{column} = '{new.value}')"
        for old, news in moves.items()
        for new in sorted(news)
    ]
    return f"OLD.{column} <> NEW.{column} AND NOT ({' OR '.join(allowed) or '1 = 0'})"


def _rules(cls: type[Row]) -> list[tuple[str, str, str, str]]:
    """The guards of one table as (name, event, condition, words)."""
    table = str(cls.__tablename__)
    rules = [("no_delete", "DELETE", "", f"{table}: nothing regulated is deleted")]
    if cls.append_only:
        rules.append(("no_update", "UPDATE", "", f"{table}: rows are never changed"))
    if cls.moves is not None:
        column, moves = cls.moves
        rules.append(("moves", "UPDATE", _moves_rule(column, moves), f"{table}: no such move"))
    if cls.frozen:
        changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in cls.frozen)
        rules.append(("frozen", "UPDATE", changed, f"{table}: {', '.join(cls.frozen)} never change"))
    return rules


#: The ledger grows by one, at its end: kills INSERT OR REPLACE and gaps.
_NEXT = "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entry)"


def sqlite_triggers() -> dict[str, str]:
    """Name and text of every trigger SQLite must have."""
    made: dict[str, str] = {}
    for cls in _guarded():
        table = str(cls.__tablename__)
        for name, event, condition, words in _rules(cls):
            when = condition.replace("IS DISTINCT FROM", "IS NOT")
            made[f"{table}_{name}"] = _sqlite(f"{table}_{name}", event, table, when, words)
        replaced = _sqlite_replace_guard(cls)
        if replaced:
            made[f"{table}_no_replace"] = replaced
    made["ledger_entry_next"] = _sqlite(
        "ledger_entry_next", "INSERT", "ledger_entry", _NEXT, "ledger_entry: entries follow one another"
    )
    return made


def _sqlite(name: str, event: str, table: str, when: str, words: str) -> str:
    clause = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW{clause} "
        f"BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )


def _sqlite_replace_guard(cls: type[Row]) -> str | None:
    """INSERT OR REPLACE deletes without asking the delete trigger unless the connection opted in."""
    table = cls.__table__  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    if table.name == "ledger_entry":
        return None
    same = " AND ".join(f"{c.name} = NEW.{c.name}" for c in table.primary_key.columns)
    when = f"EXISTS (SELECT 1 FROM {table.name} WHERE {same})"  # noqa: S608  names of our own tables
    name = f"{table.name}_no_replace"
    return _sqlite(name, "INSERT", table.name, when, f"{table.name}: a row is never replaced")


def postgresql_triggers() -> dict[str, list[str]]:
    """Name of every trigger PostgreSQL must have, with the statements that make it."""
    made: dict[str, list[str]] = {}
    for cls in _guarded():
        table = str(cls.__tablename__)
        for name, event, condition, words in _rules(cls):
            made[f"{table}_{name}"] = _postgresql(f"{table}_{name}", event, table, condition, words)
        name = f"{table}_no_truncate"
        made[name] = _postgresql(name, "TRUNCATE", table, "", f"{table}: never emptied")
    made["ledger_entry_next"] = _postgresql(
        "ledger_entry_next", "INSERT", "ledger_entry", _NEXT, "ledger_entry: entries follow one another"
    )
    return made


def _postgresql(name: str, event: str, table: str, condition: str, words: str) -> list[str]:
    each = "STATEMENT" if event == "TRUNCATE" else "ROW"
    refuse = f"RAISE EXCEPTION '{words}' USING ERRCODE = 'restrict_violation';"
    body = f"IF {condition} THEN {refuse} END IF; RETURN NEW;" if condition else f"{refuse} RETURN NULL;"
    return [
        f"CREATE OR REPLACE FUNCTION guard_{name}() RETURNS trigger LANGUAGE plpgsql "
        f"AS $$ BEGIN {body} END $$",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH {each} EXECUTE FUNCTION guard_{name}()",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}",
    ]


def make_triggers(connection: Connection) -> None:
    """Make every guard anew; run by each migration, as the owner of the tables."""
    if connection.dialect.name == "sqlite":
        for name, statement in sqlite_triggers().items():
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            connection.exec_driver_sql(statement)
        return
    for statements in postgresql_triggers().values():
        for statement in statements:
            connection.exec_driver_sql(statement)


def missing_guards(connection: Connection) -> list[str]:
    """Names of guards that are missing, altered or switched off."""
    if connection.dialect.name == "sqlite":
        found = {
            row.name: row.sql
            for row in connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
        }
        return [name for name, statement in sqlite_triggers().items() if found.get(name) != statement]
    rows = connection.execute(
        text(
            "SELECT t.tgname, t.tgenabled, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
    )
    live = {name: (enabled, body.strip()) for name, enabled, body in rows}
    return [
        name
        for name, statements in postgresql_triggers().items()
        if live.get(name) != ("A", statements[0].split("$$")[1].strip())
    ]


def self_test(connection: Connection) -> None:
    """Refuse to go on unless every guard stands and the ledger really refuses to be changed.

    Raises GuardsMissing with the first fault and the way to mend it.
    """
    missing = missing_guards(connection)
    if missing:
        raise GuardsMissing(
            f"guards missing in the database: {', '.join(missing[:5])}; run `python -m app migrate`"
        )
    for statement in ("UPDATE ledger_entry SET actor = actor", "DELETE FROM ledger_entry"):
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(statement)
        except DBAPIError:
            continue
        raise GuardsMissing(f"the database let the ledger be changed: {statement}")
