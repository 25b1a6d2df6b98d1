"""The series: one line for each recipient and visit, under column names that stay."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.cytometry.counting import Sample, record_counts
from app.cytometry.models import Gate, Population, Statistic
from app.cytometry.populations import Kind
from app.followup.analytes import Value
from app.followup.findings import record_findings
from app.followup.models import Analyte, Drug, Timepoint
from app.followup.operations import record_visit
from app.followup.questions import Findings
from app.followup.series import heads, series
from app.kernel.refusals import Refusal
from app.site import Site
from tests.antibodies.factories import NOW, imported, laboratory, recipient
from tests.factories import act
from tests.followup.factories import infused, promised
from tests.shared import ROOT

HLA_DR = Kind(Population.HLA_DR, Gate.CD14, Statistic.MFI)


@pytest.fixture
def treated(site: Site) -> Site:
    """LN-01 at the baseline and at month 1, with a serum and a count near month 1 only."""
    recipient(site, "LN-01")
    infused(site, promised(site, "LN-01"))
    imported(site, "LN-01", date(2025, 6, 2), {"A*24:02": 1850})
    days = ((Timepoint.BASELINE, date(2025, 4, 22), 30), (Timepoint.MONTH_1, date(2025, 6, 6), 20))
    with act(site, laboratory(site), NOW) as work:
        for timepoint, day, mg in days:
            record_visit(work, "LN-01", timepoint, day)
            values = {Analyte.PROTEIN_24H: Value(Decimal("0.1"), below=True)}
            given = Findings(values, None, {Drug.PREDNISONE: Decimal(mg)})
            assert not isinstance(record_findings(work, "LN-01", timepoint, given), Refusal)
        sample = Sample("LN-01", date(2025, 6, 6))
        assert not isinstance(record_counts(work, sample, {HLA_DR: Decimal(12345)}), Refusal)
    return site


def lines(site: Site) -> list[dict[str, object]]:
    with site.db.reading() as db:
        return [dict(zip(heads(), row, strict=True)) for row in series(db)]


def test_what_is_not_known_is_empty_and_never_a_zero(treated: Site) -> None:
    baseline, month_1 = lines(treated)
    assert (baseline["visit"], month_1["visit"]) == ("baseline", "month_1")
    assert baseline["sledai_2k"] is None and baseline["anti_hla_max_mfi"] is None
    assert baseline["hla_dr_mfi_of_cd14"] is None and baseline["medication_reduction_percent"] is None


def test_a_visit_carries_the_serum_and_the_counts_near_it(treated: Site) -> None:
    _, month_1 = lines(treated)
    assert (month_1["anti_hla_max_mfi"], month_1["anti_hla_call"]) == (Decimal(1850), "dsa")
    assert month_1["anti_hla_molecule"] == "A*24:02" and month_1["anti_hla_donor"] == "D-0007"
    assert month_1["hla_dr_mfi_of_cd14"] == Decimal(12345)
    assert month_1["medication_reduction_percent"] == 33
    assert str(month_1["proteinuria_g_24h"]).startswith("< 0.1")


def test_the_columns_of_the_published_table_keep_their_names() -> None:
    """A change here breaks the reader of every file ever exported: add columns, rename none."""
    assert heads()[:10] == (
        "recipient", "visit", "date", "day", "sledai_2k", "proteinuria_g_24h", "creatinine_umol_l",
        "egfr_ml_min_1_73m2", "prednisone_mg_day", "medication_reduction_percent",
    )  # fmt: skip
    assert {"treg_percent_of_cd4", "cd19_percent_of_lymphocytes", "hla_dr_mfi_of_cd14"} <= set(heads())
    assert heads()[-2:] == ("anti_hla_molecule", "anti_hla_call")


def test_the_command_writes_figures_that_a_program_can_read(treated: Site, tmp_path: Path) -> None:
    if not treated.db.is_sqlite:
        pytest.skip("the console is asked on SQLite")
    out = tmp_path / "F.csv"
    done = subprocess.run(
        [sys.executable, "-m", "app", "series", "--out", str(out), "--json"],
        cwd=ROOT,
        env={"HILO_DATA": str(treated.settings.data), "HILO_DATABASE": treated.settings.database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["columns"] == list(heads()) and len(told["rows"]) == 2
    assert ",12345," in out.read_text("utf-8-sig") and "\u202f" not in done.stdout
