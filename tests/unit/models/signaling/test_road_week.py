"""Road speeds by day of the week: one section by hand, sums that are conserved, moved days, and who stays hidden."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from models import contracts
from models.contracts.roads import WEEKDAYS as CONTRACTED
from models.signaling.passages import Passages
from models.signaling.road_speeds import RoadSums, speeds, summed
from models.signaling.road_week import KIND_OF, MOVED_REST, MOVED_WORKDAY, PARTS, WEEKDAYS, by_type, part_of, told
from models.signaling.service_day import ServiceDay, service_day
from tests.unit.models.signaling.test_roads import RULES

MONDAY = dt.date(2015, 6, 1)
LENGTHS = np.full(4, 1_000.0)
Row = tuple[int, int, int, float, float]
"""Pseudonym, section, hour, metres, seconds."""


def day_at(k: int, workday: bool | None = None) -> ServiceDay:
    return service_day(MONDAY + dt.timedelta(days=k), "Asia/Shanghai", workday=workday)


def passed(rows: list[Row]) -> tuple[np.ndarray, Passages]:
    """Pseudonyms and passages of one day."""
    users = np.array(sorted({row[0] for row in rows}), np.uint64)
    user = np.searchsorted(users, [row[0] for row in rows]).astype(np.int32)
    _, section, hour, metres, seconds = zip(*rows, strict=True) if rows else [()] * 5
    return users, Passages(
        user, np.array(section, np.int32), np.array(hour, np.int8), np.array(metres, np.float32),
        np.array(seconds, np.float32), np.array(metres, np.float32) * 500,
    )  # fmt: skip


def sums_of(days: list[tuple[ServiceDay, list[Row]]]) -> RoadSums:
    return summed([passed(rows) for _, rows in days], [part_of(day) for day, _ in days], LENGTHS, RULES.speeds)


def table(sums: RoadSums, k: int) -> pd.DataFrame:
    found = speeds(sums, np.full(len(LENGTHS), 50.0), LENGTHS, RULES.speeds, k)
    return found.set_index(["code", "hour", "daytype"])


def test_one_section_at_eight_by_hand() -> None:
    """Two devices on a Monday, two on a Tuesday, three on a Monday that is a holiday; a kilometre each."""
    frame = table(sums_of([
        (day_at(0), [(1, 0, 8, 1_000, 60), (2, 0, 8, 1_000, 180)]),
        (day_at(1), [(1, 0, 8, 1_000, 100), (3, 0, 8, 1_000, 140)]),
        (day_at(7, workday=False), [(4, 0, 8, 1_000, 40), (5, 0, 8, 1_000, 40), (6, 0, 8, 1_000, 40)]),
    ]), k=2).loc[0, 8]  # fmt: skip
    assert frame.loc["monday", "speed_kmh"] == pytest.approx(3.6 * 2_000 / 240)  # the holiday would make it 36
    assert frame.loc["tuesday", "speed_kmh"] == pytest.approx(3.6 * 2_000 / 240)
    assert frame.loc["workday", "speed_kmh"] == pytest.approx(3.6 * 4_000 / 480)
    assert frame.loc["weekend", "speed_kmh"] == pytest.approx(90.0)
    assert frame["devices"].dropna().to_dict() == {"workday": 3, "weekend": 3, "monday": 2, "tuesday": 2}
    assert frame.index.tolist() == ["workday", "weekend", *WEEKDAYS]
    assert frame.loc["wednesday":"sunday", "suppressed"].all()
    assert frame.loc["wednesday":"sunday"].drop(columns="suppressed").isna().all().all()


def random_days(seed: int) -> list[tuple[ServiceDay, list[Row]]]:
    """Three weeks with a holiday on a Thursday and a working Sunday."""
    rng, moved = np.random.default_rng(seed), {10: False, 13: True}
    days = []
    for k in range(21):
        rows = [
            (int(user), int(section), int(hour), float(way), float(way / speed))
            for user, section, hour, way, speed in zip(
                rng.integers(1, 60, 80), rng.integers(0, 4, 80), rng.integers(7, 10, 80),
                rng.uniform(300, 1_000, 80), rng.uniform(5, 25, 80), strict=True,
            )
        ]  # fmt: skip
        days.append((day_at(k, moved.get(k)), rows))
    return days


def test_seven_days_and_moved_days_make_both_types_of_day() -> None:
    days = random_days(3)
    sums = sums_of(days)
    expected: dict[tuple[int, int, int], list[float]] = defaultdict(lambda: [0.0, 0.0])
    seen: dict[tuple[int, int, int], set[int]] = defaultdict(set)
    for day, rows in days:
        for user, section, hour, metres, seconds in rows:
            at = section, hour, 0 if day.workday else 1
            expected[at][0] += metres
            expected[at][1] += seconds
            seen[at].add(user)
    metres, seconds = by_type(sums.metres), by_type(sums.seconds)
    for at, (way, time) in expected.items():
        assert (metres[at], seconds[at]) == pytest.approx((way, time), rel=1e-6)
        assert sums.devices[at] == len(seen[at])
    assert sums.metres.sum() == pytest.approx(sum(way for way, _ in expected.values()), rel=1e-6)
    assert (sums.metres[..., [MOVED_WORKDAY, MOVED_REST]].sum(axis=(0, 1)) > 0).all()
    sunday = sum(row[3] for day, rows in days for row in rows if day.date.weekday() == 6 and not day.workday)
    assert sums.metres[..., 6].sum() == pytest.approx(sunday, rel=1e-6)


def test_buckets_of_users_add_up_to_everybody() -> None:
    days = random_days(4)
    whole = table(sums_of(days), k=20)
    parts = [sums_of([(day, [row for row in rows if row[0] % 3 == b]) for day, rows in days]) for b in range(3)]
    pd.testing.assert_frame_equal(table(parts[2] + parts[0] + parts[1], k=20), whole, rtol=1e-9)


def test_every_row_on_contract_has_k_devices_and_what_says_nothing_is_not_listed() -> None:
    found = table(sums_of(random_days(5)), k=20).reset_index()
    week = found[found["daytype"].isin(WEEKDAYS)]
    assert (week["devices"].dropna() >= 20).all()
    assert week["suppressed"].eq(week["speed_kmh"].isna()).all()
    per_hour = week.groupby(["code", "hour"])["suppressed"].agg(["size", "all"])
    assert 0 < len(per_hour) < len(found[found["daytype"] == "workday"])
    assert (per_hour["size"] == 7).all()
    assert not per_hour["all"].any()
    product = found.assign(section_id=found["code"].astype(str), road_id="G1", period="2015").drop(columns="code")
    contracts.check("road_speeds", contracts.conform("road_speeds", product))
    assert CONTRACTED == WEEKDAYS
    nobody = table(sums_of(random_days(5)), k=1_000)
    assert set(nobody.index.get_level_values("daytype")) == {"workday", "weekend"}
    assert nobody["suppressed"].all()


def parts(**devices: int) -> np.ndarray:
    found = np.zeros((1, 1, PARTS), np.int64)
    for name, count in devices.items():
        found[0, 0, {"moved_workday": MOVED_WORKDAY, "holiday": MOVED_REST}.get(name) or WEEKDAYS.index(name)] = count
    return found


@pytest.mark.parametrize(
    ("devices", "shown"),
    [
        (dict(zip(WEEKDAYS, [30] * 7, strict=True)), set(WEEKDAYS)),
        ({"monday": 20, "tuesday": 19, "wednesday": 18}, {"monday"}),
        # the one day that is hidden would be what is left of the type: the day with fewest devices joins it
        ({"monday": 40, "tuesday": 25, "wednesday": 19}, {"monday"}),
        ({"saturday": 50, "sunday": 3}, set()),
        ({"saturday": 50, "sunday": 3, "holiday": 30}, {"saturday"}),
        ({"saturday": 50, "sunday": 40, "holiday": 4}, {"saturday"}),
        ({"saturday": 50, "sunday": 40, "holiday": 30}, {"saturday", "sunday"}),
        ({"monday": 20, "moved_workday": 2}, set()),
        ({"monday": 19}, set()),
    ],
)
def test_no_day_is_what_the_others_leave_of_its_type(devices: dict[str, int], shown: set[str]) -> None:
    found = told(parts(**devices), 20)
    assert {name for name, open_day in zip(WEEKDAYS, found[0, 0], strict=True) if open_day} == shown


def test_the_calendar_and_not_the_date_says_what_is_usual() -> None:
    assert [part_of(day_at(k)) for k in range(7)] == list(range(7))
    assert part_of(day_at(0, workday=False)) == MOVED_REST
    assert part_of(day_at(5, workday=True)) == MOVED_WORKDAY
    assert part_of(day_at(5, workday=False)) == 5
    assert KIND_OF[[part_of(day_at(k, w)) for k, w in ((0, False), (5, True))]].tolist() == [1, 0]
