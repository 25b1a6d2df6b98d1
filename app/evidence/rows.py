"""The canonical form of a row as the database keeps it, and its digest."""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Table, text
from sqlmodel import Session

from app.evidence.canonical import canonical
from app.evidence.vault import Vault
from app.kernel.tables import Row, metadata

#: Rows asked for in one statement, below SQLite's limit of bound values.
BATCH = 500


@cache
def personal_tables() -> frozenset[str]:
    """Names of the tables whose rows hold a person's identity."""
    return frozenset(str(c.__tablename__) for c in classes() if c.personal)


def classes() -> list[type[Row]]:
    """Every table class of Hilo."""
    found: list[type[Row]] = []
    waiting = list(Row.__subclasses__())
    while waiting:
        cls = waiting.pop()
        waiting.extend(cls.__subclasses__())
        if hasattr(cls, "__table__"):
            found.append(cls)
    return sorted(found, key=lambda cls: str(cls.__tablename__))


@cache
def raw_select(table: Table) -> str:
    """A SELECT of the columns as stored, with no conversion on the way."""
    return f"SELECT {', '.join(column.name for column in table.columns)} FROM {table.name}"  # noqa: S608  names of our own tables


def canonical_row(table: Table, values: Iterable[Any]) -> bytes:
    """The bytes that stand for a row: its table, and each column that holds something.

    Empty columns are left out, so a migration that adds one leaves every digest as it was.
    """
    row = {
        column.name: int(value) if isinstance(value, bool) else value
        for column, value in zip(table.columns, values, strict=True)
        if value is not None
    }
    try:
        return canonical({"table": table.name, "row": row})
    except TypeError:
        # A value no honest row holds (say, a float put there by raw SQL): spelled so that it never matches.
        return canonical({"table": table.name, "strange": {name: repr(value) for name, value in row.items()}})


def digest_of(table: Table, values: Iterable[Any], vault: Vault) -> str:
    """Digest of a row: SHA-256, or keyed where the row holds a person's identity."""
    form = canonical_row(table, values)
    if table.name in personal_tables():
        return vault.keyed_digest(form)
    return hashlib.sha256(form).hexdigest()


def key_columns(table: Table) -> list[str]:
    """The names of the primary key's columns."""
    return [column.name for column in table.primary_key.columns]


def key_of(table: Table, values: Mapping[str, Any]) -> str:
    """The primary key of a row as text, as `app.kernel.db.row_key` writes it."""
    return ":".join(str(values[name]) for name in key_columns(table))


def digests(session: Session, rows: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """For (table, key) pairs, the triples (table, key, digest) of the rows as they now are stored."""
    vault: Vault = session.info["vault"]
    wanted: dict[str, list[str]] = {}
    for table_name, row_key in rows:
        wanted.setdefault(table_name, []).append(row_key)
    found: dict[tuple[str, str], str] = {}
    for table_name, keys in wanted.items():
        table = metadata.tables[table_name]
        for start in range(0, len(keys), BATCH):
            for values in _stored(session, table, keys[start : start + BATCH]):
                row_key = key_of(table, dict(zip(table.columns.keys(), values, strict=True)))
                found[table_name, row_key] = digest_of(table, values, vault)
    return [(table_name, row_key, found[table_name, row_key]) for table_name, row_key in rows]


def _stored(session: Session, table: Table, keys: list[str]) -> list[tuple[Any, ...]]:
    names = key_columns(table)
    values: dict[str, Any] = {}
    clauses = []
    for number, key_text in enumerate(keys):
        parts = key_text.split(":", len(names) - 1)
        for place, part in enumerate(parts):
            column = table.columns[names[place]]
            values[f"k{number}_{place}"] = int(part) if column.type.python_type is int else part
        clauses.append([f":k{number}_{place}" for place in range(len(parts))])
    if len(names) == 1:
        where = f"{names[0]} IN ({', '.join(c[0] for c in clauses)})"
    else:
        where = " OR ".join(
            "(" + " AND ".join(f"{n} = {c}" for n, c in zip(names, clause, strict=True)) + ")"
            for clause in clauses
        )
    statement = text(f"{raw_select(table)} WHERE {where}")
    return [tuple(row) for row in session.connection().execute(statement, values)]
