"""Patients at the bed now: a bag received at the ward under a ready order."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlmodel import select

from app.custody.operations import issue_unit, receive_unit
from app.example.labels import BAGS
from app.example.making import PRODUCT
from app.example.people import NILS, NORA, PAULA, TESS, actor, done, signing
from app.kernel import clock
from app.labeling.queries import current_label
from app.lots.queries import unit_by_code
from app.orders.forms import PrescribeForm
from app.orders.operations import allocate, make_ready, prescribe
from app.recipients.models import Recipient, Wristband, WristbandState
from app.site import Site


@dataclass(frozen=True, slots=True)
class Bed:
    """The codes at the bed."""

    order: str
    bag: str
    label: str
    #: Serial of the applied wristband by recipient.
    bands: dict[str, str]


def ready_bed(site: Site, recipient: str = "LN-02", bag: str = BAGS[1]) -> Bed:
    """Everything up to the ready order, by operations, in the hour before now."""
    now = clock.now()
    with site.db.reading() as db:
        paula, tess, nora = actor(db, PAULA), actor(db, TESS), actor(db, NORA)
    form = PrescribeForm(
        recipient=recipient,
        product=PRODUCT,
        dose_million=Decimal(90),
        route="intravenous",
        weight_kg=Decimal(64),
        weighed_on=now.date(),
        planned_on=now.date(),
    )
    proof = signing(site, PAULA)
    with site.db.act(paula, now - timedelta(minutes=50)) as work:
        order = done(prescribe(work, form, proof)).code
    with site.db.act(tess, now - timedelta(minutes=40)) as work:
        done(allocate(work, order, bag))
    with site.db.act(tess, now - timedelta(minutes=30)) as work:
        done(issue_unit(work, bag, "DS-1", NILS.sign_in, "Intact, frozen", Decimal(-160)))
    with site.db.act(nora, now - timedelta(minutes=20)) as work:
        done(receive_unit(work, bag, "WARD-4", "Intact, frozen", Decimal(-158)))
        done(make_ready(work, order))
    with site.db.reading() as db:
        unit = unit_by_code(db, bag)
        assert unit is not None and unit.id is not None
        label = current_label(db, unit.id)
        found = db.exec(
            select(Recipient.code, Wristband.serial)
            .join(Wristband, Wristband.recipient_id == Recipient.id)  # type: ignore[arg-type]  # a column
            .where(Wristband.state == WristbandState.APPLIED)
        ).all()
    assert label is not None
    return Bed(order, bag, label.serial, dict(found))
