"""What a batch record says of a lot's making."""

from app.lots.chapter import chapter
from app.paper.chapters import Chapter, Table
from app.site import Site
from tests.lots.factories import drug_product_lot, filled_lot, lot, reagent


def table(chapters: list[Chapter], caption: str) -> Table:
    return next(
        block
        for one in chapters
        for block in one.blocks
        if isinstance(block, Table) and block.caption.startswith(caption)
    )


def test_the_record_starts_with_the_donation_and_its_donor(site: Site) -> None:
    made = drug_product_lot(site)
    with site.db.reading() as db:
        told = table(chapter(db, made), "Donations").rows
    assert told[0][0] == "DON-25-001" and "264 × 10⁶" in str(told[0])


def test_every_step_is_reconciled_and_its_doublings_are_told(site: Site) -> None:
    made = drug_product_lot(site, 10)
    with site.db.reading() as db:
        balance = table(chapter(db, made), "Viable cells").rows
        growth = table(chapter(db, made), "Growth").rows
    assert balance[-1] == (
        "S06", "60 × 10⁶", "1042 × 10⁶", "1 × 10⁹", "12 × 10⁶", "30 × 10⁶", "0", "0",
    )  # fmt: skip
    assert growth[-1] == ("S06", "harvest, P2", "4.12", "17.01", "95 %")


def test_materials_are_told_with_the_steps_they_were_used_in(site: Site) -> None:
    medium = reagent(site, "hPL").code
    made = filled_lot(site, 1, materials=(medium,))
    with site.db.reading() as db:
        told = table(chapter(db, made), "Materials").rows
    assert [(row[0], row[1], row[-1]) for row in told] == [(medium, "hPL", "S01")]


def test_a_lot_without_steps_says_so(site: Site) -> None:
    made = lot(site)
    with site.db.reading() as db:
        chapters = chapter(db, made)
    assert table(chapters, "Steps").rows == []
    assert "No step was recorded." in str(chapters)
