"""A period nobody was observed in by night names no home, whatever the labels made of the silence."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from models.errors import ConfigError
from models.signaling.day import Cells, DayEvents, compute_day
from models.signaling.kernel_rules import load_rules
from models.signaling.night_coverage import NightRule, coverage_of, load_night_rule, seen_hours
from models.signaling.service_day import service_day

RULE = NightRule(1, 5, 0.1)


def events_of(users):
    """Events at seconds of the service day, one list a user."""
    t = np.concatenate([np.array(u, np.int32) for u in users]) if users else np.empty(0, np.int32)
    start = np.cumsum([0, *(len(u) for u in users)]).astype(np.int64)
    return DayEvents.of(np.arange(len(users), dtype=np.uint64), start, t, np.full(len(t), -1, np.int32))


def seen_on(day, users):
    """What the kernel notes of events without a known cell, counted."""
    nowhere = Cells(*(np.empty(0) for _ in range(3)), np.empty(0, dtype=bool))
    return seen_hours(compute_day(events_of(users), nowhere, day, load_rules()).heard, RULE)


def hour(local):
    """Second of a service day at which a local hour begins; the day begins at four."""
    return int((local - 4) % 24 * 3600)


def test_every_user_counts_once_an_hour_whatever_the_cell():
    day = service_day(dt.date(2015, 6, 1), "Asia/Shanghai")
    seen = seen_on(day, [[hour(9), hour(9) + 5, hour(23)], [hour(4), hour(3) + 3599], [hour(0)]])
    assert seen["user_days"] == 3
    assert {h: n for h, n in enumerate(seen["by_hour"]) if n} == {9: 1, 23: 1, 4: 1, 3: 1, 0: 1}
    assert seen["by_night"] == 1  # the second: at four, and just before the next four


@pytest.mark.parametrize("date", [dt.date(2015, 3, 28), dt.date(2015, 10, 24), dt.date(2015, 6, 1)])
def test_equals_a_plain_count_also_when_clocks_change(date):
    day = service_day(date, "Europe/Berlin")
    rng = np.random.default_rng(3)
    users = [np.sort(rng.integers(0, day.length_s, rng.integers(1, 40))) for _ in range(50)]
    seen = seen_on(day, users)
    plain = [{int(day.hours[np.searchsorted(day.hour_edges, t, side="right") - 1]) for t in times} for times in users]
    assert seen["by_hour"] == [sum(h in hours for hours in plain) for h in range(24)]
    assert seen["by_night"] == sum(any(1 <= h < 5 for h in hours) for hours in plain)


def test_days_add_up_and_the_share_decides():
    days = [{"seen": {"user_days": 10, "by_hour": [1] * 24, "by_night": n}} for n in (1, 0)]
    found = coverage_of(days, RULE)
    assert (found.user_days, found.share, found.sufficient) == (20, 0.05, False)
    assert found.by_hour.tolist() == [2] * 24
    assert coverage_of([days[0]], RULE).sufficient  # exactly the least share


def test_days_that_were_not_counted_are_not_judged():
    found = coverage_of([{"seen": {"user_days": 1, "by_hour": [0] * 24, "by_night": 0}}, {}], RULE)
    assert found.share is None
    assert found.sufficient


def test_a_rule_without_source_or_with_hours_in_disorder_is_refused(tmp_path):
    assert load_night_rule().min_share == 0.1
    file = tmp_path / "night.toml"
    good = '[{name}]\nvalue = {value}\nsource = "s"\n'
    file.write_text(
        "".join(good.format(name=n, value=v) for n, v in (("from_hour", 5), ("to_hour", 1), ("min_share", 0.1)))
    )
    with pytest.raises(ConfigError, match="before to_hour"):
        load_night_rule(file)
    file.write_text("[from_hour]\nvalue = 1\n")
    with pytest.raises(ConfigError, match="from_hour"):
        load_night_rule(file)
