"""What is typed on an order."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.web.forms import PlainDate, PlainDecimal

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class PrescribeForm(BaseModel):
    """A prescription. The dose is entered in millions of viable cells, as physicians say it."""

    model_config = ConfigDict(extra="ignore")

    recipient: Code
    product: Text
    dose_million: Annotated[PlainDecimal, Field(gt=0, lt=1_000_000, decimal_places=6)]
    route: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    weight_kg: Annotated[PlainDecimal, Field(gt=0, lt=10_000, decimal_places=1)]
    weighed_on: PlainDate
    planned_on: PlainDate

    @property
    def dose_viable_cells(self) -> int:
        """The dose as a whole number of cells."""
        return int(self.dose_million * Decimal(10**6))


class SignForm(BaseModel):
    """The electronic signature under a record as it was shown."""

    model_config = ConfigDict(extra="ignore")

    sign_in: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    shown: Annotated[str, StringConstraints(max_length=64)] = ""


class AllocateForm(BaseModel):
    """Which bag for the order: its code, or its label's serial from the scanner."""

    model_config = ConfigDict(extra="ignore")

    unit: Code


class ReasonForm(BaseModel):
    """Why something is undone or not done."""

    model_config = ConfigDict(extra="ignore")

    reason: Reason
