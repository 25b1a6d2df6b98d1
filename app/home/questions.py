"""The worklist: for each role, what needs its hands now."""

from collections.abc import Callable
from dataclasses import dataclass

from app.access.permissions import Permission
from app.concerns.models import DeviationState
from app.custody.shipment_models import ShipmentState
from app.donors.models import DonorState
from app.followup.queries import Standing
from app.home import worklist as ask
from app.home.worklist import Asking
from app.kernel.speech import say
from app.labeling.models import LabelState
from app.lots.models import LotState, UnitState
from app.orders.models import OrderState

_P = Permission
#: Codes shown beside a count; the link leads to the rest.
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the worklist: who sees it, in which words, where it leads, and what it finds."""

    name: str
    permission: Permission
    one: str
    many: str
    #: The page of the count, and what stands before a code to open it; empty where codes have no page.
    endpoint: str
    page: str
    asks: Callable[[Asking], list[str]]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """A question with its answer."""

    question: Question
    codes: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many wait."""
        return len(self.codes)

    @property
    def words(self) -> str:
        """What waits, for one or for many."""
        return self.question.one if self.count == 1 else self.question.many


#: Every question, the gravest first.
QUESTIONS = (
    Question(
        "held_in_hands",
        _P.CUSTODY_READ,
        say("unit in your hands is on hold"),
        say("units in your hands are on hold"),
        "concerns.index",
        "/units/",
        ask.held_in_my_hands,
        urgent=True,
    ),
    Question(
        "backup",
        _P.BACKUP_READ,
        say("make one today"),
        "",
        "backup.index",
        "",
        ask.backup_too_old,
        urgent=True,
    ),
    Question(
        "holds",
        _P.HOLD_LIFT,
        say("hold in force"),
        say("holds in force"),
        "concerns.index",
        "/holds/",
        ask.holds,
        urgent=True,
    ),
    Question(
        "deviations_open",
        _P.DEVIATION_DECIDE,
        say("deviation waits for its assessment"),
        say("deviations wait for their assessment"),
        "concerns.deviations.index",
        "/deviations/",
        ask.deviations_in(DeviationState.OPEN),
        urgent=True,
    ),
    Question(
        "deviations_assessed",
        _P.DEVIATION_DECIDE,
        say("assessed deviation to close"),
        say("assessed deviations to close"),
        "concerns.deviations.index",
        "/deviations/",
        ask.deviations_in(DeviationState.ASSESSED),
    ),
    Question(
        "infusions",
        _P.BEDSIDE,
        say("infusion runs: record its end"),
        say("infusions run: record their end"),
        "bedside.infusions",
        "/bedside/infusions/",
        ask.infusions_running,
        urgent=True,
    ),
    Question(
        "orders_today",
        _P.ORDER_READ,
        say("order is planned for today"),
        say("orders are planned for today"),
        "orders.index",
        "/orders/",
        ask.orders_today,
        urgent=True,
    ),
    Question(
        "orders_late",
        _P.ORDER_PRESCRIBE,
        say("order waits past its day"),
        say("orders wait past their day"),
        "orders.index",
        "/orders/",
        ask.orders_late,
        urgent=True,
    ),
    Question(
        "returned",
        _P.RETURN_ACCEPT,
        say("returned unit waits: to stock, or destroyed?"),
        say("returned units wait: to stock, or destroyed?"),
        "custody.index",
        "/units/",
        ask.units_in(UnitState.RETURNED),
    ),
    Question(
        "results_late",
        _P.RESULT_WRITE,
        say("lot lacks results for too long"),
        say("lots lack results for too long"),
        "quality.index",
        "/quality/",
        ask.results_too_long,
        urgent=True,
    ),
    Question(
        "conditional",
        _P.QUALITY_READ,
        say("conditional release with tests pending"),
        say("conditional releases with tests pending"),
        "quality.index",
        "/quality/",
        ask.conditional_with_pending,
    ),
    Question(
        "to_release",
        _P.RELEASE,
        say("lot is ready for its decision"),
        say("lots are ready for their decision"),
        "quality.index",
        "/quality/",
        ask.lots_to_release,
    ),
    Question(
        "quarantine",
        _P.QUALITY_READ,
        say("lot in quarantine"),
        say("lots in quarantine"),
        "quality.index",
        "/quality/",
        ask.lots_in(LotState.QUARANTINE),
    ),
    Question(
        "donor_risk",
        _P.DONOR_DECIDE,
        say("donor waits for a risk assessment"),
        say("donors wait for a risk assessment"),
        "donors.index",
        "/donors/",
        ask.donors_in(DonorState.RISK_ASSESSMENT),
    ),
    Question(
        "donor_decide",
        _P.DONOR_DECIDE,
        say("donor waits for a decision"),
        say("donors wait for a decision"),
        "donors.index",
        "/donors/",
        ask.donors_to_decide,
    ),
    Question(
        "donor_screening",
        _P.DONOR_WRITE,
        say("donor in screening"),
        say("donors in screening"),
        "donors.index",
        "/donors/",
        ask.donors_in(DonorState.IN_SCREENING),
    ),
    Question(
        "lots",
        _P.LOT_WRITE,
        say("lot in process"),
        say("lots in process"),
        "lots.index",
        "/lots/",
        ask.lots_in(LotState.IN_PROCESS),
    ),
    Question(
        "labels",
        _P.LABEL_APPLY,
        say("printed label to scan back"),
        say("printed labels to scan back"),
        "labeling.index",
        "",
        ask.labels_in(LabelState.PRINTED),
    ),
    Question(
        "void_labels",
        _P.LABEL_APPLY,
        say("void label to destroy"),
        say("void labels to destroy"),
        "labeling.index",
        "",
        ask.labels_in(LabelState.SPOILED, LabelState.RETURNED, LabelState.SUPERSEDED),
    ),
    Question(
        "allocate",
        _P.ORDER_ALLOCATE,
        say("order waits for a unit"),
        say("orders wait for a unit"),
        "orders.index",
        "/orders/",
        ask.orders_in(OrderState.PRESCRIBED),
    ),
    Question(
        "issue",
        _P.ORDER_ALLOCATE,
        say("allocated unit to issue"),
        say("allocated units to issue"),
        "custody.index",
        "/units/",
        ask.units_in(UnitState.ALLOCATED),
    ),
    Question(
        "on_their_way",
        _P.CUSTODY_WRITE,
        say("unit on its way"),
        say("units on their way"),
        "custody.index",
        "/units/",
        ask.units_in(UnitState.ISSUED, UnitState.IN_TRANSIT),
    ),
    Question(
        "shipments_under_way",
        _P.CUSTODY_WRITE,
        say("shipment is packed or under way"),
        say("shipments are packed or under way"),
        "custody.shipments.index",
        "/shipments/",
        ask.shipments_in(ShipmentState.PACKED, ShipmentState.SENT),
    ),
    Question(
        "loggers_missing",
        _P.CUSTODY_WRITE,
        say("shipment waits for its logger's file"),
        say("shipments wait for their logger's file"),
        "custody.shipments.index",
        "/shipments/",
        ask.shipments_in(ShipmentState.RECEIVED),
        urgent=True,
    ),
    Question(
        "bedside",
        _P.BEDSIDE,
        say("order ready at the bedside"),
        say("orders ready at the bedside"),
        "bedside.start",
        "/orders/",
        ask.orders_in(OrderState.READY, OrderState.CHECKED, OrderState.IN_PROGRESS),
    ),
    Question(
        "visits_missing",
        _P.FOLLOWUP_WRITE,
        say("visit is missing"),
        say("visits are missing"),
        "followup.index",
        "/recipients/",
        ask.visits_that_are(Standing.MISSING),
        urgent=True,
    ),
    Question(
        "visits_due",
        _P.FOLLOWUP_WRITE,
        say("visit is due"),
        say("visits are due"),
        "followup.index",
        "/recipients/",
        ask.visits_that_are(Standing.DUE),
    ),
    Question(
        "sera",
        _P.ANTIBODY_WRITE,
        say("serum waits for its bead results"),
        say("sera wait for their bead results"),
        "antibodies.index",
        "/antibodies/sera/",
        ask.sera_without_results,
    ),
    Question(
        "materials",
        _P.MATERIAL_WRITE,
        say("material expires or has just expired"),
        say("materials expire or have just expired"),
        "materials.index",
        "/materials/",
        ask.materials_expiring,
    ),
    Question(
        "equipment",
        _P.MATERIAL_WRITE,
        say("device needs its calibration"),
        say("devices need their calibration"),
        "materials.index",
        "/equipment/",
        ask.equipment_due,
    ),
)


def waiting(asking: Asking, can: Callable[[Permission], bool]) -> list[Task]:
    """The worklist of a person: only what they may do, only what there is, urgent lines first."""
    found = [Task(one, tuple(one.asks(asking))) for one in QUESTIONS if can(one.permission)]
    return sorted((task for task in found if task.codes), key=lambda task: not task.question.urgent)
