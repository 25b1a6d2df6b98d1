"""Issued papers for tests, made by the real operation."""

from datetime import datetime

from app.access.models import Person, Role
from app.paper.models import PaperKind
from app.paper.operations import Issued, issue_paper
from app.site import Site
from tests.donors.factories import someone
from tests.factories import actor_of
from tests.lots.factories import day, sure

#: When papers are issued, unless a test says otherwise.
ISSUED_AT = day(60)


def issuer(site: Site) -> Person:
    """Who issues papers."""
    return someone(site, Role.QUALITY, "paper-desk")


def issued(
    site: Site,
    lot: str,
    at: datetime = ISSUED_AT,
    reason: str = "",
    kind: PaperKind = PaperKind.BATCH_RECORD,
) -> Issued:
    """A lot's batch record, or another document of it."""
    return sure(issue_paper(site, actor_of(issuer(site)), at, kind, lot, reason))
