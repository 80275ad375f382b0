"""Hexagons of a town say what its hidden total is: worked by hand, planted in a release, and closed again."""

from __future__ import annotations

from dataclasses import replace

import h3
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.fusion import hexes
from models.signaling import audit, audit_hexagons
from models.signaling.area_bounds import area_bounds
from models.signaling.places import one_bayes_step
from models.signaling.release import Rules, people_by_area, residents_by_hex
from models.signaling.zones import Zones, town_of_hexes

K, FINE_K = 10, 20
WHOLE = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 7))], np.uint64), 1)
FINE = np.sort(hexes.children(WHOLE, 9)[0])
TOWNS = ("110001", "110002", "220001")


def test_a_town_has_the_people_of_its_hexagons_and_none_to_all_of_those_on_its_border():
    """A lies in town a. B has five parts in a, one in b and one in none. C is told in parts: two in a, five in b."""
    a, b, c = np.sort(hexes.children(WHOLE[:1], 8)[0])[:3]
    parts = {one: np.sort(hexes.children(np.array([one], np.uint64), 9)[0]) for one in (a, b, c)}
    codes = {a: ["a"] * 7, b: ["a"] * 5 + ["b", None], c: ["a"] * 2 + ["b"] * 5}
    area_of = pd.concat([pd.Series(np.array(codes[one], object), pd.Index(parts[one])) for one in (a, b, c)])
    people = pd.DataFrame({
        "h3": [a, b, c, *parts[c][:6]], "resolution": [8] * 3 + [9] * 6,
        "persons": [100.0, 70.0, 60.0] + [10.0] * 6, "suppressed": False,
    })  # fmt: skip
    found = area_bounds(people.astype({"h3": "uint64"}), area_of)
    assert found.loc["a"].tolist() == [100 + 2 * 10, 100 + 2 * 10 + 70]
    assert found.loc["b"].tolist() == [4 * 10, 4 * 10 + 70]  # the seventh part of C is not listed: nobody is there
    withheld = people.assign(suppressed=[True] + [False] * 8, persons=people["persons"].where(people.index > 0))
    assert area_bounds(withheld.astype({"h3": "uint64"}), area_of).loc["a"].tolist() == [20, np.inf]


def zones(cells=60):
    """Three towns in two districts, one beside the other, and an edge without any; each cell serves a few hexagons."""
    rng = np.random.default_rng(1)
    lon, lat = hexes.centres(FINE)
    weights = np.zeros((cells, len(FINE)))
    for c, at in enumerate(rng.choice(len(FINE), cells)):
        weights[c, np.argsort(np.hypot(lon - lon[at], lat - lat[at]))[:3]] = rng.random(3)
    of_hex = np.digitize(lon, np.quantile(lon, [0.1, 0.5, 0.8])) - 1
    return Zones(
        one_bayes_step(sp.csr_matrix(weights), np.ones(len(FINE)), FINE, "test"), TOWNS, of_hex.astype(np.int64),
        ("110", "110", "220"),
    )  # fmt: skip


class Raw:
    """Twelve residents who work in every network cell."""

    def __init__(self, place):
        cells = place.allocation.weights.shape[0]
        at = np.arange(cells, dtype=np.float64)
        self.people = pd.DataFrame({
            "home_cell": at, "work_cell": at, "resident_class": "resident", "persons": 960.0, "squares": 76_800.0,
            "devices": 12,
        })  # fmt: skip


def ground(place):
    """Products ``cells`` and ``grids`` of the same towns."""
    codes = np.array([*TOWNS, None], object)[place.of_hex]
    grids = pd.DataFrame({
        "grid_code": ["110", "220", *TOWNS], "level": ["district"] * 2 + ["town"] * 3,
        "parent_code": [None, None, "110", "110", "220"],
    })  # fmt: skip
    return {"cells": pd.DataFrame({"h3": FINE, "resolution": 9, "grid_code": codes}), "grids": grids}


def released(place, by_hex, by_area):
    rules, raw = Rules(K, FINE_K, {}, 1e9), Raw(place)
    frames = {
        "residents_by_hex": residents_by_hex(raw, place, rules, (7, 8, 9), by_hex),
        "people_by_area": people_by_area(raw, place, rules, by_area),
    }
    return {name: frame.assign(period="2015") for name, frame in frames.items()} | ground(place)


@pytest.fixture(scope="module")
def place():
    found = zones()
    towns = town_of_hexes(**ground(found), hexes=FINE)
    assert towns[0] == TOWNS
    assert (towns[1] == found.of_hex).all()
    apart = replace(found.allocation, breadth=np.ones(len(FINE)))
    return replace(found, allocation=apart)


def test_hidden_workers_whose_hexagons_are_shown_are_found_and_withheld_ones_are_not(place):
    hidden = np.array([False, False, True])
    leak = released(place, None, hidden)
    found = next(f for f in audit.audit(leak, K, FINE_K) if f.check == "hexagons")
    gone = leak["people_by_area"].query("suppressed and area_level != 'city'")
    assert (found.tested, found.broken) == (len(gone), len(gone)) and len(gone) >= 3
    assert found.narrowest == pytest.approx(0.0, abs=1e-6)
    safe = released(place, hidden, hidden)
    findings = audit.audit(safe, K, FINE_K)
    found = next(f for f in findings if f.check == "hexagons")
    assert found.tested == len(gone) and not any(f.broken for f in findings)
    assert found.narrowest == np.inf


def test_withheld_workers_are_in_no_sum_and_hexagons_that_only_they_reach_are_suppressed(place):
    open_, closed = (released(place, hidden, hidden) for hidden in (None, np.array([False, False, True])))
    workers = {name: frames["residents_by_hex"].query("role == 'worker'") for name, frames in
               (("open", open_), ("closed", closed))}  # fmt: skip
    areas = closed["people_by_area"].query("role == 'worker'").set_index("area_code")
    gone = areas.index[areas["suppressed"] & (areas["area_level"] == "town")]
    assert len(gone) == 2 and "220001" in gone
    own = np.isin(place.town_of_cell, [TOWNS.index(code) for code in gone])
    others = np.asarray(place.allocation.weights[~own].sum(axis=0)).ravel() > 0
    fine = workers["closed"].query("resolution == 9").set_index("h3")
    alone = ~pd.Series(others, pd.Index(FINE)).reindex(fine.index)
    assert fine["suppressed"].equals(alone.rename("suppressed")) and alone.any()
    assert fine.loc[alone, "persons"].isna().all()
    sums = workers["closed"].groupby("resolution")["persons"].sum()
    np.testing.assert_allclose(sums, areas.loc["city", "persons"], rtol=1e-9)
    assert areas.loc["city", "persons"] == pytest.approx(960.0 * (~own).sum(), rel=1e-9)
    pd.testing.assert_frame_equal(
        *(frames["residents_by_hex"].query("role == 'resident'") for frames in (open_, closed))
    )


def commuters():
    """Persons are devices. Towns 1 and 2 send 5 and 4 to town 3, which has 12 jobs; its column and pairs are hidden."""
    towns = ["110001", "110002", "220001"]
    table = pd.DataFrame([[60.0, 30, 5], [25, 80, 4], [40, 30, 3]], towns, towns)
    flows = table.stack().rename("persons").rename_axis(["from_code", "to_code"]).reset_index()
    hidden = (flows["to_code"] == "220001") | (flows["from_code"] + flows["to_code"]).isin(
        ["110001110002", "110002110001", "220001110001", "220001110002"]
    )
    flows = flows.assign(devices=flows["persons"].astype("Int64"), suppressed=hidden)
    flows[["persons", "devices"]] = flows[["persons", "devices"]].mask(hidden)
    jobs = pd.DataFrame({
        "area_code": towns, "working_residents": table.sum(axis=1).to_numpy(), "jobs": table.sum().to_numpy(),
        "suppressed": [False, False, True],
    })  # fmt: skip
    return flows, jobs.assign(**{name: jobs[name].mask(jobs["suppressed"]) for name in ("working_residents", "jobs")})


def test_pairs_of_a_town_whose_jobs_are_hidden_follow_from_the_workers_of_its_hexagons():
    """Of 35 who leave town 1 for the others, none to 35 work in town 3; with 12 workers on its hexagons 12 at most."""
    flows, jobs = commuters()
    wide = audit.commuters(flows, jobs, K, "")
    assert (wide.tested, wide.broken) == (7, 0)
    assert wide.narrowest > 2 * K
    workers = pd.DataFrame({"low": [125.0, 140, 12], "high": [125.0, 140, 12]}, list(TOWNS))
    most = audit_hexagons.most_jobs(jobs, {("2015", "worker"): workers}, "2015")
    assert most.tolist() == [125, 140, 12]
    found = audit.commuters(flows, jobs, K, "", most)
    assert found.broken == 3
    assert found.narrowest == pytest.approx(12.0)
    off = workers.assign(low=[100.0, 140, 12], high=[100.0, 140, 12])  # a shown town has a quarter more jobs
    wider = audit_hexagons.most_jobs(jobs, {("2015", "worker"): off}, "2015")
    assert wider.iloc[2] == pytest.approx(15)


@pytest.mark.parametrize(("workers", "broken"), [(6.0, 1), (12.0, 0)])
def test_jobs_below_k_devices_must_be_wide_and_others_are_asked_of_their_pairs(workers, broken):
    _, jobs = commuters()
    bounds = pd.DataFrame({"low": [125.0, 140, workers], "high": [125.0, 140, workers]}, list(TOWNS))
    (found,) = audit_hexagons.totals({"jobs_housing": jobs.assign(period="2015")}, {("2015", "worker"): bounds}, K)
    assert (found.product, found.check, found.broken) == ("jobs_housing", "hexagons", broken)
