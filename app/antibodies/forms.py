"""What people type about sera and bead files."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.antibodies.fusion import DateOrder
from app.web.forms import Faults, PlainDate, read, typed

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]


class UploadForm(BaseModel):
    """Whose bead file this is, and how its laboratory writes dates."""

    model_config = ConfigDict(extra="ignore")

    recipient: Code
    date_order: DateOrder = Field(title="Order of day and month")


class AssignForm(UploadForm):
    """The second step: why former results are replaced, if any are."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class WithdrawForm(BaseModel):
    """Why a run no longer counts, and who signs."""

    model_config = ConfigDict(extra="ignore")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    sign_in: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)] = Field(
        title="Sign-in name"
    )


class _DrawnForm(BaseModel):
    """The day one serum was drawn."""

    model_config = ConfigDict(extra="ignore")

    drawn_on: PlainDate | None = Field(default=None, title="Drawn on")


def drawn_days(source: Mapping[str, str], names: list[str]) -> dict[str, date] | Faults:
    """The days of the second step, by the sample's name; samples without a day are left out.

    The field of the first sample of the file is ``drawn-1``, and so on: a sample's name is whatever the
    laboratory typed and never becomes the name of a field.
    """
    days: dict[str, date] = {}
    errors: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        field = f"drawn-{number}"
        answer = read(_DrawnForm, {"drawn_on": source.get(field, "")})
        if isinstance(answer, Faults):
            errors[field] = next(iter(answer.errors.values()))
        elif answer.drawn_on is not None:
            days[name] = answer.drawn_on
    return Faults(errors, typed(source)) if errors else days
