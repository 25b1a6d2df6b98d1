"""The worked example is the acceptance story: its figures are those of the published series' demo data."""

import json
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import col, select

from app.bedside.models import Infusion, Scan, VerdictWord
from app.custody.queries import gaps
from app.donors.models import Donor, DonorState
from app.evidence.verify import verify
from app.example.labels import BAGS
from app.example.patients import PATIENTS
from app.example.story import load_once
from app.labeling.queries import reconciliation
from app.lots.models import Lot, LotState, Step, Unit, UnitKind, UnitState
from app.orders.models import DoseOrder, OrderState
from app.quality.queries import release_stands
from app.site import Site
from app.trace.queries import as_json, trace
from tests.story import quiet


def lot_of(site: Site, code: str = "MSC-25-001") -> Lot:
    with site.db.reading() as db:
        return db.exec(select(Lot).where(Lot.code == code)).one()


def test_the_story_is_sound_to_its_last_row_on_both_databases(told: Site) -> None:
    with told.db.reading() as db:
        report = verify(db)
    assert report.ok, report.problems
    assert report.entries > 150


def test_twelve_millilitres_of_marrow_become_ten_bags_and_no_cell_is_missing(told: Site) -> None:
    with told.db.reading() as db:
        lot = lot_of(told)
        steps = db.exec(select(Step).where(Step.lot_id == lot.id).order_by(col(Step.id))).all()
        bags = db.exec(select(Unit).where(Unit.lot_id == lot.id, Unit.kind == UnitKind.BAG)).all()
    assert steps[-1].cumulative_pd == Decimal("18.68")
    assert [bag.viable_cells for bag in bags] == [100_000_000] * 10
    last = steps[-1]
    assert last.cells_harvested == last.cells_out + last.cells_qc + last.cells_retained + last.cells_lost
    assert last.cells_lost == 0


def test_donor_d_0007_gave_and_donor_d_0006_may_not(told: Site) -> None:
    with told.db.reading() as db:
        states = {donor.code: donor.state for donor in db.exec(select(Donor)).all()}
    assert states == {"D-0006": DonorState.INELIGIBLE, "D-0007": DonorState.ELIGIBLE}


def test_the_lot_is_released_and_its_signature_stands(told: Site) -> None:
    with told.db.reading() as db:
        lot = lot_of(told)
        assert lot.state is LotState.RELEASED
        assert release_stands(db, lot)


def test_fourteen_labels_are_ten_applied_two_spoiled_two_specimens(told: Site) -> None:
    with told.db.reading() as db:
        counted = reconciliation(db, lot_of(told).id or 0)
    assert (counted.printed, counted.ever_applied, counted.spoiled, counted.specimen) == (14, 10, 2, 2)
    assert counted.balances and counted.loose == 0


def test_bag_01_was_given_to_ln_01_and_delivered_88_2_million(told: Site) -> None:
    with told.db.reading() as db:
        infusion = db.exec(select(Infusion)).one()
        bag = db.exec(select(Unit).where(Unit.code == BAGS[0])).one()
        order = db.exec(select(DoseOrder)).one()
    assert infusion.delivered_viable_cells == 88_200_000
    assert infusion.unit_id == bag.id and bag.state is UnitState.INFUSED
    assert order.state is OrderState.GIVEN


def test_the_wrong_wristband_was_stopped_and_the_stop_is_in_the_ledger(told: Site) -> None:
    with told.db.reading() as db:
        stops = db.exec(select(Scan).where(Scan.verdict == VerdictWord.STOP)).all()
        told_of = db.connection().execute(
            text("SELECT body FROM ledger_entry WHERE kind = 'bedside.scanned'")
        )
        verdicts = [json.loads(bytes(body))["facts"]["verdict"] for (body,) in told_of]
    assert stops
    assert verdicts.count("stop") == len(stops)


def test_custody_of_bag_01_is_whole(told: Site) -> None:
    with told.db.reading() as db:
        bag = db.exec(select(Unit).where(Unit.code == BAGS[0])).one()
        assert gaps(db, bag.id or 0) == []


def test_the_thread_runs_both_ways(told: Site) -> None:
    with told.db.reading() as db:
        back = as_json(trace(db, "recipient", "LN-01"))  # type: ignore[arg-type]  # found
        forth = as_json(trace(db, "donor", "D-0007"))  # type: ignore[arg-type]  # found
    assert back["donors"] == ["D-0007"] and back["recipients"] == ["LN-01"]
    assert forth["recipients"] == ["LN-01"]
    assert "MSC-25-001" in forth["lots"] and "MAT-24-002" in back["materials"]


def test_no_name_or_birth_date_or_record_number_is_in_the_ledger(told: Site) -> None:
    with told.db.reading() as db:
        bodies = b"\n".join(
            bytes(body) for (body,) in db.connection().execute(text("SELECT body FROM ledger_entry"))
        )
    secrets = [word for _, family, born, _ in PATIENTS for word in (family, born)]
    for secret in [*secrets, "SYN-LN-01", "SYN-D-7", "Example-7"]:
        assert secret.encode() not in bodies, secret


def test_the_story_is_told_once(told: Site) -> None:
    assert load_once(told, quiet) is False
