"""May this backup be made, and may this file be put back here?"""

from enum import StrEnum

from app.kernel.refusals import Refusal
from app.kernel.speech import say


class Why(StrEnum):
    """Every reason not to make or not to put back a backup."""

    UNSOUND = "unsound"
    KEPT_FILE = "kept_file"
    TORN = "torn"
    OTHER_DATABASE = "other_database"
    OTHER_REVISION = "other_revision"
    NOT_EMPTY = "not_empty"
    NOT_EQUAL = "not_equal"


def unsound(problems: int, first: str) -> Refusal:
    """A backup of records that no longer agree with their ledger would pass for a good one."""
    return Refusal(
        Why.UNSOUND,
        say(
            "No backup was made: verification finds {problems} problems, the first: {first}.",
            problems=problems,
            first=first,
        ),
        say("Run `python -m app verify`. Keep the older backups, and keep the data folder for the inquiry."),
    )


def kept_file(sha256: str) -> Refusal:
    """A kept file is missing, or is not what was received."""
    return Refusal(
        Why.KEPT_FILE,
        say(
            "No backup was made: the kept file {sha256}… is missing or not what was received.",
            sha256=sha256[:12],
        ),
        say("Look for the file in an older backup and put it back into the folder files."),
    )


def torn(what: str) -> Refusal:
    """The file is not, to the last bit, what was written."""
    return Refusal(
        Why.TORN,
        say("This is not a whole Hilo backup: {what}. Nothing was changed.", what=what),
        say("Take another copy of the file, or an older backup."),
    )


def other_database(theirs: str, ours: str) -> Refusal | None:
    """Is the backup of the kind of database that the settings name?"""
    if theirs == ours:
        return None
    return Refusal(
        Why.OTHER_DATABASE,
        say("The backup was made on {theirs}, and HILO_DATABASE names {ours}.", theirs=theirs, ours=ours),
        say(
            "Restore it into {theirs}: a backup goes back to the kind of database it came from.",
            theirs=theirs,
        ),
    )


def other_revision(theirs: str, ours: str, version: str) -> Refusal | None:
    """Are the tables of the backup those of this program?"""
    if theirs == ours:
        return None
    return Refusal(
        Why.OTHER_REVISION,
        say(
            "The backup holds tables at revision {theirs}, this program has {ours}.", theirs=theirs, ours=ours
        ),
        say(
            "Restore it with Hilo {version}, then bring it up to date with `python -m app migrate`.",
            version=version,
        ),
    )


def not_empty(what: str) -> Refusal:
    """Nothing that is there is ever written over."""
    return Refusal(
        Why.NOT_EMPTY,
        say("There is something here already: {what}. Nothing was changed.", what=what),
        say("Name an empty folder in HILO_DATA (and an empty database in HILO_DATABASE) and restore there."),
    )


def not_equal(problems: int, first: str) -> Refusal:
    """What was put back is not what was backed up."""
    return Refusal(
        Why.NOT_EQUAL,
        say(
            "The restored copy is not what was backed up ({problems} differences, the first: "
            "{first}); it was taken away again.",
            problems=problems,
            first=first,
        ),
        say("Take another copy of the file, or an older backup."),
    )
