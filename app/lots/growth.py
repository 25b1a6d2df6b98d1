"""Growth: how often the cells of a lot doubled, passage by passage, beside earlier lots of the same donor."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup
from sqlmodel import Session, col, select

from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import number
from app.lots import genealogy
from app.lots.models import Donation, Lot, Step, StepKind
from app.lots.process_limits import process_limits
from app.lots.queries import units_of_lot
from app.web.timeline import Panel, Point, Series, round_steps, timeline

#: Lines that a picture can tell apart.
MOST_LOTS = 4
HUNDREDTH, TENTH = Decimal("0.01"), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Harvest:
    """One harvest on the way to a lot."""

    lot: str
    step: str
    passage: int
    ended_at: datetime
    #: Days the cells were in culture until here; frozen days do not count.
    culture_days: Decimal
    doublings: Decimal
    cumulative: Decimal
    #: Hours of one doubling in this passage; None where the cells did not grow.
    doubling_hours: Decimal | None


@dataclass(frozen=True, slots=True)
class Growth:
    """A lot, from the tissue on, in order of time."""

    lot: str
    harvests: tuple[Harvest, ...]


def growth_of(db: Session, lot: Lot) -> list[Growth]:
    """The lot first, then up to three earlier lots of its donors that are not its own banks, newest first."""
    own = {unit.id for unit in units_of_lot(db, known(lot.id))}
    line = own | genealogy.ancestors(db, own)
    others = _earlier(db, lot, line)
    return [_growth(db, lot, line), *(_growth(db, other, _line(db, other)) for other in others)]


def _line(db: Session, lot: Lot) -> set[int]:
    own = {unit.id for unit in units_of_lot(db, known(lot.id))}
    return own | genealogy.ancestors(db, own)


def _earlier(db: Session, lot: Lot, line: set[int]) -> list[Lot]:
    rows = genealogy.by_key("unit", "id", "id", "lot_id", "donation_id").ask(db, line)
    donors = select(Donation.donor_id).where(col(Donation.id).in_({row.donation_id for row in rows} - {None}))
    tissues = _tissues(db, set(db.exec(donors).all()))
    below = genealogy.by_key("unit", "id", "lot_id").ask(db, genealogy.descendants(db, tissues))
    wanted = {row.lot_id for row in below} - {row.lot_id for row in rows} - {None, lot.id}
    found = select(Lot).where(col(Lot.id).in_(wanted), col(Lot.id) < known(lot.id), Lot.kind == lot.kind)
    return list(db.exec(found.order_by(col(Lot.id).desc()).limit(MOST_LOTS - 1)).all())


def _tissues(db: Session, donors: Iterable[int]) -> set[int]:
    given = db.exec(select(Donation.id).where(col(Donation.donor_id).in_(donors))).all()
    return {row.id for row in genealogy.by_key("unit", "donation_id", "id").ask(db, (g for g in given if g))}


def _growth(db: Session, lot: Lot, line: set[int]) -> Growth:
    """Walk the steps of the line from the tissue on; of several ways the longest in culture counts."""
    units = genealogy.by_key("unit", "id", "id", "step_id").ask(db, line)
    made_by = {row.id: row.step_id for row in units}
    steps = _steps(db, set(made_by.values()) - {None})
    before: dict[int, set[int]] = {key: set() for key in steps}
    for parent, child in genealogy.edges_among(db, line):
        made, came = made_by[child], made_by[parent]
        if made is not None and came is not None and made != came:
            before[made].add(came)
    days: dict[int, Decimal] = {}
    harvests = []
    for key, (step, code) in sorted(steps.items(), key=lambda one: (one[1][0].ended_at, one[0])):
        sources = [steps[one][0] for one in before[key]]
        days[key] = max((days.get(one, Decimal(0)) for one in before[key]), default=Decimal(0))
        if step.kind is StepKind.HARVEST:
            seeded = [one.started_at for one in sources if one.kind is StepKind.SEED]
            grown = max((step.ended_at - at for at in seeded), default=step.ended_at - step.started_at)
            in_culture = Decimal(grown.total_seconds()) / 86400
            days[key] += in_culture
            harvests.append(_harvest(step, code, days[key], in_culture))
    return Growth(lot.code, tuple(harvests))


def _steps(db: Session, keys: set[int]) -> dict[int, tuple[Step, str]]:
    rows = select(Step, Lot.code).join(Lot, col(Lot.id) == col(Step.lot_id)).where(col(Step.id).in_(keys))
    return {known(step.id): (step, code) for step, code in db.exec(rows).all()}


def _harvest(step: Step, lot: str, days: Decimal, in_culture: Decimal) -> Harvest:
    doublings = step.population_doublings
    return Harvest(
        lot=lot,
        step=step.code,
        passage=step.passage,
        ended_at=step.ended_at,
        culture_days=days.quantize(TENTH),
        doublings=doublings,
        cumulative=step.cumulative_pd,
        doubling_hours=(in_culture * 24 / doublings).quantize(TENTH) if doublings > 0 else None,
    )


def growth_picture(growths: list[Growth]) -> Markup | None:
    """Cumulative doublings over days in culture, a line for each lot, under the limit of the process."""
    if not growths[0].harvests:
        return None
    highest = process_limits().cumulative_doublings.highest
    lines = [
        Series(
            one.lot,
            [
                Point(
                    float(h.culture_days),
                    float(h.cumulative),
                    said=say("passage {passage}", passage=h.passage),
                )
                for h in one.harvests
            ],
        )
        for one in growths
    ]
    title = say("Cumulative population doublings over days in culture")
    panel = Panel(title, "", lines, limits=[(highest, say("limit {highest:g}", highest=highest))])
    longest = max(float(h.culture_days) for one in growths for h in one.harvests)
    ticks = [(at, number(at)) for at in round_steps(0, longest, 8)]
    return timeline([panel], ticks=ticks, title=title, name="growth", panel_height=300)
