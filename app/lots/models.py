"""Donations, lots, units and the steps that turn units into units."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, Integer
from sqlmodel import Field

from app.donors.models import Tissue as Tissue
from app.kernel.tables import Row, cells, check, choice, fixed, key, moment, points


class Donation(Row, table=True):
    """One procurement from one donor; its code is the donation number."""

    frozen: ClassVar[tuple[str, ...]] = ("code", "donor_id")

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    donor_id: int = points("donor")
    #: The signed decision under which this donor gave.
    decision_id: int = points("eligibility_decision")
    tissue: Tissue = choice(Tissue)
    site: str = Field(max_length=120)
    collected_at: datetime = moment()
    received_at: datetime = moment()
    received_celsius: Decimal = fixed(1)
    volume_ml: Decimal = fixed(2)
    nucleated_cells: int = cells()
    viability_percent: Decimal = fixed(1)
    condition: str = Field(max_length=200)


class LotKind(StrEnum):
    """Which tier of the bank a lot is."""

    MASTER_CELL_BANK = "master_cell_bank"
    WORKING_CELL_BANK = "working_cell_bank"
    DRUG_PRODUCT = "drug_product"


class LotState(StrEnum):
    """A lot's life, in order."""

    IN_PROCESS = "in_process"
    QUARANTINE = "quarantine"
    CONDITIONALLY_RELEASED = "conditionally_released"
    RELEASED = "released"
    REJECTED = "rejected"
    RECALLED = "recalled"


_L = LotState
#: Every move a lot can make. What is not written here cannot happen.
LOT_MOVES: dict[LotState, frozenset[LotState]] = {
    _L.IN_PROCESS: frozenset({_L.QUARANTINE}),
    _L.QUARANTINE: frozenset({_L.CONDITIONALLY_RELEASED, _L.RELEASED, _L.REJECTED}),
    _L.CONDITIONALLY_RELEASED: frozenset({_L.RELEASED, _L.REJECTED, _L.RECALLED}),
    _L.RELEASED: frozenset({_L.RECALLED}),
    _L.REJECTED: frozenset(),
    _L.RECALLED: frozenset(),
}


class Lot(Row, table=True):
    """The units that share one batch record."""

    __table_args__ = (
        check(
            "released_has_its_time",
            "(state IN ('in_process', 'quarantine') AND released_at IS NULL)"
            " OR (state IN ('released', 'conditionally_released', 'recalled') AND released_at IS NOT NULL)"
            " OR state = 'rejected'",
        ),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "kind")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", LOT_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    kind: LotKind = choice(LotKind)
    product: str = Field(max_length=120)
    state: LotState = choice(LotState)
    opened_at: datetime = moment()
    #: When the containers were filled and frozen: the date of manufacture.
    made_at: datetime | None = moment(nullable=True)
    expires_at: datetime | None = moment(nullable=True)
    released_at: datetime | None = moment(nullable=True)
    storage: str = Field(default="", max_length=120)


class UnitKind(StrEnum):
    """What sort of container a unit is."""

    TISSUE = "tissue"
    FLASK = "flask"
    VIAL = "vial"
    BAG = "bag"
    QC_SAMPLE = "qc_sample"
    RETAINED = "retained"


#: The letter of a unit's code for each kind; tissue units carry the donation's code.
CODE_LETTER = {
    UnitKind.FLASK: "F",
    UnitKind.VIAL: "V",
    UnitKind.BAG: "B",
    UnitKind.QC_SAMPLE: "Q",
    UnitKind.RETAINED: "R",
}


class UnitState(StrEnum):
    """A unit's life; the last six are final fates, exactly one each."""

    IN_PROCESS = "in_process"
    IN_QUARANTINE = "in_quarantine"
    AVAILABLE = "available"
    ALLOCATED = "allocated"
    ISSUED = "issued"
    IN_TRANSIT = "in_transit"
    RECEIVED = "received"
    RETURNED = "returned"
    THAWED = "thawed"
    CONSUMED = "consumed"
    TESTED = "tested"
    RETAINED = "retained"
    INFUSED = "infused"
    DESTROYED = "destroyed"
    LOST = "lost"


_U = UnitState
FATES = frozenset({_U.CONSUMED, _U.TESTED, _U.RETAINED, _U.INFUSED, _U.DESTROYED, _U.LOST})
_ENDS = frozenset({_U.DESTROYED, _U.LOST})
#: Every move a unit can make. What is not written here cannot happen.
UNIT_MOVES: dict[UnitState, frozenset[UnitState]] = {
    _U.IN_PROCESS: frozenset({_U.IN_QUARANTINE, _U.CONSUMED, _U.TESTED, _U.RETAINED}) | _ENDS,
    _U.IN_QUARANTINE: frozenset({_U.AVAILABLE, _U.CONSUMED, _U.TESTED, _U.RETAINED}) | _ENDS,
    _U.AVAILABLE: frozenset({_U.ALLOCATED, _U.CONSUMED, _U.TESTED, _U.RETAINED}) | _ENDS,
    _U.ALLOCATED: frozenset({_U.AVAILABLE, _U.ISSUED}) | _ENDS,
    _U.ISSUED: frozenset({_U.IN_TRANSIT, _U.RECEIVED, _U.RETURNED}) | _ENDS,
    _U.IN_TRANSIT: frozenset({_U.RECEIVED, _U.RETURNED}) | _ENDS,
    _U.RECEIVED: frozenset({_U.THAWED, _U.RETURNED}) | _ENDS,
    _U.RETURNED: frozenset({_U.AVAILABLE}) | _ENDS,
    _U.THAWED: frozenset({_U.INFUSED}) | _ENDS,
    **{
        fate: frozenset() for fate in (_U.CONSUMED, _U.TESTED, _U.RETAINED, _U.INFUSED, _U.DESTROYED, _U.LOST)
    },
}


class Unit(Row, table=True):
    """One physical container. It comes from a donation, or from other units by a step."""

    __table_args__ = (
        Index("ix_unit_lot_kind", "lot_id", "kind"),
        check("tissue_comes_from_a_donation", "(kind = 'tissue') = (donation_id IS NOT NULL)"),
        check("others_come_from_a_step", "(kind = 'tissue') = (step_id IS NULL)"),
        check("others_belong_to_a_lot", "(kind = 'tissue') = (lot_id IS NULL)"),
        check("holds_no_less_than_nothing", "viable_cells >= 0 AND volume_ml >= 0"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "kind", "donation_id", "lot_id", "step_id", "made_at")
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", UNIT_MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    kind: UnitKind = choice(UnitKind)
    state: UnitState = choice(UnitState)
    lot_id: int | None = points("lot", nullable=True, index=False)
    donation_id: int | None = points("donation", nullable=True)
    #: The step that made it: through it a reagent or a device reaches every unit it touched.
    step_id: int | None = points("step", nullable=True)
    passage: int = 0
    #: Cumulative population doublings of the cells inside.
    cumulative_pd: Decimal = fixed(2)
    volume_ml: Decimal = fixed(2)
    #: Of tissue, all nucleated cells as counted at receipt.
    viable_cells: int = cells()
    viability_percent: Decimal = fixed(1)
    made_at: datetime = moment()
    expires_at: datetime | None = moment(nullable=True)


class StepKind(StrEnum):
    """What a step does to cells."""

    SEED = "seed"
    HARVEST = "harvest"
    SPLIT = "split"
    POOL = "pool"
    FILL = "fill"
    FREEZE = "freeze"
    THAW = "thaw"
    SAMPLE = "sample"


class Step(Row, table=True):
    """A process event that consumes units and yields units, with its cell balance."""

    __table_args__ = (
        check(
            "cells_add_up",
            "COALESCE(cells_harvested, cells_in)"
            " = cells_out + cells_qc + cells_retained + cells_lost + cells_unexplained",
        ),
        check("unexplained_has_its_deviation", "(cells_unexplained = 0) = (deviation_id IS NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    code: str = Field(unique=True, max_length=30)
    kind: StepKind = choice(StepKind)
    lot_id: int = points("lot")
    started_at: datetime = moment()
    ended_at: datetime = moment()
    performed_by_id: int = points("person")
    passage: int
    vessel: str = Field(default="", max_length=120)
    area_cm2: Decimal | None = fixed(1, nullable=True)
    #: Colony-forming cells (CFU-F) of the first seeding, from which passage 0 grows.
    founders: int | None = cells(nullable=True)
    #: Viable cells that went in, were harvested, went to QC, were retained, were lost with an explanation.
    cells_in: int = cells()
    cells_harvested: int | None = cells(nullable=True)
    cells_out: int = cells()
    cells_qc: int = cells()
    cells_retained: int = cells()
    cells_lost: int = cells()
    #: What nobody can explain, with its deviation; below zero where more came out than went in.
    cells_unexplained: int = Field(default=0, sa_type=BigInteger)
    deviation_id: int | None = points("deviation", nullable=True)
    #: Population doublings of this step and cumulative after it; computed, never typed.
    population_doublings: Decimal = fixed(2)
    cumulative_pd: Decimal = fixed(2)
    viability_percent: Decimal | None = fixed(1, nullable=True)
    #: The version of the process limits that judged this step.
    limits: str = Field(max_length=20)
    note: str = Field(default="", max_length=500)


class FreezeVerdict(StrEnum):
    """What the limits say of a run of the controlled-rate freezer."""

    WITHIN = "within"
    OUTSIDE = "outside"


class FreezeRun(Row, table=True):
    """One run of a controlled-rate freezer: its file, and how the containers of a step were cooled."""

    __table_args__ = (
        check("outside_has_its_deviation", "(verdict = 'outside') = (deviation_id IS NOT NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    step_id: int = points("step")
    equipment_id: int = points("equipment")
    stored_file_id: int = Field(
        sa_type=Integer, foreign_key="stored_file.id", ondelete="RESTRICT", unique=True
    )
    #: What the freezer calls the run.
    run_name: str = Field(max_length=120)
    started_at: datetime = moment()
    ended_at: datetime = moment()
    readings: int
    #: Mean cooling of the sample between the temperatures of the limits; None where it did not come so far.
    celsius_per_min: Decimal | None = fixed(2, nullable=True)
    lowest_celsius: Decimal = fixed(1)
    verdict: FreezeVerdict = choice(FreezeVerdict)
    #: Why it is outside, in sentences.
    findings: str = Field(default="", max_length=1000)
    limits: str = Field(max_length=20)
    deviation_id: int | None = points("deviation", nullable=True)
    recorded_at: datetime = moment()
    recorded_by_id: int = points("person")


class Edge(Row, table=True):
    """The genealogy: child came from parent, by the step that made the child. Covered in both directions."""

    __table_args__ = (
        Index("ix_edge_back", "child_id", "parent_id", unique=True),
        {"sqlite_with_rowid": False},
    )
    append_only: ClassVar[bool] = True

    parent_id: int = points("unit", primary=True)
    child_id: int = points("unit", primary=True)


class StepMaterial(Row, table=True):
    """A reagent lot that touched the cells of a step."""

    __table_args__ = (Index("ix_step_material_back", "material_id", "step_id"), {"sqlite_with_rowid": False})
    append_only: ClassVar[bool] = True

    step_id: int = points("step", primary=True)
    material_id: int = points("material", primary=True)


class StepEquipment(Row, table=True):
    """A device used in a step."""

    __table_args__ = (
        Index("ix_step_equipment_back", "equipment_id", "step_id"),
        {"sqlite_with_rowid": False},
    )
    append_only: ClassVar[bool] = True

    step_id: int = points("step", primary=True)
    equipment_id: int = points("equipment", primary=True)
