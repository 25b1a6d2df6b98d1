"""The quantities of a course, one panel each: activity, protein, kidney, complement, drugs, populations."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from app.cytometry.counting import kind_of
from app.cytometry.populations import Followed, populations
from app.followup.analytes import Measure, Value, measures
from app.followup.models import Analyte
from app.followup.renal import egfr_normal_from
from app.followup.rules import named
from app.followup.sledai import instrument
from app.followup.standing import Seen
from app.followup.steroids import drug_table
from app.followup.story import EGFR_UNIT, Story
from app.kernel.speech import listed, say
from app.kernel.units import number
from app.web.pages import date_words
from app.web.timeline import Panel, Point, Series

#: Analytes drawn before and after the eGFR; the others stand in the tables.
BEFORE_EGFR = (Analyte.PROTEIN_24H, Analyte.UPCR, Analyte.CREATININE)
AFTER_EGFR = (Analyte.C3, Analyte.C4, Analyte.ANTI_DSDNA)

#: What a visit gives to a curve: the value, or None where it was not found.
Reader = Callable[[Seen], Value | None]


def panels(told: Story) -> Iterator[Panel]:
    """Every panel that has a value, in the order in which a physician reads them."""
    yield from _activity(told)
    for analyte in BEFORE_EGFR:
        yield from _analyte(told, analyte)
    yield from _egfr(told)
    for analyte in AFTER_EGFR:
        yield from _analyte(told, analyte)
    yield from _prednisone(told)
    yield from _populations(told)


def _curve(told: Story, name: str, read: Reader) -> Series | None:
    """The values of all visits; where a past visit was missed or did not find it, the line breaks."""
    points = []
    for due in told.plan:
        seen = told.visits.get(due.timepoint)
        value = None if seen is None else read(seen)
        if seen is not None:
            when = seen.visit.happened_on
            amount = None if value is None else float(value.amount)
            said = listed([named(due.timepoint), date_words(when)])
            points.append(Point(told.day(when), amount, below=value is not None and value.below, said=said))
        elif due.window is not None and due.window.closes_on < told.today:
            points.append(Point(told.day(due.window.target_on), None))
    return Series(name, points) if any(point.value is not None for point in points) else None


def _activity(told: Story) -> Iterator[Panel]:
    def read(seen: Seen) -> Value | None:
        return None if seen.activity is None else Value(Decimal(seen.activity.score))

    curve = _curve(told, "SLEDAI-2K", read)
    if curve is not None:
        lines = [
            (float(start), say("{name} activity from {start}", name=name, start=start))
            for start, name in instrument().bands
            if start > 1
        ]
        yield Panel(
            say("SLEDAI-2K, computed from its 24 items"), say("points; target: 0"), [curve], limits=lines
        )


def _analyte(told: Story, analyte: Analyte) -> Iterator[Panel]:
    measure = measures()[analyte]
    curve = _curve(told, measure.says, lambda seen: seen.values.get(analyte))
    if curve is not None:
        target = [] if measure.target_below is None else [(float(measure.target_below), measure.target)]
        unit = (
            say("{unit}; reference band: {band}", unit=measure.unit, band=measure.band)
            if measure.band
            else measure.unit
        )
        yield Panel(measure.says, unit, [curve], band=_band(measure, curve), limits=target)


def _band(measure: Measure | Followed, curve: Series) -> tuple[float, float] | None:
    if measure.normal_from is None and measure.normal_to is None:
        return None
    highest = max(point.value or 0 for point in curve.points)
    top = highest if measure.normal_to is None else float(measure.normal_to)
    return float(measure.normal_from or 0), top


def _egfr(told: Story) -> Iterator[Panel]:
    curve = _curve(told, "eGFR", lambda seen: None if seen.egfr is None else Value(seen.egfr))
    if curve is not None:
        low = egfr_normal_from()
        top = max([low + 30.0, *(point.value or 0 for point in curve.points)])
        unit = say("{EGFR_UNIT}; reference band: at least {low}", EGFR_UNIT=EGFR_UNIT, low=low)
        yield Panel(say("eGFR, computed from creatinine"), unit, [curve], band=(low, top))


def _prednisone(told: Story) -> Iterator[Panel]:
    def read(seen: Seen) -> Value | None:
        return None if seen.drugs is None else Value(seen.drugs.row.prednisone_mg)

    curve = _curve(told, "prednisone", read)
    if curve is not None:
        table = drug_table()
        lines = [(float(table.target_at_most_mg), table.target)]
        yield Panel(say("Steroids as prednisone"), say("mg a day"), [curve], limits=lines)


def _populations(told: Story) -> Iterator[Panel]:
    """One panel for each population and denominator: percentages of two gates are never one curve."""
    for kind, followed in populations().followed.items():
        values = {row.collected_on: row.value for row in told.counts if kind_of(row) == kind}
        if not values:
            continue
        points = [_counted(told, day, value) for day, value in values.items()]
        points += [Point(told.day(day), None) for day in _uncounted(told, set(values))]
        curve = Series(followed.says, points)
        band = _band(followed, curve)
        unit = kind.unit
        if band is not None and followed.normal_to is not None:
            unit = say(
                "{unit}; example band: {what} to {normal_to}",
                unit=kind.unit,
                what=number(followed.normal_from or 0),
                normal_to=number(followed.normal_to),
            )
        yield Panel(listed([followed.says, followed.defined], ": "), unit, [curve], band=band)


def _counted(told: Story, day: date, value: Decimal) -> Point:
    return Point(told.day(day), float(value), said=date_words(day))


def _uncounted(told: Story, days: set[date]) -> list[date]:
    """Days in the middle of past windows for which no sample was counted."""
    windows = [due.window for due in told.plan if due.window is not None]
    if not windows:
        return []
    covered = {min(windows, key=lambda one: abs(one.target_on - day)).timepoint for day in days}
    return [one.target_on for one in windows if one.timepoint not in covered and one.closes_on < told.today]
