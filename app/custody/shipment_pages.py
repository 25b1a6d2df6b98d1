"""The page of one shipment: its facts, its units, and the curve of its logger."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from markupsafe import Markup
from sqlmodel import Session

from app.custody.loggerfile import Reading
from app.custody.shipment_models import Shipment, ShipmentJudgement
from app.custody.shipment_queries import (
    began_at,
    file_of,
    judgements,
    lines,
    names_of,
    passengers,
    readings_of,
)
from app.custody.shipping_limits import Shipping, shipping_limits
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import number
from app.web.svg import EMPTY, canvas, join, line, tag, text
from app.web.timeline import round_steps

WIDTH, HEIGHT = 960, 420
LEFT, RIGHT, TOP, BOTTOM = 76, WIDTH - 28, 44, HEIGHT - 54
#: Points drawn at most; of a longer series the coldest and the warmest of each stretch.
MOST_POINTS = 1600
#: Readings in the table on the page; the CSV holds every one.
MOST_ROWS = 240


def one_shipment(db: Session, shipment: Shipment) -> dict[str, Any]:
    """All that the page shows."""
    units = passengers(db, shipment)
    made = judgements(db, known(shipment.id))
    facts: dict[str, Any] = {
        "shipment": shipment,
        "line": lines(db, [shipment])[0],
        "names": names_of(db, shipment),
        "units": units,
        "inside": [one.code for one in units if one.inside],
        "due": [one.code for one in units if one.due],
        "earlier": made[:-1],
        "judged": made[-1] if made else None,
        "limits": shipping_limits(made[-1].limits) if made else shipping_limits(),
    }
    if made:
        facts |= _logged(db, shipment, made[-1], began_at([one for one in units if one.travelled], shipment))
    return facts


def _logged(db: Session, shipment: Shipment, judged: ShipmentJudgement, began: datetime) -> dict[str, Any]:
    readings = readings_of(judged)
    stored = file_of(db, judged)
    received = shipment.received_at or began
    every = -(-len(readings) // MOST_ROWS) or 1
    limits = shipping_limits(judged.limits)
    return {
        "began": began,
        "hours": round((received - began).total_seconds() / 3600, 1),
        "sha256": stored.sha256 if stored else "",
        "picture": logger_curve(readings, began, received, limits) if readings else EMPTY,
        "rows": [(hours_from(began, one.at), one) for one in readings[::every]],
        "every": every,
    }


def hours_from(start: datetime, at: datetime) -> float:
    """Hours from the start, to a hundredth; below zero before it."""
    return round((at - start).total_seconds() / 3600, 2)


class _Paper:
    """The picture's scales: hours across, degrees Celsius up."""

    def __init__(
        self, points: Sequence[tuple[float, float]], ends: tuple[float, float], limit: float
    ) -> None:
        hours, degrees = [hour for hour, _ in points], [celsius for _, celsius in points]
        self.first, self.last = min(*hours, ends[0]), max(*hours, ends[1])
        self.low, self.high = min(*degrees, limit) - 5, max(*degrees, limit) + 5

    def x(self, hour: float) -> float:
        span = self.last - self.first or 1.0
        return LEFT + (hour - self.first) / span * (RIGHT - LEFT)

    def y(self, celsius: float) -> float:
        return TOP + (self.high - celsius) / (self.high - self.low) * (BOTTOM - TOP)


def logger_curve(
    readings: Sequence[Reading], began: datetime, received: datetime, limits: Shipping, name: str = "logger"
) -> Markup:
    """The readings as a line, broken where one is missing; a band where they may be on the journey."""
    most = limits.longest_gap_minutes / 60
    drawn = [(hours_from(began, one.at), float(one.celsius)) for one in thinned(readings, MOST_POINTS)]
    ends = (0.0, hours_from(began, received))
    # One reading has no line: it is drawn as a dot, and twice for the scales.
    paper = _Paper(drawn * 2, ends, limits.celsius_at_most)
    reach = max(most, 3 * (paper.last - paper.first) / MOST_POINTS)
    said = say("Temperature in the shipper over time. The table beside the picture holds the same values.")
    return canvas(
        name, WIDTH, HEIGHT, say("Temperature in the shipper"), said,
        _journey(paper, ends, limits), _grid(paper), _limit(paper, limits),
        *(_piece(paper, piece) for piece in pieces(drawn, reach)),
    )  # fmt: skip


def thinned(readings: Sequence[Reading], most: int) -> list[Reading]:
    """At most so many readings: the coldest and the warmest of each stretch, so that no peak is lost."""
    if len(readings) <= most:
        return list(readings)
    size = -(-len(readings) // (most // 2))
    found: list[Reading] = []
    for start in range(0, len(readings), size):
        stretch = readings[start : start + size]
        ends = {min(stretch, key=_celsius).at, max(stretch, key=_celsius).at}
        found += [one for one in stretch if one.at in ends]
    return found


def _celsius(reading: Reading) -> Decimal:
    return reading.celsius


def pieces(points: Sequence[tuple[float, float]], reach: float) -> Iterator[list[tuple[float, float]]]:
    """The line in pieces: cut where more hours than ``reach`` lie between two points."""
    piece = list(points[:1])
    for before, after in pairwise(points):
        if after[0] - before[0] > reach:
            yield piece
            piece = []
        piece.append(after)
    yield piece


def _piece(paper: _Paper, piece: Sequence[tuple[float, float]]) -> Markup:
    if len(piece) == 1:
        return tag("circle", cx=paper.x(piece[0][0]), cy=paper.y(piece[0][1]), r=2.5, class_="point s1")
    points = " ".join(f"{paper.x(hour):.1f},{paper.y(celsius):.1f}" for hour, celsius in piece)
    return tag("polyline", points=points, class_="series s1")


def _journey(paper: _Paper, ends: tuple[float, float], limits: Shipping) -> Markup:
    """Between packing and receipt, where the temperature may be."""
    left, right, top = paper.x(ends[0]), paper.x(ends[1]), paper.y(limits.celsius_at_most)
    return join(
        [
            tag("rect", x=left, y=top, width=right - left, height=BOTTOM - top, class_="band"),
            line(left, TOP, left, BOTTOM, "mark-line"),
            line(right, TOP, right, BOTTOM, "mark-line"),
            text(left + 6, BOTTOM - 8, say("packed"), "small"),
            text(right - 6, BOTTOM - 8, say("received"), "small", "end"),
        ]
    )


def _limit(paper: _Paper, limits: Shipping) -> Markup:
    y = paper.y(limits.celsius_at_most)
    words = say("limit {celsius} °C", celsius=number(limits.celsius_at_most))
    return join([line(LEFT, y, RIGHT, y, "limit"), text(RIGHT - 6, y - 6, words, "small", "end")])


def _grid(paper: _Paper) -> Markup:
    parts = [text(LEFT, TOP - 18, say("Temperature (°C)"), "strong")]
    for celsius in round_steps(paper.low, paper.high, 8):
        parts.append(line(LEFT, paper.y(celsius), RIGHT, paper.y(celsius), "grid"))
        parts.append(text(LEFT - 8, paper.y(celsius) + 4, number(celsius), "small", "end"))
    for hour in round_steps(paper.first, paper.last, 12):
        parts.append(line(paper.x(hour), BOTTOM, paper.x(hour), BOTTOM + 5, "axis"))
        parts.append(text(paper.x(hour), BOTTOM + 20, number(hour), "small", "middle"))
    said = say("Hours from the packing of the first unit")
    parts.append(text((LEFT + RIGHT) / 2, HEIGHT - 10, said, "small", "middle"))
    parts.append(line(LEFT, BOTTOM, RIGHT, BOTTOM, "axis"))
    parts.append(line(LEFT, TOP, LEFT, BOTTOM, "axis"))
    return join(parts)
