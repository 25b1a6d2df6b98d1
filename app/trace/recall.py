"""Recall: who received anything of this subject? One question to the database, asked before any other."""

from functools import cache

from sqlalchemy import TextClause, text
from sqlmodel import Session

from app.concerns.models import SubjectKind
from app.kernel.refusals import Refusal
from app.lots.genealogy import Look, PerEngine, worded
from app.trace.queries import UNITS_LAIN_IN
from app.trace.rules import no_such_kind, not_found


def _started(*hops: tuple[str, str, dict[str, str]]) -> PerEngine:
    """The recipients of all that came from the units that these look-ups lead to, from the given key."""

    def build(look: Look, given: str) -> str:
        start = " ".join(look(table, alias, **keys) for table, alias, keys in hops)
        return f"""
        WITH RECURSIVE line(u) AS (
            SELECT x.id FROM {given} {start}
            UNION
            SELECT e.child_id FROM line AS r {look("edge", "e", parent_id="r.u")}
        ), reached(p) AS MATERIALIZED (
            SELECT DISTINCT f.recipient_id FROM line AS r {look("infusion", "f", unit_id="r.u")}
        )
        SELECT c.code FROM reached AS r {look("recipient", "c", id="r.p")}"""  # noqa: S608  our own names

    return worded(build)


#: Where the units of each kind of subject are found.
QUESTIONS: dict[SubjectKind, PerEngine] = {
    SubjectKind.DONOR: _started(
        ("donation", "d", {"donor_id": "i.u"}), ("unit", "x", {"donation_id": "d.id"})
    ),
    SubjectKind.DONATION: _started(("unit", "x", {"donation_id": "i.u"})),
    SubjectKind.LOT: _started(("unit", "x", {"lot_id": "i.u"})),
    SubjectKind.UNIT: _started(("unit", "x", {"id": "i.u"})),
    SubjectKind.MATERIAL: _started(
        ("step_material", "k", {"material_id": "i.u"}), ("unit", "x", {"step_id": "k.step_id"})
    ),
    SubjectKind.EQUIPMENT: _started(
        ("step_equipment", "k", {"equipment_id": "i.u"}), ("unit", "x", {"step_id": "k.step_id"})
    ),
}


@cache
def _key_of(kind: SubjectKind) -> TextClause:
    """The key of the row with this code; every such table is named after its kind."""
    return text(f"SELECT id FROM {kind.value} WHERE code = :code")  # noqa: S608  our own names


def recipients_of(db: Session, kind: str, code: str) -> tuple[str, ...] | Refusal:
    """Codes of everybody whose infusion of anything from this subject began, sorted.

    The same people as `app.trace.queries.trace` names, without the dossier of every unit on the way.
    """
    if kind not in set(SubjectKind):
        return no_such_kind(kind)
    subject = SubjectKind(kind)
    found = db.connection().execute(_key_of(subject), {"code": code}).scalar_one_or_none()
    if found is None:
        return not_found(subject.value, code)
    if subject is SubjectKind.RECIPIENT:
        return (code,)
    asked, keys = QUESTIONS.get(subject), [found]
    if asked is None:
        asked, keys = QUESTIONS[SubjectKind.UNIT], [row[0] for row in UNITS_LAIN_IN.ask(db, keys)]
    return tuple(sorted(row.code for row in asked.ask(db, keys)))
