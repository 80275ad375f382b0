"""Raw files of other forms: every row is used or set aside with a reason, and the place of the first is named."""

from __future__ import annotations

import datetime as dt
import gzip

import pandas as pd
import pyarrow.parquet as pq
import pytest
from pydantic import ValidationError

from models.errors import SourceError
from models.profile.delivery import Delivery
from models.signaling.delivery import read_delivery, write_delivered

DATES = (dt.date(2015, 8, 1), dt.date(2015, 8, 2))
SESSIONS = Delivery(
    files="*.csv.gz", source="s", licence="l", user="who", time=("begin",), time_format="%Y-%m-%d %H:%M:%S.%f",
    cell=("lac", "ci"),
)  # fmt: skip
TRACES = Delivery(
    files="*.csv", source="s", licence="l", time=("DAYS", "TIMES"), time_width={"TIMES": 6},
    time_format="%Y%m%d%H%M%S", cell_lon="x", cell_lat="y", position_lon="gx", position_lat="gy",
)  # fmt: skip


@pytest.fixture
def sessions(tmp_path):
    file = tmp_path / "xdr.csv.gz"
    rows = [
        "who,lac,ci,begin",
        "u,1,7,2015-08-01 00:30:00.250",
        ",1,7,2015-08-01 01:00:00.000",
        "u,1,7,08:31.0",
        "v,1,,2015-08-01 02:00:00.000",
        "v,1,8,2015-07-31 23:59:59.999",
        "v,1,8,2015-08-02 23:59:59.000",
    ]
    file.write_bytes(gzip.compress("\n".join(rows).encode()))
    return file


def test_every_row_is_used_or_set_aside_and_the_first_of_each_reason_is_named(sessions):
    found = read_delivery(SESSIONS, [sessions], "Asia/Shanghai", DATES)
    account = found.account
    assert account.set_aside == {"no_user": 1, "bad_time": 1, "no_cell": 1, "other_date": 1}
    assert account.read == 6 == account.used + sum(account.set_aside.values())
    assert account.first["bad_time"] == "xdr.csv.gz line 4: 08:31.0"
    assert found.events["cell"].tolist() == ["1-7", "1-8"]
    assert found.events["date"].tolist() == list(DATES)


def test_local_clock_becomes_utc(sessions):
    found = read_delivery(SESSIONS, [sessions], "Asia/Shanghai", DATES)
    assert found.events["time"].iloc[0] == int(dt.datetime(2015, 7, 31, 16, 30, tzinfo=dt.UTC).timestamp())


def test_cells_without_coordinates_stay_in_the_network_table(sessions):
    found = read_delivery(SESSIONS, [sessions], "Asia/Shanghai", DATES)
    assert found.network["cell_id"].tolist() == ["1-7", "1-8"]
    assert found.network[["lon", "lat"]].isna().all(axis=None)
    assert found.spread is None


@pytest.fixture
def traces(tmp_path):
    file = tmp_path / "walk.csv"
    rows = pd.DataFrame(
        {
            "DAYS": ["20150801"] * 4,
            "TIMES": ["61553", "61600", "90000", "235959"],
            "x": [120.0, 120.0, 120.1, 120.1],
            "y": [30.0, 30.0, 30.0, 30.0],
            "gx": [120.0, 120.0, 120.1, 120.1],
            "gy": [30.0, 30.001, 30.002, 30.002],
        }
    )
    rows.to_csv(file, index=False)
    return file


def test_zeros_that_a_file_lost_come_back_and_a_long_pause_begins_a_new_trace(traces):
    found = read_delivery(TRACES, [traces], "Asia/Shanghai", DATES)
    local = pd.to_datetime(found.events["time"], unit="s", utc=True).dt.tz_convert("Asia/Shanghai")
    assert local.dt.strftime("%H:%M:%S").tolist() == ["06:15:53", "06:16:00", "09:00:00", "23:59:59"]
    assert found.events["user"].tolist() == ["trace-0", "trace-0", "trace-1", "trace-2"]
    assert found.network["cell_id"].tolist() == ["30.0-120.0", "30.0-120.1"]
    assert found.spread.p50 == pytest.approx(166.3, abs=0.5)  # between 110.9 and 221.7 m


def test_what_is_written_is_what_the_house_reads_with_a_file_for_every_date(traces, tmp_path):
    found = read_delivery(TRACES, [traces], "Asia/Shanghai", DATES)
    files = write_delivered(found, tmp_path / "out", DATES)
    assert [pq.read_metadata(files[date]).num_rows for date in DATES] == [4, 0]
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    assert pq.read_table(files[DATES[0]])["cell"].to_pylist() == found.events["cell"].tolist()


def test_positions_of_another_datum_become_wgs84(traces):
    shifted = TRACES.model_copy(update={"cell_datum": "GCJ02"})
    found = read_delivery(shifted, [traces], "Asia/Shanghai", DATES)
    assert 300 < found.spread.p50 < 800  # the offset of GCJ-02 is some hundred metres


def test_a_missing_column_or_no_file_is_said(traces):
    with pytest.raises(SourceError, match="columns begin, who, lac, ci are missing"):
        read_delivery(SESSIONS, [traces], "Asia/Shanghai", DATES)
    with pytest.raises(SourceError, match="no file follows its pattern"):
        read_delivery(SESSIONS, [], "Asia/Shanghai", DATES)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"cell": ()}, "columns that name a cell"),
        ({"cell_lon": "x"}, "both columns of a position"),
        ({"time_width": {"end": 6}}, "not of end"),
    ],
)
def test_a_form_that_says_half_is_refused(change, said):
    with pytest.raises(ValidationError, match=said):
        Delivery.model_validate({**SESSIONS.model_dump(), **change})
