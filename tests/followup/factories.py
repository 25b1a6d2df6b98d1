"""Recipients with infusions, for tests of what comes after."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from app.access.models import Role
from app.bedside import events
from app.bedside.models import BedsideCheck, CheckState, Infusion, InfusionState
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import sign
from app.kernel.db import change_if
from app.kernel.refusals import Refusal
from app.lots.models import Unit
from app.orders.models import Allocation, AllocationState, DoseOrder
from app.recipients.consents import record_consent
from app.recipients.models import Recipient
from app.site import Site
from tests.donors.factories import eligible_donor, someone
from tests.factories import act, proof
from tests.lots.factories import drug_product_lot
from tests.orders.factories import allocated, label, release
from tests.recipients.factories import consent_form

#: The infusion of the worked example, a day after local midnight would matter nowhere.
INFUSED_AT = datetime(2025, 5, 6, 8, 14, tzinfo=UTC)


def promised(site: Site, recipient: str, donor: str = "D-0007", lot: str = "MSC-25-001") -> Allocation:
    """A bag of a released lot of this donor, promised to the recipient."""
    with act(site, someone(site, Role.PHYSICIAN, "consent-1")) as work:
        assert not isinstance(record_consent(work, recipient, consent_form()), Refusal)
    eligible_donor(site, code=donor)
    drug_product_lot(site, 2, code=lot, donor=donor)
    release(site, lot)
    label(site, f"{lot}-B01")
    return allocated(site, recipient, f"{lot}-B01")[1]


def infused(site: Site, allocation: Allocation, at: datetime = INFUSED_AT) -> Infusion:
    """The promised bag runs into the recipient: check and infusion as the bedside leaves them."""
    nurse, second = someone(site, Role.NURSE, "ward-1"), someone(site, Role.NURSE, "ward-2")
    with act(site, nurse, at) as work:
        order = work.db.get_one(DoseOrder, allocation.order_id)
        recipient = work.db.get_one(Recipient, allocation.recipient_id)
        unit = work.db.get_one(Unit, allocation.unit_id)
        subject = Subject("check", f"CHK-{allocation.id}")
        signed = [sign(work, proof(who), Meaning.CHECKED, subject, {}).id for who in (nurse, second)]
        check = BedsideCheck(
            code=subject.code,
            state=CheckState.USED,
            started_at=at - timedelta(minutes=20),
            recipient_id=allocation.recipient_id,
            order_id=order.id,
            unit_id=unit.id,
            first_person_id=nurse.id or 0,
            first_signature_id=signed[0],
            second_person_id=second.id,
            second_signature_id=signed[1],
        )
        work.db.add(check)
        work.db.flush()
        assert allocation.id is not None
        opened = {"state": AllocationState.OPEN}
        assert change_if(work.db, Allocation, allocation.id, opened, state=AllocationState.USED)
        infusion = Infusion(
            code=f"INF-25-{allocation.id:03d}",
            allocation_id=allocation.id,
            unit_id=allocation.unit_id,
            recipient_id=allocation.recipient_id,
            check_id=check.id or 0,
            state=InfusionState.IN_PROGRESS,
            thawed_at=at - timedelta(minutes=12),
            started_at=at,
            volume_ml=Decimal(20),
            viable_cells_at_thaw=90_000_000,
            viability_percent_at_thaw=Decimal(91),
            limits_version="bedside-1",
        )
        work.db.add(infusion)
        record(
            work,
            events.STARTED,
            Subject("infusion", infusion.code),
            infusion=infusion.code,
            unit=unit.code,
            recipient=recipient.code,
            order=order.code,
            thawed_at=infusion.thawed_at,
            started_at=infusion.started_at,
            viable=infusion.viable_cells_at_thaw,
            volume_ml="20",
            viability="91",
            minutes=12,
            override="none",
        )
    return infusion
