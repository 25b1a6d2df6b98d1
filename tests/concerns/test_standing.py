"""Everything held or deviating is visible wherever it appears: each subject's page tells what stands."""

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from app.access.models import Person, Role
from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.concerns.operations import place_hold
from app.kernel.refusals import Refusal
from app.lots.models import Donation
from app.materials.models import Equipment, Material
from app.site import Site
from app.trace.standing import standing
from tests.factories import act
from tests.webapp import client_of, web

LOT, BAG, UNUSED = "MSC-25-001", "MSC-25-001-B01", "MSC-25-001-B09"


def quinn(site: Site) -> Person:
    with site.db.reading() as db:
        return db.exec(select(Person).where(Person.sign_in == "quinn")).one()


def reader(site: Site) -> FlaskClient:
    """The auditor reads every page."""
    with site.db.reading() as db:
        otto = db.exec(select(Person).where(Person.role == Role.AUDITOR)).one()
    return client_of(site, web(site), otto)


def told(client: FlaskClient, path: str, words: str) -> bool:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return words in answer.get_data(as_text=True)


def hold(site: Site, kind: SubjectKind, code: str) -> None:
    with act(site, quinn(site)) as work:
        assert not isinstance(place_hold(work, kind, code, f"Test hold of {code}."), Refusal)


def one_code(site: Site, table: type[Donation | Material | Equipment]) -> str:
    with site.db.reading() as db:
        return db.exec(select(table.code)).first() or ""


def test_a_hold_on_the_donor_is_told_on_every_page_it_reaches(story: Site) -> None:
    client, donation = reader(story), one_code(story, Donation)
    pages = [
        "/donors/D-0007",
        f"/donations/{donation}",
        f"/lots/{LOT}",
        f"/units/{BAG}",
        f"/units/{BAG}/custody",
        "/orders/ORD-25-001",
        "/recipients/LN-01",
        "/recipients/LN-01/timeline",
    ]
    assert not any(told(client, page, "On hold: donor D-0007") for page in pages)
    hold(story, SubjectKind.DONOR, "D-0007")
    assert all(told(client, page, "On hold: donor D-0007") for page in pages)


@pytest.mark.parametrize(
    ("kind", "path"), [(SubjectKind.MATERIAL, "/materials/"), (SubjectKind.EQUIPMENT, "/equipment/")]
)
def test_a_hold_on_what_touched_the_cells_is_told_on_its_page(
    story: Site, kind: SubjectKind, path: str
) -> None:
    code = one_code(story, Material if kind is SubjectKind.MATERIAL else Equipment)
    hold(story, kind, code)
    assert told(reader(story), path + code, f"Test hold of {code}.")


def test_a_hold_on_a_tank_is_told_on_the_places_inside_and_on_the_bag_that_lies_there(story: Site) -> None:
    client = reader(story)
    with story.db.reading() as db:
        before = standing(db, SubjectKind.UNIT, UNUSED)
    hold(story, SubjectKind.PLACE, "T2")
    assert told(client, "/places/T2-C4", "On hold: place T2")
    assert told(client, f"/units/{UNUSED}", "On hold: place T2")
    with story.db.reading() as db:
        assert len(standing(db, SubjectKind.UNIT, UNUSED).holds) == len(before.holds) + 1


def test_an_open_deviation_of_a_bag_is_told_with_the_bag_its_lot_and_its_recipient(story: Site) -> None:
    client = reader(story)
    with act(story, quinn(story)) as work:
        open_deviation(work, SubjectKind.UNIT, BAG, "The overwrap was torn.", Severity.CRITICAL)
    for page in (f"/units/{BAG}", f"/lots/{LOT}", "/recipients/LN-01"):
        assert told(client, page, "The overwrap was torn."), page
    assert not told(client, f"/units/{UNUSED}", "The overwrap was torn.")


def test_an_open_deviation_of_the_lot_is_told_with_each_of_its_bags(story: Site) -> None:
    client = reader(story)
    with act(story, quinn(story)) as work:
        open_deviation(work, SubjectKind.LOT, LOT, "Two flasks were swapped.", Severity.MAJOR)
    for page in (f"/lots/{LOT}", f"/units/{UNUSED}", "/recipients/LN-01"):
        assert told(client, page, "Two flasks were swapped."), page


def test_nothing_stands_against_a_code_that_does_not_exist(story: Site) -> None:
    with story.db.reading() as db:
        found = standing(db, SubjectKind.LOT, "MSC-99-999")
    assert (found.holds, found.deviations) == ((), ())
