"""The box on every page: each code and serial opens its page, a part of one gives a list, to whom may."""

import pytest
from sqlalchemy import select

from app.access.doors import door_of
from app.access.models import Role
from app.access.permissions import Permission, allowed
from app.evidence.ledger import Subject, record
from app.kernel.db import change_if
from app.kernel.refusals import Refusal
from app.kernel.tables import known, metadata
from app.labeling.models import LabelState
from app.materials.models import Equipment, Material
from app.site import Site
from app.trace.find import KINDS, MOST, CodeKind, Found, everybody, find, suggest
from app.trace.rules import Why
from labels.payload import Kind, issue
from labels.signed import statement, write
from tests.factories import AT, act
from tests.lots.factories import drug_product_lot, maker, reagent
from tests.trace.test_trace import SET
from tests.webapp import client_of, web


def codes_of(site: Site, kind: CodeKind) -> list[str]:
    column = metadata.tables[kind.table].columns[kind.column]
    with site.db.reading() as db:
        return list(db.connection().execute(select(column).order_by(column)).scalars())


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_code_of_the_story_is_found_typed_in_lower_case_too(told: Site, kind: CodeKind) -> None:
    codes = codes_of(told, kind)
    assert codes or kind.name == "hold"
    with told.db.reading() as db:
        for code in codes:
            answer = find(db, f" {code.lower()} ")
            assert isinstance(answer, Found) and answer.code == code
            assert answer.kind == (
                "donation" if kind.name == "unit" and code.startswith("DON") else kind.name
            )


def test_every_kind_has_a_page_whose_door_asks_for_the_permission_named_here(story: Site) -> None:
    app = web(story)
    adapter = app.url_map.bind("127.0.0.1")
    for kind in KINDS:
        endpoint, _ = adapter.match(f"{kind.page}X", method="GET")
        assert door_of(app.view_functions[endpoint]) == kind.permission, kind.name


@pytest.mark.parametrize("role", list(Role))
def test_nobody_finds_what_they_may_not_open(told: Site, role: Role) -> None:
    def may(permission: Permission) -> bool:
        return allowed(role, permission)

    with told.db.reading() as db:
        for kind in KINDS:
            for code in codes_of(told, kind)[:1]:
                answer = find(db, code, may)
                assert isinstance(answer, Found if may(kind.permission) else Refusal), (kind.name, role)
        near = suggest(db, "25", may) + suggest(db, "D-", may) + suggest(db, "LN", may)
        forbidden = {kind.name for kind in KINDS if not may(kind.permission)}
        assert not forbidden & {one.kind for one in near}


def test_a_part_of_a_code_lists_what_holds_it_and_agrees_with_a_slow_look(told: Site) -> None:
    for part in ("25-001", "MSC-25-001-B", "d-000", "ln-0", "T2-C4"):
        slow = {
            (kind.name, code)
            for kind in KINDS
            for code in codes_of(told, kind)
            if (part.upper() in code if kind.few else code.startswith(part.upper()))
        }
        with told.db.reading() as db:
            found = suggest(db, part, everybody)
        assert {(one.kind, one.code) for one in found if not one.said} <= slow
        assert len(found) == sum(
            min(len([1 for name, _ in slow if name == kind.name]), MOST + 1) for kind in KINDS
        )


def test_signs_that_a_database_takes_for_wildcards_find_nothing(told: Site) -> None:
    with told.db.reading() as db:
        assert suggest(db, "%%", everybody) == suggest(db, "__", everybody) == []
        assert suggest(db, "MSC\x00", everybody) == [] and isinstance(find(db, "D-0007\x00"), Refusal)
        assert suggest(db, "2", everybody) == suggest(db, "2" * 61, everybody) == []


def test_the_beginning_of_a_serial_leads_to_the_unit_and_says_how_the_label_stands(story: Site) -> None:
    label = metadata.tables["label"]
    with story.db.reading() as db:
        serial, state = db.connection().execute(select(label.c.serial, label.c.state)).first() or ("", "")
        found = suggest(db, serial[:9], everybody)
    assert LabelState(state).value in found[0].said and found[0].url.startswith("/units/")
    page = client_of(story, web(story), Role.QUALITY).get(f"/find?code={serial[:9]}")
    assert page.status_code == 200 and found[0].code in page.get_data(as_text=True)


def test_the_box_opens_the_only_match_and_lists_several(site: Site) -> None:
    made = drug_product_lot(site, 2)
    desk = client_of(site, web(site), Role.TECHNOLOGIST)
    assert desk.get(f"/find?code={made.code}-B0").status_code == 200
    assert desk.get(f"/find?code={made.code}-B02").headers["Location"] == f"/units/{made.code}-B02"
    assert desk.get("/find?code=on-25-00").headers["Location"] == "/donations/DON-25-001"
    listed = desk.get(f"/find?code={made.code}-B", headers={"Accept": "application/json"}).get_json()
    assert [one["code"] for one in listed["found"]] == [f"{made.code}-B01", f"{made.code}-B02"]
    office = client_of(site, web(site), Role.ADMINISTRATOR)
    hidden = office.get(f"/find?code={made.code}", headers={"Accept": "application/json"})
    assert hidden.status_code == 404 and hidden.get_json()["refused"] == Why.NOT_FOUND


def test_a_device_is_found_by_its_own_code_and_a_pack_by_its_barcode(site: Site) -> None:
    first, second = reagent(site, "hPL"), reagent(site, "DMSO")
    with act(site, maker(site)) as work:
        for one in (first, second):
            change_if(work.db, Material, known(one.id), {}, barcode="0104012345678901")
        device = Equipment(
            code="EQ-900", serial=issue(Kind.EQUIPMENT), name="Freezer", calibration_due_on=AT.date(),
            registered_at=AT,
        )  # fmt: skip
        work.db.add(device)
        record(work, SET, Subject("equipment", "EQ-900"), what="device")
    with site.db.reading() as db:
        found, several = find(db, device.serial), find(db, "01 04012345678901")
    assert isinstance(found, Found) and found.url == "/equipment/EQ-900"
    assert isinstance(several, Refusal) and first.code in str(several) and second.code in str(several)
    with act(site, maker(site)) as work:
        change_if(work.db, Material, known(second.id), {}, barcode="")
        record(work, SET, Subject("material", second.code), what="barcode")
    with site.db.reading() as db:
        only = find(db, "0104012345678901")
        assert isinstance(only, Found) and only.code == first.code
        assert isinstance(find(db, "0104012345678901", lambda _permission: False), Refusal)


def test_a_signed_code_of_this_site_opens_its_unit_and_a_forged_one_is_named(told: Site) -> None:
    with told.db.reading() as db:
        labels = metadata.tables["label"]
        serial = (
            db.connection()
            .execute(select(labels.c.serial).where(labels.c.state == LabelState.APPLIED))
            .scalars()
            .first()
        )
        assert serial is not None
        genuine = write(serial, told.vault.sign(statement(serial)))
        assert find(db, genuine) == find(db, serial)
        forged = find(db, write(serial, bytes(64)))
        assert isinstance(forged, Refusal) and forged.reason is Why.NOT_SIGNED_HERE
