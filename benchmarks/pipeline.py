"""A city built from generated registers: CPU seconds and peak memory of every stage, beside a floor of the same files.

    python -m benchmarks.pipeline [--firms 100000 --firms 1000000]

Each size is generated and built in processes of its own, so peaks are true and nothing is left over from a smaller one.
The stages are those of `cityhex build`: nothing is switched off. The floor is the least that any program could do with
the same input: Arrow reads the same register and place files as CSV without looking at a value, and ADBC writes the
rows into a bare SQLite table without key, index or check. Compiled functions are taken from the disk cache (a first
build of a small city fills it), as on every run but the first after an installation.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measure import cpu_s, one_thread, peak_mb, table
from models.settings import PROJECT_ROOT

WARM_FIRMS = 2_000
FLOOR_RUNS = 3
STAGES = ("import + validate", "locate", "fuse", "analysis", "publish")
PREFIX = "home:demo-files/"


@dataclass
class Cost:
    """What one stage used: CPU seconds, wall seconds, and the peak of resident memory in MB."""

    cpu_s: float = 0.0
    wall_s: float = 0.0
    peak_mb: float = 0.0


def stage_of(step: str) -> str:
    """Name the stage that a step of the build belongs to; ``grids`` makes the polygons that `fuse` joins to."""
    if step.startswith(("read ", "table ")):
        return "import + validate"
    return {"grids": "fuse"}.get(step, step if step in STAGES else "analysis")


class Clock:
    """Takes the build's progress events and books everything since the last finished step to the step that ended."""

    def __init__(self) -> None:
        self.stages = {name: Cost() for name in STAGES}
        peak_mb(reset=True)
        self._cpu, self._wall = cpu_s(), time.perf_counter()

    def __call__(self, event: Any) -> None:
        if event.state != "done":
            return
        cpu, wall, cost = cpu_s(), time.perf_counter(), self.stages[stage_of(event.step)]
        cost.cpu_s += cpu - self._cpu
        cost.wall_s += wall - self._wall
        cost.peak_mb = max(cost.peak_mb, peak_mb(reset=True))
        self._cpu, self._wall = cpu, wall


def generate(home: Path, firms: int) -> None:
    """Write the registers, grid, towns and places of a generated city, and a profile of just these files."""
    from models.demo import write_city  # noqa: PLC0415 - only this process needs the generator

    write_city(home / "demo-files", firms=firms, registers_only=True)
    given, profile = PROJECT_ROOT / "data/cities/demo", home / "profile" / "demo"
    (profile / "sources").mkdir(parents=True)
    shutil.copy(given / "city.toml", profile)
    for manifest in sorted((given / "sources").glob("*.toml")):
        files = tomllib.loads(manifest.read_text(encoding="utf-8"))["files"]
        if all((home / "demo-files" / f.removeprefix(PREFIX)).exists() for f in files):
            shutil.copy(manifest, profile / "sources")


def build(home: Path) -> dict[str, Any]:
    """Build the generated city and return the cost of each stage, and the account of its rows."""
    from models.build import build_city  # noqa: PLC0415 - importing is not what is measured
    from models.settings import load  # noqa: PLC0415

    clock = Clock()
    settings = load({"CITYHEX_HOME": str(home)})
    report = build_city(home / "profile" / "demo", settings, on_progress=clock)
    registers = [s for s in report.sources if s.table == "legal_persons"]
    read = sum(s.read for s in registers)
    kept, refused = sum(s.loaded for s in registers), sum(s.quarantined for s in registers)
    counted = report.conservation
    if read != kept + refused or counted["subjects"] != kept:
        sys.exit(f"rows went missing: {read} read, {kept} loaded, {refused} quarantined, {counted}")
    return {
        "stages": {name: asdict(cost) for name, cost in clock.stages.items()},
        "rows": read,
        "quarantined": refused,
        **{name: counted[name] for name in ("in_grid", "outside", "unlocated")},
    }


def floor(home: Path) -> dict[str, Any]:
    """Read the CSV files with Arrow and write their rows with ADBC; the median of three runs."""
    import adbc_driver_sqlite.dbapi as adbc  # noqa: PLC0415 - importing is not what is measured
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv  # noqa: PLC0415

    pa.set_cpu_count(1)
    files = sorted((home / "demo-files").glob("[pr]*s/*.csv*"))
    parse = csv.ParseOptions(invalid_row_handler=lambda _: "skip")
    costs = []
    for run in range(FLOOR_RUNS):
        cpu, wall, target = cpu_s(), time.perf_counter(), home / f"floor{run}.db"
        with adbc.connect(str(target)) as connection, connection.cursor() as cursor:
            for file in files:
                encoding = "gb18030" if "1985" in file.name else "utf8"
                rows = csv.read_csv(file, csv.ReadOptions(use_threads=False, encoding=encoding), parse)
                cursor.adbc_ingest(file.name.split(".")[0], rows, mode="create")
            connection.commit()
        costs.append(Cost(cpu_s() - cpu, time.perf_counter() - wall))
        target.unlink()
    return asdict(Cost(median(c.cpu_s for c in costs), median(c.wall_s for c in costs), peak_mb()))


def measure(firms: int) -> dict[str, Any]:
    """Generate, build and read the floor of one size, each in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="cityhex-bench-") as folder:
        _child("generate", Path(folder), firms)
        floor_before = _child("floor", Path(folder), firms)
        built = _child("build", Path(folder), firms)
        floor_after = _child("floor", Path(folder), firms)
    both = {key: (floor_before[key] + floor_after[key]) / 2 for key in floor_before}
    return {"firms": firms, **built, "floor": both}


def _child(task: str, home: Path, firms: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.pipeline", "--task", task, "--home", str(home), "--firms", str(firms)]
    done = subprocess.run(command, env=one_thread(), cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{task} of {firms:,} firms ended with code {done.returncode}: {done.stderr.strip()[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout or "{}")
    return answer


def report(results: list[dict[str, Any]]) -> str:
    """Format the measurements: one row per stage, the columns of each size side by side, the exponent of growth."""
    head, several = ["stage"], len(results) > 1
    for result in results:
        head += [f"{result['firms']:,} firms: CPU s", "rows per CPU s", "peak MB", "CPU, floor = 1"]
    rows = []
    for name in (*STAGES, "whole build", "floor"):
        costs = [_cost(result, name) for result in results]
        row = [name]
        for result, cost in zip(results, costs, strict=True):
            ratio = cost.cpu_s / result["floor"]["cpu_s"]
            row += [f"{cost.cpu_s:.1f}", f"{result['rows'] / cost.cpu_s:,.0f}", f"{cost.peak_mb:,.0f}", f"{ratio:.1f}"]
        if several:
            growth = math.log(results[-1]["rows"] / results[0]["rows"])
            row.append(f"{math.log(costs[-1].cpu_s / costs[0].cpu_s) / growth:.2f}")
        rows.append(row)
    accounts = [
        f"- {r['rows']:,} rows read: {r['rows'] - r['quarantined']:,} loaded ({r['in_grid']:,} in a grid cell, "
        f"{r['outside']:,} outside every cell, {r['unlocated']:,} in the queue) and {r['quarantined']:,} quarantined; "
        f"wall time {_cost(r, 'whole build').wall_s:.0f} s."
        for r in results
    ]
    return table([*head, *(["exponent"] if several else [])], rows) + "\n\n" + "\n".join(accounts)


def _cost(result: dict[str, Any], name: str) -> Cost:
    if name == "floor":
        return Cost(**result["floor"])
    if name != "whole build":
        return Cost(**result["stages"][name])
    stages = [Cost(**cost) for cost in result["stages"].values()]
    return Cost(sum(c.cpu_s for c in stages), sum(c.wall_s for c in stages), max(c.peak_mb for c in stages))


def main() -> None:
    """Measure every size and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, action="append", help="default 100000; give it twice for an exponent")
    parser.add_argument("--task", choices=("generate", "build", "floor"), help="do one part (used by itself)")
    parser.add_argument("--home", type=Path, help="folder of that part")
    options = parser.parse_args()
    if options.task:
        tasks = {"build": build, "floor": floor, "generate": lambda home: generate(home, options.firms[0])}
        print(json.dumps(tasks[options.task](options.home) or {}))
        return
    with tempfile.TemporaryDirectory(prefix="cityhex-bench-") as folder:
        _child("generate", Path(folder), WARM_FIRMS)
        _child("build", Path(folder), WARM_FIRMS)
    print(report([measure(firms) for firms in options.firms or [100_000]]))


if __name__ == "__main__":
    main()
