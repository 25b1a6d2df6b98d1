"""The worked example is the acceptance story: its figures are those of the published series' demo data."""

import json
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import col, select

from app.bedside.aftercare_rules import Standing
from app.bedside.models import Infusion, Outcome, ReactionKind, Scan, VerdictWord
from app.bedside.overview import infusion_facts, vitals_schedule
from app.bedside.queries import reactions_of
from app.bedside.thawing import ClockState
from app.concerns.models import DeviationState, Severity, SubjectKind
from app.concerns.queries import deviations_on
from app.custody.queries import gaps
from app.donors.models import Donor, DonorState, Verdict
from app.donors.queries import decision_stands, latest_decision, typing_of
from app.evidence import files
from app.evidence.ledger import Subject
from app.evidence.models import Meaning, Signature
from app.evidence.verify import verify
from app.example.calendar import INFUSED, at
from app.example.labels import BAGS
from app.example.patients import PATIENTS
from app.example.story import load_once
from app.labeling.queries import reconciliation
from app.lots.models import FreezeVerdict, Lot, LotState, Step, Unit, UnitKind, UnitState
from app.lots.queries import donors_of_unit, freeze_runs_of_lot
from app.orders.models import DoseOrder, OrderState, Regime
from app.paper.chapters import Composed
from app.paper.models import PaperKind
from app.paper.queries import file_of, papers_of, revisions_of, side_by_side
from app.papers import batch_record
from app.quality.concerned import critical_on_lot, deviations_of, holds_on_lot
from app.quality.queries import checklist, failing, release_of, release_stands
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
    may = dict.fromkeys(("D-0007", "D-0008", "D-0009"), DonorState.ELIGIBLE)
    assert states == {"D-0006": DonorState.INELIGIBLE, **may}


def test_the_incubators_alarm_was_assessed_and_closed_before_the_release(told: Site) -> None:
    with told.db.reading() as db:
        lot = (SubjectKind.LOT, "MSC-25-001")
        alarm = deviations_on(db, [lot], open_only=False)[0]
    released_at = lot_of(told).released_at
    assert (alarm.code, alarm.severity, alarm.state) == ("DEV-25-001", Severity.MINOR, DeviationState.CLOSED)
    assert "22 min" in alarm.what
    assert alarm.closed_at is not None
    assert released_at is not None
    assert alarm.closed_at < released_at


def test_d_0006_needed_a_risk_assessment_and_was_decided_ineligible_by_signature(told: Site) -> None:
    with told.db.reading() as db:
        donor = db.exec(select(Donor).where(Donor.code == "D-0006")).one()
        decision = latest_decision(db, donor.id or 0)
        assert decision is not None
        assert (decision.judged, decision.decided) == (Verdict.RISK_ASSESSMENT, Verdict.INELIGIBLE)
        assert decision.reason.startswith("anti-HBc reactive")
        assert decision_stands(db, decision)


def test_d_0009_does_not_carry_what_ln_03_has_antibodies_against(told: Site) -> None:
    with told.db.reading() as db:
        donor = db.exec(select(Donor).where(Donor.code == "D-0009")).one()
        typing = typing_of(db, donor.id or 0)
    assert typing is not None
    assert "B*35:01" not in typing.alleles.split()


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
        infusion = db.exec(select(Infusion).where(Infusion.code == "INF-25-001")).one()
        bag = db.exec(select(Unit).where(Unit.code == BAGS[0])).one()
        order = db.exec(select(DoseOrder).where(DoseOrder.code == "ORD-25-001")).one()
    assert infusion.delivered_viable_cells == 88_200_000
    assert infusion.unit_id == bag.id and bag.state is UnitState.INFUSED
    assert order.state is OrderState.GIVEN
    assert (order.dose_cells_per_kg, order.regime) == (1_500_000, Regime.COMPASSIONATE_USE)


def test_the_fever_of_ln_01_was_of_grade_1_and_resolved_and_no_vital_sign_is_missing(told: Site) -> None:
    with told.db.reading() as db:
        infusion = db.exec(select(Infusion).where(Infusion.code == "INF-25-001")).one()
        (fever,) = reactions_of(db, infusion.id or 0)
        schedule = vitals_schedule(db, infusion, at(INFUSED, "23:00"))
    assert (fever.kind, fever.grade, fever.outcome) == (ReactionKind.FEVER, 1, Outcome.RESOLVED)
    assert [line.standing for line in schedule] == [Standing.ON_TIME] * 6
    assert schedule[4].entry is not None and schedule[4].entry.celsius == Decimal("37.9")


def test_bag_03_was_stopped_for_its_118_minutes_and_given_by_the_physicians_override(told: Site) -> None:
    with told.db.reading() as db:
        bag = db.exec(select(Unit).where(Unit.code == BAGS[2])).one()
        infusion = db.exec(select(Infusion).where(Infusion.unit_id == bag.id)).one()
        facts = infusion_facts(db, infusion)
        stops = [one.reasons for one in db.exec(select(Scan).where(Scan.verdict == VerdictWord.STOP)).all()]
        record = batch_record(db, "MSC-25-001")
    assert (facts.recipient, facts.clock.minutes, facts.clock.state) == ("LN-02", 118, ClockState.TOO_LONG)
    assert facts.override is not None and facts.override.physician == "Paula Physician"
    assert any('"thawed_too_long"' in reasons for reasons in stops)
    assert isinstance(record, Composed) and facts.override.reason in str(record.chapters)


def test_a_bag_of_the_other_donor_went_to_ln_03(told: Site) -> None:
    with told.db.reading() as db:
        infusion = db.exec(select(Infusion).where(Infusion.code == "INF-25-003")).one()
        facts = infusion_facts(db, infusion)
        donors = [donor.code for donor in donors_of_unit(db, infusion.unit_id)]
    assert (facts.recipient, facts.unit, donors) == ("LN-03", "MSC-25-004-B01", ["D-0009"])
    assert facts.override is None and facts.clock.state is ClockState.WITHIN_LIMIT


def test_the_record_for_the_chart_of_ln_01_was_issued(told: Site) -> None:
    with told.db.reading() as db:
        (paper,) = papers_of(db, Subject("infusion", "INF-25-001"), PaperKind.INFUSION)
        assert files.read(db, file_of(db, paper)).startswith(b"%PDF-")


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
    assert forth["recipients"] == ["LN-01", "LN-02"]
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


def test_the_freezer_file_of_the_ten_bags_is_kept_and_within_the_limits(told: Site) -> None:
    with told.db.reading() as db:
        (run,) = freeze_runs_of_lot(db, lot_of(told).id or 0)
    assert (run.code, run.run_name) == ("FRZ-25-001", "MSC-25-001 bags 01-10")
    assert run.verdict is FreezeVerdict.WITHIN and run.celsius_per_min == Decimal("1.00")


def test_a_recall_of_the_shared_platelet_lysate_shows_two_lots(told: Site) -> None:
    with told.db.reading() as db:
        answer = as_json(trace(db, "material", "MAT-24-002"))  # type: ignore[arg-type]  # found
    assert answer["lots"] == ["MSC-25-001", "MSC-25-002"]


def test_bag_10_was_broken_and_destroyed_with_the_signatures_of_two_people(told: Site) -> None:
    with told.db.reading() as db:
        bag = db.exec(select(Unit).where(Unit.code == BAGS[9])).one()
        signed = db.exec(select(Signature).where(Signature.subject_code == BAGS[9])).all()
    assert bag.state is UnitState.DESTROYED
    assert {one.meaning for one in signed} == {Meaning.PERFORMED, Meaning.WITNESSED}
    assert len({one.person_id for one in signed}) == 2


def test_four_million_cells_of_msc_25_002_are_unexplained_and_a_deviation_says_so(told: Site) -> None:
    with told.db.reading() as db:
        lot = lot_of(told, "MSC-25-002")
        steps = db.exec(select(Step).where(Step.lot_id == lot.id).order_by(col(Step.id))).all()
        found = [one.id for one in deviations_on(db, [(SubjectKind.LOT, lot.code)], open_only=False)]
    assert [one.cells_unexplained for one in steps] == [0, 0, 0, 0, 4_000_000]
    assert steps[-1].deviation_id in found


def test_msc_25_002_fails_cd34_and_is_rejected_by_signature(told: Site) -> None:
    lot = lot_of(told, "MSC-25-002")
    with told.db.reading() as db:
        assert lot.state is LotState.REJECTED and release_stands(db, lot)
        assert failing(checklist(db, lot)) == ("CD34",)
        line = next(line for line in checklist(db, lot) if line.limit.test == "cd34")
        whats = [one.what for one in deviations_of(db, lot)]
    assert line.measured == "6.8 %" and line.limit_words == "≤ 5 %"
    assert "CD34: 6.8 %, out of the limit ≤ 5 %" in whats


def test_msc_25_003_was_in_use_when_its_pending_test_failed_and_is_stopped(told: Site) -> None:
    lot = lot_of(told, "MSC-25-003")
    with told.db.reading() as db:
        decided = release_of(db, lot.id or 0)
        found = deviations_of(db, lot)
        assert len(holds_on_lot(db, lot)) == 1 and critical_on_lot(db, lot)
    assert lot.state is LotState.CONDITIONALLY_RELEASED
    assert decided is not None and decided.pending == "sterility"
    assert [one.opened_at for one in found] == [at("2025-05-11")]


def test_the_record_of_msc_25_001_has_two_revisions_and_a_certificate(told: Site) -> None:
    subject = Subject("lot", "MSC-25-001")
    with told.db.reading() as db:
        records = papers_of(db, subject, PaperKind.BATCH_RECORD)
        certificates = papers_of(db, subject, PaperKind.CERTIFICATE)
        beside = side_by_side(revisions_of(db, records[0]))
        bytes_kept = [files.read(db, file_of(db, paper)) for paper in (*records, *certificates)]
    assert [paper.revision for paper in records] == [2, 1] and len(certificates) == 1
    changed = {title for title, words in beside.rows if words == ("first", "changed")}
    assert "Distribution, custody, infusion and fate of each bag" in changed
    assert "Process steps" not in changed
    assert all(data.startswith(b"%PDF-") for data in bytes_kept)
