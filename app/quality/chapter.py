"""What quality says in a batch record: tests against limits, changed values, and the signed decision."""

from sqlmodel import Session

from app.evidence.models import Signature
from app.kernel.tables import known
from app.lots.models import Lot
from app.paper.chapters import Block, Chapter, Facts, Table
from app.quality import queries


def chapter(db: Session, lot: Lot) -> list[Chapter]:
    """Results, and the release."""
    return [
        Chapter(0, "Quality control", _tests(db, lot)),
        Chapter(0, "Release", _release(db, lot)),
    ]


def _tests(db: Session, lot: Lot) -> list[Block]:
    lines = queries.checklist(db, lot)
    specification = queries.specification_for(db, lot)
    named = f"{specification.code} version {specification.version}" if specification else None
    rows = [
        (
            line.limit.name,
            line.method,
            line.limit_words,
            f"{line.value} {line.limit.unit if line.value_words is None else ''}".strip()
            if line.value
            else None,
            line.state,
            f"{line.resulted_at:%Y-%m-%d}" if line.resulted_at else None,
        )
        for line in lines
    ]
    blocks: list[Block] = [
        Facts([("Specification", named)]),
        Table(("Test", "Method", "Limit", "Result", "Verdict", "Resulted"), rows),
    ]
    changed = [row for row in queries.told_history(db, known(lot.id)) if row["superseded"] or row["reason"]]
    if changed:
        blocks.append(
            Table(
                ("Test", "Value", "Standing", "Entered by", "Reason"),
                [
                    (row["name"], row["value"], "superseded" if row["superseded"] else "stands", row["by"],
                     row["reason"] or "first entry")
                    for row in changed
                ],
                "Results changed since entry",
            )
        )  # fmt: skip
    return blocks


def _release(db: Session, lot: Lot) -> list[Block]:
    decided = queries.release_of(db, known(lot.id))
    if decided is None:
        return []
    signature = db.get_one(Signature, decided.signature_id)
    return [
        Facts(
            [
                ("Decision", decided.decision.value.replace("_", " ")),
                ("Tests pending", decided.pending or "none"),
                ("Reason", decided.reason or "none needed"),
                ("Signed by", f"{signature.printed_name}, {signature.role}"),
                ("Meaning", signature.meaning.value),
                ("Signed at", f"{signature.signed_at:%Y-%m-%d %H:%M} UTC"),
                ("SHA-256 of the signed record", signature.record_sha256),
                (
                    "Signature",
                    "stands" if queries.release_stands(db, lot) else "VOID: the record changed since",
                ),
            ]
        )
    ]
