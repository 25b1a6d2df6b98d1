"""A dose is prescribed, a bag promised to it, and the order made ready, or not given."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody.models import PlaceKind
from app.custody.operations import issue_unit, return_unit
from app.custody.returns import accept_return
from app.evidence.canonical import sha256_of
from app.evidence.models import Signature
from app.evidence.signatures import stands
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.lots.models import Unit, UnitState
from app.orders import queries
from app.orders.crossmatch import kept
from app.orders.models import Allocation, AllocationState, DoseOrder, OrderState
from app.orders.operations import allocate, make_ready, not_given, prescribe, undo_allocation
from app.orders.rules import Why
from app.recipients.consents import record_consent
from app.site import Site
from tests.donors.factories import someone
from tests.factories import AT, act, proof
from tests.orders.factories import (
    allocated,
    order,
    physician,
    place,
    prescription,
    released_lot,
    technologist,
)
from tests.recipients.factories import consent_form, recipient, withdraw

BAG = "MSC-25-001-B01"
COLD = Decimal(-170)


def state_of(site: Site, unit_code: str) -> UnitState:
    with site.db.reading() as db:
        return UnitState(db.exec(select(Unit.state).where(Unit.code == unit_code)).one())


def order_state(site: Site, code: str) -> OrderState:
    with site.db.reading() as db:
        return OrderState(db.exec(select(DoseOrder.state).where(DoseOrder.code == code)).one())


@pytest.fixture
def patient(site: Site) -> str:
    return recipient(site, physician(site)).code


def test_a_dose_is_prescribed_with_its_window_and_signed_as_shown(site: Site, patient: str) -> None:
    made = order(site, patient)
    assert (made.code, made.state) == ("ORD-25-001", OrderState.PRESCRIBED)
    assert (made.lowest_viable_cells, made.highest_viable_cells) == (72_000_000, 108_000_000)
    with site.db.reading() as db:
        signature = db.get_one(Signature, made.signature_id)
        assert stands(signature, queries.record_of_order(db, made))
        assert "90 × 10⁶ cells (ninety million)" in signature.record
        assert verify(db).ok


def refused(site: Site, **more: object) -> Refusal:
    who = physician(site)
    with act(site, who) as work:
        answer = prescribe(work, prescription(**more), proof(who))  # type: ignore[arg-type]  # names of fields
    assert isinstance(answer, Refusal)
    return answer


@pytest.mark.usefixtures("patient")
def test_a_slip_of_a_zero_is_not_signed(site: Site) -> None:
    assert refused(site, dose_million=Decimal(900)).reason == Why.DOSE_TEN_TIMES_OFF
    with site.db.reading() as db:
        assert db.exec(select(Signature)).all() == []


@pytest.mark.usefixtures("patient")
def test_what_cannot_be_prescribed_is_refused(site: Site) -> None:
    assert refused(site, dose_million=Decimal("333.333")).reason == Why.DOSE_OUTSIDE_RANGE
    assert refused(site, product="Snake oil").reason == Why.PRODUCT_HAS_NO_RANGE
    assert refused(site, route="by mouth").reason == Why.ROUTE_UNKNOWN
    assert refused(site, weighed_on=AT.date() + timedelta(days=2)).reason == Why.WEIGHED_IN_FUTURE
    assert refused(site, weighed_on=AT.date() - timedelta(days=60)).reason == Why.WEIGHT_TOO_OLD
    assert refused(site, weight_kg=Decimal(999)).reason == Why.WEIGHT_IMPLAUSIBLE
    assert refused(site, planned_on=AT.date() - timedelta(days=9)).reason == Why.PLANNED_IN_THE_PAST
    assert refused(site, recipient="LN-77").reason == Why.RECIPIENT_UNKNOWN


def test_only_the_physician_who_is_signed_in_prescribes(site: Site, patient: str) -> None:
    doctor, nurse = physician(site), someone(site, Role.NURSE, "nurse")
    with act(site, nurse) as work:
        by_nurse = prescribe(work, prescription(patient), proof(nurse))
        for_another = prescribe(work, prescription(patient), proof(doctor))
    assert isinstance(by_nurse, Refusal) and by_nurse.reason == Why.NOT_A_PRESCRIBER
    assert isinstance(for_another, Refusal) and for_another.reason == Why.SIGNER_IS_ANOTHER


def test_an_order_code_is_never_given_twice(site: Site, patient: str) -> None:
    order(site, patient, "ORD-25-009")
    who = physician(site)
    with act(site, who) as work:
        again = prescribe(work, prescription(patient), proof(who), "ORD-25-009")
    assert isinstance(again, Refusal) and again.reason == Why.CODE_TAKEN


def test_a_signature_covers_what_was_shown_or_nothing(site: Site, patient: str) -> None:
    who = physician(site)
    with act(site, who) as work:
        answer = prescribe(work, prescription(patient), proof(who), shown=sha256_of({"dose": "another"}))
    assert isinstance(answer, Refusal) and answer.reason == Why.RECORD_CHANGED


def test_a_bag_is_promised_to_an_order_with_its_crossmatch(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made, allocation = allocated(site, patient, BAG)
    assert allocation.state is AllocationState.OPEN
    assert state_of(site, BAG) is UnitState.ALLOCATED
    assert order_state(site, made.code) is OrderState.ALLOCATED
    verdicts = kept(allocation.crossmatch)
    assert len(verdicts) == 1 and verdicts[0]["serum"] is None
    assert "No serum" in verdicts[0]["sentence"]


def test_an_order_gets_one_bag(site: Site, patient: str) -> None:
    released_lot(site, 2)
    made, _ = allocated(site, patient, BAG)
    with act(site, technologist(site)) as work:
        again = allocate(work, made.code, "MSC-25-001-B02")
    assert isinstance(again, Refusal) and again.reason == Why.ORDER_NOT_OPEN
    assert state_of(site, "MSC-25-001-B02") is UnitState.AVAILABLE


def test_a_bag_is_promised_once(site: Site, patient: str) -> None:
    released_lot(site, 1)
    allocated(site, patient, BAG)
    other = order(site, patient)
    with act(site, technologist(site)) as work:
        again = allocate(work, other.code, BAG)
    assert isinstance(again, Refusal) and again.reason == Why.UNIT_NOT_AVAILABLE


def test_who_loses_the_compare_and_set_is_told_and_nothing_is_changed(
    site: Site, patient: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process may have moved the bag between the questions and the move."""
    released_lot(site, 1)
    made = order(site, patient)
    monkeypatch.setattr("app.lots.operations.move_unit", lambda *_: False)
    with act(site, technologist(site)) as work:
        answer = allocate(work, made.code, BAG)
    assert isinstance(answer, Refusal) and answer.reason == Why.TAKEN_MEANWHILE
    assert order_state(site, made.code) is OrderState.PRESCRIBED
    assert state_of(site, BAG) is UnitState.AVAILABLE


def test_a_hold_on_the_donor_keeps_every_bag_from_being_promised(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made = order(site, patient)
    with site.db.reading() as db:
        donor = db.connection().execute(text("SELECT code FROM donor")).scalar_one()
    with act(site, someone(site, Role.QUALITY, "quality")) as work:
        hold = place_hold(work, SubjectKind.DONOR, donor, "late reactive marker")
    assert not isinstance(hold, Refusal)
    with act(site, technologist(site)) as work:
        answer = allocate(work, made.code, BAG)
    assert isinstance(answer, Refusal) and answer.reason == Why.ON_HOLD
    assert "late reactive marker" in answer.sentence


def test_without_a_signed_consent_nothing_is_allocated_made_ready_or_issued(site: Site, patient: str) -> None:
    released_lot(site, 1)
    place(site, "WARD-4", PlaceKind.WARD)
    waiting = order(site, patient)
    withdraw(site, patient)
    with act(site, technologist(site)) as work:
        answer = allocate(work, waiting.code, BAG)
    assert isinstance(answer, Refusal) and answer.reason == Why.NO_CONSENT
    with act(site, physician(site)) as work:
        assert not isinstance(record_consent(work, patient, consent_form(form_version="3")), Refusal)
    with act(site, technologist(site)) as work:
        assert not isinstance(allocate(work, waiting.code, BAG), Refusal)
    withdraw(site, patient)
    with act(site, technologist(site)) as work:
        issued = issue_unit(work, BAG, "WARD-4", "bank", "dry shipper")
        ready = make_ready(work, waiting.code)
    assert isinstance(issued, Refusal) and issued.reason == Why.NO_CONSENT
    assert isinstance(ready, Refusal) and ready.reason == Why.NO_CONSENT
    assert state_of(site, BAG) is UnitState.ALLOCATED


def test_the_same_issue_is_done_while_the_consent_stands(site: Site, patient: str) -> None:
    """The control of the test above: it is the consent that is asked for."""
    released_lot(site, 1)
    place(site, "WARD-4", PlaceKind.WARD)
    allocated(site, patient, BAG)
    with act(site, technologist(site)) as work:
        assert not isinstance(issue_unit(work, BAG, "WARD-4", "bank", "dry shipper"), Refusal)
    assert state_of(site, BAG) is UnitState.ISSUED


def test_a_weight_five_times_that_of_the_last_order_is_refused(site: Site, patient: str) -> None:
    order(site, patient)
    assert refused(site, weight_kg=Decimal(300), dose_million=Decimal(200)).reason == Why.WEIGHT_TEN_TIMES_OFF


def test_a_dose_that_does_not_fit_the_weight_is_refused(site: Site, patient: str) -> None:
    answer = refused(site, recipient=patient, weight_kg=Decimal(36), dose_million=Decimal(200))
    assert answer.reason == Why.DOSE_PER_KG_OUTSIDE_RANGE
    late = refused(site, recipient=patient, authorised_on=AT.date() + timedelta(days=1))
    assert late.reason == Why.AUTHORISED_IN_FUTURE


def test_unknown_codes_are_named(site: Site, patient: str) -> None:
    made = order(site, patient)
    with act(site, technologist(site)) as work:
        no_order = allocate(work, "ORD-25-999", BAG)
        no_unit = allocate(work, made.code, "MSC-99-001-B01")
    assert isinstance(no_order, Refusal) and no_order.reason == Why.ORDER_UNKNOWN
    assert isinstance(no_unit, Refusal) and no_unit.reason == Why.UNIT_UNKNOWN


def test_the_dmso_of_every_bag_of_the_day_is_counted(site: Site, patient: str) -> None:
    released_lot(site, 2)
    allocated(site, patient, BAG)
    other = order(site, patient)
    with site.db.reading() as db:
        unit = db.exec(select(Unit).where(Unit.code == "MSC-25-001-B02")).one()
        facts = queries.match(db, other, unit, AT)
    assert facts.dmso_g == Decimal("4.4")
    assert facts.label_applied and facts.release_stands


def test_an_undone_allocation_frees_bag_and_order_and_keeps_its_reason(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made, _ = allocated(site, patient, BAG)
    with act(site, technologist(site)) as work:
        bare = undo_allocation(work, made.code, " ")
        undone = undo_allocation(work, made.code, "patient has a fever")
        again = undo_allocation(work, made.code, "once more")
    assert isinstance(bare, Refusal) and bare.reason == Why.REASON_MISSING
    assert not isinstance(undone, Refusal) and undone.undone_reason == "patient has a fever"
    assert isinstance(again, Refusal) and again.reason == Why.NOTHING_ALLOCATED
    assert state_of(site, BAG) is UnitState.AVAILABLE
    assert order_state(site, made.code) is OrderState.PRESCRIBED
    with act(site, technologist(site)) as work:
        assert isinstance(allocate(work, made.code, BAG), Allocation)


def test_an_order_is_not_ready_before_the_ward_has_the_bag(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made = order(site, patient)
    with act(site, technologist(site)) as work:
        nothing = make_ready(work, made.code)
        allocate(work, made.code, BAG)
        not_here = make_ready(work, made.code)
    assert isinstance(nothing, Refusal) and nothing.reason == Why.NOTHING_ALLOCATED
    assert isinstance(not_here, Refusal) and not_here.reason == Why.BAG_NOT_HERE


def test_a_dose_that_is_not_given_frees_the_bag_and_says_why(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made, allocation = allocated(site, patient, BAG)
    with act(site, physician(site)) as work:
        bare = not_given(work, made.code, "")
        ended = not_given(work, made.code, "consent withdrawn")
        again = not_given(work, made.code, "once more")
    assert isinstance(bare, Refusal) and bare.reason == Why.REASON_MISSING
    assert not isinstance(ended, Refusal) and ended.not_given_reason == "consent withdrawn"
    assert isinstance(again, Refusal) and again.reason == Why.ORDER_ENDED
    assert state_of(site, BAG) is UnitState.AVAILABLE
    with site.db.reading() as db:
        assert db.get_one(Allocation, allocation.id).state is AllocationState.UNDONE
        assert verify(db).ok


@pytest.mark.req("K1")
def test_a_second_live_allocation_of_a_bag_is_refused_by_the_database(site: Site, patient: str) -> None:
    released_lot(site, 1)
    allocated(site, patient, BAG)
    other = order(site, patient)
    with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO allocation (order_id, recipient_id, unit_id, state, allocated_at,"
                " allocated_by_id, crossmatch) SELECT :order, recipient_id, unit_id, 'open', allocated_at,"
                " allocated_by_id, '' FROM allocation"
            ),
            {"order": other.id},
        )


@pytest.mark.req("K1")
def test_an_allocation_to_another_patient_than_the_orders_is_refused_by_the_database(
    site: Site, patient: str
) -> None:
    released_lot(site, 1)
    made = order(site, patient)
    stranger = recipient(site, physician(site), "LN-02", 2)
    with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO allocation (order_id, recipient_id, unit_id, state, allocated_at,"
                " allocated_by_id, crossmatch) SELECT :order, :stranger, unit.id, 'open', unit.made_at,"
                " person.id, '' FROM unit, person WHERE unit.code = :bag AND person.sign_in = 'bank'"
            ),
            {"order": made.id, "stranger": stranger.id, "bag": BAG},
        )


def test_the_list_of_orders_shows_the_promised_bag(site: Site, patient: str) -> None:
    released_lot(site, 1)
    made, _ = allocated(site, patient, BAG)
    with site.db.reading() as db:
        lines = queries.listed(db)
        offered = queries.candidates(db, made)
    assert [(line.code, line.recipient, line.unit) for line in lines] == [(made.code, patient, BAG)]
    assert offered == []


def test_a_returned_bag_goes_to_stock_only_when_no_order_waits_for_it(site: Site, patient: str) -> None:
    released_lot(site, 1)
    place(site, "WARD-4", PlaceKind.WARD)
    waiting = allocated(site, patient, BAG)[0].code
    with act(site, technologist(site)) as work:
        assert not isinstance(issue_unit(work, BAG, "WARD-4", "bank", "frozen", COLD), Refusal)
        assert not isinstance(return_unit(work, BAG, "T2", "frozen", COLD), Refusal)
    decider = someone(site, Role.QUALITY, "decider")
    with act(site, decider) as work:
        answer = accept_return(work, BAG, "never opened", proof(decider))
    assert isinstance(answer, Refusal) and answer.reason == Why.STILL_PROMISED and waiting in str(answer)
    with act(site, technologist(site)) as work:
        assert not isinstance(undo_allocation(work, waiting, "the patient has a fever"), Refusal)
    assert (state_of(site, BAG), order_state(site, waiting)) == (UnitState.RETURNED, OrderState.PRESCRIBED)
    with act(site, decider) as work:
        assert not isinstance(accept_return(work, BAG, "never opened", proof(decider)), Refusal)
    assert state_of(site, BAG) is UnitState.AVAILABLE
