"""The infusion record for the patient's chart: what was given, by whom, and how the patient was."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlmodel import Session

from app.bedside import overview, queries
from app.bedside.aftercare_rules import GRADES
from app.bedside.models import Infusion, Reaction, Vitals
from app.bedside.overview import InfusionFacts, PointLine
from app.bedside.thawing import ClockState
from app.evidence.ledger import Subject
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word
from app.kernel.tables import known
from app.kernel.units import cells, dose, number
from app.kernel.work import Actor, Work
from app.lots.models import Lot, Unit
from app.lots.required import lines, required_of
from app.orders import queries as orders
from app.orders.crossmatch import kept
from app.orders.models import Allocation, DoseOrder
from app.paper.chapters import Block, Chapter, Composed, Facts, Table, Text
from app.paper.models import PaperKind
from app.paper.operations import Issued, issue_paper
from app.recipients import queries as recipients
from app.recipients.operations import Identity, read_identity

if TYPE_CHECKING:
    from app.site import Site


def infusion_record(db: Session, code: str) -> Composed | Refusal:
    """The chapters of the record of one infusion, without the name: that is added where it is issued."""
    infusion = queries.infusion_by_code(db, code)
    if infusion is None:
        return queries.infusion_unknown(code)
    facts = overview.infusion_facts(db, infusion)
    allocation = db.get_one(Allocation, infusion.allocation_id)
    order = db.get_one(DoseOrder, allocation.order_id)
    chapters: tuple[tuple[str, list[Block]], ...] = (
        ("Order and consent", [_order(db, order, facts)]),
        ("Product", [_product(db, infusion, allocation, order)]),
        ("Check, thaw and infusion", [_given(infusion, facts), *_overridden(facts)]),
        ("Vital signs", [_vitals(db, infusion)]),
        ("Reactions", [_reactions(db, infusion)]),
    )
    numbered = [Chapter(number_, title, blocks) for number_, (title, blocks) in enumerate(chapters, 1)]
    return Composed(Subject("infusion", infusion.code), numbered)


def issue_infusion_record(site: "Site", actor: Actor, at: datetime, code: str) -> Issued | Refusal:
    """Issue the record of an infusion with the patient's name on it, for the patient's own chart.

    Reading the name is an entry of the ledger, like every reading of an identity.
    """
    with site.db.act(actor, at) as work:
        who = read_patient(work, code)
    if isinstance(who, Refusal):
        return who
    patient = Facts(
        [
            ("Name", who.banner),
            ("Born", f"{who.born_on:%Y-%m-%d}"),
            ("Record number", who.record_number),
            ("Code in the programme", who.code),
        ]
    )
    return issue_paper(site, actor, at, PaperKind.INFUSION, code, patient=patient)


def read_patient(work: Work, code: str) -> Identity | Refusal:
    """Who received an infusion; the reading is kept."""
    recipient = queries.recipient_of_infusion(work.db, code)
    if isinstance(recipient, Refusal):
        return recipient
    return read_identity(work, recipient, say("the infusion record of {code}", code=code[:20]))


def _when(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def _order(db: Session, order: DoseOrder, facts: InfusionFacts) -> Facts:
    consent = recipients.consent_in_force(db, order.recipient_id, order.planned_on)
    return Facts(
        [
            ("Recipient", facts.recipient),
            ("Order", order.code),
            ("Dose ordered", dose(order.dose_viable_cells)),
            ("Per kg of body weight", say("{dose} per kg", dose=dose(order.dose_cells_per_kg))),
            (
                "Window",
                say(
                    "{low} to {high} cells",
                    low=cells(order.lowest_viable_cells),
                    high=cells(order.highest_viable_cells),
                ),
            ),
            (
                "Body weight",
                say(
                    "{kg} kg, weighed on {on}", kg=number(order.weight_kg), on=f"{order.weighed_on:%Y-%m-%d}"
                ),
            ),
            ("Route", order.route),
            ("Given under", word(order.regime)),
            (
                "Authorisation",
                say(
                    "{number} of {on}",
                    number=order.authorisation_number,
                    on=f"{order.authorised_on:%Y-%m-%d}",
                ),
            ),
            (
                "Consent",
                None
                if consent is None
                else say(
                    "{code}, form version {version}, signed on {on}, for {scope}",
                    code=consent.code,
                    version=consent.form_version,
                    on=f"{consent.signed_on:%Y-%m-%d}",
                    scope=consent.scope.words,
                ),
            ),
        ]
    )


def _required(db: Session, infusion: Infusion) -> list[tuple[str, str]]:
    """What the law makes papers say of the donor; nothing where it asks for nothing."""
    words = ". ".join(lines(required_of(db, infusion.unit_id, infusion.started_at)))
    return [("The law makes labels and papers say", words)] if words else []


def _product(db: Session, infusion: Infusion, allocation: Allocation, order: DoseOrder) -> Facts:
    unit = db.get_one(Unit, infusion.unit_id)
    lot = db.get_one(Lot, unit.lot_id)
    dmso = orders.dmso_for(db, order, infusion.unit_id)
    expires = unit.expires_at or lot.expires_at
    return Facts(
        [
            ("Product", order.product),
            ("Bag", unit.code),
            ("Lot", lot.code),
            ("Expiry", None if expires is None else f"{expires:%Y-%m-%d}"),
            ("Storage before issue", lot.storage or None),
            *_required(db, infusion),
            (
                "DMSO",
                say(
                    "{bag_g} g in this bag; all bags of the day {day_g} g, {per_kg} g per kg "
                    "(limit {limit} g per kg and day)",
                    bag_g=number(dmso.bag_g),
                    day_g=number(dmso.day_g),
                    per_kg=number(dmso.day_g_per_kg),
                    limit=number(dmso.limit_g_per_kg),
                ),
            ),
            ("Antibodies at allocation", "; ".join(one["sentence"] for one in kept(allocation.crossmatch))),
        ]
    )


def _given(infusion: Infusion, facts: InfusionFacts) -> Facts:
    clock = facts.clock
    judged = say("TOO LONG") if clock.state is ClockState.TOO_LONG else say("within the limit")
    delivered = infusion.delivered_viable_cells
    return Facts(
        [
            (
                "Checked by",
                say("{one} and {other} ({check})", one=facts.first, other=facts.second, check=facts.check),
            ),
            ("Thawed", _when(infusion.thawed_at)),
            ("Start", _when(infusion.started_at)),
            (
                "Thaw to infusion",
                say(
                    "{minutes} minutes, {word} (limit {limit} minutes, {version})",
                    minutes=clock.minutes,
                    word=judged,
                    limit=clock.limit_minutes,
                    version=infusion.limits_version,
                ),
            ),
            ("End", _when(infusion.ended_at)),
            ("Stopped early", _stopped(infusion)),
            (
                "At thaw",
                say(
                    "{cells} in {ml} mL, viability {percent} %",
                    cells=dose(infusion.viable_cells_at_thaw),
                    ml=number(infusion.volume_ml),
                    percent=number(infusion.viability_percent_at_thaw),
                ),
            ),
            ("Left in bag and line", _ml(infusion.residual_ml)),
            ("Flushed afterwards", _ml(infusion.flush_ml)),
            ("Delivered viable cells", None if delivered is None else dose(delivered)),
            ("Note", infusion.note or "none"),
        ]
    )


def _stopped(infusion: Infusion) -> str | None:
    if infusion.ended_at is None:
        return None
    return infusion.stopped_early_because or "no"


def _ml(volume: Decimal | None) -> str | None:
    return None if volume is None else f"{number(volume)} mL"


def _overridden(facts: InfusionFacts) -> list[Facts]:
    line = facts.override
    if line is None:
        return []
    return [
        Facts(
            [
                ("Override", line.code),
                ("Of", word(line.overridden)),
                (
                    "Decided by",
                    say(
                        "{one} with {other}, {at}",
                        one=line.physician,
                        other=line.second,
                        at=_when(line.made_at),
                    ),
                ),
                ("Minutes after thaw then", str(line.minutes_after_thaw)),
                ("Reason", line.reason),
            ],
            "STOP overridden by a physician",
        )
    ]


def _vitals(db: Session, infusion: Infusion) -> Table:
    # As it stood at the end of the infusion: a record does not change by waiting.
    at = infusion.ended_at or infusion.started_at
    rows = [_vitals_row(line) for line in overview.vitals_schedule(db, infusion, at)]
    headings = ("When", "Due", "Measured", "°C", "Pulse", "Blood pressure", "Breaths", "Oxygen")
    return Table(headings, rows)


def _vitals_row(line: PointLine) -> tuple[str | None, ...]:
    point = word(line.point)
    due = _when(line.due_at)
    if line.entry is None:
        return (point, due, None, None, None, None, None, None)
    corrected = say(", corrected {times} time(s)", times=len(line.former)) if line.former else ""
    standing = word(line.standing)
    return (
        point,
        due,
        say("{at}, {word}{corrected}", at=_when(line.entry.measured_at), word=standing, corrected=corrected),
        *_measured(line.entry),
    )


def _measured(entry: Vitals) -> tuple[str, ...]:
    return (
        number(entry.celsius),
        str(entry.pulse_per_min),
        f"{entry.systolic_mmhg}/{entry.diastolic_mmhg} mmHg",
        str(entry.breaths_per_min),
        f"{entry.oxygen_percent} %",
    )


def _reactions(db: Session, infusion: Infusion) -> Table | Text:
    found = queries.reactions_of(db, known(infusion.id))
    if not found:
        return Text("No reaction is recorded.")
    headings = ("Reaction", "What", "Grade (CTCAE)", "Onset", "Outcome", "Treatment")
    return Table(headings, [_reaction_row(one) for one in found])


def _reaction_row(one: Reaction) -> tuple[str | None, ...]:
    what = word(one.kind) + (f": {one.told}" if one.told else "")
    over = "" if one.over_at is None else f", {_when(one.over_at)}"
    outcome = word(one.outcome) + over
    return (one.code, what, f"{one.grade}, {GRADES[one.grade]}", _when(one.onset_at), outcome,
            one.treatment or say("none"))  # fmt: skip
