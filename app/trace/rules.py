"""Trace: is there such a thing to trace, and what does a scanned text stand for?"""

from enum import StrEnum

from app.concerns.models import SubjectKind
from app.kernel.refusals import Refusal
from app.kernel.speech import say


class Why(StrEnum):
    """Every reason not to trace or find something."""

    NO_SUCH_KIND = "no_such_kind"
    NOT_FOUND = "not_found"
    VOID_LABEL = "void_label"
    VOID_WRISTBAND = "void_wristband"
    UNKNOWN_SERIAL = "unknown_serial"
    NOT_TRACED = "not_traced"
    NOT_SIGNED_HERE = "not_signed_here"


def no_such_kind(kind: str) -> Refusal:
    """Nothing of this kind is traced."""
    return Refusal(
        Why.NO_SUCH_KIND,
        say("Hilo does not trace a {kind}.", kind=kind[:40]),
        say("Write the kind as one of: {SubjectKind}.", SubjectKind=", ".join(SubjectKind)),
    )


def not_found(what: str, code: str) -> Refusal:
    """Nothing carries this code."""
    return Refusal(
        Why.NOT_FOUND,
        say("There is no {what} {code}.", what=what, code=code[:60]),
        say("Check the code character by character, or scan the label."),
    )


def nothing_carries(text: str) -> Refusal:
    """Neither a code nor a serial."""
    return Refusal(
        Why.NOT_FOUND,
        say("Nothing here carries the code {text}.", text=text[:60]),
        say("Codes look like MSC-25-001-B01 or D-0007. Check it character by character, or scan the label."),
    )


def void_label(state: str, unit: str) -> Refusal:
    """Only the label that is stuck to a unit stands for it."""
    if state == "printed":
        return Refusal(
            Why.VOID_LABEL,
            say("VOID: this label was printed for {unit} and never applied.", unit=unit),
            say("Scan it back on the page Labels once it is stuck to the unit."),
        )
    return Refusal(
        Why.VOID_LABEL,
        say("VOID: this label of {unit} is {state}.", unit=unit, state=state),
        say("Do not use what carries it. Call the cell laboratory."),
    )


def void_wristband(state: str) -> Refusal:
    """Only the wristband that is worn stands for a patient."""
    return Refusal(
        Why.VOID_WRISTBAND,
        say("VOID: this wristband is {state}.", state=state),
        say("Check the patient's identity, and put on a new wristband."),
    )


def unknown_serial(words: str) -> Refusal:
    """A sound serial that this site never issued."""
    return Refusal(
        Why.UNKNOWN_SERIAL,
        say("This code is well formed, but this site issued no such {words}.", words=words),
        say("It may come from another site. Keep it apart and call the cell laboratory."),
    )


def not_traced(kind: str, code: str) -> Refusal:
    """An order or a paper has a page, but no ancestors of its own."""
    return Refusal(
        Why.NOT_TRACED,
        say("{code} is a {kind}, which is not traced by itself.", code=code, kind=kind),
        say("Trace the unit, lot or recipient it is about."),
    )


def not_signed_here() -> Refusal:
    """The label's second code carries a signature that this site's key did not make."""
    return Refusal(
        Why.NOT_SIGNED_HERE,
        say("This label was not issued by this site: its signed code does not hold."),
        say("Do not use the container. Keep it apart and call the cell laboratory."),
    )
