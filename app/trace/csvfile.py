"""A trace as CSV: one line a unit, safe to open in a spreadsheet."""

import csv
import io

from app.trace.queries import Trace, UnitLine

HEADINGS = ("unit", "kind", "state", "lot", "place", "recipient", "direction")


def as_csv(found: Trace) -> str:
    """One line a unit, after its headings; the direction is seen from the subject."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(HEADINGS)
    for unit in found.units:
        cells = (
            unit.code,
            unit.kind,
            unit.state,
            unit.lot,
            unit.place,
            unit.recipient,
            direction(found, unit),
        )
        lines.writerow([harmless(cell or "") for cell in cells])
    return out.getvalue()


def direction(found: Trace, unit: UnitLine) -> str:
    """Where the unit stands, seen from the subject."""
    if unit.code in found.is_itself:
        return "subject"
    return "came from" if unit.code in found.came_from else "went to"


def harmless(cell: str) -> str:
    """Text that a spreadsheet takes for text: what begins like a formula gets an apostrophe before it.

    Source: OWASP, CSV injection.
    """
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
