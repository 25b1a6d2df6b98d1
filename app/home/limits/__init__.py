"""When something has waited too long, as versioned data."""

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
    result_pending: timedelta
    material: timedelta
    calibration: timedelta
    fate_open: timedelta


@cache
def limits(name: str = IN_FORCE) -> Limits:
    """The limits of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
    return Limits(
        data["version"],
        timedelta(days=data["result_pending_days"]),
        timedelta(days=data["material_days"]),
        timedelta(days=data["calibration_days"]),
        timedelta(days=data["fate_open_days"]),
    )
