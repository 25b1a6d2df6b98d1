"""A recipient's course on one time axis: gifts, visits, antibodies against the donors, cytometry files."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlmodel import Session

from app.antibodies import queries as antibodies
from app.antibodies.cutoffs import cut_off
from app.antibodies.queries import Peak
from app.cytometry import queries as cytometry
from app.cytometry.counting import kind_of, standing_counts
from app.cytometry.models import PopulationValue
from app.cytometry.populations import populations
from app.followup import queries, standing
from app.followup.analytes import measures
from app.followup.models import Analyte, Timepoint
from app.followup.queries import Due, Gift, Standing
from app.followup.rules import named
from app.followup.standing import Seen
from app.followup.steroids import reduction
from app.hla.beads import CutOff
from app.hla.timecourse import Course, Origin
from app.kernel.speech import headed, listed, say, word
from app.recipients.models import Recipient

EGFR_UNIT = say("mL/min per 1.73 m²")
#: Courses that say something new to the reader.
TELLING = frozenset({Origin.PRE_FORMED, Origin.POSSIBLE_MEMORY, Origin.DE_NOVO})


@dataclass(frozen=True, slots=True)
class AgainstDonor:
    """Antibodies against one donor: the highest reading of each serum, and the courses that tell."""

    donor: str
    peaks: list[Peak]
    courses: tuple[Course, ...]

    @property
    def is_comparable(self) -> bool:
        """Whether all courses may be read as one curve: one kit lot, one method, one set of rules."""
        return all(course.is_comparable for course in self.courses)

    @property
    def telling(self) -> list[Course]:
        """Antibodies that were there, or came."""
        return [course for course in self.courses if course.origin in TELLING]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything of one recipient that has a day. ``zero`` is the day of the first infusion, else None."""

    recipient: str
    today: date
    zero: date | None
    gifts: list[Gift]
    plan: list[Due]
    donors: list[AgainstDonor]
    files: list[cytometry.Line]
    rules: CutOff
    visits: dict[Timepoint, Seen]
    #: Populations of cells that stand, oldest sample first.
    counts: list[PopulationValue]

    @property
    def origin(self) -> date:
        """Day 0 of the axis: the first infusion, or before one the first day of which anything is known."""
        if self.zero is not None:
            return self.zero
        return min(self.days, default=self.today)

    @property
    def days(self) -> list[date]:
        """Every day on which something happened."""
        return [
            *(gift.day for gift in self.gifts),
            *(due.visit.happened_on for due in self.plan if due.visit is not None),
            *(peak.drawn_on for donor in self.donors for peak in donor.peaks),
            *(file.collected_on for file in self.files),
            *(row.collected_on for row in self.counts),
        ]

    def cut(self, seen: Seen) -> int | None:
        """By how many percent prednisone was cut since the baseline; None where either is not known."""
        baseline = self.visits.get(Timepoint.BASELINE)
        if baseline is None or baseline.drugs is None or seen.drugs is None or seen is baseline:
            return None
        return reduction(baseline.drugs.row.prednisone_mg, seen.drugs.row.prednisone_mg)

    def day(self, when: date) -> int:
        """The day of the axis."""
        return (when - self.origin).days


def story(db: Session, recipient: Recipient, today: date) -> Story:
    """Gather a recipient's course."""
    assert recipient.id is not None
    given = queries.gifts(db, recipient.id)
    return Story(
        recipient=recipient.code,
        today=today,
        zero=given[0].day if given else None,
        gifts=given,
        plan=queries.plan(db, recipient, today),
        donors=[
            AgainstDonor(
                code,
                antibodies.peaks(db, recipient.id, donor_id),
                _courses(db, recipient.id, donor_id, code, given),
            )
            for donor_id, code in sorted(
                queries.promised_donors(db, recipient.id).items(), key=lambda pair: pair[1]
            )
        ],
        files=sorted(cytometry.listed(db, recipient.id), key=lambda file: (file.collected_on, file.code)),
        rules=cut_off(),
        visits=standing.seen(db, recipient.id),
        counts=list(standing_counts(db, recipient.id).values()),
    )


def _courses(
    db: Session, recipient_id: int, donor_id: int, code: str, given: list[Gift]
) -> tuple[Course, ...]:
    """The courses against a donor whose cells were given; before that there is nothing to come of."""
    first = next((gift.day for gift in given if code in gift.donors), None)
    return () if first is None else antibodies.course(db, recipient_id, donor_id, first)


def gaps(told: Story, peaks: list[Peak]) -> list[date]:
    """Days in the middle of past windows for which no serum was drawn: there the curve breaks.

    Each serum counts for the visit whose middle is nearest, so that a late one closes its gap.
    """
    windows = [due.window for due in told.plan if due.window is not None]
    if not windows:
        return []
    covered = {
        min(windows, key=lambda window: abs(window.target_on - peak.drawn_on)).timepoint for peak in peaks
    }
    return [
        window.target_on
        for window in windows
        if window.timepoint not in covered and window.closes_on < told.today
    ]


def visit_words(due: Due) -> str:
    """A visit, its window and how it stands, in one line."""
    visit, standing = headed(due.timepoint), word(due.standing)
    if due.window is None:
        return listed([visit, standing], ": ")
    opens_on, closes_on = due.window.opens_on.isoformat(), due.window.closes_on.isoformat()
    return say(
        "{visit}, due {opens_on} to {closes_on}: {standing}",
        visit=visit, opens_on=opens_on, closes_on=closes_on, standing=standing,
    )  # fmt: skip


#: The columns of the CSV.
HEADS = ("kind", "date", "day", "what", "value", "unit", "note")


def rows(told: Story) -> Iterator[tuple[object, ...]]:
    """Everything the plots show, one line each, in the order of the plots; ``day`` counts from day 0."""
    for gift in told.gifts:
        note = say("lot {lot}, donors {donors}", lot=gift.lot, donors=" ".join(gift.donors))
        yield (
            "infusion", gift.day, told.day(gift.day), gift.unit, gift.delivered_viable_cells,
            say("viable cells delivered"), note,
        )  # fmt: skip
    for donor in told.donors:
        for peak in donor.peaks:
            note = say(
                "serum {serum}, {what}, {peak}",
                serum=peak.serum,
                what=peak.target or "no bead decided",
                peak=_rules(peak),
            )
            what = say("highest MFI against {donor}", donor=donor.donor)
            yield "antibody", peak.drawn_on, told.day(peak.drawn_on), what, peak.mfi, "MFI", note
    for due in told.plan:
        happened = None if due.visit is None else due.visit.happened_on
        day = None if happened is None else told.day(happened)
        yield "visit", happened, day, named(due.timepoint), due.standing.value, "", visit_words(due)
    for file in told.files:
        day = told.day(file.collected_on)
        yield "cytometry", file.collected_on, day, file.code, file.event_count, "events", file.panel
    for seen in told.visits.values():
        yield from _found(told, seen)
    for row in told.counts:
        followed = populations(row.populations_version).followed[kind_of(row)]
        day = told.day(row.collected_on)
        yield (
            "population",
            row.collected_on,
            day,
            followed.says,
            row.value,
            followed.kind.unit,
            followed.defined,
        )


def _found(told: Story, seen: Seen) -> Iterator[tuple[object, ...]]:
    """The lines of one visit."""
    when, visit = seen.visit.happened_on, named(seen.visit.timepoint)
    for analyte, row in seen.measured.items():
        measure = measures(row.analytes_version)[analyte]
        value = f"< {row.value}" if row.below else row.value
        yield "value", when, told.day(when), measure.says, value, measure.unit, visit
    if seen.egfr is not None:
        under = say(
            "{visit}, under {computed_under}",
            visit=visit,
            computed_under=seen.measured[Analyte.CREATININE].computed_under,
        )
        yield "value", when, told.day(when), "eGFR", seen.egfr, EGFR_UNIT, under
    if seen.activity is not None:
        note: str = say(
            "{visit}, {what}, under {instrument_version}",
            visit=visit,
            what=seen.activity.present or say("no item present"),
            instrument_version=seen.activity.instrument_version,
        )
        yield "activity", when, told.day(when), "SLEDAI-2K", seen.activity.score, "points", note
    if seen.drugs is not None:
        cut = told.cut(seen)
        note = (
            visit if cut is None else say("{visit}, {cut} % less than at the baseline", visit=visit, cut=cut)
        )
        mg = seen.drugs.row.prednisone_mg
        yield "drugs", when, told.day(when), say("prednisone equivalent"), mg, say("mg a day"), note
    for definition, judged in seen.responses.items():
        note = say(
            "{visit}, {sentence} Under {responses_version}",
            visit=visit,
            sentence=judged.sentence,
            responses_version=judged.responses_version,
        )
        what = say("response by {definition}", definition=definition.value)
        yield "response", when, told.day(when), what, judged.response.value, "", note


def _rules(peak: Peak) -> str:
    called = word(peak.call) if peak.call else say("not called")
    if not peak.rule_version:
        return called
    return say("{word} under {rule_version}", word=called, rule_version=peak.rule_version)


def hollow(mfi: Decimal | None, rules: CutOff) -> bool:
    """Whether a point is drawn hollow: it lies under the grey zone."""
    return mfi is not None and mfi < rules.grey_from


def latest_day(told: Story) -> date:
    """The last day the axis has to reach: the last window of the schedule, or what happened last."""
    ends = [due.window.closes_on for due in told.plan if due.window is not None]
    return max([*ends, *told.days, told.origin + timedelta(days=1)])


#: How a window is drawn for each standing of its visit.
TONES = {Standing.MISSING: "missing", Standing.DUE: "late", Standing.OUTSIDE_WINDOW: "late"}
