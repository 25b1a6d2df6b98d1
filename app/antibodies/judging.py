"""A serum held against a donor by the engine: on which results, under which typings and cut-offs."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from app.antibodies import sera
from app.antibodies.cutoffs import cut_off
from app.antibodies.models import Serum, SerumJudgement
from app.donors import queries as donors
from app.hla.calls import Call, CallKind, calls
from app.hla.typing import Typing, read_typing
from app.kernel.speech import word
from app.recipients import queries as recipients

#: From what worries most to what worries least.
GRAVITY = (
    CallKind.DSA,
    CallKind.GREY,
    CallKind.UNDECIDABLE,
    CallKind.NOT_TESTED,
    CallKind.NEG,
    CallKind.SHARED,
    CallKind.EXCLUDED,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A serum held against a donor by the engine, with all that it rested on."""

    serum_id: int
    donor_id: int
    #: Keys of the standing runs read, in order; empty where the serum has no results.
    runs: str
    donor_typing_id: int | None
    recipient_typing_id: int | None
    rule_version: str
    calls: tuple[Call, ...]


def typing_in(alleles: str | None) -> Typing:
    """A stored typing. Raises ValueError for one that cannot be read: it was read before it was stored."""
    typing = read_typing((alleles or "").split())
    if isinstance(typing, tuple):
        raise ValueError(f"stored typing: {typing[0]}")
    return typing


def hold_against(db: Session, serum: Serum, donor_id: int) -> Held:
    """Let the engine hold all results of a serum against a donor, under the cut-offs in force."""
    assert serum.id is not None
    runs = sera.standing_runs(db, serum.id)
    beads = [bead for run in runs for bead in sera.beads_of(sera.lines_of(db, run))]
    donor, recipient = donors.typing_of(db, donor_id), recipients.typing_of(db, serum.recipient_id)
    rules = cut_off()
    found = calls(
        typing_in(None if donor is None else donor.alleles),
        typing_in(None if recipient is None else recipient.alleles),
        beads,
        rules,
    )
    return Held(
        serum.id,
        donor_id,
        " ".join(str(run.id) for run in runs),
        None if donor is None else donor.id,
        None if recipient is None else recipient.id,
        rules.version,
        found,
    )


def last_judgement(db: Session, serum_id: int, donor_id: int) -> SerumJudgement | None:
    """The judgement of this serum against this donor that stands: the last one."""
    found = select(SerumJudgement).where(
        SerumJudgement.serum_id == serum_id, SerumJudgement.donor_id == donor_id
    )
    return db.exec(found.order_by(col(SerumJudgement.id).desc())).first()


def is_judged(db: Session, held: Held) -> bool:
    """Whether the standing judgement rests on exactly the same runs, typings and cut-offs."""
    last = last_judgement(db, held.serum_id, held.donor_id)
    return last is not None and (
        last.runs,
        last.donor_typing_id,
        last.recipient_typing_id,
        last.rule_version,
    ) == (held.runs, held.donor_typing_id, held.recipient_typing_id, held.rule_version)


def worst(found: Iterable[Call]) -> Call | None:
    """The call that worries most, and among equals the one with the highest MFI."""
    return min(found, key=lambda one: (GRAVITY.index(one.call), -(one.mfi or Decimal(0))), default=None)


def in_short(found: Iterable[Call]) -> str:
    """How many calls of each kind, gravest first: ``1 dsa, 7 negative``."""
    counts = Counter(one.call for one in found)
    return ", ".join(f"{counts[kind]} {word(kind)}" for kind in GRAVITY if counts[kind])
