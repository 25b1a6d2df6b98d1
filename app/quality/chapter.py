"""What quality says in a batch record: deviations and holds, tests against limits, signed decisions."""

from typing import Any

from sqlmodel import Session

from app.evidence.models import Signature
from app.kernel.speech import listed, phrase, say, word
from app.kernel.tables import known
from app.lots.models import Lot
from app.paper.chapters import Block, Chapter, Facts, Heading, Table, Text
from app.quality import concerned, queries
from app.quality.models import ReleaseDecision


def chapter(db: Session, lot: Lot) -> list[Chapter]:
    """Deviations and holds, results, and every decision."""
    return [
        Chapter(0, Heading.DEVIATIONS, _concerns(db, lot)),
        Chapter(0, Heading.QUALITY_CONTROL, _tests(db, lot)),
        Chapter(0, Heading.SIGNATURES, _decisions(db, lot)),
    ]


def _concerns(db: Session, lot: Lot) -> list[Block]:
    deviations = concerned.deviations_of(db, lot)
    holds = concerned.holds_ever(db, lot)
    return [
        Table(
            ("Deviation", "On", "What", "Severity", "State", "Impact", "Root cause", "Correction"),
            [
                (
                    one.code,
                    listed([word(one.subject_kind), one.subject_code], " "),
                    listed(
                        [one.what, f" ({one.rule})" if one.rule else "", f", {one.opened_at:%Y-%m-%d}"], ""
                    ),
                    one.severity.value,
                    one.state.value,
                    one.impact or None,
                    one.root_cause or None,
                    one.correction or None,
                )
                for one in deviations
            ],
            "Deviations",
        )
        if deviations
        else Text("No deviation of the lot or its units was opened."),
        Table(
            ("Hold", "On", "Why", "Placed", "State", "Lifted because"),
            [
                (
                    hold.code,
                    listed([word(hold.subject_kind), hold.subject_code], " "),
                    hold.why,
                    f"{hold.placed_at:%Y-%m-%d}",
                    word(hold.state),
                    hold.lift_reason or "–",
                )
                for hold in holds
            ],
            "Holds",
        )
        if holds
        else Text("No hold ever reached the lot or its units."),
    ]


def _tests(db: Session, lot: Lot) -> list[Block]:
    lines = queries.checklist(db, lot)
    specification = queries.specification_for(db, lot)
    named = None
    if specification:
        named = say("{code} version {version}", code=specification.code, version=specification.version)
    rows = [
        (
            line.limit.name,
            line.method,
            line.limit_words,
            line.measured,
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
        headings = ("Test", "Value", "Verdict", "Standing", "Entered by", "Reason")
        blocks.append(Table(headings, [_changed(row) for row in changed], "Corrections and retests"))
    return blocks


def _changed(row: dict[str, Any]) -> tuple[str, ...]:
    standing = "superseded" if row["superseded"] else "retest" if row["retest"] else phrase("stands")
    reason = row["reason"] or "first entry"
    return (row["name"], row["value"], row["flag"].value, standing, row["by"], reason)


def _decisions(db: Session, lot: Lot) -> list[Block]:
    decisions = queries.decisions_of(db, known(lot.id))
    return [_decision(db, lot, one, one is decisions[-1]) for one in decisions]


def _decision(db: Session, lot: Lot, decided: ReleaseDecision, latest: bool) -> Facts:
    signature = db.get_one(Signature, decided.signature_id)
    pending = queries.names_of(queries.checklist(db, lot), decided.pending)
    stands = phrase("stands") if queries.release_stands(db, lot) else "VOID: the record changed since"
    return Facts(
        [
            ("Decision", word(decided.decision)),
            ("Tests pending", listed(pending, "; ") if pending else "none"),
            ("Reason", decided.reason or "none needed"),
            ("Signed by", f"{signature.printed_name}, {signature.role}"),
            ("Meaning", signature.meaning.value),
            ("Signed at", f"{signature.signed_at:%Y-%m-%d %H:%M} UTC"),
            ("SHA-256 of the signed record", signature.record_sha256),
            ("Signature", stands if latest else "a later decision followed"),
        ]
    )
