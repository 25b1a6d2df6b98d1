"""Which passwords are guessable: a modest list made by rule, and words of this place and person.

Guessers try common words, names of seasons and keyboards' rows, dressed with years, capitals and signs.
Undressing the password and asking what is left finds them all without a list of thousands.
"""

import re
import unicodedata
from itertools import pairwise

#: What people most often build passwords from, undressed (lower case, digits for letters undone).
_COMMON = """
    admin administrator password passwort passphrase contrasena clave secret secreto letmein welcome
    bienvenido login signin changeme default master access trustno iloveyou teamo princess sunshine shadow
    monkey dragon football futbol baseball superman batman pokemon starwars computer internet samsung google
    summer winter spring autumn verano invierno otono primavera january february march april june july august
    september october november december enero febrero marzo abril mayo junio julio agosto septiembre octubre
    noviembre diciembre monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves
    viernes sabado domingo correct horse battery staple hello hola mother madre father padre family familia
    freedom michael jennifer jordan charlie whatever nothing qwerty qwertz azerty qwertyuiop asdfgh asdfghjkl
    zxcvbn zxcvbnm yxcvbnm qazwsx wsxedc
"""
#: Words of this trade, which a guesser who knows the place tries first.
_TRADE = """
    hilo hospital clinic clinica laboratory laboratorio laboratoire labor cell cells celula celulas stem
    mesenchymal stromal msc msclot bone marrow blood blut sangre bank banco tissue donor donante patient
    paciente recipient lupus nephritis quality calidad release nurse enfermera doctor physician auditor
    technologist releaser therapy terapia medicine medicina infusion bedside batch
"""
WORDS = frozenset(_COMMON.split())
CONTEXT = frozenset(_TRADE.split())
#: Characters that must be left when all guessable words and runs are taken away.
LEFT = 6
_LEET = str.maketrans("0134578@$!€", "oieastbasie")
_ROWS = ("qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")


def guessable(password: str, about: tuple[str, ...] = ()) -> bool:
    """Whether little is left once common words, words ``about`` the person or site, and runs are taken away.

    ``about`` holds texts such as the sign-in name, the person's name and the site's name.
    """
    plain = _folded(password)
    own = {word for text in about for word in re.findall(r"\w{3,}", _folded(text))}
    words = sorted(WORDS | CONTEXT | own, key=len, reverse=True)
    return any(_left(form, words) < LEFT for form in (plain, plain.translate(_LEET)))


def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _left(text: str, words: list[str]) -> int:
    """How many different characters are left of the text without its words, years, signs and runs."""
    for word in words:
        text = text.replace(word, " ")
    text = re.sub(r"(19|20)\d\d", " ", text)
    text = "".join(" " if _in_run(text, at) else c for at, c in enumerate(text))
    return len(set(re.sub(r"[\W_]", "", text)))


def _in_run(text: str, at: int) -> bool:
    """Whether the character stands inside three that repeat, count up or down, or follow a keyboard's row."""
    return any(_run(text[start : start + 3]) for start in range(max(0, at - 2), at + 1))


def _run(three: str) -> bool:
    if len(three) < 3 or not three.isalnum():
        return False
    steps = {ord(b) - ord(a) for a, b in pairwise(three)}
    if steps in ({0}, {1}, {-1}):
        return True
    return any(three in row or three[::-1] in row for row in _ROWS)
