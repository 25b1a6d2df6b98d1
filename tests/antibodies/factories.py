"""Recipients with sera and bead results for tests, made by the real operations."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count

from sqlmodel import select

from app.access.models import Person, Role
from app.antibodies.fusion import DateOrder
from app.antibodies.models import BeadRun, Serum
from app.antibodies.operations import import_beads, register_serum
from app.example.beadfiles import CLASS_I, Draw, fusion_csv
from app.recipients.forms import IdentityForm, TypingForm
from app.recipients.models import Recipient
from app.recipients.operations import record_typing, register_recipient
from app.site import Site
from tests.factories import act, person

#: When these tests import: after the last visit of the story.
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
#: LN-02 of the worked example: she carries A*02:01, not A*24:02.
RECIPIENT_ALLELES = "A*01:01 A*02:01 B*08:01 B*44:02 DRB1*03:01 DRB1*04:01"

_numbers = count(1)


def laboratory(site: Site) -> Person:
    """The HLA laboratory."""
    with site.db.reading() as db:
        known = db.exec(select(Person).where(Person.sign_in == "hla-lab")).one_or_none()
    return known or person(site, Role.LABORATORY, "hla-lab")


def recipient(site: Site, code: str | None = None, alleles: str = RECIPIENT_ALLELES) -> Recipient:
    """A registered patient with a typing."""
    number = next(_numbers)
    identity = IdentityForm(
        family_name=f"Marrowby{number}",
        given_name="Ines",
        born_on=date(1990, 5, 4),
        record_number=f"PAT-{number:05}",
    )
    typing = TypingForm(
        alleles=alleles, method="NGS", laboratory="HLA laboratory, synthetic", typed_on=date(2025, 1, 2)
    )
    with act(site, laboratory(site), NOW) as work:
        made = register_recipient(work, identity, "lupus nephritis, class IV", code)
        assert isinstance(made, Recipient), made
        assert not isinstance(record_typing(work, made.code, typing), Exception)
    return made


def serum(site: Site, recipient_code: str, drawn_on: date) -> Serum:
    """A registered serum."""
    with act(site, laboratory(site), NOW) as work:
        made = register_serum(work, recipient_code, drawn_on)
    assert isinstance(made, Serum), made
    return made


def bead_file(
    *draws: tuple[str, date, Mapping[str, float]],
    patient: str = "SYN-R001",
    kit: str = "LS1A04SYN_001_00",
    panel: tuple[str, ...] = CLASS_I,
) -> bytes:
    """A Fusion export, month first: name, day of the run, and what reacts, for each serum."""
    made = [Draw(name, (day.year, day.month, day.day), reacting) for name, day, reacting in draws]
    return fusion_csv(made, patient=patient, kit=kit, panel=panel)


def imported(
    site: Site,
    recipient_code: str,
    drawn_on: date,
    reacting: Mapping[str, float],
    kit: str = "LS1A04SYN_001_00",
    panel: tuple[str, ...] = CLASS_I,
) -> tuple[Serum, BeadRun]:
    """A serum with its results on one kit; the run is made on the day of the draw."""
    made = serum(site, recipient_code, drawn_on)
    name = f"{made.code}-{kit[:3]}"
    data = bead_file((name, drawn_on, reacting), patient=recipient_code, kit=kit, panel=panel)
    with act(site, laboratory(site), NOW) as work:
        runs = import_beads(work, data, "export.csv", DateOrder.MONTH_FIRST, {name: made.code})
    assert isinstance(runs, list), runs
    return made, runs[0]
