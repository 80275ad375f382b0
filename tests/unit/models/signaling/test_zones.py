"""Hexagons of 9, 8 and 7, towns, districts, the city: every level is the sum of the one below, and nobody is lost."""

from __future__ import annotations

from dataclasses import replace

import h3
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.fusion import hexes
from models.signaling import release
from models.signaling.audit import audit
from models.signaling.places import Allocation, breadths, one_bayes_step
from models.signaling.release import Rules, people_by_area, residents_by_hex
from models.signaling.zones import Zones, town_of_hexes

AROUND = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 7))], np.uint64), 1)
FINE = np.sort(hexes.children(AROUND, 9)[0])
CELLS = 60


def drawn(seed=1):
    """Network cells over some forty neighbouring hexagons each, three towns in two districts, an edge without any."""
    rng = np.random.default_rng(seed)
    lon, lat = hexes.centres(FINE)
    weights = np.zeros((CELLS, len(FINE)))
    for c, at in enumerate(rng.choice(len(FINE), CELLS)):
        near = np.argsort(np.hypot(lon - lon[at], lat - lat[at]))[: rng.integers(5, 60)]
        weights[c, near] = rng.random(len(near))
    allocation = one_bayes_step(sp.csr_matrix(weights), rng.random(len(FINE)) + 0.1, FINE, "test")
    of_hex = np.digitize(lon, np.quantile(lon, [0.2, 0.45, 0.7])) - 1
    return Zones(allocation, ("110001", "110002", "220001"), of_hex.astype(np.int64), ("110", "110", "220"))


@pytest.fixture(scope="module")
def zones():
    return drawn()


@pytest.fixture(scope="module")
def people():
    return np.random.default_rng(3).uniform(0, 9_000, CELLS)


@pytest.mark.parametrize("resolution", [8, 7])
def test_a_hexagon_is_the_sum_of_its_parts(zones, people, resolution):
    parts, whole = zones.level(resolution + 1), zones.level(resolution)
    below = pd.Series(parts.weights.T @ people).groupby(hexes.parents(parts.hexes, resolution)).sum()
    assert below.index.tolist() == whole.hexes.tolist()
    np.testing.assert_allclose(below.to_numpy(), whole.weights.T @ people, rtol=1e-9)


def test_a_town_is_the_sum_of_the_finest_hexagons_with_their_centre_inside(zones, people):
    fine = zones.allocation.spread(people)
    for town in range(3):
        assert (zones.by_town.T @ people)[town] == pytest.approx(fine[zones.of_hex == town].sum(), rel=1e-9)


def test_a_district_is_the_sum_of_its_towns(zones, people):
    codes, above = zones.district_member
    towns = zones.by_town.T @ people
    assert codes == ("110", "220")
    np.testing.assert_allclose(above.T @ towns, [towns[0] + towns[1], towns[2]], rtol=1e-9)


def test_nobody_is_lost_from_the_cells_to_the_districts(zones, people):
    total = people[zones.allocation.weights.getnnz(axis=1) > 0].sum()
    for resolution in (9, 8, 7):
        assert (zones.level(resolution).weights.T @ people).sum() == pytest.approx(total, rel=1e-9)
    beyond = zones.allocation.spread(people)[zones.of_hex < 0].sum()
    districts = zones.district_member[1].T @ (zones.by_town.T @ people)
    assert beyond > 0
    assert districts.sum() + beyond == pytest.approx(total, rel=1e-9)


def test_a_hexagon_lies_in_the_town_of_its_centre_whatever_its_parent_does():
    """Of the seven parts of a hexagon on a border six lie in one town, and one in the other with its people."""
    parent = hexes.parents(FINE[:1], 8)
    parts = np.sort(hexes.children(parent, 9)[0])
    codes = ["a", "a", "a", "b-grid", "a", "a", None]
    grids = pd.DataFrame({
        "grid_code": ["d", "a", "b", "b-grid"], "level": ["district", "town", "town", "grid"],
        "parent_code": [None, "d", "d", "b"],
    })  # fmt: skip
    towns, of_hex, districts = town_of_hexes(pd.DataFrame({"h3": parts, "grid_code": codes}), grids, parts)
    assert (towns, districts) == (("a", "b"), ("d", "d"))
    assert of_hex.tolist() == [0, 0, 0, 1, 0, 0, -1]
    even = Allocation(
        sp.csr_matrix(np.full((1, 7), 1 / 7)), parts, np.ones(7, bool), np.empty(0, np.int64), "", np.zeros((1, 2))
    )
    np.testing.assert_allclose(Zones(even, towns, of_hex).by_town.toarray(), [[5 / 7, 1 / 7]])


def test_every_hexagon_is_listed_covered_or_not(zones):
    found = release.coverage(zones, (7, 8, 9))
    fine = found[found["resolution"] == 9]
    assert fine["h3"].tolist() == FINE.tolist()
    assert (fine["covered"].to_numpy() == (zones.allocation.weights.getnnz(axis=0) > 0)).all()
    assert 0 < (~fine["covered"]).sum() < len(fine)
    assert fine.loc[~fine["covered"], "spread_km"].isna().all()
    assert not (fine["told_apart"] & ~fine["covered"]).any()


def test_the_breadth_of_a_hexagon_is_the_mean_width_of_the_cells_that_may_serve_it():
    """Two cells: one over two hexagons evenly, one over a single one and half of the second."""
    likelihood = sp.csr_matrix(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 1.0]]))
    wide = 2.0**2 / (0.25 + 0.25 + 1.0)
    np.testing.assert_allclose(breadths(likelihood), [0.5 * 2 + 0.5 * wide, 0.5 * 2 + 0.5 * wide, wide])


def test_all_parts_of_a_hexagon_are_told_apart_or_none(zones):
    apart = pd.Series(zones.told_apart(40.0)).groupby(hexes.parents(FINE, 8))
    assert set(apart.mean()) == {0.0, 1.0}
    assert zones.told_apart(0.0).sum() == 0
    covered = zones.level(8).covered
    assert pd.Series(zones.told_apart(1e9)).groupby(hexes.parents(FINE, 8)).first().tolist() == covered.tolist()


class Raw:
    """40 residents who work, and 40 short stays, in every network cell; four where the third town has ``few``."""

    def __init__(self, zones, few):
        rows = []
        third = np.flatnonzero(zones.town_of_cell == 2)
        for c in range(CELLS) if not few else np.setdiff1d(np.arange(CELLS), third[1:]):
            n = 4 if few and c == third[0] else 40
            rows += [(c, c, "resident", 80.0 * n, 6_400.0 * n, n), (c, None, "short", 90.0 * n, 8_100.0 * n, n)]
        names = ["home_cell", "work_cell", "resident_class", "persons", "squares", "devices"]
        self.people = pd.DataFrame(rows, columns=names)


def products(zones, few=False, widest=40.0):
    rules = Rules(10, 20, {}, widest)
    frames = {
        "residents_by_hex": residents_by_hex(Raw(zones, few), zones, rules, (7, 8, 9)),
        "people_by_area": people_by_area(Raw(zones, few), zones, rules),
    }
    return {name: frame.assign(period="2015") for name, frame in frames.items()}


def test_released_hexagons_of_nine_are_those_told_apart_and_add_up_to_their_parents(zones):
    found = products(zones)["residents_by_hex"]
    fine = found[found["resolution"] == 9]
    assert set(fine["role"]) == {"resident", "worker"}
    shown = FINE[zones.told_apart(40.0) & zones.allocation.covered]
    assert sorted(fine.loc[fine["role"] == "resident", "h3"]) == shown.tolist()
    own, above = (found[(found["resolution"] == r) & (found["role"] == "resident")].set_index("h3") for r in (9, 8))
    summed = own["persons"].groupby(hexes.parents(own.index.to_numpy(np.uint64), 8)).sum()
    np.testing.assert_allclose(summed, above["persons"].loc[summed.index], rtol=1e-9)
    assert 0 < len(summed) < len(above)


def test_released_towns_districts_and_city_add_up_to_the_hexagons(zones):
    frames = products(zones)
    whole = frames["residents_by_hex"].groupby(["role", "resolution"])["persons"].sum()
    areas = frames["people_by_area"].groupby(["role", "area_level"])["persons"].sum()
    for role in ("resident", "worker", "short_stay"):
        assert areas[role, "city"] == pytest.approx(whole[role, 8], rel=1e-9)
        assert areas[role, "town"] == pytest.approx(areas[role, "district"], rel=1e-9)
    findings = {f.check: f for f in audit(frames, 10, 20)}
    assert findings["parents"].tested > 0 and findings["areas"].tested == 3
    assert not any(f.broken for f in findings.values())


def test_a_withheld_town_hides_its_district_and_is_in_no_sum(zones):
    found = products(zones, few=True)["people_by_area"]
    own = found[found["role"] == "resident"].set_index("area_code")
    assert own["suppressed"].to_dict() == {
        "110001": False, "110002": False, "220001": True, "110": False, "220": True, "city": False,
    }  # fmt: skip
    assert own.loc[own["suppressed"], ["persons", "low", "high", "devices"]].isna().all().all()
    elsewhere = np.isin(zones.town_of_cell, (0, 1)).sum()
    assert own.loc["city", "persons"] == pytest.approx(elsewhere * 80.0 * 40, rel=1e-9)


def test_people_at_work_are_laid_where_they_work_and_nobody_is_lost(zones):
    """All workplaces lie in the westernmost fifth of the hexagons, which is in no town, and in the third town."""
    weights = zones.allocation.weights.multiply((zones.of_hex < 0) | (zones.of_hex == 2)).tocsr()
    total = np.asarray(weights.sum(axis=1)).ravel()
    moved = sp.csr_matrix(sp.diags(np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)) @ weights)
    working = replace(zones, working=moved)
    before, found = (
        products(place)["people_by_area"].set_index(["role", "area_code"])["persons"] for place in (zones, working)
    )
    for role in ("resident", "short_stay"):
        pd.testing.assert_series_equal(found[role], before[role])
    known = (total > 0).sum() * 80.0 * 40
    assert found["worker", "city"] == pytest.approx(known, rel=1e-9)
    assert found["worker", "110001"] == found["worker", "110002"] == 0
    assert found["worker", "220001"] == pytest.approx((working.works_by_town.T @ np.full(CELLS, 3_200.0))[2], rel=1e-9)
    assert not any(f.broken for f in audit(products(working), 10, 20))
    assert zones.at_work is zones


def test_workers_that_the_commuter_flows_hide_are_hidden_with_another_town(zones):
    hidden = np.array([False, False, True, False])  # towns and outside
    found = people_by_area(Raw(zones, few=False), zones, Rules(10, 20), hidden).set_index(["role", "area_code"])
    assert found.loc["worker", "suppressed"].loc["220001"] and found.loc["worker", "suppressed"].loc["220"]
    assert found.loc["worker", "suppressed"].loc[["110001", "110002"]].sum() == 1
    assert not found.loc["resident", "suppressed"].any()


@pytest.mark.parametrize("product", ["residents_by_hex", "people_by_area"])
def test_the_audit_finds_a_sum_that_is_not_that_of_its_parts(zones, product):
    frames = products(zones)
    at = 0 if product == "people_by_area" else int(np.argmax(frames[product]["resolution"] == 9))
    frames[product].loc[at, "persons"] += 1.0
    broken = {f.check for f in audit(frames, 10, 20) if f.broken}
    assert broken == {"areas" if product == "people_by_area" else "parents"}
