"""Where people work is found from the cells of their workplaces; towns of parks get their commuters, nobody is lost."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.fusion.hexes import cells_of, centres, disk
from models.signaling import flows
from models.signaling.places import Allocation
from models.signaling.workplaces import KINDS, WorkPlaces, density_of, kind_shares, with_workplaces
from models.signaling.zones import Zones

CRS = 4544
HERE = cells_of(np.array([106.65]), np.array([28.9]), 8)
AROUND = np.sort(disk(HERE, 2))
LON, LAT = (float(axis[0]) for axis in centres(HERE))
TOWNS = ("500110001", "500110002")


def gazetteer(*rows):
    return pd.DataFrame(rows, columns=["kind", "lon", "lat"])


def workers(*rows):
    people = pd.DataFrame(rows, columns=["home_cell", "work_cell", "persons"])
    return people.assign(devices=people["persons"].astype("int64"), resident_class="resident")


def border():
    """Two cells at a border of two towns: both serve a village of the first and a park of the second alike."""
    half = sp.csr_matrix([[0.5, 0.5], [0.5, 0.5]])
    lived = sp.csr_matrix([[0.9, 0.1], [0.9, 0.1]])  # houses stand in the village
    at = np.array([[0.0, 0.0], [2_000.0, 0.0]])
    allocation = Allocation(lived, AROUND[:2], np.ones(2, bool), np.empty(0, np.int64), "test", at)
    return Zones(allocation, TOWNS, np.arange(2)), WorkPlaces(half, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))


def test_places_of_a_kind_add_up_to_one_and_a_kind_that_is_not_named_is_nowhere():
    named = gazetteer(("address", LON, LAT), ("poi", LON, LAT), ("address", 0.0, 0.0), ("zone", LON, LAT))
    found = density_of(named, CRS, AROUND)
    at = int(np.searchsorted(AROUND, HERE[0]))
    np.testing.assert_allclose(found.sum(axis=0), [1.0, 0.0, 1.0])
    assert found[at, 0] == 1.0
    assert found[at, 2] == pytest.approx(1.0, abs=0.25)  # a park is about as wide as a hexagon
    assert density_of(gazetteer(), CRS, AROUND).sum() == 0.0


def test_shares_of_kinds_by_hand():
    """Streets lie in hexagon 0, parks in both by halves; a quarter of the workplaces is in 1, so half are at parks."""
    given = WorkPlaces(sp.identity(2, format="csr"), np.array([[1.0, 0.0, 0.5], [0.0, 0.0, 0.5]]))
    np.testing.assert_allclose(kind_shares(given, np.array([75.0, 25.0])), [0.5, 0.0, 0.5], atol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_shares_are_the_likeliest_of_a_fine_grid(seed):
    rng = np.random.default_rng(seed)
    likelihood = sp.csr_matrix(rng.dirichlet(np.full(12, 0.4), 20).T)
    density = rng.dirichlet(np.full(20, 0.3), 3).T
    counts = rng.poisson(30.0, 12).astype(float)

    def fit(share):
        return float((counts * np.log(np.asarray(likelihood @ density) @ share + 1e-300)).sum())

    found = kind_shares(WorkPlaces(likelihood, density), counts)
    grid = [np.array([a, b, 100 - a - b]) / 100 for a in range(101) for b in range(101 - a)]
    assert found.sum() == pytest.approx(1.0)
    assert fit(found) >= max(map(fit, grid)) - 1e-6


def test_a_city_that_names_nothing_and_one_where_nobody_works_stay_as_they_were():
    zones, given = border()
    nothing = WorkPlaces(given.likelihood, np.zeros((2, len(KINDS))))
    assert with_workplaces(zones, workers((0, 1, 9.0)), nothing) is zones
    assert with_workplaces(zones, workers((0, 1, 9.0)).iloc[:0], given) is zones
    assert zones.works_by_town is zones.by_town


def test_workplaces_of_a_border_cell_go_where_people_work_and_homes_stay_where_they_live():
    """Nine in ten of cells 0 and 1 live in the village; workers of cell 2, which only the park has, tell of it."""
    likelihood = sp.csr_matrix([[0.5, 0.2], [0.5, 0.2], [0.0, 0.6]])
    lived = sp.csr_matrix([[0.9, 0.1], [0.9, 0.1], [0.0, 1.0]])
    allocation = Allocation(lived, AROUND[:2], np.ones(2, bool), np.empty(0, np.int64), "test", np.zeros((3, 2)))
    zones = Zones(allocation, TOWNS, np.arange(2))
    given = WorkPlaces(likelihood, np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]))
    rows = workers((0, 0, 15.0), (0, 1, 15.0), (1, 2, 70.0))
    found = with_workplaces(zones, rows, given)
    np.testing.assert_allclose(kind_shares(given, np.array([15.0, 15.0, 70.0])), [0.0, 0.0, 1.0], atol=1e-4)
    np.testing.assert_allclose(np.asarray(found.working.sum(axis=1)).ravel(), 1.0)
    assert found.works_by_town[0, 1] > 0.9 > zones.works_by_town[0, 1]
    assert found.town_of_work.tolist() == [1, 1, 1] and found.town_of_cell.tolist() == [0, 0, 1]
    assert (found.by_town != zones.by_town).nnz == 0


def test_commuters_keep_their_number_and_their_devices_are_counted_in_the_town_of_the_workplace():
    zones, given = border()
    raw = SimpleNamespace(people=workers((0, 1, 40.0), (1, 0, 20.0), (1, 1, 3.0)))
    moved = with_workplaces(zones, raw.people, WorkPlaces(given.likelihood, given.density[:, [0, 0, 2]] * [0, 0, 1]))
    codes, persons, devices, _ = flows.commuters(raw, moved)
    assert codes == [*TOWNS, flows.OUTSIDE]
    assert persons.sum() == pytest.approx(63.0) and devices.sum() == 63
    assert devices[0].tolist() == [0, 63, 0]
    assert persons[:, 1].sum() > 60 > flows.commuters(raw, zones)[1][:, 1].sum()
