"""Why a label cannot be drawn: each its own exception, with a sentence for the person who asked for it."""

from collections.abc import Iterable


class LabelFault(ValueError):
    """A label that cannot be made as asked; the message is a sentence that can be shown."""


class UnknownStock(LabelFault):
    """No label stock of this name, or not for this printer resolution."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        super().__init__(f"There is no label stock {name[:40]!r}. Known stocks: {', '.join(self.known)}.")


class UnknownResolution(LabelFault):
    """The stock has no whole number of dots per module for this printer."""

    def __init__(self, stock: str, dpi: int, known: Iterable[int]) -> None:
        self.known = tuple(known)
        printers = ", ".join(f"{each} dpi" for each in self.known)
        super().__init__(f"Stock {stock} cannot be printed at {dpi} dpi. It is made for {printers}.")


class LayoutFault(LabelFault):
    """A layout file that says something impossible."""

    def __init__(self, stock: str, where: str, what: str) -> None:
        self.stock = stock
        self.where = where
        super().__init__(f"Layout {stock}, {where}: {what}.")


class MissingFonts(LabelFault):
    """The label fonts are not installed."""


class FieldFault(LabelFault):
    """Something is wrong with one text of one label."""

    def __init__(self, field: str, serial: str, what: str) -> None:
        self.field = field
        self.serial = serial
        super().__init__(f"Label {serial}, {field}: {what}")


class TextTooLong(FieldFault):
    """The text does not fit its place even at the smallest size the layout allows."""


class UnprintableText(FieldFault):
    """The text holds a character the label fonts do not have."""


class MissingText(FieldFault):
    """The layout needs a text that was not given."""


class NoPlace(FieldFault):
    """A text was given that this layout has no place for."""


class BadSerial(LabelFault):
    """What should be in the QR is not a serial, not of the stock's kind, or twice in one job."""
