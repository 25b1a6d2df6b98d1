"""Which sera and which bead files may be taken, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.antibodies.faults import Fault
from app.kernel.refusals import Refusal
from app.kernel.speech import say, word

LONGEST_REASON = 500


class Why(StrEnum):
    """Every reason this room says no."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    SERUM_UNKNOWN = "serum_unknown"
    CODE_TAKEN = "code_taken"
    DRAWN_IN_FUTURE = "drawn_in_future"
    FILE_UNREADABLE = "file_unreadable"
    NOTHING_CHOSEN = "nothing_chosen"
    SAMPLE_UNKNOWN = "sample_unknown"
    SERUM_TWICE = "serum_twice"
    SEVERAL_RECIPIENTS = "several_recipients"
    SEVERAL_PATIENTS = "several_patients"
    FILE_OF_ANOTHER = "file_of_another"
    RUN_IN_FUTURE = "run_in_future"
    RUN_BEFORE_DRAWN = "run_before_drawn"
    KIT_DIFFERS = "kit_differs"
    ALREADY_IMPORTED = "already_imported"
    REASON_TOO_LONG = "reason_too_long"
    RUN_UNKNOWN = "run_unknown"
    RUN_REPLACED = "run_replaced"
    ALREADY_WITHDRAWN = "already_withdrawn"
    REASON_MISSING = "reason_missing"


def recipient_unknown(code: str) -> Refusal:
    """The refusal for a recipient that is not registered."""
    return Refusal(
        Why.RECIPIENT_UNKNOWN,
        say("No recipient has the code {code}.", code=code[:20]),
        say("Check the code on the list of recipients."),
    )


def code_taken(code: str, taken: bool) -> Refusal | None:
    """Does the code already belong to a serum?"""
    if not taken:
        return None
    return Refusal(
        Why.CODE_TAKEN,
        say("The code {code} is already taken.", code=code),
        say("Codes are never reused: use the next one."),
    )


def drawn_in_future(drawn_on: date, today: date) -> Refusal | None:
    """Was the blood drawn yet?"""
    if drawn_on <= today:
        return None
    return Refusal(
        Why.DRAWN_IN_FUTURE,
        say(
            "The serum would be drawn on {isoformat}, which lies in the future.",
            isoformat=drawn_on.isoformat(),
        ),
        say("Check the date on the tube and enter it again."),
    )


def unreadable(faults: Sequence[Fault]) -> Refusal:
    """The refusal of a file with faults.

    It names lines and kinds only: what stands in the file may be a patient's name, and refusals are kept.
    """
    first = faults[0]
    more = say(", and {faults} more", faults=len(faults) - 1) if len(faults) > 1 else ""
    return Refusal(
        Why.FILE_UNREADABLE,
        say(
            "This bead file cannot be read: {kind} in line {line}{more}.",
            kind=word(first.kind),
            line=first.line,
            more=more,
        ),
        say(
            "Put right what is listed, or have the file exported again, and upload it again. "
            "Nothing was saved."
        ),
    )


@dataclass(frozen=True, slots=True)
class Intended:
    """One serum to be filled from one sample of a file. ``serum`` is its code, ``new`` before it has one."""

    serum: str
    recipient: str
    drawn_on: date
    run_on: date
    #: The serum already has results on this kit lot.
    has_results: bool


@dataclass(frozen=True, slots=True)
class Import:
    """All that is known when bead results are to be taken."""

    today: date
    kit: str
    intended: tuple[Intended, ...]
    #: Sera named in the request that are not registered, and those whose sample is not in the file.
    unknown_sera: tuple[str, ...]
    missing_samples: tuple[str, ...]
    #: How many different patients the laboratory names for the chosen samples; their names are dropped.
    patients: int
    #: Recipients whose results this very file already holds.
    file_of: frozenset[str]
    #: Beads of this kit lot that carry something else than what is known of it.
    differing_beads: tuple[str, ...]
    reason: str


def serum_unknown(s: Import) -> Refusal | None:
    """Is every serum registered?"""
    if not s.unknown_sera:
        return None
    return Refusal(
        Why.SERUM_UNKNOWN,
        say("No serum has the code {unknown_sera}.", unknown_sera=s.unknown_sera[0][:30]),
        say("Register the serum first, with the day it was drawn."),
    )


def sample_unknown(s: Import) -> Refusal | None:
    """Does the file hold the samples that were chosen?"""
    if not s.missing_samples:
        return None
    return Refusal(
        Why.SAMPLE_UNKNOWN,
        say(
            "The file holds no sample of the name given for serum {missing_samples}.",
            missing_samples=s.missing_samples[0][:30],
        ),
        say("Choose among the samples that the file names."),
    )


def nothing_chosen(s: Import) -> Refusal | None:
    """Was any sample chosen?"""
    if s.intended:
        return None
    return Refusal(
        Why.NOTHING_CHOSEN,
        say("No sample of the file was given a date or a serum."),
        say("Enter for at least one sample the day its blood was drawn."),
    )


def several_recipients(s: Import) -> Refusal | None:
    """Are all chosen sera of one recipient?"""
    recipients = sorted({one.recipient for one in s.intended})
    if len(recipients) < 2:
        return None
    return Refusal(
        Why.SEVERAL_RECIPIENTS,
        say("The chosen sera belong to {recipients}.", recipients=" and ".join(recipients)),
        say("One file is taken for one recipient. Check whose results these are."),
    )


def several_patients(s: Import) -> Refusal | None:
    """Does the laboratory name one patient for all chosen samples?"""
    if s.patients < 2:
        return None
    return Refusal(
        Why.SEVERAL_PATIENTS,
        say(
            "The laboratory names {patients} different patients for the chosen samples.", patients=s.patients
        ),
        say("Stop and find out whose samples these are. Leave out the samples of other patients."),
    )


def file_of_another(s: Import) -> Refusal | None:
    """Are this file's results already those of another recipient?"""
    others = sorted(s.file_of - {one.recipient for one in s.intended})
    if not others:
        return None
    return Refusal(
        Why.FILE_OF_ANOTHER,
        say("This very file already is tied to {others}.", others=others[0]),
        say(
            "Stop and find out whose results these are. One file belongs to one recipient: "
            "ask the laboratory for an export of this patient alone."
        ),
    )


def serum_twice(s: Import) -> Refusal | None:
    """Is each serum filled from one sample?"""
    codes = [(one.serum, one.drawn_on) for one in s.intended]
    twice = sorted({code for code in codes if codes.count(code) > 1})
    if not twice:
        return None
    return Refusal(
        Why.SERUM_TWICE,
        say("Two samples were given the serum drawn on {isoformat}.", isoformat=twice[0][1].isoformat()),
        say("A serum has one result on a kit. Choose the sample that counts and leave out the other."),
    )


def drawn_later(s: Import) -> Refusal | None:
    """Was every serum drawn already?"""
    return next((no for one in s.intended if (no := drawn_in_future(one.drawn_on, s.today))), None)


def run_in_future(s: Import) -> Refusal | None:
    """Were the runs made already?"""
    late = [one.run_on for one in s.intended if one.run_on > s.today]
    if not late:
        return None
    return Refusal(
        Why.RUN_IN_FUTURE,
        say(
            "The file says that a run was made on {isoformat}, which lies in the future.",
            isoformat=max(late).isoformat(),
        ),
        say("Check whether the laboratory writes the day or the month first, and upload the file again."),
    )


def run_before_drawn(s: Import) -> Refusal | None:
    """Was the blood drawn before it was tested?"""
    early = next((one for one in s.intended if one.run_on < one.drawn_on), None)
    if early is None:
        return None
    return Refusal(
        Why.RUN_BEFORE_DRAWN,
        say(
            "A serum drawn on {isoformat} cannot have been tested on {isoformat2}.",
            isoformat=early.drawn_on.isoformat(),
            isoformat2=early.run_on.isoformat(),
        ),
        say("Check the day of the draw, and whether the laboratory writes the day or the month first."),
    )


def kit_differs(s: Import) -> Refusal | None:
    """Do the beads carry what is known of this kit lot?"""
    if not s.differing_beads:
        return None
    return Refusal(
        Why.KIT_DIFFERS,
        say(
            "Bead {differing_beads} of kit {kit} carries something else here than in what is "
            "known of this kit lot.",
            differing_beads=s.differing_beads[0],
            kit=s.kit,
        ),
        say("Ask the HLA laboratory which kit lot was used. Do not use these results until it is known."),
    )


def already_imported(s: Import) -> Refusal | None:
    """Are these the first results of the serum on this kit, or was it said why there are others?"""
    known = next((one.serum for one in s.intended if one.has_results), None)
    if known is None or s.reason:
        return None
    return Refusal(
        Why.ALREADY_IMPORTED,
        say("Serum {known} already has results on kit {kit}.", known=known, kit=s.kit),
        say("If the new file shall take their place, say why. The former results stay in the record."),
    )


def reason_too_long(s: Import) -> Refusal | None:
    """Does the reason fit?"""
    if len(s.reason) <= LONGEST_REASON:
        return None
    return Refusal(
        Why.REASON_TOO_LONG,
        say("The reason is longer than {LONGEST_REASON} characters.", LONGEST_REASON=LONGEST_REASON),
        say("Say it shorter."),
    )


QUESTIONS = (
    serum_unknown,
    sample_unknown,
    nothing_chosen,
    several_recipients,
    several_patients,
    file_of_another,
    serum_twice,
    drawn_later,
    run_in_future,
    run_before_drawn,
    kit_differs,
    already_imported,
    reason_too_long,
)


def run_unknown(number: int) -> Refusal:
    """The refusal for a run that is not there."""
    return Refusal(
        Why.RUN_UNKNOWN,
        say("This serum has no run number {number}.", number=number),
        say("Open the page of the serum and choose the run there."),
    )


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """All that is known when a run is to be withdrawn."""

    serum: str
    kit: str
    is_replaced: bool
    is_withdrawn: bool
    reason: str


def run_replaced(w: Withdrawal) -> Refusal | None:
    """Does the run still count?"""
    if not w.is_replaced:
        return None
    return Refusal(
        Why.RUN_REPLACED,
        say(
            "This run of {serum} on {kit} was replaced by a later one and no longer counts.",
            serum=w.serum,
            kit=w.kit,
        ),
        say("Nothing is to be done. If the later run is wrong too, withdraw that one."),
    )


def already_withdrawn(w: Withdrawal) -> Refusal | None:
    """Was the run not withdrawn before?"""
    if not w.is_withdrawn:
        return None
    return Refusal(
        Why.ALREADY_WITHDRAWN,
        say("This run of {serum} on {kit} is already withdrawn.", serum=w.serum, kit=w.kit),
        say("Nothing is to be done. Import the right results when there are some."),
    )


def withdrawal_reason(w: Withdrawal) -> Refusal | None:
    """Was it said why, in at most so many characters?"""
    if 0 < len(w.reason) <= LONGEST_REASON:
        return None
    return Refusal(
        Why.REASON_MISSING,
        say("A run is withdrawn for a reason only."),
        say(
            "Say in at most {LONGEST_REASON} characters whose results these are, or what is wrong with them.",
            LONGEST_REASON=LONGEST_REASON,
        ),
    )


WITHDRAWAL_QUESTIONS = (run_replaced, already_withdrawn, withdrawal_reason)
