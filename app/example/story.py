"""The worked example, told in order; every act is an operation called as one of its people."""

from collections.abc import Callable

from sqlmodel import select

from app.access.models import Person
from app.example import (
    afterwards,
    alarm,
    donors,
    infusion,
    labels,
    making,
    patients,
    people,
    quality,
    shipping,
    twins,
)
from app.example.calendar import BANKED, FILLED, FOUNDED, MONTH_9, OTHER_COLLECTED, OTHER_FILLED, at
from app.example.making import BANK, LOT
from app.example.people import QUINN, actor, done
from app.kernel.work import SYSTEM
from app.paper.models import PaperKind
from app.paper.operations import issue_paper
from app.site import EXAMPLE_MARK, Site, open_site


def load_once(site: Site, say: Callable[[str], None]) -> bool:
    """Load the worked example into a database without people; False when there are some already.

    The mark in the data folder is set first: every label and paper of the story then says "synthetic".
    """
    with site.db.reading() as db:
        if db.exec(select(Person.id).limit(1)).first() is not None:
            return False
    (site.settings.data / EXAMPLE_MARK).write_text("This site holds the worked example: synthetic data.\n")
    marked = open_site(site.settings)
    try:
        tell(marked, say)
    finally:
        marked.db.close()
    return True


def tell(site: Site, say: Callable[[str], None]) -> None:
    """The whole story, with a line as each chapter begins."""
    with site.db.act(SYSTEM, at(FOUNDED, "08:00")) as work:
        people.hire(work)
    for words, chapter in (
        ("Specifications, places and stock", _found),
        ("Donors D-0006 and D-0007", donors.screen_donors),
        ("Master cell bank MCB-25-001", _bank),
        ("Lot MSC-25-001: ten bags", _lot),
        ("Lots MSC-25-002 and MSC-25-003", _twins),
        ("Donors D-0008 and D-0009", donors.screen_others),
        ("Patients LN-01 to LN-03, the first order", _order),
        ("The bedside", _bedside),
        ("LN-02: bag 07 lost its cold, bag 03 was thawed for too long", _second),
        ("Lot MSC-25-004 of donor D-0009, a bag for LN-03", _other),
        ("Nine months", afterwards.follow_up),
        ("The freezer is calibrated again", making.recalibrate),
        ("The batch record", _paper),
    ):
        say(f"  {words}")
        chapter(site)


def _found(site: Site) -> None:
    quality.adopt(site)
    labels.places(site)
    making.stock(site)


def _bank(site: Site) -> None:
    making.bank(site)
    labels.store_vials(site, [f"{BANK}-V{number:02d}" for number in range(1, 13)], BANKED, "15:30")
    quality.release_bank(site)


def _lot(site: Site) -> None:
    making.fill(site)
    alarm.incubator_alarm(site)
    labels.label_and_store(site)
    labels.store_vials(site, [f"{LOT}-R{number:02d}" for number in range(1, 4)], FILLED, "18:10")
    quality.release_lot(site)
    quality.first_papers(site)
    making.break_bag(site)


def _twins(site: Site) -> None:
    twins.second_lots(site)
    quality.second_lots(site)


def _order(site: Site) -> None:
    patients.register(site)
    afterwards.baseline(site)
    patients.order(site)
    shipping.ship(site, patients.FIRST_DOSE)


def _bedside(site: Site) -> None:
    infusion.give(site, patients.wristbands(site))


def _second(site: Site) -> None:
    afterwards.baseline(site, patients.SECOND_DOSE.patient)
    patients.order(site, patients.LOST_DOSE)
    shipping.lose_the_cold(site)
    patients.order(site, patients.SECOND_DOSE)
    shipping.ship(site, patients.SECOND_DOSE)
    infusion.give_second(site, patients.wristbands(site, ("LN-02",), patients.SECOND_DOSE.infused))


def _other(site: Site) -> None:
    twins.lot_of_other_donor(site, OTHER_COLLECTED)
    labels.label_and_store_other(site, OTHER_FILLED)
    quality.release_other_lot(site)
    afterwards.baseline(site, patients.THIRD_DOSE.patient)
    patients.order(site, patients.THIRD_DOSE)
    shipping.ship(site, patients.THIRD_DOSE)
    infusion.give_third(site, patients.wristbands(site, ("LN-03",), patients.THIRD_DOSE.infused))


def _paper(site: Site) -> None:
    with site.db.reading() as db:
        quinn = actor(db, QUINN)
    done(issue_paper(site, quinn, at(MONTH_9, "17:00"), PaperKind.BATCH_RECORD, LOT))
