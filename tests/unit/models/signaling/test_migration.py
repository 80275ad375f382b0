"""Who moved between two periods: worked by hand, closed to the person, and never from disappearance alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models import contracts
from models.signaling import attack, elsewhere, migration
from models.signaling.flags import ABROAD
from models.signaling.period import PeriodRows, Sites
from models.signaling.places import Allocation
from models.signaling.release import Rules
from models.signaling.zones import Zones

TOWNS = ("500110001", "500110002", "500111001")
CELLS = np.array(["a", "b", "c", "d", "X500103", "X520300", "X500110"], dtype=object)
A, B, C, D, OTHER_DISTRICT, OTHER_PROVINCE, OWN_DISTRICT = range(7)


def place():
    """Cell a in the first town, b and c in the second, d in the third; a and b stand 700 m apart."""
    weights = sp.csr_matrix(np.vstack([np.eye(3)[[0, 1, 1, 2]], np.zeros((3, 3))]))
    hexes = np.arange(3, dtype=np.uint64)
    x = np.array([0.0, 700.0, 9_000.0, 20_000.0, 6e4, 9e4, 3e4])
    allocation = Allocation(weights, hexes, np.ones(3, bool), np.arange(4, 7), "test", np.c_[x, np.zeros(7)])
    sites = Sites(x, np.zeros(7), np.full(7, 600.0))
    return migration.Place(Zones(allocation, TOWNS, np.arange(3)), sites, CELLS, "50", 4.9)


def person(link, home=None, *, days_here=21, days=0, at=None, weight=10.0, mcc=460, sure=True):
    return {
        "link": link, "home_cell": home, "home_class": "home" if sure else "ambiguous",
        "resident_class": "passing" if home is None else "resident", "days_here": days_here, "days_elsewhere": days,
        "elsewhere": at, "weight": weight, "mcc": mcc,
    }  # fmt: skip


def table(*rows):
    frame = pd.DataFrame(list(rows))
    return frame.astype({"link": "UInt64", "home_cell": "Int32", "elsewhere": "Int32"})


def moves(before, after):
    return migration.statuses(*(migration.lives(t, "link", place()) for t in (before, after)), TOWNS)


BEFORE = table(
    person(1, A), person(2, A), person(3, A), person(4, A), person(5, A),
    person(6, days_here=0, days=9, at=ABROAD), person(7, days_here=2, days=12, at=OTHER_PROVINCE),
    person(8, days_here=1, days=3, at=OTHER_PROVINCE), person(2**63 + 11, C),
)  # fmt: skip
AFTER = table(
    person(1, A, weight=12), person(2, B, weight=12), person(3, C, weight=12),
    person(4, days_here=1, days=15, at=OTHER_DISTRICT, weight=12), person(6, A, weight=12), person(7, C, weight=12),
    person(8, A, weight=12), person(2**63 + 11, D, weight=12),
)  # fmt: skip


def test_the_status_of_everybody_as_worked_by_hand():
    found = moves(BEFORE, AFTER)
    assert found["status"].to_dict() == {
        1: "stayer",
        2: "stayer",  # another town, but the cells overlap
        3: "internal",
        4: "out",
        5: "lost",
        6: "in",
        7: "in",
        8: "new",  # three days elsewhere are no home there
        2**63 + 11: "internal",
    }
    assert found["origin_class"].dropna().to_dict() == {
        3: "intra_district", 4: "intra_city", 6: "international", 7: "inter_provincial", 2**63 + 11: "intra_city",
    }  # fmt: skip


def test_sums_rates_and_balance_as_worked_by_hand():
    sums = migration.totals(moves(BEFORE, AFTER), 3)
    _, balance = migration.released(sums, TOWNS, Rules(1, 1))
    first = balance.set_index("area_code").loc["500110001"]
    assert first[["residents_from", "residents_to", "moved_in", "moved_out"]].tolist() == [50.0, 36.0, 12.0, 20.0]
    assert first["unexplained"] == 36 - 50 - 12 + 20
    assert first["net_rate"] == pytest.approx((12 - 20) / 43)
    assert first["effectiveness"] == pytest.approx(8 / 32)
    second = balance.set_index("area_code").loc["500110002"]
    assert second[["residents_from", "residents_to", "moved_in", "moved_out"]].tolist() == [10.0, 36.0, 24.0, 10.0]


def test_a_foreign_number_that_comes_is_international_and_the_own_district_is_no_other():
    before = table(
        person(1, days_here=0, days=9, at=OTHER_PROVINCE, mcc=310), person(2, days=9, at=OWN_DISTRICT, days_here=0)
    )
    found = moves(before, table(person(1, A, mcc=310), person(2, A)))
    assert found["origin_class"].to_dict() == {1: "international", 2: "intra_district"}


def test_who_has_two_homes_has_not_moved_by_sleeping_more_in_the_other():
    assert set(moves(table(person(1, A)), table(person(1, D, sure=False)))["status"]) == {"stayer"}


def test_who_disappears_has_not_moved():
    found = moves(table(*(person(k, A) for k in range(50))), table(person(99, A)))
    assert set(found["status"]) == {"lost", "new"}
    assert migration.totals(found, 3).devices.sum() == 0


def test_a_closed_town_has_no_residual():
    rng = np.random.default_rng(4)
    home, later = rng.integers(0, 4, 400), rng.integers(0, 4, 400)
    later = np.where((home < 2) & (later < 2), home, later)  # no drift between the two cells that overlap
    gone, come = np.arange(400) % 9 == 0, np.arange(400) % 7 == 1
    away = {"days_here": 0, "days": 12, "at": OTHER_DISTRICT}
    before = table(*(person(k, **away) if come[k] else person(k, int(home[k])) for k in range(400)))
    after = table(*(person(k, **away) if gone[k] and not come[k] else person(k, int(later[k])) for k in range(400)))
    _, balance = migration.released(migration.totals(moves(before, after), 3), TOWNS, Rules(1, 1))
    assert balance["unexplained"].abs().max() < 1e-9
    whole = balance.set_index("area_code").loc["city"]
    assert whole["residents_to"] == whole["residents_from"] + whole["moved_in"] - whole["moved_out"]


def random_totals(seed, towns=6):
    rng = np.random.default_rng(seed)
    devices = rng.poisson(np.exp(rng.normal(2.2, 1.0, (2, towns, 4)))).astype(np.int64)
    residents = rng.integers(300, 900, (2, towns))
    return migration.Totals(devices * 80.0, devices, residents * 80.0, residents)


@pytest.mark.parametrize("seed", [1, 2])
def test_released_flows_withstand_the_attacker_and_keep_their_totals(seed):
    sums = random_totals(seed)
    rules = Rules(10, 20)
    towns = tuple(f"t{k}" for k in range(6))
    flows, balance = migration.released(sums, towns, rules)
    for k, direction in enumerate(migration.DIRECTIONS):
        hidden, by_town, by_class = migration.hidden_cells(sums.persons[k], sums.devices[k], rules)
        values, equations = attack.two_way(sums.devices[k])
        told = migration.told_by_class(sums.devices[k], rules)
        unknown = hidden | ~told[:, None]
        everything = np.concatenate([unknown.ravel(), by_town, by_class, [False]])
        asked = np.concatenate([hidden.ravel(), by_town, by_class, [False]])
        assert not attack.opened(values, everything, equations, rules.k, asked)[asked].any()
        own = flows[(flows["direction"] == direction) & (flows["area_level"] == "town")]
        assert (
            own.loc[~own["suppressed"], "devices"].isin([0]).sum() + (own["devices"] >= rules.fine_k).sum()
            == (~own["suppressed"]).sum()
        )
    shown = balance[~balance["suppressed"]].iloc[:-1]
    at = shown.index.to_numpy()
    assert shown["moved_in"].to_numpy() == pytest.approx(sums.persons[0].sum(axis=1)[at])
    names = {"period_from": "2013", "period_to": "2014"}
    contracts.check("migration_flows", contracts.conform("migration_flows", flows.assign(**names)))
    contracts.check("migration_balance", contracts.conform("migration_balance", balance.assign(**names)))


def test_days_elsewhere_count_from_a_single_second():
    users = np.array([5, 9], np.uint64)
    day = np.array([0, 0, 1, 2, 0, 1, 1], np.int32)
    where = np.array([OTHER_PROVINCE, A, OTHER_PROVINCE, ABROAD, -3, A, -1], np.int32)
    rows = PeriodRows(users, np.array([0, 4, 7]), day, where, np.zeros(7, np.int8), np.ones(7, np.int32))
    beyond = np.array([name.startswith("X") for name in CELLS])
    found = elsewhere.seen(rows, beyond).set_index("user")
    assert found.loc[5, ["days_here", "days_elsewhere", "elsewhere"]].tolist() == [1, 2, OTHER_PROVINCE]
    assert found.loc[9, "days_here"] == 1
    assert found.loc[9, "days_elsewhere"] == 0
    assert pd.isna(found.loc[9, "elsewhere"])
