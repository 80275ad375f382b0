"""Files hold what the screen shows, say what they are, and cannot run anything."""

from __future__ import annotations

import csv
import io

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import export, registry
from layers.access import LOCAL, Actor
from layers.requests import Request
from layers.serve import serve
from layers.text import text
from models.errors import AccessDeniedError, RequestError, StoreError, UnknownNameError
from models.store import SubjectFilter

LAYERS = tuple(registry.layers().values())


def read_csv(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def read_xlsx(body):
    book = openpyxl.load_workbook(io.BytesIO(body))
    about, data = book.worksheets
    return {row[0]: row[1] for row in about.values}, list(data.values)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.id)
def test_both_formats_hold_every_row_of_every_layer(layer, shared_store, city):
    served = serve(layer, Request(layer.support.reference), LOCAL, store=shared_store, city=city)
    body, name, mime = export.table(shared_store, city, LOCAL, layer.id, lang="en", fmt="csv")
    rows = read_csv(body)
    assert len(rows) == len(served.frame) + 1
    assert name.startswith(f"small_{layer.id}") and name.endswith(".csv") and mime == "text/csv"
    body, name, _ = export.table(shared_store, city, LOCAL, layer.id, lang="en", fmt="xlsx")
    _, data = read_xlsx(body)
    assert len(data) == len(rows)
    assert [str(v) for v in data[0]] == rows[0]
    assert name.endswith(".xlsx")


@pytest.mark.parametrize("lang", ["zh-Hans", "en"])
def test_the_readme_says_what_from_where_and_under_which_licence(lang, shared_store, city):
    body, _, _ = export.table(
        shared_store, city, LOCAL, "registrations", resolution="8", period="2014-06", lang=lang, fmt="xlsx"
    )
    about, _ = read_xlsx(body)
    for key in (
        "title",
        "method",
        "source",
        "licence",
        "date",
        "build",
        "rows",
        "filter",
        "flags",
        "synthetic",
        "period",
    ):
        assert about[text(f"readme.{key}", lang)], key
    assert about[text("readme.build", lang)] == "b-1"
    assert "CC BY 4.0" in about[text("readme.licence", lang)]


def test_every_table_carries_the_map_approval_number(shared_store, city):
    given = city.model_copy(update={"map_approval_no": "渝S(2026)001号"})
    for profile, shown in ((given, "渝S(2026)001号"), (city, "待填")):
        body, _, _ = export.table(shared_store, profile, LOCAL, "location-error", resolution="8", lang="zh-Hans")
        assert read_xlsx(body)[0]["审图号"] == shown


def test_values_are_the_served_ones_and_nothing_shown_is_empty_not_zero(shared_store, city):
    body, _, _ = export.table(shared_store, city, LOCAL, "location-error", resolution="8", lang="en", fmt="csv")
    head, *rows = read_csv(body)
    served = serve(registry.layer("location-error"), Request("8"), LOCAL, store=shared_store, city=city)
    state, value = head.index("state"), head.index("value")
    assert {row[state] for row in rows} == {"observed", "no_data"}
    assert all((row[value] == "") == (row[state] == "no_data") for row in rows)
    assert sum(float(row[value] or 0) for row in rows) == pytest.approx(served.frame["value"].sum())


@given(st.text(max_size=30))
@settings(max_examples=200, deadline=None)
def test_no_text_of_a_csv_starts_a_formula_and_all_of_it_comes_back(value):
    cell = read_csv(export.csv_bytes(pd.DataFrame({"a": ["x", value]})))[2][0] if "\x00" not in value else value
    if "\x00" not in value:
        assert not cell.startswith(export.FORMULA_STARTS)
        assert cell.removeprefix("'") == value.removeprefix("'") or value.startswith("'")


def test_numbers_stay_numbers_also_below_zero():
    assert read_csv(export.csv_bytes(pd.DataFrame({"a": [-5.5, None]})))[1:] == [["-5.5"], [""]]


def test_a_formula_in_a_workbook_is_text(store, city):
    body, _, _ = export.subjects(store, city, LOCAL, SubjectFilter(), lang="zh-Hans", fmt="xlsx", filters="全部")
    book = openpyxl.load_workbook(io.BytesIO(body))
    sheet = book.worksheets[1]
    column = [cell.value for cell in sheet[1]].index("address")
    assert sheet[2][column].value == "=cmd()"
    assert sheet[2][column].data_type == "s"


def test_a_list_of_subjects_never_holds_the_key_of_a_person(store, city, city_frames):
    for fmt in ("csv", "xlsx"):
        body, _, _ = export.subjects(store, city, LOCAL, SubjectFilter(), lang="en", fmt=fmt)
        rows = read_csv(body) if fmt == "csv" else read_xlsx(body)[1]
        assert "representative_key" not in rows[0]
        assert len(rows) == len(city_frames["subjects"]) + 1
    with pytest.raises(AccessDeniedError):
        export.subjects(store, city, Actor("p", frozenset({"public"})), SubjectFilter(), lang="en")


def test_h3_cells_are_written_as_everybody_writes_them():
    frame = pd.DataFrame({"h3": pd.array([0x8840198C9DFFFFF, None], dtype="UInt64")})
    assert read_csv(export.csv_bytes(frame))[1:] == [["8840198c9dfffff"], [""]]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "gpkg"])
def test_a_product_is_written_whole_without_its_person_columns(ending, store, city, tmp_path, city_frames):
    path = tmp_path / f"subjects.{ending}"
    rows = export.write_product(store, city, "subjects", path)
    assert rows == len(city_frames["subjects"])
    if ending == "csv":
        found = pd.read_csv(path, encoding="utf-8-sig")
    elif ending == "xlsx":
        found = pd.read_excel(path, sheet_name="Data")
    else:
        found = pd.read_parquet(path) if ending == "parquet" else gpd.read_file(path)
    assert len(found) == rows
    assert "representative_key" not in found
    assert found["name"].iloc[0] == city_frames["subjects"]["name"].iloc[0]


def test_what_cannot_be_written_is_said_in_a_sentence(store, city, tmp_path):
    with pytest.raises(RequestError, match=r"\.csv, \.xlsx, \.parquet, \.gpkg"):
        export.write_product(store, city, "subjects", tmp_path / "a.txt")
    with pytest.raises(UnknownNameError, match="no_such"):
        export.write_product(store, city, "no_such", tmp_path / "a.csv")
    with pytest.raises(RequestError, match="no geometry"):
        export.write_product(store, city, "residents_change", tmp_path / "a.gpkg")
    with pytest.raises(StoreError, match="cannot be written"):
        export.write_product(store, city, "subjects", tmp_path / "missing" / "a.csv")


def test_more_rows_than_a_sheet_holds_are_refused_before_the_work():
    frame = pd.DataFrame({"a": range(export.XLSX_ROWS + 1)})
    with pytest.raises(RequestError, match="Take CSV"):
        export.xlsx_bytes(frame, [], "a", "b")


def test_a_long_list_is_read_in_pages_and_comes_whole(store, city, city_frames, monkeypatch):
    monkeypatch.setattr(export, "PAGE_ROWS", 64)
    body, _, _ = export.subjects(store, city, LOCAL, SubjectFilter(), lang="en", fmt="csv")
    codes = [row[0] for row in read_csv(body)[1:]]
    assert codes == city_frames["subjects"]["uscc"].tolist()


def test_the_number_of_rows_is_told_before_the_file_is_handed_out(shared_store, city):
    told = []
    body, _, _ = export.table(
        shared_store, city, LOCAL, "location-error", resolution="8", lang="en", fmt="csv", leaving=told.append
    )
    assert told == [len(read_csv(body)) - 1]

    def refuse(_):
        raise StoreError("the log cannot be written")

    with pytest.raises(StoreError, match="the log"):
        export.table(shared_store, city, LOCAL, "location-error", resolution="8", lang="en", fmt="csv", leaving=refuse)


def test_an_open_copy_has_the_same_noise_every_time_and_hides_the_devices(store, city, tmp_path):
    paths = [tmp_path / name for name in ("plain.csv", "open.csv", "again.csv")]
    for path, key in zip(paths, (None, b"noise", b"noise"), strict=True):
        export.write_product(store, city, "commute_flows", path, noise_key=key)
    plain, noisy, again = (pd.read_csv(path) for path in paths)
    assert noisy.equals(again)
    shown = plain["persons"].notna()
    assert not noisy.loc[shown, "persons"].equals(plain.loc[shown, "persons"])
    assert noisy.loc[~shown, "persons"].isna().all()
    assert "devices" not in noisy
    with pytest.raises(RequestError, match="noise is for counts of people"):
        export.write_product(store, city, "subjects", tmp_path / "s.csv", noise_key=b"noise")
