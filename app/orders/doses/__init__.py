"""Dose ranges of each product, as versioned data."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
#: The version that judges from now on; earlier files stay, so that old orders can be explained.
IN_FORCE = "doses-1"


@dataclass(frozen=True, slots=True)
class DoseRange:
    """What is usual for one product, in viable cells."""

    product: str
    lowest_viable_cells: int
    highest_viable_cells: int
    routes: tuple[str, ...]
    dmso_g_per_ml: Decimal


@dataclass(frozen=True, slots=True)
class DoseRules:
    """One version of the dose rules."""

    version: str
    window_percent: int
    weight_age_days: int
    dmso_limit_g_per_kg: Decimal
    products: tuple[DoseRange, ...]

    def range_of(self, product: str) -> DoseRange | None:
        """The range of a product, or None where none is adopted."""
        return next((known for known in self.products if known.product == product), None)

    def window(self, dose_viable_cells: int) -> tuple[int, int]:
        """Lowest and highest viable cells of a bag that may be given for this dose."""
        part = dose_viable_cells * self.window_percent // 100
        return dose_viable_cells - part, dose_viable_cells + part


@cache
def dose_rules(version: str = IN_FORCE) -> DoseRules:
    """The dose rules of a version. Raises FileNotFoundError for a version that is not shipped."""
    data = tomllib.loads((HERE / f"{version}.toml").read_text("utf-8"))
    return DoseRules(
        version=data["version"],
        window_percent=data["window_percent"],
        weight_age_days=data["weight_age_days"],
        dmso_limit_g_per_kg=Decimal(data["dmso_limit_g_per_kg"]),
        products=tuple(
            DoseRange(
                product["name"],
                product["lowest_viable_cells"],
                product["highest_viable_cells"],
                tuple(product["routes"]),
                Decimal(product["dmso_g_per_ml"]),
            )
            for product in data["products"]
        ),
    )
