"""Outside text about shipments."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.custody.forms import Code
from app.kernel.speech import phrase
from app.web.forms import PlainDecimal

Condition = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=200)]
Celsius = Annotated[PlainDecimal, Field(ge=-273, le=60, decimal_places=1)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
#: Units that fit on one form.
MOST_UNITS = 60


class ShipmentForm(BaseModel):
    """A new shipment."""

    origin: Code = Field(title="from")
    destination: Code = Field(title="to")
    shipper: Code
    logger: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][\w ./-]{0,39}$")]
    courier: Code


class PackForm(BaseModel):
    """A unit goes into the shipper."""

    unit: Code
    condition: Condition
    celsius: Celsius | None = None


class TravelForm(BaseModel):
    """The courier takes the shipper over."""

    condition: Condition
    celsius: Celsius | None = None


class ReceiveForm(BaseModel):
    """The units that were scanned when the shipper was opened, one on each line."""

    units: Annotated[str, StringConstraints(max_length=4000)] = Field(default="", title="units")
    condition: Condition
    celsius: Celsius | None = None
    missing_reason: Reason | None = Field(default=None, title="why units are missing")

    @property
    def scanned(self) -> tuple[str, ...]:
        """The texts that were scanned, each once, in order."""
        return tuple(dict.fromkeys(text for text in re.split(r"[\r\n,;]+", self.units) if text.strip()))

    @model_validator(mode="after")
    def _not_too_many(self) -> Self:
        if len(self.scanned) > MOST_UNITS:
            raise PydanticCustomError("too_many", phrase("At most 60 units are received at once"))
        return self


class CancelForm(BaseModel):
    """A shipment that will not leave."""

    reason: Reason


class LoggerZone(StrEnum):
    """Whose clock the times of a logger's file are, where it does not say so itself."""

    SITE = "site"
    UTC = "utc"


class LoggerForm(BaseModel):
    """What a person says beside a logger's file."""

    zone: LoggerZone | None = None
    reason: Reason | None = None


class NoLoggerForm(BaseModel):
    """There is no file: why."""

    reason: Reason
