"""What is wrong with an uploaded file, where, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.speech import say


class FaultKind(StrEnum):
    """Why a bead file is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"
    NOT_UTF8 = "not_utf8"
    HEADER = "header"
    TORN = "torn"
    ROW_LENGTH = "row_length"
    NUMBER = "number"
    DECIMAL_MARK = "decimal_mark"
    DATE = "date"
    KIT = "kit"
    SEVERAL_KITS = "several_kits"
    SAMPLE = "sample"
    BEAD = "bead"
    DUPLICATE_BEAD = "duplicate_bead"
    SPECIFICITY = "specificity"
    CONTROLS = "controls"
    NO_RESULTS = "no_results"


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason to refuse a file: the line (from 1) and column, what stood there, what was due.

    ``column`` is the header's name for it, or ``whole file`` / ``whole line``.
    """

    kind: FaultKind
    line: int
    column: str
    found: str
    expected: str
    next_step: str

    def __post_init__(self) -> None:
        # The header's own name of a column stands here too, control characters and all.
        object.__setattr__(self, "column", printable(self.column))

    @property
    def sentence(self) -> str:
        """The fault in one sentence, without the next step."""
        where = say("Line {line}, {column}", line=self.line, column=self.column)
        return say(
            "{where}: found {found}, expected {expected}.",
            where=where,
            found=self.found,
            expected=self.expected,
        )

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}"


def printable(text: str) -> str:
    """The text with a question mark for each sign that cannot be printed."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def shown(text: str) -> str:
    """A piece of the file as it can be printed: no control characters, at most 60 characters."""
    if not text:
        return "nothing"
    plain = printable(text[:60])
    return f"“{plain}{'…' if len(text) > 60 else ''}”"
