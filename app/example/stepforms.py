"""Steps of the story as forms: thaw, seed, harvest, with the reagents and devices of the process."""

from datetime import datetime, timedelta
from decimal import Decimal

from app.lots.models import StepKind, UnitKind
from app.lots.stepform import StepForm, Yield

MILLION = 10**6
#: Two lots of platelet lysate: the second one is shared by MSC-25-001 and MSC-25-002 and by no other lot.
LYSATE, SHARED_LYSATE = "MAT-24-006", "MAT-24-002"
MEDIUM, TRYPSIN, ALBUMIN, DMSO = "MAT-24-001", "MAT-24-003", "MAT-24-004", "MAT-24-005"
INCUBATOR, COUNTER, FREEZER = "EQ-001", "EQ-002", "EQ-003"
FREEZING = (TRYPSIN, ALBUMIN, DMSO)

Million = Decimal | int | str


def cells(million: Million) -> int:
    """So many millions of cells."""
    return int(Decimal(million) * MILLION)


def share(kind: UnitKind, million: Million, count: int, ml: int) -> Yield:
    """So many containers with so many million viable cells each."""
    return Yield(kind=kind, count=count, viable_cells=cells(million), volume_ml=Decimal(ml))


def flask(million: Million) -> Yield:
    """One culture, or one suspension on its way to the next."""
    return share(UnitKind.FLASK, million, 1, 500)


def thaw(
    lot: str, vials: tuple[str, ...], frozen: Million, alive: Million, viability: int, when: datetime
) -> StepForm:
    """Vials of the bank thawed within half an hour into one suspension."""
    recovered = 100 * Decimal(alive) / Decimal(frozen)
    return StepForm(
        lot=lot,
        kind=StepKind.THAW,
        started_at=when,
        ended_at=when + timedelta(minutes=30),
        inputs=vials,
        yields=(flask(alive),),
        materials=(MEDIUM, ALBUMIN),
        equipment=(COUNTER,),
        cells_lost=cells(frozen) - cells(alive),
        viability_percent=Decimal(viability),
        note=f"{recovered:.0f} % of the frozen viable cells recovered after thaw; the others did not survive",
    )


def seed(
    lot: str, unit: str, million: Million, area: int, vessel: str, when: datetime, lysate: str
) -> StepForm:
    """A suspension put into culture."""
    return StepForm(
        lot=lot,
        kind=StepKind.SEED,
        started_at=when,
        ended_at=when,
        inputs=(unit,),
        yields=(flask(million),),
        materials=(MEDIUM, lysate),
        equipment=(INCUBATOR,),
        vessel=vessel,
        area_cm2=Decimal(area),
    )


def harvest(
    lot: str,
    unit: str,
    million: Million,
    yields: tuple[Yield, ...],
    viability: int,
    when: datetime,
    lysate: str,
    **more: object,
) -> StepForm:
    """A culture lifted, counted and put into other containers."""
    told: dict[str, object] = {
        "lot": lot,
        "kind": StepKind.HARVEST,
        "started_at": when,
        "ended_at": when,
        "inputs": (unit,),
        "yields": yields,
        "materials": (MEDIUM, lysate, TRYPSIN),
        "equipment": (COUNTER,),
        "cells_harvested": cells(million),
        "viability_percent": Decimal(viability),
    }
    return StepForm.model_validate(told | more)


def filling(
    lot: str, unit: str, million: Million, yields: tuple[Yield, ...], viability: int, when: datetime,
    **more: object,
) -> StepForm:  # fmt: skip
    """The last harvest, put into freezing medium in the containers of the lot."""
    tools = {"materials": FREEZING, "equipment": (COUNTER, FREEZER)}
    return harvest(lot, unit, million, yields, viability, when, "", **(tools | more))
