"""The bench's batch record as the product draws it; imports no more than a record needs."""

from app.paper.chapters import Chapter, Table
from app.paper.pdf import Sheet, render
from bench.html_record import HEADINGS, ROWS, rows

SHEET = Sheet("Batch record", "MSC-25-001", "Bench site", "DXH19TF06CPP314V", 1, "2026-01-01 by quinn")


def ours(count: int = ROWS) -> tuple[bytes, int]:
    """Bytes and pages."""
    made = render(SHEET, [Chapter(1, "Units and their fates", [Table(HEADINGS, rows(count))])])
    return made.data, made.pages
