"""The donors' pages: every form saves or says what is wrong, and the identity stays behind its door."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.donors.models import Donor, DonorIdentity, DonorState, Marker, MarkerResult, Outcome, Screening
from app.evidence.models import LedgerEntry
from app.kernel import clock
from app.site import Site
from tests.access.factories import PASSWORD, staff
from tests.donors.factories import eligible_donor, screened_donor, someone
from tests.factories import act
from tests.webapp import client_of, web

PERSON = {
    "family_name": "Quillfeather",
    "given_name": "Oriane",
    "born_on": "1997-03-30",
    "record_number": "MRN-880001",
    "contact": "",
}


@pytest.fixture
def bench(site: Site) -> FlaskClient:
    """A technologist's browser."""
    return client_of(site, web(site), Role.TECHNOLOGIST)


def quality_client(site: Site) -> FlaskClient:
    """The browser of a quality person who has a password."""
    return client_of(site, web(site), staff(site, "quinn", Role.QUALITY))


def send(client: FlaskClient, path: str, data: dict[str, str]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/donors")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def now_text(hours: int = 0) -> str:
    return (clock.now() + timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def result(**other: str) -> dict[str, str]:
    filled = {
        "marker": Marker.HBSAG.value,
        "outcome": "non_reactive",
        "sampled_at": now_text(-4),
        "resulted_at": now_text(-1),
        "laboratory": "Virology",
    }
    return {**filled, **other}


def test_a_donor_is_registered_and_known_by_code_alone(site: Site, bench: FlaskClient) -> None:
    status, where = send(bench, "/donors", PERSON)
    assert (status, where) == (303, "/donors/D-0001")
    page = bench.get(where).get_data(as_text=True)
    assert "D-0001" in page
    assert "Quillfeather" not in page
    with site.db.reading() as db:
        assert db.exec(select(DonorIdentity)).one().born_on.year == 1997


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("born_on", "30/03/1997", "write the date as year-month-day"),
        ("born_on", "2999-01-01", "lies in the future"),
        ("family_name", " ", "fill this in"),
        ("record_number", "9" * 41, "at most 40 characters"),
    ],
)
def test_a_wrong_registration_is_422_and_keeps_what_was_typed(
    bench: FlaskClient, field: str, value: str, words: str
) -> None:
    status, page = send(bench, "/donors", {**PERSON, field: value})
    assert status == 422
    assert words in page
    assert "Oriane" in page


def test_the_identity_is_for_quality_with_a_reason_and_never_cached(site: Site, bench: FlaskClient) -> None:
    send(bench, "/donors", PERSON)
    assert bench.get("/donors/D-0001/identity").status_code == 403
    quality = quality_client(site)
    assert send(quality, "/donors/D-0001/identity", {"reason": ""})[0] == 422
    token = quality.token("/donors")  # type: ignore[attr-defined]  # PolicedClient's
    answer = quality.post("/donors/D-0001/identity", data={"reason": "Call back", "csrf_token": token})
    assert "Quillfeather" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    with site.db.reading() as db:
        kinds = db.exec(select(LedgerEntry.kind)).all()
    assert kinds.count("donors.identity_read") == 1


def test_a_screening_is_filled_page_by_page(site: Site, bench: FlaskClient) -> None:
    today = clock.now().date().isoformat()
    send(bench, "/donors", PERSON)
    steps: list[tuple[str, dict[str, str]]] = [
        ("/donors/D-0001/consent", {"form_version": "CF-3", "scope": "treatment", "signed_on": today}),
        ("/donors/D-0001/screening", {"tissue": "bone_marrow", "sex": "female", "age_years": "31"}),
    ]
    for path, data in steps:
        assert bench.get(path).status_code == 200
        assert send(bench, path, data) == (303, "/donors/D-0001")
    with site.db.reading() as db:
        code = db.exec(select(Screening.code)).one()
    history = {
        "interviewed_on": today,
        "interview_clear": "yes",
        "examined_on": today,
        "examination_clear": "yes",
    }
    assert send(bench, f"/screenings/{code}/history", history)[0] == 303
    assert send(bench, f"/screenings/{code}/history", history)[0] == 409
    assert send(bench, f"/screenings/{code}/result", result())[0] == 303
    typing = {"alleles": "A*02:01 A*24:02", "method": "NGS", "laboratory": "HLA", "typed_on": today}
    assert send(bench, "/donors/D-0001/typing", typing)[0] == 303
    page = bench.get("/donors/D-0001").get_data(as_text=True)
    for words in (
        "CF-3",
        code,
        "HBsAg: non-reactive",
        "A*02:01 A*24:02",
        "INCOMPLETE",
        "donor-registered"[:5],
    ):
        assert words in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sampled_at": "2999-01-01 10:00", "resulted_at": "2999-01-01 11:00"}, "lies in the future"),
        ({"resulted_at": "2020-01-01 10:00"}, "The sample is later than its result."),
        ({"outcome": "perhaps"}, "choose one of"),
        ({"marker": "x" * 10_000}, "choose one of"),
        ({"sampled_at": "yesterday"}, "write date and time"),
        ({"laboratory": ""}, "fill this in"),
    ],
)
def test_a_wrong_result_is_422_with_a_sentence(
    site: Site, bench: FlaskClient, wrong: dict[str, str], words: str
) -> None:
    code = screened_donor(site).code
    status, page = send(bench, f"/screenings/{code}/result", result(**wrong))
    assert status == 422
    assert words in page


def test_a_refused_result_is_kept_in_the_ledger_and_nothing_else(site: Site, bench: FlaskClient) -> None:
    screening = screened_donor(site)
    with site.db.reading() as db:
        before = len(db.exec(select(MarkerResult)).all())
    send(bench, f"/screenings/{screening.code}/result", result(resulted_at="2020-01-01 10:00"))
    with site.db.reading() as db:
        assert len(db.exec(select(MarkerResult)).all()) == before
        last = db.exec(select(LedgerEntry).order_by(LedgerEntry.seq.desc())).first()  # type: ignore[attr-defined]  # a column here
    assert last is not None
    assert (last.kind, last.subject_code) == ("access.refused", "D-0001")


def test_a_superseded_result_is_struck_through(site: Site, bench: FlaskClient) -> None:
    screened_donor(site)
    form = {key: value for key, value in result().items() if key != "marker"}
    assert bench.get("/results/1/supersede").status_code == 200
    assert send(bench, "/results/1/supersede", {**form, "reason": ""})[0] == 422
    assert send(bench, "/results/1/supersede", {**form, "reason": "Corrected report"})[0] == 303
    assert send(bench, "/results/1/supersede", {**form, "reason": "Corrected report"})[0] == 409
    page = bench.get("/donors/D-0001").get_data(as_text=True)
    assert "<s>non-reactive</s>" in page
    assert "Corrected report" in page


def decision_form(client: FlaskClient, path: str, **other: str) -> dict[str, str]:
    page = client.get(path).get_data(as_text=True)
    shown = page.split('name="shown" value="')[1].split('"')[0]
    filled = {"decided": "eligible", "reason": "", "sign_in": "quinn", "password": PASSWORD, "shown": shown}
    return {**filled, **other}


def fresh(site: Site, outcomes: dict[Marker, Outcome] | None = None) -> str:
    """A donor screened today, for pages that judge by today's date; the path of the decision."""
    return f"/screenings/{screened_donor(site, at=clock.now(), outcomes=outcomes).code}/decision"


def test_a_decision_is_signed_with_a_password_on_what_was_shown(site: Site) -> None:
    path = fresh(site)
    client = quality_client(site)
    assert "Anti-HIV-1,2: non-reactive" in client.get(path).get_data(as_text=True)
    assert send(client, path, decision_form(client, path)) == (303, "/donors/D-0001")
    with site.db.reading() as db:
        assert db.exec(select(Donor.state)).one() is DonorState.ELIGIBLE
    page = client.get("/donors/D-0001").get_data(as_text=True)
    assert "Quinn Ruiz, quality: decided" in page
    assert "stands" in page


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"password": "not the password"}, 422, "password"),
        ({"password": ""}, 422, "fill this in"),
        ({"decided": ""}, 422, "fill this in"),
        ({"shown": "0" * 64}, 409, "The record changed since you opened this page."),
        ({"decided": "ineligible"}, 422, "needs a reason"),
    ],
)
def test_a_decision_that_cannot_be_signed_says_why(
    site: Site, wrong: dict[str, str], status: int, words: str
) -> None:
    path = fresh(site)
    client = quality_client(site)
    got, page = send(client, path, decision_form(client, path, **wrong))
    assert (got, words in page) == (status, True)
    with site.db.reading() as db:
        assert db.exec(select(Donor.state)).one() is DonorState.IN_SCREENING


def test_a_technologist_sees_no_decision_page(site: Site, bench: FlaskClient) -> None:
    assert bench.get(fresh(site)).status_code == 403


def test_taking_consent_back_shows_the_hold_on_the_donors_page(site: Site, bench: FlaskClient) -> None:
    eligible_donor(site)
    form = {
        "scope": "everything",
        "withdrawn_on": clock.now().date().isoformat(),
        "reason": "Wishes to stop.",
    }
    assert bench.get("/donors/D-0001/withdrawal").status_code == 200
    assert send(bench, "/donors/D-0001/withdrawal", form)[0] == 303
    assert "On hold: donor D-0001" in bench.get("/donors/D-0001").get_data(as_text=True)


def test_the_lists_of_donors_tell_who_is_held(site: Site, bench: FlaskClient) -> None:
    code = eligible_donor(site).code
    for page in ("/donors", "/donors/windows"):
        assert "ON HOLD" not in bench.get(page).get_data(as_text=True)
    with act(site, someone(site, Role.QUALITY, "quill")) as work:
        place_hold(work, SubjectKind.DONOR, code, "Sample unclear.")
    for page in ("/donors", "/donors/windows"):
        assert "ON HOLD" in bench.get(page).get_data(as_text=True)


def test_a_deferral_is_signed_on_its_page(site: Site) -> None:
    eligible_donor(site)
    client = quality_client(site)
    assert client.get("/donors/D-0001/deferral").status_code == 200
    form = {"reason": "Donor tells of a risk.", "sign_in": "quinn", "password": PASSWORD}
    assert send(client, "/donors/D-0001/deferral", form)[0] == 303
    assert "DEFERRED" in client.get("/donors/D-0001").get_data(as_text=True)


@pytest.mark.parametrize(
    "path",
    [
        "/donors/D-9999",
        "/donors/D-9999/consent",
        "/screenings/SCR-99/result",
        "/screenings/SCR-99/history",
        "/results/9999/supersede",
    ],
)
def test_what_is_not_there_is_404(bench: FlaskClient, path: str) -> None:
    assert bench.get(path).status_code == 404


def test_the_list_goes_on_behind_the_last_code(site: Site, bench: FlaskClient) -> None:
    eligible_donor(site, code="D-0006")
    eligible_donor(site, code="D-0007")
    page = bench.get("/donors?after=D-0006").get_data(as_text=True)
    assert "D-0007" in page
    assert "D-0006" not in page
