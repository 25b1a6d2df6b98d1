"""A bar for each bead, so that the eye finds the high ones; the number stands beside it."""

from decimal import Decimal

from markupsafe import Markup

from app.hla.beads import Zone
from app.web.svg import tag


def bar(mfi: Decimal | None, full: Decimal, zone: Zone | None) -> Markup:
    """A bar of this MFI where ``full`` fills it; empty without a number. It is hidden from screen readers."""
    part = 0.0 if mfi is None or full <= 0 else float(min(max(mfi, Decimal(0)) / full, Decimal(1))) * 100
    return tag(
        "svg",
        tag("rect", width=part, height=10, class_=f"mfi-{zone.value}" if zone else None),
        class_="mfi",
        viewBox="0 0 100 10",
        preserveAspectRatio="none",
        aria_hidden="true",
        focusable="false",
    )
