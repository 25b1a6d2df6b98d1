"""Codes people speak in: unique in the site, never reused, never edited."""

import re
from datetime import datetime

from sqlmodel import Session, col, select


def next_code(db: Session, column: str, prefix: str, at: datetime, width: int = 3) -> str:
    """The next code of the year, such as ``ORD-25-004``; asked inside the act that takes it.

    ``column`` is the code's column of the table class, such as ``DoseOrder.code``.
    """
    return _next(db, column, f"{prefix}-{at:%y}-", width)


def next_plain(db: Session, column: str, prefix: str, width: int) -> str:
    """The next code without a year, such as ``D-0010`` or ``LN-04``."""
    return _next(db, column, f"{prefix}-", width)


def _next(db: Session, column: str, start: str, width: int) -> str:
    taken = db.exec(select(col(column)).where(col(column).startswith(start, autoescape=True))).all()
    whole = re.compile(re.escape(start) + r"(\d+)")
    numbers = [int(found[1]) for code in taken if (found := whole.fullmatch(code))]
    return f"{start}{max(numbers, default=0) + 1:0{width}d}"
