"""A batch record is issued in revisions, each with a checkpoint that verifies, and names no patient."""

import hashlib
import re

import pytest
from sqlmodel import Session, select

from app import papers
from app.donors.models import DonorIdentity
from app.evidence import files
from app.evidence.checkpoints import read_line
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.paper.chapters import NOT_RECORDED, Composed, Heading
from app.paper.models import PaperKind
from app.paper.operations import Why, issue_paper
from app.paper.queries import file_of, papers_of, revisions_of, side_by_side
from app.quality.rules import Why as QualityWhy
from app.recipients.models import RecipientIdentity
from app.site import Site
from tests.access.factories import kinds
from tests.factories import actor_of
from tests.lots.factories import day, lot
from tests.paper.factories import ISSUED_AT, issued, issuer
from tests.paper.test_pdf import words
from tests.quality.factories import released_lot, superseding


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


def test_asking_again_gives_the_revision_that_stands_to_its_last_byte(site: Site) -> None:
    code = released_lot(site, 1).code
    first = issued(site, code)
    before = kinds(site)
    again = issued(site, code, day(70))
    assert again.paper.serial == first.paper.serial and not again.new
    assert hashlib.sha256(again.data).hexdigest() == first.paper.sha256
    assert kinds(site) == before


def test_with_a_reason_a_revision_is_made_although_nothing_changed(site: Site) -> None:
    code = released_lot(site, 1).code
    first, second = issued(site, code).paper, issued(site, code, reason="the first print was lost").paper
    assert (first.revision, second.revision) == (1, 2)
    assert first.serial != second.serial and first.content_sha256 == second.content_sha256
    with site.db.reading() as db:
        newest, oldest = revisions_of(db, first)
        told = side_by_side([newest, oldest])
    assert (newest.reason, oldest.reason) == ("the first print was lost", "")
    assert {words for _, words in told.rows} == {("first", "same")}


def test_changed_content_is_a_new_revision_that_says_which_chapters_changed(site: Site) -> None:
    code = released_lot(site, 1).code
    first = issued(site, code)
    superseding(site, code, "cd34", "0.5")
    second = issued(site, code)
    assert second.new and second.paper.revision == 2
    with site.db.reading() as db:
        told = side_by_side(revisions_of(db, second.paper))
        kept = files.read(db, file_of(db, first.paper))
    changed = {title for title, words in told.rows if words == ("first", "changed")}
    assert changed == {Heading.QUALITY_CONTROL, Heading.SIGNATURES, Heading.AUDIT_TRAIL}
    assert kept == first.data


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
    assert titles == [heading for heading in Heading if heading is not Heading.INTEGRITY]
    assert [chapter.number for chapter in composed.chapters] == list(range(1, 15))
    names = [(one.family_name, one.record_number) for one in donors]
    names += [(one.family_name, one.record_number) for one in patients]
    assert len(names) > 3
    for family_name, record_number in names:
        assert family_name not in said and record_number not in said
    assert "('Scans answered STOP', '2')" in said
    assert "D-0007" in said and "LN-01" in said and "Remy" in said
