"""Populations with their denominators: typed twice or from a table; corrected with a reason, never edited."""

import io
from datetime import date
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.access.models import Role
from app.cytometry.counting import Sample, import_counts, past_counts, record_counts, standing_counts
from app.cytometry.models import Gate, Population, PopulationValue, Source, Statistic
from app.cytometry.operations import import_flow, read_flow
from app.cytometry.populations import Kind, populations
from app.cytometry.rules import Why
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.tables import known
from app.recipients.queries import by_code
from app.site import Site
from tests.antibodies.factories import NOW, laboratory, recipient
from tests.cytometry.test_views import DATA
from tests.factories import act
from tests.webapp import client_of, web

DAY = date(2025, 4, 22)
TREG = Kind(Population.TREG, Gate.CD4, Statistic.PERCENT)
B_CELLS = Kind(Population.CD19, Gate.LYMPHOCYTES, Statistic.PERCENT)
TABLE = b"population,of,statistic,value\ntreg,cd4,percent,3.1\ncd19,lymphocytes,percent,14\n"
Answer = list[PopulationValue] | Refusal


@pytest.fixture(autouse=True)
def somebody(site: Site) -> None:
    """LN-01 is registered."""
    recipient(site, "LN-01")


def typed(site: Site, value: str, kind: Kind = TREG, day: date = DAY, **more: str) -> Answer:
    with act(site, laboratory(site), NOW) as work:
        return record_counts(work, Sample("LN-01", day, **more), {kind: Decimal(value)})


def table(site: Site, data: bytes) -> Answer:
    with act(site, laboratory(site), NOW) as work:
        return import_counts(work, Sample("LN-01", DAY), data, "counts.csv")


def refused(answer: Answer, why: Why) -> str:
    assert isinstance(answer, Refusal) and answer.reason is why and answer.next_step, answer
    return answer.sentence


def stands(site: Site) -> dict[tuple[date, Kind], Decimal]:
    with site.db.reading() as db:
        found = by_code(db, "LN-01")
        assert found is not None and verify(db).ok
        return {key: row.value for key, row in standing_counts(db, known(found.id)).items()}


def test_a_typed_value_keeps_its_denominator_and_version(site: Site) -> None:
    kept = typed(site, "3.1")
    assert isinstance(kept, list)
    assert (kept[0].gate, kept[0].source) == (Gate.CD4, Source.TYPED_TWICE)
    assert kept[0].populations_version == populations().version
    assert stands(site) == {(DAY, TREG): Decimal("3.1")}


def test_the_laboratorys_table_is_kept_with_its_values(site: Site) -> None:
    assert isinstance(table(site, TABLE), list)
    assert stands(site) == {(DAY, TREG): Decimal("3.1"), (DAY, B_CELLS): Decimal(14)}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"", "header"),
        (b"name,value\n", "header"),
        (b'population,of,statistic,value\n"treg,cd4', "quotes"),
        (b"population,of,statistic,value\ntreg,cd4,percent\n", "line 2"),
        (b"population,of,statistic,value\ntreg,blood,percent,3\n", "denominator"),
        (b"population,of,statistic,value\nhla_dr,cd14,percent,3\n", "not followed"),
        (b"population,of,statistic,value\ntreg,cd4,percent,3;1\n", "no number"),
        (b"population,of,statistic,value\ntreg,cd4,percent,3.111\n", "two digits"),
        (TABLE + b"treg,cd4,percent,3.2\n", "twice"),
        (TABLE + b"\n" * 300, "more lines"),
        (b"x" * 200_000, "far larger"),
    ],
)
def test_a_table_that_cannot_be_read_names_its_line_and_saves_nothing(
    site: Site, data: bytes, says: str
) -> None:
    assert says in refused(table(site, data), Why.TABLE_UNREADABLE)
    assert stands(site) == {}


def test_what_cannot_be_is_refused(site: Site) -> None:
    assert "61" in refused(typed(site, "61"), Why.NOT_PLAUSIBLE)
    refused(typed(site, "3.1", day=date(2031, 1, 1)), Why.COLLECTED_IN_FUTURE)
    with act(site, laboratory(site), NOW) as work:
        refused(record_counts(work, Sample("LN-99", DAY), {TREG: Decimal(3)}), Why.RECIPIENT_UNKNOWN)
        refused(record_counts(work, Sample("LN-01", DAY), {}), Why.NOTHING_COUNTED)


def test_ten_times_off_the_former_sample_is_asked_about(site: Site) -> None:
    typed(site, "3.1")
    later = date(2025, 4, 25)
    assert "2025-04-22" in refused(typed(site, "31", day=later), Why.TEN_TIMES_OFF)
    assert isinstance(typed(site, "31", day=later, explanation="Confirmed by a second tube"), list)


def test_a_correction_says_why_and_the_former_value_stays_in_the_record(site: Site) -> None:
    typed(site, "3.1")
    assert "Regulatory" in refused(typed(site, "3.4"), Why.CORRECTION_UNEXPLAINED)
    assert isinstance(typed(site, "3.4", reason="Gate set anew"), list)
    assert stands(site) == {(DAY, TREG): Decimal("3.4")}
    with site.db.reading() as db:
        found = by_code(db, "LN-01")
        assert found is not None
        assert [row.value for row in past_counts(db, known(found.id))] == [Decimal("3.1"), Decimal("3.4")]


def test_values_are_tied_to_the_file_of_the_same_sample_only(site: Site) -> None:
    flow = read_flow(DATA, DAY)
    assert not isinstance(flow, Refusal)
    with act(site, laboratory(site), NOW) as work:
        kept = import_flow(work, "LN-01", flow, "a.fcs", DAY, "Tregs")
        assert not isinstance(kept, Refusal)
        code = kept.code
    refused(typed(site, "3.1", file="FCM-99-001"), Why.FILE_UNKNOWN)
    assert "sample of" in refused(typed(site, "3.1", day=date(2025, 4, 20), file=code), Why.FILE_UNKNOWN)
    answer = typed(site, "3.1", file=code)
    assert isinstance(answer, list) and answer[0].flow_file_id is not None


def send(client: FlaskClient, where: str = "", **fields: object) -> tuple[int, str]:
    """Post to the page; the status, and where it leads or what it says."""
    path = "/recipients/LN-01/populations"
    token = client.token(path)  # type: ignore[attr-defined]  # PolicedClient's
    days = {"collected_on": DAY.isoformat(), "table_collected_on": DAY.isoformat()}
    data = {**days, "csrf_token": token, **fields}
    answer = client.post(path + where, data=data, content_type="multipart/form-data")
    return answer.status_code, answer.headers.get("Location") or answer.get_data(as_text=True)


def test_two_entries_that_differ_are_shown_again_and_alike_ones_are_kept(site: Site) -> None:
    client = client_of(site, web(site), Role.LABORATORY)
    first, again = f"first-{TREG.name}", f"again-{TREG.name}"
    status, page = send(client, **{first: "3.1", again: "3.7"})
    assert status == 422 and "3.1 the first time and 3.7 the second" in page
    assert send(client, **{first: "many", again: "many"})[0] == 422
    assert send(client, collected_on="soon")[0] == 422
    assert send(client)[0] == 409
    assert send(client, **{first: "3.1", again: "3.10"}) == (303, "/recipients/LN-01/populations")
    assert "% of CD4+ cells" in client.get("/recipients/LN-01/populations").get_data(as_text=True)


def test_the_table_comes_through_the_page_too(site: Site) -> None:
    client = client_of(site, web(site), Role.LABORATORY)
    assert send(client, "/table", table=(io.BytesIO(b""), "empty.csv"))[0] == 422
    assert send(client, "/table", table_collected_on="soon")[0] == 422
    assert send(client, "/table", table=(io.BytesIO(b"torn"), "torn.csv"))[0] == 409
    assert send(client, "/table", table=(io.BytesIO(TABLE), "counts.csv"))[0] == 303
    assert client.get("/recipients/LN-99/populations").status_code == 404
