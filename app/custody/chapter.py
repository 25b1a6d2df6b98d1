"""What custody says in a batch record: every hand-over of every unit of the lot."""

from sqlmodel import Session, col, select

from app.custody import queries
from app.kernel.units import number
from app.lots.models import Lot, Unit
from app.paper.chapters import Block, Chapter, Facts, Heading, Table


def chapter(db: Session, lot: Lot) -> Chapter:
    """Storage, hand-overs and gaps."""
    units = db.exec(select(Unit.id, Unit.code).where(Unit.lot_id == lot.id).order_by(col(Unit.code))).all()
    rows: list[tuple[str | None, ...]] = []
    broken: list[str] = []
    for unit_id, code in units:
        if unit_id is None:
            continue
        broken += [f"{code}: {gap}" for gap in queries.gaps(db, unit_id)]
        for link in queries.chain(db, unit_id):
            celsius = "not read" if link["celsius"] is None else f"{number(link['celsius'])} °C"
            rows.append(
                (
                    code,
                    f"{link['at']:%Y-%m-%d %H:%M}",
                    link["kind"].value,
                    link["place"],
                    f"{link['giver']} → {link['taker']}",
                    link["condition"],
                    celsius,
                )
            )
    blocks: list[Block] = [
        Table(
            ("Unit", "When (UTC)", "What", "Place", "Giver → taker", "Condition", "Temperature"),
            rows,
            "Custody",
        ),
        Facts([("Gaps in custody", "; ".join(broken) or "none")]),
    ]
    return Chapter(0, Heading.DISTRIBUTION, blocks)
