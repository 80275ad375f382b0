"""Bad files meet a whole build: a clear message or rows in quarantine, nothing lost, the last build untouched."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.checks import check_city
from models.errors import CityhexError, SourceError
from models.sources.datum import from_wgs84
from models.store import Store

HEADER = "code,name,date,capital,scope,district,address"


def published(city: Any) -> dict[str, Any]:
    """Everything a reader can see of the live build."""
    with Store.open("smallville", city.settings, read_only=True) as store:
        shelf = city.settings.city_home("smallville") / "products"
        products = {n: hashlib.sha256((shelf / f.file).read_bytes()).hexdigest() for n, f in store.products().items()}
        tables = {t: store.frame(t).astype(str).to_csv() for t in ("legal_persons", "districts", "quarantine")}
        return {"build": store.require_live_build().build_id, **products, **tables}


def fails(city: Any, *words: str, checkable: bool = True) -> None:
    """A build of the spoilt city fails with one paragraph that holds the words and leaves what was live as it was.

    ``checkable`` is False where the profile itself is off, which a check of the live build cannot read either.
    """
    before = published(city)
    with pytest.raises(CityhexError) as caught:
        city.build()
    text = str(caught.value)
    assert "Traceback" not in text and "\n" not in text.strip()
    for word in words:
        assert word in text, text
    assert published(city) == before
    if checkable:
        assert check_city(city.folder, city.settings).ok


def rejected(city: Any, report: Any, source: str = "register") -> pd.DataFrame:
    """Rows in quarantine, after checking that every row read is either there or loaded."""
    account = next(a for a in report.sources if a.source_id == source)
    assert account.read == account.loaded + account.quarantined
    assert check_city(city.folder, city.settings).ok
    with Store.open("smallville", city.settings, read_only=True) as store:
        rows = store.frame("quarantine")
    rows = rows[rows["source_id"] == source].reset_index(drop=True)
    assert rows.drop_duplicates(["source_file", "source_row"]).shape[0] == account.quarantined
    assert rows["reason"].notna().all() and rows["source_row"].notna().all()
    return rows


@pytest.fixture
def city(small_city: Any) -> Any:
    """The small city, built once and well."""
    small_city.build()
    return small_city


def test_a_missing_column_is_named_with_those_there_are(city: Any) -> None:
    path = city.folder / "register.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(HEADER, HEADER.replace("date", "day")), encoding="utf-8")
    fails(city, "register.csv", "date", "day")


def test_a_wrong_encoding_is_named_with_the_one_that_would_read(city: Any) -> None:
    city.write_register(city.rows(), encoding="gb18030")
    fails(city, "register.csv", "utf-8", "gb18030")


def test_a_truncated_gz_is_refused_and_not_read_in_part(city: Any) -> None:
    city.write_register([*city.rows()])
    path = city.folder / "register.csv"
    packed = gzip.compress(path.read_bytes(), mtime=0)
    path.unlink()
    (city.folder / "register.csv.gz").write_bytes(packed[: len(packed) // 2])
    manifest = city.folder / "sources" / "register.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("register*.csv", "register*.csv.gz"))
    fails(city, "register.csv.gz", "truncated")


@pytest.mark.parametrize("content", ["", HEADER + "\n"])
def test_an_empty_file_is_refused(city: Any, content: str) -> None:
    (city.folder / "register.csv").write_text(content)
    fails(city, "register", "needed: at least one row" if content else "empty")


def test_a_missing_shared_file_says_where_it_comes_from(city: Any) -> None:
    manifest = city.folder / "sources" / "towns.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"towns.csv"', '"shared:geonames/towns.csv"'))
    fails(city, "geonames/towns.csv", "CITYHEX_SHARED", "made for this test")


def test_a_file_that_went_away_is_named(city: Any) -> None:
    (city.folder / "towns.csv").unlink()
    fails(city, "towns.csv", "Town seats")


def test_a_setting_of_the_manifest_that_is_not_allowed_is_named(city: Any) -> None:
    manifest = city.folder / "sources" / "towns.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('datum = "WGS84"', 'datum = "MARS84"'))
    fails(city, "towns.toml", "datum", "MARS84", "GCJ02", checkable=False)


def test_dates_in_many_forms_are_read_and_doubtful_ones_quarantined(city: Any) -> None:
    rows = city.rows()
    forms = ["2015/3/8", "20150308", "2015年3月8日", "03/04/2015", "2015-02-30", "不详"]
    for row, form in zip(rows, forms, strict=True):
        row[2] = form
    city.write_register(rows)
    found = rejected(city, city.build())
    assert found["found"].tolist() == forms[3:]
    assert found["source_row"].tolist() == [5, 6, 7]
    with Store.open("smallville", city.settings, read_only=True) as store:
        days = store.frame("legal_persons")["established_on"]
    assert set(days.dt.strftime("%Y-%m-%d")) == {"2015-03-08"}


def test_a_capital_of_a_trillion_yuan_is_flagged_and_in_no_sum(city: Any) -> None:
    with Store.open("smallville", city.settings, read_only=True) as store:
        before = store.product("subjects_by_area").to_pandas().set_index("area_code")["capital_cny_sum"]
    rows = city.rows()
    rows[0][3] = "100000000(万)"
    city.write_register(rows)
    assert rejected(city, city.build()).empty
    with Store.open("smallville", city.settings, read_only=True) as store:
        firm = store.subject(city.codes[0])
        after = store.product("subjects_by_area").to_pandas().set_index("area_code")["capital_cny_sum"]
    assert firm["capital_flag"] == "implausible" and firm["capital_text"] == "100000000(万)"
    assert before["500110"] - after["500110"] == 100_000


def test_codes_delivered_twice_are_loaded_once_and_told(city: Any) -> None:
    rows = city.rows()
    city.write_register([*rows, rows[1], rows[1]])
    found = rejected(city, city.build())
    assert found["source_row"].tolist() == [8, 9]
    assert set(found["column"]) == {"uscc"} and set(found["found"]) == {city.codes[1]}


def test_a_code_with_a_wrong_check_character_is_quarantined(city: Any) -> None:
    rows = city.rows()
    rows[2][0] = rows[2][0][:-1] + ("A" if rows[2][0][-1] != "A" else "B")
    city.write_register(rows)
    found = rejected(city, city.build())
    assert found[["source_row", "column"]].to_numpy().tolist() == [[4, "uscc"]]


def test_a_bow_tie_is_quarantined_and_the_rest_is_built(city: Any) -> None:
    tie = [[107.1, 29.0], [107.3, 29.2], [107.3, 29.0], [107.1, 29.2], [107.1, 29.0]]
    ring = [[106.6, 28.9], [106.8, 28.9], [106.8, 29.1], [106.6, 29.1], [106.6, 28.9]]
    east = [[x + 0.2, y] for x, y in ring]
    city.write_districts({"500110": ("綦江区", ring), "500111": ("大足区", east), "500112": ("渝北区", tie)})
    found = rejected(city, city.build(), "districts")
    assert len(found) == 1 and "intersection" in found["found"].iloc[0].lower()
    with Store.open("smallville", city.settings, read_only=True) as store:
        assert sorted(store.frame("districts")["name"]) == ["大足区", "綦江区"]


def test_a_firm_of_an_unknown_district_waits_in_the_queue(city: Any) -> None:
    rows = city.rows()
    rows[0][5:7] = ["火星区", "重庆市火星区一号路1号"]
    city.write_register(rows)
    report = city.build()
    assert rejected(city, report).empty
    assert report.conservation == {"subjects": 6, "located": 2, "in_grid": 2, "outside": 0, "unlocated": 4}
    with Store.open("smallville", city.settings, read_only=True) as store:
        queue = store.product("unlocated").to_pandas().set_index("uscc")
    assert queue.loc[city.codes[0], "district_given"] == "火星区"


def test_a_facility_in_an_unknown_district_is_quarantined_with_the_districts_there_are(city: Any) -> None:
    facilities(city, [("1", 106.7, 29.0, "綦江区"), ("2", 106.7, 29.0, "火星区")])
    found = rejected(city, city.build(), "facilities")
    assert found["found"].tolist() == ["火星区"]
    assert "綦江区" in found["reason"].iloc[0]


def test_points_in_a_wrong_datum_are_noticed_and_the_right_one_proposed(city: Any) -> None:
    rng = np.random.default_rng(11)
    west = rng.random(600) < 0.5
    lon = np.where(west, rng.uniform(106.792, 106.7999, 600), rng.uniform(106.8001, 106.808, 600))
    x, y = from_wgs84(lon, rng.uniform(28.95, 29.05, 600), "GCJ02")
    names = np.where(west, "綦江区", "大足区")
    facilities(city, [(str(i), *row) for i, row in enumerate(zip(x.tolist(), y.tolist(), names, strict=True))])
    city.build()
    notices = " ".join(check_city(city.folder, city.settings).notices)
    assert "facilities" in notices and "try datum = 'GCJ02'" in notices


def facilities(city: Any, rows: list[tuple[Any, ...]]) -> None:
    """Write a source of facilities declared WGS84."""
    lines = ["id,name,kind,lon,lat,district"]
    lines += [f"{key},第{key}小学,school,{lon!r},{lat!r},{name}" for key, lon, lat, name in rows]
    (city.folder / "facilities.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    head = (city.folder / "sources" / "towns.toml").read_text(encoding="utf-8").split("[columns]")[0]
    head = head.replace('"towns"', '"facilities"').replace("towns.csv", "facilities.csv")
    columns = {"facility_id": "id", "name": "name", "facility_type": "kind", "lon": "lon", "lat": "lat"}
    columns["district_code"] = "district"
    body = "\n".join(f'{key} = "{value}"' for key, value in columns.items())
    (city.folder / "sources" / "facilities.toml").write_text(f"{head}[columns]\n{body}\n", encoding="utf-8")


def test_after_a_failed_build_the_repaired_files_build(city: Any) -> None:
    good = (city.folder / "register.csv").read_bytes()
    (city.folder / "register.csv").write_bytes(b"")
    with pytest.raises(SourceError):
        city.build()
    Path(city.folder / "register.csv").write_bytes(good)
    report = city.build()
    assert report.conservation["subjects"] == 6
    assert report.ran == 0, "nothing had changed since the build before the failed one"
