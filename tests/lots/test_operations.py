"""Lots from the donor to quarantine: what is kept, what is refused, and what a hold reaches."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import select

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.donors.models import Donor, Tissue
from app.donors.rules import Why as DonorWhy
from app.evidence.models import Meaning, Signature
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM, Work
from app.lots import queries
from app.lots.models import LOT_MOVES, UNIT_MOVES, Donation, LotKind, LotState, StepKind, UnitKind, UnitState
from app.lots.operations import (
    destroy_unit,
    finish_making,
    latest_expiry,
    move_unit,
    open_lot,
    record_donation,
    record_fate,
)
from app.lots.process_limits import FOLDER, BadLimits, process_limits, read_limits
from app.lots.rules import Why
from app.lots.stepform import StepForm
from app.lots.steps import perform_step
from app.materials.rules import Why as MaterialWhy
from app.site import Site
from tests.access.factories import staff
from tests.donors.factories import eligible_donor, screened_donor
from tests.factories import act, proof
from tests.lots.factories import (
    COLLECTED_AT,
    day,
    device,
    donation,
    drug_product_lot,
    filled_lot,
    harvest,
    lot,
    maker,
    reagent,
    refused,
    seed,
    some,
    step,
    unit,
)


def received(work: Work, donor: str, **other: object) -> Donation | Refusal:
    given: dict[str, object] = {
        "donor": donor, "tissue": Tissue.BONE_MARROW, "site": "iliac crest", "collected_at": COLLECTED_AT,
        "received_at": COLLECTED_AT + timedelta(hours=3), "received_celsius": Decimal(20),
        "volume_ml": Decimal(12), "nucleated_cells": 264_000_000, "viability_percent": Decimal(98),
        "condition": "intact",
    }  # fmt: skip
    return record_donation(work, **(given | other))  # type: ignore[arg-type]  # the keywords above


def no(site: Site, donor: str, **other: object) -> Refusal:
    with act(site, maker(site), day(0, 6)) as work:
        return refused(work, received(work, donor, **other))


def test_every_state_has_its_moves() -> None:
    assert set(LOT_MOVES) == set(LotState)
    assert set(UNIT_MOVES) == set(UnitState)


def test_a_donation_makes_its_tissue_unit(site: Site) -> None:
    given = donation(site)
    tissue = unit(site, given.code)
    assert (tissue.kind, tissue.state, tissue.viable_cells) == (
        UnitKind.TISSUE,
        UnitState.IN_PROCESS,
        264_000_000,
    )
    with site.db.reading() as db:
        assert verify(db).ok


def test_a_donor_without_a_decision_cannot_give(site: Site) -> None:
    donor = screened_donor(site).donor_id
    with site.db.reading() as db:
        code = db.get_one(Donor, donor).code
    assert no(site, code).reason is DonorWhy.NOT_ELIGIBLE


def test_a_donor_on_hold_cannot_give(site: Site) -> None:
    donor = eligible_donor(site).code
    with act(site, maker(site), day(0)) as work:
        place_hold(work, SubjectKind.DONOR, donor, "asked back")
    assert no(site, donor).reason is DonorWhy.ON_HOLD


def test_a_sample_that_has_grown_too_old_stops_the_donation(site: Site) -> None:
    donor = eligible_donor(site, at=COLLECTED_AT - timedelta(days=40)).code
    assert no(site, donor).reason is DonorWhy.NO_LONGER_ELIGIBLE


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"received_at": COLLECTED_AT + timedelta(days=9)}, Why.IN_FUTURE),
        ({"received_at": COLLECTED_AT - timedelta(hours=1)}, Why.RECEIVED_BEFORE_COLLECTED),
        ({"nucleated_cells": 2_640_000_000}, Why.IMPLAUSIBLE_COUNT),
        ({"nucleated_cells": 26_400_000}, Why.IMPLAUSIBLE_COUNT),
        ({"code": "don 1"}, Why.BAD_CODE),
    ],
)
def test_a_donation_that_cannot_be_is_refused(site: Site, other: dict[str, object], why: Why) -> None:
    assert no(site, "D-0001", **other).reason is why


def test_a_strange_count_that_was_counted_twice_is_kept(site: Site) -> None:
    donor = eligible_donor(site).code
    with act(site, maker(site), day(0, 6)) as work:
        assert isinstance(received(work, donor, nucleated_cells=26_400_000, recounted=True), Donation)


def test_codes_are_never_given_twice(site: Site) -> None:
    given = donation(site)
    assert no(site, "D-0001", code=given.code).reason is Why.CODE_TAKEN
    lot(site, "MSC-25-007")
    with act(site, maker(site), day(0)) as work:
        answer = refused(work, open_lot(work, LotKind.DRUG_PRODUCT, "MSC", "MSC-25-007"))
        following = open_lot(work, LotKind.DRUG_PRODUCT, "MSC")
    assert answer.reason is Why.CODE_TAKEN
    assert not isinstance(following, Refusal) and following.code == "MSC-25-008"


def seeded(site: Site, **more: object) -> StepForm:
    tissue = donation(site).code
    made = lot(site)
    return seed(made.code, tissue, 264, 1500, day(0, 5), **more)


def told(site: Site, form: StepForm) -> Refusal:
    with act(site, maker(site), day(90)) as work:
        return refused(work, perform_step(work, form))


def test_a_step_names_what_exists(site: Site) -> None:
    form = seeded(site)
    assert told(site, form.model_copy(update={"lot": "MSC-25-099"})).reason is Why.NO_SUCH_LOT
    assert told(site, form.model_copy(update={"inputs": ("DON-25-099",)})).reason is Why.NO_SUCH_UNIT
    assert told(site, form.model_copy(update={"inputs": ()})).reason is Why.NO_INPUT
    assert told(site, form.model_copy(update={"materials": ("M-9",)})).reason is MaterialWhy.NO_SUCH_MATERIAL
    assert told(site, form.model_copy(update={"equipment": ("E-9",)})).reason is MaterialWhy.NO_SUCH_EQUIPMENT


def test_the_system_performs_no_step(site: Site) -> None:
    form = seeded(site)
    with site.db.act(SYSTEM, day(1)) as work:
        assert refused(work, perform_step(work, form)).reason is Why.NO_PERSON


def test_an_expired_reagent_is_refused_at_the_step(site: Site) -> None:
    medium = reagent(site)
    form = seeded(site, materials=(medium.code,), started_at=day(400), ended_at=day(400))
    with act(site, maker(site), day(401)) as work:
        answer = refused(work, perform_step(work, form))
    assert answer.reason is MaterialWhy.MATERIAL_EXPIRED and medium.code in answer.sentence


def test_an_uncalibrated_device_is_refused_at_the_step(site: Site) -> None:
    with act(site, maker(site), day(-1)) as work:
        device(work, until=-1)
    answer = told(site, seeded(site, equipment=("EQ-001",)))
    assert answer.reason is MaterialWhy.NOT_CALIBRATED


def test_a_reagent_on_hold_is_refused_at_the_step(site: Site) -> None:
    medium = reagent(site)
    with act(site, maker(site), day(0)) as work:
        place_hold(work, SubjectKind.MATERIAL, medium.code, "supplier alert")
    assert told(site, seeded(site, materials=(medium.code,))).reason is Why.TOOL_ON_HOLD


def test_a_hold_on_the_donor_stops_the_next_step(site: Site) -> None:
    donor = eligible_donor(site).code
    tissue = donation(site, donor).code
    made = lot(site)
    with act(site, maker(site), day(0, 5)) as work:
        place_hold(work, SubjectKind.DONOR, donor, "late reactive result")
    assert told(site, seed(made.code, tissue, 264, 1500, day(0, 6))).reason is Why.INPUT_ON_HOLD


def test_a_sample_leaves_the_rest_in_its_unit(site: Site) -> None:
    made = drug_product_lot(site)
    bag = f"{made.code}-B01"
    step(
        site,
        StepForm(
            lot=made.code, kind=StepKind.SAMPLE, started_at=day(30), ended_at=day(30), inputs=(bag,),
            yields=(some(UnitKind.QC_SAMPLE, 0.5, ml=0.1),),
        ),
    )  # fmt: skip
    left = unit(site, bag)
    assert (left.state, left.viable_cells, left.volume_ml) == (
        UnitState.IN_QUARANTINE,
        99_500_000,
        Decimal("19.90"),
    )
    sample = unit(site, f"{made.code}-Q02")
    assert sample.state is UnitState.IN_QUARANTINE and sample.expires_at == made.expires_at


def test_a_consumed_unit_makes_nothing_again(site: Site) -> None:
    form = seeded(site)
    step(site, form)
    assert unit(site, form.inputs[0]).state is UnitState.CONSUMED
    assert told(site, form).reason is Why.INPUT_GONE


def test_a_finished_lot_waits_in_quarantine_with_a_computed_expiry(site: Site) -> None:
    made = drug_product_lot(site)
    assert made.state is LotState.QUARANTINE and made.made_at == day(28, 2)
    assert made.expires_at == datetime(2027, 2, 10, 23, 59, tzinfo=UTC)
    bag = unit(site, f"{made.code}-B10")
    assert (bag.state, bag.expires_at) == (UnitState.IN_QUARANTINE, made.expires_at)


def test_a_shelf_life_ends_on_the_last_day_of_a_shorter_month() -> None:
    assert latest_expiry(datetime(2024, 2, 29, 1, 0, tzinfo=UTC), 12) == datetime(
        2025, 2, 28, 23, 59, tzinfo=UTC
    )
    assert latest_expiry(datetime(2024, 12, 31, 1, 0, tzinfo=UTC), 2) == datetime(
        2025, 2, 28, 23, 59, tzinfo=UTC
    )


def unfinished(site: Site, code: str, at: datetime, **more: datetime) -> Refusal:
    with act(site, maker(site), day(40)) as work:
        return refused(work, finish_making(work, code, at, **more))


def test_a_lot_without_a_bag_is_not_finished(site: Site) -> None:
    made = lot(site)
    assert unfinished(site, made.code, day(1)).reason is Why.NOTHING_FILLED
    assert unfinished(site, "MSC-25-099", day(1)).reason is Why.NO_SUCH_LOT


def test_a_lot_is_finished_once_after_its_last_step_and_keeps_no_longer_than_allowed(site: Site) -> None:
    made = filled_lot(site)
    assert unfinished(site, made.code, day(41)).reason is Why.IN_FUTURE
    assert unfinished(site, made.code, day(27)).reason is Why.MADE_BEFORE_LAST_STEP
    late = day(28 + 800)
    assert unfinished(site, made.code, day(28, 1), expires_at=late).reason is Why.KEEPS_TOO_LONG
    with act(site, maker(site), day(40)) as work:
        assert not isinstance(finish_making(work, made.code, day(28, 1)), Refusal)
    assert unfinished(site, made.code, day(28, 1)).reason is Why.LOT_CLOSED


def test_cells_left_in_a_flask_keep_a_lot_open(site: Site) -> None:
    made = lot(site)
    tissue = donation(site).code
    step(site, seed(made.code, tissue, 264, 1500, day(0, 5)))
    split = (some(UnitKind.BAG, 5), some(UnitKind.FLASK, 4))
    step(site, harvest(made.code, f"{made.code}-F01", 9, split, day(14), cfu_f_per_million=30))
    answer = unfinished(site, made.code, day(15))
    assert answer.reason is Why.CELLS_LEFT and f"{made.code}-F02" in answer.sentence


def test_only_one_of_two_moves_of_a_unit_wins(site: Site) -> None:
    made = drug_product_lot(site)
    bag = unit(site, f"{made.code}-B01")
    with act(site, maker(site)) as work:
        assert move_unit(work, bag.id or 0, UnitState.IN_QUARANTINE, UnitState.AVAILABLE)
        assert not move_unit(work, bag.id or 0, UnitState.IN_QUARANTINE, UnitState.AVAILABLE)
        refused(work, record_fate(work, bag.code, UnitState.INFUSED, "never by hand"))


def test_a_qc_sample_is_tested_once(site: Site) -> None:
    made = drug_product_lot(site)
    sample = f"{made.code}-Q01"
    with act(site, maker(site)) as work:
        assert refused(work, record_fate(work, sample, UnitState.TESTED, " ")).reason is Why.NO_REASON
        assert refused(work, record_fate(work, sample, UnitState.INFUSED, "x")).reason is Why.NO_SUCH_FATE
        record_fate(work, sample, UnitState.TESTED, "release panel")
        again = refused(work, record_fate(work, sample, UnitState.TESTED, "again"))
        unknown = refused(work, record_fate(work, "X-1", UnitState.TESTED, "x"))
    assert unit(site, sample).state is UnitState.TESTED
    assert again.reason is Why.FATE_CLOSED and unknown.reason is Why.NO_SUCH_UNIT


def test_a_destruction_needs_a_reason_and_two_signatures_of_two_people(site: Site) -> None:
    made = drug_product_lot(site)
    first, second = maker(site), staff(site, "wilma", Role.QUALITY)
    clerk = staff(site, "adam", Role.ADMINISTRATOR)
    bag, me = f"{made.code}-B10", proof(first)
    with act(site, first) as work:
        other = refused(work, destroy_unit(work, bag, "broken", proof(second), proof(second)))
        assert other.reason is Why.NOT_YOUR_SIGNATURE
        assert refused(work, destroy_unit(work, bag, "", me, proof(second))).reason is Why.NO_REASON
        assert refused(work, destroy_unit(work, bag, "broken", me, me)).reason is Why.SECOND_IS_FIRST
        assert (
            refused(work, destroy_unit(work, bag, "broken", me, proof(clerk))).reason is Why.WITNESS_MAY_NOT
        )
        assert not isinstance(destroy_unit(work, bag, "broken", me, proof(second)), Refusal)
        assert refused(work, destroy_unit(work, bag, "broken", me, proof(second))).reason is Why.FATE_CLOSED
        assert (
            refused(work, destroy_unit(work, "X-1", "broken", me, proof(second))).reason is Why.NO_SUCH_UNIT
        )
    assert unit(site, bag).state is UnitState.DESTROYED
    with site.db.reading() as db:
        signed = [(one.person_id, one.meaning) for one in db.exec(select(Signature)).all()]
    assert (first.id, Meaning.PERFORMED) in signed and (second.id, Meaning.WITNESSED) in signed


@pytest.mark.parametrize("on", ["donor", "donation", "lot", "unit", "material", "equipment", "flask"])
def test_a_hold_reaches_every_descendant(site: Site, on: str) -> None:
    donor = eligible_donor(site).code
    with act(site, maker(site), day(-1)) as work:
        device(work, until=300)
    medium = reagent(site).code
    made = filled_lot(site, 2, donor=donor, materials=(medium,), equipment=("EQ-001",))
    kind, code = {
        "donor": ("donor", donor), "donation": ("donation", "DON-25-001"), "lot": ("lot", made.code),
        "unit": ("unit", f"{made.code}-B01"), "material": ("material", medium),
        "equipment": ("equipment", "EQ-001"), "flask": ("unit", f"{made.code}-F02"),
    }[on]  # fmt: skip
    with act(site, maker(site), day(30)) as work:
        place_hold(work, SubjectKind(kind), code, "a stop")
    with site.db.reading() as db:
        bag, sister = (queries.unit_by_code(db, f"{made.code}-{name}") for name in ("B01", "B02"))
        assert bag is not None and sister is not None
        assert [hold.why for hold in queries.holds_reaching(db, bag.id or 0)] == ["a stop"]
        assert bool(queries.holds_reaching(db, sister.id or 0)) is (on != "unit")
        assert len(queries.holds_reaching_lot(db, made.id or 0)) == 1


def test_makers_are_those_who_performed_a_step(site: Site) -> None:
    made = drug_product_lot(site)
    with site.db.reading() as db:
        assert queries.makers_of_lot(db, made.id or 0) == {maker(site).id}
        bag = queries.unit_by_code(db, f"{made.code}-B01")
        assert bag is not None
        assert len(queries.donors_of_unit(db, bag.id or 0)) == 1


def test_every_file_of_limits_can_be_used() -> None:
    for path in sorted(FOLDER.glob("*.toml")):
        assert read_limits(path).name == path.stem
    assert (process_limits().passage.highest, process_limits().cumulative_doublings.highest) == (5, 25.0)


def test_a_bad_file_of_limits_names_the_place(tmp_path: Path) -> None:
    good = (FOLDER / "msc-1.toml").read_text(encoding="utf-8")
    bad = tmp_path / "msc-1.toml"
    bad.write_text(good.replace("highest = 5", "highest = -5"), encoding="utf-8")
    with pytest.raises(BadLimits, match=r"msc-1.toml: passage.highest"):
        read_limits(bad)
    other = tmp_path / "msc-2.toml"
    other.write_text(good, encoding="utf-8")
    with pytest.raises(BadLimits, match="not like their file"):
        read_limits(other)
