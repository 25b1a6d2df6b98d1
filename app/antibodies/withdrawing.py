"""A run that was imported for the wrong recipient or serum is withdrawn, and its calls are judged again."""

from sqlmodel import Session, select

from app.antibodies import events, rules, sera
from app.antibodies.models import BeadRun, KitLot, RunWithdrawal, SerumJudgement
from app.antibodies.operations import call_serum
from app.evidence.files import StoredFile
from app.evidence.ledger import Subject, record
from app.evidence.models import Meaning
from app.evidence.signatures import Proof, sign
from app.kernel.refusals import Refusal, first_of
from app.kernel.tables import known
from app.kernel.work import Work
from app.recipients.models import Recipient


def withdraw_run(
    work: Work, serum_code: str, run_id: int, reason: str, proof: Proof
) -> RunWithdrawal | Refusal:
    """Take a run out of everything that is judged: it stays as it was read, and no longer counts.

    Every donor this serum was held against is judged again in the same act, on what still stands; the same
    file may then be imported for the recipient whose it is.
    """
    serum = sera.serum_by_code(work.db, serum_code)
    run = work.db.get(BeadRun, run_id)
    if serum is None or run is None or run.serum_id != serum.id:
        return rules.run_unknown(run_id)
    kit = work.db.get_one(KitLot, run.kit_lot_id).catalog_id
    withdrawal = rules.Withdrawal(
        serum=serum.code,
        kit=kit,
        is_replaced=all(last.id != run.id for last in sera.last_runs(work.db, known(serum.id))),
        is_withdrawn=sera.is_withdrawn(work.db, run),
        reason=reason.strip(),
    )
    refusal = first_of(rules.WITHDRAWAL_QUESTIONS, withdrawal)
    return refusal or _withdrawn(work, run, withdrawal, proof)


def record_of_withdrawal(db: Session, run: BeadRun, reason: str) -> dict[str, str | int]:
    """What is signed: which run of which file, and why it no longer counts."""
    file = db.get_one(StoredFile, run.stored_file_id)
    return {"run": known(run.id), "file": file.sha256, "reason": reason}


def _withdrawn(work: Work, run: BeadRun, told: rules.Withdrawal, proof: Proof) -> RunWithdrawal:
    serum = sera.serum_by_code(work.db, told.serum)
    assert serum is not None
    subject = Subject("serum", serum.code)
    signed = record_of_withdrawal(work.db, run, told.reason)
    signature = sign(work, proof, Meaning.DECIDED, subject, signed)
    withdrawal = RunWithdrawal(
        bead_run_id=known(run.id),
        reason=told.reason,
        signature_id=known(signature.id),
        withdrawn_at=work.at,
    )
    work.db.add(withdrawal)
    recipient = work.db.get_one(Recipient, serum.recipient_id).code
    record(
        work,
        events.WITHDRAWN,
        Subject("recipient", recipient),
        reason=told.reason,
        run=run.id,
        serum=serum.code,
        recipient=recipient,
        kit=told.kit,
        file=signed["file"],
        signature=signature.id,
    )
    judged = select(SerumJudgement.donor_id).where(SerumJudgement.serum_id == serum.id)
    call_serum(work, known(serum.id), work.db.exec(judged).all())
    return withdrawal
