"""The real calendar of a registry, with its Spring Festival and batch days, raises nothing by itself."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models import contracts, settings
from models.analysis.warnings.detectors import look
from models.analysis.warnings.sectors import sector_collapse, sector_surge
from models.build.warnings import CLUSTERS, RECORDS
from models.rules.warning_rules import WarningRule, load_rules

spec = importlib.util.spec_from_file_location("warning_examples", Path(__file__).with_name("examples.py"))
assert spec and spec.loader
examples = importlib.util.module_from_spec(spec)
spec.loader.exec_module(examples)

pytestmark = pytest.mark.realdata
RUNS = 20
ANALYSES = 16 - 10
"""Weeks of these four months with a baseline of six and a window of four before them."""


def rule(name: str, **parameters: float) -> WarningRule:
    """A rule with some of its parameters replaced."""
    found = next(r for r in load_rules() if r.id == name)
    return found.model_copy(update={"parameters": {**found.parameters, **parameters}})


@pytest.fixture(scope="module")
def register() -> pd.DataFrame:
    """Districts and days of January to April 2019 as they were, 5,276 rows."""
    file = settings.load().shared / "realdata" / "enterprise_chongqing" / "重庆_2019.csv.gz"
    if not file.exists():
        pytest.skip("the register is not under CITYHEX_SHARED")
    raw = pd.read_csv(file, dtype="str", keep_default_na=False)
    district = pd.factorize(raw["地区"])[0]
    return pd.DataFrame(
        {
            "district_code": pd.Series(district).map("{:06d}".format),
            "established_on": pd.to_datetime(raw["注册日期"], errors="coerce"),
        }
    )


def test_february_is_low_and_two_days_are_batches(register: pd.DataFrame) -> None:
    month = register["established_on"].dt.month.value_counts()
    assert [int(month[m]) for m in (1, 2, 3, 4)] == [1_310, 798, 1_400, 1_768]
    assert int(register["established_on"].value_counts().max()) == 465


def test_no_sector_surges_or_falls_silent_by_the_calendar_alone(register: pd.DataFrame) -> None:
    """Sections dealt at random keep every real day and district: then at most one analysis in twenty may raise any."""
    rules = (rule("sector-surge", baseline_weeks=6), rule("sector-collapse", baseline_weeks=6, window_days=28))
    records = {name: contracts.empty(name) for name in (*RECORDS, *CLUSTERS)}
    template = examples.table("subjects", [{"repeat": len(register)}])
    flagged = 0
    for seed in range(RUNS):
        dealt = np.random.default_rng(seed).choice(list("CEFGHILMOR"), len(register), p=[0.1] * 10)
        subjects = template.assign(
            district_code=register["district_code"].astype("str"),
            established_on=register["established_on"].astype("datetime64[s]"),
            industry_section=pd.Series(dealt, dtype="str"),
        )
        inputs = look(subjects, records, pd.Timestamp("2019-04-30"))
        flagged += len(sector_surge(inputs, rules[0])) + len(sector_collapse(inputs, rules[1]))
    assert flagged <= 0.05 * 2 * ANALYSES * RUNS
