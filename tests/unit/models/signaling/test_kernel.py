"""The kernel equals the plain reference row by row, tiles every day exactly and does what each rule says."""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.signaling.day import Cells, DayEvents, compute_day
from models.signaling.flags import ABROAD, NO_CELL
from models.signaling.kernel_rules import load_rules
from models.signaling.period import Sites, calendar_of, join_days, label
from models.signaling.profiles import load_profile
from models.signaling.segments import MOVING, UNKNOWN
from models.signaling.service_day import date_of, service_day
from tests.unit.models.signaling.grouped import group_by_user

_spec = importlib.util.spec_from_file_location("signaling_reference", Path(__file__).parent / "reference.py")
reference = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(reference)

RULES = load_rules()
MONDAY = dt.date(2015, 6, 1)
DAY = service_day(MONDAY, "Asia/Shanghai")


def line(*km, radius=400.0):
    """Cells on one line, by kilometre."""
    n = len(km)
    return Cells(np.array(km) * 1000.0, np.zeros(n), np.full(n, radius), np.ones(n, dtype=bool))


def one_user(*events):
    """Events (hour since 04:00, cell) of one user."""
    ordered = sorted((round(h * 3600), c) for h, c in events)
    t, c = (np.array(values, np.int32) for values in zip(*ordered, strict=True))
    return DayEvents.of(np.array([7], np.uint64), np.array([0, len(t)]), t, c)


def made(cells, *events):
    return compute_day(one_user(*events), cells, DAY, RULES)


def drawn(rng, users=30, cells=12, most=60):
    """Users between a few places, with every kind of dirt, in random order."""
    network = Cells(
        rng.uniform(0, 40_000, cells),
        rng.uniform(0, 40_000, cells),
        rng.uniform(200, 9_000, cells),
        rng.random(cells) < 0.9,
    )
    user, t, cell = [], [], []
    for u in range(users):
        n = int(rng.integers(1, most))
        favourite = rng.integers(0, cells, 3)
        t += list(rng.integers(0, 86_400, n)) if u % 3 else list(rng.integers(30_000, 36_000, n))
        cell += list(np.where(rng.random(n) < 0.8, rng.choice(favourite, n), rng.integers(-2, cells, n)))
        user += [u * 13] * n
    repeat = rng.integers(0, len(t), len(t) // 20)
    user, t, cell = (np.r_[np.array(a), np.array(a)[repeat]] for a in (user, t, cell))
    order = rng.permutation(len(t))
    return network, user[order].astype(np.uint64), t[order].astype(np.int32), cell[order].astype(np.int32)


def rows_of(result, u):
    own = result.row_user == u
    keys = zip(result.row_place[own].tolist(), result.row_hour[own].tolist(), strict=True)
    return dict(zip(keys, result.row_seconds[own].tolist(), strict=True))


@pytest.mark.parametrize("seed", range(12))
def test_equals_the_plain_reference_row_by_row(seed):
    network, user, t, cell = drawn(np.random.default_rng(seed))
    events = group_by_user(user, t, cell)
    result = compute_day(events, network, DAY, RULES)
    for u in range(len(events.users)):
        low, high = events.start[u : u + 2]
        own = list(zip(events.t[low:high].tolist(), events.cell[low:high].tolist(), strict=True))
        codes = reference.flag(own, network, RULES.flags)
        assert result.flags[low:high].tolist() == codes
        found = reference.groups(own, codes, network, RULES.segments)
        pieces, trips = reference.segments(found, network, RULES.segments)
        assert rows_of(result, u) == {k: v for k, v in reference.hours(pieces, DAY).items() if v}
        mine = result.trip_user == u
        columns = (result.trip_from, result.trip_to, result.trip_start, result.trip_end)
        assert list(zip(*(c[mine].tolist() for c in columns), strict=True)) == trips


@pytest.mark.parametrize("seed", range(6))
def test_bridges_equal_the_plain_reference_and_every_day_sums_to_its_length(seed):
    rng = np.random.default_rng(100 + seed)
    dates = [dt.date(2015, 3, 27) + dt.timedelta(days=int(k)) for k in (0, 1, 2, 3, 5, 6)]  # a day is missing
    days = [service_day(d, "Europe/Berlin") for d in dates]  # clocks go forward within
    network, *_ = drawn(rng)
    results = []
    for _ in days:
        _, user, t, cell = drawn(rng)
        keep = rng.random(len(user)) < 0.6
        events = group_by_user(user[keep], np.minimum(t[keep], 82_000), cell[keep])
        results.append((events.users, compute_day(events, network, days[0], RULES)))
    calendar, sites = calendar_of(days), Sites(network.x, network.y, network.radius)
    whole = join_days(results, calendar, sites, RULES)
    lengths = np.array([d.length_s for d in days])
    for k, user in enumerate(whole.users):
        low, high = whole.start[k : k + 2]
        total = np.bincount(whole.day[low:high], whole.seconds[low:high], len(days))
        assert set(total[total > 0]) <= set(lengths)
        edges = [_edge(users, result, user) for users, result in results]
        wanted = reference.bridged(days, edges, network, RULES.segments)
        got: dict = {}
        for i in range(low, high):
            key = (int(whole.day[i]), int(whole.place[i]), int(whole.hour[i]))
            got[key] = got.get(key, 0) + int(whole.seconds[i])
        for d, (users, result) in enumerate(results):
            at = np.searchsorted(users, user)
            if at < len(users) and users[at] == user:
                for (place, hour), seconds in rows_of(result, at).items():
                    got[d, place, hour] = got.get((d, place, hour), 0) - seconds
        assert {key: s for key, s in got.items() if s} == wanted


def _edge(users, result, user):
    at = np.searchsorted(users, user)
    k = np.flatnonzero(result.edge_user == at) if at < len(users) and users[at] == user else []
    if not len(k):
        return None
    parts = (result.edge_first, result.edge_last, result.edge_from, result.edge_to)
    return (*(int(p[k[0]]) for p in parts), bool(result.edge_from_stay[k[0]]), bool(result.edge_to_stay[k[0]]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 86_399), st.integers(-2, 4)), min_size=1, max_size=40))
def test_segments_tile_the_time_between_first_and_last_event(events):
    result = compute_day(one_user(*((t / 3600, c) for t, c in events)), line(0, 1, 2, 9, 40), DAY, RULES)
    span = result.edge_last - result.edge_first
    assert result.row_seconds.sum() == span.sum()
    assert (result.row_seconds > 0).all()


def test_the_order_of_the_events_does_not_matter():
    rng = np.random.default_rng(5)
    network, user, t, cell = drawn(rng)
    first = compute_day(group_by_user(user, t, cell), network, DAY, RULES)
    order = rng.permutation(len(t))
    again = compute_day(group_by_user(user[order], t[order], cell[order]), network, DAY, RULES)
    assert all(np.array_equal(getattr(first, name), getattr(again, name)) for name in vars(first))


@pytest.mark.parametrize(
    ("t", "c", "said"),
    [
        ([5, 4], [0, 0], "sorted by second"),
        ([5, 5], [1, 0], "sorted by second"),
        ([-1, 5], [0, 0], "seconds of the day"),
        ([5, 86_400], [0, 0], "seconds of the day"),
        ([5, 6], [0, 9_999], "cell codes"),
        ([5, 6], [-3, 0], "cell codes"),
    ],
)
def test_events_that_break_the_rules_of_a_day_are_refused(t, c, said):
    events = DayEvents.of(np.array([7], np.uint64), np.array([0, 2]), np.array(t, np.int32), np.array(c, np.int32))
    with pytest.raises(ValueError, match=said):
        compute_day(events, line(0, 5), DAY, RULES)


def test_no_event_is_deleted_and_each_has_one_code():
    network, user, t, cell = drawn(np.random.default_rng(9))
    events = group_by_user(user, t, cell)
    result = compute_day(events, network, DAY, RULES)
    assert len(result.flags) == len(t)
    assert np.bincount(result.flags, minlength=7).sum() == len(t)


def test_a_large_rural_pair_is_never_too_fast():
    network = line(0, 12, 0, radius=8_000.0)
    assert not made(network, (1.0, 0), (1.01, 1), (1.02, 0)).flags.tolist().count(5)


def test_a_jump_over_half_the_city_is_flagged_once_and_its_neighbours_are_not():
    assert made(line(0, 60), (1.0, 0), (1.1, 1), (1.2, 0)).flags.tolist() == [0, 5, 0]


def test_ping_pong_of_a_sleeping_user_costs_no_distance_and_a_true_errand_survives():
    near = line(0, 0.7)
    sleeping = made(near, (18, 0), (20, 0), (20.02, 1), (20.04, 0), (20.06, 1), (20.08, 0), (23, 0))
    assert sleeping.flags.tolist() == [0, 0, 6, 0, 6, 0, 0]
    assert set(sleeping.row_place.tolist()) == {0}
    errand = made(near, (10, 0), (10.02, 1), (10.3, 1), (10.32, 0), (11, 0))
    assert not errand.flags.any()


def test_unknown_retired_and_foreign_cells_have_codes_of_their_own():
    network = Cells(np.zeros(2), np.zeros(2), np.full(2, 500.0), np.array([True, False]))
    result = made(network, (1, 0), (2, NO_CELL), (3, 1), (4, ABROAD), (5, ABROAD))
    assert result.flags.tolist() == [0, 2, 3, 0, 0]
    assert ABROAD in result.row_place.tolist()


def test_silence_is_unknown_and_neither_home_nor_a_move():
    places = rows_of(made(line(0, 30), (1, 0), (2, 0), (9, 1), (10, 1)), 0)
    unknown = sum(seconds for (place, _), seconds in places.items() if place == UNKNOWN)
    assert unknown == 7 * 3600 - 2 * RULES.segments.pad_s


def test_a_commute_is_one_trip_that_starts_after_the_stay_and_moves_as_long_as_the_distance_needs():
    result = made(line(0, 10), (3, 0), (4, 0), (5, 1), (6, 1))
    travel = int(10_000 / RULES.segments.travel_m_s)
    moving = sum(seconds for (place, _), seconds in rows_of(result, 0).items() if place == MOVING)
    assert moving == travel
    assert (result.trip_from.tolist(), result.trip_to.tolist()) == ([0], [1])
    assert result.trip_end[0] - result.trip_start[0] == travel


def test_a_day_of_23_and_of_25_hours_is_tiled_by_its_own_hours():
    spring = service_day(dt.date(2015, 3, 28), "Europe/Berlin")
    autumn = service_day(dt.date(2015, 10, 24), "Europe/Berlin")
    assert (spring.length_s, autumn.length_s) == (82_800, 90_000)
    assert 2 not in spring.hours.tolist()
    assert autumn.hours.tolist().count(2) == 2
    assert (np.diff(spring.hour_edges).sum(), np.diff(autumn.hour_edges).sum()) == (82_800, 90_000)


def test_three_in_the_morning_belongs_to_the_day_before():
    before = int(dt.datetime(2015, 6, 1, 19, 59, tzinfo=dt.UTC).timestamp())
    assert date_of(before, "Asia/Shanghai") == dt.date(2015, 6, 1)
    assert date_of(before + 60, "Asia/Shanghai") == dt.date(2015, 6, 2)


def month(visits, cells, days=28):
    """Label one user who lives the same ``visits(weekday)`` every day."""
    dates = [MONDAY + dt.timedelta(days=k) for k in range(days)]
    service = [service_day(d, "Asia/Shanghai") for d in dates]
    results = []
    for day in service:
        events = visits(day.workday, (day.date - MONDAY).days)
        if events:
            one = one_user(*events)
            results.append((one.users, compute_day(one, cells, day, RULES)))
        else:
            nothing = DayEvents.of(
                np.empty(0, np.uint64), np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int32)
            )
            results.append((nothing.users, compute_day(nothing, cells, day, RULES)))
    calendar, sites = calendar_of(service), Sites(cells.x, cells.y, cells.radius)
    rows = join_days(results, calendar, sites, RULES)
    return label(rows, calendar, sites, RULES, load_profile("cq-service-pop")).iloc[0]


TOWN = line(0, 8, 16)


def hours_at(cell, start, end):
    return [(h, cell) for h in np.arange(start, end, 0.75)]


def test_home_and_work_of_a_day_worker():
    user = month(lambda work, _: hours_at(0, 0.1, 4) + hours_at(1 if work else 0, 5, 13) + hours_at(0, 14, 23.9), TOWN)
    assert (user.home_cell, user.home_class, user.work_cell, user.work_class) == (0, "home", 1, "work")
    assert user.resident_class == "resident"


def test_a_night_worker_lives_where_the_free_nights_and_the_days_are():
    def visits(work, _):
        return (
            hours_at(1, 0.1, 3) + hours_at(0, 4, 16) + hours_at(1 if work else 0, 17, 23.9)
            if work
            else hours_at(0, 4, 23.9)
        )

    user = month(visits, TOWN)
    assert (user.home_cell, user.home_class, user.work_cell) == (0, "night_worker", 1)


def test_who_does_not_work_gets_no_workplace():
    user = month(lambda *_: hours_at(0, 0.1, 23.9), TOWN)
    assert (user.home_cell, user.work_class) == (0, "none")
    assert user.isna()["work_cell"]


@pytest.mark.parametrize(("nights", "wanted"), [(2, "passing"), (3, "short"), (17, "short"), (18, "resident")])
def test_nights_of_the_month_make_short_stays_and_residents(nights, wanted):
    user = month(lambda _, k: hours_at(0, 0.1, 23.9) if k < nights else [], TOWN, days=30)
    assert (user.nights, user.resident_class) == (nights, wanted)


def test_who_is_hardly_observed_has_no_home():
    user = month(lambda _, k: hours_at(0, 0.1, 23.9) if k < 4 else [], TOWN)
    assert user.home_class == "unknown"
    assert user.isna()["home_cell"]
