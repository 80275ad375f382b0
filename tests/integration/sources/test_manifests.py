"""Every manifest that ships: it is valid, and where its files are here, it reads on contract in full account."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from models import contracts
from models.build.linking import with_inspection
from models.errors import SourceError
from models.profile import load_city
from models.settings import PROJECT_ROOT, Settings
from models.signaling.corridors import corridors_of, sections_of, table_of, ways_of
from models.signaling.network import Network
from models.signaling.road_rules import load_road_rules
from models.sources import SourceResult, find_files, read_source

MANIFESTS = sorted((PROJECT_ROOT / "data" / "cities").glob("*/sources/*.toml"))


def ids(path: Path) -> str:
    return f"{path.parent.parent.name}-{path.stem}"


_RESULTS: dict[tuple[str, str], SourceResult] = {}


def read(city_id: str, source_id: str, settings: Settings) -> SourceResult:
    """Read a source once for all tests: the census workbooks take seconds."""
    if (city_id, source_id) not in _RESULTS:
        city = load_city(city_id, settings)
        _RESULTS[city_id, source_id] = read_source(city, city.source(source_id), settings)
    return _RESULTS[city_id, source_id]


@pytest.mark.parametrize("manifest", MANIFESTS, ids=ids)
def test_a_manifest_is_valid_and_its_files_read_on_contract(manifest: Path, settings: Settings) -> None:
    city = load_city(manifest.parent.parent.name, settings)
    source = city.source(manifest.stem)
    try:
        find_files(city, source, settings)
    except SourceError as missing:
        assert source.title["en"] in str(missing) and source.origin["en"] in str(missing)
        pytest.skip(f"the files of {ids(manifest)} are not on this machine")
    result = read(city.id, source.id, settings)
    contracts.check(source.table, result.frame)
    contracts.check("quarantine", result.rejects)
    places = result.rejects[["source_file", "source_row"]].drop_duplicates()
    assert result.read == len(result.frame) + len(places) == sum(f.rows for f in result.files)
    assert set(result.rejects["source_file"].str.split("#").str[0]) <= {f.path_label for f in result.files}


_WORDS = re.compile(r"\b[a-z]+ [a-z]+ [a-z]+\b")


@pytest.mark.parametrize("manifest", MANIFESTS, ids=ids)
def test_a_reader_of_chinese_meets_no_english_sentence(manifest: Path, settings: Settings) -> None:
    source = load_city(manifest.parent.parent.name, settings).source(manifest.stem)
    assert re.search("[\u4e00-\u9fff]", source.title["zh-Hans"])
    assert not re.search("[\u4e00-\u9fff]", source.title["en"])
    for texts in (source.title, source.licence, source.attribution, source.origin):
        assert not _WORDS.search(texts["zh-Hans"])


@pytest.mark.realdata
class TestDocumentedDefects:
    """What is known to be wrong with the real files is found in the quarantine, counted."""

    def test_the_register_loses_only_its_nine_malformed_codes(self, settings: Settings) -> None:
        result = read("chongqing", "register", settings)
        assert (result.read, len(result.frame), result.rejected) == (68_439, 68_430, 9)
        assert set(result.rejects["column"]) == {"uscc"}
        assert result.frame["representative_key"].isna().mean() == pytest.approx(0.147, abs=0.002)

    def test_most_geocodes_of_guangzhou_lie_elsewhere(self, settings: Settings) -> None:
        result = read("guangzhou", "compounds", settings)
        assert result.read == 3448
        assert len(result.frame) / result.read == pytest.approx(0.053, abs=0.003)

    def test_listings_without_a_header_read_whole(self, settings: Settings) -> None:
        assert read("guangzhou", "listings", settings).read == 22_329

    def test_the_shifted_permits_of_chengdu_are_noticed(self, settings: Settings) -> None:
        result = read("chengdu", "presale_2023", settings)
        assert result.rejected == 51
        assert result.rejects["reason"].str.contains("11 columns where the header has 12").all()
        assert read("chengdu", "presale_2022", settings).frame["units"].sum() == 26_324

    def test_the_street_network_of_futian_reads_whole(self, settings: Settings) -> None:
        result = read("shenzhen", "roads", settings)
        assert len(result.frame) == 4009
        assert any("highway" in note for note in result.notes)

    def test_the_points_of_shanghai_agree_best_with_their_districts_as_declared(self, settings: Settings) -> None:
        (note,) = read("shanghai", "hospitals", settings).notes
        assert "nothing speaks against the declared WGS84" in note

    def test_qijiang_is_two_areas_in_2010_and_one_in_2020(self, settings: Settings) -> None:
        values = pd.concat([read("chongqing", f"census_{year}", settings).frame for year in (2010, 2020)])
        people = values[values["indicator"] == "residents"].set_index(["area_code", "vintage"])
        assert people.loc[("500222", "2010 census"), "value"] == 801_041
        assert people.loc[("500110", "2010 census"), "value"] == 255_776
        assert people.loc[("500110", "2020 census"), "value"] == 1_011_334
        assert "without 万盛区" in people.loc[("500222", "2010 census"), "area_definition"]
        assert "with the former 万盛区" in people.loc[("500110", "2020 census"), "area_definition"]

    def test_the_food_businesses_without_coordinates_stay_without_a_point(self, settings: Settings) -> None:
        result = read("sf_food", "businesses", settings)
        assert (result.read, len(result.frame), result.rejected) == (6_359, 6_358, 1)
        assert result.rejects["reason"].str.contains("outside of the city's bounds").all()
        assert result.frame.geometry.isna().sum() == 3_027  # 47.6 %
        assert "3027 of 6359 rows have no coordinates: no point" in result.notes
        assert result.frame["name"].str.contains("[À-ÿ]").any()

    def test_every_food_inspection_and_violation_is_loaded_with_its_doubts(self, settings: Settings) -> None:
        inspections, findings = (read("sf_food", name, settings) for name in ("inspections", "violations"))
        assert (inspections.read, findings.read) == (25_863, 37_965)
        assert inspections.rejected == findings.rejected == 0
        checks = inspections.frame
        assert checks.duplicated(["subject_id", "inspected_on"]).sum() == 1_719
        assert checks["inspection_id"].is_unique
        assert checks["score"].isna().mean() == pytest.approx(0.467, abs=0.001)
        assert checks["officer_key"].isna().all()
        assert (checks["kind"] == "routine").sum() == 13_850
        assert findings.frame["severity"].value_counts().to_dict() == {"low": 18_826, "moderate": 13_629, "high": 5_510}
        linked, lost = with_inspection(findings.frame, checks)
        assert lost.empty
        bare = linked[linked["inspection_id"].isna()]
        days = pd.MultiIndex.from_frame(checks[["subject_id", "inspected_on"]])
        without = ~pd.MultiIndex.from_frame(bare[["subject_id", "found_on"]]).isin(days)
        # 104 violations of days without any inspection, 74 of days whose inspections cannot be told apart.
        assert (int(without.sum()), int((~without).sum())) == (104, 74)

    def test_districts_of_a_census_add_up_to_the_city(self, settings: Settings) -> None:
        for year in (2010, 2020):
            frame = read("chongqing", f"census_{year}", settings).frame
            people = frame[frame["indicator"] == "residents"].groupby("area_level")["value"].sum()
            assert people["district"] == people["city"]

    def test_the_crosswalk_turns_every_county_of_2010_into_a_district_of_2020(self, settings: Settings) -> None:
        changes = read("chongqing", "area_changes", settings).frame
        old, new = (read("chongqing", f"census_{year}", settings).frame for year in (2010, 2020))
        today = set(new["area_code"])
        coded = changes[changes["kind"] != "zone"].dropna(subset="old_code").set_index("old_code")["new_code"]
        for code in set(old["area_code"]) - today:
            assert coded[code] in today, code
        named = old.drop_duplicates("area_code").set_index("area_code")["area_name"]
        known = changes.dropna(subset="old_code").drop_duplicates("old_code").set_index("old_code")["old_name"]
        shared = named.index.intersection(known.index)
        assert (named[shared] == known[shared]).all() and len(shared) >= 11
        assert set(changes["new_code"]) <= today


def test_the_code_list_agrees_with_the_crosswalk() -> None:
    folder = PROJECT_ROOT / "data" / "reference"
    codes = pd.read_csv(folder / "admin_codes_chongqing.csv", dtype=str)
    changes = pd.read_csv(folder / "area_changes.csv", dtype=str).query("city == 'chongqing'").dropna(subset="old_code")
    current = set(codes.loc[codes["valid_to"].isna(), "code"])
    assert len(current) == 38
    former = codes[codes["valid_to"].notna()].set_index(["code", "name"])["code_today"]
    assert former.to_dict() == changes.set_index(["old_code", "old_name"])["new_code"].to_dict()
    assert set(former) <= current


@pytest.mark.realdata
def test_the_streets_of_futian_become_corridors_and_sections(settings: Settings) -> None:
    """The named main roads of a real network, masts every 400 m: every metre is in one section of each direction."""
    streets = gpd.GeoDataFrame(read("shenzhen", "roads", settings).frame, geometry="geometry", crs=4326)
    rules = load_road_rules().sections
    found = corridors_of(streets, ("motorway", "trunk", "primary", "secondary"), 4547, rules)
    assert [corridor.name for corridor in found] == ["深南大道", "深南大道辅路"]  # the two that are long enough
    assert found[0].line.length == pytest.approx(4_027, abs=5)  # 7,835 m are drawn: two carriageways are one road
    assert all(corridor.line.length >= rules.min_corridor_m for corridor in found)
    ends = np.vstack([shapely.get_coordinates(corridor.line) for corridor in found])
    (west, south), (east, north) = ends.min(axis=0), ends.max(axis=0)
    x, y = (axis.ravel() for axis in np.meshgrid(np.arange(west, east, 400.0), np.arange(south, north, 400.0)))
    table = pd.DataFrame({"cell_id": np.arange(len(x)).astype(str), "x": x, "y": y, "radius_m": 350.0,
                          "azimuth_deg": 0.0, "beamwidth_deg": 360.0})  # fmt: skip
    network, active = Network(table, "test"), np.ones(len(x), dtype=bool)
    sections = sections_of(found, network, active, rules)
    length = sections.end - sections.begin
    assert length.sum() == pytest.approx(sum(corridor.line.length for corridor in found), rel=1e-9)
    assert np.median(length) == rules.length_m
    shown = table_of(found, sections, 4547)
    assert len(shown) == 2 * len(length)
    assert shown["section_id"].is_unique
    contracts.check("road_sections", contracts.conform("road_sections", shown.assign(period="2015")))
    ways = ways_of(found, sections, network, active)
    assert len(ways.key) > 300
    assert np.median(ways.spread) < 400
