"""The donor's chapter of a batch record: codes, the signed decision, and no name."""

from dataclasses import dataclass

from app.donors.chapter import chapter
from app.donors.models import DonorIdentity
from app.donors.queries import standing_decision
from app.paper.chapters import Facts, Table, Text
from app.site import Site
from tests.donors.factories import eligible_donor


@dataclass(frozen=True)
class Given:
    donor_id: int
    decision_id: int


def test_the_chapter_names_code_rule_set_and_signer(site: Site) -> None:
    donor = eligible_donor(site, code="D-0007")
    with site.db.reading() as db:
        decision = standing_decision(db, donor.id or 0)
        assert decision is not None
        made = chapter(db, [Given(donor.id or 0, decision.id or 0)] * 2)
        identity = db.get_one(DonorIdentity, 1)
    facts, table = made.blocks
    assert isinstance(facts, Facts)
    assert isinstance(table, Table)
    said = dict(facts.rows)
    assert said["Donor"] == "D-0007"
    assert said["Rule set"] == "eu-2006-17 version 2012-39.2"
    assert said["Decided and signed by"] == "Donor-Decider (quality), 2025-01-08 09:00 UTC"
    assert said["Signature"] == "decided; stands"
    assert identity.family_name not in repr(made)


def test_a_lot_without_a_donation_says_so(site: Site) -> None:
    with site.db.reading() as db:
        assert chapter(db, []).blocks == [Text("No donation was recorded.")]
