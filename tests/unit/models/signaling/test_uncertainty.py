"""Intervals of people on hexagons: by hand, nothing to doubt where a cell is a hexagon, and right nine times in ten."""

from __future__ import annotations

import h3
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.errors import ConfigError
from models.fusion import hexes
from models.signaling.places import Allocation
from models.signaling.release import Rules, design_effects, residents_by_hex, spread, weight_quality
from models.signaling.uncertainty import CERTAIN, FILE, FLOWS, POWER, ROLES, Doubt, load_doubts
from models.signaling.zones import Zones

HEXES = hexes.disk(np.array([h3.str_to_int(h3.latlng_to_cell(28.9, 106.65, 8))], np.uint64), 4)


def zones(weights, of_hex=None):
    matrix = sp.csr_matrix(weights)
    known = np.ones(len(HEXES), dtype=bool)
    allocation = Allocation(matrix, HEXES, known, np.empty(0, np.int64), "test", np.zeros((matrix.shape[0], 2)))
    return Zones(allocation, ("t1", "t2"), np.zeros(len(HEXES), np.int64) if of_hex is None else of_hex)


def halves():
    weights = np.zeros((1, len(HEXES)))
    weights[0, :2] = 0.5
    return zones(weights)


def half_width(frame):
    return ((frame["high"] - frame["persons"]) / 1.645).max()


def test_the_variance_of_a_cell_over_two_hexagons_by_hand():
    """1,000 persons of 100 devices: sampled 0.25 * 10,000; open 1000 * 0.5 * 0.5 = 250 persons."""
    found = spread(halves(), np.array([1_000.0]), np.array([100]), 15, 8, Doubt(60.0, 5.0))
    assert half_width(found) ** 2 == pytest.approx(2_500 + 60 * 250 + 5 * 250**POWER)


def test_unequal_weights_widen_the_chance_of_the_sample_only():
    bare, unequal = (
        spread(halves(), np.array([1_000.0]), np.array([100]), 15, 8, Doubt(60.0, 0.0), effect)
        for effect in (None, np.array([1.8]))
    )
    assert half_width(unequal) ** 2 - half_width(bare) ** 2 == pytest.approx(0.8 * 2_500)


def test_where_a_cell_is_one_hexagon_there_is_nothing_to_doubt():
    weights = np.zeros((1, len(HEXES)))
    weights[0, 3] = 1.0
    certain, doubted = (
        spread(zones(weights), np.array([900.0]), np.array([90]), 15, 8, doubt) for doubt in (CERTAIN, Doubt(60.0, 9.0))
    )
    pd.testing.assert_frame_equal(certain, doubted)


def test_values_do_not_change_with_the_doubt():
    rng = np.random.default_rng(4)
    weights = rng.dirichlet(np.ones(len(HEXES)), 20)
    persons, devices = rng.integers(500, 900, 20).astype(float), rng.integers(20, 60, 20)
    certain, doubted = (spread(zones(weights), persons, devices, 15, 7, d) for d in (CERTAIN, Doubt(60.0, 9.0)))
    np.testing.assert_array_equal(certain["persons"], doubted["persons"])
    assert (doubted["high"] > certain["high"]).all()
    assert doubted["persons"].sum() == pytest.approx(persons.sum(), rel=1e-9)


def test_nine_of_ten_intervals_hold_where_people_come_in_grains():
    """Each grain of 50 people chooses its hexagon alone, which is what the grain stands for."""
    rng = np.random.default_rng(5)
    shares = np.random.default_rng(6).dirichlet(np.full(len(HEXES), 4.0))
    place, held, count = zones(shares[None]), 0, 0
    for _ in range(40):
        true = 50.0 * rng.multinomial(2_000, shares)
        found = spread(place, np.array([true.sum()]), np.array([10_000]), 15, 8, Doubt(50.0, 0.0)).set_index("h3")
        own = found.loc[HEXES]
        held += int(((own["low"] <= true) & (true <= own["high"])).sum())
        count += len(HEXES)
    assert 0.87 < held / count < 0.93


def people(rows):
    names = ["home_cell", "work_cell", "resident_class", "origin", "persons", "squares", "devices"]
    return pd.DataFrame(rows, columns=names)


class Raw:
    """The one cube that the residents come from."""

    def __init__(self, rows):
        self.people = people(rows)


def test_the_design_effect_of_a_town_is_that_of_kish():
    """Town 1: three devices of weight 10 and one of 30; sum 60, squares 1,200, so 4 * 1200 / 3600 = 4/3."""
    weights = np.zeros((3, len(HEXES)))
    weights[0, 0] = weights[1, 1] = weights[2, 2] = 1.0
    of_hex = np.full(len(HEXES), -1)
    of_hex[:2] = [0, 1]
    raw = Raw([
        (0, None, "resident", "intra_city", 30.0, 300.0, 3), (0, None, "resident", "intra_city", 30.0, 900.0, 1),
        (1, None, "resident", "intra_city", 40.0, 800.0, 2), (0, None, "short", "intra_city", 99.0, 9_801.0, 1),
    ])  # fmt: skip
    np.testing.assert_allclose(design_effects(raw, zones(weights, of_hex)), [4 / 3, 1.0, 1.0])


def test_each_kind_of_people_has_its_own_doubt():
    raw = Raw([(0, 0, "resident", "intra_city", 1_000.0, 10_000.0, 100)])
    found = residents_by_hex(raw, halves(), Rules(15, 30, {"resident": Doubt(60.0, 0.0)}), (8,))
    sure = {role: half_width(found[found["role"] == role]) for role in ("resident", "worker")}
    assert sure["worker"] ** 2 == pytest.approx(2_500)
    assert sure["resident"] ** 2 == pytest.approx(2_500 + 60 * 250)


def test_the_numbers_in_use_cover_every_kind_of_people():
    found = load_doubts()
    assert set(found.by_role) == set(ROLES)
    assert all(doubt.grain > 0 and doubt.place > 0 for doubt in found.by_role.values())
    assert set(found.by_flow) == set(FLOWS) and all(error > 0 for error in found.by_flow.values())
    assert len(found.digest) == 12


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[worker]", "[workers]", "worker"),
        ("grain = 60.0", "grain = -1", "0 or more"),
        ("source", "origin", "source"),
        ("[flows]", "[flow]", "flows"),
        ("move =", "moves =", "move"),
        ("commute_own = ", "commute_own = -", "0 or more"),
    ],
)
def test_what_is_missing_or_below_zero_is_refused(tmp_path, old, new, said):
    file = tmp_path / "doubts.toml"
    file.write_text(FILE.read_text("utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_doubts(file)


def test_the_weights_of_a_town_are_told_with_what_they_are_worth_and_small_towns_are_not():
    """Town 1: 40 devices of weights 10 and 30 by halves; sum 800, squares 20,000; 40 * 20000 / 640000 = 1.25."""
    weights = np.zeros((2, len(HEXES)))
    weights[0, 0] = weights[1, 1] = 1.0
    of_hex = np.full(len(HEXES), -1)
    of_hex[:2] = [0, 1]
    raw = Raw([
        (0, None, "resident", "intra_city", 200.0, 2_000.0, 20),
        (0, None, "resident", "intra_city", 600.0, 18_000.0, 20), (1, None, "resident", "intra_city", 90.0, 900.0, 9),
    ])  # fmt: skip
    found = weight_quality(raw, zones(weights, of_hex), Rules(10, 20)).set_index("area_code")
    assert found.loc["t1", ["design_effect", "mean_weight", "effective_devices"]].tolist() == [1.25, 20.0, 32.0]
    assert found.loc["t2", "suppressed"]
    assert found.loc["t2", ["design_effect", "mean_weight", "effective_devices", "devices"]].isna().all()
