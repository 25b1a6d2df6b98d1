"""Recipients are registered, named to those who must know, typed, and given a wristband."""

import json
from datetime import date

import pypdfium2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from app.access.models import Person, Role
from app.evidence.models import LedgerEntry, LedgerRow
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.recipients import queries
from app.recipients.forms import IdentityForm, TypingForm
from app.recipients.models import MOVES, WristbandState
from app.recipients.operations import (
    PrintedBand,
    apply_wristband,
    print_wristband,
    read_identity,
    record_typing,
    register_recipient,
    void_wristband,
)
from app.recipients.rules import Why
from app.site import Site
from labels.payload import Kind, Serial, issue, read
from tests.factories import AT, act, person
from tests.recipients.factories import identity, recipient, wristband

TYPING = TypingForm(
    alleles="A*02:01 A*24:02 B*07:02", method="SBT", laboratory="HLA lab", typed_on=date(2025, 4, 20)
)


@pytest.fixture
def nurse(site: Site) -> Person:
    return person(site, Role.NURSE)


def test_a_recipient_gets_the_next_code(site: Site, nurse: Person) -> None:
    recipient(site, nurse, "LN-07")
    with act(site, nurse) as work:
        made = register_recipient(work, identity(2), "lupus nephritis")
    assert not isinstance(made, Refusal)
    assert made.code == "LN-08"


@pytest.mark.parametrize("code", ["ln-01", "LN01", "LN-1; DROP", "", "LN-" + "1" * 30])
def test_a_code_has_its_shape(site: Site, nurse: Person, code: str) -> None:
    with act(site, nurse) as work:
        made = register_recipient(work, identity(), "lupus nephritis", code or "-")
    assert isinstance(made, Refusal) and made.reason == Why.CODE_MISSHAPEN


def test_a_code_is_never_given_twice(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = register_recipient(work, identity(2), "lupus nephritis", "LN-01")
    assert isinstance(made, Refusal) and made.reason == Why.CODE_TAKEN


def test_one_patient_has_one_code(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = register_recipient(work, identity(), "lupus nephritis")
    assert isinstance(made, Refusal) and made.reason == Why.RECORD_NUMBER_KNOWN
    assert "LN-01" in made.sentence and "7K3M" not in made.sentence


def test_nobody_is_born_tomorrow(site: Site, nurse: Person) -> None:
    unborn = identity().model_copy(update={"born_on": date(2025, 4, 29)})
    with act(site, nurse) as work:
        made = register_recipient(work, unborn, "lupus nephritis")
    assert isinstance(made, Refusal) and made.reason == Why.BORN_IN_FUTURE


def test_reading_an_identity_is_logged_with_reader_and_purpose(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        who = read_identity(work, "LN-01", "the bedside check")
    assert not isinstance(who, Refusal)
    assert who.banner == "EXAMPLE, Maria I"
    with site.db.reading() as db:
        last = db.exec(select(LedgerEntry).order_by(LedgerEntry.seq.desc())).first()  # type: ignore[attr-defined]  # a column
    assert last is not None and last.kind == "recipients.identity_read"
    facts = json.loads(bytes(last.body))["facts"]
    assert facts == {"code": "LN-01", "reader": "nurse", "purpose": "the bedside check"}


def test_nobody_is_read_who_is_not_registered(site: Site, nurse: Person) -> None:
    with act(site, nurse) as work:
        answer = read_identity(work, "LN-99", "curiosity")
    assert isinstance(answer, Refusal) and answer.reason == Why.RECIPIENT_UNKNOWN


@pytest.mark.req("ATMP-gdpr")
def test_the_ledger_holds_nothing_personal(site: Site, nurse: Person) -> None:
    """No name, birth date or record number in any entry; the identity's digest is keyed."""
    recipient(site, nurse)
    wristband(site, nurse)
    with site.db.reading() as db:
        bodies = b" ".join(bytes(body) for body in db.exec(select(LedgerEntry.body)))
        kept = db.exec(select(LedgerRow.digest).where(LedgerRow.of_table == "recipient_identity")).all()
        assert verify(db).ok
    for personal in (b"Example", b"EXAMPLE", b"Maria", b"1984", b"7K3M"):
        assert personal not in bodies
    assert len(kept) == 1


def test_a_typing_is_kept_as_reported(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = record_typing(work, "LN-01", TYPING)
    assert not isinstance(made, Refusal)
    assert made.alleles == "A*02:01 A*24:02 B*07:02"


def test_an_allele_that_cannot_be_is_refused_by_name(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = record_typing(work, "LN-01", TYPING.model_copy(update={"alleles": "A*02:01 Z*99:99"}))
    assert isinstance(made, Refusal) and made.reason == Why.TYPING_UNREADABLE


def test_a_typing_without_alleles_is_refused(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = record_typing(work, "LN-01", TYPING.model_copy(update={"alleles": " , "}))
    assert isinstance(made, Refusal) and made.reason == Why.TYPING_EMPTY


def test_a_typing_of_tomorrow_is_refused(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        made = record_typing(work, "LN-01", TYPING.model_copy(update={"typed_on": date(2025, 4, 29)}))
    assert isinstance(made, Refusal) and made.reason == Why.TYPED_IN_FUTURE


def test_a_second_typing_supersedes_the_first_with_a_reason(site: Site, nurse: Person) -> None:
    patient = recipient(site, nurse)
    with act(site, nurse) as work:
        record_typing(work, "LN-01", TYPING)
        bare = record_typing(work, "LN-01", TYPING)
        told = record_typing(work, "LN-01", TYPING.model_copy(update={"reason": "second sample"}))
    assert isinstance(bare, Refusal) and bare.reason == Why.REASON_MISSING
    assert not isinstance(told, Refusal)
    with site.db.reading() as db:
        assert patient.id is not None
        current = queries.typing_of(db, patient.id)
        assert current is not None and current.id == told.id
        assert len(queries.typings_of(db, patient.id)) == 2


def test_a_wristband_carries_name_birth_date_and_number_for_people_and_a_serial_for_scanners(
    site: Site, nurse: Person
) -> None:
    recipient(site, nurse)
    with act(site, nurse) as work:
        printed = print_wristband(work, "LN-01")
    assert isinstance(printed, PrintedBand)
    page = pypdfium2.PdfDocument(printed.pdf)[0].get_textpage().get_text_range()
    for shown in ("LN-01", "EXAMPLE, Maria I", "1984-05-01", "7K3M-0001"):
        assert shown in page
    assert read(printed.wristband.serial) == Serial(printed.wristband.serial, Kind.WRISTBAND)


def test_a_name_that_does_not_fit_the_band_is_refused_without_repeating_it(site: Site, nurse: Person) -> None:
    long = identity().model_copy(update={"family_name": "W" * 80})
    with act(site, nurse) as work:
        register_recipient(work, long, "lupus nephritis", "LN-01")
    with act(site, nurse) as work:
        printed = print_wristband(work, "LN-01")
    assert isinstance(printed, Refusal) and printed.reason == Why.NOT_PRINTABLE
    assert "WW" not in str(printed)


def test_putting_on_a_new_wristband_makes_the_former_void(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    former = wristband(site, nurse)
    later = wristband(site, nurse)
    with site.db.reading() as db:
        states = {band.serial: band.state for band in queries.wristbands_of(db, later.recipient_id)}
    assert states == {former.serial: WristbandState.VOID, later.serial: WristbandState.APPLIED}


def test_a_wristband_is_put_on_once(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    band = wristband(site, nurse)
    with act(site, nurse) as work:
        again = apply_wristband(work, band.serial)
    assert isinstance(again, Refusal) and again.reason == Why.BAND_ALREADY_APPLIED


def test_a_wristband_of_another_patient_is_not_put_on(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    recipient(site, nurse, "LN-02", 2)
    with act(site, nurse) as work:
        printed = print_wristband(work, "LN-02")
        assert isinstance(printed, PrintedBand)
        answer = apply_wristband(work, printed.wristband.serial, "LN-01")
    assert isinstance(answer, Refusal) and answer.reason == Why.BAND_OF_ANOTHER


def test_an_unknown_wristband_is_not_put_on(site: Site, nurse: Person) -> None:
    with act(site, nurse) as work:
        answer = apply_wristband(work, issue(Kind.WRISTBAND))
        void = void_wristband(work, issue(Kind.WRISTBAND), "torn")
    assert isinstance(answer, Refusal) and answer.reason == Why.BAND_UNKNOWN
    assert isinstance(void, Refusal) and void.reason == Why.BAND_UNKNOWN


def test_a_void_wristband_stays_void(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    band = wristband(site, nurse)
    with act(site, nurse) as work:
        bare = void_wristband(work, band.serial, "  ")
        first = void_wristband(work, band.serial, "cut off before a line was placed")
        again = void_wristband(work, band.serial, "once more")
        back = apply_wristband(work, band.serial)
    assert isinstance(bare, Refusal) and bare.reason == Why.REASON_MISSING
    assert not isinstance(first, Refusal) and first.state is WristbandState.VOID
    assert isinstance(again, Refusal) and again.reason == Why.BAND_VOID
    assert isinstance(back, Refusal) and back.reason == Why.BAND_VOID


def test_two_applied_wristbands_of_one_patient_are_refused_by_the_database(site: Site, nurse: Person) -> None:
    recipient(site, nurse)
    band = wristband(site, nurse)
    with pytest.raises(DBAPIError), site.db.writer.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO wristband (serial, recipient_id, state, printed_at, applied_at)"
                " SELECT 'P000000000000000', recipient_id, 'applied', printed_at, applied_at"
                " FROM wristband WHERE serial = :serial"
            ),
            {"serial": band.serial},
        )


def test_every_state_of_a_wristband_has_its_moves() -> None:
    assert set(MOVES) == set(WristbandState)


def test_an_identity_form_keeps_control_characters_out() -> None:
    with pytest.raises(ValueError, match="family_name"):
        IdentityForm(family_name="A\x00B", given_name="C", born_on=AT.date(), record_number="1")
