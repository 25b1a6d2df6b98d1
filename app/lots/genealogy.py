"""Genealogy: who descends from whom, as one query per direction whose cost is that of its answer.

Two traps of the planners are closed in `_look`, and nowhere else (a test reads the plans):

- SQLite, joining a recursive result with a table, may build a Bloom filter by scanning the whole table at
  every query. It never reorders a CROSS JOIN, so each row is looked up by its key from the left side.
- PostgreSQL takes the recursive result for large and reads the whole table into a hash. A lateral subquery
  with OFFSET 0 cannot be flattened into such a join, so each row is again looked up by its key.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from sqlalchemy import Row, TextClause, text
from sqlmodel import Session


class Look(Protocol):
    """Writes the look-up of rows: their table, its alias, each key column's value on the left side."""

    def __call__(self, table: str, alias: str, /, **keys: str) -> str: ...


#: The given keys, one a row, as ``i.u``.
_GIVEN = "(SELECT value AS u FROM json_each(:ids)) AS i"
_GIVEN_POSTGRESQL = "unnest(CAST(:ids AS integer[])) AS i(u)"


def _look(table: str, alias: str, /, **keys: str) -> str:
    return f"CROSS JOIN {table} AS {alias} ON " + _equal(alias, keys)


def _look_postgresql(table: str, alias: str, /, **keys: str) -> str:
    inner = f"SELECT * FROM {table} AS t WHERE {_equal('t', keys)} OFFSET 0"  # noqa: S608  our own names
    return f"CROSS JOIN LATERAL ({inner}) AS {alias}"


def _equal(alias: str, keys: dict[str, str]) -> str:
    return " AND ".join(f"{alias}.{key} = {value}" for key, value in keys.items())


@dataclass(frozen=True, slots=True)
class PerEngine:
    """One question in the words of each database; ``:ids`` are the integer keys to start from."""

    sqlite: TextClause
    postgresql: TextClause

    def ask(self, db: Session, ids: Iterable[int]) -> list[Row[Any]]:
        """The rows that answer for these keys."""
        keys = list(ids)
        if not keys:
            return []
        connection = db.connection()
        if connection.dialect.name == "sqlite":
            return list(connection.execute(self.sqlite, {"ids": json.dumps(keys)}).all())
        return list(connection.execute(self.postgresql, {"ids": keys}).all())


def worded(build: Callable[[Look, str], str]) -> PerEngine:
    """A question from its builder, which gets the look-up and the given keys of each database."""
    return PerEngine(text(build(_look, _GIVEN)), text(build(_look_postgresql, _GIVEN_POSTGRESQL)))


def _walk(near: str, far: str) -> PerEngine:
    """All units reached from the given ones over edges, from column ``near`` to column ``far``."""

    def build(look: Look, given: str) -> str:
        return f"""
        WITH RECURSIVE reached(u) AS (
            SELECT e.{far} FROM {given} {look("edge", "e", **{near: "i.u"})}
            UNION
            SELECT e.{far} FROM reached AS r {look("edge", "e", **{near: "r.u"})}
        )
        SELECT u FROM reached"""  # noqa: S608  our own names

    return worded(build)


ANCESTORS = _walk("child_id", "parent_id")
DESCENDANTS = _walk("parent_id", "child_id")


def ancestors(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """Keys of all units these came from, however far back; not these themselves, unless one made another."""
    return {row[0] for row in ANCESTORS.ask(db, unit_ids)}


def descendants(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """Keys of all units that came from these, however far; not these themselves, unless one made another."""
    return {row[0] for row in DESCENDANTS.ask(db, unit_ids)}


@cache
def by_key(table: str, key: str, *columns: str) -> PerEngine:
    """Rows of ``table`` whose ``key`` is among the ids, by its index. The names are ours, never typed."""
    names = ", ".join(f"x.{column}" for column in columns)
    return worded(
        lambda look, given: f"SELECT {names} FROM {given} {look(table, 'x', **{key: 'i.u'})}"  # noqa: S608  as said
    )


def edges_among(db: Session, unit_ids: set[int]) -> list[tuple[int, int]]:
    """The edges among these units, as (parent, child)."""
    edges = by_key("edge", "child_id", "parent_id", "child_id").ask(db, unit_ids)
    return [(edge.parent_id, edge.child_id) for edge in edges if edge.parent_id in unit_ids]


def _subjects(look: Look, given: str) -> str:
    """The beginning of a question about holds: whatever a hold that reaches these units can lie on.

    That is the unit itself; a unit it came from; their lots, donations and donors; the materials and
    devices of the steps that made them; and the place it lies in, however far around. Custody is a later
    room, but a stop on a tank must stop the bag whoever asks, so it is asked here.
    """
    return f"""
        WITH RECURSIVE line(u) AS MATERIALIZED (
            SELECT i.u FROM {given}
            UNION
            SELECT e.parent_id FROM line AS r {look("edge", "e", child_id="r.u")}
        ), around(p) AS (
            SELECT (SELECT c.place_id FROM custody_event AS c WHERE c.unit_id = i.u
                    ORDER BY c.link DESC LIMIT 1) FROM {given}
            UNION
            SELECT z.within_id FROM around AS r {look("place", "z", id="r.p")}
        ), made AS MATERIALIZED (
            SELECT x.id, x.code, x.lot_id, x.donation_id, x.step_id
            FROM line AS r {look("unit", "x", id="r.u")}
        ), given_by AS MATERIALIZED (
            SELECT d.code, d.donor_id FROM made AS m {look("donation", "d", id="m.donation_id")}
        ), subjects(kind, code) AS (
            SELECT 'unit', m.code FROM made AS m
            UNION SELECT 'lot', x.code FROM (SELECT DISTINCT lot_id FROM made) AS m
                {look("lot", "x", id="m.lot_id")}
            UNION SELECT 'donation', g.code FROM given_by AS g
            UNION SELECT 'donor', x.code FROM given_by AS g {look("donor", "x", id="g.donor_id")}
            UNION SELECT 'material', x.code FROM (SELECT DISTINCT step_id FROM made) AS m
                {look("step_material", "k", step_id="m.step_id")}
                {look("material", "x", id="k.material_id")}
            UNION SELECT 'equipment', x.code FROM (SELECT DISTINCT step_id FROM made) AS m
                {look("step_equipment", "k", step_id="m.step_id")}
                {look("equipment", "x", id="k.equipment_id")}
            UNION SELECT 'place', x.code FROM around AS a {look("place", "x", id="a.p")}
        )"""  # noqa: S608  our own names


def _reaching(look: Look, given: str) -> str:
    """Keys of the holds, lifted ones too, that reach any of the units."""
    return f"""{_subjects(look, given)}
        SELECT h.id, h.state FROM subjects AS s
        {look("hold", "h", subject_kind="s.kind", subject_code="s.code")}"""  # noqa: S608  our own names


def _stopped(look: Look, given: str) -> str:
    """Which of the units, or of those they came from, a hold in force reaches.

    Up the line once for all of them, to what stops anything here; from there down again over the edges of
    that line only. So the cost is that of the line, also where thousands of units are asked for.
    """
    named = {kind: f"stops AS s {look(kind, 'x', code='s.code')}" for kind in _HELD_BY}
    return f"""{_subjects(look, given)}, stops(kind, code) AS MATERIALIZED (
            SELECT s.kind, s.code FROM subjects AS s
            {look("hold", "h", subject_kind="s.kind", subject_code="s.code")} WHERE h.state = 'in_force'
        ), steps(id) AS MATERIALIZED (
            SELECT k.step_id FROM {named["material"]} {look("step_material", "k", material_id="x.id")}
            WHERE s.kind = 'material'
            UNION SELECT k.step_id
            FROM {named["equipment"]} {look("step_equipment", "k", equipment_id="x.id")}
            WHERE s.kind = 'equipment'
        ), hit(u) AS MATERIALIZED (
            SELECT m.id FROM stops AS s JOIN made AS m ON m.code = s.code WHERE s.kind = 'unit'
            UNION SELECT m.id FROM {named["lot"]} JOIN made AS m ON m.lot_id = x.id WHERE s.kind = 'lot'
            UNION SELECT m.id FROM {named["donation"]} JOIN made AS m ON m.donation_id = x.id
            WHERE s.kind = 'donation'
            UNION SELECT m.id FROM {named["donor"]} {look("donation", "d", donor_id="x.id")}
            JOIN made AS m ON m.donation_id = d.id WHERE s.kind = 'donor'
            UNION SELECT m.id FROM steps AS s JOIN made AS m ON m.step_id = s.id
        ), kin(parent, child) AS MATERIALIZED (
            SELECT e.parent_id, e.child_id FROM line AS r {look("edge", "e", child_id="r.u")}
        ), struck(u) AS (
            SELECT r.u FROM hit AS r
            UNION SELECT n.child FROM struck AS r JOIN kin AS n ON n.parent = r.u
        ), shut(p) AS (
            SELECT x.id FROM {named["place"]} WHERE s.kind = 'place'
            UNION
            SELECT z.id FROM shut AS r {look("place", "z", within_id="r.p")}
            WHERE +z.id IN (SELECT a.p FROM around AS a)
        )
        SELECT r.u FROM struck AS r
        UNION SELECT i.u FROM {given}
        WHERE (SELECT c.place_id FROM custody_event AS c WHERE c.unit_id = i.u
               ORDER BY c.link DESC LIMIT 1) IN (SELECT r.p FROM shut AS r)"""  # noqa: S608  our own names


#: The tables of what a hold can lie on, units apart.
_HELD_BY = ("lot", "donation", "donor", "material", "equipment", "place")
HOLDS_REACHING = worded(_reaching)
STOPPED = worded(_stopped)


def holds_reaching(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """Keys of the holds in force that reach any of these units."""
    return {row.id for row in HOLDS_REACHING.ask(db, unit_ids) if row.state == "in_force"}


def stopped(db: Session, unit_ids: Iterable[int]) -> set[int]:
    """Of these units the keys of those that a hold in force reaches, in one statement."""
    asked = set(unit_ids)
    return asked.intersection(row[0] for row in STOPPED.ask(db, asked))
