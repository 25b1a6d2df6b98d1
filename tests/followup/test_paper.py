"""The course on paper: by code, with its pictures, the same bytes for the same record."""

from datetime import date
from decimal import Decimal

import pypdfium2
import pytest

from app.access.models import Role
from app.evidence.verify import verify
from app.followup.analytes import Value
from app.followup.chapter import course_record
from app.followup.findings import record_findings
from app.followup.models import Analyte, Item, Sex, Timepoint
from app.followup.operations import record_visit
from app.followup.questions import Findings
from app.kernel.refusals import Refusal
from app.paper.chapters import Picture
from app.paper.models import PaperKind
from app.paper.operations import Issued, issue_paper
from app.paper.queries import shelf
from app.site import Site
from tests.antibodies.factories import NOW, imported, laboratory, recipient
from tests.factories import act, actor_of
from tests.followup.factories import infused, promised
from tests.webapp import client_of, web

PATH = "/recipients/LN-01/timeline"


def of(text: str) -> Value:
    return Value(Decimal(text))


@pytest.fixture
def course(site: Site) -> Site:
    """LN-01 before and after an infusion, with values, a score and sera."""
    recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    days = ((Timepoint.BASELINE, date(2025, 4, 28), "3.8"), (Timepoint.MONTH_1, date(2025, 6, 5), "0.9"))
    for timepoint, day, protein in days:
        imported(site, "LN-01", day, {"A*24:02": 1850})
        given = Findings(
            {Analyte.PROTEIN_24H: of(protein), Analyte.CREATININE: of("80")},
            frozenset({Item.PROTEINURIA}),
            sex=Sex.FEMALE,
        )
        with act(site, laboratory(site), NOW) as work:
            record_visit(work, "LN-01", timepoint, day)
            assert not isinstance(record_findings(work, "LN-01", timepoint, given), Refusal)
    return site


def issued(site: Site) -> Issued:
    answer = issue_paper(site, actor_of(laboratory(site)), NOW, PaperKind.COURSE, "LN-01")
    assert isinstance(answer, Issued), answer
    return answer


def words(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_the_paper_says_what_the_page_says_and_names_nobody(course: Site) -> None:
    told = words(issued(course).data)
    for said in ("Course of recipient LN-01", "SLEDAI-2K", "MSC-25-001-B01", "partial", "1850", "Day 0"):
        assert said in told, said
    assert "Marrowby" not in told and "PAT-" not in told and "1990" not in told
    with course.db.reading() as db:
        assert verify(db).ok


def test_every_panel_of_the_page_is_on_the_paper_on_the_same_days(course: Site) -> None:
    with course.db.reading() as db:
        composed = course_record(db, "LN-01")
    assert not isinstance(composed, Refusal)
    pictures = "".join(one.svg for c in composed.chapters for one in c.blocks if isinstance(one, Picture))
    for title in ("SLEDAI-2K, computed", "Proteinuria in 24 h", "eGFR, computed", "Highest reading"):
        assert title in pictures, title
    assert "Visits and their windows" in pictures


def test_nothing_new_is_no_new_revision_and_a_new_value_is_one(course: Site) -> None:
    first = issued(course)
    assert issued(course).new is False
    with act(course, laboratory(course), NOW) as work:
        record_findings(work, "LN-01", Timepoint.MONTH_1, Findings({Analyte.C3: of("1.1")}))
    again = issued(course)
    assert again.new and again.paper.revision == first.paper.revision + 1


def test_the_product_side_finds_no_course_on_its_shelf(course: Site) -> None:
    serial = issued(course).paper.serial
    with course.db.reading() as db:
        assert shelf(db) == []
    app = web(course)
    assert client_of(course, app, Role.QUALITY).get(f"/papers/{serial}").status_code == 404
    assert client_of(course, app, Role.TECHNOLOGIST).get(f"{PATH}/papers/{serial}.pdf").status_code == 403


def test_a_nurse_issues_the_course_and_opens_it(course: Site) -> None:
    client = client_of(course, web(course), Role.NURSE)
    token = {"csrf_token": client.token(PATH)}  # type: ignore[attr-defined]  # PolicedClient's
    assert client.post(f"{PATH}/papers", data=token).status_code == 303
    page = client.get(PATH).get_data(as_text=True)
    address = page.partition(f"{PATH}/papers/")[2].partition('"')[0]
    answer = client.get(f"{PATH}/papers/{address}")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert client.get(f"/recipients/LN-02/timeline/papers/{address}").status_code == 404
    assert client.post("/recipients/LN-77/timeline/papers", data=token).status_code == 404
