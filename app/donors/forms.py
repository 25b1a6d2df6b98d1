"""What is typed about donors; the same classes serve pages and the console."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.donors.models import BloodOf, ConsentScope, Marker, Outcome, Sex, Tissue, Verdict, Withdrawn
from app.kernel.speech import phrase
from app.web.forms import PlainDate, PlainInteger, PlainMoment


class DonorForm(BaseModel):
    """Base: blanks around text are cut, unknown fields refused."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="forbid")


class IdentityForm(DonorForm):
    """Who the donor is. Kept apart from everything else."""

    family_name: str = Field(min_length=1, max_length=80)
    given_name: str = Field(min_length=1, max_length=80)
    born_on: PlainDate = Field(title="date of birth")
    record_number: str = Field(min_length=1, max_length=40)
    contact: str = Field(default="", max_length=200)


class ReasonForm(DonorForm):
    """A reason, where one is all that is asked."""

    reason: str = Field(max_length=500)


class ConsentForm(DonorForm):
    """A consent the donor signed on paper."""

    form_version: str = Field(max_length=40, title="version of the consent form")
    scope: ConsentScope
    signed_on: PlainDate


class WithdrawalForm(DonorForm):
    """A consent taken back."""

    scope: Withdrawn = Field(title="what is taken back")
    withdrawn_on: PlainDate
    reason: str = Field(max_length=500)


class HistoryForm(DonorForm):
    """Interview and examination, each with its day and whether anything speaks against donation."""

    interviewed_on: PlainDate | None = None
    interview_clear: bool | None = Field(default=None, title="interview")
    htlv_risk_area: bool = Field(default=False, title="HTLV area")
    examined_on: PlainDate | None = None
    examination_clear: bool | None = Field(default=None, title="examination")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.interviewed_on is None) is not (self.interview_clear is None):
            raise ValueError(phrase("give the interview both its day and its outcome, or neither"))
        if (self.examined_on is None) is not (self.examination_clear is None):
            raise ValueError(phrase("give the examination both its day and its outcome, or neither"))
        if self.htlv_risk_area and self.interviewed_on is None:
            raise ValueError(phrase("the HTLV area is asked in the interview: give its day and outcome"))
        return self


class ScreeningForm(HistoryForm):
    """A new screening episode; interview and examination may follow."""

    tissue: Tissue
    sex: Sex
    age_years: PlainInteger = Field(ge=0, le=120, title="age in years")


class MarkerForm(DonorForm):
    """One result, as the laboratory reported it."""

    marker: Marker
    outcome: Outcome
    blood_of: BloodOf = Field(default=BloodOf.DONOR, title="whose blood")
    sampled_at: PlainMoment = Field(title="sample drawn")
    resulted_at: PlainMoment = Field(title="result reported")
    laboratory: str = Field(min_length=1, max_length=80)
    kit: str = Field(default="", max_length=80)


class SupersedingForm(DonorForm):
    """A result that takes the place of an earlier one of the same marker, and why."""

    outcome: Outcome
    blood_of: BloodOf = Field(default=BloodOf.DONOR, title="whose blood")
    sampled_at: PlainMoment = Field(title="sample drawn")
    resulted_at: PlainMoment = Field(title="result reported")
    laboratory: str = Field(min_length=1, max_length=80)
    kit: str = Field(default="", max_length=80)
    reason: str = Field(max_length=500)


class TypingForm(DonorForm):
    """An HLA typing as the report spells it; ``reason`` where it takes the place of an earlier one."""

    alleles: str = Field(min_length=1, max_length=600)
    method: str = Field(min_length=1, max_length=80)
    laboratory: str = Field(min_length=1, max_length=80)
    typed_on: PlainDate
    reason: str = Field(default="", max_length=500)


class SignedForm(DonorForm):
    """A reason and the sign box."""

    reason: str = Field(default="", max_length=500)
    sign_in: str = Field(max_length=40, title="sign-in name")
    password: str = Field(max_length=128)


class UrgentNeedForm(SignedForm):
    """Why an incomplete donor is needed, and which physician was told."""

    physician: str = Field(max_length=40, title="sign-in name of the physician")
    told_on: PlainDate = Field(title="day the physician was told")


class DecisionForm(SignedForm):
    """A decision on eligibility; ``shown`` is the digest of the record on the page."""

    decided: Verdict = Field(title="decision")
    shown: str = Field(max_length=64)
