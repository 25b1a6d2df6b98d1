"""Fourteen labels for ten bags, each accounted for, and where the bags lie."""

from collections.abc import Sequence
from decimal import Decimal

from sqlmodel import select

from app.access.models import Person
from app.custody.forms import PlaceForm
from app.custody.models import PlaceKind
from app.custody.operations import store_unit
from app.custody.places import add_place
from app.example.calendar import FILLED, FOUNDED, at
from app.example.making import LOT
from app.example.people import QUINN, TESS, actor, done, signing
from app.example.twins import OTHER
from app.labeling.models import LabelState
from app.labeling.operations import apply_label, destroy_label, print_labels, void_label
from app.site import Site

STOCK = "bag-100x50"
BAGS = tuple(f"{LOT}-B{number:02d}" for number in range(1, 11))
PLACES = (
    PlaceForm(code="SITE", name="Cell laboratory", kind=PlaceKind.SITE),
    PlaceForm(code="CRYO", name="Cryo room", kind=PlaceKind.ROOM, within="SITE"),
    PlaceForm(code="T2", name="Tank 2, vapour phase", kind=PlaceKind.TANK, within="CRYO"),
    PlaceForm(code="T2-C4", name="Cassette 4", kind=PlaceKind.BOX, within="T2", rows=1, columns=10),
    PlaceForm(code="T2-C5", name="Cassette 5", kind=PlaceKind.BOX, within="T2", rows=1, columns=3),
    PlaceForm(code="T2-R1", name="Rack 1", kind=PlaceKind.RACK, within="T2", capacity=10),
    PlaceForm(code="T2-R1-B1", name="Vial box 1", kind=PlaceKind.BOX, within="T2-R1", rows=9, columns=9),
    PlaceForm(code="DS-1", name="Dry shipper 1", kind=PlaceKind.SHIPPER, capacity=4),
    PlaceForm(code="WARD-4", name="Nephrology ward 4", kind=PlaceKind.WARD),
)


def places(site: Site) -> None:
    """The places of the site."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(FOUNDED, "16:00")) as work:
        for place in PLACES:
            done(add_place(work, place))


def store_vials(site: Site, vials: Sequence[str], day: str, clock: str) -> None:
    """Vials go into the vial box by scanning the box: each to its next free position."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(day, clock)) as work:
        for vial in vials:
            done(store_unit(work, vial, "T2-R1-B1", "Intact, frozen, label readable", Decimal(-170)))


def label_and_store(site: Site) -> None:
    """Print, spoil two, reprint them, keep two specimens, scan all back, put the bags away."""
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(FILLED, "17:00")) as work:
        first = done(print_labels(work, BAGS, STOCK))
    serials = {bag: label.serial for bag, label in zip(BAGS, first.labels, strict=True)}
    spoiled = {bag: serials[bag] for bag in (BAGS[3], BAGS[8])}
    with site.db.act(tess, at(FILLED, "17:05")) as work:
        for serial in spoiled.values():
            done(void_label(work, serial, LabelState.SPOILED, "Crumpled on the frosted bag"))
    serials |= _reprint(site, tuple(spoiled), "the first piece crumpled on the frosted bag", "17:10")
    proof = signing(site, QUINN)
    with site.db.act(tess, at(FILLED, "17:15")) as work:
        for serial in spoiled.values():
            done(destroy_label(work, serial, proof))
    with site.db.act(tess, at(FILLED, "17:20")) as work:
        for bag, serial in serials.items():
            done(apply_label(work, serial, bag))
    specimens = _reprint(site, BAGS[:2], "specimen for the batch record", "17:30")
    with site.db.act(tess, at(FILLED, "17:35")) as work:
        for serial in specimens.values():
            done(void_label(work, serial, LabelState.SPECIMEN, "Kept in the batch record"))
    with site.db.act(tess, at(FILLED, "18:00")) as work:
        for number, bag in enumerate(BAGS, start=1):
            done(
                store_unit(work, bag, f"T2-C4-{number:02d}", "Intact, frozen, label readable", Decimal(-168))
            )


def label_and_store_other(site: Site, filled: str) -> None:
    """The three bags of the other donor's lot: labelled, scanned back, put into the next cassette."""
    bags = tuple(f"{OTHER}-B{number:02d}" for number in range(1, 4))
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(filled, "17:00")) as work:
        printed = done(print_labels(work, bags, STOCK))
    with site.db.act(tess, at(filled, "17:20")) as work:
        for bag, label in zip(bags, printed.labels, strict=True):
            done(apply_label(work, label.serial, bag))
    with site.db.act(tess, at(filled, "18:00")) as work:
        for number, bag in enumerate(bags, start=1):
            done(
                store_unit(work, bag, f"T2-C5-{number:02d}", "Intact, frozen, label readable", Decimal(-168))
            )


def _reprint(site: Site, bags: tuple[str, ...], reason: str, clock: str) -> dict[str, str]:
    with site.db.reading() as db:
        tess = actor(db, TESS)
    with site.db.act(tess, at(FILLED, clock)) as work:
        second = work.db.exec(select(Person).where(Person.sign_in == QUINN.sign_in)).one()
        printed = done(print_labels(work, bags, STOCK, reason=reason, second=second))
    return {bag: label.serial for bag, label in zip(bags, printed.labels, strict=True)}
