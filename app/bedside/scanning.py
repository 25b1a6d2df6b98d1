"""Scans at the bed: each is judged, kept with its event whatever the answer, and answered once."""

import json
from dataclasses import dataclass

from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.bedside import events, queries, rules
from app.bedside.forms import ScanForm
from app.bedside.limits import limits
from app.bedside.models import BedsideCheck, CheckState, Scan, ScanStep, VerdictWord
from app.bedside.situation import Reading, Why
from app.evidence.canonical import sha256_of
from app.evidence.ledger import Subject, record
from app.evidence.signatures import Proof
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.work import Work
from app.orders import operations as orders_operations
from app.orders import queries as orders
from app.orders.models import OrderState
from app.recipients.models import Recipient
from labels import payload

#: How much of a text that was read is kept.
KEPT = 200


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason of a STOP, as it was shown and kept."""

    reason: str
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a scan. GO only ever comes from here: the server, after the commit."""

    verdict: VerdictWord
    reasons: tuple[Reason, ...]
    scan: Scan
    check: BedsideCheck | None
    #: The same request was answered before; this is the same answer again.
    replayed: bool


def person_of(work: Work) -> int:
    """The person who acts. Raises ValueError for the system: at the bed only people act."""
    if work.actor.person_id is None:
        raise ValueError("only a person acts at the bed")
    return work.actor.person_id


def scan(work: Work, form: ScanForm, typed_second: Proof | None = None) -> Answer | Refusal:
    """One reading: judged, kept with its event, answered.

    The same key with the same body gets the same answer; with another body it is refused (status 422)
    and nothing is kept. ``typed_second`` is who stood by when the code was typed.
    """
    body = body_of(work, form, typed_second)
    known = queries.scan_by_key(work.db, form.request_key)
    if known is not None:
        return answered_again(work, known, body)
    actor_id = person_of(work)
    check = queries.check_by_code(work.db, form.check) if form.check else None
    step = queries.step_due(check, actor_id)
    if form.check and check is None:
        step = ScanStep.FIRST_LABEL
    reading, serial = reading_of(form, typed_second)
    situation, rows = queries.scan_situation(
        work.db, work.at, actor_id, step, check, reading, serial, bool(form.check) and check is None
    )
    found = rules.refusals(situation)
    if found:
        if check is not None and rules.ends_the_check(found):
            end_check(work, check, str(found[0].reason))
    else:
        check = _go_on(work, check, step, rows)
    kept = keep_scan(work, form, body, step, check, typed_second, found)
    tell_scan(work, kept, check, rows)
    return Answer(kept.verdict, reasons_of(kept), kept, check, replayed=False)


def reading_of(form: ScanForm, typed_second: Proof | None) -> tuple[Reading, payload.Serial | None]:
    """What came in, and the serial where it is one of ours."""
    read = payload.read(form.text)
    fault = Refusal(read.reason, read.sentence, read.next_step) if isinstance(read, payload.Fault) else None
    serial = None if isinstance(read, payload.Fault) else read
    reading = Reading(
        source=form.source,
        kind=None if serial is None else serial.kind,
        fault=fault,
        typed_reason=form.typed_reason,
        typed_second_id=_stood_by(typed_second),
    )
    return reading, serial


def body_of(work: Work, form: ScanForm, typed_second: Proof | None, **more: object) -> str:
    """SHA-256 of all that a request says, so that a key stands for one request."""
    return sha256_of(
        more
        | {
            "text": form.text.encode("utf-8", "backslashreplace").decode(),
            "source": form.source,
            "check": form.check,
            "typed_reason": form.typed_reason,
            "typed_second": None if typed_second is None else typed_second.sign_in,
            "person": work.actor.sign_in,
        }
    )


def answered_again(work: Work, known: Scan, body: str) -> Answer | Refusal:
    """The answer that this key got before; refused where the request says something else now."""
    if known.body_sha256 != body:
        return Refusal(
            Why.KEY_REUSED,
            say("This request was already answered, with another code in it. Nothing was checked."),
            say("Scan again."),
        )
    check = None if known.check_id is None else work.db.get_one(BedsideCheck, known.check_id)
    return Answer(known.verdict, reasons_of(known), known, check, replayed=True)


def reasons_of(kept: Scan) -> tuple[Reason, ...]:
    """The reasons as they were kept."""
    return tuple(Reason(**reason) for reason in json.loads(kept.reasons))


def _stood_by(second: Proof | None) -> int | None:
    """The person who stood by a typed code; only somebody who may work at the bed counts."""
    if second is None or not allowed(Role(second.role), Permission.BEDSIDE):
        return None
    return second.person_id


def visible(text: str) -> str:
    """The text cut to what is kept, control characters as their signs, so that every database takes it."""
    cut = text[:KEPT].encode("utf-8", "replace").decode()
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 0x20 else "\u2421" if c == "\x7f" else c for c in cut)


def keep_scan(
    work: Work,
    form: ScanForm,
    body: str,
    step: ScanStep,
    check: BedsideCheck | None,
    typed_second: Proof | None,
    found: tuple[Refusal, ...],
    verdict: VerdictWord | None = None,
) -> Scan:
    """The row of one reading, whatever its answer."""
    kept = Scan(
        request_key=form.request_key,
        body_sha256=body,
        check_id=None if check is None else check.id,
        step=step,
        source=form.source,
        person_id=person_of(work),
        text_read=visible(form.text),
        scanned_at=work.at,
        device_at=form.device_at,
        typed_reason=form.typed_reason or None,
        typed_second_id=_stood_by(typed_second),
        limits_version=limits().version,
        verdict=verdict or (VerdictWord.STOP if found else VerdictWord.GO),
        reasons=json.dumps(
            [{"reason": no.reason, "sentence": no.sentence, "next_step": no.next_step} for no in found],
            ensure_ascii=False,
        ),
    )
    work.db.add(kept)
    work.db.flush()
    return kept


def tell_scan(work: Work, kept: Scan, check: BedsideCheck | None, rows: queries.Read) -> None:
    """The reading's event."""
    recipient = rows.recipient
    if recipient is None and check is not None:
        recipient = work.db.get_one(Recipient, check.recipient_id)
    subject = Subject("scan", str(kept.id)) if check is None else Subject("check", check.code)
    record(
        work,
        events.SCANNED,
        subject,
        reason=kept.typed_reason,
        step=kept.step,
        source=kept.source,
        verdict=kept.verdict,
        check="none" if check is None else check.code,
        recipient="none" if recipient is None else recipient.code,
        unit="none" if rows.unit is None else rows.unit.code,
        reasons=", ".join(reason.reason for reason in reasons_of(kept)) or "none",
    )


def _go_on(work: Work, check: BedsideCheck | None, step: ScanStep, rows: queries.Read) -> BedsideCheck:
    """What a GO changes: the first wristband opens the check, the first label fills it."""
    if check is None:
        assert rows.recipient is not None and rows.recipient.id is not None
        return _open_check(work, rows.recipient)
    if step is ScanStep.FIRST_LABEL:
        assert rows.unit is not None and rows.unit.id is not None
        promise = orders.open_allocation_of_unit(work.db, rows.unit.id)
        assert promise is not None
        check.unit_id = rows.unit.id
        check.order_id = promise.order.id
    elif step is ScanStep.SECOND_WRISTBAND:
        check.second_person_id = person_of(work)
    return check


def _open_check(work: Work, recipient: Recipient) -> BedsideCheck:
    """Begin a check; whatever check of this patient was open is over: nobody goes on from an old reading."""
    assert recipient.id is not None
    for former in queries.open_checks_of(work.db, recipient.id):
        end_check(work, former, say("the wristband was scanned anew"))
    check = BedsideCheck(
        code=next_code(work.db, BedsideCheck.code, "CHK", work.at),
        state=CheckState.STARTED,
        started_at=work.at,
        recipient_id=recipient.id,
        first_person_id=person_of(work),
    )
    work.db.add(check)
    work.db.flush()
    return check


def end_check(work: Work, check: BedsideCheck, because: str) -> None:
    """End an open check; an order that waited on it is ready again. A check already over stays as it is."""
    before = check.state
    if before not in queries.OPEN:
        return
    assert check.id is not None
    if not change_if(work.db, BedsideCheck, check.id, {"state": before}, state=CheckState.ENDED):
        raise RuntimeError(f"{check.code} changed under a single writer")
    if before is CheckState.CONFIRMED and check.order_id is not None:
        orders_operations.move_order(work, check.order_id, OrderState.CHECKED, OrderState.READY)
    recipient = work.db.get_one(Recipient, check.recipient_id)
    record(
        work,
        events.CHECK_ENDED,
        Subject("check", check.code),
        check=check.code,
        recipient=recipient.code,
        because=because,
    )


def note_ignored(work: Work, form: ScanForm) -> Answer | Refusal:
    """A code was scanned while a verdict filled the screen: kept, not judged, not used."""
    body = body_of(work, form, None)
    known = queries.scan_by_key(work.db, form.request_key)
    if known is not None:
        return answered_again(work, known, body)
    check = queries.check_by_code(work.db, form.check) if form.check else None
    why = Refusal(
        Why.VERDICT_STANDS,
        say("A verdict stood on the screen, the scan was not used."),
        say("Read the verdict, then scan again."),
    )
    step = queries.step_due(check, person_of(work))
    kept = keep_scan(work, form, body, step, check, None, (why,), VerdictWord.NOT_CHECKED)
    tell_scan(work, kept, check, queries.Read(None))
    return Answer(kept.verdict, reasons_of(kept), kept, check, replayed=False)
