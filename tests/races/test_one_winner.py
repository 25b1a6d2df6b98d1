"""Sixty-four people press the same button through HTTP: one wins, on both databases; naively several do."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlmodel import Session, select

from app.access.models import Person
from app.bedside.models import Infusion
from app.kernel import clock
from app.lots.models import Unit, UnitState
from app.orders.models import Allocation, AllocationState
from app.site import Site
from tests.bedside.factories import START_AT, Story, confirmed_check, ready_for_infusion, thawed
from tests.factories import AT
from tests.orders.factories import order, released_lot, technologist
from tests.webapp import client_of, web

CLIENTS = 64
BAG = "MSC-25-002-B01"


@pytest.fixture
def story(site: Site) -> Story:
    """A patient, a bag at the ward, a ready order."""
    return ready_for_infusion(site)


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[datetime], None]]:
    """Pages ask the clock: let it say when the story happens."""

    def at(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    yield at


def race(presses: list[Callable[[], str]]) -> Counter[str]:
    """Let all press at the same moment; how often each answer came."""
    line = Barrier(len(presses))

    def one(press: Callable[[], str]) -> str:
        line.wait()
        return press()

    with ThreadPoolExecutor(len(presses)) as pool:
        return Counter(pool.map(one, presses))


def posts(
    site: Site, people: list[Person], urls: list[str], fields: dict[str, str]
) -> list[Callable[[], str]]:
    """One signed-in browser for each press, all over the same application."""
    app = web(site)
    app.test_client_class = None
    app.config["WTF_CSRF_ENABLED"] = False

    def press(client: FlaskClient, url: str) -> Callable[[], str]:
        return lambda: str(client.post(url, data=fields).status_code)

    return [press(client_of(site, app, people[i % len(people)]), urls[i % len(urls)]) for i in range(CLIENTS)]


def test_one_of_64_allocations_of_one_bag_wins(
    story: Story, stopped_clock: Callable[[datetime], None]
) -> None:
    released_lot(story.site, 1, "MSC-25-002")
    codes = [order(story.site, story.case.recipient).code for _ in range(8)]
    stopped_clock(AT + timedelta(hours=1))
    bank = technologist(story.site)
    answers = race(posts(story.site, [bank], [f"/orders/{code}/allocate" for code in codes], {"unit": BAG}))
    assert answers == {"303": 1, "409": CLIENTS - 1}
    with story.site.db.reading() as db:
        bag = db.exec(select(Unit).where(Unit.code == BAG)).one()
        live = db.exec(select(Allocation).where(Allocation.unit_id == bag.id)).all()
    assert [allocation.state for allocation in live] == [AllocationState.OPEN]
    assert naive_winners(story.site) > 1


def naive_winners(site: Site) -> int:
    """The control: read, wait for the others, write, as an ORM does by itself. How many believe they won."""
    released_lot(site, 1, "MSC-25-003")
    engine = create_engine(site.settings.database, module=site.db.writer.dialect.dbapi, pool_size=8)
    read = Barrier(8)

    def press() -> str:
        with Session(engine) as db:
            bag = db.exec(select(Unit).where(Unit.code == "MSC-25-003-B01")).one()
            free = bag.state is UnitState.AVAILABLE
            db.rollback()
            read.wait()
            if free:
                bag.state = UnitState.ALLOCATED
                db.add(bag)
                db.commit()
            return "won" if free else "lost"

    won = race([press] * 8)["won"]
    engine.dispose()
    return won


def test_one_of_64_starts_of_one_infusion_wins(
    story: Story, stopped_clock: Callable[[datetime], None]
) -> None:
    thawed(story)
    code = confirmed_check(story)
    stopped_clock(START_AT)
    fields = {
        "started_at": f"{START_AT:%Y-%m-%d %H:%M}",
        "volume_ml": "20",
        "viable_million": "90",
        "viability_percent": "91",
    }
    answers = race(posts(story.site, [story.first, story.second], [f"/bedside/checks/{code}/start"], fields))
    assert answers["303"] == 1, answers
    assert sum(answers.values()) == CLIENTS and all(status < "500" for status in answers), answers
    with story.site.db.reading() as db:
        assert len(db.exec(select(Infusion)).all()) == 1
