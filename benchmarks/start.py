"""From the command to the first answer: ``cityhex --help``, and ``cityhex serve`` until /healthz says ok.

A small demo city is built first in a folder of its own. Each command is started several times; the median and the
least are shown, because a start is over so soon that one busy neighbour doubles it. The last row is the yardstick: what
the same machine needs at the same moment to import pandas alone.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median

import psutil

from benchmarks.measure import table
from models.settings import PROJECT_ROOT

COMMAND = Path(sys.executable).with_name("cityhex")
LIMIT_S = 120.0
Times = list[tuple[float, float]]


def to_the_end(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command that ends by itself."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, cwd=PROJECT_ROOT, stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - start, os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def to_health(home: Path) -> tuple[float, float]:
    """Wall and CPU seconds from starting the server to its first healthy answer."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen(
        [str(COMMAND), "serve", "demo", "--port", str(port)], cwd=PROJECT_ROOT, env=_in(home),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not _healthy(port):
            if server.poll() is not None or time.perf_counter() - start > LIMIT_S:
                sys.exit(f"the server did not answer within {LIMIT_S:.0f} s (exit code {server.poll()})")
            time.sleep(0.02)
        wall = time.perf_counter() - start
        family = psutil.Process(server.pid)
        used = [p.cpu_times() for p in (family, *family.children(recursive=True))]
        return wall, sum(t.user + t.system for t in used)
    finally:
        server.terminate()
        server.wait(20)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _in(home: Path) -> dict[str, str]:
    return os.environ | {"CITYHEX_HOME": str(home)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cityhex-bench-") as folder:
        home = Path(folder)
        for command in (["demo", "--firms", "1000"], ["build", "demo"]):
            subprocess.run(
                [str(COMMAND), *command], cwd=PROJECT_ROOT, env=_in(home), stdout=subprocess.DEVNULL, check=True
            )
        times: dict[str, Times] = {"cityhex --help": [], "cityhex serve, to the first answer": [], "import pandas": []}
        for _ in range(options.runs):
            times["cityhex --help"].append(to_the_end([str(COMMAND), "--help"]))
            times["cityhex serve, to the first answer"].append(to_health(home))
            times["import pandas"].append(to_the_end([sys.executable, "-c", "import pandas"]))
    yardstick = median(cpu for _, cpu in times["import pandas"])
    rows = []
    for name, runs in times.items():
        walls, cpus = [w for w, _ in runs], [c for _, c in runs]
        rows.append([name, f"{median(walls):.2f}", f"{min(walls):.2f}", f"{median(cpus):.2f}", f"{min(cpus):.2f}"])
        rows[-1].append(f"{median(cpus) / yardstick:.1f}")
    print(table(["start", "wall s", "least wall s", "CPU s", "least CPU s", "CPU, import pandas = 1"], rows))


if __name__ == "__main__":
    main()
