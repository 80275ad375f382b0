"""Journeys by zones, hour, purpose, distance and type of day equal a plain count, and none is lost."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from models.signaling.day import Cells, compute_day, nothing
from models.signaling.journeys import DISTANCE_BANDS_M, journeys_of
from models.signaling.kernel_rules import load_rules
from models.signaling.period import Sites, calendar_of
from models.signaling.segments import one_place
from models.signaling.service_day import service_day
from tests.unit.models.signaling.grouped import group_by_user

RULES = load_rules()
DAYS = [service_day(dt.date(2015, 3, 24) + dt.timedelta(days=k), "Europe/Berlin") for k in range(7)]  # one of 23 hours
CALENDAR = calendar_of(DAYS)
KEYS = ["from_zone", "to_zone", "hour", "purpose", "band_m", "daytype"]


@pytest.fixture(scope="module")
def week():
    """Thirty users with random events between eight places on most of seven days."""
    rng = np.random.default_rng(3)
    n = 8
    network = Cells(rng.uniform(0, 60_000, n), rng.uniform(0, 9_000, n), np.full(n, 700.0), np.ones(n, dtype=bool))
    days = []
    for day in DAYS:
        user = np.repeat(rng.permutation(30)[:24], 30).astype(np.uint64)
        t = rng.integers(0, day.length_s, len(user)).astype(np.int32)
        events = group_by_user(user, t, ((user + t // 9_000) % n).astype(np.int32))
        days.append((events.users, compute_day(events, network, day, RULES)))
    return days, Sites(network.x, network.y, network.radius)


def table_of(users, rng):
    """Users in random order; some live or work nowhere, and both may be one place."""
    drawn = rng.integers(-1, 8, (2, len(users)))
    cells = [pd.array(np.where(c < 0, 0, c), "Int32") for c in drawn]
    found = pd.DataFrame({"user": np.array(users, np.uint64), "home_cell": cells[0], "work_cell": cells[1]})
    found["home_cell"] = found["home_cell"].mask(drawn[0] < 0)
    found["work_cell"] = found["work_cell"].mask(drawn[1] < 0)
    return found.assign(weight=rng.uniform(10, 90, len(users)))


def counted(days, users, sites, zone):
    """The reference: one journey after the other."""
    known = users.set_index("user")
    persons, devices = defaultdict(float), defaultdict(set)
    kinds = ["workday" if w else "weekend" for w in CALENDAR.workday]
    for k, (people, result) in enumerate(days):
        columns = (result.trip_user, result.trip_from, result.trip_to, result.trip_start)
        for u, a, b, start in zip(*columns, strict=True):
            name = people[u]
            home, work = known["home_cell"].get(name, pd.NA), known["work_cell"].get(name, pd.NA)
            at = [
                meaning
                for cell, meaning in ((home, "return"), (work, "commute"))
                if not pd.isna(cell) and one_place(cell, b, sites.x, sites.y, sites.radius, RULES.segments)
            ]
            far = np.hypot(sites.x[a] - sites.x[b], sites.y[a] - sites.y[b])
            band = max([low for low in DISTANCE_BANDS_M if low <= far], default=DISTANCE_BANDS_M[0])
            day = DAYS[k]
            hour = day.hours[np.searchsorted(day.hour_edges, start, side="right") - 1]
            key = (zone[a], zone[b], hour, at[0] if at else "other", band, kinds[k])
            persons[key] += known["weight"].get(name, 0.0) / kinds.count(kinds[k])
            devices[key].add(name if name in known.index else None)
    rows = [(*key, persons[key], len(devices[key])) for key in persons]
    return pd.DataFrame(rows, columns=[*KEYS, "persons", "devices"])


@pytest.mark.parametrize("seed", range(4))
def test_journeys_equal_a_plain_count(week, seed):
    days, sites = week
    rng = np.random.default_rng(seed)
    users = table_of(rng.permutation(30)[: 30 - 3 * seed], rng)
    zone = rng.integers(-1, 3, 8)
    found = journeys_of(days, CALENDAR, users, sites, RULES.segments, zone)
    wanted = counted(days, users, sites, zone)
    assert len(found) > 40
    both = [frame.sort_values(KEYS, ignore_index=True)[[*KEYS, "persons", "devices"]] for frame in (found, wanted)]
    pd.testing.assert_frame_equal(*both, check_dtype=False)


def test_no_journey_is_lost_and_each_is_named_by_where_it_leads(week):
    days, sites = week
    nowhere = pd.array([pd.NA] * 30, "Int32")
    users = table_of(range(30), np.random.default_rng(9)).assign(weight=100.0, work_cell=nowhere)
    found = journeys_of(days, CALENDAR, users, sites, RULES.segments, np.arange(8))
    made = np.array([len(result.trip_user) for _, result in days])
    by_type = found.groupby("daytype")["persons"].sum()
    for kind, own in (("workday", CALENDAR.workday), ("weekend", ~CALENDAR.workday)):
        assert by_type[kind] * own.sum() == pytest.approx(made[own].sum() * 100)
    assert set(found["purpose"]) == {"return", "other"}
    assert (found["devices"] >= 1).all()


def test_days_without_journeys_give_an_empty_table(week):
    _, sites = week
    users, nobody = table_of(range(3), np.random.default_rng(1)), [(np.empty(0, np.uint64), nothing())] * len(DAYS)
    found = journeys_of(nobody, CALENDAR, users, sites, RULES.segments, np.arange(8))
    assert list(found.columns) == [*KEYS, "persons", "devices"]
    assert not len(found)
