"""Does a trace grow with the database, or only with its answer?"""

import time
from collections.abc import Iterator
from functools import partial

from app.kernel.refusals import Refusal
from app.trace.queries import Trace, trace
from bench.genealogy import Season
from bench.grounds import ENGINES, Ground, Grounds
from bench.measure import Act, Clock, Goal, clock_of, exponent, medians, together

#: What is traced from: donor → recipients, recipient → donors, reagent → recipients.
KINDS = ("donor", "recipient", "material")
GOALS = tuple(Goal(f"trace-grow.{engine}.{kind}", "exponent", 0.10) for engine in ENGINES for kind in KINDS)


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """The exponent of CPU time, ours and the database server's, in the number of units."""
    for engine in ENGINES:
        sizes = [grounds.ground(engine, units) for units in grounds.sizes]
        clock = _clock(sizes) if engine == "postgresql" else time.process_time
        for kind in KINDS:
            codes = subjects(grounds.season, kind, grounds.subjects)
            acts = {ground.sown.units: _acts(ground, kind, codes) for ground in sizes}
            costs = medians(acts, grounds.pairs, clock)
            yield f"trace-grow.{engine}.{kind}", exponent(costs.items())


def subjects(season: Season, kind: str, how_many: int) -> list[str]:
    """Codes of donors with recipients, of recipients who were infused, or of reagents that were used."""
    rows = season.rows
    if kind == "donor":
        codes = sorted(code for code, recipients in season.recipients.items() if recipients)
    elif kind == "recipient":
        infused = {row["recipient_id"] for row in rows["infusion"]}
        codes = [row["code"] for row in rows["recipient"] if row["id"] in infused]
    else:
        codes = [row["code"] for row in rows["material"]]
    return codes[:: max(1, len(codes) // how_many)][:how_many]


def _acts(ground: Ground, kind: str, codes: list[str]) -> list[Act]:
    """A trace of each subject, the subjects spread over the years of the database."""
    years = ground.sown.seasons
    spread = [ground.sown.code(code, at * years // len(codes)) for at, code in enumerate(codes)]
    return [partial(traced, ground, kind, code) for code in spread]


def traced(ground: Ground, kind: str, code: str) -> Trace:
    """One trace as a page asks for it. Raises LookupError when there is no such subject."""
    with ground.site.db.reading() as db:
        found = trace(db, kind, code)
    if isinstance(found, Refusal):
        raise LookupError(str(found))
    return found


def _clock(sizes: list[Ground]) -> Clock:
    """CPU time of this process and of the server's process behind each connection."""
    backends = []
    for ground in sizes:
        with ground.site.db.reading() as db:
            backends.append(db.connection().exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    return together(time.process_time, *(clock_of(process) for process in backends))
