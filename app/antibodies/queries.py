"""What sera say against donors: verdicts, calls, bead tables and the course of an antibody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlmodel import Session, col, func, select

from app.antibodies import sera
from app.antibodies.cutoffs import cut_off
from app.antibodies.fusion import DateOrder
from app.antibodies.judging import GRAVITY, hold_against, last_judgement, typing_in, worst
from app.antibodies.models import (
    BeadRole,
    BeadRun,
    DsaCall,
    KitLot,
    RunWithdrawal,
    Serum,
    SerumJudgement,
)
from app.donors.models import Donor
from app.evidence.files import StoredFile
from app.hla.beads import Bead, Reading, Zone, read
from app.hla.calls import Call, CallKind, Flag, number
from app.hla.nomenclature import Allele, BadName, Dimer, parse_specificity
from app.hla.timecourse import Course, SerumCall, courses
from app.hla.typing import Typing
from app.kernel.speech import listed, say
from app.recipients import queries as recipients
from app.recipients.models import Recipient

#: Lines on the page of the latest imports.
PAGE = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """The virtual crossmatch against one donor: what the recipient's latest serum with results says.

    ``worst`` is None where no serum has results. ``max_mfi`` is the highest among beads of the donor's
    molecules, whatever the call; ``open_targets`` are those that no bead decided.
    """

    donor: str
    serum: str | None
    drawn_on: date | None
    worst: CallKind | None
    target: str
    max_mfi: Decimal | None
    rule_version: str
    open_targets: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class BeadShown:
    """One bead of a run on the page. ``zone`` is None where the reading may not be used, ``why`` says so."""

    bead_id: str
    role: BeadRole
    specificity: str
    raw: Decimal | None
    count: int | None
    zone: Zone | None
    why: str
    is_self: bool


@dataclass(frozen=True, slots=True)
class CallShown:
    """One stored call as people read it."""

    donor: str
    target: str
    call: CallKind
    mfi: Decimal | None
    sentence: str
    flags: tuple[str, ...]
    rule_version: str
    called_at: datetime


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest MFI that one serum shows on beads of a donor's molecules, shared ones left out.

    ``mfi`` is None where no bead decided: a gap in the curve, never a zero.
    """

    serum: str
    drawn_on: date
    mfi: Decimal | None
    target: str
    call: CallKind | None
    rule_version: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """One line of the list of imports."""

    run_id: int
    recipient: str
    serum: str
    drawn_on: date
    run_on: date
    kit: str
    imported_at: datetime
    superseded: bool
    reason: str | None
    date_order: DateOrder
    sha256: str
    #: Why the run was withdrawn; None for one that was not.
    withdrawn: str | None

    @property
    def counts(self) -> bool:
        """Whether the run is neither replaced nor withdrawn."""
        return not self.superseded and self.withdrawn is None


def latest_serum(db: Session, recipient_id: int) -> Serum | None:
    """The recipient's serum of the latest draw that has bead results; withdrawn ones are none."""
    former = select(BeadRun.supersedes_id).where(col(BeadRun.supersedes_id).is_not(None))
    read = select(BeadRun.serum_id).where(
        col(BeadRun.id).not_in(former), col(BeadRun.id).not_in(select(RunWithdrawal.bead_run_id))
    )
    found = select(Serum).where(Serum.recipient_id == recipient_id, col(Serum.id).in_(read))
    return db.exec(found.order_by(col(Serum.drawn_on).desc(), col(Serum.id).desc())).first()


def verdict_against(db: Session, recipient_id: int, donor_ids: Iterable[int]) -> list[Verdict]:
    """The virtual crossmatch of the latest serum with each donor, in the order of their codes.

    The engine is asked anew, so that a typing or a cut-off that changed since is never missed.
    """
    serum = latest_serum(db, recipient_id)
    found = db.exec(
        select(Donor.id, Donor.code).where(col(Donor.id).in_(set(donor_ids))).order_by(Donor.code)
    )
    return [_verdict(db, serum, donor_id, code) for donor_id, code in found.all() if donor_id is not None]


def _verdict(db: Session, serum: Serum | None, donor_id: int, code: str) -> Verdict:
    if serum is None:
        sentence = say(
            "No serum of this recipient has bead results: nothing is known against {code}.", code=code
        )
        return Verdict(code, None, None, None, "", None, cut_off().version, (), sentence)
    held = hold_against(db, serum, donor_id)
    gravest = worst(held.calls)
    decided = [call for call in held.calls if call.mfi is not None]
    highest = max(decided, key=lambda call: call.mfi or Decimal(0), default=None)
    undecided = tuple(
        call.target for call in held.calls if call.call in (CallKind.NOT_TESTED, CallKind.UNDECIDABLE)
    )
    return Verdict(
        code,
        serum.code,
        serum.drawn_on,
        None if gravest is None else gravest.call,
        "" if gravest is None else gravest.target,
        None if highest is None else highest.mfi,
        held.rule_version,
        undecided,
        _verdict_sentence(code, held.calls, highest, undecided),
    )


def _verdict_sentence(
    donor: str, found: Sequence[Call], highest: Call | None, undecided: tuple[str, ...]
) -> str:
    specific = sorted(
        (call for call in found if call.call is CallKind.DSA), key=lambda call: -(call.mfi or Decimal(0))
    )
    grey = [call for call in found if call.call is CallKind.GREY]
    if specific:
        told = say(
            "Antibody against {donor}: {specific}.",
            donor=donor,
            specific=", ".join(_named(call) for call in specific),
        )
    elif grey:
        told = say(
            "Grey zone against {donor}: {grey}.", donor=donor, grey=", ".join(_named(call) for call in grey)
        )
    elif highest is not None:
        told = say(
            "No bead of {donor}'s molecules reaches the grey zone; the highest is {highest}.",
            donor=donor,
            highest=_named(highest),
        )
    else:
        told = say("No bead decided on any molecule of {donor}.", donor=donor)
    if not undecided:
        return told
    return listed([told, say("Not decided: {undecided}.", undecided=", ".join(undecided))], " ")


def _named(call: Call) -> str:
    return f"{call.target} {number(call.mfi or Decimal(0))} MFI"


def _readings(beads: Iterable[Bead]) -> tuple[dict[str, Reading], dict[str, str]]:
    """The usable readings by bead, and for the others why not."""
    good: dict[str, Reading] = {}
    bad: dict[str, str] = {}
    for bead in beads:
        result = read(bead, cut_off())
        if isinstance(result, Reading):
            good[bead.id] = result
        else:
            bad[bead.id] = result.why
    return good, bad


def bead_table(db: Session, run_id: int) -> list[BeadShown]:
    """The beads of one run, unpacked: controls first, then targets from high to low MFI."""
    run = db.get_one(BeadRun, run_id)
    lines = sera.lines_of(db, run)
    typing = _recipient_typing(db, run.serum_id)
    good, bad = _readings(sera.beads_of(lines))
    own = {bead.id for bead in sera.beads_of(lines) if _is_self(bead, typing)}
    shown = [
        BeadShown(
            line.bead_id,
            line.role,
            line.specificity,
            line.raw,
            line.count,
            good[line.name].zone if line.name in good else None,
            bad.get(line.name, "" if line.raw is not None else say("not measured in this run")),
            line.name in own,
        )
        for line in lines
    ]
    return sorted(shown, key=lambda bead: (bead.role is BeadRole.TARGET, -(bead.raw or 0), int(bead.bead_id)))


def _recipient_typing(db: Session, serum_id: int) -> Typing:
    typing = recipients.typing_of(db, db.get_one(Serum, serum_id).recipient_id)
    return typing_in(None if typing is None else typing.alleles)


def _is_self(bead: Bead, typing: Typing) -> bool:
    return isinstance(bead.specificity, Allele | Dimer) and typing.carries(bead.specificity)


def self_notes(db: Session, serum_id: int) -> list[str]:
    """A sentence for each positive bead of the recipient's own molecules: unspecific signal, or the wrong
    person's serum."""
    beads = [
        bead for run in sera.standing_runs(db, serum_id) for bead in sera.beads_of(sera.lines_of(db, run))
    ]
    typing = _recipient_typing(db, serum_id)
    good, _bad = _readings(bead for bead in beads if _is_self(bead, typing))
    return [
        say(
            "{specificity} is the recipient's own and reads {mfi} MFI: unspecific signal, a "
            "wrong typing, or another person's serum. Ask the HLA laboratory.",
            specificity=reading.bead.specificity,
            mfi=number(reading.mfi),
        )
        for reading in good.values()
        if reading.zone is Zone.POSITIVE
    ]


def calls_of(db: Session, serum_id: int) -> list[CallShown]:
    """The standing calls of a serum, donor by donor, gravest first."""
    newest = (
        select(func.max(SerumJudgement.id))
        .where(SerumJudgement.serum_id == serum_id)
        .group_by(col(SerumJudgement.donor_id))
    )
    rows = db.exec(
        select(DsaCall, SerumJudgement, Donor.code)
        .join(SerumJudgement, col(SerumJudgement.id) == DsaCall.judgement_id)
        .join(Donor, col(Donor.id) == SerumJudgement.donor_id)
        .where(col(SerumJudgement.id).in_(newest))
        .order_by(Donor.code, col(DsaCall.place))
    ).all()
    shown = [
        CallShown(
            code,
            call.target,
            call.call,
            call.mfi,
            call.sentence,
            tuple(call.flags.split()),
            judgement.rule_version,
            judgement.called_at,
        )
        for call, judgement, code in rows
    ]
    return sorted(shown, key=lambda call: (call.donor, GRAVITY.index(call.call)))


def peaks(db: Session, recipient_id: int, donor_id: int) -> list[Peak]:
    """The highest donor-specific reading of each of the recipient's sera, oldest first."""
    found = []
    for serum in sera.sera_of(db, recipient_id):
        assert serum.id is not None
        judgement = last_judgement(db, serum.id, donor_id)
        highest = None if judgement is None else _highest(db, judgement)
        found.append(
            Peak(
                serum.code,
                serum.drawn_on,
                None if highest is None else highest.mfi,
                "" if highest is None else highest.target,
                None if highest is None else highest.call,
                "" if judgement is None else judgement.rule_version,
            )
        )
    return found


def _highest(db: Session, judgement: SerumJudgement) -> DsaCall | None:
    decided = select(DsaCall).where(DsaCall.judgement_id == judgement.id, col(DsaCall.mfi).is_not(None))
    return db.exec(decided.order_by(col(DsaCall.mfi).desc(), col(DsaCall.place))).first()


def course(db: Session, recipient_id: int, donor_id: int, first_infused_on: date) -> tuple[Course, ...]:
    """The course of every target of a donor over the recipient's sera, as they were judged.

    ``first_infused_on`` is the day this donor's cells first entered the recipient.
    """
    found = []
    for serum in sera.sera_of(db, recipient_id):
        assert serum.id is not None
        judgement = last_judgement(db, serum.id, donor_id)
        if judgement is not None:
            found += _serum_calls(db, serum, judgement)
    return courses(found, first_infused_on)


def _serum_calls(db: Session, serum: Serum, judgement: SerumJudgement) -> list[SerumCall]:
    kits = dict(
        db.exec(
            select(BeadRun.id, KitLot.catalog_id)
            .join(KitLot, col(KitLot.id) == BeadRun.kit_lot_id)
            .where(BeadRun.serum_id == serum.id)
        ).all()
    )
    rows = db.exec(
        select(DsaCall).where(DsaCall.judgement_id == judgement.id).order_by(col(DsaCall.place))
    ).all()
    return [
        SerumCall(
            serum.code,
            serum.drawn_on,
            kits.get(row.bead_run_id, ""),
            say("single-antigen beads, raw MFI"),
            _engine_call(row, judgement.rule_version),
        )
        for row in rows
    ]


def _engine_call(row: DsaCall, version: str) -> Call:
    """A stored call in the words of the engine."""
    flags = frozenset(Flag(word) for word in row.flags.split())
    made = Call(row.target, row.locus, row.call, row.basis, version, row.sentence, flags=flags)
    specificity = parse_specificity(row.target)
    if row.mfi is None or isinstance(specificity, BadName):
        return made
    zone = cut_off(version).zone(row.mfi)
    bead = Bead(f"{row.bead_run_id}:{row.bead_id}", specificity, row.mfi)
    return Call(
        row.target,
        row.locus,
        row.call,
        row.basis,
        version,
        row.sentence,
        zone,
        (Reading(bead, row.mfi, zone),),
        flags,
    )


def imports(db: Session, serum_id: int | None = None) -> list[RunLine]:
    """The latest runs, or all of one serum, newest first."""
    former = select(BeadRun.supersedes_id).where(col(BeadRun.supersedes_id).is_not(None))
    found = (
        select(  # type: ignore[call-overload]  # SQLModel types selects of up to four columns
            BeadRun.id,
            Recipient.code,
            Serum.code,
            Serum.drawn_on,
            BeadRun.run_on,
            KitLot.catalog_id,
            BeadRun.imported_at,
            col(BeadRun.id).in_(former),
            BeadRun.reason,
            BeadRun.date_order,
            StoredFile.sha256,
            RunWithdrawal.reason,
        )
        .join(Serum, col(Serum.id) == BeadRun.serum_id)
        .join(Recipient, col(Recipient.id) == Serum.recipient_id)
        .join(KitLot, col(KitLot.id) == BeadRun.kit_lot_id)
        .join(StoredFile, col(StoredFile.id) == BeadRun.stored_file_id)
        .outerjoin(RunWithdrawal, col(RunWithdrawal.bead_run_id) == BeadRun.id)
        .order_by(col(BeadRun.id).desc())
    )
    found = found.limit(PAGE) if serum_id is None else found.where(BeadRun.serum_id == serum_id)
    return [RunLine(*row) for row in db.exec(found)]
