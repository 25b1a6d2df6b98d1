"""Growth: doublings over days in culture, beside earlier lots of the same donor and no other."""

from decimal import Decimal

from app.lots.growth import Growth, growth_of, growth_picture
from app.lots.queries import lot_by_code
from app.site import Site
from tests.donors.factories import eligible_donor
from tests.lots.factories import filled_lot, lot, maker
from tests.lots.test_worked_example import bank, product
from tests.webapp import client_of, web


def grown(site: Site, code: str) -> list[Growth]:
    with site.db.reading() as db:
        found = lot_by_code(db, code)
        assert found is not None
        return growth_of(db, found)


def test_a_product_grows_from_the_tissue_on_and_frozen_days_do_not_count(site: Site) -> None:
    bank(site)
    product(site)
    (own,) = grown(site, "MSC-25-001")
    assert [(h.lot, h.passage, str(h.cumulative)) for h in own.harvests] == [
        ("MCB-25-001", 0, "10.15"), ("MCB-25-001", 1, "12.89"),
        ("MSC-25-001", 2, "15.36"), ("MSC-25-001", 3, "18.68"),
    ]  # fmt: skip
    assert [str(h.culture_days) for h in own.harvests] == ["13.8", "20.8", "27.7", "33.6"]
    assert own.harvests[1].doubling_hours == Decimal("60.9")


def test_earlier_lots_of_the_donor_stand_beside_and_others_do_not(site: Site) -> None:
    donor = eligible_donor(site).code
    filled_lot(site, 1, code="MSC-25-001", donor=donor)
    filled_lot(site, 1, code="MSC-25-002")
    filled_lot(site, 1, code="MSC-25-003", donor=donor)
    assert [one.lot for one in grown(site, "MSC-25-001")] == ["MSC-25-001"]
    assert [one.lot for one in grown(site, "MSC-25-003")] == ["MSC-25-003", "MSC-25-001"]


def test_a_lot_without_cells_has_no_picture(site: Site) -> None:
    lot(site, "MSC-25-001")
    assert growth_picture(grown(site, "MSC-25-001")) is None


def test_the_page_shows_picture_table_and_csv_alike(site: Site) -> None:
    bank(site)
    product(site)
    client = client_of(site, web(site), maker(site))
    page = client.get("/lots/MSC-25-001/growth").get_data(as_text=True)
    assert "<svg" in page and "18.68" in page and "33.6" in page
    table = client.get("/lots/MSC-25-001/growth.csv").get_data(as_text=True)
    assert "MSC-25-001,MSC-25-001-S05,3," in table and ",33.6,3.32,18.68," in table
    assert client.get("/lots/MSC-25-001").status_code == 200
    assert client.get("/lots/X-1/growth").status_code == 404
