"""The logger's file is judged once it is there: what is not within holds every bag, with a deviation."""

from datetime import timedelta

import pytest
from sqlmodel import select

from app.concerns.models import HoldState, Severity, SubjectKind
from app.custody.chapter import chapter
from app.custody.loggerfile import Reading
from app.custody.operations import return_unit
from app.custody.shipment_forms import LoggerZone, ReceiveForm
from app.custody.shipment_judging import judge_shipment, judge_without_file
from app.custody.shipment_models import LoggerVerdict, ShipmentJudgement, ShipmentState
from app.custody.shipment_queries import cold_not_shown, file_of, judgements, readings_of
from app.custody.shipment_rules import Why
from app.custody.shipments import receive_shipment, send_shipment
from app.evidence import files
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.paper.chapters import Table
from app.site import Site
from tests.access.factories import kinds
from tests.custody.factories import ISSUED_AT, bank, carrier, nurse
from tests.custody.loggers import Point, logger_csv
from tests.custody.shipping import (
    BAGS,
    FINE,
    JUDGED_AT,
    LOT,
    OK,
    SHIPMENT,
    arrived,
    judging,
    no,
    packed,
    sent,
    shipment_now,
    stops,
    warm,
)
from tests.factories import act
from tests.lots.factories import refused, sure, unit
from tests.quality.factories import lot_now

GAP = [point for point in FINE if not 600 < point[0] < 640]
ENDS_EARLY = [point for point in FINE if point[0] < 1200]
STARTS_LATE = [point for point in FINE if point[0] >= 60]


def why(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def judged(answer: ShipmentJudgement | Refusal) -> ShipmentJudgement:
    assert isinstance(answer, ShipmentJudgement), answer
    return answer


def test_a_cold_journey_is_kept_with_its_file_and_its_readings_and_stops_nothing(site: Site) -> None:
    arrived(site)
    row = judged(judging(site, FINE))
    assert (row.verdict, row.findings, row.limits) == (LoggerVerdict.WITHIN, "", "shipping-1")
    assert (row.readings, str(row.warmest_celsius), row.zone) == (len(FINE), "-175.00", "file")
    assert shipment_now(site).state is ShipmentState.JUDGED and stops(site) == ([], [])
    with site.db.reading() as db:
        stored = file_of(db, row)
        assert stored is not None and files.read(db, stored) == logger_csv(ISSUED_AT, FINE)
        kept = readings_of(judgements(db, row.shipment_id)[-1])
        assert kept[0] == Reading(ISSUED_AT - timedelta(minutes=10), kept[0].celsius)
        assert len(kept) == len(FINE) and cold_not_shown(db, unit(site, BAGS[0]).id or 0) == []
        assert verify(db).ok
    assert kinds(site)[-1] == "custody.shipment_judged"


@pytest.mark.parametrize(
    ("points", "verdict", "words"),
    [
        (warm(), LoggerVerdict.EXCURSION, "excursion: The warmest reading was −118 °C"),
        (GAP, LoggerVerdict.NOT_PROVEN, "temperature not shown: No reading for 40 minutes"),
        (ENDS_EARLY, LoggerVerdict.NOT_PROVEN, "temperature not shown: The readings end"),
        (STARTS_LATE, LoggerVerdict.NOT_PROVEN, "temperature not shown: The readings start"),
    ],
)
def test_what_is_not_within_holds_each_bag_and_opens_a_deviation_on_each_in_the_same_act(
    site: Site, points: list[Point], verdict: LoggerVerdict, words: str
) -> None:
    arrived(site)
    assert judged(judging(site, points)).verdict is verdict
    holds, deviations = stops(site)
    assert [(one.subject_kind, one.subject_code) for one in holds] == [
        (SubjectKind.UNIT, bag) for bag in BAGS
    ]
    assert [one.subject_code for one in deviations] == list(BAGS)
    assert all(words in one.why and one.placed_at == JUDGED_AT for one in holds)
    assert all(words in one.what and one.severity is Severity.MAJOR for one in deviations)
    assert all(one.rule == "shipment shipping-1" and one.state == "open" for one in deviations)


def test_a_bag_that_was_taken_out_before_the_departure_is_not_held(site: Site) -> None:
    code = packed(site)
    with act(site, bank(site), ISSUED_AT) as work:
        sure(return_unit(work, BAGS[1], "T2", OK))
    with act(site, carrier(site), ISSUED_AT) as work:
        sure(send_shipment(work, code, OK))
    with act(site, nurse(site), JUDGED_AT) as work:
        sure(receive_shipment(work, code, ReceiveForm(units=BAGS[0], condition=OK)))
    judged(judging(site, warm()))
    holds, _ = stops(site)
    assert [one.subject_code for one in holds] == [BAGS[0]]


def test_a_journey_is_judged_when_it_is_over(site: Site) -> None:
    sent(site, 1)
    assert why(judging(site, FINE)) is Why.WRONG_STATE
    data = logger_csv(ISSUED_AT, FINE)
    assert no(site, lambda work: judge_shipment(work, "SHP-9", data, "x.csv")) is Why.NO_SHIPMENT
    with site.db.act(SYSTEM, JUDGED_AT) as work:
        assert refused(work, judge_shipment(work, SHIPMENT, data, "x.csv")).reason is Why.NO_PERSON
        assert refused(work, judge_without_file(work, SHIPMENT, "lost")).reason is Why.NO_PERSON


def test_the_file_of_another_logger_or_journey_is_refused(site: Site) -> None:
    arrived(site, 1)
    other = judging(site, FINE, serial="LOG-18")
    assert why(other) is Why.ANOTHER_LOGGER and "LOG-17 was packed" in str(other)
    days_before = [(minute - 3000, celsius) for minute, celsius in FINE]
    assert why(judging(site, days_before)) is Why.ANOTHER_JOURNEY
    in_the_future = [*FINE, (FINE[-1][0] + 60, -175.0)]
    assert why(judging(site, in_the_future)) is Why.ANOTHER_JOURNEY
    assert judged(judging(site, FINE, serial="log-17")).verdict is LoggerVerdict.WITHIN


def test_a_file_that_cannot_be_read_is_refused_with_its_line_and_keeps_the_question_open(site: Site) -> None:
    arrived(site, 1)
    data = logger_csv(ISSUED_AT, FINE, head="Time,Temperature (°F)")
    with act(site, nurse(site), JUDGED_AT) as work:
        answer = refused(work, judge_shipment(work, SHIPMENT, data, "x.csv"))
    assert answer.reason is Why.FILE_UNREADABLE and answer.sentence.startswith("Line 2: ")
    assert shipment_now(site).state is ShipmentState.RECEIVED


def test_the_zone_that_is_stated_is_kept_with_the_judgement(site: Site) -> None:
    arrived(site, 1)
    local = logger_csv(ISSUED_AT, FINE).replace(b"Z,", b",")
    with act(site, nurse(site), JUDGED_AT) as work:
        assert refused(work, judge_shipment(work, SHIPMENT, local, "x")).reason is Why.FILE_UNREADABLE
    with act(site, nurse(site), JUDGED_AT) as work:
        row = sure(judge_shipment(work, SHIPMENT, local, "x", LoggerZone.UTC))
    assert (row.zone, row.verdict) == ("UTC", LoggerVerdict.WITHIN)


def test_a_second_file_needs_a_reason_and_the_holds_of_the_first_stay(site: Site) -> None:
    arrived(site, 1)
    judged(judging(site, ENDS_EARLY))
    assert why(judging(site, ENDS_EARLY)) is Why.FILE_TAKEN
    assert why(judging(site, FINE)) is Why.REASON_NEEDED
    row = judged(judging(site, FINE, "the first export was cut off at midnight"))
    assert row.verdict is LoggerVerdict.WITHIN
    holds, deviations = stops(site)
    assert [one.state for one in holds] == [HoldState.IN_FORCE] and len(deviations) == 1
    with site.db.reading() as db:
        verdicts = [one.verdict for one in judgements(db, row.shipment_id)]
        assert verdicts == [LoggerVerdict.NOT_PROVEN, LoggerVerdict.WITHIN]
        assert cold_not_shown(db, unit(site, BAGS[0]).id or 0) == []


def test_without_a_file_nothing_is_proven_and_the_bags_are_held(site: Site) -> None:
    arrived(site)
    assert no(site, lambda work: judge_without_file(work, SHIPMENT, " ")) is Why.REASON_NEEDED
    assert no(site, lambda work: judge_without_file(work, "SHP-9", "lost")) is Why.NO_SHIPMENT
    with act(site, nurse(site), JUDGED_AT) as work:
        row = sure(judge_without_file(work, SHIPMENT, "its battery was empty"))
    assert (row.verdict, row.readings, row.warmest_celsius) == (LoggerVerdict.NOT_PROVEN, 0, None)
    holds, deviations = stops(site)
    assert len(holds) == len(deviations) == 2 and "no file of logger LOG-17" in holds[0].why
    assert no(site, lambda work: judge_without_file(work, SHIPMENT, "again")) is Why.WRONG_STATE
    with site.db.reading() as db:
        assert readings_of(db.exec(select(ShipmentJudgement)).one()) == ()


def test_the_batch_record_tells_each_shipment_and_its_verdict(site: Site) -> None:
    arrived(site)
    judged(judging(site, warm()))
    with site.db.reading() as db:
        tables = [block for block in chapter(db, lot_now(site, LOT)).blocks if isinstance(block, Table)]
    (row,) = tables[1].rows
    assert row[0] == SHIPMENT and "excursion" in str(row) and "−118 °C" in str(row)
    assert all(bag in str(row) for bag in BAGS)
