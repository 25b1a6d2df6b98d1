"""All that is known when a step is to be recorded."""

from dataclasses import dataclass
from datetime import datetime

from app.lots.models import LotKind, LotState
from app.lots.process_limits import Limits
from app.lots.reckoning import Input, Reckoned
from app.lots.stepform import StepForm


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is known when a step is told."""

    form: StepForm
    at: datetime
    lot_id: int
    lot_kind: LotKind
    lot_state: LotState
    inputs: tuple[Input, ...]
    #: States of the lots the inputs come from.
    lot_states: dict[int, LotState]
    lot_kinds: dict[int, LotKind]
    #: Holds that reach an input, or lie on a material or device, as (what, code of the hold).
    holds: tuple[tuple[str, str], ...]
    limits: Limits
    reckoned: Reckoned
