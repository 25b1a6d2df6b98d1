"""Find: which page does a typed code or a scanned serial open?"""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.concerns.models import Hold, SubjectKind
from app.concerns.queries import exists
from app.custody.models import Place
from app.kernel.refusals import Refusal
from app.labeling.models import LabelState
from app.labeling.queries import by_serial
from app.orders.models import DoseOrder
from app.paper.models import IssuedPaper
from app.recipients.models import Recipient, Wristband, WristbandState
from app.trace import rules
from labels.payload import Fault, Kind, Serial, read

#: Where the page of each kind stands.
PAGES = {
    "donor": "/donors/",
    "donation": "/donations/",
    "lot": "/lots/",
    "unit": "/units/",
    "material": "/materials/",
    "equipment": "/equipment/",
    "place": "/places/",
    "recipient": "/recipients/",
    "order": "/orders/",
    "hold": "/holds/",
    "paper": "/papers/",
}
#: The order in which a code is looked for: tissue shares its donation's number, and is shown as the donation.
KINDS = (
    SubjectKind.DONOR,
    SubjectKind.DONATION,
    SubjectKind.LOT,
    SubjectKind.UNIT,
    SubjectKind.RECIPIENT,
    SubjectKind.MATERIAL,
    SubjectKind.EQUIPMENT,
    SubjectKind.PLACE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for, and its page."""

    kind: str
    code: str

    @property
    def url(self) -> str:
        """The address of its page."""
        return PAGES[self.kind] + self.code


def find(db: Session, text: str) -> Found | Refusal:
    """The thing that a code names or a printed serial stands for; a void label is refused as VOID."""
    plain = text.strip()
    if found := _by_code(db, plain.upper()):
        return found
    serial = read(text)
    if isinstance(serial, Serial):
        return _by_serial(db, serial)
    return _neither(plain, serial)


def _by_code(db: Session, code: str) -> Found | None:
    if not code or len(code) > 60:
        return None
    for kind in KINDS:
        if exists(db, kind, code):
            return Found(kind.value, code)
    if db.exec(select(DoseOrder.id).where(DoseOrder.code == code)).first() is not None:
        return Found("order", code)
    if db.exec(select(Hold.id).where(Hold.code == code)).first() is not None:
        return Found("hold", code)
    return None


def _neither(text: str, fault: Fault) -> Refusal:
    """A text of a serial's length was meant as one: its own fault helps more."""
    if len(text) < 16 or "-" in text:
        return rules.nothing_carries(text)
    return Refusal(rules.Why.NOT_FOUND, fault.sentence, fault.next_step)


def _by_serial(db: Session, serial: Serial) -> Found | Refusal:
    looked = {
        Kind.CONTAINER: _container,
        Kind.WRISTBAND: _wristband,
        Kind.PLACE: _place,
        Kind.DOCUMENT: _document,
    }.get(serial.kind)
    answer = looked(db, serial.text) if looked is not None else None
    return answer or rules.unknown_serial(serial.kind.name.lower())


def _container(db: Session, serial: str) -> Found | Refusal | None:
    found = by_serial(db, serial)
    if found is None:
        return None
    if found.label.state is not LabelState.APPLIED:
        return rules.void_label(found.label.state.value, found.unit.code)
    return Found("unit", found.unit.code)


def _wristband(db: Session, serial: str) -> Found | Refusal | None:
    band = select(Wristband, Recipient.code).join(Recipient, col(Recipient.id) == col(Wristband.recipient_id))
    found = db.exec(band.where(Wristband.serial == serial)).one_or_none()
    if found is None:
        return None
    worn, recipient = found
    if worn.state is not WristbandState.APPLIED:
        return rules.void_wristband(worn.state.value)
    return Found("recipient", recipient)


def _place(db: Session, serial: str) -> Found | None:
    code = db.exec(select(Place.code).where(Place.serial == serial)).one_or_none()
    return None if code is None else Found("place", code)


def _document(db: Session, serial: str) -> Found | None:
    known = db.exec(select(IssuedPaper.id).where(IssuedPaper.serial == serial)).one_or_none()
    return None if known is None else Found("paper", serial)
