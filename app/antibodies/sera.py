"""Rows of sera, kits and runs, and the beads of a serum as the engine reads them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, col, select

from app.antibodies.fusion import BeadFile, BeadValue
from app.antibodies.models import BeadRole, BeadRun, KitBead, KitLot, RunWithdrawal, Serum
from app.antibodies.packing import unpack_counts, unpack_mfi
from app.evidence.files import StoredFile
from app.hla.beads import Bead
from app.hla.nomenclature import BadName, parse_specificity
from app.recipients.models import Recipient


@dataclass(frozen=True, slots=True)
class BeadLine:
    """One bead of one run: ``raw`` in MFI, ``count`` in events, None where the file had no value."""

    run_id: int
    bead_id: str
    role: BeadRole
    specificity: str
    raw: Decimal | None
    count: int | None

    @property
    def name(self) -> str:
        """Run and bead, unique among all beads of a serum: ``12:037``."""
        return f"{self.run_id}:{self.bead_id}"


def serum_by_code(db: Session, code: str) -> Serum | None:
    """The serum with this code."""
    return db.exec(select(Serum).where(Serum.code == code)).one_or_none()


def sera_of(db: Session, recipient_id: int) -> list[Serum]:
    """The recipient's sera, oldest first."""
    found = select(Serum).where(Serum.recipient_id == recipient_id)
    return list(db.exec(found.order_by(col(Serum.drawn_on), col(Serum.id))).all())


def runs_of(db: Session, serum_id: int) -> list[BeadRun]:
    """Every run of a serum, superseded ones too, oldest first."""
    return list(db.exec(select(BeadRun).where(BeadRun.serum_id == serum_id).order_by(col(BeadRun.id))).all())


def last_runs(db: Session, serum_id: int) -> list[BeadRun]:
    """The runs of a serum that nothing supersedes, withdrawn ones too: at most one for each kit lot."""
    runs = runs_of(db, serum_id)
    former = {run.supersedes_id for run in runs}
    return [run for run in runs if run.id not in former]


def standing_runs(db: Session, serum_id: int) -> list[BeadRun]:
    """The runs of a serum that count, oldest first: neither superseded nor withdrawn."""
    withdrawn = withdrawals(db, serum_id)
    return [run for run in last_runs(db, serum_id) if run.id not in withdrawn]


def last_run(db: Session, serum_id: int, catalog_id: str) -> BeadRun | None:
    """The last run of a serum on this kit lot, which the next one supersedes, withdrawn or not."""
    kit = kit_by_catalog(db, catalog_id)
    runs = [] if kit is None else last_runs(db, serum_id)
    return next((run for run in runs if kit is not None and run.kit_lot_id == kit.id), None)


def is_withdrawn(db: Session, run: BeadRun) -> bool:
    """Whether the run was withdrawn."""
    return run.id in withdrawals(db, run.serum_id)


def withdrawals(db: Session, serum_id: int) -> dict[int, RunWithdrawal]:
    """The withdrawn runs of a serum, by the key of the run."""
    found = (
        select(RunWithdrawal)
        .join(BeadRun, col(BeadRun.id) == RunWithdrawal.bead_run_id)
        .where(BeadRun.serum_id == serum_id)
    )
    return {one.bead_run_id: one for one in db.exec(found)}


def kit_by_catalog(db: Session, catalog_id: str) -> KitLot | None:
    """The kit lot with this catalogue id."""
    return db.exec(select(KitLot).where(KitLot.catalog_id == catalog_id)).one_or_none()


def kit_beads(db: Session, kit_lot_id: int) -> list[KitBead]:
    """The beads of a kit lot in the order of their packed values."""
    found = select(KitBead).where(KitBead.kit_lot_id == kit_lot_id).order_by(col(KitBead.place))
    return list(db.exec(found).all())


def recipients_of_file(db: Session, sha256: str) -> frozenset[str]:
    """Codes of the recipients who have results from the file with these bytes, withdrawn ones left out."""
    found = (
        select(Recipient.code)
        .join(Serum, col(Serum.recipient_id) == Recipient.id)
        .join(BeadRun, col(BeadRun.serum_id) == Serum.id)
        .join(StoredFile, col(StoredFile.id) == BeadRun.stored_file_id)
        .where(StoredFile.sha256 == sha256, col(BeadRun.id).not_in(select(RunWithdrawal.bead_run_id)))
        .distinct()
    )
    return frozenset(db.exec(found).all())


def lines_of(db: Session, run: BeadRun) -> list[BeadLine]:
    """The beads of one run, unpacked, in the order of the kit.

    A bead that the kit lot learned of after this run has no value in it.
    """
    raws, counts = unpack_mfi(run.raw_hundredths), unpack_counts(run.counts)
    assert run.id is not None
    return [
        BeadLine(
            run.id,
            bead.bead_id,
            bead.role,
            bead.specificity,
            raws[bead.place] if bead.place < len(raws) else None,
            counts[bead.place] if bead.place < len(counts) else None,
        )
        for bead in kit_beads(db, run.kit_lot_id)
    ]


def beads_of(lines: list[BeadLine]) -> list[Bead]:
    """The target beads that were measured, as the engine reads them. Raises ValueError for a stored name it
    cannot read."""
    beads = []
    for line in lines:
        if line.role is BeadRole.TARGET and line.raw is not None:
            specificity = parse_specificity(line.specificity)
            if isinstance(specificity, BadName):
                raise ValueError(f"stored bead {line.name}: {specificity}")
            beads.append(Bead(line.name, specificity, line.raw, count=line.count))
    return beads


def beads_in(file: BeadFile) -> tuple[dict[str, tuple[BeadRole, str]], set[str]]:
    """What each bead of a file is, over all its samples, and the beads that are two things at once."""
    found: dict[str, tuple[BeadRole, str]] = {}
    torn: set[str] = set()

    def take(role: BeadRole, values: tuple[BeadValue, ...]) -> None:
        for value in values:
            this = (role, "" if value.specificity is None else str(value.specificity))
            if found.setdefault(value.id, this) != this:
                torn.add(value.id)

    for sample in file.samples.values():
        take(BeadRole.NEGATIVE_CONTROL, sample.negative_controls)
        take(BeadRole.POSITIVE_CONTROL, sample.positive_controls)
        take(BeadRole.TARGET, sample.beads)
    return found, torn


def differing_beads(db: Session, file: BeadFile) -> tuple[str, ...]:
    """Beads of the file that contradict one another or what is known of their kit lot."""
    found, torn = beads_in(file)
    kit = kit_by_catalog(db, file.kit.catalog_id)
    if kit is not None:
        assert kit.id is not None
        known = {bead.bead_id: (bead.role, bead.specificity) for bead in kit_beads(db, kit.id)}
        torn |= {bead for bead, this in found.items() if known.get(bead, this) != this}
    return tuple(sorted(torn, key=int))


def serum_drawn_on(db: Session, recipient_id: int, drawn_on: date) -> Serum | None:
    """The recipient's serum of this day, the first registered where there are several."""
    return next((one for one in sera_of(db, recipient_id) if one.drawn_on == drawn_on), None)
