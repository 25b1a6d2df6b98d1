"""Four donors: D-0007 and D-0009 give; D-0008 may, with CMV disclosed; D-0006 may not, for anti-HBc."""

from dataclasses import dataclass, field

from app.donors import operations
from app.donors.forms import ConsentForm, IdentityForm, MarkerForm, ScreeningForm, TypingForm
from app.donors.models import ConsentScope, Marker, Outcome, Sex, Tissue, Verdict
from app.example.calendar import DECIDED, DECIDED_OTHERS, SCREENED, SCREENED_OTHERS, at, on
from app.example.people import QUINN, TESS, actor, done, signing
from app.kernel.work import Work
from app.site import Site

#: Loci of the published typing; the others are untyped, and shown as such.
TYPING_D0007 = "A*02:01 A*24:02 B*07:02 B*44:03 C*07:02 C*16:01 DRB1*07:01 DRB1*15:01 DQB1*02:02 DQB1*06:02"
TYPING_D0006 = "A*01:01 A*03:01 B*08:01 B*35:01 C*04:01 C*07:01 DRB1*03:01 DRB1*04:01 DQB1*02:01 DQB1*03:02"
TYPING_D0008 = "A*01:01 A*02:01 B*07:02 B*44:02 C*05:01 C*07:02 DRB1*04:01 DRB1*15:01 DQB1*03:01 DQB1*06:02"
#: No B*35:01: the strong antibody of LN-03 does not meet this donor's cells.
TYPING_D0009 = "A*03:01 A*68:01 B*07:02 B*51:01 C*07:02 C*15:02 DRB1*11:01 DRB1*13:01 DQB1*03:01 DQB1*06:03"
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


@dataclass(frozen=True, slots=True)
class Volunteer:
    """One donor of the story: what the laboratory found beyond non-reactive, and what was decided."""

    code: str
    age: int
    sex: Sex
    alleles: str
    outcomes: dict[Marker, Outcome] = field(default_factory=dict)
    verdict: Verdict = Verdict.ELIGIBLE
    reason: str = ""


FIRST = (
    Volunteer(
        "D-0006",
        31,
        Sex.MALE,
        TYPING_D0006,
        {Marker.ANTI_HBC: Outcome.REACTIVE},
        Verdict.INELIGIBLE,
        "anti-HBc reactive: past hepatitis B cannot be excluded for this donor",
    ),
    Volunteer("D-0007", 28, Sex.MALE, TYPING_D0007),
)
OTHERS = (
    Volunteer("D-0008", 35, Sex.FEMALE, TYPING_D0008, {Marker.ANTI_CMV: Outcome.REACTIVE}),
    Volunteer("D-0009", 24, Sex.MALE, TYPING_D0009),
)


def screen_donors(site: Site) -> None:
    """D-0006 and D-0007: registered, asked, tested and decided."""
    _screen_and_decide(site, FIRST, SCREENED, DECIDED)


def screen_others(site: Site) -> None:
    """D-0008 and D-0009, three months later. D-0009 gives for lot MSC-25-004 days after the decision."""
    _screen_and_decide(site, OTHERS, SCREENED_OTHERS, DECIDED_OTHERS)


def _screen_and_decide(site: Site, donors: tuple[Volunteer, ...], screened: str, decided: str) -> None:
    with site.db.reading() as db:
        tess, quinn = actor(db, TESS), actor(db, QUINN)
    with site.db.act(tess, at(screened, "09:30")) as work:
        screenings = {who.code: _screen(work, who, screened) for who in donors}
    for who in donors:
        proof = signing(site, QUINN)
        with site.db.act(quinn, at(decided, "14:00")) as work:
            code = screenings[who.code]
            done(operations.decide_eligibility(work, code, who.verdict, who.reason, proof))


def _screen(work: Work, who: Volunteer, screened: str) -> str:
    """One donor's whole screening; returns its code."""
    code, number = who.code, who.code[-1]
    identity = IdentityForm(
        family_name=f"Example-{number}",
        given_name="Donor",
        born_on=on(f"{2024 - who.age}-06-15"),
        record_number=f"SYN-D-{number}",
    )
    done(operations.register_donor(work, identity=identity, code=code))
    consent = ConsentForm(
        form_version="CF-3", scope=ConsentScope.TREATMENT_AND_RESEARCH, signed_on=on(screened)
    )
    done(operations.record_consent(work, code, consent))
    typing = TypingForm(
        alleles=who.alleles,
        method="NGS, two fields",
        laboratory="HLA laboratory, synthetic",
        typed_on=on(screened),
    )
    done(operations.record_typing(work, code, typing))
    screening = done(operations.open_screening(work, code, _history(who, screened)))
    for marker in {**dict.fromkeys(PANEL), **who.outcomes}:
        result = MarkerForm(
            marker=marker,
            outcome=who.outcomes.get(marker, Outcome.NON_REACTIVE),
            sampled_at=at(screened, "08:10"),
            resulted_at=at(screened, "09:20"),
            laboratory="Virology, synthetic",
        )
        done(operations.record_marker(work, screening.code, result))
    return screening.code


def _history(who: Volunteer, screened: str) -> ScreeningForm:
    return ScreeningForm(
        tissue=Tissue.BONE_MARROW,
        sex=who.sex,
        age_years=who.age,
        interviewed_on=on(screened),
        interview_clear=True,
        examined_on=on(screened),
        examination_clear=True,
    )
