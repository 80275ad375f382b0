"""Pitfalls of laying people on hexagons: the tower's hexagon, joins of centres, false areas, too many steps of EM."""

from __future__ import annotations

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from models.fusion import hexes
from models.signaling import evaluation
from models.signaling.network import COLUMNS, Network
from models.signaling.places import built_up_prior, footprints, one_bayes_step, voronoi_areas

CRS = 4544
TOWN = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 8)
SEEDS = range(3)


def network(lon, lat, radius):
    table = pd.DataFrame({"lon": lon, "lat": lat, "radius_m": radius})
    x, y = Transformer.from_crs(4326, CRS, always_xy=True).transform(lon, lat)
    filled = table.assign(
        cell_id=[f"c{k}" for k in range(len(table))], station_id="s", technology="4G", azimuth_deg=0,
        beamwidth_deg=360, valid_from=pd.Timestamp("2012-01-01"), valid_to=pd.NaT,
    )  # fmt: skip
    return Network(filled[list(COLUMNS)].assign(x=x, y=y), "")


class Drawn:
    """A town of clustered homes: every person is served by a cell drawn from the footprints over his hexagon."""

    def __init__(self, seed, cells=40, persons=20_000):
        rng = np.random.default_rng(seed)
        self.net = network(rng.uniform(106.58, 106.72, cells), rng.uniform(28.84, 28.96, cells), 900.0)
        built = np.where(rng.random(len(TOWN)) < 0.3, rng.lognormal(4, 1.2, len(TOWN)), 0.0)
        self.likelihood = footprints(self.net, np.ones(cells, dtype=bool), TOWN, CRS)
        served = np.asarray(self.likelihood.sum(axis=0)).ravel() > 0
        self.built = built * served
        self.truth = rng.multinomial(persons, self.built / self.built.sum()).astype(float)
        columns = self.likelihood.toarray()
        self.by_cell = sum(
            (rng.multinomial(int(n), columns[:, h]) for h, n in enumerate(self.truth) if n), np.zeros(cells)
        ).astype(float)
        self.prior = built_up_prior(TOWN, pd.Series(self.built, index=pd.Index(TOWN)))
        self.shapes = gpd.GeoSeries(hexes.boundaries(TOWN), crs=4326)

    def wrong(self, estimate):
        return evaluation.misallocation(estimate, self.truth)


@pytest.fixture(scope="module")
def towns():
    return [Drawn(seed) for seed in SEEDS]


def test_people_put_on_the_hexagon_of_the_tower_stand_wrong_twice_as_often(towns):
    for town in towns:
        tower = pd.Index(TOWN).get_indexer(
            hexes.cells_of(town.net.table["lon"].to_numpy(), town.net.table["lat"].to_numpy(), 8)
        )
        naive = np.bincount(tower[tower >= 0], town.by_cell[tower >= 0], len(TOWN))
        spread = one_bayes_step(town.likelihood, town.prior, TOWN, "footprint").spread(town.by_cell)
        assert town.wrong(naive) > 2 * town.wrong(spread)
        assert town.wrong(spread) < 0.21


def test_voronoi_by_area_is_worse_than_footprints_with_a_prior_by_a_fifth(towns):
    gains = []
    for town in towns:
        areas = voronoi_areas(town.net, np.ones(len(town.net.table), dtype=bool), town.shapes, CRS)
        flat = one_bayes_step(areas, np.ones(len(TOWN)), TOWN, "voronoi").spread(town.by_cell)
        spread = one_bayes_step(town.likelihood, town.prior, TOWN, "footprint").spread(town.by_cell)
        gains.append(1 - town.wrong(spread) / town.wrong(flat))
    assert np.mean(gains) >= 0.2


def test_a_join_of_centres_loses_people_of_cells_smaller_than_a_hexagon_and_the_allocator_loses_nobody():
    rng = np.random.default_rng(7)
    dense = network(rng.uniform(106.64, 106.66, 60), rng.uniform(28.89, 28.91, 60), 150.0)
    people = np.full(60, 100.0)
    shapes = gpd.GeoSeries(hexes.boundaries(TOWN), crs=4326)
    areas = voronoi_areas(dense, np.ones(60, dtype=bool), shapes, CRS)
    x, y = Transformer.from_crs(4326, CRS, always_xy=True).transform(*hexes.centres(TOWN))
    holder = cKDTree(np.c_[dense.sites.x, dense.sites.y]).query(np.c_[x, y])[
        1
    ]  # whose Voronoi polygon holds the centre
    joined = people[np.unique(holder)].sum()
    assert joined < 0.9 * people.sum()
    spread = one_bayes_step(areas, np.ones(len(TOWN)), TOWN, "voronoi")
    assert spread.spread(people).sum() == pytest.approx(people.sum(), rel=1e-9)
    assert not len(spread.uncovered_cells)


def test_areas_are_those_of_the_ellipsoid_and_not_of_web_mercator(towns):
    town = towns[0]
    areas = voronoi_areas(town.net, np.ones(len(town.net.table), dtype=bool), town.shapes, CRS)
    found = np.asarray(areas.sum(axis=0)).ravel()
    geod = Geod(ellps="WGS84")
    true = np.array([abs(geod.geometry_area_perimeter(shape)[0]) for shape in town.shapes])
    assert found == pytest.approx(true, rel=1e-3)
    mercator = shapely.area(town.shapes.to_crs(3857).to_numpy())
    assert (mercator / true).min() > 1.25


def test_one_step_of_bayes_is_better_than_two_hundred_of_em(towns):
    for town in towns:
        likelihood, share = town.likelihood, town.prior / town.prior.sum()
        errors = []
        for _ in range(200):
            allocation = one_bayes_step(likelihood, share, TOWN, "footprint")
            estimate = allocation.spread(town.by_cell)
            errors.append(town.wrong(estimate))
            share = estimate / estimate.sum()
        assert errors[-1] > errors[0] + 0.01
