"""Over random histories custody has no gap, and no place holds more than it can."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.access.models import Person
from app.custody import queries
from app.custody.models import CustodyEvent, CustodyKind, Place, PlaceKind, UnitLocation
from app.custody.operations import issue_unit, receive_unit, return_unit, send_unit, store_unit
from app.evidence.ledger import Subject, record
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import Unit, UnitState
from app.lots.operations import move_unit, record_fate
from app.lots.queries import unit_by_code
from app.site import Site, open_site
from tests.custody.factories import ISSUED_AT, SET_ASIDE, bank, carrier, nurse, place, set_aside, stored
from tests.databases import PostgreSQL, settings_in
from tests.factories import act
from tests.labeling.factories import labelled
from tests.quality.factories import released_lot

LOT, BAGS = "MSC-25-001", 8
UNITS = [f"{LOT}-B{number:02d}" for number in range(1, BAGS + 1)]
#: The code of every place units are put at, and how many it holds.
PLACES = {"T2": None, "BX": 3, "BX-02": 1, "BY": 2, "R1": 2, "DS-9": 2, "WARD-4": None}
OK, COLD = "frozen, intact", None
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GONE = {UnitState.CONSUMED, UnitState.TESTED, UnitState.INFUSED, UnitState.DESTROYED, UnitState.LOST}
_minutes = count(1)

Act = Callable[[Work, str, str], object]


def again(work: Work, unit_code: str, _at: str) -> object:
    """A returned unit is set aside once more, as after its return to stock."""
    unit = unit_by_code(work.db, unit_code)
    assert unit is not None
    if not move_unit(work, unit.id or 0, UnitState.RETURNED, UnitState.AVAILABLE):
        return None
    assert move_unit(work, unit.id or 0, UnitState.AVAILABLE, UnitState.ALLOCATED)
    return record(work, SET_ASIDE, Subject("unit", unit_code), unit=unit_code)


ACTS: dict[str, Act] = {
    "again": again,
    "store": lambda work, unit, at: store_unit(work, unit, at, OK, COLD),
    "issue": lambda work, unit, at: issue_unit(work, unit, at, "carrier", OK, COLD),
    "send": lambda work, unit, at: send_unit(work, unit, at, OK, COLD),
    "receive": lambda work, unit, at: receive_unit(work, unit, at, OK, COLD),
    "return": lambda work, unit, at: return_unit(work, unit, at, OK, COLD),
    "lose": lambda work, unit, _at: record_fate(work, unit, UnitState.LOST, "not found"),
    "retain": lambda work, unit, _at: record_fate(work, unit, UnitState.RETAINED, "kept for good"),
}
#: Ends are rare, so that a history stays long.
MOVES = [name for name in ACTS if name not in ("lose", "retain")] * 40 + ["lose", "retain"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(MOVES), st.integers(0, 2), st.sampled_from(UNITS), st.sampled_from(list(PLACES))
    ),
    min_size=10,
    max_size=30,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def living(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One lot of bags that were allocated, and every kind of place; its history goes on from case to case."""
    folder = tmp_path_factory.mktemp("custody")
    if request.param == "sqlite":
        (folder / "hilo.sqlite3").write_bytes(request.getfixturevalue("sqlite_file").read_bytes())
        site = open_site(settings_in(folder))
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        site = open_site(settings_in(folder, *server.fresh()))
    laid_out(site)
    yield site
    site.db.close()


def laid_out(site: Site) -> None:
    released_lot(site, BAGS, code=LOT)
    place(site, "T2")
    place(site, "BX", PlaceKind.BOX, "T2", rows=1, columns=3)
    place(site, "BY", PlaceKind.BOX, "T2", rows=2, columns=1)
    place(site, "R1", PlaceKind.RACK, "T2", capacity=2)
    place(site, "DS-9", PlaceKind.SHIPPER, capacity=2)
    place(site, "WARD-4", PlaceKind.WARD)
    for unit in UNITS:
        labelled(site, unit)
        stored(site, unit)
        set_aside(site, unit)
    for who in (bank, carrier, nurse):
        who(site)


def everything(site: Site) -> tuple[list[CustodyEvent], dict[int, Unit], dict[int, Place]]:
    with site.db.reading() as db:
        links = db.exec(
            select(CustodyEvent).order_by(col(CustodyEvent.unit_id), col(CustodyEvent.link))
        ).all()
        units = {one.id or 0: one for one in db.exec(select(Unit)).all()}
        return list(links), units, {one.id or 0: one for one in db.exec(select(Place)).all()}


def chains(links: list[CustodyEvent]) -> dict[int, list[CustodyEvent]]:
    found: dict[int, list[CustodyEvent]] = {}
    for link in links:
        found.setdefault(link.unit_id, []).append(link)
    return found


def ends(site: Site) -> dict[str, str]:
    """Where each unit that is not gone lies, told by nothing but the last link of its chain."""
    links, units, places = everything(site)
    return {
        units[key].code: places[chain[-1].place_id].code
        for key, chain in chains(links).items()
        if units[key].state not in GONE
    }


def stepped(site: Site, step: tuple[str, int, str, str], people: list[Person]) -> None:
    name, who, unit, at = step
    before = everything(site)[0]
    with act(site, people[who], ISSUED_AT + timedelta(minutes=next(_minutes))) as work:
        answer = ACTS[name](work, unit, at)
    if isinstance(answer, Refusal):
        assert everything(site)[0] == before, "a refusal moves nothing"


def test_custody_has_no_gap_and_no_place_holds_more_than_it_can(living: Site) -> None:
    people = [bank(living), carrier(living), nurse(living)]
    for number, name in enumerate(("issue", "send", "receive", "return", "again")):
        stepped(living, (name, min(number, 2), UNITS[0], "WARD-4"), people)

    @QUICK
    @given(steps=STEPS)
    def over_any_history(steps: list[tuple[str, int, str, str]]) -> None:
        for step in steps:
            stepped(living, step, people)
        custody_is_whole(living)
        no_place_holds_too_much(living)
        kept_locations_agree(living)

    over_any_history()
    links, _, _ = everything(living)
    assert {one.kind for one in links} == set(CustodyKind), "every kind of hand-over happened"
    assert len(links) > 3 * len(UNITS), "and many of them"


def custody_is_whole(site: Site) -> None:
    links, _, _ = everything(site)
    for key, chain in chains(links).items():
        assert [one.link for one in chain] == list(range(1, len(chain) + 1))
        assert all(former.taker_id == later.giver_id for former, later in pairwise(chain))
        assert all(former.at <= later.at for former, later in pairwise(chain))
        with site.db.reading() as db:
            assert queries.gaps(db, key) == []


def no_place_holds_too_much(site: Site) -> None:
    there = Counter(ends(site).values())
    for code, most in (("R1", 2), ("DS-9", 2)):
        assert there[code] <= most, code
    assert not any(there[box] for box in ("BX", "BY")), "in a box every unit has a position"
    positions = [code for code in there if code.startswith(("BX-", "BY-"))]
    assert all(there[code] == 1 for code in positions), there


def kept_locations_agree(site: Site) -> None:
    """What the places' pages read agrees with the chains, unit by unit and place by place."""
    slow = ends(site)
    _, units, places = everything(site)
    with site.db.reading() as db:
        kept = db.exec(select(UnitLocation)).all()
        quick = {
            units[one.unit_id].code: places[one.place_id].code
            for one in kept
            if units[one.unit_id].state not in GONE
        }
        assert quick == slow
        for key, found in places.items():
            listed = [row["code"] for row in queries.units_in(db, key)]
            assert listed == sorted(unit for unit, at in slow.items() if at == found.code)
            assert queries.filling(db, key) == (
                next(iter(listed), None) if found.kind is PlaceKind.POSITION else None
            )
