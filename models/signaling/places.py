"""From network cells to hexagons: footprints, a prior of where people live, and one step of Bayes; Voronoi as fallback.

``S = -10 gamma log10(d / r) - azimuth loss`` is the strength relative to the edge of the footprint in dB, the
dominance is ``s = 1 / (1 + exp(-k S))``, and ``P(c | h) = s / sum_c s`` (eurostat/multimno v1.0.0: gamma 3.75, k 0.2;
the edge stands for an absolute threshold, because a radius is what operators deliver; where none is delivered it
follows from the measured spread, `models.signaling.cell_spread`). The azimuth loss is the horizontal pattern of
3GPP TR 36.814: ``min(12 (angle / beamwidth)^2, 25)`` dB. One Bayes step:
``w(c, h) = prior(h) P(c | h) / sum``; more steps of EM fit noise (share on the wrong hexagon 0.22 -> 0.40 after 200).

Not accounted for: terrain, indoor loss, height of antennas.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
import shapely
from pyproj import Transformer
from scipy.spatial import cKDTree

from models.fusion.hexes import Cells, boundaries, cells_of, centres, children, resolutions
from models.signaling.cell_spread import EXPONENT, GAMMA, LEAST, STEEPNESS
from models.signaling.network import Network

REACH = (1.0 / LEAST - 1.0) ** (1.0 / EXPONENT)
"""Multiple of the radius (4.1) beyond which the dominance is below `LEAST` whatever the direction."""
MOST_LOSS_DB = 25.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Allocation:
    """How the people of each network cell are spread over hexagons.

    Attributes
    ----------
    weights : (cells, hexagons) sparse; every row sums to 1, or to 0 where the cell reaches no hexagon
    hexes : (hexagons) H3 index
    covered : (hexagons) whether any cell serves it
    uncovered_cells : codes of the cells without any hexagon; their people stay in the bin "outside"
    method : ``footprint`` or ``voronoi``
    centres : (cells, 2) where the network cells stand, metres; for distances between them
    breadth : (hexagons) number of hexagons over which the cells that serve it spread whoever is there, with no
        knowledge of where people live; 0 where no cell serves it, empty where nobody asks
    """

    weights: sp.csr_matrix
    hexes: Cells
    covered: npt.NDArray[np.bool_]
    uncovered_cells: npt.NDArray[np.int64]
    method: str
    centres: Floats
    breadth: Floats = field(default_factory=lambda: np.empty(0))

    def spread(self, by_cell: Floats) -> Floats:
        """Sums of cells (first axis) spread over hexagons; the total is kept but for the cells without hexagon."""
        return np.asarray(self.weights.T @ by_cell)


def hex_points(hexes: Cells, crs: int, finer: int = 1) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Points that stand for each hexagon in the working reference system, and the hexagon each belongs to.

    They are the centres of its descendants ``finer`` resolutions below, seven for one step.
    """
    resolution = int(resolutions(hexes[:1])[0]) + finer
    found, owner = children(hexes, resolution)
    lon, lat = centres(found)
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    return np.asarray(x), np.asarray(y), owner


def dominance(network: Network, x: Floats, y: Floats, at: npt.NDArray[np.int64], cell: npt.NDArray[np.int64]) -> Floats:
    """Dominance of cells at points, pair by pair.

    Parameters
    ----------
    x, y : metres of the points
    at, cell : (n) pairs of a point and a cell code
    """
    table, sites = network.table, network.sites
    dx, dy = x[at] - sites.x[cell], y[at] - sites.y[cell]
    distance = np.maximum(np.hypot(dx, dy), 10.0)
    strength = -10.0 * GAMMA * np.log10(distance / sites.radius[cell])
    beam = table["beamwidth_deg"].to_numpy("float64", na_value=360.0)[cell]
    aim = table["azimuth_deg"].to_numpy("float64", na_value=0.0)[cell]
    turned = (np.degrees(np.arctan2(dx, dy)) - aim + 180.0) % 360.0 - 180.0
    loss = np.where(beam >= 360.0, 0.0, np.minimum(12.0 * (turned / np.maximum(beam, 1.0)) ** 2, MOST_LOSS_DB))
    return np.asarray(1.0 / (1.0 + np.exp(-STEEPNESS * (strength - loss))))


def footprints(
    network: Network, active: npt.NDArray[np.bool_], hexes: Cells, crs: int, finer: int = 1
) -> sp.csr_matrix:
    """``P(c | h)``: (cells, hexagons) sparse, every column sums to 1, or to 0 where no cell serves the hexagon.

    Parameters
    ----------
    finer : the points that stand for a hexagon, see `hex_points`; 0 is its centre alone, enough where a footprint is
        wider than a few hexagons (resolution 9: seven points changed the share on a wrong one by 0.0005)
    """
    x, y, owner = hex_points(hexes, crs, finer)
    sites = network.sites
    codes = np.flatnonzero(active)
    tree = cKDTree(np.c_[x, y])
    near = tree.query_ball_point(np.c_[sites.x, sites.y][codes], REACH * sites.radius[codes])
    cell = np.repeat(codes, [len(n) for n in near])
    at = np.concatenate([np.asarray(n, dtype=np.int64) for n in near]) if len(near) else np.empty(0, np.int64)
    served = dominance(network, x, y, at, cell)
    kept = served > LEAST
    shape = (len(network.table), len(hexes))
    summed = sp.csr_matrix((served[kept], (cell[kept], owner[at[kept]])), shape=shape)
    total = np.asarray(summed.sum(axis=0)).ravel()
    return sp.csr_matrix(summed @ sp.diags(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)))


def one_bayes_step(
    likelihood: sp.csr_matrix, prior: Floats, hexes: Cells, method: str, centres: Floats | None = None
) -> Allocation:
    """Weights of cells over hexagons from ``P(c | h)`` and a prior of people over hexagons (any positive scale)."""
    joint = sp.csr_matrix(likelihood @ sp.diags(prior))
    total = np.asarray(joint.sum(axis=1)).ravel()
    weights = sp.csr_matrix(sp.diags(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)) @ joint)
    covered = np.asarray(likelihood.sum(axis=0)).ravel() > 0
    where = np.zeros((weights.shape[0], 2)) if centres is None else centres
    return Allocation(weights, hexes, covered, np.flatnonzero(total <= 0), method, where, breadths(likelihood))


def breadths(likelihood: sp.csr_matrix) -> Floats:
    """(hexagons) how many hexagons wide the footprints over each are, by the chance that a cell serves it.

    The width of a cell is the inverse Simpson index of its footprint where people live evenly, ``(sum L)^2 / sum L^2``.
    """
    total, square = (np.asarray(m.sum(axis=1)).ravel() for m in (likelihood, likelihood.power(2)))
    width = np.divide(total**2, square, out=np.zeros_like(total), where=square > 0)
    return np.asarray(likelihood.T @ width)


def built_up_prior(hexes: Cells, addresses: pd.Series, *, floor: float = 0.02) -> Floats:
    """Where people may live: addresses of each hexagon, with a small floor so that no hexagon is impossible.

    Parameters
    ----------
    addresses : number of house numbers, villages and buildings by H3 index of the same resolution
    floor : share of the mean that an empty hexagon gets
    """
    found = addresses.reindex(pd.Index(hexes), fill_value=0).to_numpy("float64")
    return np.asarray(found + floor * max(float(found.mean()), 1e-9))


def voronoi_areas(network: Network, active: npt.NDArray[np.bool_], shapes: gpd.GeoSeries, crs: int) -> sp.csr_matrix:
    """Area shared by each cell's Voronoi polygon and each hexagon, m2; cells of one mast share its polygon equally.

    Parameters
    ----------
    shapes : hexagons in EPSG:4326, in the order of the hexagons
    crs : EPSG code of the working reference system, in which areas are true enough
    """
    codes = np.flatnonzero(active)
    sites = network.sites
    masts, mast_of = np.unique(np.c_[sites.x, sites.y][codes].round(1), axis=0, return_inverse=True)
    drawn = shapes.to_crs(crs)
    whole = shapely.convex_hull(shapely.union_all(drawn.to_numpy())).buffer(50_000)
    polygons = _voronoi(masts, whole)
    tree = shapely.STRtree(polygons)
    hexagon, mast = tree.query(drawn.to_numpy(), predicate="intersects")
    area = shapely.area(shapely.intersection(drawn.to_numpy()[hexagon], polygons[mast]))
    by_mast = sp.csr_matrix((area, (mast, hexagon)), shape=(len(masts), len(drawn)))
    sharing = np.bincount(mast_of.ravel())
    rows = sp.csr_matrix(
        (1.0 / sharing[mast_of.ravel()], (codes, mast_of.ravel())), shape=(len(network.table), len(masts))
    )  # fmt: skip
    return sp.csr_matrix(rows @ by_mast)


def with_voronoi(
    likelihood: sp.csr_matrix, network: Network, active: npt.NDArray[np.bool_], hexes: Cells, crs: int
) -> sp.csr_matrix:
    """Footprints in which a cell that stands in a hexagon but reaches no centre has its Voronoi polygon.

    So has a cell in a building, with a footprint smaller than a hexagon. It serves a hexagon by the share of its area.

    Parameters
    ----------
    likelihood : (cells, hexagons) `footprints`; given back as it is where no cell is lost
    """
    table = network.table
    at = cells_of(table["lon"].to_numpy(), table["lat"].to_numpy(), int(resolutions(hexes[:1])[0]))
    lost = active & (likelihood.getnnz(axis=1) == 0) & np.isin(at, hexes)
    if not lost.any():
        return likelihood
    shapes = gpd.GeoSeries(boundaries(hexes), crs=4326)
    areas = voronoi_areas(network, active, shapes, crs)
    size = shapely.area(shapes.to_crs(crs).to_numpy())
    summed = likelihood + sp.diags(lost.astype(np.float64)) @ areas @ sp.diags(1.0 / size)
    total = np.asarray(summed.sum(axis=0)).ravel()
    return sp.csr_matrix(summed @ sp.diags(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)))


def _voronoi(points: Floats, around: Any) -> npt.NDArray[Any]:
    if len(points) == 1:
        return np.array([around], dtype=object)
    parts = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=around))
    order = shapely.STRtree(parts).query(shapely.points(points), predicate="intersects")
    first = pd.Series(order[1]).groupby(order[0]).first()
    return np.asarray(shapely.intersection(parts[first.to_numpy()], around))
