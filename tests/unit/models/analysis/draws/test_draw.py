"""Double-random draws: ratios, control group, officers, no repeat, and that anybody can draw again."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.analysis.draws import DrawRequest, Item, draw, eligible_objects, quota, reproduces, ticket
from models.errors import RequestError

DAY = dt.date(2015, 6, 30)
SHARES = {"A": 0.05, "B": 0.15, "C": 0.30, "D": 0.50}
ITEMS = (Item("A01", "commerce"),)


def request(**changes: object) -> DrawRequest:
    asked = DrawRequest("2015-06-30/1", DAY, ITEMS, SHARES, 0.08, "2026.1", "yuexiu-2021")
    return replace(asked, **changes)  # type: ignore[arg-type]


def objects(n: int = 1000, mix: tuple[float, ...] = (0.73, 0.19, 0.05, 0.03), before: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "subject_id": [f"S{i:06d}" for i in range(n)],
            "level": rng.choice(list("ABCD"), n, p=mix),
            "area_code": rng.choice(["500110001", "500110002"], n),
            "libraries": rng.choice(["commerce", "commerce;food"], n),
            "drawn_before": rng.random(n) < before,
        }
    )


def officers(n: int = 10) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "officer_id": [f"O{i:02d}" for i in range(n)],
            "area_codes": "*",
            "expertise": "commerce;food",
            "certificate_until": pd.Timestamp("2016-12-31"),
            "conflicts": None,
        }
    )


def test_a_lot_is_the_hash_that_anybody_can_compute() -> None:
    lot = hashlib.sha256(b"2015|risk|S000001").hexdigest()[:16]
    assert ticket("2015", "risk", "S000001") == lot


@pytest.mark.parametrize(
    ("share", "firms", "wanted"), [(0.05, 650, 33), (0.15, 250, 38), (0.3, 75, 23), (0.5, 25, 13), (0.05, 1, 1)]
)
def test_quotas_match_a_count_by_hand(share: float, firms: int, wanted: int) -> None:
    assert quota(share, firms) == wanted


def test_a_level_without_firms_gets_none_and_one_with_firms_at_least_one() -> None:
    assert quota(0.02, 0) == 0
    assert quota(0.02, 3) == 1
    assert quota(1.0, 7) == 7


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5000), st.floats(0.001, 1.0))
def test_a_quota_is_within_one_firm_of_the_share(firms: int, share: float) -> None:
    assert abs(quota(share, firms) - share * firms) < 1 + 1e-9


def test_the_same_seed_gives_the_same_list_and_another_seed_another() -> None:
    people, staff = objects(), officers()
    first = draw(request(), people, staff)
    again = draw(request(), people.sample(frac=1, random_state=5), staff.iloc[::-1])
    pd.testing.assert_frame_equal(first.objects, again.objects)
    assert first.inputs_hash == again.inputs_hash
    other = draw(request(seed="another"), people, staff)
    assert set(other.objects["subject_id"]) != set(first.objects["subject_id"])
    assert reproduces(first, request(), people, staff)


def test_a_changed_input_is_seen() -> None:
    people, staff = objects(), officers()
    first = draw(request(), people, staff)
    changed = people.copy()
    changed.loc[0, "level"] = "D" if changed.loc[0, "level"] != "D" else "A"
    assert not reproduces(first, request(), changed, staff)
    assert not reproduces(first, request(rule_version="2027.1"), people, staff)


def test_every_level_keeps_its_share_within_one_firm_and_level_a_is_never_left_out() -> None:
    counts = draw(request(), objects(), officers()).counts.set_index("level")
    exact = counts["eligible"] * pd.Series(SHARES)
    assert ((counts["drawn"] - exact).abs() <= 1).all()
    assert counts.loc["A", "drawn"] > 0
    assert counts["short"].sum() == 0


def test_the_control_group_is_a_random_sample_of_everybody() -> None:
    """Over many seeds the level mix of the control group is that of the population."""
    people, staff = objects(), officers(2)
    mix, drawn = pd.Series(0.0, index=list("ABCD")), 0
    for seed in range(120):
        result = draw(request(seed=f"s{seed}"), people, staff).objects
        random = result[result["selected_by"] == "random"]
        assert 0.05 <= len(random) / len(result) <= 0.10
        mix = mix.add(random["level"].value_counts(), fill_value=0)
        drawn += len(random)
    wanted = people["level"].value_counts(normalize=True)
    assert ((mix / drawn - wanted).abs() < 0.05).all()


def test_every_firm_of_a_level_has_the_same_chance() -> None:
    people, staff = objects(60, (0.25, 0.25, 0.25, 0.25)), officers(2)
    hits = pd.Series(0, index=people["subject_id"])
    for seed in range(400):
        hits[draw(request(seed=f"s{seed}"), people, staff).objects["subject_id"].tolist()] += 1
    share = (hits / 400).groupby(people.set_index("subject_id")["level"]).agg(["min", "max", "mean"])
    assert ((share["max"] - share["min"]) < 0.16).all()


def test_nobody_is_drawn_twice_in_a_year() -> None:
    people, staff, seen = objects(400), officers(), set()
    for number in range(4):
        people = people.assign(drawn_before=people["subject_id"].isin(seen))
        names = set(draw(request(seed=f"draw {number}"), people, staff).objects["subject_id"])
        assert not names & seen
        seen |= names


def test_too_few_left_is_said_and_not_filled_from_another_level() -> None:
    people = objects(200, (0.5, 0.3, 0.1, 0.1))
    people["drawn_before"] = people["level"] == "D"
    counts = draw(request(control_share=0.0), people, officers()).counts.set_index("level")
    assert counts.loc["D", "drawn"] == 0
    assert counts.loc["D", "short"] == counts.loc["D", "quota"] > 0
    assert (counts.loc[["A", "B", "C"], "drawn"] == counts.loc[["A", "B", "C"], "quota"]).all()


def test_only_officers_with_a_valid_certificate_of_the_item_class_and_area_are_drawn() -> None:
    staff = officers(6)
    staff.loc[0, "certificate_until"] = pd.Timestamp("2015-06-29")
    staff.loc[1, "certificate_until"] = pd.NaT
    staff.loc[2, "expertise"] = "drug"
    staff.loc[3, "area_codes"] = "500112"
    staff.loc[4, "certificate_until"] = pd.Timestamp(DAY)
    result = draw(request(), objects(), staff).objects
    assert set(";".join(result["officers"]).split(";")) == {"O04", "O05"}


def test_an_officer_never_checks_a_subject_of_the_own_conflict_list() -> None:
    people = objects(100)
    plain = draw(request(), people, officers(4)).objects
    conflict = plain.iloc[0]
    staff = officers(4)
    banned = conflict["officers"].split(";")[0]
    staff.loc[staff["officer_id"] == banned, "conflicts"] = f"X1;{conflict['subject_id']}"
    again = draw(request(), people, staff).objects.set_index("subject_id")
    assert banned not in again.loc[conflict["subject_id"], "officers"].split(";")


def test_an_object_without_two_officers_is_reported_with_the_reason() -> None:
    staff = officers(3)
    staff.loc[[1, 2], "certificate_until"] = pd.Timestamp("2015-01-01")
    result = draw(request(), objects(50), staff).objects
    assert (result["officers"] == "").all()
    assert set(result["shortage"]) == {"certificate"}
    far = officers(3).assign(area_codes="510100")
    assert set(draw(request(), objects(50), far).objects["shortage"]) == {"area"}
    assert set(draw(request(), objects(50), officers(1)).objects["shortage"]) == {"staff"}


def test_work_is_spread_evenly() -> None:
    result = draw(request(), objects(2000), officers(7)).objects
    load = pd.Series(";".join(result["officers"]).split(";")).value_counts()
    assert load.max() - load.min() <= 1
    assert load.sum() == 2 * len(result)
    busy = officers(7).assign(load=[1000, 0, 0, 0, 0, 0, 0])
    assert "O00" not in ";".join(draw(request(), objects(200), busy).objects["officers"])


def test_each_object_gets_the_items_of_its_libraries_once() -> None:
    both = (Item("A01", "commerce"), Item("B02", "food"))
    people = objects(300)
    result = draw(request(items=both), people, officers())
    assert not result.pairs.duplicated().any()
    joined = result.pairs.merge(people, on="subject_id")
    assert joined.loc[joined["item_code"] == "B02", "libraries"].str.contains("food").all()
    assert set(result.pairs["subject_id"]) == set(result.objects["subject_id"])


@settings(max_examples=40, deadline=None)
@given(
    levels=st.lists(st.sampled_from("ABCD"), min_size=1, max_size=80),
    shares=st.lists(st.floats(0.01, 1.0), min_size=4, max_size=4),
    control=st.floats(0.05, 0.10),
    before=st.floats(0, 0.5),
    seed=st.text(min_size=1, max_size=8),
    staff=st.integers(0, 5),
)
def test_whatever_the_population_the_rules_hold(
    levels: list[str], shares: list[float], control: float, before: float, seed: str, staff: int
) -> None:
    n = len(levels)
    people = pd.DataFrame(
        {
            "subject_id": [f"S{i}" for i in range(n)],
            "level": levels,
            "area_code": "500110",
            "libraries": "commerce",
            "drawn_before": [i < before * n for i in range(n)],
        }
    )
    asked = request(seed=seed, shares=dict(zip("ABCD", shares, strict=True)), control_share=control)
    result = draw(asked, people, officers(staff))
    drawn, counts = result.objects, result.counts.set_index("level")
    assert drawn["subject_id"].is_unique
    assert not set(drawn["subject_id"]) & set(people.loc[people["drawn_before"], "subject_id"])
    assert counts["eligible"].sum() == n
    free = counts["eligible"] - counts["earlier"]
    expected = np.minimum(free, np.maximum(counts["quota"], counts["random"]))
    assert (counts["drawn"] == expected).all()
    assert (drawn["officers"].eq("") == drawn["shortage"].notna()).all()
    teams = [team.split(";") for team in drawn["officers"] if team]
    assert all(len(set(team)) == 2 for team in teams)
    assert reproduces(result, asked, people, officers(staff))


@pytest.mark.parametrize("bad", [{"seed": ""}, {"items": ()}, {"shares": {**SHARES, "A": 0.0}}, {"part": 0.0}])
def test_a_wrong_question_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(RequestError):
        draw(request(**bad), objects(10), officers())


def test_an_unknown_level_or_a_repeated_subject_is_refused() -> None:
    people = objects(10)
    with pytest.raises(RequestError, match="twice"):
        draw(request(), pd.concat([people, people.head(1)]), officers())
    with pytest.raises(RequestError, match="levels"):
        draw(request(), people.assign(level=[None, *"ABCDABCDA"]), officers())


def test_the_library_decides_who_is_eligible() -> None:
    subjects = pd.DataFrame(
        {
            "subject_id": ["F1", "F2", "F3", "F4", "F5"],
            "area_code": ["500110001", "500110002", None, "500112001", "500110001"],
            "status": ["存续", "存续", "存续", "存续", "注销"],
            "libraries": "commerce",
        }
    )
    levels = pd.DataFrame({"subject_id": ["F1", "F2", "F3", "F4", "F5"], "level": list("ABCDA")})
    licences = pd.DataFrame(
        {
            "subject_id": ["F1", "F2", "F3", "F4"],
            "library": "food",
            "issued_on": pd.Timestamp("2014-01-01"),
            "expires_on": pd.to_datetime(["2015-06-30", "2015-06-29", None, None]),
            "revoked_on": pd.to_datetime([None, None, None, "2015-01-01"]),
        }
    )
    food = eligible_objects(subjects, levels, licences, libraries=["food"], place="*", day=DAY, drawn_before=["F3"])
    assert food["subject_id"].tolist() == ["F1", "F3"]
    assert food["drawn_before"].tolist() == [False, True]
    here = eligible_objects(subjects, levels, licences, libraries=["commerce"], place="500110", day=DAY)
    assert here["subject_id"].tolist() == ["F1", "F2"]
    none = eligible_objects(subjects, levels, licences.iloc[:0], libraries=["drug"], place="*", day=DAY)
    assert none.empty
