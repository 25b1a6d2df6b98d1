"""The planners' two traps stay closed: no question of a trace scans a table or builds a Bloom filter."""

import json
import re

import pytest
from sqlalchemy import create_engine, text

from app.lots.genealogy import ANCESTORS, DESCENDANTS, HOLDS_REACHING, STOPPED, PerEngine, by_key
from app.site import Site
from app.trace.queries import ASKED
from app.trace.recall import QUESTIONS as RECALLS
from app.trace.standings import ON_THEIR_LOTS, ON_UNITS
from tests.trace.graphs import Graph, Made, draw

QUESTIONS = (
    ANCESTORS,
    DESCENDANTS,
    HOLDS_REACHING,
    STOPPED,
    ON_UNITS,
    ON_THEIR_LOTS,
    by_key("edge", "child_id", "parent_id"),
    *ASKED,
    *RECALLS.values(),
)
#: By these names the questions call rows of tables; by others what they reached so far.
TABLES = re.compile(r"(SCAN|BLOOM FILTER ON) ([cdehkxz]|unit|edge|hold|infusion)\b")


def ten_thousand(site: Site) -> list[int]:
    """160 donors with 64 units each: a tissue, a vessel, then splits and bags, every fifth given."""
    tissue = tuple(range(160))
    steps: list[Made] = []
    unit = len(tissue)
    for donor in tissue:
        steps.append(Made((donor,), 3, lot=donor, materials=(donor % 40,), equipment=(donor % 7,)))
        steps.append(Made((unit, unit + 1), 60, lot=donor, materials=(donor % 40,), equipment=(donor % 7,)))
        unit += 63
    given = {number: number for number in range(165, unit, 5)}
    drawn = draw(site, Graph(tissue, tuple(steps), given), "BIG")
    assert unit > 10_000
    return list(drawn.keys["unit"].values())


def sqlite_plan(site: Site, question: PerEngine, ids: list[int]) -> str:
    with site.db.writer.connect() as connection:
        rows = connection.execute(
            text(f"EXPLAIN QUERY PLAN {question.sqlite.text}"), {"ids": json.dumps(ids)}
        ).all()
    return "\n".join(str(row[3]) for row in rows)


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_no_plan_of_sqlite_scans_a_table_or_builds_a_bloom_filter(site: Site) -> None:
    """Before ANALYZE and after it, which turns plans round."""
    ids = ten_thousand(site)[:200]
    for _ in range(2):
        for question in QUESTIONS:
            plan = sqlite_plan(site, question, ids)
            assert not TABLES.search(plan), f"{question.sqlite.text}\n{plan}"
        with site.db.writer.connect() as connection:
            connection.exec_driver_sql("ANALYZE")
            connection.exec_driver_sql("COMMIT")


@pytest.mark.parametrize("site", ["sqlite"], indirect=True)
def test_the_test_of_plans_sees_a_scan(site: Site) -> None:
    """A control: the naive join is caught."""
    naive = PerEngine(
        text("SELECT x.code FROM json_each(:ids) AS i JOIN unit AS x ON x.volume_ml = i.value"), text("")
    )
    assert TABLES.search(sqlite_plan(site, naive, [1]))


@pytest.mark.parametrize("site", ["postgresql"], indirect=True)
def test_no_plan_of_postgresql_reads_edges_or_units_one_after_another(site: Site) -> None:
    ids = ten_thousand(site)[:200]
    owner = create_engine(site.settings.database_owner, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text("ANALYZE"))
    owner.dispose()
    with site.db.reading() as db:
        for question in QUESTIONS:
            asked = text(f"EXPLAIN {question.postgresql.text}")
            plan = "\n".join(row[0] for row in db.connection().execute(asked, {"ids": ids}))
            assert not re.search(r"Seq Scan on (edge|unit|infusion)\b", plan), plan
