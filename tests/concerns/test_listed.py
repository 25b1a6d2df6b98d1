"""What is held or deviates is visible in every list: one question a page, and a chip in each row it finds."""

from collections.abc import Iterable
from itertools import count

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import Session

from app.access.models import Person, Role
from app.access.permissions import ROLES, Permission
from app.concerns.deviations import open_deviation
from app.concerns.models import Severity, SubjectKind
from app.concerns.operations import place_hold
from app.kernel.refusals import Refusal
from app.kernel.tables import metadata
from app.lots import queries as lots
from app.lots.genealogy import stopped
from app.site import Site
from app.trace.standing import standing
from app.trace.standings import LISTED, Stands, standings
from tests.concerns.test_standing import BAG, LOT, UNUSED, hold, quinn, reader
from tests.factories import act, person
from tests.pages import Element, parsed
from tests.trace.graphs import Drawn, Graph, draw
from tests.trace.test_random_genealogies import graphs
from tests.webapp import client_of, web

DONOR, DONATION, BANK, PACK, DEVICE = "D-0007", "DON-25-014", "MCB-25-001", "MAT-24-001", "EQ-001"
#: Every list that shows such a thing: the page, the kind and code of the thing in one of its rows.
LISTS = [
    ("/lots", "lot", BANK),
    ("/lots", "donation", DONATION),
    ("/lots", "donor", DONOR),
    (f"/lots/{LOT}", "unit", BAG),
    (f"/lots/{LOT}", "material", PACK),
    (f"/lots/{LOT}", "equipment", DEVICE),
    (f"/donations/{DONATION}", "lot", BANK),
    ("/steps/MSC-25-001-S01", "material", PACK),
    ("/materials", "material", PACK),
    ("/materials", "equipment", DEVICE),
    ("/donors", "donor", DONOR),
    ("/donors/windows", "donor", DONOR),
    ("/quality", "lot", BANK),
    ("/labels/jobs/JOB-25-001", "unit", BAG),
    ("/orders", "unit", BAG),
    ("/bedside/infusions", "unit", BAG),
    ("/recipients/LN-01", "unit", BAG),
    ("/recipients/LN-01/timeline", "unit", BAG),
    ("/trace?subject=donor:D-0007", "unit", BAG),
    ("/trace?subject=donor:D-0007", "lot", BANK),
    (f"/trace?subject=unit:{BAG}", "donor", DONOR),
    (f"/trace?subject=unit:{BAG}", "material", PACK),
    (f"/trace?subject=unit:{BAG}", "equipment", DEVICE),
    ("/find?code=MSC-25-001-B", "unit", BAG),
]
#: The same of forms in which such things are chosen, for who writes there.
CHOICES = [
    (f"/lots/{LOT}/step", "unit", UNUSED),
    (f"/lots/{LOT}/step", "material", "MAT-24-005"),
    (f"/labels/print/{LOT}", "unit", UNUSED),
]
_examples = count(1)


def names(element: Element, code: str) -> bool:
    """Whether a cell, a link or a label begins with the code, after the word for its kind."""
    words = element.text.replace(",", " ").split()[:2]
    return code in words[:1] or words == ["Lot", code]


def rows(page: Element, code: str) -> list[Element]:
    """The innermost rows, points, choices and lines of the page that name this code."""
    found = [
        one
        for one in page.descendants()
        if one.name in ("tr", "li", "p") or one.attributes.get("class") == "choice"
        if any(names(inner, code) for inner in one.descendants())
    ]
    return [one for one in found if not any(one in other.ancestors() for other in found)]


def marks(client: FlaskClient, path: str, code: str, words: str = "ON HOLD") -> int:
    """How often the rows of the page that name this code say these words."""
    answer = client.get(path)
    assert answer.status_code == 200, path
    found = rows(parsed(answer.get_data(as_text=True)), code)
    assert found, f"{path} lists no {code}"
    return sum(row.text.count(words) for row in found)


def slowly(db: Session, kind: SubjectKind, code: str) -> Stands:
    """The same of one thing, asked alone."""
    found = standing(db, kind, code)
    return Stands(bool(found.holds), tuple(one.code for one in found.deviations))


def codes(db: Session, kind: SubjectKind, like: str = "%") -> list[str]:
    table = metadata.tables[kind.value]
    every = table.select().with_only_columns(table.c.code).where(table.c.code.like(like))
    return [str(code) for code in db.connection().execute(every).scalars()]


def agrees(db: Session, like: str = "%") -> None:
    for kind in sorted(LISTED):
        every = codes(db, kind, like)
        assert standings(db, kind, every) == {code: slowly(db, kind, code) for code in every}, kind


def writer(site: Site) -> FlaskClient:
    """A technologist records steps and prints labels."""
    return client_of(site, web(site), person(site, Role.TECHNOLOGIST))


def deviate(site: Site, kind: SubjectKind, code: str) -> str:
    with act(site, quinn(site)) as work:
        opened = open_deviation(work, kind, code, f"Something of {code}.", Severity.MAJOR)
        assert not isinstance(opened, Refusal)
        return opened.code


def test_the_one_question_agrees_with_the_slow_one_for_each_thing_of_the_worked_example(story: Site) -> None:
    places = [(SubjectKind.PLACE, "T2"), (SubjectKind.UNIT, BAG), (SubjectKind.MATERIAL, PACK)]
    for kind, code in [*places, (SubjectKind.DONATION, DONATION), (SubjectKind.LOT, LOT)]:
        deviate(story, kind, code)
        hold(story, kind, code)
        with story.db.reading() as db:
            agrees(db)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graph=graphs(), pick=st.data())
def test_the_one_question_agrees_with_the_slow_one_over_random_genealogies(
    site: Site, graph: Graph, pick: st.DataObject
) -> None:
    prefix = f"L{next(_examples)}"
    drawn = draw(site, graph, prefix)
    things = [(kind, drawn.code(kind.value, n)) for kind in sorted(LISTED) for n in drawn.keys[kind.value]]
    some = st.lists(st.sampled_from(things), max_size=3, unique=True)
    concerned(site, drawn, pick.draw(some), pick.draw(some))
    with site.db.reading() as db:
        agrees(db, f"{prefix}-%")


def concerned(
    site: Site,
    drawn: Drawn,
    held: Iterable[tuple[SubjectKind, str]],
    deviating: Iterable[tuple[SubjectKind, str]],
) -> None:
    with site.db.reading() as db:
        from sqlmodel import select

        someone = db.exec(select(Person)).first()
    assert someone is not None and drawn.keys
    with act(site, someone) as work:
        for kind, code in held:
            assert not isinstance(place_hold(work, kind, code, "By chance."), Refusal)
        for kind, code in deviating:
            assert not isinstance(open_deviation(work, kind, code, "By chance.", Severity.MINOR), Refusal)


def test_a_kind_that_no_list_asks_about_is_an_error_of_the_program(story: Site) -> None:
    with story.db.reading() as db, pytest.raises(ValueError, match="place"):
        standings(db, SubjectKind.PLACE, ["T2"])


def test_nothing_is_asked_for_an_empty_list(story: Site) -> None:
    with story.db.reading() as db:
        assert standings(db, SubjectKind.UNIT, []) == {} and stopped(db, []) == set()


@pytest.mark.parametrize("kind", [SubjectKind.LOT, SubjectKind.UNIT, SubjectKind.DONOR])
def test_the_number_of_statements_does_not_grow_with_the_list(story: Site, kind: SubjectKind) -> None:
    hold(story, SubjectKind.DONOR, DONOR)
    asked: list[str] = []
    event.listen(story.db.reader, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with story.db.reading() as db:
        every = codes(db, kind)
        assert len(every) > 2
        counts = set()
        for some in (every[:1], every):
            asked.clear()
            standings(db, kind, some)
            counts.add(len(asked))
    assert len(counts) == 1 and counts < {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(("path", "kind", "code"), [*LISTS, *CHOICES])
def test_a_hold_and_a_deviation_are_seen_in_the_row_of_each_list(
    story: Site, path: str, kind: str, code: str
) -> None:
    client = writer(story) if (path, kind, code) in CHOICES else reader(story)
    held, deviating = marks(client, path, code), marks(client, path, code, "open deviation")
    hold(story, SubjectKind(kind), code)
    deviate(story, SubjectKind(kind), code)
    assert marks(client, path, code) > held
    assert marks(client, path, code, "open deviation") > deviating


def test_a_hold_on_the_donor_is_seen_beside_every_bag_and_lot_that_came_from_them(story: Site) -> None:
    client = reader(story)
    assert marks(client, "/lots", BANK) == marks(client, f"/lots/{LOT}", UNUSED) == 0
    hold(story, SubjectKind.DONOR, DONOR)
    assert marks(client, "/lots", BANK) == marks(client, f"/lots/{LOT}", UNUSED) == 1


def test_one_deviation_is_a_link_to_itself_and_several_to_the_page_that_tells_them(story: Site) -> None:
    client, code = reader(story), deviate(story, SubjectKind.DONOR, DONOR)
    assert f'href="/deviations/{code}"' in client.get("/donors").get_data(as_text=True)
    deviate(story, SubjectKind.DONOR, DONOR)
    page = client.get("/donors").get_data(as_text=True)
    assert "2 open deviations" in page and f'href="/deviations/{code}"' not in page


def test_who_may_not_read_deviations_sees_how_many_there_are(story: Site) -> None:
    assert Permission.HOLD_READ not in ROLES[Role.LABORATORY]
    client = client_of(story, web(story), person(story, Role.LABORATORY))
    code = deviate(story, SubjectKind.DONOR, DONOR)
    page = client.get("/donors").get_data(as_text=True)
    assert "1 open deviation" in page and code not in page


def test_a_page_of_many_rows_asks_no_more_often_than_a_page_of_one(
    story: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = reader(story)
    hold(story, SubjectKind.DONOR, DONOR)
    asked: list[str] = []
    event.listen(story.db.reader, "before_cursor_execute", lambda *args: asked.append(args[2]))
    counts = []
    for page in (50, 1, 2, 50):
        monkeypatch.setattr(lots, "PAGE", page)
        asked.clear()
        assert client.get("/lots").status_code == 200
        counts.append(len(asked))
    assert counts[1:] == [counts[1]] * 3  # the first visit asks more, for the session
