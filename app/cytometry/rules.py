"""Which cytometry files and which counts of populations may be taken, and for whom."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.cytometry.populations import Kind, populations
from app.kernel.refusals import Refusal
from app.kernel.speech import say
from app.kernel.units import number

LONGEST_PANEL = 120
#: The flag of a file whose tube was measured before its blood was drawn. A warning and no refusal: the
#: clock of a cytometer's computer is often wrong.
MEASURED_BEFORE_COLLECTED = "MEASURED_BEFORE_COLLECTED"


class Why(StrEnum):
    """Every reason this room says no; the reader of the file adds its own (`app.cytometry.fcs_findings`)."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    CODE_TAKEN = "code_taken"
    COLLECTED_IN_FUTURE = "collected_in_future"
    PANEL_MISSING = "panel_missing"
    FILE_OF_ANOTHER = "file_of_another"
    ALREADY_KEPT = "already_kept"
    TABLE_UNREADABLE = "table_unreadable"
    NOTHING_COUNTED = "nothing_counted"
    NOT_PLAUSIBLE = "not_plausible"
    TEN_TIMES_OFF = "ten_times_off"
    FILE_UNKNOWN = "file_unknown"
    CORRECTION_UNEXPLAINED = "correction_unexplained"


@dataclass(frozen=True, slots=True)
class Arrival:
    """All that is known when a cytometry file is to be kept."""

    today: date
    recipient: str
    panel: str
    collected_on: date
    #: Code of the kept file with the same bytes, and of its recipient.
    kept_as: str
    kept_for: str
    code: str
    code_taken: bool


def recipient_unknown(code: str) -> Refusal:
    """The refusal for a recipient that is not registered."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        say("No recipient has the code {code}.", code=code[:20]),
        say("Check the code on the list of recipients."),
    )


def code_taken(a: Arrival) -> Refusal | None:
    """Does the code already belong to a file?"""
    if not a.code_taken:
        return None
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already taken.", code=a.code),
        say("Codes are never reused: use the next one."),
    )


def file_of_another(a: Arrival) -> Refusal | None:
    """Is this very file already that of another recipient?"""
    if a.kept_for in ("", a.recipient):
        return None
    return Refusal(
        Why.FILE_OF_ANOTHER,
        say(
            "This very file already is tied to {kept_for}, as {kept_as}.",
            kept_for=a.kept_for,
            kept_as=a.kept_as,
        ),
        say("Stop and find out whose cells these are. One file belongs to one recipient."),
    )


def already_kept(a: Arrival) -> Refusal | None:
    """Was the file kept before?"""
    if not a.kept_as:
        return None
    return Refusal(
        Why.ALREADY_KEPT,
        say("This very file is already kept as {kept_as}.", kept_as=a.kept_as),
        say("Nothing more is to be done. Open it on the page of cytometry files."),
    )


def collected_in_future(a: Arrival) -> Refusal | None:
    """Was the sample collected yet?"""
    if a.collected_on <= a.today:
        return None
    return Refusal(
        Why.COLLECTED_IN_FUTURE,
        say(
            "The sample would be collected on {isoformat}, which lies in the future.",
            isoformat=a.collected_on.isoformat(),
        ),
        say("Check the date on the tube and enter it again."),
    )


def panel_missing(a: Arrival) -> Refusal | None:
    """Was it said which panel was stained?"""
    if 0 < len(a.panel) <= LONGEST_PANEL:
        return None
    return Refusal(
        Why.PANEL_MISSING,
        say("The name of the panel is missing or too long."),
        say(
            "Write which panel was stained, in at most {LONGEST_PANEL} characters.",
            LONGEST_PANEL=LONGEST_PANEL,
        ),
    )


QUESTIONS = (file_of_another, already_kept, collected_in_future, panel_missing, code_taken)


def table_unreadable(line: int, why: str) -> Refusal:
    """The refusal of a table of populations that cannot be read."""
    return Refusal(
        Why.TABLE_UNREADABLE,
        say("This table cannot be read: line {line}: {why}.", line=line, why=why),
        say("Put it right and upload it again. Nothing was saved."),
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """All that is known when populations of a sample are to be kept; ``values`` are those that say something
    new, and ``replaced`` those in whose place they come."""

    today: date
    recipient: str
    collected_on: date
    values: dict[Kind, Decimal]
    replaced: frozenset[Kind]
    #: The same population of the sample nearest in time, with its day.
    nearest: dict[Kind, tuple[date, Decimal]]
    #: Code of the cytometry file it was counted in; whose file of which day that is, None for no such file.
    file: str
    file_of: tuple[str, date] | None
    explanation: str
    reason: str


def counted_in_future(c: Counted) -> Refusal | None:
    """Was the sample collected yet?"""
    if c.collected_on <= c.today:
        return None
    return Refusal(
        Why.COLLECTED_IN_FUTURE,
        say(
            "The sample would be collected on {isoformat}, which lies in the future.",
            isoformat=c.collected_on.isoformat(),
        ),
        say("Check the date on the tube and enter it again."),
    )


def nothing_counted(c: Counted) -> Refusal | None:
    """Is there any value that does not stand already?"""
    if c.values:
        return None
    return Refusal(
        Why.NOTHING_COUNTED,
        say(
            "No value was given for the sample of {isoformat} that does not stand already.",
            isoformat=c.collected_on.isoformat(),
        ),
        say("Enter at least one population. Nothing was saved."),
    )


def not_plausible(c: Counted) -> Refusal | None:
    """Can these values be?"""
    for kind, value in c.values.items():
        followed = populations().followed[kind]
        if not 0 <= value <= followed.highest:
            return Refusal(
                Why.NOT_PLAUSIBLE,
                say(
                    "{says} {value} {unit} cannot be: it lies outside 0 to {highest}.",
                    says=followed.says,
                    value=number(value),
                    unit=kind.unit,
                    highest=number(followed.highest),
                ),
                say("Check the decimal point, and whether the laboratory counted of another gate."),
            )
    return None


def ten_times_off(c: Counted) -> Refusal | None:
    """Is every value near the former one, or was it said why not?"""
    factor = populations().stop_factor
    for kind, value in c.values.items():
        if c.explanation or kind not in c.nearest:
            continue
        day, former = c.nearest[kind]
        if former > 0 and value > 0 and (value >= former * factor or former >= value * factor):
            return Refusal(
                Why.TEN_TIMES_OFF,
                say(
                    "{says} {value} {unit} is {factor} times or more off the {former} of {isoformat}.",
                    says=populations().followed[kind].says,
                    value=number(value),
                    unit=kind.unit,
                    factor=factor,
                    former=number(former),
                    isoformat=day.isoformat(),
                ),
                say(
                    "Check the decimal point and the gate. If the value is right, say so in the explanation."
                ),
            )
    return None


def file_unknown(c: Counted) -> Refusal | None:
    """Is the cytometry file one of this sample?"""
    if not c.file or c.file_of == (c.recipient, c.collected_on):
        return None
    whose = (
        say("no file of Hilo")
        if c.file_of is None
        else say(
            "of {file_of}, sample of {isoformat}", file_of=c.file_of[0], isoformat=c.file_of[1].isoformat()
        )
    )
    return Refusal(
        Why.FILE_UNKNOWN,
        say(
            "The cytometry file {file} is {whose}; these values are of {recipient}, sample of {isoformat}.",
            file=c.file[:30],
            whose=whose,
            recipient=c.recipient,
            isoformat=c.collected_on.isoformat(),
        ),
        say("Choose the file of this sample, or leave it out."),
    )


def correction_unexplained(c: Counted) -> Refusal | None:
    """Was it said why values that stand are replaced?"""
    if not c.replaced or c.reason:
        return None
    kinds = ", ".join(populations().followed[kind].says for kind in sorted(c.replaced))
    return Refusal(
        Why.CORRECTION_UNEXPLAINED,
        say(
            "The sample of {isoformat} already has other values for: {kinds}.",
            isoformat=c.collected_on.isoformat(),
            kinds=kinds,
        ),
        say("If the new ones shall take their place, say why. The former ones stay in the record."),
    )


COUNT_QUESTIONS = (
    counted_in_future,
    nothing_counted,
    not_plausible,
    ten_times_off,
    file_unknown,
    correction_unexplained,
)
