"""What is known of recipients, without their identity."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from app.recipients.models import (
    ConsentState,
    Recipient,
    RecipientConsent,
    RecipientIdentity,
    RecipientTyping,
    Wristband,
    WristbandState,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list of recipients."""

    code: str
    diagnosis: str
    registered_at: datetime
    has_band: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A wristband and the recipient it was printed for."""

    wristband: Wristband
    recipient: Recipient


def by_code(db: Session, code: str) -> Recipient | None:
    """The recipient with this code."""
    return db.exec(select(Recipient).where(Recipient.code == code)).one_or_none()


def listed(db: Session) -> list[Line]:
    """All recipients, in the order of their codes."""
    wearing = select(Wristband.recipient_id).where(Wristband.state == WristbandState.APPLIED)
    has_band = col(Recipient.id).in_(wearing)
    rows = db.exec(
        select(Recipient.code, Recipient.diagnosis, Recipient.registered_at, has_band).order_by(
            Recipient.code
        )
    )
    return [Line(code, diagnosis, at, bool(band)) for code, diagnosis, at, band in rows]


def code_with_record_number(db: Session, record_number: str) -> str | None:
    """The code of the recipient who has this record number."""
    found = (
        select(Recipient.code)
        .join(RecipientIdentity, col(RecipientIdentity.recipient_id) == Recipient.id)
        .where(RecipientIdentity.record_number == record_number)
    )
    return db.exec(found).first()


def typing_of(db: Session, recipient_id: int) -> RecipientTyping | None:
    """The recipient's HLA typing that no later one supersedes."""
    superseded = select(RecipientTyping.supersedes_id).where(col(RecipientTyping.supersedes_id).is_not(None))
    found = select(RecipientTyping).where(
        RecipientTyping.recipient_id == recipient_id, col(RecipientTyping.id).not_in(superseded)
    )
    return db.exec(found).one_or_none()


def typings_of(db: Session, recipient_id: int) -> list[RecipientTyping]:
    """Every typing ever recorded, the latest first."""
    found = select(RecipientTyping).where(RecipientTyping.recipient_id == recipient_id)
    return list(db.exec(found.order_by(col(RecipientTyping.id).desc())).all())


def by_wristband(db: Session, serial: str) -> Band | None:
    """The wristband with this serial and whose it is, whatever its state."""
    found = (
        select(Wristband, Recipient)
        .join(Recipient, col(Recipient.id) == Wristband.recipient_id)
        .where(Wristband.serial == serial)
    )
    row = db.exec(found).one_or_none()
    return None if row is None else Band(*row)


def wristbands_of(db: Session, recipient_id: int) -> list[Wristband]:
    """Every band printed for the recipient, the latest first."""
    found = select(Wristband).where(Wristband.recipient_id == recipient_id)
    return list(db.exec(found.order_by(col(Wristband.id).desc())).all())


def applied_wristband(db: Session, recipient_id: int) -> Wristband | None:
    """The band on the recipient's wrist."""
    found = select(Wristband).where(
        Wristband.recipient_id == recipient_id, Wristband.state == WristbandState.APPLIED
    )
    return db.exec(found).one_or_none()


def identity_row(db: Session, recipient: Recipient) -> RecipientIdentity:
    """The identity of a recipient; only `app.recipients.operations.read_identity` may ask, and logs it."""
    return db.exec(select(RecipientIdentity).where(RecipientIdentity.recipient_id == recipient.id)).one()


def age_on(db: Session, recipient_id: int, day: date) -> int:
    """The recipient's age in whole years on a day: all that an equation needs, and never the birth date."""
    found = select(RecipientIdentity).where(RecipientIdentity.recipient_id == recipient_id)
    born = db.exec(found).one().born_on
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def consents_of(db: Session, recipient_id: int) -> list[RecipientConsent]:
    """Every consent of the recipient, the latest signature first."""
    found = select(RecipientConsent).where(RecipientConsent.recipient_id == recipient_id)
    ordered = found.order_by(col(RecipientConsent.signed_on).desc(), col(RecipientConsent.id).desc())
    return list(db.exec(ordered).all())


def consent_by_code(db: Session, recipient_id: int, code: str) -> RecipientConsent | None:
    """This recipient's consent with this code."""
    found = select(RecipientConsent).where(
        RecipientConsent.recipient_id == recipient_id, RecipientConsent.code == code
    )
    return db.exec(found).one_or_none()


def consent_in_force(db: Session, recipient_id: int, day: date) -> RecipientConsent | None:
    """The consent that stands on this day: the latest signature, unless it was taken back."""
    signed = [one for one in consents_of(db, recipient_id) if one.signed_on <= day]
    latest = signed[0] if signed else None
    return latest if latest is not None and latest.state is ConsentState.SIGNED else None
