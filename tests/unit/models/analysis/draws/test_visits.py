"""Joint visits: enter once, check several things; every pair once, never more visits than pairs."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.analysis.draws import building_keys, joint_visits

TIMES = {"minutes_per_firm": 15, "minutes_per_item": 20, "longest_minutes": 180}


def pairs(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["subject_id", "item_code", "building", "team"])


def test_two_items_at_one_firm_and_a_firm_next_door_are_one_visit_of_the_counted_minutes() -> None:
    found = joint_visits(
        pairs(("F1", "A01", "b", "t"), ("F1", "B02", "b", "t"), ("F2", "A01", "b", "t"), ("F3", "A01", "c", "t")),
        **TIMES,
    )
    assert found.groupby("subject_id")["visit_id"].first().map(found["visit_id"].value_counts()).to_dict() == {
        "F1": 3, "F2": 3, "F3": 1,
    }  # fmt: skip
    assert found.groupby("visit_id")["minutes"].first().sort_values().tolist() == [35, 90]


def test_a_pair_asked_for_twice_is_checked_once_and_other_teams_go_on_their_own() -> None:
    found = joint_visits(pairs(("F1", "A01", "b", "t"), ("F1", "A01", "b", "t"), ("F2", "A01", "b", "u")), **TIMES)
    assert len(found) == 2
    assert found["visit_id"].nunique() == 2


def test_a_long_visit_is_parted_between_firms_never_within_one() -> None:
    rows = [(f"F{i}", f"A0{j}", "b", "t") for i in range(5) for j in range(3)]
    found = joint_visits(pairs(*rows), **TIMES)  # 75 minutes a firm: two firms a visit
    assert (found.groupby("subject_id")["visit_id"].nunique() == 1).all()
    assert found.groupby("visit_id")["minutes"].first().sort_values().tolist() == [75, 150, 150]


def test_nothing_asked_is_no_visit() -> None:
    assert joint_visits(pairs(), **TIMES).empty


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4), st.sampled_from("tu")), min_size=1, max_size=60
    ),
    st.integers(20, 300),
)  # fmt: skip
def test_each_pair_is_covered_once_and_visits_are_never_more_than_pairs(
    rows: list[tuple[int, int, str]], longest: int
) -> None:
    asked = pairs(*[(f"F{firm:02d}", f"I{item}", f"b{firm // 3}", team) for firm, item, team in rows])
    found = joint_visits(asked, minutes_per_firm=15, minutes_per_item=20, longest_minutes=longest)
    wanted = set(map(tuple, asked[["subject_id", "item_code"]].to_numpy()))
    assert set(map(tuple, found[["subject_id", "item_code"]].to_numpy())) == wanted
    assert len(found) == len(wanted)
    assert found["visit_id"].nunique() <= found["subject_id"].nunique() <= len(wanted)
    per_visit = found.groupby("visit_id")
    assert (per_visit["team"].nunique() == 1).all()
    assert (per_visit["building"].nunique() == 1).all()
    several = per_visit["subject_id"].nunique() > 1
    assert (per_visit["minutes"].first()[several] <= longest).all()


def test_only_well_located_firms_share_a_building() -> None:
    firms = pd.DataFrame(
        {
            "subject_id": ["F1", "F2", "F3", "F4", "F5"],
            "lon": [106.65, 106.65, 106.65, None, 106.66],
            "lat": [29.02, 29.02, 29.02, None, 29.02],
            "match_level": [1, 2, 5, None, 1],
        }
    )
    keys = building_keys(firms, 2).tolist()
    assert keys[0] == keys[1]
    assert keys[2:4] == ["subject:F3", "subject:F4"]
    assert len(set(keys)) == 4
