"""The camera: printed codes in front of a real Chromium."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qrcode
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Playwright, expect

from tests.browser import Frame, Served, Watch, camera_file, launch, picture, scene

pytestmark = pytest.mark.browser
BAG = "B7K3M9QX2D4F6G8H"
OTHER = "B9X3M9QX2D4F6G8H"


def label(text: str, module: int = 6) -> Image.Image:
    """A printed label as the camera sees it: the QR at so many pixels a module, a line of text below."""
    symbol = qrcode.QRCode(
        version=1, error_correction=qrcode.constants.ERROR_CORRECT_Q, box_size=module, border=4
    )
    symbol.add_data(text)
    symbol.make(fit=False)
    code = symbol.make_image().get_image().convert("L")
    face = Image.new("L", (code.width + 120, code.height + 24), 245)
    face.paste(code, (0, 0))
    ImageDraw.Draw(face).text((12, code.height + 4), f"MSC-25-001-B01  {text}", fill=20)
    return face


CameraPage = Callable[[list[Frame]], Page]


@pytest.fixture
def seeing(playwright: Playwright, site: Served, tmp_path: Path) -> Iterator[CameraPage]:
    """``seeing(frames)`` opens the bedside page with its camera on those frames."""
    closing: list[Callable[[], None]] = []
    watches: list[Watch] = []

    def opened(frames: list[Frame]) -> Page:
        browser = launch(playwright, camera_file(tmp_path / "scene.y4m", frames))
        closing.append(browser.close)
        page = browser.new_page(viewport={"width": 820, "height": 1180})
        watches.append(Watch(page))
        page.goto(f"{site.url}/bedside")
        page.get_by_role("button", name="Use camera").click()
        return page

    yield opened
    for close in closing:
        close()
    assert [fault for watch in watches for fault in watch.faults] == []


def test_a_printed_label_before_the_camera_is_read(seeing: CameraPage, site: Served) -> None:
    """From pixels to the server; the policy of the page allows no WebAssembly, the worker's own does."""
    page = seeing([scene(label(BAG))])
    expect(page.locator("h1")).to_have_text("GO", timeout=15_000)
    (scan,) = site.app.extensions["demo"]
    assert (scan["code"], scan["scan_by"]) == (BAG, "camera")


def test_a_small_code_is_read_by_the_enlarged_middle(seeing: CameraPage, site: Served) -> None:
    """Two pixels a module: the whole frame alone does not decide."""
    page = seeing([scene(label(BAG, 2))])
    expect(page.locator("h1")).to_have_text("GO", timeout=15_000)
    assert site.app.extensions["demo"][0]["code"] == BAG


def test_two_codes_in_view_are_refused(seeing: CameraPage, site: Served) -> None:
    page = seeing([scene(label(BAG), label(OTHER))])
    expect(page.locator("[data-camera-status]")).to_have_text(
        "Cover one code: two are in view.", timeout=15_000
    )
    picture(page, "web-camera-two-codes")
    page.wait_for_timeout(1500)
    assert site.app.extensions["demo"] == []


def test_the_camera_stops_when_the_page_is_hidden_and_starts_again(seeing: CameraPage) -> None:
    """Black pictures after a switch of apps are cured by opening the camera again."""
    page = seeing([scene()])
    expect(page.locator("[data-camera-status]")).to_have_text(
        "Hold the code inside the frame.", timeout=15_000
    )
    hide = """(state) => {
        Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        return document.querySelector('video').srcObject === null;
    }"""
    assert page.evaluate(hide, "hidden")
    page.evaluate(hide, "visible")
    expect(page.locator("[data-camera-status]")).to_have_text("Hold the code inside the frame.")
    assert page.evaluate("document.querySelector('video').srcObject.active")


def test_a_photo_is_read_where_the_camera_cannot_stream(
    seeing: CameraPage, site: Served, tmp_path: Path
) -> None:
    page = seeing([scene()])
    Image.fromarray(scene(label(BAG))).save(tmp_path / "photo.png")
    page.set_input_files("[data-camera-file]", tmp_path / "photo.png")
    expect(page.locator("h1")).to_have_text("GO", timeout=15_000)
    assert site.app.extensions["demo"][0]["code"] == BAG


def test_a_photo_without_a_code_says_what_to_do(seeing: CameraPage, tmp_path: Path) -> None:
    page = seeing([scene()])
    Image.fromarray(scene()).save(tmp_path / "photo.png")
    page.set_input_files("[data-camera-file]", tmp_path / "photo.png")
    expect(page.locator("[data-camera-status]")).to_contain_text(
        "No code found in this photo", timeout=15_000
    )


LOOKS = """async (looks) => {
    const { Agreement } = await import('/static/js/agree.mjs');
    const agreement = new Agreement();
    return looks.map(([texts, closeUp]) => {
        const { accepted, hint } = agreement.look({ texts, seen: texts.length, closeUp });
        return accepted ?? hint ?? '';
    });
}"""


@pytest.mark.parametrize(
    ("looks", "answers"),
    [
        ([[["A"], True], [["A"], False]], ["", "A"]),
        ([[["A"], True], [[], False], [["A"], True]], ["", "", "A"]),
        ([[["A"], False], [["B"], True], [["B"], False]], ["", "two", "two"]),
        ([[["A"], True], [["A", "B"], False], [["A"], True], [["A"], False]], ["", "two", "two", "two"]),
        ([[["A"], True], *[[[], False]] * 9, [["A"], True]], [""] * 11),
    ],
)
def test_a_code_counts_when_two_looks_agree_and_no_other_is_near(
    site: Served, page_of: Callable[..., Page], looks: list[object], answers: list[str]
) -> None:
    """The rule of the camera, look by look: (texts seen, enlarged middle or whole frame) and the answer."""
    assert page_of(site.url).evaluate(LOOKS, looks) == answers
