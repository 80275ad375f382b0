"""Every pitfall of a toy implementation (section 8 of the planning reference) and the tests that stand against it.

The names are checked: a test that is renamed or deleted makes this one fail.
"""

from __future__ import annotations

import ast
from functools import cache

import pytest

from models.settings import PROJECT_ROOT

HERE = "tests/unit/models/signaling"
PLACES, PEOPLE, KERNEL = (f"{HERE}/test_{name}.py" for name in ("pitfalls_places", "pitfalls_people", "kernel"))
MIGRATION, ROADS, PIPELINE = (f"{HERE}/test_{name}.py" for name in ("migration", "roads", "pipeline"))
CENSUS = "tests/unit/models/analysis/test_census.py"

PITFALLS = {
    "1.1 devices on the hexagon of their tower": (
        (PLACES, "test_people_put_on_the_hexagon_of_the_tower_stand_wrong_twice_as_often"),
        (PLACES, "test_voronoi_by_area_is_worse_than_footprints_with_a_prior_by_a_fifth"),
    ),
    "1.2 joins of centres lose people of small cells": (
        (PLACES, "test_a_join_of_centres_loses_people_of_cells_smaller_than_a_hexagon_and_the_allocator_loses_nobody"),
        (f"{HERE}/test_places.py", "test_every_allocator_keeps_the_total"),
    ),
    "1.3 areas in degrees or Web Mercator": (
        (PLACES, "test_areas_are_those_of_the_ellipsoid_and_not_of_web_mercator"),
    ),
    "1.4 EM until convergence fits noise": ((PLACES, "test_one_step_of_bayes_is_better_than_two_hundred_of_em"),),
    "2.1 work is the most frequent place by day": (
        (KERNEL, "test_who_does_not_work_gets_no_workplace"),
        (f"{HERE}/test_labels_by_share.py", "test_who_stays_at_home_gets_no_workplace"),
    ),
    "2.2 one home rule for night workers and second homes": (
        (KERNEL, "test_a_night_worker_lives_where_the_free_nights_and_the_days_are"),
        (f"{HERE}/test_nights.py", "test_an_evening_at_work_and_a_morning_at_home_are_a_night_in_the_city"),
        (MIGRATION, "test_who_has_two_homes_has_not_moved_by_sleeping_more_in_the_other"),
        (f"{HERE}/test_evaluation.py", "test_homes_are_right_by_class"),
    ),
    "2.3 the segment of a number taken for origin": ((PEOPLE, "test_the_segment_of_a_number_is_no_origin"),),
    "2.4 people of several operators counted twice": (
        (PEOPLE, "test_people_with_two_operators_or_two_cards_are_not_counted_twice"),
    ),
    "3.1 silence read as at home": (
        (KERNEL, "test_silence_is_unknown_and_neither_home_nor_a_move"),
        (PIPELINE, "test_a_period_of_days_only_names_no_home_though_every_night_lies_between_two_events_at_one_place"),
    ),
    "3.2 churn read as emigration": ((MIGRATION, "test_who_disappears_has_not_moved"),),
    "3.3 a dead cluster of cells read as depopulation": (
        (PEOPLE, "test_a_dead_cluster_of_cells_moves_nobody_away"),
        (PEOPLE, "test_a_dead_day_thins_out_nobody_who_lives_there"),
    ),
    "3.4 one expansion factor": (
        (
            f"{HERE}/test_weights.py",
            "test_one_flat_factor_puts_people_into_the_wrong_town_and_the_share_by_town_does_not",
        ),
    ),
    "3.5 children and the elderly unseen": (
        (f"{HERE}/test_weights.py", "test_the_margins_of_qijiang_2020_are_met_to_a_millionth"),
        (f"{HERE}/test_weights.py", "test_a_margin_without_any_device_is_said_to_be_unmet"),
    ),
    "4.1 k on weighted people": (
        (PEOPLE, "test_one_device_that_stands_for_more_than_k_people_is_not_shown"),
        (ROADS, "test_the_threshold_is_held_against_devices_and_not_passages"),
    ),
    "4.2 k on totals only, categories leak": (
        (PEOPLE, "test_every_class_of_a_shown_total_is_tested_by_itself"),
        (f"{HERE}/test_audit.py", "test_a_naive_table_is_broken_and_the_proven_one_is_not"),
    ),
    "4.3 differences, adjacent hours and overlapping filters": (
        (PEOPLE, "test_a_sum_that_is_known_from_another_hour_gives_no_withheld_town_away"),
        (f"{HERE}/test_attack.py", "test_proven_tables_withstand_what_breaks_naive_ones"),
        (f"{HERE}/test_release.py", "test_two_cells_of_one_pool_cannot_be_told_apart"),
    ),
    "4.4 suppressed cells treated as 0 or summed afterwards": (
        (PEOPLE, "test_what_is_hidden_is_null_and_totals_are_those_before"),
        (MIGRATION, "test_released_flows_withstand_the_attacker_and_keep_their_totals"),
    ),
    "4.5 a label of differential privacy without bounded contributions": (
        (PEOPLE, "test_nothing_is_called_differentially_private_without_bounded_contributions"),
    ),
    "5.1 densities and ratios averaged": (
        (PEOPLE, "test_coarser_hexagons_sum_people_and_never_average_them"),
        (PEOPLE, "test_the_ratio_of_two_towns_is_that_of_their_sums"),
        (ROADS, "test_the_speed_is_way_over_time_and_not_the_mean_of_speeds"),
    ),
    "5.2 nights cut at midnight": (
        (KERNEL, "test_three_in_the_morning_belongs_to_the_day_before"),
        (KERNEL, "test_a_day_of_23_and_of_25_hours_is_tiled_by_its_own_hours"),
    ),
    "5.3 a yearbook of another vintage or area": (
        (CENSUS, "test_qijiang_2020_is_compared_with_qijiang_county_and_wansheng_together"),
        (CENSUS, "test_the_latest_vintage_of_a_value_is_kept_and_other_indicators_left_out"),
    ),
    "5.4 registered taken for resident": (
        (PEOPLE, "test_present_resident_and_registered_people_are_three_things_with_three_names"),
    ),
    "6.1 events in one second or at no distance": (
        (ROADS, "test_events_in_one_second_and_places_reached_in_no_time_give_no_infinite_speed"),
    ),
    "6.2 ping-pong counted as trips": (
        (KERNEL, "test_ping_pong_of_a_sleeping_user_costs_no_distance_and_a_true_errand_survives"),
        (ROADS, "test_ping_pong_at_rest_is_no_drive"),
    ),
    "6.3 road speeds judged on all hours": (
        (ROADS, "test_jams_are_told_from_free_flow_by_the_same_section_at_night"),
        (f"{HERE}/test_evaluation_roads.py", "test_who_always_says_free_is_right_nearly_always_and_worth_nothing"),
    ),
    "6.4 sections shorter than the spacing of handovers": (
        (ROADS, "test_sections_shorter_than_the_spacing_of_handovers_are_not_measured"),
    ),
    "6.5 the diagonal left in flatters": (
        (f"{HERE}/test_od_measures.py", "test_a_heavy_diagonal_hides_asymmetry"),
        (f"{HERE}/test_evaluation.py", "test_the_diagonal_of_commuters_is_told_apart"),
    ),
    "7.1 vacancy per building": ((PEOPLE, "test_nobody_tells_vacancy_of_buildings_from_cells"),),
    "7.2 circles over rivers and ridges": (
        (PEOPLE, "test_access_on_foot_says_whether_it_follows_the_streets"),
    ),
    "8.1 one network table for all years": (
        (f"{HERE}/test_local.py", "test_a_cell_retired_the_day_before_is_flagged_and_one_day_earlier_it_is_not"),
        (f"{HERE}/test_local.py", "test_a_cell_that_moved_is_two_places"),
        (PEOPLE, "test_a_rebuilt_network_is_not_compared"),
    ),
    "9.1 uniform random users make all methods look equally good": (
        ("tests/unit/models/demo/test_signaling.py", "test_classes_have_their_shares_and_moves_their_rates"),
        ("tests/unit/models/demo/test_signaling.py", "test_presets_differ_as_they_say"),
        (PLACES, "test_voronoi_by_area_is_worse_than_footprints_with_a_prior_by_a_fifth"),
    ),
}  # fmt: skip


@cache
def names_in(file):
    tree = ast.parse((PROJECT_ROOT / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("pitfall", PITFALLS)
def test_every_pitfall_has_its_tests(pitfall):
    assert PITFALLS[pitfall]
    missing = [name for file, name in PITFALLS[pitfall] if name not in names_in(file)]
    assert not missing


def test_every_paragraph_of_the_reference_is_there():
    assert {name.split(".")[0] for name in PITFALLS} == {str(n) for n in range(1, 10)}


def test_every_test_of_the_files_of_pitfalls_stands_in_the_table():
    named = {name for tests in PITFALLS.values() for _, name in tests}
    written = {name for file in (PLACES, PEOPLE) for name in names_in(file) if name.startswith("test_")}
    assert written <= named
