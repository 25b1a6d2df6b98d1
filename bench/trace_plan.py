"""Do the plans of a trace read a whole table?

Every statement that traces of all kinds really run is caught on its way to the database and explained there:
on SQLite as its program (which names tables, where a plan names aliases), before and after ANALYZE; on
PostgreSQL as the plan for its values and as the plan for any values.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from app.concerns.models import SubjectKind
from bench.genealogy import Season
from bench.grounds import ENGINES, Ground, Grounds
from bench.measure import Goal
from bench.trace_grow import traced

GOALS = tuple(Goal(f"trace-plan.{engine}", "plans", 0) for engine in ENGINES)

Statement = tuple[str, Any]


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """How many plans scan a large table or fill a Bloom filter, over every size of database."""
    for engine in ENGINES:
        bad = 0
        for units in grounds.sizes:
            ground = grounds.ground(engine, units)
            bad += len(bad_plans(ground, list(asked(ground))))
        yield f"trace-plan.{engine}", bad


def large(season: Season) -> frozenset[str]:
    """Tables that grow with the genealogy: at least a row for every tenth unit."""
    return frozenset(name for name, rows in season.rows.items() if len(rows) * 10 >= season.units)


def asked(ground: Ground) -> Iterator[Statement]:
    """The statements of a trace of each kind of subject."""
    middle = ground.sown.seasons // 2
    for kind in SubjectKind:
        rows = ground.sown.season.rows[kind.value]
        with _caught(ground) as statements:
            traced(ground, kind.value, ground.sown.code(rows[len(rows) // 2]["code"], middle))
        yield from statements


@contextmanager
def _caught(ground: Ground) -> Iterator[list[Statement]]:
    """Statements on their way to the database while the block runs."""
    statements: list[Statement] = []

    def note(_c: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        statements.append((statement, values))

    event.listen(ground.site.db.reader, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(ground.site.db.reader, "before_cursor_execute", note)


def bad_plans(ground: Ground, statements: list[Statement]) -> list[str]:
    """Of these statements those with a plan that reads a large table from end to end."""
    tables = large(ground.sown.season)
    if not ground.site.db.is_sqlite:
        with ground.site.db.reader.connect() as connection:
            return [one for one, values in statements if _scans_postgresql(connection, one, values, tables)]
    with ground.site.db.writer.connect() as connection:
        bad = {one for one, values in statements if _scans_sqlite(connection, one, values, tables)}
        # Statistics turn plans round; they are forgotten with the transaction.
        connection.exec_driver_sql("ANALYZE")
        bad |= {one for one, values in statements if _scans_sqlite(connection, one, values, tables)}
        connection.rollback()
    return sorted(bad)


def _scans_sqlite(connection: Connection, statement: str, values: Any, tables: frozenset[str]) -> bool:
    tree = connection.exec_driver_sql("SELECT rootpage, tbl_name FROM sqlite_master")
    roots = {row.rootpage: row.tbl_name for row in tree}
    opened: dict[int, str] = {}
    for step in connection.exec_driver_sql(f"EXPLAIN {statement}", values):
        if step.opcode.startswith("Open"):
            opened[step.p1] = roots.get(step.p2, "") if step.opcode == "OpenRead" else ""
        if step.opcode == "FilterAdd":
            return True
        if step.opcode in ("Rewind", "Last") and opened.get(step.p1) in tables:
            return True
    return False


def _scans_postgresql(connection: Connection, statement: str, values: Any, tables: frozenset[str]) -> bool:
    rows = list(connection.exec_driver_sql(f"EXPLAIN {statement}", values))
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", statement)))
    general = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", statement)
    driver = connection.connection.driver_connection
    assert driver is not None
    # Without values, and past SQLAlchemy, which would send an empty list of them.
    rows += driver.execute(f"EXPLAIN (GENERIC_PLAN) {general}", prepare=False).fetchall()
    scanned = re.findall(r"Seq Scan on (\w+)", "\n".join(row[0] for row in rows))
    return bool(tables & set(scanned))
