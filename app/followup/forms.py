"""What people type about a visit."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.followup.models import Timepoint
from app.web.forms import PlainDate


class VisitForm(BaseModel):
    """A visit that took place."""

    model_config = ConfigDict(extra="ignore")

    timepoint: Timepoint = Field(title="Visit")
    happened_on: PlainDate = Field(title="Date of the visit")
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
