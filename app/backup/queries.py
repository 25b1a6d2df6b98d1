"""What is known of backups: the latest, and whether it is time to worry."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.access.models import Person
from app.backup.limits import limits
from app.backup.models import Backup
from app.kernel.speech import say

#: Backups on the page.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """How the site stands: when the last good backup was made, and whether that is too long ago."""

    last: datetime | None
    age: timedelta | None
    worry: bool
    version: str
    worry_after: timedelta

    @property
    def sentence(self) -> str:
        """How it stands, in one sentence."""
        if self.age is None:
            return say("No backup was ever made")
        return say("The last good backup was made {words}", words=self.words)

    @property
    def words(self) -> str:
        """The age as people say it: ``3 hours``, ``2 days``."""
        if self.age is None:
            return say("never")
        hours = int(self.age.total_seconds() // 3600)
        if hours == 1:
            return say("1 hour ago")
        return (
            say("{hours} hours ago", hours=hours) if hours < 48 else say("{days} days ago", days=hours // 24)
        )


def standing(db: Session, at: datetime) -> Standing:
    """How the site stands at this time."""
    last = db.exec(select(Backup.made_at).order_by(col(Backup.made_at).desc()).limit(1)).first()
    age = None if last is None else at - last
    in_force = limits()
    worry = age is None or age > in_force.worry_after
    return Standing(last, age, worry, in_force.version, in_force.worry_after)


def latest(db: Session) -> list[tuple[Backup, str]]:
    """The latest backups and who made each, newest first."""
    found = (
        select(Backup, Person.sign_in)
        .outerjoin(Person, col(Person.id) == col(Backup.made_by_id))
        .order_by(col(Backup.id).desc())
        .limit(SHOWN)
    )
    return [(backup, sign_in or "hilo") for backup, sign_in in db.exec(found)]
