"""The populations of cells that are followed, each with its denominator and unit, as versioned data."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from app.cytometry.models import Gate, Population, Statistic

HERE = Path(__file__).parent
#: The version under which values are entered from now on; earlier files stay.
IN_FORCE = "populations-1"
_GATES = {Gate.CD4: "CD4+ cells", Gate.CD14: "CD14+ cells", Gate.CD19: "CD19+ cells"}


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
    def denominator(self) -> str:
        """The gate in words."""
        return _GATES.get(self.of, self.of.value)

    @property
    def unit(self) -> str:
        """The unit with its denominator: ``% of lymphocytes``."""
        return f"% of {self.denominator}" if self.statistic is Statistic.PERCENT else "median fluorescence"


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
