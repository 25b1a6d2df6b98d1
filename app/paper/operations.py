"""The only writer of paper: issue a document, with the checkpoint that is printed on it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from app.evidence import files
from app.evidence.checkpoints import line, make_checkpoint
from app.evidence.ledger import Subject, record
from app.evidence.models import Occasion
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Actor, Work
from app.paper import events
from app.paper.chapters import Chapter, Exact, Facts, Text
from app.paper.models import IssuedPaper, PaperKind
from app.paper.pdf import Rendered, Sheet, render
from app.paper.queries import papers_of
from labels import payload

if TYPE_CHECKING:
    from app.site import Site

#: The words on the first line of each kind of document.
TITLES = {PaperKind.BATCH_RECORD: "Batch record"}


class Why(StrEnum):
    """Why no paper was issued."""

    OVERTAKEN = "overtaken"


@dataclass(frozen=True, slots=True)
class Issued:
    """A document as it was issued, and its bytes."""

    paper: IssuedPaper
    data: bytes


def issue_paper(site: "Site", actor: Actor, at: datetime, kind: PaperKind, code: str) -> Issued | Refusal:
    """Issue the next revision of a document about the subject with this code.

    Three steps, so that no page is drawn while others wait to write: a checkpoint in an act of its own, the
    pages from one consistent view, then the paper in a second act, unless somebody issued one in between.
    """
    with site.db.reading() as db:
        about = site.papers[kind](db, code)
    if isinstance(about, Refusal):
        return about
    with site.db.act(actor, at) as work:
        checkpoint = make_checkpoint(work, Occasion.PAPER)
    with site.db.reading() as db:
        former = papers_of(db, about.subject, kind)
        composed = site.papers[kind](db, code)
    if isinstance(composed, Refusal):
        return composed
    made, subject = composed.chapters, composed.subject
    sheet = Sheet(
        title=TITLES[kind],
        subject=subject.code,
        site=site.settings.site,
        serial=payload.issue(payload.Kind.DOCUMENT),
        revision=former[0].revision + 1 if former else 1,
        issued=f"{at:%Y-%m-%d %H:%M} UTC by {actor.sign_in}",
        banner="Worked example, synthetic data" if site.is_example else "",
    )
    made.append(_integrity(made[-1].number + 1 if made else 1, checkpoint.size, line(checkpoint)))
    rendered = render(sheet, made)
    with site.db.act(actor, at) as work:
        return _keep(work, kind, subject, sheet, rendered, known(checkpoint.id))


def _keep(
    work: Work, kind: PaperKind, subject: Subject, sheet: Sheet, rendered: Rendered, checkpoint_id: int
) -> Issued | Refusal:
    if any(paper.revision >= sheet.revision for paper in papers_of(work.db, subject, kind)):
        return Refusal(
            Why.OVERTAKEN,
            f"Somebody issued revision {sheet.revision} of this document just now.",
            "Open that one, or issue the next revision.",
        )
    stored = files.keep(work, rendered.data, f"{subject.code}-{kind.value}-{sheet.revision}.pdf")
    paper = IssuedPaper(
        serial=sheet.serial,
        kind=kind,
        subject_kind=subject.kind,
        subject_code=subject.code,
        revision=sheet.revision,
        pages=rendered.pages,
        sha256=stored.sha256,
        checkpoint_id=checkpoint_id,
        issued_at=work.at,
        issued_by_id=work.actor.person_id,
    )
    work.db.add(paper)
    record(
        work,
        events.ISSUED,
        subject,
        what=TITLES[kind],
        about=subject.code,
        serial=sheet.serial,
        revision=sheet.revision,
        pages=rendered.pages,
    )
    return Issued(paper, rendered.data)


def _integrity(number: int, size: int, checkpoint: str) -> Chapter:
    return Chapter(
        number,
        "Integrity",
        [
            Facts([("Ledger entries covered", str(size))]),
            Text(
                "The checkpoint is a signed statement of the ledger's size and root. It is written as size, "
                "root, time, key and signature: in a file one line, with blanks between, as the code below "
                "holds it. Keep this page: `python -m app verify --checkpoint FILE` then finds a ledger that "
                "was cut or written anew after this document was issued."
            ),
            Exact(tuple(checkpoint.split(" ")), checkpoint),
        ],
    )
