"""Cut-offs of bead results, as versioned data."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.hla.beads import CutOff, Statistic

HERE = Path(__file__).parent
#: The version that judges from now on; earlier files stay, so that old calls can be explained.
IN_FORCE = "site-1"


@cache
def cut_off(version: str = IN_FORCE) -> CutOff:
    """The cut-offs of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{version}.toml").read_text("utf-8"))
    return CutOff(
        version=data["version"],
        positive=Decimal(data["positive_mfi"]),
        grey_from=Decimal(data["grey_from_mfi"]),
        minimum_count=data["minimum_count"],
        statistic=Statistic(data["statistic"]),
    )
