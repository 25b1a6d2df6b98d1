"""Tables as CSV that a spreadsheet opens without running anything that somebody typed."""

import csv
import io
from collections.abc import Iterable, Sequence

#: A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """The table as CSV text with CRLF and a byte-order mark, so that Excel reads it as UTF-8.

    None is an empty cell. Text that a spreadsheet would take for a formula gets an apostrophe before it;
    numbers are left alone.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
