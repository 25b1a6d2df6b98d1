"""What is told of one step: the units that went in, what came out, with what it was done."""

from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.lots.models import StepKind, UnitKind

#: More containers than any step fills; beyond it somebody typed cells into the wrong box.
MOST_CONTAINERS = 500
#: The largest count of cells that is kept, below a million millions.
MOST_CELLS = 10**12 - 1

Cells = Annotated[int, Field(ge=0, le=MOST_CELLS)]
Millilitres = Annotated[Decimal, Field(ge=0, le=10**6, decimal_places=2)]
Percent = Annotated[Decimal, Field(ge=0, le=100, decimal_places=1)]


class Yield(BaseModel):
    """Containers that came out alike: how many, and what each one holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: UnitKind
    count: Annotated[int, Field(ge=1, le=MOST_CONTAINERS)] = 1
    #: Viable cells in each of them.
    viable_cells: Cells
    #: Millilitres in each of them.
    volume_ml: Millilitres


class StepForm(BaseModel):
    """One step as the technologist tells it; passage, doublings and balance are computed from it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    lot: Annotated[str, Field(max_length=20)]
    kind: StepKind
    started_at: AwareDatetime
    ended_at: AwareDatetime
    #: Codes of the units that went in.
    inputs: tuple[str, ...]
    yields: tuple[Yield, ...]
    #: Codes of the reagent lots and devices that were used.
    materials: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    #: Either of them as scanned: a code, the barcode of a pack, the serial of a device.
    tools: tuple[str, ...] = ()
    vessel: Annotated[str, Field(max_length=120)] = ""
    #: Growth area of all vessels seeded, together.
    area_cm2: Annotated[Decimal, Field(gt=0, le=10**7, decimal_places=1)] | None = None
    #: Colony-forming cells (CFU-F) per million nucleated cells; asked at the harvest of passage 0.
    cfu_f_per_million: Annotated[Decimal, Field(gt=0, le=10**6)] | None = None
    #: All viable cells harvested; only a harvest counts anew.
    cells_harvested: Cells | None = None
    #: Viable cells lost, explained in the note.
    cells_lost: Cells = 0
    viability_percent: Percent | None = None
    #: A figure out of the ordinary, or a balance that does not close, was counted a second time.
    recounted: bool = False
    note: Annotated[str, Field(max_length=500)] = ""
