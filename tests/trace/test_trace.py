"""Trace of a real lot: the contract of its JSON, the CSV, the page, and the box that finds anything."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.access.models import Role
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody.models import CustodyEvent, CustodyKind, Place, PlaceKind
from app.evidence.ledger import EventKind, Subject, record
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.kernel.work import Work
from app.labeling.models import Label, LabelState, PrintJob
from app.recipients.models import Recipient, Wristband, WristbandState
from app.site import Site
from app.trace.csvfile import as_csv, harmless
from app.trace.find import Found, find
from app.trace.queries import Trace, as_json, trace
from app.trace.rules import Why
from labels.payload import Kind, issue
from tests.donors.factories import eligible_donor
from tests.factories import AT, act
from tests.lots.factories import drug_product_lot, filled_lot, maker, reagent, unit
from tests.trace.graphs import filled
from tests.webapp import client_of, web

SET = EventKind("tests.set_out", "{what} set out for a test")


def traced(site: Site, kind: str, code: str) -> Trace:
    with site.db.reading() as db:
        found = trace(db, kind, code)
    assert isinstance(found, Trace), str(found)
    return found


def put(work: Work, unit_id: int, link: int, place: Place) -> None:
    person = work.actor.person_id or 0
    work.db.add(
        CustodyEvent(
            unit_id=unit_id, link=link, kind=CustodyKind.STORED, at=AT + timedelta(minutes=link),
            place_id=known(place.id), giver_id=person, taker_id=person, condition="frozen",
            celsius=Decimal(-190),
        )
    )  # fmt: skip


def stored(site: Site, code: str) -> None:
    """The bag lay in tank T2, position 1, and now lies in position 2."""
    bag = unit(site, code)
    with act(site, maker(site)) as work:
        tank = Place(code="T2", serial=issue(Kind.PLACE), name="Tank 2", kind=PlaceKind.TANK)
        work.db.add(tank)
        work.db.flush()
        for number in (1, 2):
            place = Place(
                code=f"T2-{number}", serial=issue(Kind.PLACE), name="slot", kind=PlaceKind.POSITION,
                within_id=tank.id,
            )  # fmt: skip
            work.db.add(place)
            work.db.flush()
            put(work, bag.id or 0, number, place)
        record(work, SET, Subject("place", "T2"), what="tank")


def test_a_bag_leads_to_its_donor_and_not_to_its_sisters(site: Site) -> None:
    medium = reagent(site).code
    made = filled_lot(site, 2, materials=(medium,))
    answer = as_json(traced(site, "unit", f"{made.code}-B01"))
    codes = [one["code"] for one in answer["units"]]
    assert answer["subject"] == f"unit:{made.code}-B01"
    assert answer["donors"] and answer["donations"] == ["DON-25-001"] and answer["lots"] == [made.code]
    assert answer["materials"] == [medium]
    assert f"{made.code}-B02" not in codes and f"{made.code}-F05" in codes
    assert codes == sorted(codes)


def test_the_names_of_the_answer_are_a_contract(site: Site) -> None:
    made = filled_lot(site, 1)
    answer = as_json(traced(site, "lot", made.code))
    assert list(answer) == [
        "subject",
        "donors",
        "donations",
        "lots",
        "units",
        "materials",
        "equipment",
        "recipients",
    ]
    assert {tuple(one) for one in answer["units"]} == {("code", "kind", "state", "lot", "place", "recipient")}


def test_a_reagent_leads_to_all_it_touched_in_every_lot_and_to_no_donor(site: Site) -> None:
    medium = reagent(site, "hPL").code
    lots = {filled_lot(site, 1, materials=(medium,)).code for _ in range(2)}
    filled_lot(site, 1)
    found = traced(site, "material", medium)
    assert set(found.lots) == lots and found.donors == () and found.materials == (medium,)


def test_a_place_leads_to_what_ever_lay_in_it_and_says_where_it_lies_now(site: Site) -> None:
    made = drug_product_lot(site, 2)
    stored(site, f"{made.code}-B01")
    for place in ("T2", "T2-1", "T2-2"):
        found = traced(site, "place", place)
        assert [(one.code, one.place) for one in found.units] == [(f"{made.code}-B01", "T2-2")]


def test_what_cannot_be_traced_says_so(site: Site) -> None:
    with site.db.reading() as db:
        kind, code = trace(db, "table", "X"), trace(db, "lot", "MSC-25-099")
    assert isinstance(kind, Refusal) and kind.reason is Why.NO_SUCH_KIND
    assert isinstance(code, Refusal) and code.reason is Why.NOT_FOUND


def test_the_csv_has_a_line_for_each_unit_seen_from_the_subject(site: Site) -> None:
    made = filled_lot(site, 1)
    lines = as_csv(traced(site, "unit", f"{made.code}-B01")).splitlines()
    assert lines[0] == "unit,kind,state,lot,place,recipient,direction"
    assert f"{made.code}-B01,bag,in_process,{made.code},,,subject" in lines
    assert any(line.endswith("came from") for line in lines)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_of_the_csv_is_never_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    assert harmless("MSC-25-001") == "MSC-25-001"


def looked_up(site: Site, text: str) -> Found | Refusal:
    with site.db.reading() as db:
        return find(db, text)


def test_a_typed_code_opens_what_it_names(site: Site) -> None:
    donor = eligible_donor(site).code
    made = filled_lot(site, 1, donor=donor)
    for text, url in (
        (donor, f"/donors/{donor}"),
        (made.code.lower(), f"/lots/{made.code}"),
        (f" {made.code}-B01\r\n", f"/units/{made.code}-B01"),
        ("DON-25-001", "/donations/DON-25-001"),
    ):
        found = looked_up(site, text)
        assert isinstance(found, Found) and found.url == url


def labelled(site: Site, code: str, state: LabelState) -> str:
    """A label of the bag in this state; its serial."""
    bag, serial = unit(site, code), issue(Kind.CONTAINER)
    with act(site, maker(site)) as work:
        job = PrintJob(**filled(PrintJob, {"code": "JOB-25-001", "printed_by_id": work.actor.person_id}))
        work.db.add(job)
        work.db.flush()
        label = {
            "serial": serial,
            "unit_id": bag.id,
            "print_job_id": job.id,
            "copy_number": 1,
            "state": state,
        }
        work.db.add(Label(**filled(Label, label)))
        record(work, SET, Subject("unit", code), what="label")
    return serial


def test_the_applied_label_opens_its_unit(site: Site) -> None:
    made = drug_product_lot(site, 1)
    serial = labelled(site, f"{made.code}-B01", LabelState.APPLIED)
    found = looked_up(site, serial)
    assert isinstance(found, Found) and found.url == f"/units/{made.code}-B01"


@pytest.mark.parametrize("state", [LabelState.PRINTED, LabelState.SPOILED])
def test_any_other_label_is_void(site: Site, state: LabelState) -> None:
    made = drug_product_lot(site, 1)
    answer = looked_up(site, labelled(site, f"{made.code}-B01", state))
    assert (
        isinstance(answer, Refusal) and answer.reason is Why.VOID_LABEL and answer.sentence.startswith("VOID")
    )


@pytest.mark.parametrize("state", [WristbandState.APPLIED, WristbandState.VOID])
def test_a_wristband_opens_the_recipient_while_it_is_worn(site: Site, state: WristbandState) -> None:
    serial = issue(Kind.WRISTBAND)
    with act(site, maker(site)) as work:
        someone = Recipient(code="LN-01", diagnosis="lupus nephritis", registered_at=AT)
        work.db.add(someone)
        work.db.flush()
        why = "torn" if state is WristbandState.VOID else None
        band = {
            "serial": serial, "recipient_id": someone.id, "state": state, "applied_at": AT,
            "void_reason": why,
        }  # fmt: skip
        work.db.add(Wristband(**filled(Wristband, band)))
        record(work, SET, Subject("recipient", "LN-01"), what="wristband")
    answer = looked_up(site, serial)
    if state is WristbandState.APPLIED:
        assert isinstance(answer, Found) and answer.url == "/recipients/LN-01"
    else:
        assert isinstance(answer, Refusal) and answer.reason is Why.VOID_WRISTBAND


def test_a_place_is_found_by_its_serial(site: Site) -> None:
    made = drug_product_lot(site, 1)
    stored(site, f"{made.code}-B01")
    with site.db.reading() as db:
        place = db.get_one(Place, 1)
    answer = looked_up(site, place.serial)
    assert isinstance(answer, Found) and answer.url == f"/places/{place.code}"


def test_a_text_that_is_nothing_of_ours_says_what_to_do(site: Site) -> None:
    for text in ("MSC-25-099", "", "=cmd()", "7" * 10_000, "B" * 16):
        answer = looked_up(site, text)
        assert isinstance(answer, Refusal) and answer.next_step, text
    foreign = looked_up(site, issue(Kind.CONTAINER))
    assert isinstance(foreign, Refusal) and foreign.reason is Why.UNKNOWN_SERIAL


@pytest.fixture
def desk(site: Site) -> FlaskClient:
    """A quality person's browser."""
    return client_of(site, web(site), Role.QUALITY)


def test_the_page_shows_both_directions_a_picture_and_a_table(site: Site, desk: FlaskClient) -> None:
    made = filled_lot(site, 2)
    page = desk.get(f"/trace?subject={made.code}-B01").get_data(as_text=True)
    assert "Came from" in page and "Went to" in page and "<svg" in page
    assert f"{made.code}-F05" in page and f"{made.code}-B02" not in page


def test_the_page_answers_programs_and_gives_csv(site: Site, desk: FlaskClient) -> None:
    made = filled_lot(site, 1)
    path = f"subject=lot:{made.code}"
    answer = desk.get(f"/trace?{path}", headers={"Accept": "application/json"}).get_json()
    assert answer["lots"] == [made.code]
    csv = desk.get(f"/trace.csv?{path}")
    assert csv.mimetype == "text/csv" and "attachment" in csv.headers["Content-Disposition"]


def test_the_box_opens_the_page_or_says_why_not(site: Site, desk: FlaskClient) -> None:
    made = filled_lot(site, 1)
    assert desk.get(f"/find?code={made.code}").headers["Location"] == f"/lots/{made.code}"
    missing = desk.get("/find?code=MSC-25-099")
    assert missing.status_code == 404 and "Nothing here carries" in missing.get_data(as_text=True)
    assert desk.get("/trace").status_code == 200
    assert desk.get("/trace?subject=lot:NOPE-1").status_code == 404
    assert desk.get("/trace.csv?subject=NOPE-1").status_code == 404


def test_a_hold_is_found_but_not_traced(site: Site, desk: FlaskClient) -> None:
    made = filled_lot(site, 1)
    with act(site, maker(site)) as work:
        place_hold(work, SubjectKind.LOT, made.code, "a stop")
    assert desk.get("/find?code=HLD-25-001").headers["Location"] == "/holds/HLD-25-001"
    page = desk.get("/trace?subject=HLD-25-001")
    assert page.status_code == 404 and "not traced by itself" in page.get_data(as_text=True)
