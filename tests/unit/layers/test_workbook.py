"""A workbook written directly is read back by a general reader as it was given."""

from __future__ import annotations

import io
import math

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers import workbook

texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda text: "\ufffe" not in text and "\uffff" not in text and "_x" not in text
)
values = st.one_of(st.none(), texts, st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False))


def read(body):
    return openpyxl.load_workbook(io.BytesIO(body)).worksheets


@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_every_value_comes_back_in_its_place(rows):
    (sheet,) = read(workbook.workbook([workbook.Sheet("数据", ("a", "b", "c"), rows)]))
    assert sheet.title == "数据"
    assert [cell.value for cell in sheet[1]] == ["a", "b", "c"]
    for at, row in enumerate(rows, 2):
        for n, value in enumerate(row, 1):
            found = sheet.cell(at, n).value
            assert found == pytest.approx(value) if isinstance(value, float) else found == value


def test_more_rows_than_a_batch_keep_their_order():
    count = 2 * workbook.BATCH + 3
    (sheet,) = read(workbook.workbook([workbook.Sheet("x", (), ([n, f"t{n}"] for n in range(count)))]))
    assert [row[0] for row in sheet.values] == list(range(count))
    assert sheet.cell(count, 2).value == f"t{count - 1}"


def test_what_no_file_can_hold_is_left_out_and_numbers_that_are_none_are_empty():
    (sheet,) = read(workbook.workbook([workbook.Sheet("x", ("a", "b"), [["a\x00b", math.inf], ["=1+1", math.nan]])]))
    assert [[cell.value for cell in row] for row in sheet["A2:B3"]] == [["ab", None], ["=1+1", None]]
    assert sheet["A3"].data_type == "s"


def test_heads_are_bold_and_stay_in_view():
    first, second = read(
        workbook.workbook(
            [
                workbook.Sheet("readme", (), [("key", "text")], widths=(18, 100), bold_first=True),
                workbook.Sheet("data", ("a",), [[1]]),
            ]
        )
    )
    assert (first["A1"].font.b, first["B1"].font.b) == (True, False)
    assert first.column_dimensions["A"].width == 18
    assert second["A1"].font.b
    assert second.freeze_panes == "A2"


@pytest.mark.parametrize(("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_columns_have_the_names_of_a_spreadsheet(index, name):
    assert workbook.column_letters(index) == name
