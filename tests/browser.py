"""A real Chromium for tests: started as the pages need it, with a camera that sees what we print."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from flask import Flask
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright
from werkzeug.serving import make_server

from tests.chromium import chromium_path
from tests.shared import ROOT

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
LAUNCH = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
SIZE = (1280, 720)
# A busy machine is slow, not wrong: an expectation fails after this many milliseconds.
expect.set_options(timeout=15_000)
#: Only what is wrong leaves the page: all that axe found right is a megabyte a page.
ASK_AXE = """async ([tags, grave]) => {
    const found = await axe.run(document, {
        runOnly: {type: "tag", values: tags}, resultTypes: ["violations"],
    });
    return found.violations.filter((fault) => grave.includes(fault.impact)).flatMap((fault) =>
        fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 160)}`));
}"""
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass(frozen=True, slots=True)
class Served:
    """An app that answers on a port of this machine."""

    url: str
    app: Flask


@contextmanager
def served(app: Flask) -> Iterator[Served]:
    """Serve the app on a free port, in a thread, until the block ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@cache
def _chromium() -> Path | None:
    return chromium_path()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's own process, one for the session."""
    _chromium()  # it may ask a Playwright of its own, and there can be only one at a time
    with sync_playwright() as running:
        yield running


def launch(playwright: Playwright, camera: Path | None = None) -> Browser:
    """Start Chromium; ``camera`` is a Y4M file that its camera shows in a loop. No Chromium: a failure."""
    path = _chromium()
    if path is None:
        pytest.fail("No Chromium: run `python -m tests.chromium`, or set HILO_CHROMIUM")
    shows = [f"--use-file-for-fake-video-capture={camera}"] if camera else []
    return playwright.chromium.launch(executable_path=str(path), headless=True, args=[*LAUNCH, *shows])


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """One Chromium for the session, without a camera file."""
    running = launch(playwright)
    yield running
    running.close()


PageOf = Callable[..., Page]


@pytest.fixture
def page_of(browser: Browser) -> Iterator[PageOf]:
    """``page_of(url, **context options)`` opens a page of its own; faults in its console fail the test."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def opened(url: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]  # Playwright's own keyword names
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    faults = [fault for watch in watches for fault in watch.faults]
    assert not faults, f"the browser's console says: {faults}"


class Watch:
    """Collects what a page complains about: refusals of the policy and uncaught errors."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))

    def _hear(self, kind: str, said: str) -> None:
        if "Content Security Policy" in said or (kind == "error" and "Failed to load resource" not in said):
            self.faults.append(said)


#: A hand scanner's pace, in seconds a character.
PACE = 0.008


def scan_by_hand(page: Page, text: str, suffix: str = "Enter") -> None:
    """Type as a hand scanner does: trusted key events in one burst, with Enter (or nothing) at the end.

    Each event carries the time a scanner would have given it, so that a busy machine does not slow the gun.
    """
    session = page.context.new_cdp_session(page)
    began = time.time()
    keys = [*text, *([suffix] if suffix else [])]
    for at, key in enumerate(keys):
        _key(session.send, key, began + at * PACE)
    session.detach()


def _key(send: Callable[..., object], key: str, at: float) -> None:
    # Only letters and digits have their own number as key code: 46 would be Delete, not a full stop.
    plain = ord(key.upper()) if len(key) == 1 and key.isascii() and key.isalnum() else 0
    code = {"Enter": 13, "Tab": 9, " ": 32}.get(key, plain)
    text = {"Enter": "\r", "Tab": ""}.get(key, key)
    named = {"key": key, "text": text, "code": key if len(key) > 1 else "", "windowsVirtualKeyCode": code}
    send("Input.dispatchKeyEvent", {"type": "keyDown", "timestamp": at, **named})
    send("Input.dispatchKeyEvent", {"type": "keyUp", "timestamp": at + PACE / 2, **named})


def axe(page: Page, grave: Sequence[str] = ("serious", "critical")) -> list[str]:
    """What axe finds of the given gravity, one line each; an empty list is what we want."""
    page.evaluate(AXE.read_text(encoding="utf-8") + ";0")
    found: list[str] = page.evaluate(ASK_AXE, [WCAG, list(grave)])
    return found


Frame = NDArray[np.uint8]


def scene(*labels: Image.Image, size: tuple[int, int] = SIZE, tilt: float = 4.0, light: int = 168) -> Frame:
    """What a camera sees: printed labels on a bag, a little turned, in uneven light. Grey, height × width."""
    picture = Image.new("L", size, light)
    for at, label in enumerate(labels):
        turned = label.convert("L").rotate(
            tilt * (-1) ** at, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=light
        )
        centre = size[0] * (2 * at + 1) // (2 * len(labels))
        picture.paste(turned, (centre - turned.width // 2, (size[1] - turned.height) // 2))
    across = np.linspace(0.86, 1.0, size[0], dtype=np.float32)
    noise = np.random.default_rng(7).normal(0, 4, (size[1], size[0])).astype(np.float32)
    lit: Frame = np.clip(np.asarray(picture, dtype=np.float32) * across + noise, 0, 255).astype(np.uint8)
    return lit


def camera_file(path: Path, frames: Sequence[Frame], repeat: int = 3) -> Path:
    """Write frames as the Y4M file a fake camera plays: 10 a second, grey. ``path`` must end in .y4m."""
    height, width = frames[0].shape
    neutral = bytes([128]) * (width * height // 2)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode())
        for frame in frames:
            for _ in range(repeat):
                film.write(b"FRAME\n" + frame.tobytes() + neutral)
    return path


def until(found: Callable[[], bool], seconds: float = 15.0) -> None:
    """Wait until something is so; the page's policy forbids Playwright's own way of asking."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the page, when HILO_PICTURES names a folder for them."""
    if folder := os.environ.get("HILO_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
