"""The outline of H3 cells as an affine model: a browser without an H3 library draws them true to shape."""

from __future__ import annotations

import h3
import numpy as np
import numpy.typing as npt

SAMPLE = 400  # cells whose true outlines the model is fitted to
WORLD = 512.0  # side of the Web Mercator square in the units of deck.gl


Floats = npt.NDArray[np.float64]


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Project degrees to the Web Mercator square of side 512, y pointing north (deck.gl's common space)."""
    x = WORLD * (np.asarray(lon, np.float64) + 180.0) / 360.0
    phi = np.radians(np.asarray(lat, np.float64))
    return x, WORLD * (np.pi + np.log(np.tan(np.pi / 4 + phi / 2))) / (2 * np.pi)


def outline_model(cells: npt.NDArray[np.uint64], origin: tuple[float, float]) -> npt.NDArray[np.float32]:
    """Fit corner = a + b dx + c dy to the true outlines of a sample of cells.

    Parameters
    ----------
    cells : uint64 array, one resolution, sorted
    origin : Mercator position dx and dy are measured from

    Returns
    -------
    float32 array of shape (6, 2, 3): corner, axis (x, y), (a, b, c), relative to the cell's centre.
    Pentagons and cells on an edge of the icosahedron (more than six corners) are not sampled; they are
    drawn as their neighbours.
    """
    picked = cells[np.unique(np.linspace(0, len(cells) - 1, SAMPLE).astype(int))] if len(cells) else cells
    centres, corners = [], []
    for cell in picked.tolist():
        ring = np.array(h3.cell_to_boundary(h3.int_to_str(cell)))
        if len(ring) != 6:
            continue
        lat, lon = h3.cell_to_latlng(h3.int_to_str(cell))
        x, y = mercator(np.array([lon]), np.array([lat]))
        centres.append((x[0] - origin[0], y[0] - origin[1]))
        corners.append(np.column_stack(mercator(ring[:, 1], ring[:, 0])) - (x[0], y[0]))
    if not corners:
        return np.zeros((6, 2, 3), np.float32)
    aligned = np.stack([_turned(ring, corners[0]) for ring in corners])
    offsets = np.column_stack([np.ones(len(centres)), np.array(centres)])
    fit = np.linalg.lstsq(offsets, aligned.reshape(len(aligned), 12), rcond=None)[0]
    return np.asarray(fit.T.reshape(6, 2, 3), np.float32)


def _turned(ring: Floats, like: Floats) -> Floats:
    """The ring started at the corner that brings it closest to ``like``; the order differs between faces."""
    turns = [np.roll(ring, k, axis=0) for k in range(6)]
    return min(turns, key=lambda turn: float(np.abs(turn - like).sum()))
