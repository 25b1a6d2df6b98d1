"""What the reader refuses, each with its reason, and how quickly it does."""

import struct
import time

import pytest

from app.cytometry import fcs
from app.cytometry.fcs import FcsReason, Limits, Rejection
from tests.cytometry.fcs_files import raw, small

FOUR = struct.pack("<4f", 1, 2, 3, 4)


def refusal(data: bytes, limits: Limits | None = None) -> Rejection:
    answer = fcs.read(data, limits=limits or Limits())
    assert isinstance(answer, Rejection)
    assert answer.sentence.endswith(".") and answer.next_step.endswith(".")
    return answer


@pytest.mark.parametrize(
    ("reason", "data"),
    [
        (FcsReason.EMPTY_FILE, b""),
        (FcsReason.NOT_FCS, b"oi21j08cn\n"),
        (FcsReason.FCS_TRUNCATED, raw()[:40]),
        (FcsReason.FCS_TRUNCATED, raw()[:100]),
        (FcsReason.FCS_TRUNCATED, raw()[:-1]),
        (FcsReason.FCS_VERSION, raw(version="FCS9.9")),
        (FcsReason.FCS_VERSION, raw(version="FCS1.0")),
        (FcsReason.FCS_HEADER, raw()[:10] + b"   twelve" + raw()[19:]),
        (FcsReason.FCS_HEADER, raw()[:10] + b" " * 16 + raw()[26:]),
        (FcsReason.FCS_TEXT, raw(text=b"\xff$PAR\xff2\xff")),
        (FcsReason.FCS_TEXT, raw(text=b"||||||")),
    ],
)
def test_what_is_not_a_whole_fcs_file_is_refused(reason: FcsReason, data: bytes) -> None:
    assert refusal(data).reason is reason


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        (FcsReason.FCS_KEYWORD, {"$TOT": None}),
        (FcsReason.FCS_KEYWORD, {"$TOT": "five hundred"}),
        (FcsReason.FCS_KEYWORD, {"$TOT": "-2"}),
        (FcsReason.FCS_KEYWORD, {"$PAR": None}),
        (FcsReason.FCS_KEYWORD, {"$DATATYPE": None}),
        (FcsReason.FCS_KEYWORD, {"$P2B": None}),
        (FcsReason.FCS_EVENT_COUNT, {"$TOT": "1"}),
        (FcsReason.FCS_EVENT_COUNT, {"$TOT": "3"}),
        (FcsReason.FCS_EVENT_COUNT, {"$TOT": "1000000000000000"}),
        (FcsReason.FCS_PARAMETERS, {"$PAR": "0"}),
        (FcsReason.FCS_PARAMETERS, {"$PAR": "1000000000"}),
        (FcsReason.FCS_MODE, {"$MODE": "U"}),
        (FcsReason.FCS_DATA_TYPE, {"$DATATYPE": "A"}),
        (FcsReason.FCS_DATA_TYPE, {"$DATATYPE": "Q"}),
        (FcsReason.FCS_BYTE_ORDER, {"$BYTEORD": "3,4,1,2"}),
        (FcsReason.FCS_WIDTH, {"$P1B": "16"}),
        (FcsReason.FCS_DATA_SETS, {"$NEXTDATA": "-100"}),
        (FcsReason.FCS_DATA_SETS, {"$NEXTDATA": "5"}),
    ],
)
def test_a_keyword_that_makes_the_events_doubtful_refuses_the_file(
    reason: FcsReason, changes: dict[str, str | None]
) -> None:
    assert refusal(raw(changes=changes)).reason is reason


def test_offsets_that_nobody_can_prove_refuse_the_file() -> None:
    changes: dict[str, str | None] = {"$BEGINDATA": "300", "$ENDDATA": "320"}
    assert refusal(raw(changes=changes, claim=(200, 260))).reason is FcsReason.FCS_OFFSETS
    assert refusal(raw(claim=(0, 0))).reason is FcsReason.FCS_OFFSETS


def test_two_places_that_both_fit_refuse_the_file() -> None:
    """A shift by one byte gives numbers that look real and are not."""
    begin = len(raw(changes={"$BEGINDATA": "000", "$ENDDATA": "000"})) - 16
    changes: dict[str, str | None] = {"$BEGINDATA": str(begin + 1), "$ENDDATA": str(begin + 16)}
    data = raw(changes=changes, claim=(begin, begin + 15), after=b"\0\0")
    assert refusal(data).reason is FcsReason.FCS_OFFSETS


def test_a_loop_of_data_sets_is_refused() -> None:
    """The second data set leads to itself, counted from the beginning of the file."""
    size = len(raw(changes={"$NEXTDATA": "0" * 6}))
    one = raw(changes={"$NEXTDATA": f"{size:06d}"})
    answer = refusal(one + one)
    assert answer.reason is FcsReason.FCS_DATA_SETS


def test_the_second_data_set_is_named_when_it_is_the_bad_one() -> None:
    size = len(raw(changes={"$NEXTDATA": "0" * 6}))
    answer = refusal(raw(changes={"$NEXTDATA": f"{size:06d}"}) + raw(changes={"$TOT": "7"}))
    assert answer.sentence.startswith("Data set 2: ")
    assert answer.reason is FcsReason.FCS_EVENT_COUNT


def test_more_data_sets_or_keywords_than_the_limits_are_refused() -> None:
    size = len(raw(changes={"$NEXTDATA": "0" * 6}))
    chain = raw(changes={"$NEXTDATA": f"{size:06d}"}) * 4 + raw()
    assert refusal(chain, Limits(data_sets=3)).reason is FcsReason.FCS_DATA_SETS
    assert refusal(raw(), Limits(text_bytes=50)).reason is FcsReason.FCS_TEXT_SIZE
    assert refusal(raw(), Limits(words=10)).reason is FcsReason.FCS_TEXT_SIZE


def test_data_sets_that_share_their_events_are_refused() -> None:
    """A small file that claims the same bytes again and again would keep the reader busy."""
    size = len(raw(changes={"$NEXTDATA": "0" * 6}))
    events = FOUR * 200
    head = raw(b"", {"$NEXTDATA": f"{size:06d}", "$TOT": "400"}, claim=(size * 3, size * 3 + len(events) - 1))
    heads = [
        raw(
            b"",
            {"$NEXTDATA": f"{len(head):06d}", "$TOT": "400"},
            claim=(len(head) * (3 - at), len(head) * (3 - at) + len(events) - 1),
        )
        for at in range(3)
    ]
    assert {len(one) for one in heads} == {len(head)}
    assert refusal(b"".join(heads) + events).reason is FcsReason.FCS_DATA_SETS


def test_a_picture_is_called_a_picture() -> None:
    assert "PNG" in refusal(b"\x89PNG\r\n\x1a\n" + bytes(500)).sentence


def test_hostile_numbers_are_refused_at_once() -> None:
    """Neither a thousand million parameters nor 10¹⁵ events cost time or memory."""
    started = time.perf_counter()
    for changes in ({"$PAR": "1000000000"}, {"$TOT": "9" * 20}, {"$TOT": "9" * 5000}, {"$P1B": "9" * 19}):
        assert isinstance(fcs.read(raw(changes=dict(changes))), Rejection)
    assert time.perf_counter() - started < 0.5


def test_a_refused_file_cannot_be_redacted() -> None:
    assert isinstance(fcs.redact(small()[:-100]), Rejection)
