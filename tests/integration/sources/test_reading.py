"""Each kind of file and record, from the file to rows on contract."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from models import contracts
from models.sources import fingerprint
from models.sources.datum import from_wgs84
from tests.integration.sources.conftest import Bench

ROADS = {"road_id": "id", "name": "name", "road_class": "class", "oneway": "one"}


def test_wkt_roads_get_class_length_and_direction(bench: Bench) -> None:
    bench.write(
        "r.csv",
        "id,name,class,one,wkt\n"
        '1,江北路,primary_link,是,"LINESTRING (106 29, 106.01 29)"\n'
        '2,,path,,"MULTILINESTRING ((106 29, 106 29.01))"\n'
        '3,坏,primary,否,"LINESTRING (106 29"\n'
        '4,点,primary,否,"POINT (106 29)"\n',
    )
    columns = {**ROADS, "wkt": "wkt"}
    listed = {"road_class": {"primary_link": "primary", "*": "other"}}
    bench.manifest("r", table="roads", files=["r.csv"], format="csv", columns=columns, values=listed, datum="WGS84")
    result = bench.read("r")
    assert result.frame["road_class"].tolist() == ["primary", "other"]
    assert result.frame["oneway"].tolist() == [True, False]
    # Length of 0.01 degree of longitude at 29 degrees north and of latitude, WGS84 ellipsoid: 974.2 m and 1108.5 m.
    assert result.frame["length_m"].tolist() == pytest.approx([974.2, 1108.5], rel=2e-3)
    assert result.rejects["source_row"].tolist() == [4, 4, 5] or set(result.rejects["source_row"]) == {4, 5}


def test_a_street_network_keeps_its_lines_and_takes_the_first_of_lists(bench: Bench) -> None:
    graph = """<?xml version='1.0'?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="x" for="node" attr.name="x" attr.type="string"/><key id="y" for="node" attr.name="y" attr.type="string"/>
<key id="h" for="edge" attr.name="highway" attr.type="string"/>
<key id="m" for="edge" attr.name="maxspeed" attr.type="string"/>
<key id="g" for="edge" attr.name="geometry" attr.type="string"/>
<key id="c" for="graph" attr.name="crs" attr.type="string"/>
<graph edgedefault="directed"><data key="c">epsg:4326</data>
<node id="a"><data key="x">106.0</data><data key="y">29.0</data></node>
<node id="b"><data key="x">106.1</data><data key="y">29.0</data></node>
<edge source="a" target="b"><data key="h">['primary', 'trunk']</data><data key="m">60</data></edge>
<edge source="b" target="a"><data key="h">primary</data>
<data key="g">LINESTRING (106.1 29, 106.05 29.1, 106 29)</data></edge>
</graph></graphml>"""
    bench.write("g.graphml.gz", gzip.compress(graph.encode()))
    columns = {"road_id": "edge_id", "road_class": "highway", "maxspeed_kmh": "maxspeed"}
    bench.manifest("g", table="roads", files=["g.graphml.gz"], format="graphml", columns=columns)
    result = bench.read("g")
    assert result.frame["road_class"].tolist() == ["primary", "primary"]
    assert result.frame.geometry.count_coordinates().tolist() == [2, 3]
    assert "1 edges have several values of 'highway'" in result.notes[0]


@pytest.mark.parametrize("name", ["t.gpkg", "t.shp", "t.geojson"])
def test_vector_formats_give_the_same_rows(bench: Bench, name: str) -> None:
    points = [shapely.Point(106.1, 29.1), shapely.Point(120.0, 29.1), None]
    frame = gpd.GeoDataFrame({"名称": ["古南街道", "远镇", "无镇"]}, geometry=points, crs="EPSG:4326")
    frame.to_file(bench.folder / name, encoding="utf-8", engine="pyogrio")
    if name == "t.geojson":
        text = (bench.folder / name).read_text(encoding="utf-8")
        assert '"crs"' in text
    bench.manifest("t", table="towns", files=[name], format="vector", columns={"name": "名称"})
    result = bench.read("t")
    assert result.frame["name"].tolist() == ["古南街道"]
    assert result.frame["town_code"].tolist() == ["t-1"]
    assert result.rejects["source_row"].tolist() == [2, 3]


def test_shapes_in_a_projected_system_and_in_gcj02_arrive_in_wgs84(bench: Bench) -> None:
    seat = shapely.Point(106.1, 29.1)
    frame = gpd.GeoDataFrame({"name": ["甲镇"]}, geometry=[seat], crs="EPSG:4326")
    frame.to_crs(4544).to_file(bench.folder / "p.gpkg")
    shifted = shapely.Point(*(v[0] for v in from_wgs84([106.1], [29.1], "GCJ02")))
    frame.set_geometry([shifted], crs="EPSG:4326").to_file(bench.folder / "g.gpkg")
    for name, keys in (("p", {}), ("g", {"datum": "GCJ02"})):
        bench.manifest(name, table="towns", files=[f"{name}.gpkg"], format="vector", columns={"name": "name"}, **keys)
        got = bench.read(name).frame.geometry.iloc[0]
        assert got.distance(seat) * 111_320 < 0.1


def test_points_get_the_district_that_holds_them_unless_the_source_names_one(
    bench: Bench, squares: Callable[..., None]
) -> None:
    squares()
    bench.write("p.csv", "n,x,y,d\n甲,106.2,29.5,\n乙,106.8,29.5,西区\n丙,105.5,28.5,\n丁,106.5,29.5,\n")
    columns = {"name": "n", "lon": "x", "lat": "y", "district_code": "d"}
    bench.manifest(
        "p", table="places", files=["p.csv"], format="csv", datum="CGCS2000", columns=columns, constants={"kind": "poi"}
    )
    codes = bench.read("p").frame["district_code"]
    assert codes.iloc[[0, 1, 3]].tolist() == ["500102", "500102", "500101"]
    assert pd.isna(codes.iloc[2])


def test_a_place_with_several_names_becomes_several_places_with_ids_of_their_own(bench: Bench) -> None:
    bench.write("p.csv", "n,x,y\n古南;古南街道;綦江县,106.6,29.0\n打通镇,106.7,28.7\n,106.7,28.7\n")
    bench.manifest(
        "p", table="places", files=["p.csv"], format="csv", datum="WGS84", separator=";",
        columns={"name": "n", "lon": "x", "lat": "y"}, constants={"kind": "town"},
    )  # fmt: skip
    result = bench.read("p")
    assert result.frame["name"].tolist() == ["古南", "古南街道", "綦江县", "打通镇"]
    assert result.frame["place_id"].tolist() == ["p-2", "p-2-2", "p-2-3", "p-3"]
    assert result.read == 5


def test_a_town_may_be_known_by_name_only_and_a_place_of_another_kind_may_not(bench: Bench) -> None:
    bench.write("p.csv", "n,k,x,y,d\n古南街道,town,,,500101\n人民医院,poi,,,500101\n工业园区,zone,106.2,29.5,\n")
    columns = {"name": "n", "kind": "k", "lon": "x", "lat": "y", "district_code": "d"}
    bench.manifest("p", table="places", files=["p.csv"], format="csv", datum="WGS84", columns=columns)
    result = bench.read("p")
    assert result.frame["name"].tolist() == ["古南街道", "工业园区"]
    assert result.frame["lon"].isna().tolist() == [True, False]
    assert result.rejects["reason"].tolist() == [
        "a place of this kind needs coordinates; only district, town, zone may lack them"
    ]


def test_a_list_of_names_needs_neither_coordinates_nor_datum(bench: Bench) -> None:
    bench.write("p.csv", "title\nn,d\n古南街道,500101\n")
    columns = {"name": "n", "district_code": "d"}
    bench.manifest(
        "p", table="places", files=["p.csv"], format="csv", header_row=2, columns=columns, constants={"kind": "town"}
    )
    assert bench.read("p").frame["name"].tolist() == ["古南街道"]


def test_a_town_is_called_by_its_official_name_and_zero_population_is_unknown(bench: Bench) -> None:
    bench.write("t.csv", "id,n,py,x,y,p\n1,古南;古南街道;綦江县,Gunan,106.6,29.0,0\n2,,Datong,106.7,28.7,800\n")
    columns = {"town_code": "id", "name": "n", "name_en": "py", "lon": "x", "lat": "y", "population": "p"}
    bench.manifest("t", table="towns", files=["t.csv"], format="csv", datum="WGS84", separator=";", columns=columns)
    frame = bench.read("t").frame
    assert frame["name"].tolist() == ["古南街道", "Datong"]
    assert frame["population"].isna().tolist() == [True, False]


def test_a_wide_census_becomes_values_with_the_area_they_describe(bench: Bench) -> None:
    rows = [
        "重庆市,500000,100,60",
        "市辖区,,90,50",
        "市辖区,500100,90,50",
        "綦江县,500222,80,",
        "万盛区,500110,10,x",
        "外地,510000,5,5",
    ]
    bench.write("c.csv", "地区,代码,合计,城镇\n" + "\n".join(rows) + "\n")
    bench.manifest(
        "c", table="census_values", files=["c.csv"], format="csv", columns={"area_name": "地区", "area_code": "代码"},
        constants={"reference_date": "2010-11-01", "vintage": "2010 census"}, where={"代码": ["^50", ""]},
        indicators=[{"header": h, "name": n, "unit": "person"} for h, n in (("合计", "residents"), ("城镇", "urban"))],
        area_definitions={"500222": "綦江县, without 万盛区"},
    )  # fmt: skip
    result = bench.read("c")
    values = result.frame.set_index(["area_code", "indicator"])
    assert values["value"].to_dict() == {
        ("500000", "residents"): 100, ("500000", "urban"): 60, ("500222", "residents"): 80, ("500110", "residents"): 10,
    }  # fmt: skip
    assert values["area_level"].loc[("500000", "residents")] == "city"
    assert values["area_definition"].loc[("500222", "residents")] == "綦江县, without 万盛区"
    assert values["area_definition"].loc[("500110", "residents")] == "万盛区 as of 2010-11-01"
    assert result.skipped == 1 and result.read == 10
    assert "c.csv#城镇" in set(result.rejects["source_file"])


def test_parquet_reads_like_text(bench: Bench) -> None:
    frame = pd.DataFrame({"id": [1, 2], "name": ["甲", "乙"], "n": [10.0, 2.5]})
    frame["day"] = pd.to_datetime(["2020-01-31", None])
    frame.to_parquet(bench.folder / "p.parquet")
    columns = {"project_id": "id", "name": "name", "opened_on": "day", "units": "n"}
    bench.manifest("p", table="housing_projects", files=["p.parquet"], format="parquet", columns=columns)
    result = bench.read("p")
    assert result.frame["units"].tolist() == [10]
    assert result.frame["opened_on"].dt.date.astype(str).tolist() == ["2020-01-31"]
    assert result.rejects[["source_row", "reason"]].to_numpy().tolist() == [[2, "not a whole number"]]


def test_units_are_converted(bench: Bench) -> None:
    bench.write("p.csv", 'id,name,price\n1,甲,"1.25"\n')
    columns = {"project_id": "id", "name": "name", "price_cny_m2": "price"}
    units = {"price_cny_m2": "10k CNY/m2"}
    bench.manifest("p", table="housing_projects", files=["p.csv"], format="csv", columns=columns, units=units)
    assert bench.read("p").frame["price_cny_m2"].tolist() == [12500.0]


def test_grids_are_multipolygons_that_were_delivered(bench: Bench, squares: Callable[..., None]) -> None:
    squares()
    columns = {"grid_code": "code", "name": "name"}
    keys = {"files": ["districts.geojson"], "format": "vector", "columns": columns, "constants": {"level": "district"}}
    bench.manifest("g", table="grids", **keys)
    frame = bench.read("g").frame
    assert set(frame.geom_type) == {"MultiPolygon"}
    assert frame["derived"].tolist() == [False, False]


def test_stations_hold_one_row_per_period(bench: Bench) -> None:
    rows = "s1,106.2,29.2,20200101,20201231\ns1,106.3,29.2,20210101,\ns1,106.4,29.2,20210101,\n"
    bench.write("b.csv", "id,x,y,from,to\n" + rows)
    columns = {"station_id": "id", "lon": "x", "lat": "y", "valid_from": "from", "valid_to": "to"}
    bench.manifest("b", table="base_stations", files=["b.csv"], format="csv", datum="WGS84", columns=columns)
    result = bench.read("b")
    assert len(result.frame) == 2 and result.rejects["source_row"].tolist() == [4]


def test_several_files_of_one_source_are_one_table(bench: Bench) -> None:
    for year in (2019, 2020):
        bench.write(f"f_{year}.csv", f"编号,名称,类型\n{year},甲,医院\n1,乙,医院\n")
    columns = {"facility_id": "编号", "name": "名称", "facility_type": "类型"}
    bench.manifest("f", table="facilities", files=["f_*.csv"], format="csv", columns=columns)
    result = bench.read("f")
    assert [(f.path_label, f.rows) for f in result.files] == [("f_2019.csv", 2), ("f_2020.csv", 2)]
    assert result.frame["facility_id"].tolist() == ["2019", "1", "2020"]
    assert result.rejects[["source_file", "source_row"]].to_numpy().tolist() == [["f_2020.csv", 3]]


def test_the_fingerprint_follows_bytes_and_manifest_only(bench: Bench) -> None:
    bench.write("f.csv", "名称,类型\n甲,医院\n")
    columns = {"name": "名称", "facility_type": "类型"}

    def taken(**keys: object) -> str:
        bench.manifest("f", table="facilities", files=["f.csv"], format="csv", columns=columns, **keys)
        city = bench.city()
        return fingerprint(city, city.source("f"), bench.settings)

    first = taken()
    assert taken() == first
    assert taken(nulls=["x"]) != first
    bench.write("f.csv", "名称,类型\n乙,医院\n")
    assert taken() != first


def test_legal_persons_with_coordinates_keep_their_datum(bench: Bench) -> None:
    x, y = (v[0] for v in from_wgs84([106.2], [29.5], "BD09"))
    firm = "91500105202863146T,甲公司"
    rows = f"91500107202863146X,x,106.2,29.5\n{firm},{float(x)},{float(y)}\n{firm},,\n"
    bench.write("r.csv", "码,名,经度,纬度\n" + rows)
    columns = {"uscc": "码", "name": "名", "lon": "经度", "lat": "纬度"}
    bench.manifest("r", table="legal_persons", files=["r.csv"], format="csv", datum="BD09", columns=columns)
    result = bench.read("r")
    contracts.check("legal_persons", result.frame)
    assert result.frame["lon"].tolist() == pytest.approx([106.2], abs=1e-6)
    assert result.frame["coord_datum"].tolist() == ["BD09"]
    assert result.rejects["source_row"].tolist() == [2, 4]


def test_progress_ends_with_all_bytes(bench: Bench) -> None:
    from models.sources import read_source

    bench.write("f.csv", "名称,类型\n甲,医院\n")
    columns = {"name": "名称", "facility_type": "类型"}
    bench.manifest("f", table="facilities", files=["f.csv"], format="csv", columns=columns)
    seen: list[tuple[int, int]] = []
    city = bench.city()
    read_source(city, city.source("f"), bench.settings, on_progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (seen[-1][1], (bench.folder / "f.csv").stat().st_size)
