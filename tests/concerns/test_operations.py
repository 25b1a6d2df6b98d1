"""Holds: placed on what exists, lifted once, with a reason and a signature."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.access.models import Person, Role
from app.concerns.models import MOVES, Hold, HoldState, SubjectKind
from app.concerns.operations import lift_hold, place_hold
from app.concerns.queries import exists, holds_on, list_holds, record_of_hold
from app.concerns.rules import Why
from app.evidence.ledger import Subject
from app.evidence.signatures import signatures_on
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.factories import eligible_donor, someone
from tests.factories import act, proof

DONOR = SubjectKind.DONOR


def refused(answer: Hold | Refusal, why: Why) -> None:
    assert isinstance(answer, Refusal), answer
    assert answer.reason is why
    assert answer.sentence
    assert answer.next_step


def quality(site: Site) -> Person:
    return someone(site, Role.QUALITY, "quinn")


def placed(site: Site, code: str = "") -> Hold:
    code = code or eligible_donor(site).code
    with act(site, quality(site)) as work:
        hold = place_hold(work, DONOR, code, "Label of the sample could not be read.")
    assert isinstance(hold, Hold), hold
    return hold


def test_every_state_of_a_hold_has_its_moves() -> None:
    assert set(MOVES) == set(HoldState)


def test_a_hold_is_in_force_at_once(site: Site) -> None:
    hold = placed(site)
    assert hold.code == "HLD-25-001"
    with site.db.reading() as db:
        assert [h.code for h in holds_on(db, [(DONOR, hold.subject_code)])] == [hold.code]
        assert holds_on(db, [(SubjectKind.LOT, hold.subject_code)]) == []
        assert holds_on(db, []) == []


def test_holds_are_found_among_many_subjects(site: Site) -> None:
    hold = placed(site)
    many = [(SubjectKind.UNIT, f"MSC-25-001-B{n:04d}") for n in range(900)]
    with site.db.reading() as db:
        assert len(holds_on(db, [*many, (DONOR, hold.subject_code)])) == 1


def test_a_hold_needs_a_reason_of_some_words(site: Site) -> None:
    code = eligible_donor(site).code
    with act(site, quality(site)) as work:
        refused(place_hold(work, DONOR, code, "  "), Why.NO_REASON)
        refused(place_hold(work, DONOR, code, "x" * 501), Why.REASON_TOO_LONG)


@pytest.mark.parametrize("kind", list(SubjectKind))
def test_a_hold_on_a_code_that_does_not_exist_reaches_nothing_and_is_refused(
    site: Site, kind: SubjectKind
) -> None:
    with act(site, quality(site)) as work:
        refused(place_hold(work, kind, "NO-SUCH", "why"), Why.NO_SUCH_SUBJECT)
        assert not exists(work.db, kind, "NO-SUCH")


def test_lifting_needs_a_reason_and_the_signature_of_who_may(site: Site) -> None:
    hold = placed(site)
    bench, lifter = someone(site, Role.TECHNOLOGIST, "bench"), quality(site)
    with act(site, bench) as work:
        refused(lift_hold(work, hold.code, "Read again.", proof(bench)), Why.MAY_NOT_SIGN)
        refused(lift_hold(work, hold.code, "Read again.", proof(lifter)), Why.NOT_YOUR_SIGNATURE)
    with act(site, lifter) as work:
        refused(lift_hold(work, hold.code, " ", proof(lifter)), Why.NO_REASON)
        refused(lift_hold(work, "HLD-99", "Read again.", proof(lifter)), Why.NO_SUCH_HOLD)


@pytest.mark.req("P11-50")
def test_a_lifted_hold_names_who_when_and_why_and_is_lifted_once(site: Site) -> None:
    hold, lifter = placed(site), quality(site)
    with act(site, lifter) as work:
        lifted = lift_hold(work, hold.code, "The label was read by two people.", proof(lifter))
        assert isinstance(lifted, Hold)
        assert (lifted.state, lifted.lifted_by_id) == (HoldState.LIFTED, lifter.id)
        refused(lift_hold(work, hold.code, "Again.", proof(lifter)), Why.ALREADY_LIFTED)
    with site.db.reading() as db:
        assert holds_on(db, [(DONOR, hold.subject_code)]) == []
        assert len(signatures_on(db, Subject("donor", hold.subject_code))) == 2
        assert verify(db).ok


def test_the_record_signed_tells_the_hold(site: Site) -> None:
    hold = placed(site)
    assert record_of_hold(hold)["why"] == "Label of the sample could not be read."


def test_the_list_shows_those_in_force_newest_first(site: Site) -> None:
    first = placed(site)
    second, lifter = placed(site, first.subject_code), quality(site)
    with act(site, lifter) as work:
        lift_hold(work, first.code, "Read again.", proof(lifter))
    with site.db.reading() as db:
        assert [row.code for row in list_holds(db)] == [second.code]
        assert [row.code for row in list_holds(db, lifted=True)] == [second.code, first.code]
        assert list_holds(db, lifted=True, before_id=first.id) == []


@pytest.mark.parametrize("column", ["subject_code = 'D-9999'", "why = 'other'", "state = 'lifted'"])
def test_the_database_refuses_to_move_a_hold_without_its_evidence(site: Site, column: str) -> None:
    placed(site)
    with site.db.writer.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"UPDATE hold SET {column}"))  # noqa: S608  words of this test
