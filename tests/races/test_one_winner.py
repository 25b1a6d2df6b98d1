"""Two people press the same button: through HTTP exactly one wins, on both databases; a naive writer fails."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask.testing import FlaskClient
from sqlalchemy import create_engine
from sqlmodel import Session, col, select

from app.access.models import Role
from app.bedside.models import Infusion
from app.lots.models import Unit, UnitState
from app.orders.models import Allocation
from app.site import Site
from tests.factories import person
from tests.races.scenes import confirmed_check, start_fields, two_orders_for_one_bag
from tests.webapp import client_of, web

CLIENTS = 64


def at_once(doings: list[Callable[[], int]]) -> Counter[int]:
    """Let all begin at the same moment; how often each answer came."""
    gate = threading.Barrier(len(doings))

    def one(doing: Callable[[], int]) -> int:
        gate.wait()
        return doing()

    with ThreadPoolExecutor(len(doings)) as pool:
        return Counter(pool.map(one, doings))


def post(client: FlaskClient, url: str, fields: dict[str, str]) -> Callable[[], int]:
    return lambda: client.post(url, data=fields).status_code


def test_one_of_64_allocations_of_a_bag_wins(site: Site) -> None:
    scene = two_orders_for_one_bag(site)
    app = web(site)
    app.config["WTF_CSRF_ENABLED"] = False
    someone = person(site, Role.TECHNOLOGIST, "racer")
    doings = [
        post(client_of(site, app, someone), f"/orders/{scene.orders[i % 2]}/allocate", {"unit": scene.unit})
        for i in range(CLIENTS)
    ]
    answers = at_once(doings)
    with site.db.reading() as db:
        live = db.exec(select(Allocation).where(col(Allocation.state) != "undone")).all()
    assert len(live) == 1
    assert answers[303] == 1, answers
    assert answers[409] == CLIENTS - 1, answers


def test_one_of_64_starts_of_an_infusion_wins(site: Site) -> None:
    scene = confirmed_check(site)
    app = web(site)
    app.config["WTF_CSRF_ENABLED"] = False
    doings = [
        post(client_of(site, app, scene.nurse), f"/bedside/{scene.check}/start", start_fields())
        for _ in range(CLIENTS)
    ]
    answers = at_once(doings)
    with site.db.reading() as db:
        infusions = db.exec(select(Infusion)).all()
    assert len(infusions) == 1
    assert answers[303] == 1, answers
    assert not [code for code in answers if code >= 500], answers


def test_a_naive_writer_lets_several_win(site: Site) -> None:
    """The control: read, then write, as an ORM does by itself; without the house, several believe they won."""
    scene = two_orders_for_one_bag(site)
    engine = create_engine(site.db.writer.url, pool_size=CLIENTS, module=_module(site), isolation_level=_level(site))
    gate = threading.Barrier(8)

    def naive() -> int:
        with Session(engine) as db:
            unit = db.exec(select(Unit).where(Unit.code == scene.unit)).one()
            free = unit.state is UnitState.AVAILABLE
            gate.wait()
            if not free:
                return 409
            unit.state = UnitState.ALLOCATED
            try:
                db.commit()
            except Exception:
                return 409
            return 303

    answers = at_once([naive] * 8)
    engine.dispose()
    assert answers[303] > 1, answers


def _module(site: Site) -> object:
    return site.db.writer.dialect.dbapi


def _level(site: Site) -> str:
    return "AUTOCOMMIT" if site.db.is_sqlite else "READ COMMITTED"
