"""Lots: receive a donation, open a lot, end its making, and end a unit's life."""

from calendar import monthrange
from datetime import UTC, datetime
from decimal import Decimal

from sqlmodel import col, func, select

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.donors.clearance import may_donate
from app.donors.models import Donor
from app.donors.queries import donor as donor_by_code
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots import events, rules
from app.lots.models import (
    Donation,
    Lot,
    LotKind,
    LotState,
    Step,
    Tissue,
    Unit,
    UnitKind,
    UnitState,
)
from app.lots.process_limits import process_limits
from app.lots.queries import donation_by_code, lot_by_code, unit_by_code
from app.lots.rules import Why

#: What each tier's codes begin with.
PREFIX = {
    LotKind.MASTER_CELL_BANK: "MCB",
    LotKind.WORKING_CELL_BANK: "WCB",
    LotKind.DRUG_PRODUCT: "MSC",
}


def record_donation(
    work: Work,
    *,
    donor: str,
    tissue: Tissue,
    site: str,
    collected_at: datetime,
    received_at: datetime,
    received_celsius: Decimal,
    volume_ml: Decimal,
    nucleated_cells: int,
    viability_percent: Decimal,
    condition: str,
    recounted: bool = False,
    code: str | None = None,
) -> Donation | Refusal:
    """Receive tissue of a donor who may give it, and make its first unit, which has the donation's number.

    Refused are donors without a standing signed decision, consent or timely samples, and donors on hold.
    """
    code = code or next_code(work.db, Donation.code, "DON", collected_at)
    refusal = first(
        rules.bad_code(code),
        rules.in_future(say("The receipt"), received_at, work.at),
        rules.received_before_collected(collected_at, received_at),
        rules.implausible_donation(process_limits(), tissue, nucleated_cells, float(volume_ml), recounted),
        rules.code_taken(code) if donation_by_code(work.db, code) or unit_by_code(work.db, code) else None,
    )
    if refusal is not None:
        return refusal
    decision = may_donate(work.db, donor, tissue, collected_at)
    if isinstance(decision, Refusal):
        return decision
    someone = donor_by_code(work.db, donor)
    assert someone is not None and someone.id is not None and decision.id is not None
    donation = Donation(
        code=code,
        donor_id=someone.id,
        decision_id=decision.id,
        tissue=tissue,
        site=site,
        collected_at=collected_at,
        received_at=received_at,
        received_celsius=received_celsius,
        volume_ml=volume_ml,
        nucleated_cells=nucleated_cells,
        viability_percent=viability_percent,
        condition=condition,
    )
    _keep_donation(work, donation, someone)
    return donation


def _keep_donation(work: Work, donation: Donation, donor: Donor) -> None:
    work.db.add(donation)
    work.db.flush()
    work.db.add(
        Unit(
            code=donation.code,
            kind=UnitKind.TISSUE,
            state=UnitState.IN_PROCESS,
            donation_id=donation.id,
            passage=0,
            cumulative_pd=Decimal(0),
            volume_ml=donation.volume_ml,
            viable_cells=donation.nucleated_cells,
            viability_percent=donation.viability_percent,
            made_at=donation.collected_at,
        )
    )
    record(
        work,
        events.DONATION_RECORDED,
        Subject("donation", donation.code),
        donation=donation.code,
        donor=donor.code,
        tissue=donation.tissue,
        volume_ml=donation.volume_ml,
        nucleated_cells=donation.nucleated_cells,
    )


def open_lot(
    work: Work, kind: LotKind, product: str, code: str | None = None, storage: str = ""
) -> Lot | Refusal:
    """Begin a lot: the batch record that its units will share."""
    code = code or next_code(work.db, Lot.code, PREFIX[kind], work.at)
    refusal = first(rules.bad_code(code), rules.code_taken(code) if lot_by_code(work.db, code) else None)
    if refusal is not None:
        return refusal
    lot = Lot(
        code=code, kind=kind, product=product, state=LotState.IN_PROCESS, opened_at=work.at, storage=storage
    )
    work.db.add(lot)
    record(work, events.LOT_OPENED, Subject("lot", code), lot=code, tier=kind, product=product)
    return lot


def finish_making(
    work: Work, lot_code: str, made_at: datetime, expires_at: datetime | None = None
) -> Lot | Refusal:
    """End the making of a lot: it and its units go into quarantine, and nothing more can be filled.

    The expiry is computed from the shelf life of the tier; an earlier one may be given, never a later one.
    """
    lot = lot_by_code(work.db, lot_code)
    if lot is None or lot.id is None:
        return rules.no_such(Why.NO_SUCH_LOT, "lot", lot_code)
    limits = process_limits()
    latest = latest_expiry(made_at, limits.shelf_life.months(lot.kind))
    expires_at = expires_at or latest
    units = work.db.exec(select(Unit).where(Unit.lot_id == lot.id).order_by(col(Unit.id))).all()
    last_step = work.db.exec(select(func.max(Step.ended_at)).where(Step.lot_id == lot.id)).one()
    refusal = first(
        rules.lot_closed(lot),
        rules.in_future(say("The time of making"), made_at, work.at),
        rules.nothing_filled(lot, units),
        rules.cells_left(units),
        rules.made_before_last_step(made_at, last_step),
        rules.keeps_too_long(expires_at, made_at, latest, limits.shelf_life.months(lot.kind)),
    )
    if refusal is not None:
        return refusal
    moved = set_lot_state(
        work, lot.id, LotState.IN_PROCESS, LotState.QUARANTINE, made_at=made_at, expires_at=expires_at
    )
    assert moved  # its state was asked in this same act, and acts take turns
    waiting = [unit for unit in units if unit.state is UnitState.IN_PROCESS]
    for unit in waiting:
        unit.state = UnitState.IN_QUARANTINE
        unit.expires_at = expires_at
    record(
        work,
        events.LOT_FINISHED,
        Subject("lot", lot.code),
        lot=lot.code,
        units=len(waiting),
        expires_at=expires_at,
    )
    return lot


def latest_expiry(made_at: datetime, months: int) -> datetime:
    """The last minute (UTC) of the day so many months after the making; of a shorter month, its last day."""
    made_on = made_at.astimezone(UTC).date()
    years, month = divmod(made_on.month - 1 + months, 12)
    year = made_on.year + years
    day = min(made_on.day, monthrange(year, month + 1)[1])
    return datetime(year, month + 1, day, 23, 59, tzinfo=UTC)


def set_lot_state(
    work: Work, lot_id: int, old: LotState, new: LotState, **columns: datetime | str | None
) -> bool:
    """Move a lot if it still is where the caller saw it. The caller's event tells of it."""
    return change_if(work.db, Lot, lot_id, {"state": old}, state=new, **columns)


def move_unit(work: Work, unit_id: int, old: UnitState, new: UnitState) -> bool:
    """Move a unit if it still is where the caller saw it. The caller's event tells of it."""
    return change_if(work.db, Unit, unit_id, {"state": old}, state=new)


def record_fate(work: Work, unit_code: str, fate: UnitState, reason: str) -> Unit | Refusal:
    """End a unit that was tested, is kept for good, or was lost."""
    unit = unit_by_code(work.db, unit_code)
    if unit is None or unit.id is None:
        return rules.no_such(Why.NO_SUCH_UNIT, "unit", unit_code)
    refusal = first(rules.fate_closed(unit), rules.no_such_fate(unit, fate), rules.lacks_reason(reason))
    if refusal is not None:
        return refusal
    _end(work, unit, fate)
    record(
        work, events.UNIT_ENDED, Subject("unit", unit.code), reason=reason.strip(), unit=unit.code, fate=fate
    )
    return unit


def _end(work: Work, unit: Unit, fate: UnitState) -> None:
    moved = move_unit(work, known(unit.id), unit.state, fate)
    assert moved  # its state was asked in this same act, and acts take turns


def destroy_unit(
    work: Work, unit_code: str, reason: str, first_proof: Proof, second: Proof
) -> Unit | Refusal:
    """Destroy a unit, with a reason: who destroys it signs, and a second person who witnessed it signs."""
    unit = unit_by_code(work.db, unit_code)
    if unit is None or unit.id is None:
        return rules.no_such(Why.NO_SUCH_UNIT, "unit", unit_code)
    refusal = first(
        rules.nobody(work.actor),
        rules.fate_closed(unit),
        rules.lacks_reason(reason),
        rules.not_signed_by(work.actor, first_proof),
        rules.witness_unfit(work.actor, second, allowed(Role(second.role), Permission.LOT_READ)),
    )
    if refusal is not None:
        return refusal
    subject = Subject("unit", unit.code)
    _end(work, unit, UnitState.DESTROYED)
    shown = record_of_destruction(unit, reason)
    signature = sign(work, first_proof, Meaning.PERFORMED, subject, shown)
    second_signature = sign(work, second, Meaning.WITNESSED, subject, shown)
    record(
        work,
        events.UNIT_DESTROYED,
        subject,
        reason=reason.strip(),
        unit=unit.code,
        witness=second.sign_in,
        signature=signature.id,
        second_signature=second_signature.id,
    )
    return unit


def record_of_destruction(unit: Unit, reason: str) -> dict[str, object]:
    """What both people at a destruction are shown, and sign."""
    return {"unit": unit.code, "kind": unit.kind, "fate": UnitState.DESTROYED, "reason": reason.strip()}
