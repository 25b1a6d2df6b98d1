"""From a donor to everybody who received anything of them, over the usual way and over memory.

That the peers give the same answer as the program is checked before anything is timed.
"""

from collections.abc import Callable, Iterator

from app.kernel.refusals import Refusal
from app.trace.recall import recipients_of
from bench import lazy, memory
from bench.grounds import Ground, Grounds
from bench.measure import Goal, ratio
from bench.trace_grow import subjects

GOALS = (Goal("trace-peer.orm", "x", 0.004), Goal("trace-peer.graph", "x", 4))

Peer = Callable[[str], list[str]]


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU of donors' recipients, the donors spread over a million units, over the same by either peer."""
    ground = grounds.ground("sqlite", grounds.large)
    codes = donors(ground, max(1, grounds.subjects // 3))
    with ground.site.db.reader.connect() as connection:
        graph = memory.load(connection)
    peers: dict[str, Peer] = {
        "trace-peer.orm": lambda code: lazy.recipients(ground.site, code),
        "trace-peer.graph": graph.recipients,
    }
    for name, peer in peers.items():
        agree(ground, codes, peer)
        yield name, _over(ground, codes, peer, grounds.pairs)


def _over(ground: Ground, codes: list[str], peer: Peer, pairs: int) -> float:
    return ratio(
        lambda: [called(ground, code) for code in codes], lambda: [peer(code) for code in codes], pairs
    )


def donors(ground: Ground, how_many: int) -> list[str]:
    """Donors with recipients, one in each of so many seasons."""
    codes = subjects(ground.sown.season, "donor", how_many)
    return [ground.sown.code(code, at * ground.sown.seasons // len(codes)) for at, code in enumerate(codes)]


def called(ground: Ground, donor: str) -> list[str]:
    """Whom a recall of this donor calls. Raises LookupError when there is no such donor."""
    with ground.site.db.reading() as db:
        found = recipients_of(db, "donor", donor)
    if isinstance(found, Refusal):
        raise LookupError(str(found))
    return list(found)


def agree(ground: Ground, codes: list[str], peer: Peer) -> None:
    """Raise ValueError when a peer's answer is not the program's."""
    for code in codes:
        if called(ground, code) != peer(code):
            raise ValueError(f"two answers for donor {code}")
