"""Bags at the ward and patients with their wristbands, for tests of the bedside and of later rooms."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count

from sqlmodel import select

from app.access.models import Person, Role
from app.bedside.forms import EndForm, OverrideForm, ScanForm, StartForm, ThawForm
from app.bedside.models import BedsideCheck, EntrySource, Infusion, Override
from app.bedside.operations import Answer, end_infusion, scan, sign_check, start_infusion
from app.bedside.overriding import override_stop
from app.bedside.thawing import thaw
from app.custody.models import PlaceKind
from app.custody.operations import issue_unit, receive_unit
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import Unit
from app.orders.operations import make_ready
from app.site import Site
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import sure
from tests.orders.factories import allocated, physician, place, released_lot, technologist
from tests.recipients.factories import recipient, wristband

#: When the check of the worked example begins; the infusion starts four minutes later.
CHECK_AT = datetime(2025, 5, 6, 10, 10, tzinfo=UTC)
#: The label is scanned at the thaw eight minutes before the check.
THAW_AT = CHECK_AT - timedelta(minutes=8)
START_AT = CHECK_AT + timedelta(minutes=4)
END_AT = START_AT + timedelta(minutes=21)
#: 87 minutes after the thaw: a check begun now is over the limit before its infusion starts.
LATE = THAW_AT + timedelta(minutes=87)
_keys = count(1)


@dataclass(frozen=True, slots=True)
class Case:
    """One patient, the bag that is meant for them, and how both are scanned."""

    recipient: str
    order: str
    unit: str
    band: str
    label: str


@dataclass(frozen=True, slots=True)
class Story:
    """A ward with its people and cases."""

    site: Site
    first: Person
    second: Person
    doctor: Person
    cases: tuple[Case, ...]

    @property
    def case(self) -> Case:
        """The first case, where a test needs only one."""
        return self.cases[0]


def ready_for_infusion(site: Site, cases: int = 1) -> Story:
    """So many patients with wristbands, each with a bag received at the ward under a ready order."""
    first = someone(site, Role.NURSE, "nurse1")
    second = someone(site, Role.NURSE, "nurse2")
    labels = released_lot(site, cases)
    place(site, "WARD-4", PlaceKind.WARD)
    made = []
    for number, (unit_code, label) in enumerate(labels.items(), start=1):
        code = recipient(site, physician(site), f"LN-{number:02d}", number).code
        order = allocated(site, code, unit_code)[0].code
        deliver(site, unit_code, order, first)
        made.append(Case(code, order, unit_code, wristband(site, first, code).serial, label))
    return Story(site, first, second, physician(site), tuple(made))


def deliver(site: Site, unit_code: str, order: str, taker: Person) -> None:
    """Issue a bag to the ward, receive it there, and make its order ready."""
    issued_at = CHECK_AT - timedelta(hours=26)
    with act(site, technologist(site), issued_at) as work:
        sure(issue_unit(work, unit_code, "WARD-4", taker.sign_in, "dry shipper", Decimal("-160")))
    with act(site, taker, CHECK_AT - timedelta(minutes=30)) as work:
        sure(receive_unit(work, unit_code, "WARD-4", "frozen, intact", Decimal("-158")))
        sure(make_ready(work, order))


def scan_form(text: str, check: str = "", **more: object) -> ScanForm:
    """One reading by hand scanner under a fresh key."""
    given: dict[str, object] = {
        "text": text,
        "request_key": f"test-key-{next(_keys):06d}",
        "source": EntrySource.SCANNED,
        "check": check,
    }
    return ScanForm.model_validate(given | more)


def scanned(work: Work, text: str, check: str = "") -> Answer:
    """A reading that is not refused as a request."""
    return sure(scan(work, scan_form(text, check)))


def read_by(story: Story, who: Person, text: str, check: str = "", at: datetime = CHECK_AT) -> Answer:
    """One reading in an act of its own."""
    with act(story.site, who, at) as work:
        return scanned(work, text, check)


def thaw_form(text: str, **more: object) -> ThawForm:
    """The label scanned at the thaw."""
    given: dict[str, object] = {
        "text": text,
        "request_key": f"test-key-{next(_keys):06d}",
        "source": EntrySource.SCANNED,
    }
    return ThawForm.model_validate(given | more)


def thawed(story: Story, case: Case | None = None, at: datetime = THAW_AT, **more: object) -> Answer:
    """The first nurse scans the bag's label as it is thawed."""
    with act(story.site, story.first, at) as work:
        return sure(thaw(work, thaw_form((case or story.case).label, **more)))


def overridden(story: Story, case: Case | None = None, at: datetime = CHECK_AT) -> Override:
    """The physician overrides the time after thaw, the first nurse signs with them."""
    form = OverrideForm(overridden="thawed_too_long", reason="No other bag; viability 90 % on the segment")
    with act(story.site, story.first, at) as work:
        unit = (case or story.case).unit
        return sure(override_stop(work, unit, form, proof(story.doctor), proof(story.first)))


def first_check(story: Story, case: Case | None = None, at: datetime = CHECK_AT) -> str:
    """The first person's scans and signature: the check's code."""
    case = case or story.case
    opened = read_by(story, story.first, case.band, at=at)
    assert opened.check is not None, opened.reasons
    code = opened.check.code
    answer = read_by(story, story.first, case.label, code, at)
    assert answer.verdict == "go", answer.reasons
    with act(story.site, story.first, at) as work:
        sure(sign_check(work, code, proof(story.first)))
    return code


def confirmed_check(story: Story, case: Case | None = None, at: datetime = CHECK_AT) -> str:
    """A check that both people did and signed."""
    case = case or story.case
    code = first_check(story, case, at)
    for text in (case.band, case.label):
        answer = read_by(story, story.second, text, code, at)
        assert answer.verdict == "go", answer.reasons
    with act(story.site, story.second, at) as work:
        sure(sign_check(work, code, proof(story.second)))
    return code


def start_form(**more: object) -> StartForm:
    """The start of the worked example: 90 million viable cells in 20 mL, 91 % viable."""
    given: dict[str, object] = {
        "started_at": START_AT,
        "volume_ml": Decimal(20),
        "viable_million": Decimal(90),
        "viability_percent": Decimal(91),
    }
    return StartForm.model_validate(given | more)


def end_form(**more: object) -> EndForm:
    """The end of the worked example: 0.4 mL left, 10 mL flushed."""
    given: dict[str, object] = {
        "ended_at": END_AT,
        "residual_ml": Decimal("0.4"),
        "flush_ml": Decimal(10),
    }
    return EndForm.model_validate(given | more)


def started(story: Story, case: Case | None = None) -> Infusion:
    """A running infusion of a bag thawed at 10:02."""
    thawed(story, case)
    code = confirmed_check(story, case)
    with act(story.site, story.second, START_AT) as work:
        return sure(start_infusion(work, code, start_form()))


def infused(story: Story, case: Case | None = None) -> Infusion:
    """An infusion from check to end."""
    running = started(story, case)
    with act(story.site, story.first, END_AT) as work:
        return sure(end_infusion(work, running.code, end_form()))


def start_refused(
    story: Story, code: str, who: Person | None = None, at: datetime = START_AT, **more: object
) -> Refusal:
    """The refusal of a start."""
    with act(story.site, who or story.second, at) as work:
        answer = start_infusion(work, code, start_form(**more))
    assert isinstance(answer, Refusal), answer
    return answer


def check_of(story: Story, code: str) -> BedsideCheck:
    """The check as it now is."""
    with story.site.db.reading() as db:
        return db.exec(select(BedsideCheck).where(BedsideCheck.code == code)).one()


def unit_of(story: Story, code: str) -> Unit:
    """The unit as it now is."""
    with story.site.db.reading() as db:
        return db.exec(select(Unit).where(Unit.code == code)).one()
