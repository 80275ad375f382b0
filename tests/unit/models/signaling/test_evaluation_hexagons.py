"""What the finest hexagons are worth: rivals by hand, and gaps between the levels found where there are any."""

from __future__ import annotations

from dataclasses import replace

import h3
import numpy as np
import pytest
import scipy.sparse as sp

from models.fusion import hexes
from models.signaling.evaluation_hexagons import conserved, finest, within
from models.signaling.places import one_bayes_step
from models.signaling.zones import Zones

PARENTS = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 2)
FINE = np.sort(hexes.children(PARENTS, 9)[0])


def drawn(prior, cells=30, seed=2):
    rng = np.random.default_rng(seed)
    likelihood = rng.random((cells, len(FINE))) ** 12
    allocation = one_bayes_step(sp.csr_matrix(likelihood / likelihood.sum(axis=0)), prior, FINE, "test")
    return Zones(allocation, ("a", "b"), rng.integers(-1, 2, len(FINE)), ("d", "d"))


def test_people_of_a_hexagon_are_laid_on_its_parts_by_a_prior():
    people, prior = np.zeros(len(FINE)), np.ones(len(FINE))
    people[0], prior[1] = 90.0, 3.0
    found = within(FINE, people, prior)
    assert found[:7].tolist() == [10.0, 30.0, *[10.0] * 5]
    assert found.sum() == 90.0


def test_what_the_truth_is_laid_by_has_no_error_and_the_even_rival_has():
    prior = np.random.default_rng(1).random(len(FINE)) + 0.01
    zones = drawn(prior)
    by_cell = np.random.default_rng(4).uniform(10, 900, 30)
    truth = zones.allocation.spread(by_cell)
    apart = np.arange(len(FINE)) < 70
    found = {figure.name: figure.value for figure in finest(zones, by_cell, truth, truth, prior, apart)}
    assert found["misallocation, resolution 9"] == pytest.approx(0, abs=1e-12)
    assert found["misallocation, resolution 9, told apart"] == pytest.approx(0, abs=1e-12)
    assert found["misallocation, one resolution coarser laid evenly, resolution 9"] > 0.1
    assert found["misallocation, one resolution coarser laid on houses, resolution 9"] > 0
    assert 0 < found["people truly on hexagons of resolution 9 told apart"] < 1
    flat = drawn(np.ones(len(FINE)))
    bare = finest(flat, by_cell, flat.allocation.spread(by_cell), truth, np.ones(len(FINE)), apart)
    assert {f.name: f.value for f in bare}["misallocation without houses, resolution 9, told apart"] == pytest.approx(0)


def test_no_level_loses_anybody_and_a_level_that_does_is_named():
    zones = drawn(np.ones(len(FINE)))
    by_cell = np.random.default_rng(4).uniform(10, 900, 30)
    figures = conserved(zones, by_cell)
    assert [figure.met for figure in figures] == [True] * 4
    leaky = Zones(zones.allocation, zones.towns, zones.of_hex, zones.districts)
    level = leaky.level(8)
    leaky._levels[8] = level._replace(weights=level.weights * 0.999)
    missed = [figure.name for figure in conserved(leaky, by_cell) if not figure.met]
    assert missed == [f"people lost in sums by hexagons of resolution {r}" for r in (8, 7)]
    lost = replace(zones, districts=("d", "d"))
    lost.district_member[1].data[0] = 0.0
    assert [f.name for f in conserved(lost, by_cell) if not f.met] == ["people lost in sums by districts"]
