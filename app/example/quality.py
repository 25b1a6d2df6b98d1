"""Results against the specification, and the signed decisions on all lots by somebody who made nothing."""

from datetime import datetime

from app.example.calendar import BANK_RELEASED, BANKED, FILLED, FOUNDED, RELEASED, STERILE, after, at
from app.example.making import BANK, LOT
from app.example.people import LENA, QUINN, REMY, Unexpected, actor, done, signing
from app.example.twins import CONDITIONAL, OTHER, REJECTED
from app.kernel.work import Actor
from app.lots.queries import lot_by_code
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.quality.forms import ResultForm, shipped
from app.quality.models import Decision
from app.quality.operations import adopt_specification, decide_release
from app.quality.results import record_result
from app.site import Site

#: Days on which the twins were filled (see `app.example.twins`) and decided, and MSC-25-001 certified.
REJECTED_FILLED, REJECTED_ON = "2025-04-06", "2025-04-24"
CONDITIONAL_FILLED, CONDITIONAL_ON = "2025-04-27", "2025-05-05"
CERTIFIED = "2025-04-22"
#: (test, value) of the bank.
BANK_RESULTS = (
    ("viability_before_freeze", "96"),
    ("cd90", "99.2"),
    ("cd45", "0.4"),
    ("sterility", "no growth"),
    ("mycoplasma", "negative"),
)
#: (test, value, day of the result) of the lot.
LOT_RESULTS = (
    ("viability_before_freeze", "95", FILLED),
    ("viability_after_thaw", "91", STERILE),
    ("recovery_after_thaw", "90", STERILE),
    ("cd73", "99.1", STERILE),
    ("cd90", "99.6", STERILE),
    ("cd105", "98.4", STERILE),
    ("cd45", "0.3", STERILE),
    ("cd31", "0.2", STERILE),
    ("cd34", "0.4", STERILE),
    ("hla_dr", "6.2", STERILE),
    ("sterility", "no growth", STERILE),
    ("mycoplasma", "negative", STERILE),
    ("endotoxin", "<0.5", STERILE),
    ("karyotype", "no clonal abnormality", STERILE),
    ("potency", "54", STERILE),
)


def adopt(site: Site) -> None:
    """Quality adopts the two specifications that ship with Hilo."""
    with site.db.reading() as db:
        quinn = actor(db, QUINN)
    for name in ("msc-mcb-1", "msc-dp-1"):
        proof = signing(site, QUINN)
        with site.db.act(quinn, at(FOUNDED, "15:00")) as work:
            done(adopt_specification(work, shipped(name), proof))


def release_bank(site: Site) -> None:
    """The bank passes and is released."""
    with site.db.reading() as db:
        lena = actor(db, LENA)
    for test, value in BANK_RESULTS:
        _result(site, lena, BANK, test, value, at(BANKED, "14:00"), at(BANK_RELEASED, "09:00"))
    _decide(site, BANK, at(BANK_RELEASED, "15:00"), Decision.RELEASED)


def release_lot(site: Site) -> None:
    """The lot passes every test of its specification and is released."""
    with site.db.reading() as db:
        lena = actor(db, LENA)
    for test, value, day in LOT_RESULTS:
        _result(site, lena, LOT, test, value, at(FILLED, "15:00"), at(day, "17:00"))
    _decide(site, LOT, at(RELEASED, "11:00"), Decision.RELEASED)


def second_lots(site: Site) -> None:
    """MSC-25-002 fails CD34 and is rejected; MSC-25-003 is in use before its sterility fails."""
    _tested(site, REJECTED, REJECTED_FILLED, {"cd34": "6.8", "viability_after_thaw": "88"})
    reason = "CD34 6.8 % against a limit of 5 %: cells of the blood line are in the product."
    _decide(site, REJECTED, at(REJECTED_ON, "11:00"), Decision.REJECTED, reason)
    _tested(site, CONDITIONAL, CONDITIONAL_FILLED, {"potency": "47"}, pending=("sterility",), days=5)
    reason = "A relapsing patient may need it before the fourteen days of the sterility test are over."
    _decide(
        site,
        CONDITIONAL,
        at(CONDITIONAL_ON, "11:00"),
        Decision.CONDITIONALLY_RELEASED,
        reason,
        ("sterility",),
    )
    with site.db.reading() as db:
        lena = actor(db, LENA)
    growth = after(CONDITIONAL_FILLED, 14)
    sampled = at(CONDITIONAL_FILLED, "15:00")
    _result(
        site, lena, CONDITIONAL, "sterility", "growth of Cutibacterium acnes", sampled, at(growth, "09:00")
    )


def release_other_lot(site: Site) -> None:
    """MSC-25-004, of another donor, passes and is released fifteen days after it was filled."""
    with site.db.reading() as db:
        lot = lot_by_code(db, OTHER)
    if lot is None or lot.made_at is None:
        raise Unexpected(f"{OTHER} was not made")
    filled = lot.made_at.date().isoformat()
    _tested(site, OTHER, filled, {"cd73": "98.7", "cd34": "0.6", "potency": "49", "hla_dr": "8.1"})
    _decide(site, OTHER, at(after(filled, 15), "11:00"), Decision.RELEASED)


def first_papers(site: Site) -> None:
    """The day after the release: the lot's certificate of analysis, and the first revision of its record."""
    with site.db.reading() as db:
        quinn = actor(db, QUINN)
    for kind in (PaperKind.CERTIFICATE, PaperKind.BATCH_RECORD):
        done(issue_paper(site, quinn, at(CERTIFIED, "10:00"), kind, LOT))


def _tested(
    site: Site,
    lot: str,
    filled: str,
    differing: dict[str, str],
    *,
    pending: tuple[str, ...] = (),
    days: int = 14,
) -> None:
    """The results of a lot: those of MSC-25-001 but for what differs, so many days after the filling."""
    with site.db.reading() as db:
        lena = actor(db, LENA)
    sampled, resulted = at(filled, "15:00"), at(after(filled, days), "17:00")
    for test, value, _ in LOT_RESULTS:
        if test not in pending:
            _result(site, lena, lot, test, differing.get(test, value), sampled, resulted)


def _result(
    site: Site, who: Actor, lot: str, test: str, value: str, sampled: datetime, resulted: datetime
) -> None:
    form = ResultForm(test=test, value=value, sampled_at=sampled, resulted_at=resulted)
    with site.db.act(who, resulted) as work:
        done(record_result(work, lot, form))


def _decide(
    site: Site,
    lot: str,
    when: datetime,
    decision: Decision,
    reason: str = "",
    pending: tuple[str, ...] = (),
) -> None:
    with site.db.reading() as db:
        remy = actor(db, REMY)
    proof = signing(site, REMY)
    with site.db.act(remy, when) as work:
        done(decide_release(work, lot, decision, pending, reason, proof))
