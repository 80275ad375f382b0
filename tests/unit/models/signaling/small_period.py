"""Deliveries of eighty people over four days, in several row groups and out of order, for engines to be compared on."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from models.signaling import pipeline
from models.signaling.bucket_tasks import Job
from models.signaling.day import DayResult
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import COLUMNS, load_network
from models.signaling.night_coverage import load_night_rule
from models.signaling.profiles import load_profile
from models.signaling.weighting import CellWeights
from models.signaling.work_area import BUCKETS, WorkArea

FIRST = dt.date(2015, 6, 1)
DAYS, PEOPLE, VISITORS = 4, 80, 4
KEY, LINKS = b"one period", {"link_2014_2015": b"two periods"}
ZONE = np.array([0, 0, 1, 1, -1])
COLUMNS_KEPT = ("user", "home_cell", "resident_class", "weight", "mcc", *LINKS)
WEIGHTS = CellWeights(np.array([2.0, 2.5, 3.0, 3.5, np.nan]), 1.25, None)


def network(folder):
    """Five cells in a row, the last one out of service since the third day."""
    table = pd.DataFrame({"cell_id": list("abcde"), "lon": 106.6 + 0.04 * np.arange(5), "lat": 28.9})
    filled = table.assign(station_id="s", azimuth_deg=0, beamwidth_deg=360, radius_m=600.0, technology="4G")
    filled["valid_from"], filled["valid_to"] = "2012-01-01", [None] * 4 + ["2015-06-02"]
    filled[list(COLUMNS)].to_csv(folder / "network.csv", index=False)
    return load_network(folder / "network.csv", 4544)


def deliveries(folder):
    """Files of four dates; rows without user, without time, of another day and abroad are among them.

    Four of the people go abroad after the first date.
    """
    rng, files = np.random.default_rng(11), {}
    for k in range(DAYS):
        date = FIRST + dt.timedelta(days=k)
        midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.timezone(dt.timedelta(hours=8)))
        user = np.repeat(np.arange(PEOPLE), 26)
        t = np.tile(np.arange(26) * 3_300, PEOPLE) + rng.integers(0, 600, len(user))
        working = (t // 3600 >= 9) & (t // 3600 < 17) & (user % 2 == 0)
        cell = np.where(working, (user + 2) % 5, user % 5)
        cell = np.where(rng.random(len(cell)) < 0.05, rng.integers(0, 5, len(cell)), cell)
        order = np.argsort(t + rng.integers(0, 300, len(t)), kind="stable")
        late = np.where(rng.random(len(t)) < 0.01, 4 * 86_400, 0)
        moments = (int(midnight.timestamp()) + t + late)[order].astype("datetime64[s]")
        left = (user[order] >= PEOPLE - VISITORS) & (k > 0)
        columns = {
            "user": pa.array([f"u{u}" for u in user[order]], mask=rng.random(len(t)) < 0.01),
            "time": pa.array(moments, pa.timestamp("s", "UTC"), mask=rng.random(len(t)) < 0.01),
            "cell": pa.array(np.array(list("abcde"))[cell[order]], mask=rng.random(len(t)) < 0.01),
            "mcc": pa.array(np.where(user[order] % 20 == 19, 310, 460).astype(np.int16)),
            "serving_mcc": pa.array(np.where((rng.random(len(t)) < 0.02) | left, 310, 460).astype(np.int16)),
            "home_province": pa.array(np.where(user[order] % 7 == 0, "51", "50")),
        }
        files[date] = folder / f"date={date}.parquet"
        pq.write_table(pa.table(columns), files[date], row_group_size=700)
    return PeriodFiles(files, "Asia/Shanghai", {})


def job(folder, buckets):
    """The period as a cluster gets it, with its work area in ``folder/cluster``."""
    parts = deliveries(folder), network(folder), load_rules(), load_profile("cq-service-pop")
    return Job(*parts, folder / "cluster", KEY, LINKS, buckets, "50", 2_000, load_night_rule())


def local(cluster):
    """The same period on this machine."""
    area = WorkArea(cluster.folder.parent / "local")
    compute_days(cluster.files, cluster.network, cluster.rules, area, KEY, links=LINKS)
    return pipeline.Period(cluster.files, cluster.network, cluster.rules, cluster.profile, area, "50", 2_000)


def days_of(areas, files):
    """Every column of every day, rows of several areas together and in order of pseudonym."""
    names = [f.name for f in dataclasses.fields(DayResult) if f.name != "flags"]
    found = {}
    for date in files:
        parts = [area.day(date).slice(0, BUCKETS) for area in areas]
        for kind in ("row", "trip", "edge"):
            frames = []
            for users, result in parts:
                own = {n: getattr(result, n) for n in names if n.startswith(kind)}
                frames.append(pd.DataFrame({**own, f"{kind}_user": users[own[f"{kind}_user"]]}))
            table = pd.concat(frames, ignore_index=True)
            found[date, kind] = table.sort_values(f"{kind}_user", kind="stable", ignore_index=True)
    return found


def assert_same_days(one, other):
    """Every row of every user-day is the same."""
    assert one.keys() == other.keys()
    for key, table in one.items():
        assert len(table)
        pd.testing.assert_frame_equal(table, other[key], check_dtype=False)


def assert_same_sums(one, other):
    """Whole numbers are equal, sums of weights to rounding."""
    assert np.array_equal(one.presence.devices, other.presence.devices)
    np.testing.assert_allclose(one.presence.persons, other.presence.persons, rtol=1e-12)
    for name in ("people", "visits", "journeys"):
        keys = [column for column in getattr(one, name) if column not in ("persons", "squares", "devices")]
        left, right = (getattr(raw, name).sort_values(keys) for raw in (one, other))
        assert len(left) and left["devices"].tolist() == right["devices"].tolist()
        pd.testing.assert_frame_equal(
            left.reset_index(drop=True), right.reset_index(drop=True), check_dtype=False, rtol=1e-12
        )
    assert one.quality == {name: pytest_approx(value) for name, value in other.quality.items()}


def pytest_approx(value):
    """Equal to rounding: the mean coverage is a mean of means."""
    import pytest

    return pytest.approx(value, rel=1e-12)
