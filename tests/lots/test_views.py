"""The lots' pages: a technologist takes tissue to bags by forms alone, and nothing half typed is saved."""

from datetime import timedelta
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.kernel import clock
from app.lots.models import UnitState
from app.site import Site
from tests.access.factories import PASSWORD, staff
from tests.donors.factories import eligible_donor
from tests.factories import act
from tests.lots.factories import drug_product_lot, lot, maker, unit
from tests.webapp import client_of, web

PDF = b"%PDF-1.7 a certificate"


@pytest.fixture
def bench(site: Site) -> FlaskClient:
    """A technologist's browser."""
    return client_of(site, web(site), maker(site))


def send(client: FlaskClient, path: str, **data: object) -> tuple[int, str]:
    """Post with the page's token; the status and the page, or where it leads."""
    token = client.token("/lots")  # type: ignore[attr-defined]  # PolicedClient's
    answer = client.post(path, data={**data, "csrf_token": token})
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def ago(hours: float) -> str:
    return (clock.now() - timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def tissue(donor: str, **other: object) -> dict[str, object]:
    given: dict[str, object] = {
        "donor": donor, "tissue": "bone_marrow", "site": "iliac crest", "collected_at": ago(5),
        "received_at": ago(2), "received_celsius": "21.5", "volume_ml": "12",
        "nucleated_cells": "264 000 000", "viability_percent": "98", "condition": "intact",
    }  # fmt: skip
    return given | other


def test_a_donation_is_received_by_a_form(site: Site, bench: FlaskClient) -> None:
    donor = eligible_donor(site, at=clock.now() - timedelta(days=1)).code
    status, where = send(bench, "/donations/new", **tissue(donor))
    assert (status, where) == (303, f"/donations/DON-{clock.now():%y}-001")
    page = bench.get(where).get_data(as_text=True)
    assert donor in page and "264" in page


def test_what_was_typed_wrong_is_shown_again_and_nothing_is_saved(bench: FlaskClient) -> None:
    status, page = send(bench, "/donations/new", **tissue("D-0001", volume_ml="12,5"))
    assert status == 422 and "Volume: write a number" in page and 'value="12,5"' in page


def test_a_refused_donation_is_a_conflict_with_its_sentence(bench: FlaskClient) -> None:
    status, page = send(bench, "/donations/new", **tissue("D-0099"))
    assert status == 409 and "There is no donor D-0099." in page


def test_a_lot_is_opened_seeded_and_shown(site: Site, bench: FlaskClient) -> None:
    donor = eligible_donor(site, at=clock.now() - timedelta(days=1)).code
    _, where = send(bench, "/donations/new", **tissue(donor))
    _, made = send(bench, "/lots/new", kind="drug_product", product="MSC")
    step = {
        "kind": "seed", "started_at": ago(1.5), "ended_at": ago(1), "inputs": where.rpartition("/")[2],
        "vessel": "20 x T-75", "area_cm2": "1500", "kind_1": "flask", "cells_1": "264 000 000", "ml_1": "300",
    }  # fmt: skip
    assert send(bench, f"{made}/step", **step) == (303, made)
    page = bench.get(made).get_data(as_text=True)
    assert f"{made.rpartition('/')[2]}-F01" in page and donor in page


def test_an_unexplained_loss_keeps_what_was_typed(site: Site, bench: FlaskClient) -> None:
    made = drug_product_lot(site)
    step = {
        "kind": "thaw", "started_at": ago(1), "ended_at": ago(0.5), "chosen": f"{made.code}-R01",
        "kind_1": "qc_sample", "cells_1": "9 100 000", "ml_1": "2",
    }  # fmt: skip
    status, page = send(bench, f"/lots/{made.code}/step", **step)
    assert status == 409 and "900" in page and "are unexplained" in page
    assert 'value="9 100 000"' in page


def test_a_row_without_its_container_is_named(site: Site, bench: FlaskClient) -> None:
    lot(site, "MSC-25-001")
    step = {"kind": "seed", "started_at": ago(1), "ended_at": ago(1), "inputs": "X-1", "cells_2": "5"}
    status, page = send(bench, "/lots/MSC-25-001/step", **step)
    assert status == 422 and "row 2 of what came out: choose the container" in page


def test_the_unit_page_shows_the_hold_that_reaches_it(site: Site, bench: FlaskClient) -> None:
    made = drug_product_lot(site)
    with act(site, maker(site)) as work:
        place_hold(work, SubjectKind.LOT, made.code, "label mix-up suspected")
    page = bench.get(f"/units/{made.code}-B01").get_data(as_text=True)
    assert "label mix-up suspected" in page
    answer = bench.get(f"/units/{made.code}-B01.json").get_json()
    assert answer["state"] == "in_quarantine" and answer["lot"] == made.code
    assert answer["holds"] == ["HLD-25-001"] and answer["expires_at"] == "2027-02-10T23:59:00.000000Z"


def destroy(site: Site, password: str, first: str = PASSWORD) -> tuple[int, str]:
    """Bag 10 by a technologist, with wilma as witness."""
    code = f"{drug_product_lot(site).code}-B10"
    bench = client_of(site, web(site), staff(site, "tilda", Role.TECHNOLOGIST))
    staff(site, "wilma", Role.QUALITY)
    mine = {"sign_in": "tilda", "password": first}
    sent = {"reason": "broken", **mine, "second_sign_in": "wilma", "second_password": password}
    status, _ = send(bench, f"/units/{code}/destroy", **sent)
    return status, unit(site, code).state.value


def test_a_bag_is_destroyed_when_two_people_sign(site: Site) -> None:
    assert destroy(site, PASSWORD) == (303, "destroyed")


def test_somebody_who_cannot_prove_it_destroys_nothing(site: Site) -> None:
    assert destroy(site, "not the password") == (422, "in_quarantine")
    assert unit(site, "MSC-25-001-B10").state is UnitState.IN_QUARANTINE


def test_the_first_signature_is_asked_as_well(site: Site) -> None:
    assert destroy(site, PASSWORD, "not the password") == (422, "in_quarantine")


def test_pages_of_things_that_are_not_there_are_missing(bench: FlaskClient) -> None:
    for path in (
        "/lots/X-1",
        "/units/X-1",
        "/units/X-1.json",
        "/donations/X-1",
        "/materials/X",
        "/equipment/X",
    ):
        assert bench.get(path).status_code == 404


def test_every_form_page_opens(site: Site, bench: FlaskClient) -> None:
    lot(site, "MSC-25-001")
    for path in ("/lots", "/lots/new", "/lots/MSC-25-001", "/lots/MSC-25-001/step", "/lots/MSC-25-001/finish",
                 "/donations/new", "/materials", "/materials/new", "/equipment/new"):  # fmt: skip
        assert bench.get(path).status_code == 200, path


def test_materials_and_equipment_are_entered_by_forms(bench: FlaskClient) -> None:
    year = clock.now().year
    status, where = send(bench, "/materials/new", name="hPL", supplier="PL Bio", supplier_lot="A17",
                         expires_on=f"{year + 1}-01-31", received_at=ago(1))  # fmt: skip
    assert status == 303 and "A17" in bench.get(where).get_data(as_text=True)
    status, where = send(bench, "/equipment/new", name="incubator", calibrated_on=ago(0)[:10],
                         calibration_due_on=f"{year + 1}-01-31", certificate="C-10")  # fmt: skip
    assert status == 303
    status, _ = send(bench, f"{where}/calibration", calibrated_on=ago(0)[:10], due_on=f"{year + 2}-01-31",
                     certificate="C-11", file=(BytesIO(PDF), "cal.pdf"))  # fmt: skip
    assert status == 303 and f"31-Jan-{year + 2}" in bench.get(where).get_data(as_text=True)
    assert bench.get(f"{where}/calibrations/2").get_data() == PDF
    assert bench.get(f"{where}/calibrations/1").status_code == 404


def test_a_pack_is_opened_and_its_certificate_kept_and_given_back(bench: FlaskClient) -> None:
    _, where = send(bench, "/materials/new", name="hPL", supplier="PL Bio", supplier_lot="A17",
                    expires_on=f"{clock.now().year + 1}-01-31", received_at=ago(1))  # fmt: skip
    today = f"{clock.now():%Y-%m-%d}"
    assert send(bench, f"{where}/opening", opened_on=today, use_within_days="28")[0] == 303
    assert send(bench, f"{where}/opening", opened_on=today)[0] == 409
    assert send(bench, f"{where}/certificate", file=(BytesIO(PDF), "coa.pdf"))[0] == 303
    page = bench.get(where).get_data(as_text=True)
    assert "28 days" in page and f"{where}/certificate" in page
    answer = bench.get(f"{where}/certificate")
    assert answer.get_data() == PDF and "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(("data", "status"), [(b"", 422), (b"<script>", 409)])
def test_a_file_that_is_no_certificate_is_refused(bench: FlaskClient, data: bytes, status: int) -> None:
    _, where = send(bench, "/materials/new", name="hPL", supplier="PL Bio", supplier_lot="A17",
                    expires_on=f"{clock.now().year + 1}-01-31", received_at=ago(1))  # fmt: skip
    assert send(bench, f"{where}/certificate", file=(BytesIO(data), "x.pdf"))[0] == status
    assert bench.get(f"{where}/certificate").status_code == 404


def test_a_physician_reads_lots_and_writes_none(site: Site) -> None:
    client = client_of(site, web(site), Role.PHYSICIAN)
    assert client.get("/lots").status_code == 200
    assert client.get("/lots/new").status_code == 403
