"""The places that people of a period are counted in: footprints of its network over hexagons, towns and districts."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import scipy.sparse as sp

from models.build.deliveries import Given
from models.profile.signaling import Period
from models.signaling import places
from models.signaling.elsewhere import beyond_cells
from models.signaling.network import Network
from models.signaling.zones import Zones, town_of_hexes

SAMPLED = 9
"""Resolution of the points at which footprints are computed, whatever the finest hexagons are."""


@dataclass(frozen=True)
class Ground:
    """What every period stands on: cells of the city, its supervision grid, places where people may live, roads."""

    cells: pd.DataFrame
    grids: pd.DataFrame
    places: pd.DataFrame
    roads: gpd.GeoDataFrame | None = None


def zones_of(
    own: Given, period: Period, network: Network, ground: Ground, addresses: pd.Series
) -> tuple[Zones, sp.csr_matrix]:
    """Footprints of the network on the first day of the period, over the finest hexagons of the city; and ``P(c | h)``.

    Rows that stand for regions beyond the city have none: who is there is not here.

    Parameters
    ----------
    addresses : weight of the addresses by finest hexagon
    """
    finest, crs, sites = own.spec.finest, own.city.crs, network.sites
    hexes = np.sort(ground.cells.loc[ground.cells["resolution"] == finest, "h3"].to_numpy("uint64"))
    active = network.active_on(period.first) & ~beyond_cells(network.table)
    likelihood = places.footprints(network, active, hexes, crs, finer=SAMPLED - finest)
    likelihood = places.with_voronoi(likelihood, network, active, hexes, crs)
    prior = places.built_up_prior(hexes, addresses)
    allocation = places.one_bayes_step(likelihood, prior, hexes, "footprint", np.c_[sites.x, sites.y])
    return Zones(allocation, *town_of_hexes(ground.cells, ground.grids, hexes)), likelihood
