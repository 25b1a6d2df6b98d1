"""What stands against each thing of a list: a hold that reaches it, and its deviations that are not closed.

Of one thing alone `app.trace.standing` tells the same, with every hold's reason. Here a whole page is asked
for at once: no line asks for itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.concerns.models import SubjectKind
from app.concerns.queries import BATCH, deviations_on, holds_on
from app.kernel.tables import metadata
from app.lots.genealogy import Look, stopped, worded

#: Kinds that a list can ask about. Places are asked by custody, which knows what lies in what.
LISTED = frozenset(SubjectKind) - {SubjectKind.PLACE, SubjectKind.RECIPIENT}
_UNIT, _LOT, _DONATION = (metadata.tables[name] for name in ("unit", "lot", "donation"))
#: The keys of the units that things of a kind are made of, each with the code of its thing.
_MADE_OF = {
    SubjectKind.UNIT: select(_UNIT.c.code, _UNIT.c.id),
    SubjectKind.LOT: select(_LOT.c.code, _UNIT.c.id).join_from(_LOT, _UNIT, _UNIT.c.lot_id == _LOT.c.id),
    SubjectKind.DONATION: select(_DONATION.c.code, _UNIT.c.id).join_from(
        _DONATION, _UNIT, _UNIT.c.donation_id == _DONATION.c.id
    ),
}


def _on_units(look: Look, given: str) -> str:
    """The deviations not closed of these units."""
    return f"""
        SELECT x.id AS unit_id, k.id, k.code FROM {given} {look("unit", "x", id="i.u")}
        {look("deviation", "k", subject_kind="'unit'", subject_code="x.code")}
        WHERE k.state <> 'closed'"""  # noqa: S608  our own names


def _on_their_lots(look: Look, given: str) -> str:
    """The deviations not closed of the lots of these units, once for each unit."""
    return f"""
        SELECT x.id AS unit_id, k.id, k.code FROM {given} {look("unit", "x", id="i.u")}
        {look("lot", "z", id="x.lot_id")}
        {look("deviation", "k", subject_kind="'lot'", subject_code="z.code")}
        WHERE k.state <> 'closed'"""  # noqa: S608  our own names


ON_UNITS, ON_THEIR_LOTS = worded(_on_units), worded(_on_their_lots)


@dataclass(frozen=True, slots=True)
class Stands:
    """Whether a hold in force reaches a thing, and the codes of its deviations not closed, oldest first."""

    held: bool = False
    deviations: tuple[str, ...] = ()


def standings(db: Session, kind: SubjectKind, codes: Iterable[str]) -> dict[str, Stands]:
    """What stands against each of these things of one kind; nothing against a code that does not exist.

    Holds reach descendants, and deviations of a lot are told with its units and the other way round, just
    as on the page of the thing itself. Raises ValueError for a kind that is not in `LISTED`.
    """
    if kind not in LISTED:
        raise ValueError(f"not asked in lists: {kind}")
    wanted = sorted(set(codes))
    units = _units(db, kind, wanted)
    held = {units[key] for key in stopped(db, units)}
    deviations = [(row.id, units[row.unit_id], row.code) for row in ON_UNITS.ask(db, units)]
    if kind is SubjectKind.UNIT:
        deviations += [(row.id, units[row.unit_id], row.code) for row in ON_THEIR_LOTS.ask(db, units)]
    else:
        own = [(kind, code) for code in wanted]
        held |= {hold.subject_code for hold in holds_on(db, own)}
        deviations += [(one.id, one.subject_code, one.code) for one in deviations_on(db, own)]
    told: dict[str, list[str]] = {code: [] for code in wanted}
    for _, about, code in sorted(deviations):
        told[about].append(code)
    return {code: Stands(code in held, tuple(told[code])) for code in wanted}


def _units(db: Session, kind: SubjectKind, codes: list[str]) -> dict[int, str]:
    """Keys of the units that these things are made of, each with the code of its thing; none for a tool."""
    found: dict[int, str] = {}
    for start in range(0, len(codes) if kind in _MADE_OF else 0, BATCH):
        rows = _MADE_OF[kind]
        some = rows.where(rows.selected_columns[0].in_(codes[start : start + BATCH]))
        found |= {key: code for code, key in db.connection().execute(some)}
    return found
