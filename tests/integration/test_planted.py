"""Early warning on planted truth: the bars on a reduced run, in the real register and in the demo city."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from benchmarks.planted import City, chongqing
from benchmarks.planted_replay import by_rules, by_scan, outcomes, replay
from benchmarks.planted_truth import Burst, Plan, Planted, days_between, plant
from models import contracts
from models.analysis.clusters.alarms import area_alarms
from models.analysis.clusters.calendar import Calendar, batch_weights
from models.analysis.clusters.study import day_numbers
from models.profile import load_city
from models.store import Store

DEMO_KINDS = {"address_burst": "address", "person_burst": "person", "industry_burst": "industry"}


@pytest.fixture(scope="module")
def real() -> City:
    return chongqing()


@pytest.mark.realdata
def test_bursts_of_ten_firms_in_seven_days_are_found_in_time_and_in_place(real):
    plan = Plan(12, 7, 3, real.first + 28, real.last - 42, seed=5)
    found, raised = City(real.subjects, real.crs, (plan.first, plan.last + 14)).run(plan)
    assert np.mean([o.delay is not None for o in found]) >= 0.8
    assert np.median([o.delay for o in found if o.delay is not None]) <= 3
    assert np.mean([o.rings <= 1 for o in found if o.rings is not None]) >= 0.9
    assert len(raised) <= 20 * ((plan.last + 14 - plan.first) / 7 + 1)


@pytest.mark.realdata
def test_the_calendar_of_the_real_register_raises_no_alarm(real):
    subjects = real.subjects
    assert subjects["established_on"].between("2019-01-01", "2019-01-31").sum() == 1310
    assert subjects["established_on"].between("2019-02-01", "2019-02-28").sum() == 798
    members = pd.DataFrame({"district": subjects["district_code"], "town": subjects["grid_code"], "grid": None})
    found = area_alarms(subjects, members, pd.Timestamp("2019-04-28"), weeks=26, calendar=Calendar.load())
    assert found.empty, found


@pytest.mark.realdata
def test_the_batch_days_of_the_real_register_are_recognised(real):
    first, last = days_between("2019-01-01", "2019-04-30")
    day = day_numbers(real.subjects["established_on"].dropna())
    days = np.arange(first, last + 1)
    totals = np.bincount(day[(day >= first) & (day <= last)] - first, minlength=days.size).astype(float)
    weights = batch_weights(totals, days, Calendar.load())
    batches = {str(d) for d in days[weights < 1].astype("datetime64[D]")}
    assert {"2019-04-11", "2019-03-12"} <= batches
    assert totals[days == days_between("2019-04-11", "2019-04-11")[0]][0] == 465
    assert len(batches) <= 6


@pytest.mark.realdata
def test_the_same_seed_plants_the_same_bursts(real):
    plan = Plan(10, 7, 1, real.first, real.last - 14, seed=3)
    one, two = (plant(real.subjects, real.study, plan) for _ in range(2))
    pd.testing.assert_frame_equal(one.subjects, two.subjects)
    assert one.bursts == two.bursts
    assert len(one.subjects) == len(real.subjects) + 30


def test_the_demo_citys_planted_bursts_are_found_by_the_same_replay(built_demo):
    with Store.open("demo", built_demo.settings, read_only=True) as store:
        subjects = contracts.conform("subjects", store.product("subjects").to_pandas())
    truth = pd.read_parquet(built_demo.home / "demo-files" / "truth" / "supervision.parquet")
    truth = truth[truth["kind"].isin(DEMO_KINDS) & (truth["expected"] == "warning")]
    bursts = [
        Burst(DEMO_KINDS[t.kind], frozenset(json.loads(t.subject_ids)), *days_between(t.start, t.end))
        for t in truth.itertuples()
    ]
    last = days_between("2015-06-30", "2015-06-30")[0]
    bursts = [b for b in bursts if last - 120 <= b.first and b.last <= last - 7]
    city = City(subjects, load_city("demo", built_demo.settings).crs, (last - 125, last))
    scene = city.scene(Planted(subjects, pd.DataFrame()))
    raised = replay(scene, [by_rules(), by_scan()], city.first, city.last)
    found = outcomes(bursts, raised, scene)
    assert len(found) >= 1
    assert np.mean([o.delay is not None for o in found]) >= 0.8
