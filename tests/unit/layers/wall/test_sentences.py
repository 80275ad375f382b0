"""Every rule of every sentence, worked by hand, in both languages, and at its threshold."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import pandas as pd
import pytest

from layers import frames
from layers.access import LOCAL
from layers.products import Products
from layers.wall import housing, migration, overview, pulse, risk, roads, warnings
from layers.wall.scene import Kpi, View
from models.profile.wall import SceneSpec

DAY = dt.date(2015, 6, 30)


@pytest.fixture
def view(store, city):
    """Makes a view of the small city in a language."""

    def make(kind: str, lang: str, **thresholds: float) -> View:
        spec = SceneSpec(id=kind, kind=kind, thresholds=thresholds)
        return View(store, city, LOCAL, Products.live(store), spec, lang, "wall", DAY)

    return make


PEOPLE = Kpi("residents", "", "98.4", "万人")


@pytest.mark.parametrize(
    ("new", "before", "zh", "en"),
    [
        (1_100, 1_000, "比前 12 个月多 10.0 %", "10.0 % more than"),
        (900, 1_000, "比前 12 个月少 10.0 %", "10.0 % fewer than"),
        (1_020, 1_000, "基本持平（相差 2.0 %）", "about as many as in the 12 before (2.0 % apart)"),
        (1_021, 1_000, "多 2.1 %", "2.1 % more"),
        (980, 1_000, "基本持平", "about as many"),
        (5, 0, "近 12 个月新登记 5 户。", "5 subjects were registered in the last 12 months."),
        (5, None, "近 12 个月新登记 5 户。", "5 subjects were registered in the last 12 months."),
        (None, 5, "市场主体 2.7 万户。", "26,833 subjects are in the register."),
    ],
)
def test_new_registrations_are_more_fewer_or_about_as_many(view, new, before, zh, en) -> None:
    said = overview.sentence(view("overview", "zh-Hans"), 26_833, new, before, PEOPLE)
    assert said.startswith("常住人口 98.4 万人，市场主体 2.7 万户")
    assert zh in said
    assert en in overview.sentence(view("overview", "en"), 26_833, new, before, None)


def test_the_threshold_of_a_sentence_is_the_citys(view) -> None:
    assert "持平" in overview.sentence(view("overview", "zh-Hans", steady_percent=15), 10, 1_100, 1_000, None)


def pair(came: float, left: float, rate: float) -> pd.Series:
    return pd.Series(
        {"period_from": "2014", "period_to": "2015", "moved_in": came, "moved_out": left, "net_rate": rate}
    )


@pytest.mark.parametrize(
    ("row", "zh", "en"),
    [
        (pair(68_009, 60_808, 0.007349), "迁入 6.8 万人、迁出 6.1 万人，净迁入 7,201 人，占常住人口 0.73 %。",
         "68,009 persons moved in and 60,808 persons moved out: a gain of 7,201 persons, 0.73 % of the residents."),
        (pair(1_000, 4_000, -0.03), "净迁出 3,000 人，占常住人口 3.00 %。", "a loss of 3,000 persons, 3.00 %"),
        (pair(1_020, 1_000, 0.002), "进出基本平衡。", "about as many as came have left"),
        (pair(1_021, 1_000, 0.0021), "净迁入 21 人", "a gain of 21 persons"),
    ],
)  # fmt: skip
def test_moves_are_a_gain_a_loss_or_balanced(view, row, zh, en) -> None:
    gains = pd.Series({"5001100": -5.0, "5001110": 1_200.4})
    said = migration.sentence(view("migration", "zh-Hans"), row, gains)
    assert zh in said
    assert said.startswith("2014–2015 年")
    assert said.endswith("（1,200 人）。")
    assert en in migration.sentence(view("migration", "en"), row, gains)
    losing = migration.sentence(view("migration", "zh-Hans"), row, pd.Series({"5001100": -5.0}))
    assert "净迁入最多" not in losing


def test_a_day_names_its_fullest_and_emptiest_hour_or_is_even(view) -> None:
    day = [100.0] * 24
    day[13], day[4] = 150.0, 75.0
    # mean (22 x 100 + 150 + 75) / 24 = 101.04; swing (150 - 75) / mean = 74 %; 150 / 75 = 100 % more
    said = pulse.sentence(view("pulse", "zh-Hans"), day)
    assert said == "工作日 13:00–14:00 在场人口最多，约 150 人；04:00–05:00 最少，约 75 人，最多比最少高 100.0 %。"
    english = pulse.sentence(view("pulse", "en"), day)
    assert "most people are here at 13:00–14:00, about 150 persons" in english
    assert "100.0 % above the fewest" in english
    assert "平稳，平均约 101 人" in pulse.sentence(view("pulse", "zh-Hans", flat_percent=75), day)
    assert "hardly changes" in pulse.sentence(view("pulse", "en", flat_percent=75), day)


def test_the_caption_of_an_hour_compares_it_with_the_hour_before(view) -> None:
    day = [100.0, 101.0, 101.5, 90.0, 95.0, *[95.5] * 18, 150.0]
    said = [pulse.caption(view("pulse", "zh-Hans"), day, hour) for hour in (0, 1, 2, 3, 4, 23)]
    assert said == ["人数在减少", "人数平稳", "人数平稳", "全天人最少的时刻", "人数在增加", "全天人最多的时刻"]


def test_key_subjects_are_concentrated_or_spread(view) -> None:
    areas = pd.DataFrame({"key": [5, 3, 2, 0]}, index=["a", "b", "c", "d"])
    made = view("risk", "zh-Hans", concentrated_percent=1)
    levels = risk.board.counts(made.products, None).by_level
    part = f"{100 * 10 / levels['D']:.0f} %"
    said = risk.sentence(made, "district", areas)
    assert said.startswith(f"重点监管 {levels['D']:,} 户、较高风险 {levels['C']:,} 户，占已分级主体")
    assert said.endswith(f"重点监管主体集中在a、b、c，三处合占 {part}。")
    spread = risk.sentence(view("risk", "en", concentrated_percent=10_000), "district", areas)
    assert spread.endswith(f"Key subjects are spread; a, b, c, which have most, hold {part} of them.")
    assert "集中" not in risk.sentence(made, "district", areas.head(3))


@pytest.mark.parametrize(
    ("ages", "late", "zh", "en"),
    [
        ([0, 0, 0, 0], 0, "没有待处置预警。", "No warning is open."),
        ([1, 2, 3, 4], 0, "待处置预警 10 件，其中超过 30 天 4 件。全部在办理期限内。",
         "10 warnings are open, 4 of them for more than 30 days. None is past its date."),
        ([1, 2, 3, 4], 1, "逾期 1 件，占 10 %。", "1 are past their date, 10 % of all."),
        ([1, 2, 3, 4], 2, "逾期 2 件，占 20 %，需要关注。", "they need attention"),
    ],
)  # fmt: skip
def test_late_warnings_ask_for_attention_from_a_threshold_on(view, ages, late, zh, en) -> None:
    assert zh in warnings.sentence(view("warnings", "zh-Hans"), ages, late)
    assert en in warnings.sentence(view("warnings", "en"), ages, late)


def test_the_age_of_a_warning_counts_from_the_day_it_was_raised() -> None:
    days = [0, 2, 3, 7, 8, 30, 31, 400, -1]
    rows = pd.DataFrame({"raised_on": [pd.Timestamp(DAY) - pd.Timedelta(days=n) for n in days]})
    assert warnings.by_age(rows, DAY) == [3, 2, 2, 2]
    assert sum(warnings.by_age(rows, DAY)) == len(days)


def projects(*rows: tuple[int, int, float | None]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["units", "units_sold", "price_cny_m2"])
    return frame.assign(unsold=frame["units"] - frame["units_sold"])


@pytest.mark.parametrize(
    ("sold", "zh", "en"),
    [
        (65, "未售 35 套，占 35.0 %，存量偏高。", "35 homes are unsold, 35.0 %: a high stock."),
        (66, "未售 34 套，占 34.0 %。", "34 homes are unsold, 34.0 %."),
        (85, "占 15.0 %，存量偏低。", "a low stock"),
    ],
)
def test_stock_is_high_low_or_neither(view, sold, zh, en) -> None:
    stock = pd.Series({"500110": 20.0})
    said = housing.sentence(view("housing", "zh-Hans"), projects((100, sold, None)), "district", stock)
    assert zh in said
    assert said.endswith("（20 套）。")
    assert en in housing.sentence(view("housing", "en"), projects((100, sold, None)), "district", stock)
    assert housing.sentence(view("housing", "en"), projects(), "district", stock) == "No project has opened."


def test_the_price_is_weighted_by_homes_that_say_theirs() -> None:
    assert housing.price(projects((100, 0, 3_000.0), (300, 0, 5_000.0), (900, 0, None))) == 4_500.0
    assert housing.price(projects((100, 0, None))) is None


def sections(*rows: tuple[str, int, float, float, float]) -> pd.DataFrame:
    """Section, hour, length in metres, speed, free-flow speed."""
    frame = pd.DataFrame(rows, columns=["section_id", "hour", "length_m", "speed_kmh", "free_flow_kmh"])
    return frame.assign(tti=frame["free_flow_kmh"] / frame["speed_kmh"], name=frame["section_id"], jam=False)


def test_the_index_of_the_city_is_time_over_time_in_free_flow() -> None:
    rows = sections(("a", 8, 10_000, 20, 60), ("b", 8, 30_000, 60, 60), ("a", 9, 10_000, 60, 60))
    # 10 km at 20 and 30 km at 60 km/h take 0.5 + 0.5 h; free they take 1/6 + 1/2 h: 1 / 0.6667 = 1.5
    assert roads.of_city(rows, 8) == pytest.approx(1.5)
    assert roads.of_city(rows, 9) == 1.0
    assert roads.of_city(rows, 3) is None
    assert roads.worst_hour([roads.of_city(rows, hour) for hour in range(24)]) == 8
    assert roads.slowest(rows, 8)["section_id"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("index", "zh", "en", "state"),
    [
        (2.0, "工作日 08:00–09:00 最堵，行程时间比畅通时多 100 %。", "worst at 08:00–09:00", "拥堵"),
        (1.5, "最繁忙，行程时间比畅通时多 50 %。", "busiest at 08:00–09:00: journeys take 50 % longer", "缓行"),
        (1.49, "基本畅通，08:00–09:00 最慢，行程时间多 49 %。", "mostly free", "畅通"),
        (None, "均不显示", "nothing is shown", "设备过少，不显示"),
    ],
)
def test_roads_are_jammed_busy_or_free(view, index, zh, en, state) -> None:
    hours = [None if index is None else 1.0] * 24
    hours[8] = index
    slow = roads.slowest(sections(("兰海高速", 8, 10_000, 20, 50)), 8)
    said = roads.sentence(view("roads", "zh-Hans"), hours, 8, slow)
    assert zh in said
    assert index is None or said.endswith("最慢的是兰海高速，行程时间比 2.50。")
    assert en in roads.sentence(view("roads", "en"), hours, 8, slow)
    assert roads.caption(view("roads", "zh-Hans"), index) == state


def test_homes_without_a_place_count_for_the_city_and_for_no_area(store, city) -> None:
    inside = frames.areas(Products.live(store), "district").geometry.representative_point()[0]
    places = gpd.GeoSeries([inside, inside, None], crs="EPSG:4326")
    rows = projects((10, 4, None), (10, 5, None), (10, 0, None)).assign(geometry=places)
    found = housing.unsold_by_area(Products.live(store), rows, "district")
    assert found.sum() == 11
    assert len(found) == 1
