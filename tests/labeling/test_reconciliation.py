"""Printed = ever applied + spoiled + specimen + returned, every piece counted once, whatever happens."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.labeling.models import Label, LabelState
from app.labeling.operations import apply_label, destroy_label, void_label
from app.labeling.queries import Reconciliation, reconciliation
from app.lots.queries import lot_by_code
from app.site import Site, open_site
from tests.databases import settings_in
from tests.factories import act, proof
from tests.labeling.factories import LABELLED_AT, printed, printer, second
from tests.lots.factories import drug_product_lot

LOT = "MSC-25-001"
VOID = (LabelState.SPOILED, LabelState.SPECIMEN, LabelState.RETURNED)
#: (what is done, to which piece of those printed so far).
DEEDS = st.tuples(st.sampled_from(["apply", "destroy", "reprint", *VOID]), st.integers(0, 9))


@pytest.fixture(scope="module")
def printed_lot(sqlite_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lot of three bags with one printed piece each, to be copied for each history."""
    folder = tmp_path_factory.mktemp("printed")
    shutil.copy(sqlite_file, folder / "hilo.sqlite3")
    site = open_site(settings_in(folder))
    drug_product_lot(site, 3, code=LOT)
    printed(site, [f"{LOT}-B0{number}" for number in (1, 2, 3)])
    second(site)
    site.db.close()
    return folder


def do(site: Site, deed: str, serial: str, unit: str) -> None:
    """Do it, or be refused: both are histories."""
    if deed == "reprint":
        printed(site, [unit], reason="one more for the property")
        return
    who, witness = printer(site), proof(second(site))
    with act(site, who, LABELLED_AT) as work:
        if deed == "apply":
            answer = apply_label(work, serial)
        elif deed == "destroy":
            answer = destroy_label(work, serial, witness)
        else:
            answer = void_label(work, serial, LabelState(deed), "as the property asks")
    assert isinstance(answer, Label | Refusal)


def counted(site: Site) -> tuple[Reconciliation, list[Label]]:
    with site.db.reading() as db:
        lot = lot_by_code(db, LOT)
        assert lot is not None and verify(db).ok
        return reconciliation(db, lot.id or 0), list(db.exec(select(Label)).all())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(DEEDS, max_size=8))
def test_every_piece_is_counted_once_over_any_history(
    printed_lot: Path, tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("history") / "data"
    shutil.copytree(printed_lot, folder)
    site = open_site(settings_in(folder))
    for deed, number in deeds:
        labels = counted(site)[1]
        label = labels[number % len(labels)]
        do(site, str(deed), label.serial, f"{LOT}-B0{label.unit_id % 3 + 1}")
    tally, labels = counted(site)
    site.db.close()
    away = tally.ever_applied + tally.spoiled + tally.specimen + tally.returned
    assert tally.printed == len(labels) == away + tally.loose
    assert tally.ever_applied == sum(label.applied_at is not None for label in labels)
    assert tally.balances == (tally.loose == 0)
