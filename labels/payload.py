"""The text in a QR: the one place that writes it and the one place that reads it.

A serial is 16 characters: a kind letter, 14 drawn at random, and an ISO/IEC 7064 MOD 37,36 check
character. Its alphabet holds the digits and the letters that stand at the same place on QWERTY, QWERTZ
and AZERTY keyboards. It carries no name, no number and no meaning: the server knows what it stands for.
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from labels.keyboards import KEYBOARDS

ALPHABET = "0123456789BCDEFGHJKNPRSTVX"
LENGTH = 16
#: The one text of the calibration label: every character a serial can hold, once.
CALIBRATION = ALPHABET
#: What the second, signed code of larger labels is written in.
SIGNED_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: A signature alone takes 103 characters; no serial and no calibration text comes near.
_SIGNED_AT_LEAST = 64
#: Longer than any code Hilo prints; beyond it a text is not looked at.
_LONGEST = 512
#: What a scanner or a paste puts around a code. Nothing else is ever taken away.
_AROUND = " \t\r\n"
_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_DRAWS = 1000


class Kind(StrEnum):
    """What a serial stands for; its first character."""

    CONTAINER = "B"
    WRISTBAND = "P"
    PLACE = "C"
    STAFF = "S"
    EQUIPMENT = "E"
    DOCUMENT = "D"


class Why(StrEnum):
    """Every reason not to accept a text as a serial."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    CONTROL_CHARACTER = "control_character"
    WEB_ADDRESS = "web_address"
    CALIBRATION = "calibration"
    SIGNED_CODE = "signed_code"
    KEYBOARD = "keyboard"
    SCANNER_PREFIX = "scanner_prefix"
    OTHER_BARCODE = "other_barcode"
    FOREIGN_CHARACTER = "foreign_character"
    LOWER_CASE = "lower_case"
    WRONG_LENGTH = "wrong_length"
    NOT_IN_ALPHABET = "not_in_alphabet"
    WRONG_CHECK = "wrong_check"
    UNKNOWN_KIND = "unknown_kind"


@dataclass(frozen=True, slots=True)
class Serial:
    """A serial that was read and is sound: its 16 characters and what they stand for."""

    text: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is not a serial, in words for the person who scanned it, and what to do now.

    The sentence never repeats the text as a whole; a character it names is given with its code.
    """

    reason: Why
    sentence: str
    next_step: str


def check_character(body: str) -> str:
    """The ISO/IEC 7064 MOD 37,36 check character of ``body``, which is written in 0-9 and A-Z.

    Raises ValueError for any other character.
    """
    state = 36
    for character in body:
        state = (state + _VALUES.index(character)) % 36 or 36
        state = state * 2 % 37
    return _VALUES[(37 - state) % 36]


def issue(kind: Kind, choice: Callable[[str], str] = secrets.choice) -> str:
    """A new serial of this kind.

    A draw is thrown away when its check character falls outside the alphabet, and also when two
    neighbours could change places unseen: MOD 37,36 misses 1 in 650 such swaps, so no serial has one.
    ``choice`` picks one character of a text; RuntimeError if it never leads to a serial.
    """
    for _ in range(_DRAWS):
        body = kind.value + "".join(choice(ALPHABET) for _ in range(LENGTH - 2))
        serial = body + check_character(body)
        if serial[-1] in ALPHABET and not _has_a_silent_swap(serial):
            return serial
    raise RuntimeError(f"no serial in {_DRAWS} draws: the source of chance is broken")


def _has_a_silent_swap(serial: str) -> bool:
    """Whether two neighbours can change places and the check character still fits."""
    swaps = (serial[:at] + serial[at + 1] + serial[at] + serial[at + 2 :] for at in range(len(serial) - 1))
    return any(swap != serial and check_character(swap[:-1]) == swap[-1] for swap in swaps)


def grouped(serial: str) -> str:
    """The serial as people read it: in groups of four."""
    return " ".join(groups(serial))


def groups(serial: str) -> tuple[str, ...]:
    """The groups of four of a serial."""
    return tuple(serial[at : at + 4] for at in range(0, len(serial), 4))


def read(text: str) -> Serial | Fault:
    """The serial in ``text``, or why there is none. Never raises, never repairs.

    Two things are not faults: blanks, tabs and line ends around the code (a scanner's suffix), and the
    serial written exactly as it is printed, in four groups of four with one blank between them.
    """
    code = text.strip(_AROUND)
    if fault := _size(text, code) or _from_elsewhere(code) or _unreadable(code):
        return fault
    code = _ungrouped(code)
    if fault := _malformed(code):
        return fault
    return Serial(code, Kind(code[0]))


def read_calibration(text: str) -> Fault | None:
    """What is wrong with the scanner that read a calibration label; None when it is set right."""
    code = text.strip(_AROUND)
    if code == CALIBRATION:
        return None
    if fault := _size(text, code) or _keyboard(code, CALIBRATION) or _unreadable(code):
        return fault
    return Fault(
        Why.WRONG_LENGTH, "This is not the calibration label.", "Scan the calibration label of your printer."
    )


def _size(text: str, code: str) -> Fault | None:
    if len(text) > _LONGEST:
        return Fault(
            Why.TOO_LONG,
            f"{len(text):,} characters arrived. A Hilo code has {LENGTH}.",
            "Scan one label, once. If it happens again, use another scanner.",
        )
    if not code:
        return Fault(
            Why.EMPTY, "Nothing was read.", "Scan the label again, or type the code below its symbol."
        )
    return None


def _from_elsewhere(code: str) -> Fault | None:
    """Codes that were read well and are simply not serials."""
    if code == CALIBRATION:
        return Fault(
            Why.CALIBRATION,
            "This is the calibration label. Your scanner reads it well.",
            "Scan the label of the bag, vial or wristband.",
        )
    if re.match(r"(?i)[a-z][a-z0-9+.-]*://|www\.", code):
        return Fault(
            Why.WEB_ADDRESS,
            "This code is a web address, not a Hilo label.",
            "Do not open it. Scan the square code that has four groups of four characters below it.",
        )
    if len(code) >= _SIGNED_AT_LEAST and frozenset(SIGNED_ALPHABET).issuperset(code):
        return Fault(
            Why.SIGNED_CODE,
            "This is the second code of the label, for checks without network.",
            "Scan the code that has four groups of four characters below it.",
        )
    return _keyboard(code) or _control(code) or _another_product(code)


def _keyboard(code: str, expected: str | None = None) -> Fault | None:
    """Digits that arrived as signs. Certain where the signs, put back, give what was printed."""
    suspects = [keyboard for keyboard in KEYBOARDS if keyboard.explains(code)]
    certain = [
        keyboard
        for keyboard in suspects
        if keyboard.meant(code).upper() == expected or _malformed(keyboard.meant(code).upper()) is None
    ]
    if not certain and not (suspects and len(code) >= 8):
        return None
    country = " or ".join(keyboard.country for keyboard in certain or suspects)
    return Fault(
        Why.KEYBOARD,
        f"The scanner and this computer use different keyboards: digits arrived as signs. "
        f"The computer's keyboard seems to be {country}.",
        "Set this scanner's keyboard country to the computer's, scan the calibration label, then scan again. "
        "Until then use the camera or another scanner.",
    )


def _control(code: str) -> Fault | None:
    found = sorted({character for character in code if unicodedata.category(character) == "Cc"})
    if not found:
        return None
    if "\x1d" in found:
        return _other_barcode("It is a GS1 code with several fields.")
    return Fault(
        Why.CONTROL_CHARACTER,
        f"The code holds characters that cannot be printed: {_named(found)}.",
        "Scan the label again, once. If it happens again, use another scanner and report this one.",
    )


def _another_product(code: str) -> Fault | None:
    if re.match(r"\][A-Za-z][0-9A-Za-z]", code):
        if _malformed(code[3:]) is None:
            return Fault(
                Why.SCANNER_PREFIX,
                f"The scanner writes a mark of its own, {code[:3]}, before the code.",
                "Switch off AIM identifiers in this scanner's settings. Until then use another scanner.",
            )
        return _other_barcode("It begins with a symbol mark such as ]C1, which Hilo labels do not have.")
    if code[0] in "=&":
        return _other_barcode("It looks like an ISBT 128 code.")
    if code[0] == "(" or re.fullmatch(r"01[0-9]{14}[0-9A-Z]+", code):
        return _other_barcode("It looks like a GS1 code.")
    if len(code) >= 6 and re.fullmatch(r"[0-9]+", code):
        return _other_barcode("It is a number, as shops and suppliers use.")
    return None


def _other_barcode(what: str) -> Fault:
    return Fault(
        Why.OTHER_BARCODE,
        f"This is another product's barcode. {what}",
        "Scan the square code that has four groups of four characters below it.",
    )


def _unreadable(code: str) -> Fault | None:
    """Characters no Hilo label holds, in whatever order."""
    known = frozenset(_VALUES + _VALUES.lower() + " ")
    if strange := sorted(set(code) - known):
        return Fault(
            Why.FOREIGN_CHARACTER,
            f"The code holds characters that no Hilo label has: {_named(strange)}.",
            "Set the keyboard language to English and scan again, or use the camera.",
        )
    if any(character in _VALUES.lower() and not character.isdigit() for character in code):
        return Fault(
            Why.LOWER_CASE,
            "The letters arrived in lower case. Hilo labels have capital letters only.",
            "Switch Caps Lock off (or, on some scanners, set it back), and scan again.",
        )
    return None


def _ungrouped(code: str) -> str:
    """The serial without the three blanks it is printed with; any other blank stays and is refused."""
    bare = code.replace(" ", "")
    return bare if code == grouped(bare) else code


def _malformed(code: str) -> Fault | None:
    """What is wrong with a text of capital letters, digits and blanks."""
    if len(code) != LENGTH:
        return Fault(
            Why.WRONG_LENGTH,
            f"{len(code)} characters arrived. A Hilo code has {LENGTH}.",
            "Scan the whole code again, once, or type all four groups.",
        )
    if strange := sorted(set(code) - set(ALPHABET)):
        zero = " There is no letter O on a label: it is the digit 0." if "O" in strange else ""
        return Fault(
            Why.NOT_IN_ALPHABET,
            f"No Hilo code holds {_named(strange)}.{zero}",
            "Compare with the printed characters and type again, or scan the label.",
        )
    if check_character(code[:-1]) != code[-1]:
        return Fault(
            Why.WRONG_CHECK,
            "The characters do not fit together: at least one is wrong.",
            "Scan the label again, or compare each group with the print and type again.",
        )
    if code[0] not in list(Kind):
        return Fault(
            Why.UNKNOWN_KIND,
            f"The code is complete, but no kind of Hilo label begins with {code[0]}.",
            "Do not use this label. Tell the cell laboratory.",
        )
    return None


def _named(characters: list[str]) -> str:
    """Characters by code and name, at most three of them: safe to show whatever they are."""
    shown = [
        f"{_sign(c)} ({unicodedata.name(c, 'a character without a name').lower()})" for c in characters[:3]
    ]
    more = len(characters) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _sign(character: str) -> str:
    """The character itself where it is plain ASCII that prints, else its code."""
    return character if "!" <= character <= "~" else f"U+{ord(character):04X}"
