"""What the FCS reader says about a file: why it is refused, and what to keep in mind when it is read."""

from dataclasses import dataclass
from enum import StrEnum

from app.kernel.refusals import Refusal
from app.kernel.speech import say

EXPORT_AGAIN = say(
    "Export it again from the cytometer's software as FCS 3.1 list mode and upload that export."
)
COPY_AGAIN = say(
    "Copy the file again from the cytometer's computer, compare the sizes, and upload the new copy."
)


class FcsReason(StrEnum):
    """Why an FCS file, or a picture of it, is refused."""

    EMPTY_FILE = "empty_file"
    NOT_FCS = "not_fcs"
    FCS_VERSION = "fcs_version"
    FCS_HEADER = "fcs_header"
    FCS_TEXT = "fcs_text"
    FCS_TEXT_SIZE = "fcs_text_size"
    FCS_KEYWORD = "fcs_keyword"
    FCS_MODE = "fcs_mode"
    FCS_DATA_TYPE = "fcs_data_type"
    FCS_BYTE_ORDER = "fcs_byte_order"
    FCS_PARAMETERS = "fcs_parameters"
    FCS_WIDTH = "fcs_width"
    FCS_EVENT_COUNT = "fcs_event_count"
    FCS_OFFSETS = "fcs_offsets"
    FCS_TRUNCATED = "fcs_truncated"
    FCS_DATA_SETS = "fcs_data_sets"
    NO_SUCH_CHANNEL = "no_such_channel"
    NO_EVENTS = "no_events"


class Rejection(Refusal):
    """The file, or the picture asked of it, is refused; ``reason`` is one of `FcsReason`."""

    __slots__ = ()


class Flag(StrEnum):
    """What a reader of the file's numbers must know; the file can be used nevertheless."""

    FCS_OFFSET_DISCREPANCY = "FCS_OFFSET_DISCREPANCY"
    FCS_TRAILING_BYTES = "FCS_TRAILING_BYTES"
    FCS_MULTI_DATASET = "FCS_MULTI_DATASET"
    FCS_NEXT_UNREADABLE = "FCS_NEXT_UNREADABLE"
    FCS_NOT_ORIGINAL = "FCS_NOT_ORIGINAL"
    FCS_ENCODING_GUESSED = "FCS_ENCODING_GUESSED"
    FCS_AMBIGUOUS_EMPTY_VALUE = "FCS_AMBIGUOUS_EMPTY_VALUE"
    FCS_NO_LAST_DELIMITER = "FCS_NO_LAST_DELIMITER"
    FCS_REPEATED_KEYWORD = "FCS_REPEATED_KEYWORD"
    FCS_SUPPLEMENT_UNREAD = "FCS_SUPPLEMENT_UNREAD"
    FCS_MODE_MISSING = "FCS_MODE_MISSING"
    FCS_NO_MARKER_NAMES = "FCS_NO_MARKER_NAMES"
    FCS_DUPLICATE_CHANNEL = "FCS_DUPLICATE_CHANNEL"
    FCS_UNNAMED_CHANNEL = "FCS_UNNAMED_CHANNEL"
    FCS_BITS_ROUNDED = "FCS_BITS_ROUNDED"
    FCS_LOG_FLAG_IGNORED = "FCS_LOG_FLAG_IGNORED"
    FCS_SPILL_INVALID = "FCS_SPILL_INVALID"
    FCS_DATE_UNREADABLE = "FCS_DATE_UNREADABLE"
    FCS_DATE_IN_FUTURE = "FCS_DATE_IN_FUTURE"
    FCS_NO_EVENTS = "FCS_NO_EVENTS"
    FCS_NOT_FINITE = "FCS_NOT_FINITE"
    FCS_TEXT_DAMAGE = "FCS_TEXT_DAMAGE"


@dataclass(frozen=True, slots=True)
class Caution:
    """One warning about one data set of a file, in a sentence for the person who uploads it."""

    flag: Flag
    sentence: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file the reader is willing to look at, so that no file can keep it busy.

    ``text_bytes`` and ``parameters`` bound one data set; ``words`` (delimiters of all TEXT segments) and
    ``data_sets`` bound the whole file; ``spill_channels`` bounds the side of a compensation matrix.
    """

    text_bytes: int = 4 * 1024 * 1024
    words: int = 60_000
    parameters: int = 1_024
    data_sets: int = 64
    spill_channels: int = 128


DEFAULT_LIMITS = Limits()
