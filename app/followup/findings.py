"""What was found at a visit is kept; corrections supersede, and responses are judged again."""

from app.evidence.ledger import Subject, record
from app.followup import events, questions, rules, standing
from app.followup.analytes import Value, measures
from app.followup.definitions import ANALYTES, EQUATION, RESPONSES, SLEDAI, STEROIDS
from app.followup.models import (
    Activity,
    Analyte,
    Definition,
    Measurement,
    Medication,
    MedicationDose,
    RecipientSex,
    ResponseJudgement,
    Timepoint,
)
from app.followup.questions import Entry, Findings
from app.followup.renal import Judged, Renal, judge
from app.followup.sledai import instrument
from app.followup.standing import Seen
from app.followup.steroids import drug_table
from app.kernel.refusals import Refusal
from app.kernel.speech import listed, say, word
from app.kernel.tables import known
from app.kernel.units import number
from app.kernel.work import Work
from app.recipients import queries as recipients
from app.recipients.models import Recipient


def record_findings(
    work: Work, recipient_code: str, timepoint: Timepoint, findings: Findings
) -> Seen | Refusal:
    """Keep what was found at a recorded visit; entries that differ from what stands need a reason.

    Values, items and drugs come in one act, so that a value and the item that rests on it can be put right
    together. What equals what stands already is left alone.
    """
    recipient = recipients.by_code(work.db, recipient_code)
    if recipient is None:
        return rules.recipient_unknown(recipient_code)
    visits = standing.seen(work.db, known(recipient.id))
    if timepoint not in visits:
        return questions.visit_unknown(recipient.code, timepoint)
    sex = standing.sex_of(work.db, known(recipient.id))
    entry = entry_of(recipient.code, visits, timepoint, findings, sex)
    return questions.refusal(entry) or _recorded(work, recipient, visits[timepoint], entry, sex)


def entry_of(
    recipient: str,
    visits: dict[Timepoint, Seen],
    timepoint: Timepoint,
    findings: Findings,
    sex: RecipientSex | None,
) -> Entry:
    """The findings beside what stands; what says nothing new is taken out."""
    here = visits[timepoint]
    doses = None if here.drugs is None else here.drugs.doses
    new = Findings(
        {one: value for one, value in findings.values.items() if here.values.get(one) != value},
        None if findings.present == here.present else findings.present,
        None if findings.doses == doses else findings.doses,
        None if sex is not None and findings.sex is sex.sex else findings.sex,
        findings.explanation.strip(),
        findings.reason.strip(),
    )
    others = sorted(
        (one for point, one in visits.items() if point is not timepoint),
        key=lambda one: abs((one.visit.happened_on - here.visit.happened_on).days),
        reverse=True,
    )
    return Entry(
        recipient,
        timepoint,
        new,
        here.values,
        here.present,
        doses,
        None if sex is None else sex.sex,
        {analyte: (one.visit.timepoint, value) for one in others for analyte, value in one.values.items()},
        {
            drug: (one.visit.timepoint, mg)
            for one in others
            if one.drugs is not None
            for drug, mg in one.drugs.doses.items()
        },
    )


def _recorded(work: Work, recipient: Recipient, here: Seen, entry: Entry, sex: RecipientSex | None) -> Seen:
    """Keep the rows, tell of them, and judge every response again that may rest on them."""
    given = entry.given
    if given.sex is not None:
        _keep_sex(work, known(recipient.id), entry, sex)
    for analyte, value in given.values.items():
        _keep_value(work, here, analyte, value, entry)
    if given.present is not None:
        _keep_activity(work, here, entry)
    if given.doses is not None:
        _keep_drugs(work, here, entry)
    record(
        work,
        events.FOUND,
        Subject("recipient", recipient.code),
        reason=given.reason or given.explanation or None,
        recipient=recipient.code,
        timepoint=rules.named(entry.timepoint),
        told="; ".join(told(given)),
        versions=", ".join(_versions(given)),
    )
    judge_again(work, recipient)
    return standing.seen(work.db, known(recipient.id))[entry.timepoint]


def told(given: Findings) -> list[str]:
    """Findings in words, as the ledger tells them."""
    found: list[str] = [
        listed([measures()[one].says, measures()[one].told(value)], " ")
        for one, value in given.values.items()
    ]
    if given.present is not None:
        names = ", ".join(word(item) for item in instrument().in_order(given.present))
        found.append(
            f"{instrument().title} {instrument().score(given.present)} ({names or 'no item present'})"
        )
    if given.doses is not None:
        drugs = [f"{word(drug)} {number(mg)} mg" for drug, mg in given.doses.items()]
        found.append(say("drugs a day: {what}", what=", ".join(drugs) or "none"))
    if given.sex is not None:
        found.append(say("eGFR counted for: {sex}", sex=given.sex.value))
    return found


def _versions(given: Findings) -> list[str]:
    found = [ANALYTES] if given.values else []
    if Analyte.CREATININE in given.values or given.sex is not None:
        found.append(EQUATION)
    if given.present is not None:
        found.append(SLEDAI)
    return [*found, STEROIDS] if given.doses is not None else found


def _keep_sex(work: Work, recipient_id: int, entry: Entry, former: RecipientSex | None) -> None:
    assert entry.given.sex is not None
    work.db.add(
        RecipientSex(
            recipient_id=recipient_id,
            sex=entry.given.sex,
            recorded_at=work.at,
            supersedes_id=None if former is None else former.id,
            reason=None if former is None else entry.given.reason,
        )
    )


def _keep_value(work: Work, here: Seen, analyte: Analyte, value: Value, entry: Entry) -> None:
    former = here.measured.get(analyte)
    work.db.add(
        Measurement(
            visit_id=known(here.visit.id),
            analyte=analyte,
            value=value.amount,
            below=value.below,
            analytes_version=ANALYTES,
            computed_under=EQUATION if analyte is Analyte.CREATININE else "",
            explanation=entry.given.explanation,
            recorded_at=work.at,
            supersedes_id=None if former is None else former.id,
            reason=None if former is None else entry.given.reason,
        )
    )


def _keep_activity(work: Work, here: Seen, entry: Entry) -> None:
    sheet, present = instrument(), entry.given.present or frozenset()
    former = here.activity
    work.db.add(
        Activity(
            visit_id=known(here.visit.id),
            present=" ".join(sheet.in_order(present)),
            score=sheet.score(present),
            instrument_version=sheet.version,
            explanation=entry.given.explanation,
            recorded_at=work.at,
            supersedes_id=None if former is None else former.id,
            reason=None if former is None else entry.given.reason,
        )
    )


def _keep_drugs(work: Work, here: Seen, entry: Entry) -> None:
    doses = entry.given.doses or {}
    former = here.drugs
    row = Medication(
        visit_id=known(here.visit.id),
        prednisone_mg=drug_table().prednisone_mg(doses),
        steroids_version=drug_table().version,
        explanation=entry.given.explanation,
        recorded_at=work.at,
        supersedes_id=None if former is None else former.row.id,
        reason=None if former is None else entry.given.reason,
    )
    work.db.add(row)
    work.db.flush()
    for drug, mg in doses.items():
        work.db.add(MedicationDose(medication_id=known(row.id), drug=drug, mg_per_day=mg))


def judge_again(work: Work, recipient: Recipient) -> None:
    """Every response of the recipient, as it follows from what stands now; only what changed is kept."""
    visits = standing.seen(work.db, known(recipient.id))
    baseline = visits.get(Timepoint.BASELINE)
    if baseline is None:
        return
    for timepoint, one in visits.items():
        for definition in Definition:
            found = judge(definition, timepoint, _renal(baseline), _renal(one))
            if found is not None:
                _keep_response(work, recipient, (baseline, one), definition, found)


def _renal(one: Seen) -> Renal:
    return Renal(one.values, one.egfr)


def _keep_response(
    work: Work, recipient: Recipient, pair: tuple[Seen, Seen], definition: Definition, found: Judged
) -> None:
    last = pair[1].responses.get(definition)
    rests_on = _rests_on(pair, found)
    now = (found.response, found.sentence, rests_on, RESPONSES)
    if last is not None and now == (last.response, last.sentence, last.rests_on, last.responses_version):
        return
    work.db.add(
        ResponseJudgement(
            visit_id=known(pair[1].visit.id),
            definition=definition,
            response=found.response,
            sentence=found.sentence,
            rests_on=rests_on,
            responses_version=RESPONSES,
            judged_at=work.at,
        )
    )
    record(
        work,
        events.RESPONDED,
        Subject("recipient", recipient.code),
        recipient=recipient.code,
        timepoint=rules.named(pair[1].visit.timepoint),
        definition=definition.value,
        version=RESPONSES,
        response=word(found.response),
    )


def _rests_on(pair: tuple[Seen, Seen], found: Judged) -> str:
    wanted = [] if found.measure is None else [found.measure, Analyte.CREATININE]
    keys = [one.measured[analyte].id for one in pair for analyte in wanted if analyte in one.measured]
    return " ".join(str(row_id) for row_id in keys)
