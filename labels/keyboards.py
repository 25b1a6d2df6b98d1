"""What a hand scanner's digits turn into when its keyboard country is not the computer's."""

from dataclasses import dataclass

DIGITS = "0123456789"
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Keyboard:
    """One mix-up: ``signs[n]`` is what arrives where the scanner meant the digit n."""

    country: str
    signs: str

    def explains(self, text: str) -> bool:
        """Whether every character of ``text`` can come from letters and digits sent through this mix-up.

        At least one must be a sign: a text of letters and digits only has nothing to explain.
        """
        signs = frozenset(self.signs)
        return bool(signs.intersection(text) - frozenset(DIGITS)) and _LETTERS.union(signs).issuperset(text)

    def meant(self, text: str) -> str:
        """What the scanner meant, if this was the mix-up. For the diagnosis only, never used as a reading."""
        return text.translate(str.maketrans(self.signs, DIGITS))


#: The digit row of each country, unshifted, from 0 to 9 (a scanner set to an English keyboard presses
#: those keys), and last the opposite: the scanner shifts for its digits, the computer is English.
KEYBOARDS = (
    Keyboard("French", "à&é\"'(-è_ç"),
    Keyboard("Belgian", "à&é\"'(§è!ç"),
    Keyboard("Czech", "é+ěščřžýáí"),
    Keyboard("Slovak", "é+ľščťžýáí"),
    Keyboard("Hungarian", "ö123456789"),
    Keyboard("Lithuanian", "0ąčęėįšųū9"),
    Keyboard("English (the scanner is set to a country that shifts its digits)", ")!@#$%^&*("),
)
