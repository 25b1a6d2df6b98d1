"""Outside text about custody."""

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from app.custody.models import PlaceKind
from app.custody.place_rules import COLUMNS_MOST, ROWS_MOST
from app.web.forms import PlainDecimal

Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]


class PlaceForm(BaseModel):
    """A new place."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Z0-9][A-Z0-9./-]{0,38}$")]
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    kind: PlaceKind
    within: Code | None = None
    rows: Annotated[int, Field(ge=1, le=ROWS_MOST)] | None = None
    columns: Annotated[int, Field(ge=1, le=COLUMNS_MOST)] | None = None
    capacity: Annotated[int, Field(ge=1, le=100_000)] | None = None


class HandOverForm(BaseModel):
    """A unit goes to a place, in a condition, at a temperature."""

    unit: Code
    place: Code
    condition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    celsius: Annotated[PlainDecimal, Field(ge=-273, le=60, decimal_places=1)] | None = None
    taker: Code | None = None


class SittingForm(BaseModel):
    """What stays the same from scan to scan: how the containers look, and the place at hand."""

    condition: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
    celsius: Annotated[PlainDecimal, Field(ge=-273, le=60, decimal_places=1)] | None = None
    place: Code | None = None
    #: The unit of the last scan, shown in large letters.
    done: Code | None = None


class StationForm(BaseModel):
    """One scan: a place or a unit."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class PutBackForm(BaseModel):
    """A unit that was scanned by mistake."""

    unit: Code


class RestockForm(BaseModel):
    """Quality takes a returned unit back to stock, and signs."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
    sign_in: Code
    password: Annotated[str, StringConstraints(min_length=1, max_length=200)]
