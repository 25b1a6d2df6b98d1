"""Which rooms speak in which paper: the chapters of each document, in order."""

from collections.abc import Callable

from sqlmodel import Session, col, func, select

from app.bedside.chapter import chapter as infusions
from app.custody.chapter import chapter as custody
from app.donors.chapter import chapter as donors_chapter
from app.evidence.ledger import Subject
from app.evidence.models import LedgerEntry, Signature
from app.kernel.refusals import Refusal
from app.labeling.chapter import chapter as labels
from app.lots.chapter import chapter as making
from app.lots.genealogy import ancestors, by_key
from app.lots.models import Donation, Lot
from app.lots.queries import lot_by_code, units_of_lot
from app.paper.chapters import Chapter, Composed, Composer, Facts, Table
from app.paper.models import PaperKind
from app.quality.chapter import chapter as quality
from app.quality.rules import Why


def donors(db: Session, lot: Lot) -> Chapter:
    """The donors' chapter: of every donation whose cells are in a unit of the lot."""
    units = {unit.id for unit in units_of_lot(db, lot.id or 0)}
    line = units | ancestors(db, units)
    given = {row[0] for row in by_key("unit", "id", "donation_id").ask(db, line)} - {None}
    return donors_chapter(db, db.exec(select(Donation).where(col(Donation.id).in_(given))).all())


def signatures(db: Session, lot: Lot) -> Chapter:
    """Who signed what about the lot and its units, and how much of the ledger is about them."""
    subjects = {("lot", lot.code)} | {("unit", unit.code) for unit in units_of_lot(db, lot.id or 0)}
    codes = [code for _, code in subjects]
    signed = db.exec(
        select(Signature).where(col(Signature.subject_code).in_(codes)).order_by(col(Signature.id))
    ).all()
    told = db.exec(
        select(func.count(), func.min(LedgerEntry.seq), func.max(LedgerEntry.seq)).where(
            col(LedgerEntry.subject_kind).in_(("lot", "unit")), col(LedgerEntry.subject_code).in_(codes)
        )
    ).one()
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
    entries = f"{told[0]}, from number {told[1]} to {told[2]}" if told[0] else "none"
    return Chapter(
        0,
        "Signatures and ledger",
        [
            Table(("Of", "Meaning", "Signed by", "At", "SHA-256 of the record"), rows, "Signatures"),
            Facts([("Ledger entries about the lot and its units", entries)]),
        ],
    )


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
    """The batch record of a lot, numbered as its chapters come."""
    lot = lot_by_code(db, code)
    if lot is None:
        return Refusal(Why.NO_SUCH_LOT, f"There is no lot {code[:40]}.", "Check the code and ask again.")
    chapters: list[Chapter] = []
    for room in BATCH_RECORD:
        said = room(db, lot)
        for chapter in said if isinstance(said, list) else [said]:
            chapters.append(Chapter(len(chapters) + 1, chapter.title, chapter.blocks))
    return Composed(Subject("lot", lot.code), chapters)


#: Every kind of paper, and what makes it.
PAPERS: dict[str, Composer] = {PaperKind.BATCH_RECORD: batch_record}
