"""The label raster behind the grid join: which pixels one polygon fills, and which hold borders.

The raster spans the bounds of all polygons. A polygon is written as its edges sorted into the raster's rows
(slabs), so a crossing test at a point reads only the few edges at the point's height. Per pixel there is one
int32:

* ``>= -1``: the position that fills the pixel, or -1 for none;
* ``<= -2``: ``-(k + 2)``, where k is a border pixel with candidates ``cand[first[k]:first[k + 1]]``
  (ascending) and ``below[k]``, the lowest position that fills the pixel entirely (or -1), which is the answer
  if no candidate holds.

Positions ascend with the codes and each polygon is drawn over what is free, so the lowest code wins.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from models.fusion.compiled import compiled
from models.fusion.crossing import OUTSIDE, place

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]

_SLACK = 1e-7
"""Pixels within this of an edge count as touched by it; rounding moves an edge by less than 1e-11 of a
pixel."""


class Frame(NamedTuple):
    """Where the raster lies: bounds in degrees, pixels per degree, size in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    sx: float
    sy: float
    nx: int
    ny: int


class Slabs(NamedTuple):
    """Edges of polygon p at raster row r: ``edges[start[base[p] + r - row[p]] : start[... + 1]]``."""

    row: Ints
    base: Longs
    start: Longs
    edges: Ints


class Raster(NamedTuple):
    """Pixel answers and the candidates of border pixels; see the module's text."""

    pixel: Ints
    first: Ints
    cand: Ints
    below: Ints


@compiled
def build_slabs(ys: Floats, edge: Ints, poly: Longs, frame: Frame) -> Slabs:
    """Sort the edges ``edge[poly[p]:poly[p + 1]]`` of every polygon into the raster rows they reach."""
    n = poly.size - 1
    row = np.zeros(n, np.int32)
    base = np.zeros(n + 1, np.int64)
    for p in range(n):
        low, high = frame.ny, -1
        for k in range(poly[p], poly[p + 1]):
            r1, r2 = _rows(ys, edge[k], frame)
            low = min(low, r1)
            high = max(high, r2)
        row[p] = low
        base[p + 1] = base[p] + max(high - low + 1, 0)
    start = np.zeros(base[n] + 1, np.int64)
    for p in range(n):
        for k in range(poly[p], poly[p + 1]):
            r1, r2 = _rows(ys, edge[k], frame)
            for r in range(r1, r2 + 1):
                start[base[p] + r - row[p] + 1] += 1
    for i in range(base[n]):
        start[i + 1] += start[i]
    edges = np.empty(start[base[n]], np.int32)
    free = start.copy()
    for p in range(n):
        for k in range(poly[p], poly[p + 1]):
            r1, r2 = _rows(ys, edge[k], frame)
            for r in range(r1, r2 + 1):
                slot = base[p] + r - row[p]
                edges[free[slot]] = edge[k]
                free[slot] += 1
    return Slabs(row, base, start, edges)


@compiled
def _rows(ys: Floats, e: int, frame: Frame) -> tuple[int, int]:
    a = (ys[e] - frame.y0) * frame.sy
    b = (ys[e + 1] - frame.y0) * frame.sy
    return min(int(min(a, b)), frame.ny - 1), min(int(max(a, b)), frame.ny - 1)


@compiled
def _columns(xs: Floats, ys: Floats, e: int, r: int, frame: Frame) -> tuple[int, int]:
    """First and last pixel column that edge e touches in row r."""
    ax = (xs[e] - frame.x0) * frame.sx
    bx = (xs[e + 1] - frame.x0) * frame.sx
    ay = (ys[e] - frame.y0) * frame.sy
    by = (ys[e + 1] - frame.y0) * frame.sy
    left, right = min(ax, bx), max(ax, bx)
    if int(ay) != int(by):
        slope = (bx - ax) / (by - ay)
        u = ax + (r - ay) * slope
        v = ax + (r + 1 - ay) * slope
        left, right = max(left, min(u, v)), min(right, max(u, v))
    first = max(int(left - _SLACK), 0)
    last = min(int(right + _SLACK), frame.nx - 1)
    return min(first, frame.nx - 1), last


@compiled
def draw(xs: Floats, ys: Floats, slabs: Slabs, frame: Frame) -> tuple[Ints, Ints, Ints]:
    """Draw all polygons; return the filling position per pixel and the (pixel, position) pairs of borders."""
    fill = np.full(frame.nx * frame.ny, -1, np.int32)
    touched = np.full(frame.nx * frame.ny, -1, np.int32)
    pair_pixel = np.empty(max(slabs.edges.size, 16), np.int32)
    pair_position = np.empty(pair_pixel.size, np.int32)
    pairs = 0
    crossings = np.empty(64)
    for p in range(slabs.row.size):
        for slot in range(slabs.base[p], slabs.base[p + 1]):
            r = slabs.row[p] + slot - slabs.base[p]
            for i in range(slabs.start[slot], slabs.start[slot + 1]):
                first, last = _columns(xs, ys, slabs.edges[i], r, frame)
                for pixel in range(r * frame.nx + first, r * frame.nx + last + 1):
                    if touched[pixel] == p:
                        continue
                    touched[pixel] = p
                    if fill[pixel] >= 0:
                        continue
                    if pairs == pair_pixel.size:
                        pair_pixel = _doubled(pair_pixel)
                        pair_position = _doubled(pair_position)
                    pair_pixel[pairs] = pixel
                    pair_position[pairs] = p
                    pairs += 1
            count = slabs.start[slot + 1] - slabs.start[slot]
            if count > crossings.size:
                crossings = np.empty(2 * count)
            _fill_row(xs, ys, slabs, slot, p, r, frame, crossings, fill, touched)
    return fill, pair_pixel[:pairs], pair_position[:pairs]


@compiled
def _doubled(values: Ints) -> Ints:
    grown = np.empty(2 * values.size, np.int32)
    grown[: values.size] = values
    return grown


@compiled
def _fill_row(  # noqa: PLR0917
    xs: Floats,
    ys: Floats,
    slabs: Slabs,
    slot: int,
    p: int,
    r: int,
    frame: Frame,
    crossings: Floats,
    fill: Ints,
    touched: Ints,
) -> None:
    """Give polygon p the free pixels of row r whose centre it holds and whose area no edge of p touches."""
    found = 0
    for i in range(slabs.start[slot], slabs.start[slot + 1]):
        e = slabs.edges[i]
        ay = (ys[e] - frame.y0) * frame.sy - r - 0.5
        by = (ys[e + 1] - frame.y0) * frame.sy - r - 0.5
        if (ay > 0.0) != (by > 0.0):
            ax = (xs[e] - frame.x0) * frame.sx
            bx = (xs[e + 1] - frame.x0) * frame.sx
            crossing = ax - ay * (bx - ax) / (by - ay)
            j = found
            while j > 0 and crossings[j - 1] > crossing:
                crossings[j] = crossings[j - 1]
                j -= 1
            crossings[j] = crossing
            found += 1
    for k in range(0, found - 1, 2):
        first = max(int(crossings[k] + 0.5), 0)
        last = min(int(crossings[k + 1] + 0.5), frame.nx)
        for pixel in range(r * frame.nx + first, r * frame.nx + last):
            if touched[pixel] != p and fill[pixel] < 0:
                fill[pixel] = p


@compiled
def gather(fill: Ints, pair_pixel: Ints, pair_position: Ints) -> Raster:
    """Group the border pairs by pixel and write the pixel codes of the module's text into ``fill``."""
    borders = 0
    for i in range(pair_pixel.size):
        if fill[pair_pixel[i]] >= -1:
            borders += 1
            fill[pair_pixel[i]] = -(fill[pair_pixel[i]] + 3)
    below = np.empty(borders, np.int32)
    first = np.zeros(borders + 1, np.int32)
    number = np.empty(pair_pixel.size, np.int32)
    return _grouped(fill, pair_pixel, pair_position, below, first, number)


@compiled
def _grouped(  # noqa: PLR0917
    fill: Ints, pair_pixel: Ints, pair_position: Ints, below: Ints, first: Ints, number: Ints
) -> Raster:
    seen = np.zeros(fill.size, np.bool_)
    borders = 0
    for i in range(pair_pixel.size):
        pixel = pair_pixel[i]
        if not seen[pixel]:
            seen[pixel] = True
            below[borders] = -fill[pixel] - 3
            fill[pixel] = -(borders + 2)
            borders += 1
        number[i] = -fill[pixel] - 2
        first[number[i] + 1] += 1
    for k in range(borders):
        first[k + 1] += first[k]
    cand = np.empty(pair_pixel.size, np.int32)
    free = first.copy()
    for i in range(pair_pixel.size):
        cand[free[number[i]]] = pair_position[i]
        free[number[i]] += 1
    return Raster(fill, first, cand, below)


@compiled
def locate(  # noqa: PLR0917
    px: Floats, py: Floats, xs: Floats, ys: Floats, slabs: Slabs, raster: Raster, frame: Frame, out: Ints
) -> None:
    """Write into ``out`` the lowest position whose closed area holds each point, or -1."""
    for i in range(px.size):
        x, y = px[i], py[i]
        out[i] = -1
        if not (frame.x0 <= x <= frame.x1 and frame.y0 <= y <= frame.y1):
            continue
        r = min(int((y - frame.y0) * frame.sy), frame.ny - 1)
        c = min(int((x - frame.x0) * frame.sx), frame.nx - 1)
        code = raster.pixel[r * frame.nx + c]
        if code >= -1:
            out[i] = code
            continue
        k = -code - 2
        out[i] = raster.below[k]
        for j in range(raster.first[k], raster.first[k + 1]):
            p = raster.cand[j]
            slot = slabs.base[p] + r - slabs.row[p]
            if place(xs, ys, slabs.edges, slabs.start[slot], slabs.start[slot + 1], x, y) != OUTSIDE:
                out[i] = p
                break
