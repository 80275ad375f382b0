"""From a protected frame to the bytes the map fetches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from layers import flows, frames, road_sections, wire
from layers.layer import Layer
from layers.products import Products

SIMPLIFY_FROM = 150_000
TOLERANCE_DEG = 0.0003


def geometry(
    layer: Layer, products: Products, resolution: str, frame: pd.DataFrame, classes: npt.NDArray[np.int8]
) -> bytes:
    """Encode what the values of ``frame`` stand on, in the order of the frame."""
    if layer.support.kind == "point":
        shown = classes >= 0
        lon, lat = frame["lon"].to_numpy(np.float64), frame["lat"].to_numpy(np.float64)
        return wire.encode_points(lon[shown], lat[shown], classes[shown].astype(np.uint8))
    if layer.support.kind == "hex":
        cells = frames.cells(products, resolution)
        at = np.searchsorted(cells["h3"].to_numpy(np.uint64), frame["id"].to_numpy(np.uint64))
        taken = cells.iloc[at]
        return wire.encode_hexes(frame["id"].to_numpy(np.uint64), taken["lon"].to_numpy(), taken["lat"].to_numpy())
    if layer.support.kind == "od":
        places = flows.places(products, resolution)
        ends = (pd.Index(places["area_code"]).get_indexer(pd.Index(frame[c])) for c in ("from_code", "to_code"))
        return wire.encode_flows(places["lon"].to_numpy(), places["lat"].to_numpy(), *ends)
    if layer.support.kind == "road":
        sections = road_sections.sections(products).set_index("section_id").loc[list(frame["id"])]
        return wire.encode_lines(list(sections.geometry.to_numpy()))
    areas = frames.areas(products, resolution).set_index("area_code").loc[list(frame["id"])]
    return wire.encode_polygons(list(light(areas.geometry.to_numpy())))


def light(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Areas with fewer vertices where there are very many; shared borders stay shared (about 30 m at most)."""
    if shapely.get_num_coordinates(shapes).sum() < SIMPLIFY_FROM:
        return shapes
    simplified: npt.NDArray[np.object_] = shapely.coverage_simplify(shapes, TOLERANCE_DEG)
    return simplified


def values(frame: pd.DataFrame, scale: wire.Scale, breaks: tuple[float, ...]) -> bytes:
    """Encode the values of one period."""
    return wire.encode_values(frame["value"].to_numpy(np.float64), frame["flag"].to_numpy(np.uint8), scale, breaks)
