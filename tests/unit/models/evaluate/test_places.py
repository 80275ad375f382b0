"""Where an evaluation says that people are: the hexagon that the map shows, and sums of finer hexagons."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.sparse as sp

from models.evaluate.places import coarser, shown_at
from models.fusion.hexes import cells_of, parents
from models.signaling.places import Allocation, hex_points
from models.signaling.zones import Zones

CRS = 4546


@pytest.fixture
def made():
    """Three network cells over the hexagons of three places: the first reaches two of them, the last none."""
    hexes = np.sort(cells_of(np.array([106.60, 106.65, 106.90]), np.array([29.0, 29.0, 29.0]), 8))
    weights = sp.csr_matrix(np.array([[0.75, 0.0, 0.25], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]))
    covered, nowhere = np.array([True, True, True]), np.array([2])
    allocation = Allocation(weights, hexes, covered, nowhere, "footprint", np.zeros((3, 2)))
    zones = Zones(allocation, ("500110001",), np.zeros(3, np.int64))
    sites = SimpleNamespace(x=np.array([1.0, 2.0, 3.0]), y=np.array([10.0, 20.0, 30.0]))
    return SimpleNamespace(zones=zones, network=SimpleNamespace(sites=sites))


def test_a_telephone_is_shown_in_the_heaviest_hexagon_of_its_cell_or_at_the_mast(made):
    city = SimpleNamespace(crs=CRS)
    x, y, _ = hex_points(made.zones.allocation.hexes, CRS, 0)
    centres = np.c_[x, y]
    np.testing.assert_allclose(shown_at(made, city), [centres[0], centres[1], (3.0, 30.0)])
    mean = 0.75 * centres[0] + 0.25 * centres[2]
    np.testing.assert_allclose(shown_at(made, city, mean=True), [mean, centres[1], (3.0, 30.0)])


def test_coarser_hexagons_hold_the_people_of_the_finer_ones_and_nobody_else(made):
    people = np.array([5.0, 7.0, 11.0])
    above = coarser(people, made, 7)
    assert above.sum() == people.sum()
    for fine, parent in enumerate(parents(made.zones.allocation.hexes, 7)):
        assert above[parent] >= people[fine]
