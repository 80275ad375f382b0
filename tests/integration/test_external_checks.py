"""Methods held against published figures of real data: commuters of New York, migration of Chongqing, the census."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from models import settings as settings_module
from models.analysis.migration_index import both_sides, by_day, pair_by_day, read_index
from models.signaling import cubes, flows, od_measures, release
from models.signaling.flows import Hidden, jobs_housing
from models.signaling.pipeline import Raw
from models.signaling.places import Allocation
from models.signaling.zones import Zones

pytestmark = pytest.mark.realdata


def real(name: str) -> Path:
    folder = settings_module.load().shared / "realdata" / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not under CITYHEX_SHARED")
    return folder


@pytest.fixture(scope="module")
def new_york():
    """Commuters between the counties of New York as the signaling's own sums: a county is a network cell and a town."""
    folder = real("ny_commuting")
    pairs = pd.read_csv(folder / "NY_commuting_flows_2011.csv", dtype={"origin": "str", "destination": "str"})
    shapes = gpd.read_file(folder / "NY_counties_2011.geojson").set_index("tile_id").sort_index()
    counties = tuple(shapes.index.astype(str))
    middle = shapes.to_crs(32618).centroid
    n = len(counties)
    allocation = Allocation(
        sp.identity(n, format="csr"), np.arange(n, dtype=np.uint64), np.ones(n, dtype=bool), np.empty(0, np.int64),
        "county", np.c_[middle.x, middle.y],
    )  # fmt: skip
    at = {code: k for k, code in enumerate(counties)}
    people = pd.DataFrame(
        {
            "home_cell": pairs["origin"].map(at).astype("Int32"),
            "work_cell": pairs["destination"].map(at).astype("Int32"),
            "resident_class": "resident",
            "origin": "intra_city",
            "persons": pairs["flow"].astype("float64"),
            "devices": pairs["flow"],
        }
    )
    nobody = cubes.Presence(np.zeros((n, 24, 2)), np.zeros((n, 24, 2), np.int32))
    raw = Raw(nobody, people, pd.DataFrame(), pd.DataFrame(), {})
    return pairs, raw, Zones(allocation, counties, np.arange(n))


def table_of(raw, zones):
    n = len(zones.towns)
    return flows.commuters(raw, zones)[1][:n, :n]


def test_no_commuter_of_new_york_is_lost(new_york):
    pairs, raw, zones = new_york
    assert (len(pairs), len(zones.towns)) == (1_954, 62)
    assert flows.commuters(raw, zones)[1].sum() == pairs["flow"].sum() == 8_831_941


def test_the_jobs_housing_product_gives_the_known_figures_of_new_york(new_york):
    """The figures are sums of the published flows; 36061 is Manhattan, 36045 Jefferson, 36079 Putnam."""
    _, raw, zones = new_york
    n = len(zones.towns) + 1
    nothing = Hidden(np.zeros((n, n), bool), np.zeros(n, bool), np.zeros(n, bool), np.zeros((0, 0), bool))
    found = jobs_housing(raw, zones, release.Rules(10, 20), nothing).set_index("area_code")
    inside = found["self_containment"]
    assert found["both"].sum() / found["working_residents"].sum() == pytest.approx(0.6628, abs=5e-5)
    assert (inside.idxmin(), inside.min()) == ("36079", pytest.approx(0.3205, abs=5e-5))
    assert (inside.idxmax(), inside.max()) == ("36045", pytest.approx(0.9584, abs=5e-5))
    assert found.loc["36061", "jobs_housing_ratio"] == pytest.approx(2.490, abs=5e-4)
    plain = od_measures.balance(table_of(raw, zones))
    assert np.allclose(plain.self_containment, found["self_containment"].astype(float), rtol=1e-12)
    assert np.allclose(plain.jobs_housing, found["jobs_housing_ratio"].astype(float), rtol=1e-12)
    assert np.allclose(plain.self_sufficiency, found["job_self_sufficiency"].astype(float), rtol=1e-12)


def test_the_asymmetry_of_new_york_with_and_without_those_who_stay(new_york):
    _, raw, zones = new_york
    table = table_of(raw, zones)
    assert od_measures.asymmetry(table, diagonal=True) == pytest.approx(0.525, abs=5e-4)
    assert od_measures.asymmetry(table, diagonal=False) == pytest.approx(1.247, abs=5e-4)


def test_new_york_commutes_farther_than_it_must(new_york):
    _, raw, zones = new_york
    where = zones.allocation.centres
    way = np.hypot(*(where[:, None, :] - where[None, :, :]).transpose(2, 0, 1)) / 1_000
    found = od_measures.commuting(table_of(raw, zones), way)
    assert 0 < found.least < found.actual
    assert (found.actual, found.least) == (pytest.approx(12.44, abs=0.05), pytest.approx(5.47, abs=0.05))
    assert found.excess == pytest.approx(0.56, abs=0.01)


@pytest.fixture(scope="module")
def chongqing():
    """Every published list that Chongqing is part of; an index, not persons."""
    return read_index([real("baidu_qianxi_2020q1") / "chongqing_all_days.csv.gz"])


def test_every_row_of_the_index_is_kept_or_set_aside(chongqing):
    rows, apart = chongqing
    assert len(rows) + sum(apart.values()) == 342_251
    assert set(apart) <= {"same_city", "repeated"}
    assert rows.groupby(["date", "direction"]).ngroups == 2 * 397
    own = rows[(rows["city"] == "重庆") & (rows["date"] < "2020-03-01")]
    assert own.groupby(["date", "direction"]).size().max() <= 100


def test_the_inflow_of_chongqing_peaks_before_spring_festival_and_falls_after_it(chongqing):
    coming = by_day(chongqing[0], "重庆", "in")["2020-01-01":"2020-02-29"]
    assert coming.idxmax() == pd.Timestamp("2020-01-21")  # four days before the festival
    assert coming.max() == pytest.approx(9.5, abs=0.05)
    assert coming["2020-01-31"] == pytest.approx(1.8, abs=0.06)
    before = coming["2020-01-10":"2020-01-21"]
    assert before["2020-01-21"] > 1.5 * before.iloc[0]
    leaving = by_day(chongqing[0], "重庆", "out")["2020-01-10":"2020-01-20"]
    assert (before[:"2020-01-20"] > 1.3 * leaving).all()  # home for the festival: more come than leave


def test_the_index_ends_where_nothing_was_published(chongqing):
    days = by_day(chongqing[0], "重庆", "in").index
    assert not ((days > "2020-05-03") & (days < "2020-10-01")).any()


def test_those_coming_from_wuhan_break_off_after_23_january_2020(chongqing):
    coming = pair_by_day(chongqing[0], "武汉", "重庆")["2020-01-10":"2020-02-29"]
    week, closed = coming["2020-01-17":"2020-01-23"].mean(), pd.Timestamp("2020-01-23")
    assert coming[closed] / week == pytest.approx(1.0, abs=0.1)  # the city was closed at ten in the morning
    assert coming["2020-01-24"] < 0.5 * week
    assert coming["2020-01-25"] < 0.12 * week
    assert coming[coming.index > "2020-01-25"].max() < 0.02 * week
    assert len(coming[coming.index > "2020-01-25"]) == 4  # else not among the hundred largest: small, not 0
    chengdu = pair_by_day(chongqing[0], "成都", "重庆")["2020-01-17":"2020-01-25"]
    assert chengdu["2020-01-24"] / chengdu["2020-01-17":"2020-01-23"].mean() > 2 * coming["2020-01-24"] / week


def test_both_ends_of_a_flow_say_nearly_the_same(chongqing):
    both = both_sides(chongqing[0][chongqing[0]["date"] < "2020-03-01"])
    assert len(both) > 5_000
    assert np.corrcoef(np.log(both["as_in"]), np.log(both["as_out"]))[0, 1] > 0.99
    assert (both["as_in"] / both["as_out"]).median() == pytest.approx(1.0, abs=0.01)


def test_the_lists_of_one_day_with_a_mark_at_the_start_are_read_too():
    folder = real("baidu_qianxi_2020q1")
    rows, apart = read_index([folder / "raw_in_20200110.csv.gz", folder / "raw_out_20200110.csv.gz"])
    assert len(rows) + sum(apart.values()) == 34_407 + 34_514
    assert by_day(rows, "重庆", "in").tolist() == pytest.approx([5.648], abs=0.001)


def test_the_outflow_of_wuhan_collapses_and_its_provinces_are_all_named():
    folder = real("wuhan_outflow_2020")
    scale = pd.read_csv(folder / "migration_scale_from_wuhan.csv", parse_dates=["date"]).set_index("date")["scale"]
    assert scale.idxmax() == pd.Timestamp("2020-01-22")
    assert scale["2020-01-25"] < 0.12 * scale["2020-01-22"]
    shares = pd.read_csv(folder / "human_mobility_from_wuhan.csv")
    names = pd.read_csv(folder / "region_translation.csv").set_index("province")["ADM1_ZH"]
    assert shares["province"].isin(names.index).all()
    assert shares.groupby("date")["percentage"].sum().between(99.3, 100).all()
    assert names["Chongqing"] == "重庆市"


def test_districts_of_the_census_add_up_to_their_city_and_cities_to_the_country():
    counties = pd.read_excel(real("cn_census_2010_2020") / "census_county_2020_v1.xlsx")
    people = counties.set_index("区县")["人口数_合计"]
    assert people.loc["全国"] == 1_409_778_724
    ages = [name for name in counties if name.startswith(("男_", "女_")) and "岁" in name]
    joint = counties.set_index("区县").loc[["全国", "綦江区"], ages].sum(axis=1)
    assert joint.loc["全国"] == 1_409_778_724
    assert joint.loc["綦江区"] == people.loc["綦江区"] == 1_011_334
    provinces = counties[(counties["区划代码"] % 10_000 == 0) & (counties["区县"] != "全国")]
    assert len(provinces) == 31
    assert provinces["人口数_合计"].sum() == 1_409_778_724
