"""Counts of a step: can these be the cells that went in, that grew and that came out?"""

from decimal import Decimal

from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.units import cells, number
from app.lots.models import StepKind
from app.lots.reckoning import Reckoned
from app.lots.rules import Why
from app.lots.situation import Situation
from app.lots.stepform import StepForm

_K = StepKind


def too_many_passages(s: Situation) -> Refusal | None:
    """Is the passage within its limit?"""
    highest = s.limits.passage.highest
    if s.reckoned.passage <= highest:
        return None
    return Refusal(
        Why.TOO_MANY_PASSAGES,
        say(
            "This would be passage {passage}; the limit is {highest}.",
            passage=s.reckoned.passage,
            highest=highest,
        ),
        say("Do not expand these cells further."),
    )


def too_many_doublings(s: Situation) -> Refusal | None:
    """Are the cumulative population doublings within their limit?"""
    highest = Decimal(str(s.limits.cumulative_doublings.highest))
    if s.reckoned.cumulative <= highest:
        return None
    return Refusal(
        Why.TOO_MANY_DOUBLINGS,
        say(
            "Cells would have doubled {cumulative} times; the limit is {highest}.",
            cumulative=number(s.reckoned.cumulative),
            highest=number(highest),
        ),
        say("Check the count. If it is right, these cells may not become a product: destroy them."),
    )


def one_unit_to_sample(s: Situation) -> Refusal | None:
    """Is it one unit that the sample was taken from, and did it hold that much?"""
    if s.form.kind is not _K.SAMPLE:
        return None
    if len(s.inputs) != 1:
        return Refusal(
            Why.ONE_UNIT_TO_SAMPLE,
            say("A sample is taken from one unit."),
            say("Record one step for each unit."),
        )
    unit = s.inputs[0]
    taken = s.reckoned.cells_qc + s.reckoned.cells_retained + s.form.cells_lost
    volume = sum((one.count * one.volume_ml for one in s.form.yields), Decimal(0))
    if taken <= unit.viable_cells and volume <= unit.volume_ml:
        return None
    return Refusal(
        Why.MORE_THAN_THERE,
        say(
            "The sample holds {taken} cells in {volume} mL; unit {code} held {viable_cells} "
            "in {volume_ml} mL.",
            taken=cells(taken),
            volume=number(volume),
            code=unit.code,
            viable_cells=cells(unit.viable_cells),
            volume_ml=number(unit.volume_ml),
        ),
        say("Check cells and volume of the sample."),
    )


def implausible(s: Situation) -> Refusal | None:
    """Does the harvest look like cells that grew, or like a slip of the decimal point?"""
    if s.form.kind is not _K.HARVEST or (s.form.recounted and s.form.note):
        return None
    guard, r = s.limits.plausible, s.reckoned
    fewest, most = guard.doublings_of_passage if r.passage else guard.doublings_of_passage_0
    count = say("A harvest of {what} cells", what=cells(s.form.cells_harvested or 0))
    if r.doublings > Decimal(str(most)):
        what = say(
            "{count} is {doublings} doublings in one passage; more than {most:g} are unheard of.",
            count=count,
            doublings=number(r.doublings),
            most=most,
        )
    elif r.doublings < Decimal(str(fewest)):
        what = say(
            "{count} is {doublings} doublings in one passage; fewer than {fewest:g} are rare.",
            count=count,
            doublings=number(r.doublings),
            fewest=fewest,
        )
    elif r.per_cm2 is not None and r.per_cm2 > guard.cells_per_cm2:
        what = say(
            "{count} is {per_cm2} per cm²; no more than {cells_per_cm2} fit.",
            count=count,
            per_cm2=number(r.per_cm2),
            cells_per_cm2=number(guard.cells_per_cm2),
        )
    else:
        return None
    return Refusal(
        Why.IMPLAUSIBLE_COUNT,
        what,
        say(
            "Check the figure: one zero too many or too few? If it is right, count again, "
            "mark it as counted twice and say so in the note."
        ),
    )


def unexplained(s: Situation) -> Refusal | None:
    """Do the cells add up: in (or harvested) = out + QC + retained + lost; or were they counted twice?

    A slip is asked back once. Figures that were counted twice are kept, and the difference with a deviation.
    """
    if s.reckoned.unexplained == 0 or s.form.recounted:
        return None
    return Refusal(
        Why.UNEXPLAINED_CELLS,
        difference(s.form, s.reckoned),
        say(
            "Check the counts. Enter cells that were lost as lost, and say in the note how. "
            "If the counts are right, mark them as counted twice: the step is then kept and "
            "a deviation opened."
        ),
    )


def difference(form: StepForm, r: Reckoned) -> str:
    """What of a cell balance nobody can explain, in a sentence with its figures."""
    had = r.cells_in if form.cells_harvested is None else form.cells_harvested
    said = say("were harvested") if form.cells_harvested is not None else say("went in")
    spent = had - r.unexplained
    if r.unexplained > 0:
        return say(
            "{had} viable cells {said}, {spent} are accounted for: {unexplained} are unexplained.",
            had=cells(had),
            said=said,
            spent=cells(spent),
            unexplained=cells(r.unexplained),
        )
    return say(
        "{had} viable cells {said}, but {spent} came out: {what} too many.",
        had=cells(had),
        said=said,
        spent=cells(spent),
        what=cells(-r.unexplained),
    )


def loss_unexplained(s: Situation) -> Refusal | None:
    """Does the note say how cells were lost?"""
    if s.form.cells_lost == 0 or s.form.note:
        return None
    return Refusal(
        Why.LOSS_UNEXPLAINED,
        say(
            "{cells_lost} viable cells were lost, and the note does not say how.",
            cells_lost=cells(s.form.cells_lost),
        ),
        say("Write in the note how they were lost, such as the recovery after thawing."),
    )
