"""The only writers of labels: print, apply by scan-back, void, destroy."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from app.access.models import Person
from app.evidence import files
from app.evidence.ledger import Subject, record
from app.evidence.signatures import Proof
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.speech import phrase, say, word
from app.kernel.tables import known
from app.kernel.work import Work
from app.labeling import events
from app.labeling import faces as face_texts
from app.labeling.drawing import Piece, draw_faces, pieces
from app.labeling.faces import Face
from app.labeling.models import Label, LabelState, PrintJob
from app.labeling.queries import by_serial, copies, current_label, live_labels
from app.labeling.rules import (
    LONGEST_REASON,
    QUESTIONS,
    Printable,
    PrintRequest,
    Why,
    may_apply,
    same_person,
    unit_open,
)
from app.lots.models import Unit
from labels import faults, layout, payload, proof

_TELL_KEEPERS = say("Nothing was printed. Tell the people who keep Hilo, with the name of the stock.")


@dataclass(frozen=True, slots=True)
class Printed:
    """A print job and the PDF to send to the printer."""

    job: PrintJob
    pdf: bytes
    labels: tuple[Label, ...]


def print_labels(
    work: Work,
    unit_codes: Sequence[str],
    stock: str,
    *,
    reason: str | None = None,
    second: Person | None = None,
) -> Printed | Refusal:
    """Print one piece for each unit; each gets its own serial and is read back before it counts as printed.

    For a unit that had a label before this is a reprint, with a reason and a second person.
    """
    units = _units(work.db, unit_codes)
    if isinstance(units, Refusal):
        return units
    if stock not in layout.stocks():
        return Refusal(
            Why.NO_STOCK,
            say("There is no label stock {stock}.", stock=stock),
            say("Choose {stocks}.", stocks=", ".join(layout.stocks())),
        )
    chosen = layout.load(stock)
    texts = face_texts.faces(work.db, units, work.at)
    copy_numbers = copies(work.db, [known(unit.id) for unit in units])
    refusal = first_of(QUESTIONS, _asked(work, units, chosen, texts, copy_numbers, reason, second))
    if refusal is not None:
        return refusal
    serials = [payload.issue(payload.Kind.CONTAINER) for _ in units]
    numbers = [copy_numbers.get(known(unit.id), 0) + 1 for unit in units]
    drawn = _draw(chosen, texts, pieces(work.db.info["vault"], chosen, serials, numbers))
    if isinstance(drawn, Refusal):
        return drawn
    return _keep(work, units, stock, serials, copy_numbers, drawn, reason, second)


def _units(db: Session, unit_codes: Sequence[str]) -> list[Unit] | Refusal:
    if not unit_codes:
        return Refusal(Why.NO_UNITS, say("No unit was chosen."), say("Choose the units that need a label."))
    if len(set(unit_codes)) != len(unit_codes):
        return Refusal(
            Why.NAMED_TWICE,
            say("A unit is named twice."),
            say("Name each unit once; a second piece is a reprint."),
        )
    found = {unit.code: unit for unit in db.exec(select(Unit).where(col(Unit.code).in_(unit_codes))).all()}
    missing = [code for code in unit_codes if code not in found]
    if missing:
        return Refusal(
            Why.NO_UNIT,
            say("There is no unit {missing}.", missing=", ".join(missing)[:200]),
            say("Check the codes."),
        )
    return [found[code] for code in unit_codes]


def _asked(
    work: Work,
    units: list[Unit],
    chosen: layout.Layout,
    texts: list[Face],
    copy_numbers: dict[int, int],
    reason: str | None,
    second: Person | None,
) -> PrintRequest:
    live = live_labels(work.db, [known(unit.id) for unit in units])
    needed = [place.name for place in chosen.fields if place.needed]
    return PrintRequest(
        units=tuple(
            Printable(
                unit.code,
                unit.kind,
                unit.state,
                known(unit.id) in live,
                known(unit.id) in copy_numbers,
                tuple(name for name in needed if name not in face.fields),
                "" if "required" not in chosen.leaves_out else face.fields.get("required", ""),
            )
            for unit, face in zip(units, texts, strict=True)
        ),
        stock=chosen.name,
        fitting=frozenset(chosen.kinds),
        reason=reason,
        second=second.id if second else None,
        printer=work.actor.person_id,
    )


def _draw(chosen: layout.Layout, texts: list[Face], job: list[Piece]) -> bytes | Refusal:
    try:
        pdf = draw_faces(chosen, texts, job)
    except faults.TextTooLong as fault:
        return Refusal(Why.TEXT_TOO_LONG, str(fault), say("Choose a larger stock; nothing was printed."))
    except faults.LabelFault as fault:
        return Refusal(Why.NOT_DRAWN, str(fault), _TELL_KEEPERS)
    serials = [piece.serial for piece in job]
    if not proof.prove(pdf, serials, chosen.dpi, [piece.signed for piece in job]).sound:
        return Refusal(
            Why.NOT_READABLE,
            say("A label could not be read back from its own page, so nothing was printed."),
            _TELL_KEEPERS,
        )
    return pdf


def _keep(
    work: Work,
    units: list[Unit],
    stock: str,
    serials: list[str],
    copy_numbers: dict[int, int],
    pdf: bytes,
    reason: str | None,
    second: Person | None,
) -> Printed:
    job = PrintJob(
        code=next_code(work.db, PrintJob.code, "JOB", work.at),
        stock=stock,
        pieces=len(units),
        pdf_sha256=hashlib.sha256(pdf).hexdigest(),
        printed_at=work.at,
        printed_by_id=known(work.actor.person_id),
    )
    work.db.add(job)
    work.db.flush()
    files.keep(work, pdf, f"{job.code}.pdf")
    made = []
    for unit, serial in zip(units, serials, strict=True):
        number = copy_numbers.get(known(unit.id), 0) + 1
        label = Label(
            serial=serial,
            unit_id=known(unit.id),
            print_job_id=known(job.id),
            copy_number=number,
            state=LabelState.PRINTED,
            reprint_reason=reason if number > 1 else None,
            reprint_second_id=second.id if second and number > 1 else None,
        )
        work.db.add(label)
        made.append(label)
    _tell(work, job, units, reason, second, again=bool(copy_numbers))
    return Printed(job, pdf, tuple(made))


def _tell(
    work: Work, job: PrintJob, units: list[Unit], reason: str | None, second: Person | None, *, again: bool
) -> None:
    facts = {
        "pieces": job.pieces,
        "stock": job.stock,
        "job": job.code,
        "units": ", ".join(unit.code for unit in units),
    }
    subject = Subject("print_job", job.code)
    if again and second is not None:
        record(work, events.REPRINTED, subject, reason=reason, second=second.sign_in, **facts)
    else:
        record(work, events.PRINTED, subject, reason=reason, **facts)


def apply_label(work: Work, text: str, unit_code: str | None = None) -> Label | Refusal:
    """Scan-back: this piece now is on its unit, and the one before it is superseded.

    ``unit_code`` is the unit in hand, when the bench names one: a piece printed for another is refused.
    """
    found = _piece(work.db, text)
    if isinstance(found, Refusal):
        return found
    label, unit = found
    refusal = first(may_apply(label.state, payload.grouped(label.serial)), unit_open(unit.code, unit.state))
    if refusal is not None:
        return refusal
    if unit_code is not None and unit_code != unit.code:
        return Refusal(
            Why.OTHER_UNIT,
            say(
                "This piece was printed for {code}, not for {unit_code}.",
                code=unit.code,
                unit_code=unit_code[:40],
            ),
            say("Take it off at once and scan the right one."),
        )
    return _apply(work, label, unit)


def _apply(work: Work, label: Label, unit: Unit) -> Label:
    # Acts take turns, so that what was asked above still holds here; a race ends in the unique index.
    former = current_label(work.db, known(unit.id))
    subject = Subject("unit", unit.code)
    if former is not None:
        change_if(
            work.db, Label, known(former.id), {"state": LabelState.APPLIED}, state=LabelState.SUPERSEDED
        )
        record(work, events.SUPERSEDED, subject, serial=former.serial, unit=unit.code, by=label.serial)
    change_if(
        work.db,
        Label,
        known(label.id),
        {"state": LabelState.PRINTED},
        state=LabelState.APPLIED,
        applied_at=work.at,
    )
    record(work, events.APPLIED, subject, serial=label.serial, unit=unit.code)
    return label


#: What is kept of a piece that will go on no unit.
VOIDED = {
    LabelState.SPOILED: phrase("spoiled: {reason}"),
    LabelState.SPECIMEN: phrase("specimen: {reason}"),
    LabelState.RETURNED: phrase("returned: {reason}"),
}


def void_label(work: Work, text: str, state: LabelState, reason: str) -> Label | Refusal:
    """A printed piece was spoiled, taken as specimen or returned unused; never one that is on a unit."""
    found = _piece(work.db, text)
    if isinstance(found, Refusal):
        return found
    label, unit = found
    if state not in VOIDED:
        return Refusal(
            Why.CANNOT_MOVE, say("A piece is spoiled, specimen or returned."), say("Choose one of the three.")
        )
    if not 10 <= len(reason.strip()) <= LONGEST_REASON:
        return Refusal(
            Why.REASON_NEEDED,
            say("Say what happened to this piece."),
            say("Write 10 to {LONGEST_REASON} characters.", LONGEST_REASON=LONGEST_REASON),
        )
    told = say(VOIDED[state], reason=reason.strip())
    if not change_if(
        work.db, Label, known(label.id), {"state": LabelState.PRINTED}, state=state, void_reason=told
    ):
        return Refusal(
            Why.CANNOT_MOVE,
            say(
                "Label {serial} is {state}, not loose.",
                serial=payload.grouped(label.serial),
                state=word(label.state),
            ),
            say("An applied piece is superseded by applying a new one."),
        )
    record(
        work,
        events.VOIDED,
        Subject("unit", unit.code),
        reason=reason,
        serial=label.serial,
        unit=unit.code,
        state=state,
    )
    return label


def destroy_label(work: Work, text: str, second: Proof) -> Label | Refusal:
    """A void piece is destroyed in front of a second person."""
    found = _piece(work.db, text)
    if isinstance(found, Refusal):
        return found
    label, unit = found
    if second.person_id == work.actor.person_id:
        return same_person()
    if label.state not in (LabelState.SPOILED, LabelState.RETURNED, LabelState.SUPERSEDED) or not change_if(
        work.db, Label, known(label.id), {"state": label.state}, state=LabelState.DESTROYED
    ):
        return Refusal(
            Why.CANNOT_MOVE,
            say(
                "Label {serial} is {state}: only void pieces are destroyed.",
                serial=payload.grouped(label.serial),
                state=word(label.state),
            ),
            say("Mark it spoiled or returned first, with a reason."),
        )
    record(
        work,
        events.DESTROYED,
        Subject("unit", unit.code),
        serial=label.serial,
        unit=unit.code,
        second=second.sign_in,
    )
    return label


def _piece(db: Session, text: str) -> tuple[Label, Unit] | Refusal:
    read = payload.read(text)
    if isinstance(read, payload.Fault):
        return Refusal(Why.BAD_SERIAL, read.sentence, read.next_step)
    if read.kind is not payload.Kind.CONTAINER:
        return Refusal(
            Why.BAD_SERIAL,
            say("This is the code of a {kind}, not of a label for a container.", kind=read.kind.name.lower()),
            say("Scan the label that was printed for the unit."),
        )
    found = by_serial(db, read.text)
    if found is None:
        return Refusal(
            Why.UNKNOWN_LABEL,
            say("Label {text} was not printed here.", text=payload.grouped(read.text)),
            say("Do not use it. Call quality."),
        )
    return found.label, found.unit
