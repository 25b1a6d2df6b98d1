"""The dashboard's figures: open fates, scan compliance, STOPs, overrides, deviations, labels."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from app.bedside.models import EntrySource, Overridable, Override, Scan, VerdictWord
from app.concerns.models import Deviation, DeviationState, Severity
from app.home.limits import limits
from app.kernel.speech import say, word
from app.labeling.models import Label
from app.labeling.queries import reconciliation
from app.lots.models import FATES, Lot, LotState, Unit

Cell = str | int | None

#: Age in days below which a released unit's open fate falls into a class, and the class's name.
AGES = (
    (30, say("under 30 days")),
    (90, say("30 to 89 days")),
    (180, say("90 to 179 days")),
    (365, say("180 to 364 days")),
    (None, say("365 days and more")),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: its table, and the column of the table that its bars show."""

    name: str
    title: str
    said: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    #: Which column the bars show, and their full length; None: the longest bar is full.
    bar: int
    full: int | None = None
    #: What to say where there is nothing to show.
    empty: str = "Nothing yet."

    @property
    def numeric(self) -> list[int]:
        """The columns that hold numbers."""
        return [at for at in range(1, len(self.heads)) if any(isinstance(row[at], int) for row in self.rows)]


def open_fates(db: Session, at: datetime) -> Figure:
    """Units of released lots without a final fate, by how long ago their lot was released."""
    counted: Counter[str] = Counter()
    lots: defaultdict[str, set[str]] = defaultdict(set)
    rows = db.exec(
        select(Lot.code, Lot.released_at, func.count())
        .join(Unit, col(Unit.lot_id) == col(Lot.id))
        .where(
            col(Lot.state).in_((LotState.RELEASED, LotState.CONDITIONALLY_RELEASED, LotState.RECALLED)),
            col(Unit.state).not_in(FATES),
        )
        .group_by(col(Lot.code), col(Lot.released_at))
    )
    for lot, released_at, count in rows:
        name = age_class(at, released_at or at)
        counted[name] += count
        lots[name].add(lot)
    return Figure(
        "open-fates",
        say("Released units without a final fate"),
        say(
            "{values} units, by days since their lot was released. Old ones are asked after "
            "(limits {version}: {days} days).",
            values=sum(counted.values()),
            version=limits().version,
            days=limits().fate_open.days,
        ),
        (say("Released"), say("Units"), say("Lots")),
        [[name, counted[name], ", ".join(sorted(lots[name])) or None] for _, name in AGES],
        bar=1,
    )


def age_class(at: datetime, released_at: datetime) -> str:
    """The name of the class that this age falls into."""
    days = (at - released_at).days
    return next(name for below, name in AGES if below is None or days < below)


def compliance(db: Session, _at: datetime) -> Figure:
    """Of the codes read at the bed, how many were scanned and how many typed, month by month."""
    months: defaultdict[str, Counter[EntrySource]] = defaultdict(Counter)
    for source, at in db.exec(
        select(Scan.source, Scan.scanned_at).where(Scan.verdict != VerdictWord.NOT_CHECKED)
    ):
        months[f"{at:%Y-%m}"][EntrySource(source)] += 1
    rows: list[list[Cell]] = []
    for month, found in sorted(months.items()):
        whole = sum(found.values())
        share = 100 * (whole - found[EntrySource.TYPED]) // whole
        rows.append([month, share, *(found[source] for source in EntrySource)])
    return Figure(
        "scan-compliance",
        say("Codes scanned, not typed"),
        say(
            "Percent of the codes read at the bed, by month (UTC). Each typed code needed a "
            "reason and a second person."
        ),
        (say("Month"), say("Scanned, %"), say("By hand scanner"), say("By camera"), say("Typed")),
        rows,
        bar=1,
        full=100,
        empty=say("No code was read at the bed yet."),
    )


def stops(db: Session, _at: datetime) -> Figure:
    """Every STOP at the bed under its gravest reason."""
    counted: Counter[str] = Counter()
    for reasons in db.exec(select(Scan.reasons).where(Scan.verdict == VerdictWord.STOP)):
        counted[gravest(reasons)] += 1
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return Figure(
        "stops",
        say("STOPs at the bed"),
        say("{values} STOPs, each under its gravest reason.", values=sum(counted.values())),
        (say("Reason"), "STOPs"),
        [[words, count] for words, count in ordered],
        bar=1,
        empty=say("No STOP was ever shown."),
    )


def gravest(reasons: str) -> str:
    """The first reason of a scan in words; they are kept gravest first."""
    said = json.loads(reasons)
    return str(said[0]["reason"]).replace("_", " ") if said else say("no reason kept")


def labels(db: Session, _at: datetime) -> Figure:
    """Per lot with labels: how many pieces were printed, and where each went."""
    found = select(Lot.id, Lot.code).where(
        col(Lot.id).in_(select(Unit.lot_id).join(Label, col(Label.unit_id) == col(Unit.id)))
    )
    rows: list[list[Cell]] = []
    for lot_id, code in db.exec(found.order_by(col(Lot.code))).all():
        one = reconciliation(db, lot_id or 0)
        rows.append(
            [code, one.loose, one.printed, one.ever_applied, one.spoiled, one.specimen, one.returned,
             say("balanced") if one.balances else say("does not balance")]
        )  # fmt: skip
    open_lots = sum(row[-1] != "balanced" for row in rows)
    return Figure(
        "labels",
        say("Labels that nobody has accounted for"),
        say(
            "{open_lots} of {rows} lots do not balance: printed = ever applied + spoiled + "
            "specimen + returned.",
            open_lots=open_lots,
            rows=len(rows),
        ),
        (
            "Lot",
            say("Loose"),
            say("Printed"),
            say("Applied"),
            say("Spoiled"),
            say("Specimen"),
            say("Returned"),
            say("Balance"),
        ),
        rows,
        bar=1,
        empty=say("No label was printed yet."),
    )


def overrides(db: Session, _at: datetime) -> Figure:
    """STOPs that a physician decided against, with a second person and a reason."""
    counted = Counter(Overridable(what).value for what in db.exec(select(Override.overridden)))
    return Figure(
        "overrides",
        say("Overrides"),
        say(
            "{values} times a physician decided against a STOP; each is in the batch record.",
            values=sum(counted.values()),
        ),
        (say("What was overridden"), say("Times")),
        [[word(what), counted[what.value]] for what in Overridable],
        bar=1,
    )


def deviations(db: Session, _at: datetime) -> Figure:
    """Deviations by severity, the gravest first, and how far each has come."""
    counted = Counter(
        (Severity(severity), DeviationState(state))
        for severity, state in db.exec(select(Deviation.severity, Deviation.state))
    )
    rows: list[list[Cell]] = []
    for severity in reversed(Severity):
        by_state = [counted[severity, state] for state in DeviationState]
        rows.append([severity.value, sum(by_state[:-1]), *by_state])
    return Figure(
        "deviations",
        say("Deviations not closed"),
        say(
            "{rows} of {total} deviations are not closed; an open critical one blocks the "
            "release of its lot.",
            rows=sum(int(row[1] or 0) for row in rows),
            total=counted.total(),
        ),
        (say("Severity"), say("Not closed"), say("Open"), say("Assessed"), say("Closed")),
        rows,
        bar=1,
    )


#: Every figure by name, in the order of the page.
FIGURES: dict[str, Callable[[Session, datetime], Figure]] = {
    "open-fates": open_fates,
    "scan-compliance": compliance,
    "stops": stops,
    "overrides": overrides,
    "deviations": deviations,
    "labels": labels,
}
