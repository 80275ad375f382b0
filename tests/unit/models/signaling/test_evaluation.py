"""How right something is: hand-worked measures, and devices whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models.signaling import evaluation


def test_cpc_by_hand_and_at_its_ends():
    a, b = np.array([[10.0, 2.0], [0.0, 8.0]]), np.array([[6.0, 4.0], [0.0, 10.0]])
    assert evaluation.cpc(a, b) == pytest.approx(2 * (6 + 2 + 0 + 8) / 40)
    assert evaluation.cpc(a, a) == 1
    assert evaluation.cpc([1, 0], [0, 1]) == 0
    assert np.isnan(evaluation.cpc([0], [0]))


def test_misallocation_by_hand_whatever_the_totals():
    assert evaluation.misallocation([1, 1, 2], [2, 2, 0]) == pytest.approx(0.5)
    assert evaluation.misallocation([10, 10, 20], [0.5, 0.5, 1]) == 0
    assert np.isnan(evaluation.misallocation([0, 0], [1, 1]))


@pytest.fixture
def found():
    """Four devices on two cells one kilometre and a half apart, of two towns."""
    people = pd.DataFrame(
        {
            "user": np.arange(5, dtype=np.uint64),
            "home_cell": pd.array([0, 1, 0, None, 0], dtype="Int32"),
            "work_cell": pd.array([1, None, 1, None, None], dtype="Int32"),
            "home_class": ["home", "night_worker", "home", "unknown", "home"],
            "work_class": ["work", "none", "work", "unknown", "none"],
            "resident_class": ["resident", "resident", "resident", "passing", "resident"],
            "weight": 50.0,
        }
    )
    persons = pd.DataFrame(
        {
            "user": np.array([0, 1, 2, 3, 9], dtype=np.uint64),
            "kind": ["day_worker", "night_worker", "non_worker", "day_worker", "day_worker"],
            "resident": True,
            "home_town": ["a", "a", "a", "a", "b"],
            "work_town": ["b", "b", None, "b", "b"],
            "home_e": [0.0, 1_200.0, 0.0, 0.0, 0.0],
            "home_n": 0.0,
            "work_e": [1_600.0, 3_000.0, np.nan, 1_500.0, 0.0],
            "work_n": [0.0, 0.0, np.nan, 0.0, 0.0],
        }
    )
    centres = np.array([[0.0, 0.0], [1_500.0, 0.0]])
    return evaluation.tested_devices(people, persons, centres, np.array([0, 1]), ["a", "b"])


def by_name(figures):
    return {figure.name: figure for figure in figures}


def test_devices_without_truth_are_not_tested(found):
    assert found["user"].tolist() == [0, 1, 2, 3]
    assert found["home_off_m"].tolist()[:3] == [0, 300, 0]


def test_homes_are_right_by_class(found):
    figures = by_name(evaluation.homes(found))
    assert figures["residents with a home"].value == 0.75
    assert figures["town of the home right"].value == pytest.approx(2 / 3)
    assert figures["town right, night_worker"].value == 0
    assert figures["town right, night_worker"].met is False
    assert figures["night workers over 1 km named as such"].value == 1
    assert figures["town right, student"].met is None
    assert figures["town right, student"].tested == 0


def test_workplaces_of_workers_and_of_people_who_do_not_work(found):
    figures = by_name(evaluation.workplaces(found))
    assert figures["day workers over 1 km with a workplace"].value == 1
    assert figures["workplace within 1 km"].value == 1
    assert figures["non-workers given a workplace"].value == 1
    assert figures["non-workers given a workplace"].met is False


def test_spreading_loses_nobody_and_is_compared_with_voronoi():
    own, areal = sp.csr_matrix([[0.9, 0.1, 0.0]]), sp.csr_matrix([[0.4, 0.3, 0.3]])
    truth = np.array([80.0, 20.0, 0.0])
    figures = by_name(
        evaluation.spreads(
            np.array([50.0]), {"own": own, "Voronoi": areal}, truth, truth, np.array([True, True, False])
        )
    )
    assert figures["misallocation, own"].value == pytest.approx(0.1)
    assert figures["misallocation, Voronoi"].value == pytest.approx(0.4)
    assert figures["better than Voronoi by"].value == pytest.approx(0.75)
    assert figures["people lost by spreading"].value == pytest.approx(0)
    assert figures["people on hexagons without address"].value == 0
    assert figures["misallocation of the sample alone"].value == 0


def test_the_diagonal_of_commuters_is_told_apart():
    truth = np.array([[90.0, 10.0], [0.0, 100.0]])
    figures = by_name(evaluation.commuting(np.array([[90.0, 0.0], [10.0, 100.0]]), truth, truth))
    assert figures["CPC of all pairs"].value == pytest.approx(0.95)
    assert figures["CPC between different towns"].value == 0


def test_what_a_release_shows_and_whether_its_intervals_hold():
    frame = pd.DataFrame(
        {
            "h3": np.array([1, 2, 3], np.uint64),
            "persons": [10.0, 5.5, np.nan],
            "low": [8.0, 5.0, np.nan],
            "high": [12.0, 6.0, np.nan],
            "suppressed": [False, False, True],
        }
    )
    figures = evaluation.released(
        frame, pd.Series([10.0, 20.0, 30.0], index=np.array([1, 2, 3], np.uint64)), "hexagons"
    )
    assert figures[0].value == pytest.approx(0.5)
    assert figures[2].value == pytest.approx(0.5)


def test_the_worst_hour_is_told():
    true = {("workday", 0): np.array([1.0, 1.0]), ("workday", 1): np.array([1.0, 1.0])}
    made = {("workday", 0): np.array([2.0, 2.0]), ("workday", 1): np.array([1.0, 0.0])}
    figures = by_name(evaluation.by_hour(made, true, "hexagon"))
    assert figures["CPC by hexagon, workday, worst hour"].value == pytest.approx(0.5)
    assert figures["CPC by hexagon, workday, middle hour"].value == pytest.approx(0.75)


def test_commuters_between_groups_are_named_after_them_and_tell_no_sample():
    truth = np.array([[90.0, 10.0], [10.0, 90.0]])
    names = [figure.name for figure in evaluation.commuting(truth, truth, zones="eight groups of towns")]
    assert names == ["CPC of all pairs, eight groups of towns", "CPC between different eight groups of towns"]


def test_homes_near_the_centre_of_their_footprint_are_told_apart(found):
    figure = evaluation.near_the_centre(found)
    assert figure.name.endswith("centre of its footprint") and figure.bar is None
    assert figure.value == next(f.value for f in evaluation.homes(found) if f.name == "home within 1 km")


def test_people_of_a_wrong_age_and_sex_by_hand():
    truth = pd.Series({"male 60+": 50, "female 60+": 50})
    flat, weighted = evaluation.strata_bias(truth + pd.Series({"male 60+": 50, "female 60+": -50}), truth * 3, truth)
    assert (flat.value, weighted.value, weighted.met) == (pytest.approx(0.5), pytest.approx(0.0), True)
