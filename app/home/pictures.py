"""The bars of a figure: one for each row of its table, with the number beside it."""

from markupsafe import Markup

from app.home.dashboard import Figure
from app.kernel.speech import retold
from app.kernel.units import number
from app.web.svg import canvas, shortened, tag, text

WIDTH, LABEL, VALUE, ROW = 640, 210, 60, 30


def drawn(figure: Figure) -> Markup | None:
    """The figure's picture; None where there is nothing to draw."""
    values = [int(row[figure.bar] or 0) for row in figure.rows]
    if not values:
        return None
    full = max(figure.full or max(values), 1)
    room = WIDTH - LABEL - VALUE
    parts = []
    for place, (row, value) in enumerate(zip(figure.rows, values, strict=True)):
        middle = place * ROW + ROW / 2
        name = str(row[0])
        parts += [
            text(LABEL - 10, middle + 5, shortened(name, 30), anchor="end"),
            tag("rect", x=LABEL, y=middle - 9, width=room, height=18, rx=3, class_="bar-room"),
            tag(
                "rect",
                tag("title", f"{retold(name)}: {number(value)}"),
                x=LABEL,
                y=middle - 9,
                width=room * min(value, full) / full,
                height=18,
                rx=3,
                class_="bar",
            ),
            text(LABEL + room + 8, middle + 5, number(value), "strong"),
        ]
    words = "; ".join(
        f"{retold(row[0])}: {number(value)}" for row, value in zip(figure.rows, values, strict=True)
    )
    return canvas(f"bars-{figure.name}", WIDTH, len(values) * ROW, figure.title, words, *parts)
