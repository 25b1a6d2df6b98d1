"""A lot in use before its last result: should that fail, the very next scan at the bed is a STOP."""

from datetime import timedelta

import pytest

from app.bedside.models import VerdictWord
from app.bedside.situation import Why
from app.concerns.models import Severity
from app.evidence.verify import verify
from app.lots.models import LotState
from app.quality.concerned import deviations_of, holds_on_lot, waiting_on
from app.quality.models import Decision
from app.quality.queries import checklist
from app.quality.results import record_result
from app.site import Site
from tests.access.factories import kinds
from tests.bedside.factories import CHECK_AT, Story, first_check, read_by, ready_for_infusion
from tests.factories import act
from tests.lots.factories import sure
from tests.quality.factories import (
    TESTED_AT,
    adopted,
    analyst,
    decided,
    lot_now,
    passing_value,
    result,
    result_form,
)

LOT = "MSC-25-001"
SOON = CHECK_AT + timedelta(minutes=1)


def released_before_sterility(site: Site, code: str) -> None:
    """Every result but sterility, and a conditional release signed."""
    adopted(site)
    with act(site, analyst(site), TESTED_AT) as work:
        for line in checklist(work.db, lot_now(site, code)):
            if line.limit.test != "sterility":
                sure(record_result(work, code, result_form(line.limit.test, passing_value(line))))
    decided(site, code, Decision.CONDITIONALLY_RELEASED, "LN-01 cannot wait for fourteen days")


@pytest.fixture
def ward(site: Site, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A bag of a conditionally released lot at the bed."""
    monkeypatch.setattr("tests.orders.factories.release", released_before_sterility)
    return ready_for_infusion(site)


def answer(ward: Story, check: str = "") -> tuple[VerdictWord, set[str]]:
    """What the second person's scan of the label is answered a minute later."""
    read_by(ward, ward.second, ward.case.band, check, SOON)
    found = read_by(ward, ward.second, ward.case.label, check, SOON)
    return found.verdict, {reason.reason for reason in found.reasons}


@pytest.mark.req("ATMP-QP")
def test_a_failing_late_result_stops_the_bedside_in_the_same_minute(ward: Story) -> None:
    check = first_check(ward)
    before = len(kinds(ward.site))
    result(ward.site, LOT, "sterility", "growth", CHECK_AT)
    assert kinds(ward.site)[before:] == [
        "quality.resulted", "concerns.deviation_opened", "concerns.hold_placed", "quality.judged_again",
    ]  # fmt: skip
    verdict, reasons = answer(ward, check)
    assert verdict is VerdictWord.STOP and Why.ON_HOLD in reasons
    with ward.site.db.reading() as db:
        lot = lot_now(ward.site, LOT)
        assert len(holds_on_lot(db, lot)) == 1
        assert [one.severity for one in deviations_of(db, lot)] == [Severity.CRITICAL]
        assert verify(db).ok


def test_a_passing_late_result_lets_the_bedside_go_on(ward: Story) -> None:
    check = first_check(ward)
    result(ward.site, LOT, "sterility", "no growth", CHECK_AT)
    assert answer(ward, check)[0] is VerdictWord.GO
    decided(ward.site, LOT, at=SOON)
    with ward.site.db.reading() as db:
        assert waiting_on(db, LOT) is None
    assert lot_now(ward.site, LOT).state is LotState.RELEASED


@pytest.mark.parametrize("decision", [Decision.REJECTED, Decision.RECALLED])
def test_a_lot_taken_out_of_use_stops_the_bedside(ward: Story, decision: Decision) -> None:
    check = first_check(ward)
    decided(ward.site, LOT, decision, "the donor's serum turned reactive", CHECK_AT)
    verdict, reasons = answer(ward, check)
    assert verdict is VerdictWord.STOP and Why.NOT_RELEASED in reasons


def test_pages_name_what_a_lot_in_use_still_waits_for(ward: Story) -> None:
    with ward.site.db.reading() as db:
        by_lot, by_unit = waiting_on(db, LOT), waiting_on(db, unit_code=ward.case.unit)
        assert waiting_on(db, "MSC-99-999") is None
    assert by_lot is not None and by_lot == by_unit
    assert by_lot.tests == ("Sterility, 14 days",)
    assert by_lot.reason == "LN-01 cannot wait for fourteen days"
