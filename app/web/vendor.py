"""Set-up: which files of the npm packages Hilo serves itself. Run as ``python -m app.web.vendor``."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = ROOT / "node_modules"
SERVED = Path(__file__).parent / "static" / "vendor"

_FONT = "@fontsource/atkinson-hyperlegible/files/atkinson-hyperlegible-latin"
#: File inside node_modules → name under /static/vendor.
FILES: dict[str, str] = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "zxing-wasm/dist/es/reader/index.js": "zxing/reader/index.js",
    "zxing-wasm/dist/es/share.js": "zxing/share.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing/zxing_reader.wasm",
    f"{_FONT}-400-normal.woff2": "atkinson/atkinson-400.woff2",
    f"{_FONT}-700-normal.woff2": "atkinson/atkinson-700.woff2",
    "dejavu-fonts-ttf/ttf/DejaVuSans.ttf": "dejavu/DejaVuSans.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf": "dejavu/DejaVuSans-Bold.ttf",
    "dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf": "dejavu/DejaVuSansMono.ttf",
}


def missing(modules: Path = MODULES) -> list[str]:
    """The files that npm should have brought and that are not there or empty."""
    return [name for name in FILES if not (modules / name).is_file() or (modules / name).stat().st_size == 0]


def copy(modules: Path = MODULES, served: Path = SERVED) -> list[Path]:
    """Copy every file to where it is served from; files already the same are left alone.

    Raises FileNotFoundError naming all that is missing, before anything is copied.
    """
    if gaps := missing(modules):
        raise FileNotFoundError(f"not found in {modules.name}: {', '.join(gaps)}. Run: npm ci")
    return [_copy_one(modules / source, served / target) for source, target in FILES.items()]


def _copy_one(source: Path, target: Path) -> Path:
    if not target.is_file() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return target


def main() -> int:
    """Copy, or say in one line what is missing."""
    try:
        copied = copy()
    except (OSError, FileNotFoundError) as fault:
        print(f"front-end files: {fault}", file=sys.stderr)
        return 1
    print(f"front-end files: {len(copied)} in place")
    return 0


if __name__ == "__main__":
    sys.exit(main())
