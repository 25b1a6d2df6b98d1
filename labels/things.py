"""Labels for things that stay: places and devices, each with its own serial, its code and its name."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import draw, layout
from labels.compose import LabelText
from labels.faults import FieldFault

#: The stocks they are printed on.
PLACE, EQUIPMENT = "place-50x25", "equipment-50x25"
#: Characters of a code in one row of the label, and the rows there are.
ROW_MOST, ROWS = 15, 3


@dataclass(frozen=True, slots=True)
class Thing:
    """What one label says."""

    serial: str
    code: str
    name: str


def in_rows(code: str, rows: int = ROWS) -> str:
    """A code with blanks where it breaks into rows: behind its last sign that fits, else where it is full."""
    if len(code) <= ROW_MOST:
        return code
    signs = [at + 1 for at, sign in enumerate(code[:ROW_MOST]) if sign in "-/."]
    at = signs[-1] if signs and len(code) - signs[-1] <= (rows - 1) * ROW_MOST else ROW_MOST
    return f"{code[:at]} {in_rows(code[at:], rows - 1)}"


def pdf(stock: str, things: Sequence[Thing], note: str = "") -> bytes:
    """A page for each thing. Codes have at most 40 ASCII characters.

    Where a name does not fit, or holds a letter the fonts lack, names are left out: the code is what counts.
    """
    chosen = layout.load(stock)
    try:
        return draw.pdf(chosen, [_face(one, one.name, note) for one in things])
    except FieldFault:
        return draw.pdf(chosen, [_face(one, "", note) for one in things])


def _face(one: Thing, name: str, note: str) -> LabelText:
    return LabelText(one.serial, {"thing": in_rows(one.code), "thing_name": name, "note": note})
