"""At the bed: the wrong wristband is stopped, then two people check, and each patient is given their bag."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from app.bedside.aftercare import end_reaction, record_reaction, record_vitals
from app.bedside.chart import issue_infusion_record
from app.bedside.forms import (
    EndForm,
    OverrideForm,
    ReactionForm,
    ReactionOverForm,
    ScanForm,
    StartForm,
    ThawForm,
    VitalsForm,
)
from app.bedside.models import EntrySource, Outcome, ReactionKind, VerdictWord, VitalsPoint
from app.bedside.operations import end_infusion, sign_check, start_infusion
from app.bedside.overriding import override_stop
from app.bedside.scanning import Answer, scan
from app.bedside.thawing import thaw
from app.example.calendar import INFUSED, at
from app.example.patients import BAG, SECOND_DOSE, THIRD_DOSE
from app.example.people import NILS, NORA, PAULA, Character, Unexpected, actor, done, signing
from app.kernel.work import Actor
from app.labeling.queries import current_label
from app.lots.queries import unit_by_code
from app.site import Site


class Bed:
    """The bedside of the story: who scans what, and what was answered."""

    def __init__(self, site: Site, wristbands: dict[str, str], bag: str, day: str) -> None:
        self.site = site
        self.bands = wristbands
        self.bag = bag
        self.day = day
        self.scans = 0
        with site.db.reading() as db:
            unit = unit_by_code(db, bag)
            label = current_label(db, unit.id or 0) if unit else None
        if label is None:
            raise Unexpected(f"{bag} has no applied label")
        self.label = label.serial

    def at(self, clock: str) -> datetime:
        """A moment of this day."""
        return at(self.day, clock)

    def _key(self) -> str:
        self.scans += 1
        return f"worked-example-{self.bag}-{self.scans:02d}"

    def thaws(self, who: Character, clock: str) -> None:
        """The label is scanned as the bag goes into the bath: its clock starts."""
        moment = self.at(clock)
        form = ThawForm(
            text=self.label, request_key=self._key(), source=EntrySource.SCANNED, device_at=moment
        )
        with self.site.db.act(self.person(who), moment) as work:
            answer = done(thaw(work, form))
        if answer.verdict is not VerdictWord.GO:
            raise Unexpected(f"the thaw of {self.bag} was stopped: {answer.reasons}")

    def person(self, who: Character) -> Actor:
        """Somebody at the bed, as the ledger names them."""
        with self.site.db.reading() as db:
            return actor(db, who)

    def reads(self, who: Character, text: str, clock: str, check: str = "") -> Answer:
        """Somebody scans; the answer is committed before it is shown."""
        moment = self.at(clock)
        form = ScanForm(
            text=text,
            request_key=self._key(),
            source=EntrySource.SCANNED,
            device_at=moment,
            check=check,
        )
        with self.site.db.act(self.person(who), moment) as work:
            return done(scan(work, form))

    def both(self, who: Character, patient: str, clock: str, later: str, check: str = "") -> Answer:
        """Wristband, then label."""
        first = self.reads(who, self.bands[patient], clock, check)
        code = check or (first.check.code if first.check else "")
        return self.reads(who, self.label, later, code)

    def signs(self, who: Character, check: str, clock: str) -> None:
        """Somebody signs their part of the check with their own password."""
        proof = signing(self.site, who)
        with self.site.db.act(self.person(who), self.at(clock)) as work:
            done(sign_check(work, check, proof))

    def checked(self, patient: str, clocks: tuple[str, str, str]) -> str:
        """Both people scan and sign, from three moments on; the check's code."""
        first, second, signed = clocks
        right = self.both(NORA, patient, first, first)
        if right.verdict is not VerdictWord.GO or right.check is None:
            raise Unexpected(f"{self.bag} was stopped: {right.reasons}")
        check = right.check.code
        self.signs(NORA, check, first)
        other = self.both(NILS, patient, second, second, check)
        if other.verdict is not VerdictWord.GO:
            raise Unexpected(f"the second person was stopped: {other.reasons}")
        self.signs(NILS, check, signed)
        return check

    def gives(self, check: str, begun: str, ended: str, start: StartForm, end: EndForm) -> str:
        """Start and end of the infusion; its code."""
        with self.site.db.act(self.person(NORA), self.at(begun)) as work:
            infusion = done(start_infusion(work, check, start)).code
        with self.site.db.act(self.person(NORA), self.at(ended)) as work:
            done(end_infusion(work, infusion, end))
        return infusion


def give(site: Site, wristbands: dict[str, str]) -> None:
    """The drill with the wrong wristband, the check by two people, bag 01 and the day after."""
    bed = Bed(site, wristbands, BAG, INFUSED)
    wrong = bed.both(NORA, "LN-02", "09:50", "09:51")
    if wrong.verdict is not VerdictWord.STOP:
        raise Unexpected("the wrong wristband was not stopped")
    bed.thaws(NORA, "10:02")
    check = bed.checked("LN-01", ("10:06", "10:08", "10:10"))
    start = StartForm(
        started_at=bed.at("10:14"),
        volume_ml=Decimal(20),
        viable_million=Decimal(90),
        viability_percent=Decimal(91),
        note="Thawed at 37 °C for 3 min 30 s; viability measured on the line segment",
    )
    end = EndForm(
        ended_at=bed.at("10:34"),
        residual_ml=Decimal("0.4"),
        flush_ml=Decimal(10),
        note="No reaction during the infusion",
    )
    infusion = bed.gives(check, "10:14", "10:34", start, end)
    vitals(bed, infusion, "10:14", VITALS)
    fever(bed, infusion)
    done(issue_infusion_record(site, bed.person(NORA), bed.at("10:14") + timedelta(hours=25), infusion))


Measured = tuple[VitalsPoint, int, str, int, int, int, int, int]
#: (point, minutes after the start, °C, pulse, upper and lower pressure, breaths, oxygen) of bag 01.
VITALS: tuple[Measured, ...] = (
    (VitalsPoint.START, 0, "36.7", 76, 128, 82, 16, 98),
    (VitalsPoint.MINUTES_15, 15, "36.8", 78, 126, 80, 16, 98),
    (VitalsPoint.MINUTES_30, 31, "36.8", 80, 124, 80, 16, 97),
    (VitalsPoint.MINUTES_60, 60, "36.9", 82, 126, 82, 16, 98),
    (VitalsPoint.HOURS_4, 240, "37.9", 92, 132, 84, 18, 97),
    (VitalsPoint.HOURS_24, 1440, "36.8", 74, 126, 80, 16, 98),
)


def vitals(bed: Bed, infusion: str, begun: str, measured: Sequence[Measured]) -> None:
    """Vital signs of one infusion, each entered two minutes after it was measured."""
    for point, minutes, celsius, pulse, upper, lower, breaths, oxygen in measured:
        when = bed.at(begun) + timedelta(minutes=minutes)
        form = VitalsForm(
            point=point,
            measured_at=when,
            celsius=Decimal(celsius),
            pulse_per_min=pulse,
            systolic_mmhg=upper,
            diastolic_mmhg=lower,
            breaths_per_min=breaths,
            oxygen_percent=oxygen,
        )
        with bed.site.db.act(bed.person(NILS), when + timedelta(minutes=2)) as work:
            done(record_vitals(work, infusion, form))


def fever(bed: Bed, infusion: str) -> None:
    """A fever of 37.9 °C at four hours, grade 1, is gone the next morning."""
    started = bed.at("10:14")
    seen = ReactionForm(
        kind=ReactionKind.FEVER,
        told="37.9 °C four hours after the start, no chills",
        grade=1,
        onset_at=started + timedelta(hours=4),
        outcome=Outcome.NOT_RESOLVED,
        treatment="Paracetamol 1 g by mouth",
    )
    with bed.site.db.act(bed.person(NILS), started + timedelta(hours=4, minutes=5)) as work:
        reaction = done(record_reaction(work, infusion, seen)).code
    over = ReactionOverForm(outcome=Outcome.RESOLVED, over_at=started + timedelta(hours=14))
    with bed.site.db.act(bed.person(NORA), started + timedelta(hours=24, minutes=5)) as work:
        done(end_reaction(work, reaction, over))


def give_second(site: Site, wristbands: dict[str, str]) -> None:
    """Bag 03 waits thawed for 118 minutes: STOP, the physician overrides with Nora, LN-02 is given it."""
    bed = Bed(site, wristbands, SECOND_DOSE.bag, SECOND_DOSE.infused)
    bed.thaws(NORA, "10:02")
    late = bed.both(NORA, "LN-02", "11:44", "11:45")
    if [str(no.reason) for no in late.reasons] != ["thawed_too_long"]:
        raise Unexpected(f"bag 03 was not stopped for its time alone: {late.reasons}")
    _override(bed, "11:49")
    check = bed.checked("LN-02", ("11:52", "11:54", "11:56"))
    start = StartForm(
        started_at=bed.at("12:00"),
        volume_ml=Decimal(20),
        viable_million=Decimal(84),
        viability_percent=Decimal(84),
        note="The venous line had to be placed anew; the bag was kept at 2 to 8 °C meanwhile",
    )
    end = EndForm(ended_at=bed.at("12:21"), residual_ml=Decimal("0.5"), flush_ml=Decimal(10))
    infusion = bed.gives(check, "12:00", "12:21", start, end)
    unremarkable = [line for line in CALM if line[0] is not VitalsPoint.MINUTES_30]
    vitals(bed, infusion, "12:00", unremarkable)


def _override(bed: Bed, clock: str) -> None:
    """Paula decides on Nora's tablet; both sign."""
    form = OverrideForm(
        overridden="thawed_too_long",
        reason="No other bag fits before the next visit; 84 % viable on the line segment, kept cold since"
        " the thaw. The benefit outweighs the loss of cells.",
    )
    physician, nurse = signing(bed.site, PAULA), signing(bed.site, NORA)
    with bed.site.db.act(bed.person(NORA), bed.at(clock)) as work:
        done(override_stop(work, bed.bag, form, physician, nurse))


#: Vital signs of an infusion without events.
CALM: tuple[Measured, ...] = (
    (VitalsPoint.START, -5, "36.6", 72, 122, 78, 15, 98),
    (VitalsPoint.MINUTES_15, 16, "36.7", 74, 120, 78, 15, 98),
    (VitalsPoint.MINUTES_30, 30, "36.7", 74, 122, 78, 15, 98),
    (VitalsPoint.MINUTES_60, 61, "36.8", 76, 124, 80, 16, 98),
    (VitalsPoint.HOURS_4, 245, "36.8", 74, 122, 78, 15, 98),
    (VitalsPoint.HOURS_24, 1430, "36.7", 72, 120, 76, 15, 99),
)


def give_third(site: Site, wristbands: dict[str, str]) -> None:
    """A bag of the other donor's lot for LN-03, whose strong antibody does not meet that donor's cells."""
    bed = Bed(site, wristbands, THIRD_DOSE.bag, THIRD_DOSE.infused)
    bed.thaws(NORA, "10:05")
    check = bed.checked("LN-03", ("10:10", "10:12", "10:14"))
    start = StartForm(
        started_at=bed.at("10:18"),
        volume_ml=Decimal(20),
        viable_million=Decimal(90),
        viability_percent=Decimal(90),
    )
    end = EndForm(ended_at=bed.at("10:39"), residual_ml=Decimal("0.5"), flush_ml=Decimal(10))
    infusion = bed.gives(check, "10:18", "10:39", start, end)
    vitals(bed, infusion, "10:18", CALM)
