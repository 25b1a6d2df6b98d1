"""What people type about a cytometry file."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.web.forms import PlainDate, PlainInteger


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
