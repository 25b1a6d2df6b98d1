"""Kidney function from creatinine, and renal responses under versioned definitions."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from app.followup.analytes import Value, measures
from app.followup.definitions import EQUATION, RESPONSES, data_of
from app.followup.models import Analyte, Definition, Response, Sex, Timepoint
from app.kernel.speech import listed, phrase, say
from app.kernel.units import number


@dataclass(frozen=True, slots=True)
class Renal:
    """What a response is read from at one visit; ``egfr`` in mL/min per 1.73 m²."""

    proteins: Mapping[Analyte, Value]
    egfr: Decimal | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a definition says, and the measure of protein it read."""

    response: Response
    sentence: str
    measure: Analyte | None = None


def egfr(creatinine_umol: Decimal, sex: Sex, age: int, version: str = EQUATION) -> Decimal | None:
    """Estimated filtration, mL/min per 1.73 m², to a tenth; None below the age the equation was made for.

    Source: CKD-EPI 2021, Inker and others, N Engl J Med 2021;385:1737; its constants are data.
    """
    data = data_of(version)
    if age < data["lowest_age"]:
        return None
    curve = data[sex.value]
    ratio = float(creatinine_umol) / data["umol_per_mg_dl"] / curve["kappa"]
    found = data["factor"] * min(ratio, 1.0) ** curve["alpha"] * max(ratio, 1.0) ** data["above"]
    found *= data["yearly"] ** age * curve["times"]
    return Decimal(str(found)).quantize(Decimal("0.1"), ROUND_HALF_EVEN)


def egfr_normal_from(version: str = EQUATION) -> int:
    """From where on filtration is called normal."""
    return int(data_of(version)["normal_from"])


def judge(
    definition: Definition, timepoint: Timepoint, baseline: Renal, now: Renal, version: str = RESPONSES
) -> Judged | None:
    """What a definition says of a visit against the baseline; None where it asks nothing at this month,
    or where no protein was measured."""
    data = data_of(version)
    rule = data[definition.value]
    due = rule.get("fall_percent", {}).get(timepoint.value)
    if timepoint is Timepoint.BASELINE or (definition is Definition.EULAR and due is None):
        return None
    if not any(Analyte(one) in now.proteins for one in data["measures"]):
        return None
    measure = next((Analyte(one) for one in data["measures"] if _both(Analyte(one), baseline, now)), None)
    if measure is None:
        return Judged(
            Response.NOT_ASSESSABLE, say("Baseline and visit have no measure of protein in common.")
        )
    if baseline.egfr is None or now.egfr is None:
        return Judged(Response.NOT_ASSESSABLE, say("The eGFR of the baseline or of the visit is not known."))
    lost = 100 * (baseline.egfr - now.egfr) / baseline.egfr
    stable = lost <= rule["function_within_percent"]
    before, after = baseline.proteins[measure], now.proteins[measure]
    fall = 100 * (before.amount - after.amount) / before.amount if before.amount else Decimal(0)
    words = phrase(
        "{says}: {before} to {after}, {fall} less; eGFR {egfr} to {egfr2}, not stable within {rule} %."
    )
    if stable:
        words = phrase(
            "{says}: {before} to {after}, {fall} less; eGFR {egfr} to {egfr2}, stable within {rule} %."
        )
    sentence = say(
        words,
        says=measures()[measure].says,
        before=before,
        after=measures()[measure].told(after),
        fall=_percent(fall),
        egfr=number(baseline.egfr),
        egfr2=number(now.egfr),
        rule=rule["function_within_percent"],
    )
    if definition is Definition.EULAR:
        response = Response.REACHED if stable and fall >= due else Response.MISSED
        wanted = say("At least {due} % less is due.", due=due)
        return Judged(response, listed([wanted, sentence], " "), measure)
    return Judged(_kdigo(rule, after, fall, stable), sentence, measure)


def _kdigo(rule: Mapping[str, Any], after: Value, fall: Decimal, stable: bool) -> Response:
    if not stable:
        return Response.NO_RESPONSE
    if _less(after, Decimal(rule["complete_below"])):
        return Response.COMPLETE
    if fall >= rule["partial_fall_percent"] and _less(after, Decimal(rule["partial_below"])):
        return Response.PARTIAL
    return Response.NO_RESPONSE


def _less(value: Value, limit: Decimal) -> bool:
    return value.amount < limit or (value.below and value.amount == limit)


def _both(measure: Analyte, baseline: Renal, now: Renal) -> bool:
    return measure in baseline.proteins and measure in now.proteins


def _percent(fall: Decimal) -> str:
    return f"{number(fall.to_integral_value(ROUND_HALF_EVEN))} %"
