"""How right the road speeds are where the truth is known: error of the speeds, jams found, trains left out."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from models.signaling.evaluation import Figure

NEAR_M = 60.0
"""A stretch of the truth belongs to the section of its road that its middle is nearest to, within this distance."""
CHANGE = 0.1
"""Relative change of the true speed to the hour before or after that makes an hour one of changing speed."""
URBAN_M, RURAL_M = 1_500.0, 2_500.0
"""Sections below the first length are the 1 km ones, above the second the 3 km ones."""

Floats = npt.NDArray[np.float64]


def true_speeds(sections: gpd.GeoDataFrame, truth: pd.DataFrame, crs: int) -> pd.DataFrame:
    """True speed and free flow of each section: the way of its stretches over their time.

    Parameters
    ----------
    sections : product ``road_sections`` of one period
    truth : road, direction, lon, lat, length_km, daytype, hour, speed_kmh, free_kmh

    Returns
    -------
    section_id, daytype, hour, length_m, true_kmh, true_tti. Sections less than two thirds covered by the truth are left
    out.
    """
    lines = sections.to_crs(crs)
    stretches = truth[["road", "direction", "lon", "lat", "length_km"]].drop_duplicates(ignore_index=True)
    points = gpd.GeoSeries(gpd.points_from_xy(stretches["lon"], stretches["lat"]), crs=4326).to_crs(crs)
    of = np.full(len(stretches), None, dtype=object)
    for (road, direction), own in lines.groupby(["name", "direction"]):
        mine = np.flatnonzero(((stretches["road"] == road) & (stretches["direction"] == direction)).to_numpy())
        if not len(mine):
            continue
        tree = shapely.STRtree(own.geometry.to_numpy())
        at, row = tree.query_nearest(points.iloc[mine].to_numpy(), max_distance=NEAR_M, all_matches=False)
        of[mine[at]] = own["section_id"].to_numpy(object)[row]
    stretches["section_id"] = of
    joined = truth.merge(stretches.dropna(subset=["section_id"]), on=["road", "direction", "lon", "lat", "length_km"])
    joined = joined.assign(
        hours=joined["length_km"] / joined["speed_kmh"], free_hours=joined["length_km"] / joined["free_kmh"]
    )
    sums = joined.groupby(["section_id", "daytype", "hour"])[["length_km", "hours", "free_hours"]].sum().reset_index()
    sums = sums.merge(sections[["section_id", "length_m"]], on="section_id")
    sums = sums[sums["length_km"] * 1000 >= 2 / 3 * sums["length_m"]]
    return sums.assign(true_kmh=sums["length_km"] / sums["hours"], true_tti=sums["hours"] / sums["free_hours"])[
        ["section_id", "daytype", "hour", "length_m", "true_kmh", "true_tti"]
    ].reset_index(drop=True)


def road_figures(found: pd.DataFrame, true: pd.DataFrame, jam_index: float) -> list[Figure]:
    """Figures of the road speeds as released, against the truth of the same sections and hours.

    Jams are scored in hours of changing speed only: who always says free is right in nine hours of ten. F1 is
    ``2 tp / (2 tp + fp + fn)``.

    Parameters
    ----------
    found : product ``road_speeds`` of one period
    true : `true_speeds`
    """
    both = true.merge(found, on=["section_id", "daytype", "hour"], how="left")
    both = both.assign(true_jam=both["true_tti"] >= jam_index, changing=_changing(both))
    shown = both[both["tti"].notna()]
    error = (shown["speed_kmh"] / shown["true_kmh"] - 1.0).abs()
    holds = (shown["low"] <= shown["true_kmh"]) & (shown["true_kmh"] <= shown["high"])
    figures = []
    for name, mine, bar in (
        ("1 km sections", shown["length_m"] < URBAN_M, 0.95),
        ("3 km sections", shown["length_m"] > RURAL_M, 0.90),
        ("all sections", shown["length_m"] > 0, None),
    ):
        own = shown[mine & shown["changing"]]
        figures.append(Figure("roads", f"jam F1, {name}, hours of changing speed", f1(own), bar, tested=len(own)))
    figures.append(Figure("roads", "jam F1, all sections and hours", f1(shown), tested=len(shown)))
    for name, mine, bar in (
        ("1 km sections", shown["length_m"] < URBAN_M, 0.15),
        ("3 km sections", shown["length_m"] > RURAL_M, None),
        ("jammed hours", shown["true_jam"], None),
    ):
        middle = float(error[mine].median()) if mine.any() else float("nan")
        figures.append(Figure("roads", f"speed error, {name}, median", middle, bar, False, int(mine.sum())))
    figures.append(
        Figure("roads", "speed error, 90 % of section hours below", _quantile(error, 0.9), tested=len(error))
    )
    bias = (shown["speed_kmh"] / shown["true_kmh"] - 1.0).median()
    figures.append(Figure("roads", "speed, median bias", float(bias), tested=len(shown)))
    figures.append(Figure("roads", "90 % interval of the speed holds the truth", _mean(holds), 0.85, tested=len(shown)))
    figures.append(Figure("roads", "section hours shown", _mean(both["speed_kmh"].notna()), tested=len(both)))
    return figures


def f1(rows: pd.DataFrame) -> float:
    """F1 of the column ``jam`` against ``true_jam``; nan where there is no jam at all."""
    said, true = rows["jam"].fillna(False).astype(bool), rows["true_jam"].astype(bool)
    hits, wrong = int((said & true).sum()), int((said ^ true).sum())
    return 2 * hits / (2 * hits + wrong) if hits + wrong else float("nan")


def _changing(both: pd.DataFrame) -> pd.Series:
    """Whether the true speed of the section changes from the hour before or to the hour after, round the clock."""
    wide = both.pivot_table(index=["section_id", "daytype"], columns="hour", values="true_kmh")
    values = wide.to_numpy()
    before, after = np.roll(values, 1, axis=1), np.roll(values, -1, axis=1)
    moved = (np.abs(values / before - 1) > CHANGE) | (np.abs(values / after - 1) > CHANGE)
    flat = pd.DataFrame(moved, index=wide.index, columns=wide.columns).stack()
    keys = pd.MultiIndex.from_frame(both[["section_id", "daytype", "hour"]])
    return pd.Series(flat.reindex(keys).to_numpy(bool), index=both.index)


def _mean(values: pd.Series) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _quantile(values: pd.Series, share: float) -> float:
    return float(values.quantile(share)) if len(values) else float("nan")
