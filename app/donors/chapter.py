"""What the donors' room says in a batch record: who gave, by code, and under which signed decision."""

from collections.abc import Iterable
from typing import Protocol

from sqlmodel import Session

from app.donors.models import Consent, Donor, EligibilityDecision, Screening
from app.donors.queries import consents_of, decision_stands, lines_of, typing_of
from app.donors.ruleset import rule_set
from app.donors.texts import wording
from app.evidence.models import Signature
from app.kernel.speech import listed, phrase, say, word
from app.paper.chapters import Block, Chapter, Facts, Heading, Table, Text


class Gift(Protocol):
    """A donation: whose, and under which decision on eligibility."""

    @property
    def donor_id(self) -> int: ...
    @property
    def decision_id(self) -> int: ...


def chapter(db: Session, gifts: Iterable[Gift]) -> Chapter:
    """The donors of a lot, named by code alone; no donation leaves the chapter with one line saying so."""
    pairs = sorted({(gift.donor_id, gift.decision_id) for gift in gifts})
    blocks: list[Block] = []
    for donor_id, decision_id in pairs:
        blocks += _donor(db, db.get_one(Donor, donor_id), db.get_one(EligibilityDecision, decision_id))
    return Chapter(0, Heading.STARTING_MATERIAL, blocks or [Text("No donation was recorded.")])


def _donor(db: Session, someone: Donor, decision: EligibilityDecision) -> list[Block]:
    assert someone.id is not None
    screening = db.get_one(Screening, decision.screening_id)
    signature = db.get_one(Signature, decision.signature_id)
    typing = typing_of(db, someone.id)
    stands = (
        phrase("stands") if decision_stands(db, decision) else "VOID: the record changed after it was signed"
    )
    signer = f"{signature.printed_name} ({signature.role}), {signature.signed_at:%Y-%m-%d %H:%M} UTC"
    return [
        Facts(
            [
                ("Donor", someone.code),
                ("State today", _words(someone.state)),
                ("Screening", screening.code),
                ("Consent", _consent(db, someone.id, decision.consent_id)),
                ("Eligibility", _words(decision.decided)),
                (
                    "Rule set",
                    say(
                        "{code} version {version}", code=decision.rule_set, version=decision.rule_set_version
                    ),
                ),
                ("The rules answered", _words(decision.judged)),
                ("Reason of the decision", decision.reason or "as the rules answered"),
                ("Decided and signed by", signer),
                ("Signature", say("{meaning}; {stands}", meaning=signature.meaning.value, stands=stands)),
                ("Labels must say", _labels(decision)),
                ("HLA typing", typing.alleles if typing else None),
            ]
        ),
        Table(
            ("Rule", "Answer", "Why"),
            [
                (_words(line.rule).capitalize(), _words(line.answer), line.sentence)
                for line in lines_of(decision)
            ],
            say("Eligibility of donor {donor} on {on}", donor=someone.code, on=decision.judged_on),
        ),
    ]


def _labels(decision: EligibilityDecision) -> str:
    """What the rule set of the decision makes labels and accompanying papers say."""
    found = wording(rule_set(decision.rule_set), decision.decided, lines_of(decision))
    return " · ".join(found.words) if found else "nothing beyond the product's own label"


def _consent(db: Session, donor_id: int, consent_id: int | None) -> str | None:
    """Version, scope and day of the consent relied on, and what was taken back since."""
    if consent_id is None:
        return None
    consent = db.get_one(Consent, consent_id)
    told = [
        say(
            "{form}, {scope}, signed {signed_on}",
            form=consent.form_version,
            scope=word(consent.scope),
            signed_on=consent.signed_on,
        )
    ]
    row = next(row for row in consents_of(db, donor_id) if row.consent.id == consent_id)
    for taken in row.withdrawals:
        told.append(say("taken back for {scope} on {day}", scope=word(taken.scope), day=taken.withdrawn_on))
    return listed(told, "; ")


def _words(stored: str) -> str:
    """A stored word as people read it."""
    return str(stored).replace("_", " ")
