"""What comes in from the bedside: scans, signatures, volumes and times."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from app.bedside.models import EntrySource, Outcome, ReactionKind, VitalsPoint
from app.web.forms import PlainDecimal, PlainInteger, PlainMoment, plain_moment


def _device_time(value: object) -> object:
    """The device's own clock; what cannot be read is left out, a scan is never lost for it."""
    try:
        return plain_moment(value)
    except ValueError:
        return None


def _source(value: object) -> object:
    """How the code came in; anything that does not say it was scanned counts as typed."""
    words = {"hand_scanner": EntrySource.SCANNED, "wedge": EntrySource.SCANNED, "camera": EntrySource.CAMERA}
    if isinstance(value, EntrySource):
        return value
    return words.get(str(value), str(value) if value in list(EntrySource) else EntrySource.TYPED)


class ScanForm(BaseModel):
    """One reading at the bed. ``check`` is empty for the first wristband."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    #: Cut to its place in the row only after it was judged; a scan is never refused for its length.
    text: str = Field(default="", alias="code")
    request_key: Annotated[str, StringConstraints(min_length=8, max_length=80)] = Field(alias="scan_key")
    source: Annotated[EntrySource, BeforeValidator(_source)] = Field(
        default=EntrySource.TYPED, alias="scan_by"
    )
    device_at: Annotated[datetime | None, BeforeValidator(_device_time)] = Field(
        default=None, alias="scan_at"
    )
    check: Annotated[str, StringConstraints(max_length=20)] = ""
    typed_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ThawForm(ScanForm):
    """The label scanned as the bag is thawed; a time only where the scan came later, with the reason."""

    thawed_at: PlainMoment | None = None
    thaw_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class OverrideForm(BaseModel):
    """A physician decides against a STOP, with a second person of another role; both give their password."""

    model_config = ConfigDict(extra="ignore")

    overridden: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=500)]


class TwoSignaturesForm(BaseModel):
    """Two people, each with their own password."""

    model_config = ConfigDict(extra="ignore")

    sign_in: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    second_sign_in: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    second_password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class VitalsForm(BaseModel):
    """Vital signs at one point; over an entry that is there already the reason is needed."""

    model_config = ConfigDict(extra="ignore")

    point: VitalsPoint
    measured_at: PlainMoment
    celsius: Annotated[PlainDecimal, Field(title="Temperature", ge=0, lt=1000, decimal_places=1)]
    pulse_per_min: Annotated[PlainInteger, Field(title="Pulse", ge=0, lt=10_000)]
    systolic_mmhg: Annotated[PlainInteger, Field(title="Upper blood pressure", ge=0, lt=10_000)]
    diastolic_mmhg: Annotated[PlainInteger, Field(title="Lower blood pressure", ge=0, lt=10_000)]
    breaths_per_min: Annotated[PlainInteger, Field(title="Breaths", ge=0, lt=10_000)]
    oxygen_percent: Annotated[PlainInteger, Field(title="Oxygen saturation", ge=0, lt=10_000)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ReactionForm(BaseModel):
    """Something that happened to the patient, graded by CTCAE."""

    model_config = ConfigDict(extra="ignore")

    kind: ReactionKind
    told: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    grade: Annotated[PlainInteger, Field(ge=1, le=5)]
    onset_at: PlainMoment
    outcome: Outcome
    over_at: PlainMoment | None = None
    treatment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ReactionOverForm(BaseModel):
    """How and when a reaction ended."""

    model_config = ConfigDict(extra="ignore")

    outcome: Outcome
    over_at: PlainMoment


class StartForm(BaseModel):
    """The start of an infusion, with what was measured at thaw. Cells are entered in millions.

    When it was thawed is known from the scan of the label.
    """

    model_config = ConfigDict(extra="ignore")

    started_at: PlainMoment
    volume_ml: Annotated[PlainDecimal, Field(title="Volume", ge=0, lt=100_000, decimal_places=2)]
    viable_million: Annotated[
        PlainDecimal, Field(title="Viable cells at thaw", gt=0, lt=1_000_000, decimal_places=6)
    ]
    viability_percent: Annotated[PlainDecimal, Field(title="Viability", ge=0, lt=10_000, decimal_places=1)]
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""

    @property
    def viable_cells(self) -> int:
        """Viable cells at thaw, whole."""
        return int(self.viable_million * Decimal(10**6))


class EndForm(BaseModel):
    """The end of an infusion."""

    model_config = ConfigDict(extra="ignore")

    ended_at: PlainMoment
    residual_ml: Annotated[
        PlainDecimal, Field(title="Left in bag and line", gt=-100_000, lt=100_000, decimal_places=2)
    ]
    flush_ml: (
        Annotated[PlainDecimal, Field(title="Flush", gt=-100_000, lt=100_000, decimal_places=2)] | None
    ) = None
    stopped_early_because: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class SignForm(BaseModel):
    """The electronic signature under the check as it was shown."""

    model_config = ConfigDict(extra="ignore")

    sign_in: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    password: Annotated[str, StringConstraints(min_length=1, max_length=1000)]
    shown: Annotated[str, StringConstraints(max_length=64)] = ""
