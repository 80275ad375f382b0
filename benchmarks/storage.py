"""Loading and reading legal persons: this store against the plainest writers of the same rows, in the same run.

    python benchmarks/storage.py --rows 100000 --rows 1000000 --postgis postgresql+psycopg://user@host/database

The floor is ADBC writing the same columns (the geometry as two numbers) into a bare SQLite table without index, check,
R-tree or search text. pyogrio writing a GeoPackage with R-tree is the next best peer: one index, no checks. CPU seconds
count this process with all its threads; wall time includes waiting for the disk.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

for _threads in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import adbc_driver_sqlite.dbapi as adbc  # noqa: E402
import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyogrio  # noqa: E402
import shapely  # noqa: E402

from models import settings as settings_module  # noqa: E402
from models.store import Store, SubjectFilter  # noqa: E402

SEED = 11
SCOPE = "一般项目：日用百货销售；建筑材料销售；货物进出口（依法自主开展经营活动）"


def persons(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Generated subjects on contract, spread over one degree, with cells of about 7, 50 and 350 per square degree."""
    lon, lat = 106.2 + rng.random(n), 28.5 + rng.random(n)
    frame = pd.DataFrame(
        {
            "uscc": [f"9150{i:014d}" for i in range(n)],
            "name": [f"重庆第{i}号商贸有限公司" for i in range(n)],
            "address": [f"重庆市綦江区古南街道{i % 999}号" for i in range(n)],
            "established_on": pd.Timestamp("2000-01-01") + pd.to_timedelta(rng.integers(0, 9000, n), "D"),
            "capital_cny": rng.lognormal(12, 1.5, n),
            "scope_text": SCOPE,
            "industry_section": rng.choice(list("CFGHIL"), n),
            "lon": lon,
            "lat": lat,
            "located": True,
            "outside": True,
            "match_level": rng.integers(1, 6, n),
            "source_id": "generated",
            "source_file": "generated.csv",
            "source_row": np.arange(n) + 2,
        }
    )
    for resolution, per_degree in ((7, 22), (8, 60), (9, 160)):
        cell = (lon * per_degree).astype(np.int64) * 1_000_000 + (lat * per_degree).astype(np.int64)
        frame[f"h3_r{resolution}"] = pd.array(((0x80 + resolution) << 52) + cell, dtype="UInt64")
    return frame


def clock(work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds of a call."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu


def quantiles(work: Callable[[int], object], runs: int) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of ``work(0..runs)``, after one warm-up call."""
    work(0)
    times = []
    for i in range(runs):
        start = time.perf_counter()
        work(i)
        times.append(1000 * (time.perf_counter() - start))
    return float(np.median(times)), float(np.percentile(times, 95))


def writers(frame: pd.DataFrame, folder: Path, url: str | None) -> dict[str, tuple[float, float]]:
    """Wall and CPU seconds of each way to write the frame."""
    base = replace(settings_module.load({}), home=folder / "home")
    times: dict[str, tuple[float, float]] = {}
    table = pa.Table.from_pandas(frame.assign(**{f"h3_r{r}": frame[f"h3_r{r}"].astype("int64") for r in (7, 8, 9)}))

    def floor() -> None:
        with adbc.connect(str(folder / "floor.db")) as connection, connection.cursor() as cursor:
            cursor.adbc_ingest("legal_persons", table, mode="create")
            connection.commit()

    def gdal() -> None:
        shapes = gpd.GeoDataFrame(frame, geometry=shapely.points(frame["lon"], frame["lat"]), crs=4326)
        pyogrio.write_dataframe(shapes, folder / "gdal.gpkg", layer="legal_persons", driver="GPKG")

    def publish(url: str | None) -> None:
        with Store.open("bench", replace(base, database_url=url)) as store:
            store.publish("first", {}, {"legal_persons": frame}, {})

    def again() -> None:
        with Store.open("bench", base) as store:
            store.publish("second", {}, {"legal_persons": frame}, {})

    times["ADBC to bare SQLite (floor)"] = clock(floor)
    times["pyogrio to GeoPackage"] = clock(gdal)
    times["store, GeoPackage"] = clock(lambda: publish(None))
    times["store, the same content again"] = clock(again)
    if url:
        times["store, PostGIS (client CPU)"] = clock(lambda: publish(url))
    return times


def pages(frame: pd.DataFrame, folder: Path) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of what the screens ask."""
    base = replace(settings_module.load({}), home=folder / "home")
    rng = np.random.default_rng(SEED)
    cells = frame["h3_r9"].sample(200, random_state=1).tolist()
    rows = rng.integers(0, len(frame), 200)
    lon, lat = frame["lon"].to_numpy()[rows], frame["lat"].to_numpy()[rows]
    n = len(frame)
    with Store.open("bench", base, read_only=True) as store:
        return {
            "page of one cell": quantiles(
                lambda i: store.subjects_page(SubjectFilter(h3=cells[i], resolution=9), "established_on", True), 100
            ),
            "first page of all by name": quantiles(lambda _: store.subjects_page(None, "name"), 10),
            "page from the middle of all": quantiles(lambda _: store.subjects_page(None, "uscc", False, n // 2), 10),
            "search, rare text": quantiles(lambda i: store.search(f"第{rows[i]}号"), 20),
            "search, text in every row": quantiles(lambda _: store.search("有限公司"), 10),
            "one subject": quantiles(lambda i: store.subject(f"9150{rows[i]:014d}"), 100),
            "nearest in 300 m": quantiles(lambda i: store.nearest(lon[i], lat[i], 300), 100),
            "within a box of about 100 rows": quantiles(
                lambda i: store.within("legal_persons", shapely.Point(lon[i], lat[i]).buffer((100 / n / np.pi) ** 0.5)),
                100,
            ),
        }


def main() -> None:
    """Print one table per number of rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, action="append", help="default 100000")
    parser.add_argument("--postgis", help="also load into this PostGIS database, schema city_bench")
    arguments = parser.parse_args()
    for n in arguments.rows or [100_000]:
        frame = persons(n, np.random.default_rng(SEED))
        with tempfile.TemporaryDirectory() as folder:
            times = writers(frame, Path(folder), arguments.postgis)
            floor = times["ADBC to bare SQLite (floor)"]
            print(f"\n| writing {n:,} rows | wall s | CPU s | rows per CPU s | CPU, floor = 1 |\n|---|---|---|---|---|")
            for name, (wall, cpu) in times.items():
                print(f"| {name} | {wall:.2f} | {cpu:.2f} | {n / cpu:,.0f} | {cpu / floor[1]:.2f} |")
            for name in ("floor.db", "gdal.gpkg", "home/bench/city.gpkg"):
                print(f"{name}: {(Path(folder) / name).stat().st_size / 2**20:,.0f} MB")
            print(f"\n| reading, {n:,} rows | median ms | p95 ms |\n|---|---|---|")
            for name, (median, high) in pages(frame, Path(folder)).items():
                print(f"| {name} | {median:.1f} | {high:.1f} |")


if __name__ == "__main__":
    main()
