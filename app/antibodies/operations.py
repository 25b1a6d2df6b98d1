"""Sera are registered, bead results taken as the laboratory exported them, and held against donors."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.antibodies import events, judging, rules, sera
from app.antibodies.fusion import BeadFile, DateOrder, Sample, parse
from app.antibodies.models import BeadRun, DsaCall, KitBead, KitLot, Serum, SerumJudgement
from app.antibodies.packing import pack_counts, pack_mfi
from app.donors.models import Donor
from app.donors.queries import site_day
from app.evidence.files import StoredFile, keep
from app.evidence.ledger import Subject, record
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first, first_of
from app.kernel.speech import say
from app.kernel.work import Work
from app.recipients import queries as recipients
from app.recipients.models import Recipient

#: Why a run takes the place of a withdrawn one, when nobody said more.
AFTER_WITHDRAWAL = say("The former run was withdrawn.")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One sample of a file and the serum it is: a registered one, or the one of a day that is yet to be."""

    sample: Sample
    recipient: Recipient
    drawn_on: date
    serum: Serum | None


def _subject(recipient_code: str) -> Subject:
    return Subject("recipient", recipient_code)


def register_serum(
    work: Work, recipient_code: str, drawn_on: date, code: str | None = None
) -> Serum | Refusal:
    """Register a serum by the day it was drawn, under the next code unless one is given."""
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    taken = code is not None and sera.serum_by_code(work.db, code) is not None
    refusal = first(
        rules.code_taken(code or "", taken), rules.drawn_in_future(drawn_on, site_day(work.db, work.at))
    )
    return refusal or _registered(work, recipient, drawn_on, code)


def _registered(work: Work, recipient: Recipient, drawn_on: date, code: str | None = None) -> Serum:
    assert recipient.id is not None
    serum = Serum(
        code=code or next_code(work.db, Serum.code, "SER", work.at),
        recipient_id=recipient.id,
        drawn_on=drawn_on,
        registered_at=work.at,
    )
    work.db.add(serum)
    record(
        work,
        events.REGISTERED,
        _subject(recipient.code),
        serum=serum.code,
        recipient=recipient.code,
        drawn_on=drawn_on,
    )
    return serum


def receive_beads(
    work: Work, recipient_code: str, data: bytes, came_as: str, date_order: DateOrder
) -> StoredFile | Refusal:
    """Keep a readable bead file until it is said which of its samples is which serum of the recipient."""
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    file = parse(data, date_order=date_order)
    if isinstance(file, tuple):
        return rules.unreadable(file)
    stored = keep(work, data, came_as)
    record(
        work,
        events.RECEIVED,
        _subject(recipient.code),
        file=stored.sha256,
        recipient=recipient.code,
        sera=len(file.samples),
        kit=file.kit.catalog_id,
    )
    return stored


def import_beads(
    work: Work,
    data: bytes,
    came_as: str,
    date_order: DateOrder,
    samples: Mapping[str, str],
    reason: str = "",
) -> list[BeadRun] | Refusal:
    """Take bead results: ``samples`` says which sample of the file is which serum (name to code).

    Samples that are not named are left out. Results in place of former ones of the same serum and kit
    need a ``reason`` and are runs of their own; the former stay. What the file says of the patient is
    compared and dropped.
    """
    file = parse(data, date_order=date_order)
    if isinstance(file, tuple):
        return rules.unreadable(file)
    wanted: list[_Wanted] = []
    unknown, missing = [], []
    for name, code in samples.items():
        serum, sample = sera.serum_by_code(work.db, code), file.samples.get(name)
        if serum is None:
            unknown.append(code)
        elif sample is None:
            missing.append(code)
        else:
            owner = work.db.get_one(Recipient, serum.recipient_id)
            wanted.append(_Wanted(sample, owner, serum.drawn_on, serum))
    return _import(work, data, came_as, file, wanted, reason.strip(), tuple(unknown), tuple(missing))


def import_drawn(
    work: Work,
    recipient_code: str,
    data: bytes,
    came_as: str,
    date_order: DateOrder,
    drawn_on: Mapping[str, date],
    reason: str = "",
) -> list[BeadRun] | Refusal:
    """The same by the days the blood was drawn (sample name to day): sera of new days are registered."""
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    file = parse(data, date_order=date_order)
    if isinstance(file, tuple):
        return rules.unreadable(file)
    assert recipient.id is not None
    wanted = [
        _Wanted(file.samples[name], recipient, day, sera.serum_drawn_on(work.db, recipient.id, day))
        for name, day in drawn_on.items()
        if name in file.samples
    ]
    missing = tuple(day.isoformat() for name, day in drawn_on.items() if name not in file.samples)
    return _import(work, data, came_as, file, wanted, reason.strip(), missing=missing)


def _import(
    work: Work,
    data: bytes,
    came_as: str,
    file: BeadFile,
    wanted: list[_Wanted],
    reason: str,
    unknown: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
) -> list[BeadRun] | Refusal:
    """Ask every question, then keep the file, the kit, the sera and the runs, and tell of them."""
    refusal = first_of(rules.QUESTIONS, _situation(work, data, file, wanted, reason, unknown, missing))
    if refusal is not None:
        return refusal
    recipient = wanted[0].recipient
    owned = [one.serum or _registered(work, recipient, one.drawn_on) for one in wanted]
    stored = keep(work, data, came_as)
    kit, beads = _kit(work, file)
    runs = [
        _run(work, file, one.sample, serum, stored, (kit, beads), reason)
        for one, serum in zip(wanted, owned, strict=True)
    ]
    record(
        work,
        events.IMPORTED,
        _subject(recipient.code),
        reason=reason or None,
        recipient=recipient.code,
        file=stored.sha256,
        kit=kit.catalog_id,
        sera=", ".join(serum.code for serum in owned),
        left_out=len(file.samples) - len(wanted),
    )
    return runs


def _situation(
    work: Work,
    data: bytes,
    file: BeadFile,
    wanted: list[_Wanted],
    reason: str,
    unknown: tuple[str, ...],
    missing: tuple[str, ...],
) -> rules.Import:
    return rules.Import(
        today=site_day(work.db, work.at),
        kit=file.kit.catalog_id,
        intended=tuple(_intended(work, file, one) for one in wanted),
        unknown_sera=unknown,
        missing_samples=missing,
        patients=len({one.sample.patient_id for one in wanted}),
        file_of=sera.recipients_of_file(work.db, hashlib.sha256(data).hexdigest()),
        differing_beads=sera.differing_beads(work.db, file),
        reason=reason,
    )


def _intended(work: Work, file: BeadFile, one: _Wanted) -> rules.Intended:
    former = None
    if one.serum is not None and one.serum.id is not None:
        former = sera.last_run(work.db, one.serum.id, file.kit.catalog_id)
    code = "new" if one.serum is None else one.serum.code
    has_results = former is not None and not sera.is_withdrawn(work.db, former)
    return rules.Intended(code, one.recipient.code, one.drawn_on, one.sample.run_date, has_results)


def _kit(work: Work, file: BeadFile) -> tuple[KitLot, list[KitBead]]:
    """The kit lot of the file; beads not met before take the next places."""
    kit = sera.kit_by_catalog(work.db, file.kit.catalog_id)
    if kit is None:
        kit = KitLot(catalog_id=file.kit.catalog_id)
        work.db.add(kit)
        work.db.flush()
    assert kit.id is not None
    beads = sera.kit_beads(work.db, kit.id)
    known = {bead.bead_id for bead in beads}
    found, _torn = sera.beads_in(file)
    for bead_id in sorted(found.keys() - known, key=int):
        role, specificity = found[bead_id]
        bead = KitBead(
            kit_lot_id=kit.id, bead_id=bead_id, place=len(beads), role=role, specificity=specificity
        )
        work.db.add(bead)
        beads.append(bead)
    return kit, beads


def _run(
    work: Work,
    file: BeadFile,
    sample: Sample,
    serum: Serum,
    stored: StoredFile,
    kit: tuple[KitLot, list[KitBead]],
    reason: str,
) -> BeadRun:
    values = {one.id: one for one in (*sample.negative_controls, *sample.positive_controls, *sample.beads)}
    read = [values.get(bead.bead_id) for bead in kit[1]]
    assert serum.id is not None and kit[0].id is not None and stored.id is not None
    former = sera.last_run(work.db, serum.id, kit[0].catalog_id)
    run = BeadRun(
        serum_id=serum.id,
        kit_lot_id=kit[0].id,
        stored_file_id=stored.id,
        sample_name=sample.sample_id,
        run_on=sample.run_date,
        date_order=file.date_order,
        raw_hundredths=pack_mfi([None if one is None else one.raw for one in read]),
        counts=pack_counts([None if one is None else one.count for one in read]),
        imported_at=work.at,
        supersedes_id=None if former is None else former.id,
        reason=None if former is None else reason or AFTER_WITHDRAWAL,
    )
    work.db.add(run)
    work.db.flush()
    return run


def call_serum(work: Work, serum_id: int, donor_ids: Iterable[int]) -> list[SerumJudgement]:
    """Hold a serum against donors under the cut-offs in force, and keep every call.

    A judgement that rests on the same runs, typings and cut-offs as the last one is not made again. A
    serum without results is not judged, unless it was when it had some: then every target is open again.
    Only what was newly judged comes back.
    """
    serum = work.db.get_one(Serum, serum_id)
    made = []
    for donor_id in sorted(set(donor_ids)):
        held = judging.hold_against(work.db, serum, donor_id)
        was_judged = judging.last_judgement(work.db, serum_id, donor_id) is not None
        if (held.runs or was_judged) and not judging.is_judged(work.db, held):
            made.append(_judged(work, serum, held))
    return made


def _judged(work: Work, serum: Serum, held: judging.Held) -> SerumJudgement:
    judgement = SerumJudgement(
        serum_id=held.serum_id,
        donor_id=held.donor_id,
        runs=held.runs,
        donor_typing_id=held.donor_typing_id,
        recipient_typing_id=held.recipient_typing_id,
        rule_version=held.rule_version,
        called_at=work.at,
    )
    work.db.add(judgement)
    work.db.flush()
    assert judgement.id is not None
    for place, call in enumerate(held.calls):
        run_id, _, bead_id = call.readings[0].bead.id.partition(":") if call.readings else ("", "", "")
        work.db.add(
            DsaCall(
                judgement_id=judgement.id,
                place=place,
                target=call.target,
                locus=call.locus,
                call=call.call,
                basis=call.basis,
                bead_run_id=int(run_id) if run_id else None,
                bead_id=bead_id,
                mfi=call.mfi,
                flags=" ".join(sorted(call.flags)),
                sentence=call.reason,
            )
        )
    recipient = work.db.get_one(Recipient, serum.recipient_id)
    record(
        work,
        events.CALLED,
        _subject(recipient.code),
        serum=serum.code,
        recipient=recipient.code,
        donor=work.db.get_one(Donor, held.donor_id).code,
        version=held.rule_version,
        result=judging.in_short(held.calls),
    )
    return judgement
