"""Addresses worked by hand: where they lie, at which level, and why."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import ConfigError
from models.fusion.addresses import REASONS, Gazetteer, Matcher, MatchRules

# address, field, area of the credit code -> district, town, level (0 = queue), reasons that must stand
CASES = [
    ("重庆市江北区观音桥", "江北", None, "500105", "观音桥街道", 5, {"district_from_text", "town_bare"}),
    ("江北区观音桥街道建新东路3号", None, None, "500105", "观音桥街道", 5, {"town_from_text"}),
    ("江北区观音桥街道办事处", None, None, "500105", "观音桥街道", 5, {"town_suffix"}),
    ("重庆市江北区观音桥步行街8号", None, None, "500105", "观音桥街道", 5, {"town_bare"}),
    ("重庆江北区观音桥街道", None, None, "500105", "观音桥街道", 5, {"district_from_text"}),
    ("江北区五里店街道1号", None, None, "500105", "五里店街道", 0, {"town_without_seat"}),
    ("江北观音桥街道", None, None, "500105", "观音桥街道", 5, {"district_from_short_name"}),
    ("重庆市江北国际机场", "渝北", None, "500112", None, 0, {"district_from_field"}),
    ("重庆市渝北区江北大道5号", None, None, "500112", None, 0, {"district_from_text"}),
    ("江北县龙兴镇", None, None, "500112", "龙兴镇", 5, {"crosswalk:江北县"}),
    ("重庆市市辖区黄花园", "渝中", None, "500103", None, 0, {"district_from_field"}),
    ("市辖区渝中区中山二路99号", None, None, "500103", None, 1, {"number_exact"}),
    ("重庆市重庆市渝中区中山二路99号", None, None, "500103", None, 1, {"number_exact"}),
    ("重庆市渝中区渝中区中山二路99号", None, None, "500103", None, 1, {"number_exact"}),
    ("重庆市綦江县古南镇交通路5号", "綦江", "500222", "500110", "古南镇", 5, {"crosswalk:綦江县"}),
    ("綦江古南镇", None, None, "500110", "古南镇", 5, {"district_from_short_name"}),
    ("綦江区赶水镇街上", "綦江", "500222", "500110", "赶水镇", 5, {"district_from_text"}),
    ("重庆市万盛区万盛街道", "万盛", "500110", "500110", "万盛街道", 5, {"crosswalk:万盛区"}),
    ("万盛万盛街道", "万盛", "500110", "500110", "万盛街道", 5, {"crosswalk:万盛区"}),
    ("矿山路2号", "万盛", "500110", "500110", None, 0, {"district_from_field", "crosswalk:万盛区"}),
    ("大足县邮亭镇", None, None, "500111", "邮亭镇", 5, {"crosswalk:大足县"}),
    ("双桥经开区邮亭镇烈火村9社", "双桥", "500111", "500111", "邮亭镇", 5, {"zone:双桥经开区"}),
    ("双桥经开区邮亭镇", None, None, "500111", "邮亭镇", 5, {"district_from_zone"}),
    ("开县汉丰街道", "开州", None, "500154", "汉丰街道", 5, {"crosswalk:开县"}),
    ("重庆市开州区白鹤镇", "开州", None, "500154", "白鹤镇", 5, {"town_from_text"}),
    ("开县白鹤街道", "开州", None, "500154", "白鹤镇", 5, {"town_suffix"}),
    ("忠县忠州镇", "忠县", None, "500233", "忠州镇", 5, {"district_from_text"}),
    ("忠县石宝", "忠县", None, "500233", "石宝镇", 5, {"town_bare"}),
    ("石柱县南宾镇", "石柱", None, "500240", "南宾镇", 5, {"district_from_text"}),
    ("石柱土家族自治县南宾镇", "石柱", None, "500240", "南宾镇", 5, {"district_from_text"}),
    ("石柱南宾镇", "石柱", None, "500240", "南宾镇", 5, {"district_from_short_name"}),
    (
        "北部新区人和街道黄山大道5号",
        "北部新区",
        "500000",
        "500112",
        "人和街道",
        5,
        {"zone:北部新区", "district_from_town"},
    ),
    ("北部新区观音桥街道", "北部新区", "500000", "500105", "观音桥街道", 5, {"district_from_town"}),
    ("北部新区星光大道5号", "北部新区", "500000", None, None, 0, {"zone:北部新区"}),
    ("北部新区星光大道5号", "北部新区", "500112", "500112", None, 0, {"district_from_uscc"}),
    ("渝北区北部新区人和街道", None, None, "500112", "人和街道", 5, {"zone:北部新区", "district_from_text"}),
    ("九龙坡区高新区石桥铺街道", None, None, "500107", "石桥铺街道", 5, {"zone:高新区"}),
    ("白市驿镇", None, None, "500107", "白市驿镇", 5, {"district_from_town"}),
    ("白市驿镇", None, "500107", "500107", "白市驿镇", 5, {"district_from_uscc"}),
    ("重庆市石桥铺街道石新路3号", "九龙坡", None, "500107", "石桥铺街道", 5, {"district_from_field"}),
    ("新立镇", None, None, "500233", "新立镇", 5, {"district_from_town"}),
    ("新立", None, None, None, None, 0, {"ambiguous_town"}),
    ("双河镇", None, None, None, None, 0, {"ambiguous_town"}),
    ("双河镇", "大足", None, "500111", "双河镇", 5, {"district_from_field"}),
    ("石柱县新立镇", None, None, "500240", "新立乡", 5, {"town_suffix"}),
    ("九龙坡区高庙村3社", None, None, "500107", None, 3, {"village_from_text"}),
    ("九龙坡区石桥铺街道高庙村", None, None, "500107", "石桥铺街道", 3, {"village_from_text"}),
    ("九龙坡区东风社区", None, None, "500107", None, 4, {"village_from_text"}),
    ("渝中区中山二路99号", "渝中", None, "500103", None, 1, {"number_exact"}),
    ("渝中区中山2路９９号附3号2-1", None, None, "500103", None, 1, {"number_exact"}),
    ("渝中区中山二路九十九号", None, None, "500103", None, 1, {"number_exact"}),
    ("渝中区中山二路99-101号", None, None, "500103", None, 1, {"number_exact"}),
    ("渝中区中山二路99", None, None, "500103", None, 1, {"number_exact"}),
    ("渝中区中山二路105号", None, None, "500103", None, 2, {"number_interpolated"}),
    ("渝中区中山二路110号", None, None, "500103", None, 2, {"number_interpolated"}),
    ("渝中区中山二路125号", None, None, "500103", None, 2, {"number_nearest"}),
    ("渝中区中山二路999号", None, None, "500103", None, 3, {"number_far"}),
    ("渝中区中山二路", None, None, "500103", None, 3, {"road_centre"}),
    ("渝中区长江路52弄3号", None, None, "500103", None, 1, {"number_exact", "lane"}),
    ("中山二路99号", None, None, "500103", None, 1, {"number_exact"}),
    ("和平路7号", None, None, None, None, 0, {"ambiguous_road"}),
    ("和平路7号", "渝中", None, "500103", None, 1, {"number_exact"}),
    ("渝中区第三人民医院内", None, None, "500103", None, 2, {"poi_name"}),
    ("渝中区建新北路5号", None, None, "500103", None, 0, {"road_other_district", "district_conflict_polygon"}),
    ("渝中区嘉陵路77号", "渝中", "500103", "500103", None, 0, {"district_from_text"}),
    ("綦江区古南街道綦江工业园区B区2号", None, None, "500110", "古南镇", 4, {"zone_point", "zone:綦江工业园区"}),
    ("綦江区赶水镇綦江工业园区B区", None, None, "500110", "赶水镇", 4, {"zone_point", "zone:綦江工业园区"}),
    ("渝中区綦江工业园区", None, None, "500103", None, 0, {"zone:綦江工业园区"}),
    ("江北区大石坝街道8号", None, None, "500105", "大石坝街道", 5, {"town_from_text"}),
    ("大足区邮亭工业园区3号", None, None, "500111", "邮亭镇", 5, {"town_of_zone"}),
    ("大足区邮亭镇工业园区3号", None, None, "500111", "邮亭镇", 5, {"town_from_text"}),
    ("江北区五里店工业园3号", None, None, "500105", None, 0, {"zone:五里店工业园"}),
    ("大足区(邮亭)工业园区", None, None, "500111", "邮亭镇", 5, {"remark", "town_bare"}),
    ("大足区新村路8号（邮亭镇政府旁）", None, None, "500111", "邮亭镇", 5, {"remark", "town_from_text"}),
    ("大足区新村路8号（邮亭风味）", None, None, "500111", None, 0, {"district_from_text"}),
    ("大足区新村路8号（渝北区人和街道）", None, None, "500111", None, 0, {"district_from_text"}),
    ("江北区观音桥街道", "渝中", "500103", "500105", "观音桥街道", 0, {"district_conflict_field", "low_confidence"}),
    ("江北区观音桥街道", "渝中", "500105", "500105", "观音桥街道", 5, {"district_confirmed_uscc"}),
    ("江北区观音桥街道", "江北", "500103", "500105", "观音桥街道", 5, {"district_conflict_uscc"}),
    ("重庆市渝中区马王乡1号", None, None, "500103", None, 0, {"town_unknown:马王乡"}),
    ("广州市从化区城郊街", "渝中", None, "500103", None, 0, {"other_city"}),
    ("重庆市北火车站右侧", None, None, None, None, 0, {"nothing_found"}),
    (None, None, None, None, None, 0, {"address_missing"}),
    ("", "渝中", None, "500103", None, 0, {"district_from_field"}),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}|{c[1]}|{c[2]}")
def test_an_address_worked_by_hand(match_one, case) -> None:
    address, field, area, district, town, level, reasons = case
    row = match_one(address, field, area)
    said = set(row["match_reasons"].split(";"))
    assert (None if pd.isna(row["district_code"]) else row["district_code"]) == district, said
    assert (None if pd.isna(row["town"]) else row["town"]) == town, said
    assert row["located"] == bool(level)
    if level:
        assert row["match_level"] == level
    assert reasons <= said


def test_there_are_at_least_sixty_addresses_by_hand() -> None:
    assert len(CASES) >= 60


def test_a_number_is_interpolated_on_its_own_side_of_the_road(match_one) -> None:
    odd = match_one("渝中区中山二路105号")  # between 101 (106.1010) and 111 (106.1060): 4/10 of the way
    assert (odd["lon"], odd["lat"]) == pytest.approx((106.1030, 29.5000), abs=1e-9)
    even = match_one("渝中区中山二路110号")  # between 100 (106.1000) and 120 (106.1200), all at 29.5010
    assert (even["lon"], even["lat"]) == pytest.approx((106.1100, 29.5010), abs=1e-9)
    gap = 1_935.0  # metres between 100 and 120: 0.02 degrees at 29.5 N
    rules = MatchRules()
    expected = rules.interpolation_floor_m + rules.interpolation_share * gap
    assert even["error_radius_m"] == pytest.approx(expected, rel=0.01)


def test_the_radius_grows_with_the_distance_in_numbers(match_one) -> None:
    near, far = match_one("渝中区中山二路115号"), match_one("渝中区中山二路151号")
    assert near["place_id"] == far["place_id"]
    assert near["error_radius_m"] < far["error_radius_m"]


def test_a_town_s_radius_is_half_the_mean_distance_to_its_neighbours(gazetteer: Gazetteer) -> None:
    seats = [t for t in gazetteer.towns if t.seated]
    town = next(t for t in seats if t.name == "石宝镇")
    away = sorted(np.hypot((t.lon - town.lon) * 96_800, (t.lat - town.lat) * 110_800) for t in seats)[1:7]
    assert town.radius_m == pytest.approx(np.mean(away) / 2, rel=0.02)


def test_an_unlocated_row_has_no_point_but_ranked_candidates(match_one) -> None:
    row = match_one("双河镇")
    assert np.isnan(row["lon"]) and np.isnan(row["lat"]) and np.isnan(row["error_radius_m"])
    found = json.loads(row["candidates"])
    assert {c["name"] for c in found} == {"双河镇"} and len(found) == 2
    assert [c["score"] for c in found] == sorted((c["score"] for c in found), reverse=True)
    keys = {"place_id", "name", "kind", "lon", "lat", "match_level", "error_radius_m", "score", "why"}
    assert all(set(c) == keys and c["why"] for c in found)


def test_a_district_is_offered_but_never_taken(match_one) -> None:
    row = match_one("渝中区嘉陵路77号")
    assert not row["located"] and row["match_level"] == 6
    last = json.loads(row["candidates"])[-1]
    assert (last["kind"], last["match_level"], last["why"]) == ("district", 6, "district_only")


def test_a_zone_offers_the_districts_it_lies_in(match_one) -> None:
    row = match_one("北部新区星光大道5号", "北部新区", "500000")
    assert {c["name"] for c in json.loads(row["candidates"])} == {"江北区", "渝北区"}


def test_at_most_five_candidates(frames, match_one) -> None:
    towns = [("重名镇", "town", "500103", None, 106.02 + 0.03 * i, 29.45) for i in range(7)]
    more = pd.DataFrame(towns, columns=["name", "kind", "district_code", "address", "lon", "lat"])
    more["place_id"] = [f"more{i}" for i in range(7)]
    places = pd.concat([frames["places"], more], ignore_index=True)
    near = Matcher(Gazetteer.build(**{**frames, "places": places}), MatchRules(max_candidates=5))
    row = near.match(pd.DataFrame({"address": ["渝中区重名镇"]})).iloc[0]
    assert "ambiguous_town" in row["match_reasons"]
    assert len(json.loads(row["candidates"])) == 5


def test_a_road_is_learned_from_the_register_and_says_so(matcher: Matcher) -> None:
    named = [f"九龙坡区石桥铺街道科园路{n}号" for n in range(1, 5)]
    frame = pd.DataFrame({"address": [*named, "九龙坡区科园路99号", "九龙坡区科园四路1号"]})
    out = matcher.match(frame)
    learned = out.iloc[4]
    assert learned["located"] and learned["match_level"] == 5 and learned["town"] == "石桥铺街道"
    assert "road_learned:4/4" in learned["match_reasons"]
    factor = matcher.rules.learned_radius_factor
    assert learned["error_radius_m"] == pytest.approx(factor * out.iloc[0]["error_radius_m"])
    assert not out.iloc[5]["located"]


def test_a_zone_is_learned_like_a_road_unless_it_has_a_point(matcher: Matcher) -> None:
    known = [f"綦江区赶水镇{zone}{n}号" for n in range(1, 5) for zone in ("化工园区", "綦江工业园区")]
    out = matcher.match(pd.DataFrame({"address": [*known, "綦江区化工园区9号", "綦江区綦江工业园区9号"]}))
    learned, there = out.iloc[-2], out.iloc[-1]
    assert "zone_learned:4/4" in learned["match_reasons"].split(";")
    assert (learned["town"], learned["match_level"], there["match_level"]) == ("赶水镇", 5, 4)
    assert learned["error_radius_m"] == pytest.approx(1.5 * matcher.gazetteer.towns[_town(matcher, "赶水镇")].radius_m)


def test_an_office_is_the_seat_of_a_listed_town_only(gazetteer: Gazetteer) -> None:
    towns = {t.name: t for t in gazetteer.towns if t.district == "500105"}
    assert (towns["大石坝街道"].lon, towns["大石坝街道"].lat) == (106.27, 29.52)
    assert "寸滩街道" not in towns and not towns["五里店街道"].seated


def test_an_address_in_a_neighbour_district_waits_without_a_suggestion_there(frames) -> None:
    matcher = Matcher(Gazetteer.build(**frames, neighbours=["500105"]), MatchRules(max_error_radius_m=100_000.0))
    rows = pd.DataFrame({"address": ["江北区观音桥街道", "大足区邮亭镇"], "district_given": ["江北", "江北"]})
    out = matcher.match(rows)
    assert out["match_reasons"].iloc[0].endswith("neighbour_district")
    assert out["located"].tolist()[0] is False and json.loads(out["candidates"].iloc[0]) == []
    assert out["district_code"].tolist() == ["500105", "500111"]


def _town(matcher: Matcher, name: str) -> int:
    return next(i for i, town in enumerate(matcher.gazetteer.towns) if town.name == name)


def test_a_road_of_two_towns_is_not_learned(matcher: Matcher) -> None:
    named = [f"九龙坡区{town}科园路{n}号" for n in range(1, 5) for town in ("石桥铺街道", "白市驿镇")]
    out = matcher.match(pd.DataFrame({"address": [*named, "九龙坡区科园路99号"]}))
    assert not out.iloc[-1]["located"]
    assert {c["name"] for c in json.loads(out.iloc[-1]["candidates"])} >= {"石桥铺街道", "白市驿镇"}


def test_rows_of_a_town_the_gazetteer_lacks_count_against_the_others(matcher: Matcher) -> None:
    named = [f"九龙坡区石桥铺街道科园路{n}号" for n in range(1, 5)] + [
        f"九龙坡区谢家湾街道科园路{n}号" for n in range(5, 9)
    ]
    out = matcher.match(pd.DataFrame({"address": [*named, "九龙坡区科园路99号"]}))
    assert not out.iloc[-1]["located"]
    assert [c["name"] for c in json.loads(out.iloc[-1]["candidates"])] == ["石桥铺街道", "九龙坡区"]


def test_learning_can_be_kept_for_a_single_row(matcher: Matcher) -> None:
    learned = matcher.learn(pd.DataFrame({"address": [f"九龙坡区石桥铺街道科园路{n}号" for n in range(3)]}))
    row = matcher.match(pd.DataFrame({"address": ["九龙坡区科园路99号"]}), learned).iloc[0]
    assert row["town"] == "石桥铺街道"
    table = learned.table(matcher.gazetteer.towns)
    assert table.loc[0, ["name", "town", "rows", "share"]].tolist() == ["科园路", "石桥铺街道", 3, 1.0]


ALIAS = {"lon": 106.111, "lat": 29.444, "match_level": 1, "place_id": "chosen"}


def test_a_decision_for_a_firm_wins_over_everything(frames) -> None:
    aliases = pd.DataFrame(
        [
            {"uscc": "X1", "address_key": None, **ALIAS, "decided_at": pd.Timestamp("2026-01-01")},
            {"uscc": "X1", "address_key": None, **ALIAS, "lon": 106.122, "decided_at": pd.Timestamp("2026-02-01")},
        ]
    )
    frame = pd.DataFrame({"uscc": ["X1", "X2"], "address": ["渝中区中山二路99号"] * 2})
    out = Matcher(Gazetteer.build(**frames, aliases=aliases)).match(frame)
    assert out["lon"].tolist() == [106.122, 106.1]
    assert out.iloc[0]["match_reasons"].startswith("alias;")
    assert out.iloc[0]["place_id"] == "chosen" and out.iloc[0]["match_confidence"] == 1.0


def test_a_decision_for_an_address_holds_for_every_spelling_of_it(frames) -> None:
    aliases = pd.DataFrame([{"address_key": "嘉陵路77号", **ALIAS, "decided_at": pd.Timestamp("2026-01-01")}])
    frame = pd.DataFrame({"address": ["嘉陵路７７号", "嘉陵路七十七号", "嘉陵路78号"]})
    out = Matcher(Gazetteer.build(**frames, aliases=aliases)).match(frame)
    assert out["located"].tolist() == [True, True, False]
    assert out["candidates"].isna().tolist() == [True, True, False]


def test_a_firm_that_moved_leaves_its_decision_behind(frames) -> None:
    aliases = pd.DataFrame(
        [{"uscc": "X1", "address_key": "嘉陵路77号", **ALIAS, "decided_at": pd.Timestamp("2026-01-01")}]
    )
    matcher = Matcher(Gazetteer.build(**frames, aliases=aliases))
    out = matcher.match(pd.DataFrame({"uscc": ["X1", "X1"], "address": ["嘉陵路77号", "渝中区中山二路99号"]}))
    assert out["lon"].tolist() == [106.111, 106.1]


def test_coordinates_of_the_source_are_kept(matcher: Matcher) -> None:
    frame = pd.DataFrame({"address": ["渝中区嘉陵路77号"] * 2, "lon": [106.11, np.nan], "lat": [29.41, np.nan]})
    out = matcher.match(frame)
    assert out["located"].tolist() == [True, False]
    assert out.iloc[0]["match_level"] == 1 and out.iloc[0]["match_reasons"].startswith("coordinates_given")


def test_a_point_outside_the_stated_district_says_so(frames) -> None:
    places = frames["places"].copy()
    places.loc[places["name"] == "龙兴镇", "lon"] = 106.05
    out = Matcher(Gazetteer.build(**{**frames, "places": places})).match(pd.DataFrame({"address": ["渝北区龙兴镇"]}))
    assert "district_conflict_polygon" in out.iloc[0]["match_reasons"]


def test_the_order_of_the_gazetteer_s_rows_does_not_matter(frames, matcher: Matcher) -> None:
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    frame = pd.DataFrame([c[:2] for c in CASES], columns=["address", "district_given"])
    pd.testing.assert_frame_equal(
        Matcher(Gazetteer.build(**shuffled), matcher.rules).match(frame), matcher.match(frame)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(CASES), max_size=12), st.randoms(use_true_random=False))
def test_rows_in_are_rows_out_whatever_their_order(matcher: Matcher, cases, random) -> None:
    frame = pd.DataFrame(
        [(c[0], c[1], f"91{c[2] or ''}") for c in cases], columns=["address", "district_given", "uscc"]
    )
    out = matcher.match(frame)
    assert len(out) == len(frame) and (out.index == frame.index).all()
    assert (out["located"] == out["lon"].notna()).all() and (out["located"] == out["candidates"].isna()).all()
    order = list(range(len(frame)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(matcher.match(frame.iloc[order]), out.iloc[order])


def test_an_empty_frame_gives_an_empty_answer(matcher: Matcher) -> None:
    assert matcher.match(pd.DataFrame({"address": pd.Series([], dtype="str")})).shape == (0, 12)


def test_every_reason_given_is_explained(matcher: Matcher) -> None:
    frame = pd.DataFrame([c[:2] for c in CASES], columns=["address", "district_given"])
    given_codes = {r.split(":")[0] for text in matcher.match(frame)["match_reasons"] for r in text.split(";") if r}
    assert given_codes <= set(REASONS)
    assert set(matcher.rules.factors) <= set(REASONS)


def test_rules_of_a_profile_replace_those_they_name() -> None:
    values = {"learn_min_rows": 5.0, "factors": {"town_bare": 0.5}, "level_confidence": [0.9] * 6}
    rules = MatchRules().with_values(values)
    assert (rules.learn_min_rows, rules.factors["town_bare"], rules.factors["remark"]) == (5, 0.5, 0.9)
    assert rules.level_confidence == (0.9,) * 6


def test_rules_refuse_what_makes_no_sense() -> None:
    with pytest.raises(ConfigError, match="min_confidence"):
        MatchRules(min_confidence=1.5)
    with pytest.raises(ConfigError, match="level_confidence"):
        MatchRules(level_confidence=(1.0,))
    with pytest.raises(ConfigError, match="no_such_rule"):
        MatchRules().with_values({"no_such_rule": 1})
    assert MatchRules().with_values({"min_confidence": 0.9}).min_confidence == 0.9


def test_a_stricter_threshold_sends_more_rows_to_the_queue(gazetteer: Gazetteer) -> None:
    frame = pd.DataFrame({"address": ["渝中区中山二路99号", "江北区观音桥街道"]})
    rules = MatchRules(max_error_radius_m=100_000.0)
    assert Matcher(gazetteer, rules).match(frame)["located"].tolist() == [True, True]
    strict = Matcher(gazetteer, rules.with_values({"min_confidence": 0.9})).match(frame)
    assert strict["located"].tolist() == [True, False]
    assert strict.iloc[1]["match_reasons"].endswith("low_confidence")
