"""How old the last good backup may grow, as versioned data."""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
#: The file that judges from now on; earlier ones stay.
IN_FORCE = "limits-1"


@dataclass(frozen=True, slots=True)
class Limits:
    """One version of the limits."""

    version: str
    worry_after: timedelta


@cache
def limits(name: str = IN_FORCE) -> Limits:
    """The limits of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
    return Limits(data["version"], timedelta(hours=data["worry_after_hours"]))
