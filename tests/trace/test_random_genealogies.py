"""Trace agrees, in every direction, with a slow and independent walk over random genealogies."""

from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.refusals import Refusal
from app.site import Site
from app.trace.queries import Trace, trace
from app.trace.recall import recipients_of
from tests.trace.graphs import Drawn, Graph, Made, draw

_examples = count(1)


@st.composite
def graphs(pick: st.DrawFn) -> Graph:
    """Donors, pools, splits, shared reagents, bags given to recipients."""
    tissue = tuple(pick(st.lists(st.integers(0, 2), min_size=1, max_size=4)))
    steps: list[Made] = []
    units = len(tissue)
    for _ in range(pick(st.integers(0, 7))):
        parents = pick(st.sets(st.integers(0, units - 1), min_size=1, max_size=3))
        tools = st.sets(st.integers(0, 2), max_size=2).map(lambda some: tuple(sorted(some)))
        children = pick(st.integers(1, 3))
        lot = pick(st.integers(0, 2))
        steps.append(Made(tuple(sorted(parents)), children, lot, pick(tools), pick(tools)))
        units += children
    given_to = pick(st.dictionaries(st.integers(0, units - 1), st.integers(0, 2), max_size=4))
    return Graph(tissue, tuple(steps), given_to)


class Slow:
    """The same questions answered by going over every pair again and again until nothing is new."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.step_of: dict[int, Made] = {}
        unit = len(graph.tissue)
        for made in graph.steps:
            for _ in range(made.children):
                self.step_of[unit] = made
                unit += 1
        self.pairs = [(parent, child) for child, made in self.step_of.items() for parent in made.parents]

    def above(self, units: set[int]) -> set[int]:
        found: set[int] = set()
        while new := {p for p, c in self.pairs if c in units | found} - found:
            found |= new
        return found

    def below(self, units: set[int]) -> set[int]:
        found: set[int] = set()
        while new := {c for p, c in self.pairs if p in units | found} - found:
            found |= new
        return found

    def answer(self, kind: str, number: int) -> dict[str, set[int]]:
        graph = self.graph
        own = {
            "donor": {u for u, d in enumerate(graph.tissue) if d == number},
            "donation": {number},
            "unit": {number},
            "lot": {u for u, made in self.step_of.items() if made.lot == number},
            "material": {u for u, made in self.step_of.items() if number in made.materials},
            "equipment": {u for u, made in self.step_of.items() if number in made.equipment},
            "recipient": {u for u, r in graph.infused.items() if r == number},
        }[kind]
        looks_up = kind in ("unit", "lot", "recipient")
        up = self.above(own) if looks_up else set()
        down = self.below(own) if kind != "recipient" else set()
        line = own | up if looks_up else set()
        gave = {u for u in (line if looks_up else own) if u < len(graph.tissue)}
        if kind in ("material", "equipment"):
            gave = set()
        made = [self.step_of[u] for u in line if u in self.step_of]
        every = own | up | down
        return {
            "units": every,
            "donations": gave,
            "donors": {graph.tissue[u] for u in gave} | ({number} if kind == "donor" else set()),
            "lots": {self.step_of[u].lot for u in every if u in self.step_of},
            "materials": {number} if kind == "material" else {m for one in made for m in one.materials},
            "equipment": {number} if kind == "equipment" else {e for one in made for e in one.equipment},
            "recipients": {number} if kind == "recipient" else self.received(own | down),
        }  # fmt: skip

    def received(self, units: set[int]) -> set[int]:
        return {recipient for unit, recipient in self.graph.infused.items() if unit in units}


SINGULAR = {
    "units": "unit",
    "donations": "donation",
    "donors": "donor",
    "lots": "lot",
    "materials": "material",
    "equipment": "equipment",
    "recipients": "recipient",
}
SLOWLY = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def compare(drawn: Drawn, found: Trace, expected: dict[str, set[int]]) -> None:
    for name, kind in SINGULAR.items():
        answered = [u.code for u in found.units] if name == "units" else list(getattr(found, name))
        assert answered == sorted(drawn.code(kind, number) for number in expected[name]), (found.kind, name)


@settings(SLOWLY, max_examples=60)
@given(graph=graphs())
def test_trace_agrees_with_a_slow_walk_from_every_subject(site: Site, graph: Graph) -> None:
    drawn = draw(site, graph, f"G{next(_examples)}")
    slow = Slow(graph)
    with site.db.reading() as db:
        for kind in ("donor", "donation", "unit", "lot", "material", "equipment", "recipient"):
            for number in drawn.keys[kind]:
                found = trace(db, kind, drawn.code(kind, number))
                assert not isinstance(found, Refusal)
                compare(drawn, found, slow.answer(kind, number))
                assert recipients_of(db, kind, drawn.code(kind, number)) == found.recipients


@settings(SLOWLY, max_examples=30)
@given(graph=graphs())
def test_a_recipient_leads_to_a_donor_exactly_when_the_donor_leads_to_the_recipient(
    site: Site, graph: Graph
) -> None:
    drawn = draw(site, graph, f"H{next(_examples)}")
    with site.db.reading() as db:
        forth = {
            (donor, recipient)
            for number in drawn.keys["donor"]
            if isinstance(found := trace(db, "donor", donor := drawn.code("donor", number)), Trace)
            for recipient in found.recipients
        }
        back = {
            (donor, recipient)
            for number in drawn.keys["recipient"]
            if isinstance(
                found := trace(db, "recipient", recipient := drawn.code("recipient", number)), Trace
            )
            for donor in found.donors
        }
    assert forth == back
