"""Outside text about labels."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from app.labeling.models import LabelState
from app.labeling.rules import LONGEST_REASON

Scanned = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=LONGEST_REASON)]
SignIn = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]


class PrintForm(BaseModel):
    """Units, a stock and, for a reprint, why and in front of whom."""

    unit: Annotated[
        list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=500, title="units")
    ]
    stock: Annotated[str, Field(max_length=40)]
    reason: Reason | None = None
    second_sign_in: SignIn | None = Field(default=None, title="second person")


class ApplyForm(BaseModel):
    """A piece scanned back, and the unit in hand where the bench names one."""

    code: Scanned = Field(title="label")
    unit: Annotated[str, Field(max_length=40)] | None = None


class VoidForm(BaseModel):
    """A loose piece that will not be used."""

    code: Scanned = Field(title="serial of the piece")
    state: Literal[LabelState.SPOILED, LabelState.SPECIMEN, LabelState.RETURNED] = Field(
        title="what happened"
    )
    reason: Reason


class DestroyForm(BaseModel):
    """A void piece, destroyed in front of a second person."""

    code: Scanned = Field(title="serial of the piece")
    second_sign_in: SignIn = Field(title="second person")
