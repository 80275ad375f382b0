"""Stable noise for a public copy: mean 0, the variance asked for, bounded, and the same again and again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models import perturbation

SECRET = b"a key of the installation"


def flows(devices: list[int | None]) -> pd.DataFrame:
    n = len(devices)
    count = pd.array(devices, dtype="Int64")
    persons = pd.Series(count, dtype="Float64").astype("float64") * 80
    return pd.DataFrame({
        "period": "2015", "from_code": [f"t{i}" for i in range(n)], "to_code": "t0", "area_level": "town",
        "persons": persons, "low": persons * 0.8, "high": persons * 1.2, "devices": count,
        "suppressed": [d is None for d in devices],
    })  # fmt: skip


@pytest.mark.parametrize(("variance", "most"), [(3.0, 5), (1.0, 2), (0.5, 8)])
def test_the_distribution_has_mean_zero_and_the_variance_asked_for(variance: float, most: int) -> None:
    table, steps = perturbation.distribution(variance, most), np.arange(-most, most + 1)
    assert table.sum() == pytest.approx(1)
    assert table @ steps == pytest.approx(0)
    assert table @ steps**2 == pytest.approx(variance)
    assert (np.diff(table[most:]) < 0).all()


def test_a_variance_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="below 10 for noise of at most 5"):
        perturbation.distribution(10.0, 5)


def test_the_drawn_noise_follows_its_distribution() -> None:
    table = perturbation.distribution()
    drawn = perturbation.noise(pd.Series([f"row {i}" for i in range(40_000)]), SECRET, table)
    share = np.bincount(drawn + perturbation.MOST, minlength=len(table)) / len(drawn)
    assert np.abs(share - table).max() < 0.01
    assert abs(drawn.mean()) < 0.03


def test_the_same_row_gets_the_same_noise_in_any_order_and_another_key_another() -> None:
    frame = flows([40, 60, None, 25, 300])
    once, again = (perturbation.perturbed("commute_flows", frame, SECRET) for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    turned = perturbation.perturbed("commute_flows", frame.iloc[::-1], SECRET).iloc[::-1]
    pd.testing.assert_frame_equal(once, turned)
    assert not once["persons"].equals(perturbation.perturbed("commute_flows", frame, b"another key here")["persons"])


def test_noise_is_bounded_scaled_to_persons_and_widens_the_interval() -> None:
    frame = flows([40, 60, None, 25, 300])
    open_copy = perturbation.perturbed("commute_flows", frame, SECRET)
    moved = (open_copy["persons"] - frame["persons"]) / 80
    assert moved.dropna().round(9).isin(range(-5, 6)).all()
    assert pd.isna(open_copy["persons"].iloc[2])
    before, after = (f["high"] - f["low"] for f in (frame, open_copy))
    assert (after.dropna() > before.dropna()).all()
    half = np.hypot(0.2 * 40 * 80, 1.645 * 80 * np.sqrt(3.0))  # of the first row, worked by hand
    assert open_copy["high"].iloc[0] - open_copy["persons"].iloc[0] == pytest.approx(half)


def test_nobody_stays_nobody_and_few_devices_are_refused() -> None:
    assert perturbation.perturbed("commute_flows", flows([0, 40]), SECRET)["persons"].iloc[0] == 0
    with pytest.raises(ValueError, match="3 devices; noise of up to 5 needs more"):
        perturbation.perturbed("commute_flows", flows([3, 40]), SECRET)
    with pytest.raises(ValueError, match="noise is for counts of people"):
        perturbation.perturbed("subjects", flows([40]), SECRET)
