"""CSV as text: every record with the physical line it starts on."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.profile import Source
from models.sources import csv_text
from models.sources.files import FoundFile

CELL = st.text(st.sampled_from('甲乙ab1," \n\r\t'), max_size=6)


def source(**keys: object) -> Source:
    given = {
        "id": "s", "table": "area_changes", "files": ("s.csv",), "format": "csv",
        "title": {"zh-Hans": "表", "en": "t"}, "licence": "l", "attribution": "a",
        "vintage": "v", "cadence": "once", "origin": "o",
        "columns": {"old_name": "x", "new_name": "y", "new_code": "z", "kind": "z"},
    }  # fmt: skip
    return Source.model_validate({**given, **keys})


def reference_rows(text: str) -> list[tuple[int, list[str]]]:
    """Records by Python's own csv module, with the line each starts on; empty lines and `,,` are no records."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found, line = [], 1
    for row in reader:
        if row and not (len(row) == 3 and not any(row)):
            found.append((line, row))
        line = reader.line_num + 1
    return found


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=4), min_size=1, max_size=12), end=st.booleans())
def test_records_and_lines_equal_those_of_the_csv_module(tmp_path: Path, rows: list[list[str]], end: bool) -> None:
    clean = [[c.replace("\r", "") for c in row] for row in rows]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([["x", "y", "z"], *clean])
    text = buffer.getvalue() if end else buffer.getvalue().rstrip("\n")
    path = tmp_path / "s.csv"
    path.write_bytes(text.encode())
    raw = csv_text.read_csv(FoundFile("s.csv", path), source())
    expected = reference_rows(text)[1:]
    good = [(n, [c.strip() or None for c in row]) for n, row in expected if len(row) == 3]
    read = [[None if v != v else v for v in row] for row in raw.frame[["x", "y", "z"]].to_numpy(dtype=object).tolist()]
    assert list(zip(raw.lines.tolist(), read, strict=True)) == good
    assert [b.line for b in raw.bad] == [n for n, row in expected if len(row) != 3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_and_gzip(tmp_path: Path, encoding: str, packed: bool) -> None:
    content = "x,y,z\n重庆市,綦江区,甲\n".encode(encoding)
    path = tmp_path / ("s.csv.gz" if packed else "s.csv")
    path.write_bytes(gzip.compress(content) if packed else content)
    raw = csv_text.read_csv(FoundFile(path.name, path), source(encoding=encoding))
    assert raw.frame.iloc[0].tolist() == ["重庆市", "綦江区", "甲"]
    assert raw.lines.tolist() == [2]


def test_blocks_do_not_disturb_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_text, "_BLOCK", 1 << 10)
    lines = ["x,y,z"] + ['1,"a\nb",c' if i % 7 == 0 else "1,2" if i % 11 == 0 else "1,2,3" for i in range(2000)]
    path = tmp_path / "s.csv"
    path.write_text("\n".join(lines) + "\n")
    raw = csv_text.read_csv(FoundFile("s.csv", path), source())
    expected = reference_rows(path.read_text())[1:]
    assert raw.lines.tolist() == [n for n, row in expected if len(row) == 3]
    assert [b.line for b in raw.bad] == [n for n, row in expected if len(row) == 2]


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("x,y,z\n" + "1,2,3\n" * 100)
    seen: list[float] = []
    csv_text.read_csv(FoundFile("s.csv", path), source(), seen.append)
    assert seen[-1] == 1.0


def test_columns_without_a_header_are_called_by_their_number(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("a;b;c\nd;e;f\n")
    columns = {"old_name": "1", "new_name": "2", "new_code": "3", "kind": "3"}
    raw = csv_text.read_csv(FoundFile("s.csv", path), source(header_row=0, delimiter=";", columns=columns))
    assert raw.frame["2"].tolist() == ["b", "e"] and raw.lines.tolist() == [1, 2]


def test_declared_nulls_and_white_space_become_null(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text("x,y,z\nN/A,-, \n\u3000甲 ,N/A,b\n")
    raw = csv_text.read_csv(FoundFile("s.csv", path), source(nulls=("N/A", "-")))
    assert raw.frame.isna().to_numpy().tolist() == [[True, True, True], [False, True, False]]
    assert raw.frame["x"].iloc[1] == "甲"
