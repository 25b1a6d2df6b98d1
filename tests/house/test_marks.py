"""No list hides a stop: wherever a template lists things that can be held, each row has its chips."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import ROOT

TEMPLATES = sorted((ROOT / "app").glob("*/templates/*/*.html"))
PARTS = re.compile(r"\{%-?\s*(for|endfor)\b[^%]*(?:%(?!\})[^%]*)*%\}")
#: A link to the page of a lot, unit, donation, donor, material or device.
LINK = re.compile(
    r"url_for\(.(lots\.(lot|unit|donation)|donors\.donor|materials\.(material|device)).,"
    r"|href=\"/(lots|units|donations|donors|materials|equipment)/\{\{"
)
#: The chips of one row, from what `standings` found for all of them; or a chip that the page's facts give.
CHIPS = re.compile(r"\{\{ \w+\[[\w.]+\] \}\}|chip\(\"on_hold\"\)")
#: Loops that need no chip, how many of a template, each with its reason.
EXEMPT = {
    "orders/order.html": 1,  # a bag promised to the order has the whole banner of what stands against it
}


def loops(text: str) -> Iterator[str]:
    """The body of each loop of a template, inner ones too."""
    begun: list[int] = []
    for part in PARTS.finditer(text):
        if part[1] == "for":
            begun.append(part.end())
        else:
            yield text[begun.pop() : part.start()]


def unmarked(text: str) -> list[str]:
    """Links of a loop to what can be held, where no chip stands in the loop."""
    return [found[0] for body in loops(text) if (found := LINK.search(body)) and not CHIPS.search(body)]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_list_of_things_that_can_be_held_has_their_chips(path: Path) -> None:
    found = unmarked(path.read_text("utf-8"))
    assert len(found) == EXEMPT.get(name(path), 0), found


def test_every_template_with_chips_asks_once_for_all_rows() -> None:
    """The question stands before its loop, never inside it: its cost does not grow with the rows."""
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        asked_within = [body for body in loops(text) if "standings(" in body and "endfor" not in body]
        assert not asked_within, name(path)


def test_the_test_of_lists_sees_a_list_without_chips() -> None:
    bare = "{% for lot in lots %}<a href=\"{{ url_for('lots.lot', code=lot.code) }}\">x</a>{% endfor %}"
    assert unmarked(bare) and not unmarked(bare.replace("</a>", "</a>{{ stands[lot.code] }}"))
