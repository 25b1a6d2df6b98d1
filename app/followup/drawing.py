"""The course of a recipient as one picture: a panel for each quantity, lanes for sera, visits and files."""

from collections.abc import Iterator

from markupsafe import Markup

from app.followup.models import Timepoint
from app.followup.panels import panels
from app.followup.story import TONES, AgainstDonor, Story, gaps, hollow, latest_day, visit_words
from app.kernel.speech import headed, say
from app.kernel.units import number
from app.web.lanes import Happening, Lane, Span
from app.web.pages import date_words
from app.web.timeline import Mark, Panel, Point, Series, timeline

#: Curves in one panel; more become panels of their own, since shapes and colours are four.
CURVES = 4


def draw(told: Story) -> Markup:
    """All panels and lanes on one axis of days, infusions marked in each."""
    return _drawn(told, [*panels(told), *_antibodies(told)], [_sera(told), _visits(told), _files(told)])


def draw_in_parts(told: Story, size: int = 5) -> list[Markup]:
    """The same in pictures of at most so many panels, for pages of paper; all share one axis."""
    every = [*panels(told), *_antibodies(told)]
    parts = [every[start : start + size] for start in range(0, len(every), size)]
    lanes = [_sera(told), _visits(told), _files(told)]
    return [
        _drawn(told, part, lanes if number == len(parts) else [], f"course-{number}")
        for number, part in enumerate(parts or [[]], start=1)
    ]


def _drawn(told: Story, shown: list[Panel], lanes: list[Lane], name: str = "course") -> Markup:
    days = [told.origin, latest_day(told), *told.days]
    windows = [due.window for due in told.plan if due.window is not None]
    days += [day for window in windows for day in (window.opens_on, window.closes_on)]
    return timeline(
        shown,
        [Mark(told.day(gift.day), say("Infusion {unit}", unit=gift.unit)) for gift in told.gifts],
        ticks=_ticks(told),
        lanes=lanes,
        title=say("Course of {recipient}", recipient=told.recipient),
        name=name,
        reach=[told.day(day) for day in days],
        width=740,
        panel_height=96,
    )


def _antibodies(told: Story) -> Iterator[Panel]:
    rules = told.rules
    for start in range(0, len(told.donors), CURVES):
        chosen = told.donors[start : start + CURVES]
        yield Panel(
            say("Highest reading on the donors' molecules"),
            "MFI",
            [Series(one.donor, _points(told, one)) for one in chosen],
            band=(0.0, float(rules.grey_from)),
            limits=[
                (
                    float(rules.grey_from),
                    say("grey zone from {grey_from}", grey_from=number(rules.grey_from)),
                ),
                (float(rules.positive), say("positive from {positive}", positive=number(rules.positive))),
            ],
        )


def _points(told: Story, donor: AgainstDonor) -> list[Point]:
    points = [Point(told.day(day), None) for day in gaps(told, donor.peaks)]
    for peak in donor.peaks:
        value = None if peak.mfi is None else float(peak.mfi)
        said = f"{date_words(peak.drawn_on)}, {peak.target}"
        points.append(Point(told.day(peak.drawn_on), value, said=said, hollow=hollow(peak.mfi, told.rules)))
    return points


def _ticks(told: Story) -> list[tuple[float, str]]:
    """The visits' middles where day 0 is an infusion; else the first and the last day by their dates."""
    if told.zero is None:
        ends = sorted({told.origin, latest_day(told)})
        return [(told.day(day), date_words(day)) for day in ends]
    return [
        (
            told.day(due.window.target_on),
            say("Day 0") if due.timepoint is Timepoint.BASELINE else _said(due.timepoint),
        )
        for due in told.plan
        if due.window is not None
    ]


def _said(timepoint: Timepoint) -> str:
    return headed(timepoint)


def _sera(told: Story) -> Lane:
    drawn = {(peak.drawn_on, peak.serum): peak for donor in told.donors for peak in donor.peaks}
    return Lane(
        say("Sera (hollow: no bead decided)"),
        [
            Happening(
                told.day(day),
                say("{what} of {day}", what=serum, day=date_words(day)),
                hollow=peak.mfi is None,
            )
            for (day, serum), peak in sorted(drawn.items())
        ],
    )


def _visits(told: Story) -> Lane:
    return Lane(
        say("Visits and their windows (hollow: outside the window)"),
        [
            Happening(told.day(due.visit.happened_on), visit_words(due), due.standing in TONES)
            for due in told.plan
            if due.visit is not None
        ],
        [
            Span(
                told.day(due.window.opens_on),
                told.day(due.window.closes_on),
                visit_words(due),
                TONES.get(due.standing, "plain"),
            )
            for due in told.plan
            if due.window is not None
        ],
    )


def _files(told: Story) -> Lane:
    return Lane(
        say("Cytometry files"),
        [
            Happening(
                told.day(file.collected_on),
                say(
                    "{what} of {day}, {panel}",
                    what=file.code,
                    day=date_words(file.collected_on),
                    panel=file.panel,
                ),
            )
            for file in told.files
        ],
    )
