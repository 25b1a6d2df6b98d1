"""The worked example on a port, and devices to walk it with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

from app.site import Site
from tests.browser import Frame, Served, camera_file, launch, served
from tests.journeys.hands import TABLET, Device
from tests.webapp import web

DeviceOf = Callable[..., Device]


@pytest.fixture
def place(story: Site) -> Iterator[Served]:
    """The whole application over this test's copy of the story."""
    with served(web(story)) as running:
        yield running


@pytest.fixture
def device(browser: Browser, place: Served) -> Iterator[DeviceOf]:
    """``device(size)`` is a tablet, or a desk; what its console complained of fails the test."""
    made: list[Device] = []

    def new(size: dict[str, int] = TABLET) -> Device:
        made.append(Device(browser, place, size))
        return made[-1]

    yield new
    for one in made:
        one.context.close()
    assert [fault for one in made for fault in one.watch.faults] == []


@pytest.fixture
def seeing(playwright: Playwright, place: Served, tmp_path: Path) -> Iterator[DeviceOf]:
    """``seeing(frames)`` is a tablet whose camera shows these frames in a loop."""
    with ExitStack() as closing:
        made: list[Device] = []

        def new(frames: list[Frame]) -> Device:
            running = launch(playwright, camera_file(tmp_path / "scene.y4m", frames))
            closing.callback(running.close)
            made.append(Device(running, place, TABLET))
            return made[-1]

        yield new
        assert [fault for one in made for fault in one.watch.faults] == []
