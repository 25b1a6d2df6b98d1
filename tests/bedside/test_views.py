"""The wizard on the tablet: one patient and one bag from the wristband to the end, and every way it stops."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlmodel import col, select

from app.access.models import Role
from app.access.operations import set_password
from app.access.passwords import prepared
from app.bedside.models import Infusion, Scan, VerdictWord
from app.donors.texts import Wording
from app.lots import views as lots_views
from tests.access.factories import PASSWORD
from tests.bedside.factories import (
    CHECK_AT,
    THAW_AT,
    Story,
    check_of,
    confirmed_check,
    first_check,
    started,
    thawed,
)
from tests.bedside.tablets import Clock, Tablet, peopled, word
from tests.donors.factories import someone
from tests.factories import act


def test_one_bag_from_wristband_to_delivered_cells_on_one_tablet(
    tablet: Tablet, story: Story, time: Clock
) -> None:
    case = story.case
    time.at = THAW_AT
    answer = tablet.thaw(case.label)
    assert answer.headers["Location"] == f"/bedside/thaws/{case.unit}"
    time.at = CHECK_AT
    answer = tablet.scan(case.band)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/bedside/checks/CHK-25-001")
    check = "CHK-25-001"
    assert "EXAMPLE, Maria I" in tablet.page(f"/bedside/checks/{check}")
    answer = tablet.scan(case.label, check)
    assert (answer.status_code, word(answer)) == (200, "GO")
    assert tablet.sign(story.first, check).status_code == 303
    assert "Hand over to the second person" in tablet.page(f"/bedside/checks/{check}")
    taken = tablet.post(f"/bedside/checks/{check}/second", sign_in="nurse2", password=PASSWORD)
    assert taken.headers["Location"] == f"/bedside/checks/{check}"
    assert tablet.scan(case.band, check).status_code == 303
    assert word(tablet.scan(case.label, check)) == "GO"
    assert tablet.sign(story.second, check).status_code == 303
    time.at += timedelta(minutes=4)
    answer = tablet.post(
        f"/bedside/checks/{check}/start",
        started_at="2025-05-06 10:14",
        volume_ml="20",
        viable_million="90",
        viability_percent="91",
    )
    assert answer.headers["Location"] == "/bedside/infusions/INF-25-001"
    for _ in range(2):
        time.at += timedelta(minutes=10, seconds=30)
        assert "record the end" in tablet.page("/bedside")
    answer = tablet.post(
        "/bedside/infusions/INF-25-001/end", ended_at="2025-05-06 10:34", residual_ml="0.4", flush_ml="10"
    )
    assert answer.status_code == 303
    page = tablet.page("/bedside/infusions/INF-25-001")
    assert "88.2 × 10⁶ viable cells (eighty-eight million two hundred thousand)" in page


def test_the_second_person_does_not_see_whose_check_it_is_before_their_own_scans(
    story: Story, app: Flask
) -> None:
    check = first_check(story)
    tablet = Tablet(app, story, story.second)
    page = tablet.page(f"/bedside/checks/{check}")
    assert "Second person: scan the wristband" in page
    for secret in (story.case.unit, story.case.recipient, "EXAMPLE", story.case.order):
        assert secret not in page


@pytest.mark.req("K4")
def test_a_wrong_wristband_is_a_full_screen_stop_that_is_already_kept(two: Story, time: Clock) -> None:
    assert time.at == CHECK_AT
    tablet = Tablet(peopled(two), two, two.first)
    tablet.scan(two.cases[1].band)
    answer = tablet.scan(two.cases[0].label, "CHK-25-001")
    assert (answer.status_code, word(answer)) == (409, "STOP")
    page = answer.get_data(as_text=True)
    assert "This bag is for LN-01. The wristband is of LN-02." in page
    assert "Call the cell laboratory" in page and 'action="/bedside"' in page
    with two.site.db.reading() as db:
        last = db.exec(select(Scan).order_by(col(Scan.id).desc())).first()
    assert last is not None and last.verdict is VerdictWord.STOP


def test_reloading_a_verdict_is_the_same_scan(tablet: Tablet, story: Story) -> None:
    first = tablet.scan("noise", scan_key="the-same-key")
    again = tablet.scan("noise", scan_key="the-same-key")
    assert (first.status_code, again.status_code) == (409, 409)
    other = tablet.scan("other noise", scan_key="the-same-key")
    assert other.status_code == 422
    with story.site.db.reading() as db:
        assert len(db.exec(select(Scan)).all()) == 1


@pytest.mark.parametrize("text", ["", "5901234123457", "B" * 10_000, "ab\x00cd", "é&é&é&é&"])
def test_noise_is_a_stop_with_a_next_step_and_a_row(tablet: Tablet, story: Story, text: str) -> None:
    answer = tablet.scan(text)
    assert (answer.status_code, word(answer)) == (409, "STOP")
    with story.site.db.reading() as db:
        assert len(db.exec(select(Scan)).all()) == 1


def test_a_script_gets_the_same_answer_as_json(tablet: Tablet, story: Story) -> None:
    token = tablet.client.token("/bedside")  # type: ignore[attr-defined]  # PolicedClient's
    answer = tablet.client.post(
        "/bedside/scan",
        json={"code": story.case.label, "scan_key": "json-key-1", "scan_by": "camera"},
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )
    assert answer.status_code == 409
    body = answer.get_json()
    assert body["verdict"] == "stop" and body["reasons"][0]["reason"] == "wristband_due"


def test_a_scan_while_a_verdict_stands_is_logged_and_not_used(tablet: Tablet, story: Story) -> None:
    tablet.scan(story.case.band)
    token = tablet.client.token("/bedside")  # type: ignore[attr-defined]  # PolicedClient's
    answer = tablet.client.post(
        "/bedside/ignored?check=CHK-25-001",
        json={
            "text": story.case.label,
            "by": "hand_scanner",
            "key": "ignored-key-1",
            "at": "2025-05-06T10:10Z",
        },
        headers={"Accept": "application/json", "X-CSRFToken": token},
    )
    assert (answer.status_code, answer.get_json()["verdict"]) == (200, "not_checked")
    assert check_of(story, "CHK-25-001").unit_id is None


def test_a_typed_code_alone_is_stop_and_with_a_colleague_passes(
    tablet: Tablet, story: Story, time: Clock
) -> None:
    typed = {"scan_by": "typed"}
    alone = tablet.scan(story.case.band, **typed)
    assert "A typed code needs a reason and a second person." in alone.get_data(as_text=True)
    wrong = tablet.scan(
        story.case.band, typed_reason="torn", second_sign_in="nurse2", second_password="no", **typed
    )
    assert wrong.status_code == 401
    time.at += timedelta(minutes=1)
    both = tablet.scan(
        story.case.band, typed_reason="torn", second_sign_in="nurse2", second_password=PASSWORD, **typed
    )
    assert both.status_code == 303


def test_what_the_law_makes_be_said_of_the_donor_stands_before_the_check_is_signed(
    tablet: Tablet, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Wording(("NOT EVALUATED FOR INFECTIOUS SUBSTANCES",), "urgent need", "21 CFR 1271.60(d)")
    monkeypatch.setattr(lots_views, "required_of", lambda _db, _unit, _at: (said,))
    tablet.scan(story.case.band)
    assert said.words[0] not in tablet.page("/bedside/checks/CHK-25-001")
    tablet.scan(story.case.label, "CHK-25-001")
    assert said.words[0] in tablet.page("/bedside/checks/CHK-25-001")


def test_a_wrong_password_signs_nothing(tablet: Tablet, story: Story) -> None:
    tablet.scan(story.case.band)
    tablet.scan(story.case.label, "CHK-25-001")
    answer = tablet.post("/bedside/checks/CHK-25-001/sign", sign_in="nurse1", password="wrong one here")
    assert answer.status_code == 401
    assert check_of(story, "CHK-25-001").first_signature_id is None


def test_a_signature_under_another_page_is_stop(tablet: Tablet, story: Story) -> None:
    tablet.scan(story.case.band)
    tablet.scan(story.case.label, "CHK-25-001")
    answer = tablet.sign(story.first, "CHK-25-001", shown="0" * 64)
    assert (answer.status_code, word(answer)) == (409, "STOP")


def test_nobody_hands_the_tablet_to_themself_or_to_the_bank(tablet: Tablet, story: Story) -> None:
    check = first_check(story)
    bank = someone(story.site, Role.TECHNOLOGIST, "bank")
    with act(story.site, bank, CHECK_AT) as work:
        set_password(work, bank.sign_in, prepared(PASSWORD))
    for name, status in (("nurse1", 409), ("bank", 409), ("nobody", 401)):
        answer = tablet.post(f"/bedside/checks/{check}/second", sign_in=name, password=PASSWORD)
        assert answer.status_code == status, name


def test_after_ten_minutes_the_page_says_start_again(tablet: Tablet, story: Story, time: Clock) -> None:
    tablet.scan(story.case.band)
    time.at += timedelta(minutes=11)
    assert "This check is over" in tablet.page("/bedside/checks/CHK-25-001")


def test_a_check_of_others_shows_no_patient(app: Flask, story: Story) -> None:
    check = confirmed_check(story)
    third = Tablet(app, story, story.doctor)
    page = third.page(f"/bedside/checks/{check}")
    assert "This check belongs to others" in page and "EXAMPLE" not in page


START = {
    "started_at": "2025-05-06 10:10",
    "volume_ml": "20",
    "viable_million": "90",
    "viability_percent": "91",
}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"viable_million": "900"}, "nine hundred million"),
        ({"volume_ml": "-1"}, "must be 0 or more"),
        ({"volume_ml": ".5"}, "write a number"),
        ({"started_at": "06/05/2025"}, "write date and time"),
        ({"started_at": "2025-05-06 11:10"}, "lies in the future"),
        ({"started_at": "2025-05-06 10:01"}, "The start lies before the thaw."),
    ],
)
def test_a_slip_at_the_start_keeps_what_was_typed_and_starts_nothing(
    tablet: Tablet, story: Story, wrong: dict[str, str], sentence: str
) -> None:
    thawed(story)
    check = confirmed_check(story)
    answer = tablet.post(f"/bedside/checks/{check}/start", **(START | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and sentence in page
    (value,) = wrong.values()
    assert f'value="{value}"' in page
    with story.site.db.reading() as db:
        assert db.exec(select(Infusion)).all() == []


def test_a_bag_thawed_too_long_ago_is_a_full_screen_stop_that_leads_to_its_clock(
    app: Flask, story: Story, time: Clock
) -> None:
    thawed(story)
    time.at = THAW_AT + timedelta(minutes=91)
    tablet = Tablet(app, story, story.first)
    tablet.scan(story.case.band)
    answer = tablet.scan(story.case.label, "CHK-25-001")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, word(answer)) == (409, "STOP")
    assert "TOO LONG THAWED: 91 minutes" in page and "/bedside/thaws?check=CHK-25-001" in page
    clocks = tablet.page("/bedside/thaws?check=CHK-25-001")
    assert "A physician overrides" in clocks and "Back to check CHK-25-001" in clocks


def test_an_infusion_does_not_start_before_the_scan_at_the_thaw(tablet: Tablet, story: Story) -> None:
    check = confirmed_check(story)
    page = tablet.page(f"/bedside/checks/{check}")
    assert "Not thawed yet" in page and f"/bedside/thaws?check={check}" in page
    answer = tablet.post(f"/bedside/checks/{check}/start", **START)
    assert answer.status_code == 422 and "its clock does not run" in answer.get_data(as_text=True)
    assert tablet.thaw(story.case.label, check=check).headers["Location"].endswith(f"?check={check}")
    assert "Not thawed yet" not in tablet.page(f"/bedside/checks/{check}")


def test_an_impossible_end_keeps_what_was_typed(tablet: Tablet, story: Story, time: Clock) -> None:
    code = started(story).code
    time.at += timedelta(minutes=14)
    answer = tablet.post(
        f"/bedside/infusions/{code}/end", ended_at="2025-05-06 10:22", residual_ml="21", flush_ml=""
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409 and "the bag held 20 mL" in page and 'value="21"' in page


def test_the_lists_show_scans_compliance_and_infusions(tablet: Tablet, story: Story) -> None:
    started(story)
    scans = tablet.page("/bedside/scans")
    assert "100 %" in scans and "CHK-25-001" in scans
    assert story.case.unit in tablet.page("/bedside/infusions")
    assert story.case.unit in tablet.page(f"/recipients/{story.case.recipient}")
    assert "record the end" in tablet.page("/bedside")


def test_what_is_not_there_is_404(tablet: Tablet) -> None:
    for path in (
        "/bedside/checks/CHK-25-999",
        "/bedside/infusions/INF-25-999",
        "/bedside/thaws/MSC-25-001-B01",
        "/bedside/thaws/MSC-99-001-B01/override",
    ):
        assert tablet.client.get(path).status_code == 404


#: Pages of the bedside and who may open them.
DOORS: list[tuple[str, Role, int]] = [
    ("/bedside", Role.PHYSICIAN, 200),
    ("/bedside", Role.TECHNOLOGIST, 403),
    ("/bedside", Role.AUDITOR, 403),
    ("/bedside/thaws", Role.AUDITOR, 403),
    ("/bedside/thaws", Role.NURSE, 200),
    ("/bedside/scans", Role.AUDITOR, 200),
    ("/bedside/scans", Role.TECHNOLOGIST, 403),
    ("/bedside/scans", Role.ADMINISTRATOR, 403),
]


@pytest.mark.parametrize(("path", "role", "status"), DOORS)
def test_who_may_open_which_page(app: Flask, story: Story, path: str, role: Role, status: int) -> None:
    who = someone(story.site, role, f"any-{role.value}")
    assert Tablet(app, story, who).client.get(path).status_code == status
