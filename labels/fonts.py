"""The fonts on a label: DejaVu, embedded, so that a label looks the same on every machine."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from labels.faults import MissingFonts

_ROOT = Path(__file__).resolve().parent.parent
#: Where set-up puts the fonts, and where npm puts them.
FOLDERS = (
    _ROOT / "app" / "web" / "static" / "vendor" / "dejavu",
    _ROOT / "node_modules" / "dejavu-fonts-ttf" / "ttf",
)
_FILES = {"regular": "DejaVuSans.ttf", "bold": "DejaVuSans-Bold.ttf", "mono": "DejaVuSansMono.ttf"}


@dataclass(frozen=True)
class Fonts:
    """The three fonts of a label, known to the drawing library by ``name``."""

    folder: Path

    def name(self, font: str) -> str:
        """The drawing library's name of ``regular``, ``bold`` or ``mono``."""
        return f"Hilo label {font} {self.folder}"

    def width_mm(self, text: str, font: str, size: float) -> float:
        """How wide ``text`` prints, in mm; ``size`` in points."""
        from reportlab.pdfbase import pdfmetrics

        return float(pdfmetrics.stringWidth(text, self.name(font), size)) * 25.4 / 72

    def lacks(self, text: str, font: str) -> list[str]:
        """The characters of ``text`` that cannot be printed, each once."""
        from reportlab.pdfbase import pdfmetrics

        glyphs = pdfmetrics.getFont(self.name(font)).face.charToGlyph
        return sorted({each for each in text if ord(each) not in glyphs or not each.isprintable()})


def load(folder: Path | None = None) -> Fonts:
    """The fonts in ``folder``, or where set-up put them. Raises MissingFonts naming the cure."""
    candidates = (folder,) if folder else FOLDERS
    for candidate in candidates:
        if all((candidate / file).is_file() for file in _FILES.values()):
            return _register(candidate)
    raise MissingFonts(f"The label fonts ({', '.join(_FILES.values())}) are not installed. Run: make setup")


@lru_cache(maxsize=8)
def _register(folder: Path) -> Fonts:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    fonts = Fonts(folder)
    for font, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(fonts.name(font), str(folder / file)))
    return fonts
