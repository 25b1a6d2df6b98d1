"""Codes of units as people read many of them: ten bags in a row are one range."""

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.+-[A-Z])(\d+)")


def shortly(codes: Iterable[str]) -> str:
    """``MSC-25-001-B01 to B10, MSC-25-001-Q01``: codes whose numbers follow one another become a range."""
    runs: list[list[str]] = []
    for code in sorted(codes):
        if runs and _follows(runs[-1][-1], code):
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(_run(run) for run in runs)


def _follows(before: str, after: str) -> bool:
    one, two = _NUMBERED.fullmatch(before), _NUMBERED.fullmatch(after)
    return one is not None and two is not None and one[1] == two[1] and int(one[2]) + 1 == int(two[2])


def _run(codes: list[str]) -> str:
    if len(codes) < 3:
        return ", ".join(codes)
    return f"{codes[0]} to {codes[-1].rpartition('-')[2]}"
