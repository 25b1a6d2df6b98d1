"""What people type about a cytometry file, and about what was counted in it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.cytometry.populations import Kind, populations
from app.kernel.speech import say
from app.web.forms import Faults, PlainDate, PlainInteger, plain_decimal, typed


class FlowForm(BaseModel):
    """Whose file this is, when the blood was drawn, and what was stained."""

    model_config = ConfigDict(extra="ignore")

    recipient: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
    collected_on: PlainDate
    panel: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class PictureForm(BaseModel):
    """Which two channels of which data set to draw; numbers count from 1."""

    model_config = ConfigDict(extra="ignore")

    data_set: PlainInteger = Field(default=1, ge=1, le=999)
    x: PlainInteger | None = Field(default=None, ge=1, le=9999)
    y: PlainInteger | None = Field(default=None, ge=1, le=9999)


class SampleForm(BaseModel):
    """Of which sample the populations are, and in which file they were counted."""

    model_config = ConfigDict(extra="ignore")

    collected_on: PlainDate = Field(title="Sample collected on")
    file: Annotated[str, StringConstraints(strip_whitespace=True, max_length=30)] = ""
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


def counts_of(source: Mapping[str, str]) -> dict[Kind, Decimal] | Faults:
    """Values typed twice: field ``first-`` and ``again-`` of each population must say the same number.

    The second time is typed from the report again, not copied: two slips alike are far rarer than one.
    """
    found: dict[Kind, Decimal] = {}
    errors: dict[str, str] = {}
    for kind, followed in populations().followed.items():
        first, again = (source.get(f"{time}-{kind.name}", "").strip() for time in ("first", "again"))
        if not first and not again:
            continue
        numbers = [_number(text) for text in (first, again)]
        if None in numbers:
            errors[f"first-{kind.name}"] = say(
                "{name}: write a number such as 14 or 3.1 both times, with a point and at most two "
                "digits after it.",
                name=followed.says,
            )
        elif numbers[0] != numbers[1]:
            errors[f"again-{kind.name}"] = say(
                "{name}: {first} the first time and {again} the second. Look at the report again.",
                name=followed.says,
                first=first,
                again=again,
            )
        elif numbers[0] is not None:
            found[kind] = numbers[0]
    return Faults(errors, typed(source)) if errors else found


def _number(text: str) -> Decimal | None:
    try:
        value = plain_decimal(text)
    except PydanticCustomError:
        return None
    return value if isinstance(value, Decimal) and value == round(value, 2) else None
