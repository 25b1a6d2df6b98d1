"""The usual way, for comparison: the same tables as objects that load each other when touched."""

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session, foreign, registry, relationship

from app import tables
from app.kernel.tables import metadata

if TYPE_CHECKING:
    from app.site import Site

tables.load()
mapping = registry(metadata=metadata)
T = metadata.tables

#: Units of these states are in no place any more.
NOWHERE = frozenset({"consumed", "infused", "destroyed", "lost"})
#: What a trace of a donor tells of one unit: code, kind, state, lot, place, recipient.
Line = tuple[str, str, str, str | None, str | None, str | None]


class Coded:
    """Anything with a code."""

    code: str


class LazyLot(Coded):
    """A lot."""


class LazyPlace(Coded):
    """A place."""


class LazyRecipient(Coded):
    """A recipient."""


class LazyCustody:
    """A link of custody, which knows its place."""

    place: LazyPlace


class LazyInfusion:
    """An infusion, which knows its recipient."""

    recipient: LazyRecipient


class LazyUnit(Coded):
    """A unit, which knows its children, its lot, its custody and its infusion."""

    id: int
    kind: str
    state: str
    lot: LazyLot | None
    children: "list[LazyUnit]"
    custody: list[LazyCustody]
    infusion: LazyInfusion | None


class LazyDonation:
    """A donation, which knows its tissue."""

    vessel: LazyUnit


class LazyDonor(Coded):
    """A donor, who knows the donations."""

    donations: list[LazyDonation]


def _map() -> None:
    """Tell SQLAlchemy how the classes hang together, once."""
    unit, edge, infusion, custody = T["unit"], T["edge"], T["infusion"], T["custody_event"]
    recipient, place, lot, donation = T["recipient"], T["place"], T["lot"], T["donation"]
    for model in (LazyLot, LazyPlace, LazyRecipient):
        mapping.map_imperatively(model, T[model.__name__.removeprefix("Lazy").lower()])
    mapping.map_imperatively(
        LazyInfusion,
        infusion,
        properties={
            "recipient": relationship(
                LazyRecipient, primaryjoin=foreign(infusion.c.recipient_id) == recipient.c.id, viewonly=True
            )
        },
    )
    mapping.map_imperatively(
        LazyCustody,
        custody,
        properties={
            "place": relationship(
                LazyPlace, primaryjoin=foreign(custody.c.place_id) == place.c.id, viewonly=True
            )
        },
    )
    mapping.map_imperatively(
        LazyUnit,
        unit,
        properties={
            "children": relationship(
                LazyUnit,
                secondary=edge,
                primaryjoin=unit.c.id == edge.c.parent_id,
                secondaryjoin=unit.c.id == edge.c.child_id,
                viewonly=True,
            ),
            "lot": relationship(LazyLot, primaryjoin=foreign(unit.c.lot_id) == lot.c.id, viewonly=True),
            "custody": relationship(
                LazyCustody,
                primaryjoin=unit.c.id == foreign(custody.c.unit_id),
                order_by=custody.c.link,
                viewonly=True,
            ),
            "infusion": relationship(
                LazyInfusion,
                primaryjoin=unit.c.id == foreign(infusion.c.unit_id),
                uselist=False,
                viewonly=True,
            ),
        },
    )
    mapping.map_imperatively(
        LazyDonation,
        donation,
        properties={
            "vessel": relationship(
                LazyUnit,
                primaryjoin=donation.c.id == foreign(unit.c.donation_id),
                uselist=False,
                viewonly=True,
            )
        },
    )
    mapping.map_imperatively(
        LazyDonor,
        T["donor"],
        properties={
            "donations": relationship(
                LazyDonation, primaryjoin=T["donor"].c.id == foreign(donation.c.donor_id), viewonly=True
            )
        },
    )


_map()


def _reached(db: Session, code: str) -> list[LazyUnit]:
    donor = db.scalars(select(LazyDonor).where(T["donor"].c.code == code)).one()
    reached: dict[int, LazyUnit] = {}
    open_ = [donation.vessel for donation in donor.donations]
    while open_:
        unit = open_.pop()
        if unit.id not in reached:
            reached[unit.id] = unit
            open_.extend(unit.children)
    return list(reached.values())


def lines(site: "Site", donor: str) -> list[Line]:
    """All that a trace of a donor tells of each unit, from object to object."""
    with Session(site.db.reader) as db:
        return sorted(_line(unit) for unit in _reached(db, donor))


def _line(unit: LazyUnit) -> Line:
    return (
        unit.code,
        unit.kind,
        unit.state,
        unit.lot.code if unit.lot else None,
        unit.custody[-1].place.code if unit.state not in NOWHERE and unit.custody else None,
        unit.infusion.recipient.code if unit.infusion else None,
    )
