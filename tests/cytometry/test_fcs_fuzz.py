"""Whatever bytes come: an answer, never an exception, and within a second."""

import time
from collections.abc import Mapping

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.cytometry import fcs
from app.cytometry.density import density
from app.cytometry.fcs import CodePage, FcsFile, Rejection
from tests.cytometry.fcs_files import integers, raw, small

SEEDS = (
    small(SPILLOVER="2,FITC-A,PE-A,1,0.1,0.02,1", DATE="07-JUN-2024", BTIM="10:11:12"),
    integers([[1, 2, 3], [4, 5, 6]], [16, 24, 8], big=True, P1E="4,1", P1R="1024"),
    raw(changes={"$SRC": "", "$OP": "x", "$NEXTDATA": "400"}, delimiter="/"),
)
NUMBERS = ("$PAR", "$TOT", "$P1B", "$P1R", "$P1E", "$P1G", "$P2B", "$NEXTDATA", "$BEGINDATA", "$ENDDATA")
WORDS = (*NUMBERS, "$BEGINSTEXT", "$ENDSTEXT", "$SPILLOVER", "$DATE", "$BTIM", "$BEGINDATETIME", "$DATATYPE")
Change = tuple[int, bytes]
QUICK = settings(deadline=1_000, suppress_health_check=[HealthCheck.too_slow])


def answered(data: bytes) -> None:
    """Everything a page does with an upload."""
    file = fcs.read(data, code_page=CodePage.CYRILLIC)
    copy = fcs.redact(data)
    if isinstance(file, Rejection):
        assert file.sentence and file.next_step
        return
    assert isinstance(copy, bytes) and len(copy) == len(data)
    assert isinstance(fcs.read(copy), FcsFile)
    for at in range(len(file.data_sets)):
        table = fcs.events(file, data, at)
        assert table.shape == (file.data_sets[at].events, len(file.data_sets[at].parameters))
        assert density(file, data, at) is not None


@QUICK
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 2_000), st.binary(max_size=6)), max_size=8))
def test_bytes_overwritten_anywhere_are_answered(seed: bytes, changes: list[Change]) -> None:
    data = bytearray(seed)
    for at, new in changes:
        place = at % len(data)
        data[place : place + len(new)] = new
    answered(bytes(data))


@QUICK
@given(st.sampled_from(SEEDS), st.integers(0, 2_000), st.binary(max_size=40), st.integers(0, 40))
def test_bytes_cut_out_or_put_in_are_answered(seed: bytes, at: int, new: bytes, gone: int) -> None:
    place = at % len(seed)
    answered(seed[:place] + new + seed[place + gone :])


VALUES = st.one_of(
    st.integers(-10, 2_000).map(str),
    st.sampled_from(
        ["1e15", "9" * 20, "nan", "inf", "1e-300", "0.5", "²", "1_0", "٣", "4,0", "4,", ",", "I", "F", "D"]
    ),
    st.text(max_size=12),
)


@QUICK
@given(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=4), st.binary(max_size=40))
@example({"$P1E": "30,1", "$P1R": "0.0000001", "$DATATYPE": "I"}, bytes(range(16)))
def test_keywords_of_any_content_are_answered(changes: Mapping[str, str], data: bytes) -> None:
    answered(raw(data, dict(changes)))
    answered(raw(changes=dict(changes)))


@QUICK
@given(st.binary(max_size=300))
def test_any_text_segment_is_answered(text: bytes) -> None:
    answered(raw(text=text))
    answered(text)


def test_the_largest_allowed_text_takes_less_than_a_second() -> None:
    for filler in (
        b"|a|b" * 14_000,
        b"||" * 29_000,
        b"|" + b"a" * 4_000_000,
        b"|$SPILLOVER|128," + b"1," * 2_000_000,
    ):
        data = raw(text=raw()[58:-17] + filler + b"|")
        # Processor time: a busy machine next door is not the reader's fault.
        started = time.process_time()
        answered(data)
        assert time.process_time() - started < 2  # it is read three times here
