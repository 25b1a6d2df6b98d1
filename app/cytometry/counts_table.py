"""The laboratory's table of populations as a CSV file: one line for each, with its denominator."""

import csv
import io
from decimal import Decimal

from pydantic_core import PydanticCustomError

from app.cytometry.models import Gate, Population, Statistic
from app.cytometry.populations import Kind, populations
from app.cytometry.rules import table_unreadable
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.web.forms import plain_decimal

HEADER = ("population", "of", "statistic", "value")
#: More lines than there are populations are another table.
MOST_LINES = 200
MAX_BYTES = 100_000


def read_table(data: bytes) -> dict[Kind, Decimal] | Refusal:
    """The values of a table, or the first line that cannot be read.

    The header is ``population,of,statistic,value``; commas, semicolons or tabs part the columns, and a point
    the decimals: a comma as decimal mark is refused, never guessed.
    """
    if len(data) > MAX_BYTES:
        return table_unreadable(1, say("the file is far larger than such a table"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return table_unreadable(1, say("the file is no text in UTF-8"))
    lines = text.splitlines()
    separator = next((one for one in ",;\t" if one in (lines[0] if lines else "")), ",")
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        return table_unreadable(1, say("quotes in the file are not closed"))
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != HEADER:
        return table_unreadable(1, say("the header is not {HEADER}", HEADER=",".join(HEADER)))
    if len(rows) > MOST_LINES:
        return table_unreadable(MOST_LINES, say("the file has more lines than such a table"))
    return _values(rows[1:])


def _values(rows: list[list[str]]) -> dict[Kind, Decimal] | Refusal:
    found: dict[Kind, Decimal] = {}
    for line, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        kind = _kind(cells)
        if isinstance(kind, str):
            return table_unreadable(line, kind)
        if kind in found:
            return table_unreadable(line, say("{name} stands there twice", name=kind.name))
        try:
            value = plain_decimal(cells[3].strip())
        except PydanticCustomError:
            return table_unreadable(line, say("the value is no number with a point, such as 14 or 3.1"))
        assert isinstance(value, Decimal)
        if value != round(value, 2):
            return table_unreadable(line, say("the value has more than two digits after the point"))
        found[kind] = value
    return found


def _kind(cells: list[str]) -> Kind | str:
    """What a line counts, or why that is not known."""
    if len(cells) != len(HEADER):
        return say("it has {cells} columns instead of {HEADER}", cells=len(cells), HEADER=len(HEADER))
    words = [cell.strip().lower() for cell in cells]
    try:
        kind = Kind(Population(words[0]), Gate(words[1]), Statistic(words[2]))
    except ValueError:
        return say("its population, denominator or statistic is not one that is followed")
    return kind if kind in populations().followed else say("{name} is not followed here", name=kind.name)
