"""Recipients for tests of this and later rooms, made by the real operations."""

from datetime import date, timedelta

from app.access.models import Person
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.recipients.consents import record_consent, withdraw_consent
from app.recipients.forms import ConsentForm, ConsentWithdrawalForm, IdentityForm
from app.recipients.models import ConsentScope, Recipient, Wristband
from app.recipients.operations import apply_wristband, print_wristband, register_recipient
from app.recipients.queries import by_code, consents_of
from app.site import Site
from tests.factories import AT, act


def identity(number: int = 1) -> IdentityForm:
    """An invented patient; each number another one."""
    return IdentityForm(
        family_name="Example",
        given_name=f"Maria {'I' * number}",
        born_on=date(1984, 5, number),
        record_number=f"7K3M-{number:04d}",
    )


def recipient(
    site: Site, by: Person, code: str = "LN-01", number: int = 1, *, consents: bool = True
) -> Recipient:
    """A registered recipient who (unless said otherwise) signed the consent."""
    with act(site, by) as work:
        made = register_recipient(work, identity(number), "lupus nephritis, class IV", code)
        assert not isinstance(made, Refusal), made
        if consents:
            signed = record_consent(work, code, consent_form())
            assert not isinstance(signed, Refusal), signed
    return made


def consent_form(**more: object) -> ConsentForm:
    """A consent signed ten days before most test stories."""
    given: dict[str, object] = {
        "signed_on": AT.date() - timedelta(days=10),
        "form_version": "2.1",
        "scope": ConsentScope.TREATMENT_AND_FOLLOW_UP,
        "kept_at": "Ward folder 4, sheet 1",
    }
    return ConsentForm.model_validate(given | more)


def wristband(site: Site, by: Person, code: str = "LN-01") -> Wristband:
    """A wristband that was printed and put on."""
    with act(site, by) as work:
        printed = print_wristband(work, code)
    assert not isinstance(printed, Refusal), printed
    with act(site, by) as work:
        applied = apply_wristband(work, printed.wristband.serial, code)
    assert not isinstance(applied, Refusal), applied
    return applied


def withdraw(site: Site, code: str) -> None:
    """The recipient takes the latest consent back."""
    with site.db.reading() as db:
        known = by_code(db, code)
        assert known is not None
        latest = consents_of(db, known.id or 0)[0]
    form = ConsentWithdrawalForm(
        consent=latest.code, withdrawn_on=AT.date(), withdrawn_reason="wishes no further treatment"
    )
    with site.db.act(SYSTEM, AT) as work:
        assert not isinstance(withdraw_consent(work, code, form), Refusal)
