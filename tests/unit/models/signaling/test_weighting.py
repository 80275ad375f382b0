"""Weights of a period: the people shown in each town are its residents, whatever the cells at the border."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.signaling import strata
from models.signaling.places import Allocation
from models.signaling.weighting import weigh
from models.signaling.zones import Zones

SHARE = pd.Series([0.5, 0.25], index=["a", "b"])


@pytest.fixture
def zones():
    """Three cells over two hexagons, one in each of two towns; the middle cell reaches both."""
    weights = sp.csr_matrix([[1.0, 0.0], [0.7, 0.3], [0.1, 0.9]])
    hexes = np.array([1, 2], np.uint64)
    allocation = Allocation(weights, hexes, np.ones(2, dtype=bool), np.empty(0, np.int64), "any", np.zeros((3, 2)))
    return Zones(allocation, ("a", "b"), np.array([0, 1]))


@pytest.fixture
def people():
    cell = [0] * 10 + [1] * 20 + [2] * 8 + [None] * 2
    return pd.DataFrame(
        {"home_cell": pd.array(cell, dtype="Int32"), "resident_class": ["resident"] * 37 + ["short"] * 3}
    )


def shown(zones, weighted):
    living = weighted[weighted["resident_class"] == "resident"]
    by_cell = np.bincount(living["home_cell"].astype(int), living["weight"], 3)
    return zones.by_town.T @ by_cell


def test_without_residents_only_the_share_of_the_town_counts(zones, people):
    weighted, fitted = weigh(people, zones, SHARE, None, deduplication=1.0, most_persons=100)
    assert fitted is None
    assert weighted["weight"].tolist() == [2.0] * 30 + [4.0] * 7 + [1 / 0.375] * 3


def test_people_shown_in_each_town_are_its_residents(zones, people):
    residents = pd.Series([300.0, 200.0], index=["a", "b"])
    weighted, fitted = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=100)
    np.testing.assert_allclose(shown(zones, weighted), residents, rtol=1e-3)
    assert (weighted["weight"] > 0).all()
    assert fitted is not None and fitted.dropped.empty


def test_margins_that_no_weights_can_meet_leave_weights_above_zero(zones, people):
    """Town b is shown at least its part of the border cell, so it cannot be emptied."""
    residents = pd.Series([500.0, 1.0], index=["a", "b"])
    weighted, _ = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=1_000)
    assert np.isfinite(weighted["weight"]).all()
    assert (weighted["weight"] >= 0).all()


def test_a_town_whose_devices_would_stand_for_too_many_people_is_left_out_and_said_so(zones, people):
    """Town b would need 4,000 people of its 8 devices; the devices of town a, at the border too, keep their weights."""
    residents = pd.Series([300.0, 4_000.0], index=["a", "b"])
    weighted, fitted = weigh(people, zones, SHARE, residents, deduplication=1.0, most_persons=100)
    assert fitted is not None
    assert fitted.dropped[["town", "devices"]].to_numpy().tolist() == [["b", 7]]
    assert fitted.dropped["factor"].iloc[0] > 100
    at_b = (weighted["home_cell"] == 2) & (weighted["resident_class"] == "resident")
    assert (weighted.loc[at_b, "weight"] == 0).all()
    assert (weighted.loc[weighted["home_cell"].isin([0, 1]), "weight"].between(1e-9, 100)).all()
    assert shown(zones, weighted)[0] == pytest.approx(300, rel=1e-3)
    assert "b" in fitted.unmet["value"].tolist()


QIJIANG = {
    "sex": pd.Series({"male": 394_858.0, "female": 380_651.0}),
    "age": pd.Series({"0-14": 116_553.0, "15-59": 463_330.0, "60+": 195_626.0}),
}
"""Margins of Qijiang without Wansheng, census 2020 (bulletin of the district)."""


def seen(shares, seed=1):
    """Devices of a city with Qijiang's sexes and ages, served by town, age and sex; and the residents behind them."""
    rng = np.random.default_rng(seed)
    by_age_and_sex = np.outer(QIJIANG["sex"], QIJIANG["age"]).ravel() / QIJIANG["sex"].sum()
    rows, residents = [], {}
    for t, (town, part) in enumerate((("a", 0.6), ("b", 0.4))):
        residents[town] = part * by_age_and_sex.sum()
        for name, people in zip(strata.STRATA, part * by_age_and_sex, strict=True):
            count = rng.poisson(people * shares[town, name] / 50)
            rows += [(0 if t == 0 else 2, name)] * count
    table = pd.DataFrame(rows, columns=["home_cell", "stratum"]).astype({"home_cell": "Int32"})
    return table.assign(resident_class="resident"), pd.Series(residents), pd.Series(by_age_and_sex, index=strata.STRATA)


def uneven(low=0.2, high=0.6):
    index = pd.MultiIndex.from_product([["a", "b"], strata.STRATA], names=["town", "stratum"])
    return pd.Series(np.linspace(low, high, len(index)), index=index)


def test_qijiangs_ages_and_sexes_are_met_where_the_operator_serves_them_unevenly():
    matrix = sp.csr_matrix([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    known = np.ones(2, dtype=bool)
    allocation = Allocation(matrix, np.array([1, 2], np.uint64), known, np.empty(0, np.int64), "any", np.zeros((3, 2)))
    sure = Zones(allocation, ("a", "b"), np.array([0, 1]))
    shares = uneven()
    people, residents, census = seen(shares)
    weighted, fitted = weigh(
        people, sure, shares / 50, residents, deduplication=1.0, most_persons=1_000, by_stratum=census
    )
    reached = weighted.groupby("stratum")["weight"].sum()
    assert (reached / census - 1).abs().max() < 1e-6
    split = reached.index.str.split(" ", n=1).str
    for k, margin in enumerate(("sex", "age")):
        summed = reached.groupby(split[k]).sum()
        assert (summed / QIJIANG[margin] - 1).abs().max() < 1e-6
    np.testing.assert_allclose(weighted.groupby("home_cell")["weight"].sum(), residents, rtol=1e-4)
    assert fitted.design_effect > 1.05 and fitted.unmet.empty
    flat = people.groupby("stratum").size()
    assert (flat / flat.sum() - census / census.sum()).abs().sum() > 0.1


def test_the_share_by_age_and_sex_alone_is_near_the_truth(zones):
    shares = uneven()
    people, _, census = seen(shares)
    weighted, _ = weigh(people, zones, shares / 50, None, deduplication=1.0, most_persons=1_000)
    reached = weighted.groupby("stratum")["weight"].sum()
    assert (reached / census - 1).abs().max() < 0.1, "what chance leaves of some hundred devices a stratum"


def test_devices_of_unknown_age_keep_their_share_of_the_people(zones):
    shares = uneven()
    people, residents, census = seen(shares)
    people.loc[::4, "stratum"] = None
    weighted, _ = weigh(people, zones, shares / 50, residents, deduplication=1.0, most_persons=1_000, by_stratum=census)
    unknown = weighted.loc[weighted["stratum"].isna(), "weight"].sum() / weighted["weight"].sum()
    assert unknown == pytest.approx(0.25, abs=0.03)
    known = weighted.groupby("stratum")["weight"].sum()
    assert (known / known.sum() / (census / census.sum()) - 1).abs().max() < 1e-3


def test_homes_of_cells_and_strata_share_one_number_that_fits_32_bits():
    cells, codes = np.array([0, 7, strata.SHIFT - 1]), np.array([0, 3, len(strata.STRATA)])
    number = strata.packed(cells, codes)
    assert number.max() < 2**31
    for found, given in zip(strata.unpacked(number), (cells, codes), strict=True):
        np.testing.assert_array_equal(found, given)
    odd = pd.DataFrame({"stratum": ["male 0-14", "women", None, "female 60+"]})
    assert strata.codes_of(odd).tolist() == [1, 0, 0, 6]
    assert strata.codes_of(odd[[]]).tolist() == [0, 0, 0, 0]
