"""What labeling says in a batch record: every printed piece, and that they balance."""

from sqlmodel import Session, col, select

from app.kernel.tables import known
from app.labeling import queries
from app.lots.models import Lot, Unit
from app.paper.chapters import Chapter, Facts, Heading, Table
from labels import payload


def chapter(db: Session, lot: Lot) -> Chapter:
    """Labels printed and where each piece went."""
    counted = queries.reconciliation(db, known(lot.id))
    units = db.exec(select(Unit.id).where(Unit.lot_id == lot.id).order_by(col(Unit.code))).all()
    pieces = [piece for unit_id in units if unit_id for piece in queries.labels_of_unit(db, unit_id)]
    difference = (
        counted.printed - counted.ever_applied - counted.spoiled - counted.specimen - counted.returned
    )
    return Chapter(
        0,
        Heading.LABELS,
        [
            Facts(
                [
                    ("Printed", str(counted.printed)),
                    ("Ever applied", str(counted.ever_applied)),
                    ("Spoiled", str(counted.spoiled)),
                    ("Specimen", str(counted.specimen)),
                    ("Returned", str(counted.returned)),
                    ("Of these destroyed", str(counted.destroyed)),
                    ("Unaccounted for", str(difference)),
                ]
            ),
            Table(
                ("Unit", "Serial", "Copy", "State", "Reason"),
                [
                    (
                        piece["unit"],
                        payload.grouped(piece["serial"]),
                        str(piece["copy_number"]),
                        piece["state"].value,
                        piece["void_reason"] or piece["reprint_reason"] or "none needed",
                    )
                    for piece in pieces
                ],
            ),
        ],
    )
