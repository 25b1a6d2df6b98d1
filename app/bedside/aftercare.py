"""After the start: vital signs at their times, and whatever happened to the patient."""

from app.bedside import aftercare_rules as rules
from app.bedside import events, queries
from app.bedside.forms import ReactionForm, ReactionOverForm, VitalsForm
from app.bedside.limits import limits
from app.bedside.models import Infusion, Outcome, Reaction, Vitals
from app.bedside.situation import Why
from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.ids import next_code
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.work import Work
from app.lots.models import Unit


def record_vitals(work: Work, infusion_code: str, form: VitalsForm) -> Vitals | Refusal:
    """Keep vital signs of one point; over an entry that is there, as a correction with its reason."""
    infusion = queries.infusion_by_code(work.db, infusion_code)
    if infusion is None:
        return queries.infusion_unknown(infusion_code)
    former = queries.vitals_at(work.db, known(infusion.id), form.point)
    refusal = first(
        rules.vitals_impossible(form, limits()),
        rules.measured_when(form, infusion.started_at, work.at, limits()),
        rules.correction_needs_reason(form, there=former is not None),
    )
    if refusal is not None:
        return refusal
    measured = {name: getattr(form, name) for name in rules.MEASURED}
    made = Vitals(
        infusion_id=known(infusion.id),
        point=form.point,
        measured_at=form.measured_at,
        entered_at=work.at,
        entered_by_id=known(work.actor.person_id),
        limits_version=limits().version,
        supersedes_id=None if former is None else former.id,
        reason=None if former is None else form.reason,
        **measured,
    )
    work.db.add(made)
    record(
        work,
        events.VITALS if former is None else events.VITALS_CORRECTED,
        Subject("infusion", infusion.code),
        reason=made.reason,
        infusion=infusion.code,
        point=word(form.point),
        measured_at=form.measured_at,
    )
    return made


def record_reaction(work: Work, infusion_code: str, form: ReactionForm) -> Reaction | Refusal:
    """Keep a reaction; a severe one opens a deviation on the bag, so that quality hears of it at once."""
    infusion = queries.infusion_by_code(work.db, infusion_code)
    if infusion is None:
        return queries.infusion_unknown(infusion_code)
    refusal = rules.reaction_questions(form, infusion.started_at, work.at, limits())
    if refusal is not None:
        return refusal
    made = Reaction(
        code=next_code(work.db, Reaction.code, "RCT", work.at),
        infusion_id=known(infusion.id),
        kind=form.kind,
        told=form.told,
        grade=form.grade,
        onset_at=form.onset_at,
        outcome=form.outcome,
        over_at=form.over_at,
        treatment=form.treatment,
        recorded_at=work.at,
        recorded_by_id=known(work.actor.person_id),
    )
    work.db.add(made)
    unit = work.db.get_one(Unit, infusion.unit_id)
    record(
        work,
        events.REACTION,
        Subject("infusion", infusion.code),
        reaction=made.code,
        infusion=infusion.code,
        unit=unit.code,
        what=_words(made),
        grade=made.grade,
        onset_at=made.onset_at,
        outcome=_spaced(made.outcome),
    )
    _tell_quality(work, made, infusion, unit)
    return made


def _words(reaction: Reaction) -> str:
    return _spaced(reaction.kind)


def _spaced(word: object) -> str:
    return str(word).replace("_", " ")


def _tell_quality(work: Work, reaction: Reaction, infusion: Infusion, unit: Unit) -> None:
    if reaction.grade < limits().reaction_deviation_grade:
        return
    opened = open_deviation(
        work,
        SubjectKind.UNIT,
        unit.code,
        say(
            "{code} in {code2}: {reaction}, grade {grade} ({GRADES})",
            code=reaction.code,
            code2=infusion.code,
            reaction=_words(reaction),
            grade=reaction.grade,
            GRADES=rules.GRADES[reaction.grade],
        ),
        Severity.MAJOR if reaction.grade == limits().reaction_deviation_grade else Severity.CRITICAL,
        rule=say(
            "{version}: reaction of grade {reaction_deviation_grade} or worse",
            version=limits().version,
            reaction_deviation_grade=limits().reaction_deviation_grade,
        ),
    )
    if isinstance(opened, Refusal):
        raise RuntimeError(f"no deviation on {unit.code}: {opened}")


def end_reaction(work: Work, reaction_code: str, form: ReactionOverForm) -> Reaction | Refusal:
    """A reaction that went on is over: how, and when. One that ended in death is of grade 5."""
    reaction = queries.reaction_by_code(work.db, reaction_code)
    if reaction is None:
        return Refusal(
            Why.REACTION_UNKNOWN,
            say("No reaction has the code {reaction_code}.", reaction_code=reaction_code[:20]),
            say("Open it from the page of its infusion."),
        )
    if reaction.outcome is not Outcome.NOT_RESOLVED:
        return Refusal(
            Why.REACTION_OVER,
            say("{code} is over already.", code=reaction.code),
            say("Nothing more is to be done."),
        )
    grade = 5 if form.outcome is Outcome.FATAL else reaction.grade
    refusal = first(
        rules.ended_how(grade, form.outcome),
        rules.ended_when(form.outcome, reaction.onset_at, form.over_at, work.at, limits()),
    )
    if refusal is not None:
        return refusal
    return _end_reaction(work, reaction, grade, form)


def _end_reaction(work: Work, reaction: Reaction, grade: int, form: ReactionOverForm) -> Reaction | Refusal:
    if form.outcome is Outcome.NOT_RESOLVED:
        raise ValueError("a reaction that goes on has no end")
    worse = grade > reaction.grade
    expected = {"outcome": Outcome.NOT_RESOLVED}
    values = {"outcome": form.outcome, "over_at": form.over_at, "grade": grade}
    if not change_if(work.db, Reaction, known(reaction.id), expected, **values):
        raise RuntimeError(f"{reaction.code} changed under a single writer")
    infusion = work.db.get_one(Infusion, reaction.infusion_id)
    unit = work.db.get_one(Unit, infusion.unit_id)
    record(
        work,
        events.REACTION_OVER,
        Subject("infusion", infusion.code),
        reaction=reaction.code,
        infusion=infusion.code,
        unit=unit.code,
        what=_words(reaction),
        grade=grade,
        outcome=_spaced(form.outcome),
        over_at=form.over_at,
    )
    if worse:
        _tell_quality(work, reaction, infusion, unit)
    return reaction
