"""Density pictures of kept files: drawn when asked for, the latest ones held in memory, framed by axes."""

from collections import OrderedDict
from threading import Lock

from markupsafe import Markup
from sqlmodel import Session

from app.cytometry import fcs, queries
from app.cytometry.density import Axis, Density, density
from app.cytometry.models import FlowFile
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.web.svg import canvas, line, tag, text

#: Pictures held; one has some 20 kB.
HELD = 64
#: Side of the picture, and room for the axes beside it.
SIDE, LEFT, BELOW, EDGE, RIGHT = 384, 76, 58, 16, 40

_held: OrderedDict[tuple[str, int, tuple[int, int] | None], Density] = OrderedDict()
_lock = Lock()


def picture(
    db: Session, file: FlowFile, data_set: int = 1, channels: tuple[int, int] | None = None
) -> Density | Refusal:
    """The picture of two channels (numbers from 1; None for the first to look at) of one data set.

    The bytes never change, so a picture once drawn stays true.
    """
    wanted = (queries.stored_of(db, file).sha256, data_set, channels)
    with _lock:
        if wanted in _held:
            _held.move_to_end(wanted)
            return _held[wanted]
    data = queries.data_of(db, file)
    read = fcs.read(data)
    drawn = read if isinstance(read, Refusal) else density(read, data, data_set - 1, channels)
    if isinstance(drawn, Density):
        with _lock:
            _held[wanted] = drawn
            while len(_held) > HELD:
                _held.popitem(last=False)
    return drawn


def framed(drawn: Density, href: str, name: str = "density") -> Markup:
    """The picture with its axes; ``href`` is where its PNG is served."""
    image = tag("image", href=href, x=LEFT, y=EDGE, width=SIDE, height=SIDE, preserveAspectRatio="none")
    frame = tag("rect", x=LEFT, y=EDGE, width=SIDE, height=SIDE, class_="frame")
    parts = [*_across(drawn.x), *_up(drawn.y)]
    told = say(
        "{label} against {label2}, {shown} events; darker means more events.",
        label=drawn.x.label,
        label2=drawn.y.label,
        shown=drawn.shown,
    )
    return canvas(
        name, LEFT + SIDE + RIGHT, EDGE + SIDE + BELOW, say("Density of events"), told, image, frame, *parts
    )


def _across(axis: Axis) -> list[Markup]:
    foot = EDGE + SIDE
    parts = [text(LEFT + SIDE / 2, foot + 46, axis.label, "strong", "middle")]
    for tick in axis.ticks:
        x = LEFT + tick.place * SIDE
        parts += [line(x, foot, x, foot + 5, "axis"), text(x, foot + 20, tick.text, "small", "middle")]
    return parts


def _up(axis: Axis) -> list[Markup]:
    middle = EDGE + SIDE / 2
    label = tag(
        "text", axis.label, x=16, y=middle, class_="strong", text_anchor="middle",
        transform=f"rotate(-90 16 {middle:g})",
    )  # fmt: skip
    parts = [label]
    for tick in axis.ticks:
        y = EDGE + SIDE - tick.place * SIDE
        parts += [line(LEFT - 5, y, LEFT, y, "axis"), text(LEFT - 8, y + 4, tick.text, "small", "end")]
    return parts
