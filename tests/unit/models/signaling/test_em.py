"""Steps of EM that end on left-out devices are never much worse than the first, and those to the end are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from models.signaling.em import MOST_STEPS, step, stopped
from models.signaling.evaluation import misallocation

SIDE = 14


def drawn(seed, devices=3_000):
    """A square town: unequal settlements, wide footprints, a prior that knows houses but not how full they are."""
    rng = np.random.default_rng(seed)
    x, y = (axis.ravel().astype(float) for axis in np.meshgrid(np.arange(SIDE), np.arange(SIDE)))
    mast = rng.uniform(0, SIDE, (60, 2))
    strength = np.exp(-(np.hypot(x - mast[:, :1], y - mast[:, 1:]) ** 2) / 6.0)
    likelihood = sp.csr_matrix(strength / strength.sum(axis=0))
    houses = rng.gamma(0.6, 1.0, SIDE * SIDE) + 0.02
    people = houses * rng.lognormal(0.0, 0.5, SIDE * SIDE)
    cells = np.asarray(likelihood @ (people / people.sum()))
    return likelihood, houses, people, rng.multinomial(devices, cells / cells.sum()), rng


@pytest.mark.parametrize("seed", range(8))
def test_it_is_never_worse_than_its_own_first_step_by_more_than_a_hundredth(seed):
    likelihood, houses, people, devices, rng = drawn(seed)
    found, steps = stopped(likelihood, houses, devices, rng)
    assert 0 <= steps < MOST_STEPS
    first = misallocation(step(likelihood, houses, devices.astype(float)), people)
    assert misallocation(step(likelihood, found, devices.astype(float)), people) <= first + 0.01


def test_steps_without_an_end_fit_noise():
    worse = []
    for seed in range(8):
        likelihood, houses, people, devices, _ = drawn(seed, devices=300)
        run = first = step(likelihood, houses, devices.astype(float))
        for _ in range(300):
            run = step(likelihood, run, devices.astype(float))
        worse.append(misallocation(run, people) - misallocation(first, people))
    assert np.mean(worse) > 0.1


def test_a_step_keeps_the_devices_and_equals_bayes_by_hand():
    """Prior 1 to 3; cell 0 has 10 devices and sees 0.8 and 0.4, so 10 * 0.8 / 2.0 = 4 and 6; cell 1 has 20."""
    likelihood = sp.csr_matrix([[0.8, 0.4], [0.2, 0.6]])
    found = step(likelihood, np.array([1.0, 3.0]), np.array([10.0, 20.0]))
    np.testing.assert_allclose(found, [10 * 0.8 / 2.0 + 20 * 0.2 / 2.0, 10 * 1.2 / 2.0 + 20 * 1.8 / 2.0])
    assert found.sum() == pytest.approx(30.0)


def test_cells_that_reach_nobody_are_left_out():
    likelihood = sp.csr_matrix([[1.0, 1.0], [0.0, 0.0]])
    found, steps = stopped(likelihood, np.array([1.0, 1.0]), np.array([50, 9]), np.random.default_rng(1))
    assert (found.tolist(), steps) == ([1.0, 1.0], 0)
