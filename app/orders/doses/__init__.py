"""Dose ranges of each product, as versioned data."""

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
#: The version that judges from now on; earlier files stay, so that old orders can be explained.
IN_FORCE = "doses-1"
#: Density of dimethyl sulfoxide at 20 °C, g/mL (Ph. Eur.: 1.100 to 1.104).
DMSO_G_PER_ML = Decimal("1.1")


@dataclass(frozen=True, slots=True)
class DoseRange:
    """What is usual for one product, in viable cells."""

    product: str
    lowest_viable_cells: int
    highest_viable_cells: int
    lowest_viable_cells_per_kg: int
    highest_viable_cells_per_kg: int
    routes: tuple[str, ...]
    dmso_percent: Decimal

    def dmso_g(self, volume_ml: Decimal) -> Decimal:
        """DMSO in a bag of this volume, in g: volume × % by volume × density."""
        return volume_ml * self.dmso_percent / 100 * DMSO_G_PER_ML


@dataclass(frozen=True, slots=True)
class DoseRules:
    """One version of the dose rules."""

    version: str
    window_percent: int
    weight_age_days: int
    weight_change_factor: int
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
        weight_change_factor=data["weight_change_factor"],
        dmso_limit_g_per_kg=Decimal(data["dmso_limit_g_per_kg"]),
        products=tuple(
            DoseRange(
                product["name"],
                product["lowest_viable_cells"],
                product["highest_viable_cells"],
                product["lowest_viable_cells_per_kg"],
                product["highest_viable_cells_per_kg"],
                tuple(product["routes"]),
                Decimal(product["dmso_percent"]),
            )
            for product in data["products"]
        ),
    )
