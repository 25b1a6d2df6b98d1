"""The incubator's alarm in passage 2 of MSC-25-001: a deviation, closed before the release."""

from app.concerns.deviations import assess_deviation, close_deviation, open_deviation
from app.concerns.models import Severity, SubjectKind
from app.example.calendar import at
from app.example.making import LOT
from app.example.people import QUINN, TESS, actor, done, signing
from app.site import Site

ALARMED, ASSESSED, CLOSED = "2025-03-13", "2025-03-14", "2025-04-17"


def incubator_alarm(site: Site) -> None:
    """Tess writes the alarm down; Quinn finds no impact, and closes it before the lot is released."""
    with site.db.reading() as db:
        tess, quinn = actor(db, TESS), actor(db, QUINN)
    with site.db.act(tess, at(ALARMED, "07:40")) as work:
        what = "Incubator CO2 alarm during P2: below 4.5 % for 22 min from 06:51, door not fully closed."
        alarm = done(open_deviation(work, SubjectKind.LOT, LOT, what, Severity.MINOR)).code
    proof = signing(site, QUINN)
    with site.db.act(quinn, at(ASSESSED, "10:15")) as work:
        impact = "None: pH of the medium unchanged, cells attached, growth and viability of P2 as planned."
        done(assess_deviation(work, alarm, impact, Severity.MINOR, proof))
    proof = signing(site, QUINN)
    with site.db.act(quinn, at(CLOSED, "16:20")) as work:
        cause = "The outer door was pushed to, not latched, after the evening check."
        done(close_deviation(work, alarm, cause, "Latch adjusted; evening check asks for the latch.", proof))
