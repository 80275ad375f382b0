"""How right a computed period is where the truth is known: labels by class, people by hexagon, flows, bias.

The measures: CPC, the common part of commuters ``2 sum min(a, b) / (sum a + sum b)`` (Lenormand et al. 2012), and the
misallocation ``1/2 sum |a / sum a - b / sum b|``, the share of people that stands on a wrong place. Bars are those that
published systems or a prototype of the same kind reach; what misses its bar is listed as such, never left out.

Not accounted for: whatever the generator does not draw. A bar met on generated people is no proof for real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cells = npt.NDArray[np.uint64]

NEAR_M = 1_000.0
"""Nearer to the home no profile calls a place a workplace."""
TESTED = ("day_worker", "night_worker", "student", "dormitory", "two_homes", "non_worker", "cross_city", "silent")
"""Classes of residents that get a figure of their own."""
VISITING = ("short_stay", "tourist", "roamer")
"""Classes of visitors."""


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes
    ----------
    part, name : what it is about, and what it is
    value : share from 0 to 1; nan where nobody could be tested
    bar : what is to be reached, None where the figure only informs
    at_least : whether the bar is a lower bound
    tested : number of devices, hexagons, pairs or hours behind it
    """

    part: str
    name: str
    value: float
    bar: float | None = None
    at_least: bool = True
    tested: int = 0

    @property
    def met(self) -> bool | None:
        """Whether the bar is reached; None where there is none."""
        if self.bar is None or np.isnan(self.value):
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def cpc(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Common part of two sets of flows over the same pairs: 1 where they are equal, 0 where they share nothing."""
    one, other = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    total = one.sum() + other.sum()
    return float(2.0 * np.minimum(one, other).sum() / total) if total > 0 else float("nan")


def misallocation(estimated: npt.ArrayLike, truth: npt.ArrayLike) -> float:
    """Share of people on the wrong place, whatever the totals: half the sum of absolute differences of shares."""
    a, b = np.asarray(estimated, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    if a.sum() <= 0 or b.sum() <= 0:
        return float("nan")
    return float(0.5 * np.abs(a / a.sum() - b / b.sum()).sum())


def at_places(values: pd.Series, places: Sequence[object] | Cells) -> Floats:
    """A sum by place in the order of ``places``, 0 where it has none."""
    return values.reindex(pd.Index(places), fill_value=0.0).to_numpy(np.float64)


def tested_devices(people: pd.DataFrame, persons: pd.DataFrame, shown_at: Floats, town_of_cell: Ints,
                   towns: Sequence[str]) -> pd.DataFrame:  # fmt: skip
    """The devices of a period beside their truth.

    Parameters
    ----------
    people : user table with weights
    persons : true persons of the period by hashed pseudonym ``user``: kind, resident, home_town, work_town and metres
        ``home_e``, ``home_n``, ``work_e``, ``work_n`` in the working reference system
    shown_at : (cells, 2) where the people of each network cell are shown, metres
    town_of_cell, towns : town of each network cell, codes of the towns

    Returns
    -------
    The joined rows with ``town``, ``town_of_work`` (missing outside) and ``home_off_m``, ``work_off_m``.
    """
    joined = people.merge(persons, on="user", how="inner", validate="1:1")
    codes = np.array([*towns, None], dtype=object)
    for label, true, place in (("home", "home", "town"), ("work", "work", "town_of_work")):
        cell = joined[f"{label}_cell"].fillna(-1).to_numpy(np.int64)
        joined[place] = codes[np.append(town_of_cell, -1)[cell]]
        here = np.vstack([shown_at, [np.nan, np.nan]])[cell]
        joined[f"{label}_off_m"] = np.hypot(here[:, 0] - joined[f"{true}_e"], here[:, 1] - joined[f"{true}_n"])
    return joined


def homes(found: pd.DataFrame) -> list[Figure]:
    """Figures of home detection: of residents with a home, overall and by class; those without one apart."""
    living = found[found["resident"]]
    known = living[living["home_cell"].notna()]
    right = known["town"] == known["home_town"]
    figures = [
        _share("homes", "residents with a home", living["home_cell"].notna()),
        _share("homes", "town of the home right", right, 0.92),
        _share("homes", "home within 1 km", known["home_off_m"] <= 1_000, 0.85),
        _share("homes", "home within 2 km", known["home_off_m"] <= 2_000, 0.95),
    ]
    for kind in TESTED:
        bar = 0.80 if kind == "night_worker" else None
        figures.append(_share("homes", f"town right, {kind}", right[known["kind"] == kind], bar))
    at_night = known[known["kind"] == "night_worker"]
    figures.append(_share("homes", "home within 2 km, night_worker", at_night["home_off_m"] <= 2_000))
    night, named = living["kind"] == "night_worker", living["home_class"] == "night_worker"
    far = night & (_way_m(living) > NEAR_M)
    return [
        *figures,
        _share("homes", "night workers over 1 km named as such", named[far]),
        _share("homes", "others named night workers", named[~night], 0.02, least=False),
    ]


def near_the_centre(found: pd.DataFrame) -> Figure:
    """Homes near the mean of the hexagons of their network cell, where `tested_devices` was given these means."""
    known = found[found["resident"] & found["home_cell"].notna()]
    return _share("homes", "home within 1 km of the centre of its footprint", known["home_off_m"] <= 1_000)


def _way_m(persons: pd.DataFrame) -> pd.Series:
    """True distance of work from home, metres; missing for who does not work in the city."""
    east, north = (persons[f"work_{axis}"] - persons[f"home_{axis}"] for axis in "en")
    return (east**2 + north**2) ** 0.5


def workplaces(found: pd.DataFrame) -> list[Figure]:
    """Figures of workplaces: of who works farther than 1 km from home, and of who does not work at all."""
    living = found[found["resident"]]
    day = living[(living["kind"] == "day_worker") & (_way_m(living) > NEAR_M) & (living["work_class"] != "unknown")]
    has = day[day["work_cell"].notna()]
    idle = living[living["kind"] == "non_worker"]
    return [
        _share("workplaces", "day workers over 1 km with a workplace", day["work_cell"].notna()),
        _share("workplaces", "workplace within 1 km", has["work_off_m"] <= 1_000, 0.92),
        _share("workplaces", "workplace within 2 km", has["work_off_m"] <= 2_000, 0.99),
        _share("workplaces", "non-workers given a workplace", idle["work_cell"].notna(), 0.06, least=False),
    ]


def residents(found: pd.DataFrame) -> list[Figure]:
    """Figures of the kind of resident: residents, short stays and tourists named as what they are."""
    heard = found[found["kind"] != "silent"]
    staying = heard["resident"]
    return [
        _share("kinds of resident", "residents named resident", (heard["resident_class"] == "resident")[staying]),
        _share("kinds of resident", "night workers named resident",
               (found["resident_class"] == "resident")[found["kind"] == "night_worker"]),
        _share("kinds of resident", "silent telephones named resident",
               (found["resident_class"] == "resident")[found["kind"] == "silent"]),
        _share("kinds of resident", "short stays named resident",
               (found["resident_class"] == "resident")[found["kind"] == "short_stay"]),
        _share("kinds of resident", "tourists named resident",
               (found["resident_class"] == "resident")[found["kind"] == "tourist"], 0.02, least=False),
        _share("kinds of resident", "residents taken for visitors", _visiting(found)[found["resident"]]),
        _share("kinds of resident", "silent telephones taken for visitors",
               _visiting(found)[found["kind"] == "silent"]),
        _share("kinds of resident", "visitors named undetermined",
               (found["resident_class"] == "undetermined")[found["kind"].isin(VISITING)], 0.02, least=False),
    ]  # fmt: skip


def _visiting(found: pd.DataFrame) -> pd.Series:
    return found["resident_class"].isin(["passing", "short"])


def confusion(found: pd.DataFrame) -> pd.DataFrame:
    """Number of devices by true class and named kind of resident."""
    return pd.crosstab(found["kind"], found["resident_class"])


def _share(part: str, name: str, hit: pd.Series, bar: float | None = None, *, least: bool = True) -> Figure:
    value = float(hit.mean()) if len(hit) else float("nan")
    return Figure(part, name, value, bar, least, len(hit))


def spreads(
    by_cell: Floats,
    allocations: Mapping[str, sp.csr_matrix],
    truth: Floats,
    perfect: Floats,
    lived: npt.NDArray[np.bool_],
) -> list[Figure]:
    """Figures of people on hexagons, for several ways to spread the same people.

    Parameters
    ----------
    by_cell : (cells) residents by network cell of their home
    allocations : name -> (cells, hexagons); the first is the one in use, ``Voronoi`` is what it is compared with
    truth, perfect : (hexagons) residents in truth; the tested devices with their weights where they really live,
        which is what sampling alone leaves wrong
    lived : (hexagons) whether any address lies there
    """
    found = {name: weights.T @ by_cell for name, weights in allocations.items()}
    used = next(iter(found))
    figures = [
        Figure("hexagons", f"misallocation, {name}", misallocation(values, truth), 0.21 if name == used else None,
               False, int((truth > 0).sum()))
        for name, values in found.items()
    ]  # fmt: skip
    own, areal = misallocation(found[used], truth), misallocation(found["Voronoi"], truth)
    total = float(found[used].sum())
    outside = float(by_cell[np.asarray(allocations[used].sum(axis=1)).ravel() <= 0].sum())
    return [
        *figures,
        Figure("hexagons", "misallocation of the sample alone", misallocation(perfect, truth)),
        Figure("hexagons", "misallocation against the devices' true homes", misallocation(found[used], perfect)),
        Figure("hexagons", "better than Voronoi by", 1.0 - own / areal if areal > 0 else float("nan"), 0.20),
        Figure("hexagons", "people on hexagons without address", float(found[used][~lived].sum()) / total),
        Figure("hexagons", "people truly on such hexagons", float(truth[~lived].sum() / truth.sum())),
        Figure("hexagons", "people of network cells beyond every hexagon", outside / float(by_cell.sum())),
        Figure("hexagons", "people lost by spreading", 1.0 - (total + outside) / float(by_cell.sum()), 1e-9, False),
    ]


def commuting(estimated: Floats, truth: Floats, perfect: Floats | None = None, zones: str = "") -> list[Figure]:
    """Figures of commuters between the same towns in the same order; the diagonal flatters, so it is told apart.

    Parameters
    ----------
    estimated, truth, perfect : (towns, towns) persons; ``perfect`` are the tested devices with their weights between
        their true towns, which is what sampling alone leaves wrong; None tells neither that nor the number
    zones : what the zones are, where they are not towns
    """
    off = ~np.eye(len(truth), dtype=bool)
    pairs = int((truth > 0).sum())
    whole, between = (f"CPC of all pairs, {zones}", f"CPC between different {zones}") if zones else (
        "CPC of all pairs", "CPC between different towns"
    )  # fmt: skip
    figures = [
        Figure("commuters", whole, cpc(estimated, truth), 0.90, tested=pairs),
        Figure("commuters", between, cpc(estimated[off], truth[off]), 0.90, tested=pairs),
    ]
    if perfect is None:
        return figures
    return [
        *figures,
        Figure("commuters", "CPC between different towns of the sample alone", cpc(perfect[off], truth[off])),
        Figure("commuters", "number of commuters, estimated to true", float(estimated.sum() / truth.sum())),
    ]


def town_bias(flat: Floats, by_share: Floats, weighted: Floats, truth: Floats) -> list[Figure]:
    """People in the wrong town with one factor for all, with the share of each town, and with all weights."""
    return [
        Figure("weights", "people in the wrong town, one factor", misallocation(flat, truth), tested=len(truth)),
        Figure("weights", "people in the wrong town, market share", misallocation(by_share, truth), tested=len(truth)),
        Figure("weights", "people in the wrong town, all weights", misallocation(weighted, truth), 0.01, False,
               len(truth)),
    ]  # fmt: skip


def strata_bias(flat: pd.Series, weighted: pd.Series, truth: pd.Series) -> list[Figure]:
    """People counted under a wrong age and sex, with one factor for all and with all weights; sums by stratum."""
    by = truth.index.to_list()
    true = at_places(truth, by)
    return [
        Figure("weights", "people of a wrong age and sex, one factor", misallocation(at_places(flat, by), true),
               tested=len(by)),
        Figure("weights", "people of a wrong age and sex, all weights", misallocation(at_places(weighted, by), true),
               0.01, False, len(by)),
    ]  # fmt: skip


def by_hour(
    estimated: Mapping[tuple[str, int], Floats], truth: Mapping[tuple[str, int], Floats], at: str
) -> list[Figure]:
    """Figures of people present: the worst and the middle hour of each kind of day, as shares of the people seen."""
    figures = []
    for daytype in dict.fromkeys(kind for kind, _ in truth):
        common = [
            1.0 - misallocation(estimated[kind, hour], truth[kind, hour]) for kind, hour in truth if kind == daytype
        ]
        figures.append(
            Figure(
                "present people", f"CPC by {at}, {daytype}, middle hour", float(np.median(common)), tested=len(common)
            )
        )
        figures.append(Figure("present people", f"CPC by {at}, {daytype}, worst hour", min(common), tested=len(common)))
    return figures


def level_by_hour(estimated: Mapping[tuple[str, int], Floats], truth: Mapping[tuple[str, int], Floats]) -> list[Figure]:
    """How many of the people present are laid on hexagons at all: the hour with the fewest, and with the most."""
    share = [float(estimated[key].sum() / truth[key].sum()) for key in truth]
    return [
        Figure("present people", f"on hexagons, of all present, {name} hour", value, tested=len(share))
        for name, value in (("lowest", min(share)), ("highest", max(share)))
    ]


def released(frame: pd.DataFrame, truth: pd.Series, at: str, people: str = "") -> list[Figure]:
    """What a protected product still tells: share of the people on hexagons shown, and how often the interval holds.

    Parameters
    ----------
    frame : h3, persons, low, high, suppressed
    truth : true people by h3
    at : name of the hexagons
    people : whom the product counts, where not residents; how many of them are shown is not told

    Notes
    -----
    The bar tests hexagons where somebody lives. Most hexagons are empty and estimated at next to nobody, which flatters
    the share of all hexagons shown; it is told beside it.
    """
    true = at_places(truth, frame["h3"].to_numpy(np.uint64))
    shown = ~frame["suppressed"].to_numpy(bool)
    lived = shown & (true > 0)
    value = frame["persons"].fillna(0.0).to_numpy(np.float64)
    holds = (frame["low"].to_numpy(np.float64, na_value=np.nan) <= true) & (
        true <= frame["high"].to_numpy(np.float64, na_value=np.nan)
    )
    whom = f"{people}, " if people else ""
    name = f"90 % interval holds the truth, {whom}{at}"
    seen = Figure("release", f"people on {at} shown", float(true[shown].sum() / truth.sum()), tested=len(frame))
    return [
        *([] if people else [seen]),
        Figure("release", f"misallocation as released, {whom}{at}", misallocation(value, true)),
        Figure("release", name, float(holds[lived].mean()) if lived.any() else np.nan, 0.85, tested=int(lived.sum())),
        Figure("release", f"{name}, empty ones too", float(holds[shown].mean()) if shown.any() else np.nan,
               tested=int(shown.sum())),
    ]  # fmt: skip
