"""A published migration index: read whatever its columns are called, never taken for people."""

from __future__ import annotations

import pandas as pd
import pytest

from models.analysis.migration_index import UNIT, both_sides, by_day, pair_by_day, read_index
from models.errors import SourceError


@pytest.fixture
def files(tmp_path):
    one, two = tmp_path / "raw_in_20200121.csv", tmp_path / "all.csv.gz"
    one.write_text("city_name,city_id_name,num\n武汉,重庆,0.2\n北京,重庆,0.3\n重庆,重庆,0.1\n", "utf-8-sig")
    rows = [
        ("武汉", "重庆", None, "20200121", "in", 0.2),
        ("武汉", "重庆", 0.1, "20200122", "in", None),
        ("重庆", "武汉", 0.19, "20200121", "out", None),
        ("北京", "重庆", None, "20200122", "in", None),
    ]
    names = ["city_name", "city_id_name", "num", "date", "direction", "value"]
    pd.DataFrame(rows, columns=names).to_csv(two, index=False)
    return [one, two]


def test_both_names_of_the_value_and_a_mark_at_the_start_are_read_and_every_row_is_accounted_for(files):
    rows, apart = read_index(files)
    assert apart == {"no_value": 1, "same_city": 1, "repeated": 1}
    assert len(rows) + sum(apart.values()) == 7
    assert UNIT == "index"


def test_sums_pairs_and_both_sides(files):
    rows, _ = read_index(files)
    assert by_day(rows, "重庆", "in").to_dict() == {
        pd.Timestamp("2020-01-21"): pytest.approx(0.5),
        pd.Timestamp("2020-01-22"): pytest.approx(0.1),
    }
    assert pair_by_day(rows, "武汉", "重庆").tolist() == [0.2, 0.1]
    (row,) = both_sides(rows).itertuples()  # Wuhan's list of who left it, and Chongqing's of who came
    assert (row.origin, row.destination, row.as_in, row.as_out) == ("武汉", "重庆", 0.2, 0.19)


def test_a_list_without_value_or_with_an_unknown_direction_is_refused(tmp_path):
    bad = tmp_path / "raw_in_20200121.csv"
    bad.write_text("city_name,city_id_name,share\na,b,1\n")
    with pytest.raises(SourceError, match="found the columns"):
        read_index([bad])
    other = tmp_path / "raw_sideways_20200121.csv"
    other.write_text("city_name,city_id_name,num\na,b,1\n")
    with pytest.raises(SourceError, match="direction"):
        read_index([other])
