"""Electronic signatures: who signed which record, as it was shown, and whether it still stands."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from app.evidence.canonical import canonical, sha256_of
from app.evidence.ledger import Subject
from app.evidence.models import Meaning, Signature
from app.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Proof:
    """That a person just now proved who they are; made only by `app.access.proof.prove`."""

    person_id: int
    sign_in: str
    printed_name: str
    role: str


def sign(work: Work, proof: Proof, meaning: Meaning, subject: Subject, record: dict[str, Any]) -> Signature:
    """Keep a person's signature on the record that was shown; the operation's own event tells of it.

    Source: 21 CFR 11.50 (printed name, time, meaning) and 11.70 (bound to the record by its SHA-256).
    """
    signature = Signature(
        person_id=proof.person_id,
        printed_name=proof.printed_name,
        role=proof.role,
        meaning=meaning,
        signed_at=work.at,
        subject_kind=subject.kind,
        subject_code=subject.code,
        record=canonical(record).decode(),
        record_sha256=sha256_of(record),
    )
    work.db.add(signature)
    work.db.flush()
    return signature


def stands(signature: Signature, record_now: dict[str, Any]) -> bool:
    """Whether the record still is what was signed; False makes the signature void."""
    return signature.record_sha256 == sha256_of(record_now)


def signatures_on(db: Session, subject: Subject) -> list[Signature]:
    """All signatures on a subject, in order of signing."""
    found = select(Signature).where(
        Signature.subject_kind == subject.kind, Signature.subject_code == subject.code
    )
    return list(db.exec(found.order_by(Signature.signed_at, Signature.id)).all())  # type: ignore[arg-type]  # id is a column here
