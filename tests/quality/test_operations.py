"""Specifications are adopted by signature, results are never edited, and a lot is released by a stranger."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.access.models import Role
from app.concerns.deviations import assess_deviation, close_deviation
from app.concerns.models import Deviation, Severity, SubjectKind
from app.concerns.operations import lift_hold, place_hold
from app.concerns.queries import holds_on
from app.concerns.rules import Why as HoldWhy
from app.evidence.checkpoints import read_line
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.lots.models import LotState, UnitKind, UnitState
from app.lots.queries import units_of_lot
from app.quality.concerned import deviations_of
from app.quality.forms import SpecificationForm, SupersedeForm, shipped
from app.quality.models import Decision, Flag, SpecificationState
from app.quality.operations import adopt_specification, decide_release
from app.quality.queries import (
    pending,
    release_of,
    release_stands,
    specification_by,
    specification_for,
    told_history,
)
from app.quality.results import record_result, supersede_result
from app.quality.rules import Why
from app.site import Site
from tests.access.factories import kinds
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import PRODUCT, day, drug_product_lot, filled_lot, lot, maker, refused, sure
from tests.quality.factories import (
    RELEASED_AT,
    TESTED_AT,
    adopted,
    analysed_lot,
    analyst,
    decided,
    lines,
    lot_now,
    quality,
    released_lot,
    releaser,
    result,
    result_form,
    superseding,
)

LATER = RELEASED_AT + timedelta(days=2)


def stands(site: Site, code: str) -> bool:
    with site.db.reading() as db:
        return release_stands(db, lot_now(site, code))


def holds(site: Site, code: str) -> list[str]:
    with site.db.reading() as db:
        return [hold.code for hold in holds_on(db, [(SubjectKind.LOT, code)])]


def deviations(site: Site, code: str) -> list[Deviation]:
    with site.db.reading() as db:
        return deviations_of(db, lot_now(site, code))


def closed(site: Site, code: str) -> None:
    """A deviation assessed and closed by quality."""
    who = quality(site)
    with act(site, who, LATER) as work:
        sure(assess_deviation(work, code, "No patient was given the bag", Severity.CRITICAL, proof(who)))
        sure(close_deviation(work, code, "Two tubes were swapped", "Tubes are scanned", proof(who)))


def bags(site: Site, code: str) -> set[UnitState]:
    with site.db.reading() as db:
        units = units_of_lot(db, lot_now(site, code).id or 0)
    return {unit.state for unit in units if unit.kind is UnitKind.BAG}


def entering(site: Site, run: Callable[[Work], object], why: Why, who: Role = Role.TECHNOLOGIST) -> Refusal:
    with act(site, someone(site, who, f"tried-{who.value}"), TESTED_AT) as work:
        no = refused(work, run(work))
    assert no.reason is why
    return no


def deciding(
    site: Site,
    code: str,
    why: object,
    decision: Decision = Decision.RELEASED,
    named: tuple[str, ...] = (),
    reason: str = "",
    shown: str = "",
) -> Refusal:
    """The refusal of a decision of the releaser."""
    who = releaser(site)
    with act(site, who, RELEASED_AT) as work:
        no = refused(work, decide_release(work, code, decision, named, reason, proof(who), shown=shown))
    assert no.reason is why
    return no


def test_a_specification_is_adopted_by_signature_and_the_next_version_replaces_it(site: Site) -> None:
    first = adopted(site)
    second = shipped("msc-dp-1").model_copy(update={"version": 2})
    opened = lot(site)
    with act(site, quality(site), day(1)) as work:
        kept = sure(adopt_specification(work, second, proof(quality(site))))
    with site.db.reading() as db:
        former = specification_by(db, first.code, 1)
        assert former is not None and former.state is SpecificationState.REPLACED
        assert kept.state is SpecificationState.IN_FORCE
        assert specification_for(db, opened) == specification_by(db, first.code, 2)
        assert verify(db).ok


def test_a_version_is_never_changed(site: Site) -> None:
    adopted(site)
    signed = proof(quality(site))
    with act(site, quality(site), day(1)) as work:
        no = refused(work, adopt_specification(work, shipped("msc-dp-1"), signed))
    assert no.reason is Why.VERSION_TAKEN


@pytest.mark.parametrize(
    ("signer", "why"),
    [(Role.QUALITY, HoldWhy.NOT_YOUR_SIGNATURE), (Role.TECHNOLOGIST, HoldWhy.MAY_NOT_SIGN)],
)
def test_a_specification_is_signed_by_the_person_at_hand_who_may(
    site: Site, signer: Role, why: HoldWhy
) -> None:
    signing = someone(site, signer, "signer")
    at_hand = signing if why is HoldWhy.MAY_NOT_SIGN else quality(site)
    with act(site, at_hand, day(1)) as work:
        no = refused(work, adopt_specification(work, shipped("msc-dp-1"), proof(signing)))
    assert no.reason is why


def test_a_result_is_flagged_against_its_limit_and_kept_as_reported(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    assert result(site, code, "cd34", "6.8").flag is Flag.FAIL
    assert result(site, code, "endotoxin", "<0.5").qualifier == "<"
    assert result(site, code, "sterility", "No growth").value_words == "no growth"
    assert next(line for line in lines(site, code) if line.limit.test == "cd34").value == "6.8"


def test_a_second_result_supersedes_the_first_with_a_reason_and_both_stay(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, "cd34", "6.8")
    superseding(site, code, "cd34", "0.4")
    with site.db.reading() as db:
        told = told_history(db, lot_now(site, code).id or 0)
    assert [(row["value"], row["superseded"]) for row in told] == [("6.8", True), ("0.4", False)]
    assert "quality.superseded" in kinds(site)


def test_what_cannot_be_a_result_is_refused_with_a_reason_of_its_own(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    late = result_form("cd34", "1", TESTED_AT + timedelta(days=1))
    for form, why in (
        (result_form("cd34", "6,8"), Why.NOT_A_NUMBER),
        (result_form("sterility", "0"), Why.UNKNOWN_WORDS),
        (result_form("cd999", "1"), Why.NO_SUCH_TEST),
        (late, Why.TIME_WRONG),
    ):
        entering(site, lambda work, form=form: record_result(work, code, form), why)  # type: ignore[misc]  # bound at once
    entering(site, lambda work: record_result(work, "MSC-99-999", late), Why.NO_SUCH_LOT)


def test_a_first_result_is_entered_once_and_only_a_result_is_superseded(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    again = SupersedeForm(**result_form("cd34", "1").model_dump(), reason="typed the wrong one")
    entering(site, lambda work: supersede_result(work, code, again), Why.NO_SUCH_RESULT)
    entering(
        site,
        lambda work: supersede_result(work, code, again.model_copy(update={"test": "no"})),
        Why.NO_SUCH_TEST,
    )
    result(site, code, "cd34", "1")
    entering(site, lambda work: record_result(work, code, result_form("cd34", "1")), Why.ALREADY_RESULTED)


def test_without_a_specification_nothing_is_tested_or_released(site: Site) -> None:
    code = drug_product_lot(site, 1).code
    entering(site, lambda work: record_result(work, code, result_form("cd34", "1")), Why.NO_SPECIFICATION)
    deciding(site, code, Why.NO_SPECIFICATION)
    deciding(site, "MSC-99-999", Why.NO_SUCH_LOT)


def test_a_release_makes_the_bags_available_and_leaves_a_checkpoint_outside(site: Site) -> None:
    code = released_lot(site, 2).code
    assert lot_now(site, code).state is LotState.RELEASED
    assert lot_now(site, code).released_at == RELEASED_AT
    assert bags(site, code) == {UnitState.AVAILABLE}
    assert stands(site, code)
    outside = (site.settings.data / "checkpoints.txt").read_text().splitlines()
    assert [read_line(one)[0] for one in outside]
    with site.db.reading() as db:
        assert verify(db, outside).ok


def test_a_rejected_lot_keeps_its_bags_in_quarantine(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, "cd34", "6.8")
    decided(site, code, Decision.REJECTED, "CD34 above its limit")
    assert lot_now(site, code).state is LotState.REJECTED
    assert bags(site, code) == {UnitState.IN_QUARANTINE}


@pytest.mark.req("ATMP-QP", "A11-15")
def test_whoever_made_or_tested_the_lot_does_not_release_it(site: Site) -> None:
    """Testers whose result was superseded took part as well."""
    code = analysed_lot(site, 1, but=["cd34"]).code
    first = someone(site, Role.RELEASER, "hands-on")
    result(site, code, "cd34", "2", by=first)
    superseding(site, code, "cd34", "1", TESTED_AT)
    with act(site, first, RELEASED_AT) as work:
        no = refused(work, decide_release(work, code, Decision.RELEASED, (), "", proof(first)))
    assert no.reason is Why.DECIDED_BY_MAKER


def test_only_a_releaser_signs_and_only_their_own_name(site: Site) -> None:
    code = analysed_lot(site, 1).code
    someone_of_quality, other = quality(site), releaser(site)
    with act(site, someone_of_quality, RELEASED_AT) as work:
        signed = proof(someone_of_quality)
        no = refused(work, decide_release(work, code, Decision.RELEASED, (), "", signed))
        assert no.reason is HoldWhy.MAY_NOT_SIGN
        signed = proof(other)
        no = refused(work, decide_release(work, code, Decision.RELEASED, (), "", signed))
    assert no.reason is HoldWhy.NOT_YOUR_SIGNATURE


def test_a_lot_that_is_not_ready_is_not_released_and_the_refusal_says_why(site: Site) -> None:
    code = analysed_lot(site, 1, but=["sterility", "cd34"]).code
    no = deciding(site, code, Why.TESTS_PENDING)
    assert "2 tests pending" in no.sentence and "sterility" in no.sentence
    deciding(
        site, code, Why.NOT_PENDING, Decision.CONDITIONALLY_RELEASED, ("sterility",), "needed for LN-01 now"
    )
    deciding(site, code, Why.REASON_NEEDED, Decision.REJECTED)
    deciding(site, code, Why.RECORD_CHANGED, shown="0" * 64)
    result(site, code, "cd34", "6.8")
    deciding(site, code, Why.TESTS_FAIL)


def test_a_complete_lot_is_not_released_conditionally_twice_or_on_hold(site: Site) -> None:
    code = analysed_lot(site, 1).code
    deciding(site, code, Why.NOTHING_PENDING, Decision.CONDITIONALLY_RELEASED, (), "needed for LN-01 now")
    with act(site, quality(site), TESTED_AT) as work:
        hold = sure(place_hold(work, SubjectKind.LOT, code, "Freezer alarm under review"))
    deciding(site, code, Why.ON_HOLD)
    with act(site, quality(site), TESTED_AT) as work:
        sure(lift_hold(work, hold.code, "Alarm was a door left open", proof(quality(site))))
    decided(site, code)
    deciding(site, code, Why.NOT_IN_QUARANTINE)


def test_a_lot_in_process_waits_for_no_decision_and_has_no_expiry(site: Site) -> None:
    adopted(site)
    code = filled_lot(site, 1).code
    deciding(site, code, Why.NOT_IN_QUARANTINE)


def test_a_later_failing_result_voids_the_signature_and_holds_the_lot_in_the_same_act(site: Site) -> None:
    code = released_lot(site, 1).code
    before = len(kinds(site))
    superseding(site, code, "cd34", "6.8")
    assert kinds(site)[before:] == [
        "quality.superseded",
        "concerns.deviation_opened",
        "concerns.hold_placed",
        "quality.judged_again",
    ]
    assert [one.severity for one in deviations(site, code)] == [Severity.CRITICAL]
    assert not stands(site, code)
    assert len(holds(site, code)) == 1


def test_a_void_release_is_signed_again_once_the_lot_passes_and_the_hold_is_lifted(site: Site) -> None:
    code = released_lot(site, 1).code
    superseding(site, code, "cd34", "6.8")
    deciding(site, code, Why.ON_HOLD)
    superseding(site, code, "cd34", "0.5")
    with act(site, quality(site), LATER) as work:
        sure(lift_hold(work, holds(site, code)[0], "The sample had been mixed up", proof(quality(site))))
    deciding(site, code, Why.CRITICAL_DEVIATION)
    closed(site, deviations(site, code)[0].code)
    assert not stands(site, code)
    decided(site, code, at=LATER)
    assert stands(site, code)
    assert lot_now(site, code).released_at == RELEASED_AT


def test_a_passing_correction_voids_the_signature_but_holds_nothing(site: Site) -> None:
    code = released_lot(site, 1).code
    superseding(site, code, "cd34", "0.5")
    assert not stands(site, code)
    assert holds(site, code) == []
    decided(site, code, at=LATER)
    assert stands(site, code)


def conditional(site: Site) -> str:
    code = analysed_lot(site, 1, but=["sterility"]).code
    decided(site, code, Decision.CONDITIONALLY_RELEASED, "the patient cannot wait 14 days")
    return code


def test_a_conditional_release_names_its_pending_tests_and_makes_bags_available(site: Site) -> None:
    code = conditional(site)
    with site.db.reading() as db:
        decision = release_of(db, lot_now(site, code).id or 0)
    assert decision is not None and decision.pending == "sterility"
    assert lot_now(site, code).state is LotState.CONDITIONALLY_RELEASED
    assert bags(site, code) == {UnitState.AVAILABLE} and stands(site, code)
    assert "quality.conditionally_released" in kinds(site)


def test_a_pending_test_that_passes_later_keeps_the_signature_and_leads_to_the_full_release(
    site: Site,
) -> None:
    code = conditional(site)
    result(site, code, "sterility", "no growth", LATER)
    assert stands(site, code) and holds(site, code) == []
    decided(site, code, at=LATER)
    assert lot_now(site, code).state is LotState.RELEASED and stands(site, code)


def test_a_pending_test_that_fails_later_holds_the_lot(site: Site) -> None:
    code = conditional(site)
    result(site, code, "sterility", "growth of Cutibacterium acnes", LATER)
    assert len(holds(site, code)) == 1
    found = deviations(site, code)[0]
    assert found.severity is Severity.CRITICAL and found.rule == "SPEC-MSC-DP v1"
    assert found.what == "Sterility, 14 days: growth of Cutibacterium acnes, out of the limit no growth"
    deciding(site, code, Why.ON_HOLD)
    decided(site, code, Decision.REJECTED, "sterility failed", LATER)
    assert lot_now(site, code).state is LotState.REJECTED


def test_a_released_lot_is_called_back_by_signature_and_its_bags_are_not_released_any_more(
    site: Site,
) -> None:
    code = released_lot(site, 1).code
    deciding(site, code, Why.REASON_NEEDED, Decision.RECALLED)
    decided(site, code, Decision.RECALLED, "growth in a retained vial", LATER)
    assert lot_now(site, code).state is LotState.RECALLED
    assert kinds(site)[-2:] == ["quality.recalled", "evidence.checkpoint"]
    deciding(site, code, Why.NOT_IN_QUARANTINE)


def test_a_void_conditional_release_may_be_signed_again_as_such(site: Site) -> None:
    code = conditional(site)
    superseding(site, code, "cd34", "0.5")
    assert not stands(site, code)
    decided(site, code, Decision.CONDITIONALLY_RELEASED, "CD34 was typed wrong, and passes", LATER)
    assert stands(site, code)


def test_an_informative_result_after_the_release_completes_the_record_and_voids_nothing(site: Site) -> None:
    code = analysed_lot(site, 1, but=["hla_dr"]).code
    assert pending(lines(site, code)) == ()
    decided(site, code)
    result(site, code, "hla_dr", "35", LATER)
    assert stands(site, code) and holds(site, code) == []


def test_a_specification_of_another_product_judges_nothing_here(site: Site) -> None:
    other: SpecificationForm = shipped("msc-dp-1").model_copy(
        update={"code": "SPEC-OTHER", "product": "Other cells"}
    )
    with act(site, quality(site), day(1)) as work:
        sure(adopt_specification(work, other, proof(quality(site))))
    opened = lot(site)
    assert opened.product == PRODUCT
    assert lines(site, opened.code) == []


def test_every_act_of_quality_is_sound_to_its_last_row(site: Site) -> None:
    code = conditional(site)
    result(site, code, "sterility", "no growth", LATER)
    decided(site, code, at=LATER)
    superseding(site, code, "cd34", "6.8", LATER)
    with site.db.reading() as db:
        assert verify(db).ok
    assert maker(site).sign_in != analyst(site).sign_in
