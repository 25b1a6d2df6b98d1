"""Four journeys from the tank to the ward, each with its logger; on one of them the shipper lost its cold."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from app.custody.forms import PlaceForm
from app.custody.models import PlaceKind
from app.custody.operations import return_unit
from app.custody.places import add_place
from app.custody.shipment_forms import ReceiveForm, ShipmentForm
from app.custody.shipment_judging import judge_shipment
from app.custody.shipment_models import LoggerVerdict
from app.custody.shipments import open_shipment, pack_unit, receive_shipment, send_shipment
from app.example.calendar import LOST_RETURNED, at
from app.example.patients import LOST_DOSE, Treatment
from app.example.people import NILS, NORA, PAULA, TESS, Unexpected, actor, done
from app.orders.operations import make_ready, not_given
from app.site import Site

#: Minutes between two readings, and how long before the packing the logger is started.
EVERY, BEFORE = 5, 30
#: Clocks of a journey: opened and packed, taken over, received, judged.
PACKED, SENT, RECEIVED, JUDGED = "07:40", "07:50", "09:40", "09:45"
LOGGERS = {"DS-1": "LOG-0417", "DS-2": "LOG-0398"}
#: °C after so many minutes.
Course = Callable[[float], float]


def cold(minutes: float) -> float:
    """The shipper as it should be: from −176 °C slowly up to −158 °C after 25 hours."""
    return min(-158.0, -176.0 + 18.0 * max(minutes, 0.0) / (25 * 60))


def lost(minutes: float) -> float:
    """The vacuum of the shipper fails after 14 hours: the cold is gone half a day later."""
    return cold(minutes) + max(0.0, minutes - 14 * 60) / 60 * 3.4


def logger_csv(serial: str, packed_at: datetime, received_at: datetime, course: Course) -> bytes:
    """The file as the logger exports it, with a little noise that is the same each time."""
    lines = [f"Logger,{serial}", "Model,Synthetic dry shipper logger", "Time zone,UTC"]
    lines.append("Time,Temperature (°C),Battery (V)")
    for number, moment in enumerate(_moments(packed_at, received_at)):
        minutes = (moment - packed_at).total_seconds() / 60
        noise = (number * 7 % 11 - 10) / 20
        lines.append(f"{moment:%Y-%m-%d %H:%M:%S},{course(minutes) + noise:.1f},3.6")
    return ("\r\n".join(lines) + "\r\n").encode()


def _moments(packed_at: datetime, received_at: datetime) -> Iterator[datetime]:
    moment = packed_at - timedelta(minutes=BEFORE)
    while moment <= received_at:
        yield moment
        moment += timedelta(minutes=EVERY)


def ship(site: Site, dose: Treatment) -> None:
    """The bag reaches the ward in a dry shipper 26 hours later, and its logger shows that it stayed cold."""
    code = _carry(site, dose, "DS-1", Decimal(-158))
    with site.db.reading() as db:
        nora = actor(db, NORA)
    with site.db.act(nora, at(dose.infused, RECEIVED)) as work:
        done(make_ready(work, dose.order))
    _judged(site, code, dose, "DS-1", cold, LoggerVerdict.WITHIN)


def lose_the_cold(site: Site) -> None:
    """Bag 07 gets warm on its way: held at once, its dose not given, and the bag brought back, held."""
    with site.db.reading() as db:
        tess, paula = actor(db, TESS), actor(db, PAULA)
    with site.db.act(tess, at(LOST_DOSE.days[2], "07:00")) as work:
        done(add_place(work, PlaceForm(code="DS-2", name="Dry shipper 2", kind=PlaceKind.SHIPPER)))
    code = _carry(site, LOST_DOSE, "DS-2", Decimal(-119))
    _judged(site, code, LOST_DOSE, "DS-2", lost, LoggerVerdict.EXCURSION)
    with site.db.act(paula, at(LOST_DOSE.infused, "09:55")) as work:
        done(not_given(work, LOST_DOSE.order, "The bag was warmer than -150 °C on its way; another is sent"))
    with site.db.act(tess, at(LOST_RETURNED, "11:30")) as work:
        done(return_unit(work, LOST_DOSE.bag, "T2", "Intact, on hold, apart from the stock", Decimal(-172)))


def _carry(site: Site, dose: Treatment, shipper: str, celsius: Decimal) -> str:
    """Opened and packed by Tess, taken over by Nils, received by Nora a day later; the shipment's code."""
    with site.db.reading() as db:
        tess, nils, nora = actor(db, TESS), actor(db, NILS), actor(db, NORA)
    leaves, arrives = dose.days[2], dose.infused
    form = ShipmentForm(
        origin="T2", destination="WARD-4", shipper=shipper, logger=LOGGERS[shipper], courier=NILS.sign_in
    )
    with site.db.act(tess, at(leaves, PACKED)) as work:
        code = done(open_shipment(work, form)).code
        done(pack_unit(work, code, dose.bag, "Intact, frozen, label readable", Decimal(-165)))
    with site.db.act(nils, at(leaves, SENT)) as work:
        done(send_shipment(work, code, "Closed and sealed", Decimal(-175)))
    taken = ReceiveForm(units=dose.bag, condition="Intact, frozen, shipper sealed", celsius=celsius)
    with site.db.act(nora, at(arrives, RECEIVED)) as work:
        done(receive_shipment(work, code, taken))
    return code


def _judged(site: Site, code: str, dose: Treatment, shipper: str, course: Course, due: LoggerVerdict) -> None:
    """Nora reads the logger out and uploads its file."""
    file = logger_csv(LOGGERS[shipper], at(dose.days[2], PACKED), at(dose.infused, RECEIVED), course)
    with site.db.reading() as db:
        nora = actor(db, NORA)
    with site.db.act(nora, at(dose.infused, JUDGED)) as work:
        verdict = done(judge_shipment(work, code, file, f"{code}.csv")).verdict
    if verdict is not due:
        raise Unexpected(f"{code} was judged {verdict}")
