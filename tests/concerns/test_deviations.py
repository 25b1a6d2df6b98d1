"""Deviations: opened on what exists, assessed and closed with signatures, closed by another person."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.access.models import Person, Role
from app.concerns.deviations import assess_deviation, close_deviation, open_deviation
from app.concerns.models import DEVIATION_MOVES, Deviation, DeviationState, Severity, SubjectKind
from app.concerns.queries import deviations_on, list_deviations
from app.concerns.rules import Why
from app.evidence.ledger import Subject
from app.evidence.signatures import signatures_on
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.factories import eligible_donor, someone
from tests.factories import act, proof

DONOR = SubjectKind.DONOR


def refused(answer: Deviation | Refusal, why: Why) -> None:
    assert isinstance(answer, Refusal), answer
    assert answer.reason is why
    assert answer.sentence
    assert answer.next_step


def bench(site: Site) -> Person:
    return someone(site, Role.TECHNOLOGIST, "bench")


def quality(site: Site) -> Person:
    return someone(site, Role.QUALITY, "quinn")


def opened(site: Site, by: Person, severity: Severity = Severity.MINOR, rule: str = "") -> Deviation:
    code = eligible_donor(site).code
    with act(site, by) as work:
        deviation = open_deviation(work, DONOR, code, "The tube arrived 2 h late.", severity, rule)
    assert isinstance(deviation, Deviation), deviation
    return deviation


def assessed(site: Site, deviation: Deviation, severity: Severity = Severity.MINOR) -> None:
    someone_else = quality(site)
    with act(site, someone_else) as work:
        answer = assess_deviation(work, deviation.code, "None.", severity, proof(someone_else))
    assert isinstance(answer, Deviation), answer


def test_every_state_of_a_deviation_has_its_moves() -> None:
    assert set(DEVIATION_MOVES) == set(DeviationState)


def test_an_open_deviation_is_found_on_its_subject_until_it_is_closed(site: Site) -> None:
    deviation, closer = opened(site, bench(site)), quality(site)
    on = [(DONOR, deviation.subject_code)]
    with site.db.reading() as db:
        assert [one.code for one in deviations_on(db, on)] == ["DEV-25-001"]
    assessed(site, deviation)
    with act(site, closer) as work:
        assert [one.code for one in deviations_on(work.db, on)] == ["DEV-25-001"]
        close_deviation(work, deviation.code, "Traffic.", "Courier told.", proof(closer))
    with site.db.reading() as db:
        assert deviations_on(db, on) == []
        assert [one.code for one in deviations_on(db, on, open_only=False)] == ["DEV-25-001"]
        assert deviations_on(db, [(SubjectKind.LOT, deviation.subject_code)], open_only=False) == []


def test_a_rule_opens_a_deviation_and_is_named(site: Site) -> None:
    deviation = opened(site, bench(site), Severity.MAJOR, "cell_balance")
    assert (deviation.rule, deviation.severity) == ("cell_balance", Severity.MAJOR)


def test_a_deviation_needs_words_and_a_subject_that_exists(site: Site) -> None:
    code = eligible_donor(site).code
    with act(site, bench(site)) as work:
        refused(open_deviation(work, DONOR, code, " ", Severity.MINOR), Why.NOT_SAID)
        refused(open_deviation(work, DONOR, code, "x" * 501, Severity.MINOR), Why.REASON_TOO_LONG)
        refused(open_deviation(work, SubjectKind.LOT, "NO-SUCH", "late", Severity.MINOR), Why.NO_SUCH_SUBJECT)


def test_the_assessment_may_change_the_severity_and_is_signed_once(site: Site) -> None:
    deviation, judge = opened(site, bench(site)), quality(site)
    assessed(site, deviation, Severity.CRITICAL)
    with act(site, judge) as work:
        again = assess_deviation(work, deviation.code, "Some.", Severity.MINOR, proof(judge))
        refused(again, Why.ALREADY_ASSESSED)
        (one,) = deviations_on(work.db, [(DONOR, deviation.subject_code)])
        assert (one.severity, one.state, one.impact) == (Severity.CRITICAL, DeviationState.ASSESSED, "None.")


def test_assessing_needs_an_impact_and_the_signature_of_who_may(site: Site) -> None:
    opener, judge = bench(site), quality(site)
    deviation = opened(site, opener)
    with act(site, opener) as work:
        mine = assess_deviation(work, deviation.code, "None.", Severity.MINOR, proof(opener))
        refused(mine, Why.MAY_NOT_SIGN)
        theirs = assess_deviation(work, deviation.code, "None.", Severity.MINOR, proof(judge))
        refused(theirs, Why.NOT_YOUR_SIGNATURE)
    with act(site, judge) as work:
        refused(assess_deviation(work, deviation.code, " ", Severity.MINOR, proof(judge)), Why.NOT_SAID)
        unknown = assess_deviation(work, "DEV-99", "None.", Severity.MINOR, proof(judge))
        refused(unknown, Why.NO_SUCH_DEVIATION)


def test_what_was_not_assessed_is_not_closed(site: Site) -> None:
    deviation, closer = opened(site, bench(site)), quality(site)
    with act(site, closer) as work:
        early = close_deviation(work, deviation.code, "Traffic.", "Courier told.", proof(closer))
        refused(early, Why.NOT_ASSESSED)
        unknown = close_deviation(work, "DEV-99", "Traffic.", "Courier told.", proof(closer))
        refused(unknown, Why.NO_SUCH_DEVIATION)


def test_who_opened_a_deviation_does_not_close_it(site: Site) -> None:
    opener = quality(site)
    deviation = opened(site, opener)
    assessed(site, deviation)
    with act(site, opener) as work:
        refused(close_deviation(work, deviation.code, "Traffic.", "Told.", proof(opener)), Why.OPENED_IT)


def test_closing_says_cause_and_correction_and_happens_once(site: Site) -> None:
    deviation, closer = opened(site, bench(site)), quality(site)
    assessed(site, deviation)
    with act(site, closer) as work:
        refused(close_deviation(work, deviation.code, "", "Told.", proof(closer)), Why.NOT_SAID)
        refused(close_deviation(work, deviation.code, "Traffic.", "", proof(closer)), Why.NOT_SAID)
        closed = close_deviation(work, deviation.code, "Traffic.", "Told.", proof(closer))
        assert isinstance(closed, Deviation)
        refused(close_deviation(work, deviation.code, "Traffic.", "Told.", proof(closer)), Why.ALREADY_CLOSED)
    with site.db.reading() as db:
        words = [one.meaning for one in signatures_on(db, Subject("donor", deviation.subject_code))]
        assert words[-2:] == ["reviewed", "approved"]
        assert verify(db).ok


def test_the_list_shows_those_not_closed_newest_first(site: Site) -> None:
    first, second = opened(site, bench(site)), opened(site, bench(site))
    assessed(site, first)
    closer = quality(site)
    with act(site, closer) as work:
        close_deviation(work, first.code, "Traffic.", "Told.", proof(closer))
    with site.db.reading() as db:
        assert [one.code for one in list_deviations(db)] == [second.code]
        assert [one.code for one in list_deviations(db, closed=True)] == [second.code, first.code]
        assert list_deviations(db, closed=True, before_id=first.id) == []


@pytest.mark.parametrize(
    "column", ["what = 'other'", "state = 'closed'", "state = 'assessed'", "subject_code = 'D-9999'"]
)
def test_the_database_refuses_to_move_a_deviation_without_its_evidence(site: Site, column: str) -> None:
    opened(site, bench(site))
    with site.db.writer.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(f"UPDATE deviation SET {column}"))  # noqa: S608  words of this test
