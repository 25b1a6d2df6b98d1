"""Curves over time: one panel under another on one time axis, one y axis each, gaps drawn as gaps."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.kernel.speech import retold, say
from app.kernel.units import number
from app.web.lanes import LANE, Lane, draw_lane
from app.web.svg import canvas, join, line, tag, text

LEFT, RIGHT, TOP, BETWEEN, BOTTOM = 84, 24, 34, 50, 44
#: Differences below this are none: no quantity of ours is measured so finely.
FINEST = 1e-9


@dataclass(frozen=True, slots=True)
class Point:
    """One value. ``at`` on the time axis (days or months); None as value breaks the line; ``below`` the
    limit of detection is drawn hollow, at the limit; ``hollow`` draws another value so, such as one under a
    cut-off, and says no more of it."""

    at: float
    value: float | None
    below: bool = False
    said: str = ""
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """One line in a panel; up to four, told apart by colour and by the shape of their points."""

    name: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Panel:
    """One quantity with its unit. ``band`` is the reference range; ``limits`` are named lines."""

    title: str
    unit: str
    series: Sequence[Series]
    band: tuple[float, float] | None = None
    limits: Sequence[tuple[float, str]] = ()
    log: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """A day that all panels show, such as an infusion."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = math.log10(low), math.log10(high), math.log10(max(value, self.low))
        return self.start + (here - low) / (high - low) * (self.end - self.start)


def timeline(
    panels: Sequence[Panel],
    marks: Sequence[Mark] = (),
    *,
    ticks: Sequence[tuple[float, str]] = (),
    lanes: Sequence[Lane] = (),
    title: str = say("Course over time"),
    name: str = "timeline",
    width: int = 960,
    panel_height: int = 130,
    reach: Sequence[float] = (),
) -> Markup:
    """Draw the panels, and under them the lanes. ``ticks`` are (time, words); without them the axis counts
    in round numbers. ``reach`` are times that the axis spans too, so that several pictures share one axis.

    The page shows the same values as a table: the picture is never the only place of a number.
    """
    times = [p.at for panel in panels for series in panel.series for p in series.points]
    times += [mark.at for mark in marks] + [at for at, _ in ticks]
    times += [at for lane in lanes for at in lane.times] + list(reach)
    across = _across(times, width)
    shown = list(ticks) or [(at, number(at)) for at in round_steps(across.low, across.high, 7)]
    below = TOP + len(panels) * (panel_height + BETWEEN) - (BETWEEN - (12 if lanes else 0) if panels else 0)
    height = below + len(lanes) * LANE + BOTTOM
    drawn = [
        _panel(panel, across, TOP + at * (panel_height + BETWEEN), panel_height, shown, marks, named=not at)
        for at, panel in enumerate(panels)
    ]
    drawn += [
        draw_lane(lane, across, (LEFT, width - RIGHT), below + at * LANE, [mark.at for mark in marks])
        for at, lane in enumerate(lanes)
    ]
    labels = [text(across(at), height - BOTTOM + 20, words, "small", "middle") for at, words in shown]
    return canvas(name, width, height, title, _described(panels, marks, lanes), *drawn, *labels)


def _across(times: Sequence[float], width: int) -> _Scale:
    low, high = (min(times), max(times)) if times else (0.0, 1.0)
    if high - low < FINEST:
        low, high = low - 1, high + 1
    room = (high - low) * 0.02
    return _Scale(low - room, high + room, LEFT, width - RIGHT)


def round_steps(low: float, high: float, about: int) -> list[float]:
    """Round numbers from low to high, some ``about`` of them, in steps of 1, 2 or 5 times a power of ten."""
    if not high > low:
        return [low]
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(at * step, 10) for at in range(first, math.floor(high / step + 1e-9) + 1)]


def _panel(
    panel: Panel,
    across: _Scale,
    top: float,
    height: float,
    ticks: Sequence[tuple[float, str]],
    marks: Sequence[Mark],
    *,
    named: bool,
) -> Markup:
    """One panel; marks are ``named`` in the uppermost only, their lines run through all."""
    up = _up(panel, top, height)
    parts = [text(LEFT, top - 12, _titled(panel), "strong")]
    if panel.band:
        low, high = (min(max(edge, up.low), up.high) for edge in panel.band)
        parts.append(
            tag("rect", x=LEFT, y=up(high), width=across.end - LEFT, height=up(low) - up(high), class_="band")
        )
    for value in _levels(up):
        parts.append(line(LEFT, up(value), across.end, up(value), "grid"))
        parts.append(text(LEFT - 8, up(value) + 4, number(value), "small", "end"))
    parts += [line(across(at), top + height, across(at), top + height + 5, "axis") for at, _ in ticks]
    parts += [
        line(LEFT, top + height, across.end, top + height, "axis"),
        line(LEFT, top, LEFT, top + height, "axis"),
    ]
    for value, words in panel.limits:
        if up.low <= value <= up.high:
            parts.append(line(LEFT, up(value), across.end, up(value), "limit"))
            parts.append(text(across.end, up(value) - 5, words, "small", "end"))
    for mark in marks:
        parts.append(line(across(mark.at), top, across(mark.at), top + height, "mark-line"))
        if named:
            parts.append(text(across(mark.at) + 5, top + 11, mark.label, "small"))
    parts += [_series(series, at, across, up) for at, series in enumerate(panel.series)]
    if len(panel.series) > 1:
        parts.append(_legend(panel.series, across.end, top - 12))
    return tag("g", join(parts))


def _titled(panel: Panel) -> str:
    """What the panel shows, with its unit, in the reader's language."""
    title, unit = retold(panel.title), retold(panel.unit)
    return f"{title} ({unit})" if unit else title


def _up(panel: Panel, top: float, height: float) -> _Scale:
    values = [p.value for s in panel.series for p in s.points if p.value is not None]
    values += [value for value, _ in panel.limits] + list(panel.band or ())
    high = max(values, default=1.0)
    if panel.log:
        low = min((value for value in values if value > FINEST), default=1.0)
        floor, roof = (
            10.0 ** math.floor(math.log10(low)),
            10.0 ** math.ceil(math.log10(max(high, low * 1.01))),
        )
        return _Scale(floor, max(roof, floor * 10), top + height, top, log=True)
    low = min([0.0, *values])
    roof = high + (high - low) * 0.25 if high - low > FINEST else low + 1
    return _Scale(low, roof, top + height, top)


def _levels(up: _Scale) -> list[float]:
    if not up.log:
        return round_steps(up.low, up.high, 4)
    return [10.0**power for power in range(round(math.log10(up.low)), round(math.log10(up.high)) + 1)]


def _series(series: Series, at: int, across: _Scale, up: _Scale) -> Markup:
    colour = f"s{at % 4 + 1}"
    pieces = [
        tag(
            "polyline",
            points=" ".join(f"{across(p.at):.1f},{up(p.value or 0):.1f}" for p in run),
            class_=f"series {colour}",
        )
        for run in runs(series.points)
        if len(run) > 1
    ]
    shapes = [
        _shape(series.name, p, at, across(p.at), up(p.value)) for p in series.points if p.value is not None
    ]
    return join([*pieces, *shapes])


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Points in order of time, parted where a value is missing: a gap stays a gap."""
    found: list[list[Point]] = [[]]
    for point in sorted(points, key=lambda p: p.at):
        if point.value is None:
            found.append([])
        else:
            found[-1].append(point)
    return [run for run in found if run]


#: Outlines of points round (0, 0), so that lines differ without colour: round, square, diamond, triangle.
_SHAPES = (
    "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0Z",
    "M-4-4H4V4H-4Z",
    "M0-5.5 5.5 0 0 5.5-5.5 0Z",
    "M0-5 5 4.5H-5Z",
)


def _shape(series: str, point: Point, at: int, x: float, y: float) -> Markup:
    amount = "" if point.value is None else number(point.value)
    name, when = retold(series), retold(point.said) or number(point.at)
    told = say("{name}, {when}: below {amount}", name=name, when=when, amount=amount)
    if not point.below:
        told = say("{name}, {when}: {amount}", name=name, when=when, amount=amount)
    return tag(
        "path",
        tag("title", told),
        d=_SHAPES[at % 4],
        transform=f"translate({x:.1f} {y:.1f})",
        class_=f"point s{at % 4 + 1}{' hollow' if point.below or point.hollow else ''}",
    )


def _legend(series: Sequence[Series], right: float, y: float) -> Markup:
    parts: list[Markup] = []
    x = right
    for at in range(len(series) - 1, -1, -1):
        name = retold(series[at].name)
        parts.append(text(x, y, name, "small", "end"))
        x -= 7 * len(name) + 12
        parts.append(
            tag(
                "path",
                d=_SHAPES[at % 4],
                transform=f"translate({x:.1f} {y - 4:.1f})",
                class_=f"point s{at % 4 + 1}",
            )
        )
        x -= 20
    return join(parts)


def _described(panels: Sequence[Panel], marks: Sequence[Mark], lanes: Sequence[Lane]) -> str:
    told = [f"{retold(p.title)}: {', '.join(retold(s.name) for s in p.series)}" for p in panels]
    shown = "; ".join(told + [retold(lane.title) for lane in lanes])
    marked = say(" Marked: {marks}.", marks=", ".join(retold(mark.label) for mark in marks)) if marks else ""
    return say(
        "{shown}.{marked} The table beside the picture holds the same values.", shown=shown, marked=marked
    )
