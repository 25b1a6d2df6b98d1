"""Released, labelled, stored lots and prescriptions, for tests of this and later rooms."""

from datetime import date, datetime
from decimal import Decimal

from sqlmodel import select

from app.access.models import Person, Role
from app.custody.forms import PlaceForm
from app.custody.models import PlaceKind
from app.custody.operations import store_unit
from app.custody.places import add_place
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import sign
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work
from app.labeling.models import Label, LabelState, PrintJob
from app.labeling.operations import apply_label
from app.lots.models import Lot, LotKind, LotState, Unit, UnitKind, UnitState
from app.lots.operations import move_unit, set_lot_state
from app.orders.forms import PrescribeForm
from app.orders.models import Allocation, DoseOrder, Regime
from app.orders.operations import allocate, prescribe
from app.quality.models import Decision, ReleaseDecision, Specification, SpecificationState
from app.quality.queries import record_of_release
from app.site import Site
from labels.payload import Kind, issue
from tests.donors.factories import someone
from tests.factories import AT, act, proof
from tests.lots.factories import PRODUCT, drug_product_lot, sure

RELEASED = EventKind("tests.released", "lot {lot} released for a test")
PRINTED = EventKind("tests.printed", "label printed for {unit} for a test")
#: The day of the infusion of the worked example.
PLANNED_ON = date(2025, 5, 6)


def releaser(site: Site) -> Person:
    """Who releases lots."""
    return someone(site, Role.RELEASER, "releaser")


def physician(site: Site) -> Person:
    """Who prescribes."""
    return someone(site, Role.PHYSICIAN, "physician")


def technologist(site: Site) -> Person:
    """Who allocates and hands over."""
    return someone(site, Role.TECHNOLOGIST, "bank")


def specification(work: Work, signer: Person) -> Specification:
    """A specification without tests, in force."""
    found = work.db.exec(select(Specification).where(Specification.product == PRODUCT)).first()
    if found is not None:
        return found
    signature = sign(work, proof(signer), Meaning.APPROVED, Subject("specification", "SPEC"), {"version": 1})
    made = Specification(
        code="SPEC",
        version=1,
        product=PRODUCT,
        lot_kind=LotKind.DRUG_PRODUCT,
        state=SpecificationState.IN_FORCE,
        adopted_at=work.at,
        signature_id=known(signature.id),
    )
    work.db.add(made)
    work.db.flush()
    return made


def release(site: Site, code: str, decision: Decision = Decision.RELEASED, at: datetime = AT) -> None:
    """Release a lot in quarantine: signed decision, lot and bags moved."""
    who = releaser(site)
    with act(site, who, at) as work:
        spec = specification(work, who)
        lot = work.db.exec(select(Lot).where(Lot.code == code)).one()
        assert lot.id is not None
        assert set_lot_state(work, lot.id, LotState.QUARANTINE, LotState(decision.value), released_at=at)
        for unit in work.db.exec(select(Unit).where(Unit.lot_id == lot.id, Unit.kind == UnitKind.BAG)).all():
            assert unit.id is not None
            assert move_unit(work, unit.id, UnitState.IN_QUARANTINE, UnitState.AVAILABLE)
        made = ReleaseDecision(
            lot_id=lot.id,
            specification_id=known(spec.id),
            decision=decision,
            decided_at=at,
            signature_id=_signed(work, who, lot, decision),
        )
        work.db.add(made)
        record(work, RELEASED, Subject("lot", code), lot=code)


def _signed(work: Work, who: Person, lot: Lot, decision: Decision) -> int:
    shown = record_of_release(work.db, lot, decision, "", "")
    signature = sign(work, proof(who), Meaning.CERTIFIED, Subject("lot", lot.code), shown)
    assert signature.id is not None
    return signature.id


def label(site: Site, unit_code: str, *, applied: bool = True, at: datetime = AT) -> str:
    """A label of the unit, printed and (unless said otherwise) scanned back onto it; its serial."""
    who = technologist(site)
    serial = issue(Kind.CONTAINER)
    with act(site, who, at) as work:
        unit = work.db.exec(select(Unit).where(Unit.code == unit_code)).one()
        copies = len(work.db.exec(select(Label.id).where(Label.unit_id == unit.id)).all())
        job = PrintJob(
            code=f"JOB-{serial[1:9]}",
            stock="bag-100x50",
            pieces=1,
            pdf_sha256="0" * 64,
            printed_at=at,
            printed_by_id=known(who.id),
        )
        work.db.add(job)
        work.db.flush()
        work.db.add(
            Label(
                serial=serial,
                unit_id=known(unit.id),
                print_job_id=known(job.id),
                copy_number=copies + 1,
                state=LabelState.PRINTED,
                reprint_reason="the first was torn" if copies else None,
                reprint_second_id=releaser(site).id if copies else None,
            )
        )
        record(work, PRINTED, Subject("unit", unit_code), unit=unit_code)
        if applied:
            sure(apply_label(work, serial, unit_code))
    return serial


def place(site: Site, code: str, kind: PlaceKind) -> None:
    """A place, added when it is new."""
    with act(site, technologist(site)) as work:
        answer = add_place(work, PlaceForm(code=code, name=code, kind=kind, within=None))
    assert not isinstance(answer, Refusal) or answer.reason == "place_taken"


def released_lot(site: Site, bags: int = 3, code: str = "MSC-25-001") -> dict[str, str]:
    """A released lot whose bags are labelled and stored in the tank: label serials by unit code."""
    drug_product_lot(site, bags, code=code)
    release(site, code)
    place(site, "T2", PlaceKind.TANK)
    serials = {}
    for number in range(1, bags + 1):
        unit_code = f"{code}-B{number:02d}"
        serials[unit_code] = label(site, unit_code)
        with act(site, technologist(site)) as work:
            sure(store_unit(work, unit_code, "T2", "frozen, intact", Decimal("-180")))
    return serials


def prescription(recipient: str = "LN-01", **more: object) -> PrescribeForm:
    """90 million viable cells for a patient of 60 kg, as in the worked example."""
    given: dict[str, object] = {
        "recipient": recipient,
        "product": PRODUCT,
        "dose_million": Decimal(90),
        "route": "intravenous",
        "weight_kg": Decimal(60),
        "weighed_on": AT.date(),
        "planned_on": PLANNED_ON,
        "regime": Regime.COMPASSIONATE_USE,
        "authorisation_number": "CU-2025-017",
        "authorised_on": AT.date(),
    }
    return PrescribeForm.model_validate(given | more)


def order(site: Site, recipient: str = "LN-01", code: str | None = None) -> DoseOrder:
    """A prescription signed by the physician."""
    who = physician(site)
    with act(site, who) as work:
        return sure(prescribe(work, prescription(recipient), proof(who), code))


def allocated(site: Site, recipient: str, unit_code: str) -> tuple[DoseOrder, Allocation]:
    """A bag promised to a new order."""
    made = order(site, recipient)
    with act(site, technologist(site)) as work:
        return made, sure(allocate(work, made.code, unit_code))
