"""The compensation matrix written in an FCS file: is it whole, and can it be inverted?

It is only judged, never applied: the numbers of record are those the laboratory signed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.cytometry.fcs_privacy import plain
from app.kernel.speech import say

KEYWORDS = ("$SPILLOVER", "SPILL", "SPILLOVER")
#: Above this the inverse amplifies the noise of a detector a million times.
MAX_CONDITION = 1e6


@dataclass(frozen=True, slots=True)
class Spill:
    """One spill matrix: the detectors, the rows of fractions, and why it cannot be used (None: it can)."""

    keyword: str
    channels: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    fault: str | None

    @property
    def valid(self) -> bool:
        return self.fault is None


def read_spill(keywords: Mapping[str, str], names: Sequence[str], most: int) -> Spill | None:
    """The matrix of the first spill keyword present, or None. ``names`` are the $PnN, ``most`` the side."""
    keyword = next((name for name in KEYWORDS if keywords.get(name, "").strip()), None)
    if keyword is None:
        return None
    text = keywords[keyword]
    side = _whole(text[:8].replace(";", ",").split(",", 1)[0])
    if side is None or not 1 <= side <= most:
        return Spill(
            keyword, (), (), say("it does not begin with a number of detectors from 1 to {most}", most=most)
        )
    # no more pieces than could belong to the matrix: the text may be megabytes long
    most_parts = side * (side + 1) + 1
    parts = [part.strip() for part in text.split(",", most_parts)]
    if len(parts) != most_parts and ";" in text:
        # some programs separate by semicolons where the computer's language has a decimal comma
        parts = [part.strip().replace(",", ".") for part in text.split(";", most_parts)]
    if len(parts) != most_parts:
        return Spill(keyword, (), (), _miscount(text, side, len(parts) - 1 - side))
    channels = tuple(plain(part) for part in parts[1 : side + 1])
    numbers = [_number(part) for part in parts[side + 1 :]]
    figures = [number for number in numbers if number is not None]
    if len(figures) != len(numbers):
        return Spill(keyword, channels, (), say("one of its entries is not a number"))
    rows = tuple(tuple(figures[at : at + side]) for at in range(0, side * side, side))
    return Spill(keyword, channels, rows, _fault(channels, rows, names))


def _fault(
    channels: tuple[str, ...], rows: tuple[tuple[float, ...], ...], names: Sequence[str]
) -> str | None:
    unknown = [channel for channel in channels if channel not in names]
    if unknown:
        return say("the file has no channel named {unknown}", unknown=unknown[0])
    if len(set(channels)) != len(channels):
        return say("a detector is named twice")
    if condition_number(rows) >= MAX_CONDITION:
        return say("it cannot be inverted (its rows depend on one another)")
    return None


def condition_number(rows: tuple[tuple[float, ...], ...]) -> float:
    """How much the inverse of the matrix can amplify noise; infinite when there is no inverse."""
    import numpy as np

    values = np.linalg.svd(np.array(rows, dtype=np.float64), compute_uv=False)
    smallest = float(values[-1])
    return float(values[0]) / smallest if smallest > 0 else float("inf")


def _miscount(text: str, side: int, found: int) -> str:
    if _commas(text, side):
        return say("its numbers are written with a decimal comma")
    if found <= 0:
        return say("the {side} × {side} numbers are missing", side=side)
    return say(
        "it should have {side} numbers and has {what}",
        side=side * side,
        what="more" if found > side * side else found,
    )


def _commas(text: str, side: int) -> bool:
    """True when every number seems cut in two: '0,95' counted as 0 and 95 (whole numbers stay whole)."""
    parts = text.split(",")
    return side * side < len(parts) - 1 - side <= 2 * side * side and "." not in text


def _whole(text: str) -> int | None:
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _number(text: str) -> float | None:
    """A finite number with a decimal point, below 10⁹ in size (a spill fraction is near 1)."""
    if not re.fullmatch(r"[+-]?(\d{1,20}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,3})?", text):
        return None
    value = float(text)
    return value if abs(value) < 1e9 else None
