"""The donors' windows as a picture: one row a donor, today a line, what is about to close in its own look."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup

from app.donors.models import DonorState
from app.donors.windows import DonorWindow
from app.kernel.speech import say
from app.web.pages import date_words
from app.web.svg import canvas, join, line, tag, text

#: Days shown before and after today.
BEFORE, AHEAD = 35, 70
#: Measures of the picture.
WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 980, 100, 150, 34, 34, 16
#: How each standing is drawn: the looks of windows in the stylesheet.
TONES = {"may_give": "plain", "closing": "late"}


def picture(windows: Sequence[DonorWindow], today: date) -> Markup | None:
    """The windows of eligible donors; None where no donor is eligible."""
    shown = [window for window in windows if window.state is DonorState.ELIGIBLE]
    if not shown:
        return None
    height = TOP + ROW * len(shown) + 12
    rows = [_row(window, today, TOP + ROW * at) for at, window in enumerate(shown)]
    return canvas(
        "donor-windows",
        WIDTH,
        height,
        say("Donation windows"),
        say(
            "{shown} eligible donors, {BEFORE} days before today to {AHEAD} after, as in the table.",
            shown=len(shown),
            BEFORE=BEFORE,
            AHEAD=AHEAD,
        ),
        _axis(today, height),
        join(rows),
        line(_across(today, today), TOP - 6, _across(today, today), height, "mark-line"),
        text(_across(today, today), TOP - 10, "today", "strong", "middle"),
    )


def _across(day: date, today: date) -> float:
    part = ((day - today).days + BEFORE) / (BEFORE + AHEAD)
    return LEFT + max(0.0, min(1.0, part)) * (WIDTH - LEFT - RIGHT)


def _axis(today: date, height: float) -> Markup:
    """A line every four weeks, told in weeks from today."""
    parts = []
    for days in range(-28, AHEAD + 1, 28):
        if days:
            x = _across(today + timedelta(days=days), today)
            parts += [
                line(x, TOP - 6, x, height, "grid"),
                text(x, TOP - 10, say("{weeks:+d} weeks", weeks=days // 7), "", "middle"),
            ]
    return join(parts)


def _row(window: DonorWindow, today: date, top: float) -> Markup:
    """The donor's code, the days of the window as a bar, and its last day beside it."""
    middle = top + ROW / 2
    standing = window.standing(today)
    said, end, bar = say("a new sample is needed"), _across(today, today), Markup("")
    if standing in TONES:
        closes = window.closes_on
        said = say("until {day}", day=date_words(closes)) if closes else say("no end in sight")
        last = window.closes_on or today + timedelta(days=AHEAD)
        start, end = _across(window.opened_on or today, today), _across(last + timedelta(days=1), today)
        bar = tag(
            "rect",
            tag("title", say("{code}: may give {said}", code=window.code, said=said)),
            x=start,
            y=middle - BAR / 2,
            width=max(end - start, 2),
            height=BAR,
            rx=3,
            class_=f"window window-{TONES[standing]}",
        )
    return tag(
        "g",
        text(8, middle + 5, window.code, "strong"),
        line(LEFT, middle, WIDTH - RIGHT, middle, "grid"),
        bar,
        text(end + 8, middle + 5, said),
    )
