"""Lanes under a timeline share its axis and say in words what they show."""

from xml.etree import ElementTree

from app.web.lanes import Happening, Lane, Span
from app.web.timeline import Mark, Panel, Point, Series, timeline

SVG = "{http://www.w3.org/2000/svg}"


def drawn(lanes: list[Lane], panels: list[Panel] | None = None) -> ElementTree.Element:
    """The picture as a tree; a fault in its markup raises."""
    return ElementTree.fromstring(str(timeline(panels or [], [Mark(0, "Infusion")], lanes=lanes)))


def titles(root: ElementTree.Element) -> list[str]:
    return [str(title.text) for title in root.iter(f"{SVG}title")]


def test_windows_and_happenings_are_told_in_words() -> None:
    lane = Lane("Visits", [Happening(30, "month 1 on time")], [Span(23, 37, "month 1 window", "missing")])
    root = drawn([lane])
    assert {"month 1 on time", "month 1 window"} <= set(titles(root))
    (window,) = (rect for rect in root.iter(f"{SVG}rect"))
    assert window.get("class") == "window window-missing"


def test_a_happening_stands_where_a_point_of_the_same_day_stands() -> None:
    panel = Panel("Antibodies", "MFI", [Series("D-0007", [Point(0, 10), Point(90, 20, hollow=True)])])
    root = drawn([Lane("Sera", [Happening(90, "a serum", hollow=True)])], [panel])
    hollow = [path for path in root.iter(f"{SVG}path") if "hollow" in path.get("class", "")]
    places = {str(path.get("transform")).split("(")[1].split(" ")[0] for path in hollow}
    assert len(hollow) == 2 and len(places) == 1


def test_a_hollow_point_is_not_said_to_be_below_its_value() -> None:
    panel = Panel("Antibodies", "MFI", [Series("D-0007", [Point(0, 240, hollow=True, said="day 0")])])
    assert "D-0007, day 0: 240" in titles(drawn([], [panel]))


def test_markup_in_words_stays_text() -> None:
    assert "<b>x</b>" in titles(drawn([Lane("Visits", [Happening(1, "<b>x</b>")])]))
