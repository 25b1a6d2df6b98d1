"""Reckoning: what a step's figures come to: passage, doublings, cell balance. Computed, never typed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import log2

from app.lots.models import StepKind, UnitKind, UnitState
from app.lots.stepform import StepForm

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Input:
    """One unit that goes into a step, and what its past matters."""

    id: int
    code: str
    kind: UnitKind
    state: UnitState
    lot_id: int | None
    passage: int
    cumulative_pd: Decimal
    viable_cells: int
    viability_percent: Decimal
    volume_ml: Decimal
    made_at: datetime
    expires_at: datetime | None
    #: The step that made it, when that step seeded it: the cells in it grow, and are not yet counted.
    seeded_by: int | None = None
    seeded_area_cm2: Decimal | None = None

    @property
    def growing(self) -> bool:
        """Whether cells are in culture in it."""
        return self.seeded_by is not None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """All computed figures of a step."""

    passage: int
    cells_in: int
    cells_out: int
    cells_qc: int
    cells_retained: int
    #: Cells nobody can explain: what went in or was harvested, less all that is accounted for.
    unexplained: int
    #: Colony-forming cells that passage 0 grew from.
    founders: int | None
    #: log2(harvested / seeded); below zero when cells died.
    doublings: Decimal
    cumulative: Decimal
    #: Harvested cells per square centimetre of the vessels, where their area is known.
    per_cm2: int | None


def reckon(form: StepForm, inputs: tuple[Input, ...]) -> Reckoned:
    """The figures of a step on at least one input.

    Doublings are log2(harvested / seeded); in passage 0 the colony-forming cells are what was seeded, since
    most nucleated cells of a tissue are no MSC. A pool carries the highest passage and doublings of its
    parts.
    """
    cells_in = sum(unit.viable_cells for unit in inputs)
    out, qc, retained = _shared_out(form)
    if form.kind is StepKind.SAMPLE:
        out = max(0, cells_in - qc - retained - form.cells_lost)
    founders = _founders(form, cells_in)
    doublings = _doublings(form, cells_in if founders is None else founders)
    to_account = cells_in if form.cells_harvested is None else form.cells_harvested
    return Reckoned(
        passage=_passage(form, inputs),
        cells_in=cells_in,
        cells_out=out,
        cells_qc=qc,
        cells_retained=retained,
        unexplained=to_account - out - qc - retained - form.cells_lost,
        founders=founders,
        doublings=doublings,
        cumulative=max(unit.cumulative_pd for unit in inputs) + max(doublings, Decimal(0)),
        per_cm2=_per_cm2(form, inputs),
    )


def _shared_out(form: StepForm) -> tuple[int, int, int]:
    """Viable cells that go on, to quality control, and to be kept."""
    totals = {UnitKind.QC_SAMPLE: 0, UnitKind.RETAINED: 0}
    out = 0
    for share in form.yields:
        if share.kind in totals:
            totals[share.kind] += share.count * share.viable_cells
        else:
            out += share.count * share.viable_cells
    return out, totals[UnitKind.QC_SAMPLE], totals[UnitKind.RETAINED]


def _passage(form: StepForm, inputs: tuple[Input, ...]) -> int:
    if form.kind is not StepKind.SEED:
        return max(unit.passage for unit in inputs)
    return max(0 if unit.kind is UnitKind.TISSUE else unit.passage + 1 for unit in inputs)


def _founders(form: StepForm, cells_in: int) -> int | None:
    if form.cfu_f_per_million is None:
        return None
    return int(cells_in * form.cfu_f_per_million / 1_000_000)


def _doublings(form: StepForm, seeded: int) -> Decimal:
    if not form.cells_harvested or not seeded:
        return Decimal("0.00")
    return Decimal(log2(form.cells_harvested / seeded)).quantize(HUNDREDTH)


def _per_cm2(form: StepForm, inputs: tuple[Input, ...]) -> int | None:
    areas = {unit.seeded_by: unit.seeded_area_cm2 for unit in inputs}
    area = sum((one for one in areas.values() if one is not None), Decimal(0))
    return int(form.cells_harvested / area) if form.cells_harvested is not None and area else None
