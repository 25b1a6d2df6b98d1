"""The ward of the worked example today: an order, its bag at the bedside, and whose wristband is whose."""

import json
from datetime import date
from decimal import Decimal
from io import BytesIO

from PIL import Image
from sqlmodel import col, select

from app.bedside.models import Scan, ScanStep, VerdictWord
from app.custody.operations import issue_unit, receive_unit
from app.evidence import files
from app.evidence.models import LedgerEntry
from app.example.making import PRODUCT
from app.example.patients import DIAGNOSIS, PATIENTS
from app.example.people import NILS, NORA, PAULA, TESS, Character, actor, done, signing
from app.kernel import clock
from app.kernel.work import Actor
from app.labeling.models import Label, PrintJob
from app.labeling.queries import current_label, file_of, labels_of_job
from app.lots.queries import unit_by_code
from app.orders.forms import PrescribeForm
from app.orders.models import Regime
from app.orders.operations import allocate, make_ready, prescribe
from app.recipients.consents import record_consent
from app.recipients.forms import ConsentForm, IdentityForm, TypingForm
from app.recipients.models import ConsentScope, Recipient, Wristband, WristbandState
from app.recipients.operations import apply_wristband, print_wristband, record_typing, register_recipient
from app.site import Site
from labels import proof

LOOKS = "Intact, frozen, label readable"


def today() -> date:
    """The day of the journey."""
    return clock.now().date()


def _as(site: Site, who: Character) -> Actor:
    with site.db.reading() as db:
        return actor(db, who)


def new_patient(site: Site, code: str) -> None:
    """One more patient: registered, consenting, typed like LN-02, with a wristband on."""
    identity = IdentityForm(
        family_name="Example-Four",
        given_name="Patient",
        born_on=date(1990, 2, 7),
        record_number=f"SYN-{code}",
    )
    consent = ConsentForm(
        signed_on=today(),
        form_version="2.1",
        scope=ConsentScope.TREATMENT_AND_FOLLOW_UP,
        kept_at="Ward folder 4",
    )
    typing = TypingForm(
        alleles=PATIENTS[1][3], method="NGS", laboratory="HLA laboratory, synthetic", typed_on=today()
    )
    with site.db.act(_as(site, NORA), clock.now()) as work:
        done(register_recipient(work, identity, DIAGNOSIS, code))
        done(record_consent(work, code, consent))
        done(record_typing(work, code, typing))
        band = done(print_wristband(work, code)).wristband
        done(apply_wristband(work, band.serial, code))


def ready_order(site: Site, recipient: str, bag: str) -> str:
    """A second order: prescribed, the bag allocated, carried to the ward, ready for the check."""
    form = PrescribeForm(
        recipient=recipient,
        product=PRODUCT,
        dose_million=Decimal(90),
        route="intravenous",
        weight_kg=Decimal(60),
        weighed_on=today(),
        planned_on=today(),
        regime=Regime.COMPASSIONATE_USE,
        authorisation_number="CU-2026-003",
        authorised_on=today(),
    )
    proof = signing(site, PAULA)
    with site.db.act(_as(site, PAULA), clock.now()) as work:
        order = done(prescribe(work, form, proof)).code
    with site.db.act(_as(site, TESS), clock.now()) as work:
        done(allocate(work, order, bag))
        done(issue_unit(work, bag, "DS-1", NILS.sign_in, LOOKS, Decimal(-165)))
    with site.db.act(_as(site, NORA), clock.now()) as work:
        done(receive_unit(work, bag, "WARD-4", LOOKS, Decimal(-158)))
        done(make_ready(work, order))
    return order


def band_of(site: Site, recipient: str) -> str:
    """The serial of the wristband that the recipient wears."""
    with site.db.reading() as db:
        return db.exec(
            select(Wristband.serial)
            .join(Recipient, col(Recipient.id) == col(Wristband.recipient_id))
            .where(Recipient.code == recipient, Wristband.state == WristbandState.APPLIED)
        ).one()


def label_of(site: Site, bag: str) -> str:
    """The serial of the label on the bag."""
    with site.db.reading() as db:
        unit = unit_by_code(db, bag)
        assert unit is not None
        label = current_label(db, unit.id or 0)
        assert label is not None
        return label.serial


def scans(site: Site) -> list[tuple[ScanStep, VerdictWord, str]]:
    """Every scan in the record, the latest first: step, answer, and the text as it was read."""
    with site.db.reading() as db:
        rows = db.exec(select(Scan).order_by(col(Scan.id).desc())).all()
        return [(row.step, row.verdict, row.text_read) for row in rows]


def told(site: Site, kind: str) -> list[str]:
    """The sentences of the ledger about one kind of event, the latest first."""
    with site.db.reading() as db:
        rows = db.exec(
            select(LedgerEntry.body).where(LedgerEntry.kind == kind).order_by(col(LedgerEntry.seq).desc())
        ).all()
    return [str(json.loads(body)["sentence"]) for body in rows]


def printed(site: Site, bag: str, scale: float) -> Image.Image:
    """The page that the printer got for the bag's label, ``scale`` pixels a point."""
    serial = label_of(site, bag)
    with site.db.reading() as db:
        job = db.exec(
            select(PrintJob)
            .join(Label, col(Label.print_job_id) == col(PrintJob.id))
            .where(Label.serial == serial)
        ).one()
        page = [piece["serial"] for piece in labels_of_job(db, job.id or 0)].index(serial)
        pdf = files.read(db, file_of(db, job))
    return Image.open(BytesIO(proof.image(pdf, page, scale)))
