"""Hot spots (热点): places whose rate stands out together with that of their neighbours.

Gi* (Ord and Getis 1995) and local Moran (Anselin 1995) on rates, new firms per existing firm, never on raw counts:
where there are many firms there are many new ones, and that is no finding. z and I are those of `esda` (the tests hold
them to it); p-values come from a permutation null that is exact for Gi*: if rates were dealt to places at random, the
sum over a place and its neighbours would be a draw without replacement, the same for all places with as many
neighbours. So one long row of draws serves every place, and p-values reach far below 1/999 at little cost. Benjamini
and Hochberg (1995) then hold the share of false findings.

Not accounted for: rates of places with few existing firms vary more; such places are left out (``least_exposure``),
not modelled. Local Moran has no p-value of its own here; its quadrant says what kind of place a significant Gi* is.
"""

from __future__ import annotations

import h3ronpy
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import shapely

from models.errors import RequestError

Floats = npt.NDArray[np.float64]
Pairs = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]

LEAST_EXPOSURE = 5
DRAWS = 200_000
LEVEL = 0.05


def hot_spots(
    new: npt.ArrayLike,
    existing: npt.ArrayLike,
    pairs: Pairs,
    *,
    rng: np.random.Generator,
    least_exposure: float = LEAST_EXPOSURE,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return rate, Gi*, local Moran and what they mean for each of n places.

    Parameters
    ----------
    new, existing : n counts: events of the window, and the firms that were there before it
    pairs : positions of neighbours, each pair in both directions, without a place and itself
    rng : source of the draws of the null
    least_exposure : existing firms below which a place has no rate
    draws : length of the null; the smallest p-value is 1 / (draws + 1)
    level : largest expected share of false findings among the flagged places

    Returns
    -------
    n rows: rate (null below ``least_exposure``), neighbours (with a rate), mark ("no_rate", "island",
    "one_neighbour" or null), gi_star (z), p_value (two-sided), q_value (Benjamini-Hochberg), kind ("hot", "cold",
    "none"; null where not tested), local_moran, quadrant ("HH", "LL", "HL", "LH"). Islands are not tested; places
    with one neighbour are, and say so.
    """
    cases, base = np.asarray(new, np.float64), np.asarray(existing, np.float64)
    if cases.shape != base.shape or cases.ndim != 1:
        raise RequestError(
            f"new has the shape {cases.shape}, existing {base.shape}; needed: two flat arrays of a length"
        )
    rated = base >= max(least_exposure, 1e-9)
    rate = np.divide(cases, base, out=np.full(cases.size, np.nan), where=rated)
    a, b = pairs
    kept = rated[a] & rated[b]
    a, b = a[kept], b[kept]
    degree = np.bincount(a, minlength=cases.size)
    tested = rated & (degree > 0)
    sums: Floats = np.bincount(a, weights=rate[b], minlength=cases.size).astype(np.float64)
    z = _gi_star(rate, rated, sums, degree)
    p = _p_values(rate[rated], np.where(rated, rate, 0.0) + sums, np.where(tested, degree + 1, 0), draws, rng)
    q = np.full(cases.size, np.nan)
    q[tested] = adjusted(p[tested])
    moran, quadrant = _local_moran(rate, rated, sums, degree, tested)
    kind = np.select([~tested, (q <= level) & (z > 0), (q <= level) & (z < 0)], [0, 2, 3], 1)
    mark = np.select([~rated, degree == 0, degree == 1], [1, 2, 3], 0)
    return pd.DataFrame(
        {
            "rate": rate,
            "neighbours": degree.astype(np.int64),
            "mark": _named(mark, None, "no_rate", "island", "one_neighbour"),
            "gi_star": np.where(tested, z, np.nan),
            "p_value": p,
            "q_value": q,
            "kind": _named(kind, None, "none", "hot", "cold"),
            "local_moran": moran,
            "quadrant": _named(quadrant, None, "HH", "HL", "LH", "LL"),
        }
    )


def adjusted(p_values: Floats) -> Floats:
    """Return the p-values adjusted for the false discovery rate: q_(i) = min over j >= i of n p_(j) / j.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", J. R. Stat. Soc. B 57 (1995) 289-300. A place
    is a finding at the level a where q <= a.
    """
    n = p_values.size
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * n / np.arange(1, n + 1)
    result = np.empty(n)
    result[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return result


def hex_neighbours(cells: npt.NDArray[np.uint64]) -> Pairs:
    """Return the pairs of adjoining cells among n distinct H3 cells of one resolution, in both directions."""
    own = np.ascontiguousarray(cells, np.uint64)
    if own.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    lists = pa.record_batch(h3ronpy.grid_disk_distances(pa.array(own), 1)).column("cell")
    centre = np.repeat(np.arange(own.size), np.diff(np.asarray(lists.offsets)))
    near = np.asarray(lists.flatten(), np.uint64)
    sorter = np.argsort(own)
    place = sorter[np.minimum(np.searchsorted(own, near, sorter=sorter), own.size - 1)]
    kept = (own[place] == near) & (place != centre)
    return centre[kept].astype(np.int64), place[kept].astype(np.int64)


def polygon_neighbours(polygons: npt.NDArray[np.object_]) -> Pairs:
    """Return the pairs of polygons that share a border or a corner, in both directions."""
    a, b = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    return a[a != b].astype(np.int64), b[a != b].astype(np.int64)


def _gi_star(rate: Floats, rated: npt.NDArray[np.bool_], sums: Floats, degree: npt.NDArray[np.int64]) -> Floats:
    """z = (sum w x - xbar sum w) / (s sqrt((n sum w2 - (sum w)2) / (n - 1))), w = 1 for a place and its neighbours."""
    values = rate[rated]
    n, mean, spread = values.size, values.mean() if values.size else np.nan, values.std() if values.size else np.nan
    weight = degree + 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = spread * np.sqrt((n * weight - weight**2) / (n - 1.0))
        result: Floats = (rate + sums - mean * weight) / scale
    return np.where(np.isfinite(result), result, 0.0)


def _p_values(
    values: Floats, sums: Floats, sizes: npt.NDArray[np.int64], draws: int, rng: np.random.Generator
) -> Floats:
    """Two-sided p of each sum over ``sizes`` places, NaN where the size is 0 (not tested)."""
    p = np.full(sums.size, np.nan)
    for k in np.unique(sizes[sizes > 0]):
        rows = np.flatnonzero(sizes == k)
        null = np.sort(_draws(values, int(k), draws, rng))
        slack = 1e-12 * max(float(np.abs(null).max(initial=0.0)), 1.0)
        above = draws - np.searchsorted(null, sums[rows] - slack, side="left")
        below = np.searchsorted(null, sums[rows] + slack, side="right")
        p[rows] = np.minimum(2.0 * (1.0 + np.minimum(above, below)) / (draws + 1.0), 1.0)
    return p


def _draws(values: Floats, k: int, draws: int, rng: np.random.Generator) -> Floats:
    """Sums of k of the values drawn without replacement: rows that drew a value twice are drawn again."""
    k = min(k, values.size)
    at = np.sort(rng.integers(0, values.size, (draws, k)), axis=1)
    while (again := np.flatnonzero((np.diff(at, axis=1) == 0).any(axis=1))).size:
        if 2 * k > values.size:
            at[again] = np.argsort(rng.random((again.size, values.size)), axis=1)[:, :k]
            break
        at[again] = np.sort(rng.integers(0, values.size, (again.size, k)), axis=1)
    result: Floats = values[at].sum(axis=1)
    return result


def _local_moran(
    rate: Floats,
    rated: npt.NDArray[np.bool_],
    sums: Floats,
    degree: npt.NDArray[np.int64],
    tested: npt.NDArray[np.bool_],
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """I = z / m2 x mean of the neighbours' z, m2 = sum z2 / (n - 1), and the quadrant of (z, neighbours' z)."""
    values = rate[rated]
    if values.size < 2 or values.std() == 0:
        return np.full(rate.size, np.nan), np.zeros(rate.size, np.int64)
    z = rate - values.mean()
    around = np.divide(sums, degree, out=np.full(rate.size, np.nan), where=degree > 0) - values.mean()
    moran = np.where(tested, z * around / (((values - values.mean()) ** 2).sum() / (values.size - 1)), np.nan)
    return moran, np.select([~tested, (z > 0) & (around > 0), z > 0, around > 0], [0, 1, 2, 3], 4)


def _named(codes: npt.NDArray[np.int64], *names: str | None) -> pd.Series:
    return pd.Series(np.array(names, dtype=object)[codes], dtype="str")
