"""Network cells spread over hexagons: totals kept by every allocator, beams that look where they point."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

from models.fusion import hexes
from models.signaling.network import COLUMNS, Network
from models.signaling.places import (
    built_up_prior,
    dominance,
    footprints,
    hex_points,
    one_bayes_step,
    voronoi_areas,
    with_voronoi,
)

CRS = 4544
TOWN = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 8)


def network(rows):
    table = pd.DataFrame(rows, columns=["lon", "lat", "azimuth_deg", "beamwidth_deg", "radius_m"])
    x, y = Transformer.from_crs(4326, CRS, always_xy=True).transform(table["lon"].to_numpy(), table["lat"].to_numpy())
    filled = table.assign(
        cell_id=[f"c{k}" for k in range(len(table))], station_id="s", technology="4G",
        valid_from=pd.Timestamp("2012-01-01"), valid_to=pd.NaT,
    )  # fmt: skip
    return Network(filled[list(COLUMNS)].assign(x=x, y=y), "")


@pytest.fixture(scope="module")
def town():
    rng = np.random.default_rng(4)
    masts = np.c_[rng.uniform(106.60, 106.70, 12), rng.uniform(28.86, 28.94, 12)]
    return network([(lon, lat, azimuth, 65, rng.uniform(600, 1500)) for lon, lat in masts for azimuth in (0, 120, 240)])


def everywhere(net):
    return np.ones(len(net.table), dtype=bool)


def test_probabilities_of_a_hexagon_sum_to_one_or_it_is_listed_as_uncovered(town):
    likelihood = footprints(town, everywhere(town), TOWN, CRS)
    total = np.asarray(likelihood.sum(axis=0)).ravel()
    covered = one_bayes_step(likelihood, np.ones(len(TOWN)), TOWN, "footprint").covered
    np.testing.assert_allclose(total[covered], 1.0, rtol=1e-12)
    assert (total[~covered] == 0).all()


def test_every_allocator_keeps_the_total(town):
    people = np.random.default_rng(0).uniform(0, 500, len(town.table))
    shapes = gpd.GeoSeries(hexes.boundaries(TOWN), crs=4326)
    prior = built_up_prior(TOWN, pd.Series([9, 3], index=pd.Index(TOWN[:2])))
    for likelihood in (
        footprints(town, everywhere(town), TOWN, CRS),
        voronoi_areas(town, everywhere(town), shapes, CRS),
    ):
        for weight in (np.ones(len(TOWN)), prior):
            spread = one_bayes_step(likelihood, weight, TOWN, "any")
            kept = np.delete(people, spread.uncovered_cells).sum()
            assert spread.spread(people).sum() == pytest.approx(kept, rel=1e-9)


def test_a_cell_out_of_reach_of_every_hexagon_is_named_and_keeps_its_people(town):
    far = network([(106.65, 28.9, 0, 360, 900), (110.0, 30.0, 0, 360, 900)])
    spread = one_bayes_step(footprints(far, everywhere(far), TOWN, CRS), np.ones(len(TOWN)), TOWN, "footprint")
    assert spread.uncovered_cells.tolist() == [1]
    assert spread.spread(np.array([10.0, 7.0])).sum() == pytest.approx(10.0)


def test_at_the_edge_of_an_omnidirectional_footprint_the_dominance_is_one_half():
    omni = network([(106.65, 28.9, None, 360, 1000)])
    sites = omni.sites
    pair = (np.array([0]), np.array([0]))
    assert dominance(omni, sites.x + 1000.0, sites.y, *pair)[0] == pytest.approx(0.5)
    hand = 1 / (1 + np.exp(-0.2 * (-37.5 * np.log10(2.0))))
    assert dominance(omni, sites.x + 2000.0, sites.y, *pair)[0] == pytest.approx(hand)


def test_a_sector_serves_what_lies_before_it_and_hardly_what_lies_behind():
    north = network([(106.65, 28.9, 0, 65, 1000)])
    sites = north.sites
    pair = (np.array([0]), np.array([0]))
    before, behind = (dominance(north, sites.x, sites.y + way, *pair)[0] for way in (800.0, -800.0))
    assert before > 0.6 > 0.05 > behind


def test_an_inactive_cell_serves_nothing(town):
    active = everywhere(town)
    active[5] = False
    assert footprints(town, active, TOWN, CRS)[5].nnz == 0


def test_voronoi_areas_fill_every_hexagon_exactly(town):
    shapes = gpd.GeoSeries(hexes.boundaries(TOWN), crs=4326)
    found = np.asarray(voronoi_areas(town, everywhere(town), shapes, CRS).sum(axis=0)).ravel()
    np.testing.assert_allclose(found, shapely.area(shapes.to_crs(CRS).to_numpy()), rtol=1e-9)


def test_nobody_lives_on_a_hexagon_without_address_beyond_the_floor():
    prior = built_up_prior(TOWN, pd.Series([100], index=pd.Index(TOWN[:1])))
    assert prior[1:].max() / prior[0] < 1e-3
    assert (prior > 0).all()


def test_a_cell_too_small_to_reach_a_centre_takes_its_voronoi_polygon_and_nobody_is_lost():
    """The edge of a hexagon of 530 m: a cell of 20 m there reaches no centre, nor any of seven points."""
    hexagon = np.asarray(hexes.boundaries(TOWN)[100].exterior.coords)
    corner = hexagon[0] + 0.02 * (np.asarray(hexes.centres(TOWN[100:101])).ravel() - hexagon[0])
    net = network([(106.65, 28.9, 0, 360, 900), (*corner, None, 360, 20), (110.0, 30.0, 0, 360, 20)])
    bare = footprints(net, everywhere(net), TOWN, CRS)
    assert bare.getnnz(axis=1)[1:].tolist() == [0, 0]
    found = with_voronoi(bare, net, everywhere(net), TOWN, CRS)
    total = np.asarray(found.sum(axis=0)).ravel()
    np.testing.assert_allclose(total[total > 0], 1.0, rtol=1e-12)
    spread = one_bayes_step(found, np.ones(len(TOWN)), TOWN, "footprint")
    assert spread.uncovered_cells.tolist() == [2], "beyond every hexagon"
    assert spread.spread(np.array([10.0, 7.0, 5.0])).sum() == pytest.approx(17.0, rel=1e-9)
    assert spread.weights[1, 100] > 0


def test_footprints_that_all_reach_a_hexagon_stay_as_they_are(town):
    likelihood = footprints(town, everywhere(town), TOWN, CRS)
    assert with_voronoi(likelihood, town, everywhere(town), TOWN, CRS) is likelihood


def test_seven_points_stand_for_a_hexagon():
    x, _, owner = hex_points(TOWN[:3], CRS)
    assert np.bincount(owner).tolist() == [7, 7, 7]
    assert len(x) == 21
