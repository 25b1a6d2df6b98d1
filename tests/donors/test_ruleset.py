"""Rule-set files: read whole, or refused with the place of the fault."""

from pathlib import Path

import pytest

from app.config import DONOR_RULES
from app.donors.ruleset import FOLDER, BadRuleSet, read_rule_set, rule_set


def test_the_set_in_force_reads_and_is_named_like_its_file() -> None:
    for path in FOLDER.glob("*.toml"):
        assert read_rule_set(path).name == path.stem
    assert rule_set().version


def test_the_settings_know_every_set_that_ships() -> None:
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(DONOR_RULES)


FAULTS = [
    ('reactive = "risk_assessment"', 'reactive = "perhaps"', "marker.2.reactive"),
    ('asked = "risk_area"', 'asked = "risk_area"\ncolour = "red"', "marker.4.colour"),
    ("days_before = 30\ndays_after = 0", "days_before = -1\ndays_after = 0", "timing.0.days_before"),
    ("days_before = 30\ndays_after = 0", 'days_before = "30"\ndays_after = 0', "timing.0.days_before"),
    ('marker = "hbsag"', 'marker = "anti_hcv"', "marker anti_hcv is judged by two rules"),
    ('tissues = ["bone_marrow"]', "tissues = []", "tissue bone_marrow is judged by no rule"),
    ('tissues = ["bone_marrow"]', 'tissues = ["adipose"]', "tissue adipose is judged by two rules"),
    ('name = "eu-2006-17"', 'name = "eu"', "not like its file"),
    ('out_of_window = "incomplete"', 'out_of_window = "eligible"', "outside the window"),
    ('missing = "incomplete"\nindeterminate', 'missing = "eligible"\nindeterminate', "asked for"),
    ("disclosed = true", "disclosed = false", "only disclosed"),
    ('screen_reactive = "incomplete"', 'screen_reactive = "eligible"', "grow graver"),
    ('reactive = "risk_assessment"', 'reactive = "eligible"', "grow graver"),
    ("[consent]", "[consent", "eu-2006-17.toml"),
]


@pytest.mark.parametrize(("good", "bad", "words"), FAULTS)
def test_a_faulty_file_is_refused_with_its_place(good: str, bad: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "eu-2006-17.toml"
    text = (FOLDER / "eu-2006-17.toml").read_text(encoding="utf-8")
    assert good in text
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(BadRuleSet) as fault:
        read_rule_set(path)
    assert words in str(fault.value)
    assert str(fault.value).startswith("eu-2006-17.toml")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRuleSet):
        read_rule_set(tmp_path / "mars.toml")
