"""Two donors: D-0007, who may give, and D-0006, whose anti-HBc asks for a risk assessment and who may not."""

from app.donors import operations
from app.donors.forms import ConsentForm, IdentityForm, MarkerForm, ScreeningForm, TypingForm
from app.donors.models import ConsentScope, Marker, Outcome, Sex, Tissue, Verdict
from app.example.calendar import DECIDED, SCREENED, at, on
from app.example.people import QUINN, TESS, actor, done, signing
from app.kernel.work import Work
from app.site import Site

#: Loci of the published typing; the others are untyped, and shown as such.
TYPING_D0007 = "A*02:01 A*24:02 B*07:02 B*44:03 C*07:02 C*16:01 DRB1*07:01 DRB1*15:01 DQB1*02:02 DQB1*06:02"
TYPING_D0006 = "A*01:01 A*03:01 B*08:01 B*35:01 C*04:01 C*07:01 DRB1*03:01 DRB1*04:01 DQB1*02:01 DQB1*03:02"
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


def screen_donors(site: Site) -> None:
    """Register, consent, test and decide both donors."""
    with site.db.reading() as db:
        tess, quinn = actor(db, TESS), actor(db, QUINN)
    with site.db.act(tess, at(SCREENED, "09:30")) as work:
        screenings = {
            "D-0006": _screen(work, "D-0006", 31, TYPING_D0006, {Marker.ANTI_HBC: Outcome.REACTIVE}),
            "D-0007": _screen(work, "D-0007", 28, TYPING_D0007, {}),
        }
    decisions = (
        (
            "D-0006",
            Verdict.INELIGIBLE,
            "anti-HBc reactive: past hepatitis B cannot be excluded for this donor",
        ),
        ("D-0007", Verdict.ELIGIBLE, ""),
    )
    for code, verdict, reason in decisions:
        proof = signing(site, QUINN)
        with site.db.act(quinn, at(DECIDED, "14:00")) as work:
            done(operations.decide_eligibility(work, screenings[code], verdict, reason, proof))


def _screen(work: Work, code: str, age: int, alleles: str, outcomes: dict[Marker, Outcome]) -> str:
    """One donor's whole screening; returns its code."""
    number = code[-1]
    identity = IdentityForm(
        family_name=f"Example-{number}",
        given_name="Donor",
        born_on=on(f"{2024 - age}-06-15"),
        record_number=f"SYN-D-{number}",
    )
    done(operations.register_donor(work, identity=identity, code=code))
    consent = ConsentForm(
        form_version="CF-3", scope=ConsentScope.TREATMENT_AND_RESEARCH, signed_on=on(SCREENED)
    )
    done(operations.record_consent(work, code, consent))
    typing = TypingForm(
        alleles=alleles,
        method="NGS, two fields",
        laboratory="HLA laboratory, synthetic",
        typed_on=on(SCREENED),
    )
    done(operations.record_typing(work, code, typing))
    screening = done(operations.open_screening(work, code, _history(age)))
    for marker in PANEL:
        result = MarkerForm(
            marker=marker,
            outcome=outcomes.get(marker, Outcome.NON_REACTIVE),
            sampled_at=at(SCREENED, "08:10"),
            resulted_at=at(SCREENED, "09:20"),
            laboratory="Virology, synthetic",
        )
        done(operations.record_marker(work, screening.code, result))
    return screening.code


def _history(age: int) -> ScreeningForm:
    return ScreeningForm(
        tissue=Tissue.BONE_MARROW,
        sex=Sex.MALE,
        age_years=age,
        interviewed_on=on(SCREENED),
        interview_clear=True,
        examined_on=on(SCREENED),
        examination_clear=True,
    )
