"""Two people sign, then the infusion starts and ends; anything else is refused, by rule or by database."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from app.access.models import Role
from app.bedside.models import (
    INFUSION_MOVES,
    MOVES,
    CheckState,
    Infusion,
    InfusionState,
)
from app.bedside.operations import Stop, end_infusion, sign_check, start_infusion
from app.bedside.queries import record_of_check
from app.bedside.situation import Why
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.evidence.models import LedgerCheckpoint, LedgerEntry, Occasion, Signature
from app.evidence.signatures import stands
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.lots.models import UnitState
from app.orders.doses import dose_rules
from app.orders.models import Allocation, AllocationState, DoseOrder, OrderState
from app.orders.operations import not_given
from app.orders.rules import Why as OrderWhy
from tests.bedside.factories import (
    CHECK_AT,
    END_AT,
    LATE,
    START_AT,
    Story,
    check_of,
    confirmed_check,
    end_form,
    first_check,
    infused,
    read_by,
    start_form,
    start_refused,
    started,
    thawed,
    unit_of,
)
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import sure


def order_of(story: Story) -> DoseOrder:
    with story.site.db.reading() as db:
        return db.exec(select(DoseOrder).where(DoseOrder.code == story.case.order)).one()


def test_the_worked_example_from_wristband_to_88_2_million_delivered_cells(story: Story) -> None:
    infusion = infused(story)
    assert infusion.state is InfusionState.ENDED
    assert infusion.delivered_viable_cells == 88_200_000
    assert unit_of(story, story.case.unit).state is UnitState.INFUSED
    assert order_of(story).state is OrderState.GIVEN
    with story.site.db.reading() as db:
        assert db.get_one(Allocation, infusion.allocation_id).state is AllocationState.USED
        assert verify(db).ok


def test_start_and_end_each_make_a_checkpoint(story: Story) -> None:
    infused(story)
    with story.site.db.reading() as db:
        made = db.exec(select(LedgerCheckpoint).where(LedgerCheckpoint.occasion == Occasion.INFUSION)).all()
        started_at = db.exec(
            select(LedgerEntry.seq).where(LedgerEntry.kind == "bedside.infusion_started")
        ).one()
        ended_at = db.exec(select(LedgerEntry.seq).where(LedgerEntry.kind == "bedside.infusion_ended")).one()
    assert [checkpoint.size for checkpoint in made] == [started_at, ended_at]


def test_while_it_runs_bag_order_and_allocation_say_so(story: Story) -> None:
    infusion = started(story)
    assert infusion.state is InfusionState.IN_PROGRESS
    assert unit_of(story, story.case.unit).state is UnitState.THAWED
    assert order_of(story).state is OrderState.IN_PROGRESS


@pytest.mark.req("P11-10e")
def test_both_signatures_stand_on_what_was_shown(story: Story) -> None:
    check = check_of(story, confirmed_check(story))
    with story.site.db.reading() as db:
        shown = record_of_check(db, check)
        first = db.get_one(Signature, check.first_signature_id)
        second = db.get_one(Signature, check.second_signature_id)
    assert stands(first, shown) and stands(second, shown)
    assert first.person_id != second.person_id
    assert shown["dose_shown"] == "90 × 10⁶ cells (ninety million)"


def test_two_people_at_the_bedside_are_two_people(story: Story) -> None:
    code = first_check(story)
    with act(story.site, story.first, CHECK_AT) as work:
        again = sign_check(work, code, proof(story.first))
    assert isinstance(again, Refusal) and again.reason == Why.SAME_PERSON
    with pytest.raises(DBAPIError), story.site.db.writer.begin() as connection:
        connection.execute(text("UPDATE bedside_check SET second_person_id = first_person_id"))


def test_each_signs_with_their_own_password(story: Story) -> None:
    code = first_check(story)
    for serial in (story.case.band, story.case.label):
        read_by(story, story.second, serial, code)
    with act(story.site, story.second, CHECK_AT) as work:
        by_first = sign_check(work, code, proof(story.first))
    assert isinstance(by_first, Refusal) and by_first.reason == Why.SIGNER_IS_ANOTHER
    assert check_of(story, code).state is not CheckState.CONFIRMED


def test_the_second_person_signs_only_after_their_own_scans(story: Story) -> None:
    code = first_check(story)
    with act(story.site, story.second, CHECK_AT) as work:
        unseen = sign_check(work, code, proof(story.second))
    assert isinstance(unseen, Stop)
    assert {no.reason for no in unseen.every} == {Why.WRISTBAND_FIRST, Why.NOT_YET_SCANNED}
    read_by(story, story.second, story.case.band, code)
    with act(story.site, story.second, CHECK_AT) as work:
        half = sign_check(work, code, proof(story.second))
    assert isinstance(half, Refusal) and half.reason == Why.NOT_YET_SCANNED


def test_the_first_person_signs_only_after_the_bag(story: Story) -> None:
    opened = read_by(story, story.first, story.case.band).check
    assert opened is not None
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sign_check(work, opened.code, proof(story.first))
    assert isinstance(answer, Refusal) and answer.reason == Why.NOT_YET_SCANNED


def test_only_nurses_and_physicians_sign_at_the_bed(story: Story) -> None:
    bank = someone(story.site, Role.TECHNOLOGIST, "bank")
    opened = read_by(story, story.first, story.case.band).check
    assert opened is not None
    read_by(story, story.first, story.case.label, opened.code)
    with act(story.site, bank, CHECK_AT) as work:
        answer = sign_check(work, opened.code, proof(bank))
    assert isinstance(answer, Stop)
    assert Why.NOT_ALLOWED in {no.reason for no in answer.every}


def test_a_signature_under_another_record_is_refused(story: Story) -> None:
    opened = read_by(story, story.first, story.case.band).check
    assert opened is not None
    read_by(story, story.first, story.case.label, opened.code)
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sign_check(work, opened.code, proof(story.first), shown="0" * 64)
    assert isinstance(answer, Refusal) and answer.reason == Why.RECORD_CHANGED


def test_an_unknown_check_is_neither_signed_nor_started(story: Story) -> None:
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sign_check(work, "CHK-25-999", proof(story.first))
    assert isinstance(answer, Refusal) and answer.reason == Why.CHECK_UNKNOWN
    assert start_refused(story, "CHK-25-999").reason == Why.CHECK_UNKNOWN


def test_a_check_of_one_person_starts_nothing(story: Story) -> None:
    code = first_check(story)
    assert start_refused(story, code, story.first).reason == Why.NOT_YET_SIGNED
    assert unit_of(story, story.case.unit).state is UnitState.RECEIVED


@pytest.mark.req("K3")
def test_a_confirmed_check_is_used_once(story: Story) -> None:
    started(story)
    with story.site.db.reading() as db:
        code = check_of(story, "CHK-25-001").code
        assert len(db.exec(select(Infusion)).all()) == 1
    assert start_refused(story, code).reason == Why.INFUSION_RUNS


@pytest.mark.req("K3")
def test_a_confirmed_check_runs_out_and_the_order_is_ready_again(story: Story) -> None:
    code = confirmed_check(story)
    late = start_refused(story, code, at=CHECK_AT + timedelta(minutes=10, seconds=1))
    assert late.reason == Why.CHECK_EXPIRED
    assert check_of(story, code).state is CheckState.ENDED
    assert order_of(story).state is OrderState.READY


def test_a_hold_between_check_and_start_stops_the_start(story: Story) -> None:
    code = confirmed_check(story)
    with act(story.site, someone(story.site, Role.QUALITY, "quality"), CHECK_AT) as work:
        sure(place_hold(work, SubjectKind.UNIT, story.case.unit, "bag leaks"))
    assert start_refused(story, code).reason == Why.ON_HOLD
    assert check_of(story, code).state is CheckState.ENDED


def test_a_hold_between_scan_and_signature_stops_the_signature(story: Story) -> None:
    opened = read_by(story, story.first, story.case.band).check
    assert opened is not None
    read_by(story, story.first, story.case.label, opened.code)
    with act(story.site, someone(story.site, Role.QUALITY, "quality"), CHECK_AT) as work:
        sure(place_hold(work, SubjectKind.DONOR, donor_of(story), "late result"))
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sign_check(work, opened.code, proof(story.first))
    assert isinstance(answer, Refusal) and answer.reason == Why.ON_HOLD


def donor_of(story: Story) -> str:
    with story.site.db.reading() as db:
        return str(db.connection().execute(text("SELECT code FROM donor")).scalar_one())


def test_a_third_person_cannot_start(story: Story) -> None:
    code = confirmed_check(story)
    third = someone(story.site, Role.NURSE, "nurse3")
    assert start_refused(story, code, third).reason == Why.CHECK_OF_ANOTHER


def test_a_bag_whose_thaw_was_not_scanned_is_not_started(story: Story) -> None:
    code = confirmed_check(story)
    answer = start_refused(story, code)
    assert answer.reason == Why.NOT_THAWED and "Scan the label" in answer.next_step
    thawed(story, at=START_AT)
    with act(story.site, story.second, START_AT) as work:
        assert sure(start_infusion(work, code, start_form())).thawed_at == START_AT


def test_a_bag_thawed_and_started_within_one_minute_is_taken(story: Story) -> None:
    """The scan knows the seconds of the thaw; the time of the start is typed in whole minutes."""
    code = confirmed_check(story)
    thawed(story, at=START_AT + timedelta(seconds=40))
    with act(story.site, story.second, START_AT + timedelta(seconds=55)) as work:
        infusion = sure(start_infusion(work, code, start_form()))
    assert infusion.thawed_at == infusion.started_at == START_AT


def test_ninety_minutes_after_thaw_nothing_starts(story: Story) -> None:
    thawed(story)
    code = confirmed_check(story, at=LATE)
    late = LATE + timedelta(minutes=4)
    answer = start_refused(story, code, at=late, started_at=late)
    assert isinstance(answer, Stop)
    assert answer.reason == Why.THAWED_TOO_LONG
    assert "TOO LONG THAWED: 91 minutes" in answer.sentence and "physician" in answer.next_step
    assert check_of(story, code).state is CheckState.CONFIRMED, "the physician may still decide"


def test_a_wrong_entry_leaves_the_check_and_a_right_one_starts(story: Story) -> None:
    thawed(story)
    code = confirmed_check(story)
    assert start_refused(story, code, viable_million=Decimal(900)).reason == Why.CELLS_TEN_TIMES_OFF
    assert start_refused(story, code, volume_ml=Decimal(0)).reason == Why.VOLUME_IMPOSSIBLE
    assert start_refused(story, code, started_at=START_AT + timedelta(hours=1)).reason in (
        Why.TIME_IN_FUTURE,
        Why.THAWED_TOO_LONG,
    )
    with act(story.site, story.second, START_AT) as work:
        sure(start_infusion(work, code, start_form()))


def test_every_refused_start_is_in_the_ledger(story: Story) -> None:
    thawed(story)
    code = confirmed_check(story)
    start_refused(story, code, viable_million=Decimal(9))
    with story.site.db.reading() as db:
        last = db.exec(select(LedgerEntry).order_by(col(LedgerEntry.seq).desc())).first()
        assert last is not None and last.kind == "bedside.stopped"
        assert verify(db).ok


def end_refused(story: Story, code: str, **more: object) -> Refusal:
    with act(story.site, story.first, END_AT) as work:
        answer = end_infusion(work, code, end_form(**more))
    assert isinstance(answer, Refusal)
    return answer


def test_an_impossible_end_is_refused_and_the_infusion_runs_on(story: Story) -> None:
    code = started(story).code
    before = START_AT - timedelta(minutes=1)
    assert end_refused(story, code, ended_at=before).reason == Why.END_BEFORE_START
    assert end_refused(story, code, ended_at=END_AT + timedelta(hours=1)).reason == Why.TIME_IN_FUTURE
    assert end_refused(story, code, residual_ml=Decimal(21)).reason == Why.RESIDUAL_IMPOSSIBLE
    assert end_refused(story, code, residual_ml=Decimal("-1")).reason == Why.RESIDUAL_IMPOSSIBLE
    assert end_refused(story, code, residual_ml=Decimal(9)).reason == Why.STOPPED_EARLY_NEEDS_REASON
    assert end_refused(story, code, flush_ml=Decimal(5000)).reason == Why.FLUSH_IMPOSSIBLE
    assert end_refused(story, "INF-25-999").reason == Why.INFUSION_UNKNOWN
    assert unit_of(story, story.case.unit).state is UnitState.THAWED


def test_a_running_infusion_is_ended_and_not_declared_not_given(story: Story) -> None:
    started(story)
    with act(story.site, story.doctor, END_AT) as work:
        answer = not_given(work, story.case.order, "patient felt unwell")
    assert isinstance(answer, Refusal) and answer.reason == OrderWhy.INFUSION_RUNS


def test_an_infusion_ends_once(story: Story) -> None:
    code = infused(story).code
    assert end_refused(story, code).reason == Why.INFUSION_OVER


def test_dmso_of_the_bags_of_a_day_is_asked_for_once_more_at_the_start(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    thawed(story)
    code = confirmed_check(story)
    strict = replace(dose_rules(), dmso_limit_g_per_kg=Decimal("0.03"))
    monkeypatch.setattr("app.bedside.queries.dose_rules", lambda _: strict)
    answer = start_refused(story, code)
    assert answer.reason == Why.TOO_MUCH_DMSO and "2.2 g of DMSO" in answer.sentence


def test_an_infusion_stopped_at_once_delivers_nothing(story: Story) -> None:
    code = started(story).code
    with act(story.site, story.first, END_AT) as work:
        ended = sure(
            end_infusion(
                work,
                code,
                end_form(residual_ml=Decimal(20), flush_ml=None, stopped_early_because="chest pain"),
            )
        )
    assert ended.delivered_viable_cells == 0


#: Raw SQL that puts a bag into the wrong patient, or twice into one.
_COLUMNS = (
    "code, allocation_id, unit_id, recipient_id, check_id, state, thawed_at, started_at, volume_ml,"
    " viable_cells_at_thaw, viability_percent_at_thaw, limits_version, note"
)
ATTACKS = {
    "another patient": "'X', a.id, a.unit_id, (SELECT max(id) FROM recipient), c.id",
    "another bag": "'X', a.id, (SELECT max(unit_id) FROM allocation), a.recipient_id, c.id",
    "another bag and patient": (
        "'X', a.id, (SELECT max(unit_id) FROM allocation), (SELECT max(id) FROM recipient), c.id"
    ),
    "another allocation": "'X', (SELECT max(id) FROM allocation), a.unit_id, a.recipient_id, c.id",
    "the whole other case under this check": (
        "'X', (SELECT max(id) FROM allocation), (SELECT max(unit_id) FROM allocation),"
        " (SELECT max(id) FROM recipient), c.id"
    ),
}


@pytest.mark.req("K1")
@pytest.mark.parametrize("attack", ATTACKS)
def test_raw_sql_cannot_infuse_a_bag_into_another_patient(two: Story, attack: str) -> None:
    site = two.site
    confirmed_check(two)
    statement = (
        f"INSERT INTO infusion ({_COLUMNS}) SELECT {ATTACKS[attack]}, 'in_progress', c.started_at,"  # noqa: S608  texts of this file
        " c.started_at, 2000, 90000000, 910, 'raw', '' FROM bedside_check c, allocation a"
        " WHERE a.unit_id = c.unit_id"
    )
    with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
        connection.execute(text(statement))
    with site.db.reading() as db:
        assert db.exec(select(Infusion)).all() == []


def test_the_same_raw_sql_is_taken_when_everything_matches(two: Story) -> None:
    """The control of the test above: it is the mismatch that the database refuses, not the statement."""
    site = two.site
    confirmed_check(two)
    statement = (
        f"INSERT INTO infusion ({_COLUMNS}) SELECT 'X', a.id, a.unit_id, a.recipient_id, c.id,"  # noqa: S608  as above
        " 'in_progress', c.started_at, c.started_at, 2000, 90000000, 910, 'raw', ''"
        " FROM bedside_check c, allocation a WHERE a.unit_id = c.unit_id"
    )
    with site.db.writer.begin() as connection:
        connection.execute(text(statement))
    with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
        connection.execute(text(statement.replace("'X'", "'Y'")))
    with site.db.reading() as db:
        assert not verify(db).ok


def test_raw_sql_cannot_move_an_infusion_to_another_patient(two: Story) -> None:
    site = two.site
    started(two)
    for column in ("recipient_id", "unit_id", "allocation_id", "check_id"):
        with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
            connection.execute(text(f"UPDATE infusion SET {column} = {column} + 1"))  # noqa: S608  names of this test


def test_every_state_has_its_moves() -> None:
    assert set(MOVES) == set(CheckState)
    assert set(INFUSION_MOVES) == set(InfusionState)
