"""What the donors' pages are drawn from: one mapping a page, and the words for stored ones."""

from typing import NamedTuple

from sqlmodel import Session

from app.access.models import Person
from app.donors import queries
from app.donors.models import (
    ConsentScope,
    Donor,
    DonorState,
    EligibilityDecision,
    Marker,
    MarkerResult,
    Outcome,
    Screening,
    Sex,
    Tissue,
    Verdict,
    Withdrawn,
)
from app.donors.queries import latest_decision
from app.donors.ruleset import RuleSet, rule_set
from app.donors.texts import wording_of
from app.donors.urgent import knows_urgent_need, need_of
from app.evidence.canonical import sha256_of
from app.evidence.models import Signature
from app.evidence.queries import entries_of
from app.kernel import clock
from app.kernel.speech import headed, say
from app.kernel.tables import known


def _plain(words: type[ConsentScope | Withdrawn | Outcome | Sex | Tissue | Verdict]) -> list[tuple[str, str]]:
    return [(word.value, headed(word)) for word in words]


def marker_labels(rules: RuleSet) -> dict[str, str]:
    """How each marker is called, by the rule set."""
    singles = {rule.marker.value: rule.label for rule in rules.marker}
    for rule in rules.two_step:
        singles[rule.screen.value] = say("{label}, non-specific test", label=rule.label)
        singles[rule.confirm.value] = say("{label}, specific test", label=rule.label)
    return {marker.value: singles[marker.value] for marker in Marker}


#: Choices of the forms: stored word and what people read.
WORDS: dict[str, list[tuple[str, str]]] = {
    "scopes": _plain(ConsentScope),
    "withdrawn": [("research", say("Research only")), ("everything", say("Everything, treatment too"))],
    "tissues": _plain(Tissue),
    "sexes": _plain(Sex),
    "markers": list(marker_labels(rule_set()).items()),
    "bloods": [("donor", say("The donor")), ("birth_mother", say("The birth mother of a newborn donor"))],
    "outcomes": [
        ("non_reactive", say("Non-reactive")),
        ("reactive", say("Reactive")),
        ("indeterminate", say("Indeterminate")),
    ],
    "verdicts": _plain(Verdict),
    "obstacles": [
        ("yes", say("Nothing speaks against donation")),
        ("no", say("Something speaks against donation")),
    ],
}


class DecisionRow(NamedTuple):
    """A decision with its screening, signature, and whether the signature stands."""

    decision: EligibilityDecision
    screening: str
    signature: Signature
    stands: bool


class ResultPage(NamedTuple):
    """A result to supersede, with the codes around it."""

    donor: str
    screening: str
    result: MarkerResult
    label: str


def donor_page(db: Session, someone: Donor) -> dict[str, object]:
    """Everything on the donor's page, and nothing of the identity."""
    assert someone.id is not None
    screenings = queries.screenings_of(db, someone.id)
    newest = screenings[0] if screenings else None
    return {
        "donor": someone,
        "consents": queries.consents_of(db, someone.id),
        "screenings": screenings,
        "newest": newest,
        "results": queries.results_of(db, someone.id),
        "labels": dict(WORDS["markers"]),
        "judged": queries.eligibility(db, newest, clock.now()) if newest else None,
        "wording": wording_of(db, someone, clock.now()),
        **_need(db, someone),
        "decisions": _decisions(db, someone.id, screenings),
        "typings": queries.typings_of(db, someone.id),
        "history": entries_of(db, "donor", someone.code),
    }


def _need(db: Session, someone: Donor) -> dict[str, object]:
    """The urgent need documented for the newest decision, or whether one may be."""
    decision = latest_decision(db, known(someone.id))
    if decision is None or someone.state is not DonorState.INCOMPLETE:
        return {"need": None, "may_need": False}
    need = need_of(db, decision)
    if need is None:
        return {"need": None, "may_need": knows_urgent_need(decision)}
    return {"need": need, "need_physician": db.get_one(Person, need.physician_id).name}


def _decisions(db: Session, donor_id: int, screenings: list[Screening]) -> list[DecisionRow]:
    codes = {screening.id: screening.code for screening in screenings}
    return [
        DecisionRow(
            decision,
            codes[decision.screening_id],
            db.get_one(Signature, decision.signature_id),
            queries.decision_stands(db, decision),
        )
        for decision in queries.decisions_of(db, donor_id)
    ]


def decision_page(db: Session, screening_code: str) -> dict[str, object]:
    """What is shown before a decision is signed; ``digest`` names exactly this record."""
    screening = queries.screening_by_code(db, screening_code)
    assert screening is not None
    now = clock.now()
    return {
        "screening": screening,
        "consent": queries.standing_consent(db, screening.donor_id),
        "results": queries.results_of(db, screening.donor_id),
        "labels": dict(WORDS["markers"]),
        "judged": queries.eligibility(db, screening, now),
        "rules": queries.rules_of_site(db),
        "digest": sha256_of(queries.record_of_eligibility(db, screening, now)),
    }


def result_page(db: Session, result_id: int) -> ResultPage | None:
    """A marker result and the codes around it; None where there is none."""
    result = db.get(MarkerResult, result_id)
    if result is None:
        return None
    screening = db.get_one(Screening, result.screening_id)
    label = dict(WORDS["markers"])[result.marker.value]
    return ResultPage(db.get_one(Donor, screening.donor_id).code, screening.code, result, label)
