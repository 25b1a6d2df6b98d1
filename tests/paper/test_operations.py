"""A batch record is issued in revisions, each with a checkpoint that verifies, and names no patient."""

import re

import pytest
from sqlmodel import Session, select

from app import papers
from app.donors.models import DonorIdentity
from app.evidence.checkpoints import read_line
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.paper.chapters import NOT_RECORDED, Composed
from app.paper.models import PaperKind
from app.paper.operations import Why, issue_paper
from app.paper.queries import newest_revision, papers_of
from app.quality.rules import Why as QualityWhy
from app.recipients.models import RecipientIdentity
from app.site import Site
from tests.access.factories import kinds
from tests.factories import actor_of
from tests.lots.factories import lot
from tests.paper.factories import ISSUED_AT, issued, issuer
from tests.paper.test_pdf import words
from tests.quality.factories import released_lot


def checkpoint_in(text: str) -> str:
    """The five parts of the checkpoint as they stand on paper, put in one line."""
    found = re.search(r"^(\d+)\n([0-9a-f]{64})\n(\S+Z)\n([0-9a-f]{64})\n([0-9a-f]{128})$", text, re.MULTILINE)
    assert found is not None, text[-900:]
    return " ".join(found.groups())


def test_a_lot_just_opened_has_a_record_that_says_what_is_not_there(site: Site) -> None:
    code = lot(site).code
    text = words(issued(site, code).data)
    assert NOT_RECORDED in text and code in text
    assert "No donation was recorded." in text


def test_the_checkpoint_on_paper_verifies_and_holds_against_the_ledger(site: Site) -> None:
    code = released_lot(site, 1).code
    paper = issued(site, code)
    line = checkpoint_in(words(paper.data))
    size, _ = read_line(line)
    assert 0 < size < len(kinds(site))
    with site.db.reading() as db:
        assert verify(db, [line]).ok
    assert kinds(site)[-2:] == ["evidence.checkpoint", "paper.issued"]


def test_each_issue_is_the_next_revision_and_supersedes_the_one_before(site: Site) -> None:
    code = released_lot(site, 1).code
    first, second = issued(site, code).paper, issued(site, code).paper
    assert (first.revision, second.revision) == (1, 2)
    assert first.serial != second.serial
    with site.db.reading() as db:
        assert newest_revision(db, first) == 2


def test_a_record_of_a_lot_that_is_not_there_is_refused(site: Site) -> None:
    who = actor_of(issuer(site))
    answer = issue_paper(site, who, ISSUED_AT, PaperKind.BATCH_RECORD, "MSC-99-999")
    assert isinstance(answer, Refusal) and answer.reason is QualityWhy.NO_SUCH_LOT


def test_of_two_people_who_issue_at_once_one_is_told_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    code = released_lot(site, 1).code
    who = actor_of(issuer(site))
    asked = []

    def meanwhile(db: Session, about: str) -> Composed | Refusal:
        asked.append(about)
        if len(asked) == 2:
            issued(site, code)
        return papers.batch_record(db, about)

    monkeypatch.setitem(papers.PAPERS, PaperKind.BATCH_RECORD, meanwhile)
    answer = issue_paper(site, who, ISSUED_AT, PaperKind.BATCH_RECORD, code)
    assert isinstance(answer, Refusal) and answer.reason is Why.OVERTAKEN
    with site.db.reading() as db:
        composed = papers.batch_record(db, code)
        assert not isinstance(composed, Refusal)
        assert len(papers_of(db, composed.subject, PaperKind.BATCH_RECORD)) == 1


def test_the_record_of_the_worked_example_is_whole_and_names_nobody(told: Site) -> None:
    """Staff sign with their names; donors and patients are codes."""
    with told.db.reading() as db:
        composed = papers.batch_record(db, "MSC-25-001")
        assert not isinstance(composed, Refusal)
        titles = [chapter.title for chapter in composed.chapters]
        donors = db.exec(select(DonorIdentity)).all()
        patients = db.exec(select(RecipientIdentity)).all()
    said = repr(composed.chapters)
    assert len(titles) == 10 and [chapter.number for chapter in composed.chapters] == list(range(1, 11))
    names = [(one.family_name, one.record_number) for one in donors]
    names += [(one.family_name, one.record_number) for one in patients]
    assert len(names) > 3
    for family_name, record_number in names:
        assert family_name not in said and record_number not in said
    assert "('Scans answered STOP', '1')" in said
    assert "D-0007" in said and "LN-01" in said and "Remy" in said
