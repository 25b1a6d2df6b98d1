"""Results against the specification, and two signed releases by somebody who made nothing."""

from datetime import datetime

from app.example.calendar import BANK_RELEASED, BANKED, FILLED, FOUNDED, RELEASED, STERILE, at
from app.example.making import BANK, LOT
from app.example.people import LENA, QUINN, REMY, actor, done, signing
from app.kernel.work import Actor
from app.quality.forms import ResultForm, shipped
from app.quality.models import Decision
from app.quality.operations import adopt_specification, decide_release, record_result
from app.site import Site

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
    _release(site, BANK, at(BANK_RELEASED, "15:00"))


def release_lot(site: Site) -> None:
    """The lot passes every test of its specification and is released."""
    with site.db.reading() as db:
        lena = actor(db, LENA)
    for test, value, day in LOT_RESULTS:
        _result(site, lena, LOT, test, value, at(FILLED, "15:00"), at(day, "17:00"))
    _release(site, LOT, at(RELEASED, "11:00"))


def _result(
    site: Site, who: Actor, lot: str, test: str, value: str, sampled: datetime, resulted: datetime
) -> None:
    form = ResultForm(test=test, value=value, sampled_at=sampled, resulted_at=resulted)
    with site.db.act(who, resulted) as work:
        done(record_result(work, lot, form))


def _release(site: Site, lot: str, when: datetime) -> None:
    with site.db.reading() as db:
        remy = actor(db, REMY)
    proof = signing(site, REMY)
    with site.db.act(remy, when) as work:
        done(decide_release(work, lot, Decision.RELEASED, (), "", proof))
