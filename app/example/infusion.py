"""At the bed: the wrong wristband is stopped, then two people check, and bag 01 is given to LN-01."""

from datetime import datetime
from decimal import Decimal

from app.bedside.forms import EndForm, ScanForm, StartForm
from app.bedside.models import EntrySource, VerdictWord
from app.bedside.operations import end_infusion, sign_check, start_infusion
from app.bedside.scanning import Answer, scan
from app.example.calendar import INFUSED, at
from app.example.patients import BAG
from app.example.people import NILS, NORA, Character, Unexpected, actor, done, signing
from app.labeling.queries import current_label
from app.lots.queries import unit_by_code
from app.site import Site


class Bed:
    """The bedside of the story: who scans what, and what was answered."""

    def __init__(self, site: Site, wristbands: dict[str, str]) -> None:
        self.site = site
        self.bands = wristbands
        self.scans = 0
        with site.db.reading() as db:
            unit = unit_by_code(db, BAG)
            label = current_label(db, unit.id or 0) if unit else None
        if label is None:
            raise Unexpected(f"{BAG} has no applied label")
        self.label = label.serial

    def reads(self, who: Character, text: str, clock: str, check: str = "") -> Answer:
        """Somebody scans; the answer is committed before it is shown."""
        self.scans += 1
        moment = at(INFUSED, clock)
        form = ScanForm(
            text=text,
            request_key=f"worked-example-{self.scans:02d}",
            source=EntrySource.SCANNED,
            device_at=moment,
            check=check,
        )
        with self.site.db.reading() as db:
            person = actor(db, who)
        with self.site.db.act(person, moment) as work:
            return done(scan(work, form))

    def both(self, who: Character, patient: str, clock: str, later: str, check: str = "") -> Answer:
        """Wristband, then label."""
        first = self.reads(who, self.bands[patient], clock, check)
        code = check or (first.check.code if first.check else "")
        return self.reads(who, self.label, later, code)

    def signs(self, who: Character, check: str, clock: str) -> None:
        """Somebody signs their part of the check with their own password."""
        proof = signing(self.site, who)
        with self.site.db.reading() as db:
            person = actor(db, who)
        with self.site.db.act(person, at(INFUSED, clock)) as work:
            done(sign_check(work, check, proof))


def give(site: Site, wristbands: dict[str, str]) -> None:
    """The drill with the wrong wristband, the check by two people, the infusion."""
    bed = Bed(site, wristbands)
    wrong = bed.both(NORA, "LN-02", "09:50", "09:51")
    if wrong.verdict is not VerdictWord.STOP:
        raise Unexpected("the wrong wristband was not stopped")
    right = bed.both(NORA, "LN-01", "10:05", "10:06")
    if right.verdict is not VerdictWord.GO or right.check is None:
        raise Unexpected(f"bag 01 was stopped: {right.reasons}")
    check = right.check.code
    bed.signs(NORA, check, "10:07")
    second = bed.both(NILS, "LN-01", "10:08", "10:09", check)
    if second.verdict is not VerdictWord.GO:
        raise Unexpected(f"the second person was stopped: {second.reasons}")
    bed.signs(NILS, check, "10:10")
    _infuse(site, check)


def _infuse(site: Site, check: str) -> None:
    with site.db.reading() as db:
        nora = actor(db, NORA)
    start = StartForm(
        thawed_at=_at("10:02"),
        started_at=_at("10:14"),
        volume_ml=Decimal(20),
        viable_million=Decimal(90),
        viability_percent=Decimal(91),
        note="Thawed at 37 °C for 3 min 30 s; viability measured on the line segment",
    )
    with site.db.act(nora, _at("10:14")) as work:
        infusion = done(start_infusion(work, check, start))
    end = EndForm(
        ended_at=_at("10:34"),
        residual_ml=Decimal("0.4"),
        flush_ml=Decimal(10),
        note="No reaction during the infusion",
    )
    with site.db.act(nora, _at("10:34")) as work:
        done(end_infusion(work, infusion.code, end))


def _at(clock: str) -> datetime:
    return at(INFUSED, clock)
