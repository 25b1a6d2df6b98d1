"""Reading one table of a layout file: every value by name and type, nothing left over."""

from collections.abc import Mapping

from labels.faults import LayoutFault, UnknownResolution


class Table:
    """One TOML table that says which of its values is missing, of the wrong type, or not understood."""

    def __init__(self, stock: str, where: str, values: Mapping[str, object]) -> None:
        self._stock = stock
        self._where = where
        self._values = dict(values)

    def fault(self, what: str) -> LayoutFault:
        """The exception for something wrong in this table."""
        return LayoutFault(self._stock, self._where, what)

    def number(self, name: str, default: float | None = None) -> float:
        """A number that is not negative."""
        value = self._values.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise self.fault(f"{name} must be a number that is not negative")
        return float(value)

    def text(self, name: str, default: str | None = None) -> str:
        """A text."""
        value = self._values.pop(name, default)
        if not isinstance(value, str):
            raise self.fault(f"{name} must be a text")
        return value

    def flag(self, name: str) -> bool:
        """True or false; false where it is not given."""
        value = self._values.pop(name, False)
        if not isinstance(value, bool):
            raise self.fault(f"{name} must be true or false")
        return value

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of a few words."""
        value = self.text(name)
        if value not in choices:
            raise self.fault(f"{name} {value!r} is none of {', '.join(choices)}")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        """A list of words, possibly empty."""
        value = self._values.pop(name, None)
        if not isinstance(value, list):
            raise self.fault(f"{name} must be a list of words")
        return tuple(self._word(name, each) for each in value)

    def _word(self, name: str, value: object) -> str:
        if not isinstance(value, str):
            raise self.fault(f"{name} must hold words only")
        return value

    def table(self, name: str) -> "Table":
        """A table inside this one."""
        return self._table(name, self._values.pop(name, None))

    def optional_table(self, name: str) -> "Table | None":
        """A table inside this one, or None."""
        return self.table(name) if name in self._values else None

    def tables(self, name: str) -> tuple["Table", ...]:
        """The repeated tables of this name."""
        value = self._values.pop(name, [])
        if not isinstance(value, list):
            raise self.fault(f"{name} must be written as [[{name}]]")
        return tuple(self._table(f"{name} {number}", each) for number, each in enumerate(value, start=1))

    def _table(self, where: str, value: object) -> "Table":
        if not isinstance(value, dict):
            raise self.fault(f"{where} must be a table")
        return Table(self._stock, where, value)

    def printers(self) -> tuple[int, ...]:
        """The printer resolutions (dpi) in ``dots``, in the order they are written."""
        dots = self._values.get("dots")
        if not isinstance(dots, dict) or not dots or not all(key.isdecimal() for key in dots):
            raise self.fault('dots must say how many dots a module has, such as { "300" = 3 }')
        return tuple(int(key) for key in dots)

    def dots(self, dpi: int) -> int:
        """Dots per module on a printer of this resolution; 1 to 10, as label printers can magnify."""
        if dpi not in self.printers():
            raise UnknownResolution(f"{self._stock} ({self._where})", dpi, self.printers())
        dots = self._values.pop("dots")
        value = dots.get(str(dpi)) if isinstance(dots, dict) else None
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 10:
            raise self.fault("a module has 1 to 10 whole dots")
        return value

    def done(self) -> None:
        """Raise if something was written that nobody asked for."""
        if self._values:
            raise self.fault(f"not understood: {', '.join(sorted(self._values))}")
