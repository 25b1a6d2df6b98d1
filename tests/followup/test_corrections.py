"""The date of a visit is put right with a reason, and what was thought before stays readable."""

from datetime import date

import pytest
from flask.testing import FlaskClient

from app.evidence.verify import verify
from app.followup import queries, rules
from app.followup.corrections import former_days, move_visit
from app.followup.models import Timepoint, Visit
from app.kernel.refusals import Refusal
from app.kernel.work import SYSTEM
from app.recipients.models import Recipient
from app.site import Site
from tests.access.factories import kinds
from tests.antibodies.factories import NOW, laboratory, recipient
from tests.factories import act
from tests.followup.factories import infused, promised
from tests.followup.test_operations import MONTH_1, MONTH_3, visit
from tests.followup.test_views import nurse

__all__ = ["nurse"]
WHY = "the day of the typing was entered"
PAGE = "/recipients/LN-01/visits/month_1"


@pytest.fixture
def treated(site: Site) -> Recipient:
    """LN-01 with one infusion on 6 May 2025, and the visit of month 1 entered on a wrong day."""
    made = recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    assert isinstance(visit(site, MONTH_1, date(2025, 7, 30)), Visit)
    return made


def move(site: Site, day: date, why: str = WHY, timepoint: Timepoint = MONTH_1) -> Visit | Refusal:
    with act(site, laboratory(site), NOW) as work:
        return move_visit(work, "LN-01", timepoint, day, why)


def reason(answer: object) -> object:
    assert isinstance(answer, Refusal), answer
    return answer.reason


@pytest.mark.usefixtures("treated")
def test_a_corrected_visit_is_judged_by_its_window_anew_and_its_former_day_stays(site: Site) -> None:
    with site.db.reading() as db:
        assert queries.visits_of(db, 1)[MONTH_1].in_window is False
    assert isinstance(move(site, date(2025, 6, 5)), Visit)
    with site.db.reading() as db:
        now = queries.visits_of(db, 1)[MONTH_1]
        assert (now.happened_on, now.in_window) == (date(2025, 6, 5), True)
        ((former, by),) = former_days(db, now)
        assert (former.was, former.became, former.reason) == (date(2025, 7, 30), date(2025, 6, 5), WHY)
        assert by and verify(db).ok
    assert "followup.visit_moved" in kinds(site)


@pytest.mark.usefixtures("treated")
def test_a_day_that_cannot_be_is_refused_and_nothing_moves(site: Site) -> None:
    assert reason(move(site, date(2025, 7, 30))) is rules.Why.SAME_DAY
    assert reason(move(site, date(2025, 5, 6))) is rules.Why.BEFORE_INFUSION
    assert reason(move(site, date(2026, 3, 3))) is rules.Why.VISIT_IN_FUTURE
    assert reason(move(site, date(2025, 6, 5), " ")) is rules.Why.REASON_NEEDED
    assert reason(move(site, date(2025, 9, 1), WHY, MONTH_3)) is rules.Why.VISIT_UNKNOWN
    with site.db.act(SYSTEM, NOW) as work:
        assert reason(move_visit(work, "LN-01", MONTH_1, date(2025, 6, 5), WHY)) is rules.Why.NO_PERSON
        assert reason(move_visit(work, "LN-77", MONTH_1, date(2025, 6, 5), WHY)) is (
            rules.Why.RECIPIENT_UNKNOWN
        )
    with site.db.reading() as db:
        assert queries.visits_of(db, 1)[MONTH_1].happened_on == date(2025, 7, 30)


@pytest.mark.usefixtures("treated")
def test_the_page_corrects_the_day_and_shows_the_former_one_struck_through(nurse: FlaskClient) -> None:
    form = {"happened_on": "2025-06-05", "reason": WHY}

    def post(**change: str) -> tuple[int, str]:
        token = nurse.token(PAGE)  # type: ignore[attr-defined]  # PolicedClient's
        answer = nurse.post(f"{PAGE}/day", data=form | change | {"csrf_token": token})
        return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)

    status, page = post(happened_on="5/6/2025")
    assert status == 422 and "year-month-day" in page
    status, page = post(happened_on="2025-05-01")
    assert status == 409 and "is not after the first infusion" in page
    assert post() == (303, PAGE)
    page = nurse.get(PAGE).get_data(as_text=True)
    assert '<span class="old"><time datetime="2025-07-30">' in page and WHY in page
    assert nurse.post("/recipients/LN-01/visits/month_2/day", data=form).status_code in (400, 404)
