"""Sera and bead results: taken whole or not at all, for the right patient, and never edited."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.antibodies import queries, rules, sera
from app.antibodies.cutoffs import cut_off
from app.antibodies.fusion import DateOrder
from app.antibodies.models import BeadRun, DsaCall, KitBead, KitLot, Serum, SerumJudgement
from app.antibodies.operations import (
    call_serum,
    import_beads,
    import_drawn,
    receive_beads,
    register_serum,
)
from app.donors.models import Donor
from app.evidence.files import StoredFile, read
from app.evidence.models import LedgerEntry
from app.evidence.verify import verify
from app.example.beadfiles import CLASS_I, CLASS_II
from app.hla.beads import SITE_DEFAULT
from app.hla.calls import CallKind
from app.kernel.refusals import Refusal
from app.site import Site
from tests.antibodies.factories import NOW, bead_file, imported, laboratory, recipient, serum
from tests.donors.factories import eligible_donor
from tests.factories import act
from tests.shared import shared

BEFORE, LATER = date(2025, 4, 28), date(2025, 6, 5)
US = DateOrder.MONTH_FIRST


def refused(answer: object, why: rules.Why) -> bool:
    assert isinstance(answer, Refusal), answer
    return answer.reason is why and bool(answer.next_step)


def rows_of(db: Session) -> dict[str, int]:
    tables = (Serum, KitLot, KitBead, BeadRun, StoredFile, DsaCall)
    return {str(table.__tablename__): len(db.exec(select(table)).all()) for table in tables}


@pytest.fixture
def unchanged(site: Site) -> Iterator[None]:
    """Whatever the test tries, no row of this room is there afterwards that was not there before."""
    recipient(site, "LN-01")
    serum(site, "LN-01", BEFORE)
    with site.db.reading() as db:
        before = rows_of(db)
    yield
    with site.db.reading() as db:
        assert rows_of(db) == before


def attempt(
    site: Site, data: bytes, samples: dict[str, str], order: DateOrder = US, reason: str = ""
) -> object:
    with act(site, laboratory(site), NOW) as work:
        return import_beads(work, data, "export.csv", order, samples, reason)


def test_the_cut_off_that_ships_is_the_engine_s_default() -> None:
    assert cut_off() == SITE_DEFAULT


def test_a_serum_gets_the_next_code_and_its_event(site: Site) -> None:
    recipient(site, "LN-01")
    assert serum(site, "LN-01", BEFORE).code == "SER-26-001"
    assert serum(site, "LN-01", LATER).code == "SER-26-002"
    with site.db.reading() as db:
        assert db.exec(select(LedgerEntry).where(LedgerEntry.kind == "antibodies.registered")).all()


@pytest.mark.usefixtures("unchanged")
def test_a_serum_of_tomorrow_of_nobody_or_under_a_taken_code_is_refused(site: Site) -> None:
    with act(site, laboratory(site), NOW) as work:
        assert refused(register_serum(work, "LN-01", date(2026, 3, 3)), rules.Why.DRAWN_IN_FUTURE)
        assert refused(register_serum(work, "LN-77", BEFORE), rules.Why.RECIPIENT_UNKNOWN)
        assert refused(register_serum(work, "LN-01", BEFORE, "SER-26-001"), rules.Why.CODE_TAKEN)


def test_values_come_back_exactly_as_the_file_had_them(site: Site) -> None:
    recipient(site, "LN-01")
    _, run = imported(site, "LN-01", BEFORE, {"A*24:02": 240.07, "B*35:01": 21000.5})
    with site.db.reading() as db:
        beads = {bead.specificity: bead for bead in queries.bead_table(db, run.id or 0) if bead.specificity}
        assert verify(db).ok
    assert beads["A*24:02"].raw == Decimal("240.07")
    assert beads["B*35:01"].raw == Decimal("21000.50")
    assert beads["A*24:02"].count == 120
    assert len(beads) == len(CLASS_I)


def test_the_published_shape_of_a_fusion_export_goes_through(site: Site) -> None:
    data = shared("hla/synthetic/fusion_classI_us.csv").read_bytes()
    recipient(site, "LN-01")
    days = {"SYN-M0": date(2018, 3, 3), "SYN-M1": date(2018, 4, 2), "SYN-M9": date(2018, 12, 3)}
    with act(site, laboratory(site), NOW) as work:
        runs = import_drawn(work, "LN-01", data, "fusion_classI_us.csv", US, days)
        assert isinstance(runs, list) and len(runs) == 3
        table = queries.bead_table(work.db, runs[0].id or 0)
    assert len(table) == 84
    assert next(bead for bead in table if bead.bead_id == "003").raw == Decimal("133.41")
    with site.db.reading() as db:
        assert [one.drawn_on for one in sera.sera_of(db, 1)] == sorted(days.values())
        stored = db.exec(select(StoredFile)).one()
        assert read(db, stored) == data


def test_the_european_class_ii_export_fills_the_same_sera(site: Site) -> None:
    first = shared("hla/synthetic/fusion_classI_us.csv").read_bytes()
    second = shared("hla/synthetic/fusion_classII_eu.csv").read_bytes()
    recipient(site, "LN-01")
    with act(site, laboratory(site), NOW) as work:
        days = {"SYN-M0": date(2018, 3, 3)}
        assert isinstance(import_drawn(work, "LN-01", first, "one.csv", US, days), list)
        assert isinstance(import_drawn(work, "LN-01", second, "two.csv", DateOrder.DAY_FIRST, days), list)
        (only,) = sera.sera_of(work.db, 1)
        assert len(sera.standing_runs(work.db, only.id or 0)) == 2


def test_what_the_file_says_of_the_patient_is_nowhere_kept(site: Site) -> None:
    recipient(site, "LN-01")
    code = serum(site, "LN-01", BEFORE).code
    data = bead_file(("M0", BEFORE, {}), patient="Doe^Jane")
    assert isinstance(attempt(site, data, {"M0": code}), list)
    with site.db.reading() as db:
        kept = [bytes(entry.body) for entry in db.exec(select(LedgerEntry))]
        assert not any(b"Doe" in body for body in kept)
        assert "Doe" not in repr(db.exec(select(BeadRun)).one())


@pytest.mark.usefixtures("unchanged")
def test_a_torn_file_is_refused_without_a_word_of_what_stands_in_it(site: Site) -> None:
    data = bead_file(("M0", BEFORE, {}), patient="Doe^Jane")[:-40]
    answer = attempt(site, data, {"M0": "SER-26-001"})
    assert refused(answer, rules.Why.FILE_UNREADABLE)
    assert "Doe" not in str(answer)
    with act(site, laboratory(site), NOW) as work:
        assert refused(receive_beads(work, "LN-01", data, "x.csv", US), rules.Why.FILE_UNREADABLE)
        assert refused(import_drawn(work, "LN-01", b"%PDF-1.7", "x.csv", US, {}), rules.Why.FILE_UNREADABLE)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("samples", "why"),
    [
        ({"M0": "SER-26-009"}, rules.Why.SERUM_UNKNOWN),
        ({"M7": "SER-26-001"}, rules.Why.SAMPLE_UNKNOWN),
        ({}, rules.Why.NOTHING_CHOSEN),
        ({"M0": "SER-26-001", "M1": "SER-26-001"}, rules.Why.SERUM_TWICE),
    ],
)
def test_a_choice_that_cannot_be_right_is_refused(
    site: Site, samples: dict[str, str], why: rules.Why
) -> None:
    data = bead_file(("M0", BEFORE, {}), ("M1", LATER, {}))
    assert refused(attempt(site, data, samples), why)


@pytest.mark.usefixtures("unchanged")
def test_a_run_from_the_future_or_from_before_the_draw_is_refused(site: Site) -> None:
    tomorrow = bead_file(("M0", date(2026, 3, 3), {}))
    assert refused(attempt(site, tomorrow, {"M0": "SER-26-001"}), rules.Why.RUN_IN_FUTURE)
    early = bead_file(("M0", date(2025, 4, 27), {}))
    assert refused(attempt(site, early, {"M0": "SER-26-001"}), rules.Why.RUN_BEFORE_DRAWN)


@pytest.mark.usefixtures("unchanged")
def test_the_wrong_order_of_day_and_month_is_caught_by_the_draw(site: Site) -> None:
    """5 December written month first reads 12 May when the day is taken first."""
    with act(site, laboratory(site), NOW) as work:
        data = bead_file(("M0", date(2025, 12, 5), {}))
        days = {"M0": date(2025, 12, 4)}
        answer = import_drawn(work, "LN-01", data, "x.csv", DateOrder.DAY_FIRST, days)
    assert refused(answer, rules.Why.RUN_BEFORE_DRAWN)


@pytest.mark.usefixtures("unchanged")
def test_samples_of_two_patients_are_a_stop(site: Site) -> None:
    one = bead_file(("M0", BEFORE, {}), patient="A")
    two = bead_file(("M1", LATER, {}), patient="B").split(b"\r\n", 1)[1]
    with act(site, laboratory(site), NOW) as work:
        days = {"M0": BEFORE, "M1": LATER}
        answer = import_drawn(work, "LN-01", one + two, "x.csv", US, days)
    assert refused(answer, rules.Why.SEVERAL_PATIENTS)


def test_one_file_for_two_recipients_is_a_stop(site: Site) -> None:
    recipient(site, "LN-01")
    recipient(site, "LN-02")
    first, second = serum(site, "LN-01", BEFORE).code, serum(site, "LN-02", BEFORE).code
    data = bead_file(("M0", BEFORE, {}), ("M1", BEFORE, {}))
    assert refused(attempt(site, data, {"M0": first, "M1": second}), rules.Why.SEVERAL_RECIPIENTS)
    assert isinstance(attempt(site, data, {"M0": first}), list)
    assert refused(attempt(site, data, {"M1": second}), rules.Why.FILE_OF_ANOTHER)


def test_a_kit_lot_whose_beads_differ_from_the_known_ones_is_refused(site: Site) -> None:
    recipient(site, "LN-01")
    imported(site, "LN-01", BEFORE, {})
    code = serum(site, "LN-01", LATER).code
    swapped = bead_file(("M1", LATER, {}), panel=(CLASS_I[1], CLASS_I[0], *CLASS_I[2:]))
    assert refused(attempt(site, swapped, {"M1": code}), rules.Why.KIT_DIFFERS)
    with site.db.reading() as db:
        assert len(db.exec(select(KitLot)).all()) == 1


def test_a_bead_that_was_not_measured_before_joins_its_kit_lot(site: Site) -> None:
    recipient(site, "LN-01")
    _, first = imported(site, "LN-01", BEFORE, {}, panel=CLASS_I[:-1])
    _, second = imported(site, "LN-01", LATER, {}, panel=CLASS_I)
    with site.db.reading() as db:
        old, new = queries.bead_table(db, first.id or 0), queries.bead_table(db, second.id or 0)
    assert [bead.raw for bead in old if bead.specificity == CLASS_I[-1]] == [None]
    assert [bead.raw is None for bead in new if bead.specificity == CLASS_I[-1]] == [False]


def test_a_second_import_needs_a_reason_and_is_a_run_of_its_own(site: Site) -> None:
    recipient(site, "LN-01")
    owner, first = imported(site, "LN-01", BEFORE, {"A*24:02": 1850})
    again = bead_file(("M0", LATER, {"A*24:02": 300}))
    assert refused(attempt(site, again, {"M0": owner.code}), rules.Why.ALREADY_IMPORTED)
    too_long = attempt(site, again, {"M0": owner.code}, reason="x" * 501)
    assert refused(too_long, rules.Why.REASON_TOO_LONG)
    runs = attempt(site, again, {"M0": owner.code}, reason="first run had a failed wash step")
    assert isinstance(runs, list)
    with site.db.reading() as db:
        assert [run.id for run in sera.standing_runs(db, owner.id or 0)] == [runs[0].id]
        assert len(sera.runs_of(db, owner.id or 0)) == 2
        assert db.get_one(BeadRun, first.id).raw_hundredths == first.raw_hundredths
        assert [line.superseded for line in queries.imports(db, owner.id)] == [False, True]


def test_raw_sql_cannot_edit_a_run_or_give_a_serum_a_second_first_run(site: Site) -> None:
    recipient(site, "LN-01")
    imported(site, "LN-01", BEFORE, {})
    for statement in (
        "UPDATE bead_run SET sample_name = 'x'",
        "INSERT INTO bead_run (serum_id, kit_lot_id, stored_file_id, sample_name, run_on, date_order,"
        " raw_hundredths, counts, imported_at) SELECT serum_id, kit_lot_id, stored_file_id, 'x', run_on,"
        " date_order, raw_hundredths, counts, imported_at FROM bead_run",
    ):
        with pytest.raises(IntegrityError if "INSERT" in statement else Exception), site.db.writing() as db:
            db.connection().exec_driver_sql(statement)


def test_a_file_waits_until_it_is_said_whose_sera_it_holds(site: Site) -> None:
    recipient(site, "LN-01")
    data = bead_file(("M0", BEFORE, {}), ("M1", LATER, {}))
    with act(site, laboratory(site), NOW) as work:
        assert refused(receive_beads(work, "LN-77", data, "x.csv", US), rules.Why.RECIPIENT_UNKNOWN)
        assert refused(import_drawn(work, "LN-77", data, "x", US, {}), rules.Why.RECIPIENT_UNKNOWN)
        stored = receive_beads(work, "LN-01", data, "x.csv", US)
        assert isinstance(stored, StoredFile)
        assert not work.db.exec(select(BeadRun)).all()
    with site.db.reading() as db:
        assert "2 sera" in (db.exec(select(LedgerEntry.body)).all()[-1]).decode()


def test_a_positive_bead_of_the_donor_s_molecule_is_called_with_its_rules(site: Site) -> None:
    recipient(site, "LN-02")
    donor = eligible_donor(site, code="D-0007")
    owner, run = imported(site, "LN-02", LATER, {"A*24:02": 1850, "B*35:01": 3200})
    with act(site, laboratory(site), NOW) as work:
        (judgement,) = call_serum(work, owner.id or 0, [donor.id or 0])
        found = {call.target: call for call in queries.calls_of(work.db, owner.id or 0)}
        row = work.db.exec(select(DsaCall).where(DsaCall.target == "A*24:02")).one()
    assert judgement.rule_version == "site-1"
    assert found["A*24:02"].call is CallKind.DSA
    assert (row.bead_run_id, row.mfi) == (run.id, Decimal(1850))
    assert found["A*02:01"].call is CallKind.SHARED
    assert found["DRB1*07:01"].call is CallKind.NOT_TESTED
    assert "B*35:01" not in found
    with site.db.reading() as db:
        assert verify(db).ok


def test_a_judgement_is_made_again_only_when_what_it_rests_on_changed(site: Site) -> None:
    recipient(site, "LN-02")
    donor = eligible_donor(site, code="D-0007")
    owner, _ = imported(site, "LN-02", LATER, {"A*24:02": 1850})
    with act(site, laboratory(site), NOW) as work:
        assert len(call_serum(work, owner.id or 0, [donor.id or 0])) == 1
        assert call_serum(work, owner.id or 0, [donor.id or 0]) == []
    data = bead_file(
        ("M1-II", LATER, {"DRB1*07:01": 5000}), patient="LN-02", kit="LS2A01SYN_001_00", panel=CLASS_II
    )
    assert isinstance(attempt(site, data, {"M1-II": owner.code}), list)
    with act(site, laboratory(site), NOW) as work:
        assert len(call_serum(work, owner.id or 0, [donor.id or 0])) == 1
        found = {call.target: call.call for call in queries.calls_of(work.db, owner.id or 0)}
        assert len(work.db.exec(select(SerumJudgement)).all()) == 2
    assert found["DRB1*07:01"] is CallKind.DSA
    assert found["A*24:02"] is CallKind.DSA


def test_a_serum_without_results_is_not_judged(site: Site) -> None:
    recipient(site, "LN-02")
    donor = eligible_donor(site)
    owner = serum(site, "LN-02", LATER)
    with act(site, laboratory(site), NOW) as work:
        assert call_serum(work, owner.id or 0, [donor.id or 0]) == []


def test_the_crossmatch_asks_the_latest_serum_that_has_results(site: Site) -> None:
    owner = recipient(site, "LN-02")
    donor = eligible_donor(site, code="D-0007")
    ids = [donor.id or 0]
    with site.db.reading() as db:
        (nothing,) = queries.verdict_against(db, owner.id or 0, ids)
    assert nothing.worst is None and "nothing is known" in nothing.sentence
    imported(site, "LN-02", BEFORE, {"A*24:02": 180})
    imported(site, "LN-02", LATER, {"A*24:02": 1850})
    serum(site, "LN-02", date(2025, 9, 1))
    with site.db.reading() as db:
        (verdict,) = queries.verdict_against(db, owner.id or 0, ids)
    assert (verdict.worst, verdict.target) == (CallKind.DSA, "A*24:02")
    assert (verdict.drawn_on, verdict.max_mfi, verdict.rule_version) == (LATER, Decimal(1850), "site-1")
    assert "A*24:02 1850 MFI" in verdict.sentence


def test_a_clean_serum_says_so_and_names_what_no_bead_decided(site: Site) -> None:
    owner = recipient(site, "LN-01")
    donor = eligible_donor(site, code="D-0007")
    imported(site, "LN-01", BEFORE, {"A*24:02": 240})
    with site.db.reading() as db:
        (verdict,) = queries.verdict_against(db, owner.id or 0, [donor.id or 0])
    assert verdict.worst is CallKind.NOT_TESTED
    assert verdict.sentence.startswith("No bead of D-0007's molecules reaches the grey zone; the highest is")
    assert "DRB1*07:01" in verdict.open_targets


def test_a_donor_without_typing_is_never_silently_negative(site: Site) -> None:
    owner = recipient(site, "LN-01")
    imported(site, "LN-01", BEFORE, {"A*24:02": 2000})
    untyped = _untyped_donor(site)
    with site.db.reading() as db:
        (verdict,) = queries.verdict_against(db, owner.id or 0, [untyped])
    assert verdict.worst is CallKind.UNDECIDABLE
    assert "A" in verdict.open_targets


def _untyped_donor(site: Site) -> int:
    from app.donors.operations import register_donor
    from tests.donors.factories import identity

    with act(site, laboratory(site), NOW) as work:
        made = register_donor(work, identity=identity())
        assert isinstance(made, Donor)
        return made.id or 0


def test_a_reacting_bead_of_the_recipient_s_own_molecule_is_pointed_out(site: Site) -> None:
    recipient(site, "LN-02")
    owner, run = imported(site, "LN-02", LATER, {"A*02:01": 4000, "A*24:02": 4100})
    with site.db.reading() as db:
        (note,) = queries.self_notes(db, owner.id or 0)
        own = [bead.specificity for bead in queries.bead_table(db, run.id or 0) if bead.is_self]
    assert note.startswith("A*02:01 is the recipient's own and reads 4000 MFI")
    assert own[0] == "A*02:01"


def test_the_course_of_ln_02_is_de_novo_and_fades(site: Site) -> None:
    """The worked example: 180 before the infusion, then 1850, 900, 420 and 310 MFI."""
    owner = recipient(site, "LN-02")
    donor = eligible_donor(site, code="D-0007")
    for day, mfi in ((BEFORE, 180), (LATER, 1850), (date(2025, 8, 4), 900)):
        one, _ = imported(site, "LN-02", day, {"A*24:02": mfi})
        with act(site, laboratory(site), NOW) as work:
            call_serum(work, one.id or 0, [donor.id or 0])
    with site.db.reading() as db:
        found = queries.course(db, owner.id or 0, donor.id or 0, date(2025, 5, 6))
    course = next(one for one in found if one.target == "A*24:02")
    assert course.origin == "de_novo"
    assert (course.first_positive_on, course.cleared_on) == (LATER, date(2025, 8, 4))
    assert [one.call.mfi for one in course.history] == [Decimal(180), Decimal(1850), Decimal(900)]
    assert course.is_comparable
