"""Find the Chromium the browser tests drive; on Debian as root, install it when it is missing.

Run as ``python -m tests.chromium`` by ``make test``; missing after that is a failure, not a skip.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path


def chromium_path() -> Path | None:
    """The Chromium to drive: HILO_CHROMIUM, Debian's, or Playwright's own."""
    named = os.environ.get("HILO_CHROMIUM")
    if named:
        return Path(named) if Path(named).exists() else None
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return Path(found) if found else _playwrights_own()


def _playwrights_own() -> Path | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def install() -> None:
    """Install Chromium: by apt when this is Debian and we are root, by Playwright elsewhere."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], check=True, env=environment, stdout=subprocess.DEVNULL)
        subprocess.run(
            ["apt-get", "install", "-y", "-q", "chromium"],
            check=True,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
    else:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)


def main() -> int:
    """Make sure there is a Chromium; say which."""
    if chromium_path() is None:
        print("No Chromium found: installing it.", flush=True)
        install()
    found = chromium_path()
    if found is None:
        print(
            "Chromium is missing and could not be installed. Set HILO_CHROMIUM to its path.", file=sys.stderr
        )
        return 1
    print(f"Chromium for the browser tests: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
