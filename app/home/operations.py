"""The one act of this room: a person has read a notice."""

from collections.abc import Callable

from sqlmodel import select

from app.access.permissions import Permission
from app.donors.queries import site_day
from app.evidence.ledger import Subject, record
from app.home import events, rules
from app.home.models import NoticeRead
from app.home.notices import notices
from app.home.worklist import Asking
from app.kernel.refusals import Refusal
from app.kernel.work import Work


def mark_read(work: Work, notice: str, can: Callable[[Permission], bool]) -> NoticeRead | Refusal:
    """Remember that this person read one of their notices; a second time changes nothing."""
    person_id = work.actor.person_id or 0
    asking = Asking(work.db, work.at, site_day(work.db, work.at), person_id)
    if notice not in {one.key for one in notices(asking, can)}:
        return rules.no_such_notice()
    found = select(NoticeRead).where(NoticeRead.person_id == person_id, NoticeRead.notice == notice)
    before = work.db.exec(found).one_or_none()
    if before is not None:
        return before
    row = NoticeRead(person_id=person_id, notice=notice, read_at=work.at)
    work.db.add(row)
    record(work, events.NOTICE_READ, Subject("notice", notice[:80]), notice=notice)
    return row
