"""The rows of what came through the door, named as a reader knows them; the ids are those of the map."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames, road_sections
from layers.legends import labels_of
from layers.products import Products
from layers.serve import Served, owners_of

FLAG_NAMES = ("observed", "zero", "suppressed", "no_data", "estimated")


def hex_ids(cells: pd.Series) -> pd.Series:
    """H3 cells (uint64) as the hexadecimal text everybody writes."""
    return pd.Series([f"{cell:x}" for cell in cells.to_numpy(np.uint64)], index=cells.index, dtype="str")


def named_rows(served: Served, products: Products, lang: str) -> pd.DataFrame:
    """Rows with id, name (areas), lon, lat, value (null where nothing may or can be shown), class and state.

    Points are listed by unified social credit code, or the id of what they stand for.
    """
    layer, frame = served.layer, served.frame
    labels = labels_of(served, lang)
    found = pd.DataFrame(index=frame.index)
    if layer.support.kind == "hex":
        found["id"] = hex_ids(frame["id"])
        cells = frames.cells(products, served.request.resolution)
        at = np.searchsorted(cells["h3"].to_numpy(np.uint64), frame["id"].to_numpy(np.uint64))
        found["lon"], found["lat"] = (
            cells["lon"].to_numpy()[at].round(6),
            cells["lat"].to_numpy()[at].round(6),
        )
    elif layer.support.kind == "point":
        codes = owners_of(layer, products)["ident"]
        found["id"] = codes.iloc[frame["id"]].to_numpy()
        found["lon"], found["lat"] = frame["lon"].round(6), frame["lat"].round(6)
    elif layer.support.kind == "od":
        names = frames.names(products, served.request.resolution, lang)
        found["id"] = frame["id"]
        for end in ("from", "to"):
            found[end] = names.reindex(frame[f"{end}_code"]).to_numpy()
    elif layer.support.kind == "road":
        found["id"] = frame["id"]
        found["name"] = road_sections.names(products, lang).reindex(frame["id"]).to_numpy()
    else:
        found["id"] = frame["id"]
        found["name"] = frames.names(products, served.request.resolution, lang).reindex(frame["id"]).to_numpy()
    if layer.measure is not None:
        if layer.measure.kind != "category":
            found["value"] = frame["value"]
        found["class"] = pd.Series(
            [labels[c] if c >= 0 else None for c in served.classes], index=found.index, dtype="str"
        )
        found["state"] = pd.Series([FLAG_NAMES[flag] for flag in frame["flag"]], index=found.index, dtype="str")
    return found
