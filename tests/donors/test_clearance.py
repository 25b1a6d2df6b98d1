"""May this donor give today? Asked of every donation."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.donors.clearance import may_donate
from app.donors.forms import WithdrawalForm
from app.donors.models import Donor, EligibilityDecision, Tissue, Withdrawn
from app.donors.operations import withdraw_consent
from app.donors.rules import Why
from app.kernel.refusals import Refusal
from app.site import Site
from tests.donors.factories import SCREENED_AT, donor_of, eligible_donor, screened_donor, technologist
from tests.factories import act

MARROW = Tissue.BONE_MARROW


def asked(
    site: Site, donor: Donor, at: datetime = SCREENED_AT, tissue: Tissue = MARROW
) -> EligibilityDecision | Refusal:
    with site.db.reading() as db:
        return may_donate(db, donor.code, tissue, at)


def refused(answer: EligibilityDecision | Refusal, why: Why) -> None:
    assert isinstance(answer, Refusal), answer
    assert answer.reason is why
    assert answer.next_step


def test_an_eligible_donor_may_give_until_the_30th_day(site: Site) -> None:
    donor = eligible_donor(site)
    assert isinstance(asked(site, donor, SCREENED_AT + timedelta(days=30)), EligibilityDecision)
    refused(asked(site, donor, SCREENED_AT + timedelta(days=31)), Why.NO_LONGER_ELIGIBLE)


def test_the_window_counts_calendar_days_and_not_hours(site: Site) -> None:
    donor = eligible_donor(site)
    last = datetime(2025, 2, 7, 23, 59, tzinfo=UTC)
    assert isinstance(asked(site, donor, last), EligibilityDecision)
    refused(asked(site, donor, last + timedelta(minutes=1)), Why.NO_LONGER_ELIGIBLE)


def test_a_donor_who_is_not_decided_or_not_known_may_not_give(site: Site) -> None:
    donor = donor_of(site, screened_donor(site))
    refused(asked(site, donor), Why.NOT_ELIGIBLE)
    with site.db.reading() as db:
        refused(may_donate(db, "D-9999", MARROW, SCREENED_AT), Why.NO_SUCH_DONOR)


def test_a_donor_screened_for_marrow_may_not_give_fat(site: Site) -> None:
    refused(asked(site, eligible_donor(site), tissue=Tissue.ADIPOSE), Why.OTHER_TISSUE)


def test_a_donor_on_hold_may_not_give(site: Site) -> None:
    donor = eligible_donor(site)
    with act(site, technologist(site), SCREENED_AT) as work:
        place_hold(work, SubjectKind.DONOR, donor.code, "Fever on the ward.")
    refused(asked(site, donor), Why.ON_HOLD)


def test_a_donor_who_took_consent_back_may_not_give(site: Site) -> None:
    donor = eligible_donor(site)
    form = WithdrawalForm(
        scope=Withdrawn.EVERYTHING, withdrawn_on=SCREENED_AT.date(), reason="Changed their mind."
    )
    with act(site, technologist(site), SCREENED_AT) as work:
        withdraw_consent(work, donor.code, form)
    refused(asked(site, donor), Why.NO_CONSENT)


def test_a_decision_whose_record_was_edited_behind_its_back_no_longer_counts(site: Site) -> None:
    donor = eligible_donor(site)
    with site.db.writer.connect() as connection:
        connection.execute(text("UPDATE screening SET interviewed_on = '2025-01-07'"))
        connection.commit()
    refused(asked(site, donor), Why.NO_DECISION)


def test_fat_may_be_given_on_the_day_of_the_sample_with_nat(site: Site) -> None:
    donor = eligible_donor(site, tissue=Tissue.ADIPOSE)
    assert isinstance(asked(site, donor, tissue=Tissue.ADIPOSE), EligibilityDecision)
    next_day = SCREENED_AT + timedelta(days=1)
    refused(asked(site, donor, next_day, Tissue.ADIPOSE), Why.NO_LONGER_ELIGIBLE)
