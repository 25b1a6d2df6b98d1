"""The page with a fresh wristband."""

from collections.abc import Sequence
from datetime import date

from app.kernel.refusals import Refusal
from app.labeling.wording import stock_words
from app.recipients.rules import not_printable
from labels import draw as drawing
from labels import layout
from labels.compose import LabelText
from labels.faults import FieldFault

#: The label stock wristbands are printed on.
STOCK = "wristband-150x25"


def draw(
    serial: str,
    code: str,
    name: str,
    born_on: date,
    record_number: str,
    site: str = "",
    note: str = "",
    languages: Sequence[str] = ("en",),
) -> bytes | Refusal:
    """One wristband as PDF: name, birth date and record number for people, the serial alone in the symbol.

    Refused where a text does not fit the band or holds a character its letters lack.
    """
    fields = {"recipient": code, "name": name, "born": born_on.isoformat(), "record": record_number}
    fields |= {"site": site, "note": note}
    try:
        stock = layout.load(STOCK)
        words = stock_words(stock, languages)
        return drawing.pdf(stock, [LabelText(serial=serial, fields=fields, words=words)])
    except FieldFault as fault:
        return not_printable(fault.field)
