"""Two patients, their typings, wristbands, the order for LN-01 and the bag set aside for it."""

from decimal import Decimal

from app.custody.operations import issue_unit, receive_unit
from app.example.calendar import ALLOCATED, INFUSED, ORDERED, REGISTERED, SHIPPED, at, on
from app.example.labels import BAGS
from app.example.making import PRODUCT
from app.example.people import LENA, NILS, NORA, PAULA, TESS, actor, done, signing
from app.orders.forms import PrescribeForm
from app.orders.operations import allocate, make_ready, prescribe
from app.recipients.forms import IdentityForm, TypingForm
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
)


def register(site: Site) -> None:
    """Both patients are registered and typed."""
    with site.db.reading() as db:
        paula, lena = actor(db, PAULA), actor(db, LENA)
    for code, family, born, alleles in PATIENTS:
        identity = IdentityForm(
            family_name=family, given_name="Patient", born_on=on(born), record_number=f"SYN-{code}"
        )
        with site.db.act(paula, at(REGISTERED, "09:00")) as work:
            done(register_recipient(work, identity, DIAGNOSIS, code))
        typing = TypingForm(
            alleles=alleles,
            method="NGS, two fields",
            laboratory="HLA laboratory, synthetic",
            typed_on=on(REGISTERED),
        )
        with site.db.act(lena, at(REGISTERED, "15:00")) as work:
            done(record_typing(work, code, typing))


def order(site: Site) -> None:
    """Ninety million viable cells for LN-01, and bag 01 set aside after the look at the antibodies."""
    with site.db.reading() as db:
        paula, tess = actor(db, PAULA), actor(db, TESS)
    form = PrescribeForm(
        recipient="LN-01",
        product=PRODUCT,
        dose_million=Decimal(90),
        route="intravenous",
        weight_kg=Decimal(60),
        weighed_on=on(ORDERED),
        planned_on=on(INFUSED),
    )
    proof = signing(site, PAULA)
    with site.db.act(paula, at(ORDERED, "10:00")) as work:
        done(prescribe(work, form, proof, code=ORDER))
    with site.db.act(tess, at(ALLOCATED, "09:00")) as work:
        done(allocate(work, ORDER, BAG))


def ship(site: Site) -> None:
    """Bag 01 leaves the tank in a dry shipper and reaches the ward 26 hours later."""
    with site.db.reading() as db:
        tess, nora = actor(db, TESS), actor(db, NORA)
    with site.db.act(tess, at(SHIPPED, "07:40")) as work:
        done(issue_unit(work, BAG, "DS-1", NILS.sign_in, "Intact, frozen, label readable", Decimal(-165)))
    with site.db.act(nora, at(INFUSED, "09:40")) as work:
        done(receive_unit(work, BAG, "WARD-4", "Intact, frozen, shipper sealed", Decimal(-158)))
        done(make_ready(work, ORDER))


def wristbands(site: Site) -> dict[str, str]:
    """Bands are printed and put on; returns each patient's serial."""
    serials = {}
    with site.db.reading() as db:
        nora = actor(db, NORA)
    for code, *_ in PATIENTS:
        with site.db.act(nora, at(INFUSED, "08:30")) as work:
            band = done(print_wristband(work, code)).wristband
        with site.db.act(nora, at(INFUSED, "08:40")) as work:
            done(apply_wristband(work, band.serial, code))
        serials[code] = band.serial
    return serials
