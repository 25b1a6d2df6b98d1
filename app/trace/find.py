"""Find: which page does a typed code or a scanned serial open?"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.access.permissions import Permission
from app.custody.models import Place
from app.evidence.vault import Vault, signature_holds
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import metadata
from app.labeling.models import Label, LabelState
from app.labeling.queries import by_serial
from app.lots.models import Unit
from app.materials.models import Equipment
from app.materials.rules import barcode_text, several_lots
from app.paper.models import IssuedPaper
from app.recipients.models import Recipient, Wristband, WristbandState
from app.trace import rules
from labels.payload import Fault, Kind, Serial, read
from labels.signed import SignedSerial, statement, take_apart


@dataclass(frozen=True, slots=True)
class CodeKind:
    """One sort of code: the table it lies in, its page, and who may open that page."""

    name: str
    page: str
    permission: Permission
    table: str
    #: Few enough rows to look for the typed text in the middle of a code too.
    few: bool = True
    column: str = "code"


_P = Permission
#: Every sort of code, in the order of looking: tissue shares its donation's number, and opens the donation.
KINDS = (
    CodeKind("donor", "/donors/", _P.DONOR_READ, "donor"),
    CodeKind("donation", "/donations/", _P.LOT_READ, "donation"),
    CodeKind("lot", "/lots/", _P.LOT_READ, "lot"),
    CodeKind("unit", "/units/", _P.LOT_READ, "unit", few=False),
    CodeKind("recipient", "/recipients/", _P.RECIPIENT_READ, "recipient"),
    CodeKind("material", "/materials/", _P.MATERIAL_READ, "material"),
    CodeKind("equipment", "/equipment/", _P.MATERIAL_READ, "equipment"),
    CodeKind("place", "/places/", _P.CUSTODY_READ, "place"),
    CodeKind("shipment", "/shipments/", _P.CUSTODY_READ, "shipment"),
    CodeKind("order", "/orders/", _P.ORDER_READ, "dose_order"),
    CodeKind("check", "/bedside/checks/", _P.BEDSIDE, "bedside_check"),
    CodeKind("infusion", "/bedside/infusions/", _P.BEDSIDE_READ, "infusion"),
    CodeKind("serum", "/antibodies/sera/", _P.ANTIBODY_READ, "serum"),
    CodeKind(say("cytometry file"), "/cytometry/", _P.CYTOMETRY_READ, "flow_file"),
    CodeKind(say("print job"), "/labels/jobs/", _P.LABEL_READ, "print_job"),
    CodeKind("hold", "/holds/", _P.HOLD_READ, "hold"),
    CodeKind("deviation", "/deviations/", _P.HOLD_READ, "deviation"),
    CodeKind("paper", "/papers/", _P.PAPER_READ, "issued_paper", column="serial"),
)
#: Where the page of each kind stands.
PAGES = {kind.name: kind.page for kind in KINDS}
_BY_NAME = {kind.name: kind for kind in KINDS}
#: Codes listed of one kind, and the shortest text that is looked for inside codes.
MOST, SHORTEST = 20, 2
#: The longest text that can be a code.
LONGEST = 60

#: Whether the person who asks may open pages behind this permission.
May = Callable[[Permission], bool]


def everybody(_permission: Permission) -> bool:
    """Nothing is hidden: for the console, where whoever can ask can read the database."""
    return True


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for, and its page."""

    kind: str
    code: str
    #: What the list says beside the code, such as the state of a label.
    said: str = ""

    @property
    def url(self) -> str:
        """The address of its page."""
        return PAGES[self.kind] + self.code


def find(db: Session, text: str, may: May = everybody) -> Found | Refusal:
    """The thing that a code names or a printed serial stands for; a void label is refused as VOID.

    What the person may not open is not found: nobody learns by asking which codes there are.
    """
    plain = text.strip()
    if found := _by_code(db, plain.upper(), may):
        return found
    serial = read(text)
    if isinstance(serial, Serial):
        return _by_serial(db, serial, may)
    if second := take_apart(plain):
        return _by_signed(db, second, may)
    return _by_barcode(db, plain, may) or _neither(plain, serial)


def _by_code(db: Session, code: str, may: May) -> Found | None:
    if not code or len(code) > LONGEST or not code.isprintable():
        return None
    for kind in KINDS:
        if may(kind.permission) and _codes(db, kind, _column(kind) == code):
            return Found(kind.name, code)
    return None


def _by_barcode(db: Session, text: str, may: May) -> Found | Refusal | None:
    """The reagent lot whose pack carries this barcode, or which lots do."""
    if not text.isprintable() or not may(Permission.MATERIAL_READ):
        return None
    barcode = barcode_text(text)
    lots = (
        _codes(db, _BY_NAME["material"], metadata.tables["material"].c.barcode == barcode) if barcode else []
    )
    if len(lots) > 1:
        return several_lots(barcode, lots)
    return Found("material", lots[0]) if lots else None


def _column(kind: CodeKind) -> ColumnElement[str]:
    return metadata.tables[kind.table].columns[kind.column]


def _codes(db: Session, kind: CodeKind, where: ColumnElement[bool]) -> list[str]:
    found = select(_column(kind)).where(where).order_by(_column(kind)).limit(MOST + 1)
    return list(db.connection().execute(found).scalars())


def suggest(db: Session, text: str, may: May) -> list[Found]:
    """What a part of a code may mean, sorted by kind and code: at most `MOST` of a kind, and one more where
    there are others."""
    part = text.strip().upper()
    if not SHORTEST <= len(part) <= LONGEST or not part.isprintable():
        return []
    found = [
        Found(kind.name, code)
        for kind in KINDS
        if may(kind.permission)
        for code in _codes(db, kind, _like(kind, part))
    ]
    return found + _labels_like(db, part, may)


def _like(kind: CodeKind, part: str) -> ColumnElement[bool]:
    column = _column(kind)
    if kind.few:
        return column.contains(part, autoescape=True)
    return column.startswith(part, autoescape=True)


def _labels_like(db: Session, part: str, may: May) -> list[Found]:
    """Units by the beginning of a label's serial, as it is read out from the print under the symbol."""
    serial = part.replace(" ", "")
    if len(serial) < 4 or not may(Permission.LABEL_READ):
        return []
    rows = db.exec(
        select(Unit.code, Label.serial, Label.state)
        .join(Unit, col(Unit.id) == col(Label.unit_id))
        .where(col(Label.serial).startswith(serial, autoescape=True))
        .order_by(col(Label.serial))
        .limit(MOST)
    ).all()
    return [
        Found("unit", unit, say("label {serial}, {state}", serial=serial, state=LabelState(state).value))
        for unit, serial, state in rows
    ]


def _neither(text: str, fault: Fault) -> Refusal:
    """A text of a serial's length was meant as one: its own fault helps more."""
    if len(text) < 16 or "-" in text:
        return rules.nothing_carries(text)
    return Refusal(rules.Why.NOT_FOUND, fault.sentence, fault.next_step)


def _by_serial(db: Session, serial: Serial, may: May) -> Found | Refusal:
    looked = {
        Kind.CONTAINER: _container,
        Kind.WRISTBAND: _wristband,
        Kind.PLACE: _place,
        Kind.EQUIPMENT: _device,
        Kind.DOCUMENT: _document,
    }.get(serial.kind)
    answer = looked(db, serial.text) if looked is not None else None
    if isinstance(answer, Found) and not may(_BY_NAME[answer.kind].permission):
        answer = None
    return answer or rules.unknown_serial(serial.kind.name.lower())


def _by_signed(db: Session, second: SignedSerial, may: May) -> Found | Refusal:
    """The unit of a label's second code, when this site signed it."""
    vault: Vault = db.info["vault"]
    if not signature_holds(vault.public_key, second.signature, statement(second.serial)):
        return rules.not_signed_here()
    serial = read(second.serial)
    return _by_serial(db, serial, may) if isinstance(serial, Serial) else rules.not_signed_here()


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


def _device(db: Session, serial: str) -> Found | None:
    code = db.exec(select(Equipment.code).where(Equipment.serial == serial)).one_or_none()
    return None if code is None else Found("equipment", code)


def _document(db: Session, serial: str) -> Found | None:
    known = db.exec(select(IssuedPaper.id).where(IssuedPaper.serial == serial)).one_or_none()
    return None if known is None else Found("paper", serial)
