"""Visits in and out of their windows, and sera held against the donors whose cells were given."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlmodel import select

from app.antibodies import queries as antibodies
from app.antibodies.models import SerumJudgement
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.followup import queries, rules
from app.followup.models import Timepoint, Visit
from app.followup.operations import record_visit
from app.followup.queries import Standing
from app.followup.story import gaps, rows, story
from app.hla.calls import CallKind
from app.kernel.refusals import Refusal
from app.recipients.models import Recipient
from app.site import Site
from tests.antibodies.factories import NOW, RECIPIENT_ALLELES, imported, laboratory, recipient
from tests.donors.factories import someone, typing_form
from tests.factories import act
from tests.followup.factories import infused, promised

BASELINE, MONTH_1, MONTH_3 = Timepoint.BASELINE, Timepoint.MONTH_1, Timepoint.MONTH_3
TODAY = date(2026, 3, 2)


def visit(site: Site, timepoint: Timepoint, day: date, note: str = "") -> Visit | Refusal:
    with act(site, laboratory(site), NOW) as work:
        return record_visit(work, "LN-01", timepoint, day, note)


def refused(answer: object, why: rules.Why) -> bool:
    assert isinstance(answer, Refusal), answer
    return answer.reason is why and bool(answer.next_step)


@pytest.fixture
def treated(site: Site) -> Recipient:
    """LN-01 with one infusion on 6 May 2025, of cells of D-0007."""
    made = recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    return made


@pytest.mark.usefixtures("treated")
def test_a_visit_in_its_window_is_on_time_and_one_outside_says_so(site: Site) -> None:
    on_time, late = visit(site, MONTH_1, date(2025, 6, 5)), visit(site, MONTH_3, date(2025, 9, 1))
    assert isinstance(on_time, Visit) and on_time.in_window is True
    assert isinstance(late, Visit) and late.in_window is False
    assert late.window_version == "visits-1"
    with site.db.reading() as db:
        body = db.exec(select(LedgerEntry.body).order_by(LedgerEntry.seq.desc())).first()  # type: ignore[attr-defined]  # seq is a column here
        assert b"outside its window under visits-1" in (body or b"")
        assert verify(db).ok


@pytest.mark.usefixtures("treated")
def test_a_month_is_never_before_the_infusion_and_a_baseline_never_after(site: Site) -> None:
    assert refused(visit(site, MONTH_1, date(2025, 5, 6)), rules.Why.BEFORE_INFUSION)
    assert refused(visit(site, BASELINE, date(2025, 5, 7)), rules.Why.BASELINE_AFTER_INFUSION)
    assert isinstance(visit(site, BASELINE, date(2025, 5, 6)), Visit)


@pytest.mark.usefixtures("treated")
def test_a_visit_of_tomorrow_twice_or_of_nobody_is_refused(site: Site) -> None:
    assert refused(visit(site, MONTH_1, date(2026, 3, 3)), rules.Why.VISIT_IN_FUTURE)
    assert isinstance(visit(site, MONTH_1, date(2025, 6, 5)), Visit)
    assert refused(visit(site, MONTH_1, date(2025, 6, 6)), rules.Why.VISIT_TWICE)
    assert refused(visit(site, MONTH_3, date(2025, 8, 6), "x" * 501), rules.Why.NOTE_TOO_LONG)
    with act(site, laboratory(site), NOW) as work:
        assert refused(record_visit(work, "LN-77", MONTH_1, TODAY), rules.Why.RECIPIENT_UNKNOWN)


def test_before_any_infusion_only_a_baseline_can_be_recorded(site: Site) -> None:
    made = recipient(site, "LN-01")
    assert refused(visit(site, MONTH_1, date(2025, 4, 20)), rules.Why.NO_INFUSION_YET)
    first = visit(site, BASELINE, date(2025, 4, 20))
    assert isinstance(first, Visit) and first.in_window is None
    with site.db.reading() as db:
        assert queries.plan(db, made, TODAY)[0].standing is Standing.RECORDED
    infused(site, promised(site, "LN-01"))
    with site.db.reading() as db:
        assert queries.plan(db, made, TODAY)[0].standing is Standing.ON_TIME


def test_visits_that_wait_are_due_in_their_window_and_missing_after_it(
    site: Site, treated: Recipient
) -> None:
    visit(site, BASELINE, date(2025, 5, 1))
    with site.db.reading() as db:
        during = queries.waiting(db, date(2025, 6, 1))
        after = queries.waiting(db, date(2025, 8, 1))
        plan = queries.plan(db, treated, date(2025, 8, 1))
    assert [(due.timepoint, due.standing) for due in during] == [(MONTH_1, Standing.DUE)]
    assert [due.standing for due in after] == [Standing.MISSING, Standing.DUE]
    assert [due.standing for due in plan][3:] == [Standing.UPCOMING, Standing.UPCOMING]


def test_new_results_are_held_against_every_donor_of_a_promised_bag(site: Site) -> None:
    recipient(site, "LN-01")
    promised(site, "LN-01")
    serum, _ = imported(site, "LN-01", date(2025, 4, 28), {"A*24:02": 240})
    with site.db.reading() as db:
        found = {call.target: call for call in antibodies.calls_of(db, serum.id or 0)}
    assert found["A*24:02"].donor == "D-0007"
    assert found["A*24:02"].call is CallKind.NEG


def test_an_allocation_holds_the_sera_that_were_there_before(site: Site) -> None:
    recipient(site, "LN-01")
    serum, _ = imported(site, "LN-01", date(2025, 4, 27), {"A*24:02": 2400})
    with site.db.reading() as db:
        assert antibodies.calls_of(db, serum.id or 0) == []
    promised(site, "LN-01")
    with site.db.reading() as db:
        found = {call.target: call.call for call in antibodies.calls_of(db, serum.id or 0)}
    assert found["A*24:02"] is CallKind.DSA


def test_an_infusion_judges_nothing_twice(site: Site) -> None:
    recipient(site, "LN-01")
    imported(site, "LN-01", date(2025, 4, 27), {"A*24:02": 240})
    allocation = promised(site, "LN-01")
    infused(site, allocation)
    with site.db.reading() as db:
        assert len(db.exec(select(SerumJudgement)).all()) == 1
        assert verify(db).ok


def test_another_typing_of_the_donor_judges_the_sera_again(site: Site) -> None:
    from app.donors.operations import record_typing

    recipient(site, "LN-01")
    serum, _ = imported(site, "LN-01", date(2025, 4, 27), {"A*24:02": 2400})
    promised(site, "LN-01")
    with act(site, laboratory(site), NOW) as work:
        form = typing_form("A*02:01 A*03:01 B*07:02 B*44:03", NOW, reason="sample was mixed up")
        assert not isinstance(record_typing(work, "D-0007", form), Refusal)
    with site.db.reading() as db:
        targets = {call.target for call in antibodies.calls_of(db, serum.id or 0)}
    assert "A*03:01" in targets and "A*24:02" not in targets


def test_another_typing_of_the_recipient_judges_her_sera_again(site: Site) -> None:
    from app.recipients.forms import TypingForm
    from app.recipients.operations import record_typing

    recipient(site, "LN-01")
    serum, _ = imported(site, "LN-01", date(2025, 4, 27), {"A*24:02": 2400})
    promised(site, "LN-01")
    form = TypingForm(
        alleles=RECIPIENT_ALLELES.replace("A*01:01", "A*24:02"),
        method="NGS", laboratory="HLA laboratory", typed_on=date(2025, 5, 1), reason="typed again",
    )  # fmt: skip
    with act(site, laboratory(site), NOW) as work:
        assert not isinstance(record_typing(work, "LN-01", form), Refusal)
    with site.db.reading() as db:
        found = {call.target: call.call for call in antibodies.calls_of(db, serum.id or 0)}
    assert found["A*24:02"] is CallKind.SHARED


def test_an_undone_promise_asks_for_no_more_calls(site: Site) -> None:
    from app.access.models import Role
    from app.orders.models import DoseOrder
    from app.orders.operations import undo_allocation

    recipient(site, "LN-01")
    allocation = promised(site, "LN-01")
    with act(site, someone(site, Role.TECHNOLOGIST, "bank")) as work:
        order = work.db.get_one(DoseOrder, allocation.order_id)
        assert not isinstance(undo_allocation(work, order.code, "the dose was changed"), Refusal)
    serum, _ = imported(site, "LN-01", date(2025, 4, 28), {"A*24:02": 240})
    with site.db.reading() as db:
        assert antibodies.calls_of(db, serum.id or 0) == []


def test_the_story_ties_every_serum_to_the_lot_and_donor_given(site: Site, treated: Recipient) -> None:
    for day, mfi in ((date(2025, 4, 28), 240), (date(2025, 6, 5), 1850), (date(2025, 11, 6), 420)):
        imported(site, "LN-01", day, {"A*24:02": mfi})
    visit(site, MONTH_1, date(2025, 6, 5))
    with site.db.reading() as db:
        told = story(db, treated, TODAY)
    (gift,) = told.gifts
    assert (gift.unit, gift.lot, gift.donors) == ("MSC-25-001-B01", "MSC-25-001", ("D-0007",))
    (donor,) = told.donors
    assert [peak.mfi for peak in donor.peaks] == [Decimal(240), Decimal(1850), Decimal(420)]
    assert [course.target for course in donor.telling] == ["A*24:02"]
    assert told.day(date(2025, 6, 5)) == 30
    lines = list(rows(told))
    assert ("antibody", date(2025, 6, 5), 30) in [line[:3] for line in lines]
    assert lines[0][:4] == ("infusion", date(2025, 5, 6), 0, "MSC-25-001-B01")


def test_a_visit_without_a_serum_is_a_gap_in_the_curve(site: Site, treated: Recipient) -> None:
    imported(site, "LN-01", date(2025, 4, 28), {})
    imported(site, "LN-01", date(2025, 6, 5), {})
    imported(site, "LN-01", date(2025, 11, 28), {})
    with site.db.reading() as db:
        told = story(db, treated, TODAY)
    assert gaps(told, told.donors[0].peaks) == [date(2025, 8, 6), date(2026, 2, 6)]


def test_day_zero_is_the_day_at_the_site(site: Site) -> None:
    """Half past eleven at night in UTC is the next day in Madrid."""
    made = recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"), datetime(2025, 5, 6, 23, 30, tzinfo=UTC))
    site.db.info["zone"] = "Europe/Madrid"
    with site.db.reading() as db:
        assert queries.first_infused_on(db, made.id or 0) == date(2025, 5, 7)
