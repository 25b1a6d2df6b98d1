"""What stands on the face of a label: codes and facts of the unit, never a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from app.kernel import units as words
from app.kernel.speech import in_each, say, told
from app.kernel.tables import known
from app.lots import queries as lots
from app.lots.models import Donation, Lot, Unit
from app.lots.required import on_a_label, required_of


@dataclass(frozen=True, slots=True)
class Face:
    """The texts of one label by field name; a stock prints those it has a place for."""

    fields: Mapping[str, str]
    #: The languages of the site, in which the stock says its captions.
    languages: tuple[str, ...] = ("en",)

    @property
    def shortened(self) -> "Face":
        """For a stock too narrow for the whole storage condition: its last clause, the temperature."""
        storage = self.fields.get("storage", "").rpartition(", ")[2]
        return replace(self, fields={**self.fields, "storage": storage}) if storage else self


def faces(db: Session, units: list[Unit], at: datetime) -> list[Face]:
    """The face of each unit's label, as what is known ``at`` that time makes it."""
    known: dict[int, Lot | None] = {}
    made = []
    for unit in units:
        if unit.lot_id is not None and unit.lot_id not in known:
            known[unit.lot_id] = db.get(Lot, unit.lot_id)
        lot = known.get(unit.lot_id) if unit.lot_id is not None else None
        made.append(Face(_fields(db, unit, lot, at), languages_of(db)))
    return made


def languages_of(db: Session) -> tuple[str, ...]:
    """The languages in which the site prints its labels, the first one first."""
    return tuple(db.info.get("languages", ("en",)))


def _fields(db: Session, unit: Unit, lot: Lot | None, at: datetime) -> dict[str, str]:
    donations = _donation_codes(db, unit)
    languages = languages_of(db)
    start, dose = say("Starting material"), say("{cells} viable cells", cells=words.cells(unit.viable_cells))
    warning = say("Contains cells of human origin. Allogeneic use only.")
    fields = {
        "product": lot.product if lot else in_each(start, languages),
        "lot": lot.code if lot else "",
        "unit": unit.code,
        "dose": told(dose, languages[0]),
        "volume": f"{words.number(unit.volume_ml)} mL",
        "expiry": _expiry(unit, lot),
        "storage": lot.storage if lot else "",
        "donation": " ".join(donations),
        "warnings": in_each(warning, languages),
        "required": on_a_label(required_of(db, known(unit.id), at)),
        "site": str(db.info.get("site_name", "")),
        "note": str(db.info.get("note", "")),
    }
    return {name: text for name, text in fields.items() if text}


def _expiry(unit: Unit, lot: Lot | None) -> str:
    expires = unit.expires_at or (lot.expires_at if lot else None)
    return f"{expires:%Y-%m-%d}" if expires else ""


def _donation_codes(db: Session, unit: Unit) -> list[str]:
    every = lots.ancestors(db, [known(unit.id)]) | {known(unit.id)}
    found = [db.get(Unit, unit_id) for unit_id in every]
    donations = {u.donation_id for u in found if u is not None and u.donation_id is not None}
    return sorted(donation.code for key in donations if (donation := db.get(Donation, key)) is not None)
