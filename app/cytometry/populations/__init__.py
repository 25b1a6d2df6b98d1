"""The populations of cells that are followed, each with its denominator and unit, as versioned data."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.cytometry.models import Gate, Population, Statistic
from app.kernel.speech import phrase, say

HERE = Path(__file__).parent
#: The version under which values are entered from now on; earlier files stay.
IN_FORCE = "populations-1"
_PERCENT = {
    Gate.LYMPHOCYTES: phrase("% of lymphocytes"),
    Gate.CD4: phrase("% of CD4+ cells"),
    Gate.CD19: phrase("% of CD19+ cells"),
    Gate.MONOCYTES: phrase("% of monocytes"),
    Gate.CD14: phrase("% of CD14+ cells"),
}


@dataclass(frozen=True, slots=True, order=True)
class Kind:
    """What is counted, of what, and how: the same cells are another number of another gate."""

    population: Population
    of: Gate
    statistic: Statistic

    @property
    def name(self) -> str:
        """As a column of the series and a field of a form: ``cd19_percent_of_lymphocytes``."""
        return f"{self.population}_{self.statistic}_of_{self.of}"

    @property
    def unit(self) -> str:
        """The unit with its denominator: ``% of lymphocytes``."""
        return say(
            _PERCENT[self.of] if self.statistic is Statistic.PERCENT else phrase("median fluorescence")
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """One population of one version; values from 0 to ``highest`` can be."""

    kind: Kind
    says: str
    defined: str
    highest: Decimal
    normal_from: Decimal | None
    normal_to: Decimal | None


@dataclass(frozen=True, slots=True)
class Populations:
    """One version of the list; a value so many times off the nearest former one is asked about."""

    version: str
    stop_factor: int
    followed: dict[Kind, Followed]


@cache
def populations(version: str = IN_FORCE) -> Populations:
    """The populations of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{version}.toml").read_text("utf-8"))
    found = {}
    for row in data["populations"]:
        kind = Kind(Population(row["population"]), Gate(row["of"]), Statistic(row["statistic"]))
        low, high = row.get("normal_from"), row.get("normal_to")
        found[kind] = Followed(
            kind,
            row["says"],
            row["defined"],
            Decimal(row["highest"]),
            None if low is None else Decimal(low),
            None if high is None else Decimal(high),
        )
    return Populations(data["version"], data["stop_factor"], found)
