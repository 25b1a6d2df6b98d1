"""Notices: what must reach a person, derived from what is recorded, and gone when it is settled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from app.access.permissions import Permission
from app.backup.queries import standing
from app.concerns.models import Deviation, DeviationState, Hold, Severity
from app.followup import queries as followup
from app.home.models import NoticeRead
from app.home.worklist import Asking, overdue_results
from app.kernel.speech import say, word
from app.trace.reach import held_in_hands

#: Units or tests named in one notice.
NAMED = 6


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: its key, its sentence, the page it leads to, and when this person read it."""

    key: str
    sentence: str
    url: str
    urgent: bool = False
    read_at: datetime | None = None


def _held(asking: Asking) -> list[Notice]:
    """A hold reaches units that this person took over last."""
    held = held_in_hands(asking.db, asking.person_id)
    why = dict(asking.db.exec(select(Hold.code, Hold.why).where(col(Hold.code).in_(held))).all())
    return [
        Notice(
            f"hold:{hold}",
            say("STOP for {units} in your hands: {why}", units=_named(units), why=why[hold]),
            f"/holds/{hold}",
            urgent=True,
        )
        for hold, units in held.items()
    ]


def _critical(asking: Asking) -> list[Notice]:
    """A critical deviation waits for its assessment: it blocks a release."""
    found = select(Deviation).where(
        Deviation.state == DeviationState.OPEN, Deviation.severity == Severity.CRITICAL
    )
    return [
        Notice(
            f"deviation:{one.code}",
            say(
                "Critical deviation {code} on {subject_kind} {subject_code}: {what}",
                code=one.code,
                subject_kind=one.subject_kind.value,
                subject_code=one.subject_code,
                what=one.what,
            ),
            f"/deviations/{one.code}",
            urgent=True,
        )
        for one in asking.db.exec(found.order_by(col(Deviation.code)))
    ]


def _named(codes: list[str] | tuple[str, ...]) -> str:
    more = say(" and {codes} more", codes=len(codes) - NAMED) if len(codes) > NAMED else ""
    return ", ".join(codes[:NAMED]) + more


def _results(asking: Asking) -> list[Notice]:
    """Release results of a lot are pending for too long."""
    return [
        Notice(
            f"results:{lot}",
            say(
                "{lot} still lacks {tests}",
                lot=lot,
                tests=_named(tuple(test.replace("_", " ") for test in tests)),
            ),
            f"/quality/{lot}",
        )
        for lot, tests in overdue_results(asking.db, asking.at)
    ]


def _visits(asking: Asking) -> list[Notice]:
    """A visit is due, or its window has passed."""
    return [
        Notice(
            f"visit:{due.recipient}:{due.timepoint.value}:{due.standing.value}",
            say(
                "The {timepoint} visit of {recipient} is {standing}",
                timepoint=word(due.timepoint),
                recipient=due.recipient,
                standing=due.standing.value,
            ),
            f"/recipients/{due.recipient}",
            urgent=due.standing is followup.Standing.MISSING,
        )
        for due in followup.waiting(asking.db, asking.today)
    ]


def _backup(asking: Asking) -> list[Notice]:
    """The last good backup is too old."""
    now = standing(asking.db, asking.at)
    if not now.worry:
        return []
    since = "never" if now.last is None else now.last.date().isoformat()
    return [Notice(f"backup:{since}", now.sentence, "/backups", urgent=True)]


#: Whom each sort of notice reaches, in the order they are listed.
SORTS: tuple[tuple[Permission, Callable[[Asking], list[Notice]]], ...] = (
    (Permission.HOLD_READ, _held),
    (Permission.DEVIATION_DECIDE, _critical),
    (Permission.BACKUP_READ, _backup),
    (Permission.FOLLOWUP_WRITE, _visits),
    (Permission.RESULT_WRITE, _results),
)


def notices(asking: Asking, can: Callable[[Permission], bool]) -> list[Notice]:
    """Everything this person should know now, unread first, urgent before the rest."""
    found = [notice for permission, sort in SORTS if can(permission) for notice in sort(asking)]
    read = read_by(asking.db, asking.person_id)
    marked = [Notice(one.key, one.sentence, one.url, one.urgent, read.get(one.key)) for one in found]
    return sorted(marked, key=lambda one: (one.read_at is not None, not one.urgent))


def read_by(db: Session, person_id: int) -> dict[str, datetime]:
    """When this person read which notice."""
    rows = select(NoticeRead.notice, NoticeRead.read_at).where(NoticeRead.person_id == person_id)
    return dict(db.exec(rows).all())
