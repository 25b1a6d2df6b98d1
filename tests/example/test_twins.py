"""The lot of the other donor is made from his marrow alone, with every cell accounted for."""

from datetime import UTC, datetime

from sqlmodel import col, select

from app.example import making, people
from app.example.calendar import FOUNDED, at
from app.example.twins import OTHER, lot_of_other_donor
from app.kernel.work import SYSTEM
from app.lots.models import LotState, Step
from app.lots.queries import donors_of_unit, lot_by_code, unit_by_code
from app.site import Site
from tests.donors.factories import eligible_donor


def test_three_bags_straight_from_the_marrow_of_another_donor(site: Site) -> None:
    with site.db.act(SYSTEM, at(FOUNDED, "08:00")) as work:
        people.hire(work)
    making.stock(site)
    donor = eligible_donor(site, at=datetime(2025, 2, 5, 9, 0, tzinfo=UTC)).code
    lot_of_other_donor(site, "2025-02-10", donor)
    with site.db.reading() as db:
        lot, bag = lot_by_code(db, OTHER), unit_by_code(db, f"{OTHER}-B03")
        assert lot is not None and bag is not None
        steps = db.exec(select(Step).where(Step.lot_id == lot.id).order_by(col(Step.id))).all()
        assert [one.code for one in donors_of_unit(db, bag.id or 0)] == [donor]
    assert lot.state is LotState.QUARANTINE and bag.viable_cells == 100_000_000
    assert str(steps[-1].cumulative_pd) == "15.83" and not any(one.cells_unexplained for one in steps)
