"""Recipients are registered, named to those who must know, typed, and given a wristband."""

from dataclasses import dataclass
from datetime import date

from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.ids import next_plain
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.work import Work
from app.recipients import events, queries, rules
from app.recipients.forms import IdentityForm, TypingForm
from app.recipients.models import Recipient, RecipientIdentity, RecipientTyping, Wristband, WristbandState
from app.recipients.wristband import draw
from labels.payload import Kind, issue


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a patient is, handed out by `read_identity` alone, so that every reading is logged."""

    code: str
    family_name: str
    given_name: str
    born_on: date
    record_number: str

    @property
    def banner(self) -> str:
        """The name as read aloud at the bed: ``SURNAME, Given``."""
        return f"{self.family_name.upper()}, {self.given_name}"


@dataclass(frozen=True, slots=True)
class PrintedBand:
    """A fresh wristband and the page to print."""

    wristband: Wristband
    pdf: bytes


def _subject(code: str) -> Subject:
    return Subject("recipient", code)


def register_recipient(
    work: Work, identity: IdentityForm, diagnosis: str, code: str | None = None
) -> Recipient | Refusal:
    """Register a patient under a code (the next one unless given); the identity is kept apart."""
    code = code or next_plain(work.db, Recipient.code, "LN", 2)
    refusal = first(
        rules.misshapen(code),
        rules.code_taken(code, queries.by_code(work.db, code) is not None),
        rules.born_in_future(identity.born_on, work.at),
        rules.record_number_known(queries.code_with_record_number(work.db, identity.record_number)),
    )
    if refusal is not None:
        return refusal
    recipient = Recipient(code=code, diagnosis=diagnosis, registered_at=work.at)
    work.db.add(recipient)
    work.db.flush()
    assert recipient.id is not None
    work.db.add(
        RecipientIdentity(
            recipient_id=recipient.id,
            family_name=identity.family_name,
            given_name=identity.given_name,
            born_on=identity.born_on,
            record_number=identity.record_number,
        )
    )
    record(work, events.REGISTERED, _subject(code), code=code)
    return recipient


def read_identity(work: Work, recipient_code: str, purpose: str) -> Identity | Refusal:
    """Who the recipient is; the reading itself is an event (GDPR: who saw whose name, and what for)."""
    recipient = queries.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.unknown(recipient_code)
    row = queries.identity_row(work.db, recipient)
    record(
        work,
        events.IDENTITY_READ,
        _subject(recipient.code),
        code=recipient.code,
        reader=work.actor.sign_in,
        purpose=purpose,
    )
    return Identity(recipient.code, row.family_name, row.given_name, row.born_on, row.record_number)


def record_typing(work: Work, recipient_code: str, form: TypingForm) -> RecipientTyping | Refusal:
    """Record the HLA typing as reported; a later one supersedes the former and needs a reason."""
    recipient = queries.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.unknown(recipient_code)
    assert recipient.id is not None
    former = queries.typing_of(work.db, recipient.id)
    read = rules.typing_of(form.alleles)
    if isinstance(read, Refusal):
        return read
    refusal = first(
        rules.typed_in_future(form.typed_on, work.at),
        None if former is None else rules.reason_missing(form.reason, say("A new typing over an old one")),
    )
    if refusal is not None:
        return refusal
    typing = RecipientTyping(
        recipient_id=recipient.id,
        alleles=" ".join(str(name) for name in read.names),
        method=form.method,
        laboratory=form.laboratory,
        typed_on=form.typed_on,
        supersedes_id=None if former is None else former.id,
        reason=None if former is None else form.reason,
    )
    work.db.add(typing)
    record(
        work,
        events.TYPED,
        _subject(recipient.code),
        reason=typing.reason,
        code=recipient.code,
        alleles=len(read.names),
        method=form.method,
    )
    return typing


def print_wristband(work: Work, recipient_code: str) -> PrintedBand | Refusal:
    """Print a wristband: name, birth date and record number for people, the serial alone in the symbol."""
    identity = read_identity(work, recipient_code, say("printing a wristband"))
    if isinstance(identity, Refusal):
        return identity
    recipient = queries.by_code(work.db, recipient_code)
    assert recipient is not None and recipient.id is not None
    serial = issue(Kind.WRISTBAND)
    known = work.db.info
    pdf = draw(
        serial,
        recipient.code,
        identity.banner,
        identity.born_on,
        identity.record_number,
        site=known.get("site_name", ""),
        note=known.get("note", ""),
        languages=known.get("languages", ("en",)),
    )
    if isinstance(pdf, Refusal):
        return pdf
    band = Wristband(
        serial=serial, recipient_id=recipient.id, state=WristbandState.PRINTED, printed_at=work.at
    )
    work.db.add(band)
    record(work, events.BAND_PRINTED, _subject(recipient.code), serial=serial, code=recipient.code)
    return PrintedBand(band, pdf)


def apply_wristband(work: Work, serial: str, recipient_code: str | None = None) -> Wristband | Refusal:
    """The band was put on and scanned there: it counts from now on, the one before it is void."""
    band = queries.by_wristband(work.db, serial)
    if band is None:
        return rules.band_unknown()
    refusal = first(
        rules.band_of_another(band.recipient.code, recipient_code), rules.band_not_new(band.wristband)
    )
    if refusal is not None:
        return refusal
    assert band.recipient.id is not None and band.wristband.id is not None
    former = queries.applied_wristband(work.db, band.recipient.id)
    if former is not None:
        former.state = WristbandState.VOID
        former.void_reason = say("replaced by a new wristband")
        work.db.flush()
    change_if(
        work.db,
        Wristband,
        band.wristband.id,
        {"state": WristbandState.PRINTED},
        state=WristbandState.APPLIED,
        applied_at=work.at,
    )
    record(
        work,
        events.BAND_APPLIED,
        _subject(band.recipient.code),
        serial=serial,
        code=band.recipient.code,
        replaced=former.serial if former is not None else "none",
    )
    return band.wristband


def void_wristband(work: Work, serial: str, reason: str) -> Wristband | Refusal:
    """Take a band out of use: cut off, torn, printed with a fault."""
    band = queries.by_wristband(work.db, serial)
    if band is None:
        return rules.band_unknown()
    refusal = first(
        rules.reason_missing(reason, say("Making a wristband void")), rules.band_void(band.wristband)
    )
    if refusal is not None:
        return refusal
    band.wristband.state = WristbandState.VOID
    band.wristband.void_reason = reason
    record(
        work,
        events.BAND_VOID,
        _subject(band.recipient.code),
        reason=reason,
        serial=serial,
        code=band.recipient.code,
    )
    return band.wristband
