"""The bedside's chapter of a batch record: every bag's way, recipients by code, nothing personal."""

from sqlmodel import Session, select

from app.bedside.chapter import chapter
from app.lots.models import Lot
from app.paper.chapters import Table
from tests.bedside.factories import Story, infused, started


def words(db: Session) -> list[tuple[str | None, ...]]:
    told = chapter(db, db.exec(select(Lot).where(Lot.code == "MSC-25-001")).one())
    return [row for block in told.blocks if isinstance(block, Table) for row in block.rows]


def test_an_infusion_is_told_with_both_people_and_the_delivered_cells(two: Story) -> None:
    infused(two)
    with two.site.db.reading() as db:
        rows = words(db)
    assert len(rows) == 2 + 1
    told = " ".join(str(cell) for cell in rows[-1])
    assert "Nurse1 and Nurse2" in told
    assert "88.2 × 10⁶ cells (eighty-eight million two hundred thousand)" in told
    assert "EXAMPLE" not in str(rows) and "7K3M" not in str(rows)


def test_what_a_running_infusion_lacks_is_not_recorded(story: Story) -> None:
    started(story)
    with story.site.db.reading() as db:
        assert words(db)[-1][-1] is None
