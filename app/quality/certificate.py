"""The certificate of analysis: product, tests against limits, who certified it, and a statement."""

from collections import Counter
from datetime import datetime

from sqlmodel import Session, col, select

from app.evidence.ledger import Subject
from app.evidence.models import Signature
from app.kernel.refusals import Refusal
from app.kernel.speech import listed, phrase, say, word
from app.kernel.tables import known
from app.lots import queries as lots
from app.lots.models import Lot, Unit, UnitKind
from app.paper.chapters import Block, Chapter, Composed, Facts, Table, Text
from app.quality import concerned, queries
from app.quality.models import Decision, Flag, ReleaseDecision, Specification
from app.quality.rules import Why, no_lot

#: What passes, fails and waits, as a certificate says it.
VERDICTS = {
    "pass": phrase("complies"),
    "fail": "DOES NOT COMPLY",
    "informative": "for information",
    queries.PENDING: "PENDING",
}


def certificate(db: Session, code: str) -> Composed | Refusal:
    """The certificate of a decided lot; refused while nobody has signed, or once the signature is void."""
    lot = lots.lot_by_code(db, code)
    if lot is None:
        return no_lot(code)
    decided = queries.release_of(db, known(lot.id))
    if decided is None:
        return Refusal(
            Why.NOT_CERTIFIED,
            say("Lot {code} was not decided: a certificate says who certified it.", code=lot.code),
            say("Decide the lot on the release desk, then ask for the certificate."),
        )
    if not queries.release_stands(db, lot):
        return Refusal(
            Why.NOT_CERTIFIED,
            say("The signature on lot {code} is void: a result changed after it was signed.", code=lot.code),
            say("Sign the decision again on the release desk, then ask for the certificate."),
        )
    lines = queries.checklist(db, lot)
    specification = db.get_one(Specification, decided.specification_id)
    chapters = (
        ("Product and lot", _product(db, lot, specification)),
        ("Tests", _tests(lines)),
        ("Certification", _certified(db, lot, decided, lines)),
    )
    return Composed(
        Subject("lot", lot.code),
        [Chapter(number, title, blocks) for number, (title, blocks) in enumerate(chapters, 1)],
    )


def _product(db: Session, lot: Lot, specification: Specification) -> list[Block]:
    filled = select(Unit).where(Unit.lot_id == lot.id, col(Unit.kind).in_((UnitKind.BAG, UnitKind.VIAL)))
    counted = sorted(Counter((unit.kind, unit.volume_ml) for unit in db.exec(filled).all()).items())
    containers = listed(
        [
            say("{count} × {kind} of {ml} mL", count=count, kind=kind.value, ml=queries.plain_number(ml))
            for (kind, ml), count in counted
        ],
        "; ",
    )
    return [
        Facts(
            [
                ("Product", lot.product),
                ("Lot", lot.code),
                ("Date of manufacture", _day(lot.made_at)),
                ("Expiry", _day(lot.expires_at)),
                ("Storage", lot.storage or None),
                ("Containers", containers or None),
                (
                    "Specification",
                    say("{code} version {version}", code=specification.code, version=specification.version),
                ),
            ]
        )
    ]


def _day(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d}"


def _tests(lines: list[queries.Line]) -> list[Block]:
    headings = ("Test", "Method", "Limit", "Result", "Verdict", "Sampled", "Resulted", "Entered by")
    rows = [
        (
            line.limit.name,
            line.method,
            line.limit_words,
            line.measured or "pending",
            VERDICTS[line.state],
            _day(line.sampled_at) or "–",
            _day(line.resulted_at) or "–",
            line.entered_by or "–",
        )
        for line in lines
    ]
    repeated = [
        (line.limit.name, repeat.value, VERDICTS[repeat.flag.value], _day(repeat.resulted_at),
         say("the {retest} counts", retest=line.limit.retest.value), repeat.reason or "first result")
        for line in lines
        for repeat in line.repeats
    ]  # fmt: skip
    blocks: list[Block] = [Table(headings, rows)]
    if repeated:
        names = ("Test", "Result", "Verdict", "Resulted", "Which counts", "Reason")
        blocks.append(Table(names, repeated, "Results kept beside the one that counts"))
    return blocks


def _certified(db: Session, lot: Lot, decided: ReleaseDecision, lines: list[queries.Line]) -> list[Block]:
    signature = db.get_one(Signature, decided.signature_id)
    deviations = concerned.deviations_of(db, lot)
    holds = concerned.holds_on_lot(db, lot)
    missing = [line.limit.name for line in lines if line.limit.test in queries.pending(lines)]
    return [
        Facts(
            [
                ("Decision", word(decided.decision)),
                ("Certified by" if decided.decision in _FOR_USE else "Decided by", _signer(signature)),
                ("Signed at", f"{signature.signed_at:%Y-%m-%d %H:%M} UTC"),
                ("SHA-256 of the signed record", signature.record_sha256),
                ("Reason", decided.reason or "none needed"),
                ("Tests still pending", ", ".join(missing) or "none"),
                ("Deviations", "; ".join(f"{d.code}, {d.severity.value}, {d.state.value}" for d in deviations)
                 or "none"),
                ("Holds in force", ", ".join(holds) or "none"),
            ]
        ),
        Text(statement(lot, decided.decision, lines, holds)),
    ]  # fmt: skip


_FOR_USE = (Decision.RELEASED, Decision.CONDITIONALLY_RELEASED)


def _signer(signature: Signature) -> str:
    return f"{signature.printed_name}, {signature.role}"


def statement(lot: Lot, decision: Decision, lines: list[queries.Line], holds: tuple[str, ...]) -> str:
    """What the certificate commits to; a lot that may not be used says so before anything else."""
    failing = [line.limit.name for line in lines if line.flag is Flag.FAIL]
    missing = [line.limit.name for line in lines if line.limit.test in queries.pending(lines)]
    fails = say(" It does not comply in: {tests}.", tests=", ".join(failing)) if failing else ""
    if decision not in _FOR_USE:
        word = "rejected" if decision is Decision.REJECTED else "recalled"
        return say(
            "Lot {lot} was {decided}. It must not be used.{fails}", lot=lot.code, decided=word, fails=fails
        )
    if holds or failing:
        return say(
            "Lot {lot} must not be used now: on hold by {holds}.{fails}",
            lot=lot.code,
            holds=", ".join(holds) or say("nobody yet"),
            fails=fails,
        )
    if missing:
        return say(
            "Lot {lot} was made and tested as its batch record says. Every result known so far "
            "complies with the specification named above. Released before the result of: "
            "{tests}. Whoever uses it is told at once should that result fail.",
            lot=lot.code,
            tests=", ".join(missing),
        )
    return say(
        "Lot {lot} was made and tested as its batch record says, under good manufacturing practice, "
        "and complies with every release test of the specification named above.",
        lot=lot.code,
    )
