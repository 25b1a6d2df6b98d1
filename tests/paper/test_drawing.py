"""Pictures on paper: every shape of ours is drawn, and a shape that is none of ours is a mistake."""

import pytest
from markupsafe import Markup

from app.paper.drawing import read_picture
from app.web.lanes import Happening, Lane, Span
from app.web.svg import canvas, tag
from app.web.timeline import Mark, Panel, Point, Series, timeline


def picture() -> str:
    points = [Point(0, 1), Point(1, 2, below=True), Point(2, None), Point(3, 1)]
    curves = [Series(name, points) for name in "abcd"]
    panels = [Panel("A", "g", curves, band=(0, 1), limits=[(1.5, "limit")])]
    spans = [Span(0, 1, "w", tone) for tone in ("plain", "late", "missing")]
    lane = Lane("Visits", [Happening(1, "here", hollow=True)], spans)
    return str(timeline(panels, [Mark(1, "Infusion")], lanes=[lane]))


def test_every_shape_of_a_timeline_has_its_marks() -> None:
    drawn = read_picture(picture())
    assert drawn.operators.count("q") == drawn.operators.count("Q") > 20
    assert sum(one.endswith(" c") for one in drawn.operators) >= 2
    assert sum(one.endswith(" re") for one in drawn.operators) == 4
    assert "[7 4] 0 d" in drawn.operators and "1 1 1 rg" in drawn.operators
    assert {"A (g)", "limit", "Infusion", "Visits"} <= {one.text for one in drawn.words}


def test_a_half_circle_ends_where_it_should() -> None:
    outline = "M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z"
    ring = tag("path", d=outline, transform="translate(10 20)", class_="point s1")
    drawn = read_picture(str(canvas("x", 40, 40, "t", "d", ring)))
    curves = [one for one in drawn.operators if one.endswith(" c")]
    assert "5.00 20.00 m" in drawn.operators
    assert curves[0].endswith("15.00 20.00 c") and curves[1].endswith("5.00 20.00 c")


@pytest.mark.parametrize(
    "shape",
    [
        tag("ellipse", cx=1, cy=1, class_="s1"),
        tag("rect", x=1, y=1, width=2, height=2),
        tag("path", d="M0 0", transform="rotate(9)", class_="point s1"),
    ],
)
def test_a_shape_that_paper_does_not_know_is_never_left_out_in_silence(shape: Markup) -> None:
    with pytest.raises(ValueError, match=r"shape|picture"):
        read_picture(str(canvas("x", 9, 9, "t", "d", shape)))
