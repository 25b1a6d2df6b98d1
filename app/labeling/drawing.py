"""How labels look: faces drawn on a stock, and a preview under a serial that is issued to nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from app.evidence.vault import Vault
from app.kernel import clock
from app.kernel.speech import say, told
from app.labeling.faces import Face, faces
from app.labeling.wording import stock_words
from app.lots.models import Unit
from labels import compose, draw, faults, layout, payload, proof
from labels import signed as second_code

#: Pixels per point of a preview: a 100 mm label is 850 pixels wide.
SCALE = 3.0


@dataclass(frozen=True, slots=True)
class Piece:
    """One label to be: serial, copy number, and the second code where the stock has a place for it."""

    serial: str
    copy_number: int = 1
    signed: str | None = None


def pieces(
    vault: Vault, stock: layout.Layout, serials: Sequence[str], copy_numbers: Sequence[int]
) -> list[Piece]:
    """The pieces of a job; on larger stocks with the site's signature over each serial."""
    return [
        Piece(serial, copy_number, _signed(vault, serial) if stock.signed else None)
        for serial, copy_number in zip(serials, copy_numbers, strict=True)
    ]


def _signed(vault: Vault, serial: str) -> str:
    return second_code.write(serial, vault.sign(second_code.statement(serial)))


def draw_faces(stock: layout.Layout, texts: Sequence[Face], job: Sequence[Piece]) -> bytes:
    """The labels as PDF; on a stock too narrow for them with the storage condition shortened.

    Raises labels.faults.LabelFault.
    """
    try:
        return _drawn(stock, texts, job)
    except faults.TextTooLong as fault:
        if fault.field != "storage":
            raise
        return _drawn(stock, [face.shortened for face in texts], job)


def _drawn(stock: layout.Layout, texts: Sequence[Face], job: Sequence[Piece]) -> bytes:
    return draw.pdf(
        stock,
        [
            compose.LabelText(
                piece.serial,
                face.fields,
                piece.signed,
                piece.copy_number,
                stock_words(stock, face.languages),
            )
            for piece, face in zip(job, texts, strict=True)
        ],
    )


def preview(db: Session, unit: Unit, stock: layout.Layout) -> bytes | None:
    """A picture (PNG) of this unit's next label on this stock; None while a fact it needs is missing."""
    (face,) = faces(db, [unit], clock.now())
    marked = replace(face, fields={**face.fields, "note": told(say("PREVIEW"), face.languages[0])})
    try:
        serial = payload.issue(payload.Kind.CONTAINER)
        # Shown in its place and signed by nobody: a preview is no label.
        unsigned = bytes(range(second_code.SIGNATURE_BYTES))
        signed = second_code.write(serial, unsigned) if stock.signed else None
        pdf = draw_faces(stock, [marked], [Piece(serial, signed=signed)])
    except faults.LabelFault:
        return None
    return proof.image(pdf, 0, SCALE)
