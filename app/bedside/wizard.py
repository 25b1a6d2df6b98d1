"""Which page of the wizard a person sees: one action a screen, the second person blind to the first."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from app.access.models import Person
from app.bedside import queries
from app.bedside.limits import limits
from app.bedside.models import BedsideCheck, CheckState, ScanStep
from app.recipients.models import Recipient


class Screen(StrEnum):
    """The pages of a check, in the order of its life."""

    FIRST_LABEL = "first_label"
    FIRST_SIGN = "first_sign"
    HAND_OVER = "hand_over"
    SECOND_WRISTBAND = "second_wristband"
    SECOND_LABEL = "second_label"
    SECOND_SIGN = "second_sign"
    START = "start"
    USED = "used"
    NOT_YOURS = "not_yours"
    OVER = "over"


#: Screens whose reader has read the wristband: only they show whose check it is.
NAMED = frozenset(
    {
        Screen.FIRST_LABEL,
        Screen.FIRST_SIGN,
        Screen.SECOND_LABEL,
        Screen.SECOND_SIGN,
        Screen.START,
    }
)


@dataclass(frozen=True, slots=True)
class View:
    """A check as the person in front of the tablet may see it."""

    check: BedsideCheck
    screen: Screen
    recipient: str
    first: str
    valid_until: datetime
    #: The infusion this check was used for.
    infusion: str | None


def view(db: Session, check: BedsideCheck, actor_id: int, at: datetime) -> View:
    """What this person sees of the check now."""
    assert check.id is not None
    used = queries.infusion_of_check(db, check.id)
    until = check.started_at + limits().check
    return View(
        check,
        _screen(db, check, actor_id, expired=at > until),
        db.get_one(Recipient, check.recipient_id).code,
        db.get_one(Person, check.first_person_id).name,
        until,
        None if used is None else used.code,
    )


def _screen(db: Session, check: BedsideCheck, actor_id: int, *, expired: bool) -> Screen:
    if check.state is CheckState.USED:
        return Screen.USED
    if check.state is CheckState.ENDED or expired:
        return Screen.OVER
    if check.state is CheckState.STARTED:
        return _first(db, check, actor_id)
    if check.state is CheckState.FIRST_GO:
        return _second(db, check, actor_id)
    mine = actor_id in (check.first_person_id, check.second_person_id)
    return Screen.START if mine else Screen.NOT_YOURS


def _first(db: Session, check: BedsideCheck, actor_id: int) -> Screen:
    if actor_id != check.first_person_id:
        return Screen.NOT_YOURS
    return (
        Screen.FIRST_SIGN if queries.has_go(db, check, ScanStep.FIRST_LABEL, actor_id) else Screen.FIRST_LABEL
    )


def _second(db: Session, check: BedsideCheck, actor_id: int) -> Screen:
    if actor_id == check.first_person_id:
        return Screen.HAND_OVER
    if check.second_person_id is None:
        return Screen.SECOND_WRISTBAND
    if actor_id != check.second_person_id:
        return Screen.NOT_YOURS
    return (
        Screen.SECOND_SIGN
        if queries.has_go(db, check, ScanStep.SECOND_LABEL, actor_id)
        else Screen.SECOND_LABEL
    )
