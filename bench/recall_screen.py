"""The worst morning: recall a donor with ten thousand units, and show where each of them is."""

import time
from collections.abc import Iterator
from copy import copy
from statistics import median

from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.kernel import clock
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.lots.models import UnitKind
from bench.genealogy import Season
from bench.grounds import Ground, Grounds
from bench.measure import Goal, settled
from bench.web import answer, request, signed_in

GOALS = (Goal("recall-screen", "s", 1),)


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """CPU seconds of the hold, which reaches every unit, and of the page with all units and recipients."""
    ground = grounds.of_season("sqlite", "one_donor", of_one_donor(grounds.season))
    app, headers = signed_in(ground.site)
    code = ground.sown.season.rows["donor"][0]["code"]
    spent = []
    with settled():
        for _ in range(grounds.pairs):
            start = time.process_time()
            _hold(ground, code)
            status, body = answer(app, request(f"/trace?subject=donor:{code}", headers))
            spent.append(time.process_time() - start)
    units = ground.sown.season.rows["unit"]
    # Tissue is shown under its donation's number.
    shown, wanted = body.count(b'"/units/'), sum(row["kind"] != UnitKind.TISSUE for row in units)
    if not status.startswith("200") or shown != wanted:
        raise LookupError(f"the page answered {status} with {shown} units of {wanted}")
    yield "recall-screen", median(spent)


def of_one_donor(season: Season) -> Season:
    """The same season, as if one donor had given it all."""
    changed = copy(season)
    first = season.rows["donor"][0]["id"]
    given = [{**row, "donor_id": first} for row in season.rows["donation"]]
    changed.rows = {**season.rows, "donation": given}
    return changed


def _hold(ground: Ground, code: str) -> None:
    with ground.site.db.act(SYSTEM, clock.now()) as work:
        placed = place_hold(work, SubjectKind.DONOR, code, "Recalled: a later result is reactive.")
    if isinstance(placed, Refusal):
        raise LookupError(str(placed))
