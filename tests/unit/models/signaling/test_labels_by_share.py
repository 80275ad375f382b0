"""Profiles of shares: worked by hand, and equal to a plain evaluation user by user."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from models.errors import ConfigError
from models.signaling.kernel_rules import load_rules
from models.signaling.period import PeriodRows, Sites, calendar_of, label
from models.signaling.profiles import FOLDER, load_profile
from models.signaling.segments import MOVING, UNKNOWN
from models.signaling.service_day import service_day

RULES = load_rules()
MONDAY = dt.date(2015, 6, 1)
SITES = Sites(np.arange(6) * 8_000.0, np.zeros(6), np.full(6, 500.0))
HOWDE, MULTIMNO = load_profile("howde"), load_profile("multimno")


def calendar(days):
    return calendar_of([service_day(MONDAY + dt.timedelta(days=k), "Asia/Shanghai") for k in range(days)])


def rows_of(users):
    """Rows of users, each a list of (day, place, hour, seconds)."""
    whole = [sorted(u) for u in users]
    start = np.cumsum([0, *(len(u) for u in whole)]).astype(np.int64)
    flat = [row for u in whole for row in u] or [(0, 0, 0, 0)]
    day, place, hour, seconds = (np.array(c) for c in zip(*flat, strict=True))
    return PeriodRows(
        np.arange(len(users), dtype=np.uint64), start, day.astype(np.int32), place.astype(np.int32),
        hour.astype(np.int8), seconds.astype(np.int32),
    )  # fmt: skip


def life(days, at):
    """A user who is at ``at(day, hour)`` for every whole hour; None where unseen."""
    wanted = ((d, at(d, h), h, 3600) for d in range(days) for h in range(24))
    return [(d, UNKNOWN if p is None else p, h, s) for d, p, h, s in wanted]


def told(user, profile, days=28):
    return label(rows_of([user]), calendar(days), SITES, RULES, profile).iloc[0]


def working(day):
    return (MONDAY + dt.timedelta(days=day)).weekday() < 5


def day_worker(d, h):
    return 1 if working(d) and 9 <= h < 18 else 0


@pytest.mark.parametrize("profile", [HOWDE, MULTIMNO])
def test_a_day_worker_lives_and_works_where_he_does(profile):
    user = told(life(28, day_worker), profile)
    assert (user.home_cell, user.home_class, user.work_cell, user.work_class) == (0, "home", 1, "work")
    assert user.resident_class == "resident"
    assert user["profile"] == profile.digest


@pytest.mark.parametrize("profile", [HOWDE, MULTIMNO])
def test_who_stays_at_home_gets_no_workplace(profile):
    user = told(life(28, lambda *_: 0), profile)
    assert (user.home_cell, user.work_class) == (0, "none")
    assert user.isna()["work_cell"]


@pytest.mark.parametrize(("away", "wanted"), [(8, "home"), (9, "ambiguous")])
def test_howde_wants_seven_tenths_of_the_hours_of_the_nights_that_count(away, wanted):
    """Eight of 28 nights elsewhere leave 20/28 = 0.714, nine 0.679."""
    user = told(life(28, lambda d, h: 2 if d < away else 0), HOWDE)
    assert (user.home_cell, user.home_class) == (0, wanted)


@pytest.mark.parametrize(("seen", "wanted"), [(3, "home"), (2, "unknown")])
def test_howde_counts_a_night_with_two_fifths_of_its_seven_hours(seen, wanted):
    """Three of seven hours are 0.43, two 0.29: then no night counts."""
    user = told(life(28, lambda d, h: 0 if h < seen else None), HOWDE)
    assert user.home_class == wanted


@pytest.mark.parametrize(("nights", "wanted"), [(12, "home"), (11, "unknown")])
def test_howde_wants_two_fifths_of_the_nights(nights, wanted):
    """12 of 28 are 0.43, 11 are 0.39."""
    assert told(life(28, lambda d, h: 0 if d < nights else None), HOWDE).home_class == wanted


@pytest.mark.parametrize(("days", "wanted"), [(12, "work"), (11, "none")])
def test_howde_wants_three_fifths_of_the_working_days(days, wanted):
    """12 of 20 working days are 0.6, 11 are 0.55."""
    at_work = [d for d in range(28) if working(d)][:days]
    user = told(life(28, lambda d, h: 1 if d in at_work and 9 <= h < 18 else 0), HOWDE)
    assert user.work_class == wanted


@pytest.mark.parametrize(("hours", "wanted"), [(4, "work"), (3, "none")])
def test_howde_wants_two_fifths_of_the_working_hours(hours, wanted):
    """Four of nine hours are 0.44, three 0.33."""
    user = told(life(28, lambda d, h: 1 if working(d) and 9 <= h < 9 + hours else 0), HOWDE)
    assert user.work_class == wanted


def test_multimno_takes_the_night_where_the_whole_day_is_divided():
    """At work eleven hours a day: 0.62 of all hours at home, but all of the night and more than 0.8 of it."""
    user = told(life(28, lambda d, h: 1 if 8 <= h < 17 else 0), MULTIMNO)
    assert (user.home_cell, user.home_class) == (0, "home")


@pytest.mark.parametrize(("away", "wanted"), [(5, "home"), (6, "ambiguous")])
def test_multimno_wants_four_fifths(away, wanted):
    """Five of 28 days elsewhere leave 0.82 of all hours, of the night and of the nights; six 0.79."""
    user = told(life(28, lambda d, h: 3 if d < away else 0), MULTIMNO)
    assert (user.home_cell, user.home_class) == (0, wanted)


def test_multimno_takes_the_nights_where_their_hours_are_divided():
    """Every night begins elsewhere for five of 14 hours: 0.64 of the hours, but all of the nights."""
    user = told(life(28, lambda d, h: 3 if 18 <= h < 23 else 0), MULTIMNO)
    assert (user.home_cell, user.home_class) == (0, "home")


@pytest.mark.parametrize(("hours", "wanted"), [(13, "home"), (12, "unknown")])
def test_multimno_drops_whom_it_sees_for_less_than_twelve_and_a_half_hours_a_day(hours, wanted):
    assert told(life(28, lambda d, h: 0 if h < hours else None), MULTIMNO).home_class == wanted


def test_short_stays_and_passers_by():
    assert told(life(28, lambda d, h: 0 if d < 4 else None), HOWDE).resident_class == "short"
    assert told(life(28, lambda d, h: 0 if d < 1 else None), MULTIMNO).resident_class == "passing"
    assert told([(0, MOVING, 9, 100)], HOWDE).home_class == "unknown"


def plain(user, profile, days):
    """The same definitions in plain Python: home, its class, work, its class, nights. Places are 8 km apart."""
    workdays = [d for d in range(days) if working(d)]
    by_day = defaultdict(lambda: defaultdict(int))
    for d, place, h, s in user:
        if place >= 0:
            by_day[d][place, h] += s
    everywhere = defaultdict(int)
    for held in by_day.values():
        for (p, _), s in held.items():
            everywhere[p] += s
    order = sorted(everywhere, key=lambda p: (-everywhere[p], p))

    def window(first, last):
        return [h for h in range(24) if (first <= h < last if first <= last else h >= first or h < last)]

    def over(hours, wanted):
        share, spent, often, counting = (defaultdict(float) for _ in range(3)), None, None, 0
        share, spent, often = share
        for d in wanted:
            held = by_day[d]
            tops = []
            for h in hours:
                seconds = [held.get((p, h), 0) for p in order]
                if seconds and max(seconds) > 0:
                    tops.append(order[seconds.index(max(seconds))])
            here = {p: sum(held.get((p, h), 0) for h in hours) for p in order}
            for p in order:
                spent[p] += here[p]
            if not tops or (profile.method == "hour_shares" and len(tops) < profile.min_hours_share * len(hours)):
                continue
            counting += 1
            for p in order:
                if p in tops if profile.method == "hour_shares" else here[p] > 0:
                    often[p] += 1
                    share[p] += tops.count(p) / len(tops)
        return share, spent, often, counting

    n_share, n_spent, n_often, nights = over(window(profile.night_from_hour, profile.night_to_hour), range(days))
    w_share, w_spent, w_often, seen = over(window(profile.work_from_hour, profile.work_to_hour), workdays)
    hourly = profile.method == "hour_shares"
    enough = nights if hourly else sum(bool(sum(held.values())) for held in by_day.values())
    observed = sum(everywhere.values()) >= profile.min_observed_share * days * 86_400
    if not order or enough < profile.min_days_share_home * days or not observed:
        return None, "unknown", None, "unknown", nights
    if hourly:
        home = max(order, key=lambda p: (n_share[p], -order.index(p)))
        score = n_share[home] / max(1, nights)
        if score <= 0:
            return None, "unknown", None, "unknown", nights
        sure = score >= profile.home_min_share
    else:
        home = order[0]
        whole, dark = sum(everywhere.values()), sum(n_spent.values())
        sure = everywhere[home] >= profile.home_min_share * whole
        sure |= dark > 0 and n_spent[home] >= profile.home_min_share * dark
        sure |= nights > 0 and n_often[home] >= profile.home_min_days_share * nights
    kind = "home" if sure else "ambiguous" if nights >= profile.resident_nights * days / 30 else "short_stay"
    if seen == 0 or seen < profile.min_days_share_work * len(workdays):
        return home, kind, None, "unknown", nights
    there = [p for p in order if w_spent[p] > 0]
    if hourly:
        good = [
            p for p in there if p != home and w_share[p] >= profile.work_min_share * seen
            and w_often[p] >= profile.work_min_days_share * seen
        ]  # fmt: skip
        work = max(good, key=lambda p: (w_often[p], w_share[p], -order.index(p)), default=None)
    else:
        top = max(there, key=lambda p: (w_spent[p], -order.index(p)), default=None)
        fits = top is not None and top != home and (
            w_spent[top] >= profile.work_min_share * sum(w_spent.values())
            or w_often[top] >= profile.work_min_days_share * seen
        )  # fmt: skip
        work = top if fits else None
    return home, kind, work, "none" if work is None else "work", nights


@pytest.mark.parametrize("profile", [HOWDE, MULTIMNO])
@pytest.mark.parametrize("seed", range(4))
def test_equals_the_plain_evaluation_row_by_row(profile, seed):
    rng = np.random.default_rng(seed)
    users = []
    for _ in range(40):
        habit, often, seen = rng.integers(0, 6, 3), rng.uniform(0.5, 1), rng.uniform(0.3, 1)
        rows = []
        for d in range(21):
            for h in range(24):
                if rng.random() > seen:
                    continue
                usual = habit[1] if working(d) and 9 <= h < 17 else habit[0]
                place = int(usual) if rng.random() < often else int(rng.choice([*range(6), MOVING, UNKNOWN]))
                first = int(rng.integers(300, 3600))
                rows.append((d, place, h, first))
                if first < 3000 and rng.random() < 0.3 and place != habit[2]:
                    rows.append((d, int(habit[2]), h, 3600 - first))
        users.append(rows)
    found = label(rows_of(users), calendar(21), SITES, RULES, profile)
    kinds = set()
    for user, row in zip(users, found.itertuples(), strict=True):
        home, kind, work, work_kind, nights = plain(user, profile, 21)
        mine = [None if pd.isna(cell) else int(cell) for cell in (row.home_cell, row.work_cell)]
        assert (mine[0], row.home_class, mine[1], row.work_class, row.nights) == (home, kind, work, work_kind, nights)
        kinds.add(kind)
    assert len(kinds) >= 2


def test_every_profile_says_where_it_comes_from_and_each_names_other_people_residents():
    names = sorted(file.stem for file in FOLDER.glob("*.toml"))
    assert {"cq-service-pop", "tongji-metro", "howde", "multimno"} <= set(names)
    profiles = [load_profile(name) for name in names]
    assert all(p.source and p.version and p.name["zh-Hans"] for p in profiles)
    assert len({p.digest for p in profiles}) == len(names)
    half = life(28, lambda d, h: 2 if d < 9 else 0)  # 19 of 28 nights at one place: enough for some, too few for others
    kinds = {p.id: label(rows_of([half]), calendar(28), SITES, RULES, p).iloc[0].home_class for p in profiles}
    assert len(set(kinds.values())) > 1


def test_a_profile_of_shares_with_a_value_out_of_range_is_refused(tmp_path):
    text = (FOLDER / "howde.toml").read_text("utf-8").replace("home_min_share = 0.7", "home_min_share = 7")
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="home_min_share"):
        load_profile("bad", tmp_path)
