"""Points into supervision grids: the label raster against geopandas.sjoin, in CPU-seconds of one thread.

    python benchmarks/grid_join.py --points 1000000 --grids 10000 --vertices 200 --runs 5

Every run builds its index anew. Both sides run in turn within one process on the same arrays; the answers
are compared point by point. Peak memory is that of a process that does only one side; compiling is timed
apart with an empty cache.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

for _threads in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
sys.path.insert(0, str(Path(__file__).parents[1]))

import geopandas as gpd  # noqa: E402
import numpy as np  # noqa: E402
import shapely  # noqa: E402

from benchmarks.measure import table  # noqa: E402
from models.fusion.grid_join import GridIndex  # noqa: E402

WEST, SOUTH, DEGREES = 106.4, 28.8, 0.5
SEED = 7


def tessellation(grids: int, vertices: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return about ``grids`` polygons that tile a square with wiggly shared borders, one in 50 with an
    enclave.

    A lattice with shifted corners; every border is drawn once and used by both neighbours, so shared
    vertices are equal to the last bit. An enclave is a hole in its grid and a grid of its own.
    """
    side = round(grids**0.5)
    steps = max(vertices // 4, 1)
    corners = np.stack(np.meshgrid(np.arange(side + 1.0), np.arange(side + 1.0), indexing="ij"), axis=-1)
    corners[1:-1, 1:-1] += rng.uniform(-0.25, 0.25, (side - 1, side - 1, 2))
    east = _borders(corners[:-1], corners[1:], steps, rng)
    north = _borders(corners[:, :-1], corners[:, 1:], steps, rng)
    scale, origin = DEGREES / side, np.array([WEST, SOUTH])
    shapes, inner = [], []
    for i in range(side):
        for j in range(side):
            ring = np.vstack([east[i, j, :-1], north[i + 1, j, :-1], east[i, j + 1, :0:-1], north[i, j, :0:-1]])
            shape = shapely.Polygon(ring * scale + origin)
            if (i * side + j) % 50 == 0:
                enclave = shape.centroid.buffer(0.1 * scale, quad_segs=8)
                shape = shapely.Polygon(shape.exterior.coords, [enclave.exterior.coords])
                inner.append(enclave)
            shapes.append(shape)
    every = np.array([*shapes, *inner], dtype=object)
    return every, np.array([f"G{i:06d}" for i in range(len(every))], dtype=object)


def _borders(start: np.ndarray, end: np.ndarray, steps: int, rng: np.random.Generator) -> np.ndarray:
    """Return (..., steps + 1, 2) points of rough lines between corners that do not move at their ends."""
    share = np.linspace(0.0, 1.0, steps + 1)
    along = end - start
    noise = rng.normal(0.0, 1.0, (*start.shape[:-1], steps + 1))
    smooth = sum(np.roll(noise, k, axis=-1) for k in range(-2, 3)) / 5
    away = smooth * np.sin(np.pi * share) * 0.03
    across = np.stack([-along[..., 1], along[..., 0]], axis=-1)
    points = start[..., None, :] + share[:, None] * along[..., None, :] + away[..., None] * across[..., None, :]
    points[..., 0, :], points[..., -1, :] = start, end
    return points


def scattered(n: int, shapes: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return n points: 98.9 % at random over the square, 1 % beyond it, 0.1 % exactly on vertices."""
    lon, lat = WEST + DEGREES * rng.random(n), SOUTH + DEGREES * rng.random(n)
    beyond = slice(0, n // 100)
    lon[beyond] += DEGREES
    vertices = shapely.get_coordinates(shapes)
    chosen = rng.integers(0, len(vertices), max(n // 1000, 1))
    lon[-len(chosen) :], lat[-len(chosen) :] = vertices[chosen].T
    return lon, lat


def by_raster(shapes: np.ndarray, codes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Index the grids and locate the points."""
    return GridIndex(shapes, codes).locate(lon, lat)


def by_sjoin(shapes: np.ndarray, codes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Join with geopandas, then keep the lowest position of each point."""
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    grids = gpd.GeoDataFrame({"position": np.arange(len(codes), dtype=np.int32)}, geometry=shapes, crs=4326)
    joined = gpd.sjoin(points, grids, predicate="intersects", how="inner")
    out = np.full(lon.size, len(codes), np.int32)
    np.minimum.at(out, joined.index.to_numpy(), joined["position"].to_numpy())
    out[out == len(codes)] = -1
    return out


SIDES = {"raster": by_raster, "sjoin": by_sjoin}
NAMES = {"raster": "label raster", "sjoin": "geopandas.sjoin"}


def main() -> None:
    """Run the comparison and print it."""
    options = _options()
    if options.only:
        _child(options)
        return
    shapes, codes, lon, lat = _data(options)
    by_raster(shapes[:2], codes[:2], lon[:2], lat[:2])
    seconds: dict[str, list[float]] = {"raster": [], "sjoin": []}
    for run in range(options.runs):
        answers = {}
        for side in sorted(SIDES, reverse=run % 2 == 1):
            start = time.process_time()
            answers[side] = SIDES[side](shapes, codes, lon, lat)
            seconds[side].append(time.process_time() - start)
        different = int((answers["raster"] != answers["sjoin"]).sum())
        if different:
            raise SystemExit(f"run {run}: {different} of {lon.size} points differ")
    _report(options, shapes, answers["raster"], seconds)


def _report(
    options: argparse.Namespace, shapes: np.ndarray, answer: np.ndarray, seconds: dict[str, list[float]]
) -> None:
    ratios = [s / r for s, r in zip(seconds["sjoin"], seconds["raster"], strict=True)]
    with tempfile.TemporaryDirectory() as cache:
        cold = _spawn(options, "raster", points=10, cache=cache)["cpu_s"]
        warm = _spawn(options, "raster", points=10, cache=cache)["cpu_s"]
    rows = []
    for side in SIDES:
        spent = statistics.median(seconds[side])
        peak = _spawn(options, side)["peak_mb"]
        rows.append([NAMES[side], f"{spent:.2f}", f"{min(seconds[side]):.2f} to {max(seconds[side]):.2f}"])
        rows[-1] += [f"{options.points / spent:,.0f}", f"{peak:,}"]
    print(table(["index and join", "CPU s", "range", "points per CPU s", "peak MB above the data"], rows))
    vertices, invalid = shapely.get_num_coordinates(shapes).mean(), int((~shapely.is_valid(shapes)).sum())
    print(
        f"\n{options.points:,} points, {len(shapes):,} grids of {vertices:.0f} vertices on average ({invalid} of them "
        f"invalid), {int((answer < 0).sum()):,} points outside every grid: 0 different answers. The raster needs "
        f"1/{statistics.median(ratios):.1f} of the time (single runs 1/{min(ratios):.1f} to 1/{max(ratios):.1f}); "
        f"compiling takes {cold - warm:.1f} CPU s once per installation."
    )


def _child(options: argparse.Namespace) -> None:
    """Do one side once and print its CPU seconds and the memory it took above the data."""
    shapes, codes, lon, lat = _data(options)
    if options.points > 10:
        SIDES[options.only](shapes[:2], codes[:2], lon[:2], lat[:2])
    before = _peak_kb(reset=True)
    start = time.process_time()
    SIDES[options.only](shapes, codes, lon, lat)
    cpu = time.process_time() - start
    peak = _peak_kb()
    print(json.dumps({"cpu_s": cpu, "peak_mb": round((peak - before) / 1024)}))


def _peak_kb(*, reset: bool = False) -> int:
    """Return the peak resident memory of this process; ``reset`` starts the peak anew (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _spawn(options: argparse.Namespace, side: str, points: int | None = None, cache: str | None = None) -> dict:
    command = [sys.executable, __file__, "--only", side, "--points", str(points or options.points)]
    command += ["--grids", str(options.grids), "--vertices", str(options.vertices)]
    environment = os.environ | ({"NUMBA_CACHE_DIR": cache} if cache else {})
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _data(options: argparse.Namespace) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(SEED)
    shapes, codes = tessellation(options.grids, options.vertices, rng)
    return shapes, codes, *scattered(options.points, shapes, rng)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--grids", type=int, default=10_000)
    parser.add_argument("--vertices", type=int, default=200)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", choices=sorted(SIDES), help="do one side once (used by the benchmark itself)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
