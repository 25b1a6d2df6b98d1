"""Consequences are a table that is listed, and they happen in the same act or fail it."""

from app.consequences import CONSEQUENCES
from app.evidence.ledger import Entry, EventKind, Subject, record, run_consequences
from app.kernel.work import SYSTEM, Work
from app.site import Site
from tests.factories import AT

CAUSE = EventKind("tests.cause", "cause {number}")
EFFECT = EventKind("tests.effect", "effect of {number}")


def test_the_table_names_what_reaches_downstream() -> None:
    listed = {kind.name: [step.__name__ for step in steps] for kind, steps in CONSEQUENCES.items()}
    assert listed == {
        "antibodies.imported": ["call_against_donors"],
        "orders.allocated": ["call_against_donors"],
        "bedside.infusion_started": ["call_against_donors"],
        "recipients.typed": ["call_again_for_recipient"],
        "donors.typed": ["call_again_for_donor"],
        "lots.unit_destroyed": ["release_order_of_lost_bag"],
        "lots.unit_ended": ["release_order_of_lost_bag"],
    }


def test_consequences_of_consequences_run_in_order_in_the_same_act(site: Site) -> None:
    seen: list[str] = []

    def effect(work: Work, entry: Entry) -> None:
        seen.append(entry.kind.name)
        if entry.kind is CAUSE:
            record(work, EFFECT, entry.subject, number=entry.facts["number"])

    with site.db.act(SYSTEM, AT) as work:
        record(work, CAUSE, Subject("test", "1"), number=1)
        run_consequences({CAUSE: (effect,), EFFECT: (effect,)}, work)
    assert seen == ["tests.cause", "tests.effect"]
