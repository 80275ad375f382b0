"""Space-time scan statistic (时空扫描统计量): where and for how long there are more cases than there should be.

Three models share one kernel (`models.analysis.clusters.scan_kernel`):

``permutation`` : space-time permutation (Kulldorff and others 2005). Needs cases only: E of a zone and window is
    (cases of the zone) x (cases of the window) / (all cases), the null deals the dates anew over the events. What is
    busy everywhere on a day (a batch) or always in a place (a market) is no cluster.
``expectation`` : expectation-based Poisson (Neill and others 2005). ``baseline`` is the number expected.
``population`` : population-based Poisson (Kulldorff 1997, 2001). ``baseline`` is scaled to the cases of the study.

Not accounted for: a place that is new in the register has no past, so any case there counts as a cluster in the
permutation model; zones are circles over the given neighbours, a river or a border does not bend them; the p-values
of secondary clusters use the maxima of the whole study and are therefore conservative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from models.analysis.clusters import scan_kernel as kernel
from models.errors import RequestError

Model = Literal["permutation", "expectation", "population"]
Floats = npt.NDArray[np.float64]
Strata = npt.NDArray[np.int64]

EULER = 0.5772156649015329
LEAST_P = 1e-12
"""Below this a Gumbel tail is a way of speaking; the recurrence interval stops there."""
_CHUNK = 4_000_000
"""Uniform numbers held at a time."""


@dataclass(frozen=True)
class Gumbel:
    """Gumbel distribution of the largest ratio of a study without clusters, by the moments of its replicates."""

    location: float
    scale: float

    @classmethod
    def fit(cls, maxima: Floats) -> Gumbel:
        """Fit by moments: scale = s sqrt(6) / pi, location = mean - Euler's constant x scale."""
        if maxima.size < 2 or maxima.std(ddof=1) == 0:
            return cls(float(maxima.mean()) if maxima.size else np.nan, 0.0)
        scale = float(maxima.std(ddof=1)) * np.sqrt(6) / np.pi
        return cls(float(maxima.mean()) - EULER * scale, scale)

    def p_value(self, llr: float) -> float:
        """Probability that the largest ratio of such a study is at least ``llr``; NaN where nothing could be fitted."""
        if not self.scale > 0:
            return np.nan
        return float(-np.expm1(-np.exp(min(-(llr - self.location) / self.scale, 700.0))))


@dataclass(frozen=True)
class Cluster:
    """One cluster.

    Attributes
    ----------
    centre : position of the zone's centre
    places : positions of the zone's places, nearest to the centre first
    first, last : first and last day of the window (columns of ``counts``)
    observed, expected : cases in zone and window
    excess : cases less expected cases in the window, of each of ``places``
    llr : log likelihood ratio
    p_value : (1 + replicates at least as high) / (replicates + 1)
    p_gumbel : from the Gumbel fit; may be far below 1 / (replicates + 1)
    recurrence_days : how often chance alone would show such a cluster: days between analyses / p_gumbel; NaN for a
        retrospective scan, which is not repeated
    """

    centre: int
    places: tuple[int, ...]
    first: int
    last: int
    observed: int
    expected: float
    excess: tuple[float, ...]
    llr: float
    p_value: float
    p_gumbel: float
    recurrence_days: float


@dataclass(frozen=True)
class Scan:
    """Clusters by falling ratio, none sharing a place with another, and what their p-values rest on."""

    clusters: tuple[Cluster, ...]
    maxima: Floats
    gumbel: Gumbel


class _Data(NamedTuple):
    """The days a window may cover, and how many days of the study come before them."""

    cases: kernel.Counts
    expected: Floats
    near: kernel.Places
    offset: int


class _Null(NamedTuple):
    """What a ratio is compared with."""

    maxima: Floats
    gumbel: Gumbel
    every: float


def space_time_scan(
    counts: npt.ArrayLike,
    neighbours: npt.ArrayLike,
    *,
    model: Model,
    longest: int,
    rng: np.random.Generator,
    baseline: npt.ArrayLike | None = None,
    stops: npt.ArrayLike | None = None,
    strata: npt.ArrayLike | None = None,
    prospective: bool = True,
    replicates: int = 999,
    clusters: int = 10,
    analysis_every_days: float = 1.0,
) -> Scan:
    """Find the clusters of a study and how surprising they are.

    Parameters
    ----------
    counts : (places, days) whole numbers of cases
    neighbours : (places, k) places of growing zones: `models.analysis.clusters.neighbours.nearest` or ``rings``
    model : see the module
    longest : days of the longest window
    rng : source of the replicates; the same seed gives the same p-values
    baseline : (places, days) expected cases or population; None for ``permutation``
    stops : (places, k) where a zone may end, of ``rings``; None for every neighbour
    strata : (places,) number from 0 of the group whose own days each place is compared with, ``permutation`` only:
        what is busy all over a district on a day (a batch of its registry) is then no cluster. None for one group
    prospective : only windows that end with the last day; False looks at the whole past
    replicates : studies without clusters to compare with; 0 gives no p-values (NaN)
    clusters : most clusters to return
    analysis_every_days : days between two runs of a prospective scan, for the recurrence interval

    Returns
    -------
    `Scan`. A window without more cases than expected is never a cluster.

    Raises
    ------
    RequestError : shapes that do not fit, a negative count, a baseline that is missing, negative or zero under a case

    Notes
    -----
    Time grows with places x k x days of the window (of the study, if retrospective) x replicates; docs/methods/
    space_time_scan.md says what was measured.
    """
    cases, near, ends = _checked(counts, neighbours, stops, longest)
    group = np.zeros(len(cases), np.int64) if strata is None else np.ascontiguousarray(strata, np.int64)
    if group.shape != (len(cases),) or (strata is not None and model != "permutation"):
        raise RequestError(f"strata have the shape {group.shape}; they name a group of each place, permutation only")
    expected, total = _expected(cases, model, baseline, group)
    span = min(longest, cases.shape[1]) if prospective else cases.shape[1]
    offset = cases.shape[1] - span
    recent, recent_expected = cases[:, offset:].copy(), np.ascontiguousarray(expected[:, offset:])
    shared = (recent_expected, near, ends, longest, total, prospective)
    llr, window = np.zeros(len(cases)), np.zeros((len(cases), 3), np.int64)
    kernel.best_windows(recent, *shared, True, llr, window)
    if model == "permutation":
        maxima = _permuted(cases, group, offset, shared, replicates, rng)
    else:
        maxima = _drawn(int(cases.sum()), float(expected.sum()), shared, replicates, rng)
    gumbel = Gumbel.fit(maxima)
    every = analysis_every_days if prospective else np.nan
    data, null = _Data(recent, recent_expected, near, offset), _Null(maxima, gumbel, every)
    found = [
        _cluster(centre, window[centre], llr[centre], data, null) for centre in _apart(llr, window, near, clusters)
    ]
    return Scan(tuple(found), maxima, gumbel)


def _checked(counts: npt.ArrayLike, neighbours: npt.ArrayLike, stops: npt.ArrayLike | None, longest: int) -> Any:
    cases = np.asarray(counts)
    near = np.ascontiguousarray(neighbours, np.int32)
    if cases.ndim != 2 or near.ndim != 2 or len(near) != len(cases) or longest < 1:
        raise RequestError(
            f"counts have the shape {cases.shape}, neighbours {near.shape}, longest is {longest}; needed: "
            "(places, days), (places, k) and at least one day"
        )
    if cases.size and (cases.min() < 0 or (cases != np.floor(cases)).any()):
        raise RequestError("counts must be whole numbers from 0 on")
    if near.size and (near.max() >= len(near) or (near[:, 0] != np.arange(len(near))).any()):
        raise RequestError("neighbours must be positions of places, each place its own first neighbour")
    ends = np.ones(near.shape, bool) if stops is None else np.ascontiguousarray(stops, bool)
    if ends.shape != near.shape:
        raise RequestError(f"stops have the shape {ends.shape}; needed: that of neighbours, {near.shape}")
    return cases.astype(np.int32), near, ends


def _expected(
    cases: kernel.Counts, model: Model, baseline: npt.ArrayLike | None, group: Strata
) -> tuple[Floats, float]:
    """Expected cases of every place and day, and the total the ratio is conditioned on (0 for none)."""
    total = float(cases.sum())
    if model == "permutation":
        if baseline is not None:
            raise RequestError("the permutation model takes its expectation from the cases; leave baseline out")
        by_day = np.zeros((group.max(initial=0) + 1, cases.shape[1]))
        np.add.at(by_day, group, cases)
        share = cases.sum(axis=1) / np.maximum(by_day.sum(axis=1), 1.0)[group]
        return np.ascontiguousarray(share[:, None] * by_day[group]), total
    if baseline is None:
        raise RequestError(f"the model {model} needs a baseline of the shape {cases.shape}")
    expected = np.array(baseline, np.float64)
    if expected.shape != cases.shape or not (np.isfinite(expected).all() and (expected >= 0).all()):
        raise RequestError(f"baseline has the shape {expected.shape}; needed: {cases.shape}, finite, from 0 on")
    if ((expected == 0) & (cases > 0)).any():
        raise RequestError("baseline is 0 where there are cases; nothing could be compared there. Smooth it upward.")
    if model == "population" and expected.sum() > 0:
        return expected * (total / expected.sum()), total
    return expected, 0.0


def _permuted(  # noqa: PLR0917
    cases: kernel.Counts, strata: Strata, offset: int, shared: Any, replicates: int, rng: np.random.Generator
) -> Floats:
    place, day = np.nonzero(cases)
    often = cases[place, day]
    places, days = np.repeat(place, often).astype(np.int32), np.repeat(day, often) - offset
    by_stratum = np.argsort(strata[places], kind="stable")
    places, days = places[by_stratum], days[by_stratum]
    sizes = np.bincount(strata[places], minlength=strata.max(initial=0) + 1)
    ends = np.cumsum(sizes)
    order = places.copy()
    for start, end in zip(ends - sizes, ends, strict=True):
        order[start:end] = rng.permutation(order[start:end])
    inside = days >= 0
    own = strata[places][inside]
    within = np.arange(own.size) - np.searchsorted(own, own)
    at, end_of = (ends - sizes)[own] + within, ends[own]
    maxima = np.zeros(replicates)
    deal: Any = kernel.permuted_maxima
    step = max(_CHUNK // max(own.size, 1), 1)
    for start in range(0, replicates, step):
        part = maxima[start : start + step]
        deal(order, days[inside].astype(np.int32), at, end_of, rng.random((part.size, own.size)), *shared, part)
    return maxima


def _drawn(total: int, whole: float, shared: Any, replicates: int, rng: np.random.Generator) -> Floats:
    recent, conditioned = shared[0], shared[4] > 0
    mass = recent.sum()
    maxima = np.zeros(replicates)
    if not mass > 0 or not replicates:
        return maxima
    sizes = rng.binomial(total, min(mass / whole, 1.0), replicates) if conditioned else rng.poisson(mass, replicates)
    cumulative = np.cumsum(recent.ravel()) / mass
    draw: Any = kernel.drawn_maxima
    step = max(_CHUNK // max(int(sizes.mean()), 1), 1)
    for start in range(0, replicates, step):
        part, some = maxima[start : start + step], sizes[start : start + step].astype(np.int64)
        draw(cumulative, some, rng.random(int(some.sum())), *shared, part)
    return maxima


def _apart(llr: Floats, window: npt.NDArray[np.int64], near: kernel.Places, most: int) -> list[int]:
    """Centres of the clusters by falling ratio (ties: fewer places, then position) that share no place."""
    taken = np.zeros(len(llr), bool)
    chosen: list[int] = []
    for centre in np.lexsort((np.arange(len(llr)), window[:, 0], -llr)):
        if len(chosen) == most or not llr[centre] > 0:
            break
        places = near[centre, : window[centre, 0] + 1]
        if not taken[places].any():
            taken[places] = True
            chosen.append(int(centre))
    return chosen


def _cluster(centre: int, window: npt.NDArray[np.int64], llr: float, data: _Data, null: _Null) -> Cluster:
    places, days = data.near[centre, : window[0] + 1], slice(int(window[1]), int(window[2]) + 1)
    cases, expected = data.cases[places, days].sum(axis=1), data.expected[places, days].sum(axis=1)
    maxima = null.maxima
    p_gumbel = null.gumbel.p_value(llr)
    return Cluster(
        centre=centre,
        places=tuple(int(p) for p in places),
        first=int(window[1]) + data.offset,
        last=int(window[2]) + data.offset,
        observed=int(cases.sum()),
        expected=float(expected.sum()),
        excess=tuple((cases - expected).tolist()),
        llr=float(llr),
        p_value=(1 + int((maxima >= llr).sum())) / (maxima.size + 1) if maxima.size else np.nan,
        p_gumbel=p_gumbel,
        recurrence_days=null.every / max(p_gumbel, LEAST_P),
    )
