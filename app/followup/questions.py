"""Which findings of a visit may be taken: slips, contradictions and silent corrections are not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from app.followup.analytes import Measure, Value, measures
from app.followup.models import Analyte, Drug, Item, Sex, Timepoint
from app.followup.rules import Why, named
from app.followup.sledai import Contradiction, contradictions, instrument
from app.followup.steroids import DrugTable, drug_table
from app.kernel.refusals import Refusal, first_of
from app.kernel.speech import headed, phrase, say, word
from app.kernel.units import number


@dataclass(frozen=True, slots=True)
class Findings:
    """What somebody enters of one visit; what is left out stays as it stands."""

    values: Mapping[Analyte, Value] = field(default_factory=dict)
    #: Items that are present; None when the instrument was not filled in.
    present: frozenset[Item] | None = None
    #: Drugs in mg a day; None when nothing is said of drugs, an empty list when none is taken.
    doses: Mapping[Drug, Decimal] | None = None
    sex: Sex | None = None
    explanation: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """All that is known when findings are to be kept. ``given`` holds only what differs from what stands."""

    recipient: str
    timepoint: Timepoint
    given: Findings
    standing_values: Mapping[Analyte, Value]
    standing_present: frozenset[Item] | None
    standing_doses: Mapping[Drug, Decimal] | None
    standing_sex: Sex | None
    #: The same analyte or drug at the nearest other visit in time, with that visit.
    nearest_values: Mapping[Analyte, tuple[Timepoint, Value]]
    nearest_doses: Mapping[Drug, tuple[Timepoint, Decimal]]

    @property
    def corrects(self) -> list[str]:
        """What the entry takes the place of, in words."""
        told = [measures()[one].says for one in self.given.values if one in self.standing_values]
        if self.given.present is not None and self.standing_present is not None:
            told.append(instrument().title)
        if self.given.doses is not None and self.standing_doses is not None:
            told.append(say("Drugs"))
        if self.given.sex is not None and self.standing_sex is not None:
            told.append("Sex")
        return told


def visit_unknown(recipient: str, timepoint: Timepoint) -> Refusal:
    """The refusal of findings without a visit."""
    return Refusal(
        Why.VISIT_UNKNOWN,
        say(
            "The {timepoint} visit of {recipient} is not recorded.",
            timepoint=named(timepoint),
            recipient=recipient,
        ),
        say("Record the visit with its date first, then what was found."),
    )


def nothing_new(e: Entry) -> Refusal | None:
    """Does the entry say anything that does not stand already?"""
    given = e.given
    if given.values or given.present is not None or given.doses is not None or given.sex is not None:
        return None
    return Refusal(
        Why.NOTHING_NEW,
        say("Nothing was entered that does not stand already."),
        say("Enter what was found. Nothing was saved."),
    )


def not_plausible(e: Entry) -> Refusal | None:
    """Can a living patient show these values?"""
    for analyte, value in e.given.values.items():
        measure = measures()[analyte]
        if not measure.lowest <= value.amount <= measure.highest:
            return Refusal(
                Why.NOT_PLAUSIBLE,
                say(
                    "{says} of {value} cannot be: it lies outside {lowest} to {highest} {unit}.",
                    says=measure.says,
                    value=measure.told(value),
                    lowest=number(measure.lowest),
                    highest=number(measure.highest),
                    unit=measure.unit,
                ),
                say("Check the decimal point and the unit on the report, and enter the value again."),
            )
    return None


def ten_times_off(e: Entry) -> Refusal | None:
    """Is every value near the patient's former one, or was it said why not?"""
    if e.given.explanation:
        return None
    for analyte, value in e.given.values.items():
        if analyte in e.nearest_values:
            when, former = e.nearest_values[analyte]
            times = _times(former.amount, value.amount, measures()[analyte].stop_factor)
            if times and not (value.below or former.below):
                return _off(measures()[analyte], value, former, when, times)
    return None


def _times(former: Decimal, now: Decimal, factor: int) -> str:
    if not factor:
        return ""
    if former > 0 and now >= former * factor:
        return say("{factor} times or more", factor=factor)
    if now > 0 and former >= now * factor:
        return say("1/{factor} or less of", factor=factor)
    return ""


def _off(measure: Measure, value: Value, former: Value, when: Timepoint, times: str) -> Refusal:
    return Refusal(
        Why.TEN_TIMES_OFF,
        say(
            "{says} of {value} is {times} the {former} of the {when} visit.",
            says=measure.says,
            value=measure.told(value),
            times=times,
            former=measure.told(former),
            when=named(when),
        ),
        say(
            "Check the decimal point and the unit on the report. If the value is right, say "
            "so in the explanation."
        ),
    )


def sex_missing(e: Entry) -> Refusal | None:
    """Is it known which curve of the equation counts, when a creatinine comes?"""
    if Analyte.CREATININE not in e.given.values or e.given.sex or e.standing_sex:
        return None
    return Refusal(
        Why.SEX_MISSING,
        say("The eGFR of a creatinine is computed for a woman or for a man, and neither is recorded."),
        say("Choose the sex that the equation shall count, and send again."),
    )


def _found(e: Entry) -> list[Contradiction]:
    """Contradictions in what would stand after the entry."""
    present = e.given.present if e.given.present is not None else e.standing_present
    if present is None:
        return []
    values = {**e.standing_values, **e.given.values}
    return contradictions(instrument(), present, values, measures())


def item_contradicted(e: Entry) -> Refusal | None:
    """Do items and laboratory values of the visit agree?"""
    wrong = next((one for one in _found(e) if not one.open), None)
    if wrong is None:
        return None
    return Refusal(
        Why.ITEM_CONTRADICTED,
        say(
            "{title} says that {wrong}, but the same visit has {values}.",
            title=instrument().title,
            wrong=_item(wrong),
            values=wrong.values,
        ),
        say(
            "Look at the report and at the patient's record: put right the item, or the "
            "value, or both at once."
        ),
    )


def item_unexplained(e: Entry) -> Refusal | None:
    """Where a value may have another cause, was it said?"""
    asked = next((one for one in _found(e) if one.open), None)
    if asked is None or e.given.explanation:
        return None
    return Refusal(
        Why.ITEM_UNEXPLAINED,
        say(
            "{title} says that {asked}, but the same visit has {values}.",
            title=instrument().title,
            asked=_item(asked),
            values=asked.values,
        ),
        say(
            "If {excludes} is the cause, say so in the explanation. Else mark the item as present.",
            excludes=asked.line.excludes,
        ),
    )


def _item(one: Contradiction) -> str:
    words = phrase("{item} is present") if one.present else phrase("{item} is absent")
    return say(words, item=word(one.line.item))


def dose_not_plausible(e: Entry) -> Refusal | None:
    """Can these doses be given, and are they near the former ones?"""
    table = drug_table()
    for drug, mg in (e.given.doses or {}).items():
        highest = table.drugs[drug].highest_mg
        if not 0 < mg <= highest:
            return _dose(
                say(
                    "{drug} {mg} mg a day cannot be: it lies outside 0 to {highest} mg.",
                    drug=_drug(drug),
                    mg=number(mg),
                    highest=number(highest),
                )
            )
        refusal = _dose_off(e, drug, mg, table)
        if refusal is not None:
            return refusal
    return None


def _dose_off(e: Entry, drug: Drug, mg: Decimal, table: DrugTable) -> Refusal | None:
    if drug not in e.nearest_doses or e.given.explanation:
        return None
    when, former = e.nearest_doses[drug]
    times = _times(former, mg, table.stop_factor)
    if not times:
        return None
    return _dose(
        say(
            "{drug} {mg} mg a day is {times} the {former} mg of the {when} visit.",
            drug=_drug(drug),
            mg=number(mg),
            times=times,
            former=number(former),
            when=named(when),
        )
    )


def _dose(sentence: str) -> Refusal:
    return Refusal(
        Why.DOSE_NOT_PLAUSIBLE,
        sentence,
        say(
            "Check the prescription: mg, not tablets, and for a whole day. If the dose is "
            "right, say so in the explanation."
        ),
    )


def _drug(drug: Drug) -> str:
    return headed(drug)


def correction_unexplained(e: Entry) -> Refusal | None:
    """Was it said why something that stands is replaced?"""
    if not e.corrects or e.given.reason:
        return None
    return Refusal(
        Why.CORRECTION_UNEXPLAINED,
        say("This visit already has other entries for: {corrects}.", corrects=", ".join(e.corrects)),
        say("If the new ones shall take their place, say why. The former ones stay in the record."),
    )


QUESTIONS = (
    nothing_new,
    not_plausible,
    dose_not_plausible,
    ten_times_off,
    sex_missing,
    item_contradicted,
    item_unexplained,
    correction_unexplained,
)


def refusal(entry: Entry) -> Refusal | None:
    """The first reason not to take the entry."""
    return first_of(QUESTIONS, entry)
