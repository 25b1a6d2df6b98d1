"""The published table's columns for each recipient and visit, from the worked example's own figures."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.console.test_commands import complaint, run

SLEDAI = {"LN-01": [22, 8, 4, 2, 2], "LN-02": [16, 6, 4, 2, 0], "LN-03": [20, 12, 10, 8, 8]}
PROTEIN = {
    "LN-01": ["3.8", "0.9", "0.5", "0.3", "0.3"],
    "LN-02": ["2.6", "0.6", "0.4", "0.3", "0.2"],
    "LN-03": ["5.1", "1.9", "1.6", "1.4", "1.3"],
}


@pytest.fixture
def lines(story_folder: Path, tmp_path: Path) -> list[dict[str, str]]:
    """The table of the worked example."""
    shutil.copytree(story_folder, tmp_path / "data")
    done = run(tmp_path, "series", "--out", str(tmp_path / "S.csv"), "--json")
    assert done.returncode == 0 and len(json.loads(done.stdout)["rows"]) == 15
    with (tmp_path / "S.csv").open(encoding="utf-8-sig", newline="") as table:
        return list(csv.DictReader(table))


def of(lines: list[dict[str, str]], recipient: str, column: str) -> list[str]:
    return [line[column] for line in lines if line["recipient"] == recipient]


def test_scores_and_proteinuria_are_those_of_the_three_courses(lines: list[dict[str, str]]) -> None:
    for recipient in SLEDAI:
        assert of(lines, recipient, "sledai_2k") == [str(score) for score in SLEDAI[recipient]]
        assert of(lines, recipient, "proteinuria_g_24h") == PROTEIN[recipient]


def test_the_de_novo_antibody_rises_and_fades_and_the_strong_one_is_not_against_the_donor(
    lines: list[dict[str, str]],
) -> None:
    assert of(lines, "LN-02", "anti_hla_max_mfi") == ["180", "1850", "900", "420", "310"]
    assert of(lines, "LN-02", "anti_hla_call")[1] == "dsa"
    assert all(call != "dsa" for call in of(lines, "LN-03", "anti_hla_call"))
    assert all(float(mfi or 0) < 1500 for mfi in of(lines, "LN-03", "anti_hla_max_mfi"))


def test_medication_and_populations_stand_beside_them(lines: list[dict[str, str]]) -> None:
    assert of(lines, "LN-01", "medication_reduction_percent") == ["", "33", "67", "75", "83"]
    assert of(lines, "LN-01", "treg_percent_of_cd4") == ["3.1", "4.6", "5.4", "5.2", "5"]
    assert of(lines, "LN-01", "hla_dr_mfi_of_cd14")[-1] == "7000"


def test_a_place_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    for out, words in ((tmp_path / "no" / "S.csv", "There is no folder"), (tmp_path, "is a folder")):
        done = run(tmp_path, "series", "--out", str(out))
        assert done.returncode == 1 and words in complaint(done)
