"""The series: one line for each recipient and visit, with the columns of the published table."""

from collections.abc import Iterator
from datetime import date
from typing import TypeVar

from sqlmodel import Session

from app.antibodies.queries import Peak
from app.cytometry.counting import kind_of
from app.cytometry.populations import Kind, populations
from app.donors.queries import site_day
from app.followup.models import Analyte, Timepoint
from app.followup.standing import Seen
from app.followup.story import Story, story
from app.kernel import clock
from app.recipients import queries as recipients

#: A sample counts for a visit when it was drawn at most so many days from it; the nearest one does.
SAMPLE_WITHIN_DAYS = 14

_BEFORE = (
    "recipient", "visit", "date", "day", "sledai_2k", "proteinuria_g_24h", "creatinine_umol_l",
    "egfr_ml_min_1_73m2", "prednisone_mg_day", "medication_reduction_percent",
)  # fmt: skip
_AFTER = ("anti_hla_serum", "anti_hla_donor", "anti_hla_max_mfi", "anti_hla_molecule", "anti_hla_call")

S = TypeVar("S")


def heads() -> tuple[str, ...]:
    """The columns; populations carry their denominator in their name."""
    return (*_BEFORE, *(kind.name for kind in _kinds()), *_AFTER)


def _kinds() -> list[Kind]:
    return list(populations().followed)


def series(db: Session) -> Iterator[tuple[object, ...]]:
    """Every recorded visit of every recipient, in the order of codes and visits.

    What is not known is None: an empty cell, never a zero. Proteinuria below the limit of its method is
    written as text, such as ``< 0.1``.
    """
    today = site_day(db, clock.now())
    for line in recipients.listed(db):
        recipient = recipients.by_code(db, line.code)
        if recipient is None:
            continue
        told = story(db, recipient, today)
        for timepoint in Timepoint:
            if timepoint in told.visits:
                yield _row(told, told.visits[timepoint])


def _row(told: Story, seen: Seen) -> tuple[object, ...]:
    when = seen.visit.happened_on
    counted = [(row.collected_on, row) for row in told.counts]
    rows = {kind: _nearest([one for one in counted if kind_of(one[1]) == kind], when) for kind in _kinds()}
    return (
        told.recipient,
        seen.visit.timepoint.value,
        when,
        told.day(when),
        None if seen.activity is None else seen.activity.score,
        _value(seen, Analyte.PROTEIN_24H),
        _value(seen, Analyte.CREATININE),
        seen.egfr,
        None if seen.drugs is None else seen.drugs.row.prednisone_mg,
        told.cut(seen),
        *(None if row is None else row.value for row in rows.values()),
        *_antibodies(told, when),
    )


def _value(seen: Seen, analyte: Analyte) -> object:
    row = seen.measured.get(analyte)
    if row is None:
        return None
    return f"< {row.value}" if row.below else row.value


def _antibodies(told: Story, when: date) -> tuple[object, ...]:
    """The highest reading against a donor of the nearest serum; over all donors whose cells were given."""
    peaks = [(peak.drawn_on, (donor.donor, peak)) for donor in told.donors for peak in donor.peaks]
    nearest = _nearest(peaks, when)
    if nearest is None:
        return (None,) * len(_AFTER)
    same_day = [one for _, one in peaks if one[1].drawn_on == nearest[1].drawn_on]
    donor, peak = max(same_day, key=lambda one: _height(one[1]))
    call = None if peak.call is None else peak.call.value
    return peak.serum, donor, peak.mfi, peak.target or None, call


def _height(peak: Peak) -> float:
    return -1.0 if peak.mfi is None else float(peak.mfi)


def _nearest(samples: list[tuple[date, S]], when: date) -> S | None:
    """The sample nearest to the day, within reach."""
    near = [one for one in samples if abs((one[0] - when).days) <= SAMPLE_WITHIN_DAYS]
    return min(near, key=lambda one: abs((one[0] - when).days))[1] if near else None
