"""The model in SQL that the benchmark times is the model: every result of the kernel is found again, row by row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.signaling_sql import Source, prepare, run
from models.demo import draw_city, public
from models.demo.city import SEED
from models.demo.signaling import Preset, write_signaling
from models.demo.streams import Streams
from models.signaling import pipeline
from models.signaling.events import Pseudonyms
from models.signaling.kernel_rules import load_rules
from models.signaling.local import PeriodFiles, compute_days
from models.signaling.network import COLUMNS, load_network
from models.signaling.profiles import load_profile
from models.signaling.work_area import WorkArea
from tests.unit.models.signaling import small_period as small

pytestmark = pytest.mark.peers
KEY = b"one period"
FIRST = dt.date(2015, 6, 1)


def generated(folder: Path) -> tuple[PeriodFiles, Path]:
    """Nine days of the generated city; one of its cells is moved five kilometres on the fourth day."""
    streams, city = Streams(SEED), draw_city(SEED)
    stations = public.base_stations(city.sites, streams.of("stations"))
    write_signaling(folder, city.sites, stations, streams, Preset(people=120, per_day=60.0, periods=1, days=9))
    files = {dt.date.fromisoformat(f.stem.removeprefix("date=")): f for f in sorted(folder.glob("*/date=*.parquet"))}
    used = pd.concat([pq.read_table(file, columns=["cell"]).to_pandas() for file in files.values()])
    table = pd.read_csv(folder / "network.csv")
    moved = table[table["cell_id"] == used["cell"].value_counts().index[0]]
    later = moved.assign(lon=moved["lon"] + 0.05, valid_from="2015-06-04")
    table.loc[moved.index, "valid_to"] = "2015-06-03"
    pd.concat([table, later]).to_csv(folder / "network.csv", index=False)
    return PeriodFiles(files, "Asia/Shanghai", {dt.date(2015, 6, 8): False}), folder / "network.csv"


def crowded(folder: Path) -> tuple[PeriodFiles, Path]:
    """Walkers among 60 cells 300 m apart and one 60 km away: many cells a group, chains, jumps, long silences."""
    at = np.arange(60)
    table = pd.DataFrame({"cell_id": [f"c{k:02}" for k in range(61)], "lon": 106.6, "lat": 28.9})
    table.loc[at, "lon"] += 0.003 * (at % 10)
    table.loc[at, "lat"] += 0.0027 * (at // 10)
    table.loc[60, "lon"] += 0.6
    table = table.assign(station_id="s", azimuth_deg=0, beamwidth_deg=360, radius_m=400.0, technology="4G")
    table.assign(valid_from="2012-01-01", valid_to=None)[list(COLUMNS)].to_csv(folder / "network.csv", index=False)
    rng, files = np.random.default_rng(5), {}
    for k in range(4):
        pause = rng.choice(
            [0, 1, 20, 90, 200, 400, 1_000, 3_000, 50_000], (60, 400), p=[0.02, *[0.12] * 6, 0.259, 0.001]
        )
        t = np.cumsum(pause, axis=1)
        step = rng.choice([-11, -10, -1, 0, 1, 10, 11], (60, 400))
        swings = np.where(rng.random((60, 400)) < 0.4, np.arange(400) % 2 * 9, 0)
        cell = (np.cumsum(step, axis=1) + swings) % 60
        cell[rng.random(cell.shape) < 0.02] = 60
        user = np.broadcast_to(np.arange(60)[:, None], t.shape)
        kept = t < 86_400
        order = np.argsort(t[kept], kind="stable")
        midnight = dt.datetime(2015, 6, 1 + k, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp()
        columns = {
            "user": [f"u{u}" for u in user[kept][order]],
            "time": pa.array((int(midnight) + t[kept][order]).astype("datetime64[s]"), pa.timestamp("ms", "UTC")),
            "cell": table["cell_id"].to_numpy()[cell[kept][order]],
        } | dict.fromkeys(("mcc", "serving_mcc"), np.full(kept.sum(), 460, np.int16))
        date = FIRST + dt.timedelta(days=k)
        files[date] = folder / f"date={date}.parquet"
        pq.write_table(pa.table(columns | {"home_province": ["50"] * int(kept.sum())}), files[date])
    return PeriodFiles(files, "Asia/Shanghai", {}), folder / "network.csv"


def delivered(folder: Path) -> tuple[PeriodFiles, Path]:
    """Files out of order, with rows without user or time, of other days, abroad and of a cell out of service."""
    small.network(folder)
    return small.deliveries(folder), folder / "network.csv"


@dataclass(frozen=True)
class Both:
    """What the kernel made of a period, and the connection in which SQL made it; ``name`` gives users their text."""

    people: pd.DataFrame
    raw: pipeline.Raw
    rows: pd.DataFrame
    sql: Any
    checks: list[int]

    def table(self, query: str) -> pd.DataFrame:
        """A result of SQL."""
        frame: pd.DataFrame = self.sql.execute(query).df()
        return frame


@pytest.fixture(scope="module", params=[delivered, generated, crowded], ids=lambda made: made.__name__)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    import duckdb

    folder = tmp_path_factory.mktemp("signaling")
    files, table = request.param(folder)
    network, rules, profile = load_network(table, 4544), load_rules(), load_profile("cq-service-pop")
    zone = np.arange(len(network.table)) % 5 - 1
    area = WorkArea(folder / "work")
    compute_days(files, network, rules, area, KEY)
    period = pipeline.Period(files, network, rules, profile, area, "50", 2_000)
    people = pipeline.people_of(period).assign(weight=1.0)
    raw = pipeline.sum_up(period, people, zone)
    names = _names(files)
    parts = [
        pd.DataFrame({
            "user": np.repeat(rows.users, np.diff(rows.start)), "d": rows.day, "place": rows.place, "hour": rows.hour,
            "seconds": rows.seconds,
        }) for rows in period.over(lambda rows, *_: rows)
    ]  # fmt: skip
    rows = pd.concat(parts).groupby(["user", "d", "place", "hour"], as_index=False)["seconds"].sum()
    connection = duckdb.connect()
    connection.execute("set threads = 1")
    prepare(connection, Source(files, network, rules, profile, zone, "50"))
    checks = run(connection)["checks"]
    named = (frame.assign(user=frame["user"].map(names)) for frame in (people, rows))
    return Both(next(named), raw, next(named), connection, checks)


def _names(files: PeriodFiles) -> dict[int, str]:
    """Hashed pseudonym -> text that the operator delivered."""
    texts = pa.chunked_array(
        [c for f in files.files.values() for c in pq.read_table(f, columns=["user"])["user"].chunks]
    )
    known = texts.drop_null().unique()
    return dict(zip(Pseudonyms(KEY).of(known).tolist(), known.to_pylist(), strict=True))


def _equal(kernel: pd.DataFrame, sql: pd.DataFrame, by: list[str]) -> None:
    """Whether two tables have the same rows, in whatever order."""
    sides = [side.sort_values(by, ignore_index=True).astype("object") for side in (kernel, sql[list(kernel)])]
    left, right = (side.astype(object).where(side.notna(), None) for side in sides)
    numbers = [name for name in left if name in ("persons", "squares", "coverage")]
    pd.testing.assert_frame_equal(left.drop(columns=numbers), right.drop(columns=numbers), check_dtype=False)
    for name in numbers:
        np.testing.assert_allclose(left[name].astype(float), right[name].astype(float), rtol=1e-9, atol=1e-9)


def test_the_seconds_of_every_user_day_place_and_hour(both: Both) -> None:
    query = """select user, d, place, hour, sum(seconds)::bigint as seconds from hours join people using (u)
               group by user, d, place, hour"""
    assert len(both.rows) > 1_000
    _equal(both.rows, both.table(query), ["user", "d", "place", "hour"])


def test_the_home_the_workplace_and_the_kind_of_every_user(both: Both) -> None:
    query = """select user, home_cell, work_cell, home_class, work_class, resident_class, nights, observed_nights,
                   home_nights, known_s / (select 86400 * count(*) from days) as coverage, origin, days_here,
                   days_elsewhere, elsewhere
               from persons join people using (u) join elsewhere using (u)"""
    found = both.table(query)
    for name in ("home_class", "work_class", "resident_class"):
        both.people[name] = both.people[name].astype("str")
    _equal(both.people[list(found)], found, ["user"])


def test_the_people_present_and_the_journeys_and_visits(both: Both) -> None:
    present = both.table("select place + 3 as place, hour, if(workday, 0, 1) as kind, persons, devices from presence")
    at = tuple(present[name].to_numpy() for name in ("place", "hour", "kind"))
    for name in ("persons", "devices"):
        whole = np.zeros(both.raw.presence.devices.shape)
        whole[at] = present[name]
        np.testing.assert_allclose(whole, getattr(both.raw.presence, name), rtol=1e-9, atol=1e-9)
    by = ["from_zone", "to_zone", "hour", "purpose", "band_m", "daytype"]
    journeys = both.table("select *, if(workday, 'workday', 'weekend') as daytype from journeys")
    _equal(both.raw.journeys[[*by, "persons", "devices"]], journeys, by)
    _equal(both.raw.visits, both.table("from guests"), ["zone", "origin"])
    by = ["home_cell", "work_cell", "resident_class", "origin"]
    kernel = both.raw.people.astype({"resident_class": "str"})[[*by, "persons", "squares", "devices"]]
    _equal(kernel, both.table("from sums"), by)
    assert both.checks[:2] == [both.raw.presence.devices.sum(), both.raw.journeys["devices"].sum()]


def test_the_events_set_aside(both: Both) -> None:
    found = both.table("from quality").iloc[0]
    for name in ("ok", "repeated", "unknown_cell", "inactive_cell", "same_time", "impossible_speed", "ping_pong"):
        assert found[name] == both.raw.quality[f"events_{name}"], name
    assert found["rows"] == both.raw.quality["rows_read"] - both.raw.quality["rows_rejected"]


def test_a_period_whose_clocks_change_is_refused(tmp_path: Path) -> None:
    files = {dt.date(2015, 3, 28) + dt.timedelta(days=k): tmp_path / f"{k}.parquet" for k in range(3)}
    source = Source(
        PeriodFiles(files, "Europe/Berlin", {}), small.network(tmp_path), load_rules(),
        load_profile("cq-service-pop"), small.ZONE, "50",
    )  # fmt: skip
    with pytest.raises(ValueError, match="clocks change"):
        prepare(None, source)
