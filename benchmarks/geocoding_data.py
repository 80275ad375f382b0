"""Frames of two real cities for the measurements of address matching; read in place under CITYHEX_SHARED."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import geopandas as gpd
import pandas as pd

CROSSWALK = """old_code,old_name,new_code,new_name,valid_to,kind
500222,綦江县,500110,綦江区,2011-10-22,merge
500110,万盛区,500110,綦江区,2011-10-22,merge
500225,大足县,500111,大足区,2011-10-22,merge
500111,双桥区,500111,大足区,2011-10-22,merge
500227,璧山县,500120,璧山区,2014-05-02,rename
500224,铜梁县,500151,铜梁区,2014-05-02,rename
500223,潼南县,500152,潼南区,2015-04-28,rename
500226,荣昌县,500153,荣昌区,2015-04-28,rename
500234,开县,500154,开州区,2016-06-08,rename
500228,梁平县,500155,梁平区,2016-11-24,rename
500232,武隆县,500156,武隆区,2016-11-24,rename
500232,武仑,500156,武隆区,2016-11-24,rename
500221,长寿县,500115,长寿区,2001-12-25,rename
500239,黔江县,500114,黔江区,2000-06-25,rename
500381,江津市,500116,江津区,2006-10-22,rename
500382,合川市,500117,合川区,2006-10-22,rename
500383,永川市,500118,永川区,2006-10-22,rename
500384,南川市,500119,南川区,2006-10-22,rename
,江北县,500112,渝北区,1994-12-17,split
,巴县,500113,巴南区,1994-12-17,split
,万县市,500101,万州区,1998-05-22,rename
,天城区,500101,万州区,1998-05-22,merge
,五桥区,500101,万州区,1998-05-22,merge
,龙宝区,500101,万州区,1998-05-22,merge
,枳城区,500102,涪陵区,1998-06-25,merge
,李渡区,500102,涪陵区,1998-06-25,merge
,北部新区,500112,渝北区,2016-01-01,zone
,北部新区,500105,江北区,2016-01-01,zone
,两江新区,500112,渝北区,,zone
,两江新区,500105,江北区,,zone
,两江新区,500109,北碚区,,zone
"""
"""Names no longer in use in Chongqing, with what they became."""

SHANGHAI_OTHERS = (
    "shanghai_school.csv",
    "shanghai_food.csv.gz",
    "shanghai_hotpot.csv",
    "shanghai_Theatr_Cinema.csv",
)
"""Other places of Shanghai, with which the hospitals are joined in the second gazetteer."""


def area_changes() -> pd.DataFrame:
    """Crosswalk of Chongqing's district names."""
    return pd.read_csv(io.StringIO(CROSSWALK), dtype=str, parse_dates=["valid_to"])


def chongqing_register(shared: Path) -> pd.DataFrame:
    """All rows of the register as the matcher takes them: uscc, address, district_given."""
    columns = {"统一社会信用代码": "uscc", "注册地址": "address", "地区": "district_given"}
    files = sorted((shared / "realdata" / "enterprise_chongqing").glob("*.csv.gz"))
    frames = [pd.read_csv(f, dtype=str, usecols=list(columns), keep_default_na=False) for f in files]
    frame = pd.concat(frames, ignore_index=True).rename(columns=columns)
    return frame.mask(frame.isin(["N/A", "-", ""]))


def chongqing(shared: Path) -> tuple[pd.DataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """Places (GeoNames), districts (Tianditu) and towns (names of 2019-10, without coordinates)."""
    folder = shared / "realdata"
    districts = gpd.read_file(folder / "cn_admin_boundaries" / "tianditu_chongqing_district.geojson")
    districts = districts.rename(columns={"district_name": "name"})
    districts["district_code"] = districts["district_adcode"].astype(str)
    seats = pd.read_csv(folder / "geonames_chongqing" / "geonames_chongqing.csv", dtype={"geonameid": str})
    seats = seats[seats["names_zh"].notna()]
    places = pd.DataFrame(
        {
            "place_id": "geonames:" + seats["geonameid"],
            "name": seats["names_zh"],
            "kind": "town",
            "district_code": None,
            "lon": seats["longitude"],
            "lat": seats["latitude"],
        }
    )
    listed = pd.read_excel(
        folder / "cn_admin_boundaries" / "township_list_201910.xlsx", dtype=str, header=1
    ).query("省代码 == '500000'")
    towns = pd.DataFrame(
        {"town_code": listed["乡镇代码"], "name": listed["乡镇名称"], "district_code": listed["区县代码"]}
    )
    return places, districts[["district_code", "name", "geometry"]], towns


def shanghai_districts(shared: Path) -> gpd.GeoDataFrame:
    """District polygons of Shanghai with made-up codes 310001.. in order of name (the file has none)."""
    frame = gpd.read_file(shared / "realdata" / "poi_shanghai" / "shanghai_district.shp").to_crs(4326)
    name = next(c for c in frame.columns if frame[c].astype(str).str.endswith("区").any())
    frame = frame.dissolve(by=name).reset_index().sort_values(name).rename(columns={name: "name"})
    frame["district_code"] = [f"31{i:04d}" for i in range(1, len(frame) + 1)]
    return frame[["district_code", "name", "geometry"]]


def shanghai_places(shared: Path, names: tuple[str, ...], districts: pd.DataFrame) -> pd.DataFrame:
    """Points of interest of Shanghai: place_id, name, kind, district_code, adname, address, lon, lat."""
    codes = dict(zip(districts["name"], districts["district_code"], strict=True))
    frames = []
    for name in names:
        path = shared / "realdata" / "poi_shanghai" / name
        frame = pd.read_csv(
            path, dtype={"lon": float, "lat": float}, keep_default_na=False, quoting=csv.QUOTE_MINIMAL
        )
        frame["place_id"] = [f"{path.name.split('.')[0]}:{i}" for i in range(len(frame))]
        frames.append(frame)
    frame = pd.concat(frames, ignore_index=True)
    frame["kind"] = "poi"
    frame["address"] = frame["address"].mask(frame["address"].isin(["[]", ""]))
    frame["district_code"] = frame["adname"].map(codes)
    return frame[["place_id", "name", "kind", "district_code", "adname", "address", "lon", "lat"]]
