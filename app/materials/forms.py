"""Outside text about materials and equipment."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.materials.rules import barcode_text
from app.web.forms import PlainDate, PlainInteger, PlainMoment

Words = Annotated[str, StringConstraints(min_length=1, max_length=120)]


def _barcode(read: object) -> object:
    return barcode_text(read) if isinstance(read, str) else read


Barcode = Annotated[str, BeforeValidator(_barcode), StringConstraints(max_length=120)]
Days = Annotated[PlainInteger, Field(ge=1, le=3650)]


class _Form(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)


class MaterialForm(_Form):
    """A reagent or consumable lot that arrived."""

    code: str | None = Field(default=None, max_length=30)
    name: Words
    supplier: Words
    supplier_lot: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(
        title="lot on the pack"
    )
    expires_on: PlainDate = Field(title="expiry on the pack")
    received_at: PlainMoment
    barcode: Barcode = Field(default="", title="barcode on the pack")
    use_within_days: Days | None = Field(default=None, title="days of use after opening")


class OpeningForm(_Form):
    """A pack that was opened."""

    opened_on: PlainDate
    use_within_days: Days | None = Field(default=None, title="days of use after opening")


class EquipmentForm(_Form):
    """A device that touches a product."""

    code: str | None = Field(default=None, max_length=30)
    name: Words
    calibrated_on: PlainDate
    calibration_due_on: PlainDate = Field(title="calibration due")
    certificate: Words


class CalibrationForm(_Form):
    """A device that was calibrated."""

    calibrated_on: PlainDate
    due_on: PlainDate = Field(title="next due")
    certificate: Words
