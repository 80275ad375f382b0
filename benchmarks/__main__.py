"""``python -m benchmarks [names...]``: run all benchmarks, or those named, and print one section each.

``--write`` also puts the tables into docs/performance.md between its markers. Every benchmark runs in a process of its
own; one that cannot run says why, the others still run, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.measure import machine, one_thread, replace_block
from models.settings import PROJECT_ROOT, load

PAGE = PROJECT_ROOT / "docs" / "performance.md"
SHARED_FILES = ("realdata/enterprise_chongqing", "realdata/poi_shanghai")


@dataclass(frozen=True)
class Benchmark:
    """One benchmark.

    Attributes
    ----------
    module : run as ``python -m benchmarks.<module>``; prints Markdown
    about : what it shows, in a few words
    quick, full : arguments of a usual run and of one with ``--full``
    hindrance : says what is missing on this machine, or nothing
    one_thread : hold numerical libraries to one thread
    own_page : it takes ``--write`` itself, for a page of its own
    """

    module: str
    about: str
    quick: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    hindrance: Callable[[], str | None] = lambda: None
    one_thread: bool = True
    own_page: bool = False


def _no_adbc() -> str | None:
    if importlib.util.find_spec("adbc_driver_sqlite"):
        return None
    return "the floor is written with adbc-driver-sqlite; install the extra: pip install -e .[test]"


def _no_demo() -> str | None:
    if (load().home / "demo" / "products").is_dir():
        return None
    return "it needs a built demo city; write and build it: cityhex demo, cityhex build demo"


def _no_browser() -> str | None:
    if not shutil.which("chromium"):
        return "it drives Chromium; install the package chromium of your system"
    if not importlib.util.find_spec("playwright"):
        return "it drives Chromium with playwright; install the extra: pip install -e .[test]"
    return None


def _no_real_data() -> str | None:
    shared = load().shared
    missing = [name for name in SHARED_FILES if not (shared / name).is_dir()]
    return f"it reads real data; CITYHEX_SHARED={shared} has no folder {', '.join(missing)}" if missing else None


BENCHMARKS = {
    "pipeline": Benchmark(
        "pipeline", "a city built from generated registers, stage by stage", hindrance=_no_adbc,
        quick=("--firms", "100000"), full=("--firms", "100000", "--firms", "1000000"),
    ),
    "grid_join": Benchmark(
        "grid_join", "points into supervision grids, against geopandas.sjoin",
        quick=("--points", "200000", "--grids", "2500", "--runs", "3"),
    ),
    "storage": Benchmark(
        "storage", "writing and reading legal persons, against the plainest writers", hindrance=_no_adbc,
        quick=("--rows", "100000"), full=("--rows", "100000", "--rows", "1000000"),
    ),
    "classification": Benchmark(
        "classification", "levels of all subjects with their history, against a plain loop", one_thread=False,
        quick=("--subjects", "200000", "--sample", "500"),
    ),
    "records": Benchmark(
        "records", "records of supervision read, held to their rules and told as timelines",
        quick=("--rows", "200000"), full=("--rows", "1000000"),
    ),
    "field_work": Benchmark(
        "field_work", "draws of lots and day routes, against hashing and the nearest neighbour",
        quick=("--subjects", "200000"), full=("--subjects", "1000000"),
    ),
    "scan": Benchmark(
        "scan", "the space-time scan against the same in NumPy",
        quick=("--places", "1000", "--sample", "5"), full=("--places", "300", "--places", "1000", "--places", "3000"),
    ),
    "alerts": Benchmark("alerts", "alerts over every series of a large city, against one series after the other"),
    "planted": Benchmark(
        "planted", "bursts planted into a real register, replayed day by day", hindrance=_no_real_data, own_page=True,
        quick=("--seeds", "1", "--each", "8"), full=("--seeds", "3", "--each", "8"),
    ),
    "warnings": Benchmark(
        "warnings", "detectors of early warning over a register, against plain per-group pandas",
        quick=("--firms", "200000", "--groups", "1000"), full=("--firms", "1000000", "--groups", "3000"),
    ),
    "classification_truth": Benchmark(
        "classification_truth", "levels and probabilities against the demo's truth and real inspections",
        one_thread=False, own_page=True,
    ),
    "profiles": Benchmark(
        "profiles", "definitions of home and work on the same telephones, against the truth", one_thread=False,
        own_page=True, quick=("--people", "3000"), full=("--people", "6000"), hindrance=_no_demo,
    ),
    "intervals": Benchmark(
        "intervals", "model error of people on hexagons, and how often their intervals hold", one_thread=False,
        own_page=True, quick=("--seed", "11", "--test", "21"),
        full=("--seed", "11", "--seed", "12", "--seed", "13", "--test", "21", "--test", "22"),
    ),
    "flow_intervals": Benchmark(
        "flow_intervals", "model error of commuters, moves and visitors, and how often their intervals hold",
        one_thread=False, own_page=True, quick=("--seed", "11", "--test", "21"),
        full=("--seed", "11", "--seed", "12", "--seed", "13", "--seed", "14", "--test", "21", "--test", "22"),
    ),
    "signaling": Benchmark(
        "signaling", "mobile signaling from event files to raw cubes, against a scan, transbigdata and DuckDB",
        quick=("--millions", "2"), full=("--millions", "10", "--millions", "100"),
    ),
    "start": Benchmark("start", "from the command to the first answer"),
    "geocoding": Benchmark(
        "geocoding_quality", "addresses of two real cities: share, error and rate", hindrance=_no_real_data,
        own_page=True,
    ),
    "supervise": Benchmark(
        "supervise", "my grid of a large city, on the server and in Chromium", hindrance=_no_browser, one_thread=False,
        quick=("--subjects", "200000"), full=("--subjects", "1000000"),
    ),
    "map": Benchmark(
        "map_browser", "the map against plotly in Chromium", hindrance=_no_browser, one_thread=False,
    ),
}  # fmt: skip


def main() -> int:
    """Run the chosen benchmarks; 0 where all of them ran."""
    listed = "\n".join(f"  {name:10} {one.about}" for name, one in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"{__doc__}\nbenchmarks:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(BENCHMARKS)}; all where none is given")
    parser.add_argument("--full", action="store_true", help="the sizes that are published; takes up to an hour")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(PROJECT_ROOT)}")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(machine(), flush=True)
    failed = [name for name in options.names or BENCHMARKS if not _run(name, full=options.full, write=options.write)]
    if failed:
        print(f"\nNot measured: {', '.join(failed)}; the reasons stand above.", file=sys.stderr)
    return 1 if failed else 0


def _run(name: str, *, full: bool, write: bool) -> bool:
    one = BENCHMARKS[name]
    print(f"\n## {name}: {one.about}\n", flush=True)
    hindrance = one.hindrance()
    if hindrance:
        print(f"{name} cannot run: {hindrance}.", flush=True)
        return False
    command = [sys.executable, "-m", f"benchmarks.{one.module}", *(one.full if full else one.quick)]
    if write and one.own_page:
        command.append("--write")
    environment = one_thread() if one.one_thread else dict(os.environ)
    line = machine()
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    print(done.stdout.strip(), flush=True)
    if done.returncode:
        print(f"{name} ended with code {done.returncode}: {done.stderr.strip()[-2000:]}", flush=True)
        return False
    if write and not one.own_page:
        shown = " ".join(command[1:]).removeprefix("-m ")
        replace_block(PAGE, name, f"{done.stdout.strip()}\n\n`python -m {shown}`. {line}")
    return True


if __name__ == "__main__":
    sys.exit(main())
