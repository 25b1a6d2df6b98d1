"""How quantities are written: digits without a trailing zero, doses in digits and in words."""

from decimal import Decimal

#: Narrow no-break space: parts thousands without letting a line break split the number.
THIN = "\u202f"
#: Minus sign, as wide as a plus; a hyphen before a digit is too easily overlooked.
MINUS = "\u2212"
#: The largest dose that `cells_words` can say, exclusive.
WORDS_LIMIT = 10**12

# fmt: off
_SMALL = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
          "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
# fmt: on
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: int | float | Decimal) -> str:
    """A number as a person should read it: ``1`` not 1.0, ``0.5`` not .5, ``90 000 000`` with thin spaces.

    Whole parts of one to four digits stay together. Floats are written with the fewest digits that give
    the same float back. Raises ValueError for what is not a finite number.
    """
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"not a finite number: {value!r}")
    whole, _, part = f"{abs(exact):f}".partition(".")
    part = part.rstrip("0")
    text = _grouped(whole) + (f".{part}" if part else "")
    return MINUS + text if exact < 0 and text != "0" else text


def _grouped(whole: str) -> str:
    return whole if len(whole) <= 4 else f"{int(whole):,}".replace(",", THIN)


def cells(count: int) -> str:
    """A cell count in digits, exact: ``90 × 10⁶``; below one million plainly grouped (``850 000``)."""
    _check(count)
    if count < 10**6:
        return number(count)
    power = 9 if count >= 10**9 and count % 10**7 == 0 else 6
    shown = number(Decimal(count).scaleb(-power))
    return f"{shown} × 10{str(power).translate(_SUPERSCRIPT)}"


def cells_words(count: int) -> str:
    """The same count in words, exact: ``ninety million``; never rounded, never abbreviated."""
    _check(count)
    if count == 0:
        return _SMALL[0]
    parts: list[str] = []
    for scale, name in _SCALES:
        times, count = divmod(count, scale)
        if times:
            parts.append(f"{_below_thousand(times)} {name}")
    if count:
        parts.append(_below_thousand(count) if count >= 100 or not parts else f"and {_below_thousand(count)}")
    return " ".join(parts)


def dose(count: int) -> str:
    """A dose in digits and words: ``90 × 10⁶ cells (ninety million)``."""
    return f"{cells(count)} cells ({cells_words(count)})"


def _below_thousand(count: int) -> str:
    hundreds, rest = divmod(count, 100)
    said = f"{_SMALL[hundreds]} hundred" if hundreds else ""
    if not rest:
        return said
    if rest < 20:
        tail = _SMALL[rest]
    else:
        tens, ones = divmod(rest, 10)
        tail = _TENS[tens - 2] + (f"-{_SMALL[ones]}" if ones else "")
    return f"{said} and {tail}" if said else tail


def _check(count: int) -> None:
    if not 0 <= count < WORDS_LIMIT:
        raise ValueError(f"a cell count must be from 0 to below {WORDS_LIMIT}, not {count}")


def groups(code: str, size: int = 4) -> list[str]:
    """A serial in groups, as it is read aloud: ``["B7K3", "M9QX", …]``."""
    return [code[start : start + size] for start in range(0, len(code), size)]
