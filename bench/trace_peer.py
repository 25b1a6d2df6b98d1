"""A trace from a donor to the recipients, over the usual way and over memory.

The peers answer the same question with the same words as `trace`: code, kind, state, lot, place and recipient
of every unit. That the answers are equal is checked before anything is timed.
"""

from collections.abc import Callable, Iterator

from app.trace.queries import Trace
from bench import lazy, memory
from bench.grounds import Ground, Grounds
from bench.lazy import Line
from bench.measure import Goal, ratio
from bench.trace_grow import subjects, traced

GOALS = (Goal("trace-peer.orm", "x", 0.004), Goal("trace-peer.graph", "x", 4))


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU of traces of donors spread over a million units, over the same by either peer."""
    ground = grounds.ground("sqlite", grounds.large)
    codes = donors(ground, max(1, grounds.subjects // 3))
    with ground.site.db.reader.connect() as connection:
        graph = memory.load(connection)
    peers: dict[str, Callable[[str], list[Line]]] = {
        "trace-peer.orm": lambda code: lazy.lines(ground.site, code),
        "trace-peer.graph": graph.answer,
    }
    for name, peer in peers.items():
        agree(ground, codes, peer)
        yield name, _over(ground, codes, peer, grounds.pairs)


def _over(ground: Ground, codes: list[str], peer: Callable[[str], list[Line]], pairs: int) -> float:
    return ratio(
        lambda: [traced(ground, "donor", code) for code in codes],
        lambda: [peer(code) for code in codes],
        pairs,
    )


def donors(ground: Ground, how_many: int) -> list[str]:
    """Donors with recipients, one in each of so many seasons."""
    codes = subjects(ground.sown.season, "donor", how_many)
    return [ground.sown.code(code, at * ground.sown.seasons // len(codes)) for at, code in enumerate(codes)]


def agree(ground: Ground, codes: list[str], peer: Callable[[str], list[Line]]) -> None:
    """Raise ValueError when a peer's answer is not the trace's."""
    for code in codes:
        if told(traced(ground, "donor", code)) != peer(code):
            raise ValueError(f"two answers for donor {code}")


def told(found: Trace) -> list[Line]:
    """What a trace tells of its units."""
    return sorted((u.code, u.kind, u.state, u.lot, u.place, u.recipient) for u in found.units)
