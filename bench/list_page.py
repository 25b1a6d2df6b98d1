"""The list of lots: its cost over the same page made from raw SQL, and a deep page over the first."""

from collections.abc import Iterator
from datetime import UTC, datetime

from flask import Flask, render_template
from sqlmodel import col, func, select

from app.access.doors import can
from app.access.permissions import Permission
from app.kernel.engine import sqlite_driver
from app.lots import queries
from app.lots.models import Lot, LotKind, LotState
from app.lots.queries import LotRow
from app.site import Site
from bench.grounds import Grounds
from bench.measure import Goal, ratio
from bench.web import signed_in

GOALS = (Goal("list-page.rows", "x", 1.25), Goal("list-page.deep", "x", 1.5))

ROWS = 200
_COLUMNS = "id, code, kind, product, state, opened_at, made_at, expires_at"
_LOTS = f"SELECT {_COLUMNS} FROM lot ORDER BY id DESC LIMIT ?"  # noqa: S608  our own names
_DONATIONS = (
    "SELECT d.code, o.code, d.tissue, d.collected_at FROM donation AS d JOIN donor AS o ON o.id = d.donor_id "
    "ORDER BY d.id DESC LIMIT ?"
)


def measure(grounds: Grounds) -> Iterator[tuple[str, float]]:
    """Both figures, over a list of a million lots."""
    ground = grounds.lots(grounds.large)
    usual = queries.PAGE
    queries.PAGE = ROWS
    try:
        app, headers = signed_in(ground.site)
        yield "list-page.rows", _rows(ground.site, app, headers, grounds.pairs)
        yield "list-page.deep", _deep(ground.site, grounds.pairs)
    finally:
        queries.PAGE = usual


def _rows(site: Site, app: Flask, headers: dict[str, str], pairs: int) -> float:
    """The product's view over raw rows in the same template; both must give the same page."""
    connection = sqlite_driver()[0].connect(site.db.reader.url.database)
    with app.test_request_context("/lots", headers=headers):
        view = app.view_functions["lots.index"]

        def raw() -> str:
            lots = [_lot(row) for row in connection.execute(_LOTS, (ROWS + 1,))]
            return render_template(
                "lots/index.html",
                lots=lots[:ROWS],
                more=lots[ROWS - 1].id if len(lots) > ROWS else None,
                donations=connection.execute(_DONATIONS, (ROWS,)).fetchall(),
                may_write=can(Permission.LOT_WRITE),
            )

        if view() != raw() or raw().count("<tr>") <= min(ROWS, 1):
            raise RuntimeError("the product's page and the raw one differ")
        found = ratio(view, raw, pairs)
    connection.close()
    return found


def _lot(row: tuple[int, str, str, str, str, str, str | None, str | None]) -> LotRow:
    key, code, kind, product, state, opened, made, expires = row
    return LotRow(
        key,
        code,
        LotKind(kind),
        product,
        LotState(state),
        _time(opened),
        _time(made) if made else None,
        _time(expires) if expires else None,
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text[:-1]).replace(tzinfo=UTC)


def _deep(site: Site, pairs: int) -> float:
    """The query of a page nine tenths down the list over that of the first page."""
    with site.db.reading() as db:
        lots = db.exec(select(func.count()).select_from(Lot)).one()
        deep = db.exec(select(Lot.id).order_by(col(Lot.id)).offset(lots // 10).limit(1)).one()
        return ratio(lambda: queries.list_lots(db, deep), lambda: queries.list_lots(db), pairs)
