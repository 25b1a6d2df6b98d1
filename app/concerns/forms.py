"""What people type about holds and deviations."""

from pydantic import BaseModel, ConfigDict, Field

from app.concerns.models import Severity, SubjectKind
from app.concerns.rules import LONGEST_REASON


class HoldForm(BaseModel):
    """A stop to place."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: SubjectKind = Field(title="what it lies on")
    code: str = Field(max_length=60)
    why: str = Field(max_length=LONGEST_REASON, title="reason")


class LiftForm(BaseModel):
    """A lifting, with the sign box."""

    model_config = ConfigDict(str_strip_whitespace=True)

    reason: str = Field(max_length=LONGEST_REASON)
    sign_in: str = Field(max_length=40, title="sign-in name")
    password: str = Field(max_length=128)


class DeviationForm(BaseModel):
    """A deviation to open."""

    model_config = ConfigDict(str_strip_whitespace=True)

    kind: SubjectKind = Field(title="what it is about")
    code: str = Field(max_length=60)
    severity: Severity
    what: str = Field(min_length=1, max_length=LONGEST_REASON, title="what happened")


class AssessForm(BaseModel):
    """What a deviation means, with the sign box."""

    model_config = ConfigDict(str_strip_whitespace=True)

    impact: str = Field(min_length=1, max_length=LONGEST_REASON)
    severity: Severity
    sign_in: str = Field(max_length=40, title="sign-in name")
    password: str = Field(max_length=128)


class CloseForm(BaseModel):
    """Why it happened and what was done, with the sign box."""

    model_config = ConfigDict(str_strip_whitespace=True)

    root_cause: str = Field(min_length=1, max_length=LONGEST_REASON, title="root cause")
    correction: str = Field(min_length=1, max_length=LONGEST_REASON)
    sign_in: str = Field(max_length=40, title="sign-in name")
    password: str = Field(max_length=128)
