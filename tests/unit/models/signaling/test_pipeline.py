"""A period from files to raw cubes: the same whatever the memory, with every weight accounted for."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.signaling import pipeline
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import COLUMNS, load_network
from models.signaling.profiles import load_profile
from models.signaling.work_area import WorkArea

FIRST = dt.date(2015, 6, 1)
RULES = load_rules()
ZONE = np.array([0, 0, 1, 1, -1])


@pytest.fixture(scope="module")
def period(tmp_path_factory):
    """Sixty people of five places over three weeks; some from abroad, some for a few days."""
    folder = tmp_path_factory.mktemp("period")
    rng = np.random.default_rng(8)
    table = pd.DataFrame({"cell_id": list("abcde"), "lon": 106.6 + 0.04 * np.arange(5), "lat": 28.9})
    filled = table.assign(station_id="s", azimuth_deg=0, beamwidth_deg=360, radius_m=600.0, technology="4G")
    filled.assign(valid_from="2012-01-01", valid_to=None)[list(COLUMNS)].to_csv(folder / "network.csv", index=False)
    files = {}
    for k in range(21):
        date = FIRST + dt.timedelta(days=k)
        begin = int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp())
        user = np.repeat([u for u in range(60) if u < 50 or u - 50 == k % 10], 24)
        t = np.tile(np.arange(24) * 3600, len(user) // 24) + rng.integers(0, 3000, len(user))
        working = (t // 3600 >= 9) & (t // 3600 < 17) & (date.weekday() < 5) & (user % 2 == 0)
        cell = np.where(working, (user + 2) % 5, user % 5)
        order = np.argsort(t, kind="stable")
        columns = {
            "user": pa.array([f"u{u}" for u in user[order]]),
            "time": pa.array((begin + t[order]).astype("datetime64[s]"), pa.timestamp("s", "UTC")),
            "cell": pa.array(np.array(list("abcde"))[cell[order]]),
            "mcc": pa.array(np.where(user[order] == 59, 310, 460).astype(np.int16)),
            "home_province": pa.array(np.where(user[order] % 7 == 0, "51", "50")),
        }
        files[date] = folder / f"date={date}.parquet"
        pq.write_table(pa.table(columns), files[date])
    network = load_network(folder / "network.csv", 4544)
    deliveries = PeriodFiles(files, "Asia/Shanghai", {})
    area = WorkArea(folder / "work")
    compute_days(deliveries, network, RULES, area, b"key")
    return pipeline.Period(deliveries, network, RULES, load_profile("cq-service-pop"), area, "50", 2_000)


def test_a_period_of_days_only_names_no_home_though_every_night_lies_between_two_events_at_one_place(period, tmp_path):
    """Silence over night is bridged by a stay, so the labels alone would name homes that nobody observed."""
    files = {}
    for date, file in period.files.files.items():
        table = pq.read_table(file)
        local = (pd.to_datetime(table["time"].to_pandas()).dt.tz_convert("Asia/Shanghai")).dt.hour
        files[date] = tmp_path / file.name
        pq.write_table(table.filter(((local >= 8) & (local < 21)).to_numpy()), files[date])
    deliveries = PeriodFiles(files, "Asia/Shanghai", {})
    area = WorkArea(tmp_path / "work")
    compute_days(deliveries, period.network, RULES, area, b"key")
    by_day = dataclasses.replace(period, files=deliveries, area=area)
    assert (by_day.night.share, by_day.night.sufficient) == (0.0, False)
    assert period.night.share > 0.9
    unguarded = pd.concat(
        pipeline.label(rows, by_day.calendar, by_day.network.sites, RULES, by_day.profile)
        for rows in by_day.over(lambda rows, _: rows)
    )
    assert unguarded["home_cell"].notna().sum() > 40
    people = pipeline.people_of(by_day)
    assert len(people) == len(unguarded)
    assert people[["home_cell", "work_cell"]].isna().all(axis=None)
    assert set(people["home_class"]) == set(people["work_class"]) == {"unknown"}
    assert set(people["resident_class"]) == {"passing"}
    raw = pipeline.sum_up(by_day, people.assign(weight=1.0), ZONE)
    assert raw.quality["night_sufficient"] == 0.0


@pytest.fixture(scope="module")
def people(period):
    return pipeline.people_of(period).assign(weight=lambda f: np.linspace(1, 3, len(f)))


def test_everybody_is_labelled_as_they_live(people):
    assert len(people) == 60
    assert (people["resident_class"] == "resident").sum() == 50
    assert (people["work_class"] == "work").sum() == 25
    assert (people["origin"] == "international").sum() == 1
    assert (people["origin"] == "inter_provincial").sum() == sum(u % 7 == 0 for u in range(59))


def test_the_memory_limit_changes_nothing_but_the_number_of_rounds(period, people):
    small = dataclasses.replace(period, memory_mb=1)
    assert len(list(small.groups())) > len(list(period.groups()))
    pd.testing.assert_frame_equal(pipeline.people_of(small), people.drop(columns="weight"))
    one, other = pipeline.sum_up(period, people, ZONE), pipeline.sum_up(small, people, ZONE)
    np.testing.assert_allclose(one.presence.persons, other.presence.persons, rtol=1e-12)
    assert np.array_equal(one.presence.devices, other.presence.devices)
    for name in ("people", "visits", "journeys"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_weights_are_conserved_in_every_cube(period, people):
    raw = pipeline.sum_up(period, people, ZONE)
    residents = people[people["resident_class"] == "resident"]["weight"].sum()
    others = people[people["resident_class"] != "resident"]
    assert raw.people["persons"].sum() == pytest.approx(people["weight"].sum())
    assert raw.people["devices"].sum() == 60
    by_hour = raw.presence.persons.sum(axis=0)
    assert (by_hour >= residents - 1e-9).all()
    assert (by_hour <= people["weight"].sum() + 1e-9).all()
    assert raw.visits["persons"].sum() <= others["weight"].sum()


def test_quality_counts_every_event(period, people):
    quality = pipeline.sum_up(period, people, ZONE).quality
    flagged = sum(value for name, value in quality.items() if name.startswith("events_"))
    assert flagged == quality["rows_read"] - quality["rows_rejected"]
