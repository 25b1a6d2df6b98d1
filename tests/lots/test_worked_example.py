"""The worked example: 12 mL of marrow to ten bags, every figure computed and every cell accounted for."""

from decimal import Decimal

from app.evidence.ledger import EventKind, Subject, record
from app.kernel.db import change_if
from app.kernel.refusals import Refusal
from app.lots.models import Lot, LotKind, LotState, Step, StepKind, Unit, UnitKind, UnitState
from app.lots.operations import finish_making
from app.lots.queries import ancestors, lot_by_code, steps_of_lot, unit_by_code, units_of_lot
from app.lots.rules import Why
from app.lots.stepform import StepForm
from app.lots.steps import perform_step
from app.site import Site
from tests.factories import act
from tests.lots.factories import MILLION, day, donation, harvest, lot, maker, seed, some, step, sure

FLASK, VIAL, BAG, QC, KEPT = (
    UnitKind.FLASK,
    UnitKind.VIAL,
    UnitKind.BAG,
    UnitKind.QC_SAMPLE,
    UnitKind.RETAINED,
)
BANK_RELEASED = EventKind("tests.bank_released", "bank {lot} released for a test")


def bank(site: Site) -> list[Step]:
    """The master cell bank: passage 0 and 1, twelve vials of four million."""
    tissue = donation(site).code
    lot(site, "MCB-25-001", LotKind.MASTER_CELL_BANK)
    made = [
        step(site, seed("MCB-25-001", tissue, 264, 1500, day(0, 5))),
        step(
            site,
            harvest("MCB-25-001", "MCB-25-001-F01", 9, (some(FLASK, 9),), day(14), cfu_f_per_million=30),
        ),
        step(site, seed("MCB-25-001", "MCB-25-001-F02", 9, 3180, day(14, 1))),
        step(
            site,
            harvest(
                "MCB-25-001", "MCB-25-001-F03", 60, (some(VIAL, 4, 12, ml=1), some(QC, 12, ml=3)), day(21)
            ),
        ),
    ]
    with act(site, maker(site), day(21, 2)) as work:
        sure(finish_making(work, "MCB-25-001", day(21, 1)))
    return made


def release_bank(site: Site) -> None:
    """What quality does in a later room, in short."""
    with act(site, maker(site), day(50)) as work:
        found = lot_by_code(work.db, "MCB-25-001")
        assert found is not None and found.id is not None
        change_if(work.db, Lot, found.id, {"state": LotState.QUARANTINE}, state=LotState.RELEASED,
                  released_at=day(50))  # fmt: skip
        for unit in units_of_lot(work.db, found.id):
            if unit.kind is VIAL:
                work.db.get_one(Unit, unit.id).state = UnitState.AVAILABLE
        record(work, BANK_RELEASED, Subject("lot", "MCB-25-001"), lot="MCB-25-001")


def thaw() -> StepForm:
    vials = tuple(f"MCB-25-001-V{number:02d}" for number in range(1, 7))
    return StepForm(
        lot="MSC-25-001", kind=StepKind.THAW, started_at=day(56), ended_at=day(56, 1), inputs=vials,
        yields=(some(FLASK, 21.1),), cells_lost=2_900_000, viability_percent=Decimal(92),
        note="recovery 88 % after thawing",
    )  # fmt: skip


def product(site: Site) -> list[Step]:
    """The drug product: six vials thawed, passages 2 and 3, ten bags."""
    release_bank(site)
    lot(site, "MSC-25-001")
    filled = (some(BAG, 100, 10), some(KEPT, 10, 3, ml=2), some(QC, 31.8, ml=6))
    return [
        step(site, thaw()),
        step(site, seed("MSC-25-001", "MSC-25-001-F01", 21.1, 6320, day(56, 2))),
        step(
            site,
            harvest("MSC-25-001", "MSC-25-001-F02", 116.9, (some(FLASK, 106.2), some(QC, 10.7)), day(63)),
        ),
        step(site, seed("MSC-25-001", "MSC-25-001-F03", 106.2, 37_920, day(63, 1))),
        step(site, harvest("MSC-25-001", "MSC-25-001-F04", 1061.8, filled, day(69))),
    ]


def test_the_bank_doubles_as_in_the_worked_example(site: Site) -> None:
    steps = bank(site)
    assert [one.passage for one in steps] == [0, 0, 1, 1]
    assert steps[1].founders == 7_920
    assert [str(one.population_doublings) for one in steps] == ["0.00", "10.15", "0.00", "2.74"]
    assert str(steps[3].cumulative_pd) == "12.89"


def test_the_product_reaches_18_68_cumulative_doublings(site: Site) -> None:
    bank(site)
    steps = product(site)
    assert [one.passage for one in steps] == [1, 2, 2, 3, 3]
    assert [str(one.population_doublings) for one in steps if one.cells_harvested] == ["2.47", "3.32"]
    assert str(steps[-1].cumulative_pd) == "18.68"


def test_every_cell_of_passage_3_is_accounted_for(site: Site) -> None:
    bank(site)
    last = product(site)[-1]
    assert last.cells_harvested == 1_061_800_000
    assert (last.cells_out, last.cells_retained, last.cells_qc, last.cells_lost) == (
        1_000 * MILLION,
        30 * MILLION,
        31_800_000,
        0,
    )


def test_ten_bags_three_retained_vials_and_a_qc_sample_get_codes(site: Site) -> None:
    bank(site)
    product(site)
    with site.db.reading() as db:
        made = lot_by_code(db, "MSC-25-001")
        assert made is not None and made.id is not None
        codes = [unit.code.removeprefix("MSC-25-001-") for unit in units_of_lot(db, made.id)]
    assert [code for code in codes if code[0] == "B"] == [f"B{number:02d}" for number in range(1, 11)]
    assert [code for code in codes if code[0] in "RQ"] == ["Q01", "R01", "R02", "R03", "Q02"]


def test_a_bag_descends_from_six_vials_and_the_marrow(site: Site) -> None:
    bank(site)
    product(site)
    with site.db.reading() as db:
        bag = unit_by_code(db, "MSC-25-001-B01")
        assert bag is not None and bag.id is not None
        codes = {db.get_one(Unit, key).code for key in ancestors(db, [bag.id])}
    assert {f"MCB-25-001-V{number:02d}" for number in range(1, 7)} <= codes
    assert "MCB-25-001-V07" not in codes
    assert "DON-25-001" in codes


def test_a_bank_in_quarantine_cannot_be_thawed_for_a_product(site: Site) -> None:
    bank(site)
    lot(site, "MSC-25-001")
    with act(site, maker(site), day(57)) as work:
        answer = perform_step(work, thaw())
        record(work, BANK_RELEASED, Subject("lot", "none"), lot="none")
    assert isinstance(answer, Refusal) and answer.reason is Why.INPUT_NOT_RELEASED


def test_a_batch_tells_each_step_with_what_went_in_and_out(site: Site) -> None:
    bank(site)
    with site.db.reading() as db:
        found = lot_by_code(db, "MCB-25-001")
        assert found is not None and found.id is not None
        rows = steps_of_lot(db, found.id)
    assert [row.step.code[-3:] for row in rows] == ["S01", "S02", "S03", "S04"]
    assert rows[1].inputs == ("MCB-25-001-F01",) and rows[1].outputs == ("MCB-25-001-F02",)
