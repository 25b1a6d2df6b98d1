"""A run imported for the wrong recipient is withdrawn: it stays in the record and no longer counts."""

from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import select

from app.access.models import Role
from app.antibodies import queries, rules, sera
from app.antibodies.fusion import DateOrder
from app.antibodies.models import BeadRun, RunWithdrawal, Serum
from app.antibodies.operations import import_beads
from app.antibodies.withdrawing import withdraw_run
from app.evidence.models import Signature
from app.evidence.verify import verify
from app.hla.calls import CallKind
from app.kernel.refusals import Refusal
from app.recipients.models import Recipient
from app.site import Site
from tests.antibodies.factories import NOW, bead_file, imported, laboratory, recipient, serum
from tests.donors.factories import someone
from tests.factories import act, proof
from tests.followup.factories import promised
from tests.webapp import client_of, web

DAY = date(2025, 4, 28)
WHY = "These are the beads of LN-02: two tubes were exchanged"


def withdraw(site: Site, code: str, run_id: int, reason: str = WHY) -> RunWithdrawal | Refusal:
    who = laboratory(site)
    with act(site, who, NOW) as work:
        return withdraw_run(work, code, run_id, reason, proof(who))


@pytest.fixture
def wrong(site: Site) -> tuple[Serum, BeadRun]:
    """LN-01 is promised cells of D-0007, and got the strong beads of somebody else."""
    recipient(site, "LN-01")
    promised(site, "LN-01")
    return imported(site, "LN-01", DAY, {"A*24:02": 4200})


def calls(site: Site, of: Serum) -> dict[str, CallKind]:
    with site.db.reading() as db:
        return {call.target: call.call for call in queries.calls_of(db, of.id or 0)}


def test_a_withdrawn_run_leaves_no_call_of_its_own(site: Site, wrong: tuple[Serum, BeadRun]) -> None:
    made, run = wrong
    assert calls(site, made)["A*24:02"] is CallKind.DSA
    assert isinstance(withdraw(site, made.code, run.id or 0), RunWithdrawal)
    left = calls(site, made)
    assert left["A*24:02"] is CallKind.NOT_TESTED
    assert set(left.values()) <= {CallKind.NOT_TESTED, CallKind.SHARED}
    with site.db.reading() as db:
        assert verify(db).ok
        assert [peak.mfi for peak in queries.peaks(db, made.recipient_id, 1)] == [None]


def test_the_crossmatch_no_longer_sees_a_serum_whose_run_was_withdrawn(
    site: Site, wrong: tuple[Serum, BeadRun]
) -> None:
    made, run = wrong
    withdraw(site, made.code, run.id or 0)
    with site.db.reading() as db:
        assert queries.latest_serum(db, made.recipient_id) is None
        assert queries.verdict_against(db, made.recipient_id, [1])[0].worst is None


def test_the_run_stays_as_read_with_the_reason_and_the_signature(
    site: Site, wrong: tuple[Serum, BeadRun]
) -> None:
    made, run = wrong
    withdraw(site, made.code, run.id or 0)
    with site.db.reading() as db:
        (line,) = queries.imports(db, made.id)
        assert line.withdrawn == WHY and not line.superseded and not line.counts
        assert queries.bead_table(db, run.id or 0)
        signed = db.exec(select(Signature).where(Signature.subject_code == made.code)).one()
        assert WHY in signed.record


def test_the_same_file_may_then_go_to_the_recipient_whose_it_is(site: Site) -> None:
    recipient(site, "LN-01")
    recipient(site, "LN-02")
    first, second = serum(site, "LN-01", DAY), serum(site, "LN-02", DAY)
    data = bead_file(("S1", DAY, {"A*24:02": 4200}))

    def take(code: str) -> list[BeadRun] | Refusal:
        with act(site, laboratory(site), NOW) as work:
            return import_beads(work, data, "export.csv", DateOrder.MONTH_FIRST, {"S1": code})

    wrong = take(first.code)
    again = take(second.code)
    assert isinstance(wrong, list) and isinstance(again, Refusal)
    assert again.reason is rules.Why.FILE_OF_ANOTHER
    withdraw(site, first.code, wrong[0].id or 0)
    assert isinstance(take(second.code), list)


def test_new_results_of_a_serum_take_the_place_of_withdrawn_ones(
    site: Site, wrong: tuple[Serum, BeadRun]
) -> None:
    made, run = wrong
    withdraw(site, made.code, run.id or 0)
    data = bead_file(("S2", DAY, {"A*24:02": 240}), patient="LN-01")
    with act(site, laboratory(site), NOW) as work:
        runs = import_beads(work, data, "right.csv", DateOrder.MONTH_FIRST, {"S2": made.code})
        assert isinstance(runs, list) and runs[0].supersedes_id == run.id and runs[0].reason
    assert calls(site, made)["A*24:02"] is CallKind.NEG
    with site.db.reading() as db:
        assert [peak.mfi for peak in queries.peaks(db, made.recipient_id, 1)] == [Decimal(240)]
        assert [one.id for one in sera.standing_runs(db, made.id or 0)] == [runs[0].id]
        assert verify(db).ok


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("twice", rules.Why.ALREADY_WITHDRAWN),
        ("unknown", rules.Why.RUN_UNKNOWN),
        ("no reason", rules.Why.REASON_MISSING),
        ("replaced", rules.Why.RUN_REPLACED),
    ],
)
def test_a_withdrawal_is_refused_in_words(
    site: Site, wrong: tuple[Serum, BeadRun], change: str, why: rules.Why
) -> None:
    made, run = wrong
    number = run.id or 0
    if change == "twice":
        withdraw(site, made.code, number)
    if change == "replaced":
        data = bead_file(("S3", DAY, {}), patient="LN-01")
        with act(site, laboratory(site), NOW) as work:
            import_beads(work, data, "b.csv", DateOrder.MONTH_FIRST, {"S3": made.code}, "run again")
    answer = withdraw(
        site, made.code, number + 99 * (change == "unknown"), "" if change == "no reason" else WHY
    )
    assert isinstance(answer, Refusal) and answer.reason is why and answer.next_step


def test_the_page_of_a_withdrawal_asks_for_the_password(site: Site, wrong: tuple[Serum, BeadRun]) -> None:
    made, run = wrong
    client = client_of(site, web(site), laboratory(site))
    path = f"/antibodies/sera/{made.code}/runs/{run.id}/withdrawal"
    form = {"reason": WHY, "sign_in": "hla-lab", "password": "wrong", "csrf_token": client.token(path)}  # type: ignore[attr-defined]  # PolicedClient's
    page = client.post(path, data=form)
    assert page.status_code == 422 and WHY in page.get_data(as_text=True)
    assert client.post(path, data={**form, "reason": ""}).status_code == 422
    assert client.get(f"/antibodies/sera/{made.code}/runs/9999/withdrawal").status_code == 404


def test_the_page_of_the_serum_shows_what_was_withdrawn_and_why(
    site: Site, wrong: tuple[Serum, BeadRun]
) -> None:
    made, run = wrong
    client = client_of(site, web(site), someone(site, Role.LABORATORY, "lab-2"))
    assert f"withdraw run {run.id}" in client.get(f"/antibodies/sera/{made.code}").get_data(as_text=True)
    withdraw(site, made.code, run.id or 0)
    page = client.get(f"/antibodies/sera/{made.code}").get_data(as_text=True)
    assert "WITHDRAWN" in page and WHY in page
    assert "withdrawn" in client.get("/antibodies").get_data(as_text=True)


def test_nobody_s_recipient_is_untouched_by_a_withdrawal(site: Site, wrong: tuple[Serum, BeadRun]) -> None:
    other = recipient(site, "LN-02")
    mine, _ = imported(site, "LN-02", DAY, {"B*35:01": 3200})
    made, run = wrong
    withdraw(site, made.code, run.id or 0)
    with site.db.reading() as db:
        latest = queries.latest_serum(db, other.id or 0)
        assert latest is not None and latest.code == mine.code
        assert db.exec(select(Recipient)).all()
