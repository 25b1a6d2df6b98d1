"""The canonical form of a row as the database keeps it, and its digest."""

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from json.encoder import encode_basestring
from typing import Any

from sqlalchemy import Table, text
from sqlmodel import Session

from app.evidence.canonical import EXACT, canonical
from app.evidence.vault import Vault
from app.kernel.tables import Row, metadata

#: Rows asked for in one statement, below SQLite's limit of bound values.
BATCH = 500
#: Up to so many keys are bound one by one, in a statement the database may know; more are written out.
FEW = 20


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
def in_order(table: Table) -> tuple[str, ...]:
    """The names of the columns in the order of canonical JSON, which is that of every raw row here."""
    return tuple(sorted(table.columns.keys()))


@cache
def raw_select(table: Table) -> str:
    """A SELECT of the columns as stored, `in_order`, with no conversion on the way."""
    return f"SELECT {', '.join(in_order(table))} FROM {table.name}"  # noqa: S608  names of our own tables


#: How a stored value is spelled in canonical JSON, by its type; any other type takes the long way.
_SPELLED: dict[type[Any], Callable[[Any], str]] = {
    str: encode_basestring,
    int: lambda value: str(value) if -EXACT < value < EXACT else f'"{value}"',
    bool: lambda value: "1" if value else "0",
    bytes: lambda value: f'"{value.hex()}"',
}


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(f"{encode_basestring(name)}:" for name in in_order(table))


def canonical_row(table: Table, values: Sequence[Any]) -> bytes:
    """The bytes that stand for a row of `raw_select`: its table, and each column that holds something.

    Empty columns are left out, so a migration that adds one leaves every digest as it was. The bytes are
    those of `canonical` for ``{"table": …, "row": {…}}``; verification makes them for every row there is,
    so for the usual types they are put together straight from the stored values.
    """
    try:
        said = [
            name + _SPELLED[type(value)](value)
            for name, value in zip(_names(table), values, strict=True)
            if value is not None
        ]
    except KeyError:
        return _canonical_row_of_any(table, values)
    return f'{{"row":{{{",".join(said)}}},"table":"{table.name}"}}'.encode()


def _canonical_row_of_any(table: Table, values: Sequence[Any]) -> bytes:
    """The same for values of any type."""
    row = {
        name: int(value) if isinstance(value, bool) else value
        for name, value in zip(in_order(table), values, strict=True)
        if value is not None
    }
    try:
        return canonical({"table": table.name, "row": row})
    except TypeError:
        # A value no honest row holds (say, a float put there by raw SQL): spelled so that it never matches.
        return canonical({"table": table.name, "strange": {name: repr(value) for name, value in row.items()}})


def digester(table: Table, vault: Vault) -> Callable[[Sequence[Any]], str]:
    """What gives the digest of a row of this table: SHA-256, or keyed where it holds a person's identity."""
    if table.name in personal_tables():
        return lambda values: vault.keyed_digest(canonical_row(table, values))
    return lambda values: hashlib.sha256(canonical_row(table, values)).hexdigest()


def key_columns(table: Table) -> list[str]:
    """The names of the primary key's columns."""
    return [column.name for column in table.primary_key.columns]


@cache
def key_reader(table: Table) -> Callable[[Sequence[Any]], str]:
    """What gives the primary key of a raw row as text, as `app.kernel.db.row_key` writes it."""
    places = [in_order(table).index(name) for name in key_columns(table)]
    if len(places) == 1:
        (only,) = places
        return lambda values: str(values[only])
    return lambda values: ":".join([str(values[place]) for place in places])


def digests(session: Session, rows: list[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """For (table, key) pairs, the triples (table, key, digest) of the rows as they now are stored."""
    vault: Vault = session.info["vault"]
    wanted: dict[str, list[str]] = {}
    for table_name, row_key in rows:
        wanted.setdefault(table_name, []).append(row_key)
    found: dict[tuple[str, str], str] = {}
    for table_name, keys in wanted.items():
        table = metadata.tables[table_name]
        key_of, digest_of = key_reader(table), digester(table, vault)
        for values in stored_rows(session, table, keys):
            found[table_name, key_of(values)] = digest_of(values)
    return [(table_name, row_key, found[table_name, row_key]) for table_name, row_key in rows]


def stored_rows(session: Session, table: Table, keys: Sequence[str]) -> list[Sequence[Any]]:
    """The rows with these keys as `raw_select` gives them, in any order; what is not there is left out.

    Raises ValueError for a key that no row of this table can have.
    """
    names = key_columns(table)
    of_one_number = len(names) == 1 and _is_number(table, names[0])
    found: list[Sequence[Any]] = []
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        if of_one_number and len(some) > FEW:
            numbers = ", ".join([str(int(one)) for one in some])
            statement = f"{raw_select(table)} WHERE {names[0]} IN ({numbers})"
            found += session.connection().exec_driver_sql(statement).all()
        else:
            asked, values = _asked_by_key(table, some)
            found += session.connection().execute(text(asked), values).all()
    return found


def _is_number(table: Table, column: str) -> bool:
    return table.columns[column].type.python_type is int


def _asked_by_key(table: Table, keys: Sequence[str]) -> tuple[str, dict[str, Any]]:
    names = key_columns(table)
    values: dict[str, Any] = {}
    clauses = []
    for number, key_text in enumerate(keys):
        parts = key_text.split(":", len(names) - 1)
        for place, part in enumerate(parts):
            values[f"k{number}_{place}"] = int(part) if _is_number(table, names[place]) else part
        clauses.append([f":k{number}_{place}" for place in range(len(parts))])
    if len(names) == 1:
        where = f"{names[0]} IN ({', '.join(c[0] for c in clauses)})"
    else:
        where = " OR ".join(
            "(" + " AND ".join(f"{n} = {c}" for n, c in zip(names, clause, strict=True)) + ")"
            for clause in clauses
        )
    return f"{raw_select(table)} WHERE {where}", values
