"""Mobile signaling from event files to raw cubes: CPU seconds and memory beside a scan of the files and its peers.

    python -m benchmarks.signaling [--millions 10 --millions 100]

Generated events of one period of 21 days (real preset, 90 events per active telephone and day, text pseudonyms, a
Parquet file a date) go through the whole model of `cityhex build`: read, hash, flag, group, stays and hours of every
day, days joined, homes and workplaces, weights, presence by cell and hour, journeys and visits. Beside it, each in a
process of its own and without its imports:

- the floor: Arrow reads the same columns in the same batches and does nothing with them;
- transbigdata: stays, homes and workplaces only (`traj_stay_move`, `mobile_identify_home`, `mobile_identify_work`);
- DuckDB: the same model in SQL (`signaling_sql` says how, and what is left out of it); its sums must be those of ours;
- DuckDB: a smaller model in SQL (`signaling_sql_smaller` says what it lacks), the way most would go in practice.

Compiled functions are taken from the disk cache and loaded before the clock starts.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import cpu_s, one_thread, peak_mb, table
from models.settings import PROJECT_ROOT

PERSONS_PER_MILLION = 975
PER_DAY = 90.0
CRS = 4544
PEER_LIMIT = 20
"""Millions of events above which the peers are left out: transbigdata keeps every row several times in memory."""
PEERS = {
    "transbigdata": ("transbigdata", "transbigdata: stays, homes, workplaces only"),
    "same_in_sql": ("duckdb", "DuckDB: the same model in SQL"),
    "smaller_in_sql": ("duckdb", "DuckDB: a smaller model in SQL"),
}
"""Way -> the package that it needs, and what it is called."""


def generate(home: Path, millions: float, _threads: int) -> dict[str, Any]:
    """Write the deliveries of one period."""
    from models.demo import draw_city, public  # noqa: PLC0415 - only this process needs the generator
    from models.demo.city import SEED  # noqa: PLC0415
    from models.demo.signaling import Preset, write_signaling  # noqa: PLC0415
    from models.demo.streams import Streams  # noqa: PLC0415

    streams, city = Streams(SEED), draw_city(SEED)
    stations = public.base_stations(city.sites, streams.of("stations"))
    preset = Preset(people=int(millions * PERSONS_PER_MILLION), per_day=PER_DAY, periods=1)
    start = cpu_s()
    rows = write_signaling(home / "signaling", city.sites, stations, streams, preset)
    return {"events": sum(rows.values()), "cpu": cpu_s() - start, "mb": _size_mb(home / "signaling")}


def _size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*.parquet")) / 1e6


def _files(home: Path) -> dict[dt.date, Path]:
    found = sorted((home / "signaling").glob("*/date=*.parquet"))
    return {dt.date.fromisoformat(file.stem.removeprefix("date=")): file for file in found}


def floor(home: Path, _millions: float, _threads: int) -> dict[str, Any]:
    """Read the columns that the model uses, texts as dictionaries, batch after batch."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - importing is not what is measured

    from models.signaling.events import NEEDED, OPTIONAL  # noqa: PLC0415

    names, texts = [*NEEDED, *OPTIONAL], ["user", "cell", "home_province", "stratum"]
    start, rows = cpu_s(), 0
    for file in _files(home).values():
        reader = pq.ParquetFile(file, memory_map=True, read_dictionary=texts)
        rows += sum(batch.num_rows for batch in reader.iter_batches(1 << 20, columns=names, use_threads=False))
    return {"events": rows, "cpu": cpu_s() - start, "peak": peak_mb()}


def model(home: Path, _millions: float, threads: int) -> dict[str, Any]:
    """Run the whole model, and say what each of its parts cost."""
    import numpy as np  # noqa: PLC0415

    from models.signaling.kernel_rules import load_rules  # noqa: PLC0415
    from models.signaling.local import PeriodFiles, compute_days  # noqa: PLC0415
    from models.signaling.network import load_network  # noqa: PLC0415
    from models.signaling.pipeline import Period, people_of, sum_up  # noqa: PLC0415
    from models.signaling.profiles import load_profile  # noqa: PLC0415
    from models.signaling.work_area import WorkArea  # noqa: PLC0415

    network = load_network(home / "signaling" / "network.csv", CRS)
    zone = np.arange(len(network.table)) % 20

    def run(files: dict[dt.date, Path]) -> tuple[list[float], list[float], Any]:
        area = WorkArea(home / f"work{threads}")
        area.purge()
        deliveries = PeriodFiles(files, "Asia/Shanghai", {})
        cpu, wall, serial = [cpu_s()], [time.perf_counter()], time.thread_time()
        compute_days(deliveries, network, load_rules(), area, b"benchmark", workers=threads)
        cpu.append(cpu_s()), wall.append(time.perf_counter())
        profile = load_profile("cq-service-pop")
        period = Period(deliveries, network, load_rules(), profile, area, "50", MEMORY_MB, workers=threads)
        people = people_of(period).assign(weight=1.0)
        cpu.append(cpu_s()), wall.append(time.perf_counter())
        raw = sum_up(period, people, zone)
        cpu.append(cpu_s()), wall.append(time.perf_counter())
        area.purge()
        return cpu, wall, (len(people), raw, time.thread_time() - serial)

    files = _files(home)
    run(dict(list(files.items())[:2]))
    peak_mb(reset=True)
    cpu, wall, (users, raw, serial) = run(files)
    parts = [after - before for before, after in itertools.pairwise(cpu)]
    checks = [int(raw.presence.devices.sum()), int(raw.journeys["devices"].sum()), round(raw.presence.persons.sum())]
    return {
        "cpu": cpu[-1] - cpu[0], "wall": wall[-1] - wall[0], "parts": parts, "peak": peak_mb(), "users": users,
        "events": int(raw.quality["rows_read"]), "checks": checks, "serial": serial,
    }  # fmt: skip


MEMORY_MB = 600
"""Memory setting of the measured runs."""


def transbigdata(home: Path, _millions: float, _threads: int) -> dict[str, Any]:
    """Stays, homes and workplaces by transbigdata, from the same files."""
    import pandas as pd  # noqa: PLC0415
    import transbigdata as tbd  # noqa: PLC0415

    network = pd.read_csv(home / "signaling" / "network.csv").drop_duplicates("cell_id")
    start = cpu_s()
    frames = [pd.read_parquet(file, columns=["user", "time", "cell"]) for file in _files(home).values()]
    data = pd.concat(frames, ignore_index=True).dropna()
    del frames
    data = data.merge(network[["cell_id", "lon", "lat"]], left_on="cell", right_on="cell_id")
    data["time"] = data["time"].dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    params = tbd.area_to_params([105.9, 28.1, 107.6, 29.6], accuracy=500)
    stay, _ = tbd.traj_stay_move(data, params, col=["user", "time", "lon", "lat"], activitytime=900)
    columns = ["user", "stime", "etime", "LONCOL", "LATCOL"]
    homes = tbd.mobile_identify_home(stay, col=columns, start_hour=7, end_hour=21)
    work = tbd.mobile_identify_work(stay, col=columns, start_hour=9, end_hour=17)
    return {"cpu": cpu_s() - start, "peak": peak_mb(), "homes": len(homes), "work": len(work)}


def same_in_sql(home: Path, _millions: float, _threads: int) -> dict[str, Any]:
    """The same model in DuckDB SQL, one thread; the network is loaded before the clock starts, as in `model`."""
    import numpy as np  # noqa: PLC0415

    from benchmarks import signaling_sql  # noqa: PLC0415
    from models.signaling.kernel_rules import load_rules  # noqa: PLC0415
    from models.signaling.local import PeriodFiles  # noqa: PLC0415
    from models.signaling.network import load_network  # noqa: PLC0415
    from models.signaling.profiles import Profile, load_profile  # noqa: PLC0415

    network, profile = load_network(home / "signaling" / "network.csv", CRS), load_profile("cq-service-pop")
    assert isinstance(profile, Profile)
    files, zone = PeriodFiles(_files(home), "Asia/Shanghai", {}), np.arange(len(network.table)) % 20
    with _one_thread_of_duckdb() as connection:
        signaling_sql.prepare(connection, signaling_sql.Source(files, network, load_rules(), profile, zone, "50"))
        peak_mb(reset=True)
        start, wall = cpu_s(), time.perf_counter()
        found = signaling_sql.run(connection)
        return {"cpu": cpu_s() - start, "wall": time.perf_counter() - wall, "peak": peak_mb(), **found}


def smaller_in_sql(home: Path, _millions: float, _threads: int) -> dict[str, Any]:
    """The smaller model of `signaling_sql_smaller`, one thread."""
    from benchmarks import signaling_sql_smaller  # noqa: PLC0415

    with _one_thread_of_duckdb() as connection:
        connection.execute("set preserve_insertion_order = false")
        start = cpu_s()
        counts = signaling_sql_smaller.run(connection, str(home / "signaling" / "*" / "date=*.parquet"))
        return {"cpu": cpu_s() - start, "peak": peak_mb(), **counts}


@contextlib.contextmanager
def _one_thread_of_duckdb() -> Iterator[Any]:
    """A connection to an empty database in memory that may spill to a folder of its own."""
    import duckdb  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="cityhex-bench-") as spill, duckdb.connect() as connection:
        connection.execute("set threads = 1")
        connection.execute(f"set temp_directory = '{spill}'")
        yield connection


TASKS = {
    "generate": generate, "floor": floor, "model": model, "transbigdata": transbigdata, "same_in_sql": same_in_sql,
    "smaller_in_sql": smaller_in_sql,
}  # fmt: skip


def _child(task: str, home: Path, millions: float, threads: int = 1) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.signaling", "--task", task, "--home", str(home)]
    command += ["--millions", str(millions), "--threads", str(threads)]
    done = subprocess.run(command, env=one_thread(), cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{task} of {millions:g} million events ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def measure(millions: float, keep: Path | None) -> dict[str, Any]:
    """Generate one size and run everything on it; the floor before and after."""
    home = (keep or Path(tempfile.mkdtemp(prefix="cityhex-bench-"))) / f"{millions:g}"
    try:
        if not (home / "signaling" / "network.csv").is_file():
            _child("generate", home, millions)
        first = _child("floor", home, millions)
        found = {"millions": millions, "model": _child("model", home, millions)}
        found["both cores"] = _child("model", home, millions, threads=2)
        for peer, (package, _) in PEERS.items() if millions <= PEER_LIMIT else ():
            found[peer] = _child(peer, home, millions) if importlib.util.find_spec(package) else None
        last = _child("floor", home, millions)
        found["floor"] = {**first, "cpu": (first["cpu"] + last["cpu"]) / 2}
        found["mb"] = _size_mb(home)
    finally:
        if keep is None:
            shutil.rmtree(home.parent, ignore_errors=True)
    if found["model"]["checks"] != found["both cores"]["checks"]:
        sys.exit(f"one and two threads differ: {found['model']['checks']} and {found['both cores']['checks']}")
    if (twin := found.get("same_in_sql")) and found["model"]["checks"] != twin["checks"]:
        sys.exit(f"the kernel and SQL differ: {found['model']['checks']} and {twin['checks']}")
    return found


def report(results: list[dict[str, Any]]) -> str:
    """Format the measurements, one row per way and size."""
    rows, notes = [], []
    for found in results:
        floor_cpu, own = found["floor"]["cpu"], found["model"]["cpu"]
        events = found["model"]["events"]
        ways = [("scan of the files (floor)", found["floor"]), ("whole model, one thread", found["model"])]
        ways += [(title, found[peer]) for peer, (_, title) in PEERS.items() if peer in found]
        for name, way in ways:
            if way is None:
                notes.append(f"- {name}: not installed (`make .venv/.all`), not measured.")
                continue
            cpu = way["cpu"]
            rows.append(
                [f"{events:,}", name, f"{cpu:.2f}", f"{events / cpu / 1e6:.2f}", f"{cpu / floor_cpu:.1f}",
                 f"{cpu / own:.2f}", f"{way['peak']:,.0f}"]
            )  # fmt: skip
        notes.append(_note(found, events))
    head = ["events", "way", "CPU s", "million events per CPU s", "CPU, floor = 1", "CPU, model = 1", "peak MB"]
    return table(head, rows, text_columns=2) + "\n\n" + "\n".join(notes)


def _note(found: dict[str, Any], events: int) -> str:
    one, two = found["model"], found["both cores"]
    days, people, sums = (f"{part:.2f}" for part in one["parts"])
    load, serial = os.getloadavg()[0], two["serial"] / two["cpu"]
    faster = one["wall"] / two["wall"]
    twin = found.get("same_in_sql")
    same = "" if twin is None else " The same model in SQL finds the same devices and persons."
    return (
        f"- {events:,} events of {one['users']:,} users ({found['mb']:,.0f} MB of Parquet): days {days}, homes and "
        f"workplaces {people}, sums {sums} CPU s. Two threads: {two['cpu']:.2f} CPU s, wall time {two['wall']:.1f} s "
        f"against {one['wall']:.1f} s, {faster:.2f} times as fast at a load of {load:.1f}; {serial:.0%} of the CPU "
        f"time is in the one thread that is not shared; by Amdahl's law that allows {2 / (1 + serial):.2f} times on "
        f"two free cores; peak {two['peak']:,.0f} MB; same sums.{same}"
    )


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--millions", type=float, action="append", help="million events, about; default 10")
    parser.add_argument("--keep", type=Path, help="folder in which generated files stay, and are found again")
    parser.add_argument("--task", choices=tuple(TASKS), help="do one part (used by itself)")
    parser.add_argument("--home", type=Path, help="folder of that part")
    parser.add_argument("--threads", type=int, default=1, help="threads of that part")
    options = parser.parse_args()
    if options.task:
        print(json.dumps(TASKS[options.task](options.home, options.millions[0], options.threads)))
        return
    print(report([measure(millions, options.keep) for millions in options.millions or [10.0]]))


if __name__ == "__main__":
    main()
