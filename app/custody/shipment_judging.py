"""A logger's file judged: the journey's verdict, and in the same act a hold and a deviation on each unit."""

import hashlib
from zoneinfo import ZoneInfo

from app.concerns.deviations import open_deviation
from app.concerns.models import SubjectKind
from app.concerns.operations import place_hold
from app.custody import events
from app.custody import shipment_rules as rules
from app.custody.loggerfile import Fault, LoggerFile, packed, read_logger
from app.custody.shipment_forms import LoggerZone
from app.custody.shipment_models import (
    LoggerVerdict,
    Shipment,
    ShipmentJudgement,
    ShipmentState,
)
from app.custody.shipment_queries import (
    Passenger,
    began_at,
    judgements,
    passengers,
    shipment_by_code,
    shipment_with_file,
)
from app.custody.shipment_rules import Judged
from app.custody.shipping_limits import Shipping, shipping_limits
from app.evidence import files
from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.refusals import Refusal, first
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.units import number
from app.kernel.work import Work

#: States in which the journey is over and can be judged.
_OVER = (ShipmentState.RECEIVED, ShipmentState.JUDGED)


def judge_shipment(
    work: Work, code: str, data: bytes, came_as: str, zone: LoggerZone | None = None, reason: str = ""
) -> ShipmentJudgement | Refusal:
    """Read the logger's file, judge the journey by it, and keep both.

    Refused are a file that cannot be read, of another logger or journey, or kept before; and a second file
    without a reason. A file that is not whole is kept and judged: the journey is not proven. Whatever is not
    within holds each unit that travelled, and opens a deviation on it.
    """
    shipment = shipment_by_code(work.db, code)
    if shipment is None or work.actor.person_id is None:
        return rules.no_shipment(code) if shipment is None else rules.nobody()
    refusal = rules.not_in_state(shipment, *_OVER)
    file = read_logger(data, _stated(work, zone))
    if refusal is not None or isinstance(file, Fault):
        return refusal or rules.unreadable(_fault(file))
    assert shipment.received_at is not None  # a CHECK says so of these states
    travelled = [one for one in passengers(work.db, shipment) if one.travelled]
    began = began_at(travelled, shipment)
    refusal = first(
        rules.another_logger(shipment, file),
        rules.another_journey(file, began, shipment.received_at, work.at),
        rules.file_taken(shipment_with_file(work.db, hashlib.sha256(data).hexdigest())),
        _takes_place(work, shipment, reason),
    )
    if refusal is not None:
        return refusal
    limits = shipping_limits()
    judged = rules.judge(file.readings, began, shipment.received_at, limits)
    stored = files.keep(work, data, came_as)
    row = _row(work, shipment, judged, limits, reason)
    row.stored_file_id = known(stored.id)
    row.profile, row.zone = file.profile, file.zone
    row.started_at, row.ended_at = file.readings[0].at, file.readings[-1].at
    row.readings, row.packed = len(file.readings), packed(file.readings)
    return _keep(work, shipment, row, travelled, stored.sha256)


def _fault(file: LoggerFile | Fault) -> Fault:
    assert isinstance(file, Fault)
    return file


def _stated(work: Work, zone: LoggerZone | None) -> ZoneInfo | None:
    if zone is None:
        return None
    return ZoneInfo("UTC" if zone is LoggerZone.UTC else work.db.info.get("zone", "UTC"))


def _takes_place(work: Work, shipment: Shipment, reason: str) -> Refusal | None:
    """A second judgement says why the first does not count."""
    if not judgements(work.db, known(shipment.id)):
        return None
    return rules.reason_needed(
        say("Shipment {code} was judged already; another file takes its place.", code=shipment.code), reason
    )


def judge_without_file(work: Work, code: str, reason: str) -> ShipmentJudgement | Refusal:
    """The logger recorded nothing, or is lost: the journey is not proven, and its units are held."""
    shipment = shipment_by_code(work.db, code)
    if shipment is None or work.actor.person_id is None:
        return rules.no_shipment(code) if shipment is None else rules.nobody()
    what = say("Nobody says why there is no file of logger {logger}.", logger=shipment.logger)
    refusal = first(rules.not_in_state(shipment, ShipmentState.RECEIVED), rules.reason_needed(what, reason))
    if refusal is not None:
        return refusal
    travelled = [one for one in passengers(work.db, shipment) if one.travelled]
    findings = (say("There is no file of logger {logger}.", logger=shipment.logger),)
    judged = Judged(LoggerVerdict.NOT_PROVEN, findings, None, None, 0)
    limits = shipping_limits()
    row = _row(work, shipment, judged, limits, reason)
    return _keep(work, shipment, row, travelled, "none")


def _row(work: Work, shipment: Shipment, judged: Judged, limits: Shipping, reason: str) -> ShipmentJudgement:
    """The judgement, as it is without a file."""
    return ShipmentJudgement(
        shipment_id=known(shipment.id),
        readings=0,
        packed=b"",
        warmest_celsius=judged.warmest,
        coldest_celsius=judged.coldest,
        minutes_above=judged.minutes_above,
        verdict=judged.verdict,
        findings=" ".join(judged.findings)[:1000],
        limits=limits.name,
        reason=reason.strip(),
        judged_at=work.at,
        judged_by_id=known(work.actor.person_id),
    )


def _keep(
    work: Work, shipment: Shipment, row: ShipmentJudgement, travelled: list[Passenger], sha256: str
) -> ShipmentJudgement:
    work.db.add(row)
    if shipment.state is ShipmentState.RECEIVED:
        change_if(
            work.db, Shipment, known(shipment.id), {"state": ShipmentState.RECEIVED},
            state=ShipmentState.JUDGED,
        )  # fmt: skip
    warmest = "none" if row.warmest_celsius is None else f"{number(row.warmest_celsius)} °C"
    record(
        work,
        events.SHIPMENT_JUDGED,
        Subject("shipment", shipment.code),
        reason=row.reason or None,
        shipment=shipment.code,
        verdict=word(row.verdict),
        limits=row.limits,
        readings=row.readings,
        warmest=warmest,
        sha256=sha256,
    )
    if row.verdict is not LoggerVerdict.WITHIN:
        _stop(work, shipment, row, travelled)
    return row


def _stop(work: Work, shipment: Shipment, row: ShipmentJudgement, travelled: list[Passenger]) -> None:
    """A hold and a deviation on each unit, in the act that found it."""
    told = say("{shipment}, temperature not shown: {findings}", shipment=shipment.code, findings=row.findings)
    if row.verdict is LoggerVerdict.EXCURSION:
        told = say("{shipment}, excursion: {findings}", shipment=shipment.code, findings=row.findings)
    what = told[:500]
    limits = shipping_limits(row.limits)
    grave = rules.severity(row.verdict, limits)
    for one in travelled:
        for answer in (
            place_hold(work, SubjectKind.UNIT, one.code, what),
            open_deviation(work, SubjectKind.UNIT, one.code, what, grave, f"shipment {limits.name}"),
        ):
            assert not isinstance(answer, Refusal)  # the unit is there, and the sentence is ours
