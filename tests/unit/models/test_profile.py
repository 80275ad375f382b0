"""Profiles and manifests, and what is said where they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.errors import ConfigError, UnknownNameError
from models.profile import ProfileError, load_city
from models.profile.signaling import load_signaling
from models.settings import Settings

CITY = """
name = { zh-Hans = "某市" }
crs = 4544
timezone = "Asia/Shanghai"
disclosure_k = 10
view = { lon = 106.5, lat = 29.5, zoom = 9 }
[grid]
kind = "none"
"""
SOURCE = """
table = "facilities"
files = ["hospitals.csv"]
format = "csv"
datum = "WGS84"
title = { zh-Hans = "医院", en = "Hospitals" }
licence = "CC0-1.0"
attribution = "nobody"
vintage = "2024"
cadence = "yearly"
origin = "written for a test"
[columns]
name = "名称"
facility_type = "类型"
lon = "经度"
lat = "纬度"
"""


def profile(folder: Path, city: str = CITY, source: str = SOURCE) -> Path:
    (folder / "sources").mkdir(parents=True)
    (folder / "city.toml").write_text(city, encoding="utf-8")
    (folder / "sources" / "hospitals.toml").write_text(source, encoding="utf-8")
    return folder


def test_a_profile_is_found_by_path_and_takes_its_ids_from_the_names_of_files(
    tmp_path: Path, settings: Settings
) -> None:
    city = load_city(profile(tmp_path / "elsewhere"), settings)
    assert city.id == "elsewhere"
    assert [s.id for s in city.sources_of("facilities")] == ["hospitals"]
    assert city.sources_of("roads") == ()


def test_a_plain_text_of_a_manifest_reads_the_same_in_every_language(tmp_path: Path, settings: Settings) -> None:
    source = load_city(profile(tmp_path / "city"), settings).source("hospitals")
    assert source.title == {"zh-Hans": "医院", "en": "Hospitals"}
    assert source.attribution == {"zh-Hans": "nobody", "en": "nobody"}


def test_an_unknown_city_lists_those_that_exist(settings: Settings) -> None:
    with pytest.raises(UnknownNameError, match="chongqing"):
        load_city("atlantis", settings)


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ('format = "csv"', 'format = "dbf"', "format", "'csv'"),
        ('datum = "WGS84"', 'datum = "BD-09"', "datum", "BD09"),
        ('datum = "WGS84"', "", "the file", "coordinates need a datum"),
        ('cadence = "yearly"', 'cadence = "now and then"', "cadence", "'yearly'"),
        ('title = { zh-Hans = "医院", en = "Hospitals" }', "", "title", "required"),
        ('title = { zh-Hans = "医院", en = "Hospitals" }', 'title = "Hospitals"', "title", "zh-Hans and en"),
        ('title = { zh-Hans = "医院", en', "title = { en", "title", "zh-Hans and en"),
        ('attribution = "nobody"', 'attribution = { fr = "personne" }', "attribution", "zh-Hans and en"),
        ('licence = "CC0-1.0"', 'license = "CC0-1.0"', "license", "attribution"),
        ('lat = "纬度"', "", "the file", "lon and lat"),
        ('name = "名称"', 'nama = "名称"', "the file", "not nama"),
        ('vintage = "2024"', 'vintage = "2024"\nencoding = "utf-9"', "encoding", "gb18030"),
        ("[columns]", '[units]\nlon = "miles"\n[columns]', "units", "km"),
        ('table = "facilities"', 'table = "shops"', "table", "'facilities'"),
    ],
)
def test_a_fault_in_a_manifest_names_file_key_and_what_is_allowed(
    tmp_path: Path, settings: Settings, old: str, new: str, key: str, said: str
) -> None:
    folder = profile(tmp_path / "city", source=SOURCE.replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_city(folder, settings)
    first = caught.value.problems[0] if isinstance(caught.value, ProfileError) else caught.value
    assert str(folder / "sources" / "hospitals.toml") in str(caught.value)
    assert said in str(caught.value)
    assert key in {first.key, *(p.key for p in getattr(caught.value, "problems", []))}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("crs = 4544", "crs = 4326", "in metres"),
        ("crs = 4544", "crs = 1025", "projected"),
        ("Asia/Shanghai", "Asia/Peking", "IANA"),
        ("zh-Hans", "fr", "zh-Hans"),
        ('kind = "none"', 'kind = "file"', "a source of the table grids"),
        ("zoom = 9", "zoom = 99", "less than or equal to 22"),
        ("[grid]", "[grid", "valid TOML"),
        ("[grid]", "[matching]\nmin_trust = 0.6\n[grid]", "min_trust.*min_confidence"),
        ("[grid]", "[matching]\nmin_confidence = 1.6\n[grid]", "from 0 to 1"),
        ("[grid]", "[matching]\nmax_candidates = 2.5\n[grid]", "whole number"),
        ("[grid]", "[matching]\nfactors = { luck = 0.5 }\n[grid]", "reason code"),
    ],
)
def test_a_fault_in_the_city_is_named(tmp_path: Path, settings: Settings, old: str, new: str, said: str) -> None:
    folder = profile(tmp_path / "city", city=CITY.replace(old, new))
    with pytest.raises(ConfigError, match=said):
        load_city(folder, settings)


def test_all_problems_are_named_at_once(tmp_path: Path, settings: Settings) -> None:
    source = SOURCE.replace('"csv"', '"dbf"').replace('"yearly"', '"never"')
    folder = profile(tmp_path / "city", city=CITY.replace("Asia/Shanghai", "x"), source=source)
    with pytest.raises(ProfileError) as caught:
        load_city(folder, settings)
    assert [p.key for p in caught.value.problems] == ["format", "cadence", "timezone"]


def test_a_profile_cannot_be_changed(tmp_path: Path, settings: Settings) -> None:
    city = load_city(profile(tmp_path / "city"), settings)
    with pytest.raises(ValueError, match="frozen"):
        city.disclosure_k = 1  # type: ignore[misc]


def test_people_are_laid_only_on_hexagons_that_the_city_has(settings: Settings) -> None:
    city = load_city("demo", settings).model_copy(update={"h3_resolutions": (7, 8)})
    with pytest.raises(ConfigError, match=r"signaling\.toml: finest is 9; allowed: one of .*7, 8"):
        load_signaling(city)
