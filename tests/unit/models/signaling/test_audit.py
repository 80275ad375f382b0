"""The audit finds what a naive table gives away and what stands on too few devices, and nothing in a protected one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.signaling import attack, audit, migration
from models.signaling.flows import protected_table
from models.signaling.release import Rules

K, FINE = 10, 20
TOWNS = tuple(f"t{k}" for k in range(7))


def commuting(seed=3, weight=80.0):
    rng = np.random.default_rng(seed)
    devices = rng.poisson(np.exp(rng.normal(2.4, 1.2, (7, 7)))) + np.diag([60] * 7)
    return devices.astype(np.int64), devices * weight


def published(devices, persons, hidden):
    a, b = np.nonzero(devices)
    names = np.array(TOWNS, dtype=object)
    flows = pd.DataFrame(
        {
            "period": "2015",
            "from_code": names[a],
            "to_code": names[b],
            "persons": persons[a, b],
            "devices": pd.array(devices[a, b], "Int64"),
            "suppressed": hidden[a, b],
        }
    )
    flows[["persons", "devices"]] = flows[["persons", "devices"]].mask(flows["suppressed"])
    jobs = pd.DataFrame(
        {
            "period": "2015",
            "area_code": TOWNS,
            "working_residents": persons.sum(axis=1),
            "jobs": persons.sum(axis=0),
            "devices": pd.array(np.minimum(devices.sum(axis=0), devices.sum(axis=1)), "Int64"),
            "suppressed": False,
        }
    )
    return {"commute_flows": flows, "jobs_housing": jobs}


def attacked(frames):
    return next(f for f in audit.audit(frames, K, FINE) if f.check == "attack")


def test_a_naive_table_is_broken_and_the_proven_one_is_not():
    devices, persons = commuting()
    naive = (devices > 0) & (devices < K)
    assert attacked(published(devices, persons, naive)).broken > 0
    values, sums = attack.two_way(persons)
    counts, _ = attack.two_way(devices)
    hidden = np.zeros(len(values), bool)
    hidden[:49] = protected_table(devices, K).ravel()
    unlisted = np.zeros(len(values), bool)
    unlisted[:49] = (devices == 0).ravel()
    unlisted[-1] = True
    safe = attack.proven_persons(values, counts, hidden, sums, 49, K, unlisted)
    assert not safe[49:].any()
    found = attacked(published(devices, persons, safe[:49].reshape(7, 7)))
    assert found.broken == 0
    assert found.tested >= naive.sum()
    assert found.narrowest > 2 * K


def districts(devices, persons, hidden, groups):
    """Products of the towns and of the groups that name the districts; hidden are cells, both totals, and blocks."""
    pairs, works, blocks = hidden[:49].reshape(7, 7), hidden[49:63].reshape(2, 7), hidden[64:]
    names = {town: f"{group}{town}" for town, group in zip(TOWNS, groups, strict=True)}
    frames = published(devices, persons, pairs)
    flows = frames["commute_flows"].assign(area_level="town")
    flows = flows.assign(**{end: flows[end].map(names) for end in ("from_code", "to_code")})
    jobs = frames["jobs_housing"].assign(area_code=list(names.values()))
    for column, gone in zip(("working_residents", "jobs"), works, strict=True):
        jobs[column] = jobs[column].mask(gone)
    member = _member(groups)
    a, b = (index.ravel() for index in np.indices((member.shape[1],) * 2))
    codes = np.array(sorted(set(groups)), dtype=object)
    sums = {"persons": (member.T @ persons @ member).ravel(), "devices": (member.T @ devices @ member).ravel()}
    above = pd.DataFrame({"from_code": codes[a], "to_code": codes[b], **sums, "suppressed": blocks})
    above = above.astype({"devices": "Int64"}).assign(period="2015", area_level="district")
    above[["persons", "devices"]] = above[["persons", "devices"]].mask(above["suppressed"])
    return {"commute_flows": pd.concat([flows, above], ignore_index=True), "jobs_housing": jobs}


def _member(groups):
    return np.array([[int(group == name) for name in sorted(set(groups))] for group in groups])


@pytest.mark.parametrize("seed", [3, 5])
def test_districts_give_towns_away_unless_they_are_protected_together(seed):
    """Districts of 1, 2 and 4 towns: of a pair of small ones little stays hidden when its sum is published."""
    devices, persons = commuting(seed)
    groups = ("A", "B", "B", "C", "C", "C", "C")
    counts, values = attack.two_way(devices), attack.two_way(persons)
    first, unlisted = np.zeros(64, bool), np.zeros(64, bool)
    first[:49], unlisted[:49], unlisted[-1] = protected_table(devices, K).ravel(), (devices == 0).ravel(), True
    alone = attack.proven_persons(values[0], counts[0], first, values[1], 49, K, unlisted)
    member = sp.csr_matrix(_member(groups))
    numbers, _ = attack.with_blocks(devices, *counts, member)
    weighted, sums = attack.with_blocks(persons, *values, member)
    start = np.append(first, (numbers[64:] > 0) & (numbers[64:] < K))
    safe = attack.proven_persons(weighted, numbers, start, sums, 49, K, np.append(unlisted, np.zeros(9, bool)))
    naive = np.append(alone, np.zeros(9, bool))
    assert attacked(districts(devices, persons, naive, groups)).broken > 0
    found = attacked(districts(devices, persons, safe, groups))
    assert found.broken == 0
    assert found.narrowest > 2 * K
    assert not safe[64:].all()


def test_a_value_on_too_few_devices_is_found():
    devices, persons = commuting()
    findings = audit.audit(published(devices, persons, np.zeros((7, 7), bool)), K, FINE)
    shown = {f.product: f for f in findings if f.check == "devices"}
    assert shown["commute_flows"].broken == int(((devices > 0) & (devices < K)).sum())
    assert shown["jobs_housing"].broken == 0


def test_a_speed_of_a_day_of_the_week_on_too_few_devices_is_found():
    days, devices = ["workday", "monday", "tuesday"], [40, 20, 19]
    frame = pd.DataFrame({"daytype": days, "speed_kmh": 60.0, "devices": devices, "suppressed": [False, False, False]})
    frame["devices"] = frame["devices"].astype("Int64")
    (found,) = audit.audit({"road_speeds": frame}, k=10, fine_k=20)
    assert (found.product, found.tested, found.broken) == ("road_speeds", 3, 1)
    hidden = frame.assign(suppressed=[False, False, True])
    assert audit.audit({"road_speeds": hidden}, k=10, fine_k=20)[0].broken == 0


@pytest.mark.parametrize("spoilt", [False, True])
def test_both_resolutions_must_have_the_same_sum(spoilt):
    frame = pd.DataFrame(
        {
            "period": "2015",
            "role": "resident",
            "resolution": [7, 8, 8],
            "persons": [900.0, 400.0, 500.0 + spoilt],
            "devices": pd.array([30, 30, 30], "Int64"),
            "suppressed": False,
        }
    )
    found = next(f for f in audit.audit({"residents_by_hex": frame}, K, FINE) if f.check == "resolutions")
    assert found.broken == int(spoilt)


def test_released_moves_withstand_the_audit_and_naive_ones_do_not():
    rng = np.random.default_rng(5)
    devices = rng.poisson(np.exp(rng.normal(2.6, 0.9, (2, 6, 4)))).astype(np.int64)
    weight = rng.uniform(60, 130, (1, 6, 1))
    residents = rng.integers(300, 900, (2, 6))
    sums = migration.Totals(devices * weight, devices, residents * 90.0, residents)
    names = {"period_from": "2013", "period_to": "2014"}
    flows, balance = (f.assign(**names) for f in migration.released(sums, TOWNS[:6], Rules(K, FINE)))
    findings = audit.audit({"migration_flows": flows, "migration_balance": balance}, K, FINE)
    assert [f.broken for f in findings] == [0, 0, 0]
    all_shown, totals = (f.assign(**names) for f in migration.released(sums, TOWNS[:6], Rules(1, 1)))
    naive = all_shown["devices"].fillna(0).between(1, K - 1)
    all_shown = all_shown.assign(suppressed=naive, persons=all_shown["persons"].mask(naive))
    broken = audit.audit({"migration_flows": all_shown, "migration_balance": totals}, K, FINE)
    assert sum(f.broken for f in broken if f.check == "attack") > 0
