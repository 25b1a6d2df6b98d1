"""The pages of quality: every one answers, and a form that cannot be taken keeps what was typed."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.access.models import Role
from app.kernel import clock
from app.lots.models import LotState
from app.quality.forms import SHIPPED
from app.site import Site
from tests.access.factories import PASSWORD, kinds, staff
from tests.bedside.factories import CHECK_AT, ready_for_infusion
from tests.lots.factories import drug_product_lot
from tests.quality.factories import (
    adopted,
    analysed_lot,
    decided,
    lines,
    lot_now,
    released_lot,
    result,
    superseding,
)
from tests.quality.test_late_failure import released_before_sterility
from tests.webapp import client_of, web

LOT = "MSC-25-001"


@pytest.fixture
def app(site: Site) -> Flask:
    return web(site)


def send(client: FlaskClient, path: str, data: dict[str, object]) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def typed(**other: str) -> dict[str, object]:
    """A result as typed a moment ago."""
    now = clock.now()
    filled = {
        "entry": "first",
        "test": "cd34",
        "value": "0.4",
        "sampled_at": f"{now - timedelta(hours=4):%Y-%m-%d %H:%M}",
        "resulted_at": f"{now - timedelta(hours=1):%Y-%m-%d %H:%M}",
    }
    return {**filled, **other}


def desk(client: FlaskClient, code: str = LOT) -> str:
    answer = client.get(f"/quality/{code}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def decision(client: FlaskClient, word: str, who: str = "remy", **other: object) -> dict[str, object]:
    """The decision form as the desk shows it, filled in."""
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', desk(client))
    assert found is not None
    return {
        "digest": found[1],
        "decision": word,
        "sign_in": who,
        "password": PASSWORD,
        "reason": "",
    } | other


def test_the_list_and_the_desk_are_there_from_the_first_day(site: Site, app: Flask) -> None:
    client = client_of(site, app, Role.AUDITOR)
    assert "No lot waits for quality" in client.get("/quality").get_data(as_text=True)
    drug_product_lot(site, 1, code=LOT)
    assert LOT in client.get("/quality").get_data(as_text=True)
    assert "No specification is in force" in desk(client)
    assert client.get("/quality/MSC-99-999").status_code == 404


def test_a_result_is_entered_shown_and_superseded(site: Site, app: Flask) -> None:
    adopted(site)
    drug_product_lot(site, 1, code=LOT)
    bench = client_of(site, app, Role.TECHNOLOGIST)
    page = bench.get(f"/quality/{LOT}/results?test=cd34").get_data(as_text=True)
    assert 'value="cd34" selected' in page
    assert send(bench, f"/quality/{LOT}/results", typed()) == (303, f"/quality/{LOT}")
    assert "0.4 %" in desk(bench)
    status, page = send(bench, f"/quality/{LOT}/results", typed(value="0.5"))
    assert status == 409 and "never edited" in page and 'value="0.5"' in page
    again = typed(entry="correction", value="0.5", reason="the laboratory corrected it")
    assert send(bench, f"/quality/{LOT}/results", again)[0] == 303
    assert "<del>0.4</del>" in desk(bench)
    twice = typed(entry="retest", value="6.8", reason="the sample was measured twice")
    assert send(bench, f"/quality/{LOT}/results", twice)[0] == 303
    page = desk(bench)
    assert "6.8 %" in page and "beside it 0.5, pass; the worst counts" in page


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"value": ""}, 422, "Value: fill this in"),
        ({"value": "0,4"}, 409, "is not a number"),
        ({"value": "<script>"}, 409, "is not a number"),
        ({"sampled_at": "31/12/2025"}, 422, "Sampled at"),
        ({"resulted_at": "2099-01-01 10:00"}, 409, "lies in the future"),
        ({"entry": "correction", "reason": "short"}, 422, "at least 10 characters"),
        ({"entry": "retest", "reason": ""}, 422, "Reason"),
        ({"entry": "average"}, 422, "Entry"),
        ({"test": "x" * 61}, 422, "at most 60 characters"),
    ],
)
def test_a_wrong_result_is_told_and_what_was_typed_is_kept(
    site: Site, app: Flask, change: dict[str, str], status: int, words: str
) -> None:
    adopted(site)
    drug_product_lot(site, 1, code=LOT)
    bench = client_of(site, app, Role.TECHNOLOGIST)
    got, page = send(bench, f"/quality/{LOT}/results", typed(**change))
    assert (got, words in page) == (status, True), page
    assert re.search(r'name="resulted_at"[^>]*value="20', page) and "<script>" not in page
    assert all(line.value is None for line in lines(site, LOT))


def test_a_lot_is_released_by_signature_at_the_desk(site: Site, app: Flask) -> None:
    analysed_lot(site, 1, code=LOT)
    client = client_of(site, app, staff(site, "remy", Role.RELEASER))
    assert send(client, f"/quality/{LOT}/decision", decision(client, "released")) == (303, f"/quality/{LOT}")
    assert lot_now(site, LOT).state is LotState.RELEASED
    page = desk(client)
    assert "Remy Ruiz" in page and "certified" in page and 'value="released"' not in page
    called_back = decision(client, "recalled", reason="growth in a retained vial")
    assert send(client, f"/quality/{LOT}/decision", called_back)[0] == 303
    assert "Sign the decision" not in desk(client)


def test_what_stands_against_a_release_is_said_and_the_typed_words_stay(site: Site, app: Flask) -> None:
    analysed_lot(site, 1, code=LOT, but=["sterility"])
    client = client_of(site, app, staff(site, "remy", Role.RELEASER))
    assert "1 test pending: sterility" in desk(client)
    path = f"/quality/{LOT}/decision"
    status, page = send(client, path, decision(client, "released", reason="looks fine to me"))
    assert status == 409 and "1 test pending" in page and "looks fine to me" in page
    assert kinds(site)[-1] == "access.refused"
    status, page = send(client, path, decision(client, ""))
    assert status == 422 and "Decision: fill this in" in page
    status, page = send(client, path, decision(client, "released", digest=""))
    assert status == 422
    given = decision(
        client, "conditionally_released", pending=["sterility"], reason="the patient cannot wait"
    )
    assert send(client, path, given)[0] == 303
    assert lot_now(site, LOT).state is LotState.CONDITIONALLY_RELEASED
    status, page = send(
        client, path, decision(client, "rejected", password="wrong", reason="sterility is late")
    )
    assert status == 422 and "sterility is late" in page and "wrong" not in page


def test_a_page_that_was_overtaken_is_not_signed(site: Site, app: Flask) -> None:
    analysed_lot(site, 1, code=LOT)
    client = client_of(site, app, staff(site, "remy", Role.RELEASER))
    before = decision(client, "released")
    superseding(site, LOT, "cd34", "0.5")
    status, page = send(client, f"/quality/{LOT}/decision", before)
    assert status == 409 and "changed while you were reading it" in page
    assert lot_now(site, LOT).state is LotState.QUARANTINE


def test_a_void_signature_is_shown_and_can_be_given_again(site: Site, app: Flask) -> None:
    released_lot(site, 1, code=LOT)
    client = client_of(site, app, staff(site, "remy", Role.RELEASER))
    superseding(site, LOT, "cd34", "0.5")
    page = desk(client)
    assert "The signature is void" in page and "Sign the decision" in page
    decided(site, LOT)
    assert "The signature is void" not in desk(client)


def test_another_persons_name_does_not_sign(site: Site, app: Flask) -> None:
    analysed_lot(site, 1, code=LOT)
    staff(site, "rosa", Role.RELEASER)
    client = client_of(site, app, staff(site, "remy", Role.RELEASER))
    status, page = send(client, f"/quality/{LOT}/decision", decision(client, "released", "rosa"))
    assert status == 409 and "signed in" in page


def test_a_specification_is_shown_before_it_is_signed(site: Site, app: Flask) -> None:
    client = client_of(site, app, staff(site, "quinn", Role.QUALITY))
    assert client.get("/specifications/new").status_code == 200
    status, page = send(client, "/specifications/new", {"ships_as": "msc-dp-1"})
    assert status == 200 and "J Transl Med" in page and "SPEC-MSC-DP version 1" in page
    text = (SHIPPED / "msc-dp-1.toml").read_text("utf-8")
    given: dict[str, object] = {"text": text, "sign_in": "quinn"}
    assert (
        send(client, "/specifications", given | {"password": PASSWORD})[1] == "/specifications/SPEC-MSC-DP/1"
    )
    assert "Quinn Ruiz" in client.get("/specifications/SPEC-MSC-DP/1").get_data(as_text=True)
    status, page = send(client, "/specifications", given | {"password": PASSWORD})
    assert status == 409 and "never changed" in page
    assert send(client, "/specifications", given | {"password": "wrong"})[0] == 422
    assert "SPEC-MSC-DP version 1" in client.get("/quality").get_data(as_text=True)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"code = ", b"x" * 300_000])
def test_a_broken_file_is_told_and_nothing_is_adopted(site: Site, app: Flask, data: bytes) -> None:
    client = client_of(site, app, staff(site, "quinn", Role.QUALITY))
    status, page = send(client, "/specifications/new", {"file": (BytesIO(data), "spec.toml")})
    assert status == 422 and 'role="alert"' in page
    assert send(client, "/specifications", {"text": "code = "})[0] == 422
    assert "No specification is in force" in client.get("/quality").get_data(as_text=True)


def test_doors_stay_shut(site: Site, app: Flask) -> None:
    adopted(site)
    drug_product_lot(site, 1, code=LOT)
    auditor = client_of(site, app, Role.AUDITOR)
    assert auditor.get(f"/quality/{LOT}/results").status_code == 403
    assert auditor.get("/specifications/new").status_code == 403
    for path in (f"/quality/{LOT}/decision", "/specifications", "/specifications/new"):
        assert send(auditor, path, {})[0] == 403
    assert client_of(site, app, Role.NURSE).get("/quality").status_code == 403
    reader = client_of(site, app, Role.RELEASER)
    for path in ("/specifications/SPEC-MSC-DP/9", f"/specifications/SPEC-MSC-DP/{10**30}"):
        assert reader.get(path).status_code == 404
    releaser = client_of(site, app, staff(site, "remy", Role.RELEASER))
    assert send(releaser, f"/quality/{'x' * 500}/decision", {})[0] == 404


def test_lot_desk_and_order_pages_say_what_a_conditional_release_waits_for(
    site: Site, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.orders.factories.release", released_before_sterility)
    story = ready_for_infusion(site)
    told = "Still pending: <strong>Sterility, 14 days</strong>"
    client = client_of(site, app, Role.AUDITOR)
    for path in (f"/lots/{LOT}", f"/quality/{LOT}", f"/orders/{story.case.order}"):
        assert told in client.get(path).get_data(as_text=True), path
    result(site, LOT, "sterility", "growth", CHECK_AT)
    assert "Sterility, 14 days failed since: do not use it." in desk(client)
    assert "DEV-25-001" in desk(client) and "Sterility, 14 days: growth" in desk(client)
