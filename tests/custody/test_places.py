"""Places lie in places, a box is laid out in rows and columns, and nothing is put where there is no room."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.custody.forms import PlaceForm
from app.custody.models import Place, PlaceKind
from app.custody.operations import issue_unit, return_unit, store_unit
from app.custody.place_rules import LIES_IN, Why, cannot_lie_there, position_codes
from app.custody.places import add_place
from app.custody.queries import place_of, positions, units_in
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import UnitState
from app.lots.operations import record_fate
from app.site import Site
from labels.payload import Kind, Serial, read
from tests.custody.factories import ISSUED_AT, bank, carrier, leaving_bag, place, place_form, stored
from tests.factories import act
from tests.lots.factories import drug_product_lot, refused, sure, unit

K = PlaceKind
OK = "frozen, intact"


def added(site: Site, form: PlaceForm) -> Place | Refusal:
    with act(site, bank(site)) as work:
        answer = add_place(work, form)
        return refused(work, answer) if isinstance(answer, Refusal) else answer


def why(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def box(site: Site, code: str = "BX", rows: int = 2, columns: int = 3) -> Place:
    place(site, "T2")
    return place(site, code, K.BOX, "T2", rows=rows, columns=columns)


def lying(site: Site, code: str) -> list[tuple[str, str | None]]:
    with site.db.reading() as db:
        found = place(site, code).id or 0
        return [(one.code, one.unit) for one in positions(db, found)]


def test_a_box_gets_every_position_each_with_a_serial_to_be_scanned(site: Site) -> None:
    box(site)
    names = [f"BX-{row}{column}" for row in "AB" for column in (1, 2, 3)]
    assert [code for code, _ in lying(site, "BX")] == names
    serial = read(place(site, "BX-B3").serial)
    assert isinstance(serial, Serial) and serial.kind is Kind.PLACE


def test_positions_in_one_row_are_numbered_and_in_several_lettered() -> None:
    assert [code for _, _, code in position_codes("C4", 1, 3)] == ["C4-01", "C4-02", "C4-03"]
    assert [code for _, _, code in position_codes("C4", 2, 2)] == ["C4-A1", "C4-A2", "C4-B1", "C4-B2"]
    assert len({code for _, _, code in position_codes("C4", 26, 30)}) == 780


@pytest.mark.parametrize("outer", list(K))
@pytest.mark.parametrize("inner", list(K))
def test_a_place_lies_only_in_a_place_of_a_kind_that_holds_it(inner: K, outer: K) -> None:
    answer = cannot_lie_there(inner, outer, "X-1")
    assert (answer is None) == (outer in LIES_IN[inner])
    assert answer is None or "X-1" in answer.sentence


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (place_form("P-1", K.POSITION), Why.NEEDS_OUTER_PLACE),
        (place_form("R-9", K.ROOM, within="T2"), Why.CANNOT_LIE_THERE),
        (place_form("S-9", K.SITE, within="T2"), Why.CANNOT_LIE_THERE),
        (place_form("T-9", K.TANK, rows=2, columns=2), Why.ONLY_BOXES_HAVE_ROWS),
        (place_form("B-9", K.BOX, rows=2), Why.ROWS_AND_COLUMNS),
        (place_form("B-9", K.BOX, columns=2), Why.ROWS_AND_COLUMNS),
        (place_form("B-9", K.BOX, rows=2, columns=2, capacity=4), Why.CAPACITY_TWICE),
        (place_form("P-9", K.POSITION, within="BX", capacity=1), Why.CAPACITY_TWICE),
        (place_form("BX-A9", K.POSITION, within="BX"), Why.LAID_OUT),
        (place_form("L" * 39, K.BOX, rows=2, columns=12), Why.CODE_TOO_LONG),
    ],
)
def test_a_place_that_cannot_be_is_refused_and_leaves_nothing(
    site: Site, form: PlaceForm, reason: Why
) -> None:
    box(site)
    with site.db.reading() as db:
        before = len(db.connection().exec_driver_sql("SELECT id FROM place").all())
    assert why(added(site, form)) is reason
    with site.db.reading() as db:
        assert len(db.connection().exec_driver_sql("SELECT id FROM place").all()) == before


def test_a_box_whose_position_would_carry_a_taken_code_is_refused(site: Site) -> None:
    place(site, "BX-01", K.TANK)
    assert why(added(site, place_form("BX", K.BOX, rows=1, columns=2))) is Why.POSITION_CODE_TAKEN


def test_a_unit_put_into_a_box_goes_to_the_first_free_position(site: Site) -> None:
    code = drug_product_lot(site, 3).code
    box(site, rows=1, columns=3)
    stored(site, f"{code}-B01", "BX-02")
    for bag in ("B02", "B03"):
        stored(site, f"{code}-{bag}", "BX")
    filled = [("BX-01", f"{code}-B02"), ("BX-02", f"{code}-B01"), ("BX-03", f"{code}-B03")]
    assert lying(site, "BX") == filled
    stored(site, f"{code}-B03", "BX")
    assert lying(site, "BX") == filled, "a unit scanned into its own box again stays where it is"
    with site.db.reading() as db:
        here = place_of(db, unit(site, f"{code}-B03").id or 0)
        assert here is not None and here.code == "BX-03"


def test_a_full_box_is_refused_and_the_free_ones_are_named(site: Site) -> None:
    code = drug_product_lot(site, 3).code
    box(site, rows=1, columns=1)
    stored(site, f"{code}-B01", "BX")
    no = refused_at(site, lambda work: store_unit(work, f"{code}-B02", "BX", OK), Why.PLACE_FULL)
    assert "BX is full: 1 of 1 places are taken" in no.sentence and "Add a place" in no.next_step
    box(site, "BY", 1, 2)
    no = refused_at(site, lambda work: store_unit(work, f"{code}-B02", "BX", OK), Why.PLACE_FULL)
    assert no.next_step == "Free: BY (2 free)."
    stored(site, f"{code}-B02", "BY-01")
    no = refused_at(site, lambda work: store_unit(work, f"{code}-B03", "BY-01", OK), Why.POSITION_FULL)
    assert f"BY-01 holds {code}-B02" in no.sentence and no.next_step == "Free: BY-02."


def refused_at(site: Site, run: Callable[[Work], object], reason: Why) -> Refusal:
    with act(site, bank(site), ISSUED_AT) as work:
        no = refused(work, run(work))
    assert no.reason is reason, no
    return no


def test_a_position_is_free_again_when_its_unit_moved_or_is_gone(site: Site) -> None:
    code = drug_product_lot(site, 2).code
    box(site, rows=1, columns=1)
    stored(site, f"{code}-B01", "BX")
    stored(site, f"{code}-B01", "T2")
    stored(site, f"{code}-B02", "BX")
    with act(site, bank(site), ISSUED_AT) as work:
        sure(record_fate(work, f"{code}-B02", UnitState.LOST, "not found at the yearly count"))
    assert lying(site, "BX") == [("BX-01", None)]
    stored(site, f"{code}-B01", "BX", ISSUED_AT)
    assert lying(site, "BX") == [("BX-01", f"{code}-B01")]


def test_a_retained_unit_still_fills_its_position(site: Site) -> None:
    code = drug_product_lot(site, 1).code
    box(site, rows=1, columns=1)
    stored(site, f"{code}-B01", "BX")
    with act(site, bank(site), ISSUED_AT) as work:
        sure(record_fate(work, f"{code}-B01", UnitState.RETAINED, "kept for thirty years"))
    assert lying(site, "BX") == [("BX-01", f"{code}-B01")]


def test_a_place_with_a_capacity_holds_no_more(site: Site) -> None:
    code = drug_product_lot(site, 2).code
    place(site, "R1", K.RACK, capacity=1)
    stored(site, f"{code}-B01", "R1")
    stored(site, f"{code}-B01", "R1")
    refused_at(site, lambda work: store_unit(work, f"{code}-B02", "R1", OK), Why.PLACE_FULL)
    with site.db.reading() as db:
        assert [one["code"] for one in units_in(db, place(site, "R1").id or 0)] == [f"{code}-B01"]


def test_a_bag_is_neither_issued_nor_returned_into_a_full_place(site: Site) -> None:
    bag = leaving_bag(site)
    place(site, "DS-9", K.SHIPPER, capacity=1)
    other = bag.replace("B01", "B02")
    stored(site, other, "DS-9", ISSUED_AT)
    carrier(site)
    refused_at(site, lambda work: issue_unit(work, bag, "DS-9", "carrier", OK), Why.PLACE_FULL)
    with act(site, bank(site), ISSUED_AT) as work:
        sure(issue_unit(work, bag, "WARD-4", "carrier", OK))
    refused_at(site, lambda work: return_unit(work, bag, "DS-9", OK), Why.PLACE_FULL)
    assert unit(site, bag).state is UnitState.ISSUED


def test_the_database_itself_lets_one_unit_fill_a_position(site: Site) -> None:
    code = drug_product_lot(site, 2).code
    box(site, rows=1, columns=1)
    stored(site, f"{code}-B01", "BX")
    stored(site, f"{code}-B02", "T2")
    taken = place(site, "BX-01").id
    with pytest.raises(IntegrityError), act(site, bank(site), ISSUED_AT) as work:
        other = unit(site, f"{code}-B02").id
        raw = text("UPDATE unit_location SET position_id = :taken WHERE unit_id = :other")
        work.db.connection().execute(raw, {"taken": taken, "other": other})
