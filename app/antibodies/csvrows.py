"""From the bytes of an uploaded CSV file to its rows, or to the fault that keeps it from being read."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from app.antibodies.faults import Fault, FaultKind
from app.kernel.speech import say

#: Larger files are refused: a plate of 96 sera on one kit has about 1.3 MB.
MAX_BYTES = 5_000_000
EXPORT_AGAIN = say("Export the results again and upload the new file unchanged.")

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def text_of(data: bytes) -> str | Fault:
    """The file as text, or why it is none."""

    def fault(kind: FaultKind, found: str, expected: str, line: int = 1) -> Fault:
        return Fault(kind, line, say("whole file"), found, expected, EXPORT_AGAIN)

    if len(data) > MAX_BYTES:
        return fault(
            FaultKind.TOO_LARGE, f"{len(data)} bytes", say("at most {MAX_BYTES}", MAX_BYTES=MAX_BYTES)
        )
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return fault(
            FaultKind.NOT_UTF8,
            say("the byte {data:#04x}", data=data[error.start]),
            say("text in UTF-8"),
            line,
        )
    if not text.strip():
        return fault(FaultKind.EMPTY, "nothing", say("a header line and one line for each bead"))
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        return fault(
            FaultKind.NOT_TEXT,
            say("the control character {found}", found=ord(found[0])),
            say("a CSV text file"),
            line,
        )
    return text


class Rows:
    """The rows of the text; ``fault`` is set where quoting or the end of the file is broken."""

    def __init__(self, text: str) -> None:
        first = text.split("\n", 1)[0]
        self.separator = ";" if first.count(";") > first.count(",") else ","
        self.line = 0
        self.fault: Fault | None = None
        # A last line without a line end is whole only if it closes as the header does, on a quote.
        end = f'"{self.separator}' if first.rstrip("\r").endswith(self.separator) else '"'
        self._ends_whole = text.endswith(("\r", "\n", end))
        self._reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.separator, strict=True)

    def read(self) -> Iterator[list[str]]:
        """Go on reading; blank lines at the end are passed over."""
        reader = self._reader
        try:
            for cells in reader:
                if reader.line_num - self.line > 1:
                    self._torn(say("a line break inside a field"))
                    return
                self.line = reader.line_num
                if cells:
                    yield cells
        except csv.Error:
            self.line = max(reader.line_num, self.line + 1)
            self._torn(say("a field whose quotes are not closed, or text after a closing quote"))
            return
        if not self._ends_whole:
            self._torn(say("the end of the file inside a field"))

    def _torn(self, found: str) -> None:
        self.fault = Fault(
            FaultKind.TORN,
            max(self.line, 1),
            say("whole line"),
            found,
            say("a complete line; the file may be cut"),
            EXPORT_AGAIN,
        )
