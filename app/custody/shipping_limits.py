"""Limits of a journey: how cold the shipper must stay and how often its logger reads; data, never code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.concerns.models import Severity

FOLDER = Path(__file__).parent / "limits"
#: The limits this site judges by: the name of a file in `FOLDER`.
IN_FORCE = "shipping-1"


class BadLimits(ValueError):
    """A file of limits that cannot be used; says which file, where, and what is wrong."""


class Shipping(BaseModel):
    """One version of the limits by which journeys are judged."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(max_length=20)]
    title: str
    celsius_at_most: Annotated[float, Field(ge=-200, le=40)]
    source: str
    longest_gap_minutes: Annotated[int, Field(gt=0, le=1440)]
    journey_at_most_hours: Annotated[int, Field(gt=0, le=1000)]
    excursion: Severity
    not_proven: Severity
    missing: Severity


def read_limits(path: Path) -> Shipping:
    """The limits in a TOML file. Raises BadLimits naming the file, the place and the fault."""
    try:
        limits = Shipping.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as faults:
        fault = faults.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole file"
        raise BadLimits(f"{path.name}: {place}: {fault['msg']}") from faults
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadLimits(f"{path.name}: {fault}") from fault
    if limits.name != path.stem:
        raise BadLimits(f"{path.name}: name: the limits are called {limits.name}, not like their file")
    return limits


@cache
def shipping_limits(name: str = IN_FORCE) -> Shipping:
    """Limits that ship with Hilo, read once."""
    return read_limits(FOLDER / f"{name}.toml")
