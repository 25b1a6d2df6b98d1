"""May this notice be marked as read?"""

from enum import StrEnum

from app.kernel.refusals import Refusal
from app.kernel.speech import say


class Why(StrEnum):
    """Every reason this room says no."""

    NO_SUCH_NOTICE = "no_such_notice"


def no_such_notice() -> Refusal:
    """The notice is somebody else's, or what it was about is over."""
    return Refusal(
        Why.NO_SUCH_NOTICE,
        say("This notice is not among yours now."),
        say("What it was about may be settled. Look at the list of notices again."),
    )
