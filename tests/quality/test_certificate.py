"""The certificate of analysis says what was tested, against which limit, and who certified it."""

import pytest

from app.kernel.refusals import Refusal
from app.paper.chapters import Facts, Table, Text
from app.paper.models import PaperKind
from app.quality.certificate import certificate
from app.quality.models import Decision
from app.quality.rules import Why
from app.site import Site
from tests.lots.factories import drug_product_lot
from tests.paper.factories import issued
from tests.paper.test_pdf import words
from tests.quality.factories import (
    adopted,
    analysed_lot,
    decided,
    released_lot,
    result,
    retested,
    superseding,
)
from tests.quality.test_operations import LATER, conditional


def said(site: Site, code: str) -> tuple[Facts, Table, Facts, Text]:
    """Product, tests, certification and statement."""
    with site.db.reading() as db:
        composed = certificate(db, code)
    assert not isinstance(composed, Refusal), composed
    product, tests, certified = (chapter.blocks for chapter in composed.chapters)
    assert isinstance(product[0], Facts) and isinstance(tests[0], Table)
    assert isinstance(certified[0], Facts) and isinstance(certified[1], Text)
    return product[0], tests[0], certified[0], certified[1]


def refusal(site: Site, code: str) -> Refusal:
    with site.db.reading() as db:
        answer = certificate(db, code)
    assert isinstance(answer, Refusal)
    return answer


def test_a_certificate_names_product_tests_limits_results_and_signer(site: Site) -> None:
    code = released_lot(site, 2).code
    product, tests, certified, statement = said(site, code)
    facts = dict(product.rows)
    assert facts["Lot"] == code and facts["Containers"] == "2 × bag of 20 mL"
    assert facts["Specification"] == "SPEC-MSC-DP version 1"
    assert facts["Date of manufacture"] and facts["Expiry"] and facts["Storage"]
    row = next(row for row in tests.rows if row[0] == "CD34")
    assert row[1:5] == ("Flow cytometry", "≤ 5 %", "5 %", "complies")
    assert dict(certified.rows)["Certified by"] == "Releaser, releaser"
    assert "complies with every release test" in statement.words


def test_a_certificate_is_printed_as_a_document_of_its_own(site: Site) -> None:
    code = released_lot(site, 1).code
    made = issued(site, code, kind=PaperKind.CERTIFICATE)
    text = words(made.data).replace("\n", " ")
    assert f"Certificate of analysis {code}" in text and "no clonal abnormality" in text
    assert made.paper.kind is PaperKind.CERTIFICATE and made.paper.revision == 1


@pytest.mark.req("ATMP-QP")
def test_a_conditional_certificate_names_what_is_pending(site: Site) -> None:
    _, tests, certified, statement = said(site, conditional(site))
    assert next(row for row in tests.rows if row[0] == "Sterility, 14 days")[3:5] == ("pending", "PENDING")
    assert dict(certified.rows)["Tests still pending"] == "Sterility, 14 days"
    assert "Released before the result of: Sterility, 14 days" in statement.words


def test_a_lot_whose_pending_test_failed_is_not_to_be_used(site: Site) -> None:
    code = conditional(site)
    result(site, code, "sterility", "growth", LATER)
    _, _, certified, statement = said(site, code)
    assert "must not be used now" in statement.words and "Sterility, 14 days" in statement.words
    assert dict(certified.rows)["Holds in force"] == "HLD-25-001"
    assert "critical" in str(dict(certified.rows)["Deviations"])


def test_a_rejected_lot_gets_a_certificate_that_says_so(site: Site) -> None:
    adopted(site)
    code = drug_product_lot(site, 1).code
    result(site, code, "cd34", "6.8")
    decided(site, code, Decision.REJECTED, "CD34 above its limit")
    _, tests, _, statement = said(site, code)
    assert next(row for row in tests.rows if row[0] == "CD34")[3:5] == ("6.8 %", "DOES NOT COMPLY")
    assert "was rejected. It must not be used. It does not comply in: CD34" in statement.words


def test_results_kept_beside_the_one_that_counts_are_printed(site: Site) -> None:
    code = analysed_lot(site, 1, but=["cd34"]).code
    result(site, code, "cd34", "0.4")
    retested(site, code, "cd34", "0.6")
    decided(site, code)
    with site.db.reading() as db:
        composed = certificate(db, code)
    assert not isinstance(composed, Refusal)
    kept = composed.chapters[1].blocks[1]
    assert isinstance(kept, Table)
    assert [row[:2] for row in kept.rows] == [("CD34", "0.6")]


def test_without_a_standing_signature_there_is_no_certificate(site: Site) -> None:
    code = analysed_lot(site, 1).code
    assert refusal(site, code).reason is Why.NOT_CERTIFIED
    decided(site, code)
    superseding(site, code, "cd34", "0.5")
    assert "void" in refusal(site, code).sentence
    assert refusal(site, "MSC-99-999").reason is Why.NO_SUCH_LOT
