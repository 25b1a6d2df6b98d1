"""Units, limits of what a patient can show, bands and targets of what is measured at a visit."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache

from app.followup.definitions import ANALYTES, data_of
from app.followup.models import Analyte
from app.kernel.speech import phrase, say
from app.kernel.units import number


@dataclass(frozen=True, slots=True)
class Value:
    """A value in the unit of its analyte; ``below`` when the laboratory reported less than it."""

    amount: Decimal
    below: bool = False

    def __str__(self) -> str:
        return f"< {number(self.amount)}" if self.below else number(self.amount)


@dataclass(frozen=True, slots=True)
class Measure:
    """One analyte of one version. ``other_unit`` is one that may be typed; times ``other_factor`` it becomes
    the unit in which values are kept."""

    analyte: Analyte
    says: str
    unit: str
    places: int
    lowest: Decimal
    highest: Decimal
    normal_from: Decimal | None
    normal_to: Decimal | None
    target_below: Decimal | None
    target: str
    other_unit: str
    other_factor: Decimal
    #: How many times off the nearest former value an entry is asked about; 0 for what may swing so far.
    stop_factor: int

    def told(self, value: Value) -> str:
        """A value with its unit: ``3.8 g/24 h``."""
        return say("{value} {unit}", value=str(value), unit=self.unit)

    @property
    def band(self) -> str:
        """The reference band in words: ``45 to 104 µmol/L``."""
        if self.normal_from is None or self.normal_to is None:
            edge = self.normal_to if self.normal_from is None else self.normal_from
            if edge is None:
                return ""
            words = phrase("at most {edge} {unit}")
            if self.normal_to is None:
                words = phrase("at least {edge} {unit}")
            return say(words, edge=number(edge), unit=self.unit)
        edges = {"low": number(self.normal_from), "high": number(self.normal_to)}
        return say("{low} to {high} {unit}", **edges, unit=self.unit)

    def from_other(self, value: Value) -> Value:
        """A value typed in the other unit, in the unit of the analyte, rounded to its places."""
        step = Decimal(1).scaleb(-self.places)
        return Value((value.amount * self.other_factor).quantize(step, ROUND_HALF_EVEN), value.below)

    def is_low(self, value: Value) -> bool:
        """Whether the value surely lies below the band."""
        if self.normal_from is None:
            return False
        return value.amount < self.normal_from or (value.below and value.amount == self.normal_from)

    def is_high(self, value: Value) -> bool:
        """Whether the value surely lies above the band."""
        return not value.below and self.normal_to is not None and value.amount > self.normal_to


@cache
def measures(version: str = ANALYTES) -> dict[Analyte, Measure]:
    """Every analyte of a version, in the order of its file."""
    return {
        Analyte(row["analyte"]): Measure(
            analyte=Analyte(row["analyte"]),
            says=row["says"],
            unit=row["unit"],
            places=row["places"],
            lowest=Decimal(row["lowest"]),
            highest=Decimal(row["highest"]),
            normal_from=_decimal(row.get("normal_from")),
            normal_to=_decimal(row.get("normal_to")),
            target_below=_decimal(row.get("target_below")),
            target=row.get("target", ""),
            other_unit=row.get("other_unit", ""),
            other_factor=Decimal(row.get("other_factor", "1")),
            stop_factor=row.get("stop_factor", data_of(version)["stop_factor"]),
        )
        for row in data_of(version)["analytes"]
    }


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
