"""Questions that rooms further along the thread ask before an act of a room upstream.

A room imports only rooms before it; a gate is how a later room's "no" reaches an earlier room's act. The
table of gates stands beside that of consequences and is joined where the site is opened.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from app.kernel.refusals import Refusal, first
from app.kernel.work import Work


class Guarded(StrEnum):
    """Acts that ask later rooms first."""

    ISSUE = "issue"
    RESTOCK = "restock"


#: Asked with the act in hand and the code of its subject; None lets the act go on.
Gate = Callable[[Work, str], Refusal | None]
Gates = Mapping[Guarded, tuple[Gate, ...]]


def may_pass(work: Work, act: Guarded, code: str) -> Refusal | None:
    """The first "no" of a later room. Raises KeyError where no table was joined: no act goes unasked."""
    gates: Gates = work.db.info["gates"]
    return first(*(gate(work, code) for gate in gates[act]))
