"""Lanes under a timeline: what happened when, without a quantity, on the same time axis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.web.svg import join, line, tag, text

#: Height of one lane, of the windows in it, and how far down its middle lies.
LANE, BAR, MIDDLE = 48, 16, 34


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, such as the window of a visit; ``tone`` is plain, late or missing."""

    start: float
    end: float
    said: str
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; drawn hollow when it lies where it was not due."""

    at: float
    said: str
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of thing that happened, with the stretches in which it was due."""

    title: str
    happenings: Sequence[Happening] = ()
    spans: Sequence[Span] = ()

    @property
    def times(self) -> list[float]:
        """Every time the lane shows."""
        return [one.at for one in self.happenings] + [
            at for span in self.spans for at in (span.start, span.end)
        ]


def draw_lane(
    lane: Lane,
    across: Callable[[float], float],
    ends: tuple[float, float],
    top: float,
    marks: Sequence[float],
) -> Markup:
    """The lane between the ``ends`` of the picture, its upper edge at ``top``."""
    middle = top + MIDDLE
    parts = [text(ends[0], top + 18, lane.title, "strong"), line(ends[0], middle, ends[1], middle, "grid")]
    for span in lane.spans:
        left = across(span.start)
        parts.append(
            tag(
                "rect",
                tag("title", span.said),
                x=left,
                y=middle - BAR / 2,
                width=max(across(span.end) - left, 2),
                height=BAR,
                rx=3,
                class_=f"window window-{span.tone}",
            )
        )
    parts += [
        line(across(at), middle - BAR / 2 - 3, across(at), middle + BAR / 2 + 3, "mark-line") for at in marks
    ]
    for one in lane.happenings:
        parts.append(
            tag(
                "path",
                tag("title", one.said),
                d="M-5.5 0a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0Z",
                transform=f"translate({across(one.at):.1f} {middle:.1f})",
                class_=f"point s1{' hollow' if one.hollow else ''}",
            )
        )
    return tag("g", join(parts))
