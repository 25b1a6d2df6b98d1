"""Printed and applied labels for tests, made by the real operations."""

from collections.abc import Sequence
from datetime import datetime

from app.access.models import Person, Role
from app.labeling.models import Label
from app.labeling.operations import Printed, apply_label, print_labels
from app.labeling.queries import by_serial
from app.site import Site
from tests.donors.factories import someone
from tests.factories import act
from tests.lots.factories import day, sure

STOCK = "bag-100x50"
#: When labels are printed and scanned back: after the lot was filled and finished on day 28.
LABELLED_AT = day(28, 3)


def printer(site: Site) -> Person:
    """Who prints and applies labels."""
    return someone(site, Role.TECHNOLOGIST, "label-bench")


def second(site: Site) -> Person:
    """Who stands by a reprint."""
    return someone(site, Role.QUALITY, "second-person")


def printed(
    site: Site,
    codes: Sequence[str],
    stock: str = STOCK,
    *,
    reason: str | None = None,
    at: datetime = LABELLED_AT,
) -> Printed:
    """A print job; with a reason, in front of the second person."""
    beside = second(site) if reason else None
    with act(site, printer(site), at) as work:
        return sure(print_labels(work, codes, stock, reason=reason, second=beside))


def labelled(site: Site, unit_code: str, at: datetime = LABELLED_AT) -> Label:
    """The first label of a unit, printed and scanned back onto it."""
    serial = printed(site, [unit_code], at=at).labels[0].serial
    with act(site, printer(site), at) as work:
        return sure(apply_label(work, serial, unit_code))


def label_now(site: Site, serial: str) -> Label:
    """The piece as it now is."""
    with site.db.reading() as db:
        found = by_serial(db, serial)
    assert found is not None, serial
    return found.label
