"""Three patients over nine months: every number is ours, its shape that of the published series."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.cytometry.models import Gate, Population, Statistic
from app.cytometry.populations import Kind
from app.example.calendar import MONTH_1, MONTH_3, MONTH_6, MONTH_9, REGISTERED
from app.followup.analytes import Value
from app.followup.models import Analyte, Drug, Item, Sex
from app.followup.questions import Findings

_DNA = frozenset({Item.INCREASED_DNA_BINDING})
_SEROLOGY = _DNA | {Item.LOW_COMPLEMENT}
_URINE = _SEROLOGY | {Item.PROTEINURIA}
_ACTIVE = _URINE | {Item.HAEMATURIA, Item.ARTHRITIS}

#: Of each analyte, the value where its item is absent and where it is present.
_AGREEING: Mapping[Analyte, tuple[Item, str, str]] = {
    Analyte.C3: (Item.LOW_COMPLEMENT, "1.05", "0.61"),
    Analyte.C4: (Item.LOW_COMPLEMENT, "0.22", "0.07"),
    Analyte.ANTI_DSDNA: (Item.INCREASED_DNA_BINDING, "9", "64"),
    Analyte.URINE_RED_CELLS: (Item.HAEMATURIA, "2", "18"),
}


@dataclass(frozen=True, slots=True)
class Day:
    """One visit: its day, the items present, and the figures of that day."""

    day: str
    present: frozenset[Item]
    protein_g: str
    creatinine_umol_l: str
    prednisone_mg: str
    #: Highest MFI of the bead that is followed.
    mfi: float
    #: Regulatory T cells in % of CD4+ cells, B cells in % of lymphocytes, HLA-DR of CD14+ cells as median
    #: fluorescence.
    counts: tuple[str, str, str]
    #: The day of entry, where it was entered late.
    entered: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """A patient's baseline and months 1, 3, 6 and 9; ``bead`` is the antibody that is followed."""

    patient: str
    sex: Sex
    bead: str
    days: tuple[Day, Day, Day, Day, Day]

    def findings(self, number: int) -> Findings:
        """What was found at a visit; laboratory values agree with the items, as the rules ask."""
        day = self.days[number]
        values = {
            analyte: Value(Decimal(high if item in day.present else low))
            for analyte, (item, low, high) in _AGREEING.items()
        }
        values[Analyte.PROTEIN_24H] = Value(Decimal(day.protein_g))
        values[Analyte.CREATININE] = Value(Decimal(day.creatinine_umol_l))
        doses = {Drug.PREDNISONE: Decimal(day.prednisone_mg), Drug.HYDROXYCHLOROQUINE: Decimal(200)}
        return Findings(values, day.present, doses, None if number else self.sex)


#: What the counts of a day are counts of.
COUNTED = (
    Kind(Population.TREG, Gate.CD4, Statistic.PERCENT),
    Kind(Population.CD19, Gate.LYMPHOCYTES, Statistic.PERCENT),
    Kind(Population.HLA_DR, Gate.CD14, Statistic.MFI),
)

COURSES = (
    Course(
        "LN-01",
        Sex.FEMALE,
        "A*24:02",
        (
            Day(
                REGISTERED,
                _ACTIVE | {Item.URINARY_CASTS, Item.RASH},
                "3.8",
                "96",
                "30",
                240,
                ("3.1", "14", "5200"),
            ),
            Day(MONTH_1, _URINE, "0.9", "84", "20", 260, ("4.6", "12", "6100")),
            Day(MONTH_3, _SEROLOGY, "0.5", "78", "10", 210, ("5.4", "11", "6800")),
            Day(MONTH_6, _DNA, "0.3", "74", "7.5", 230, ("5.2", "10", "6900")),
            Day(MONTH_9, _DNA, "0.3", "73", "5", 190, ("5", "10", "7000")),
        ),
    ),
    Course(
        "LN-02",
        Sex.FEMALE,
        "A*24:02",
        (
            Day("2025-05-12", _ACTIVE, "2.6", "88", "20", 180, ("3.4", "16", "4900")),
            Day("2025-06-20", _URINE - {Item.LOW_COMPLEMENT}, "0.6", "80", "15", 1850, ("4.8", "13", "5800")),
            Day("2025-08-20", _SEROLOGY, "0.4", "76", "10", 900, ("5.1", "12", "6300")),
            Day("2025-11-20", _DNA, "0.3", "75", "5", 420, ("5.3", "11", "6400")),
            Day("2026-02-20", frozenset(), "0.2", "74", "5", 310, ("5.2", "11", "6600")),
        ),
    ),
    Course(
        "LN-03",
        Sex.MALE,
        "B*35:01",
        (
            Day(
                "2025-06-16", _ACTIVE | {Item.URINARY_CASTS}, "5.1", "118", "40", 3200, ("2.7", "18", "4400")
            ),
            Day("2025-07-25", _URINE | {Item.HAEMATURIA}, "1.9", "109", "30", 3050, ("3.6", "16", "4900")),
            Day("2025-09-25", _URINE | {Item.RASH}, "1.6", "104", "25", 3400, ("3.9", "15", "5200")),
            Day("2026-01-20", _URINE, "1.4", "103", "20", 2900, ("4", "15", "5300"), entered="2026-02-03"),
            Day("2026-03-25", _URINE, "1.3", "101", "20", 3100, ("4.1", "14", "5400")),
        ),
    ),
)
