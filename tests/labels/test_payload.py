"""The text in a QR: issued, checked, read and refused."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels.keyboards import DIGITS, KEYBOARDS, Keyboard
from labels.payload import (
    ALPHABET,
    CALIBRATION,
    LENGTH,
    SIGNED_ALPHABET,
    Fault,
    Kind,
    Serial,
    Why,
    check_character,
    grouped,
    issue,
    read,
    read_calibration,
)

kinds = st.sampled_from(Kind)
serials = st.builds(lambda kind, seed: issue(kind, Random(seed).choice), kinds, st.integers(0, 2**32))
SERIAL = issue(Kind.CONTAINER, Random(7).choice)


def why(text: str) -> Why | None:
    """The reason a text is refused for, or None."""
    answer = read(text)
    return answer.reason if isinstance(answer, Fault) else None


@given(serials, kinds)
def test_what_is_issued_is_read_back(serial: str, kind: Kind) -> None:
    """Sixteen characters of the alphabet, its kind in front, found again by the reader."""
    assert len(serial) == LENGTH
    assert set(serial) <= set(ALPHABET)
    assert read(serial) == Serial(serial, Kind(serial[0]))
    assert issue(kind)[0] == kind.value


def test_the_check_character_is_iso_7064_mod_37_36() -> None:
    """A published vector of the standard's hybrid system (global release identifier, python-stdnum)."""
    assert check_character("A12425GABC1234002") == "M"


def test_a_serial_whose_check_character_falls_outside_the_alphabet_is_drawn_again() -> None:
    bad = next(body for c in ALPHABET if check_character(body := "B" + c * 14) not in ALPHABET)
    good = SERIAL[1:-1]
    draws = iter(bad[1:] + good)
    assert issue(Kind.CONTAINER, lambda _: next(draws)) == SERIAL


def test_a_broken_source_of_chance_ends_in_an_error_not_in_a_loop() -> None:
    bad = next(c for c in ALPHABET if check_character("B" + c * 14) not in ALPHABET)
    with pytest.raises(RuntimeError, match="chance is broken"):
        issue(Kind.CONTAINER, lambda _: bad)


@given(serials, st.integers(0, LENGTH - 1), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_every_single_wrong_character_is_found(serial: str, at: int, other: str) -> None:
    changed = serial[:at] + other + serial[at + 1 :]
    assert changed == serial or isinstance(read(changed), Fault)


def test_the_standard_itself_misses_one_swap_of_neighbours_in_650() -> None:
    """Walked through all 36 states of MOD 37,36: 36 of 23,400 swaps end where the unswapped pair does."""
    values = ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) for c in ALPHABET]

    def after(state: int, value: int) -> int:
        return ((state + value) % 36 or 36) * 2 % 37

    swaps = [(state, a, b) for state in range(1, 37) for a in values for b in values if a != b]
    missed = sum(after(after(state, a), b) == after(after(state, b), a) for state, a, b in swaps)
    assert (missed, len(swaps)) == (36, 23_400)


def _missed_swaps(serial: str) -> int:
    swaps = [serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :] for at in range(LENGTH - 1)]
    return sum(swap != serial and isinstance(read(swap), Serial) for swap in swaps)


def test_no_serial_that_is_issued_has_two_neighbours_that_can_change_places_unseen() -> None:
    """Every swap in 500 serials is found; among sound texts that were not chosen so, some are not."""
    chance = Random(3)
    assert sum(_missed_swaps(issue(Kind.PLACE, chance.choice)) for _ in range(500)) == 0
    bodies = ["C" + "".join(chance.choices(ALPHABET, k=14)) for _ in range(500)]
    assert sum(_missed_swaps(body + check_character(body)) for body in bodies) > 0


@given(
    st.text()
    | st.text(ALPHABET + "abc =&]\r\n\x1d", max_size=30)
    | st.binary().map(lambda b: b.decode("latin-1"))
)
def test_the_reader_answers_to_any_text_whatever(text: str) -> None:
    """Never an exception; a refusal has a reason, a sentence and a next step that can be stored and shown."""
    answer = read(text)
    if isinstance(answer, Fault):
        assert answer.sentence.endswith(".")
        assert answer.next_step.endswith(".")
        (answer.sentence + answer.next_step).encode("utf-8")
        assert (answer.sentence + answer.next_step).isprintable()
    assert read_calibration(text) is None or text.strip(" \t\r\n") != CALIBRATION


@given(serials, st.sampled_from(["\r", "\n", "\r\n", "\t", " ", ""]))
def test_a_scanners_suffix_and_the_printed_groups_are_no_faults(serial: str, suffix: str) -> None:
    assert read(serial + suffix) == read(" " + serial) == read(grouped(serial) + suffix) == read(serial)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Why.EMPTY),
        (" \r\n", Why.EMPTY),
        ("B" * 10_000, Why.TOO_LONG),
        (SERIAL.lower(), Why.LOWER_CASE),
        ("b" + SERIAL[1:], Why.LOWER_CASE),
        (SERIAL[:9] + "\x1b" + SERIAL[9:], Why.CONTROL_CHARACTER),
        (SERIAL + "\r\n" + SERIAL, Why.CONTROL_CHARACTER),
        ("https://example.org/" + SERIAL, Why.WEB_ADDRESS),
        ("WWW.EXAMPLE.ORG", Why.WEB_ADDRESS),
        (CALIBRATION, Why.CALIBRATION),
        (SIGNED_ALPHABET * 4, Why.SIGNED_CODE),
        ("4006381333931", Why.OTHER_BARCODE),
        ("0104006381333931" + "17251231" + "10ABC", Why.OTHER_BARCODE),
        ("(01)04006381333931", Why.OTHER_BARCODE),
        ("0104006381333931\x1d21123", Why.OTHER_BARCODE),
        ("]C10104006381333931", Why.OTHER_BARCODE),
        ("=G12341765432170", Why.OTHER_BARCODE),
        ("&>0283662359", Why.OTHER_BARCODE),
        ("]Q1" + SERIAL, Why.SCANNER_PREFIX),
        ("Ж" + SERIAL[1:], Why.FOREIGN_CHARACTER),
        ("\ud800", Why.FOREIGN_CHARACTER),
        (SERIAL[:-1], Why.WRONG_LENGTH),
        (SERIAL * 2, Why.WRONG_LENGTH),
        (SERIAL[:8] + " " + SERIAL[8:], Why.WRONG_LENGTH),
        ("BO" + SERIAL[2:], Why.NOT_IN_ALPHABET),
        (SERIAL[:-1] + ("0" if SERIAL[-1] != "0" else "1"), Why.WRONG_CHECK),
        ("N" * 15 + check_character("N" * 15), Why.UNKNOWN_KIND),
    ],
)
def test_each_fault_is_named(text: str, reason: Why) -> None:
    assert why(text) is reason


def test_ten_thousand_characters_are_not_repeated_to_the_nurse() -> None:
    answer = read("QX" * 5_000)
    assert isinstance(answer, Fault)
    assert "10,000" in answer.sentence
    assert "QXQX" not in answer.sentence + answer.next_step


@pytest.mark.parametrize("keyboard", KEYBOARDS, ids=lambda each: each.country)
@given(serial=serials)
def test_digits_of_another_keyboard_are_named_as_such_and_never_repaired(
    keyboard: Keyboard, serial: str
) -> None:
    arrived = serial.translate(str.maketrans(DIGITS, keyboard.signs))
    answer = read(arrived)
    if arrived == serial:
        assert isinstance(answer, Serial)
        return
    assert isinstance(answer, Fault)
    assert answer.reason is Why.KEYBOARD
    assert keyboard.country in answer.sentence
    assert "keyboard country" in answer.next_step


def test_a_german_keyboard_changes_nothing() -> None:
    """Y and Z, which QWERTZ swaps, are not in the alphabet; nor are A, Q, W and M, which AZERTY moves."""
    assert not set("YZAQWMILOU") & set(ALPHABET)


@pytest.mark.parametrize("keyboard", KEYBOARDS, ids=lambda each: each.country)
def test_the_calibration_label_shows_a_wrong_keyboard(keyboard: Keyboard) -> None:
    fault = read_calibration(CALIBRATION.translate(str.maketrans(DIGITS, keyboard.signs)) + "\r")
    assert fault is not None
    assert fault.reason is Why.KEYBOARD
    assert keyboard.country in fault.sentence


def test_a_well_set_scanner_passes_calibration_and_a_wrong_label_or_case_does_not() -> None:
    assert read_calibration(CALIBRATION + "\r\n") is None
    reasons = [
        fault.reason for text in (SERIAL, CALIBRATION.lower(), "") if (fault := read_calibration(text))
    ]
    assert reasons == [Why.WRONG_LENGTH, Why.LOWER_CASE, Why.EMPTY]


def test_the_calibration_holds_every_character_a_serial_can_hold() -> None:
    assert set(CALIBRATION) == set(ALPHABET) >= {kind.value for kind in Kind}
