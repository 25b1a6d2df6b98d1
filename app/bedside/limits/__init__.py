"""Limits at the bedside, as versioned data."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from app.bedside.models import Overridable, VitalsPoint

HERE = Path(__file__).parent
#: The file that judges from now on; earlier ones stay, so that old checks can be explained.
IN_FORCE = "limits-1"


@dataclass(frozen=True, slots=True)
class Due:
    """When vital signs are due after the start, and how far from it they count as taken in time."""

    after: timedelta
    tolerance: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """One version of the limits."""

    version: str
    check: timedelta
    thaw_to_infusion: timedelta
    thaw_warning: timedelta
    overridable: frozenset[Overridable]
    override: timedelta
    rest_needs_reason_percent: int
    reaction_deviation_grade: int
    clock_tolerance: timedelta
    vitals: Mapping[VitalsPoint, Due]
    #: Lowest and highest value that can be measured, by the name of the column.
    measurable: Mapping[str, tuple[int, int]]


@cache
def limits(name: str = IN_FORCE) -> Limits:
    """The limits of a version. Raises FileNotFoundError for a version that is not shipped."""
    return read_limits((HERE / f"{name}.toml").read_text("utf-8"))


def read_limits(text: str) -> Limits:
    """Limits from their text. Raises ValueError where it makes a reason overridable that never may be."""
    data = tomllib.loads(text)
    return Limits(
        version=data["version"],
        check=_minutes(data["check_minutes"]),
        thaw_to_infusion=_minutes(data["thaw_to_infusion_minutes"]),
        thaw_warning=_minutes(data["thaw_warning_minutes"]),
        overridable=frozenset(Overridable(reason) for reason in data["overridable"]),
        override=_minutes(data["override_minutes"]),
        rest_needs_reason_percent=data["rest_needs_reason_percent"],
        reaction_deviation_grade=data["reaction_deviation_grade"],
        clock_tolerance=_minutes(data["clock_tolerance_minutes"]),
        vitals={VitalsPoint(one["point"]): _due(one) for one in data["vitals"]},
        measurable={name: (low, high) for name, (low, high) in data["measurable"].items()},
    )


def _due(one: Mapping[str, Any]) -> Due:
    return Due(_minutes(one["after_minutes"]), _minutes(one["tolerance_minutes"]))


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)
