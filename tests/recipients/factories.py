"""Recipients for tests of this and later rooms, made by the real operations."""

from datetime import date

from app.access.models import Person
from app.kernel.refusals import Refusal
from app.recipients.forms import IdentityForm
from app.recipients.models import Recipient, Wristband
from app.recipients.operations import apply_wristband, print_wristband, register_recipient
from app.site import Site
from tests.factories import act


def identity(number: int = 1) -> IdentityForm:
    """An invented patient; each number another one."""
    return IdentityForm(
        family_name="Example",
        given_name=f"Maria {'I' * number}",
        born_on=date(1984, 5, number),
        record_number=f"7K3M-{number:04d}",
    )


def recipient(site: Site, by: Person, code: str = "LN-01", number: int = 1) -> Recipient:
    """A registered recipient."""
    with act(site, by) as work:
        made = register_recipient(work, identity(number), "lupus nephritis, class IV", code)
    assert not isinstance(made, Refusal), made
    return made


def wristband(site: Site, by: Person, code: str = "LN-01") -> Wristband:
    """A wristband that was printed and put on."""
    with act(site, by) as work:
        printed = print_wristband(work, code)
    assert not isinstance(printed, Refusal), printed
    with act(site, by) as work:
        applied = apply_wristband(work, printed.wristband.serial, code)
    assert not isinstance(applied, Refusal), applied
    return applied
