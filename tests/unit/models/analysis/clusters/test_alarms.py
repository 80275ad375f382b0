"""Alarms of areas: none from the calendar, said once and as finely as the numbers allow, every member named."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.analysis.clusters import alarms
from models.analysis.clusters.alarms import LEAST_EXPECTED, area_alarms
from models.analysis.clusters.calendar import Calendar

CALENDAR = Calendar.load()
AS_OF = pd.Timestamp("2019-04-28")
TOWNS = 8


def city(years: int = 6, *, seed: int = 0, per_day: float = 30.0, batches: bool = True):
    """A city that follows the calendar to the day and has nothing else to tell: (subjects, members)."""
    rng = np.random.default_rng(seed)
    last = int(np.datetime64("2019-04-28").astype("datetime64[D]").astype(np.int64))
    days = np.arange(last - 366 * years, last + 1)
    rate = per_day * CALENDAR.open(days) * np.where(CALENDAR.quiet(days), 0.5, 1.0) + 0.3
    if batches:
        rate[rng.choice(days.size, years * 4, replace=False)] *= 8
        rate[-18] = per_day * 8
    return _frames(np.repeat(days, rng.poisson(rate)), rng)


def _frames(day, rng, town=None, section=None):
    n = day.size
    town = rng.choice(TOWNS, n, p=np.arange(1, TOWNS + 1) / sum(range(TOWNS + 1))) if town is None else town
    section = rng.choice(list("FCHL"), n, p=[0.5, 0.2, 0.2, 0.1]) if section is None else section
    subjects = pd.DataFrame(
        {
            "uscc": [f"F{i:06d}" for i in range(n)],
            "established_on": pd.Series(day.astype("datetime64[D]")).astype("datetime64[s]"),
            "industry_section": section,
        }
    )
    members = pd.DataFrame({"district": [f"5001{t % 2}0" for t in town], "town": [f"t{t}" for t in town], "grid": None})
    return subjects, members.astype("str").where(members.notna(), None)


def _with_burst(frames, n: int, *, days: int = 7):
    subjects, members = frames
    rng = np.random.default_rng(99)
    last = int(np.datetime64("2019-04-28").astype("datetime64[D]").astype(np.int64))
    more = _frames(last - rng.integers(0, days, n), rng, town=np.full(n, 5), section=np.full(n, "H"))
    extra = more[0].assign(uscc=[f"P{i:06d}" for i in range(n)])
    return pd.concat([subjects, extra], ignore_index=True), pd.concat([members, more[1]], ignore_index=True)


def _alarms(frames, weeks: int = 16):
    found = area_alarms(*frames, AS_OF, weeks=weeks, calendar=CALENDAR)
    contracts.check("area_alarms", found)
    return found


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("years", [6, 1])
def test_the_calendar_alone_raises_no_alarm(seed, years):
    found = _alarms(city(years, seed=seed))
    assert len(found) <= 1, found


def test_a_batch_would_alarm_if_its_excess_were_counted(monkeypatch):
    subjects, members = city(1, seed=1, batches=False)
    days = subjects["established_on"].astype("int64")
    batch = np.repeat(np.flatnonzero((days == days.max() - 4 * 86400).to_numpy()), 8)
    both = [pd.concat([f, f.iloc[batch]], ignore_index=True) for f in (subjects, members)]
    both[0]["uscc"] = [f"F{i:06d}" for i in range(len(both[0]))]
    assert _alarms(both, weeks=2).empty
    monkeypatch.setattr(alarms, "batch_weights", lambda totals, *_: np.ones(totals.size))
    assert not _alarms(both, weeks=2).empty


def test_a_surge_of_one_town_and_section_is_said_once_where_it_is():
    found = _alarms(_with_burst(city(6, seed=3), 60), weeks=4)
    last = found[(found["week"] == found["week"].max()) & (found["method"] != "cusum")]
    assert len(last) == 1
    alarm = last.iloc[0]
    assert (alarm["area_level"], alarm["area_code"], alarm["section"]) == ("town", "t5", "H")
    assert alarm["method"] == "farrington"
    assert alarm["observed"] >= 60 > alarm["upper"] > alarm["expected"] >= LEAST_EXPECTED
    members = json.loads(alarm["subject_ids"])
    assert len(members) == alarm["observed"]
    assert sum(m.startswith("P") for m in members) == 60


def test_a_surge_in_a_young_register_is_found_by_the_weeks_before():
    found = _alarms(_with_burst(city(1, seed=3), 60), weeks=4)
    assert not found.empty
    assert set(found["method"]) == {"ears"}
    assert ((found["area_code"] == "t5") | (found["section"] == "H")).all()


def test_what_is_too_small_for_a_town_is_tested_in_its_district():
    small = _with_burst(city(6, seed=4, per_day=6.0, batches=False), 25)
    found = _alarms(small, weeks=2)
    assert len(found) >= 1
    assert ("t5", "H") not in set(zip(found["area_code"], found["section"], strict=True))
    assert (found["expected"] >= LEAST_EXPECTED).all()


def test_a_slow_drift_is_found_by_the_sum_before_any_week_stands_out():
    subjects, members = city(6, seed=5, batches=False)
    rng = np.random.default_rng(1)
    last = int(np.datetime64("2019-04-28").astype("datetime64[D]").astype(np.int64))
    days = np.arange(last - 84, last + 1)
    more = np.repeat(days, rng.poisson(1.7 * CALENDAR.open(days)))
    extra = _frames(more, rng, town=np.full(more.size, 7), section=np.full(more.size, "F"))
    both = pd.concat([subjects, extra[0]], ignore_index=True), pd.concat([members, extra[1]], ignore_index=True)
    found = _alarms(both)
    assert ("t7", "F") in set(zip(found["area_code"], found["section"], strict=True))
    assert "cusum" in set(found["method"])


def test_a_register_without_a_past_raises_nothing():
    subjects, members = city(6, seed=6)
    young = (subjects["established_on"] > AS_OF - pd.Timedelta(days=40)).to_numpy()
    assert _alarms((subjects[young].reset_index(drop=True), members[young].reset_index(drop=True))).empty
    assert _alarms((subjects.iloc[:0], members.iloc[:0])).empty
