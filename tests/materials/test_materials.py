"""Materials: what is out of date or out of calibration does not touch a product."""

from datetime import date, datetime, timedelta

import pytest

from app.access.models import Role
from app.evidence import files
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.materials import queries
from app.materials.models import Calibration, Equipment, Material
from app.materials.operations import (
    keep_certificate,
    open_material,
    receive_material,
    record_calibration,
    register_equipment,
)
from app.materials.rules import Why, unfit
from app.site import Site
from tests.factories import AT, act, person
from tests.lots.factories import refused

PDF = b"%PDF-1.7 a certificate"


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


def registered(work: Work, **other: object) -> Equipment | Refusal:
    given: dict[str, object] = {
        "name": "incubator", "calibrated_on": AT.date() - timedelta(days=5), "certificate": "C-10",
        "calibration_due_on": date(2025, 4, 28),
    }  # fmt: skip
    return register_equipment(work, **(given | other))  # type: ignore[arg-type]  # the keywords above


def calibrated(work: Work, code: str = "EQ-001", **other: object) -> Equipment | Refusal:
    given: dict[str, object] = {
        "calibrated_on": AT.date(), "due_on": date(2026, 4, 28), "certificate": "C-11",
    }  # fmt: skip
    return record_calibration(work, code, **(given | other))  # type: ignore[arg-type]  # as above


def test_a_device_is_registered_and_calibrated_again_with_its_certificate(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        device = registered(work)
        assert isinstance(device, Equipment) and device.code == "EQ-001" and device.serial[0] == "E"
        again = calibrated(work, data=PDF, came_as="cal.pdf")
        kept = [(one.certificate, one.due_on) for one in queries.calibrations_of(work.db, device)]
    assert isinstance(again, Equipment) and again.calibration_due_on == date(2026, 4, 28)
    assert kept == [("C-11", date(2026, 4, 28)), ("C-10", date(2025, 4, 28))]


def test_an_older_calibration_entered_late_does_not_shorten_the_latest(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        registered(work, calibration_due_on=date(2026, 1, 1))
        late = calibrated(work, calibrated_on=AT.date() - timedelta(days=30), due_on=date(2025, 6, 1))
    assert isinstance(late, Equipment) and late.calibration_due_on == date(2026, 1, 1)


def test_an_impossible_calibration_is_refused(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        late = refused(work, registered(work, calibration_due_on=date(2025, 4, 27)))
        registered(work)
        future = refused(work, calibrated(work, calibrated_on=date(2025, 4, 29)))
        unknown = refused(work, calibrated(work, "EQ-009"))
        backwards = refused(work, calibrated(work, due_on=AT.date()))
        letter = refused(work, calibrated(work, data=b"Dear colleague"))
    assert late.reason is Why.CALIBRATION_OVERDUE and future.reason is Why.IN_FUTURE
    assert unknown.reason is Why.NO_SUCH_EQUIPMENT and backwards.reason is Why.DUE_BEFORE_CALIBRATED
    assert letter.reason is Why.NOT_A_CERTIFICATE


def test_an_opened_lot_keeps_only_its_days_of_use(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07", use_within_days=28)
        opened = open_material(work, "HPL-25-07", opened_on=AT.date())
        again = refused(work, open_material(work, "HPL-25-07", opened_on=AT.date()))
        unknown = refused(work, open_material(work, "HPL-25-99", opened_on=AT.date()))
    assert isinstance(opened, Material) and opened.usable_until == date(2025, 5, 26)
    assert again.reason is Why.ALREADY_OPENED and unknown.reason is Why.NO_SUCH_MATERIAL


@pytest.mark.parametrize(
    ("opened_on", "why"),
    [
        (date(2025, 4, 29), Why.IN_FUTURE),
        (date(2025, 4, 27), Why.OPENED_BEFORE_RECEIPT),
    ],
)
def test_a_lot_is_opened_while_it_is_here(site: Site, opened_on: date, why: Why) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07")
        assert refused(work, open_material(work, "HPL-25-07", opened_on=opened_on)).reason is why


def test_an_expired_lot_is_not_opened(site: Site) -> None:
    technologist = person(site, Role.TECHNOLOGIST)
    with act(site, technologist) as work:
        received(work, code="HPL-25-07")
    with act(site, technologist, AT + timedelta(days=300)) as work:
        answer = refused(work, open_material(work, "HPL-25-07", opened_on=date(2026, 1, 1)))
    assert answer.reason is Why.MATERIAL_EXPIRED


def test_a_certificate_is_kept_by_its_hash_and_replaced_only_with_a_reason(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07")
        first = keep_certificate(work, "HPL-25-07", PDF, "coa.pdf")
        assert isinstance(first, Material)
        before = first.certificate_id
        silent = refused(work, keep_certificate(work, "HPL-25-07", PDF + b"2", "coa2.pdf"))
        letter = refused(work, keep_certificate(work, "HPL-25-07", b"<html>", "coa.html"))
        unknown = refused(work, keep_certificate(work, "HPL-25-99", PDF, "coa.pdf"))
        second = keep_certificate(work, "HPL-25-07", PDF + b"2", "coa2.pdf", "the first was of lot A16")
        assert isinstance(second, Material) and second.certificate_id != before
        stored = queries.file_with(work.db, before)
        assert stored is not None and files.read(work.db, stored) == PDF
    assert silent.reason is Why.NO_REASON and letter.reason is Why.NOT_A_CERTIFICATE
    assert unknown.reason is Why.NO_SUCH_MATERIAL


def test_a_pack_and_a_device_are_known_by_what_a_scanner_reads(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07", barcode="(01)0761 2345\x1d(10)a17")
        device = registered(work)
        assert isinstance(device, Equipment)
        found = queries.tools_named(work.db, ["(01)07612345(10)A17", device.serial, "EQ-001", "HPL-25-07"])
        nothing = refused(work, queries.tools_named(work.db, ["B123"]))
    assert isinstance(found, list) and [one.code for one in found] == ["HPL-25-07", "EQ-001"]
    assert nothing.reason is Why.NO_SUCH_TOOL


def test_a_barcode_that_names_only_the_product_asks_for_the_lot(site: Site) -> None:
    with act(site, person(site, Role.TECHNOLOGIST)) as work:
        received(work, code="HPL-25-07", barcode="7612345")
        received(work, code="HPL-25-08", barcode="7612345", supplier_lot="A18")
        answer = refused(work, queries.materials_named(work.db, ["7612345"]))
    assert answer.reason is Why.SEVERAL_LOTS and "HPL-25-07, HPL-25-08" in answer.sentence


def material(expires_on: date = date(2025, 4, 28), received_at: datetime = AT) -> Material:
    return Material(code="M-1", name="DMSO", supplier="S", supplier_lot="1", expires_on=expires_on,
                    received_at=received_at)  # fmt: skip


def device() -> Equipment:
    return Equipment(
        code="EQ-1", serial="E", name="incubator", calibration_due_on=AT.date(), registered_at=AT
    )


def good(start: date, due: date) -> Calibration:
    return Calibration(equipment_id=1, calibrated_on=start, due_on=due, certificate="C-1", recorded_at=AT)


def test_a_material_is_good_through_the_day_of_its_expiry() -> None:
    assert unfit([material()], [], AT, AT.date()) is None
    late = unfit([material()], [], AT, AT.date() + timedelta(days=1))
    assert late is not None and late.reason is Why.MATERIAL_EXPIRED


def test_an_opened_material_is_good_through_the_last_of_its_days() -> None:
    opened = material(date(2026, 1, 1))
    opened.opened_on, opened.use_within_days = AT.date(), 7
    assert unfit([opened], [], AT, AT.date() + timedelta(days=7)) is None
    late = unfit([opened], [], AT, AT.date() + timedelta(days=8))
    assert late is not None and late.reason is Why.OPENED_TOO_LONG and "7 days" in late.sentence


def test_a_material_cannot_be_used_before_it_came() -> None:
    early = unfit([material()], [], AT - timedelta(days=1), AT.date())
    assert early is not None and early.reason is Why.NOT_YET_RECEIVED


def test_a_device_is_judged_by_the_calibration_that_held_on_the_day() -> None:
    """A calibration of today does not make yesterday's use good."""
    day = timedelta(days=1)
    history = [good(AT.date(), AT.date() + 30 * day), good(AT.date() - 60 * day, AT.date() - 10 * day)]
    assert unfit([], [(device(), history)], AT, AT.date()) is None
    assert unfit([], [(device(), history)], AT, AT.date() - 10 * day) is None
    between = unfit([], [(device(), history)], AT, AT.date() - 5 * day)
    assert between is not None and between.reason is Why.NOT_CALIBRATED and "2025-04-18" in between.sentence
    before = unfit([], [(device(), history)], AT, AT.date() - 61 * day)
    assert before is not None and "not yet calibrated" in before.sentence
