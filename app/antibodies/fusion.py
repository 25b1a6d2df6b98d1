"""One Lambda Fusion exports: which serum read what on which bead, or what is wrong with the file.

Two shapes of the same table are read: fields parted by ``,`` with decimal points, and fields parted by
``;`` with decimal commas. The separator decides which decimal mark is due, so that ``1,234`` is never
guessed to be 1.234 or 1234. A file is taken whole or refused with every fault found.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import itemgetter
from types import MappingProxyType

from app.antibodies.csvrows import EXPORT_AGAIN, Rows, text_of
from app.antibodies.faults import Fault, FaultKind, shown
from app.hla.nomenclature import Allele, BadName, Dimer, dimer, parse_name
from app.kernel.speech import say

#: Reading stops after this many faults; more would not help anybody.
MAX_FAULTS = 20

REQUIRED = (
    "PatientID", "SampleIDName", "RunDate", "CatalogID", "BeadID", "Specificity", "RawData",
    "NC1BeadID", "PC1BeadID", "NC2BeadID", "PC2BeadID", "Rxn",
)  # fmt: skip
OPTIONAL = ("NormalValue", "CountValue")
#: Slots of a Specificity field, most of them holding a dash.
SLOTS = 12
_RANKS = {"": None, "1": 1, "2": 2, "4": 4, "6": 6, "8": 8}
_ASK_LAB = say("Ask the HLA laboratory to correct it in Fusion and to export again.")


class DateOrder(StrEnum):
    """How the laboratory's computer writes dates: confirmed by a person, since 03/04 tells nothing."""

    MONTH_FIRST = "month_first"
    DAY_FIRST = "day_first"


@dataclass(frozen=True, slots=True)
class BeadValue:
    """One bead of one serum. ``raw`` and ``normal`` are MFI, ``count`` events, ``rank`` Fusion's own 1 to 8.

    The rank depends on settings of the laboratory's Fusion and says nothing about positivity here.
    ``specificity`` is None on control beads.
    """

    id: str
    specificity: Allele | Dimer | None
    raw: Decimal
    normal: Decimal | None
    count: int | None
    rank: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """One serum on the kit: control beads apart, target beads in the order of the file.

    ``patient_id`` is whatever the laboratory wrote; map it to the study code and drop it.
    """

    sample_id: str
    patient_id: str
    run_date_text: str
    run_date: date
    negative_controls: tuple[BeadValue, ...]
    positive_controls: tuple[BeadValue, ...]
    beads: tuple[BeadValue, ...]


@dataclass(frozen=True, slots=True)
class Kit:
    """Kit and lot: ``catalog_id`` as exported, ``catalogue`` and ``lot`` before and after its first ``_``."""

    catalog_id: str
    catalogue: str
    lot: str


@dataclass(frozen=True, slots=True)
class BeadFile:
    """A whole export of one kit lot, its sera by SampleIDName in the order of the file."""

    kit: Kit
    date_order: DateOrder
    samples: Mapping[str, Sample]


def parse(data: bytes, *, date_order: DateOrder) -> BeadFile | tuple[Fault, ...]:
    """The export's content, or its faults (at most ``MAX_FAULTS``); never an exception, never a part."""
    text = text_of(data)
    if isinstance(text, Fault):
        return (text,)
    rows = Rows(text)
    header = next(rows.read(), None)
    layout = _layout(header or [], rows.separator) if not rows.fault else rows.fault
    if isinstance(layout, Fault):
        return (layout,)
    table = _Table(layout, date_order)
    for cells in rows.read():
        table.take(cells, rows.line)
        if len(table.faults) >= MAX_FAULTS:
            return tuple(table.faults[:MAX_FAULTS])
    if rows.fault:
        table.faults.append(rows.fault)
    return tuple(table.faults) if table.faults else table.close(rows.line)


# --- from rows to samples -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the columns stand, and which signs this shape of the export uses."""

    width: int
    ends_with_separator: bool
    #: A row's cells in the order of REQUIRED + OPTIONAL; a missing column is read from an added blank.
    pick: Callable[[list[str]], tuple[str, ...]]
    decimal_mark: str


def _layout(header: list[str], separator: str) -> _Layout | Fault:
    names = [name.strip() for name in header]
    trailing = len(names) > 1 and names[-1] == ""
    if trailing:
        names.pop()
    known = (*REQUIRED, *OPTIONAL)
    wrong = [name for place, name in enumerate(names) if name not in known or name in names[:place]]
    missing = [name for name in REQUIRED if name not in names]
    if wrong or missing:
        found = (
            say("the column {wrong}", wrong=shown(wrong[0]))
            if wrong
            else say("no column {missing}", missing=missing[0])
        )
        expected = say(
            "the columns {REQUIRED} and, if exported, {OPTIONAL}, each once",
            REQUIRED=", ".join(REQUIRED),
            OPTIONAL=", ".join(OPTIONAL),
        )
        step = say("Choose the HLA Fusion results export with its standard columns, and upload it unchanged.")
        return Fault(
            FaultKind.HEADER,
            1,
            (wrong[0][:60] or say("column without a name")) if wrong else missing[0],
            found,
            expected,
            step,
        )
    places = [names.index(name) if name in names else len(names) for name in known]
    mark = "," if separator == ";" else "."
    return _Layout(len(names), trailing, itemgetter(*places), mark)


@dataclass(slots=True)
class _Draft:
    """A sample while its rows are read."""

    line: int
    identity: tuple[str, str]
    run_date: date
    control_ids: tuple[str, str, str, str]
    values: dict[str, BeadValue] = field(default_factory=dict)


class _Table:
    """Takes the rows one by one, keeps samples and faults, and closes to a ``BeadFile``."""

    def __init__(self, layout: _Layout, order: DateOrder) -> None:
        self.faults: list[Fault] = []
        self._layout = layout
        self._order = DateOrder(order)
        self._number = re.compile(rf"-?[0-9]{{1,6}}(?:{re.escape(layout.decimal_mark)}[0-9]{{1,2}})?")
        self._drafts: dict[str, _Draft] = {}
        self._specificities: dict[str, Allele | Dimer | None] = {}
        self._dates: dict[str, date | None] = {}
        self._kit: Kit | None = None
        self._line = 0

    def take(self, cells: list[str], line: int) -> None:
        """Read one row; its faults are noted, and a faulty row adds nothing."""
        self._line = line
        width = len(cells) - self._layout.ends_with_separator
        if width != self._layout.width or (self._layout.ends_with_separator and cells[-1].strip()):
            expected = say("{width} fields, as in the header", width=self._layout.width)
            found = f"{max(width, 0)} fields"
            self._fault(FaultKind.ROW_LENGTH, say("whole line"), found, expected, EXPORT_AGAIN)
            return
        before = len(self.faults)
        row = [cell.strip() for cell in cells[: self._layout.width]]
        row.append("")
        (patient, sample, run_date, kit, bead, specificity, raw, n1, p1, n2, p2, rank, normal, count) = (
            self._layout.pick(row)
        )
        draft = self._draft(sample, (patient, run_date), kit, (n1, p1, n2, p2))
        value = self._value(bead, specificity, (raw, normal), count, rank)
        if draft is None or value is None or len(self.faults) > before:
            return
        if bead in draft.values:
            expected = say("each bead once in sample {sample}", sample=shown(sample))
            step = say("If the serum was run twice, give each run a sample name of its own and export again.")
            self._fault(FaultKind.DUPLICATE_BEAD, "BeadID", shown(bead), expected, step)
            return
        draft.values[bead] = value

    def close(self, last_line: int) -> BeadFile | tuple[Fault, ...]:
        """The whole file, once every row was read without a fault."""
        if self._kit is None:
            self._line = last_line
            self._fault(
                FaultKind.NO_RESULTS,
                say("whole file"),
                say("a header only"),
                say("one line for each bead"),
                EXPORT_AGAIN,
            )
            return tuple(self.faults)
        samples = {name: self._sample(name, draft) for name, draft in self._drafts.items()}
        self._check_last_sample(last_line)
        if self.faults:
            return tuple(self.faults[:MAX_FAULTS])
        whole = {name: sample for name, sample in samples.items() if sample is not None}
        return BeadFile(self._kit, self._order, MappingProxyType(whole))

    def _fault(self, kind: FaultKind, column: str, found: str, expected: str, step: str) -> None:
        self.faults.append(Fault(kind, self._line, column, found, expected, step))

    def _draft(
        self, sample: str, identity: tuple[str, str], kit: str, control_ids: tuple[str, str, str, str]
    ) -> _Draft | None:
        """The draft this row belongs to; what must not change within a sample is compared."""
        if self._kit is None or kit != self._kit.catalog_id:
            self._take_kit(kit)
        draft = self._drafts.get(sample)
        if draft is None:
            return self._open(sample, identity, control_ids)
        if draft.identity == identity and draft.control_ids == control_ids:
            return draft
        started = say("the same patient, run date and control beads as in line {line}", line=draft.line)
        step = say(
            "If this is a second run or another person, give it a sample name of its own and export again."
        )
        what = ", ".join([*identity, *control_ids])
        self._fault(FaultKind.SAMPLE, "SampleIDName", f"{shown(sample)} with {shown(what)}", started, step)
        return None

    def _open(
        self, sample: str, identity: tuple[str, str], control_ids: tuple[str, str, str, str]
    ) -> _Draft | None:
        patient, run_text = identity
        for column, text in (("SampleIDName", sample), ("PatientID", patient)):
            if len(text) > 80 or not text.isprintable() or (column == "SampleIDName" and not text):
                expected = say("a name of 1 to 80 printable characters")
                self._fault(FaultKind.SAMPLE, column, shown(text), expected, _ASK_LAB)
                return None
        if run_text not in self._dates:
            self._dates[run_text] = self._date(run_text)
        day = self._dates[run_text]
        if day is None:
            return None
        return self._drafts.setdefault(sample, _Draft(self._line, identity, day, control_ids))

    def _take_kit(self, text: str) -> None:
        found = _KIT.fullmatch(text)
        if not found:
            expected = say("kit and lot, such as LS1A04_013_00")
            self._fault(FaultKind.KIT, "CatalogID", shown(text), expected, _ASK_LAB)
        elif self._kit is None:
            self._kit = Kit(text, found[1], found[2])
        else:
            expected = say("{catalog_id}, as in the lines before", catalog_id=self._kit.catalog_id)
            step = say("Export each kit lot to a file of its own, and upload them one after the other.")
            self._fault(FaultKind.SEVERAL_KITS, "CatalogID", shown(text), expected, step)

    def _value(
        self, bead: str, specificity: str, numbers: tuple[str, str], count: str, rank: str
    ) -> BeadValue | None:
        if not _BEAD.fullmatch(bead):
            self._fault(FaultKind.BEAD, "BeadID", shown(bead), say("a number of 1 to 4 digits"), _ASK_LAB)
            return None
        if specificity not in self._specificities:
            self._specificities[specificity] = self._specificity(specificity)
        raw = self._mfi("RawData", numbers[0])
        normal = self._mfi("NormalValue", numbers[1]) if numbers[1] else None
        if count and not _COUNT.fullmatch(count):
            self._fault(
                FaultKind.NUMBER, "CountValue", shown(count), say("a whole number of events"), _ASK_LAB
            )
            return None
        if rank not in _RANKS:
            self._fault(FaultKind.NUMBER, "Rxn", shown(rank), say("1, 2, 4, 6, 8 or nothing"), _ASK_LAB)
            return None
        if raw is None:
            return None
        events = int(count) if count else None
        return BeadValue(bead, self._specificities[specificity], raw, normal, events, _RANKS[rank])

    def _mfi(self, column: str, text: str) -> Decimal | None:
        mark = self._layout.decimal_mark
        if self._number.fullmatch(text) and (column != "RawData" or text[0] != "-"):
            return Decimal(text if mark == "." else text.replace(",", "."))
        other = "," if mark == "." else "."
        if other in text:
            named = "point" if mark == "." else "comma"
            expected = say(
                "a number with a decimal {named} and no thousands mark, as this kind of export has",
                named=named,
            )
            step = say(
                "Check the regional settings of the computer that exports: one decimal mark throughout."
            )
            self._fault(FaultKind.DECIMAL_MARK, column, shown(text), expected, step)
        else:
            expected = say("a number such as 1520{mark}5, with at most two decimals", mark=mark)
            self._fault(FaultKind.NUMBER, column, shown(text), expected, _ASK_LAB)
        return None

    def _date(self, text: str) -> date | None:
        """The run date under the confirmed order, or a fault."""
        month_first = self._order is DateOrder.MONTH_FIRST
        expected = say(
            "a date written {what}, year, as you confirmed",
            what="month, day" if month_first else "day, month",
        )
        other = "day" if month_first else "month"
        step = say(
            "If the laboratory writes the {other} first, choose that order and upload again.", other=other
        )
        if found := _DATE.fullmatch(text):
            month, day = (found[1], found[3]) if month_first else (found[3], found[1])
            try:
                return date(int(found[4]), int(month), int(day))
            except ValueError:
                pass
        self._fault(FaultKind.DATE, "RunDate", shown(text), expected, step)
        return None

    def _specificity(self, text: str) -> Allele | Dimer | None:
        """What the bead carries, read by the loci named, not by their place; None on a control bead."""
        slots = [slot.strip() for slot in text.split(",")]
        names = [parse_name(slot) for slot in slots if slot != "-"]
        bad = next((name for name in names if isinstance(name, BadName)), None)
        alleles = [name for name in names if isinstance(name, Allele)]
        if len(slots) == SLOTS and len(alleles) == len(names):
            if len(alleles) <= 1:
                return alleles[0] if alleles else None
            pair = dimer(alleles[0], alleles[1]) if len(alleles) == 2 else None
            if pair:
                return pair
        expected = say(
            "{SLOTS} places with one allele, or with one alpha and one beta chain, and dashes", SLOTS=SLOTS
        )
        step = (
            f"{bad} {_ASK_LAB}"
            if bad
            else say("Choose a single-antigen export; other kits are not read here.")
        )
        self._fault(FaultKind.SPECIFICITY, "Specificity", shown(text), expected, step)
        return None

    def _sample(self, name: str, draft: _Draft) -> Sample | None:
        """The finished sample, or None with a fault where its controls are not in order."""
        self._line = draft.line
        negative_ids = [one for one in (draft.control_ids[0], draft.control_ids[2]) if one]
        positive_ids = [one for one in (draft.control_ids[1], draft.control_ids[3]) if one]
        named = {*negative_ids, *positive_ids}
        blank = {value.id for value in draft.values.values() if value.specificity is None}
        if not negative_ids or not positive_ids or blank != named or set(negative_ids) & set(positive_ids):
            names, rows = (", ".join(sorted(ids)) or "none" for ids in (named, blank))
            found = say("named {names}, in the rows {rows}", names=names, rows=rows)
            expected = say(
                "a negative and a positive control bead for sample {name}, named and present",
                name=shown(name),
            )
            self._fault(FaultKind.CONTROLS, say("NC/PC BeadID"), found[:120], expected, EXPORT_AGAIN)
            return None
        if len(draft.values) == len(named):
            expected = say("target beads for sample {name}", name=shown(name))
            self._fault(FaultKind.NO_RESULTS, "BeadID", say("control beads only"), expected, EXPORT_AGAIN)
            return None
        return Sample(
            name,
            draft.identity[0],
            draft.identity[1],
            draft.run_date,
            tuple(draft.values[one] for one in negative_ids),
            tuple(draft.values[one] for one in positive_ids),
            tuple(value for value in draft.values.values() if value.specificity is not None),
        )

    def _check_last_sample(self, last_line: int) -> None:
        """A file cut between two lines: the last sample stops before the beads that others have.

        A bead missing in the middle of a sample is no fault: it was not measured, and reads NOT_TESTED.
        """
        *others, last = self._drafts.values()
        end = max(int(one) for one in last.values) if last.values else 0
        due = max((int(bead) for draft in others for bead in draft.values), default=0)
        if end < due:
            self._line = last_line
            expected = say("beads up to {due}, as the other samples of this kit have", due=due)
            self._fault(
                FaultKind.TORN,
                "BeadID",
                say("the last sample ending at bead {end}", end=end),
                expected,
                EXPORT_AGAIN,
            )


_KIT = re.compile(r"([A-Za-z0-9]{2,20})_([A-Za-z0-9_]{1,30})")
_BEAD = re.compile(r"[0-9]{1,4}")
_COUNT = re.compile(r"[0-9]{1,4}")
_DATE = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2((?:19|20)[0-9]{2})")
