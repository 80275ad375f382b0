"""What every benchmark shares: CPU seconds, peak memory, the machine line, tables, and the blocks of a page.

CPU seconds are user and system time of this process, all its threads and every child it has waited for. They are the
figure to compare on a shared machine, where wall time mostly tells what the neighbours did; even so they move by 10 to
40 % under load, so compare ratios of one run rather than seconds of two.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

THREADS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
"""Variables that limit the threads of numerical libraries; they count only where set before the first import."""

VERSIONS = ("numpy", "pandas", "pyarrow", "geopandas", "numba")


def one_thread() -> dict[str, str]:
    """Return this process's environment with numerical libraries held to one thread, for a child process."""
    return os.environ | dict.fromkeys(THREADS, "1")


def cpu_s() -> float:
    """CPU seconds used so far by this process and by the children it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def peak_mb(*, reset: bool = False) -> float:
    """Peak resident memory of this process in MB since the start or the last reset.

    Parameters
    ----------
    reset : start the peak anew at what is resident now (Linux only)

    Raises
    ------
    OSError : not Linux; elsewhere no per-stage peak can be had
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak / 1024


def machine() -> str:
    """One line that says on what, when and beside what load the figures were taken."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    packages = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return (
        f"Taken {dt.datetime.now(dt.UTC):%Y-%m-%d} on {_processor()}, {os.cpu_count()} cores, one-minute load "
        f"{load:.1f}; {platform.system()}, Python {platform.python_version()}, {packages}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    known = [name for name in names if name != "unknown"]
    return known[0] if known else f"a virtual {platform.machine()} processor"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> str:
    """Format rows as a Markdown table; columns after the first ``text_columns`` stand to the right."""
    rule = "|" + "---|" * text_columns + "---:|" * (len(head) - text_columns)
    return "\n".join(["| " + " | ".join(head) + " |", rule, *("| " + " | ".join(row) + " |" for row in rows)])


def replace_block(page: Path, name: str, text: str) -> None:
    """Put text between the markers ``<!-- name -->`` and ``<!-- /name -->`` of a page.

    Raises
    ------
    SystemExit : the page lacks one of the two markers
    """
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, opened, rest = page.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        sys.exit(f"{page}: the markers {begin} and {end} are not both there; add them where the table belongs")
    page.write_text(f"{before}{begin}\n{text.strip()}\n{end}{after}", encoding="utf-8")
