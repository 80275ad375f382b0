"""Differentially private counts: the right noise, a bounded contribution, and a ledger that never forgets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models import contracts
from models.build.privacy_ledger import PrivacyLedger
from models.errors import ConfigError
from models.signaling import private
from models.signaling.places import Allocation
from models.signaling.zones import Zones

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
TOWNS = ("500110001", "500110002")


def zones() -> Zones:
    hexes = np.arange(2, dtype=np.uint64)
    at = np.zeros((3, 2))
    weights = sp.csr_matrix([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    return Zones(Allocation(weights, hexes, np.ones(2, bool), np.array([2]), "test", at), TOWNS, np.arange(2))


def people() -> pd.DataFrame:
    """400 workers of the first town, 100 beyond the city, 300 residents without work, 50 who are no residents."""
    return pd.DataFrame({
        "work_cell": pd.array([0, 2, None, 0], dtype="Int32"), "devices": [400, 100, 300, 50],
        "resident_class": ["resident", "resident", "resident", "short"], "persons": [32_000.0, 8_000.0, 24_000.0, 4e3],
    })  # fmt: skip


@pytest.mark.private
def test_counts_come_out_near_and_every_town_is_there() -> None:
    found = private.workers_by_town(people(), zones(), 2.0, 30).set_index("area_code")
    assert list(found.index) == list(TOWNS)
    assert found.loc["500110001", "workers"] == pytest.approx(32_000, abs=80 * 20)
    assert found.loc["500110002", ["workers", "low", "high"]].isna().all()  # noise alone is not told
    frame = contracts.conform("workers_private", found.reset_index().assign(period="2015"))
    contracts.check("workers_private", frame)


@pytest.mark.private
def test_the_noise_is_that_of_its_epsilon_and_the_interval_holds_it() -> None:
    drawn = private.laplace(np.zeros(20_000, np.int64), 0.5)
    a = np.exp(-0.5)
    assert drawn.mean() == pytest.approx(0, abs=0.12)
    assert drawn.var() == pytest.approx(2 * a / (1 - a) ** 2, rel=0.1)
    held = (np.abs(drawn) <= private.half_width(0.5)).mean()
    assert held == pytest.approx(1 - 2 * a ** (private.half_width(0.5) + 1) / (1 + a), abs=0.01)
    assert held >= private.COVERED - 0.01


@pytest.mark.parametrize("epsilon", [0.1, 0.5, 1.0, 3.0])
def test_the_half_width_is_the_least_that_holds_nine_tenths(epsilon: float) -> None:
    a, d = np.exp(-epsilon), private.half_width(epsilon)

    def outside(width: int) -> float:
        return float(2 * a ** (width + 1) / (1 + a))

    assert outside(d) <= 1 - private.COVERED + 1e-12
    assert d == 0 or outside(d - 1) > 1 - private.COVERED


def test_the_ledger_adds_up_and_refuses_what_the_budget_does_not_cover(tmp_path: Path) -> None:
    ledger = PrivacyLedger(tmp_path / "city" / "privacy_ledger.jsonl")
    ledger.spend("2015", "workers_private", 0.4, budget=1.0, at=NOW)
    ledger.spend("2015", "workers_private", 0.5, budget=1.0, at=NOW)
    ledger.spend("2014", "workers_private", 1.0, budget=1.0, at=NOW)
    assert ledger.spent("2015") == pytest.approx(0.9)
    with pytest.raises(ConfigError, match=r"at most 0\.1: 0\.9 of 1 is spent on 2015"):
        ledger.spend("2015", "workers_private", 0.2, budget=1.0, at=NOW)
    assert ledger.spent("2015") == pytest.approx(0.9)
    assert len(ledger.file.read_text("utf-8").splitlines()) == 3
