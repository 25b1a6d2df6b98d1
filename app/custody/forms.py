"""Outside text about custody."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.custody.models import PlaceKind
from app.web.forms import PlainDecimal

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class PlaceForm(BaseModel):
    """A new place."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z0-9][A-Z0-9./-]{0,38}$")]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    kind: PlaceKind
    within: Code | None = None


class HandOverForm(BaseModel):
    """A unit goes to a place, in a condition, at a temperature."""

    unit: Code
    place: Code
    condition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    celsius: Annotated[PlainDecimal, Field(ge=-273, le=60, decimal_places=1)] | None = None
    taker: Code | None = None
