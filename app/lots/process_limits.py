"""Process limits: how far cells may be expanded and how long a lot keeps; data, never code."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.concerns.models import Severity
from app.lots.models import LotKind, Tissue

FOLDER = Path(__file__).parent / "limits"
#: The limits this site judges by: the name of a file in `FOLDER`.
IN_FORCE = "msc-1"

Doublings = Annotated[float, Field(gt=0, le=80)]
Celsius = Annotated[float, Field(ge=-200, le=40)]
PerMl = tuple[Annotated[int, Field(gt=0)], Annotated[int, Field(gt=0)]]


class BadLimits(ValueError):
    """A file of limits that cannot be used; says which file, where, and what is wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Passages(_Part):
    """The highest passage number of any vessel; the tissue's first culture is passage 0."""

    highest: Annotated[int, Field(ge=0, le=30)]
    source: str


class CumulativeDoublings(_Part):
    """The highest cumulative population doublings after a harvest."""

    highest: Doublings
    source: str


class Plausible(_Part):
    """Figures beyond which a count is taken for a slip until it was counted again."""

    #: Fewest and most doublings in one passage.
    doublings_of_passage_0: tuple[Doublings, Doublings]
    doublings_of_passage: tuple[Doublings, Doublings]
    cells_per_cm2: Annotated[int, Field(gt=0)]
    nucleated_cells_per_ml: dict[Tissue, PerMl]
    source: str


class ShelfLife(_Part):
    """Months a lot of each tier keeps."""

    master_cell_bank: Annotated[int, Field(gt=0, le=240)]
    working_cell_bank: Annotated[int, Field(gt=0, le=240)]
    drug_product: Annotated[int, Field(gt=0, le=240)]
    source: str

    def months(self, kind: LotKind) -> int:
        """The months of this tier."""
        return {
            LotKind.MASTER_CELL_BANK: self.master_cell_bank,
            LotKind.WORKING_CELL_BANK: self.working_cell_bank,
            LotKind.DRUG_PRODUCT: self.drug_product,
        }[kind]


class Balance(_Part):
    """How grave an unexplained difference of a cell balance is."""

    minor_up_to_percent: Annotated[float, Field(gt=0, le=100)]
    major_up_to_percent: Annotated[float, Field(gt=0, le=100)]
    source: str

    def severity(self, unexplained: int, of: int) -> Severity:
        """The severity of so many unexplained cells, of all that went in or were harvested."""
        percent = 100 * abs(unexplained) / of if of else 100.0
        if percent > self.major_up_to_percent:
            return Severity.CRITICAL
        return Severity.MINOR if unexplained > 0 and percent <= self.minor_up_to_percent else Severity.MAJOR


class Freezing(_Part):
    """How containers are to be cooled in a controlled-rate freezer."""

    rate_from_celsius: Celsius
    rate_to_celsius: Celsius
    celsius_per_min: tuple[Annotated[float, Field(gt=0)], Annotated[float, Field(gt=0)]]
    highest_rise_celsius: Annotated[float, Field(gt=0)]
    end_at_most_celsius: Celsius
    longest_gap_seconds: Annotated[int, Field(gt=0)]
    start_within_minutes: Annotated[int, Field(gt=0)]
    start_at_most_hours: Annotated[int, Field(gt=0, le=48)]
    severity: Severity
    source: str


class Limits(_Part):
    """One version of the limits by which steps and lots are judged."""

    name: Annotated[str, Field(max_length=20)]
    title: str
    passage: Passages
    cumulative_doublings: CumulativeDoublings
    plausible: Plausible
    shelf_life: ShelfLife
    balance: Balance
    freezing: Freezing


def read_limits(path: Path) -> Limits:
    """The limits in a TOML file. Raises BadLimits naming the file, the place and the fault."""
    try:
        limits = Limits.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as faults:
        fault = faults.errors(include_url=False)[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole file"
        raise BadLimits(f"{path.name}: {place}: {fault['msg']}") from faults
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise BadLimits(f"{path.name}: {fault}") from fault
    if limits.name != path.stem:
        raise BadLimits(f"{path.name}: name: the limits are called {limits.name}, not like their file")
    return limits


@cache
def process_limits(name: str = IN_FORCE) -> Limits:
    """Limits that ship with Hilo, read once."""
    return read_limits(FOLDER / f"{name}.toml")
