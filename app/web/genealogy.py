"""The picture of a genealogy: from the donor on the left to the recipients on the right."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from app.kernel.speech import phrase, say, voice
from app.web.svg import canvas, join, shortened, tag, tally, text

WIDE, HIGH, GAP_X, GAP_Y, MARGIN = 160, 52, 44, 16, 12
#: Siblings alike in kind, parents and children are drawn as one stack from this many on.
STACK_FROM = 5
#: Said of the thing whose page the reader stands on.
HERE = phrase(", this page")
#: What a stack of siblings is called.
STACKS = (
    phrase("bags"), phrase("vials"), phrase("flasks"), phrase("kept vials"), phrase("QC samples"),
    phrase("donations"), phrase("donors"), phrase("recipients"),
)  # fmt: skip
_STOPPED = {"recalled", "rejected", "on_hold", "deferred", "ineligible", "expired", "lost"}
_HATCHED = {"recalled", "on_hold"}
_WAITING = {"in_quarantine", "quarantine", "in_process", "incomplete", "risk_assessment", "in_screening"}
_GOOD = {"released", "available", "eligible", "infused", "given", "conditionally_released"}


@dataclass(frozen=True, slots=True)
class Node:
    """One thing in the picture: ``key`` joins it to edges, ``label`` is its code, ``kind`` its noun (bag)."""

    key: str
    label: str
    kind: str
    url: str
    state: str = ""
    current: bool = False
    #: Codes of the siblings that this node stands for; empty for a node of its own.
    members: tuple[str, ...] = ()
    #: States of those siblings, counted in words.
    states: str = ""


@dataclass(slots=True)
class _Graph:
    nodes: dict[str, Node]
    parents: dict[str, list[str]] = field(default_factory=dict)
    children: dict[str, list[str]] = field(default_factory=dict)


def genealogy(
    nodes: Sequence[Node],
    edges: Sequence[tuple[str, str]],
    *,
    name: str = "genealogy",
    stack_from: int = STACK_FROM,
) -> Markup:
    """Draw nodes in layers from left to right; ``edges`` are (from key, to key).

    Each node is a link. The current node has a thick border, what waits a dashed one, what is recalled or on
    hold is hatched. Raises ValueError for an edge to an unknown node and for a circle.
    """
    graph = _stacked(_graph(nodes, edges), stack_from)
    layers = _ordered(graph, _layers(graph))
    places = _places(layers)
    width = max(1, len(layers)) * (WIDE + GAP_X) - GAP_X + 2 * MARGIN
    height = max((y for _, y in places.values()), default=0) + HIGH + MARGIN
    lines = [_edge(places[a], places[b]) for a in graph.nodes for b in graph.children[a]]
    boxes = [_box(name, graph.nodes[key], *place) for key, place in places.items()]
    return canvas(
        name,
        width,
        height,
        say("Genealogy"),
        _described(len(nodes), layers, graph),
        _hatching(name),
        *lines,
        *boxes,
    )


def _graph(nodes: Sequence[Node], edges: Sequence[tuple[str, str]]) -> _Graph:
    graph = _Graph({node.key: node for node in nodes})
    graph.parents = {key: [] for key in graph.nodes}
    graph.children = {key: [] for key in graph.nodes}
    for start, end in dict.fromkeys(edges):
        if start not in graph.nodes or end not in graph.nodes:
            raise ValueError(f"edge between unknown nodes: {start} to {end}")
        graph.children[start].append(end)
        graph.parents[end].append(start)
    return graph


def _stacked(graph: _Graph, stack_from: int) -> _Graph:
    """The graph with siblings that are alike drawn as one node: "10 bags"."""
    families: dict[tuple[str, ...], list[str]] = {}
    for key, node in graph.nodes.items():
        family = (node.kind, *sorted(graph.parents[key]), "→", *sorted(graph.children[key]))
        if not node.current:
            families.setdefault(family, []).append(key)
    stands_for = {
        key: members[0] for members in families.values() if len(members) >= stack_from for key in members
    }
    if not stands_for:
        return graph
    kept = [node for key, node in graph.nodes.items() if stands_for.get(key, key) == key]
    stacks = [_stack(graph, node, [k for k, head in stands_for.items() if head == node.key]) for node in kept]
    joined = [(stands_for.get(a, a), stands_for.get(b, b)) for a in graph.nodes for b in graph.children[a]]
    return _graph(stacks, joined)


def _stack(graph: _Graph, head: Node, members: list[str]) -> Node:
    if not members:
        return head
    of = [graph.nodes[key] for key in members]
    states = [node.state for node in of]
    gravest = next((s for group in (_STOPPED, _WAITING) for s in states if s in group), states[0])
    return replace(
        head,
        label=f"{len(of)} {voice(f'{head.kind}s')}",
        state=gravest,
        members=tuple(node.label for node in of),
        states=tally(states),
    )


def _layers(graph: _Graph) -> list[list[str]]:
    """Each node one layer to the right of its furthest parent."""
    depth: dict[str, int] = {}
    waiting = {key: len(parents) for key, parents in graph.parents.items()}
    free = [key for key, count in waiting.items() if not count]
    while free:
        key = free.pop()
        depth[key] = max((depth[parent] + 1 for parent in graph.parents[key]), default=0)
        for child in graph.children[key]:
            waiting[child] -= 1
            if not waiting[child]:
                free.append(child)
    if len(depth) < len(graph.nodes):
        raise ValueError("a genealogy cannot run in a circle")
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for key in graph.nodes:
        layers[depth[key]].append(key)
    return layers


def _ordered(graph: _Graph, layers: list[list[str]]) -> list[list[str]]:
    """Order each layer by the middle of its neighbours, right then left, so that few lines cross."""
    for neighbours, sweep in (
        (graph.parents, layers[1:]),
        (graph.children, layers[-2::-1]),
        (graph.parents, layers[1:]),
    ):
        rank = {key: at for layer in layers for at, key in enumerate(layer)}
        for layer in sweep:
            middles = {
                key: sum(rank[n] for n in neighbours[key]) / len(neighbours[key])
                if neighbours[key]
                else rank[key]
                for key in layer
            }
            layer.sort(key=lambda key: middles[key])
            rank.update({key: at for at, key in enumerate(layer)})
    return layers


def _places(layers: list[list[str]]) -> dict[str, tuple[float, float]]:
    tallest = max((len(layer) for layer in layers), default=0)
    places: dict[str, tuple[float, float]] = {}
    for column, layer in enumerate(layers):
        top = MARGIN + (tallest - len(layer)) * (HIGH + GAP_Y) / 2
        for row, key in enumerate(layer):
            places[key] = (MARGIN + column * (WIDE + GAP_X), top + row * (HIGH + GAP_Y))
    return places


def _edge(start: tuple[float, float], end: tuple[float, float]) -> Markup:
    x1, y1 = start[0] + WIDE, start[1] + HIGH / 2
    x2, y2 = end[0], end[1] + HIGH / 2
    bend = x2 - GAP_X / 2
    return tag(
        "path",
        d=f"M{x1:g} {y1:g}H{bend - GAP_X / 2:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}",
        class_="edge-line",
    )


def _box(name: str, node: Node, x: float, y: float) -> Markup:
    shape = {"x": x, "y": y, "width": WIDE, "height": HIGH, "rx": 8}
    below = node.states or " · ".join(
        voice(part) for part in (node.kind, node.state.replace("_", " ")) if part
    )
    parts = [tag("title", _told(node))]
    if node.members:
        parts += [tag("rect", class_="node node-stack", **_moved(shape, step)) for step in (6, 3)]
    parts.append(tag("rect", class_=_class(node), **shape))
    hatched = node.state in _HATCHED
    if hatched:
        strip = shape | {"x": x + 2, "y": y + 2, "width": 14, "height": HIGH - 4, "rx": 5}
        parts.append(tag("rect", class_="hatching", fill=f"url(#{name}-hatch)", **strip))
    left = x + (22 if hatched else 12)
    parts.append(text(left, y + 22, shortened(node.label, 17), "strong"))
    parts.append(text(left, y + 40, shortened(below, 21 if hatched else 23), "small"))
    return tag("a", join(parts), href=node.url, aria_current="true" if node.current else None)


def _moved(shape: dict[str, float], step: float) -> dict[str, float]:
    return shape | {"x": shape["x"] + step, "y": shape["y"] + step}


def _class(node: Node) -> str:
    words = ["node"]
    for states, word in ((_STOPPED, "stopped"), (_WAITING, "quarantine"), (_GOOD, "released")):
        if node.state in states:
            words.append(f"node-{word}")
    if node.current:
        words.append("node-current")
    return " ".join(words)


def _told(node: Node) -> str:
    if node.members:
        more = "…" if len(node.members) > 12 else ""
        return f"{node.label}, {node.states}: {', '.join(node.members[:12])}{more}"
    state = f", {voice(node.state.replace('_', ' '))}" if node.state else ""
    here = voice(HERE) if node.current else ""
    return f"{voice(node.kind)} {node.label}{state}{here}"


def _hatching(name: str) -> Markup:
    stripe = tag("path", d="M0 8 8 0", class_="hatch")
    return tag(
        "defs", tag("pattern", stripe, id=f"{name}-hatch", width=8, height=8, patternUnits="userSpaceOnUse")
    )


def _described(count: int, layers: list[list[str]], graph: _Graph) -> str:
    """The same in one sentence: what stands first and what stands last."""
    if not layers:
        return say("Nothing to show.")
    first = ", ".join(graph.nodes[key].label for key in layers[0][:4])
    last = ", ".join(graph.nodes[key].label for key in layers[-1][:4])
    return say(
        "{count} things in {layers} generations, from {first} to {last}.",
        count=count,
        layers=len(layers),
        first=first,
        last=last,
    )
