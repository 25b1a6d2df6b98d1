"""The picture of a trace: from the donors on the left to the recipients on the right."""

from markupsafe import Markup

from app.concerns.models import SubjectKind
from app.lots.picture import MOST, donor_node, drawn, unit_node
from app.trace.find import PAGES
from app.trace.queries import Trace
from app.web.genealogy import Node


def picture(found: Trace) -> Markup | None:
    """The trace as a picture, or None where it has too many things to read."""
    if len(found.units) > MOST:
        return None
    nodes = [donor_node(code, current=_is(found, SubjectKind.DONOR, code)) for code in found.donors]
    nodes += [
        unit_node(unit.code, unit.kind, unit.state, current=unit.code == found.code) for unit in found.units
    ]
    received = [(f"unit:{u.code}", f"recipient:{u.recipient}") for u in found.units if u.recipient]
    nodes += [_recipient(found, code) for code in found.recipients]
    edges = [(f"donor:{donor}", f"unit:{unit}") for donor, unit in found.given]
    edges += [(f"unit:{a}", f"unit:{b}") for a, b in found.edges]
    known = {node.key for node in nodes}
    edges = [edge for edge in (*edges, *received) if known.issuperset(edge)]
    if found.kind in (SubjectKind.MATERIAL, SubjectKind.EQUIPMENT, SubjectKind.PLACE):
        first = {f"unit:{unit.code}" for unit in found.units} - {b for _, b in edges}
        nodes.insert(0, _subject(found))
        edges += [(nodes[0].key, key) for key in sorted(first)]
    return drawn(nodes, edges, "trace")


def _is(found: Trace, kind: SubjectKind, code: str) -> bool:
    return found.kind is kind and found.code == code


def _recipient(found: Trace, code: str) -> Node:
    current = _is(found, SubjectKind.RECIPIENT, code)
    return Node(f"recipient:{code}", code, "recipient", f"{PAGES['recipient']}{code}", current=current)


def _subject(found: Trace) -> Node:
    url = f"{PAGES[found.kind.value]}{found.code}"
    return Node(f"{found.kind.value}:{found.code}", found.code, found.kind.value, url, current=True)
