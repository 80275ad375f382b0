"""From delivered files to the work area: every row counted, days in any order, nothing computed twice."""

from __future__ import annotations

import dataclasses
import datetime as dt
import os

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.errors import SourceError
from models.signaling.day import DayResult
from models.signaling.events import Pseudonyms, read_events
from models.signaling.flags import ABROAD, NO_CELL
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days, days_at_once
from models.signaling.network import COLUMNS, load_network
from models.signaling.period import calendar_of, join_days
from models.signaling.work_area import BUCKETS, WorkArea, expire
from tests.unit.models.signaling.grouped import rows_of

ZONE = "Asia/Shanghai"
FIRST = dt.date(2015, 6, 1)
RULES = load_rules()
KEY = b"one period"


@pytest.fixture
def network(tmp_path):
    rows = [
        ("a", 106.60, 28.90, "2012-01-01", None),
        ("b", 106.65, 28.95, "2012-01-01", "2015-06-02"),
        ("c", 106.70, 29.00, "2012-01-01", "2014-12-31"),
        ("c", 106.75, 28.80, "2015-01-01", None),
    ]
    table = pd.DataFrame(rows, columns=["cell_id", "lon", "lat", "valid_from", "valid_to"])
    filled = table.assign(station_id="s", azimuth_deg=0, beamwidth_deg=120, radius_m=800.0, technology="4G")
    filled[list(COLUMNS)].to_csv(tmp_path / "network.csv", index=False)
    return load_network(tmp_path / "network.csv", 4544)


def midnight(date):
    return int(dt.datetime(date.year, date.month, date.day, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp())


def delivered(folder, days=4, users=40, seed=1):
    """Files of some days in order of time, with a few rows that cannot be kept."""
    rng = np.random.default_rng(seed)
    files = {}
    folder.mkdir(exist_ok=True)
    for k in range(days):
        date = FIRST + dt.timedelta(days=k)
        n = users * 25
        table = pd.DataFrame(
            {
                "user": [f"u{i}" for i in rng.integers(0, users, n)],
                "time": midnight(date) + np.sort(rng.integers(0, 86_400, n)),
                "cell": rng.choice(["a", "b", "c", "ghost"], n, p=[0.5, 0.2, 0.25, 0.05]),
                "serving_mcc": rng.choice([460, 310], n, p=[0.98, 0.02]),
            }
        )
        table.loc[:2, "user"] = None
        table.loc[3, "time"] += 3 * 86_400
        files[date] = folder / f"date={date}.parquet"
        frame = table.assign(time=pd.to_datetime(table["time"], unit="s", utc=True).astype("datetime64[s, UTC]"))
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), files[date])
    return files


def everything(area, files):
    """All rows of a work area as plain arrays."""
    found = []
    for date in sorted(files):
        users, result = area.day(date).slice(0, BUCKETS)
        found.append([users, *(getattr(result, f.name) for f in dataclasses.fields(DayResult) if f.name != "flags")])
    return found


def equal(one, other):
    return all(np.array_equal(a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))


def test_rows_read_are_kept_or_rejected_and_every_kept_row_has_one_flag(tmp_path, network):
    files = delivered(tmp_path / "events")
    area = WorkArea(tmp_path / "work")
    compute_days(PeriodFiles(files, ZONE, {}), network, RULES, area, KEY)
    infos = [area.day(date).info() for date in files]
    for info in infos:
        account = info["file"]
        assert account["read"] == 1000 == account["kept"] + sum(account["rejected"].values())
        assert account["rejected"]["no_user"] == 3
        assert info["events"] == sum(info["flags"].values())
    assert sum(i["events"] for i in infos) == sum(i["file"]["kept"] for i in infos)


def test_days_one_by_one_backwards_and_with_two_workers_equal_all_at_once(tmp_path, network):
    files = delivered(tmp_path / "events")
    whole, single, double = (WorkArea(tmp_path / name) for name in ("whole", "single", "double"))
    compute_days(PeriodFiles(files, ZONE, {}), network, RULES, whole, KEY)
    for k in range(len(files)):
        known = dict(sorted(files.items(), reverse=True)[: k + 1])
        compute_days(PeriodFiles(known, ZONE, {}), network, RULES, single, KEY)
    compute_days(PeriodFiles(files, ZONE, {}), network, RULES, double, KEY, workers=2)
    assert equal(everything(whole, files), everything(single, files))
    assert equal(everything(whole, files), everything(double, files))


def test_one_more_day_computes_itself_and_the_day_before_only(tmp_path, network):
    files = delivered(tmp_path / "events", days=6)
    area = WorkArea(tmp_path / "work")
    known = dict(list(files.items())[:5])
    assert compute_days(PeriodFiles(known, ZONE, {}), network, RULES, area, KEY) == 5
    assert compute_days(PeriodFiles(files, ZONE, {}), network, RULES, area, KEY) == 2
    assert compute_days(PeriodFiles(files, ZONE, {}), network, RULES, area, KEY) == 0


def test_a_run_that_dies_leaves_whole_days_and_goes_on(tmp_path, network):
    files = delivered(tmp_path / "events")
    area, period = WorkArea(tmp_path / "work"), PeriodFiles(files, ZONE, {})

    def die(done, _):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compute_days(period, network, RULES, area, KEY, on_day=die)
    (area.folder / "day=2015-06-04.99.tmp").mkdir()
    assert compute_days(period, network, RULES, area, KEY) == 2
    assert not list(area.folder.glob("*.tmp"))


def test_buckets_together_are_the_whole_and_share_no_user(tmp_path, network):
    files = delivered(tmp_path / "events")
    area, period = WorkArea(tmp_path / "work"), PeriodFiles(files, ZONE, {})
    compute_days(period, network, RULES, area, KEY)
    calendar = calendar_of(period.days)
    whole = join_days([area.day(d).slice(0, BUCKETS) for d in sorted(files)], calendar, network.sites, RULES)
    parts = [
        join_days([area.day(d).slice(low, low + 16) for d in sorted(files)], calendar, network.sites, RULES)
        for low in range(0, BUCKETS, 16)
    ]
    for name in ("users", "day", "place", "hour", "seconds"):
        assert np.array_equal(np.concatenate([getattr(p, name) for p in parts]), getattr(whole, name))


def test_a_cell_retired_the_day_before_is_flagged_and_one_day_earlier_it_is_not(network):
    assert network.active_on(dt.date(2015, 6, 2))[1]
    assert not network.active_on(dt.date(2015, 6, 3))[1]


def test_a_cell_that_moved_is_two_places(network):
    assert network.codes_on(dt.date(2014, 6, 1))["c"] == 2
    assert network.codes_on(dt.date(2015, 6, 1))["c"] == 3


def test_csv_and_parquet_read_alike(tmp_path, network):
    file = delivered(tmp_path / "events", days=1)[FIRST]
    frame = pd.read_parquet(file)
    frame.assign(time=frame["time"].dt.strftime("%Y-%m-%d %H:%M:%S")).to_csv(tmp_path / "events.csv", index=False)
    window, codes = (midnight(FIRST), midnight(FIRST) + 100_800), network.codes_on(FIRST)
    one = read_events(file, codes, window, Pseudonyms(KEY))
    other = read_events(tmp_path / "events.csv", codes, window, Pseudonyms(KEY))
    assert rows_of(one) == rows_of(other)
    assert one.account == other.account
    assert {ABROAD, NO_CELL} < {cell for _, _, cell in rows_of(one)}


def test_pseudonyms_of_two_periods_cannot_be_joined():
    names = pa.array(["u1", "u2"])
    assert not set(Pseudonyms(b"2013").of(names).tolist()) & set(Pseudonyms(b"2015").of(names).tolist())


def test_the_work_area_is_for_its_owner_only_and_can_be_purged(tmp_path, network):
    area = WorkArea(tmp_path / "work")
    compute_days(PeriodFiles(delivered(tmp_path / "events", days=1), ZONE, {}), network, RULES, area, KEY)
    assert area.folder.stat().st_mode & 0o077 == 0
    area.purge()
    assert not area.folder.exists()


def test_a_file_without_a_needed_column_says_so(tmp_path, network):
    pq.write_table(pa.table({"user": ["u"], "cell": ["a"]}), tmp_path / "bad.parquet")
    with pytest.raises(SourceError, match="columns time are missing"):
        read_events(tmp_path / "bad.parquet", network.codes_on(FIRST), (0, 1), Pseudonyms(KEY))


def test_a_network_row_without_radius_is_named_by_line_and_column(tmp_path, network):
    broken = network.table[list(COLUMNS)].assign(radius_m=[800, 800, 0, 800])
    broken.to_csv(tmp_path / "broken.csv", index=False)
    with pytest.raises(SourceError, match="line 4 column radius_m"):
        load_network(tmp_path / "broken.csv", 4544)


def test_rows_of_people_go_when_the_retention_time_is_over(tmp_path, network):
    old, new = (WorkArea(tmp_path / "work" / name).open() for name in ("2013", "2015"))
    now = dt.datetime.now(dt.UTC)
    month_ago = (now - dt.timedelta(days=31)).timestamp()
    (old.folder / "people.parquet").write_text("")
    for path in (old.folder / "people.parquet", old.folder):
        os.utime(path, (month_ago, month_ago))
    assert expire(tmp_path / "work", 30, now) == ["2013"]
    assert new.folder.exists()
    assert expire(tmp_path / "work", 0, now + dt.timedelta(seconds=1)) == ["2015"]
    assert not (tmp_path / "work").exists()
    assert expire(tmp_path / "work", 0, now) == []


def test_days_computed_at_once_fit_into_the_memory(tmp_path):
    period = PeriodFiles(delivered(tmp_path / "events", users=40), ZONE, {})  # 1,000 rows a day
    assert days_at_once(period, 8, None) == 8
    assert days_at_once(period, 8, 2_000) == 8
    assert days_at_once(period, 8, 1) == 8  # ten days of a thousand rows in a megabyte
    assert days_at_once(PeriodFiles(delivered(tmp_path / "large", days=1, users=400), ZONE, {}), 8, 3) == 3
    assert days_at_once(period, 8, 0) == 1
