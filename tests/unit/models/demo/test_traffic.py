"""The traffic of the generated city: planted jams, drivers who obey them, trains beside a road, nobody else moved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from models.demo import SEED, public
from models.demo.plane import length_km
from models.demo.signaling import Preset, write_signaling
from models.demo.signaling.routes import DIRECTIONS, STEP_KM, routes, truth
from models.demo.signaling.towers import towers
from models.demo.signaling.traffic import draw_traffic
from models.demo.streams import Streams

TINY = Preset(people=400, days=2, per_day=6.0, vehicles=12.0)


@pytest.fixture(scope="module")
def network(city):
    streams = Streams(SEED)
    stations = public.base_stations(city.sites, streams.of("stations"))
    return stations, towers(stations, streams.of("signaling towers"))


@pytest.fixture(scope="module")
def drawn(city, network):
    net, starts = network[1], np.arange(2) * 86_400
    names = np.array([f"t{k}" for k in range(2_000)])
    return draw_traffic(city.roads, net, np.datetime64("2015-06-01"), [True, False], starts, 30.0, 1.0, names, 500,
                        Streams(SEED))  # fmt: skip


def test_main_roads_keep_their_length_and_four_stretches_of_each_are_jammed(city, network, drawn):
    for route in drawn.routes:
        whole = sum(length_km(r.line) for r in city.roads if (r.name, r.road_class) == (route.name, route.road_class))
        assert len(route.free) * STEP_KM == pytest.approx(whole, abs=0.6)
        jammed = route.speed[:, 0] < 0.5 * route.free
        km = jammed.any(axis=1).sum(axis=1) * STEP_KM
        assert ((km >= 5) & (km <= 20)).all()  # four stretches of 3 to 5 km, which may meet
        assert set(np.flatnonzero(jammed.any(axis=(0, 2)))) == {7, 8, 17, 18}
        assert (route.speed <= route.free + 1e-9).all()
    again = routes(city.roads, network[1], network[1].active(np.datetime64("2015-06-01")),
                   Streams(SEED).of("signaling routes"))  # fmt: skip
    assert all(np.array_equal(a.speed, b.speed) for a, b in zip(again, drawn.routes, strict=True))


def test_the_truth_is_the_way_over_the_time_of_each_half_kilometre(drawn):
    found = truth(drawn.routes)
    first = drawn.routes[0]
    rows = found[(found["road"] == first.name) & (found["direction"] == "backward") & (found["daytype"] == "workday")]
    for hour in (3, 8, 17):
        mine = rows[rows["hour"] == hour]["speed_kmh"].to_numpy()
        by_hand = [5 / (1 / first.speed[1, 0, hour, k : k + 5]).sum() for k in range(0, 5 * (len(first.free) // 5), 5)]
        assert np.allclose(mine, by_hand, atol=1e-3)


def test_nobody_drives_twice_at_a_time_and_events_are_in_order(drawn):
    for day, batch in enumerate(drawn.batches):
        rides = drawn.rides[drawn.rides["day"] == day]
        assert not rides["device"].duplicated().any()
        assert (np.diff(batch.time) >= 0).all()
        assert ((batch.time >= day * 86_400) & (batch.time < (day + 1) * 86_400)).all()
        assert set(batch.person - 500) <= set(rides["device"])
    assert set(drawn.rides["direction"]) == set(DIRECTIONS)


def test_riders_of_a_train_change_cells_within_seconds_of_each_other(drawn):
    riders = drawn.rides[(drawn.rides["kind"] == "rider") & (drawn.rides["day"] == 0)]["device"]
    batch = drawn.batches[0]
    table = pd.DataFrame({"device": batch.person - 500, "row": batch.row, "time": batch.time})
    mine = table[table["device"].isin(riders)].sort_values(["row", "time"])
    gap = mine.groupby("row")["time"].diff()
    assert gap.median() <= 3
    others = table[~table["device"].isin(riders)].sort_values(["row", "time"])
    assert others.groupby("row")["time"].diff().median() > 60


def test_traffic_changes_no_row_of_anybody_else(city, network, tmp_path):
    """The streams of random numbers are apart: with traffic every file holds the same rows, and those of travellers."""
    users = {}
    for name, vehicles in (("with", 12.0), ("without", 0.0)):
        preset = Preset(people=TINY.people, days=TINY.days, per_day=TINY.per_day, vehicles=vehicles)
        folder = tmp_path / name / "signaling"
        users[name] = write_signaling(folder, city.sites, network[0], Streams(SEED), preset, roads=city.roads)
    told = tmp_path / "with" / "truth" / "signaling"
    rides = pd.read_parquet(told / "road_trips.parquet")
    assert set(rides.columns) == {"kind", "road", "direction", "day", "user", "period"}
    assert (told / "road_speeds.parquet").is_file()
    assert not (tmp_path / "without" / "truth" / "signaling" / "road_speeds.parquet").exists()
    travellers, more = set(rides["user"]), 0
    for file in users["without"]:
        if not file.endswith(".parquet"):
            continue
        a, b = (pq.read_table(tmp_path / name / file, partitioning=None).to_pandas() for name in ("without", "with"))
        own = b[~b["user"].isin(travellers)]
        more += len(b) - len(own)
        known = own[own["user"].notna()].reset_index(drop=True)
        assert known.equals(a[a["user"].notna()].reset_index(drop=True))
    assert more > 1_000
