"""Layers of warnings: what is counted, what is hidden, and what a hexagon without data is not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from layers import frames, registry
from layers.access import LOCAL
from layers.requests import Request
from layers.serve import serve


def test_density_counts_open_warnings_that_ask_for_a_visit_once(store, city, city_frames) -> None:
    rows = city_frames["warnings"]
    wanted = rows[rows["ended_on"].isna() & ~rows["data_fault"] & (rows["theme"] != "licence")]
    for resolution in ("7", "8"):
        served = serve(registry.layers()["warning-density"], Request(resolution), LOCAL, store=store, city=city)
        size = city_frames["cells"].set_index("h3")["area_km2"].reindex(served.frame["id"]).to_numpy()
        assert np.nansum(served.frame["value"] * size) == np.float64(len(wanted)).round()


def test_fewer_devices_than_k_are_suppressed_and_no_coverage_is_no_data(store, city, city_frames) -> None:
    served = serve(registry.layers()["registered-present"], Request("8"), LOCAL, store=store, city=city)
    frame = served.frame.set_index("id")
    known = city_frames["registered_present"].set_index("h3")
    flags = frame["flag"].reindex(known.index)
    assert (flags[known["suppressed"]] == frames.SUPPRESSED).all()
    assert frame.loc[frame["flag"] == frames.SUPPRESSED, "value"].isna().all()
    uncovered = known.index[known["devices"].isna()]
    assert (frame["flag"].reindex(uncovered) == frames.NO_DATA).all()
    assert "observed" not in frame


def test_ended_warnings_have_no_point(store, city, city_frames) -> None:
    served = serve(registry.layers()["warnings"], Request("-"), LOCAL, store=store, city=city)
    rows = city_frames["warnings"]
    assert len(served.frame) == int((rows["ended_on"].isna() & rows["lon"].notna()).sum())


def test_doubling_all_firms_and_warnings_of_a_grid_leaves_its_rate(store, city, city_frames) -> None:
    layer = registry.layers()["warning-rate-grid"]
    before = serve(layer, Request("grid"), LOCAL, store=store, city=city).frame
    rows = city_frames["warnings"]
    again = rows.assign(warning_key=rows["warning_key"].str.replace("0", "f", n=1))
    areas = city_frames["subjects_by_area"]
    changed = {
        **city_frames,
        "warnings": pd.concat([rows, again], ignore_index=True),
        "subjects_by_area": areas.assign(subjects=areas["subjects"] * 2),
    }
    after = serve(layer, Request("grid"), LOCAL, store=type(store)(changed), city=city).frame
    assert np.allclose(before["value"], after["value"], equal_nan=True)
