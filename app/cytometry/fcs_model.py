"""What the FCS reader gives back: a file, its data sets, and everything a page may say about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.cytometry.fcs_acquired import Acquired
from app.cytometry.fcs_findings import Caution
from app.cytometry.fcs_header import Span
from app.cytometry.fcs_layout import Layout, Parameter
from app.cytometry.fcs_spill import Spill
from app.cytometry.fcs_text import Encoding


@dataclass(frozen=True, slots=True)
class DataSet:
    """One data set of a file: one run of the cytometer.

    ``number`` counts from 1; ``events`` is $TOT, proved against the bytes; ``words`` is how many names and
    values were written, repeats included. ``keywords`` may be shown to anyone who may see the file;
    ``raw_keywords`` hold names of people and stay behind the permission of the original (they are not part
    of ``repr``). ``data`` is where the rows lie, ``kept`` and ``blotted`` what a redacted copy keeps and
    overwrites, all counted from the first byte of the file.
    """

    number: int
    version: str
    events: int
    words: int
    layout: Layout
    encoding: Encoding
    acquired: Acquired
    spill: Spill | None
    warnings: tuple[Caution, ...]
    keywords: Mapping[str, str]
    raw_keywords: Mapping[str, str] = field(repr=False)
    data: Span = field(repr=False)
    kept: tuple[Span, ...] = field(repr=False)
    blotted: tuple[Span, ...] = field(repr=False)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self.layout.parameters

    @property
    def withheld(self) -> int:
        """How many keywords are not shown."""
        return len(self.raw_keywords) - len(self.keywords)


@dataclass(frozen=True, slots=True)
class FcsFile:
    """A readable FCS file: its size in bytes, its data sets (at least one), and warnings about the whole."""

    size: int
    data_sets: tuple[DataSet, ...]
    own_warnings: tuple[Caution, ...]

    @property
    def warnings(self) -> tuple[Caution, ...]:
        """The warnings about the file, then those of each data set in turn."""
        return self.own_warnings + tuple(caution for one in self.data_sets for caution in one.warnings)
