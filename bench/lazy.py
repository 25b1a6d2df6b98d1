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


class Coded:
    """Anything with a code."""

    code: str


class LazyRecipient(Coded):
    """A recipient."""


class LazyInfusion:
    """An infusion, which knows its recipient."""

    recipient: LazyRecipient


class LazyUnit(Coded):
    """A unit, which knows its children and its infusion."""

    id: int
    children: "list[LazyUnit]"
    infusion: LazyInfusion | None


class LazyDonation:
    """A donation, which knows its tissue."""

    vessel: LazyUnit


class LazyDonor(Coded):
    """A donor, who knows the donations."""

    donations: list[LazyDonation]


def _map() -> None:
    """Tell SQLAlchemy how the classes hang together, once."""
    unit, edge, infusion = T["unit"], T["edge"], T["infusion"]
    recipient, donation = T["recipient"], T["donation"]
    mapping.map_imperatively(LazyRecipient, recipient)
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


def recipients(site: "Site", donor: str) -> list[str]:
    """Everybody who received anything of a donor, from object to object."""
    with Session(site.db.reader) as db:
        infusions = (unit.infusion for unit in _reached(db, donor))
        return sorted({infusion.recipient.code for infusion in infusions if infusion})
