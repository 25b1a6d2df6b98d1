"""The picture of a genealogy: donors, donations, units and what follows them, each a link."""

from collections.abc import Iterable, Sequence

from markupsafe import Markup
from sqlmodel import Session

from app.kernel.speech import say
from app.lots.genealogy import ancestors, edges_among
from app.lots.queries import donors_and_tissue, units_with
from app.web.genealogy import Node, genealogy

#: More things than this are a table, not a picture.
MOST = 400
#: How a unit's kind is said of one.
NOUNS = {"tissue": "donation", "qc_sample": say("QC sample"), "retained": say("kept vial")}


def unit_node(code: str, kind: str, state: str, current: bool = False) -> Node:
    """A unit in the picture; tissue carries the number of its donation."""
    where = "donations" if kind == "tissue" else "units"
    return Node(f"unit:{code}", code, NOUNS.get(kind, kind), f"/{where}/{code}", state, current)


def donor_node(code: str, current: bool = False) -> Node:
    """A donor in the picture."""
    return Node(f"donor:{code}", code, "donor", f"/donors/{code}", current=current)


def drawn(nodes: Sequence[Node], edges: Iterable[tuple[str, str]], name: str) -> Markup | None:
    """The picture, or None where it would be too large to read."""
    return genealogy(nodes, list(edges), name=name) if 0 < len(nodes) <= MOST else None


def picture_of_units(db: Session, unit_ids: set[int], current: str = "") -> Markup | None:
    """These units with all they came from, back to the donors."""
    every = unit_ids | ancestors(db, unit_ids)
    if len(every) > MOST:
        return None
    units = {unit.id: unit for unit in units_with(db, every)}
    given = donors_and_tissue(db, every)
    nodes = [donor_node(code) for code in sorted({donor for donor, _ in given})]
    nodes += [unit_node(u.code, u.kind, u.state, u.code == current) for u in units.values()]
    edges = [(f"donor:{donor}", f"unit:{units[unit].code}") for donor, unit in given]
    edges += [(f"unit:{units[a].code}", f"unit:{units[b].code}") for a, b in edges_among(db, every)]
    return drawn(nodes, edges, "genealogy")
