"""Outside text about materials and equipment."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.web.forms import PlainDate, PlainMoment

Words = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class MaterialForm(BaseModel):
    """A reagent or consumable lot that arrived."""

    model_config = ConfigDict(str_strip_whitespace=True)

    code: str | None = Field(default=None, max_length=30)
    name: Words
    supplier: Words
    supplier_lot: Annotated[str, StringConstraints(min_length=1, max_length=60)] = Field(
        title="lot on the pack"
    )
    expires_on: PlainDate = Field(title="expiry on the pack")
    received_at: PlainMoment


class EquipmentForm(BaseModel):
    """A device that touches a product."""

    model_config = ConfigDict(str_strip_whitespace=True)

    code: str | None = Field(default=None, max_length=30)
    name: Words
    calibration_due_on: PlainDate = Field(title="calibration due")


class CalibrationForm(BaseModel):
    """A device that was calibrated."""

    model_config = ConfigDict(str_strip_whitespace=True)

    calibrated_on: PlainDate
    due_on: PlainDate = Field(title="next due")
    certificate: Words
