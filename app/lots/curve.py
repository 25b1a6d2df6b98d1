"""The curve of a freezing run: chamber and sample over minutes, as the freezer recorded them."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.kernel.speech import say
from app.kernel.units import number
from app.lots.freezefile import Reading
from app.lots.process_limits import Freezing
from app.web.svg import canvas, join, line, tag, text
from app.web.timeline import round_steps

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 76, WIDTH - 28, 44, HEIGHT - 54


@dataclass(frozen=True, slots=True)
class _Paper:
    """The picture's scales: minutes across, degrees Celsius up."""

    minutes: float
    low: float
    high: float

    def x(self, minute: float) -> float:
        return LEFT + minute / self.minutes * (RIGHT - LEFT)

    def y(self, celsius: float) -> float:
        return TOP + (self.high - celsius) / (self.high - self.low) * (BOTTOM - TOP)


def minutes_of(readings: Sequence[Reading]) -> list[float]:
    """Minutes of each reading from the first."""
    return [(reading.at - readings[0].at).total_seconds() / 60 for reading in readings]


def freeze_curve(readings: Sequence[Reading], limits: Freezing, name: str = "freezing") -> Markup:
    """Both temperatures as lines, the span in which the rate is taken as a band; nothing is smoothed."""
    minutes = minutes_of(readings)
    every = [value for one in readings for value in (one.chamber, one.sample)]
    paper = _Paper(minutes[-1], min([*every, limits.end_at_most_celsius]) - 5, max(every) + 5)
    said = say(
        "Chamber and sample of the freezer over time. The table beside the picture holds the same values."
    )
    chamber, sample = [r.chamber for r in readings], [r.sample for r in readings]
    return canvas(
        name, WIDTH, HEIGHT, say("Freezing curve"), said,
        _limits(paper, limits), _grid(paper),
        _curve(paper, minutes, chamber, "series s2"), _curve(paper, minutes, sample, "series s1"),
        _legend(say("Chamber"), RIGHT - 120, "s2"), _legend(say("Sample"), RIGHT - 250, "s1"),
    )  # fmt: skip


def _limits(paper: _Paper, limits: Freezing) -> Markup:
    top, bottom = paper.y(limits.rate_from_celsius), paper.y(limits.rate_to_celsius)
    reached = paper.y(limits.end_at_most_celsius)
    return join(
        [
            tag("rect", x=LEFT, y=top, width=RIGHT - LEFT, height=bottom - top, class_="band"),
            text(RIGHT - 6, top + 16, say("the rate is taken here"), "small", "end"),
            line(LEFT, reached, RIGHT, reached, "limit"),
            text(LEFT + 6, reached - 6, say("to be reached"), "small"),
        ]
    )


def _grid(paper: _Paper) -> Markup:
    parts = [text(LEFT, TOP - 18, say("Temperature (°C)"), "strong")]
    for celsius in round_steps(paper.low, paper.high, 8):
        parts.append(line(LEFT, paper.y(celsius), RIGHT, paper.y(celsius), "grid"))
        parts.append(text(LEFT - 8, paper.y(celsius) + 4, number(celsius), "small", "end"))
    for minute in round_steps(0, paper.minutes, 10):
        parts.append(line(paper.x(minute), BOTTOM, paper.x(minute), BOTTOM + 5, "axis"))
        parts.append(text(paper.x(minute), BOTTOM + 20, number(minute), "small", "middle"))
    parts.append(
        text((LEFT + RIGHT) / 2, HEIGHT - 10, say("Minutes from the first reading"), "small", "middle")
    )
    parts.append(line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"))
    parts.append(line(LEFT, TOP, LEFT, BOTTOM, "axis"))
    return join(parts)


def _curve(paper: _Paper, minutes: Sequence[float], values: Sequence[float], class_: str) -> Markup:
    points = (f"{paper.x(m):.1f},{paper.y(v):.1f}" for m, v in zip(minutes, values, strict=True))
    return tag("polyline", points=" ".join(points), class_=class_)


def _legend(name: str, x: float, colour: str) -> Markup:
    stroke = tag("polyline", points=f"{x},{TOP - 22} {x + 26},{TOP - 22}", class_=f"series {colour}")
    return join([stroke, text(x + 32, TOP - 18, name, "small")])
