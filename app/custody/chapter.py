"""What custody says in a batch record: every hand-over of every unit of the lot, and every shipment."""

from collections.abc import Set

from sqlmodel import Session, col, select

from app.custody import queries
from app.custody import shipment_queries as shipped
from app.kernel.speech import listed, say, word
from app.kernel.tables import known
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
        *_shipments(db, lot, {code for _, code in units}),
        Facts([("Gaps in custody", "; ".join(broken) or "none")]),
    ]
    return Chapter(0, Heading.DISTRIBUTION, blocks)


def _shipments(db: Session, lot: Lot, units: Set[str]) -> list[Block]:
    """The shipments of the lot's units, each with what its logger says; nothing where none was shipped."""
    found = shipped.shipments_of_lot(db, known(lot.id))
    rows = [(*_journey(line, units), *_logger(db, line)) for line in shipped.lines(db, found)]
    heads = ("Shipment", "Units", "Way", "Sent and received (UTC)", "Logger", "Warmest", "Verdict")
    return [Table(heads, rows, "Shipments")] if rows else []


def _journey(line: shipped.Line, units: Set[str]) -> tuple[str, ...]:
    """The way of a shipment, and what of this lot travelled in it."""
    times = [f"{at:%Y-%m-%d %H:%M}" if at else "no" for at in (line.sent_at, line.received_at)]
    way = say(
        "{origin} → {destination}, in {shipper}",
        origin=line.origin,
        destination=line.destination,
        shipper=line.shipper,
    )
    return line.code, ", ".join(unit for unit in line.units if unit in units), way, " → ".join(times)


def _logger(db: Session, line: shipped.Line) -> tuple[str, ...]:
    made = shipped.judgements(db, line.id)
    if not made:
        return line.logger, say("not known"), say("{state}, logger not judged", state=word(line.state))
    last = made[-1]
    warmest = say("not known") if last.warmest_celsius is None else f"{number(last.warmest_celsius)} °C"
    told: list[str] = [say("{verdict}, limits {limits}.", verdict=word(last.verdict), limits=last.limits)]
    told += [f"{part.rstrip('.')}." for part in (last.findings, last.reason) if part]
    if len(made) > 1:
        told.append(say("Replaces {earlier} earlier.", earlier=len(made) - 1))
    return line.logger, warmest, listed(told, " ")
