"""Results out of their limits are deviations, and a retest averages nothing away."""

from datetime import timedelta

import pytest

from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.lots.models import LotState
from app.quality.forms import RetestForm
from app.quality.models import Flag
from app.quality.queries import told_history
from app.quality.results import retest
from app.quality.rules import Why
from app.site import Site
from tests.access.factories import kinds
from tests.factories import act
from tests.lots.factories import drug_product_lot, sure
from tests.quality.factories import (
    TESTED_AT,
    adopted,
    analysed_lot,
    analyst,
    decided,
    lines,
    lot_now,
    result,
    result_form,
    retested,
    superseding,
)
from tests.quality.test_operations import closed, deciding, deviations, entering, holds

#: (test, a value out of its limit, how grave the deviation is); an informative test opens none.
OUT_OF_LIMIT = (
    ("cd34", "6.8", Severity.MAJOR),
    ("sterility", "growth", Severity.CRITICAL),
    ("hla_dr", "35", None),
)


@pytest.mark.req("A11-9")
@pytest.mark.parametrize(("test", "value", "severity"), OUT_OF_LIMIT)
def test_a_result_out_of_its_limit_opens_a_deviation_as_grave_as_the_specification_says(
    site: Site, test: str, value: str, severity: Severity | None
) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, test, value)
    assert [one.severity for one in deviations(site, code)] == ([severity] if severity else [])
    assert holds(site, code) == []


def test_an_open_critical_deviation_blocks_the_release_and_a_major_one_does_not(site: Site) -> None:
    code = analysed_lot(site, 1).code
    with act(site, analyst(site), TESTED_AT) as work:
        sure(open_deviation(work, SubjectKind.LOT, code, "A label was smudged", Severity.MAJOR))
        grave = sure(open_deviation(work, SubjectKind.UNIT, f"{code}-B01", "Bag leaked", Severity.CRITICAL))
    no = deciding(site, code, Why.CRITICAL_DEVIATION)
    assert grave.code in no.sentence
    closed(site, grave.code)
    decided(site, code)
    assert lot_now(site, code).state is LotState.RELEASED


def test_a_retest_stands_beside_the_first_result_and_averages_nothing_away(site: Site) -> None:
    """CD34 counts by its worst result: 6.8 % stays, however low the retest."""
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, "cd34", "6.8")
    retested(site, code, "cd34", "0.4")
    line = next(line for line in lines(site, code) if line.limit.test == "cd34")
    assert (line.value, line.flag) == ("6.8", Flag.FAIL)
    assert [(one.value, one.flag) for one in line.repeats] == [("0.4", Flag.PASS)]
    with site.db.reading() as db:
        told = told_history(db, lot_now(site, code).id or 0)
    assert [(row["value"], row["superseded"], row["retest"]) for row in told] == [
        ("6.8", False, False), ("0.4", False, True),
    ]  # fmt: skip
    assert "quality.retested" in kinds(site)


def test_where_the_specification_says_so_the_latest_result_counts(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, "hla_dr", "35")
    retested(site, code, "hla_dr", "12")
    line = next(line for line in lines(site, code) if line.limit.test == "hla_dr")
    assert line.value == "12" and [one.value for one in line.repeats] == ["35"]
    superseding(site, code, "hla_dr", "13", TESTED_AT + timedelta(hours=5))
    line = next(line for line in lines(site, code) if line.limit.test == "hla_dr")
    assert line.value == "13" and [one.value for one in line.repeats] == ["35"]


def test_a_test_is_repeated_only_where_there_is_a_result_and_the_specification_allows_it(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    again = RetestForm(**result_form("sterility", "no growth").model_dump(), reason="the vial was reopened")
    entering(site, lambda work: retest(work, code, again), Why.NO_SUCH_RESULT)
    result(site, code, "sterility", "growth")
    no = entering(site, lambda work: retest(work, code, again), Why.NO_RETEST)
    assert "no retest" in no.sentence
