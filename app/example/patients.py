"""Three patients: consent, typing, wristband, order, and the bag set aside for it."""

from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

from app.example.calendar import (
    ALLOCATED,
    INFUSED,
    LOST,
    ORDERED,
    REGISTERED,
    SECOND,
    SHIPPED,
    THIRD,
    at,
    on,
)
from app.example.labels import BAGS
from app.example.making import PRODUCT
from app.example.people import LENA, NORA, PAULA, TESS, actor, done, signing
from app.orders.forms import PrescribeForm
from app.orders.models import Regime
from app.orders.operations import allocate, prescribe
from app.recipients.consents import record_consent
from app.recipients.forms import ConsentForm, IdentityForm, TypingForm
from app.recipients.models import ConsentScope
from app.recipients.operations import apply_wristband, print_wristband, record_typing, register_recipient
from app.site import Site

DIAGNOSIS = "Lupus nephritis, class IV"
ORDER = "ORD-25-001"
BAG = BAGS[0]
#: (code, family name, born, typing at the loci of the donors' typing)
PATIENTS = (
    (
        "LN-01",
        "Example-One",
        "1989-03-14",
        "A*01:01 A*03:01 B*08:01 B*35:03 C*04:01 C*07:01 DRB1*03:01 DRB1*11:01 DQB1*02:01 DQB1*03:01",
    ),
    (
        "LN-02",
        "Example-Two",
        "1994-09-02",
        "A*02:01 A*11:01 B*15:01 B*51:01 C*03:03 C*15:02 DRB1*04:01 DRB1*08:01 DQB1*03:02 DQB1*04:02",
    ),
    (
        "LN-03",
        "Example-Three",
        "1981-11-23",
        "A*30:01 A*33:01 B*14:02 B*42:01 C*08:02 C*17:01 DRB1*01:02 DRB1*13:01 DQB1*05:01 DQB1*06:03",
    ),
)


def register(site: Site) -> None:
    """The patients are registered, consent and are typed."""
    with site.db.reading() as db:
        paula, lena = actor(db, PAULA), actor(db, LENA)
    for code, family, born, alleles in PATIENTS:
        identity = IdentityForm(
            family_name=family, given_name="Patient", born_on=on(born), record_number=f"SYN-{code}"
        )
        with site.db.act(paula, at(REGISTERED, "09:00")) as work:
            done(register_recipient(work, identity, DIAGNOSIS, code))
        consent = ConsentForm(
            signed_on=on(REGISTERED),
            form_version="2.1",
            scope=ConsentScope.TREATMENT_FOLLOW_UP_AND_RESEARCH,
            kept_at=f"Programme folder, sheet {code}",
        )
        with site.db.act(paula, at(REGISTERED, "10:00")) as work:
            done(record_consent(work, code, consent, (_sheet(code, family), f"consent {family}.pdf")))
        typing = TypingForm(
            alleles=alleles,
            method="NGS, two fields",
            laboratory="HLA laboratory, synthetic",
            typed_on=on(REGISTERED),
        )
        with site.db.act(lena, at(REGISTERED, "15:00")) as work:
            done(record_typing(work, code, typing))


def _sheet(code: str, family: str) -> bytes:
    """The signed consent as the ward scanned it: one page that says it is synthetic."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for line, words in enumerate(
        (
            "Worked example, synthetic data",
            "Consent to treatment with allogeneic MSC, follow-up and research, form version 2.1",
            f"{code}  signed: Patient {family}  on {REGISTERED}",
        )
    ):
        canvas.drawString(72, 760 - 24 * line, words)
    canvas.save()
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Treatment:
    """One patient's order, the bag for it, and the days on which it was carried to the ward and given."""

    patient: str
    order: str
    bag: str
    authorisation: str
    weight_kg: int
    days: tuple[str, str, str, str]

    @property
    def infused(self) -> str:
        """The day of the infusion."""
        return self.days[3]


FIRST_DOSE = Treatment("LN-01", ORDER, BAG, "CU-2025-017", 60, (ORDERED, ALLOCATED, SHIPPED, INFUSED))
#: The bag that got warm on its way: the dose was not given.
LOST_DOSE = Treatment("LN-02", "ORD-25-002", BAGS[6], "CU-2025-018", 64, LOST)
SECOND_DOSE = Treatment("LN-02", "ORD-25-003", BAGS[2], "CU-2025-018", 64, SECOND)
#: From the other donor's lot, which is made and released by its own chapters.
THIRD_DOSE = Treatment("LN-03", "ORD-25-004", "MSC-25-004-B01", "CU-2025-021", 71, THIRD)


def order(site: Site, dose: Treatment = FIRST_DOSE) -> None:
    """Ninety million viable cells, and a bag set aside after the look at the antibodies."""
    with site.db.reading() as db:
        paula, tess = actor(db, PAULA), actor(db, TESS)
    ordered, allocated, _, infused = dose.days
    form = PrescribeForm(
        recipient=dose.patient,
        product=PRODUCT,
        dose_million=Decimal(90),
        route="intravenous",
        weight_kg=Decimal(dose.weight_kg),
        weighed_on=on(ordered),
        planned_on=on(infused),
        regime=Regime.COMPASSIONATE_USE,
        authorisation_number=dose.authorisation,
        authorised_on=on(REGISTERED),
    )
    proof = signing(site, PAULA)
    with site.db.act(paula, at(ordered, "10:00")) as work:
        done(prescribe(work, form, proof, code=dose.order))
    with site.db.act(tess, at(allocated, "09:00")) as work:
        done(allocate(work, dose.order, dose.bag))


def wristbands(
    site: Site, patients: tuple[str, ...] = ("LN-01", "LN-02"), day: str = INFUSED
) -> dict[str, str]:
    """Bands are printed and put on; returns each patient's serial."""
    serials = {}
    with site.db.reading() as db:
        nora = actor(db, NORA)
    for code in patients:
        with site.db.act(nora, at(day, "08:30")) as work:
            band = done(print_wristband(work, code)).wristband
        with site.db.act(nora, at(day, "08:40")) as work:
            done(apply_wristband(work, band.serial, code))
        serials[code] = band.serial
    return serials
