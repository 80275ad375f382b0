"""Nights in the city: at a known place, or between an evening and a morning in the city; equal to a plain reference."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from models.errors import ConfigError
from models.signaling.flags import ABROAD
from models.signaling.kernel_rules import load_rules
from models.signaling.period import PeriodRows, Sites, calendar_of, label
from models.signaling.profiles import FOLDER, NO_HOUR, load_profile
from models.signaling.segments import MOVING, UNKNOWN
from models.signaling.service_day import service_day

MONDAY = dt.date(2015, 6, 1)
CELLS = 4
SITES = Sites(np.arange(CELLS) * 50_000.0, np.zeros(CELLS), np.full(CELLS, 300.0))
REGION = np.array([False, False, False, True])
"""The last cell stands for a region beyond the city."""
PROFILE = load_profile("cq-service-pop")


def calendar(days, gap=None):
    dates = [MONDAY + dt.timedelta(days=k + (gap is not None and k >= gap)) for k in range(days)]
    return calendar_of([service_day(date, "Asia/Shanghai") for date in dates])


def rows_of(*people):
    """Rows of users, each a list of (day, place, hour, seconds)."""
    flat = [row for person in people for row in person]
    day, place, hour, seconds = (np.array(column, np.int32) for column in zip(*flat, strict=True))
    start = np.concatenate([[0], np.cumsum([len(person) for person in people])])
    return PeriodRows(np.arange(len(people), dtype=np.uint64), start, day, place, hour.astype(np.int8), seconds)


def plain_nights(person, days, follows, profile=PROFILE):
    """Nights of one user, day by day, from the words of the definition."""
    total = 0
    for d in range(days):
        own = [row for row in person if row[0] == d]
        at_night = [r for r in own if r[1] >= 0 and (r[2] >= profile.night_from_hour or r[2] < profile.night_to_hour)]
        by_place = {p: sum(r[3] for r in at_night if r[1] == p) for p in range(CELLS)}
        if max(by_place.values()) >= profile.night_min_s:
            total += 1
            continue
        if d + 1 >= days or not follows[d + 1]:
            continue
        order = [*range(4, 24), *range(4)]
        heard = [(order.index(r[2]), r[1]) for r in own if r[1] >= 0 or r[1] == ABROAD]
        later = [(order.index(r[2]), r[1]) for r in person if r[0] == d + 1 and (r[1] >= 0 or r[1] == ABROAD)]
        if not heard or not later:
            continue
        last, first = max(h for h, _ in heard), min(h for h, _ in later)
        here = any(p >= 0 and not REGION[p] for h, p in heard if h == last)
        again = any(p >= 0 and not REGION[p] for h, p in later if h == first)
        late, early = last >= order.index(profile.evening_from_hour), first < order.index(profile.morning_to_hour)
        total += here and again and late and early
    return total


@pytest.mark.parametrize("seed", range(6))
def test_nights_equal_the_plain_reference(seed):
    rng = np.random.default_rng(seed)
    days, people = 12, []
    for _ in range(40):
        rows = []
        for d in range(days):
            for hour in rng.choice(24, rng.integers(1, 9), replace=False):
                place = int(rng.choice([*range(CELLS), MOVING, ABROAD, UNKNOWN]))
                rows.append((d, place, int(hour), int(rng.integers(1, 3_600))))
        people.append(rows)
    own = calendar(days, gap=int(rng.integers(3, 9)))
    found = label(rows_of(*people), own, SITES, load_rules(), PROFILE, REGION)
    assert found["nights"].tolist() == [plain_nights(person, days, own.follows) for person in people]
    assert found["nights"].max() >= 3


EVENING_AND_MORNING = [(0, 1, 20, 900), (1, 0, 7, 900)]


def nights(person, profile=PROFILE, gap=None):
    return int(label(rows_of(person), calendar(2, gap), SITES, load_rules(), profile, REGION)["nights"].iloc[0])


def test_an_evening_at_work_and_a_morning_at_home_are_a_night_in_the_city():
    assert nights(EVENING_AND_MORNING) == 1
    assert nights([(0, 1, 19, 900), (1, 0, 7, 900)]) == 0, "an office may still be open at seven"
    assert nights([(0, 1, 20, 900), (1, 0, 10, 900)]) == 0, "heard at ten only"


def test_who_is_elsewhere_in_the_evening_or_in_the_morning_was_not_in_the_city():
    assert nights([(0, 1, 20, 900), (0, 3, 22, 900), (1, 0, 7, 900)]) == 0
    assert nights([(0, 1, 20, 900), (1, ABROAD, 6, 900), (1, 0, 7, 900)]) == 0


def test_a_day_that_is_missing_between_them_breaks_the_night():
    assert nights(EVENING_AND_MORNING, gap=1) == 0


def test_a_definition_without_these_hours_counts_nights_at_a_place_only():
    strict = load_profile("tongji-metro")
    assert strict.thresholds(30, 22).evening_from_hour == NO_HOUR
    assert nights(EVENING_AND_MORNING, strict) == 0


def test_one_of_the_two_hours_alone_is_refused(tmp_path):
    text = (FOLDER / "cq-service-pop.toml").read_text("utf-8")
    (tmp_path / "half.toml").write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("morning")), encoding="utf-8"
    )
    with pytest.raises(ConfigError, match="together"):
        load_profile("half", tmp_path)
