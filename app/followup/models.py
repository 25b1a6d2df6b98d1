"""Visits with their windows, and what was found at them: values, activity, drugs, responses."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from app.kernel.tables import Row, check, choice, day, fixed, key, moment, points


class Timepoint(StrEnum):
    """The visits of the published series."""

    BASELINE = "baseline"
    MONTH_1 = "month_1"
    MONTH_3 = "month_3"
    MONTH_6 = "month_6"
    MONTH_9 = "month_9"


class Visit(Row, table=True):
    """One follow-up visit that took place; its window is judged under a stored version.

    ``in_window`` is empty for a baseline before any infusion: day zero is not known yet. The pages judge it
    by the same version once it is. Its day is corrected with a reason; the former one stays in `VisitDate`.
    """

    __table_args__ = (UniqueConstraint("recipient_id", "timepoint"),)
    frozen: ClassVar[tuple[str, ...]] = ("recipient_id", "timepoint", "recorded_at")

    id: int | None = key()
    recipient_id: int = points("recipient")
    timepoint: Timepoint = choice(Timepoint)
    happened_on: date = day()
    in_window: bool | None = None
    window_version: str = Field(max_length=40)
    note: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()


class VisitDate(Row, table=True):
    """A day that a visit was thought to have had, until it was corrected with a reason."""

    append_only: ClassVar[bool] = True

    id: int | None = key()
    visit_id: int = points("visit")
    was: date = day()
    became: date = day()
    reason: str = Field(max_length=500)
    corrected_at: datetime = moment()
    corrected_by_id: int = points("person", index=False)


class Analyte(StrEnum):
    """What is measured at a visit; unit, limits and bands are in `app/followup/definitions`."""

    PROTEIN_24H = "protein_24h"
    UPCR = "upcr"
    CREATININE = "creatinine"
    C3 = "c3"
    C4 = "c4"
    ANTI_DSDNA = "anti_dsdna"
    LEUCOCYTES = "leucocytes"
    PLATELETS = "platelets"
    URINE_RED_CELLS = "urine_red_cells"
    URINE_WHITE_CELLS = "urine_white_cells"
    TEMPERATURE = "temperature"


class Item(StrEnum):
    """The items of SLEDAI-2K, heaviest first, as on its sheet."""

    SEIZURE = "seizure"
    PSYCHOSIS = "psychosis"
    ORGANIC_BRAIN_SYNDROME = "organic_brain_syndrome"
    VISUAL_DISTURBANCE = "visual_disturbance"
    CRANIAL_NERVE_DISORDER = "cranial_nerve_disorder"
    LUPUS_HEADACHE = "lupus_headache"
    CEREBROVASCULAR_ACCIDENT = "cerebrovascular_accident"
    VASCULITIS = "vasculitis"
    ARTHRITIS = "arthritis"
    MYOSITIS = "myositis"
    URINARY_CASTS = "urinary_casts"
    HAEMATURIA = "haematuria"
    PROTEINURIA = "proteinuria"
    PYURIA = "pyuria"
    RASH = "rash"
    ALOPECIA = "alopecia"
    MUCOSAL_ULCERS = "mucosal_ulcers"
    PLEURISY = "pleurisy"
    PERICARDITIS = "pericarditis"
    LOW_COMPLEMENT = "low_complement"
    INCREASED_DNA_BINDING = "increased_dna_binding"
    FEVER = "fever"
    THROMBOCYTOPENIA = "thrombocytopenia"
    LEUCOPENIA = "leucopenia"


class Drug(StrEnum):
    """Steroids first, then what is given beside them."""

    PREDNISONE = "prednisone"
    PREDNISOLONE = "prednisolone"
    METHYLPREDNISOLONE = "methylprednisolone"
    DEFLAZACORT = "deflazacort"
    HYDROCORTISONE = "hydrocortisone"
    DEXAMETHASONE = "dexamethasone"
    MYCOPHENOLATE_MOFETIL = "mycophenolate_mofetil"
    MYCOPHENOLIC_ACID = "mycophenolic_acid"
    AZATHIOPRINE = "azathioprine"
    CYCLOPHOSPHAMIDE = "cyclophosphamide"
    TACROLIMUS = "tacrolimus"
    CICLOSPORIN = "ciclosporin"
    HYDROXYCHLOROQUINE = "hydroxychloroquine"


class Sex(StrEnum):
    """As the equation for kidney function counts it."""

    FEMALE = "female"
    MALE = "male"


def _first_of(table: str, *columns: str) -> Index:
    """One first row for each subject; what comes later supersedes another row."""
    first = text("supersedes_id IS NULL")
    return Index(f"uq_{table}_first", *columns, unique=True, sqlite_where=first, postgresql_where=first)


_HAS_REASON = "(supersedes_id IS NULL) = (reason IS NULL)"


class Measurement(Row, table=True):
    """One value of a visit, in the unit of its analyte; a later row with a reason takes its place.

    ``below`` marks a result reported as less than ``value``, the limit of the method. ``computed_under`` is
    the version of the equation that turns a creatinine into an eGFR, else empty.
    """

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        _first_of("measurement", "visit_id", "analyte"),
        check("superseding_has_reason", _HAS_REASON),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    visit_id: int = points("visit")
    analyte: Analyte = choice(Analyte)
    value: Decimal = fixed(3)
    below: bool = False
    analytes_version: str = Field(max_length=40)
    computed_under: str = Field(default="", max_length=40)
    #: Why the value is right although Hilo asked, such as ten times the one before.
    explanation: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
    supersedes_id: int | None = points("measurement", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class Activity(Row, table=True):
    """The 24 items of SLEDAI-2K at a visit: which were present. The score is computed, never typed."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        _first_of("activity", "visit_id"),
        check("superseding_has_reason", _HAS_REASON),
        check("score_of_the_instrument", "score BETWEEN 0 AND 105"),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    visit_id: int = points("visit")
    #: Words of `Item` in the order of the sheet, parted by blanks; all others were absent.
    present: str = Field(default="", sa_type=Text)
    score: int
    instrument_version: str = Field(max_length=40)
    #: Why an item is absent although its laboratory value says otherwise.
    explanation: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
    supersedes_id: int | None = points("activity", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class Medication(Row, table=True):
    """The drugs a recipient took at a visit, as one list; a later list with a reason takes its place."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        _first_of("medication", "visit_id"),
        check("superseding_has_reason", _HAS_REASON),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    visit_id: int = points("visit")
    #: All steroids of the list together, in mg of prednisone a day.
    prednisone_mg: Decimal = fixed(2)
    steroids_version: str = Field(max_length=40)
    explanation: str = Field(default="", max_length=500)
    recorded_at: datetime = moment()
    supersedes_id: int | None = points("medication", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class MedicationDose(Row, table=True):
    """One drug of a list, in mg a day."""

    __table_args__ = (UniqueConstraint("medication_id", "drug"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    medication_id: int = points("medication", index=False)
    drug: Drug = choice(Drug)
    mg_per_day: Decimal = fixed(2)


class RecipientSex(Row, table=True):
    """Which of the two curves of the eGFR equation counts for a recipient."""

    __table_args__ = (
        UniqueConstraint("supersedes_id"),
        _first_of("recipient_sex", "recipient_id"),
        check("superseding_has_reason", _HAS_REASON),
    )
    append_only: ClassVar[bool] = True

    id: int | None = key()
    recipient_id: int = points("recipient")
    sex: Sex = choice(Sex)
    recorded_at: datetime = moment()
    supersedes_id: int | None = points("recipient_sex", nullable=True, index=False)
    reason: str | None = Field(default=None, max_length=500)


class Definition(StrEnum):
    """Whose definition of a renal response."""

    KDIGO_2024 = "kdigo_2024"
    EULAR = "eular"


class Response(StrEnum):
    """What a definition says of a visit; EULAR's marks are reached or missed."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    NO_RESPONSE = "no_response"
    REACHED = "reached"
    MISSED = "missed"
    NOT_ASSESSABLE = "not_assessable"


class ResponseJudgement(Row, table=True):
    """A visit held against the baseline under one definition; a later row of the two takes its place."""

    __table_args__ = (Index("ix_response_judgement_of", "visit_id", "definition", "id"),)
    append_only: ClassVar[bool] = True

    id: int | None = key()
    visit_id: int = points("visit", index=False)
    definition: Definition = choice(Definition)
    response: Response = choice(Response)
    #: The figures it rests on, in words.
    sentence: str = Field(sa_type=Text)
    #: Keys of the measurements that were read, in order.
    rests_on: str = Field(max_length=200)
    responses_version: str = Field(max_length=40)
    judged_at: datetime = moment()
