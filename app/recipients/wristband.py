"""The page with a fresh wristband."""

from datetime import date

from app.kernel.refusals import Refusal
from app.recipients.rules import not_printable
from labels import draw as drawing
from labels import layout
from labels.compose import LabelText
from labels.faults import FieldFault

#: The label stock wristbands are printed on.
STOCK = "wristband-150x25"


def draw(
    serial: str, code: str, name: str, born_on: date, record_number: str, site: str = "", note: str = ""
) -> bytes | Refusal:
    """One wristband as PDF: name, birth date and record number for people, the serial alone in the symbol.

    Refused where a text does not fit the band or holds a character its letters lack.
    """
    fields = {"recipient": code, "name": name, "born": born_on.isoformat(), "record": record_number}
    fields |= {"site": site, "note": note}
    try:
        return drawing.pdf(layout.load(STOCK), [LabelText(serial=serial, fields=fields)])
    except FieldFault as fault:
        return not_printable(fault.field)
