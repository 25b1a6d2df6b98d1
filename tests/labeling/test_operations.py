"""Every printed piece has its own serial, is read back before it counts, and is accounted for once."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from app.evidence.vault import signature_holds
from app.evidence.verify import verify
from app.kernel.refusals import Refusal
from app.kernel.work import Work
from app.labeling.drawing import preview
from app.labeling.faces import Face, faces
from app.labeling.models import Label, LabelState
from app.labeling.operations import apply_label, destroy_label, print_labels, void_label
from app.labeling.queries import copies, current_label, reconciliation
from app.labeling.rules import Why
from app.lots.models import LotKind, Unit, UnitKind, UnitState
from app.lots.operations import finish_making, open_lot, record_fate
from app.lots.queries import lot_by_code, unit_by_code
from app.site import Site
from labels import layout, payload, signed
from labels import proof as label_proof
from tests.access.factories import kinds
from tests.factories import act, proof
from tests.labeling.factories import LABELLED_AT, STOCK, label_now, labelled, printed, printer, second
from tests.lots.factories import (
    PRODUCT,
    day,
    donation,
    drug_product_lot,
    filled_lot,
    harvest,
    maker,
    refused,
    seed,
    some,
    step,
    sure,
)

LOT = "MSC-25-001"
BAG = f"{LOT}-B01"


def trying(site: Site, run: Callable[[Work], object], why: Why) -> Refusal:
    """What the label bench is refused."""
    with act(site, printer(site), LABELLED_AT) as work:
        no = refused(work, run(work))
    assert no.reason is why, no
    return no


def state_of(site: Site, serial: str) -> LabelState:
    return label_now(site, serial).state


def test_a_bag_label_says_what_the_bag_is_and_its_code_is_the_serial(site: Site) -> None:
    drug_product_lot(site, 2, code=LOT)
    job = printed(site, [BAG, f"{LOT}-B02"])
    serials = [label.serial for label in job.labels]
    read = [label_proof.codes(page) for page in label_proof.pages(job.pdf, layout.load(STOCK).dpi)]
    assert [[code for code in codes if len(code) == payload.LENGTH] for codes in read] == [
        [serial] for serial in serials
    ]
    assert [payload.read(text) for text in serials] == [
        payload.Serial(text, payload.Kind.CONTAINER) for text in serials
    ]
    assert {label.state for label in job.labels} == {LabelState.PRINTED}
    assert kinds(site)[-1] == "labeling.printed"


def test_a_bags_second_code_is_its_serial_under_the_sites_signature(site: Site) -> None:
    """A device without network, with the public key alone, can tell who issued the label."""
    drug_product_lot(site, 1, code=LOT)
    job = printed(site, [BAG])
    (page,) = label_proof.pages(job.pdf, layout.load(STOCK).dpi)
    (second,) = filter(None, map(signed.take_apart, label_proof.codes(page)))
    assert second.serial == job.labels[0].serial
    assert signature_holds(site.vault.public_key, second.signature, signed.statement(second.serial))


def test_a_vial_stock_takes_retained_units_and_no_bag(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    assert printed(site, [f"{LOT}-R01", f"{LOT}-Q01"], "vial-50x25").job.pieces == 2
    no = trying(site, lambda work: print_labels(work, [BAG], "vial-50x25"), Why.DOES_NOT_FIT)
    assert BAG in no.sentence


def test_what_cannot_be_printed_is_named(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    trying(site, lambda work: print_labels(work, [], STOCK), Why.NO_UNITS)
    trying(site, lambda work: print_labels(work, [BAG, BAG], STOCK), Why.NAMED_TWICE)
    assert "B77" in trying(site, lambda work: print_labels(work, [f"{LOT}-B77"], STOCK), Why.NO_UNIT).sentence
    trying(site, lambda work: print_labels(work, [BAG], "napkin"), Why.NO_STOCK)
    with act(site, maker(site), LABELLED_AT) as work:
        sure(record_fate(work, BAG, UnitState.LOST, "fell behind the tank"))
    assert BAG in trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.FATE_CLOSED).sentence


def test_a_bag_without_expiry_gets_no_label_until_its_lot_is_finished(site: Site) -> None:
    filled_lot(site, 1, code=LOT)
    no = trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.FACT_MISSING)
    assert "expiry" in no.sentence and "Finish making the lot" in no.next_step
    with site.db.reading() as db:
        unit = unit_by_code(db, BAG)
        assert unit is not None and preview(db, unit, layout.load(STOCK)) is None
    with act(site, maker(site), day(28, 2)) as work:
        sure(finish_making(work, LOT, day(28, 2)))
    assert printed(site, [BAG]).job.pieces == 1


def test_a_second_piece_for_a_live_label_needs_a_reason_and_a_second_person(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    labelled(site, BAG)
    torn, beside = "the first piece was torn", second(site)
    no = trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.REPRINT_NEEDS_REASON)
    assert "already has a live label" in no.sentence
    trying(site, lambda work: print_labels(work, [BAG], STOCK, reason=torn), Why.REPRINT_NEEDS_SECOND)
    me = printer(site)
    trying(site, lambda work: print_labels(work, [BAG], STOCK, reason=torn, second=me), Why.SAME_PERSON)
    trying(
        site,
        lambda work: print_labels(work, [BAG], STOCK, reason="x" * 501, second=beside),
        Why.REPRINT_NEEDS_REASON,
    )
    again = printed(site, [BAG], reason=torn).labels[0]
    assert (again.copy_number, again.reprint_reason, again.reprint_second_id) == (2, torn, beside.id)
    assert kinds(site)[-1] == "labeling.reprinted"


def test_a_piece_after_a_spoiled_one_is_a_copy_too(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    spoiled = printed(site, [BAG]).labels[0].serial
    with act(site, printer(site), LABELLED_AT) as work:
        sure(void_label(work, spoiled, LabelState.SPOILED, "crumpled on the frost"))
    no = trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.REPRINT_NEEDS_REASON)
    assert "had a label before" in no.sentence and "live" not in no.sentence
    assert printed(site, [BAG], reason="the first was spoiled").labels[0].copy_number == 2


def test_scanning_back_makes_the_piece_current_and_supersedes_the_former(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    first = labelled(site, BAG)
    later = printed(site, [BAG], reason="the first piece was torn").labels[0].serial
    with act(site, printer(site), LABELLED_AT) as work:
        applied = sure(apply_label(work, f"  {payload.grouped(later)}\r\n"))
    assert applied.applied_at == LABELLED_AT
    assert state_of(site, first.serial) is LabelState.SUPERSEDED
    assert kinds(site)[-2:] == ["labeling.superseded", "labeling.applied"]
    with site.db.reading() as db:
        current = current_label(db, applied.unit_id)
        assert current is not None and current.serial == later
        assert copies(db, [applied.unit_id]) == {applied.unit_id: 2}


def test_a_piece_that_does_not_belong_is_not_applied(site: Site) -> None:
    drug_product_lot(site, 2, code=LOT)
    serial = printed(site, [BAG]).labels[0].serial
    trying(site, lambda work: apply_label(work, "4006381333931"), Why.BAD_SERIAL)
    trying(site, lambda work: apply_label(work, payload.issue(payload.Kind.WRISTBAND)), Why.BAD_SERIAL)
    trying(site, lambda work: apply_label(work, payload.issue(payload.Kind.CONTAINER)), Why.UNKNOWN_LABEL)
    trying(site, lambda work: apply_label(work, serial, f"{LOT}-B02"), Why.OTHER_UNIT)
    with act(site, printer(site), LABELLED_AT) as work:
        sure(apply_label(work, serial, BAG))
    trying(site, lambda work: apply_label(work, serial, BAG), Why.NOT_PRINTED)


def test_nothing_is_stuck_on_a_unit_that_is_gone(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    serial = printed(site, [BAG]).labels[0].serial
    with act(site, maker(site), LABELLED_AT) as work:
        sure(record_fate(work, BAG, UnitState.LOST, "fell behind the tank"))
    trying(site, lambda work: apply_label(work, serial), Why.FATE_CLOSED)


def test_only_a_loose_piece_is_put_away_and_with_a_reason(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    serial = labelled(site, BAG).serial
    spoiled, why = LabelState.SPOILED, "crumpled on the frost"
    trying(site, lambda work: void_label(work, serial, spoiled, "torn"), Why.REASON_NEEDED)
    trying(site, lambda work: void_label(work, serial, spoiled, "x" * 481), Why.REASON_NEEDED)
    trying(site, lambda work: void_label(work, serial, LabelState.APPLIED, why), Why.CANNOT_MOVE)
    trying(site, lambda work: void_label(work, serial, spoiled, why), Why.CANNOT_MOVE)
    trying(site, lambda work: void_label(work, "no serial", spoiled, why), Why.BAD_SERIAL)


def test_a_void_piece_is_destroyed_before_a_second_person(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    serial = printed(site, [BAG]).labels[0].serial
    witness, me = proof(second(site)), proof(printer(site))
    trying(site, lambda work: destroy_label(work, serial, witness), Why.CANNOT_MOVE)
    with act(site, printer(site), LABELLED_AT) as work:
        sure(void_label(work, serial, LabelState.RETURNED, "printed one too many"))
    trying(site, lambda work: destroy_label(work, serial, me), Why.SAME_PERSON)
    trying(site, lambda work: destroy_label(work, "no serial", witness), Why.BAD_SERIAL)
    with act(site, printer(site), LABELLED_AT) as work:
        sure(destroy_label(work, serial, witness))
    assert kinds(site)[-2:] == ["access.refused", "labeling.destroyed"]
    with site.db.reading() as db:
        lot = lot_by_code(db, LOT)
        counted = reconciliation(db, lot.id or 0) if lot else None
    assert counted is not None and (counted.returned, counted.destroyed, counted.balances) == (1, 1, True)


def test_a_text_too_long_for_its_place_is_refused_and_nothing_is_kept(site: Site) -> None:
    """A product name that no size makes fit."""
    made = _short_lot(site, f"{PRODUCT}, with a name that goes on far beyond the width of any label")
    trying(site, lambda work: print_labels(work, [made], STOCK), Why.TEXT_TOO_LONG)
    with site.db.reading() as db:
        assert db.exec(select(Label)).all() == []
        assert verify(db).ok


def _short_lot(site: Site, product: str) -> str:
    tissue = donation(site).code
    with act(site, maker(site), day(0)) as work:
        code = sure(open_lot(work, LotKind.DRUG_PRODUCT, product, storage="below -150 C")).code
    step(site, seed(code, tissue, 264, 1500, day(0, 5)))
    bags = (some(UnitKind.BAG, 9),)
    step(site, harvest(code, f"{code}-F01", 9, bags, day(14), cfu_f_per_million=30))
    with act(site, maker(site), day(14, 1)) as work:
        sure(finish_making(work, code, day(14, 1)))
    return f"{code}-B01"


def test_a_character_the_fonts_lack_is_refused_before_anything_is_printed(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    drug_product_lot(site, 1, code=LOT)

    def strange(db: Session, units: list[Unit], at: datetime) -> list[Face]:
        return [Face({**face.fields, "product": "細胞"}) for face in faces(db, units, at)]

    monkeypatch.setattr("app.labeling.operations.face_texts.faces", strange)
    trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.NOT_DRAWN)


def test_a_page_that_cannot_be_read_back_is_not_printed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    drug_product_lot(site, 1, code=LOT)
    unread = label_proof.Proof(300, (label_proof.PageProof(1, ("B",), ()),))
    monkeypatch.setattr("app.labeling.operations.proof.prove", lambda *_: unread)
    trying(site, lambda work: print_labels(work, [BAG], STOCK), Why.NOT_READABLE)


def test_the_pages_are_kept_by_their_digest_and_the_ledger_is_sound(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    job = printed(site, [BAG])
    sha256 = job.job.pdf_sha256
    kept: Path = site.settings.data / "files" / sha256[:2] / sha256
    assert kept.read_bytes() == job.pdf
    with site.db.reading() as db:
        assert verify(db).ok


def test_a_preview_is_drawn_under_a_serial_that_belongs_to_nothing(site: Site) -> None:
    drug_product_lot(site, 1, code=LOT)
    with site.db.reading() as db:
        unit = unit_by_code(db, BAG)
        assert unit is not None
        assert (preview(db, unit, layout.load(STOCK)) or b"").startswith(b"\x89PNG")
        assert db.exec(select(Label)).all() == []
