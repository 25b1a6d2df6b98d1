"""Tested and released lots for tests of every room, made by the real operations."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.access.models import Person, Role
from app.lots.models import Lot
from app.lots.queries import lot_by_code
from app.quality.forms import ResultForm, RetestForm, SupersedeForm, shipped
from app.quality.models import Comparator, Decision, ReleaseDecision, Specification, TestResult
from app.quality.operations import adopt_specification, decide_release
from app.quality.queries import Line, checklist, pending, specification_by
from app.quality.results import record_result, retest, supersede_result
from app.site import Site
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.lots.factories import day, drug_product_lot, sure

#: When specifications are adopted.
ADOPTED_AT = day(0)
#: When results are entered and lots released, after the lot was filled on day 28.
TESTED_AT = day(42)
RELEASED_AT = day(43)


def quality(site: Site) -> Person:
    """Who adopts specifications."""
    return someone(site, Role.QUALITY, "quality-desk")


def analyst(site: Site) -> Person:
    """Who enters results, and so releases nothing."""
    return someone(site, Role.TECHNOLOGIST, "qc-bench")


def releaser(site: Site) -> Person:
    """Who releases and took no part in making or testing."""
    return someone(site, Role.RELEASER, "releaser")


def adopted(site: Site, name: str = "msc-dp-1", at: datetime = ADOPTED_AT) -> Specification:
    """The specification that ships under this name, in force."""
    form = shipped(name)
    with site.db.reading() as db:
        known = specification_by(db, form.code, form.version)
    if known is not None:
        return known
    who = quality(site)
    with act(site, who, at) as work:
        return sure(adopt_specification(work, form, proof(who)))


def lot_now(site: Site, code: str) -> Lot:
    """The lot as it now is."""
    with site.db.reading() as db:
        found = lot_by_code(db, code)
    assert found is not None, code
    return found


def lines(site: Site, code: str) -> list[Line]:
    """The lot's checklist as it now is."""
    with site.db.reading() as db:
        return checklist(db, lot_now(site, code))


def passing_value(line: Line) -> str:
    """A value that just passes this test."""
    limit = line.limit
    if limit.words is not None:
        return limit.words
    assert limit.number is not None
    if limit.comparator is Comparator.LESS_THAN:
        return f"<{limit.number}"
    return str(limit.number + 1 if limit.comparator is Comparator.MORE_THAN else limit.number)


def result_form(test: str, value: str, at: datetime = TESTED_AT) -> ResultForm:
    """A result reported at ``at`` on a sample of the day before."""
    return ResultForm(test=test, value=value, sampled_at=at - timedelta(days=1), resulted_at=at)


def result(
    site: Site, lot: str, test: str, value: str, at: datetime = TESTED_AT, by: Person | None = None
) -> TestResult:
    """A first result."""
    with act(site, by or analyst(site), at) as work:
        return sure(record_result(work, lot, result_form(test, value, at)))


def superseding(
    site: Site, lot: str, test: str, value: str, at: datetime = RELEASED_AT + timedelta(days=1)
) -> TestResult:
    """A later result in place of the standing one."""
    form = SupersedeForm(**result_form(test, value, at).model_dump(), reason="the laboratory corrected it")
    with act(site, analyst(site), at) as work:
        return sure(supersede_result(work, lot, form))


def retested(
    site: Site, lot: str, test: str, value: str, at: datetime = TESTED_AT + timedelta(hours=4)
) -> TestResult:
    """The test done again."""
    form = RetestForm(**result_form(test, value, at).model_dump(), reason="the sample was measured twice")
    with act(site, analyst(site), at) as work:
        return sure(retest(work, lot, form))


def analysed_lot(site: Site, bags: int = 3, *, code: str | None = None, but: Iterable[str] = ()) -> Lot:
    """A lot in quarantine whose tests pass, but for those left pending."""
    adopted(site)
    lot = drug_product_lot(site, bags, code=code)
    left = set(but)
    with act(site, analyst(site), TESTED_AT) as work:
        for line in checklist(work.db, lot):
            if line.limit.test not in left:
                sure(record_result(work, lot.code, result_form(line.limit.test, passing_value(line))))
    return lot


def decided(
    site: Site,
    code: str,
    decision: Decision = Decision.RELEASED,
    reason: str = "",
    at: datetime = RELEASED_AT,
) -> ReleaseDecision:
    """A decision signed by the releaser; a conditional one names what is pending."""
    who = releaser(site)
    named = pending(lines(site, code)) if decision is Decision.CONDITIONALLY_RELEASED else ()
    with act(site, who, at) as work:
        return sure(decide_release(work, code, decision, named, reason, proof(who)))


def released_lot(site: Site, bags: int = 3, *, code: str | None = None) -> Lot:
    """A released lot with so many bags available."""
    lot = analysed_lot(site, bags, code=code)
    decided(site, lot.code)
    return lot_now(site, lot.code)
