"""Episodes of events against a plain loop, and how weeks and days are counted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from models.analysis.warnings.episodes import episodes, iso_week_end, moving_counts


def plain_episodes(group, day, minimum, window, quiet, today):
    """One group and one event after the other."""
    found = []
    for g in sorted(set(group.tolist())):
        own = sorted(day[group == g].tolist())
        hits = [d for d in sorted(set(own)) if sum(d - window < e <= d for e in own) >= minimum]
        runs: list[list[int]] = []
        for d in hits:
            if runs and d - runs[-1][-1] <= quiet:
                runs[-1].append(d)
            else:
                runs.append([d])
        for run in runs:
            peak = max(sum(d - window < e <= d for e in own) for d in run)
            over = run[-1] + quiet
            found.append((g, run[0], run[-1], over if over <= today else -1, peak))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_episodes_equal_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 12, 300)
    day = np.where(rng.random(300) < 0.3, rng.integers(100, 130, 300), rng.integers(0, 900, 300))
    found = episodes(group, day, minimum=4, window_days=21, quiet_days=40, today=900)
    columns = (found.group, found.began, found.last, found.ended, found.peak)
    assert list(zip(*(c.tolist() for c in columns), strict=True)) == plain_episodes(group, day, 4, 21, 40, 900)


def test_every_event_is_counted_with_all_of_its_day() -> None:
    order, counts, first = moving_counts(np.array([1, 0, 1, 1]), np.array([5, 5, 5, 9]), 5)
    assert (order.tolist(), counts.tolist(), first.tolist()) == ([1, 0, 2, 3], [1, 2, 2, 3], [0, 1, 1, 1])
    assert moving_counts(np.array([1, 1]), np.array([5, 9]), 4)[1].tolist() == [1, 1]


def test_no_event_is_no_episode() -> None:
    none = np.zeros(0, np.int64)
    assert episodes(none, none, minimum=2, window_days=7, quiet_days=9, today=1).group.size == 0


def test_a_week_ends_on_its_sunday() -> None:
    days = np.arange(16_000, 16_030)
    for day, end in zip(days.tolist(), iso_week_end(days).tolist(), strict=True):
        date, sunday = (dt.date(1970, 1, 1) + dt.timedelta(days=d) for d in (day, end))
        assert sunday.isoweekday() == 7
        assert date.isocalendar()[:2] == sunday.isocalendar()[:2]
