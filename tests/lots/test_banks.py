"""Banks: from the master to the working cell bank to the product, and every kind of step through its page."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.evidence.ledger import EventKind, Subject, record
from app.kernel import clock
from app.kernel.db import change_if
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import Lot, LotKind, LotState, StepKind, Unit, UnitKind, UnitState
from app.lots.operations import finish_making
from app.lots.queries import ancestors, lot_by_code, unit_by_code, units_of_lot
from app.lots.rules import Why
from app.lots.stepform import StepForm
from app.lots.steps import perform_step
from app.materials.models import Material
from app.materials.operations import open_material, receive_material
from app.site import Site
from tests.donors.factories import eligible_donor
from tests.factories import act
from tests.lots.factories import (
    day,
    device,
    donation,
    harvest,
    lot,
    maker,
    refused,
    seed,
    some,
    step,
    sure,
    unit,
)
from tests.lots.test_views import ago, send
from tests.webapp import client_of, web

RELEASED = EventKind("tests.any_bank_released", "lot {lot} released for a test")
FLASK, VIAL, BAG = UnitKind.FLASK, UnitKind.VIAL, UnitKind.BAG


def release(work: Work, code: str) -> None:
    """What quality does in a later room, in short."""
    found = lot_by_code(work.db, code)
    assert found is not None and found.id is not None
    change_if(work.db, Lot, found.id, {"state": LotState.QUARANTINE}, state=LotState.RELEASED,
              released_at=work.at)  # fmt: skip
    for one in units_of_lot(work.db, found.id):
        if one.state is UnitState.IN_QUARANTINE:
            work.db.get_one(Unit, one.id).state = UnitState.AVAILABLE
    record(work, RELEASED, Subject("lot", code), lot=code)


def thaw(lot: str, vial: str, million: float, at_day: float) -> StepForm:
    return StepForm(
        lot=lot, kind=StepKind.THAW, started_at=day(0, 24 * at_day), ended_at=day(0, 24 * at_day + 1),
        inputs=(vial,), yields=(some(FLASK, million),),
    )  # fmt: skip


def master(site: Site) -> None:
    """A master cell bank of two vials of 4 million, released."""
    tissue = donation(site).code
    lot(site, "MCB-25-001", LotKind.MASTER_CELL_BANK)
    step(site, seed("MCB-25-001", tissue, 264, 1500, day(0, 5)))
    filled = (some(VIAL, 4, 2, ml=1), some(UnitKind.QC_SAMPLE, 1, ml=1))
    step(site, harvest("MCB-25-001", "MCB-25-001-F01", 9, filled, day(14), cfu_f_per_million=30))
    finish(site, "MCB-25-001", 15)


def finish(site: Site, code: str, on: int) -> None:
    with act(site, maker(site), day(on)) as work:
        sure(finish_making(work, code, day(on)))
    with act(site, maker(site), day(on, 1)) as work:
        release(work, code)


def working(site: Site) -> None:
    """A working cell bank from one vial of the master bank."""
    master(site)
    lot(site, "WCB-25-001", LotKind.WORKING_CELL_BANK, at=day(20))
    step(site, thaw("WCB-25-001", "MCB-25-001-V01", 4, 20))
    step(site, seed("WCB-25-001", "WCB-25-001-F01", 4, 1500, day(20, 2)))
    step(site, harvest("WCB-25-001", "WCB-25-001-F02", 20, (some(VIAL, 4, 5, ml=1),), day(27)))
    finish(site, "WCB-25-001", 28)


def test_a_product_comes_from_a_working_bank_that_comes_from_a_master_bank(site: Site) -> None:
    working(site)
    lot(site, "MSC-25-001", at=day(30))
    step(site, thaw("MSC-25-001", "WCB-25-001-V01", 4, 30))
    step(site, seed("MSC-25-001", "MSC-25-001-F01", 4, 1500, day(30, 2)))
    step(site, harvest("MSC-25-001", "MSC-25-001-F02", 30, (some(BAG, 30),), day(37)))
    bag = unit(site, "MSC-25-001-B01")
    assert (bag.passage, str(bag.cumulative_pd)) == (2, "15.38")
    with site.db.reading() as db:
        line = {db.get_one(Unit, key).code for key in ancestors(db, [bag.id or 0])}
    assert {"WCB-25-001-V01", "MCB-25-001-V01", "DON-25-001"} <= line and "WCB-25-001-V02" not in line


def test_cells_never_go_back_to_an_earlier_tier(site: Site) -> None:
    working(site)
    lot(site, "MCB-25-002", LotKind.MASTER_CELL_BANK, at=day(30))
    with act(site, maker(site), day(31)) as work:
        answer = refused(work, perform_step(work, thaw("MCB-25-002", "WCB-25-001-V01", 4, 30)))
    assert answer.reason is Why.WRONG_TIER and "working cell bank" in answer.sentence


def test_a_working_bank_is_thawed_only_after_its_release(site: Site) -> None:
    master(site)
    lot(site, "WCB-25-001", LotKind.WORKING_CELL_BANK, at=day(20))
    step(site, thaw("WCB-25-001", "MCB-25-001-V01", 4, 20))
    fill = StepForm(lot="WCB-25-001", kind=StepKind.FREEZE, started_at=day(21), ended_at=day(21),
                    inputs=("WCB-25-001-F01",), yields=(some(VIAL, 2, 2, ml=1),))  # fmt: skip
    step(site, fill)
    with act(site, maker(site), day(22)) as work:
        sure(finish_making(work, "WCB-25-001", day(22)))
    lot(site, "MSC-25-001", at=day(23))
    with act(site, maker(site), day(31)) as work:
        answer = refused(work, perform_step(work, thaw("MSC-25-001", "WCB-25-001-V01", 2, 30)))
    assert answer.reason is Why.INPUT_NOT_RELEASED


def reagent_of(work: Work, code: str, now: datetime, **more: object) -> Material | Refusal:
    """A reagent lot received at the time of the act, good for three months from now."""
    given: dict[str, object] = {
        "name": "hPL", "supplier": "S", "supplier_lot": code, "code": code, "received_at": work.at,
        "expires_on": (now + timedelta(days=90)).date(),
    }  # fmt: skip
    return receive_material(work, **(given | more))  # type: ignore[arg-type]  # the keywords above


class Bench:
    """A technologist who makes a lot through the pages alone."""

    def __init__(self, site: Site, client: FlaskClient) -> None:
        self.site = site
        self.client = client
        self.hours = 30.0

    def does(
        self, lot: str, kind: str, chosen: list[str], *rows: tuple[str, int, str, str], **more: object
    ) -> tuple[int, str]:
        """One step by its form; each row is container, number, cells and millilitres in each."""
        given: dict[str, object] = {"kind": kind, "started_at": ago(self.hours), "chosen": chosen}
        self.hours -= 1
        given["ended_at"] = ago(self.hours + 0.5)
        for at, (container, count, cells, ml) in enumerate(rows, start=1):
            given |= {
                f"kind_{at}": container,
                f"count_{at}": str(count),
                f"cells_{at}": cells,
                f"ml_{at}": ml,
            }
        return send(self.client, f"/lots/{lot}/step", **(given | more))


@pytest.fixture
def bench(site: Site) -> Bench:
    return Bench(site, client_of(site, web(site), maker(site)))


def counted(site: Site, code: str) -> tuple[str, int]:
    found = unit(site, code)
    return found.state.value, found.viable_cells


def test_pool_split_freeze_thaw_sample_and_retain_go_through_the_page(site: Site, bench: Bench) -> None:
    at = clock.now() - timedelta(days=20)
    tissue = donation(site, eligible_donor(site, at=at - timedelta(days=1)).code, at).code
    made = lot(site, "MSC-25-001", at=at).code
    seeding = {"vessel": "20 x T-75", "area_cm2": "1500", "inputs": tissue}
    counts = {"cells_harvested": "9 000 000", "viability_percent": "95", "cfu_f_per_million": "30"}
    bench.hours = 470
    assert bench.does(made, "seed", [], ("flask", 1, "264 000 000", "300"), **seeding)[0] == 303
    bench.hours = 30
    assert bench.does(made, "harvest", [f"{made}-F01"], ("flask", 2, "4 500 000", "10"), **counts)[0] == 303
    assert bench.does(made, "pool", [f"{made}-F02", f"{made}-F03"], ("flask", 1, "9 000 000", "20"))[0] == 303
    assert bench.does(made, "split", [f"{made}-F04"], ("flask", 1, "6 000 000", "10"),
                      ("flask", 1, "3 000 000", "10"))[0] == 303  # fmt: skip
    assert bench.does(made, "freeze", [f"{made}-F05"], ("bag", 2, "2 500 000", "10"),
                      ("retained", 1, "1 000 000", "2"))[0] == 303  # fmt: skip
    assert bench.does(made, "fill", [f"{made}-F06"], ("vial", 3, "1 000 000", "1"))[0] == 303
    assert bench.does(made, "sample", [f"{made}-B01"], ("qc_sample", 1, "500 000", "2"))[0] == 303
    assert bench.does(made, "thaw", [f"{made}-R01"], ("qc_sample", 1, "900 000", "2"), cells_lost="100 000",
                      note="did not survive the thaw", viability_percent="91")[0] == 303  # fmt: skip
    kept = send(bench.client, f"/units/{made}-V03/fate", fate="retained", reason="kept for comparison")
    assert kept[0] == 303 and unit(site, f"{made}-V03").state is UnitState.RETAINED
    assert counted(site, f"{made}-B01") == ("in_process", 2_000_000)
    assert counted(site, f"{made}-Q02") == ("in_process", 900_000)
    page = bench.client.get(f"/steps/{made}-S08").get_data(as_text=True)
    assert "did not survive the thaw" in page and f"{made}-R01" in page


def test_materials_are_tied_to_a_step_by_scanning_and_by_picking(site: Site, bench: Bench) -> None:
    now = clock.now()
    tissue = donation(
        site, eligible_donor(site, at=now - timedelta(days=4)).code, now - timedelta(days=3)
    ).code
    made = lot(site, "MSC-25-001", at=now - timedelta(days=3)).code
    with act(site, maker(site), day(0)) as work:
        incubator = device(work, until=3000)
        for code, barcode in (("MAT-25-001", ""), ("MAT-25-002", "(01)76123 (10)A17")):
            sure(reagent_of(work, code, now, barcode=barcode))
    page = bench.client.get(f"/lots/{made}/step").get_data(as_text=True)
    assert 'value="MAT-25-001"' in page and 'value="EQ-001"' in page
    more = {"vessel": "T-75", "area_cm2": "1500", "inputs": tissue, "picked": ["MAT-25-001"],
            "tools": f"(01)76123 (10)a17\n{incubator.serial}"}  # fmt: skip
    assert bench.does(made, "seed", [], ("flask", 1, "264 000 000", "300"), **more)[0] == 303
    page = bench.client.get(f"/steps/{made}-S01").get_data(as_text=True)
    assert all(f">{code}</a>" in page for code in ("MAT-25-001", "MAT-25-002", "EQ-001"))


def test_a_pack_open_for_too_long_is_refused_at_the_step_with_its_name(site: Site, bench: Bench) -> None:
    now = clock.now()
    tissue = donation(
        site, eligible_donor(site, at=now - timedelta(days=4)).code, now - timedelta(days=3)
    ).code
    made = lot(site, "MSC-25-001", at=now - timedelta(days=3)).code
    with act(site, maker(site), now - timedelta(days=30)) as work:
        sure(reagent_of(work, "MAT-25-001", now, use_within_days=7))
        sure(open_material(work, "MAT-25-001", opened_on=work.at.date()))
    more = {"vessel": "T-75", "area_cm2": "1500", "inputs": tissue, "tools": "MAT-25-001"}
    status, page = bench.does(made, "seed", [], ("flask", 1, "264 000 000", "300"), **more)
    assert status == 409 and "hPL MAT-25-001 was opened on" in page and "put this one aside" in page
    assert "MAT-25-001</textarea>" in page
    with site.db.reading() as db:
        assert unit_by_code(db, f"{made}-F01") is None
