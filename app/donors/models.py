"""The donor by code, the identity apart, and everything eligibility is judged from."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Text, UniqueConstraint
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, day, key, moment, points


class DonorState(StrEnum):
    """Where a donor stands, in the order of life."""

    IN_SCREENING = "in_screening"
    ELIGIBLE = "eligible"
    INCOMPLETE = "incomplete"
    RISK_ASSESSMENT = "risk_assessment"
    INELIGIBLE = "ineligible"
    DEFERRED = "deferred"


_S = DonorState
#: Every move a donor can make. What is not written here cannot happen.
MOVES: dict[DonorState, frozenset[DonorState]] = {
    _S.IN_SCREENING: frozenset({_S.ELIGIBLE, _S.INCOMPLETE, _S.RISK_ASSESSMENT, _S.INELIGIBLE, _S.DEFERRED}),
    _S.INCOMPLETE: frozenset({_S.ELIGIBLE, _S.RISK_ASSESSMENT, _S.INELIGIBLE, _S.DEFERRED}),
    _S.RISK_ASSESSMENT: frozenset({_S.ELIGIBLE, _S.INELIGIBLE, _S.DEFERRED}),
    _S.ELIGIBLE: frozenset({_S.DEFERRED}),
    _S.INELIGIBLE: frozenset({_S.DEFERRED}),
    _S.DEFERRED: frozenset(),
}


class Donor(Row, table=True):
    """A donor, known to the product side only by this code."""

    frozen: ClassVar[tuple[str, ...]] = ("code",)
    moves: ClassVar[tuple[str, Mapping[Any, frozenset[Any]]] | None] = ("state", MOVES)

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    state: DonorState = choice(DonorState)
    registered_at: datetime = moment()


class DonorIdentity(Row, table=True):
    """Who the donor is: behind its own permission, every reading logged, never in a label or the ledger."""

    personal: ClassVar[bool] = True

    id: int | None = key()
    donor_id: int = Field(foreign_key="donor.id", ondelete="RESTRICT", unique=True)
    family_name: str = Field(max_length=80)
    given_name: str = Field(max_length=80)
    born_on: date = day()
    record_number: str = Field(max_length=40)
    contact: str = Field(default="", max_length=200)


class ConsentScope(StrEnum):
    """What the donor agreed to."""

    TREATMENT = "treatment"
    TREATMENT_AND_RESEARCH = "treatment_and_research"


class Consent(Row, table=True):
    """A consent the donor signed, and its scope."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    donor_id: int = points("donor")
    form_version: str = Field(max_length=40)
    scope: ConsentScope = choice(ConsentScope)
    signed_on: date = day()
    recorded_at: datetime = moment()


class Withdrawn(StrEnum):
    """What a donor takes back: research alone, or everything."""

    RESEARCH = "research"
    EVERYTHING = "everything"


class ConsentWithdrawal(Row, table=True):
    """A consent taken back, whole or for research alone; taken back for everything, it stops the product."""

    __table_args__ = (UniqueConstraint("consent_id", "scope"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    consent_id: int = points("consent")
    scope: Withdrawn = choice(Withdrawn)
    withdrawn_on: date = day()
    recorded_at: datetime = moment()
    reason: str = Field(max_length=500)


class Tissue(StrEnum):
    """Where the cells are to be taken; the rule set times blood samples by it."""

    BONE_MARROW = "bone_marrow"
    ADIPOSE = "adipose"
    WHARTONS_JELLY = "whartons_jelly"


class Sex(StrEnum):
    """Sex as recorded at screening, where a rule or a karyotype needs it."""

    FEMALE = "female"
    MALE = "male"


class Screening(Row, table=True):
    """One episode: interview and examination; results and decisions refer to it."""

    __table_args__ = (
        check("interview_is_whole", "(interviewed_on IS NULL) = (interview_clear IS NULL)"),
        check("examination_is_whole", "(examined_on IS NULL) = (examination_clear IS NULL)"),
    )
    frozen: ClassVar[tuple[str, ...]] = ("code", "donor_id", "tissue", "sex", "age_years", "opened_at")

    id: int | None = key()
    code: str = Field(unique=True, max_length=20)
    donor_id: int = points("donor")
    tissue: Tissue = choice(Tissue)
    opened_at: datetime = moment()
    sex: Sex = choice(Sex)
    age_years: int
    interviewed_on: date | None = day(nullable=True)
    interview_clear: bool | None = None
    examined_on: date | None = day(nullable=True)
    examination_clear: bool | None = None
    #: Donor, parent or sexual partner comes from an area of high HTLV prevalence (2012/39/EU).
    htlv_risk_area: bool = False


class Marker(StrEnum):
    """Infectious markers a rule set may ask for."""

    ANTI_HIV_1_2 = "anti_hiv_1_2"
    HBSAG = "hbsag"
    ANTI_HBC = "anti_hbc"
    ANTI_HCV = "anti_hcv"
    SYPHILIS_NON_SPECIFIC = "syphilis_non_specific"
    SYPHILIS_SPECIFIC = "syphilis_specific"
    ANTI_HTLV_I_II = "anti_htlv_i_ii"
    NAT_HIV = "nat_hiv"
    NAT_HBV = "nat_hbv"
    NAT_HCV = "nat_hcv"
    ANTI_CMV = "anti_cmv"
    NAT_WNV = "nat_wnv"


class Outcome(StrEnum):
    """What the laboratory reported."""

    NON_REACTIVE = "non_reactive"
    REACTIVE = "reactive"
    INDETERMINATE = "indeterminate"


class BloodOf(StrEnum):
    """Whose blood was tested: a newborn's tissue is judged by the birth mother's."""

    DONOR = "donor"
    BIRTH_MOTHER = "birth_mother"


class MarkerResult(Row, table=True):
    """One result; it is never edited: a later row supersedes it, with a reason."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        check("superseding_has_reason", "(supersedes_id IS NULL) = (reason IS NULL)"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    screening_id: int = points("screening")
    marker: Marker = choice(Marker)
    outcome: Outcome = choice(Outcome)
    blood_of: BloodOf = choice(BloodOf)
    sampled_at: datetime = moment()
    resulted_at: datetime = moment()
    laboratory: str = Field(max_length=80)
    kit: str = Field(default="", max_length=80)
    recorded_at: datetime = moment()
    #: Who entered it: that person does not decide on it.
    entered_by_id: int | None = points("person", nullable=True)
    supersedes_id: int | None = points("marker_result", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class DonorTyping(Row, table=True):
    """The donor's HLA typing as reported; loci that do not appear are untyped."""

    __table_args__ = (UniqueConstraint("supersedes_id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    donor_id: int = points("donor")
    #: Allele names separated by blanks, such as ``A*02:01 A*24:02 B*07:02``.
    alleles: str = Field(max_length=600)
    method: str = Field(max_length=80)
    laboratory: str = Field(max_length=80)
    typed_on: date = day()
    supersedes_id: int | None = points("donor_typing", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class Verdict(StrEnum):
    """What the rule set answers, and what a responsible person decides."""

    ELIGIBLE = "eligible"
    INCOMPLETE = "incomplete"
    RISK_ASSESSMENT = "risk_assessment"
    INELIGIBLE = "ineligible"


#: How grave each verdict is; the gravest line gives the verdict of the whole.
GRAVITY: dict[Verdict, int] = {verdict: grade for grade, verdict in enumerate(Verdict)}


class EligibilityDecision(Row, table=True):
    """A signed decision, with the rule set that judged and its explanation line by line."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    screening_id: int = points("screening")
    rule_set: str = Field(max_length=40)
    rule_set_version: str = Field(max_length=20)
    #: What the rules answered.
    judged: Verdict = choice(Verdict, called="judged")
    #: What the responsible person decided.
    decided: Verdict = choice(Verdict, called="decided")
    #: The explanation as JSON: a list of {rule, answer, sentence}.
    explanation: str = Field(sa_type=Text)
    reason: str = Field(default="", max_length=500)
    decided_at: datetime = moment()
    #: The day at the site that the rules judged the donation for.
    judged_on: date = day()
    #: The consent relied on, and the newest marker result of the donor that was shown.
    consent_id: int | None = points("consent", nullable=True, index=False)
    up_to_result_id: int | None = points("marker_result", nullable=True, index=False)
    signature_id: int = points("signature")


class UrgentNeed(Row, table=True):
    """Why an incomplete donor's cells may be taken and used all the same: signed, and the physician told.

    Source: 21 CFR 1271.60(d). It belongs to one decision: a later one needs its own.
    """

    append_only: ClassVar[bool] = True

    id: int | None = key()
    donor_id: int = points("donor")
    decision_id: int = Field(foreign_key="eligibility_decision.id", ondelete="RESTRICT", unique=True)
    need: str = Field(max_length=500)
    physician_id: int = points("person", index=False)
    told_on: date = day()
    documented_at: datetime = moment()
    signature_id: int = points("signature")
