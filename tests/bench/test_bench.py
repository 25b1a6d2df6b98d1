"""The benchmarks: their data tell the truth, their harness measures, their lines have one form."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bench import lazy, memory, trace_plan
from bench.__main__ import FIGURES, main, measured, run, wanted
from bench.genealogy import season
from bench.grounds import Ground, Grounds
from bench.measure import Figure, Goal, exponent, ratio
from bench.trace_grow import traced
from bench.trace_peer import agree, donors

LINE = re.compile(r"[a-z.-]+ (-|-?\d[\d.e+-]*) \w+ <=[\d.]+ (pass|short)")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Grounds]:
    """Grounds of two and four seasons with three donors each."""
    grounds = Grounds(tmp_path, sizes=(900, 1800), large=900, donors=3, pairs=1, subjects=2)
    yield grounds
    grounds.close()


@pytest.fixture
def ground(small: Grounds) -> Ground:
    return small.ground("sqlite", 900)


def slow_walk(ground: Ground, donor: str) -> set[str]:
    """Recipients of a donor, one edge at a time."""
    with ground.site.db.reader.connect() as db:
        edges = db.execute(text("SELECT parent_id, child_id FROM edge")).all()
        given = (
            "SELECT u.id FROM unit u, donation d, donor o WHERE d.id = u.donation_id AND o.id = d.donor_id"
        )
        reached = {row[0] for row in db.execute(text(f"{given} AND o.code = :code"), {"code": donor})}
        before = 0
        while before < len(reached):
            before = len(reached)
            reached |= {child for parent, child in edges if parent in reached}
        rows = db.execute(
            text("SELECT i.unit_id, r.code FROM infusion i, recipient r WHERE r.id = i.recipient_id")
        )
        return {code for unit, code in rows if unit in reached}


def test_every_donor_of_every_season_has_the_recipients_that_the_generator_knows(ground: Ground) -> None:
    sown = ground.sown
    assert sown.seasons >= 2
    for year in range(sown.seasons):
        for donor, recipients in sown.season.recipients.items():
            code = sown.code(donor, year)
            expected = {sown.code(one, year) for one in recipients}
            assert expected == set(traced(ground, "donor", code).recipients) == slow_walk(ground, code)


def test_the_drawn_rows_break_no_foreign_key(ground: Ground) -> None:
    with ground.site.db.reader.connect() as db:
        assert db.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert db.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_a_season_has_pools_splits_and_infusions_as_promised() -> None:
    drawn = season()
    parents: dict[int, int] = {}
    for edge in drawn.rows["edge"]:
        parents[edge["child_id"]] = parents.get(edge["child_id"], 0) + 1
    bags = [unit for unit in drawn.rows["unit"] if unit["kind"] == "bag"]
    assert 9_000 < drawn.units < 11_000
    assert max(parents.values()) == 2
    assert 0.55 < len(drawn.rows["infusion"]) / len(bags) < 0.65


def test_both_peers_name_the_recipients_that_we_do_and_a_wrong_one_is_caught(small: Grounds) -> None:
    ground = small.ground("sqlite", 900)
    codes = donors(ground, 3)
    with ground.site.db.reader.connect() as connection:
        graph = memory.load(connection)
    agree(ground, codes, graph.recipients)
    agree(ground, codes, lambda code: lazy.recipients(ground.site, code))
    with pytest.raises(ValueError, match="two answers"):
        agree(ground, codes, lambda code: graph.recipients(code)[1:])


def test_a_statement_that_scans_is_caught_and_those_of_a_trace_are_not(ground: Ground) -> None:
    scanning = [("SELECT code FROM unit WHERE volume_ml = ?", (1,))]
    assert trace_plan.bad_plans(ground, scanning) == [scanning[0][0]]
    assert trace_plan.bad_plans(ground, list(trace_plan.asked(ground))) == []


def test_each_figure_is_one_line_and_the_results_are_written(
    small: Grounds, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small.sizes = (900,)
    found = run(["list-page", "http-read"], small, tmp_path / "results.json")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["list-page.rows", "list-page.deep", "http-read"]
    assert all(LINE.fullmatch(line) for line in lines)
    told = json.loads((tmp_path / "results.json").read_text("utf-8"))
    assert [one["value"] for one in told["figures"]] == [figure.value for figure in found]
    assert told["machine"]["cores"] and told["versions"]["sqlite"] and len(told["load_average"]) == 3


def test_a_figure_that_breaks_is_short_and_says_why(
    small: Grounds, capsys: pytest.CaptureFixture[str]
) -> None:
    small.sizes = (900,)
    module = next(one for one in FIGURES if one.__name__.endswith("trace_grow"))
    goals = wanted(module, ["trace-grow.sqlite.donor"])
    [figure] = measured(module, goals, small)
    told = capsys.readouterr()
    assert (figure.value, figure.met) == (None, False)
    assert told.out == "trace-grow.sqlite.donor - exponent <=0.1 short\n"
    assert "two sizes" in told.err


def test_an_unknown_figure_is_named_and_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "nonsense"]) == 0
    assert "no figure is called nonsense" in capsys.readouterr().err


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_exponent_of_a_power_law_is_its_power(power: float) -> None:
    assert exponent((x, 3 * x**power) for x in (10.0, 100.0, 1000.0)) == pytest.approx(power)


def test_a_ratio_tells_more_work_from_less() -> None:
    assert ratio(lambda: sum(range(20_000)), lambda: sum(range(2_000)), 3) > 3


def test_a_figure_is_met_at_its_target_and_not_above() -> None:
    goal = Goal("some", "x", 2)
    assert Figure(goal, 2).line == "some 2 x <=2 pass"
    assert Figure(goal, 2.01).line == "some 2.01 x <=2 short"


def test_the_documentation_names_every_figure() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md").read_text("utf-8")
    for goal in (goal for module in FIGURES for goal in module.GOALS):
        assert f"`{goal.id}`" in page, goal.id
