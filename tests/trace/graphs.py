"""Whole genealogies put straight into the tables, for tests that need many or odd ones."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import Any

from app.bedside.models import BedsideCheck, CheckState, Infusion, InfusionState
from app.donors.models import Donor, DonorState, Tissue
from app.evidence.ledger import EventKind, Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import sign
from app.kernel.db import insert_rows
from app.kernel.tables import Row, metadata
from app.kernel.work import Work
from app.lots.models import (
    Donation,
    Edge,
    Lot,
    LotKind,
    LotState,
    Step,
    StepEquipment,
    StepKind,
    StepMaterial,
    Unit,
    UnitKind,
    UnitState,
)
from app.materials.models import Equipment, Material
from app.orders.models import Allocation, AllocationState, DoseOrder, OrderState
from app.recipients.models import Recipient
from app.site import Site
from tests.factories import act, proof
from tests.lots.factories import donation, maker

AT = datetime(2025, 3, 1, 9, 0, tzinfo=UTC)
DRAWN = EventKind("tests.graph", "a genealogy of {units} units drawn")
_keys = count(1_000_000)


@dataclass(frozen=True, slots=True)
class Made:
    """One step: from these units (by number) so many others, in this lot, with these tools."""

    parents: tuple[int, ...]
    children: int
    lot: int = 0
    materials: tuple[int, ...] = ()
    equipment: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A genealogy in numbers: units are counted through, tissue first, then each step's children."""

    #: The donor of each tissue unit.
    tissue: tuple[int, ...]
    steps: tuple[Made, ...]
    #: Unit → recipient.
    infused: dict[int, int] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.tissue) + sum(step.children for step in self.steps)


class Drawn:
    """A genealogy in the tables; the names of its things by kind and number."""

    def __init__(self, graph: Graph, prefix: str) -> None:
        self.graph = graph
        self.prefix = prefix
        self.keys: dict[str, dict[int, int]] = {}

    def code(self, kind: str, number: int) -> str:
        """What this thing is called."""
        return f"{self.prefix}-{kind[:4].upper()}-{number}"

    def rows(self, what: str, numbers: Iterable[int], /, **columns: Any) -> list[dict[str, Any]]:
        """A row for each number, with its key and code."""
        keys = self.keys.setdefault(what, {number: next(_keys) for number in sorted(set(numbers))})
        return [{"id": keys[number], "code": self.code(what, number), **columns} for number in keys]


def draw(site: Site, graph: Graph, prefix: str) -> Drawn:
    """Put the genealogy into the tables."""
    drawn = Drawn(graph, prefix)
    with site.db.reading() as db:
        found = db.get(Donation, 1)
    decision = (found or donation(site)).decision_id
    someone = maker(site)
    with act(site, someone, AT) as work:
        _things(work, drawn, decision)
        _units(work, drawn, someone.id or 0)
        signature = sign(work, proof(someone), Meaning.PERFORMED, Subject("graph", prefix), {}).id
        _infusions(work, drawn, someone.id or 0, signature or 0)
        record(work, DRAWN, Subject("graph", prefix), units=graph.units)
    return drawn


def _things(work: Work, drawn: Drawn, decision: int) -> None:
    graph = drawn.graph
    insert_rows(
        work.db, Donor, drawn.rows("donor", graph.tissue, state=DonorState.ELIGIBLE, registered_at=AT)
    )
    given = drawn.rows(
        "donation", range(len(graph.tissue)), decision_id=decision, tissue=Tissue.BONE_MARROW, site="crest",
        collected_at=AT, received_at=AT, received_celsius=Decimal(20), volume_ml=Decimal(1),
        nucleated_cells=1, viability_percent=Decimal(99), condition="good",
    )  # fmt: skip
    for row, donor in zip(given, graph.tissue, strict=True):
        row["donor_id"] = drawn.keys["donor"][donor]
    insert_rows(work.db, Donation, given)
    lots = drawn.rows(
        "lot", {step.lot for step in graph.steps}, kind=LotKind.DRUG_PRODUCT, product="cells",
        state=LotState.IN_PROCESS, opened_at=AT, storage="",
    )  # fmt: skip
    insert_rows(work.db, Lot, lots)
    materials = {one for step in graph.steps for one in step.materials}
    insert_rows(
        work.db,
        Material,
        drawn.rows(
            "material",
            materials,
            name="hPL",
            supplier="S",
            supplier_lot="1",
            expires_on=AT.date(),
            received_at=AT,
        ),
    )
    devices = {one for step in graph.steps for one in step.equipment}
    incubators = drawn.rows(
        "equipment", devices, name="incubator", calibration_due_on=AT.date(), registered_at=AT
    )
    for row in incubators:
        row["serial"] = f"E{row['id']}"
    insert_rows(work.db, Equipment, incubators)


def _units(work: Work, drawn: Drawn, person: int) -> None:
    graph = drawn.graph
    common = {
        "state": UnitState.IN_PROCESS, "passage": 0, "cumulative_pd": Decimal(0), "volume_ml": Decimal(1),
        "viable_cells": 1, "viability_percent": Decimal(99), "made_at": AT, "expires_at": None,
    }  # fmt: skip
    units = drawn.rows("unit", range(graph.units), **common)
    for number, row in enumerate(units[: len(graph.tissue)]):
        given = drawn.keys["donation"][number]
        row.update(kind=UnitKind.TISSUE, donation_id=given, lot_id=None, step_id=None)
    steps = drawn.rows(
        "step", range(len(graph.steps)), kind=StepKind.SPLIT, started_at=AT, ended_at=AT, vessel="",
        performed_by_id=person, passage=0, cells_in=1, cells_out=1, cells_qc=0, cells_retained=0,
        cells_lost=0,
        population_doublings=Decimal(0), cumulative_pd=Decimal(0), limits="msc-1", note="",
    )  # fmt: skip
    edges, first = [], len(graph.tissue)
    for step, made in zip(steps, graph.steps, strict=True):
        step["lot_id"] = drawn.keys["lot"][made.lot]
        for child in units[first : first + made.children]:
            child.update(kind=UnitKind.BAG, donation_id=None, lot_id=step["lot_id"], step_id=step["id"])
            edges += [{"parent_id": units[one]["id"], "child_id": child["id"]} for one in made.parents]
        first += made.children
    insert_rows(work.db, Step, steps)
    insert_rows(work.db, Unit, units)
    insert_rows(work.db, Edge, edges)
    _tools(work, drawn, steps)


def _tools(work: Work, drawn: Drawn, steps: list[dict[str, Any]]) -> None:
    pairs = list(zip(steps, drawn.graph.steps, strict=True))
    materials, devices = drawn.keys["material"], drawn.keys["equipment"]
    insert_rows(
        work.db,
        StepMaterial,
        [{"step_id": s["id"], "material_id": materials[one]} for s, made in pairs for one in made.materials],
    )
    insert_rows(
        work.db,
        StepEquipment,
        [{"step_id": s["id"], "equipment_id": devices[one]} for s, made in pairs for one in made.equipment],
    )


def _infusions(work: Work, drawn: Drawn, person: int, signature: int) -> None:
    infused = drawn.graph.infused
    given = drawn.rows("recipient", infused.values(), diagnosis="lupus nephritis", registered_at=AT)
    insert_rows(work.db, Recipient, given)
    orders = drawn.rows("order", infused, state=OrderState.GIVEN, signature_id=signature)
    checks = drawn.rows("check", infused, state=CheckState.STARTED, first_person_id=person)
    allocations = drawn.rows("allocation", infused, state=AllocationState.USED, allocated_by_id=person)
    infusions = drawn.rows("infusion", infused, state=InfusionState.IN_PROGRESS)
    numbers = list(drawn.keys["infusion"])
    for at, unit in enumerate(numbers):
        recipient = drawn.keys["recipient"][infused[unit]]
        whom = {"recipient_id": recipient, "unit_id": drawn.keys["unit"][unit]}
        orders[at] |= {"recipient_id": recipient}
        checks[at] |= {"order_id": orders[at]["id"], **whom}
        allocations[at] = {k: v for k, v in allocations[at].items() if k != "code"}
        allocations[at] |= {"order_id": orders[at]["id"], **whom}
        infusions[at] |= {"allocation_id": allocations[at]["id"], "check_id": checks[at]["id"], **whom}
    for model, rows in (
        (DoseOrder, orders),
        (BedsideCheck, checks),
        (Allocation, allocations),
        (Infusion, infusions),
    ):
        insert_rows(work.db, model, [filled(model, row) for row in rows])


def filled(model: type[Row], row: dict[str, Any]) -> dict[str, Any]:
    """The row with something in each column that must hold something and does not matter here."""
    some: dict[type, Any] = {str: "", int: 1, Decimal: Decimal(1), datetime: AT, date: AT.date(), bool: False}
    needed = {
        name: c for name, c in metadata.tables[str(model.__tablename__)].columns.items() if not c.nullable
    }
    kinds = {name: model.model_fields[name].annotation for name in needed.keys() - row.keys()}
    words = {
        name: next(iter(kind))
        for name, kind in kinds.items()
        if isinstance(kind, type) and issubclass(kind, StrEnum)
    }
    return row | words | {name: some[kind] for name, kind in kinds.items() if kind in some}
