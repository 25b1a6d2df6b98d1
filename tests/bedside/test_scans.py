"""Every scan is a row with its event, yes or no, before the answer; the same request is one scan."""

import json
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from app.access.models import Role
from app.bedside.models import CheckState, EntrySource, Scan, VerdictWord
from app.bedside.operations import note_ignored, scan
from app.bedside.overview import compliance
from app.bedside.situation import Why
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.orders.operations import not_given, undo_allocation
from app.orders.rules import Why as OrderWhy
from app.recipients.operations import print_wristband, void_wristband
from app.site import Site
from labels.payload import Kind, issue
from labels.payload import Why as Fault
from tests.bedside.factories import (
    CHECK_AT,
    Story,
    check_of,
    confirmed_check,
    first_check,
    infused,
    read_by,
    scan_form,
    started,
)
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import sure
from tests.orders.factories import label, technologist


def scans(db: Session) -> list[Scan]:
    return list(db.exec(select(Scan).order_by(col(Scan.id))).all())


def last_facts(db: Session) -> dict[str, str]:
    body = db.exec(select(LedgerEntry.body).order_by(col(LedgerEntry.seq).desc())).first()
    assert body is not None
    facts: dict[str, str] = json.loads(bytes(body))["facts"]
    return facts


def begun(story: Story) -> str:
    """The first wristband is read."""
    answer = read_by(story, story.first, story.case.band)
    assert answer.check is not None
    return answer.check.code


def test_the_right_wristband_and_the_right_bag_are_go(story: Story) -> None:
    code = begun(story)
    answer = read_by(story, story.first, story.case.label, code)
    assert answer.verdict is VerdictWord.GO and answer.reasons == ()
    check = check_of(story, code)
    assert check.unit_id is not None and check.order_id is not None


@pytest.mark.req("K4")
def test_the_wrong_bag_is_stop_and_the_stop_is_in_the_ledger(two: Story) -> None:
    code = begun(two)
    answer = read_by(two, two.first, two.cases[1].label, code)
    assert answer.verdict is VerdictWord.STOP
    assert answer.reasons[0].sentence == "This bag is for LN-02. The wristband is of LN-01."
    with two.site.db.reading() as db:
        facts = last_facts(db)
        assert verify(db).ok
    assert facts["verdict"] == "stop" and facts["unit"] == two.cases[1].unit
    assert facts["reasons"].startswith("wrong_patient")
    assert check_of(two, code).state is CheckState.ENDED


def test_a_stop_is_kept_even_when_nobody_ever_sees_the_answer(two: Story) -> None:
    """Committed before it is shown: the page may fail, the row stays."""
    code = begun(two)
    with act(two.site, two.first, CHECK_AT) as work:
        scan(work, scan_form(two.cases[1].label, code))
    with two.site.db.reading() as db:
        assert [row.verdict for row in scans(db)] == [VerdictWord.GO, VerdictWord.STOP]


def test_after_a_stop_both_start_again_with_the_wristband(two: Story) -> None:
    code = begun(two)
    read_by(two, two.first, two.cases[1].label, code)
    again = read_by(two, two.first, two.case.label, code)
    assert [reason.reason for reason in again.reasons] == [Why.CHECK_OVER]


def test_a_slip_leaves_the_check_standing(story: Story) -> None:
    code = begun(story)
    slip = read_by(story, story.first, story.case.band, code)
    assert [reason.reason for reason in slip.reasons] == [Why.LABEL_DUE]
    assert check_of(story, code).state is CheckState.STARTED
    assert read_by(story, story.first, story.case.label, code).verdict is VerdictWord.GO


def test_a_label_where_a_wristband_is_due_is_named(story: Story) -> None:
    answer = read_by(story, story.first, story.case.label)
    assert [reason.sentence for reason in answer.reasons] == ["That is a PRODUCT label."]


#: What a scanner may bring, and the reason of the STOP.
NOISE = [
    ("", Fault.EMPTY),
    ("   ", Fault.EMPTY),
    ("5901234123457", Fault.OTHER_BARCODE),
    ("=A9999250123450", Fault.OTHER_BARCODE),
    ("https://example.org/x", Fault.WEB_ADDRESS),
    ("B" * 10_000, Fault.TOO_LONG),
    ("b7k3m9qx", Fault.LOWER_CASE),
    ("B123", Fault.WRONG_LENGTH),
    ("ab\x00cd", Fault.CONTROL_CHARACTER),
    ("\ud800", Fault.FOREIGN_CHARACTER),
    ("'; DROP TABLE scan; --", Fault.FOREIGN_CHARACTER),
]


@pytest.mark.parametrize(("text", "why"), NOISE, ids=[str(why) + str(n) for n, (_, why) in enumerate(NOISE)])
def test_an_unreadable_text_is_stop_and_a_row(site: Site, text: str, why: Fault) -> None:
    nurse = someone(site, Role.NURSE, "nurse1")
    with act(site, nurse) as work:
        answer = sure(scan(work, scan_form(text)))
    assert answer.verdict is VerdictWord.STOP
    assert [reason.reason for reason in answer.reasons] == [why]
    with site.db.reading() as db:
        kept = scans(db)
        assert len(kept) == 1 and len(kept[0].text_read) <= 200
        assert verify(db).ok


def test_french_digits_are_named_and_never_repaired(story: Story) -> None:
    french = story.case.band.translate(str.maketrans("1234567890", "&é\"'(-è_çà"))
    answer = read_by(story, story.first, french)
    assert answer.verdict is VerdictWord.STOP
    assert answer.reasons[0].reason in (Fault.KEYBOARD, Fault.FOREIGN_CHARACTER, Fault.OTHER_BARCODE)


def test_a_lower_case_serial_is_not_taken(story: Story) -> None:
    answer = read_by(story, story.first, story.case.band.lower())
    assert answer.verdict is VerdictWord.STOP


def test_serials_that_were_never_printed_here_are_stop(story: Story) -> None:
    band = read_by(story, story.first, issue(Kind.WRISTBAND))
    assert [reason.reason for reason in band.reasons] == [Why.UNKNOWN_WRISTBAND]
    code = begun(story)
    bag = read_by(story, story.first, issue(Kind.CONTAINER), code)
    assert [reason.reason for reason in bag.reasons] == [Why.UNKNOWN_LABEL]
    staff = read_by(story, story.first, issue(Kind.STAFF), code)
    assert [reason.reason for reason in staff.reasons] == [Why.NOT_A_BAG_OR_BAND]


def test_the_same_request_gets_the_same_answer_and_is_one_scan(story: Story) -> None:
    form = scan_form(story.case.band)
    with act(story.site, story.first, CHECK_AT) as work:
        once = sure(scan(work, form))
    with act(story.site, story.first, CHECK_AT + timedelta(minutes=3)) as work:
        twice = sure(scan(work, form))
    assert not once.replayed and twice.replayed
    assert (once.verdict, once.reasons, once.scan.id) == (twice.verdict, twice.reasons, twice.scan.id)
    assert once.check is not None and twice.check is not None and once.check.code == twice.check.code
    with story.site.db.reading() as db:
        assert len(scans(db)) == 1


def test_a_stop_is_replayed_with_all_its_reasons(two: Story) -> None:
    form = scan_form(two.cases[1].label, begun(two))
    answers = []
    for _ in range(2):
        with act(two.site, two.first, CHECK_AT) as work:
            answers.append(sure(scan(work, form)))
    assert answers[0].reasons == answers[1].reasons != ()
    assert answers[1].replayed


@pytest.mark.parametrize(
    "change", [{"text": "another"}, {"check": "CHK-25-777"}, {"source": EntrySource.CAMERA}]
)
def test_a_key_with_another_body_is_refused_and_not_kept(story: Story, change: dict[str, object]) -> None:
    form = scan_form(story.case.band)
    with act(story.site, story.first, CHECK_AT) as work:
        scan(work, form)
        other = scan(work, form.model_copy(update=change))
    assert isinstance(other, Refusal) and other.reason == Why.KEY_REUSED
    with story.site.db.reading() as db:
        assert len(scans(db)) == 1


def test_a_key_of_another_person_is_refused(story: Story) -> None:
    form = scan_form(story.case.band)
    with act(story.site, story.first, CHECK_AT) as work:
        scan(work, form)
    with act(story.site, story.second, CHECK_AT) as work:
        other = scan(work, form)
    assert isinstance(other, Refusal) and other.reason == Why.KEY_REUSED


def test_two_texts_that_differ_only_beyond_what_is_kept_are_two_bodies(site: Site) -> None:
    nurse = someone(site, Role.NURSE, "nurse1")
    form = scan_form("B" * 300 + "X")
    with act(site, nurse) as work:
        scan(work, form)
        other = scan(work, form.model_copy(update={"text": "B" * 300 + "Y"}))
    assert isinstance(other, Refusal)


def test_a_typed_code_alone_is_stop(story: Story) -> None:
    with act(story.site, story.first, CHECK_AT) as work:
        bare = sure(scan(work, scan_form(story.case.band, source=EntrySource.TYPED)))
        alone = sure(
            scan(
                work,
                scan_form(story.case.band, source=EntrySource.TYPED, typed_reason="torn"),
                proof(story.first),
            )
        )
        by_bank = sure(
            scan(
                work,
                scan_form(story.case.band, source=EntrySource.TYPED, typed_reason="torn"),
                proof(technologist(story.site)),
            )
        )
    for answer in (bare, alone, by_bank):
        assert [reason.reason for reason in answer.reasons] == [Why.TYPED_ALONE]


@pytest.mark.req("K5")
def test_a_typed_code_with_a_reason_and_a_colleague_passes_and_is_counted(story: Story) -> None:
    form = scan_form(story.case.band, source=EntrySource.TYPED, typed_reason="symbol torn")
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sure(scan(work, form, proof(story.second)))
    assert answer.verdict is VerdictWord.GO
    assert answer.scan.typed_second_id == story.second.id
    read_by(story, story.first, story.case.band)
    with story.site.db.reading() as db:
        counted = compliance(db)
    assert (counted.scanned, counted.typed, counted.percent) == (1, 1, 50)


def test_a_wristband_read_more_than_ten_minutes_ago_proves_nothing(story: Story) -> None:
    code = begun(story)
    late = read_by(story, story.first, story.case.label, code, CHECK_AT + timedelta(minutes=10, seconds=1))
    assert [reason.reason for reason in late.reasons] == [Why.CHECK_EXPIRED]
    assert check_of(story, code).state is CheckState.ENDED


def test_another_person_cannot_go_on_with_a_check_and_ends_it(story: Story) -> None:
    code = begun(story)
    other = read_by(story, story.second, story.case.label, code)
    assert [reason.reason for reason in other.reasons] == [Why.CHECK_OF_ANOTHER]
    assert check_of(story, code).state is CheckState.ENDED


def test_scanning_the_wristband_anew_ends_the_check_before(story: Story) -> None:
    former = begun(story)
    later = begun(story)
    assert former != later
    assert check_of(story, former).state is CheckState.ENDED


def test_a_confirmed_check_that_is_begun_anew_makes_the_order_ready_again(story: Story) -> None:
    confirmed_check(story)
    code = begun(story)
    assert read_by(story, story.first, story.case.label, code).verdict is VerdictWord.GO


def test_a_void_and_a_loose_wristband_are_stop(story: Story) -> None:
    with act(story.site, story.first) as work:
        loose = sure(print_wristband(work, story.case.recipient))
        sure(void_wristband(work, story.case.band, "cut off"))
    void = read_by(story, story.first, story.case.band)
    unworn = read_by(story, story.first, loose.wristband.serial)
    assert void.reasons[0].reason == Why.WRISTBAND_VOID
    assert unworn.reasons[0].reason == Why.WRISTBAND_NOT_APPLIED


def test_a_superseded_label_is_void_and_the_new_one_is_go(story: Story) -> None:
    fresh = label(story.site, story.case.unit, at=CHECK_AT)
    code = begun(story)
    void = read_by(story, story.first, story.case.label, code)
    assert [reason.reason for reason in void.reasons] == [Why.LABEL_VOID]
    assert "VOID" in void.reasons[0].sentence
    assert read_by(story, story.first, fresh, begun(story)).verdict is VerdictWord.GO


def test_a_label_that_was_never_put_on_is_stop(story: Story) -> None:
    loose = label(story.site, story.case.unit, applied=False, at=CHECK_AT)
    answer = read_by(story, story.first, loose, begun(story))
    assert [reason.reason for reason in answer.reasons] == [Why.LABEL_NOT_APPLIED]


def test_a_hold_on_the_lot_stops_the_bag_at_the_bed(story: Story) -> None:
    quality = someone(story.site, Role.QUALITY, "quality")
    with act(story.site, quality) as work:
        sure(place_hold(work, SubjectKind.LOT, "MSC-25-001", "endotoxin repeated"))
    answer = read_by(story, story.first, story.case.label, begun(story))
    assert [reason.reason for reason in answer.reasons] == [Why.ON_HOLD]


def test_an_expired_bag_is_stop(story: Story) -> None:
    later = CHECK_AT + timedelta(days=3 * 365)
    code = read_by(story, story.first, story.case.band, at=later).check
    assert code is not None
    answer = read_by(story, story.first, story.case.label, code.code, later)
    assert Why.EXPIRED in [reason.reason for reason in answer.reasons]


def test_an_order_that_ended_lets_no_check_begin(story: Story) -> None:
    with act(story.site, story.doctor) as work:
        sure(not_given(work, story.case.order, "fever"))
    answer = read_by(story, story.first, story.case.band)
    assert [reason.reason for reason in answer.reasons] == [Why.NO_ORDER]


def test_a_bag_that_left_the_bank_is_not_undone_behind_the_nurses_back(story: Story) -> None:
    with act(story.site, technologist(story.site)) as work:
        answer = undo_allocation(work, story.case.order, "second thoughts")
    assert isinstance(answer, Refusal) and answer.reason == OrderWhy.BAG_HAS_LEFT


def test_a_bag_that_is_running_or_given_is_stop(two: Story) -> None:
    started(two)
    running = read_by(two, two.first, two.case.band)
    assert [reason.reason for reason in running.reasons] == [Why.NO_ORDER]
    other = read_by(two, two.first, two.cases[1].band)
    assert other.check is not None
    reasons = read_by(two, two.first, two.case.label, other.check.code).reasons
    assert [reason.reason for reason in reasons][:2] == [Why.WRONG_PATIENT, Why.INFUSION_RUNS]


def test_a_given_bag_is_never_go_again(two: Story) -> None:
    infused(two)
    other = read_by(two, two.first, two.cases[1].band)
    assert other.check is not None
    reasons = read_by(two, two.first, two.case.label, other.check.code).reasons
    assert [reason.reason for reason in reasons][:2] == [Why.WRONG_PATIENT, Why.ALREADY_INFUSED]


@pytest.mark.req("K4")
def test_a_scan_while_a_verdict_stands_is_kept_and_not_used(story: Story) -> None:
    code = begun(story)
    with act(story.site, story.first, CHECK_AT) as work:
        answer = sure(note_ignored(work, scan_form(story.case.label, code)))
    assert answer.verdict is VerdictWord.NOT_CHECKED
    assert check_of(story, code).unit_id is None


def test_the_first_person_cannot_do_the_second_check(story: Story) -> None:
    code = first_check(story)
    answer = read_by(story, story.first, story.case.band, code)
    assert [reason.reason for reason in answer.reasons] == [Why.SAME_PERSON]
    assert check_of(story, code).state is CheckState.FIRST_GO


def test_the_second_person_reads_the_wristband_first(story: Story) -> None:
    code = first_check(story)
    answer = read_by(story, story.second, story.case.label, code)
    assert [reason.reason for reason in answer.reasons] == [Why.WRISTBAND_DUE]


def test_two_different_patients_or_bags_between_the_two_people_are_stop(two: Story) -> None:
    code = first_check(two)
    patient = read_by(two, two.second, two.cases[1].band, code)
    assert [reason.reason for reason in patient.reasons] == [Why.OTHER_PATIENT_THAN_FIRST]
    code = first_check(two)
    read_by(two, two.second, two.case.band, code)
    bag = read_by(two, two.second, two.cases[1].label, code)
    assert [reason.reason for reason in bag.reasons][:2] == [Why.WRONG_PATIENT, Why.OTHER_BAG_THAN_FIRST]
    assert check_of(two, code).state is CheckState.ENDED


def test_an_unknown_check_is_stop(story: Story) -> None:
    answer = read_by(story, story.first, story.case.label, "CHK-25-999")
    assert Why.CHECK_UNKNOWN in [reason.reason for reason in answer.reasons]


def test_a_personal_text_on_another_barcode_stays_out_of_the_ledger(story: Story) -> None:
    read_by(story, story.first, "MUELLER ANNA 1961")
    with story.site.db.reading() as db:
        bodies = b" ".join(bytes(body) for body in db.exec(select(LedgerEntry.body)))
    assert b"MUELLER" not in bodies
