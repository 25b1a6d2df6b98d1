"""Many people press the same button: exactly one wins; a naive read-and-write lets several win."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import create_engine
from sqlmodel import Session, select

from app.bedside.models import Infusion
from app.bedside.operations import start_infusion
from app.bedside.situation import Why as BedsideWhy
from app.kernel.refusals import Refusal
from app.lots.models import Unit, UnitState
from app.orders.models import Allocation
from app.orders.operations import allocate
from app.orders.rules import Why
from tests.bedside.factories import START_AT, Story, confirmed_check, start_form, thawed, unit_of
from tests.factories import act
from tests.orders.factories import order, released_lot, technologist

CLIENTS = 64
BAG = "MSC-25-002-B01"


def race(clients: int, press: Callable[[int], str]) -> Counter[str]:
    """Let so many threads press at the same moment; how often each answer came."""
    line = Barrier(clients)

    def one(number: int) -> str:
        line.wait()
        return press(number)

    with ThreadPoolExecutor(clients) as pool:
        return Counter(pool.map(one, range(clients)))


@pytest.mark.req("K1")
def test_of_64_people_who_allocate_one_bag_exactly_one_wins(story: Story) -> None:
    site = story.site
    released_lot(site, 1, "MSC-25-002")
    codes = [order(site, story.case.recipient).code for _ in range(CLIENTS)]
    bank = technologist(site)

    def press(number: int) -> str:
        with act(site, bank) as work:
            answer = allocate(work, codes[number], BAG)
            return str(answer.reason) if isinstance(answer, Refusal) else "won"

    assert race(CLIENTS, press) == {"won": 1, Why.UNIT_NOT_AVAILABLE.value: CLIENTS - 1}
    bag = unit_of(story, BAG)
    with site.db.reading() as db:
        assert len(db.exec(select(Allocation).where(Allocation.unit_id == bag.id)).all()) == 1


@pytest.mark.req("K3")
def test_of_64_people_who_start_one_infusion_exactly_one_wins(story: Story) -> None:
    thawed(story)
    code = confirmed_check(story)

    def press(number: int) -> str:
        who = story.first if number % 2 else story.second
        with act(story.site, who, START_AT) as work:
            answer = start_infusion(work, code, start_form())
            return str(answer.reason) if isinstance(answer, Refusal) else "won"

    assert race(CLIENTS, press) == {"won": 1, BedsideWhy.INFUSION_RUNS.value: CLIENTS - 1}
    with story.site.db.reading() as db:
        assert len(db.exec(select(Infusion)).all()) == 1


def test_a_naive_read_and_write_lets_several_people_win(story: Story) -> None:
    """The control: the same race without compare-and-set and without one writer at a time."""
    released_lot(story.site, 1, "MSC-25-002")
    engine = create_engine(story.site.settings.database, pool_size=8, max_overflow=8)
    read = Barrier(8)

    def press(_number: int) -> str:
        with Session(engine) as db:
            bag = db.exec(select(Unit).where(Unit.code == BAG)).one()
            free = bag.state is UnitState.AVAILABLE
            read.wait()
            if not free:
                return "taken"
            bag.state = UnitState.ALLOCATED
            db.commit()
            return "won"

    try:
        assert race(8, press)["won"] > 1
    finally:
        engine.dispose()
