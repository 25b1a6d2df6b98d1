"""What the lots room says in a batch record: the donation, every step, what came out, with what."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

from sqlmodel import Session, col, select

from app.donors.models import Donor
from app.kernel.speech import say
from app.kernel.tables import known
from app.kernel.units import MINUS, cells, number
from app.lots.codes import shortly
from app.lots.genealogy import ancestors
from app.lots.models import Donation, Lot, UnitKind
from app.lots.queries import (
    StepRow,
    UnitRow,
    file_of_run,
    freeze_runs_of_lot,
    steps_of_lot,
    units_of_lot,
    units_with,
)
from app.materials.models import Equipment, Material
from app.paper.chapters import Block, Chapter, Facts, Heading, Table, Text


def chapter(db: Session, lot: Lot) -> list[Chapter]:
    """Where the cells came from, how and with what the lot was made, what was filled, what became of it."""
    assert lot.id is not None
    steps = steps_of_lot(db, lot.id)
    units = units_of_lot(db, lot.id)
    return [
        Chapter(0, Heading.IDENTITY, [_lot(lot)]),
        Chapter(0, Heading.STARTING_MATERIAL, [*_starting(db, units)]),
        Chapter(0, Heading.MATERIALS, [_reagents(db, steps)]),
        Chapter(0, Heading.EQUIPMENT, [_devices(db, steps)]),
        Chapter(0, Heading.STEPS, _process(steps)),
        Chapter(0, Heading.CONTROLS, _controls(steps)),
        Chapter(0, Heading.FILL, [_containers(units), _freezing(db, lot)]),
        Chapter(0, Heading.YIELD, [_balances(steps), _counts(units)]),
        Chapter(0, Heading.DISTRIBUTION, [_fates(units)]),
    ]


def _lot(lot: Lot) -> Facts:
    return Facts(
        [
            ("Lot", lot.code),
            ("Product", lot.product),
            ("Tier", _words(lot.kind)),
            ("State", _words(lot.state)),
            ("Opened", _moment(lot.opened_at)),
            ("Made", _moment(lot.made_at)),
            ("Expiry (computed)", None if lot.expires_at is None else f"{lot.expires_at:%Y-%m-%d}"),
            ("Storage", lot.storage or None),
        ]
    )


def _starting(db: Session, units: list[UnitRow]) -> list[Table]:
    own = {unit.id for unit in units}
    line = units_with(db, ancestors(db, own) - own)
    donations = db.exec(
        select(Donation, Donor.code)
        .join(Donor, col(Donor.id) == col(Donation.donor_id))
        .where(col(Donation.id).in_([unit.donation_id for unit in line if unit.donation_id is not None]))
        .order_by(col(Donation.code))
    ).all()
    banks = [unit for unit in line if unit.lot_id is not None]
    tables = [
        Table(
            ("Donation", "Donor", "Tissue", "Collected", "Received", "Nucleated cells", "Viability"),
            [_donation(donation, donor) for donation, donor in donations],
            "Donations",
        )
    ]
    if banks:
        rows = [(b.code, _words(b.kind), str(b.passage), number(b.cumulative_pd)) for b in banks]
        tables.append(Table(("Unit", "Kind", "Passage", "Cumulative PD"), rows, "Units of earlier lots"))
    return tables


def _donation(donation: Donation, donor: str) -> tuple[str | None, ...]:
    return (
        donation.code,
        donor,
        say("{tissue}, {ml} mL", tissue=_words(donation.tissue), ml=number(donation.volume_ml)),
        _moment(donation.collected_at),
        f"{_moment(donation.received_at)}, {number(donation.received_celsius)} °C, {donation.condition}",
        cells(donation.nucleated_cells),
        f"{number(donation.viability_percent)} %",
    )


def _process(steps: list[StepRow]) -> list[Block]:
    return [
        Table(
            ("Step", "What", "Began", "Ended", "By", "From", "To", "Vessel"),
            [_step(row) for row in steps],
            "Steps",
        ),
        *(Text(f"{row.step.code}: {row.step.note}") for row in steps if row.step.note),
    ]


def _controls(steps: list[StepRow]) -> list[Block]:
    limits = sorted({row.step.limits for row in steps})
    return [
        Table(
            ("Step", "What", "Doublings", "Cumulative doublings", "Viability"),
            [_control(row) for row in steps],
            "Growth and viability of each step",
        ),
        Text(
            say(
                "Judged by process limits {limits}. Doublings are computed from the counts.",
                limits=", ".join(limits),
            )
            if limits
            else "No step was recorded."
        ),
    ]


def _containers(units: list[UnitRow]) -> Table:
    filled = [unit for unit in units if unit.kind in (UnitKind.BAG, UnitKind.VIAL, UnitKind.RETAINED)]
    return Table(
        ("Unit", "Kind", "Passage", "Viable cells", "Volume", "Viability"),
        [_unit(unit) for unit in filled],
        "Containers filled",
    )


def _freezing(db: Session, lot: Lot) -> Table:
    """The runs of the freezer, each with the SHA-256 of its kept file."""
    runs = [(run, file_of_run(db, run).sha256) for run in freeze_runs_of_lot(db, known(lot.id))]
    return Table(
        ("Run", "Began", "Ended", "Cooling", "Coldest", "Judged", "File, SHA-256"),
        [
            (
                f"{run.code}, {run.run_name}",
                _moment(run.started_at),
                _moment(run.ended_at),
                "–" if run.celsius_per_min is None else f"{number(run.celsius_per_min)} °C/min",
                f"{number(run.lowest_celsius)} °C",
                say("{verdict} the limits {limits}", verdict=_words(run.verdict), limits=run.limits),
                f"{sha256[:32]} {sha256[32:]}",
            )
            for run, sha256 in runs
        ],
        "Runs of the controlled-rate freezer",
    )


def _balances(steps: list[StepRow]) -> Table:
    return Table(
        ("Step", "In", "Harvested", "On", "QC", "Retained", "Lost", "Unexplained"),
        [_balance(row) for row in steps],
        "Viable cells: in or harvested = on + QC + retained + lost + unexplained",
    )


def _counts(units: list[UnitRow]) -> Table:
    counted = Counter((unit.kind, unit.state) for unit in units)
    rows = [(_words(kind), _words(state), str(count)) for (kind, state), count in counted.items()]
    return Table(("Kind", "State", "Units"), rows, "Units by kind and state")


def _fates(units: list[UnitRow]) -> Table:
    rows = [(unit.code, _words(unit.kind), _words(unit.state)) for unit in units]
    return Table(("Unit", "Kind", "State"), rows, "Units and their fates")


def _step(row: StepRow) -> tuple[str | None, ...]:
    step = row.step
    vessel = step.vessel
    if step.area_cm2 is not None:
        vessel = f"{vessel}, {number(step.area_cm2)} cm²"
    return (
        step.code.rpartition("-")[2],
        say("{kind}, P{passage}", kind=_words(step.kind), passage=step.passage),
        _moment(step.started_at),
        _moment(step.ended_at),
        row.performed_by,
        shortly(row.inputs),
        shortly(row.outputs),
        vessel or "–",
    )


def _control(row: StepRow) -> tuple[str | None, ...]:
    step = row.step
    return (
        step.code.rpartition("-")[2],
        say("{kind}, P{passage}", kind=_words(step.kind), passage=step.passage),
        _places(step.population_doublings),
        _places(step.cumulative_pd),
        "–" if step.viability_percent is None else f"{number(step.viability_percent)} %",
    )


def _balance(row: StepRow) -> tuple[str | None, ...]:
    step = row.step
    harvested = "–" if step.cells_harvested is None else cells(step.cells_harvested)
    counts = (step.cells_out, step.cells_qc, step.cells_retained, step.cells_lost)
    return (
        step.code.rpartition("-")[2],
        cells(step.cells_in),
        harvested,
        *(cells(count) for count in counts),
        _difference(step.cells_unexplained),
    )


def _difference(unexplained: int) -> str:
    """An unexplained difference; more cells than there were is below zero."""
    return cells(unexplained) if unexplained >= 0 else f"{MINUS}{cells(-unexplained)}"


def _unit(unit: UnitRow) -> tuple[str | None, ...]:
    return (
        unit.code,
        _words(unit.kind),
        f"P{unit.passage}",
        cells(unit.viable_cells),
        f"{number(unit.volume_ml)} mL",
        f"{number(unit.viability_percent)} %",
    )


def _reagents(db: Session, steps: list[StepRow]) -> Table:
    used = {code for row in steps for code in row.materials}
    reagents = db.exec(
        select(Material).where(col(Material.code).in_(used)).order_by(col(Material.code))
    ).all()
    return Table(
        ("Material", "Name", "Supplier", "Lot", "Expiry", "Steps"),
        [
            (m.code, m.name, m.supplier, m.supplier_lot, m.expires_on.isoformat(), _where(steps, m.code))
            for m in reagents
        ],
        "Materials",
    )


def _devices(db: Session, steps: list[StepRow]) -> Table:
    used = {code for row in steps for code in row.equipment}
    machines = db.exec(
        select(Equipment).where(col(Equipment.code).in_(used)).order_by(col(Equipment.code))
    ).all()
    return Table(
        ("Equipment", "Name", "Calibration due", "Steps"),
        [(e.code, e.name, e.calibration_due_on.isoformat(), _where(steps, e.code)) for e in machines],
        "Equipment",
    )


def _where(steps: list[StepRow], code: str) -> str:
    """In which steps a material or device was used."""
    found = [row.step.code.rpartition("-")[2] for row in steps if code in row.materials + row.equipment]
    return ", ".join(found)


def _words(word: str) -> str:
    return str(word).replace("_", " ")


def _moment(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _places(value: Decimal) -> str:
    """Doublings with both their decimals, as they are compared with the limits."""
    return f"{value:.2f}"
