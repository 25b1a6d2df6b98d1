"""Materials: what is out of date or out of calibration does not touch a product."""

from datetime import date, datetime, timedelta

import pytest

from app.access.models import Role
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.materials.models import Equipment, Material
from app.materials.operations import receive_material, record_calibration, register_equipment
from app.materials.rules import Why, unfit
from app.site import Site
from tests.factories import AT, act, person
from tests.lots.factories import refused


def received(work: Work, **other: object) -> Material | Refusal:
    given: dict[str, object] = {
        "name": "hPL", "supplier": "PL Bio", "supplier_lot": "A17", "expires_on": date(2025, 12, 31),
        "received_at": AT,
    }  # fmt: skip
    return receive_material(work, **(given | other))  # type: ignore[arg-type]  # the keywords above


def refusal_of(site: Site, **other: object) -> Refusal:
    technologist = person(site, Role.TECHNOLOGIST)
    with act(site, technologist) as work:
        return refused(work, received(work, **other))


def test_a_received_lot_gets_the_next_code_of_the_year(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        first, second = received(work), received(work, supplier_lot="A18")
    assert isinstance(first, Material) and first.code == "MAT-25-001"
    assert isinstance(second, Material) and second.code == "MAT-25-002"


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"code": "hpl 1"}, Why.BAD_CODE),
        ({"received_at": AT + timedelta(hours=1)}, Why.IN_FUTURE),
        ({"expires_on": date(2025, 4, 27)}, Why.EXPIRED_AT_RECEIPT),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(site: Site, other: dict[str, object], why: Why) -> None:
    assert refusal_of(site, **other).reason is why


def test_the_same_supplier_lot_keeps_its_code(site: Site) -> None:
    """Two codes for one lot would let a recall find half of it."""
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07")
        answer = refused(work, received(work))
        again = refused(work, received(work, supplier_lot="A18", code="HPL-25-07"))
    assert answer.reason is Why.ALREADY_RECEIVED and "HPL-25-07" in answer.sentence
    assert again.reason is Why.CODE_TAKEN


def test_a_device_is_registered_and_calibrated_again(site: Site) -> None:
    technologist = person(site, Role.TECHNOLOGIST)
    with act(site, technologist) as work:
        device = register_equipment(work, name="incubator", calibration_due_on=date(2025, 4, 28))
        assert isinstance(device, Equipment) and device.code == "EQ-001"
        again = record_calibration(
            work, "EQ-001", calibrated_on=AT.date(), due_on=date(2026, 4, 28), certificate="C-11"
        )
    assert isinstance(again, Equipment) and again.calibration_due_on == date(2026, 4, 28)


def test_an_overdue_or_future_calibration_is_refused(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        late = refused(work, register_equipment(work, name="balance", calibration_due_on=date(2025, 4, 27)))
        register_equipment(work, name="incubator", calibration_due_on=date(2025, 4, 28))
        future = record_calibration(
            work, "EQ-001", calibrated_on=date(2025, 4, 29), due_on=date(2026, 1, 1), certificate="C"
        )
        unknown = record_calibration(
            work, "EQ-009", calibrated_on=AT.date(), due_on=date(2026, 1, 1), certificate="C"
        )
    assert late.reason is Why.CALIBRATION_OVERDUE
    assert isinstance(future, Refusal) and future.reason is Why.IN_FUTURE
    assert isinstance(unknown, Refusal) and unknown.reason is Why.NO_SUCH_EQUIPMENT


def material(expires_on: date = date(2025, 4, 28), received_at: datetime = AT) -> Material:
    return Material(code="M-1", name="DMSO", supplier="S", supplier_lot="1", expires_on=expires_on,
                    received_at=received_at)  # fmt: skip


def device(due: date) -> Equipment:
    return Equipment(code="EQ-1", name="incubator", calibration_due_on=due, registered_at=AT)


def test_a_material_is_good_through_the_day_of_its_expiry() -> None:
    assert unfit([material()], [], AT, AT.date()) is None
    late = unfit([material()], [], AT, AT.date() + timedelta(days=1))
    assert late is not None and late.reason is Why.MATERIAL_EXPIRED


def test_a_material_cannot_be_used_before_it_came() -> None:
    early = unfit([material()], [], AT - timedelta(days=1), AT.date())
    assert early is not None and early.reason is Why.NOT_YET_RECEIVED


def test_an_uncalibrated_device_does_not_touch_a_product() -> None:
    assert unfit([], [device(AT.date())], AT, AT.date()) is None
    late = unfit([], [device(AT.date() - timedelta(days=1))], AT, AT.date())
    assert late is not None and late.reason is Why.NOT_CALIBRATED
