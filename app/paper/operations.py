"""The only writer of paper: issue a document, with the checkpoint that is printed on it."""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlmodel import Session

from app.evidence import files
from app.evidence.canonical import sha256_of
from app.evidence.checkpoints import line, make_checkpoint
from app.evidence.ledger import record
from app.evidence.models import Occasion
from app.kernel.refusals import Refusal
from app.kernel.speech import phrase, say
from app.kernel.tables import known
from app.kernel.work import Actor, Work
from app.paper import events
from app.paper.chapters import INTEGRITY, Chapter, Composed, Exact, Facts, Text, contents_of
from app.paper.models import IssuedPaper, PaperKind
from app.paper.pdf import Rendered, Sheet, render
from app.paper.queries import file_of, papers_of
from labels import payload

if TYPE_CHECKING:
    from app.site import Site

#: The words on the first line of each kind of document.
TITLES = {
    PaperKind.BATCH_RECORD: phrase("Batch record"),
    PaperKind.CERTIFICATE: phrase("Certificate of analysis"),
    PaperKind.INFUSION: phrase("Infusion record"),
    PaperKind.COURSE: phrase("Course of recipient"),
}


HOW_TO_CHECK = phrase(
    "The checkpoint is a signed statement of the ledger's size and root. It is written as size, root, time, "
    "key and signature: in a file one line, with blanks between, as the code below holds it. Keep this page: "
    "`python -m app verify --checkpoint FILE` then finds a ledger that was cut or written anew after this "
    "document was issued."
)


class Why(StrEnum):
    """Why no paper was issued."""

    OVERTAKEN = "overtaken"
    REASON_TOO_LONG = "reason_too_long"


@dataclass(frozen=True, slots=True)
class Issued:
    """A document as it was issued, and its bytes; ``new`` is False for a revision that stood already."""

    paper: IssuedPaper
    data: bytes
    new: bool = True


def issue_paper(
    site: "Site",
    actor: Actor,
    at: datetime,
    kind: PaperKind,
    code: str,
    reason: str = "",
    patient: Facts | None = None,
) -> Issued | Refusal:
    """Issue the next revision of a document about the subject with this code.

    When nothing it says has changed, the newest revision is the answer, unless a reason is given for
    another. ``patient`` is printed first, for a paper of the patient's own chart; it is part of no digest, so
    that nobody can try names against them.

    Three steps, so that no page is drawn while others wait to write: a checkpoint in an act of its own, the
    pages from one consistent view, then the paper in a second act, unless somebody issued one in between.
    """
    with site.db.reading() as db:
        about = site.papers[kind](db, code)
        if isinstance(about, Refusal):
            return about
        standing = None if reason else _unchanged(db, kind, about)
    if standing is not None:
        return standing
    with site.db.act(actor, at) as work:
        checkpoint = make_checkpoint(work, Occasion.PAPER)
    with site.db.reading() as db:
        former = papers_of(db, about.subject, kind)
        composed = site.papers[kind](db, code)
    if isinstance(composed, Refusal):
        return composed
    sheet = Sheet(
        title=TITLES[kind],
        subject=composed.subject.code,
        site=site.settings.site,
        serial=payload.issue(payload.Kind.DOCUMENT),
        revision=former[0].revision + 1 if former else 1,
        issued=say("{at} UTC by {who}", at=f"{at:%Y-%m-%d %H:%M}", who=actor.sign_in),
        banner=phrase("Worked example, synthetic data") if site.is_example else "",
    )
    named = [] if patient is None else [Chapter(1, phrase("Patient"), [patient])]
    said = [Chapter(one.number + len(named), one.title, one.blocks) for one in composed.chapters]
    last = _integrity(len(named) + len(said) + 1, composed.ledger, checkpoint.size, line(checkpoint))
    rendered = render(sheet, [*named, *said, last], site.settings.languages[0])
    with site.db.act(actor, at) as work:
        return _keep(work, kind, composed, sheet, rendered, known(checkpoint.id), reason)


def _unchanged(db: Session, kind: PaperKind, composed: Composed) -> Issued | None:
    """The newest revision with its bytes, when it says what a new one would say."""
    former = papers_of(db, composed.subject, kind)
    if not former or former[0].content_sha256 != sha256_of(contents_of(composed.chapters)):
        return None
    return Issued(former[0], files.read(db, file_of(db, former[0])), new=False)


def _keep(
    work: Work,
    kind: PaperKind,
    composed: Composed,
    sheet: Sheet,
    rendered: Rendered,
    checkpoint_id: int,
    reason: str,
) -> Issued | Refusal:
    subject, contents = composed.subject, contents_of(composed.chapters)
    if any(paper.revision >= sheet.revision for paper in papers_of(work.db, subject, kind)):
        return Refusal(
            Why.OVERTAKEN,
            say("Somebody issued revision {revision} of this document just now.", revision=sheet.revision),
            say("Open that one, or issue the next revision."),
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
        content_sha256=sha256_of(contents),
        chapters=json.dumps(contents, ensure_ascii=False),
        reason=reason,
        checkpoint_id=checkpoint_id,
        issued_at=work.at,
        issued_by_id=work.actor.person_id,
    )
    work.db.add(paper)
    record(
        work,
        events.ISSUED,
        subject,
        reason=reason or None,
        what=TITLES[kind],
        about=subject.code,
        serial=sheet.serial,
        revision=sheet.revision,
        pages=rendered.pages,
    )
    return Issued(paper, rendered.data)


def _integrity(number: int, ledger: Facts | None, size: int, checkpoint: str) -> Chapter:
    return Chapter(
        number,
        INTEGRITY,
        [
            Facts([*(ledger.rows if ledger else ()), (phrase("Ledger entries covered"), str(size))]),
            Text(HOW_TO_CHECK),
            Exact(tuple(checkpoint.split(" ")), checkpoint),
        ],
    )
