"""Drugs in prednisone equivalents, and by how much they were cut since the baseline."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from app.followup.definitions import STEROIDS, data_of
from app.followup.models import Drug

STEP = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Dosing:
    """One drug of one version; ``as_prednisone_5mg`` is None for what is no steroid."""

    drug: Drug
    as_prednisone_5mg: Decimal | None
    highest_mg: Decimal


@dataclass(frozen=True, slots=True)
class DrugTable:
    """One version of the drugs."""

    version: str
    drugs: Mapping[Drug, Dosing]
    stop_factor: int
    target_at_most_mg: Decimal
    target: str

    def prednisone_mg(self, doses: Mapping[Drug, Decimal]) -> Decimal:
        """All steroids of a list together as prednisone, mg a day, to a hundredth."""
        total = Decimal(0)
        for drug, mg in doses.items():
            equivalent = self.drugs[drug].as_prednisone_5mg
            if equivalent is not None:
                total += mg * 5 / equivalent
        return total.quantize(STEP, ROUND_HALF_EVEN)

    def is_steroid(self, drug: Drug) -> bool:
        """Whether the drug counts as prednisone."""
        return self.drugs[drug].as_prednisone_5mg is not None


def reduction(before: Decimal, now: Decimal) -> int | None:
    """By how many percent a dose was cut, negative when it rose; None where there was none to cut."""
    if before <= 0:
        return None
    return int((100 * (before - now) / before).to_integral_value(ROUND_HALF_EVEN))


@cache
def drug_table(version: str = STEROIDS) -> DrugTable:
    """The drugs of a version."""
    data = data_of(version)
    drugs = {
        Drug(row["drug"]): Dosing(
            Drug(row["drug"]),
            Decimal(row["as_prednisone_5mg"]) if "as_prednisone_5mg" in row else None,
            Decimal(row["highest_mg"]),
        )
        for row in data["drugs"]
    }
    return DrugTable(
        data["version"], drugs, data["stop_factor"], Decimal(data["target_at_most_mg"]), data["target"]
    )
