"""What people type about a recipient."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

from app.recipients.models import ConsentScope
from app.web.forms import PlainDate

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00-\x1f]+$")
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class IdentityForm(BaseModel):
    """Who the patient is; kept apart from everything else."""

    model_config = ConfigDict(extra="ignore")

    family_name: Name
    given_name: Name
    born_on: PlainDate
    record_number: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=r"^[^\x00-\x1f]+$")
    ]


class RegisterForm(IdentityForm):
    """A new recipient."""

    diagnosis: Words


class TypingForm(BaseModel):
    """An HLA typing as the laboratory reported it."""

    model_config = ConfigDict(extra="ignore")

    alleles: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
    method: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    laboratory: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    typed_on: PlainDate
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ConsentForm(BaseModel):
    """The patient's signed consent; the sheet itself may come with it as a PDF."""

    model_config = ConfigDict(extra="ignore")

    signed_on: PlainDate
    form_version: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    scope: ConsentScope
    kept_at: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=120)]


class ConsentWithdrawalForm(BaseModel):
    """The patient took the consent back."""

    model_config = ConfigDict(extra="ignore")

    consent: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    withdrawn_on: PlainDate
    withdrawn_reason: Reason


class ApplyForm(BaseModel):
    """The scan of a fresh wristband on the wrist."""

    model_config = ConfigDict(extra="ignore")

    code: Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class VoidForm(BaseModel):
    """Why a wristband no longer counts."""

    model_config = ConfigDict(extra="ignore")

    serial: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    reason: Reason
