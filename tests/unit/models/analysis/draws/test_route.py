"""Day routes: never longer than the nearest-neighbour tour, every window kept, what does not fit is said."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from models.analysis.draws import Route, day_route
from models.errors import RequestError
from models.rules.field_work import load_field_work

DAY = {"starts_min": 540.0, "ends_min": 1050.0, "speed_kmh": 25.0, "road_factor": 1.33}
START = (0.0, 0.0)


def stops(n: int, seed: int, spread_m: float = 3000, windows: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.uniform(-spread_m, spread_m, (n, 2)), columns=["x", "y"])
    opens = rng.choice([540.0, 600.0, 780.0, 840.0], n)
    closed = rng.random(n) < windows
    return frame.assign(
        stop_id=[f"v{i:02d}" for i in range(n)],
        service_min=rng.choice([10.0, 15.0, 20.0], n),
        open_min=np.where(closed, opens, np.nan),
        close_min=np.where(closed, opens + 90, np.nan),
    )


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 1.33 * float(np.hypot(a[0] - b[0], a[1] - b[1]))


def nearest_neighbour_length(frame: pd.DataFrame) -> float:
    """Reference: go to the nearest that is left, then home."""
    left = {r.stop_id: (r.x, r.y) for r in frame.itertuples()}
    here, total = START, 0.0
    while left:
        name = min(left, key=lambda k: (metres(here, left[k]), k))
        total += metres(here, left[name])
        here = left.pop(name)
    return total + metres(here, START)


def walked(route: Route, frame: pd.DataFrame) -> float:
    places = frame.set_index("stop_id")[["x", "y"]]
    path = [START, *(tuple(places.loc[name]) for name in route.stops["stop_id"]), START]
    return sum(metres(a, b) for a, b in itertools.pairwise(path))


def windows_hold(route: Route, frame: pd.DataFrame) -> bool:
    """Reference: drive the route again, stop by stop."""
    known, here, now = frame.set_index("stop_id"), START, 540.0
    for row in route.stops.itertuples():
        stop = known.loc[row.stop_id]
        arrive = now + metres(here, (stop.x, stop.y)) / (25.0 * 1000 / 60)
        begin = max(arrive, stop.open_min if pd.notna(stop.open_min) else 0)
        assert (row.arrive_min, row.begin_min) == pytest.approx((arrive, begin))
        if pd.notna(stop.close_min) and begin > stop.close_min + 1e-9:
            return False
        now, here = begin + stop.service_min, (stop.x, stop.y)
    return now + metres(here, START) / (25.0 * 1000 / 60) <= 1050 + 1e-9


@pytest.mark.parametrize("engine", ["heuristic", "auto"])
@pytest.mark.parametrize("seed", range(20))
def test_a_route_is_never_longer_than_the_nearest_neighbour_tour(seed: int, engine: str) -> None:
    frame = stops(14, seed)
    route = day_route(frame, START, **DAY, engine=engine)
    assert route.refused.empty
    assert sorted(route.stops["stop_id"]) == frame["stop_id"].tolist()
    assert route.length_m == pytest.approx(walked(route, frame))
    assert route.length_m <= nearest_neighbour_length(frame) + 1e-6


def test_a_square_is_walked_round() -> None:
    corners = pd.DataFrame({"stop_id": list("abc"), "x": [0.0, 1000.0, 1000.0], "y": [1000.0, 1000.0, 0.0]})
    route = day_route(corners.assign(service_min=10.0), START, **DAY | {"road_factor": 1.0}, engine="heuristic")
    assert route.length_m == pytest.approx(4000)
    assert route.stops["stop_id"].tolist() in (list("abc"), list("cba"))
    assert route.home_min == pytest.approx(540 + 30 + 4000 / (25_000 / 60))


@pytest.mark.parametrize("seed", range(5))
def test_small_days_are_solved_as_well_as_by_trying_everything(seed: int) -> None:
    frame = stops(6, seed)
    places = [tuple(p) for p in frame[["x", "y"]].to_numpy()]
    shortest = min(
        sum(metres(a, b) for a, b in itertools.pairwise([START, *order, START]))
        for order in itertools.permutations(places)
    )
    assert day_route(frame, START, **DAY, engine="heuristic").length_m <= 1.02 * shortest


@pytest.mark.parametrize("engine", ["heuristic", "auto"])
@pytest.mark.parametrize("seed", range(10))
def test_every_window_is_kept_and_every_stop_is_either_served_or_refused(seed: int, engine: str) -> None:
    frame = stops(16, seed, spread_m=6000, windows=0.5)
    route = day_route(frame, START, **DAY, engine=engine)
    assert windows_hold(route, frame)
    named = [*route.stops["stop_id"], *route.refused["stop_id"]]
    assert sorted(named) == frame["stop_id"].tolist()
    assert route.stops["order"].tolist() == list(range(1, len(route.stops) + 1))


def test_what_cannot_be_done_is_refused_with_the_reason() -> None:
    frame = pd.DataFrame(
        {
            "stop_id": ["far", "long", "closed", "fine", "busy1", "busy2"],
            "x": [80_000.0, 100.0, 20_000.0, 100.0, 200.0, 300.0],
            "y": 0.0,
            "service_min": [10.0, 600.0, 10.0, 10.0, 260.0, 260.0],
            "open_min": [np.nan, np.nan, 540.0, np.nan, np.nan, np.nan],
            "close_min": [np.nan, np.nan, 545.0, np.nan, np.nan, np.nan],
        }
    )
    route = day_route(frame, START, **DAY, engine="heuristic")
    why = dict(zip(route.refused["stop_id"], route.refused["reason"], strict=True))
    assert (why.pop("far"), why.pop("long"), why.pop("closed")) == ("day", "day", "window")
    assert list(why.values()) == ["full"]
    assert "fine" in set(route.stops["stop_id"])


def test_an_empty_day_is_empty_and_a_stop_without_place_is_named() -> None:
    route = day_route(stops(0, 1), START, **DAY)
    assert (len(route.stops), route.length_m, route.home_min) == (0, 0.0, 540.0)
    lost = stops(3, 1).assign(x=[1.0, np.nan, 2.0])
    with pytest.raises(RequestError, match="v01"):
        day_route(lost, START, **DAY)
    with pytest.raises(RequestError, match="at most"):
        day_route(stops(61, 1), START, **DAY)


def test_the_same_day_gives_the_same_route() -> None:
    frame = stops(12, 4, windows=0.3)
    first, second = (day_route(frame, START, **DAY) for _ in range(2))
    pd.testing.assert_frame_equal(first.stops, second.stops)


def test_times_and_speeds_are_read_from_reviewed_data() -> None:
    rules = load_field_work()
    assert (rules.day.starts, rules.day.ends) == (540, 1050)
    assert rules.day.road_factor >= 1
    assert set(rules.source) == {"zh-Hans", "en"}
