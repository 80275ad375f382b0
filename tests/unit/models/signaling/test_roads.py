from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models import contracts
from models.errors import ConfigError
from models.signaling.calibration import calibrated, errors_of
from models.signaling.corridors import Ways, corridors_of, sections_of, table_of, ways_of
from models.signaling.day import DayEvents
from models.signaling.drives import Chains, chains_of, picked, together
from models.signaling.network import Network
from models.signaling.passages import Passages, passages_of
from models.signaling.road_rules import FILE, load_road_rules
from models.signaling.road_speeds import speeds, summed
from models.signaling.road_week import part_of
from models.signaling.service_day import service_day
from models.signaling.trains import by_train, crowd_of
from tests.unit.models.signaling import road_reference as plain

RULES = load_road_rules()
DAY = service_day(dt.date(2015, 6, 1), "Asia/Shanghai", workday=True)
CELLS = 30
KM = 1_000.0


def straight(corridors: int = 1, cells: int = CELLS, sections: int = 15) -> Ways:
    """Cells in a row, a handover every kilometre from km 1 on; a second corridor meets the same cells 300 m later."""
    keys, at = [], []
    for k in range(corridors):
        for a in range(cells - 1):
            for x, y in ((a, a + 1), (a + 1, a)):
                keys.append((k * cells + x) * cells + y)
                at.append((a + 1) * KM + 300.0 * k)
    order = np.argsort(keys)
    first = np.arange(corridors + 1, dtype=np.int64) * sections
    edge = np.tile(np.arange(sections + 1) * 2.0 * KM, corridors)
    places = np.array(at)[order]
    return Ways(np.array(keys, np.int64)[order], places, np.full(len(places), 100.0), cells, corridors, first, edge)


def events_of(users: list[list[tuple[int, int]]]) -> DayEvents:
    """Events of users as (second, cell)."""
    flat = [event for user in users for event in sorted(user)]
    start = np.append(0, np.cumsum([len(user) for user in users])).astype(np.int64)
    t, cell = (np.array([event[k] for event in flat], np.int32) for k in (0, 1))
    return DayEvents.of(np.arange(1, len(users) + 1, dtype=np.uint64), start, t, cell)


def driver(begin: int, kmh: float, cells: range, jitter: float = 0.0, seed: int = 0) -> list[tuple[int, int]]:
    """Heard in the first cell, then at every handover; ``begin`` is the second at the first handover."""
    rng = np.random.default_rng(seed)
    step = 3_600.0 / kmh
    heard = [(begin - 5, cells[0])]
    return heard + [(int(begin + k * step + rng.normal(0, jitter)), c) for k, c in enumerate(cells[1:])]


def drives(users: list[list[tuple[int, int]]], ways: Ways) -> Chains:
    events = events_of(users)
    return chains_of(events, np.zeros(len(events.t), np.uint8), ways, RULES.passages)


def everything(chains: Chains, ways: Ways) -> Passages:
    return passages_of(chains, np.ones(len(chains.user), dtype=bool), ways.at, ways, DAY, RULES.passages)


def test_a_drive_of_known_speed_gives_metres_and_seconds_by_hand() -> None:
    ways = straight()
    found = everything(drives([driver(3_600, 60.0, range(0, 6))], ways), ways)
    # 60 km/h: handovers at km 1, 2, 3, 4, 5 every 60 s; sections of 2 km: 1 km, 2 km, 2 km
    assert found.section.tolist() == [0, 2, 4]
    assert found.metres.tolist() == [1_000.0, 2_000.0, 1_000.0]
    assert found.seconds.tolist() == [60.0, 120.0, 60.0]
    assert found.hour.tolist() == [5, 5, 5]


def test_ways_and_times_of_a_chain_are_conserved_over_sections() -> None:
    ways = straight()
    users = [driver(1_000 + 700 * k, 40 + 9 * k, range(0, 28), jitter=1, seed=k) for k in range(8)]
    chains = drives(users, ways)
    found = everything(chains, ways)
    for k, user in enumerate(chains.user.tolist()):
        low, high = chains.start[k], chains.start[k + 1] - 1
        mine = found.user == user
        way = abs(ways.at[chains.pair[high]] - ways.at[chains.pair[low]])
        assert found.metres[mine].sum() == pytest.approx(way, rel=1e-5)
        assert found.seconds[mine].sum() == pytest.approx(chains.t[high] - chains.t[low], rel=1e-5)


def random_users(rng: np.random.Generator, count: int) -> list[list[tuple[int, int]]]:
    users = []
    for k in range(count):
        low = int(rng.integers(0, 15))
        way = list(range(low, low + int(rng.integers(4, 14))))
        cells = way[::-1] if rng.random() < 0.5 else way
        mine = driver(int(rng.integers(100, 70_000)), float(rng.uniform(6, 170)), range(0, len(cells)), 15, k)
        mine = [(t, cells[c]) for t, c in mine if t >= 0]
        noise = rng.integers(0, CELLS, int(rng.integers(0, 8)))
        mine += [(int(t), int(c)) for t, c in zip(rng.integers(0, 80_000, len(noise)), noise, strict=True)]
        users.append(sorted(dict(sorted(mine)).items()))
    return users


def test_compiled_drives_and_passages_equal_the_plain_ones_row_by_row() -> None:
    rng = np.random.default_rng(4)
    ways = straight(corridors=2)
    users = random_users(rng, 250)
    events = events_of(users)
    flags = np.where(rng.random(len(events.t)) < 0.05, 6, 0).astype(np.uint8)
    chains = chains_of(events, flags, ways, RULES.passages)
    place = ways.at + rng.normal(0, 120, len(ways.at))
    kept = np.ones(len(chains.user), dtype=bool)
    passed = passages_of(chains, kept, place, ways, DAY, RULES.passages)
    row = 0
    expected: list[tuple[int, int, int, float, float]] = []
    for u in range(len(users)):
        low, high = events.start[u], events.start[u + 1]
        own = list(
            zip(events.t[low:high].tolist(), events.cell[low:high].tolist(), flags[low:high].tolist(), strict=True)
        )
        for chain in plain.chains(own, ways, RULES.passages):
            points = list(range(chains.start[row], chains.start[row + 1]))
            assert (chains.user[row], chains.corridor[row], chains.direction[row]) == (u, *chain[:2])
            assert list(zip(chains.t[points].tolist(), chains.pair[points].tolist(), strict=True)) == chain[2]
            hour = lambda t: (4 + t // 3600) % 24  # noqa: E731
            expected += [(u, *found) for found in plain.passages(chain, place, ways, hour, RULES.passages)]
            row += 1
    assert row == len(chains.user) > 150
    got = zip(passed.user, passed.section, passed.hour, passed.metres, passed.seconds, strict=True)
    for one, other in zip(got, expected, strict=True):
        assert one[:3] == other[:3]
        assert one[3:] == pytest.approx(other[3:], rel=1e-5)


def test_buckets_of_users_give_what_all_users_give_together() -> None:
    ways, users = straight(2), random_users(np.random.default_rng(9), 80)
    whole = drives(users, ways)
    parts = [drives(users[:37], ways), drives(users[37:], ways)]
    joined = together(parts)
    assert np.array_equal(whole.t, joined.t)
    assert np.array_equal(whole.pair, joined.pair)
    assert np.array_equal(whole.start, joined.start)
    both = crowd_of(parts[0]) + crowd_of(parts[1])
    once = crowd_of(whole)
    assert np.array_equal(both.key, once.key)
    assert np.array_equal(both.count, once.count)


def test_the_speed_is_way_over_time_and_not_the_mean_of_speeds() -> None:
    """Two devices over 2 km at 30 and at 90 km/h need 240 + 80 s: 45 km/h, where the mean of speeds says 60."""
    ways = straight()
    users = [driver(36_000, 30.0, range(0, 6)), driver(36_000, 90.0, range(0, 6))]
    frame = table(users, ways, k=1)
    row = frame[(frame["code"] == 2) & (frame["hour"] == 14)].iloc[0]
    assert row["speed_kmh"] == pytest.approx(45.0)


def table(users: list[list[tuple[int, int]]], ways: Ways, k: int, error_m: float = 50.0) -> pd.DataFrame:
    """Speeds of one working day, of its type of day."""
    chains = drives(users, ways)
    trains = by_train(chains, crowd_of(chains), RULES.rail)
    passed = passages_of(chains, ~trains, ways.at, ways, DAY, RULES.passages)
    lengths = np.repeat(np.diff(ways.edge)[np.diff(ways.edge) > 0], 2)
    pseudonyms = np.arange(1, len(users) + 1, dtype=np.uint64)
    sums = summed([(pseudonyms, passed)], [part_of(DAY)], lengths, RULES.speeds)
    found = speeds(sums, np.full(len(lengths), error_m), lengths, RULES.speeds, k)
    return found[found["daytype"] == "workday"].reset_index(drop=True)


def spread_out(count: int, kmh: float, begin: int, seed: int) -> list[list[tuple[int, int]]]:
    """Drivers one after the other over nearly an hour."""
    gap = 3_000 // count
    return [driver(begin + gap * k, kmh, range(0, 12), 4, seed + k) for k in range(count)]


def test_a_train_beside_the_road_changes_its_speed_by_two_percent_at_most() -> None:
    """Riders of a train at 140 km/h beside a jam of 30 km/h would more than double its speed."""
    ways = straight()
    road = spread_out(40, 30.0, 36_000, 0)
    train = [driver(37_000 + k % 9, 140.0, range(0, 12), 1, 500 + k) for k in range(60)]
    alone, both = (table(users, ways, k=5).set_index(["code", "hour"])["speed_kmh"] for users in (road, road + train))
    assert (both.reindex(alone.index) / alone - 1).abs().max() <= 0.02
    chains = drives(road + train, ways)
    assert by_train(chains, crowd_of(chains), RULES.rail).tolist() == [False] * 40 + [True] * 60


def test_dense_traffic_that_fills_every_moment_is_no_train() -> None:
    ways = straight()
    dense = [driver(36_000 + 2 * k, 80.0, range(0, 12), 3, k) for k in range(1_200)]
    chains = drives(dense, ways)
    assert by_train(chains, crowd_of(chains), RULES.rail).mean() < 0.02


def test_jams_are_told_from_free_flow_by_the_same_section_at_night() -> None:
    ways = straight()
    night = spread_out(25, 90.0, 68_500, 0) + spread_out(25, 90.0, 72_500, 100)  # 23:00 and 00:00
    day = spread_out(30, 88.0, 36_000, 200) + spread_out(30, 25.0, 14_400, 300)  # 14:00 free, 08:00 jammed
    frame = table(night + day, ways, k=20)
    rows = frame[frame["code"] == 4].set_index("hour")
    assert rows.loc[8, "jam"]
    assert not rows.loc[14, "jam"]
    assert rows.loc[8, "tti"] == pytest.approx(rows.loc[8, "free_flow_kmh"] / rows.loc[8, "speed_kmh"])
    assert rows.loc[14, "tti"] == pytest.approx(1.0, abs=0.15)


def test_fewer_than_k_distinct_devices_leave_no_number() -> None:
    """One device that passes thirty times is one device."""
    ways = straight()
    one = [[event for k in range(3) for event in driver(36_000 + 1_100 * k, 60.0, range(0, 6))]]
    frame = table(one, ways, k=2)
    assert frame["suppressed"].all()
    numbers = ["speed_kmh", "low", "high", "free_flow_kmh", "tti", "jam", "devices"]
    assert frame[numbers].isna().all().all()
    nineteen = table(spread_out(19, 60.0, 36_000, 0), ways, k=20)
    twenty = table(spread_out(20, 60.0, 36_000, 0), ways, k=20)
    assert nineteen[nineteen["code"] == 4]["suppressed"].all()
    assert not twenty[(twenty["code"] == 4) & (twenty["hour"] == 14)]["suppressed"].any()


def test_the_threshold_is_held_against_devices_and_not_passages() -> None:
    ways = straight()
    users = [
        [event for k in range(2) for event in driver(36_000 + 150 * u + 1_500 * k, 90.0, range(0, 6))]
        for u in range(12)
    ]
    assert table(users, ways, k=20)["suppressed"].all()


def test_ping_pong_at_rest_is_no_drive() -> None:
    ways = straight()
    tossed = [(30_000 + 60 * k, 4 + k % 2) for k in range(40)]
    assert len(drives([tossed], ways).user) == 0


def test_events_in_one_second_and_places_reached_in_no_time_give_no_infinite_speed() -> None:
    ways = straight()
    same = [(30_000, c) for c in range(3)] + driver(30_100, 80.0, range(2, 12))
    found = everything(drives([same], ways), ways)
    assert (found.seconds > 0).all()
    assert (3.6 * found.metres / found.seconds <= RULES.passages.max_kmh + 1e-3).all()


def test_sections_shorter_than_the_spacing_of_handovers_are_not_measured() -> None:
    """Cut in pieces of 300 m between handovers 1 km apart, a jam on one would show on all of them: none is shown."""
    coarse = straight()
    fine = coarse._replace(first=np.array([0, 60]), edge=np.arange(61) * 300.0)
    users = spread_out(40, 60.0, 36_000, 0)
    assert len(table(users, coarse, k=5)) > 0
    assert len(table(users, fine, k=5)) == 0


def test_sections_whose_handovers_are_badly_placed_are_not_measured() -> None:
    assert len(table(spread_out(40, 60.0, 36_000, 0), straight(), k=5, error_m=900.0)) == 0


def test_a_stop_longer_than_the_silence_ends_a_drive() -> None:
    ways = straight()
    before, after = driver(30_000, 60.0, range(0, 6)), driver(30_000 + 7_200, 60.0, range(5, 12))
    chains = drives([before + after], ways)
    assert len(chains.user) == 2
    assert 3.6 * everything(chains, ways).metres.sum() / everything(chains, ways).seconds.sum() == pytest.approx(60.0)


def test_the_road_with_the_most_crossings_wins_and_no_moment_is_driven_twice() -> None:
    ways = straight(corridors=2)
    keep = ~np.isin(ways.key // (CELLS * CELLS), [1]) | (ways.at < 6_000)
    second_short = ways._replace(key=ways.key[keep], at=ways.at[keep], spread=ways.spread[keep])
    chains = drives([driver(30_000, 70.0, range(0, 20))], second_short)
    assert chains.corridor.tolist() == [0]


def test_calibration_finds_displaced_handovers_again() -> None:
    """Every handover is believed up to 400 m away from where it is; even drives bring all but 60 m of it back."""
    ways = straight()
    rng = np.random.default_rng(1)
    shift = rng.uniform(-400, 400, len(ways.at))
    believed = ways._replace(at=ways.at + shift)
    night = drives([driver(66_000 + 60 * k, 80 + k % 20, range(0, 28), 3, k) for k in range(60)], believed)
    place, error = calibrated(believed, night)
    used = np.unique(night.pair)
    inner = used[(ways.at[used] > 3_000) & (ways.at[used] < 26_000)]
    left = place[inner] - ways.at[inner]
    assert np.abs(shift[inner]).mean() > 150
    assert np.abs(left - left.mean()).mean() < 60
    assert (error[inner] < 150).all()
    errors = errors_of(ways, night, place, error)
    assert np.isnan(errors[1::2]).all()  # nobody drove backward
    assert np.nanmax(errors) < 250


def test_chains_picked_and_joined_again_are_the_same() -> None:
    chains = drives(random_users(np.random.default_rng(2), 40), straight())
    mask = np.arange(len(chains.user)) % 2 == 0
    again = together([picked(chains, mask), picked(chains, ~mask)])
    assert len(again.t) == len(chains.t)
    assert sorted(again.t.tolist()) == sorted(chains.t.tolist())
    assert len(together([]).user) == 0


def masts(count: int, spacing_m: float) -> Network:
    """Masts without sectors beside a road that runs east from (500000, 3000000)."""
    at = 500_000 + spacing_m * (np.arange(count) + 0.5)
    table = pd.DataFrame(
        {"cell_id": [f"C{k}" for k in range(count)], "x": at, "y": 3_000_200.0, "radius_m": spacing_m,
         "azimuth_deg": 0.0, "beamwidth_deg": 360.0}
    )  # fmt: skip
    return Network(table, "test")


def road_table(length_m: float) -> gpd.GeoDataFrame:
    """A road in three rows, the middle one drawn the other way round, and a lane that is no main road."""
    ends = [0.0, 0.3 * length_m, 0.7 * length_m, length_m]
    lines = [shapely.LineString([(500_000 + a, 3_000_000), (500_000 + b, 3_000_000)]) for a, b in pairwise(ends)]
    lines[1] = lines[1].reverse()
    frame = gpd.GeoDataFrame(
        {"road_id": list("abcd"), "name": ["G1", "G1", "G1", None], "road_class": ["motorway"] * 3 + ["tertiary"],
         "maxspeed_kmh": [100.0] * 4},
        geometry=[*lines, lines[0]], crs=4544,
    )  # fmt: skip
    return frame.to_crs(4326)


def test_sections_cover_a_road_exactly_and_are_longer_where_masts_are_farther_apart() -> None:
    for spacing, shortest in ((400.0, 1_000.0), (1_300.0, 2_000.0), (3_000.0, 3_000.0)):
        network = masts(int(24_000 / spacing), spacing)
        active = np.ones(len(network.table), dtype=bool)
        found = corridors_of(road_table(23_400.0), ("motorway",), 4544, RULES.sections)
        assert [c.name for c in found] == ["G1"]
        cut = sections_of(found, network, active, RULES.sections)
        length = cut.end - cut.begin
        assert length.sum() == pytest.approx(found[0].line.length, abs=0.5)
        assert np.allclose(cut.begin[1:], cut.end[:-1])
        assert length[:-1].min() == shortest
        ways = ways_of(found, cut, network, active)
        row = np.searchsorted(ways.key, 3 * ways.cells + 4)
        assert ways.at[row] == pytest.approx(4 * spacing, abs=60)
        sections = table_of(found, cut, 4544)
        contracts.check("road_sections", contracts.conform("road_sections", sections.assign(period="2015")))
        east = sections[sections["direction"] == "forward"].iloc[0].geometry.coords
        assert east[0][0] < east[-1][0]


def test_two_carriageways_a_slip_road_and_a_gap_make_two_corridors() -> None:
    """A dual road of 8 km with a link between its carriageways, a gap of 1 km, and 4 km more of the same name."""
    y, lines = 3_000_000.0, []
    for side in (0.0, 25.0):
        lines += [
            shapely.LineString([(500_000 + a, y + side), (500_000 + b, y + side)])
            for a, b in ((0, 3_000), (3_000, 8_000))
        ]
    lines += [shapely.LineString([(503_000, y), (503_000, y + 25.0)])]
    lines += [
        shapely.LineString([(509_000, y), (513_000, y)]),
        shapely.LineString([(501_000, y + 500), (501_900, y + 500)]),
    ]
    frame = gpd.GeoDataFrame(
        {"road_id": [str(k) for k in range(len(lines))], "name": "G1", "road_class": "trunk", "maxspeed_kmh": 60.0},
        geometry=lines, crs=4544,
    )  # fmt: skip
    found = corridors_of(frame.to_crs(4326), ("trunk",), 4544, RULES.sections)
    assert sorted(c.line.length for c in found) == pytest.approx([4_000, 8_000], abs=30)  # 25 m across


def test_rules_name_the_number_that_is_wrong(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    broken = tmp_path / "roads.toml"
    broken.write_text(text.replace("jam_index = { value = 2.0", "jam_index = { value = -1.0"), "utf-8")
    with pytest.raises(ConfigError, match="jam_index"):
        load_road_rules(broken)
    broken.write_text(text.replace("min_span_m", "min_span"), "utf-8")
    with pytest.raises(ConfigError, match="min_span"):
        load_road_rules(broken)
    assert load_road_rules().digest == RULES.digest
