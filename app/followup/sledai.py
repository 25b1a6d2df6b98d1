"""SLEDAI-2K: the score of its items, what it is called, and items that a laboratory value contradicts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from app.followup.analytes import Measure, Value
from app.followup.definitions import SLEDAI, data_of
from app.followup.models import Analyte, Item
from app.kernel.speech import listed, say
from app.kernel.units import number


@dataclass(frozen=True, slots=True)
class Rests:
    """The laboratory value that an item rests on, and where the item begins."""

    analyte: Analyte
    more_than: Decimal | None
    less_than: Decimal | None
    below_band: bool
    above_band: bool

    def says(self, value: Value, measure: Measure) -> bool:
        """Whether the value makes the item present."""
        if self.below_band:
            return measure.is_low(value)
        if self.above_band:
            return measure.is_high(value)
        if self.more_than is not None:
            return not value.below and value.amount > self.more_than
        return self.less_than is not None and (
            value.amount < self.less_than or (value.below and value.amount == self.less_than)
        )

    def limit(self, measure: Measure) -> str:
        """Where the item begins, in words."""
        if self.more_than is not None or self.above_band:
            edge = self.more_than if self.more_than is not None else measure.normal_to
            return say("more than {what} {unit}", what=number(edge or 0), unit=measure.unit)
        edge = self.less_than if self.less_than is not None else measure.normal_from
        return say("less than {what} {unit}", what=number(edge or 0), unit=measure.unit)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One item as it stands on the sheet; ``excludes`` are other causes that it leaves out."""

    item: Item
    weight: int
    says: str
    excludes: str
    measured: tuple[Rests, ...]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One version of the instrument."""

    version: str
    title: str
    window_days: int
    maximum: int
    items: tuple[Sheet, ...]
    bands: tuple[tuple[int, str], ...]

    def score(self, present: Iterable[Item]) -> int:
        """The sum of the weights of the items present."""
        found = frozenset(present)
        return sum(line.weight for line in self.items if line.item in found)

    def band(self, score: int) -> str:
        """How active a score is called: ``high``."""
        return [name for start, name in self.bands if score >= start][-1]

    def in_order(self, present: Iterable[Item]) -> list[Item]:
        """The items in the order of the sheet."""
        found = frozenset(present)
        return [line.item for line in self.items if line.item in found]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An item and the values that say otherwise. ``open`` when another cause may explain it."""

    line: Sheet
    present: bool
    values: str
    open: bool


def contradictions(
    instrument: Instrument,
    present: frozenset[Item],
    values: Mapping[Analyte, Value],
    measures: Mapping[Analyte, Measure],
) -> list[Contradiction]:
    """Items against their laboratory values of the same visit, heaviest first.

    An item is contradicted when it is absent though one of its values makes it present, or present though
    every value it can rest on is known and none makes it so. Source of the pairs: the items' own definitions.
    """
    found = []
    for line in instrument.items:
        known = [rests for rests in line.measured if rests.analyte in values]
        telling = [rests for rests in known if rests.says(values[rests.analyte], measures[rests.analyte])]
        is_present = line.item in present
        if is_present and not telling and known and len(known) == len(line.measured):
            found.append(Contradiction(line, True, _told(known, values, measures), False))
        elif telling and not is_present:
            found.append(Contradiction(line, False, _told(telling, values, measures), bool(line.excludes)))
    return found


def _told(rests: list[Rests], values: Mapping[Analyte, Value], measures: Mapping[Analyte, Measure]) -> str:
    told = [
        say(
            "{name} {value} (the item begins at {limit})",
            name=measures[one.analyte].says,
            value=measures[one.analyte].told(values[one.analyte]),
            limit=one.limit(measures[one.analyte]),
        )
        for one in rests
    ]
    return listed(told, "; ")


@cache
def instrument(version: str = SLEDAI) -> Instrument:
    """The instrument of a version. Raises ValueError when its items are not those of the sheet."""
    data = data_of(version)
    items = tuple(_sheet(row) for row in data["items"])
    if [line.item for line in items] != list(Item) or sum(line.weight for line in items) != data["maximum"]:
        raise ValueError(f"{version}: the items or their weights are not those of SLEDAI-2K")
    return Instrument(
        data["version"],
        data["title"],
        data["window_days"],
        data["maximum"],
        items,
        tuple((band["from"], band["name"]) for band in data["bands"]),
    )


def _sheet(row: Mapping[str, Any]) -> Sheet:
    measured = tuple(
        Rests(
            Analyte(one["analyte"]),
            Decimal(one["more_than"]) if "more_than" in one else None,
            Decimal(one["less_than"]) if "less_than" in one else None,
            one.get("below_band", False),
            one.get("above_band", False),
        )
        for one in row.get("measured", ())
    )
    return Sheet(Item(row["item"]), row["weight"], row["says"], row.get("excludes", ""), measured)
