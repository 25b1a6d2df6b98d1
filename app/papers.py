"""Which rooms speak in which paper: the chapters of each document, in order."""

import json
from collections.abc import Callable

from sqlmodel import Session, col, func, select

from app.access import events as access
from app.bedside.chapter import chapter as infusions
from app.bedside.chart import infusion_record
from app.custody.chapter import chapter as custody
from app.donors.chapter import chapter as donors_chapter
from app.evidence.ledger import Subject
from app.evidence.models import LedgerEntry, Signature
from app.followup.chapter import course_record
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.labeling.chapter import chapter as labels
from app.lots.chapter import chapter as making
from app.lots.genealogy import ancestors, by_key
from app.lots.models import Donation, Lot
from app.lots.queries import lot_by_code, units_of_lot
from app.paper import events as paper
from app.paper.chapters import INTEGRITY, Block, Chapter, Composed, Composer, Facts, Heading, Table, Text
from app.paper.models import PaperKind
from app.quality.certificate import certificate
from app.quality.chapter import chapter as quality
from app.quality.rules import Why


def donors(db: Session, lot: Lot) -> Chapter:
    """The donors' chapter: of every donation whose cells are in a unit of the lot."""
    units = {unit.id for unit in units_of_lot(db, lot.id or 0)}
    line = units | ancestors(db, units)
    given = {row[0] for row in by_key("unit", "id", "donation_id").ask(db, line)} - {None}
    return donors_chapter(db, db.exec(select(Donation).where(col(Donation.id).in_(given))).all())


def signatures(db: Session, lot: Lot) -> list[Chapter]:
    """Who signed what about the lot and its units, and every act on them that gave a reason."""
    subjects = _subjects(db, lot)
    signed = db.exec(
        select(Signature)
        .where(col(Signature.subject_code).in_([code for _, code in subjects]))
        .order_by(col(Signature.id))
    ).all()
    rows = [
        (
            f"{one.subject_kind} {one.subject_code}",
            one.meaning.value,
            f"{one.printed_name}, {one.role}",
            f"{one.signed_at:%Y-%m-%d %H:%M} UTC",
            f"{one.record_sha256[:16]}…",
        )
        for one in signed
        if (one.subject_kind, one.subject_code) in subjects
    ]
    headings = ("Of", "Meaning", "Signed by", "At", "SHA-256 of the record")
    return [
        Chapter(0, Heading.AUDIT_TRAIL, [_acts_with_a_reason(db, subjects)]),
        Chapter(0, Heading.SIGNATURES, [Table(headings, rows, "Signatures")]),
    ]


def _subjects(db: Session, lot: Lot) -> set[tuple[str, str]]:
    return {("lot", lot.code)} | {("unit", unit.code) for unit in units_of_lot(db, lot.id or 0)}


def _acts_with_a_reason(db: Session, subjects: set[tuple[str, str]]) -> Table | Text:
    """Corrections, overrides, reprints, holds: whatever had to be explained. Papers and refusals are not acts
    on the lot."""
    found = (
        select(LedgerEntry.body)
        .where(
            col(LedgerEntry.subject_kind).in_(("lot", "unit")),
            col(LedgerEntry.subject_code).in_([code for _, code in subjects]),
            col(LedgerEntry.kind).not_in((access.REFUSED.name, paper.ISSUED.name)),
        )
        .order_by(col(LedgerEntry.seq))
    )
    told = [json.loads(bytes(body)) for body in db.exec(found).all()]
    rows = [
        (one["at"][:16].replace("T", " "), one["actor"]["sign_in"], one["sentence"], one["reason"])
        for one in told
        if one["reason"] and tuple(one["subject"]) in subjects
    ]
    if not rows:
        return Text("No act on the lot or its units had to be explained.")
    return Table(("When (UTC)", "By", say("What"), say("Reason")), rows)


def _ledger(db: Session, lot: Lot) -> Facts:
    """How much of the ledger is about the lot; it grows with every paper, so it stands by the checkpoint."""
    codes = [code for _, code in _subjects(db, lot)]
    count, first, last = db.exec(
        select(func.count(), func.min(LedgerEntry.seq), func.max(LedgerEntry.seq)).where(
            col(LedgerEntry.subject_kind).in_(("lot", "unit")), col(LedgerEntry.subject_code).in_(codes)
        )
    ).one()
    told = (
        say("{count}, from number {first} to {last}", count=count, first=first, last=last)
        if count
        else "none"
    )
    return Facts([("Ledger entries about the lot and its units", told)])


#: The rooms of a batch record, in the order of the thread.
BATCH_RECORD: tuple[Callable[[Session, Lot], Chapter | list[Chapter]], ...] = (
    donors,
    making,
    labels,
    quality,
    custody,
    infusions,
    signatures,
)


def batch_record(db: Session, code: str) -> Composed | Refusal:
    """The batch record of a lot: what the rooms say, gathered under its headings."""
    lot = lot_by_code(db, code)
    if lot is None:
        return Refusal(
            Why.NO_SUCH_LOT,
            say("There is no lot {code}.", code=code[:40]),
            say("Check the code and ask again."),
        )
    said: dict[Heading, list[Block]] = {heading: [] for heading in Heading if heading != INTEGRITY}
    for room in BATCH_RECORD:
        spoken = room(db, lot)
        for chapter in spoken if isinstance(spoken, list) else [spoken]:
            said[Heading(chapter.title)] += chapter.blocks
    chapters = [Chapter(number, title, blocks) for number, (title, blocks) in enumerate(said.items(), 1)]
    return Composed(Subject("lot", lot.code), chapters, _ledger(db, lot))


#: Every kind of paper, and what makes it.
PAPERS: dict[str, Composer] = {
    PaperKind.BATCH_RECORD: batch_record,
    PaperKind.CERTIFICATE: certificate,
    PaperKind.INFUSION: infusion_record,
    PaperKind.COURSE: course_record,
}
