"""How labels look: faces drawn on a stock, and a preview under a serial that is issued to nothing."""

from collections.abc import Sequence

from sqlmodel import Session

from app.labeling.faces import Face, faces
from app.lots.models import Unit
from labels import compose, draw, faults, layout, payload, proof

#: Pixels per point of a preview: a 100 mm label is 850 pixels wide.
SCALE = 3.0


def draw_faces(
    stock: layout.Layout, texts: Sequence[Face], serials: Sequence[str], copy_numbers: Sequence[int]
) -> bytes:
    """The labels as PDF; on a stock too narrow for them with the storage condition shortened.

    Raises labels.faults.LabelFault.
    """
    try:
        return _drawn(stock, texts, serials, copy_numbers)
    except faults.TextTooLong as fault:
        if fault.field != "storage":
            raise
        return _drawn(stock, [face.shortened for face in texts], serials, copy_numbers)


def _drawn(
    stock: layout.Layout, texts: Sequence[Face], serials: Sequence[str], copy_numbers: Sequence[int]
) -> bytes:
    pieces = [
        compose.LabelText(serial=serial, fields=face.fields, copy=copy_number)
        for serial, face, copy_number in zip(serials, texts, copy_numbers, strict=True)
    ]
    return draw.pdf(stock, pieces)


def preview(db: Session, unit: Unit, stock: layout.Layout) -> bytes | None:
    """A picture (PNG) of this unit's next label on this stock; None while a fact it needs is missing."""
    (face,) = faces(db, [unit])
    marked = Face({**face.fields, "note": "PREVIEW"})
    try:
        pdf = draw_faces(stock, [marked], [payload.issue(payload.Kind.CONTAINER)], [1])
    except faults.LabelFault:
        return None
    return proof.image(pdf, 0, SCALE)
