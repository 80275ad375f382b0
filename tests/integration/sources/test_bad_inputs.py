"""Files as they come: each fault has a clear message, and nothing is lost."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import openpyxl
import pytest

from models.errors import SourceError
from models.sources.datum import from_wgs84
from tests.integration.sources.conftest import Bench

COLUMNS = {"facility_id": "编号", "name": "名称", "facility_type": "类型", "lon": "经度", "lat": "纬度"}
HEADER = "编号,名称,类型,经度,纬度\n"
GOOD = "1,第一医院,医院,106.2,29.5\n"


@pytest.fixture
def hospitals(bench: Bench) -> Callable[..., None]:
    def write(content: str | bytes, name: str = "h.csv", **keys: Any) -> None:
        bench.write(name, content)
        given = {"table": "facilities", "files": [name], "format": "csv", "datum": "WGS84", "columns": COLUMNS, **keys}
        bench.manifest("h", **given)

    return write


def test_a_missing_file_says_which_and_where_it_comes_from(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER, files=["shared:nowhere/h.csv"])
    with pytest.raises(SourceError, match=r"nowhere/h.csv.*A list, from the test that wrote it.*CITYHEX_SHARED"):
        bench.read("h")


def test_a_missing_column_names_it_and_those_present(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals("编号,名称,种类,经度,纬度\n" + GOOD)
    with pytest.raises(SourceError, match=r"'类型' are missing; the file has '编号', '名称', '种类'"):
        bench.read("h")


def test_a_wrong_encoding_names_byte_line_and_what_would_decode(bench: Bench, hospitals: Callable[..., None]) -> None:
    columns = {**COLUMNS, "facility_id": "id", "name": "name", "facility_type": "type", "lon": "lon", "lat": "lat"}
    text = "id,name,type,lon,lat\n1,x,y,106.2,29.5\n2,第一医院,医院,106.2,29.5\n"
    hospitals(text.encode("gb18030"), columns=columns)
    with pytest.raises(SourceError, match=r"byte 40 on line 3 \(b5\) is not utf-8.*gb18030"):
        bench.read("h")


def test_utf8_declared_as_gb18030_is_not_read_as_nonsense(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER + GOOD, encoding="gb18030")
    with pytest.raises(SourceError, match="bytes are UTF-8"):
        bench.read("h")


def test_a_truncated_gz_loads_nothing(bench: Bench, hospitals: Callable[..., None]) -> None:
    packed = gzip.compress((HEADER + GOOD * 50_000).encode())
    hospitals(packed[: len(packed) // 2], name="h.csv.gz")
    with pytest.raises(SourceError, match="truncated or damaged"):
        bench.read("h")


def test_a_file_that_is_no_gz_says_so(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER + GOOD, name="h.csv.gz")
    with pytest.raises(SourceError, match="gzip file is truncated or damaged"):
        bench.read("h")


@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file_is_refused(bench: Bench, hospitals: Callable[..., None], content: str) -> None:
    hospitals(content)
    with pytest.raises(SourceError, match="empty"):
        bench.read("h")


def test_a_header_without_rows_is_refused(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER)
    with pytest.raises(SourceError, match="no row"):
        bench.read("h")


def test_rows_with_too_many_or_few_columns_go_to_quarantine_with_their_line(
    bench: Bench, hospitals: Callable[..., None]
) -> None:
    hospitals(HEADER + '1,"第一\n医院",医院,106.2,29.5\n2,多,了,一,列,吗\n\n3,少\n4,第四医院,医院,106.3,29.4\n')
    result = bench.read("h")
    assert result.rejects["source_row"].tolist() == [4, 6]
    assert result.rejects["reason"].tolist() == [f"the row has {n} columns where the header has 5" for n in (6, 2)]
    assert result.rejects["raw"].tolist() == ["2,多,了,一,列,吗", "3,少"]
    assert result.frame["facility_id"].tolist() == ["1", "4"]


def test_a_quote_that_is_never_closed_is_refused_with_its_line(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER + GOOD + '2,"第二医院,医院,106.2,29.5\n3,第三医院,医院,106.2,29.5\n')
    with pytest.raises(SourceError, match="opened on line 3 is never closed"):
        bench.read("h")


def test_faulty_numbers_positions_and_repeated_keys_go_to_quarantine(
    bench: Bench, hospitals: Callable[..., None]
) -> None:
    rows = [
        "1,甲,医院,106.2,29.5",
        "2,乙,医院,east,29.5",
        "3,丙,医院,106.2,",
        "4,丁,医院,29.5,106.2",
        "1,戊,医院,106.2,29.5",
    ]
    hospitals(HEADER + "\n".join(rows) + "\n")
    result = bench.read("h")
    said = dict(zip(result.rejects["source_row"], result.rejects["reason"], strict=True))
    assert result.frame["name"].tolist() == ["甲"]
    assert said[3] == "not a number"
    assert said[4] == "one of the two coordinates is missing"
    assert said[5].startswith("not a position")
    assert said[6].startswith("repeats the key")


def test_mixed_date_formats_are_read_and_ambiguous_ones_quarantined(bench: Bench) -> None:
    days = ["2020-01-31", "31/01/2020", "03/04/2020", "soon", "2020年2月1日", "05/05/2020"]
    bench.write("p.csv", "id,name,day\n" + "".join(f"{i},n,{d}\n" for i, d in enumerate(days)))
    bench.manifest(
        "p",
        table="housing_projects",
        files=["p.csv"],
        format="csv",
        columns={"project_id": "id", "name": "name", "opened_on": "day"},
        dates={"opened_on": ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y年%m月%d日"]},
    )
    result = bench.read("p")
    read = dict(zip(result.frame["project_id"], result.frame["opened_on"].dt.strftime("%Y-%m-%d"), strict=True))
    assert read == {"0": "2020-01-31", "1": "2020-01-31", "4": "2020-02-01", "5": "2020-05-05"}
    assert result.rejects["found"].tolist() == ["03/04/2020", "soon"]
    assert "two ways" in result.rejects["reason"].iloc[0]


def test_geometry_without_a_reference_system_is_refused(bench: Bench, squares: Callable[..., None]) -> None:
    squares(crs=False)
    with pytest.raises(SourceError, match=r"no reference system.*datum"):
        bench.read("districts")


def bow_tie() -> dict[str, Any]:
    ring = [[106.0, 30.0], [107.0, 30.5], [107.0, 30.0], [106.0, 30.5], [106.0, 30.0]]
    return {
        "type": "Feature",
        "properties": {"code": "500103", "name": "北区"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_a_bow_tie_is_quarantined_with_the_place_of_the_fault(bench: Bench, squares: Callable[..., None]) -> None:
    squares([bow_tie()])
    result = bench.read("districts")
    assert result.frame["name"].tolist() == ["西区", "东区"]
    assert result.rejects["found"].iloc[0].startswith("Self-intersection[106.5 30.25")
    assert result.rejects["source_row"].tolist() == [3]


def test_a_bow_tie_is_repaired_where_the_manifest_says_so_and_the_repair_is_told(
    bench: Bench, squares: Callable[..., None]
) -> None:
    squares([bow_tie()], repair=True)
    result = bench.read("districts")
    assert len(result.frame) == 3 and result.frame.geometry.is_valid.all()
    assert "row 3: Self-intersection" in result.notes[0]


def test_an_unknown_district_is_quarantined_and_an_old_name_is_understood(
    bench: Bench, squares: Callable[..., None], hospitals: Callable[..., None]
) -> None:
    squares()
    bench.write("changes.csv", "o,n,c,k\n旧县,东区,500101,merge\n某新区,西区,500102,zone\n")
    changes = {"old_name": "o", "new_name": "n", "new_code": "c", "kind": "k"}
    bench.manifest("changes", table="area_changes", files=["changes.csv"], format="csv", columns=changes)
    names = ["东区", "旧县", "500102", "某新区", "火星区", ""]
    rows = "".join(f"{i},医院,医院,106.2,29.5,{n}\n" for i, n in enumerate(names))
    hospitals(HEADER.strip() + ",区\n" + rows, columns={**COLUMNS, "district_code": "区"})
    result = bench.read("h")
    assert result.frame["district_code"].tolist() == ["500101", "500101", "500102", "500102"]
    assert result.rejects["found"].tolist() == ["某新区", "火星区"]
    assert "the city has 西区, 东区" in result.rejects["reason"].iloc[0]


@pytest.mark.parametrize("true_datum", ["WGS84", "GCJ02", "BD09"])
def test_a_wrong_datum_is_noticed_and_the_right_one_proposed(
    bench: Bench, squares: Callable[..., None], hospitals: Callable[..., None], true_datum: str
) -> None:
    squares()
    rng = np.random.default_rng(7)
    west = rng.random(800) < 0.5
    lon = np.where(west, rng.uniform(106.49, 106.4999, 800), rng.uniform(106.5001, 106.51, 800))
    x, y = from_wgs84(lon, rng.uniform(29.1, 29.9, 800), true_datum)
    names = np.where(west, "西区", "东区")
    points = zip(x.tolist(), y.tolist(), names, strict=True)
    rows = "".join(f"{i},医院,医院,{a!r},{b!r},{n}\n" for i, (a, b, n) in enumerate(points))
    hospitals(HEADER.strip() + ",区\n" + rows, columns={**COLUMNS, "district_code": "区"})
    (note,) = bench.read("h").notes
    assert (f"try datum = '{true_datum}'" in note) == (true_datum != "WGS84")
    assert f"100.00% as {true_datum}" in note


def workbook(bench: Bench, rows: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(bench.folder / "h.xlsx")


def test_a_workbook_keeps_its_row_numbers_and_formulas_stay_text(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals("", files=["h.xlsx"], format="xlsx", header_row=2)
    header = HEADER.strip().split(",")
    rows = [["表一"], header, [1, "甲", "医院", 106.2, 29.5], [], [2, "=1+1", "医院", "=106+0.2", 29.5]]
    workbook(bench, rows)
    result = bench.read("h")
    assert result.frame["facility_id"].tolist() == ["1"]
    assert result.rejects["source_row"].tolist() == [5]
    assert result.rejects["found"].tolist() == ["=106+0.2"]
    assert "名称==1+1" in result.rejects["raw"].iloc[0]


def test_a_workbook_that_expands_too_much_is_not_opened(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals("", files=["h.xlsx"], format="xlsx")
    with zipfile.ZipFile(bench.folder / "h.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (30 << 20))
    with pytest.raises(SourceError, match=r"expands from .* and was not opened"):
        bench.read("h")


@pytest.mark.parametrize(
    ("entry", "said"), [("xl/vbaProject.bin", "macros"), ("xl/externalLinks/externalLink1.xml", "links to other files")]
)
def test_macros_and_links_are_refused(bench: Bench, hospitals: Callable[..., None], entry: str, said: str) -> None:
    hospitals("", files=["h.xlsx"], format="xlsx")
    with zipfile.ZipFile(bench.folder / "h.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "x")
        archive.writestr(entry, "x")
    with pytest.raises(SourceError, match=said):
        bench.read("h")


def test_a_text_file_named_xlsx_is_refused(bench: Bench, hospitals: Callable[..., None]) -> None:
    hospitals(HEADER, name="h.xlsx", format="xlsx")
    with pytest.raises(SourceError, match="not an XLSX workbook"):
        bench.read("h")


@pytest.mark.parametrize("name", ["d.vrt", "d.gml", "d.geojson.zip"])
def test_other_vector_formats_are_not_opened(bench: Bench, name: str) -> None:
    bench.write(name, "<OGRVRTDataSource/>")
    columns = {"district_code": "code", "name": "name"}
    bench.manifest("d", table="districts", files=[name], format="vector", columns=columns)
    with pytest.raises(SourceError, match="is not one of a vector file"):
        bench.read("d")


def test_a_disguised_vector_file_is_not_opened(bench: Bench) -> None:
    bench.write("d.geojson", "<OGRVRTDataSource><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTDataSource>")
    columns = {"district_code": "code", "name": "name"}
    bench.manifest("d", table="districts", files=["d.geojson"], format="vector", columns=columns)
    with pytest.raises(SourceError, match="does not begin like"):
        bench.read("d")


def test_a_persons_name_never_reaches_the_quarantine(bench: Bench) -> None:
    rows = "91500222MA5U000000,坏码公司,王小明,2019-01-01\n91500107202863146X,短行,王小明\n"
    bench.write("r.csv", "码,名,人,日\n" + rows)
    columns = {"uscc": "码", "name": "名", "representative": "人", "established_on": "日"}
    bench.manifest("r", table="legal_persons", files=["r.csv"], format="csv", columns=columns)
    result = bench.read("r")
    assert result.rejected == 2
    assert not result.rejects.astype("str").apply(lambda c: c.str.contains("王小明")).to_numpy().any()
