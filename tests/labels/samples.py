"""Labels to draw in tests: what the worked example would print, all synthetic."""

from random import Random

from labels.compose import LabelText
from labels.layout import Layout, load
from labels.payload import SIGNED_ALPHABET, issue

BAG = {
    "product": "Allogeneic MSC(M), cryopreserved",
    "lot": "MSC-25-001",
    "unit": "MSC-25-001-B01",
    "dose": "100 × 10⁶ viable cells",
    "volume": "10 mL in 10 % DMSO, 5 % HSA",
    "expiry": "2026-03-31",
    "storage": "Store at or below −150 °C (vapour of LN₂)",
    "donor": "D-0007",
    "donation": "DON-25-014",
    "recipient": "LN-01",
    "warnings": "For allogeneic use only. Contains cells of human origin. "
    "Do not irradiate. Do not use a leukoreduction filter.",
    "regime": "Hospital exemption",
    "site": "Cell Processing Laboratory",
    "note": "SYNTHETIC DATA",
}
VIAL = BAG | {
    "unit": "MSC-25-001-V01",
    "dose": "10 × 10⁶ viable cells",
    "volume": "1 mL",
    "storage": "≤ −150 °C",
}
del VIAL["recipient"]
WRISTBAND = {"recipient": "LN-01", "name": "EXAMPLE, Maria", "born": "1984-05-12", "record": "RN-4711"}
WRISTBAND["note"] = "SYNTHETIC DATA"
REQUIRED = "NOT EVALUATED FOR INFECTIOUS SUBSTANCES. WARNING: Advise patient of communicable disease risks"
PLACE = {"thing": "T2-R1-B1-C7", "thing_name": "Vial box 1, C7", "note": "SYNTHETIC DATA"}
EQUIPMENT = {"thing": "CNT-2", "thing_name": "Cell counter 2", "note": "SYNTHETIC DATA"}
FIELDS = {
    "bag-100x50": BAG,
    "bag-100x75": BAG | {"required": REQUIRED},
    "vial-50x25": VIAL,
    "wristband-150x25": WRISTBAND,
    "place-50x25": PLACE,
    "equipment-50x25": EQUIPMENT,
}
#: Every stock at every printer resolution it is made for.
PRINTERS = [(stock, dpi) for stock in FIELDS for dpi in load(stock).printers]


def label(layout: Layout, seed: int = 1, copy: int = 1, **changes: str) -> LabelText:
    """One label of the stock with every text it can show, and a second code where it has a place."""
    chance = Random(seed)
    signed = "".join(chance.choices(SIGNED_ALPHABET, k=128)) if layout.signed else None
    return LabelText(issue(layout.serial_kind, chance.choice), FIELDS[layout.name] | changes, signed, copy)


def job(layout: Layout, count: int) -> list[LabelText]:
    """A print job: the same texts, another serial each."""
    return [label(layout, seed) for seed in range(count)]
