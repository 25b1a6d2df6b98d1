"""Outside text about donations, lots, steps and units."""

import re
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.lots.models import LotKind, StepKind, Tissue, UnitKind, UnitState
from app.lots.stepform import MOST_CELLS, MOST_CONTAINERS, StepForm, Yield
from app.web.forms import PlainDecimal, PlainInteger, PlainMoment

#: Kinds of containers that one step's page has room for.
YIELD_ROWS = 4

Cells = Annotated[PlainInteger, Field(ge=0, le=MOST_CELLS)]
Millilitres = Annotated[PlainDecimal, Field(ge=0, le=10**6, decimal_places=2)]
Percent = Annotated[PlainDecimal, Field(ge=0, le=100, decimal_places=1)]


def _codes(value: object) -> object:
    """Codes apart by blanks, commas or line ends, in capital letters."""
    if not isinstance(value, str):
        return value
    return tuple(part.upper() for part in re.split(r"[\s,;]+", value.strip()) if part)


def _upper(value: object) -> object:
    return value.strip().upper() if isinstance(value, str) else value


Codes = Annotated[tuple[Annotated[str, Field(max_length=40)], ...], BeforeValidator(_codes)]


class _Form(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class DonationForm(_Form):
    """Tissue that was collected and has arrived."""

    donor: str = Field(max_length=20)
    tissue: Tissue
    site: str = Field(max_length=120, title="site of collection")
    collected_at: PlainMoment
    received_at: PlainMoment
    received_celsius: Annotated[PlainDecimal, Field(ge=-200, le=60, decimal_places=1)] = Field(
        title="temperature at receipt"
    )
    volume_ml: Annotated[PlainDecimal, Field(gt=0, le=10**4, decimal_places=2)] = Field(title="volume")
    nucleated_cells: Annotated[PlainInteger, Field(gt=0, le=MOST_CELLS)]
    viability_percent: Percent = Field(title="viability")
    condition: str = Field(max_length=200)
    recounted: bool = False
    code: str | None = Field(default=None, max_length=20, title="donation number")


class LotForm(_Form):
    """A lot to open."""

    kind: LotKind = Field(title="tier")
    product: str = Field(max_length=120)
    storage: str = Field(default="", max_length=120)
    code: str | None = Field(default=None, max_length=20)


class FinishForm(_Form):
    """The end of a lot's making."""

    made_at: PlainMoment


class FateForm(_Form):
    """How a unit ended."""

    fate: UnitState
    reason: str = Field(max_length=500)


class DestroyForm(_Form):
    """A unit to destroy, signed by who does it and by its witness."""

    reason: str = Field(max_length=500)
    sign_in: str = Field(max_length=40, title="your sign-in name")
    password: str = Field(max_length=128, title="your password")
    second_sign_in: str = Field(max_length=40, title="witness")
    second_password: str = Field(max_length=128, title="password of the witness")


def _one_a_line(value: object) -> object:
    """What was scanned, one a line; the barcode of a pack may hold blanks."""
    if not isinstance(value, str):
        return value
    return tuple(part for line in re.split(r"[\r\n;]+", value) if (part := line.strip().upper()))


Scanned = Annotated[tuple[Annotated[str, Field(max_length=120)], ...], BeforeValidator(_one_a_line)]


class FreezeForm(_Form):
    """A run of the freezer to keep with a step."""

    equipment: Annotated[str, BeforeValidator(_upper), Field(max_length=40, title="freezer")]


class StepPage(_Form):
    """One step as the page sends it; `form` gives it to the operation."""

    kind: StepKind = Field(title="what was done")
    started_at: PlainMoment
    ended_at: PlainMoment
    inputs: Codes = Field(title="units that went in")
    tools: Scanned = Field(default=(), title="materials and equipment")
    vessel: str = Field(default="", max_length=120)
    area_cm2: Annotated[PlainDecimal, Field(gt=0, le=10**7, decimal_places=1)] | None = Field(
        default=None, title="growth area"
    )
    cfu_f_per_million: Annotated[PlainDecimal, Field(gt=0, le=10**6)] | None = Field(
        default=None, title="CFU-F per million"
    )
    cells_harvested: Cells | None = None
    cells_lost: Cells = 0
    viability_percent: Percent | None = Field(default=None, title="viability")
    recounted: bool = False
    note: str = Field(default="", max_length=500)
    kind_1: UnitKind | None = Field(default=None, title="containers, row 1")
    kind_2: UnitKind | None = Field(default=None, title="containers, row 2")
    kind_3: UnitKind | None = Field(default=None, title="containers, row 3")
    kind_4: UnitKind | None = Field(default=None, title="containers, row 4")
    count_1: Annotated[PlainInteger, Field(ge=1, le=MOST_CONTAINERS)] = Field(
        default=1, title="number, row 1"
    )
    count_2: Annotated[PlainInteger, Field(ge=1, le=MOST_CONTAINERS)] = Field(
        default=1, title="number, row 2"
    )
    count_3: Annotated[PlainInteger, Field(ge=1, le=MOST_CONTAINERS)] = Field(
        default=1, title="number, row 3"
    )
    count_4: Annotated[PlainInteger, Field(ge=1, le=MOST_CONTAINERS)] = Field(
        default=1, title="number, row 4"
    )
    cells_1: Cells | None = Field(default=None, title="cells in each, row 1")
    cells_2: Cells | None = Field(default=None, title="cells in each, row 2")
    cells_3: Cells | None = Field(default=None, title="cells in each, row 3")
    cells_4: Cells | None = Field(default=None, title="cells in each, row 4")
    ml_1: Millilitres | None = Field(default=None, title="volume of each, row 1")
    ml_2: Millilitres | None = Field(default=None, title="volume of each, row 2")
    ml_3: Millilitres | None = Field(default=None, title="volume of each, row 3")
    ml_4: Millilitres | None = Field(default=None, title="volume of each, row 4")

    @model_validator(mode="after")
    def _whole_rows(self) -> Self:
        for row in range(1, YIELD_ROWS + 1):
            kind, count, cells, ml = self._row(row)
            given = [cells is not None, ml is not None]
            if kind is None and any(given):
                raise ValueError(f"row {row} of what came out: choose the container")
            if kind is not None and not all(given):
                raise ValueError(f"row {row} of what came out: enter cells and volume of each of {count}")
        return self

    def _row(self, row: int) -> tuple[UnitKind | None, int, int | None, Decimal | None]:
        return (
            getattr(self, f"kind_{row}"),
            getattr(self, f"count_{row}"),
            getattr(self, f"cells_{row}"),
            getattr(self, f"ml_{row}"),
        )

    def _yields(self) -> tuple[Yield, ...]:
        rows = (self._row(row) for row in range(1, YIELD_ROWS + 1))
        return tuple(
            Yield(kind=kind, count=count, viable_cells=cells, volume_ml=ml)
            for kind, count, cells, ml in rows
            if kind is not None and cells is not None and ml is not None
        )

    def form(self, lot: str) -> StepForm:
        """The step of this lot."""
        own = {name: getattr(self, name) for name in StepForm.model_fields if name in type(self).model_fields}
        return StepForm(lot=lot, yields=self._yields(), **own)
