"""What people type about holds."""

from pydantic import BaseModel, ConfigDict, Field

from app.concerns.models import SubjectKind
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
