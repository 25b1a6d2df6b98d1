"""A bag that is gone ends its promise in the same act, and the order waits for another."""

import pytest

from app.access.models import Role
from app.lots.models import UnitState
from app.lots.operations import destroy_unit, record_fate
from app.orders.models import AllocationState, OrderState
from app.orders.queries import by_code
from app.site import Site
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import sure
from tests.orders.factories import allocated, physician, released_lot, technologist
from tests.recipients.factories import recipient

BAG = "MSC-25-001-B01"


@pytest.mark.parametrize("lost", [True, False])
def test_a_destroyed_or_lost_bag_frees_its_order(site: Site, lost: bool) -> None:
    released_lot(site, 2)
    patient = recipient(site, physician(site))
    order, allocation = allocated(site, patient.code, BAG)
    witness = someone(site, Role.QUALITY, "witness")
    technician = technologist(site)
    with act(site, technician) as work:
        if lost:
            sure(record_fate(work, BAG, UnitState.LOST, "not found in the tank at the count"))
        else:
            why = "cracked when taken from the rack"
            sure(destroy_unit(work, BAG, why, proof(technician), proof(witness)))
    with site.db.reading() as db:
        found = by_code(db, order.code)
        assert found is not None and found.state is OrderState.PRESCRIBED
        ended = db.get_one(type(allocation), allocation.id)
    assert ended.state is AllocationState.UNDONE and BAG in str(ended.undone_reason)
