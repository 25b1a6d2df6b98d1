"""The second code of larger labels: written and taken apart without loss, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.compose import SIGNED_MOST
from labels.payload import SIGNED_ALPHABET, Kind, issue
from labels.signed import SIGNATURE_BYTES, SignedSerial, take_apart, write

SERIAL = issue(Kind.CONTAINER)


@given(st.binary(min_size=SIGNATURE_BYTES, max_size=SIGNATURE_BYTES))
def test_what_was_written_is_taken_apart_and_fits_its_symbol(signature: bytes) -> None:
    text = write(SERIAL, signature)
    assert take_apart(text) == SignedSerial(SERIAL, signature)
    assert len(text) <= SIGNED_MOST and set(text) <= set(SIGNED_ALPHABET)


@given(st.text(max_size=200))
def test_any_other_text_is_none(text: str) -> None:
    assert take_apart(text) is None


@pytest.mark.parametrize("fault", ["too short", "wrong serial", "more than 512 bits", "lower case"])
def test_a_damaged_code_is_none(fault: str) -> None:
    text = write(SERIAL, bytes(SIGNATURE_BYTES))
    damaged = {
        "too short": text[:-1],
        "wrong serial": "B" * 16 + text[16:],
        "more than 512 bits": text[:16] + "Z" * 103,
        "lower case": text.lower(),
    }
    assert take_apart(damaged[fault]) is None


def test_a_signature_of_another_length_is_not_written() -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        write(SERIAL, b"short")
