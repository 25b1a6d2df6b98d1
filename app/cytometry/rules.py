"""Which cytometry files may be taken, and for whom."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kernel.refusals import Refusal

LONGEST_PANEL = 120
#: The flag of a file whose tube was measured before its blood was drawn. A warning and no refusal: the
#: clock of a cytometer's computer is often wrong.
MEASURED_BEFORE_COLLECTED = "MEASURED_BEFORE_COLLECTED"


class Why(StrEnum):
    """Every reason this room says no; the reader of the file adds its own (`app.cytometry.fcs_findings`)."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    CODE_TAKEN = "code_taken"
    COLLECTED_IN_FUTURE = "collected_in_future"
    PANEL_MISSING = "panel_missing"
    FILE_OF_ANOTHER = "file_of_another"
    ALREADY_KEPT = "already_kept"


@dataclass(frozen=True, slots=True)
class Arrival:
    """All that is known when a cytometry file is to be kept."""

    today: date
    recipient: str
    panel: str
    collected_on: date
    #: Code of the kept file with the same bytes, and of its recipient.
    kept_as: str
    kept_for: str
    code: str
    code_taken: bool


def recipient_unknown(code: str) -> Refusal:
    """The refusal for a recipient that is not registered."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        f"No recipient has the code {code[:20]}.",
        "Check the code on the list of recipients.",
    )


def code_taken(a: Arrival) -> Refusal | None:
    """Does the code already belong to a file?"""
    if not a.code_taken:
        return None
    return Refusal(
        Why.CODE_TAKEN, f"The code {a.code} is already taken.", "Codes are never reused: use the next one."
    )


def file_of_another(a: Arrival) -> Refusal | None:
    """Is this very file already that of another recipient?"""
    if a.kept_for in ("", a.recipient):
        return None
    return Refusal(
        Why.FILE_OF_ANOTHER,
        f"This very file already is tied to {a.kept_for}, as {a.kept_as}.",
        "Stop and find out whose cells these are. One file belongs to one recipient.",
    )


def already_kept(a: Arrival) -> Refusal | None:
    """Was the file kept before?"""
    if not a.kept_as:
        return None
    return Refusal(
        Why.ALREADY_KEPT,
        f"This very file is already kept as {a.kept_as}.",
        "Nothing more is to be done. Open it on the page of cytometry files.",
    )


def collected_in_future(a: Arrival) -> Refusal | None:
    """Was the sample collected yet?"""
    if a.collected_on <= a.today:
        return None
    return Refusal(
        Why.COLLECTED_IN_FUTURE,
        f"The sample would be collected on {a.collected_on.isoformat()}, which lies in the future.",
        "Check the date on the tube and enter it again.",
    )


def panel_missing(a: Arrival) -> Refusal | None:
    """Was it said which panel was stained?"""
    if 0 < len(a.panel) <= LONGEST_PANEL:
        return None
    return Refusal(
        Why.PANEL_MISSING,
        "The name of the panel is missing or too long.",
        f"Write which panel was stained, in at most {LONGEST_PANEL} characters.",
    )


QUESTIONS = (file_of_another, already_kept, collected_in_future, panel_missing, code_taken)
