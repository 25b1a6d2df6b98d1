"""The check at the bed: scans, two signatures, then the infusion's start and end."""

from dataclasses import dataclass, field

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.bedside import events, queries, rules
from app.bedside.bag_rules import thawed_too_long
from app.bedside.forms import EndForm, StartForm
from app.bedside.infusion_rules import BEGINNING, ENDING, Beginning, Ending, delivered_viable_cells
from app.bedside.limits import limits
from app.bedside.models import (
    BedsideCheck,
    CheckState,
    Infusion,
    InfusionState,
    Overridable,
    Override,
    Thaw,
)
from app.bedside.scanning import Answer, end_check, note_ignored, person_of, scan
from app.bedside.situation import Stage, Why
from app.bedside.thawing import minutes_between
from app.evidence.canonical import sha256_of
from app.evidence.checkpoints import make_checkpoint
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning, Occasion
from app.evidence.signatures import Proof, sign
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import number
from app.kernel.work import Work
from app.lots import operations as lots_operations
from app.lots.models import Unit, UnitState
from app.orders import operations as orders_operations
from app.orders import queries as orders
from app.orders.models import Allocation, AllocationState, DoseOrder, OrderState
from app.recipients.models import Recipient

__all__ = ["Answer", "Stop", "end_infusion", "note_ignored", "scan", "sign_check", "start_infusion", "stop"]


@dataclass(frozen=True, slots=True)
class Stop(Refusal):
    """A refusal at the bed with every reason, gravest first; itself the gravest."""

    others: tuple[Refusal, ...] = field(default=())

    @property
    def every(self) -> tuple[Refusal, ...]:
        """All reasons, gravest first."""
        return (Refusal(self.reason, self.sentence, self.next_step), *self.others)


def stop(found: tuple[Refusal, ...]) -> Stop:
    """The refusal for these reasons, of which there is at least one."""
    return Stop(found[0].reason, found[0].sentence, found[0].next_step, found[1:])


def sign_check(work: Work, check_code: str, proof: Proof, shown: str | None = None) -> BedsideCheck | Refusal:
    """Sign one's own part of the check: the first person's, then the second's, which confirms it.

    Everything about the bag is asked again. ``shown`` is the SHA-256 of the record on the page.
    """
    check = queries.check_by_code(work.db, check_code)
    situation = queries.check_situation(work.db, work.at, person_of(work), Stage.SIGN, check)
    found = rules.refusals(situation) + _signer(work, proof)
    if not found and check is not None and shown is not None:
        found = _changed(shown, sha256_of(queries.record_of_check(work.db, check)))
    if found or check is None:
        return _stopped(work, check, Stage.SIGN, found)
    _sign(work, check, proof)
    return check


def _signer(work: Work, proof: Proof) -> tuple[Refusal, ...]:
    """Does the person who is signed in sign, and may they?"""
    found = []
    if proof.person_id != work.actor.person_id:
        found.append(
            Refusal(
                Why.SIGNER_IS_ANOTHER,
                say(
                    "{sign_in} is signed in, but {sign_in2} gave the password.",
                    sign_in=work.actor.sign_in,
                    sign_in2=proof.sign_in,
                ),
                say("Each signs alone: sign in as yourself, do your own scans, then sign."),
            )
        )
    if not allowed(Role(proof.role), Permission.BEDSIDE):
        found.append(
            Refusal(
                Why.NOT_ALLOWED,
                say("Only nurses and physicians sign at the bed."),
                say("Ask one of them to check."),
            )
        )
    return tuple(found)


def _changed(shown: str, now: str) -> tuple[Refusal, ...]:
    if shown == now:
        return ()
    return (
        Refusal(
            Why.RECORD_CHANGED,
            say("What you were about to sign has changed since the page was shown."),
            say("Read it again, then sign."),
        ),
    )


def _sign(work: Work, check: BedsideCheck, proof: Proof) -> None:
    shown = queries.record_of_check(work.db, check)
    signature = sign(work, proof, Meaning.CHECKED, Subject("check", check.code), shown)
    assert check.id is not None and check.order_id is not None and signature.id is not None
    first = check.state is CheckState.STARTED
    if first:
        values = {"state": CheckState.FIRST_GO, "first_signature_id": signature.id}
    else:
        values = {"state": CheckState.CONFIRMED, "second_signature_id": signature.id}
        if not orders_operations.move_order(work, check.order_id, OrderState.READY, OrderState.CHECKED):
            raise RuntimeError("the order changed under a single writer")
    if not change_if(work.db, BedsideCheck, check.id, {"state": check.state}, **values):
        raise RuntimeError(f"{check.code} changed under a single writer")
    record(
        work,
        events.FIRST_SIGNED if first else events.CONFIRMED,
        Subject("check", check.code),
        unit=shown["unit"],
        recipient=shown["recipient"],
        order=shown["order"],
        signature=signature.id,
    )


def _stopped(work: Work, check: BedsideCheck | None, stage: Stage, found: tuple[Refusal, ...]) -> Stop:
    """Keep a STOP that is no scan, and end the check where a reason is more than a slip."""
    code = "none" if check is None else check.code
    subject = Subject("check", code)
    record(
        work,
        events.STOPPED,
        subject,
        stage=stage,
        check=code,
        reasons=", ".join(no.reason for no in found),
    )
    if check is not None and rules.ends_the_check(found):
        end_check(work, check, str(found[0].reason))
    return stop(found)


def start_infusion(work: Work, check_code: str, form: StartForm) -> Infusion | Refusal:
    """Start the infusion that a confirmed check allows; the check is used up by it.

    Every question of the check is asked once more: a hold may have come since. The bag's clock must run
    since the scan at the thaw; beyond the limit an override of a physician must hold.
    """
    check = queries.check_by_code(work.db, check_code)
    situation = queries.check_situation(work.db, work.at, person_of(work), Stage.START, check)
    found = rules.refusals(situation)
    if found or check is None:
        return _stopped(work, check, Stage.START, found)
    assert check.order_id is not None and check.unit_id is not None
    order = work.db.get_one(DoseOrder, check.order_id)
    unit = work.db.get_one(Unit, check.unit_id)
    thaw = queries.thaw_of(work.db, check.unit_id)
    if thaw is None:
        return _refused_start(work, check, (_not_thawed(unit.code),))
    override = queries.override_in_force(
        work.db, check.unit_id, check.order_id, work.at, Overridable.THAWED_TOO_LONG
    )
    beginning = _beginning(work, check, order, unit, thaw, override, form)
    impossible = tuple(no for question in BEGINNING if (no := question(beginning)) is not None)
    if impossible:
        return _refused_start(work, check, impossible)
    late = thawed_too_long(thaw.thawed_at, form.started_at, limits()) is not None
    return _start(work, check, order, unit, thaw, override if late else None, form)


def _not_thawed(unit_code: str) -> Refusal:
    return Refusal(
        Why.NOT_THAWED,
        say(
            "The label of {unit_code} was not scanned for the thaw: its clock does not run.",
            unit_code=unit_code,
        ),
        say("Scan the label as the bag is thawed. If that was missed, scan it now and enter the time."),
    )


def _beginning(
    work: Work,
    check: BedsideCheck,
    order: DoseOrder,
    unit: Unit,
    thaw: Thaw,
    override: Override | None,
    form: StartForm,
) -> Beginning:
    dmso_g, dmso_limit_g = queries.dmso_of_last_day(work.db, order, unit, form.started_at)
    return Beginning(
        at=work.at,
        limits=limits(),
        thawed_at=thaw.thawed_at,
        started_at=form.started_at,
        confirmed_at=queries.confirmed_at(work.db, check),
        overridden=override is not None and override.overridden in limits().overridable,
        dmso_g=dmso_g,
        dmso_limit_g=dmso_limit_g,
        volume_ml=form.volume_ml,
        viable_cells=form.viable_cells,
        viability_percent=form.viability_percent,
        filled_volume_ml=unit.volume_ml,
        lowest_viable_cells=order.lowest_viable_cells,
        highest_viable_cells=order.highest_viable_cells,
    )


def _refused_start(work: Work, check: BedsideCheck, found: tuple[Refusal, ...]) -> Stop:
    """What was entered cannot be, or must not be given: kept; the check stands until its time is over."""
    reasons = ", ".join(no.reason for no in found)
    subject = Subject("check", check.code)
    record(work, events.STOPPED, subject, stage=Stage.START, check=check.code, reasons=reasons)
    return stop(found)


def _start(
    work: Work,
    check: BedsideCheck,
    order: DoseOrder,
    unit: Unit,
    thaw: Thaw,
    override: Override | None,
    form: StartForm,
) -> Infusion | Refusal:
    assert check.id is not None and order.id is not None and unit.id is not None
    allocation = orders.live_allocation_of_order(work.db, order.id)
    assert allocation is not None and allocation.id is not None
    if not change_if(work.db, BedsideCheck, check.id, {"state": CheckState.CONFIRMED}, state=CheckState.USED):
        used = Refusal(
            Why.CHECK_USED,
            say("This check has just been used for an infusion."),
            say("Open the infusion's page."),
        )
        return _stopped(work, check, Stage.START, (used,))
    moved = (
        orders_operations.move_order(work, order.id, OrderState.CHECKED, OrderState.IN_PROGRESS),
        change_if(
            work.db, Allocation, allocation.id, {"state": AllocationState.OPEN}, state=AllocationState.USED
        ),
    )
    if not all(moved):
        raise RuntimeError(f"order or allocation of {check.code} changed under a single writer")
    infusion = Infusion(
        code=next_code(work.db, Infusion.code, "INF", work.at),
        allocation_id=allocation.id,
        unit_id=unit.id,
        recipient_id=check.recipient_id,
        check_id=check.id,
        state=InfusionState.IN_PROGRESS,
        # The scan knows the second, people enter whole minutes: within one minute the start is the later.
        thawed_at=min(thaw.thawed_at, form.started_at),
        started_at=form.started_at,
        volume_ml=form.volume_ml,
        viable_cells_at_thaw=form.viable_cells,
        viability_percent_at_thaw=form.viability_percent,
        limits_version=limits().version,
        override_id=None if override is None else override.id,
        note=form.note,
    )
    work.db.add(infusion)
    _tell_start(work, infusion, order, unit, override)
    make_checkpoint(work, Occasion.INFUSION)
    return infusion


def _tell_start(
    work: Work, infusion: Infusion, order: DoseOrder, unit: Unit, override: Override | None
) -> None:
    record(
        work,
        events.STARTED,
        Subject("infusion", infusion.code),
        infusion=infusion.code,
        unit=unit.code,
        recipient=work.db.get_one(Recipient, infusion.recipient_id).code,
        order=order.code,
        thawed_at=infusion.thawed_at,
        started_at=infusion.started_at,
        minutes=minutes_between(infusion.thawed_at, infusion.started_at),
        override="none" if override is None else override.code,
        viable=infusion.viable_cells_at_thaw,
        volume_ml=number(infusion.volume_ml),
        viability=number(infusion.viability_percent_at_thaw),
    )


def end_infusion(work: Work, infusion_code: str, form: EndForm) -> Infusion | Refusal:
    """Record the end; the delivered viable cells are computed. The bag's fate is then infused."""
    infusion = queries.infusion_by_code(work.db, infusion_code)
    found = (
        (queries.infusion_unknown(infusion_code),)
        if infusion is None
        else _end_questions(work, infusion, form)
    )
    if found or infusion is None:
        code = "none" if infusion is None else infusion.code
        reasons = ", ".join(no.reason for no in found)
        record(work, events.END_REFUSED, Subject("infusion", code), infusion=code, reasons=reasons)
        return stop(found)
    _end(work, infusion, form)
    record(
        work,
        events.ENDED,
        Subject("infusion", infusion.code),
        infusion=infusion.code,
        ended_at=form.ended_at,
        residual_ml=number(form.residual_ml),
        delivered=infusion.delivered_viable_cells,
        stopped_early=infusion.stopped_early_because or "no",
    )
    make_checkpoint(work, Occasion.INFUSION)
    return infusion


def _end(work: Work, infusion: Infusion, form: EndForm) -> None:
    order_id = work.db.get_one(Allocation, infusion.allocation_id).order_id
    moved = (
        change_if(
            work.db,
            Infusion,
            known(infusion.id),
            {"state": InfusionState.IN_PROGRESS},
            state=InfusionState.ENDED,
            ended_at=form.ended_at,
            residual_ml=form.residual_ml,
            flush_ml=form.flush_ml,
            stopped_early_because=form.stopped_early_because or None,
            delivered_viable_cells=delivered_viable_cells(
                infusion.viable_cells_at_thaw, infusion.volume_ml, form.residual_ml
            ),
            note="; ".join(note for note in (infusion.note, form.note) if note)[:500],
        ),
        lots_operations.move_unit(work, infusion.unit_id, UnitState.THAWED, UnitState.INFUSED),
        orders_operations.move_order(work, order_id, OrderState.IN_PROGRESS, OrderState.GIVEN),
    )
    if not all(moved):
        raise RuntimeError(f"{infusion.code} changed under a single writer")


def _end_questions(work: Work, infusion: Infusion, form: EndForm) -> tuple[Refusal, ...]:
    if infusion.state is InfusionState.ENDED:
        over = Refusal(
            Why.INFUSION_OVER,
            say("The end of {code} is already recorded.", code=infusion.code),
            say("Nothing more is to be done."),
        )
        return (over,)
    ending = Ending(
        at=work.at,
        limits=limits(),
        started_at=infusion.started_at,
        ended_at=form.ended_at,
        volume_ml=infusion.volume_ml,
        residual_ml=form.residual_ml,
        flush_ml=form.flush_ml,
        stopped_early_because=form.stopped_early_because,
    )
    return tuple(no for question in ENDING if (no := question(ending)) is not None)
