"""Pitfalls of counting people: number segments, two operators, silence, small counts, ratios, and broken networks."""

from __future__ import annotations

import datetime as dt
import re

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models import contracts, disclosure
from models.build.deliveries import pairs_of
from models.fusion import hexes
from models.profile.signaling import Period as PeriodSettings
from models.profile.signaling import Signaling
from models.settings import PROJECT_ROOT
from models.signaling import cubes, flows, migration, release
from models.signaling.period import PeriodRows, Sites, calendar_of
from models.signaling.pipeline import Raw
from models.signaling.places import Allocation
from models.signaling.service_day import service_day
from models.signaling.weights import share_weights
from models.signaling.zones import Zones

HEXES = hexes.disk(np.array([613617173199323135], np.uint64), 1)
NOBODY = cubes.Presence(np.zeros((3 + 7, 24, 2)), np.zeros((3 + 7, 24, 2), np.int32))


def zones(towns=("500110001", "500110002", "500110003")):
    """Seven cells, each on a hexagon of its own; towns take turns."""
    allocation = Allocation(
        sp.identity(7, format="csr"), HEXES, np.ones(7, bool), np.empty(0, np.int64), "test",
        np.c_[np.arange(7) * 9_000.0, np.zeros(7)],
    )  # fmt: skip
    return Zones(allocation, towns, np.arange(7) % len(towns))


# Where people come from


def person(link, home, **changes):
    row = {
        "link": link, "home_cell": home, "home_class": "home", "days_here": 21, "days_elsewhere": 0, "elsewhere": None,
        "weight": 1.0, "mcc": 460, "resident_class": "passing" if home is None else "resident",
    }  # fmt: skip
    return row | changes


def statuses(before, after):
    own = zones()
    sites = Sites(np.arange(7) * 9_000.0, np.zeros(7), np.full(7, 500.0))
    place = migration.Place(own, sites, np.array([f"c{k}" for k in range(7)], dtype=object), "50", 7.0)
    types = {"link": "UInt64", "home_cell": "Int32", "elsewhere": "Int32"}
    lived = [migration.lives(pd.DataFrame(rows).astype(types), "link", place) for rows in (before, after)]
    return migration.statuses(*lived, own.towns)


def test_the_segment_of_a_number_is_no_origin():
    """A number of Sichuan that appears is new, not an in-mover from there; one that lived here all along has stayed."""
    found = statuses(
        [person(1, None, days_here=0, home_province="51"), person(2, 0, home_province="51")],
        [person(1, 0, home_province="51"), person(2, 0, home_province="51")],
    )
    assert found["status"].to_dict() == {1: "new", 2: "stayer"}
    assert found["origin_class"].isna().all()


def test_a_dead_cluster_of_cells_moves_nobody_away():
    """A hundred people of one town fall silent in the second period: churn of that town, and no emigration."""
    before = [person(k, k % 7) for k in range(1, 701)]
    after = [person(k, k % 7) if k % 7 else person(k, None, days_here=0) for k in range(1, 701)]
    found = statuses(before, after)
    assert found["status"].value_counts().to_dict() == {"stayer": 600, "lost": 100}


def test_a_dead_day_thins_out_nobody_who_lives_there():
    """Residents are averaged over the days somebody saw them, so that a day without network is no empty day."""
    calendar = calendar_of([service_day(dt.date(2015, 6, 1) + dt.timedelta(days=k), "Asia/Shanghai") for k in range(5)])

    def rows(days):
        n = len(days) * 24
        return PeriodRows(
            np.array([7], np.uint64), np.array([0, n]), np.repeat(days, 24).astype(np.int32), np.zeros(n, np.int32),
            np.tile(np.arange(24), len(days)).astype(np.int8), np.full(n, 3_600, np.int32),
        )  # fmt: skip

    whole, broken = (
        cubes.presence(rows(days), np.array([80.0]), np.array([True]), calendar, 7).persons[3, :, 0]
        for days in ([0, 1, 2, 3, 4], [0, 1, 4])
    )
    assert whole == pytest.approx(broken)
    assert whole[12] == pytest.approx(80.0)


def test_people_with_two_operators_or_two_cards_are_not_counted_twice():
    """80 persons, a quarter with a second device: 100 devices at a share of 1 stand for 80 persons."""
    devices = pd.DataFrame({"town": ["t"] * 100})
    weights = share_weights(devices, pd.DataFrame({"town": ["t"], "share": [1.0]}), ["town"], deduplication=0.8)
    assert weights.sum() == pytest.approx(80.0)


# Small counts


def raw_of(cells, devices, weight, **columns):
    table = {"home_cell": cells, "work_cell": None, "resident_class": "resident", "origin": "intra_city"} | columns
    people = pd.DataFrame({**table, "persons": np.asarray(devices) * weight, "devices": devices})
    people["squares"] = people["devices"] * weight**2
    people = people.astype({"home_cell": "Int32", "work_cell": "Int32"})
    return Raw(NOBODY, people, pd.DataFrame(), pd.DataFrame(), {})


def test_one_device_that_stands_for_more_than_k_people_is_not_shown():
    """5.13 persons pass k = 5 after weighting; the threshold counts the one device."""
    raw = raw_of([0, 1, 2], [1, 400, 400], 5.13)
    found = release.residents_by_hex(raw, zones(), release.Rules(5, 10), (8,)).query("role == 'resident'")
    at = found.set_index("h3").loc[HEXES[0]]
    assert at["suppressed"]
    assert pd.isna(at["persons"])
    assert pd.isna(at["devices"])


def test_every_class_of_a_shown_total_is_tested_by_itself():
    """Visitors of one town by origin: 300 and 3 devices; the small class is hidden though the total is large."""
    visits = pd.DataFrame(
        {
            "zone": [0, 0, 0, 1, 1], "origin": ["intra_city", "inter_provincial", "international"] + ["intra_city"] * 2,
            "persons": [300.0, 30.0, 3.0, 90.0, 90.0], "devices": [300, 30, 3, 90, 90],
        }
    ).iloc[:4]  # fmt: skip
    raw = Raw(NOBODY, pd.DataFrame(), visits, pd.DataFrame(), {})
    found = flows.visitors(raw, zones(), release.Rules(10, 20)).set_index(["area_code", "origin_class"])
    small = found.loc[("500110001", "international")]
    assert small["suppressed"]
    assert pd.isna(small["persons"])
    assert not found.loc[("500110001", "intra_city"), "suppressed"]


def test_a_sum_that_is_known_from_another_hour_gives_no_withheld_town_away():
    """The city's people are the same every hour. What an hour with a withheld town lacks is two towns, k devices."""
    calm, empty = np.array([40, 30, 300, 40, 30, 300, 40]), np.array([40, 2, 300, 40, 1, 300, 40])
    own, k = zones(), 20
    shown = {}
    for name, devices in (("calm", calm), ("empty", empty)):
        shown[name] = release.spread(own, devices * 10.0, devices, k, 8)
    assert not shown["calm"]["suppressed"].any()
    lacking = own.of_hex[np.flatnonzero(shown["empty"]["suppressed"].to_numpy())]
    assert set(lacking) > {1}  # the town of three devices, and the next smallest beside it
    behind = sum(int(empty[own.of_hex == town].sum()) for town in set(lacking))
    assert behind >= k


def test_what_is_hidden_is_null_and_totals_are_those_before():
    """No -1 and no 0 for hidden; and the total of a town is more than the sum of what may be shown."""
    raw = raw_of([0, 0, 4], [30, 400, 4], 10.0, work_cell=[1, 0, 2])
    rules = release.Rules(10, 20)
    pairs = flows.commute_flows(raw, zones(), rules)
    hidden = pairs[pairs["suppressed"]]
    assert len(hidden)
    assert hidden[["persons", "low", "high", "devices"]].isna().all(axis=None)
    towns = flows.jobs_housing(raw, zones(), rules).set_index("area_code")
    seen = pairs[pairs["from_code"] == "500110001"]["persons"].sum()
    total = towns.loc["500110001", "working_residents"]
    assert pd.isna(total) or total >= seen
    assert disclosure.small(np.array([0.0, 3.0, 12.0]), 10).tolist() == [False, True, False]


def test_nothing_is_called_differentially_private_without_bounded_contributions():
    """A label on noise that ignores how many rows one person adds is no privacy: the words need the module."""
    words = re.compile(r"差分隐私|differential(ly)? priva", re.IGNORECASE)
    said = [p.name for p in (PROJECT_ROOT / "layers" / "locales").rglob("*.toml") if words.search(p.read_text("utf-8"))]
    bounded = [
        path.name for path in (PROJECT_ROOT / "models" / "signaling").glob("*.py")
        if words.search(path.read_text("utf-8")) and "contribution" in path.read_text("utf-8")
    ]  # fmt: skip
    assert not said or bounded


# Hierarchy and time


def test_coarser_hexagons_sum_people_and_never_average_them():
    raw = raw_of(list(range(7)), [100, 200, 300, 400, 500, 600, 700], 10.0)
    found = release.residents_by_hex(raw, zones(), release.Rules(5, 10), (7, 8)).query("role == 'resident'")
    fine, coarse = (found[found["resolution"] == r].set_index("h3")["persons"] for r in (8, 7))
    parents = hexes.parents(fine.index.to_numpy(np.uint64), 7)
    pd.testing.assert_series_equal(
        fine.groupby(parents).sum(), coarse[coarse > 0].sort_index(), check_names=False, check_index_type=False
    )  # fmt: skip


def test_the_ratio_of_two_towns_is_that_of_their_sums():
    """Ratios 4 and 0.25: their mean is 2.1, but there are 500 jobs for 500 working residents."""
    raw = raw_of([0, 0, 1], [100, 300, 100], 1.0, work_cell=[0, 1, 1])
    found = (
        flows.jobs_housing(raw, zones(), release.Rules(5, 10)).set_index("area_code").loc[["500110001", "500110002"]]
    )
    assert found["jobs_housing_ratio"].tolist() == [0.25, 4.0]
    assert found["jobs"].sum() / found["working_residents"].sum() == 1.0
    assert found["jobs_housing_ratio"].mean() == pytest.approx(2.125)


def test_present_resident_and_registered_people_are_three_things_with_three_names():
    words = {"present_by_hour": "现有人口", "residents_by_hex": "常住人口"}
    for name, word in words.items():
        assert word in contracts.CONTRACTS[name].description
    held = {column.name for column in contracts.CONTRACTS["registered_present"].columns}
    assert {"expected_persons", "present_day"} <= held
    assert not held & {"residents", "persons"}


def test_a_rebuilt_network_is_not_compared():
    """Densification looks like moved homes: a period that is not comparable has no pair with the one before it."""
    first = dt.date(2013, 6, 1)
    periods = [
        PeriodSettings(
            name=str(2013 + k), first=first.replace(year=2013 + k), last=first.replace(year=2013 + k, day=20),
            events="e", network="n.csv", comparable=k != 1,
        )
        for k in range(3)
    ]  # fmt: skip
    found = pairs_of(Signaling(periods=tuple(periods), home_province="50"))
    assert [(a.name, b.name) for a, b in found] == [("2014", "2015")]


def test_nobody_tells_vacancy_of_buildings_from_cells():
    """Cells err by hundreds of metres: a product of vacancy may stand on hexagons or areas, never on buildings."""
    vacant = [c for c in contracts.CONTRACTS.values() if "vacan" in c.name or "空置" in c.description]
    for contract in vacant:
        names = {column.name for column in contract.columns}
        assert names & {"h3", "area_code"}, contract.name
        assert not names & {"building_id", "lon", "lat"}, contract.name


def test_access_on_foot_says_whether_it_follows_the_streets():
    """Circles over rivers and ridges overstate access: a product of access must say how its distances were found."""
    reached = [
        c for c in contracts.CONTRACTS.values() if re.search(r"\baccess(ib|_|$)|可达|步行", c.name + c.description)
    ]
    for contract in reached:
        assert "method" in {column.name for column in contract.columns}, contract.name
