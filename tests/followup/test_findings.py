"""What was found at a visit: computed scores, values that agree with items, corrections that supersede."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.followup import rules, standing
from app.followup.analytes import Value, measures
from app.followup.findings import record_findings
from app.followup.models import (
    Activity,
    Analyte,
    Definition,
    Drug,
    Item,
    Measurement,
    Response,
    ResponseJudgement,
    Sex,
    Timepoint,
)
from app.followup.operations import record_visit
from app.followup.questions import Findings
from app.followup.standing import Seen
from app.kernel.refusals import Refusal
from app.site import Site
from tests.antibodies.factories import NOW, laboratory, recipient
from tests.factories import act
from tests.followup.factories import infused, promised

BASELINE, MONTH_1, MONTH_6 = Timepoint.BASELINE, Timepoint.MONTH_1, Timepoint.MONTH_6
PROTEIN, CREATININE = Analyte.PROTEIN_24H, Analyte.CREATININE


def of(text: str) -> Value:
    return Value(Decimal(text.removeprefix("<")), text.startswith("<"))


def values(**given: str) -> dict[Analyte, Value]:
    return {Analyte(name): of(text) for name, text in given.items()}


def enter(
    site: Site,
    timepoint: Timepoint = BASELINE,
    measured: Mapping[Analyte, Value] | None = None,
    present: set[Item] | None = None,
    doses: Mapping[Drug, Decimal] | None = None,
    **more: object,
) -> Seen | Refusal:
    items = None if present is None else frozenset(present)
    given = Findings(measured or {}, items, doses, **more)  # type: ignore[arg-type]  # the rest of its fields
    with act(site, laboratory(site), NOW) as work:
        return record_findings(work, "LN-01", timepoint, given)


def refused(answer: object, why: rules.Why) -> str:
    assert isinstance(answer, Refusal), answer
    assert answer.reason is why and answer.next_step
    return answer.sentence


@pytest.fixture(autouse=True)
def visited(site: Site) -> None:
    """LN-01 with an infusion, seen before it and at months 1 and 6."""
    recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    days = ((BASELINE, date(2025, 4, 22)), (MONTH_1, date(2025, 6, 6)), (MONTH_6, date(2025, 11, 6)))
    with act(site, laboratory(site), NOW) as work:
        for timepoint, day in days:
            record_visit(work, "LN-01", timepoint, day)


def seen(site: Site, timepoint: Timepoint = BASELINE) -> Seen:
    with site.db.reading() as db:
        return standing.seen(db, 1)[timepoint]


def test_the_score_is_computed_from_the_items_and_stored_with_its_version(site: Site) -> None:
    found = enter(site, present={Item.PROTEINURIA, Item.RASH, Item.FEVER, Item.SEIZURE})
    assert isinstance(found, Seen) and found.activity is not None
    assert found.activity.score == 8 + 4 + 2 + 1
    assert found.activity.instrument_version == "sledai-2k-1"
    assert found.activity.present == "seizure proteinuria rash fever"


def test_no_item_present_is_a_score_of_zero_and_not_an_absence(site: Site) -> None:
    assert seen(site).activity is None
    found = enter(site, present=set())
    assert isinstance(found, Seen) and found.activity is not None and found.activity.score == 0


@pytest.mark.parametrize(
    ("measured", "present", "words"),
    [
        (values(protein_24h="3.8"), set(), ("proteinuria is absent", "3.8 g/24 h")),
        (values(protein_24h="0.5"), {Item.PROTEINURIA}, ("proteinuria is present", "0.5 g/24 h")),
        (values(c3="0.6", c4="0.2"), set(), ("low complement is absent", "C3 0.6 g/L")),
        (values(c3="1.1", c4="0.2"), {Item.LOW_COMPLEMENT}, ("low complement is present", "C4 0.2 g/L")),
        (values(anti_dsdna="180"), set(), ("increased dna binding is absent", "180 IU/mL")),
        (values(leucocytes="3.2"), {Item.LEUCOPENIA}, ("leucopenia is present", "3.2 10⁹/L")),
        (values(platelets="140"), {Item.THROMBOCYTOPENIA}, ("thrombocytopenia is present", "140 10⁹/L")),
    ],
)
def test_an_item_against_its_laboratory_value_is_refused_with_both_named(
    site: Site, measured: dict[Analyte, Value], present: set[Item], words: tuple[str, ...]
) -> None:
    said = refused(enter(site, BASELINE, measured, present), rules.Why.ITEM_CONTRADICTED)
    assert all(word in said for word in words)
    with site.db.reading() as db:
        assert db.exec(select(Measurement)).all() == [] and db.exec(select(Activity)).all() == []


def test_the_other_way_round_and_in_two_acts_it_is_refused_as_well(site: Site) -> None:
    enter(site, present={Item.RASH})
    refused(enter(site, measured=values(protein_24h="3.8")), rules.Why.ITEM_CONTRADICTED)
    enter(site, MONTH_1, values(protein_24h="3.8"))
    refused(enter(site, MONTH_1, present={Item.RASH}), rules.Why.ITEM_CONTRADICTED)


def test_a_low_c3_alone_says_nothing_against_a_low_complement_by_c4(site: Site) -> None:
    assert isinstance(enter(site, BASELINE, values(c3="1.2"), {Item.LOW_COMPLEMENT}), Seen)


def test_where_another_cause_may_explain_a_value_hilo_asks_for_it(site: Site) -> None:
    low = values(platelets="80")
    said = refused(enter(site, BASELINE, low, set()), rules.Why.ITEM_UNEXPLAINED)
    assert "80 10⁹/L" in said
    found = enter(site, BASELINE, low, set(), explanation="Heparin, stopped on Monday")
    assert isinstance(found, Seen) and found.activity is not None
    assert found.activity.explanation == "Heparin, stopped on Monday"


def test_a_value_and_its_item_are_put_right_together(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="0.3"), set())
    right = values(protein_24h="3.8")
    refused(enter(site, BASELINE, right, reason="read again"), rules.Why.ITEM_CONTRADICTED)
    refused(
        enter(site, BASELINE, right, {Item.PROTEINURIA}, explanation="a slip"),
        rules.Why.CORRECTION_UNEXPLAINED,
    )
    found = enter(site, BASELINE, right, {Item.PROTEINURIA}, reason="The decimal point was wrong")
    assert isinstance(found, Seen) and found.activity is not None
    assert (found.values[PROTEIN], found.activity.score) == (of("3.8"), 4)
    with site.db.reading() as db:
        former, now = standing.history(db, found.visit.id or 0)
        assert now.supersedes_id == former.id and now.reason == "The decimal point was wrong"
        assert verify(db).ok


def test_what_stands_already_is_not_entered_again(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8"), {Item.PROTEINURIA})
    refused(enter(site, BASELINE, values(protein_24h="3.80"), {Item.PROTEINURIA}), rules.Why.NOTHING_NEW)
    refused(enter(site), rules.Why.NOTHING_NEW)


@pytest.mark.parametrize(
    ("measured", "doses"),
    [
        (values(protein_24h="41"), None),
        (values(creatinine="8"), None),
        (values(temperature="380"), None),
        (values(c3="90"), None),
        ({}, {Drug.PREDNISONE: Decimal(300)}),
        ({}, {Drug.HYDROXYCHLOROQUINE: Decimal(0)}),
    ],
)
def test_what_no_patient_can_show_or_be_given_is_refused(
    site: Site, measured: dict[Analyte, Value], doses: dict[Drug, Decimal] | None
) -> None:
    answer = enter(site, BASELINE, measured, None, doses, explanation="it is so", sex=Sex.FEMALE)
    refused(answer, rules.Why.DOSE_NOT_PLAUSIBLE if doses else rules.Why.NOT_PLAUSIBLE)


def test_a_value_ten_times_the_former_one_is_asked_about_in_words(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8"))
    said = refused(enter(site, MONTH_1, values(protein_24h="0.38")), rules.Why.TEN_TIMES_OFF)
    assert "0.38 g/24 h is 1/10 or less of the 3.8 g/24 h of the baseline visit" in said
    refused(enter(site, MONTH_1, values(protein_24h="38")), rules.Why.TEN_TIMES_OFF)
    kept = enter(site, MONTH_1, values(protein_24h="0.38"), explanation="Checked on the report")
    assert isinstance(kept, Seen) and kept.measured[PROTEIN].explanation == "Checked on the report"


def test_a_dose_ten_times_the_former_one_is_asked_about(site: Site) -> None:
    enter(site, BASELINE, doses={Drug.PREDNISONE: Decimal("7.5")})
    answer = enter(site, MONTH_1, doses={Drug.PREDNISONE: Decimal(75)})
    assert "75 mg a day is 10 times or more" in refused(answer, rules.Why.DOSE_NOT_PLAUSIBLE)


def test_findings_need_a_known_recipient_and_a_recorded_visit(site: Site) -> None:
    refused(enter(site, Timepoint.MONTH_3, values(c3="1")), rules.Why.VISIT_UNKNOWN)
    with act(site, laboratory(site), NOW) as work:
        answer = record_findings(work, "LN-77", BASELINE, Findings())
    refused(answer, rules.Why.RECIPIENT_UNKNOWN)


def test_an_egfr_is_computed_by_sex_and_age_and_never_typed(site: Site) -> None:
    refused(enter(site, BASELINE, values(creatinine="88.4")), rules.Why.SEX_MISSING)
    found = enter(site, BASELINE, values(creatinine="88.4"), sex=Sex.FEMALE)
    assert isinstance(found, Seen)
    assert found.egfr == Decimal("75.8") and found.measured[CREATININE].computed_under == "ckd-epi-2021-1"
    refused(enter(site, sex=Sex.MALE), rules.Why.CORRECTION_UNEXPLAINED)
    again = enter(site, sex=Sex.MALE, reason="wrong line of the list")
    assert isinstance(again, Seen) and again.egfr is not None and again.egfr > Decimal(95)


def test_steroids_count_as_prednisone_and_other_drugs_do_not(site: Site) -> None:
    doses = {
        Drug.METHYLPREDNISOLONE: Decimal(4),
        Drug.DEFLAZACORT: Decimal(6),
        Drug.AZATHIOPRINE: Decimal(50),
    }
    found = enter(site, doses=doses)
    assert isinstance(found, Seen) and found.drugs is not None
    assert found.drugs.row.prednisone_mg == Decimal(10)
    assert found.drugs.row.steroids_version == "steroids-1"
    none = enter(site, MONTH_1, doses={})
    assert isinstance(none, Seen) and none.drugs is not None and none.drugs.row.prednisone_mg == 0


def course(site: Site, after: str, creatinine: str = "80") -> dict[Definition, ResponseJudgement]:
    enter(site, BASELINE, values(protein_24h="3.8", creatinine="80"), sex=Sex.FEMALE)
    enter(site, MONTH_6, values(protein_24h=after, creatinine=creatinine), explanation="checked")
    return seen(site, MONTH_6).responses


@pytest.mark.parametrize(
    ("after", "creatinine", "kdigo", "eular"),
    [
        ("0.3", "80", Response.COMPLETE, Response.REACHED),
        ("0.5", "80", Response.PARTIAL, Response.REACHED),
        ("1.9", "80", Response.PARTIAL, Response.REACHED),
        ("2", "80", Response.NO_RESPONSE, Response.MISSED),
        ("0.3", "110", Response.NO_RESPONSE, Response.MISSED),
    ],
)
def test_a_response_is_judged_against_the_baseline_under_a_stored_version(
    site: Site, after: str, creatinine: str, kdigo: Response, eular: Response
) -> None:
    found = course(site, after, creatinine)
    assert {one: judged.response for one, judged in found.items()} == {
        Definition.KDIGO_2024: kdigo,
        Definition.EULAR: eular,
    }
    assert all(judged.responses_version == "responses-1" for judged in found.values())


def test_without_a_creatinine_nothing_is_called_a_response(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8"))
    enter(site, MONTH_6, values(protein_24h="0.4"))
    judged = seen(site, MONTH_6).responses[Definition.KDIGO_2024]
    assert judged.response is Response.NOT_ASSESSABLE and "eGFR" in judged.sentence


def test_a_corrected_baseline_judges_later_visits_again_and_keeps_the_former_judgement(site: Site) -> None:
    course(site, "1.7")
    answer = enter(site, BASELINE, values(protein_24h="2.9"), reason="the report was another patient's")
    assert isinstance(answer, Seen)
    with site.db.reading() as db:
        rows = db.exec(
            select(ResponseJudgement).where(ResponseJudgement.definition == Definition.KDIGO_2024)
        ).all()
        at_month_6 = [row.response for row in rows if row.visit_id == seen(site, MONTH_6).visit.id]
        assert verify(db).ok
    assert at_month_6 == [Response.PARTIAL, Response.NO_RESPONSE]


def test_a_protein_in_another_measure_is_never_compared(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8", creatinine="80"), sex=Sex.FEMALE)
    enter(site, MONTH_6, values(upcr="0.4", creatinine="80"))
    judged = seen(site, MONTH_6).responses[Definition.KDIGO_2024]
    assert judged.response is Response.NOT_ASSESSABLE and "no measure of protein in common" in judged.sentence


def test_no_row_of_findings_is_ever_edited(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8"), {Item.PROTEINURIA}, {Drug.PREDNISONE: Decimal(30)})
    for table in ("measurement", "activity", "medication", "medication_dose"):
        with pytest.raises(DatabaseError), site.db.writing() as db:
            db.connection().exec_driver_sql(f"UPDATE {table} SET id = id + 100")  # noqa: S608  our own names


def test_the_ledger_tells_what_was_found_and_under_which_versions(site: Site) -> None:
    enter(site, BASELINE, values(protein_24h="3.8"), {Item.PROTEINURIA}, {Drug.PREDNISONE: Decimal(30)})
    with site.db.reading() as db:
        body = db.exec(select(LedgerEntry.body).where(LedgerEntry.kind == "followup.found")).one().decode()
    for words in (
        "Proteinuria in 24 h 3.8 g/24 h",
        "SLEDAI-2K 4 (proteinuria)",
        "prednisone 30 mg",
        "steroids-1",
    ):
        assert words in body


def test_a_value_below_the_limit_of_its_method_is_kept_as_such(site: Site) -> None:
    found = enter(site, BASELINE, values(anti_dsdna="<15"), set())
    assert isinstance(found, Seen) and str(found.values[Analyte.ANTI_DSDNA]) == "< 15"


def test_milligrams_a_millimole_become_grams_a_gram() -> None:
    assert measures()[Analyte.UPCR].from_other(of("113")).amount == Decimal("0.999")
    assert measures()[CREATININE].from_other(of("1")).amount == Decimal("88.4")
