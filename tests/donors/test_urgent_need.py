"""In the United States an incomplete donor's cells may be used for an urgent need, and everything says so."""

from datetime import date, timedelta

import pytest
from flask import Flask

from app.access.models import Person, Role
from app.concerns.rules import Why as ConcernsWhy
from app.donors.clearance import may_donate
from app.donors.models import DonorState, EligibilityDecision, Tissue, UrgentNeed, Verdict
from app.donors.rules import Why
from app.donors.urgent import document_need
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.labeling.operations import print_labels
from app.labeling.rules import Why as LabelWhy
from app.lots.required import lines, on_a_label, required_of
from app.site import Site
from labels.proof import codes, pages
from tests.access.factories import PASSWORD, kinds, staff
from tests.custody.test_views import page, send
from tests.donors.cases import US
from tests.donors.factories import (
    SCREENED_AT,
    decide,
    decider,
    donor_of,
    screened_donor,
    someone,
    technologist,
)
from tests.factories import act, proof
from tests.lots.factories import drug_product_lot, sure, unit
from tests.webapp import client_of, web

NEED = "No other cells can be ready in time; the CMV test is still out"
WORDS = (
    "NOT EVALUATED FOR INFECTIOUS SUBSTANCES",
    "WARNING: Advise patient of communicable disease risks",
)
TOLD = SCREENED_AT.date()
BAG = "MSC-25-001-B01"


@pytest.fixture
def american(site: Site) -> Site:
    site.db.info["donor_rules"] = US
    return site


def incomplete(site: Site) -> str:
    """A donor decided incomplete: the US set asks for a test of CMV that nobody did."""
    screening = screened_donor(site)
    assert isinstance(
        decide(site, screening, Verdict.INCOMPLETE, "CMV is not reported yet"), EligibilityDecision
    )
    assert donor_of(site, screening).state is DonorState.INCOMPLETE
    return donor_of(site, screening).code


def physician(site: Site) -> Person:
    return someone(site, Role.PHYSICIAN, "paula")


def documented(
    site: Site,
    donor: str,
    told_on: date = TOLD,
    sign_in: str = "paula",
    need: str = NEED,
    by: Person | None = None,
) -> UrgentNeed | Refusal:
    physician(site)
    signer = by or decider(site)
    with act(site, signer, SCREENED_AT) as work:
        return document_need(work, donor, need, sign_in, told_on, proof(signer))


def asked(site: Site, donor: str) -> EligibilityDecision | Refusal:
    with site.db.reading() as db:
        return may_donate(db, donor, Tissue.BONE_MARROW, SCREENED_AT)


def why(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def test_an_incomplete_donor_gives_only_for_a_documented_urgent_need(american: Site) -> None:
    donor = incomplete(american)
    assert why(asked(american, donor)) is Why.NOT_ELIGIBLE
    assert isinstance(documented(american, donor), UrgentNeed)
    assert isinstance(asked(american, donor), EligibilityDecision)
    assert "donors.urgent_need" in kinds(american)
    with american.db.reading() as db:
        assert verify(db).ok


def test_a_need_that_nobody_may_sign_or_was_told_of_is_refused(american: Site) -> None:
    donor = incomplete(american)
    assert why(documented(american, donor, sign_in="nobody")) is Why.NO_PHYSICIAN
    assert why(documented(american, donor, sign_in=technologist(american).sign_in)) is Why.NO_PHYSICIAN
    assert why(documented(american, donor, TOLD + timedelta(days=2))) is Why.TOLD_IN_FUTURE
    assert why(documented(american, donor, need=" ")) is ConcernsWhy.NO_REASON
    assert why(documented(american, donor, by=technologist(american))) is ConcernsWhy.MAY_NOT_SIGN
    assert why(documented(american, "D-9999")) is Why.NO_SUCH_DONOR
    assert isinstance(documented(american, donor), UrgentNeed)
    assert why(documented(american, donor)) is Why.NEED_DOCUMENTED


def test_the_european_rules_know_no_urgent_need(site: Site) -> None:
    screening = screened_donor(site)
    decide(site, screening, Verdict.INCOMPLETE, "a doubt about the interview")
    donor = donor_of(site, screening).code
    assert why(documented(site, donor)) is Why.NO_URGENT_NEED
    assert why(asked(site, donor)) is Why.NOT_ELIGIBLE


def test_a_need_is_documented_of_incomplete_donors_only(american: Site) -> None:
    donor = donor_of(american, screened_donor(american)).code
    assert why(documented(american, donor)) is Why.NOT_INCOMPLETE


@pytest.fixture
def needed(american: Site) -> Site:
    """A lot of two bags of an incomplete donor."""
    donor = incomplete(american)
    documented(american, donor)
    drug_product_lot(american, 2, code="MSC-25-001", donor=donor)
    return american


def test_every_bag_of_that_donor_must_carry_the_words(needed: Site) -> None:
    with needed.db.reading() as db:
        required = required_of(db, unit(needed, BAG).id or 0, SCREENED_AT)
        assert tuple(lines(required)) == WORDS and on_a_label(required) == ". ".join(WORDS)
    printer = technologist(needed)
    with act(needed, printer) as work:
        small = print_labels(work, [BAG], "bag-100x50")
        assert isinstance(small, Refusal) and small.reason is LabelWhy.REQUIRED_WORDS
        assert WORDS[0] in small.sentence and "bag-100x75" in small.next_step
    with act(needed, printer) as work:
        large = sure(print_labels(work, [BAG], "bag-100x75"))
    (read,) = [codes(sheet) for sheet in pages(large.pdf, 300)]
    assert large.labels[0].serial in read


def test_the_words_stand_on_the_pages_of_the_unit(needed: Site) -> None:
    bench = client_of(needed, web(needed), Role.TECHNOLOGIST)
    shown = page(bench, f"/units/{BAG}")
    assert all(word in shown for word in WORDS) and "1271.60" in shown


def test_the_need_is_documented_on_the_donors_page(american: Site) -> None:
    donor = incomplete(american)
    physician(american)
    app: Flask = web(american)
    desk = client_of(american, app, staff(american, "quinn", Role.QUALITY))
    assert f"/donors/{donor}/urgent-need" in page(desk, f"/donors/{donor}")
    assert "every label and paper then says so" in page(desk, f"/donors/{donor}/urgent-need")
    signed = {"sign_in": "quinn", "password": PASSWORD}
    form = {"reason": NEED, "physician": "paula", "told_on": TOLD.isoformat()} | signed
    status, shown = send(desk, f"/donors/{donor}/urgent-need", form | {"physician": "nobody"})
    assert status in (409, 422) and "No physician here signs in as nobody" in shown and NEED in shown
    assert send(desk, f"/donors/{donor}/urgent-need", form | {"told_on": "5/6/2025"})[0] == 422
    assert send(desk, f"/donors/{donor}/urgent-need", form) == (303, f"/donors/{donor}")
    shown = page(desk, f"/donors/{donor}")
    assert "Urgent medical need documented" in shown and NEED in shown
