"""What people type about a visit, and about what was found at it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.followup.analytes import Measure, Value, measures
from app.followup.models import Analyte, Drug, Item, Sex, Timepoint
from app.followup.questions import Findings
from app.followup.sledai import instrument
from app.kernel.speech import headed, say
from app.web.forms import Faults, PlainDate, plain_decimal, read, typed

#: What a unit field says when the value was typed in the other unit.
OTHER = "other"


class VisitForm(BaseModel):
    """A visit that took place."""

    model_config = ConfigDict(extra="ignore")

    timepoint: Timepoint = Field(title="Visit")
    happened_on: PlainDate = Field(title="Date of the visit")
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class DayForm(BaseModel):
    """The day on which a visit really took place."""

    model_config = ConfigDict(extra="ignore")

    happened_on: PlainDate = Field(title="Date of the visit")
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class _WordsForm(BaseModel):
    """The parts of findings that are no figures."""

    model_config = ConfigDict(extra="ignore")

    sex: Sex | None = Field(default=None, title="Sex for the eGFR")
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


def findings_of(source: Mapping[str, str]) -> Findings | Faults:
    """Findings as typed: fields ``v-`` hold values, ``i-`` items, ``d-`` drugs; what is empty is not said.

    Of the 24 items all or none are answered: an item left out is no item absent.
    """
    errors: dict[str, str] = {}
    words = read(_WordsForm, source)
    if isinstance(words, Faults):
        errors.update(words.errors)
    values = _values(source, errors)
    present = _items(source, errors)
    doses = _doses(source, errors)
    if errors or isinstance(words, Faults):
        return Faults(errors, typed(source))
    return Findings(values, present, doses, words.sex, words.explanation, words.reason)


def _values(source: Mapping[str, str], errors: dict[str, str]) -> dict[Analyte, Value]:
    found: dict[Analyte, Value] = {}
    for analyte, measure in measures().items():
        text = source.get(f"v-{analyte}", "").strip()
        if not text:
            continue
        other = bool(measure.other_unit) and source.get(f"u-{analyte}") == OTHER
        value = _value(text, measure, other)
        if isinstance(value, str):
            errors[f"v-{analyte}"] = f"{measure.says}: {value}."
        else:
            found[analyte] = value
    return found


def _value(text: str, measure: Measure, other: bool) -> Value | str:
    """A value, or what is wrong with it."""
    below = text.startswith("<")
    amount = _number(text.removeprefix("<").strip())
    if amount is None:
        return say(
            "write a number such as 0.5 or 12, with a point, or < 0.5 for below the limit of the method"
        )
    if amount < 0:
        return say("must be 0 or more")
    if other:
        return measure.from_other(Value(amount, below))
    if amount != round(amount, measure.places):
        places = measure.places
        if not places:
            return say("write a whole number")
        return say("at most {places} digits after the point", places=places)
    return Value(amount, below)


def _number(text: str) -> Decimal | None:
    try:
        amount = plain_decimal(text)
    except PydanticCustomError:
        return None
    return amount if isinstance(amount, Decimal) else None


def _items(source: Mapping[str, str], errors: dict[str, str]) -> frozenset[Item] | None:
    answers = {item: source.get(f"i-{item}", "") for item in Item}
    if not any(answers.values()):
        return None
    for line in instrument().items:
        if answers[line.item] not in ("yes", "no"):
            errors[f"i-{line.item}"] = say("{name}: choose yes or no.", name=line.says)
    return frozenset(item for item, answer in answers.items() if answer == "yes")


def _doses(source: Mapping[str, str], errors: dict[str, str]) -> dict[Drug, Decimal] | None:
    found: dict[Drug, Decimal] = {}
    for drug in Drug:
        text = source.get(f"d-{drug}", "").strip()
        mg = _number(text) if text else None
        name = headed(drug)
        if text and (mg is None or mg != round(mg, 2)):
            errors[f"d-{drug}"] = say(
                "{name}: write mg a day, such as 7.5, with at most 2 digits after the point.", name=name
            )
        elif mg is not None:
            found[drug] = mg
    if source.get("no_drugs") == "yes":
        if found or any(key.startswith("d-") for key in errors):
            errors["no_drugs"] = say("No drugs: either tick this or write doses, not both.")
        return {}
    return found or None


def typed_of(findings: Findings) -> dict[str, str]:
    """What stands, as the form would hold it."""
    said = {
        f"v-{one}": f"{'< ' if v.below else ''}{v.amount.normalize():f}" for one, v in findings.values.items()
    }
    if findings.present is not None:
        said |= {f"i-{item}": "yes" if item in findings.present else "no" for item in Item}
    if findings.doses is not None:
        said |= {f"d-{drug}": f"{mg.normalize():f}" for drug, mg in findings.doses.items()}
        said |= {} if findings.doses else {"no_drugs": "yes"}
    return said | ({} if findings.sex is None else {"sex": findings.sex.value})
