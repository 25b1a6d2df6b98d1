"""A season of a site's work, drawn by chance: donors, their trees of units, pools, and who was infused.

A season is about ten thousand units when it has `DONORS` donors. A larger database holds many seasons of
the same shape under other keys (bench/sow.py), so that a question has the same answer at every size of the
database, and time can only grow with the database itself.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from app.access.models import Role
from app.bedside.models import CheckState, InfusionState
from app.custody.models import CustodyKind, PlaceKind
from app.donors.models import DonorState, Sex, Tissue, Verdict
from app.evidence.models import Meaning
from app.lots.models import LotKind, LotState, StepKind, UnitKind, UnitState
from app.orders.models import AllocationState, DoseBasis, OrderState, Regime

#: Donors of a season that makes about ten thousand units.
DONORS = 57
#: Donations in a hundred whose vessels are pooled with those of an earlier donor.
POOLED_PERCENT = 8
#: Bags in a hundred that are infused.
INFUSED_PERCENT = 60
#: Bags of one recipient, on average.
BAGS_PER_RECIPIENT = 3
#: Donations that one reagent lot serves before the next is opened, and reagents used at once.
DONATIONS_PER_REAGENT = 8
REAGENTS = 4
INCUBATORS = 6
BOXES = 40

OPENED = datetime(2025, 1, 7, 8, 0, tzinfo=UTC)

Columns = dict[str, Any]


@dataclass(slots=True)
class Season:
    """Rows by table, and who was infused with cells of whom as the generator knows it."""

    rows: dict[str, list[Columns]] = field(default_factory=dict)
    #: Rows that all seasons share: the people, a signature, an eligibility decision.
    shared: dict[str, list[Columns]] = field(default_factory=dict)
    #: Donor's code → codes of the recipients of his or her cells.
    recipients: dict[str, set[str]] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """How many units the season made."""
        return len(self.rows["unit"])


#: A unit and the codes of the donors whose cells it holds.
Cells = tuple[int, frozenset[str]]


class _Writer:
    """Counts keys through, table by table, and notes rows."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.season = Season()
        self._keys: dict[str, count[int]] = {}

    def add(self, table: str, **columns: Any) -> int:
        """A row with the next key of its table, its code made from ``code``'s prefix."""
        number = next(self._keys.setdefault(table, count(1)))
        prefix = columns.pop("prefix", None)
        if prefix is not None:
            columns["code"] = f"{prefix}{number:05d}"
        self.season.rows.setdefault(table, []).append({"id": number, **columns})
        return number

    def link(self, table: str, **columns: Any) -> None:
        """A row whose key is made of other keys."""
        self.season.rows.setdefault(table, []).append(columns)

    def code(self, table: str, key: int) -> str:
        """The code of a row."""
        return str(self.season.rows[table][key - 1]["code"])


def season(donors: int = DONORS, seed: int = 20250428) -> Season:
    """One season; the same seed gives the same rows."""
    writer = _Writer(seed)
    writer.season.shared = _shared()
    boxes = [
        writer.add(
            "place", prefix="BOX-", serial=f"C{key:07d}", name="box", kind=PlaceKind.BOX, within_id=None
        )
        for key in range(BOXES)
    ]
    incubators = [
        writer.add("equipment", prefix="INC-", serial=f"E{key:07d}", name="incubator",
                   calibration_due_on=date(2027, 1, 1), registered_at=OPENED)
        for key in range(INCUBATORS)
    ]  # fmt: skip
    earlier: list[list[Cells]] = []
    bags: list[Cells] = []
    reagents: list[int] = []
    for number, donor in enumerate(_donations(writer, donors)):
        if number % DONATIONS_PER_REAGENT == 0:
            reagents = [_reagent(writer) for _ in range(REAGENTS)]
        bags += _grow(writer, donor, earlier, reagents, incubators)
    for unit, _ in bags:
        writer.link(
            "custody_event", unit_id=unit, link=1, kind=CustodyKind.STORED, at=OPENED,
            place_id=boxes[unit % BOXES], giver_id=1, taker_id=2, condition="frozen",
            celsius=Decimal("-160.0"),
        )  # fmt: skip
    _infuse(writer, bags)
    return writer.season


def some_lots(lots: int) -> Season:
    """Lots alone, for lists of them."""
    writer = _Writer(0)
    writer.season.shared = _shared()
    for _ in range(lots):
        _lot(writer)
    return writer.season


def _lot(writer: _Writer) -> int:
    return writer.add(
        "lot", prefix="MSC-25-", kind=LotKind.DRUG_PRODUCT, product="Allogeneic MSC", state=LotState.RELEASED,
        opened_at=OPENED, made_at=OPENED + timedelta(days=21), expires_at=OPENED + timedelta(days=750),
        released_at=OPENED + timedelta(days=40), storage="below -150 °C",
    )  # fmt: skip


def _donations(writer: _Writer, donors: int) -> Iterator[int]:
    """Key of each donation, in order of time: each donor gives one to three."""
    given = []
    for _ in range(donors):
        donor = writer.add("donor", prefix="D-", state=DonorState.ELIGIBLE, registered_at=OPENED)
        writer.season.recipients[writer.code("donor", donor)] = set()
        given += [donor] * writer.chance.randint(1, 3)
    writer.chance.shuffle(given)
    for donor in given:
        yield writer.add(
            "donation", prefix="DON-25-", donor_id=donor, decision_id=1, tissue=Tissue.BONE_MARROW,
            site="iliac crest", collected_at=OPENED, received_at=OPENED, received_celsius=Decimal("20.0"),
            volume_ml=Decimal("12.00"), nucleated_cells=150_000_000, viability_percent=Decimal("96.0"),
            condition="good",
        )  # fmt: skip


def _reagent(writer: _Writer) -> int:
    return writer.add(
        "material", prefix="MAT-", name="platelet lysate", supplier="Supplier", supplier_lot="L1",
        expires_on=date(2026, 6, 30), received_at=OPENED,
    )  # fmt: skip


def _grow(
    writer: _Writer, donation: int, earlier: list[list[Cells]], reagents: list[int], incubators: list[int]
) -> list[Cells]:
    """Three passages from a tissue to its bags; sometimes with vessels of an earlier donor added."""
    chance = writer.chance
    donor = writer.code("donor", writer.season.rows["donation"][donation - 1]["donor_id"])
    lot = _lot(writer)
    tissue = _unit(writer, UnitKind.TISSUE, None, writer.code("donation", donation), donation=donation)
    vessels = [(tissue, frozenset({donor}))]

    def step(kind: StepKind, passage: int) -> int:
        made = _step(writer, kind, lot, passage)
        for material in reagents:
            writer.link("step_material", step_id=made, material_id=material)
        writer.link("step_equipment", step_id=made, equipment_id=chance.choice(incubators))
        return made

    passages = ((StepKind.SEED, 3, 4), (StepKind.SPLIT, 2, 3), (StepKind.SPLIT, 2, 2))
    for passage, (kind, least, most) in enumerate(passages):
        made = step(kind, passage)
        vessels = [
            (_child(writer, UnitKind.FLASK, [vessel], made, lot, passage), donors)
            for vessel, donors in vessels
            for _ in range(chance.randint(least, most))
        ]
    others = [tree for tree in earlier if all(donor not in donors for _, donors in tree)]
    earlier.append(vessels)
    if others and chance.randrange(100) < POOLED_PERCENT:
        vessels = _pooled(writer, vessels, chance.choice(others), step(StepKind.POOL, 3), lot)
    made = step(StepKind.FILL, 3)
    filled = [vessels[number % len(vessels)] for number in range(chance.randint(40, 80))]
    return [(_child(writer, UnitKind.BAG, [vessel], made, lot, 3), donors) for vessel, donors in filled]


def _pooled(writer: _Writer, vessels: list[Cells], other: list[Cells], made: int, lot: int) -> list[Cells]:
    """Each vessel joined with one of another donor's."""
    joined = []
    for (mine, donors), (theirs, more) in zip(vessels, other, strict=False):
        joined.append((_child(writer, UnitKind.FLASK, [mine, theirs], made, lot, 3), donors | more))
    return joined


def _step(writer: _Writer, kind: StepKind, lot: int, passage: int) -> int:
    return writer.add(
        "step", prefix="STEP-", kind=kind, lot_id=lot, started_at=OPENED, ended_at=OPENED,
        performed_by_id=1, passage=passage, vessel="CF10", area_cm2=Decimal("6360.0"), founders=None,
        cells_in=40_000_000, cells_harvested=120_000_000, cells_out=120_000_000, cells_qc=0, cells_retained=0,
        cells_lost=0, population_doublings=Decimal("4.20"), cumulative_pd=Decimal("12.60"),
        viability_percent=Decimal("95.0"), limits="msc-1", note="",
    )  # fmt: skip


def _child(writer: _Writer, kind: UnitKind, parents: list[int], step: int, lot: int, passage: int) -> int:
    child = _unit(writer, kind, lot, writer.code("lot", lot), step=step, passage=passage)
    for parent in parents:
        writer.link("edge", parent_id=parent, child_id=child)
        writer.season.rows["unit"][parent - 1]["state"] = UnitState.CONSUMED
    return child


def _unit(
    writer: _Writer, kind: UnitKind, lot: int | None, stem: str, *, donation: int | None = None,
    step: int | None = None, passage: int = 0,
) -> int:  # fmt: skip
    code = {"code": stem} if kind is UnitKind.TISSUE else {"prefix": f"{stem}-{kind.value[0].upper()}"}
    return writer.add(
        "unit", **code, kind=kind, state=UnitState.AVAILABLE, lot_id=lot, donation_id=donation, step_id=step,
        passage=passage, cumulative_pd=Decimal("4.20") * passage, volume_ml=Decimal("50.00"),
        viable_cells=100_000_000, viability_percent=Decimal("95.0"), made_at=OPENED,
        expires_at=OPENED + timedelta(days=750),
    )  # fmt: skip


def _infuse(writer: _Writer, bags: list[Cells]) -> None:
    chosen = [bag for bag in bags if writer.chance.randrange(100) < INFUSED_PERCENT]
    patients = [
        writer.add("recipient", prefix="LN-", diagnosis="lupus nephritis", registered_at=OPENED)
        for _ in range(max(1, len(chosen) // BAGS_PER_RECIPIENT))
    ]
    for unit, donors in chosen:
        patient = writer.chance.choice(patients)
        writer.season.rows["unit"][unit - 1]["state"] = UnitState.INFUSED
        _infusion(writer, unit, patient)
        for donor in donors:
            writer.season.recipients[donor].add(writer.code("recipient", patient))


def _infusion(writer: _Writer, unit: int, patient: int) -> None:
    """The order, the allocation, the check and the infusion of one bag."""
    of: Columns = {"unit_id": unit, "recipient_id": patient}
    order = writer.add(
        "dose_order", prefix="ORD-25-", recipient_id=patient, product="Allogeneic MSC",
        dose_basis=DoseBasis.CELLS, dose_viable_cells=90_000_000, dose_cells_per_kg=1_451_612,
        lowest_viable_cells=80_000_000, highest_viable_cells=100_000_000,
        route="intravenous", weight_kg=Decimal("62.0"), weighed_on=OPENED.date(), planned_on=OPENED.date(),
        regime=Regime.TRIAL, authorisation_number="2025-000001-01", authorised_on=OPENED.date(),
        dose_rules="lupus-1", state=OrderState.GIVEN, prescribed_at=OPENED, signature_id=1,
        not_given_reason=None,
    )  # fmt: skip
    allocation = writer.add(
        "allocation", order_id=order, **of, state=AllocationState.USED, allocated_at=OPENED,
        allocated_by_id=1, crossmatch="", undone_reason=None,
    )  # fmt: skip
    check = writer.add(
        "bedside_check", prefix="CHK-25-", state=CheckState.USED, started_at=OPENED, order_id=order, **of,
        first_person_id=1, first_signature_id=1, second_person_id=2, second_signature_id=1,
    )  # fmt: skip
    writer.add(
        "infusion", prefix="INF-25-", allocation_id=allocation, check_id=check, **of,
        state=InfusionState.ENDED, thawed_at=OPENED, started_at=OPENED, ended_at=OPENED,
        volume_ml=Decimal("50.00"), residual_ml=Decimal("1.00"), flush_ml=Decimal("20.00"),
        viable_cells_at_thaw=95_000_000, viability_percent_at_thaw=Decimal("94.0"),
        delivered_viable_cells=93_100_000, limits_version="1", note="",
    )  # fmt: skip


def _shared() -> dict[str, list[Columns]]:
    """The rows that every season leans on."""
    people = [
        {"id": key, "sign_in": f"bench-{key}", "name": f"Person {key}", "role": Role.TECHNOLOGIST,
         "password_hash": "none", "must_change": False, "active": True, "created_at": OPENED}
        for key in (1, 2)
    ]  # fmt: skip
    # The decision was made on somebody of an older time, whom no donation names.
    older = {"id": 1_000_000_000, "code": "D-OLD", "state": DonorState.ELIGIBLE, "registered_at": OPENED}
    screening = {
        "id": 1, "code": "SCR-1", "donor_id": older["id"], "tissue": Tissue.BONE_MARROW, "opened_at": OPENED,
        "sex": Sex.FEMALE, "age_years": 30, "interviewed_on": None, "interview_clear": None,
        "examined_on": None, "examination_clear": None, "htlv_risk_area": False,
    }  # fmt: skip
    signature = {
        "id": 1, "person_id": 1, "printed_name": "Person 1", "role": "technologist",
        "meaning": Meaning.DECIDED, "signed_at": OPENED, "subject_kind": "screening",
        "subject_code": "SCR-1", "record": "{}", "record_sha256": "0" * 64,
    }  # fmt: skip
    decision = {
        "id": 1, "screening_id": 1, "rule_set": "eu", "rule_set_version": "1", "judged": Verdict.ELIGIBLE,
        "decided": Verdict.ELIGIBLE, "explanation": "[]", "reason": "", "decided_at": OPENED,
        "judged_on": OPENED.date(), "consent_id": None, "up_to_result_id": None, "signature_id": 1,
    }  # fmt: skip
    return {
        "person": people, "donor": [older], "screening": [screening], "signature": [signature],
        "eligibility_decision": [decision],
    }  # fmt: skip
