"""Roads over several groups of users: whatever engine keeps the drives, in whatever parts, products are the same."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import shapely

from models.signaling.bucket_area import BucketArea
from models.signaling.corridors import Corridor, Sections
from models.signaling.day import Cells, DayEvents, compute_day
from models.signaling.drives import chains_of
from models.signaling.events import NOBODY
from models.signaling.kernel_rules import load_rules
from models.signaling.road_week import WEEKDAYS
from models.signaling.roads import Roads, parts_of, road_frames
from models.signaling.service_day import service_day
from models.signaling.work_area import BUCKETS, WorkArea
from tests.unit.models.signaling.test_roads import RULES, driver, events_of, spread_out, straight

DAYS = [service_day(dt.date(2015, 6, 1) + dt.timedelta(days=k), "Asia/Shanghai") for k in range(2)]


@pytest.fixture(scope="module")
def roads():
    ways = straight(cells=30, sections=14)
    line = shapely.LineString([(500_000, 3_000_000), (528_000, 3_000_000)])
    edge = ways.edge
    sections = Sections(np.zeros(len(edge) - 1, np.int32), edge[:-1], edge[1:])
    return Roads([Corridor("G1", "motorway", line, 100.0)], sections, ways, RULES)


def day_of(k: int) -> DayEvents:
    """Drivers by night and by day, a train, and people who stay where they are; pseudonyms all over their range."""
    users = spread_out(30, 90.0, 68_500, 10 * k) + spread_out(30, 30.0, 14_400, 10 * k + 100)
    users += [driver(15_000 + j % 7, 140.0, range(0, 12), 1, 500 + j) for j in range(25)]
    users += [[(3_000 + 1_700 * j, u % 30) for j in range(20)] for u in range(15)]
    names = np.random.default_rng(5).integers(0, 2**64, len(users), dtype=np.uint64)
    order = np.argsort(names)
    mine = [users[j] for j in order]
    sorted_events = events_of(mine)
    return DayEvents(names[order], sorted_events.start, sorted_events.keys)


def computed(events: DayEvents, day, roads):
    x = np.arange(30) * 1_000.0
    cells = Cells(x, np.zeros(30), np.full(30, 600.0), np.ones(30, dtype=bool))
    result = compute_day(events, cells, day, load_rules())
    return result, chains_of(events, result.flags, roads.ways, RULES.passages)


def test_groups_buckets_and_everybody_at_once_give_the_same_speeds(roads, tmp_path) -> None:
    area, buckets = WorkArea(tmp_path / "local").open(), 5
    for k, day in enumerate(DAYS):
        events = day_of(k)
        result, chains = computed(events, day, roads)
        area.save(day.date, events.users, result, {"digest": "x"}, None, chains)
        for b in range(buckets):
            mine = np.flatnonzero(events.users % np.uint64(buckets) == b)
            spans = [slice(*events.start[[u, u + 1]]) for u in mine]
            own = [list(zip(events.t[s].tolist(), events.cell[s].tolist(), strict=True)) for s in spans]
            part = events_of(own)
            part = DayEvents(events.users[mine], part.start, part.keys)
            made, found = computed(part, day, roads)
            attributes = NOBODY
            BucketArea(tmp_path / "cluster", b).save(day.date, part.users, made, {}, attributes, found)

    def on_cluster():
        for b in range(buckets):
            yield [BucketArea(tmp_path / "cluster", b).day(day.date).chains(0, BUCKETS) for day in DAYS]

    whole = road_frames(lambda: parts_of(area, [(0, BUCKETS)], DAYS), DAYS, roads, 20, 4544)
    groups = [(low, low + 16) for low in range(0, BUCKETS, 16)]
    for parts in (lambda: parts_of(area, groups, DAYS), on_cluster):
        found = road_frames(parts, DAYS, roads, 20, 4544)
        for name, frame in found.items():
            pd.testing.assert_frame_equal(
                pd.DataFrame(frame.drop(columns="geometry", errors="ignore")),
                pd.DataFrame(whole[name].drop(columns="geometry", errors="ignore")), rtol=1e-6,
            )  # fmt: skip
    speeds = whole["road_speeds"]
    assert (~speeds["suppressed"]).sum() > 10
    week = speeds[~speeds["suppressed"] & speeds["daytype"].isin(WEEKDAYS)]
    assert set(week["daytype"]) == {"monday", "tuesday"}
    jam = speeds[(speeds["hour"] == 8) & ~speeds["suppressed"]]
    assert jam["speed_kmh"].max() < 45, "the train is not among them"


def test_a_day_without_drives_kept_has_none(tmp_path, roads) -> None:
    area = WorkArea(tmp_path).open()
    events = day_of(0)
    result, _ = computed(events, DAYS[0], roads)
    area.save(DAYS[0].date, events.users, result, {"digest": "x"})
    users, chains = area.day(DAYS[0].date).chains(0, BUCKETS)
    assert len(users) == len(events.users)
    assert len(chains.user) == 0
