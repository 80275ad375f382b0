"""Where people work, from what the city names: streets, villages and business parks, each as far as telephones say.

Houses tell where people live, not where they work: nobody lives in a park, and few commute to a village. The prior of
workplaces is a mixture of kinds of named places, ``p(h) = sum_k theta_k d_k(h)`` with d_k the places of kind k over
hexagons. Its shares are those under which the network cells of the workplaces seen are likeliest,
``P(c) = sum_k theta_k sum_h P(c | h) d_k(h)``, P(c | h) the footprints: a mixture with known parts, whose likelihood
has one maximum, which EM reaches (Dempster, Laird and Rubin 1977). They are three numbers taken from all workplaces of
a period; no truth and no register of firms goes in. Then one step of Bayes as for homes (`models.signaling.places`).

Not accounted for: how many work in one park, shop or office against another of its kind; parks of unlike size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from models.fusion.hexes import Cells, cells_of, resolutions
from models.signaling.places import built_up_prior, one_bayes_step
from models.signaling.prior import VILLAGE_M, around
from models.signaling.zones import Zones

Floats = npt.NDArray[np.float64]

PARK_M = 500.0
"""Radius over which a business park is spread; workplaces of generated cities are likeliest with 300 to 500 m."""
KINDS = {"streets": (("address", "poi"), 0.0), "villages": (("village",), VILLAGE_M), "parks": (("zone",), PARK_M)}
"""Kind of workplace -> kinds of the gazetteer, and metres over which each of their points is spread."""
ROUNDS = 2_000
NEAR = 1e-9
"""EM ends when no share moves by more."""


@dataclass(frozen=True)
class WorkPlaces:
    """What a city names, over hexagons.

    Attributes
    ----------
    likelihood : (cells, hexagons) ``P(c | h)`` of `places.footprints`
    density : (hexagons, kinds) share of the places of each of `KINDS` in each hexagon; columns sum to 1, or to 0 where
        the city names none
    """

    likelihood: sp.csr_matrix
    density: Floats


def density_of(places: pd.DataFrame, crs: int, hexes: Cells) -> Floats:
    """``WorkPlaces.density`` of a gazetteer.

    Parameters
    ----------
    places : kind, lon, lat (degrees, EPSG:4326); rows of other kinds and without coordinates are left out
    crs : EPSG code of the working reference system, in metres
    hexes : (hexagons) of one resolution; places beyond them are left out
    """
    resolution = int(resolutions(hexes[:1])[0])
    found = np.zeros((len(hexes), len(KINDS)))
    for k, (kinds, radius) in enumerate(KINDS.values()):
        rows = places[places["kind"].isin(kinds)].dropna(subset=["lon", "lat"])
        lon, lat = rows["lon"].to_numpy("float64"), rows["lat"].to_numpy("float64")
        lon, lat = around(lon, lat, radius, crs) if radius else (lon, lat)
        at = cells_of(lon, lat, resolution)
        found[:, k] = pd.Series(at).value_counts().reindex(pd.Index(hexes), fill_value=0)
    total = found.sum(axis=0)
    return np.asarray(np.divide(found, total, out=np.zeros_like(found), where=total > 0))


def kind_shares(given: WorkPlaces, workers: Floats) -> Floats:
    """(kinds) share of the workplaces at each kind of place; 0 each where no workplace can be at any of them.

    Parameters
    ----------
    workers : (cells) people by network cell of their workplace
    """
    part = np.asarray(given.likelihood @ given.density)
    seen = (part.sum(axis=1) > 0) & (workers > 0)
    part, number = part[seen], workers[seen]
    named = given.density.any(axis=0)
    if not len(number) or not named.any():
        return np.zeros(len(KINDS))
    share = named / named.sum()
    for _ in range(ROUNDS):
        joint = part * share
        found = number @ (joint / joint.sum(axis=1, keepdims=True))
        found /= found.sum()
        moved, share = np.abs(found - share).max(), found
        if moved < NEAR:
            break
    return np.asarray(share)


def with_workplaces(zones: Zones, people: pd.DataFrame, given: WorkPlaces) -> Zones:
    """Zones that know where the workplaces of their network cells are; as they were where nothing tells.

    Parameters
    ----------
    people : `pipeline.Raw.people`
    """
    rows = people[people["resident_class"] == "resident"].dropna(subset=["work_cell"])
    at, cells = rows["work_cell"].to_numpy(np.int64), given.likelihood.shape[0]
    share = kind_shares(given, np.bincount(at, rows["persons"], cells).astype(np.float64))
    if not share.any():
        return zones
    hexes = zones.allocation.hexes
    prior = built_up_prior(hexes, pd.Series(given.density @ share, index=pd.Index(hexes)))
    step = one_bayes_step(given.likelihood, prior, hexes, "footprint", zones.allocation.centres)
    return replace(zones, working=step.weights)
