"""Genealogy and curves as SVG."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.units import number
from app.web.genealogy import Node, genealogy
from app.web.svg import shortened, tag
from app.web.timeline import Mark, Panel, Point, Series, round_steps, runs, timeline
from tests.web.demo import course, lot_picture

SVG = "{http://www.w3.org/2000/svg}"


def tree(svg: str) -> ElementTree.Element:
    """The picture as XML; a picture that is not XML fails here."""
    return ElementTree.fromstring(svg)


def boxes(svg: str) -> dict[str, tuple[float, float]]:
    """Where each node stands, by its link."""
    found = {}
    for link in tree(svg).iter(f"{SVG}a"):
        rect = next(r for r in link.iter(f"{SVG}rect") if "node-stack" not in r.get("class", ""))
        found[link.get("href", "")] = (float(rect.get("x", "")), float(rect.get("y", "")))
    return found


def bags(count: int, state: str = "available") -> tuple[list[Node], list[tuple[str, str]]]:
    """A lot with so many bags."""
    nodes = [Node("lot", "MSC-25-001", "lot", "/lot")]
    nodes += [Node(f"b{n}", f"MSC-25-001-B{n:03d}", "bag", f"/b{n}", state) for n in range(count)]
    return nodes, [("lot", f"b{n}") for n in range(count)]


@pytest.mark.parametrize("svg", [lot_picture(), course()])
def test_a_picture_has_a_name_a_description_and_no_style(svg: str) -> None:
    root = tree(svg)
    assert root[0].tag == f"{SVG}title"
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text
    assert not [e for e in root.iter() if "style" in e.attrib or e.tag == f"{SVG}style"]


def test_children_stand_to_the_right_of_their_parents() -> None:
    places = boxes(lot_picture())
    order = ["#d", "#t", "#w", "#l", "#b1", "#r"]
    assert [places[key][0] for key in order] == sorted({places[key][0] for key in order})


def test_ten_bags_are_one_stack_and_the_one_that_differs_stands_alone() -> None:
    """The recalled bag went to a recipient: it is not hidden in the stack."""
    words = [e.text for e in tree(lot_picture()).iter(f"{SVG}text")]
    assert "9 bags" in words
    assert "9 available" in words
    assert "MSC-25-001-B01" in words
    assert "MSC-25-001-B02" not in words


def test_what_is_recalled_is_hatched_what_waits_is_dashed_and_this_one_is_thick() -> None:
    svg = lot_picture()
    assert svg.count('class="hatching"') == 1
    assert "node-quarantine node-current" in svg


def test_a_stack_shows_the_gravest_state_among_its_members() -> None:
    nodes, edges = bags(9)
    nodes[4] = Node("b3", "MSC-25-001-B003", "bag", "/b3", "on_hold")
    svg = genealogy(nodes, edges)
    assert "9 bags" in svg
    assert 'class="hatching"' in svg
    assert "8 available, 1 on hold" in svg


def test_two_hundred_and_fifty_units_fit_one_screen() -> None:
    svg = genealogy(*bags(250))
    assert "250 bags" in svg
    assert float(tree(svg).get("height", "")) < 200


def test_boxes_of_one_layer_do_not_overlap() -> None:
    nodes, edges = bags(8)
    places = sorted(y for x, y in boxes(genealogy(nodes, edges, stack_from=99)).values() if x > 100)
    assert all(below - above >= 52 for above, below in pairwise(places))


def test_a_genealogy_in_a_circle_or_with_a_loose_end_is_refused() -> None:
    nodes = [Node("a", "A", "unit", "/a"), Node("b", "B", "unit", "/b")]
    with pytest.raises(ValueError, match="circle"):
        genealogy(nodes, [("a", "b"), ("b", "a")])
    with pytest.raises(ValueError, match="unknown"):
        genealogy(nodes, [("a", "c")])


def test_an_empty_genealogy_is_an_empty_picture() -> None:
    assert "Nothing to show." in genealogy([], [])


def test_names_cannot_break_out_of_the_picture() -> None:
    svg = genealogy([Node("a", '"><script>x</script>', "unit", "/a?b=1&c=2")], [])
    assert "<script" not in svg
    assert boxes(svg).keys() == {"/a?b=1&c=2"}


def test_a_gap_stays_a_gap() -> None:
    points = [Point(9, 4), Point(0, 16), Point(1, 9), Point(3, None), Point(6, 5)]
    assert [[p.at for p in run] for run in runs(points)] == [[0, 1], [6, 9]]


def test_values_below_the_limit_are_hollow_and_said() -> None:
    svg = timeline([Panel("MFI", "", [Series("A2", [Point(0, 300, True), Point(1, 900)])], log=True)])
    assert svg.count(" hollow") == 1
    assert "A2, 0: below 300" in svg


def test_all_panels_share_one_time_axis_and_show_the_infusion() -> None:
    panels = [
        Panel("SLEDAI-2K", "", [Series("a", [Point(0, 4)])]),
        Panel("UPCR", "", [Series("b", [Point(9, 1)])]),
    ]
    root = tree(timeline(panels, [Mark(2, "Infusion")]))
    lines = [e for e in root.iter(f"{SVG}line") if e.get("class") == "mark-line"]
    assert len(lines) == 2
    assert len({line.get("x1") for line in lines}) == 1


def test_the_reference_band_is_cut_to_the_panel() -> None:
    svg = timeline([Panel("x", "", [Series("a", [Point(0, 4), Point(1, 8)])], band=(-50, 6))])
    band = next(e for e in tree(svg).iter(f"{SVG}rect") if e.get("class") == "band")
    assert float(band.get("height", "")) > 0


def test_a_panel_without_values_is_drawn_empty() -> None:
    assert "polyline" not in timeline([Panel("x", "", [Series("a", [Point(0, None)])]), Panel("y", "", [])])


@given(st.floats(-1e6, 1e6), st.floats(0.01, 1e6), st.integers(3, 9))
def test_axis_steps_are_round_inside_and_not_too_many(low: float, span: float, about: int) -> None:
    steps = round_steps(low, low + span, about)
    assert len(steps) <= about + 2
    assert all(low - span * 1e-4 <= step <= low + span * (1 + 1e-4) for step in steps)


@given(
    st.lists(st.tuples(st.floats(-100, 400), st.one_of(st.none(), st.floats(0, 1e6))), max_size=30),
    st.booleans(),
)
def test_any_course_is_drawn_inside_its_frame(values: list[tuple[float, float | None]], log: bool) -> None:
    svg = timeline([Panel("p", "u", [Series("s", [Point(at, value) for at, value in values])], log=log)])
    places = re.findall(r"translate\(([-\d.]+) ([-\d.]+)\)", svg)
    assert len(places) == sum(value is not None for _, value in values)
    assert all(80 <= float(x) <= 960 and 30 <= float(y) <= 170 for x, y in places)


def test_elements_escape_and_numbers_are_short() -> None:
    assert tag("text", "a<b", x=1.0, y=1 / 3, class_="c") == '<text x="1" y="0.33" class="c">a&lt;b</text>'
    assert shortened("MSC-25-001-B01-extra", 11) == "MSC-2…extra"
    assert number(4.0) == "4"
