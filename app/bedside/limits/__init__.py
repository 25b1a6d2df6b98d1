"""Limits at the bedside, as versioned data."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
#: The file that judges from now on; earlier ones stay, so that old checks can be explained.
IN_FORCE = "limits-1"


@dataclass(frozen=True, slots=True)
class Limits:
    """One version of the limits."""

    version: str
    check: timedelta
    thaw_to_infusion: timedelta
    clock_tolerance: timedelta


@cache
def limits(name: str = IN_FORCE) -> Limits:
    """The limits of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
    return Limits(
        data["version"],
        timedelta(minutes=data["check_minutes"]),
        timedelta(minutes=data["thaw_to_infusion_minutes"]),
        timedelta(minutes=data["clock_tolerance_minutes"]),
    )
