"""Whole numbers in words, so that a dose is read twice: in digits and in the reader's own words."""

from app.kernel.units import cells_words

# fmt: off
_SMALL = ["cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once",
          "doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve",
          "veinte", "veintiuno", "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis",
          "veintisiete", "veintiocho", "veintinueve"]
_TENS = ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"]
_HUNDREDS = ["ciento", "doscientos", "trescientos", "cuatrocientos", "quinientos", "seiscientos",
             "setecientos", "ochocientos", "novecientos"]
# fmt: on


def in_words(count: int, language: str) -> str:
    """A count of cells in words: ``ninety million``, ``noventa millones``; ValueError as `cells_words`."""
    return _spanish(count) if language == "es" and cells_words(count) else cells_words(count)


def _spanish(count: int) -> str:
    """Spanish has no word of its own for 10⁹: it says ``mil millones``."""
    if count == 0:
        return _SMALL[0]
    millions, rest = divmod(count, 10**6)
    said = []
    if millions:
        said.append("un millón" if millions == 1 else f"{_cut(_below_million(millions))} millones")
    if rest:
        said.append(_below_million(rest))
    return " ".join(said)


def _below_million(count: int) -> str:
    thousands, rest = divmod(count, 1000)
    said = []
    if thousands:
        said.append("mil" if thousands == 1 else f"{_cut(_below_thousand(thousands))} mil")
    if rest:
        said.append(_below_thousand(rest))
    return " ".join(said)


def _below_thousand(count: int) -> str:
    hundreds, rest = divmod(count, 100)
    if count == 100:
        return "cien"
    said = [_HUNDREDS[hundreds - 1]] if hundreds else []
    if rest:
        said.append(_below_hundred(rest))
    return " ".join(said)


def _below_hundred(count: int) -> str:
    if count < 30:
        return _SMALL[count]
    tens, ones = divmod(count, 10)
    return _TENS[tens - 3] + (f" y {_SMALL[ones]}" if ones else "")


def _cut(said: str) -> str:
    """Before ``mil`` and ``millones`` a final ``uno`` is cut: ``veintiún millones``, ``treinta y un mil``."""
    if said.endswith("veintiuno"):
        return said.removesuffix("veintiuno") + "veintiún"
    return said.removesuffix("o") if said.endswith("uno") else said
