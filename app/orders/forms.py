"""What is typed on an order."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.orders.models import DoseBasis, Regime
from app.web.forms import PlainDate, PlainDecimal

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class PrescribeForm(BaseModel):
    """A prescription. The dose is entered in millions of viable cells, in all or per kg of body weight."""

    model_config = ConfigDict(extra="ignore")

    recipient: Code
    product: Text
    dose_basis: DoseBasis = DoseBasis.CELLS
    dose_million: Annotated[PlainDecimal, Field(gt=0, lt=1_000_000, decimal_places=6)]
    route: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    weight_kg: Annotated[PlainDecimal, Field(gt=0, lt=10_000, decimal_places=1)]
    weighed_on: PlainDate
    planned_on: PlainDate
    regime: Regime
    authorisation_number: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=3, max_length=60)
    ]
    authorised_on: PlainDate

    @property
    def dose_viable_cells(self) -> int:
        """The dose in viable cells; one that was said per kg is multiplied by the weight, down to a cell."""
        entered = self.dose_million * Decimal(10**6)
        return int(entered if self.dose_basis is DoseBasis.CELLS else entered * self.weight_kg)

    @property
    def dose_cells_per_kg(self) -> int:
        """The dose in viable cells per kg of body weight, as entered or computed, down to a cell."""
        if self.dose_basis is DoseBasis.CELLS_PER_KG:
            return int(self.dose_million * Decimal(10**6))
        return self.dose_viable_cells * 10 // int(self.weight_kg * 10)


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
