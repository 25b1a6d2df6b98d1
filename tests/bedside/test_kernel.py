"""The wrong-patient kernel, walked through: whatever two people scan in whatever order, no bag goes astray.

Every state of the check that people can reach is visited, and from each of them everything they can do is
tried: both people, every wristband, every label, signing, starting. What the kernel does depends on
nothing but the tables, so visiting each state once covers sequences of any length.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access.models import Person
from app.bedside import rules
from app.bedside.models import BedsideCheck, CheckState, Infusion, Scan, ScanStep, VerdictWord
from app.bedside.operations import scan, sign_check, start_infusion
from app.bedside.queries import OPEN, has_go
from app.kernel.work import Work
from app.lots.models import Unit
from app.orders.models import Allocation
from app.recipients.models import Wristband
from tests.bedside.factories import (
    CHECK_AT,
    START_AT,
    THAW_AT,
    Case,
    Story,
    infused,
    overridden,
    scan_form,
    start_form,
    thawed,
)
from tests.factories import actor_of, proof

#: The four scans of a check.
CHECK = [step for step in ScanStep if step is not ScanStep.THAW]


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person does: a name to read, and the doing."""

    name: str
    do: Callable[[Work], object]


class _Undone(Exception):
    """Ends an act that was only tried."""


def current_check(work: Work) -> str:
    """The check on the screen: the latest one, unless it is over."""
    latest = work.db.exec(select(BedsideCheck).order_by(col(BedsideCheck.id).desc())).first()
    return latest.code if latest is not None and latest.state in OPEN else ""


def read_code(who: Person, text: str, work: Work) -> object:
    return scan(replace(work, actor=actor_of(who)), scan_form(text, current_check(work)))


def signs(who: Person, work: Work) -> object:
    return sign_check(replace(work, actor=actor_of(who)), current_check(work), proof(who))


def starts(who: Person, work: Work) -> object:
    later = work.at + (START_AT - CHECK_AT)
    form = start_form(started_at=later)
    return start_infusion(replace(work, actor=actor_of(who), at=later), current_check(work), form)


def deeds(story: Story) -> list[Deed]:
    """All that two people can do with three patients and three bags."""
    made = []
    for name, who in (("first", story.first), ("second", story.second)):
        for number, case in enumerate(story.cases, start=1):
            made.append(Deed(f"{name} reads wristband {number}", partial(read_code, who, case.band)))
            made.append(Deed(f"{name} reads bag {number}", partial(read_code, who, case.label)))
        made.append(Deed(f"{name} signs", partial(signs, who)))
        made.append(Deed(f"{name} starts", partial(starts, who)))
    return made


def bags_given(db: Session) -> tuple[int, ...]:
    """Keys of the bags that were given or are being given."""
    return tuple(db.exec(select(Infusion.unit_id).order_by(col(Infusion.unit_id))).all())


def state_of(work: Work) -> tuple[object, ...]:
    """All that the kernel's next answer depends on."""
    check = work.db.exec(select(BedsideCheck).where(col(BedsideCheck.state).in_(OPEN))).one_or_none()
    given = bags_given(work.db)
    if check is None:
        return (given,)
    second = check.second_person_id
    seen = second is not None and has_go(work.db, check, ScanStep.SECOND_LABEL, second)
    return (given, check.state, check.recipient_id, check.unit_id, check.first_person_id, second, seen)


def meant(story: Story, work: Work) -> dict[int, int]:
    """Which bag is for which patient, from the case list of the story, not from the kernel's tables."""
    bands = {band.serial: band.recipient_id for band in work.db.exec(select(Wristband)).all()}
    units = {unit.code: unit.id for unit in work.db.exec(select(Unit)).all()}
    return {units[case.unit] or 0: bands[case.band] for case in story.cases}


def faults(story: Story, work: Work) -> list[str]:
    """What must never be: an infusion of another patient's bag, or without four GO scans of two people."""
    found = []
    for infusion in work.db.exec(select(Infusion)).all():
        if meant(story, work)[infusion.unit_id] != infusion.recipient_id:
            found.append(f"{infusion.code}: another patient's bag")
        if work.db.get_one(Allocation, infusion.allocation_id).recipient_id != infusion.recipient_id:
            found.append(f"{infusion.code}: another patient's allocation")
        goes = work.db.exec(
            select(Scan).where(Scan.check_id == infusion.check_id, Scan.verdict == VerdictWord.GO)
        ).all()
        people = {step: {row.person_id for row in goes if row.step is step} for step in CHECK}
        if not all(people.values()) or people[ScanStep.FIRST_LABEL] & people[ScanStep.SECOND_LABEL]:
            found.append(f"{infusion.code}: not read by two people each")
    for check in work.db.exec(select(BedsideCheck)).all():
        if check.state in (CheckState.CONFIRMED, CheckState.USED):
            assert check.unit_id is not None
            if meant(story, work)[check.unit_id] != check.recipient_id:
                found.append(f"{check.code}: confirmed for another patient")
    return found


def explore(story: Story, at: datetime = CHECK_AT) -> tuple[dict[tuple[object, ...], list[Deed]], list[str]]:
    """Every reachable state with a way to it, and every fault met on the way.

    A way ends with the first infusion on it: what comes after is the same walk with one bag less, which a
    test of its own takes.
    """
    everything = deeds(story)
    known: dict[tuple[object, ...], list[Deed]] = {}
    waiting: deque[list[Deed]] = deque([[]])
    met: list[str] = []
    with story.site.db.reading() as db:
        given = bags_given(db)
    while waiting:
        way = waiting.popleft()
        with pytest.raises(_Undone), story.site.db.act(actor_of(story.first), at) as work:
            for deed in way:
                deed.do(work)
            known.setdefault(state_of(work), way)
            for deed in everything:
                tried = work.db.begin_nested()
                deed.do(work)
                met += [f"{' > '.join(d.name for d in [*way, deed])}: {f}" for f in faults(story, work)]
                state = state_of(work)
                if state not in known:
                    known[state] = [*way, deed]
                    if state[0] == given:
                        waiting.append([*way, deed])
                tried.rollback()
            raise _Undone
    return known, met


@pytest.mark.req("K1", "K3")
def test_no_order_of_scans_by_two_people_infuses_a_bag_into_another_patient(three: Story) -> None:
    for case in three.cases:
        thawed(three, case)
    known, met = explore(three)
    assert met == []
    states = {str(state[1]) for state in known if len(state) > 1}
    assert states == {"started", "first_go", "confirmed"}
    assert len({state[0] for state in known}) == 1 + 3, "nothing given, or any one of the three bags"
    assert len(known) > 30


def test_after_an_infusion_no_order_of_scans_gives_that_bag_again(three: Story) -> None:
    for case in three.cases[1:]:
        thawed(three, case)
    given = infused(three).unit_id
    known, met = explore(three)
    assert met == []
    assert {given in bags for bags in (state[0] for state in known) if isinstance(bags, tuple)} == {True}
    assert len({state[0] for state in known}) == 1 + 2


@pytest.mark.req("K1", "K8")
def test_with_every_bag_overridden_still_no_bag_reaches_another_patient(three: Story) -> None:
    """Long after the thaw a physician overrode the time of all three bags: the walk finds no way astray."""
    late = THAW_AT + timedelta(minutes=95)
    for case in three.cases:
        thawed(three, case)
        overridden(three, case, late)
    known, met = explore(three, late)
    assert met == []
    assert len({state[0] for state in known}) == 1 + 3, "each bag can be given, to its own patient alone"


def test_without_an_override_nothing_starts_long_after_the_thaw(three: Story) -> None:
    """The control of the walk above."""
    for case in three.cases:
        thawed(three, case)
    known, met = explore(three, THAW_AT + timedelta(minutes=95))
    assert met == []
    assert len({state[0] for state in known}) == 1


def test_the_explorer_would_see_a_bag_go_astray(three: Story) -> None:
    """The control: told that the first two bags were meant the other way round, it finds the fault."""
    one, other, last = three.cases
    thawed(three)
    swapped = replace(three, cases=(replace(one, unit=other.unit), replace(other, unit=one.unit), last))
    with pytest.raises(_Undone), three.site.db.act(actor_of(three.first), CHECK_AT) as work:
        for deed in to_an_infusion(three, one, one.label):
            deed(work)
        assert faults(three, work) == []
        assert len(faults(swapped, work)) == 2
        raise _Undone


def to_an_infusion(story: Story, case: Case, label: str) -> list[Callable[[Work], object]]:
    """All deeds from the first wristband to the start."""
    way: list[Callable[[Work], object]] = []
    for who in (story.first, story.second):
        way += [partial(read_code, who, case.band), partial(read_code, who, label), partial(signs, who)]
    return [*way, partial(starts, story.second)]


@pytest.mark.req("K1")
def test_with_the_question_about_the_patient_left_out_the_database_still_refuses(
    three: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = tuple(q for q in rules.QUESTIONS if q.__name__ != "wrong_patient")
    monkeypatch.setattr(rules, "QUESTIONS", blind)
    one, other, _ = three.cases
    thawed(three, other)
    with pytest.raises(IntegrityError), three.site.db.act(actor_of(three.first), CHECK_AT) as work:
        for deed in to_an_infusion(three, one, other.label):
            deed(work)
