"""Deviations that making a lot opens by itself, by the rules of its limits."""

from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work


def deviation_on(work: Work, lot: str, what: str, severity: Severity, rule: str) -> int:
    """Open a deviation on the lot, and give its key; ``rule`` names the limits that ask for it."""
    deviation = open_deviation(work, SubjectKind.LOT, lot, what, severity, rule)
    assert not isinstance(deviation, Refusal)  # the lot is there, and the sentence is ours
    work.db.flush()
    return known(deviation.id)
