"""How a label will look: drawn under a serial that is issued to nothing, marked as a preview."""

from sqlmodel import Session

from app.labeling.faces import faces
from app.lots.models import Unit
from labels import compose, draw, faults, layout, payload, proof

#: Pixels per point: a 100 mm label is 850 pixels wide.
SCALE = 3.0


def preview(db: Session, unit: Unit, stock: layout.Layout) -> bytes | None:
    """A picture (PNG) of this unit's next label on this stock; None while a fact it needs is missing."""
    (face,) = faces(db, [unit])
    fields = {**face.fields, "note": "PREVIEW"}
    text = compose.LabelText(serial=payload.issue(payload.Kind.CONTAINER), fields=fields)
    try:
        return proof.image(draw.pdf(stock, [text]), 0, SCALE)
    except faults.LabelFault:
        return None
