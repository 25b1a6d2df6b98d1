"""Sowing: put many seasons of one shape straight into the real tables of an empty, throw-away database.

Guards, foreign keys and the ledger are left out, and indexes are made last: these are data to read quickly,
not records. The first season is inserted row by row with every CHECK on; the others are copies of it that the
database makes itself, with keys moved on and codes given a prefix.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table
from sqlalchemy.schema import CreateIndex, CreateTable

from app import tables
from app.kernel.tables import metadata
from bench.genealogy import Season

#: Before and after sowing, for each database.
HURRY = {
    "sqlite": (
        "PRAGMA foreign_keys=OFF",
        "PRAGMA journal_mode=OFF",
        "PRAGMA synchronous=OFF",
        "PRAGMA cache_size=-100000",
    ),
    "postgresql": ("SET session_replication_role = replica", "SET maintenance_work_mem = '256MB'"),
}


@dataclass(frozen=True, slots=True)
class Sown:
    """What was put into a database: as many seasons of one shape, so many units."""

    season: Season
    seasons: int

    @property
    def units(self) -> int:
        """How many units the database holds."""
        return self.season.units * self.seasons

    def code(self, code: str, number: int) -> str:
        """What the thing of this code is called in that season; season 0 has the plain codes."""
        return code if number == 0 else f"{_prefix(number)}{code}"


def _prefix(number: int) -> str:
    return f"S{10000 + number}-"


def make_tables(connection: Connection) -> None:
    """All tables of the product, without indexes and guards."""
    tables.load()
    for table in metadata.sorted_tables:
        connection.execute(CreateTable(table))


def make_indexes(connection: Connection) -> None:
    """The indexes of the product's tables."""
    for table in metadata.sorted_tables:
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            connection.execute(CreateIndex(index))


def sow(connection: Connection, season: Season, seasons: int) -> Sown:
    """Fill an empty database with so many seasons. The connection commits by itself or is committed later."""
    dialect = connection.dialect.name
    for statement in HURRY[dialect]:
        connection.exec_driver_sql(statement)
    make_tables(connection)
    order = [table for table in metadata.sorted_tables if table.name in season.rows]
    for table in order:
        connection.execute(table.insert(), season.rows[table.name])
    if dialect == "sqlite":
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
    for table in order:
        _copy(connection, table, season, seasons)
    for table in metadata.sorted_tables:
        for row in season.shared.get(table.name, ()):
            connection.execute(table.insert(), row)
    make_indexes(connection)
    return Sown(season, seasons)


def _copy(connection: Connection, table: Table, season: Season, seasons: int) -> None:
    """Copies of the first season's rows, one season after another as the years would bring them."""
    first = f"first_{table.name}"
    connection.exec_driver_sql(f"CREATE TEMP TABLE {first} AS SELECT * FROM {table.name}")  # noqa: S608  our own names
    names = ", ".join(column.name for column in table.columns)
    for number in range(1, seasons):
        moved = ", ".join(_moved(column, season, number) for column in table.columns)
        connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) SELECT {moved} FROM {first}")  # noqa: S608  as above
    connection.exec_driver_sql(f"DROP TABLE {first}")


def _moved(column: Column[Any], season: Season, number: int) -> str:
    """The column's value in a later season."""
    if column.name in ("code", "serial"):
        return f"'{_prefix(number)}' || {column.name}"
    pointed = season.rows.get(_points_to(column) or "")
    return column.name if pointed is None else f"{column.name} + {number * len(pointed)}"


def _points_to(column: Column[Any]) -> str | None:
    """The table whose key this column holds; a composite key points to columns that point on."""
    if column.name == "id":
        return column.table.name
    return next((_points_to(key.column) for key in column.foreign_keys), None)
