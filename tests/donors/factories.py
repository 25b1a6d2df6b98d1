"""Donors for tests of every room, made by the real operations."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

from sqlmodel import select

from app.access.models import Person, Role
from app.donors.forms import (
    ConsentForm,
    IdentityForm,
    MarkerForm,
    ScreeningForm,
    TypingForm,
)
from app.donors.models import (
    ConsentScope,
    Donor,
    EligibilityDecision,
    Marker,
    MarkerResult,
    Outcome,
    Screening,
    Sex,
    Tissue,
    Verdict,
)
from app.donors.operations import (
    decide_eligibility,
    open_screening,
    record_consent,
    record_marker,
    record_typing,
    register_donor,
)
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.site import Site
from tests.factories import act, person, proof

#: When the donors of these tests are screened and decided, if the test does not say otherwise.
SCREENED_AT = datetime(2025, 1, 8, 9, 0, tzinfo=UTC)

#: The typing of donor D-0007 of the worked example.
ALLELES = "A*02:01 A*24:02 B*07:02 B*44:03 C*07:02 C*16:01 DRB1*07:01 DRB1*15:01 DQB1*02:02 DQB1*06:02"

#: What the worked example tests donors for; all non-reactive unless a test says otherwise.
PANEL = (
    Marker.ANTI_HIV_1_2,
    Marker.HBSAG,
    Marker.ANTI_HBC,
    Marker.ANTI_HCV,
    Marker.SYPHILIS_SPECIFIC,
    Marker.ANTI_HTLV_I_II,
    Marker.NAT_HIV,
    Marker.NAT_HBV,
    Marker.NAT_HCV,
)

_numbers = count(1)


def someone(site: Site, role: Role, sign_in: str) -> Person:
    """The person with this sign-in name, hired when new."""
    with site.db.reading() as db:
        known = db.exec(select(Person).where(Person.sign_in == sign_in)).one_or_none()
    return known or person(site, role, sign_in)


def technologist(site: Site) -> Person:
    """Who enters the donors' data."""
    return someone(site, Role.TECHNOLOGIST, "donor-desk")


def decider(site: Site) -> Person:
    """Who decides on donors and enters nothing."""
    return someone(site, Role.QUALITY, "donor-decider")


def identity() -> IdentityForm:
    """A made-up person, another one each time."""
    number = next(_numbers)
    return IdentityForm(
        family_name=f"Quillfeather{number}",
        given_name="Oriane",
        born_on=date(1997, 1, 1) + timedelta(days=number),
        record_number=f"MRN-{880000 + number}",
        contact="0171 555 0100",
    )


def marker_form(
    marker: Marker, outcome: Outcome = Outcome.NON_REACTIVE, at: datetime = SCREENED_AT
) -> MarkerForm:
    """A result reported at ``at`` on a sample of one hour before."""
    return MarkerForm(
        marker=marker,
        outcome=outcome,
        sampled_at=at - timedelta(hours=1),
        resulted_at=at,
        laboratory="Virology, synthetic",
    )


def screening_form(at: datetime = SCREENED_AT, tissue: Tissue = Tissue.BONE_MARROW) -> ScreeningForm:
    """A screening with a clear interview and examination on the day of ``at``."""
    return ScreeningForm(
        tissue=tissue,
        sex=Sex.MALE,
        age_years=28,
        interviewed_on=at.date(),
        interview_clear=True,
        examined_on=at.date(),
        examination_clear=True,
    )


def typing_form(alleles: str = ALLELES, at: datetime = SCREENED_AT, reason: str = "") -> TypingForm:
    """A typing reported on the day of ``at``."""
    return TypingForm(
        alleles=alleles,
        method="NGS, two fields",
        laboratory="HLA laboratory, synthetic",
        typed_on=at.date(),
        reason=reason,
    )


def enter_donor(
    work: Work,
    *,
    code: str | None = None,
    outcomes: dict[Marker, Outcome] | None = None,
    tissue: Tissue = Tissue.BONE_MARROW,
    alleles: str = ALLELES,
) -> Screening:
    """Register, consent, type and screen a donor in the act at hand, without a decision."""
    donor = register_donor(work, identity=identity(), code=code)
    assert isinstance(donor, Donor), donor
    consent = ConsentForm(
        form_version="CF-3", scope=ConsentScope.TREATMENT_AND_RESEARCH, signed_on=work.at.date()
    )
    assert not isinstance(record_consent(work, donor.code, consent), Refusal)
    assert not isinstance(record_typing(work, donor.code, typing_form(alleles, work.at)), Refusal)
    screening = open_screening(work, donor.code, screening_form(work.at, tissue))
    assert isinstance(screening, Screening), screening
    for marker in {**dict.fromkeys(PANEL), **(outcomes or {})}:
        outcome = (outcomes or {}).get(marker, Outcome.NON_REACTIVE)
        kept = record_marker(work, screening.code, marker_form(marker, outcome, work.at))
        assert isinstance(kept, MarkerResult), kept
    return screening


def screened_donor(
    site: Site,
    *,
    code: str | None = None,
    at: datetime = SCREENED_AT,
    outcomes: dict[Marker, Outcome] | None = None,
    tissue: Tissue = Tissue.BONE_MARROW,
    alleles: str = ALLELES,
) -> Screening:
    """A donor with consent, typing, history and a full panel, on whom nobody has decided yet."""
    with act(site, technologist(site), at) as work:
        return enter_donor(work, code=code, outcomes=outcomes, tissue=tissue, alleles=alleles)


def decide(
    site: Site,
    screening: Screening,
    decided: Verdict = Verdict.ELIGIBLE,
    reason: str = "",
    at: datetime = SCREENED_AT,
    by: Person | None = None,
) -> EligibilityDecision | Refusal:
    """A decision signed by `decider`, or by somebody else."""
    signer = by or decider(site)
    with act(site, signer, at) as work:
        return decide_eligibility(work, screening.code, decided, reason, proof(signer))


def donor_of(site: Site, screening: Screening) -> Donor:
    """The donor of a screening, as the tables tell now."""
    with site.db.reading() as db:
        return db.get_one(Donor, screening.donor_id)


def eligible_donor(
    site: Site,
    *,
    code: str | None = None,
    at: datetime = SCREENED_AT,
    tissue: Tissue = Tissue.BONE_MARROW,
    alleles: str = ALLELES,
) -> Donor:
    """A donor decided eligible by signature at ``at``; marrow may be taken up to 30 days later."""
    screening = screened_donor(site, code=code, at=at, tissue=tissue, alleles=alleles)
    decision = decide(site, screening, at=at)
    assert isinstance(decision, EligibilityDecision), decision
    return donor_of(site, screening)
