"""Pages after the thaw: the clock, the override, vital signs, reactions, and the record for the chart."""

from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlmodel import col, select

from app.access.models import Person, Role
from app.bedside.models import Override
from app.evidence.models import LedgerEntry
from app.paper.models import IssuedPaper
from tests.access.factories import PASSWORD
from tests.bedside.factories import THAW_AT, Story, infused, started, thawed
from tests.bedside.tablets import Clock, Tablet, word
from tests.donors.factories import someone
from tests.webapp import client_of

REASON = "No other bag; viability 90 % on the segment"
OVERRIDE = {
    "overridden": "thawed_too_long",
    "reason": REASON,
    "sign_in": "physician",
    "password": PASSWORD,
    "second_sign_in": "nurse1",
    "second_password": PASSWORD,
}


@pytest.fixture
def late(app: Flask, story: Story, time: Clock) -> Tablet:
    """The first nurse's tablet, 118 minutes after the thaw."""
    thawed(story)
    time.at = THAW_AT + timedelta(minutes=118)
    return Tablet(app, story, story.first)


def overrides(story: Story) -> int:
    with story.site.db.reading() as db:
        return len(db.exec(select(Override)).all())


def test_the_clock_tells_in_number_word_and_sign_how_long_the_bag_is_thawed(
    tablet: Tablet, story: Story, time: Clock
) -> None:
    thawed(story)
    time.at = THAW_AT + timedelta(minutes=12)
    page = tablet.page(f"/bedside/thaws/{story.case.unit}")
    assert "<strong data-thaw-minutes>12</strong>" in page
    assert 'data-thaw-seconds="720"' in page and 'data-thaw-limit="5400"' in page
    assert 'data-thaw-word="within_limit">' in page and 'data-thaw-word="too_long" hidden>' in page
    assert "override" not in page.lower()
    assert story.case.unit in tablet.page("/bedside")


def test_a_wrong_label_at_the_thaw_is_a_full_screen_stop(tablet: Tablet, story: Story) -> None:
    answer = tablet.thaw(story.case.band)
    assert (answer.status_code, word(answer)) == (409, "STOP")
    assert "That is a WRISTBAND." in answer.get_data(as_text=True)


def test_a_time_before_the_scan_needs_its_reason_on_the_page_too(
    tablet: Tablet, story: Story, time: Clock
) -> None:
    time.at = THAW_AT
    typed = {"thawed_at": "2025-05-06 09:55", "scan_by": "hand_scanner"}
    answer = tablet.thaw(story.case.label, **typed)
    assert "needs a reason" in answer.get_data(as_text=True)
    assert tablet.thaw(story.case.label, thaw_reason="scanner was flat", **typed).status_code == 303
    assert "scanner was flat" in tablet.page(f"/bedside/thaws/{story.case.unit}")
    assert tablet.thaw(story.case.label, thawed_at="yesterday").status_code == 422


def test_a_physician_overrides_on_the_nurses_tablet(late: Tablet, story: Story) -> None:
    page = late.page(f"/bedside/thaws/{story.case.unit}")
    assert "STOP: too long thawed" in page and "<strong data-thaw-minutes>118</strong>" in page
    assert "118 min, limit 90 min" in late.page(f"/bedside/thaws/{story.case.unit}/override")
    answer = late.post(f"/bedside/thaws/{story.case.unit}/override", **OVERRIDE)
    assert answer.status_code == 303
    assert REASON in late.page(f"/bedside/thaws/{story.case.unit}")
    assert "OVR-25-001" in late.page("/bedside/scans")
    late.scan(story.case.band)
    assert word(late.scan(story.case.label, "CHK-25-001")) == "GO"


@pytest.mark.parametrize(
    ("wrong", "status", "sentence"),
    [
        ({"reason": ""}, 422, "fill this in"),
        ({"reason": "because"}, 422, "at least 10 characters"),
        ({"password": "not this one at all"}, 409, ""),
        ({"second_password": ""}, 422, "fill this in"),
        ({"second_sign_in": "physician"}, 409, "of another role"),
        ({"sign_in": "nurse2"}, 409, "Only a physician"),
        ({"overridden": "wrong_patient"}, 409, "Nobody can override"),
    ],
)
def test_an_override_that_is_not_whole_keeps_the_stop(
    late: Tablet, story: Story, wrong: dict[str, str], status: int, sentence: str
) -> None:
    answer = late.post(f"/bedside/thaws/{story.case.unit}/override", **(OVERRIDE | wrong))
    page = answer.get_data(as_text=True)
    assert answer.status_code == status and sentence in page
    assert overrides(story) == 0
    late.scan(story.case.band)
    assert word(late.scan(story.case.label, "CHK-25-001")) == "STOP"


VITALS = {
    "point": "start",
    "measured_at": "2025-05-06 10:14",
    "celsius": "36.8",
    "pulse_per_min": "76",
    "systolic_mmhg": "124",
    "diastolic_mmhg": "80",
    "breaths_per_min": "16",
    "oxygen_percent": "98",
}
FEVER = {
    "kind": "fever",
    "told": "37.9 °C",
    "grade": "1",
    "onset_at": "2025-05-06 10:20",
    "outcome": "not_resolved",
}


@pytest.fixture
def running(app: Flask, story: Story, time: Clock) -> str:
    """The page of a running infusion, twenty minutes after its start."""
    assert app is not None
    code = started(story).code
    time.at = THAW_AT + timedelta(minutes=32)
    return f"/bedside/infusions/{code}"


def test_vital_signs_are_entered_corrected_and_missing_ones_shown(
    app: Flask, story: Story, running: str
) -> None:
    tablet = Tablet(app, story, story.first)
    assert tablet.post(f"{running}/vitals", **VITALS).status_code == 303
    page = tablet.page(running)
    assert "124/80" in page and "ON TIME" in page and "DUE" in page and "PLANNED" in page
    assert tablet.post(f"{running}/vitals", **VITALS).status_code == 409
    right = VITALS | {"celsius": "37.1", "reason": "misread"}
    assert tablet.post(f"{running}/vitals", **right).status_code == 303
    assert "<s>36.8</s>" in tablet.page(running) and "misread" in tablet.page(running)
    swapped = tablet.post(f"{running}/vitals", **(VITALS | {"point": "minutes_15", "celsius": "368"}))
    assert swapped.status_code == 409 and 'value="368"' in swapped.get_data(as_text=True)
    assert tablet.post(f"{running}/vitals", **(VITALS | {"pulse_per_min": "7,6"})).status_code == 422


def test_a_reaction_is_recorded_and_resolves(app: Flask, story: Story, running: str) -> None:
    tablet = Tablet(app, story, story.first)
    assert tablet.post(f"{running}/reactions", **FEVER).status_code == 303
    assert "NOT RESOLVED" in tablet.page(running)
    assert tablet.post(f"{running}/reactions", **(FEVER | {"grade": "6"})).status_code == 422
    assert tablet.post(f"{running}/reactions", **(FEVER | {"grade": "5"})).status_code == 409
    over = {"outcome": "resolved", "over_at": "2025-05-06 10:30"}
    assert tablet.post(f"{running}/reactions/RCT-25-001", **over).status_code == 303
    assert "RESOLVED" in tablet.page(running)
    assert tablet.post(f"{running}/reactions/RCT-25-001", **over).status_code == 409


@pytest.fixture
def given(app: Flask, story: Story) -> str:
    """The page of an infusion that is over."""
    assert app is not None
    return f"/bedside/infusions/{infused(story).code}"


def serial_of(story: Story) -> str:
    with story.site.db.reading() as db:
        return db.exec(select(IssuedPaper.serial).order_by(col(IssuedPaper.id).desc())).first() or ""


def printed(data: bytes) -> str:
    pages = pypdfium2.PdfDocument(data)
    return " ".join(page.get_textpage().get_text_range() for page in pages)


def test_the_record_for_the_chart_names_the_patient_and_each_reading_is_kept(
    tablet: Tablet, story: Story, given: str
) -> None:
    assert tablet.post(f"{given}/papers").status_code == 303
    paper = tablet.post(f"{given}/papers/{serial_of(story)}")
    assert paper.headers["Content-Type"] == "application/pdf" and paper.headers["Cache-Control"] == "no-store"
    said = printed(paper.data)
    for words in (
        "EXAMPLE, Maria I",
        "1984-05-01",
        "7K3M-0001",
        "88.2 × 10⁶",
        "12 minutes, within the limit",
    ):
        assert words in said, words
    with story.site.db.reading() as db:
        bodies = [bytes(body) for body in db.exec(select(LedgerEntry.body))]
    assert sum(b"the infusion record of INF-25-001" in body for body in bodies) == 2
    assert not any(b"EXAMPLE" in body or b"7K3M-0001" in body for body in bodies)


def test_asked_again_it_is_the_same_paper_to_the_last_byte(tablet: Tablet, story: Story, given: str) -> None:
    tablet.post(f"{given}/papers")
    first = tablet.post(f"{given}/papers/{serial_of(story)}").data
    tablet.post(f"{given}/papers")
    assert tablet.post(f"{given}/papers/{serial_of(story)}").data == first
    assert "Revision 1" in tablet.page(given) and "Revision 2" not in tablet.page(given)


def test_the_product_side_neither_sees_nor_opens_the_record_of_the_chart(
    app: Flask, tablet: Tablet, story: Story, given: str
) -> None:
    tablet.post(f"{given}/papers")
    serial = serial_of(story)
    quality = client_of(story.site, app, someone(story.site, Role.QUALITY, "quality"))
    assert serial not in quality.get("/papers").get_data(as_text=True)
    for path in (f"/papers/{serial}", f"/papers/{serial}.pdf", f"/papers/{serial}/1.png"):
        assert quality.get(path).status_code == 404
    assert "Open revision" not in quality.get(given).get_data(as_text=True)
    token = quality.token("/me")  # type: ignore[attr-defined]  # PolicedClient's
    assert quality.post(f"{given}/papers/{serial}", data={"csrf_token": token}).status_code == 403
    assert quality.post(f"{given}/papers", data={"csrf_token": token}).status_code == 403


def test_of_an_infusion_that_is_not_there_no_record_is_issued(tablet: Tablet) -> None:
    assert tablet.post("/bedside/infusions/INF-25-999/papers").status_code == 404
    assert tablet.post("/bedside/infusions/INF-25-999/papers/D123").status_code == 404


def test_the_auditor_sees_the_clock_and_overrides_nothing(late: Tablet, story: Story) -> None:
    auditor: Person = someone(story.site, Role.AUDITOR, "auditor")
    client = client_of(story.site, late.client.application, auditor)
    page = client.get(f"/bedside/thaws/{story.case.unit}").get_data(as_text=True)
    assert "STOP: too long thawed" in page and "A physician overrides" not in page
    assert client.get(f"/bedside/thaws/{story.case.unit}/override").status_code == 403
