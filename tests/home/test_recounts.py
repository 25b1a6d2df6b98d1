"""The worklist, the notices and the dashboard agree with slow recounts, over random histories."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.access.models import Person
from app.concerns.models import Hold, HoldState
from app.concerns.operations import place_hold
from app.donors.queries import site_day
from app.home.dashboard import AGES, compliance, deviations, labels, open_fates, overrides, stops
from app.home.notices import notices
from app.home.questions import QUESTIONS, waiting
from app.home.worklist import Asking
from app.kernel.work import SYSTEM
from app.lots.models import Unit, UnitState
from app.site import Site
from tests.home.recount import SUBJECTS, Everything
from tests.lots.factories import sure
from tests.story import StoryCopy

START = datetime(2025, 1, 1, 12, tzinfo=UTC)
QUICK = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def living(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The worked example, a copy in which holds may be placed."""
    copy: StoryCopy = request.getfixturevalue(f"story_on_{request.param}")
    site = copy(tmp_path_factory.mktemp("living") / "data")
    yield site
    site.db.close()


def everybody(_permission: object) -> bool:
    return True


@QUICK
@given(data=st.data())
def test_worklist_and_notices_agree_with_a_recount_whoever_asks_and_whenever(
    living: Site, data: st.DataObject
) -> None:
    at = START + timedelta(hours=data.draw(st.integers(0, 24 * 700)))
    with living.db.reading() as db:
        people = list(db.exec(select(Person.id).order_by(col(Person.id))))
        kind, table = data.draw(st.sampled_from(SUBJECTS))
        codes = Everything(Asking(db, at, at.date(), 0)).codes(table)
    with living.db.act(SYSTEM, at) as work:
        sure(place_hold(work, kind, data.draw(st.sampled_from(codes)), "to see whom it reaches"))
    with living.db.reading() as db:
        asking = Asking(db, at, site_day(db, at), data.draw(st.sampled_from(people)) or 0)
        slow = Everything(asking)
        told = {task.question.name: sorted(task.codes) for task in waiting(asking, everybody)}
        told.pop("backup", None)
        assert told == {name: codes for name, codes in slow.waiting().items() if codes}
        keys = {one.key for one in notices(asking, everybody) if not one.key.startswith("backup")}
        assert {key for key in keys if key.startswith("hold:")} == {
            f"hold:{hold}" for hold in slow.held_in_my_hands()
        }
        assert {key for key in keys if key.startswith("results:")} == {
            f"results:{lot}" for lot in slow.results_late()
        }
        visits = [key.split(":") for key in keys if key.startswith("visit:")]
        for standing in ("due", "missing"):
            assert sorted(one[1] for one in visits if one[3] == standing) == slow.visits(standing)


def test_the_recount_knows_every_question(living: Site) -> None:
    """A question that the recount does not know would never be compared."""
    with living.db.reading() as db:
        known = set(Everything(Asking(db, START, START.date(), 0)).waiting())
    assert {question.name for question in QUESTIONS} == known | {"backup"}


def test_somebody_of_the_story_has_units_on_hold_in_hand(living: Site) -> None:
    """The comparison above is not one of empty lists."""
    with living.db.reading() as db:
        bag = db.exec(select(Unit.code).where(Unit.state == UnitState.AVAILABLE).order_by(Unit.code)).first()
    with living.db.act(SYSTEM, START) as work:
        sure(place_hold(work, SUBJECTS[6][0], str(bag), "to see whom it reaches"))
    with living.db.reading() as db:
        people = db.exec(select(Person.id)).all()
        found = [Everything(Asking(db, START, START.date(), who or 0)).held_in_my_hands() for who in people]
        assert any(found) and db.exec(select(Hold.id).where(Hold.state == HoldState.IN_FORCE)).first()


@QUICK
@given(days=st.integers(0, 900))
def test_the_dashboard_agrees_with_a_recount(living: Site, days: int) -> None:
    at = START + timedelta(days=days)
    with living.db.reading() as db:
        slow = Everything(Asking(db, at, at.date(), 0))
        edges = [-(10**6), 30, 90, 180, 365]
        shown = dict(zip(edges, [row[1] for row in open_fates(db, at).rows], strict=True))
        assert {edge: count for edge, count in shown.items() if count} == dict(slow.open_fates())
        assert len(edges) == len(AGES)
        months = {row[0]: row[2:] for row in compliance(db, at).rows}
        assert months == {
            month: [found[name] for name in ("scanned", "camera", "typed")]
            for month, found in slow.scans().items()
        }
        assert {row[0]: row[1] for row in stops(db, at).rows} == dict(slow.stops())
        assert {row[0]: row[1:] for row in deviations(db, at).rows} == {
            severity: [n["open"] + n["assessed"], n["open"], n["assessed"], n["closed"]]
            for severity, n in slow.deviations().items()
        }
        assert sum(int(row[1] or 0) for row in overrides(db, at).rows) == len(slow.rows["override"])
        pieces = {row[0]: (row[2], row[1]) for row in labels(db, at).rows}
        assert pieces == slow.labels() and pieces
