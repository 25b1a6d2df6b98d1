"""Over random histories of a donor, what came from them is held as soon as it must be, and for as long.

What must be held is worked out here from the sentences of the rule, deed by deed, and what came from the
donor by walking the edges one by one; no code of the rooms is used for either.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

from app.concerns.models import Ends, Hold, SubjectKind
from app.concerns.operations import lift_hold
from app.custody.models import PlaceKind
from app.custody.operations import issue_unit
from app.custody.rules import Why
from app.donors.forms import SupersedingForm, WithdrawalForm
from app.donors.models import DonorState, Marker, Outcome, Screening, Verdict, Withdrawn
from app.donors.operations import record_marker, supersede_marker, withdraw_consent
from app.donors.queries import results_of, standing_results
from app.kernel.refusals import Refusal
from app.lots.models import Donation, Edge, Unit
from app.site import Site, open_site
from app.trace.standings import standings
from tests.custody.factories import ISSUED_AT, bank, carrier, issued, place, set_aside, stored
from tests.databases import PostgreSQL, settings_in
from tests.donors.factories import (
    PANEL,
    SCREENED_AT,
    decide,
    decider,
    donor_of,
    marker_form,
    technologist,
)
from tests.factories import act, proof
from tests.labeling.factories import labelled
from tests.quality.factories import released_lot

#: Reactive, these exclude a donor by themselves.
EXCLUDE = {
    Marker.ANTI_HIV_1_2, Marker.HBSAG, Marker.ANTI_HCV, Marker.ANTI_HTLV_I_II,
    Marker.NAT_HIV, Marker.NAT_HBV, Marker.NAT_HCV,
}  # fmt: skip
#: Reactive, these are for somebody to assess.
ASSESS = {Marker.ANTI_HBC, Marker.SYPHILIS_SPECIFIC}
MARKERS = [*PANEL, Marker.ANTI_CMV]
BAGS = 3
_lots = count(1)
_minutes = count(1)
RESULTS = st.tuples(
    st.sampled_from(["result", "supersede"]), st.sampled_from(MARKERS), st.sampled_from(list(Outcome))
)
OTHERS = st.tuples(st.sampled_from(["decide", "research", "everything", "lift"]), st.none(), st.none())
DEEDS = st.lists(st.one_of(RESULTS, RESULTS, OTHERS), min_size=1, max_size=6)


@dataclass
class Donor:
    """A donor with a lot and all its units, and what must be so of them by the sentences of the rule."""

    screening: Screening
    lot: str
    units: list[str]
    deferred: bool = False
    waiting: bool = False
    withdrawn: bool = False
    #: Whether anything ever happened that could hold.
    touched: bool = field(default=False)

    @property
    def must_be_held(self) -> bool:
        """A deferral and a consent taken back hold for good, a result to assess until a signed decision."""
        return self.deferred or self.waiting or self.withdrawn

    def learns(self, marker: Marker, outcome: Outcome) -> None:
        """A result that came after the decision."""
        if self.deferred:
            return
        reactive, unclear = outcome is Outcome.REACTIVE, outcome is Outcome.INDETERMINATE
        if reactive and marker in EXCLUDE:
            self.deferred = True
        elif (reactive and marker in ASSESS) or (unclear and marker in {*EXCLUDE, Marker.ANTI_HBC}):
            self.waiting = True
        self.touched |= outcome is not Outcome.NON_REACTIVE and marker is not Marker.ANTI_CMV


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def living(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose history goes on from case to case, each with a donor and a lot of its own."""
    folder = tmp_path_factory.mktemp("donors")
    if request.param == "sqlite":
        (folder / "hilo.sqlite3").write_bytes(request.getfixturevalue("sqlite_file").read_bytes())
        site = open_site(settings_in(folder))
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        site = open_site(settings_in(folder, *server.fresh()))
    place(site, "WARD-4", PlaceKind.WARD)
    carrier(site)
    yield site
    site.db.close()


def donor_with_bags(site: Site) -> Donor:
    """A released lot of a donor of its own: a bag on its way, one to be issued next, one in the tank."""
    lot = released_lot(site, BAGS, code=f"MSC-{10 + next(_lots)}-001").code
    with site.db.reading() as db:
        tissue = db.exec(select(Donation).order_by(col(Donation.id).desc())).first()
        assert tissue is not None
        screening = db.exec(select(Screening).where(Screening.donor_id == tissue.donor_id)).one()
    for number in range(1, BAGS + 1):
        labelled(site, f"{lot}-B{number:02d}")
        stored(site, f"{lot}-B{number:02d}")
    set_aside(site, f"{lot}-B01")
    issued(site, f"{lot}-B01")
    set_aside(site, f"{lot}-B02")
    units = came_from(site, screening.donor_id)
    assert len(units) > BAGS
    return Donor(screening, lot, units)


def came_from(site: Site, donor_id: int) -> list[str]:
    """Codes of all units of the donor: from each donation along every edge, one at a time."""
    with site.db.reading() as db:
        units = {one.id: one for one in db.exec(select(Unit)).all()}
        edges = [(edge.parent_id, edge.child_id) for edge in db.exec(select(Edge)).all()]
        donations = {one.id for one in db.exec(select(Donation)).all() if one.donor_id == donor_id}
    found = {key for key, unit in units.items() if unit.donation_id in donations}
    while more := {child for parent, child in edges if parent in found} - found:
        found |= more
    return [units[key].code for key in found]


def happens(site: Site, donor: Donor, deed: tuple[str, Marker | None, Outcome | None]) -> None:
    """Do one deed, and keep account of what must follow from it."""
    name, marker, outcome = deed
    code = donor_of(site, donor.screening).code
    at = SCREENED_AT + timedelta(days=60, minutes=next(_minutes))
    if marker is not None and outcome is not None:
        if arrives(site, donor, name, marker, outcome):
            donor.learns(marker, outcome)
    elif name == "decide":
        answer = decide(site, donor.screening, Verdict.ELIGIBLE, "Assessed.", SCREENED_AT + timedelta(days=1))
        donor.waiting &= isinstance(answer, Refusal)
    elif name == "lift":
        waiting_is_not_lifted_by_hand(site, code)
    else:
        form = WithdrawalForm(scope=Withdrawn(name), withdrawn_on=at.date(), reason="Wishes so.")
        with act(site, technologist(site), at) as work:
            taken = withdraw_consent(work, code, form)
        if name == "everything" and not isinstance(taken, Refusal):
            donor.withdrawn = donor.touched = True


def arrives(site: Site, donor: Donor, name: str, marker: Marker, outcome: Outcome) -> bool:
    """A new result, or one in the place of an earlier one; whether it was kept."""
    at = SCREENED_AT + timedelta(days=60, minutes=next(_minutes))
    form = marker_form(marker, outcome, SCREENED_AT)
    with site.db.reading() as db:
        rows = standing_results(results_of(db, donor.screening.donor_id))
        old = next((one.id for one in rows if one.marker is marker), None)
    with act(site, technologist(site), at) as work:
        if name == "supersede" and old is not None:
            given = form.model_dump(exclude={"marker"})
            answer: object = supersede_marker(work, old, SupersedingForm(**given, reason="Read anew."))
        else:
            answer = record_marker(work, donor.screening.code, form)
    return not isinstance(answer, Refusal)


def waiting_is_not_lifted_by_hand(site: Site, donor_code: str) -> None:
    for hold in standing_holds(site, donor_code):
        if hold.ends is Ends.BY_RISK_ASSESSMENT:
            signer = decider(site)
            with act(site, signer, SCREENED_AT + timedelta(days=90)) as work:
                assert isinstance(lift_hold(work, hold.code, "Looks harmless.", proof(signer)), Refusal)


def standing_holds(site: Site, donor_code: str) -> list[Hold]:
    """Holds on the donor that nobody lifted, read straight from the table."""
    with site.db.reading() as db:
        rows = db.exec(select(Hold)).all()
    return [
        one
        for one in rows
        if (one.subject_kind, one.subject_code) == (SubjectKind.DONOR, donor_code) and one.lifted_at is None
    ]


def consequences_hold(site: Site, donor: Donor) -> None:
    """Everything that came from them is held exactly when something must hold it, wherever it now is."""
    someone = donor_of(site, donor.screening)
    held = bool(standing_holds(site, someone.code))
    assert held or not donor.must_be_held, "something must hold what came from them"
    assert donor.touched or not held, "nothing speaks against the donor"
    assert (someone.state is DonorState.DEFERRED) == donor.deferred
    with site.db.reading() as db:
        told = standings(db, SubjectKind.UNIT, donor.units)
    assert {told[code].held for code in donor.units} == {held}
    answer = next_issue(site, f"{donor.lot}-B02")
    stopped = isinstance(answer, Refusal) and answer.reason is Why.ON_HOLD
    assert stopped == held, "a held bag leaves the bank, or a bag stays for nothing"


class _Undone(Exception):
    """Ends an act that was only tried."""


def next_issue(site: Site, unit: str) -> object:
    """What the bank would be told if it gave out this bag now; it is not given out."""
    taker, answer = carrier(site).sign_in, object()
    with suppress(_Undone), act(site, bank(site), ISSUED_AT) as work:
        answer = issue_unit(work, unit, "WARD-4", taker, "frozen, intact", Decimal(-165))
        raise _Undone
    return answer


def test_what_came_from_a_donor_is_held_whenever_it_must_be(living: Site) -> None:
    beside = donor_with_bags(living)

    @settings(
        max_examples=8,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(deeds=DEEDS)
    def over_any_history(deeds: list[tuple[str, Marker | None, Outcome | None]]) -> None:
        donor = donor_with_bags(living)
        for deed in deeds:
            happens(living, donor, deed)
            consequences_hold(living, donor)

    over_any_history()
    consequences_hold(living, beside)
